//! Expressions over the columns of a plan.
//!
//! Takes expressions of the graph, gives expressions that the columnar engine evaluates. What functions mean is not decided here.

use std::sync::Arc;

use arrow::datatypes::{DataType as ArrowType, Schema};
use datafusion::error::Result;
use datafusion::physical_expr::PhysicalExpr;
use headwater_compiler::expr::{Expr, Mask};

use super::error::EngineError;
use super::layout::{Layout, name};
use super::masked::masked;
use super::stage::column;
use crate::function::{self, Columns};
use crate::mask::apply::Vault;

/// An expression over the columns of a stream as one over the plan that carries them.
pub(crate) fn physical(
    vault: &Arc<Vault>,
    expr: &Expr,
    layout: &Layout,
) -> Result<Arc<dyn PhysicalExpr>, EngineError> {
    physical_over(vault, expr, &layout.schema)
}

/// An expression whose values are compared for equality across records.
pub(crate) fn key(
    vault: &Arc<Vault>,
    expr: &Expr,
    layout: &Layout,
) -> Result<Arc<dyn PhysicalExpr>, EngineError> {
    Ok(function::canonical(physical(vault, expr, layout)?, &layout.schema)?)
}

/// An expression over columns that are called as in plans.
pub(crate) fn physical_over(
    vault: &Arc<Vault>,
    expr: &Expr,
    schema: &Schema,
) -> Result<Arc<dyn PhysicalExpr>, EngineError> {
    Ok(with_columns(vault, schema, |columns| function::physical(expr, columns))?)
}

/// Does something with the columns of a plan's schema as expressions refer to them.
pub(crate) fn with_columns<T>(
    vault: &Arc<Vault>,
    schema: &Schema,
    make: impl FnOnce(Columns<'_>) -> Result<T>,
) -> Result<T> {
    let of = |index: usize| {
        let name = name(index);
        let place = schema.index_of(&name).expect("what an expression reads is carried to it");
        column(&name, place)
    };
    let masks = |mask: &Mask, args: Vec<Arc<dyn PhysicalExpr>>, gives: &ArrowType| {
        Ok(masked(mask.clone(), args, gives.clone(), vault.clone()))
    };
    make(Columns { of: &of, schema, masks: &masks })
}
