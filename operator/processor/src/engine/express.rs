//! Expressions over the columns of a plan.
//!
//! Takes expressions of the graph, gives expressions that the columnar engine evaluates.

use std::sync::Arc;

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
#[expect(clippy::wildcard_enum_match_arm, reason = "conversion of all expressions is not here yet")]
pub(crate) fn physical(expr: &Expr, layout: &Layout) -> Result<Arc<dyn PhysicalExpr>, EngineError> {
    match &expr.node {
        ExprNode::Column(index) => Ok(column(&name(*index), layout.position(*index))),
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
            let args = args.iter().map(|arg| physical(arg, layout)).collect::<Result<Vec<_>, _>>()?;
            Ok(binary(args[0].clone(), op, args[1].clone(), &layout.schema)?)
        }
        ExprNode::Cast(inner) => physical(inner, layout),
        other => Err(EngineError::Unsupported { node: String::new(), reason: format!("{other:?}") }),
    }
}
