//! Takes the values of one column, one at a time; gives the narrowest type that holds them all.
//!
//! Must not guess against a value: text that only looks like a number, such as `007`, stays text.

use serde_json::Value;

/// Which types hold every value seen.
#[derive(Debug)]
pub(crate) struct Seen {
    any: bool,
    nested: bool,
    bool: bool,
    int: bool,
    decimal: bool,
    float: bool,
    date: bool,
    time: bool,
    timestamp: bool,
    timestamp_local: bool,
    uuid: bool,
    /// Most digits before and after the point.
    digits: (usize, usize),
}

impl Default for Seen {
    fn default() -> Self {
        Seen {
            any: false,
            nested: false,
            bool: true,
            int: true,
            decimal: true,
            float: true,
            date: true,
            time: true,
            timestamp: true,
            timestamp_local: true,
            uuid: true,
            digits: (0, 0),
        }
    }
}

/// Digits after the point up to which a number is taken for an exact one, such as an amount.
const SCALE_MAX: usize = 4;

impl Seen {
    /// A value of a text format.
    pub(crate) fn text(&mut self, text: &str) {
        self.bool &= matches!(text, "true" | "false" | "True" | "False" | "TRUE" | "FALSE");
        self.number(text);
        self.time_or_id(text);
    }

    /// A string of JSON: never a number or a truth value, or it would have been written as one.
    pub(crate) fn text_of_json(&mut self, text: &str) {
        (self.bool, self.int, self.decimal, self.float) = (false, false, false, false);
        self.time_or_id(text);
    }

    /// Any other value of JSON.
    pub(crate) fn json(&mut self, value: &Value) {
        match value {
            Value::Bool(_) => (self.int, self.decimal, self.float) = (false, false, false),
            Value::Number(number) => {
                self.bool = false;
                self.number(&number.to_string());
            }
            Value::Null | Value::String(_) => {}
            Value::Array(_) | Value::Object(_) => self.nested = true,
        }
        self.any = true;
        (self.date, self.time, self.timestamp, self.timestamp_local, self.uuid) =
            (false, false, false, false, false);
    }

    /// Whether a list or an object was seen.
    pub(crate) fn is_nested(&self) -> bool {
        self.nested
    }

    /// Whether values were seen, and all of them are of a narrower type than text.
    pub(crate) fn is_more_than_text(&self) -> bool {
        self.any && self.data_type() != "string"
    }

    fn number(&mut self, text: &str) {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, part) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        // A leading zero is a sign of a code: a postal code, a number of an account.
        let is_plain =
            !whole.is_empty() && digits(whole) && digits(part) && (whole == "0" || !whole.starts_with('0'));
        self.int &= is_plain && !unsigned.contains('.') && text.parse::<i64>().is_ok();
        self.decimal &= is_plain && !unsigned.ends_with('.') && part.len() <= SCALE_MAX && whole.len() <= 28;
        let looks = unsigned.starts_with(|first: char| first.is_ascii_digit());
        let is_float = looks
            && (is_plain || unsigned.contains(['e', 'E']))
            && text.parse::<f64>().is_ok_and(f64::is_finite);
        self.float &= is_float;
        self.digits = (self.digits.0.max(whole.len()), self.digits.1.max(part.len()));
    }

    fn time_or_id(&mut self, text: &str) {
        self.any = true;
        self.date &= text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok();
        self.time &=
            text.len() >= 5 && text.as_bytes()[2] == b':' && text.parse::<jiff::civil::Time>().is_ok();
        let has_clock =
            text.len() > 16 && matches!(text.as_bytes()[10], b'T' | b't' | b' ') && !text.contains('[');
        self.timestamp &= has_clock && text.parse::<jiff::Timestamp>().is_ok();
        let is_local =
            text.parse::<jiff::civil::DateTime>().is_ok() && text.parse::<jiff::Timestamp>().is_err();
        self.timestamp_local &= has_clock && is_local;
        self.uuid &= is_uuid(text);
    }

    /// The narrowest type; text where nothing was seen.
    pub(crate) fn data_type(&self) -> String {
        let types = [
            (self.bool, "bool"),
            (self.int, "int64"),
            (self.date, "date"),
            (self.time, "time"),
            (self.timestamp, "timestamp"),
            (self.timestamp_local, "timestamp_local"),
            (self.uuid, "uuid"),
        ];
        match types.iter().find(|(fits, _)| *fits && self.any) {
            Some((_, name)) => (*name).to_owned(),
            // Room for larger amounts than those seen.
            None if self.any && self.decimal => {
                format!("decimal({},{})", (self.digits.0 + self.digits.1).max(18), self.digits.1)
            }
            None if self.any && self.float => "float64".to_owned(),
            None => "string".to_owned(),
        }
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::Seen;

    fn check(values: &[&str], expected: &str) {
        let mut seen = Seen::default();
        values.iter().for_each(|value| seen.text(value));
        assert_eq!(seen.data_type(), expected, "{values:?}");
    }

    #[test]
    fn the_narrowest_type_that_holds_all() {
        check(&[], "string");
        check(&["true", "false"], "bool");
        check(&["1", "-20", "0"], "int64");
        check(&["1", "2.50"], "decimal(18,2)");
        check(&["1.5", "2.123456"], "float64");
        check(&["1e6", "2"], "float64");
        check(&["007", "1"], "string");
        check(&["inf", "1.0"], "string");
        check(&["2026-01-31"], "date");
        check(&["2026-02-30"], "string");
        check(&["10:30:00"], "time");
        check(&["2026-01-31T10:30:00Z", "2026-01-31 10:30:00+01:00"], "timestamp");
        check(&["2026-01-31 10:30:00"], "timestamp_local");
        check(&["2026-01-31T10:30:00Z", "2026-01-31T10:30:00"], "string");
        check(&["123e4567-e89b-12d3-a456-426614174000"], "uuid");
        check(&["1", "x"], "string");
        check(&["9223372036854775808"], "decimal(19,0)");
        check(&["é:00"], "string");
    }
}
