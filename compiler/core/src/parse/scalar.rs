//! Takes the text of a plain (unquoted) scalar; gives the value that every YAML reader finds there.
//!
//! The core schema of YAML 1.2 decides, after whatever YAML 1.1 reads differently has been refused:
//! `kubectl` and many libraries still read 1.1, and a file must mean one value.
//! Must not look at quoted scalars: they are text everywhere.

use super::node::Value;
use std::borrow::Cow;

/// Why a plain scalar can't be taken as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// YAML 1.1 and YAML 1.2 read different values.
    Ambiguous {
        /// What YAML 1.1 reads.
        older: &'static str,
        /// What YAML 1.2 reads.
        newer: &'static str,
    },
    /// A number that JSON, and so the Kubernetes API, has no way to write.
    NotInJson,
    /// A whole number beyond 64 bits, or a number beyond the range of a double.
    OutOfRange,
}

/// The value of a plain scalar, or why it must be written otherwise.
pub(crate) fn resolve<'s>(text: Cow<'s, str>) -> Result<Value<'s>, Refusal> {
    match text.as_bytes() {
        [] | b"~" => Ok(Value::Null),
        [b'0'..=b'9' | b'+' | b'-' | b'.', ..] => number(text),
        [b'=' | b'<', ..] if text == "=" || text == "<<" => {
            Err(Refusal::Ambiguous { older: "an instruction to the reader", newer: "text" })
        }
        [first, ..] if text.len() <= 5 && first.is_ascii_alphabetic() => word(text),
        _ => Ok(Value::Text(text)),
    }
}

/// Words of at most five letters, some of which are more than text.
fn word(text: Cow<'_, str>) -> Result<Value<'_>, Refusal> {
    match text.as_ref() {
        "null" | "Null" | "NULL" => Ok(Value::Null),
        "true" | "True" | "TRUE" => Ok(Value::Bool(true)),
        "false" | "False" | "FALSE" => Ok(Value::Bool(false)),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "n" | "N" | "no" | "No" | "NO" | "off"
        | "Off" | "OFF" => Err(Refusal::Ambiguous { older: "a truth value", newer: "text" }),
        _ => Ok(Value::Text(text)),
    }
}

/// Scalars that begin as numbers do.
fn number(text: Cow<'_, str>) -> Result<Value<'_>, Refusal> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(&text);
    let signed = unsigned.len() < text.len();
    if matches!(unsigned, ".inf" | ".Inf" | ".INF")
        || (!signed && matches!(unsigned, ".nan" | ".NaN" | ".NAN"))
    {
        return Err(Refusal::NotInJson);
    }
    let Some(shape) = shape(unsigned) else { return Ok(Value::Text(text)) };
    let differs = |older, newer| Err(Refusal::Ambiguous { older, newer });
    match shape {
        Shape::Decimal if unsigned.len() > 1 && unsigned.starts_with('0') => {
            let octal = unsigned.bytes().all(|b| b < b'8');
            differs(if octal { "an octal number" } else { "text or a decimal number" }, "a decimal number")
        }
        Shape::Decimal => match text.parse::<i128>() {
            Ok(value) if (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&value) => {
                Ok(Value::Integer(value))
            }
            Ok(_) | Err(_) => Err(Refusal::OutOfRange),
        },
        Shape::Hex if signed => differs("a hexadecimal number", "text"),
        Shape::Hex => match u64::from_str_radix(&unsigned[2..], 16) {
            Ok(value) => Ok(Value::Integer(i128::from(value))),
            Err(_) => Err(Refusal::OutOfRange),
        },
        Shape::Octal if signed => Ok(Value::Text(text)),
        Shape::Octal => differs("text", "an octal number"),
        Shape::Binary => differs("a binary number", "text"),
        Shape::Underscored => differs("a number", "text"),
        Shape::Sexagesimal => differs("a number in base 60", "text"),
        Shape::Date if signed => Ok(Value::Text(text)),
        Shape::Date => differs("a date", "text"),
        Shape::Float { portable: false } => differs("text", "a number"),
        Shape::Float { portable: true } => match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Value::Float(value)),
            Ok(_) | Err(_) => Err(Refusal::OutOfRange),
        },
    }
}

/// The ways in which the two versions write numbers and dates.
enum Shape {
    Decimal,
    Hex,
    Octal,
    Binary,
    Underscored,
    Sexagesimal,
    Date,
    /// Portable floats have a point and, if any, a signed exponent: YAML 1.1 knows no other.
    Float {
        portable: bool,
    },
}

/// The shape of a scalar without its sign, if it is a number or a date in either version.
fn shape(text: &str) -> Option<Shape> {
    let bytes = text.as_bytes();
    if !bytes.iter().any(u8::is_ascii_digit) {
        return None;
    }
    if bytes.iter().all(u8::is_ascii_digit) {
        return Some(Shape::Decimal);
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, u8::is_ascii_hexdigit, Shape::Hex);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return digits.bytes().all(|b| matches!(b, b'0'..=b'7')).then_some(Shape::Octal);
    }
    if let Some(digits) = text.strip_prefix("0b") {
        return digits.bytes().all(|b| matches!(b, b'0' | b'1' | b'_')).then_some(Shape::Binary);
    }
    if bytes.contains(&b':') && bytes.iter().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'_' | b'.')) {
        return is_sexagesimal(text).then_some(Shape::Sexagesimal);
    }
    if is_date(bytes) {
        return Some(Shape::Date);
    }
    float(text)
}

