//! Takes an argument that must be a constant; gives what is wrong with it.
//!
//! Patterns, units, zones and paths are constants so that a wrong one is an error of the compiler, never of a record.

use std::fmt;

use super::time_pattern::{self, Piece};
use crate::data_type::DataType;
use crate::expr::{Expr, ExprNode, Literal};

/// Form of a constant argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constant {
    /// Any text.
    Text,
    /// Text of exactly one character.
    Character,
    /// A pattern of `LIKE`.
    Like,
    /// A regular expression of the subset in [`super::regex`].
    Regex,
    /// A path into JSON text, see [`super::json_path`].
    JsonPath,
    /// A pattern of dates and times to write, see [`super::time_pattern`].
    WritePattern {
        /// Whether it may have an offset from UTC.
        offset: bool,
    },
    /// A pattern of dates and times to read: it must name a day.
    ReadPattern {
        /// Whether it may have an offset from UTC.
        offset: bool,
    },
    /// IANA name of a time zone.
    Zone,
    /// One of these integers.
    OneOf(&'static [i64]),
    /// An integer between these, both included.
    Int(i64, i64),
    /// A number from 0 to 1.
    Fraction,
    /// One of these words, in any letter case.
    Word(&'static [&'static str]),
    /// An interval of months and milliseconds.
    Interval,
}

impl fmt::Display for Constant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Constant::Text => f.write_str("constant text"),
            Constant::Character => f.write_str("constant character"),
            Constant::Like => f.write_str("constant pattern"),
            Constant::Regex => f.write_str("constant regular expression"),
            Constant::JsonPath => f.write_str("constant path"),
            Constant::WritePattern { .. } | Constant::ReadPattern { .. } => {
                f.write_str("constant time pattern")
            }
            Constant::Zone => f.write_str("constant time zone"),
            Constant::OneOf(values) => {
                let values: Vec<String> = values.iter().map(ToString::to_string).collect();
                write!(f, "one of {}", values.join(", "))
            }
            Constant::Int(low, high) => write!(f, "constant integer from {low} to {high}"),
            Constant::Fraction => f.write_str("constant number from 0 to 1"),
            Constant::Word(words) => write!(f, "one of {}", words.join(", ")),
            Constant::Interval => f.write_str("constant interval"),
        }
    }
}

/// The text of a constant.
pub fn text(expr: &Expr) -> Option<&str> {
    if let ExprNode::Literal(Literal::String(text)) = &expr.node { Some(text) } else { None }
}

/// The integer of a constant.
pub fn int(expr: &Expr) -> Option<i64> {
    if let ExprNode::Literal(Literal::Int(value)) = &expr.node { Some(*value) } else { None }
}

/// The number of a constant as a double.
pub fn number(expr: &Expr) -> Option<f64> {
    let ExprNode::Literal(literal) = &expr.node else { return None };
    match (literal, &expr.data_type) {
        (Literal::Int(value), _) => Some(*value as f64),
        (Literal::Float(bits), _) => Some(f64::from_bits(*bits)),
        (Literal::Decimal(value), DataType::Decimal { scale, .. }) => {
            format!("{value}e-{scale}").parse().ok()
        }
        _ => None,
    }
}

/// What is wrong with an argument that must be such a constant; `None` if it is not of the right type at all.
pub(super) fn check(constant: Constant, arg: &Expr) -> Option<Result<(), String>> {
    if arg.data_type.is_unknown() {
        return Some(Ok(()));
    }
    let is_number = arg.data_type.is_numeric();
    let holds = match constant {
        Constant::Fraction if !is_number => return None,
        Constant::Fraction => number(arg).is_some_and(|value| (0.0..=1.0).contains(&value)),
        Constant::Int(..) | Constant::OneOf(_) if !is_integer(&arg.data_type) => return None,
        Constant::Int(low, high) => int(arg).is_some_and(|value| (low..=high).contains(&value)),
        Constant::OneOf(values) => int(arg).is_some_and(|value| values.contains(&value)),
        Constant::Interval if arg.data_type != DataType::Interval => return None,
        Constant::Interval => matches!(arg.node, ExprNode::Literal(Literal::Interval { .. })),
        Constant::Text
        | Constant::Character
        | Constant::Like
        | Constant::Regex
        | Constant::JsonPath
        | Constant::WritePattern { .. }
        | Constant::ReadPattern { .. }
        | Constant::Zone
        | Constant::Word(_) => {
            if arg.data_type != DataType::String {
                return None;
            }
            match text(arg) {
                Some(text) => return Some(check_text(constant, text)),
                None => false,
            }
        }
    };
    Some(if holds { Ok(()) } else { Err(must(constant)) })
}

fn must(constant: Constant) -> String {
    let article = if matches!(constant, Constant::Word(_) | Constant::OneOf(_)) { "" } else { "a " };
    format!("must be {article}{constant}")
}

fn is_integer(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Int32 | DataType::Int64)
}

fn check_text(constant: Constant, text: &str) -> Result<(), String> {
    let holds = match constant {
        Constant::Regex => return super::regex::parse(text).map(|_| ()),
        Constant::JsonPath => return super::json_path::parse(text).map(|_| ()),
        Constant::WritePattern { offset } => {
            let pieces = super::time_pattern::parse(text)?;
            return check_offset(&pieces, offset);
        }
        Constant::ReadPattern { offset } => {
            let pieces = super::time_pattern::parse(text)?;
            return check_offset(&pieces, offset).and_then(|()| check_readable(&pieces));
        }
        Constant::Zone => {
            return match jiff::tz::TimeZone::get(text) {
                Ok(_) => Ok(()),
                Err(_) => Err(format!("must be the IANA name of a time zone, and `{text}` is none")),
            };
        }
        Constant::Character => text.chars().count() == 1,
        Constant::Word(words) => words.iter().any(|word| word.eq_ignore_ascii_case(text)),
        Constant::Text | Constant::Like => true,
        Constant::Int(..) | Constant::OneOf(_) | Constant::Fraction | Constant::Interval => false,
    };
    if holds { Ok(()) } else { Err(must(constant)) }
}

fn check_offset(pieces: &[Piece], allowed: bool) -> Result<(), String> {
    if pieces.contains(&Piece::Offset) && !allowed {
        return Err("has the offset `XXX`, which the time does not have".to_owned());
    }
    Ok(())
}

fn check_readable(pieces: &[Piece]) -> Result<(), String> {
    if pieces.iter().any(|piece| matches!(piece, Piece::DayName { .. })) {
        return Err("has the name of a day, which is written but not read".to_owned());
    }
    if !time_pattern::names_day(pieces) {
        return Err("names no day: it needs the year, and month and day or `DDD`".to_owned());
    }
    if !time_pattern::tells_half(pieces) {
        return Err("must have `h` and `a` together, or `H`".to_owned());
    }
    Ok(())
}

/// What is wrong with the constants of a call taken together: the argument's index and the problem.
pub(super) fn check_together(name: &str, args: &[Expr]) -> Option<(usize, String)> {
    match (name, args) {
        ("like", [_, pattern, escape]) => {
            let escape = text(escape)?.chars().next();
            super::like::parse(text(pattern)?, escape).err().map(|problem| (1, problem))
        }
        ("regexp_extract", [_, pattern, group]) => {
            let (groups, group) = (super::regex::parse(text(pattern)?).ok()?.groups, int(group)?);
            let has = usize::try_from(group).is_ok_and(|group| group <= groups);
            (!has).then(|| (2, format!("must be a group of the pattern, which has {groups}")))
        }
        _ => None,
    }
}
