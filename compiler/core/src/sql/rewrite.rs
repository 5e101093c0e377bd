//! Typed expressions taken apart and put over other columns.

use crate::expr::{Expr, ExprNode, Mask};

/// The column that an expression is, if it is just that.
pub(super) fn column_of(expr: &Expr) -> Option<usize> {
    if let ExprNode::Column(index) = expr.node { Some(index) } else { None }
}

/// An expression with columns replaced by columns.
pub(super) fn moved(expr: &Expr, to: &mut impl FnMut(usize) -> Option<usize>) -> Expr {
    rewrite(expr, &mut |part| {
        let column = to(column_of(part)?)?;
        Some(Expr { node: ExprNode::Column(column), ..part.clone() })
    })
}

/// The parts of a condition that must all be true.
pub(super) fn conjuncts(condition: Expr) -> Vec<Expr> {
    let mut parts = Vec::new();
    let mut rest = vec![condition];
    while let Some(expr) = rest.pop() {
        match super::operator::called(&expr) {
            Some(("and", [a, b])) => rest.extend([b.clone(), a.clone()]),
            _ => parts.push(expr),
        }
    }
    parts
}

/// The columns that an expression reads.
pub(super) fn columns_of(expr: &Expr) -> Vec<usize> {
    let mut columns = Vec::new();
    expr.visit_columns(&mut |column| columns.push(column));
    columns
}

/// Whether some part of an expression already has a diagnostic.
pub(super) fn is_poisoned(expr: &Expr) -> bool {
    let mut found = false;
    rewrite(expr, &mut |part| {
        found |= part.node == ExprNode::Poison;
        found.then(Expr::poison)
    });
    found
}

/// The expression over the right input alone: its columns count from the split.
pub(super) fn shifted(expr: &Expr, split: usize) -> Expr {
    moved(expr, &mut |column| Some(column - split))
}

/// The expression with parts replaced, outermost first; where nothing is given, its parts are looked at.
pub(super) fn rewrite(expr: &Expr, replace: &mut impl FnMut(&Expr) -> Option<Expr>) -> Expr {
    if let Some(replaced) = replace(expr) {
        return replaced;
    }
    let node = match &expr.node {
        ExprNode::Poison | ExprNode::Column(_) | ExprNode::Literal(_) => expr.node.clone(),
        ExprNode::Call { function, args } => ExprNode::Call {
            function: *function,
            args: args.iter().map(|arg| rewrite(arg, replace)).collect(),
        },
        ExprNode::Cast(input) => ExprNode::Cast(Box::new(rewrite(input, replace))),
        ExprNode::Case { branches, otherwise } => ExprNode::Case {
            branches: branches
                .iter()
                .map(|(condition, value)| (rewrite(condition, replace), rewrite(value, replace)))
                .collect(),
            otherwise: otherwise.as_ref().map(|value| Box::new(rewrite(value, replace))),
        },
        ExprNode::Member { input, index } => {
            ExprNode::Member { input: Box::new(rewrite(input, replace)), index: *index }
        }
        ExprNode::Every { input, condition } => {
            ExprNode::Every { input: Box::new(rewrite(input, replace)), condition: condition.clone() }
        }
        ExprNode::ParseJson(input) => ExprNode::ParseJson(Box::new(rewrite(input, replace))),
        ExprNode::Mask { input, mask } => {
            let mask = match mask {
                Mask::Encrypt { key, subject: Some(subject) } => {
                    Mask::Encrypt { key: key.clone(), subject: Some(Box::new(rewrite(subject, replace))) }
                }
                Mask::Encrypt { .. }
                | Mask::Hmac { .. }
                | Mask::Redact
                | Mask::Null
                | Mask::Partial { .. }
                | Mask::Truncate { .. }
                | Mask::GeneraliseNumber { .. }
                | Mask::GeneraliseTime { .. }
                | Mask::Tokenize { .. } => mask.clone(),
            };
            ExprNode::Mask { input: Box::new(rewrite(input, replace)), mask }
        }
    };
    Expr { node, data_type: expr.data_type.clone(), nullable: expr.nullable }
}