/// Digits of a radix; underscores among them are YAML 1.1 only.
fn radix(digits: &str, is_digit: impl Fn(&u8) -> bool, shape: Shape) -> Option<Shape> {
    let known = digits.bytes().all(|b| is_digit(&b) || b == b'_') && digits.bytes().any(|b| is_digit(&b));
    known.then(|| if digits.contains('_') { Shape::Underscored } else { shape })
}

/// `12:30`, `1:00:00.5`: numbers in base 60 to YAML 1.1.
fn is_sexagesimal(text: &str) -> bool {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    let mut groups = whole.split(':');
    let leading = groups.next().is_some_and(|group| group.starts_with(|c: char| c.is_ascii_digit()));
    leading && groups.all(|group| matches!(group.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9']))
}

/// `2026-01-31`, alone or followed by a time of day.
fn is_date(bytes: &[u8]) -> bool {
    let digits = |bytes: &[u8]| bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    let [_, _, _, _, b'-', rest @ ..] = bytes else { return false };
    let month = digits(rest);
    let Some([b'-', rest @ ..]) = rest.get(month..) else { return false };
    let day = digits(rest);
    let Some(rest) = rest.get(day..) else { return false };
    digits(bytes) == 4
        && matches!(month, 1 | 2)
        && matches!(day, 1 | 2)
        && matches!(rest, [] | [b'T' | b't' | b' ' | b'\t', b'0'..=b'9', ..])
}

/// Decimal numbers with a point, an exponent or underscores.
fn float(text: &str) -> Option<Shape> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let known = |part: &str| part.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    if !known(whole) || !known(fraction) || whole.starts_with('_') || fraction.starts_with('_') {
        return None;
    }
    if !mantissa.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut portable = mantissa.contains('.');
    if let Some(exponent) = exponent {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        portable &= digits.len() < exponent.len();
    }
    Some(if text.contains('_') { Shape::Underscored } else { Shape::Float { portable } })
}

#[cfg(test)]
mod tests {
    use super::{Refusal, Value, resolve};

    fn check(text: &str, expected: &str) {
        let found = match resolve(text.into()) {
            Ok(Value::Text(_)) => "text".to_owned(),
            Ok(value) => format!("{value:?}"),
            Err(Refusal::Ambiguous { older, newer }) => format!("{older} | {newer}"),
            Err(refusal) => format!("{refusal:?}"),
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn words() {
        check("", "Null");
        check("~", "Null");
        check("Null", "Null");
        check("nULL", "text");
        check("TRUE", "Bool(true)");
        check("truE", "text");
        for word in ["y", "N", "yes", "No", "ON", "off"] {
            check(word, "a truth value | text");
        }
        check("only", "text");
        check("<<", "an instruction to the reader | text");
        check("running", "text");
        check("é", "text");
    }

    #[test]
    fn numbers_that_both_versions_read_alike() {
        check("0", "Integer(0)");
        check("-12", "Integer(-12)");
        check("+12", "Integer(12)");
        check("18446744073709551615", "Integer(18446744073709551615)");
        check("18446744073709551616", "OutOfRange");
        check("-9223372036854775809", "OutOfRange");
        check("0xfF", "Integer(255)");
        check("0x1_0", "a number | text");
        check("0xg", "text");
        check("1.5", "Float(1.5)");
        check("1.", "Float(1.0)");
        check(".5", "Float(0.5)");
        check("-1.5e+3", "Float(-1500.0)");
        check("1.5e+999", "OutOfRange");
        check(".inf", "NotInJson");
        check("-.INF", "NotInJson");
        check(".nan", "NotInJson");
        check("-.nan", "text");
    }

    #[test]
    fn numbers_that_the_versions_read_differently() {
        check("010", "an octal number | a decimal number");
        check("-010", "an octal number | a decimal number");
        check("08", "text or a decimal number | a decimal number");
        check("0o7", "text | an octal number");
        check("0b11", "a binary number | text");
        check("1_000", "a number | text");
        check("1_000.5", "a number | text");
        check("12:30", "a number in base 60 | text");
        check("1:00:59.5", "a number in base 60 | text");
        check("1e3", "text | a number");
        check("1.5e3", "text | a number");
        check("2026-01-31", "a date | text");
        check("2026-01-31T00:00:00Z", "a date | text");
    }

    #[test]
    fn text_that_begins_as_a_number() {
        for text in [
            "2.1.0",
            "1h",
            "30d",
            "10.0.0.1",
            "12:99",
            "12:30:zz",
            "-",
            "+",
            ".",
            "..",
            "-x",
            "1-2",
            "20-1-1",
            "e5",
            "1e",
            "5m",
            "localhost:80",
            "-0x",
            "2026-013-1",
            "1 2",
        ] {
            check(text, "text");
        }
        check("-0x1F", "a hexadecimal number | text");
    }
}
