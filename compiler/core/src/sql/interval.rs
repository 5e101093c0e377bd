//! Spans of time: `INTERVAL '1' HOUR`, `INTERVAL '1-6' YEAR TO MONTH`, `INTERVAL '1 12:30' DAY TO MINUTE`.
//!
//! Time is compared in milliseconds, so an interval is whole months or whole milliseconds.

use std::ops::Range;

use sqlparser::ast::{self, DateTimeField, Spanned};

use super::expr::Binder;
use super::token::range;
use super::value::Value;
use crate::code::expression as code;
use crate::data_type::DataType;
use crate::diagnostic::Diagnostic;
use crate::expr::Literal;

const MS_PER_SECOND: i64 = 1_000;
const MS_PER_MINUTE: i64 = 60 * MS_PER_SECOND;
const MS_PER_HOUR: i64 = 60 * MS_PER_MINUTE;
const MS_PER_DAY: i64 = 24 * MS_PER_HOUR;

/// Months and milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    months: i32,
    ms: i64,
}

impl Binder<'_> {
    /// An interval; a minus before it belongs to it.
    pub(super) fn interval(&mut self, tree: &ast::Interval, negated: bool) -> Value {
        let place = self.place(tree, negated);
        let ast::Expr::Value(value) = &*tree.value else {
            return self.bad_interval(place, "this is no interval".to_owned());
        };
        let ast::Value::SingleQuotedString(text) = &value.value else {
            return self.bad_interval(place, "an interval's length is written as a text".to_owned());
        };
        let Some(field) = &tree.leading_field else {
            return self.bad_interval(place, format!("the interval `{text}` has no unit"));
        };
        let span = match &tree.last_field {
            None => single(text, field),
            Some(last) => compound(text, field, last),
        };
        match span {
            Some(Span { months, ms }) => {
                let sign: i8 = if negated { -1 } else { 1 };
                let literal =
                    Literal::Interval { months: months * i32::from(sign), ms: ms * i64::from(sign) };
                Value::literal(literal, DataType::Interval, place)
            }
            None => {
                let unit = tree
                    .last_field
                    .as_ref()
                    .map_or_else(|| field.to_string(), |last| format!("{field} TO {last}"));
                self.bad_interval(place, format!("`{text}` is no interval of `{unit}`"))
            }
        }
    }

    fn place(&self, tree: &ast::Interval, negated: bool) -> Range<u32> {
        let words = usize::from(tree.leading_field.is_some()) + if tree.last_field.is_some() { 2 } else { 0 };
        let place = self.marks.with_word_before(range(tree.value.span()));
        let place = self.marks.with_words_after(place, words);
        if negated { self.marks.with_word_before(place) } else { place }
    }

    fn bad_interval(&mut self, place: Range<u32>, message: String) -> Value {
        self.refuse(place, |at| {
            Diagnostic::error(&code::INVALID_CONSTANT, at, message).help(
                "write it as `INTERVAL '90' MINUTE`, `INTERVAL '1 12:30:00' DAY TO SECOND` or `INTERVAL '1-6' YEAR TO MONTH`; milliseconds are the finest",
            )
        })
    }
}

/// One number of one unit.
fn single(text: &str, field: &DateTimeField) -> Option<Span> {
    let (negative, text) = sign(text);
    let months = |each: i64| {
        let months = i32::try_from(number(text)?.checked_mul(each)?).ok()?;
        Some(Span { months, ms: 0 })
    };
    let ms = |each: i64| Some(Span { months: 0, ms: number(text)?.checked_mul(each)? });
    #[expect(clippy::wildcard_enum_match_arm, reason = "units of other databases are refused as one")]
    let span = match field {
        DateTimeField::Year | DateTimeField::Years => months(12),
        DateTimeField::Quarter => months(3),
        DateTimeField::Month | DateTimeField::Months => months(1),
        DateTimeField::Week(None) | DateTimeField::Weeks => ms(7 * MS_PER_DAY),
        DateTimeField::Day | DateTimeField::Days => ms(MS_PER_DAY),
        DateTimeField::Hour | DateTimeField::Hours => ms(MS_PER_HOUR),
        DateTimeField::Minute | DateTimeField::Minutes => ms(MS_PER_MINUTE),
        DateTimeField::Second | DateTimeField::Seconds => Some(Span { months: 0, ms: seconds(text)? }),
        DateTimeField::Millisecond | DateTimeField::Milliseconds => ms(1),
        _ => None,
    }?;
    Some(signed(span, negative))
}

