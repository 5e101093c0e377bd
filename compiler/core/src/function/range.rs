//! Takes a typed expression; gives the integers that it can be, so that arithmetic which cannot overflow is known as such.

use crate::data_type::DataType;
use crate::expr::{Expr, ExprNode, Literal};

/// Smallest and largest value, null left out; none if it is no integer.
pub(super) fn range(expr: &Expr) -> Option<(i128, i128)> {
    let of_type = if expr.data_type == DataType::Int32 {
        (i128::from(i32::MIN), i128::from(i32::MAX))
    } else if expr.data_type == DataType::Int64 {
        (i128::from(i64::MIN), i128::from(i64::MAX))
    } else {
        return None;
    };
    let narrower = match &expr.node {
        ExprNode::Literal(Literal::Int(value)) => Some((i128::from(*value), i128::from(*value))),
        ExprNode::Literal(Literal::Null) => Some((0, 0)),
        ExprNode::Cast(input) => range(input),
        ExprNode::Case { branches, otherwise } => branches
            .iter()
            .map(|(_, value)| range(value))
            .chain(otherwise.iter().map(|value| range(value)))
            .reduce(|a, b| a.zip(b).map(|(a, b)| (a.0.min(b.0), a.1.max(b.1))))
            .flatten(),
        ExprNode::Call { function, args } => call(super::get(*function).name, args),
        ExprNode::Poison
        | ExprNode::Column(_)
        | ExprNode::Literal(_)
        | ExprNode::Member { .. }
        | ExprNode::Every { .. }
        | ExprNode::ParseJson(_)
        | ExprNode::Mask { .. } => None,
    };
    Some(match narrower {
        Some((low, high)) => (low.max(of_type.0), high.min(of_type.1)),
        None => of_type,
    })
}

fn call(name: &str, args: &[Expr]) -> Option<(i128, i128)> {
    match (name, args) {
        ("+" | "-" | "*", [a, b]) => arithmetic(name, range(a)?, range(b)?),
        ("-", [a]) => range(a).map(|(low, high)| (-high, -low)),
        ("abs", [a]) => range(a).map(|(low, high)| (0, low.abs().max(high.abs()))),
        ("%", [a, b]) => {
            let ((low, high), (less, most)) = (range(a)?, range(b)?);
            let bound = less.abs().max(most.abs()).max(1) - 1;
            Some((if low < 0 { -bound } else { 0 }, if high > 0 { bound } else { 0 }))
        }
        ("char_length" | "octet_length" | "position" | "cardinality", _) => Some((0, i128::from(i32::MAX))),
        ("extract", [unit, _]) => part(&super::constant::text(unit)?.to_ascii_lowercase()),
        ("dayofmonth", _) => part("day"),
        ("dayofyear", _) => part("doy"),
        ("dayofweek", _) => part("dow"),
        _ => part(name),
    }
}

/// Range of a part of a date or time.
fn part(unit: &str) -> Option<(i128, i128)> {
    match unit {
        "quarter" => Some((1, 4)),
        "month" => Some((1, 12)),
        "week" => Some((1, 53)),
        "day" => Some((1, 31)),
        "doy" => Some((1, 366)),
        "dow" | "isodow" => Some((1, 7)),
        "hour" => Some((0, 23)),
        "minute" | "second" => Some((0, 59)),
        _ => None,
    }
}

/// Range of `+`, `-` or `*` before it is cut to the type; both sides fit in 64 bits, so nothing overflows here.
pub(super) fn arithmetic(name: &str, a: (i128, i128), b: (i128, i128)) -> Option<(i128, i128)> {
    match name {
        "+" => Some((a.0 + b.0, a.1 + b.1)),
        "-" => Some((a.0 - b.1, a.1 - b.0)),
        "*" => {
            let corners = [a.0 * b.0, a.0 * b.1, a.1 * b.0, a.1 * b.1];
            let low = corners.iter().copied().reduce(i128::min)?;
            let high = corners.iter().copied().reduce(i128::max)?;
            Some((low, high))
        }
        _ => None,
    }
}

/// Whether every value in this range is an `int64`.
pub(super) fn fits(range: Option<(i128, i128)>) -> bool {
    range.is_some_and(|(low, high)| low >= i128::from(i64::MIN) && high <= i128::from(i64::MAX))
}

/// Whether it is a constant other than zero.
pub(super) fn is_nonzero(expr: &Expr) -> bool {
    match &expr.node {
        ExprNode::Literal(Literal::Int(value)) => *value != 0,
        ExprNode::Literal(Literal::Decimal(value)) => *value != 0,
        ExprNode::Literal(Literal::Float(bits)) => f64::from_bits(*bits) != 0.0,
        // Widening keeps what is not zero.
        ExprNode::Cast(input) => input.data_type.is_numeric() && is_nonzero(input),
        ExprNode::Literal(_)
        | ExprNode::Poison
        | ExprNode::Column(_)
        | ExprNode::Call { .. }
        | ExprNode::Case { .. }
        | ExprNode::Member { .. }
        | ExprNode::Every { .. }
        | ExprNode::ParseJson(_)
        | ExprNode::Mask { .. } => false,
    }
}
