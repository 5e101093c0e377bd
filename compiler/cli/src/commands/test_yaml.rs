//! Values as YAML that every version of YAML reads as the same value.
//!
//! Takes values, gives text on one line.

use serde_json::Value;

use super::test_edit::Member;

/// A member of a mapping.
pub(crate) fn member(name: &str, value: &Value) -> Member {
    Member { name: text(name), value: flow(value) }
}

/// A value on one line.
pub(crate) fn flow(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            // An exponent is read differently by the versions of YAML.
            Some(float) => {
                let digits = format!("{float}");
                if digits.contains('.') { digits } else { format!("{digits}.0") }
            }
            None => number.to_string(),
        },
        Value::String(value) => text(value),
        Value::Array(items) if items.is_empty() => "[]".to_owned(),
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| format!("{}: {}", text(name), flow(value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Text: plain where nothing else can be meant, else in double quotes, whose escapes are those of JSON.
fn text(value: &str) -> String {
    const WORDS: [&str; 14] =
        ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "t", "f", "nan", "inf", "infinity"];
    let mut letters = value.chars();
    let is_name = letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.'));
    // Letters and digits alone may be a number of some notation: `1e3` does not begin with a letter, but keep clear of it.
    let is_word = WORDS.iter().any(|word| value.eq_ignore_ascii_case(word));
    if is_name && !is_word { value.to_owned() } else { Value::String(value.to_owned()).to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::flow;

    fn check(value: &serde_json::Value, expected: &str) {
        assert_eq!(flow(value), expected);
    }

    #[test]
    fn values_are_what_they_were_in_every_version_of_yaml() {
        check(&json!("paid"), "paid");
        check(&json!("no"), "\"no\"");
        check(&json!("12:30"), "\"12:30\"");
        check(&json!(""), "\"\"");
        check(&json!("a\nb"), "\"a\\nb\"");
        check(&json!("2026-01-01T00:00:00Z"), "\"2026-01-01T00:00:00Z\"");
        check(&json!(1), "1");
        check(&json!(1.0), "1.0");
        check(&json!(1e21), "1000000000000000000000.0");
        check(&json!({ "a": [1, null], "b c": {} }), "{ a: [1, null], \"b c\": {} }");
    }
}
