//! Which columns must have a value where a condition is true.
//!
//! `amount > 0` is null where `amount` is, so where it is true `amount` is there:
//! what passes such a filter is no longer nullable, and no reader has to say so again.

use crate::expr::{Expr, ExprNode};
use crate::function::{self, Nulls};

/// Columns that have a value whenever the condition is true.
pub(super) fn present_if_true(condition: &Expr) -> Vec<usize> {
    let mut present = Vec::new();
    visit(condition, &mut present);
    present
}

fn visit(condition: &Expr, present: &mut Vec<usize>) {
    let ExprNode::Call { function, args } = &condition.node else {
        return needed(condition, present);
    };
    match function::get(*function).name {
        "and" => args.iter().for_each(|arg| visit(arg, present)),
        // Either side may be the true one, so only what both need is there.
        "or" => {
            let mut sides = args.iter().map(present_if_true);
            let first = sides.next().unwrap_or_default();
            let others: Vec<Vec<usize>> = sides.collect();
            present
                .extend(first.into_iter().filter(|column| others.iter().all(|side| side.contains(column))));
        }
        "is true" => args.iter().for_each(|arg| visit(arg, present)),
        "is not null" => args.iter().for_each(|arg| needed(arg, present)),
        _ => needed(condition, present),
    }
}

/// Columns that have a value whenever the expression has one.
fn needed(expr: &Expr, present: &mut Vec<usize>) {
    match &expr.node {
        ExprNode::Column(index) => present.push(*index),
        // `AND` and `OR` may have a value although one side has none.
        ExprNode::Call { function, args }
            if function::get(*function).nulls == Nulls::Any
                && !matches!(function::get(*function).name, "and" | "or") =>
        {
            args.iter().for_each(|arg| needed(arg, present));
        }
        ExprNode::Cast(input) | ExprNode::Member { input, .. } | ExprNode::Mask { input, .. } => {
            needed(input, present)
        }
        ExprNode::Every { input, .. } | ExprNode::ParseJson(input) => needed(input, present),
        ExprNode::Poison | ExprNode::Literal(_) | ExprNode::Call { .. } | ExprNode::Case { .. } => {}
    }
}
