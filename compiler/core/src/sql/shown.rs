//! Expressions and operators as short text, for tests.

use std::fmt::Write;

use crate::expr::{Expr, ExprNode, Literal};
use crate::function;

/// An expression over columns of these names, in the table's own operators, fully bracketed.
pub(super) fn expr(expr: &Expr, names: &[String]) -> String {
    let show = |inner: &Expr| self::expr(inner, names);
    match &expr.node {
        ExprNode::Poison => "?".to_owned(),
        ExprNode::Column(index) => names.get(*index).cloned().unwrap_or_else(|| format!("#{index}")),
        ExprNode::Literal(literal) => self::literal(literal),
        ExprNode::Call { function, args } => {
            let name = function::get(*function).name;
            let args: Vec<String> = args.iter().map(show).collect();
            match args.as_slice() {
                [a, b] if !name.starts_with(char::is_alphabetic) || matches!(name, "and" | "or") => {
                    format!("({a} {name} {b})")
                }
                _ => format!("{}({})", name.replace(' ', "_"), args.join(", ")),
            }
        }
        ExprNode::Cast(input) => format!("cast({} as {})", show(input), expr.data_type),
        ExprNode::Case { branches, otherwise } => {
            let mut text = "case".to_owned();
            for (condition, value) in branches {
                let _ = write!(text, " when {} then {}", show(condition), show(value));
            }
            if let Some(value) = otherwise {
                let _ = write!(text, " else {}", show(value));
            }
            text + " end"
        }
        ExprNode::Member { input, index } => format!("{}.{index}", show(input)),
        ExprNode::Mask { input, mask } => format!("mask({}, {mask:?})", show(input)),
    }
}

fn literal(literal: &Literal) -> String {
    match literal {
        Literal::Null => "null".to_owned(),
        Literal::Bool(value) => value.to_string(),
        Literal::Int(value) => value.to_string(),
        Literal::Float(bits) => format!("{:?}", f64::from_bits(*bits)),
        Literal::Decimal(value) => format!("{value}d"),
        Literal::String(text) => format!("'{text}'"),
        Literal::Bytes(bytes) => format!("{bytes:02x?}"),
        Literal::Date(days) => format!("date {days}"),
        Literal::Time(micros) => format!("time {micros}"),
        Literal::Timestamp(micros) => format!("timestamp {micros}"),
        Literal::Interval { months, ms } => format!("interval {months}mo {ms}ms"),
    }
}
