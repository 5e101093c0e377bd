//! Takes an expression and two types; gives its values as the other type, null where there is none.
//!
//! Whether a cast is allowed is the compiler's: see `cast_rule`.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, FixedSizeBinaryBuilder, ListArray, MapArray, StructArray, new_null_array,
};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{
    DataType as ArrowType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int32Type, Int64Type,
    Time64MicrosecondType, TimestampMicrosecondType,
};
use datafusion::common::{Result, internal_err};
use datafusion::physical_expr::PhysicalExpr;
use headwater_compiler::data_type::{DataType, Member, Slot};

use super::calendar::DAY;
use super::decimal::{self, Size};
use super::kernel::{Kernel, Run};
use super::rows::Rows;
use super::{cast_text, float_text};
use crate::engine::arrow_type;

/// The cast of an expression.
pub(super) fn expression(
    value: Arc<dyn PhysicalExpr>,
    from: &DataType,
    to: &DataType,
) -> Result<Arc<dyn PhysicalExpr>> {
    if from == to {
        return Ok(value);
    }
    let key = format!("{from:?} {to:?}");
    let (from, to) = (from.clone(), to.clone());
    let gives = arrow_type(&to);
    let run: Run = Arc::new(move |rows| array(&rows.args[0], &from, &to));
    Ok(Kernel::call("cast", key, vec![value], gives, run))
}

/// Values of one type as values of another.
pub(super) fn array(array: &ArrayRef, from: &DataType, to: &DataType) -> Result<ArrayRef> {
    match (from, to) {
        _ if from == to => Ok(array.clone()),
        (DataType::Null, _) => Ok(new_null_array(&arrow_type(to), array.len())),
        (_, DataType::String) => cast_text::to_text(array, from),
        (DataType::String, _) => cast_text::from_text(array, to),
        (DataType::List(from), DataType::List(to)) => list(array.as_list::<i32>(), from, to),
        (DataType::Map(from), DataType::Map(to)) => map(array.as_map(), from, to),
        (DataType::Struct(from), DataType::Struct(to)) => members(array.as_struct(), from, to),
        (DataType::Bytes, DataType::Uuid) => bytes_to_uuid(array),
        (DataType::Uuid, DataType::Bytes) => library(array, &ArrowType::Binary),
        (_, DataType::Decimal { precision, scale }) => {
            to_decimal(array, from, Size { precision: *precision, scale: *scale })
        }
        (DataType::Decimal { scale, .. }, _) => from_decimal(array, *scale, to),
        (DataType::Float64, DataType::Float32) => {
            let rows = Rows { args: std::slice::from_ref(array), count: array.len() };
            let values = array.as_primitive::<Float64Type>();
            Ok(Arc::new(rows.to_numbers::<Float32Type>(|row| {
                let (wide, narrow) = (values.value(row), values.value(row) as f32);
                // Only what was finite can be too great.
                (narrow.is_finite() || !wide.is_finite()).then_some(narrow)
            })))
        }
        // Widening, narrowing with null out of range, truth as 1 and 0.
        _ if from.is_numeric() || to.is_numeric() => library(array, &arrow_type(to)),
        _ => time(array, from, to),
    }
}

fn library(array: &ArrayRef, to: &ArrowType) -> Result<ArrayRef> {
    Ok(cast_with_options(array, to, &CastOptions { safe: true, ..CastOptions::default() })?)
}

fn to_decimal(array: &ArrayRef, from: &DataType, size: Size) -> Result<ArrayRef> {
    let rows = Rows { args: std::slice::from_ref(array), count: array.len() };
    let values = match from {
        DataType::Int32 => {
            let values = array.as_primitive::<Int32Type>();
            rows.to_numbers::<Decimal128Type>(|row| decimal::rescaled(i128::from(values.value(row)), 0, size))
        }
        DataType::Int64 => {
            let values = array.as_primitive::<Int64Type>();
            rows.to_numbers(|row| decimal::rescaled(i128::from(values.value(row)), 0, size))
        }
        DataType::Decimal { scale, .. } => {
            let values = array.as_primitive::<Decimal128Type>();
            rows.to_numbers(|row| decimal::rescaled(values.value(row), *scale, size))
        }
        DataType::Float32 => {
            let values = array.as_primitive::<Float32Type>();
            rows.to_numbers(|row| {
                let value = values.value(row);
                value.is_finite().then(|| float_text::of_float32(value).to_decimal(size)).flatten()
            })
        }
        DataType::Float64 => {
            let values = array.as_primitive::<Float64Type>();
            rows.to_numbers(|row| {
                let value = values.value(row);
                value.is_finite().then(|| float_text::of_float64(value).to_decimal(size)).flatten()
            })
        }
        DataType::Unknown
        | DataType::Null
        | DataType::String
        | DataType::Bool
        | DataType::Date
        | DataType::Time
        | DataType::Timestamp
        | DataType::TimestampLocal
        | DataType::Bytes
        | DataType::Uuid
        | DataType::Interval
        | DataType::List(_)
        | DataType::Map(_)
        | DataType::Struct(_) => return internal_err!("a cast of {from} to a decimal"),
    };
    let scale = i8::try_from(size.scale).expect("a scale is at most 38");
    Ok(Arc::new(values.with_precision_and_scale(size.precision, scale)?))
}

