//! Constants: numbers, texts, dates, times.
//!
//! An integer is `int32` where it fits, then `int64`, then a decimal; a number with a point is a decimal, one with an exponent a
//! `float64`, as in Flink. `TIMESTAMP '...'` is an instant where its text has an offset, otherwise a time of no stated zone.

use std::ops::Range;

use jiff::civil::{Date, DateTime, Time};
use sqlparser::ast;

use super::expr::Binder;
use super::token::range;
use super::value::Value;
use crate::code::expression as code;
use crate::data_type::DataType;
use crate::diagnostic::Diagnostic;
use crate::expr::Literal;
use crate::type_name::parse_sql_type;

/// Most digits of a decimal.
const DIGITS_MAX: usize = 38;
const MICROS_PER_SECOND: i64 = 1_000_000;

impl Binder<'_> {
    pub(super) fn literal(&mut self, value: &ast::ValueWithSpan) -> Value {
        let place = range(value.span);
        #[expect(clippy::wildcard_enum_match_arm, reason = "literals of other databases are refused as one")]
        match &value.value {
            ast::Value::Number(text, false) => self.number(text, place),
            ast::Value::SingleQuotedString(text) => {
                Value::literal(Literal::String(text.clone()), DataType::String, place)
            }
            ast::Value::Boolean(value) => Value::literal(Literal::Bool(*value), DataType::Bool, place),
            ast::Value::Null => Value::null(place),
            ast::Value::HexStringLiteral(text) => match bytes(text) {
                Some(bytes) => Value::literal(Literal::Bytes(bytes), DataType::Bytes, place),
                None => self.bad(
                    place,
                    format!("`X'{text}'` is not pairs of hexadecimal digits"),
                    "write bytes as `X'4d2a'`",
                ),
            },
            ast::Value::DoubleQuotedString(text) => {
                let message = format!("`\"{text}\"` is neither a text nor a name");
                let help = format!("write the text as `'{text}'`, or the name in backticks");
                self.refuse(place, |at| Diagnostic::error(&code::DOUBLE_QUOTES, at, message).help(help))
            }
            other => {
                let message = format!("`{other}` is no constant of this SQL");
                self.bad(place, message, "write numbers as `1.5`, texts as `'a'`, bytes as `X'4d2a'`")
            }
        }
    }

    fn bad(&mut self, place: Range<u32>, message: impl Into<String>, help: impl Into<String>) -> Value {
        self.refuse(place, |at| Diagnostic::error(&code::INVALID_CONSTANT, at, message).help(help))
    }

    /// A number, with its sign if it has one.
    pub(super) fn number(&mut self, text: &str, place: Range<u32>) -> Value {
        match number(text) {
            Some((literal, data_type)) => Value::literal(literal, data_type, place),
            None => self.bad(
                place,
                format!("the number `{text}` fits in no type"),
                "a decimal has at most 38 digits; write an approximate number with an exponent, such as `1e40`",
            ),
        }
    }

    /// `DATE '2026-01-31'` and its like.
    pub(super) fn typed_text(&mut self, tree: &ast::TypedString) -> Value {
        let place = self.marks.with_word_before(range(tree.value.span));
        let ast::Value::SingleQuotedString(text) = &tree.value.value else {
            return self.bad(place, "a constant of a type is written as a text", "write `DATE '2026-01-31'`");
        };
        let data_type = match parse_sql_type(&tree.data_type.to_string()) {
            Ok(data_type) => data_type,
            Err(problem) => {
                return self.refuse(place, |at| {
                    let diagnostic = Diagnostic::error(&code::UNKNOWN_TYPE, at, problem.message);
                    diagnostic.help(problem.help.unwrap_or_else(|| "use `CAST`".to_owned()))
                });
            }
        };
        // As in Flink and the standard, the plain word alone does not make an instant: an offset does.
        let is_plain = matches!(tree.data_type, ast::DataType::Timestamp(_, ast::TimezoneInfo::None));
        let data_type =
            if is_plain && date_time(text).is_some() { DataType::TimestampLocal } else { data_type };
        match typed(text, &data_type) {
            Ok(literal) => Value::literal(literal, data_type, place),
            Err((message, help)) => self.bad(place, message, help),
        }
    }
}

