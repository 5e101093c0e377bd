//! Takes a comparison of the two event times of a join; gives how far they may lie from each other.

use crate::expr::{Expr, ExprNode, Literal};

/// Right minus left, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct TimeBound {
    lower_ms: Option<i64>,
    upper_ms: Option<i64>,
}

impl TimeBound {
    /// What satisfies both.
    pub(super) fn and(self, other: TimeBound) -> TimeBound {
        let tighter = |a: Option<i64>, b: Option<i64>, choose: fn(i64, i64) -> i64| match (a, b) {
            (Some(a), Some(b)) => Some(choose(a, b)),
            (a, b) => a.or(b),
        };
        TimeBound {
            lower_ms: tighter(self.lower_ms, other.lower_ms, i64::max),
            upper_ms: tighter(self.upper_ms, other.upper_ms, i64::min),
        }
    }

    /// Both bounds, where there are two.
    pub(super) fn both(self) -> Option<(i64, i64)> {
        self.lower_ms.zip(self.upper_ms)
    }
}

/// What a comparison says of the two times; none if it does not compare just these.
pub(super) fn time_bound(part: &Expr, (left, right): (usize, usize)) -> Option<TimeBound> {
    let (sign, [a, b]) = super::operator::called(part)? else { return None };
    let ((a, a_ms), (b, b_ms)) = (moved(a)?, moved(b)?);
    // Both sides as `right - left` compared with a number.
    let (sign, ms) = match (a == right && b == left, a == left && b == right) {
        (true, _) => (sign, b_ms.checked_sub(a_ms)?),
        (_, true) => (turned(sign)?, a_ms.checked_sub(b_ms)?),
        _ => return None,
    };
    let lower = |ms| TimeBound { lower_ms: Some(ms), upper_ms: None };
    let upper = |ms| TimeBound { lower_ms: None, upper_ms: Some(ms) };
    match sign {
        ">=" => Some(lower(ms)),
        ">" => Some(lower(ms.checked_add(1)?)),
        "<=" => Some(upper(ms)),
        "<" => Some(upper(ms.checked_sub(1)?)),
        "=" => Some(TimeBound { lower_ms: Some(ms), upper_ms: Some(ms) }),
        _ => None,
    }
}

fn turned(sign: &str) -> Option<&'static str> {
    Some(match sign {
        ">=" => "<=",
        ">" => "<",
        "<=" => ">=",
        "<" => ">",
        "=" => "=",
        _ => return None,
    })
}

/// A column and by how much it is moved.
fn moved(expr: &Expr) -> Option<(usize, i64)> {
    if let ExprNode::Column(index) = expr.node {
        return Some((index, 0));
    }
    let (sign @ ("+" | "-"), [time, by]) = super::operator::called(expr)? else { return None };
    let ExprNode::Literal(Literal::Interval { months: 0, ms }) = by.node else { return None };
    let (column, before) = moved(time)?;
    let after = if sign == "+" { before.checked_add(ms) } else { before.checked_sub(ms) };
    Some((column, after?))
}
