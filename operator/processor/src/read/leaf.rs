//! One column of plain values: cells of text to an Arrow array, in one loop for each type.
//!
//! Takes a column and its cells, gives an array with as many values; a cell that is not good is noted as a failure
//! and filled with a blank, because its row is left out later.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BinaryArray, BooleanArray, BooleanBufferBuilder,
    FixedSizeBinaryArray, NullBufferBuilder, PrimitiveArray, StringArray, new_null_array,
};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int32Type, Int64Type, Time64MicrosecondType,
    TimestampMicrosecondType,
};

use super::column::{Column, Type};
use super::error::ReadError;
use super::failures::Failures;
use super::value::Fault;
use super::{time, value};

/// What stands at one place.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell<'a> {
    /// Nothing: the record has no such member.
    Missing,
    /// Nothing, because the object around it is absent: no failure.
    Absent,
    /// A null or a spelling of it.
    Null,
    /// Text of a value.
    Text(&'a [u8]),
    /// Something that no value of the type is written as.
    Wrong,
}

/// Cells of one column: how many, the row of the batch that each belongs to, and what stands there.
pub(crate) struct Cells<R, C> {
    pub(crate) count: usize,
    pub(crate) row: R,
    pub(crate) cell: C,
}

/// What goes into the array next.
enum Put<'a> {
    Text(&'a [u8]),
    Default,
    Blank,
}

/// Decodes a column of plain values.
pub(crate) fn decode<'a, R, C>(
    column: &Column,
    cells: &Cells<R, C>,
    failures: &mut Failures,
) -> Result<ArrayRef, ReadError>
where
    R: Fn(usize) -> u32,
    C: Fn(usize) -> Cell<'a>,
{
    Ok(match &column.ty {
        Type::Int32 => Arc::new(primitive::<Int32Type, _, _>(column, cells, failures, value::int32)),
        Type::Int64 => Arc::new(primitive::<Int64Type, _, _>(column, cells, failures, value::int64)),
        Type::Float32 => Arc::new(primitive::<Float32Type, _, _>(column, cells, failures, value::float32)),
        Type::Float64 => Arc::new(primitive::<Float64Type, _, _>(column, cells, failures, value::float64)),
        Type::Decimal { precision, scale } => {
            let parse = |text: &[u8]| value::decimal(text, *precision, *scale);
            let array = primitive::<Decimal128Type, _, _>(column, cells, failures, parse);
            Arc::new(array.with_precision_and_scale(*precision, *scale)?)
        }
        Type::Date => Arc::new(primitive::<Date32Type, _, _>(column, cells, failures, time::date)),
        Type::Time => Arc::new(primitive::<Time64MicrosecondType, _, _>(column, cells, failures, time::time)),
        Type::Timestamp => {
            let array = primitive::<TimestampMicrosecondType, _, _>(column, cells, failures, time::timestamp);
            Arc::new(array.with_timezone("UTC"))
        }
        Type::TimestampLocal => Arc::new(primitive::<TimestampMicrosecondType, _, _>(
            column,
            cells,
            failures,
            time::timestamp_local,
        )),
        Type::Bool => boolean(column, cells, failures),
        Type::String => {
            let default = column.default.as_ref().map(|d| d.as_string::<i32>().value(0));
            let default = default.unwrap_or_default().as_bytes();
            let copy = |text: &[u8], into: &mut Vec<u8>| {
                into.extend_from_slice(text);
                Ok(())
            };
            let (offsets, values, nulls) = lengths(column, cells, failures, default, copy);
            Arc::new(StringArray::try_new(offsets, values, nulls)?)
        }
        Type::Bytes => {
            let default = column.default.as_ref().map(|d| d.as_binary::<i32>().value(0));
            let default = default.unwrap_or_default();
            let (offsets, values, nulls) = lengths(column, cells, failures, default, value::bytes);
            Arc::new(BinaryArray::try_new(offsets, values, nulls)?)
        }
        Type::Uuid => uuid(column, cells, failures)?,
        // Nested columns are decoded as trees; a plain cell can't be one of them.
        Type::List(_) | Type::Map(_) | Type::Struct(_) => {
            each(column, cells, failures, |put| match put {
                Put::Text(_) => Err(Fault::Form),
                Put::Default | Put::Blank => Ok(()),
            });
            new_null_array(column.field.data_type(), cells.count)
        }
    })
}

