//! Takes an expression of the graph and the columns that it is over; gives one that the columnar engine evaluates.

use std::sync::Arc;

use arrow::datatypes::{DataType as ArrowType, Schema};
use datafusion::common::{Result, ScalarValue, internal_err, not_impl_err};
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{
    BinaryExpr, Literal as Constant, binary, case, in_list, is_not_null, is_null, like, lit, not,
};
use headwater_compiler::data_type::DataType;
use headwater_compiler::expr::{Expr, ExprNode, Mask};
use headwater_compiler::function::{self, Nulls, constant_text};

use super::canonical::canonical;
use super::kernel::{Kernel, Run};
use super::{arithmetic, cast, every, hash, json, literal, nested, numeric, parse_json, search, text, time};
use crate::engine::arrow_type;

/// Computes a mask: the masked value and, where one is given, the subject; of the Arrow type stated.
pub type ComputeMask<'a> =
    dyn Fn(&Mask, Vec<Arc<dyn PhysicalExpr>>, &ArrowType) -> Result<Arc<dyn PhysicalExpr>> + Send + Sync + 'a;

/// What an expression may refer to.
#[derive(Clone, Copy)]
pub struct Columns<'a> {
    /// The column of each index of the input, over `schema`.
    pub of: &'a dyn Fn(usize) -> Arc<dyn PhysicalExpr>,
    /// What the columns are over.
    pub schema: &'a Schema,
    /// How masks are computed.
    pub masks: &'a ComputeMask<'a>,
}

/// What a function computes, for the arguments that are not constants of its own.
pub(super) struct Prepared {
    /// Indices of the arguments that are passed as arrays.
    pub(super) args: Vec<usize>,
    pub(super) run: Run,
}

