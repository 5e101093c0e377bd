//! The operators of arithmetic over arrays: null where a result has no place.

use std::sync::Arc;

use arrow::datatypes::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int32Type, Int64Type,
    TimestampMicrosecondType,
};
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::Operator;
use headwater_compiler::data_type::DataType;
use headwater_compiler::expr::{Expr, ExprNode, Literal};
use headwater_compiler::function::resolve;

use super::calendar::{self, DAY};
use super::decimal::{self, Size};
use super::expression::Prepared;
use super::rows::Rows;

/// The columnar engine's own operator, where it cannot overflow: floats, and integers whose range proves it.
pub(super) fn native(name: &str, args: &[Expr]) -> Option<Operator> {
    let [a, b] = args else { return None };
    let operator = match name {
        "+" => Operator::Plus,
        "-" => Operator::Minus,
        _ => Operator::Multiply,
    };
    let floats = matches!(
        (&a.data_type, &b.data_type),
        (DataType::Float32, DataType::Float32) | (DataType::Float64, DataType::Float64)
    );
    let safe = a.data_type == DataType::Int64
        && b.data_type == DataType::Int64
        && resolve(name, args).is_ok_and(|resolved| resolved.can_fail.is_none());
    (floats || safe).then_some(operator)
}

/// The kernel of an operator.
pub(super) fn prepare(name: &str, args: &[Expr], gives: &DataType) -> Result<Option<Prepared>> {
    if !matches!(name, "+" | "-" | "*" | "/" | "%") {
        return Ok(None);
    }
    if let [time, interval] = args
        && interval.data_type == DataType::Interval
    {
        return moved(name, time, interval).map(Some);
    }
    let prepared = match (args, gives) {
        ([_], DataType::Int64) => Prepared::all(args, |rows| unary::<Int64Type>(rows, i64::checked_neg)),
        ([_], DataType::Float32) => Prepared::all(args, |rows| unary::<Float32Type>(rows, |a| Some(-a))),
        ([_], DataType::Float64) => Prepared::all(args, |rows| unary::<Float64Type>(rows, |a| Some(-a))),
        ([_], DataType::Decimal { precision, scale }) => {
            let size = Size { precision: *precision, scale: *scale };
            Prepared::all(args, move |rows| {
                let a = rows.numbers::<Decimal128Type>(0);
                sized(rows.to_numbers(|row| Some(-a.value(row))), size)
            })
        }
        (_, DataType::Int32) => Prepared::all(args, |rows| {
            binary::<Int32Type>(rows, |a, b| if b == 0 { None } else { Some(a.wrapping_rem(b)) })
        }),
        (_, DataType::Int64) => {
            let operation = integers(name);
            Prepared::all(args, move |rows| binary::<Int64Type>(rows, operation))
        }
        (_, DataType::Float32) => {
            Prepared::all(args, |rows| binary::<Float32Type>(rows, |a, b| (b != 0.0).then(|| a / b)))
        }
        (_, DataType::Float64) => {
            Prepared::all(args, |rows| binary::<Float64Type>(rows, |a, b| (b != 0.0).then(|| a / b)))
        }
        (_, DataType::Decimal { precision, scale }) => {
            decimals(name, args, Size { precision: *precision, scale: *scale })?
        }
        _ => return internal_err!("`{name}` gives {gives}"),
    };
    Ok(Some(prepared))
}

fn integers(name: &str) -> fn(i64, i64) -> Option<i64> {
    match name {
        "+" => i64::checked_add,
        "-" => i64::checked_sub,
        "*" => i64::checked_mul,
        "/" => i64::checked_div,
        // The remainder of the least number by -1 is 0, although the quotient has no place.
        _ => |a, b| if b == 0 { None } else { Some(a.wrapping_rem(b)) },
    }
}

fn unary<T: ArrowPrimitiveType>(
    rows: &Rows<'_>,
    operation: impl Fn(T::Native) -> Option<T::Native>,
) -> Result<arrow::array::ArrayRef> {
    let a = rows.numbers::<T>(0);
    Ok(Arc::new(rows.to_numbers::<T>(|row| operation(a.value(row)))))
}

fn binary<T: ArrowPrimitiveType>(
    rows: &Rows<'_>,
    operation: impl Fn(T::Native, T::Native) -> Option<T::Native>,
) -> Result<arrow::array::ArrayRef> {
    let (a, b) = (rows.numbers::<T>(0), rows.numbers::<T>(1));
    Ok(Arc::new(rows.to_numbers::<T>(|row| operation(a.value(row), b.value(row)))))
}

/// An array of decimals with its precision and scale.
pub(super) fn sized(
    values: arrow::array::PrimitiveArray<Decimal128Type>,
    size: Size,
) -> Result<arrow::array::ArrayRef> {
    let scale = i8::try_from(size.scale).expect("a scale is at most 38");
    Ok(Arc::new(values.with_precision_and_scale(size.precision, scale)?))
}

/// The scale of a decimal.
pub(super) fn scale_of(expr: &Expr) -> Result<u8> {
    if let DataType::Decimal { scale, .. } = expr.data_type {
        return Ok(scale);
    }
    internal_err!("{} is no decimal", expr.data_type)
}

fn decimals(name: &str, args: &[Expr], size: Size) -> Result<Prepared> {
    let [a, b] = args else { return internal_err!("`{name}` of {} decimals", args.len()) };
    let (a_scale, b_scale) = (scale_of(a)?, scale_of(b)?);
    let name = name.to_owned();
    let operation = move |a: i128, b: i128| match name.as_str() {
        "+" => decimal::sum(a, a_scale, b, b_scale, size),
        "-" => decimal::sum(a, a_scale, -b, b_scale, size),
        "*" => decimal::product(a, b, u32::from(a_scale) + u32::from(b_scale), size),
        "/" => decimal::quotient(a, a_scale, b, b_scale, size),
        _ => decimal::remainder(a, a_scale, b, b_scale, size),
    };
    Ok(Prepared::all(args, move |rows| {
        let (a, b) = (rows.numbers::<Decimal128Type>(0), rows.numbers::<Decimal128Type>(1));
        sized(rows.to_numbers(|row| operation(a.value(row), b.value(row))), size)
    }))
}

/// A time moved by a constant interval.
fn moved(name: &str, time: &Expr, interval: &Expr) -> Result<Prepared> {
    let ExprNode::Literal(Literal::Interval { months, ms }) = interval.node else {
        return internal_err!("an interval that is no constant");
    };
    let sign = if name == "-" { -1 } else { 1 };
    let (months, ms) = (sign * i64::from(months), ms.saturating_mul(sign));
    if time.data_type == DataType::Date {
        return Ok(Prepared::of(&[0], move |rows| {
            let days = rows.numbers::<Date32Type>(0);
            let shifted = |row: usize| {
                let micros = calendar::shift(i64::from(days.value(row)) * DAY, months, ms);
                Some(i32::try_from(micros.div_euclid(DAY)).unwrap_or(if micros < 0 {
                    i32::MIN
                } else {
                    i32::MAX
                }))
            };
            Ok(Arc::new(rows.to_numbers::<Date32Type>(shifted)))
        }));
    }
    let zone: Option<Arc<str>> = (time.data_type == DataType::Timestamp).then(|| "UTC".into());
    Ok(Prepared::of(&[0], move |rows| {
        let micros = rows.numbers::<TimestampMicrosecondType>(0);
        let shifted = rows.to_numbers::<TimestampMicrosecondType>(|row| {
            Some(calendar::shift(micros.value(row), months, ms))
        });
        Ok(Arc::new(shifted.with_timezone_opt(zone.clone())))
    }))
}