/// Goes through the cells: notes failures, gives validity, and calls `put` exactly once with success for each cell.
fn each<'a, R, C>(
    column: &Column,
    cells: &Cells<R, C>,
    failures: &mut Failures,
    mut put: impl FnMut(Put<'a>) -> Result<(), Fault>,
) -> Option<NullBuffer>
where
    R: Fn(usize) -> u32,
    C: Fn(usize) -> Cell<'a>,
{
    let required = column.required();
    let mut nulls = NullBufferBuilder::new(cells.count);
    for at in 0..cells.count {
        let (done, present) = match (cells.cell)(at) {
            Cell::Text(text) => (put(Put::Text(text)), true),
            Cell::Missing if column.default.is_some() => (put(Put::Default), true),
            cell @ (Cell::Missing | Cell::Null) => {
                if required {
                    let missing = matches!(cell, Cell::Missing);
                    failures.required(column, (cells.row)(at), missing);
                }
                (put(Put::Blank), false)
            }
            Cell::Absent => (put(Put::Blank), false),
            Cell::Wrong => (Err(Fault::Form), false),
        };
        if let Err(fault) = done {
            failures.value(column, (cells.row)(at), fault);
            put(Put::Blank).expect("a blank fits every type");
        }
        // The row of a required field that is not good is left out; until then its place must not be null.
        nulls.append(present || required);
    }
    nulls.finish()
}

fn primitive<'a, T, R, C>(
    column: &Column,
    cells: &Cells<R, C>,
    failures: &mut Failures,
    parse: impl Fn(&[u8]) -> Result<T::Native, Fault>,
) -> PrimitiveArray<T>
where
    T: ArrowPrimitiveType,
    R: Fn(usize) -> u32,
    C: Fn(usize) -> Cell<'a>,
{
    let default = column.default.as_ref().map(|d| d.as_primitive::<T>().value(0));
    let mut values: Vec<T::Native> = Vec::with_capacity(cells.count);
    let nulls = each(column, cells, failures, |put| {
        values.push(match put {
            Put::Text(text) => parse(text)?,
            Put::Default => default.unwrap_or_default(),
            Put::Blank => T::Native::default(),
        });
        Ok(())
    });
    PrimitiveArray::new(ScalarBuffer::from(values), nulls)
}

fn boolean<'a, R, C>(column: &Column, cells: &Cells<R, C>, failures: &mut Failures) -> ArrayRef
where
    R: Fn(usize) -> u32,
    C: Fn(usize) -> Cell<'a>,
{
    let default = column.default.as_ref().map(|d| d.as_boolean().value(0));
    let mut values = BooleanBufferBuilder::new(cells.count);
    let nulls = each(column, cells, failures, |put| {
        values.append(match put {
            Put::Text(text) => value::boolean(text)?,
            Put::Default => default.unwrap_or_default(),
            Put::Blank => false,
        });
        Ok(())
    });
    Arc::new(BooleanArray::new(values.finish(), nulls))
}

/// The parts of an array of values of any length.
fn lengths<'a, R, C>(
    column: &Column,
    cells: &Cells<R, C>,
    failures: &mut Failures,
    default: &[u8],
    parse: impl Fn(&[u8], &mut Vec<u8>) -> Result<(), Fault>,
) -> (OffsetBuffer<i32>, Buffer, Option<NullBuffer>)
where
    R: Fn(usize) -> u32,
    C: Fn(usize) -> Cell<'a>,
{
    let mut values: Vec<u8> = Vec::new();
    let mut offsets: Vec<i32> = Vec::with_capacity(cells.count + 1);
    offsets.push(0);
    let nulls = each(column, cells, failures, |put| {
        let start = values.len();
        match put {
            Put::Text(text) => parse(text, &mut values).inspect_err(|_| values.truncate(start))?,
            Put::Default => values.extend_from_slice(default),
            Put::Blank => {}
        }
        offsets.push(i32::try_from(values.len()).expect("a batch holds less than 2 GiB of text"));
        Ok(())
    });
    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
    (offsets, Buffer::from_vec(values), nulls)
}

fn uuid<'a, R, C>(
    column: &Column,
    cells: &Cells<R, C>,
    failures: &mut Failures,
) -> Result<ArrayRef, ReadError>
where
    R: Fn(usize) -> u32,
    C: Fn(usize) -> Cell<'a>,
{
    let default = column.default.as_ref();
    let default = default.map_or(&[0; 16][..], |d| d.as_fixed_size_binary().value(0));
    let mut values = Vec::with_capacity(cells.count * 16);
    let nulls = each(column, cells, failures, |put| {
        match put {
            Put::Text(text) => values.extend_from_slice(&value::uuid(text)?),
            Put::Default => values.extend_from_slice(default),
            Put::Blank => values.extend_from_slice(&[0; 16]),
        }
        Ok(())
    });
    let array = FixedSizeBinaryArray::try_new(16, Buffer::from_vec(values), nulls)?;
    debug_assert_eq!(array.len(), cells.count);
    Ok(Arc::new(array))
}