impl Prepared {
    /// Every argument is passed.
    pub(super) fn all(
        args: &[Expr],
        run: impl Fn(&super::rows::Rows<'_>) -> Result<arrow::array::ArrayRef> + Send + Sync + 'static,
    ) -> Self {
        Prepared { args: (0..args.len()).collect(), run: Arc::new(run) }
    }

    /// These arguments are passed.
    pub(super) fn of(
        args: &[usize],
        run: impl Fn(&super::rows::Rows<'_>) -> Result<arrow::array::ArrayRef> + Send + Sync + 'static,
    ) -> Self {
        Prepared { args: args.to_vec(), run: Arc::new(run) }
    }
}

/// The expression as the columnar engine's. What it gives has exactly the Arrow type of the expression's type.
///
/// # Errors
/// If the expression is poison, calls an aggregate, or does not go with its own types.
pub fn physical(expr: &Expr, columns: Columns<'_>) -> Result<Arc<dyn PhysicalExpr>> {
    match &expr.node {
        ExprNode::Poison => internal_err!("an expression that has a diagnostic does not run"),
        ExprNode::Column(index) => Ok((columns.of)(*index)),
        ExprNode::Literal(value) => Ok(lit(literal::scalar(value, &expr.data_type)?)),
        ExprNode::Call { function, args } => call(function::get(*function), args, expr, columns),
        ExprNode::Cast(input) => {
            let value = physical(input, columns)?;
            cast::expression(value, &input.data_type, &expr.data_type)
        }
        ExprNode::Case { branches, otherwise } => {
            let branch = |(condition, value): &(Expr, Expr)| {
                Ok((physical(condition, columns)?, physical(value, columns)?))
            };
            let branches = branches.iter().map(branch).collect::<Result<Vec<_>>>()?;
            let otherwise = otherwise.as_ref().map(|value| physical(value, columns)).transpose()?;
            case(None, branches, otherwise)
        }
        ExprNode::Member { input, index } => {
            let value = physical(input, columns)?;
            let index = *index;
            let run: Run = Arc::new(move |rows| nested::member(rows, index));
            Ok(Kernel::call("member", index.to_string(), vec![value], arrow_type(&expr.data_type), run))
        }
        ExprNode::Every { input, condition } => {
            every::expression(physical(input, columns)?, input, condition, columns)
        }
        ExprNode::ParseJson(input) => parse_json::expression(physical(input, columns)?, &expr.data_type),
        ExprNode::Mask { input, mask } => {
            let mut args = vec![physical(input, columns)?];
            if let Mask::Encrypt { subject: Some(subject), .. } = mask {
                args.push(physical(subject, columns)?);
            }
            (columns.masks)(mask, args, &arrow_type(&expr.data_type))
        }
    }
}

fn call(
    function: &'static function::Function,
    args: &[Expr],
    expr: &Expr,
    columns: Columns<'_>,
) -> Result<Arc<dyn PhysicalExpr>> {
    let gives = arrow_type(&expr.data_type);
    if function.nulls == Nulls::Any && args.iter().any(|arg| arg.data_type == DataType::Null) {
        return Ok(lit(ScalarValue::try_from(&gives)?));
    }
    if let Some(native) = native(function.name, args, columns)? {
        return Ok(native);
    }
    let prepared = match prepare(function.name, args, &expr.data_type)? {
        Some(prepared) => prepared,
        None => return not_impl_err!("`{}` on the local engine", function.name),
    };
    let passed: Vec<Arc<dyn PhysicalExpr>> =
        prepared.args.iter().map(|&index| physical(&args[index], columns)).collect::<Result<_>>()?;
    let constants: Vec<&Expr> = args
        .iter()
        .enumerate()
        .filter(|(index, _)| !prepared.args.contains(index))
        .map(|(_, arg)| arg)
        .collect();
    let types: Vec<&DataType> = args.iter().map(|arg| &arg.data_type).collect();
    let key = format!("{constants:?} {types:?} {:?}", expr.data_type);
    Ok(Kernel::call(function.name, key, passed, gives, prepared.run))
}

/// The kernel of a function, from the family that has it.
fn prepare(name: &str, args: &[Expr], gives: &DataType) -> Result<Option<Prepared>> {
    type Family = fn(&str, &[Expr], &DataType) -> Result<Option<Prepared>>;
    let families: [Family; 8] = [
        arithmetic::prepare,
        numeric::prepare,
        text::prepare,
        search::prepare,
        time::prepare,
        json::prepare,
        nested::prepare,
        hash::prepare,
    ];
    for family in families {
        if let Some(prepared) = family(name, args, gives)? {
            return Ok(Some(prepared));
        }
    }
    Ok(None)
}

/// The columnar engine's own operator, where its meaning is exactly the table's.
fn native(name: &str, args: &[Expr], columns: Columns<'_>) -> Result<Option<Arc<dyn PhysicalExpr>>> {
    let of = |index: usize| physical(&args[index], columns);
    let compared = |index: usize| canonical(of(index)?, columns.schema);
    if let Some(operator) = comparison(name) {
        return binary(compared(0)?, operator, compared(1)?, columns.schema).map(Some);
    }
    let is_true = |operator, value: bool| binary(of(0)?, operator, lit(value), columns.schema);
    let expr = match name {
        "and" => binary(of(0)?, Operator::And, of(1)?, columns.schema)?,
        "or" => binary(of(0)?, Operator::Or, of(1)?, columns.schema)?,
        "not" => not(of(0)?)?,
        "is null" => is_null(of(0)?)?,
        "is not null" => is_not_null(of(0)?)?,
        "is true" => is_true(Operator::IsNotDistinctFrom, true)?,
        "is not true" => is_true(Operator::IsDistinctFrom, true)?,
        "is false" => is_true(Operator::IsNotDistinctFrom, false)?,
        "is not false" => is_true(Operator::IsDistinctFrom, false)?,
        "in" => one_of(args, columns)?,
        "like" => {
            let escape = args.get(2).and_then(constant_text).and_then(|text| text.chars().next());
            let pattern = search::like_pattern(constant_text(&args[1]).unwrap_or_default(), escape)?;
            like(false, false, of(0)?, lit(pattern), columns.schema)?
        }
        "if" => case(None, vec![(of(0)?, of(1)?)], Some(of(2)?))?,
        "+" | "-" | "*" => match arithmetic::native(name, args) {
            // Wrapping arithmetic is exact where it cannot overflow.
            Some(operator) => Arc::new(BinaryExpr::new(of(0)?, operator, of(1)?)),
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    Ok(Some(expr))
}

fn comparison(name: &str) -> Option<Operator> {
    Some(match name {
        "=" => Operator::Eq,
        "<>" => Operator::NotEq,
        "<" => Operator::Lt,
        "<=" => Operator::LtEq,
        ">" => Operator::Gt,
        ">=" => Operator::GtEq,
        "is distinct from" => Operator::IsDistinctFrom,
        "is not distinct from" => Operator::IsNotDistinctFrom,
        _ => return None,
    })
}

/// A set of constants is looked up; other values are compared one after the other.
fn one_of(args: &[Expr], columns: Columns<'_>) -> Result<Arc<dyn PhysicalExpr>> {
    let compared = |arg: &Expr| canonical(physical(arg, columns)?, columns.schema);
    let value = compared(&args[0])?;
    let list = args[1..].iter().map(compared).collect::<Result<Vec<_>>>()?;
    if list.len() > 3 && list.iter().all(|item| item.as_any().is::<Constant>()) {
        return in_list(value, list, &false, columns.schema);
    }
    let mut equal = None;
    for item in list {
        let this = binary(value.clone(), Operator::Eq, item, columns.schema)?;
        equal = Some(match equal {
            Some(before) => binary(before, Operator::Or, this, columns.schema)?,
            None => this,
        });
    }
    equal.map_or_else(|| internal_err!("`in` without values"), Ok)
}
