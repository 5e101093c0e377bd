//! Builds expressions that no text states: what steps and contracts mean.

use crate::data_type::DataType;
use crate::expr::{Expr, ExprNode, Literal};
use crate::flow::{Flow, Typed};
use crate::function::{self, Resolved};
use crate::graph::OpId;
use crate::sql::Scope;

/// A call of the function table that is known to fit its arguments.
///
/// # Panics
/// If it does not: the caller has looked at the types.
pub(super) fn call(name: &str, args: &[Expr]) -> Expr {
    resolved(name, args).expect("the caller has made sure that the arguments fit").into_expr()
}

/// A call, if it fits.
pub(super) fn resolved(name: &str, args: &[Expr]) -> Option<Resolved> {
    function::resolve(name, args).ok()
}

/// A text constant.
pub(super) fn text(value: &str) -> Expr {
    Expr {
        node: ExprNode::Literal(Literal::String(value.to_owned())),
        data_type: DataType::String,
        nullable: false,
    }
}

/// Whether the value is there.
pub(super) fn is_present(expr: Expr) -> Expr {
    call("is not null", &[expr])
}

/// Null, or the condition: what must not be false of a value that may be missing.
pub(super) fn missing_or(value: Expr, condition: Expr) -> Expr {
    if value.nullable { call("or", &[call("is null", &[value]), condition]) } else { condition }
}

/// The columns of an operator as a scope without qualifier.
pub(super) fn scope(flow: &Flow, op: OpId) -> Scope {
    Scope::of(flow, op, None)
}

/// Every column of an operator as it is, to change some and project.
pub(super) fn columns(flow: &Flow, op: OpId, anchor: &crate::diagnostic::Anchor) -> Vec<(String, Typed)> {
    let names: Vec<String> = flow.output(op).columns.iter().map(|column| column.name.clone()).collect();
    names.into_iter().enumerate().map(|(index, name)| (name, flow.column(op, index, anchor))).collect()
}
