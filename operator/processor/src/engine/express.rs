//! Expressions over the columns of a plan.
//!
//! Takes expressions of the graph, gives expressions that the columnar engine evaluates.

use std::sync::Arc;

use arrow::datatypes::Schema;
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{binary, lit};
use datafusion::scalar::ScalarValue;
use headwater_compiler::expr::{Expr, ExprNode, Literal};
use headwater_compiler::function;

use super::error::EngineError;
use super::layout::{Layout, name};
use super::stage::column;

/// An expression over the columns of a stream as one over the plan that carries them.
pub(crate) fn physical(expr: &Expr, layout: &Layout) -> Result<Arc<dyn PhysicalExpr>, EngineError> {
    physical_over(expr, &layout.schema)
}

/// An expression whose values are compared for equality across records.
pub(crate) fn key(expr: &Expr, layout: &Layout) -> Result<Arc<dyn PhysicalExpr>, EngineError> {
    physical(expr, layout)
}

/// An expression over columns that are called as in plans.
#[expect(clippy::wildcard_enum_match_arm, reason = "conversion of all expressions is not here yet")]
pub(crate) fn physical_over(expr: &Expr, schema: &Schema) -> Result<Arc<dyn PhysicalExpr>, EngineError> {
    match &expr.node {
        ExprNode::Column(index) => {
            let name = name(*index);
            let place = schema.index_of(&name).map_err(datafusion::error::DataFusionError::from)?;
            Ok(column(&name, place))
        }
        ExprNode::Literal(Literal::Bool(value)) => Ok(lit(ScalarValue::from(*value))),
        ExprNode::Literal(Literal::Int(value)) => Ok(lit(ScalarValue::from(*value))),
        ExprNode::Call { function, args } => {
            let op = match function::get(*function).name {
                ">" => Operator::Gt,
                "<" => Operator::Lt,
                "+" => Operator::Plus,
                "=" => Operator::Eq,
                "<>" => Operator::NotEq,
                other => panic!("{other}"),
            };
            let args = args.iter().map(|arg| physical_over(arg, schema)).collect::<Result<Vec<_>, _>>()?;
            Ok(binary(args[0].clone(), op, args[1].clone(), schema)?)
        }
        ExprNode::Cast(inner) => physical_over(inner, schema),
        other => Err(EngineError::Unsupported { node: String::new(), reason: format!("{other:?}") }),
    }
}
