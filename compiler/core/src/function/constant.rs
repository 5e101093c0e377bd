//! Takes an argument that must be a constant; gives what is wrong with it.
//!
//! Patterns, units, zones and paths are constants so that a wrong one is an error of the compiler, never of a record.

use std::fmt;

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
    let right_type = match constant {
        Constant::Text | Constant::Like | Constant::Character | Constant::Word(_) => {
            arg.data_type == DataType::String
        }
        Constant::Int(..) => matches!(arg.data_type, DataType::Int32 | DataType::Int64),
        Constant::Fraction => arg.data_type.is_numeric(),
        Constant::Interval => arg.data_type == DataType::Interval,
    };
    if !right_type {
        return None;
    }
    let fits = match constant {
        Constant::Text | Constant::Like => text(arg).is_some(),
        Constant::Character => text(arg).is_some_and(|text| text.chars().count() == 1),
        Constant::Int(low, high) => int(arg).is_some_and(|value| (low..=high).contains(&value)),
        Constant::Fraction => number(arg).is_some_and(|value| (0.0..=1.0).contains(&value)),
        Constant::Word(words) => {
            text(arg).is_some_and(|text| words.iter().any(|word| word.eq_ignore_ascii_case(text)))
        }
        Constant::Interval => matches!(arg.node, ExprNode::Literal(Literal::Interval { .. })),
    };
    Some(if fits { Ok(()) } else { Err(format!("must be a {constant}")) })
}