/// Integers lose the fraction, as in Flink.
fn from_decimal(array: &ArrayRef, scale: u8, to: &DataType) -> Result<ArrayRef> {
    let rows = Rows { args: std::slice::from_ref(array), count: array.len() };
    let values = array.as_primitive::<Decimal128Type>();
    let whole = |row: usize| values.value(row) / decimal::power(u32::from(scale));
    if *to == DataType::Int32 {
        return Ok(Arc::new(rows.to_numbers::<Int32Type>(|row| i32::try_from(whole(row)).ok())));
    }
    if *to == DataType::Int64 {
        return Ok(Arc::new(rows.to_numbers::<Int64Type>(|row| i64::try_from(whole(row)).ok())));
    }
    if *to == DataType::Float64 {
        let value = |row: usize| Some(decimal::to_float64(values.value(row), scale));
        return Ok(Arc::new(rows.to_numbers::<Float64Type>(value)));
    }
    if *to == DataType::Float32 {
        let value = |row: usize| Some(decimal::to_float32(values.value(row), scale));
        return Ok(Arc::new(rows.to_numbers::<Float32Type>(value)));
    }
    internal_err!("a cast of a decimal to {to}")
}

fn time(array: &ArrayRef, from: &DataType, to: &DataType) -> Result<ArrayRef> {
    let rows = Rows { args: std::slice::from_ref(array), count: array.len() };
    match (from, to) {
        (DataType::Date, DataType::Timestamp | DataType::TimestampLocal) => {
            let days = array.as_primitive::<Date32Type>();
            let micros =
                rows.to_numbers::<TimestampMicrosecondType>(|row| Some(i64::from(days.value(row)) * DAY));
            let zone = (*to == DataType::Timestamp).then(|| "UTC".into());
            Ok(Arc::new(micros.with_timezone_opt::<Arc<str>>(zone)))
        }
        (DataType::Timestamp | DataType::TimestampLocal, DataType::Date) => {
            let micros = array.as_primitive::<TimestampMicrosecondType>();
            let days = |row: usize| i32::try_from(micros.value(row).div_euclid(DAY)).ok();
            Ok(Arc::new(rows.to_numbers::<Date32Type>(days)))
        }
        (DataType::Timestamp | DataType::TimestampLocal, DataType::Time) => {
            let micros = array.as_primitive::<TimestampMicrosecondType>();
            Ok(Arc::new(
                rows.to_numbers::<Time64MicrosecondType>(|row| Some(micros.value(row).rem_euclid(DAY))),
            ))
        }
        _ => internal_err!("a cast of {from} to {to}"),
    }
}

fn bytes_to_uuid(array: &ArrayRef) -> Result<ArrayRef> {
    let mut builder = FixedSizeBinaryBuilder::with_capacity(array.len(), 16);
    for bytes in array.as_binary::<i32>() {
        match bytes {
            Some(bytes) if bytes.len() == 16 => builder.append_value(bytes)?,
            Some(_) | None => builder.append_null(),
        }
    }
    Ok(Arc::new(builder.finish()))
}

fn list(lists: &ListArray, from: &Slot, to: &Slot) -> Result<ArrayRef> {
    let values = array(lists.values(), &from.data_type, &to.data_type)?;
    let ArrowType::List(field) = arrow_type(&DataType::List(Box::new(to.clone()))) else {
        return internal_err!("a list that is none");
    };
    Ok(Arc::new(ListArray::try_new(field, lists.offsets().clone(), values, lists.nulls().cloned())?))
}

fn map(maps: &MapArray, from: &Slot, to: &Slot) -> Result<ArrayRef> {
    let values = array(maps.values(), &from.data_type, &to.data_type)?;
    super::map::of_parts(maps.keys().clone(), values, maps.offsets().clone(), maps.nulls().cloned(), to)
}

fn members(structs: &StructArray, from: &[Member], to: &[Member]) -> Result<ArrayRef> {
    let ArrowType::Struct(fields) = arrow_type(&DataType::Struct(to.to_vec())) else {
        return internal_err!("a struct that is none");
    };
    let each = structs.columns().iter().zip(from.iter().zip(to));
    let columns = each.map(|(column, (from, to))| array(column, &from.data_type, &to.data_type));
    let columns = columns.collect::<Result<Vec<_>>>()?;
    Ok(Arc::new(StructArray::try_new_with_length(fields, columns, structs.nulls().cloned(), structs.len())?))
}