/// Several numbers from one unit down to another.
fn compound(text: &str, first: &DateTimeField, last: &DateTimeField) -> Option<Span> {
    let (negative, text) = sign(text);
    if let (DateTimeField::Year, DateTimeField::Month) = (first, last) {
        let (years, months) = text.split_once('-')?;
        let months =
            number(years)?.checked_mul(12)?.checked_add(number(months).filter(|months| *months < 12)?)?;
        return Some(signed(Span { months: i32::try_from(months).ok()?, ms: 0 }, negative));
    }
    let (first, last) = (rank(first)?, rank(last)?);
    if first >= last {
        return None;
    }
    let mut rest = text;
    let mut ms = 0_i64;
    for unit in first..=last {
        let part = if unit == last {
            std::mem::take(&mut rest)
        } else {
            let (part, after) = rest.split_once(if unit == 0 { ' ' } else { ':' })?;
            rest = after;
            part
        };
        let limit = if unit == first { i64::MAX } else { [i64::MAX, 24, 60, 60][unit] };
        let each = [MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND][unit];
        let part = if unit == 3 { seconds(part)? } else { number(part)?.checked_mul(each)? };
        if unit != first && part >= limit.checked_mul(each)? {
            return None;
        }
        ms = ms.checked_add(part)?;
    }
    Some(signed(Span { months: 0, ms }, negative))
}

/// Place of a unit among day, hour, minute, second.
#[expect(clippy::wildcard_enum_match_arm, reason = "only these four are combined")]
fn rank(field: &DateTimeField) -> Option<usize> {
    Some(match field {
        DateTimeField::Day => 0,
        DateTimeField::Hour => 1,
        DateTimeField::Minute => 2,
        DateTimeField::Second => 3,
        _ => return None,
    })
}

fn sign(text: &str) -> (bool, &str) {
    text.strip_prefix('-').map_or((false, text.strip_prefix('+').unwrap_or(text)), |rest| (true, rest))
}

fn signed(span: Span, negative: bool) -> Span {
    if negative { Span { months: -span.months, ms: -span.ms } } else { span }
}

fn number(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Seconds with up to three digits of fraction, as milliseconds.
fn seconds(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if !(1..=3).contains(&fraction.len()) {
        return None;
    }
    let fraction = number(&format!("{fraction:0<3}"))?;
    number(whole)?.checked_mul(MS_PER_SECOND)?.checked_add(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, first: &DateTimeField, last: Option<&DateTimeField>, expected: Option<(i32, i64)>) {
        let found = match last {
            None => single(text, first),
            Some(last) => compound(text, first, last),
        };
        assert_eq!(found.map(|span| (span.months, span.ms)), expected, "{text} {first} {last:?}");
    }

    #[test]
    fn intervals_are_months_or_milliseconds() {
        use DateTimeField::{Day, Hour, Minute, Minutes, Month, Second, Week, Year};
        check("1", &Hour, None, Some((0, 3_600_000)));
        check("90", &Minutes, None, Some((0, 5_400_000)));
        check("-2", &Day, None, Some((0, -172_800_000)));
        check("1.5", &Second, None, Some((0, 1_500)));
        check("0.001", &Second, None, Some((0, 1)));
        check("0.0001", &Second, None, None);
        check("1.5", &Hour, None, None);
        check("1", &Week(None), None, Some((0, 604_800_000)));
        check("2", &Year, None, Some((24, 0)));
        check("1-6", &Year, Some(&Month), Some((18, 0)));
        check("1-12", &Year, Some(&Month), None);
        check("1 12:30", &Day, Some(&Minute), Some((0, 131_400_000)));
        check("1 24:30", &Day, Some(&Minute), None);
        check("30:00", &Hour, Some(&Minute), Some((0, 108_000_000)));
        check("01:02:03.4", &Hour, Some(&Second), Some((0, 3_723_400)));
        check("1", &Minute, Some(&Hour), None);
        check("99999999999999999999", &Day, None, None);
        check("", &Day, None, None);
    }
}
