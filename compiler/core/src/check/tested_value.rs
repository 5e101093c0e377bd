//! Whether a value of a row is written as values of a type are. Takes JSON, gives why it is not.

use serde_json::Value;

use crate::data_type::DataType;

/// Checks a value.
///
/// # Errors
/// What is wrong, as the end of a sentence; it does not hold the value.
pub(super) fn fits(value: &Value, data_type: &DataType, nullable: bool) -> Result<(), String> {
    if value.is_null() {
        return if nullable { Ok(()) } else { Err("it is never null".to_owned()) };
    }
    let wanted = |what: &str, is_it: bool| {
        if is_it { Ok(()) } else { Err(format!("a `{data_type}` is written as {what}")) }
    };
    let text = value.as_str();
    match data_type {
        DataType::Unknown | DataType::Null | DataType::Interval => Ok(()),
        DataType::String => wanted("text", text.is_some()),
        DataType::Bool => wanted("`true` or `false`", value.is_boolean()),
        DataType::Int32 => {
            let number = value.as_i64().and_then(|number| i32::try_from(number).ok());
            wanted("a whole number of 32 bits", number.is_some())
        }
        DataType::Int64 => {
            let number = value.as_i64().or_else(|| text.and_then(|text| text.parse().ok()));
            wanted("a whole number of 64 bits", number.is_some())
        }
        DataType::Float32 | DataType::Float64 => {
            let is_special = text.is_some_and(|text| matches!(text, "NaN" | "Infinity" | "-Infinity"));
            wanted("a number, `NaN`, `Infinity` or `-Infinity`", value.is_number() || is_special)
        }
        DataType::Decimal { precision, scale } => {
            let digits = match value {
                Value::Number(number) => Some(number.to_string()),
                Value::String(text) => Some(text.clone()),
                Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
            };
            let holds = digits.is_some_and(|digits| decimal_fits(&digits, *precision, *scale));
            wanted(&format!("a number of at most {precision} digits, {scale} of them after the point"), holds)
        }
        DataType::Date => {
            wanted("`2026-01-31`", text.is_some_and(|text| text.parse::<jiff::civil::Date>().is_ok()))
        }
        DataType::Time => {
            wanted("`23:59:59`", text.is_some_and(|text| text.parse::<jiff::civil::Time>().is_ok()))
        }
        DataType::Timestamp => wanted(
            "an instant with its offset, such as `2026-01-31T00:00:00Z`",
            text.is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()),
        ),
        DataType::TimestampLocal => wanted(
            "`2026-01-31T00:00:00`",
            text.is_some_and(|text| text.parse::<jiff::civil::DateTime>().is_ok()),
        ),
        DataType::Bytes => wanted("text in base64", text.is_some()),
        DataType::Uuid => wanted("text such as `018f3c6e-9d2a-7000-8000-000000000000`", text.is_some()),
        DataType::List(slot) => {
            let Value::Array(items) = value else { return wanted("a list", false) };
            items.iter().try_for_each(|item| fits(item, &slot.data_type, slot.nullable))
        }
        DataType::Map(slot) => {
            let Value::Object(entries) = value else { return wanted("a mapping", false) };
            entries.values().try_for_each(|entry| fits(entry, &slot.data_type, slot.nullable))
        }
        DataType::Struct(members) => {
            let Value::Object(entries) = value else { return wanted("a mapping", false) };
            members.iter().try_for_each(|member| {
                let value = entries.get(&member.name).unwrap_or(&Value::Null);
                fits(value, &member.data_type, member.nullable)
                    .map_err(|why| format!("in `{}`, {why}", member.name))
            })
        }
    }
}

/// Whether a decimal type holds a number exactly; a number with an exponent is left to whoever reads it.
fn decimal_fits(text: &str, precision: u8, scale: u8) -> bool {
    if text.contains(['e', 'E']) {
        return text.parse::<f64>().is_ok();
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) =
        match is_number(whole) && is_number(fraction) && !digits.is_empty() && digits != "." {
            true => (whole.trim_start_matches('0'), fraction.trim_end_matches('0')),
            false => return false,
        };
    fraction.len() <= usize::from(scale) && whole.len() <= usize::from(precision - scale)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::fits;
    use crate::data_type::{DataType, Slot};

    fn check(value: &Value, data_type: &DataType, expected: bool) {
        assert_eq!(fits(value, data_type, false).is_ok(), expected, "{value} as {data_type}");
    }

    #[test]
    fn values_are_written_as_their_type() {
        let decimal = DataType::Decimal { precision: 5, scale: 2 };
        check(&json!("10.50"), &decimal, true);
        check(&json!(-10.5), &decimal, true);
        check(&json!("10.5000"), &decimal, true);
        check(&json!("10.501"), &decimal, false);
        check(&json!("1000"), &decimal, false);
        check(&json!("ten"), &decimal, false);
        check(&json!(1), &DataType::Int32, true);
        check(&json!("1"), &DataType::Int32, false);
        check(&json!("1"), &DataType::Int64, true);
        check(&json!(1.5), &DataType::Int64, false);
        check(&json!("NaN"), &DataType::Float64, true);
        check(&json!("1.5"), &DataType::Float64, false);
        check(&json!("2026-01-31T00:00:00Z"), &DataType::Timestamp, true);
        check(&json!("2026-01-31T00:00:00"), &DataType::Timestamp, false);
        check(&json!("2026-02-31"), &DataType::Date, false);
        check(&Value::Null, &DataType::String, false);
        let list = |nullable| DataType::List(Box::new(Slot { data_type: DataType::String, nullable }));
        check(&json!(["a", null]), &list(true), true);
        check(&json!(["a", null]), &list(false), false);
        check(&json!(["a", 1]), &list(true), false);
    }
}