/// A number as the constant that it is, with its sign.
fn number(text: &str) -> Option<(Literal, DataType)> {
    if text.contains(['e', 'E']) {
        let value: f64 = text.parse().ok()?;
        return value.is_finite().then(|| (Literal::Float(value.to_bits()), DataType::Float64));
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !text.contains('.')
        && let Ok(value) = whole.parse::<i64>()
    {
        let data_type = if i32::try_from(value).is_ok() { DataType::Int32 } else { DataType::Int64 };
        return Some((Literal::Int(value), data_type));
    }
    let digits = whole.trim_start_matches('-').trim_start_matches('0').len() + fraction.len();
    if digits > DIGITS_MAX {
        return None;
    }
    let value: i128 = format!("{whole}{fraction}").parse().ok()?;
    let precision = u8::try_from(digits.max(1)).ok()?;
    let scale = u8::try_from(fraction.len()).ok()?;
    Some((Literal::Decimal(value), DataType::Decimal { precision, scale }))
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || text.len() % 2 == 1 {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

/// Message and help.
type Wrong = (String, &'static str);

/// A text as a constant of a type.
fn typed(text: &str, data_type: &DataType) -> Result<Literal, Wrong> {
    let wrong = |help| move || (format!("`{text}` is no `{data_type}`"), help);
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other types have constants of their own or none")]
    match data_type {
        DataType::Date => date(text)
            .map(|date| Literal::Date(days(date)))
            .ok_or_else(wrong("write a day as `DATE '2026-01-31'`")),
        DataType::Time => time(text)
            .map(|time| Literal::Time(micros_of_day(time)))
            .ok_or_else(wrong("write a time of day as `TIME '12:30:00'`")),
        DataType::TimestampLocal => date_time(text)
            .map(|at| Literal::Timestamp(micros(at)))
            .ok_or_else(wrong("write it as `TIMESTAMP_LOCAL '2026-01-31 12:30:00'`, without an offset")),
        DataType::Timestamp => instant(text),
        DataType::String => Ok(Literal::String(text.to_owned())),
        _ => Err((
            format!("there are no constants of type `{data_type}` written as a text"),
            "use `CAST('...' AS ...)`",
        )),
    }
}

fn instant(text: &str) -> Result<Literal, Wrong> {
    if date_time(text).is_some() {
        return Err((
            format!("`{text}` has no offset, so it is no `timestamp`: a `timestamp` is an instant"),
            "add the offset, such as `TIMESTAMP '2026-01-31 12:30:00Z'`",
        ));
    }
    let wrong = || (format!("`{text}` is no `timestamp`"), "write it as `TIMESTAMP '2026-01-31 12:30:00Z'`");
    let (at, offset_s) = offset(text).ok_or_else(wrong)?;
    let at = date_time(at).ok_or_else(wrong)?;
    Ok(Literal::Timestamp(micros(at) - offset_s * MICROS_PER_SECOND))
}

/// The text before its offset, and the offset in seconds.
fn offset(text: &str) -> Option<(&str, i64)> {
    if let Some(before) = text.strip_suffix(['Z', 'z']) {
        return Some((before, 0));
    }
    let (before, offset) = text.split_at_checked(text.len().checked_sub(6)?)?;
    let sign = match offset.as_bytes()[0] {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = offset[1..].split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    (hours <= 18 && minutes < 60).then_some((before, sign * (hours * 3_600 + minutes * 60)))
}

fn date_time(text: &str) -> Option<DateTime> {
    let (day, clock) = text.split_once([' ', 'T'])?;
    Some(DateTime::from_parts(date(day)?, time(clock)?))
}

/// `2026-01-31`.
fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let small = |text| i8::try_from(digits(text, 2)?).ok();
    let year = i16::try_from(digits(year, 4)?).ok().filter(|year| *year >= 1)?;
    Date::new(year, small(month)?, small(day)?).ok()
}

/// `12:30:00` with up to six digits of fraction.
fn time(text: &str) -> Option<Time> {
    let (clock, fraction) = text.split_once('.').map_or((text, None), |(clock, rest)| (clock, Some(rest)));
    let mut parts = clock.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let small = |text| i8::try_from(digits(text, 2)?).ok();
    let nanos = match fraction {
        None => 0,
        Some(fraction) if (1..=6).contains(&fraction.len()) => {
            i32::try_from(digits(fraction, fraction.len())?).ok()?
                * 10_i32.pow(9 - u32::try_from(fraction.len()).ok()?)
        }
        Some(_) => return None,
    };
    Time::new(small(hour)?, small(minute)?, small(second)?, nanos).ok()
}

/// A number of exactly so many digits.
fn digits(text: &str, length: usize) -> Option<i64> {
    (text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

fn micros(at: DateTime) -> i64 {
    i64::from(days(at.date())) * 86_400 * MICROS_PER_SECOND + micros_of_day(at.time())
}

fn micros_of_day(time: Time) -> i64 {
    let seconds = (i64::from(time.hour()) * 60 + i64::from(time.minute())) * 60 + i64::from(time.second());
    seconds * MICROS_PER_SECOND + i64::from(time.subsec_nanosecond()) / 1_000
}

/// Days since 1970-01-01.
fn days(date: Date) -> i32 {
    // Howard Hinnant's algorithm `days_from_civil`; jiff's own difference needs an error path that cannot happen.
    let (year, month, day) = (i32::from(date.year()), i32::from(date.month()), i32::from(date.day()));
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, data_type: &DataType, expected: Option<Literal>) {
        assert_eq!(typed(text, data_type).ok(), expected, "{text} as {data_type}");
    }

    #[test]
    fn times_are_read_strictly() {
        check("1970-01-01", &DataType::Date, Some(Literal::Date(0)));
        check("2026-03-01", &DataType::Date, Some(Literal::Date(20_513)));
        check("0001-01-01", &DataType::Date, Some(Literal::Date(-719_162)));
        check("2026-02-29", &DataType::Date, None);
        check("2024-02-29", &DataType::Date, Some(Literal::Date(19_782)));
        check("2026-1-01", &DataType::Date, None);
        check("12:30:00.5", &DataType::Time, Some(Literal::Time(45_000_500_000)));
        check("24:00:00", &DataType::Time, None);
        check("1970-01-01 00:00:01", &DataType::TimestampLocal, Some(Literal::Timestamp(1_000_000)));
        check("1970-01-01 00:00:01Z", &DataType::TimestampLocal, None);
        check("1970-01-01T01:00:00+01:00", &DataType::Timestamp, Some(Literal::Timestamp(0)));
        check("1970-01-01 00:00:00.000001Z", &DataType::Timestamp, Some(Literal::Timestamp(1)));
        check("1970-01-01 00:00:00", &DataType::Timestamp, None);
        check("1969-12-31 23:59:59-00:30", &DataType::Timestamp, Some(Literal::Timestamp(1_799_000_000)));
        check("é", &DataType::Timestamp, None);
        check("x", &DataType::Bool, None);
    }

    fn check_number(text: &str, expected: &str) {
        let found = number(text)
            .map_or_else(|| "none".to_owned(), |(literal, data_type)| format!("{literal:?} {data_type}"));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn numbers_take_the_smallest_type_that_holds_them() {
        check_number("0", "Int(0) int32");
        check_number("2147483648", "Int(2147483648) int64");
        check_number("-2147483648", "Int(-2147483648) int32");
        check_number("-9223372036854775808", "Int(-9223372036854775808) int64");
        check_number("9223372036854775808", "Decimal(9223372036854775808) decimal(19,0)");
        check_number("1.50", "Decimal(150) decimal(3,2)");
        check_number("0.05", "Decimal(5) decimal(2,2)");
        check_number(".5", "Decimal(5) decimal(1,1)");
        check_number("5.", "Decimal(5) decimal(1,0)");
        check_number("-0.0", "Decimal(0) decimal(1,1)");
        check_number("1e3", "Float(4652007308841189376) float64");
        check_number("1e400", "none");
        check_number(&"9".repeat(39), "none");
    }
}
