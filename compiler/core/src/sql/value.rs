//! A bound expression while its surroundings are still being bound: noun file.

use std::borrow::Cow;
use std::ops::Range;

use crate::data_type::DataType;
use crate::expr::{Expr, ExprNode, Literal};

/// An expression with its place and the reason why it may be null.
#[derive(Debug, Clone)]
pub(super) struct Value {
    /// The expression.
    pub(super) expr: Expr,
    /// Set where `expr.nullable` is.
    pub(super) cause: Option<Cause>,
    /// Where it is written.
    pub(super) range: Range<u32>,
}

/// Why a value may be null.
#[derive(Debug, Clone)]
pub(super) enum Cause {
    /// The column at this place of the scope may be.
    Column(usize),
    /// What is written here gives null, and why.
    Here(Range<u32>, Cow<'static, str>),
    /// What is written here can fail, and how.
    Fails(Range<u32>, Cow<'static, str>),
}

impl Value {
    /// Stands for what already has a diagnostic.
    pub(super) fn poison(range: Range<u32>) -> Self {
        Value { expr: Expr::poison(), cause: None, range }
    }

    /// A constant that is not null.
    pub(super) fn literal(literal: Literal, data_type: DataType, range: Range<u32>) -> Self {
        Value {
            expr: Expr { node: ExprNode::Literal(literal), data_type, nullable: false },
            cause: None,
            range,
        }
    }

    /// The constant `NULL`.
    pub(super) fn null(range: Range<u32>) -> Self {
        Value {
            expr: Expr { node: ExprNode::Literal(Literal::Null), data_type: DataType::Null, nullable: true },
            cause: Some(Cause::Here(range.clone(), "`NULL` is written here".into())),
            range,
        }
    }

    /// The constant text, if it is one.
    pub(super) fn text(&self) -> Option<&str> {
        if let ExprNode::Literal(Literal::String(text)) = &self.expr.node { Some(text) } else { None }
    }

    /// Whether it already has a diagnostic.
    pub(super) fn is_unknown(&self) -> bool {
        self.expr.data_type.is_unknown()
    }
}
