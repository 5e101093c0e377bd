//! Decodes columns that a file gives with types of its own (Parquet, Avro) to the wanted types.
//!
//! Takes Arrow arrays of any type, gives arrays of the canonical ones. What can be held without loss is taken over;
//! a value that can't is noted as a failure of its row, and so is every value of a column whose type does not fit.
//! Columns of text are read by the same rules as other text.

#![expect(clippy::wildcard_enum_match_arm, reason = "Arrow has many types, the language few")]

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, ListArray, MapArray, RecordBatch, StructArray, make_array, new_null_array,
};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field};

use super::column::{Column, MapType, Type};
use super::error::ReadError;
use super::failures::Failures;
use super::leaf::{self, Cell, Cells};
use super::tape::{Style, Tape};
use super::tree::{ABSENT, MISSING, Slot, Trees};
use super::typed_leaf::{self, Converted};
use super::value::Fault;
use super::wanted::TextRules;

/// Belongs to no row: something around it is null.
const MASKED: u32 = u32::MAX;

/// The wanted columns of a batch.
pub(crate) fn decode(
    columns: &[Column],
    batch: &RecordBatch,
    failures: &mut Failures,
) -> Result<Vec<ArrayRef>, ReadError> {
    let count = u32::try_from(batch.num_rows()).expect("a batch has fewer than 2^32 rows");
    let rows: Vec<u32> = (0..count).collect();
    let convert = |column: &Column| convert(column, batch.column_by_name(column.name()), &rows, failures);
    columns.iter().map(convert).collect()
}

/// One column; `rows` are the rows of the batch that its values belong to.
fn convert(
    column: &Column,
    array: Option<&ArrayRef>,
    rows: &[u32],
    failures: &mut Failures,
) -> Result<ArrayRef, ReadError> {
    let Some(array) = array else {
        return missing(column, rows, failures);
    };
    let array = match array.data_type() {
        DataType::Dictionary(_, value) => cast(array, value)?,
        DataType::RunEndEncoded(_, value) => cast(array, value.data_type())?,
        _ => array.clone(),
    };
    let converted = match &column.ty {
        Type::List(item) => match as_list(&array)? {
            Some(list) => list_of(column, item, &list, rows, failures)?,
            None => return wrong(column, &array, rows, failures),
        },
        Type::Map(map) => match array.as_map_opt() {
            Some(source) if is_text(source.keys().data_type()) => {
                map_of(column, map, source, rows, failures)?
            }
            Some(_) | None => return wrong(column, &array, rows, failures),
        },
        Type::Struct(members) => match array.as_struct_opt() {
            Some(source) => struct_of(column, members, source, rows, failures)?,
            None => return wrong(column, &array, rows, failures),
        },
        Type::String
        | Type::Bool
        | Type::Int32
        | Type::Int64
        | Type::Float32
        | Type::Float64
        | Type::Decimal { .. }
        | Type::Date
        | Type::Time
        | Type::Timestamp
        | Type::TimestampLocal
        | Type::Bytes
        | Type::Uuid => {
            if is_text(array.data_type()) && !matches!(column.ty, Type::String) {
                return text(column, &array, rows, failures);
            }
            match typed_leaf::convert(&column.ty, &array)? {
                Some(Converted { array: converted, lost }) => {
                    for (at, why) in lost {
                        if rows[at] != MASKED {
                            failures.value(column, rows[at], Fault::Range(why));
                        }
                    }
                    converted
                }
                None => return wrong(column, &array, rows, failures),
            }
        }
    };
    note_nulls(column, &array, rows, failures);
    Ok(if column.required() { without_nulls(converted)? } else { converted })
}

/// A required column must not have nulls where its rows have a place for it.
fn note_nulls(column: &Column, array: &ArrayRef, rows: &[u32], failures: &mut Failures) {
    if !column.required() || array.logical_null_count() == 0 {
        return;
    }
    let nulls = array.logical_nulls();
    for (at, row) in rows.iter().enumerate() {
        if *row != MASKED && nulls.as_ref().is_some_and(|nulls| nulls.is_null(at)) {
            failures.required(column, *row, false);
        }
    }
}

/// The same values with no null among them: the rows of those that are null are left out later.
fn without_nulls(array: ArrayRef) -> Result<ArrayRef, ReadError> {
    if array.null_count() == 0 {
        return Ok(array);
    }
    Ok(make_array(array.to_data().into_builder().nulls(None).build()?))
}

/// A column that the file, or the object around, has not.
fn missing(column: &Column, rows: &[u32], failures: &mut Failures) -> Result<ArrayRef, ReadError> {
    let slot = |row: &u32| match *row {
        MASKED => Slot { node: ABSENT, row: 0 },
        row => Slot { node: MISSING, row },
    };
    let slots: Vec<Slot> = rows.iter().map(slot).collect();
    let tape = Tape::new(Buffer::from_vec(Vec::<u8>::new()), Style::Typed);
    let rules = TextRules::default();
    Trees { tape: &tape, rules: &rules }.column(column, &slots, failures)
}

/// A column whose type does not fit: each value of it is a failure.
fn wrong(
    column: &Column,
    array: &ArrayRef,
    rows: &[u32],
    failures: &mut Failures,
) -> Result<ArrayRef, ReadError> {
    let nulls = array.logical_nulls();
    for (at, row) in rows.iter().enumerate() {
        if *row != MASKED && nulls.as_ref().is_none_or(|nulls| nulls.is_valid(at)) {
            failures.value(column, *row, Fault::Form);
        }
    }
    note_nulls(column, array, rows, failures);
    if column.required() {
        let masked = vec![MASKED; rows.len()];
        return missing(column, &masked, failures);
    }
    Ok(new_null_array(column.field.data_type(), rows.len()))
}

/// A column of text that is wanted as something else.
fn text(
    column: &Column,
    array: &ArrayRef,
    rows: &[u32],
    failures: &mut Failures,
) -> Result<ArrayRef, ReadError> {
    let text = cast(array, &DataType::Utf8)?;
    let text = text.as_string::<i32>();
    let cells = Cells {
        count: rows.len(),
        row: |at: usize| rows[at],
        cell: |at: usize| match rows[at] {
            MASKED => Cell::Absent,
            _ if text.is_null(at) => Cell::Null,
            _ => Cell::Text(text.value(at).as_bytes()),
        },
    };
    leaf::decode(column, &cells, failures)
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// The array as a list, whichever layout it has.
fn as_list(array: &ArrayRef) -> Result<Option<ListArray>, ReadError> {
    let item = match array.data_type() {
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::FixedSizeList(item, _)
        | DataType::ListView(item)
        | DataType::LargeListView(item) => item,
        _ => return Ok(None),
    };
    let list = cast(array, &DataType::List(item.clone()))?;
    Ok(list.as_list_opt::<i32>().cloned())
}

fn list_of(
    column: &Column,
    item: &Column,
    list: &ListArray,
    rows: &[u32],
    failures: &mut Failures,
) -> Result<ArrayRef, ReadError> {
    let inner = inner_rows(list.offsets(), list.nulls(), list.values().len(), rows);
    let values = convert(item, Some(list.values()), &inner, failures)?;
    let nulls = kept_nulls(column, list.nulls());
    Ok(Arc::new(ListArray::try_new(item.field.clone(), list.offsets().clone(), values, nulls)?))
}

fn map_of(
    column: &Column,
    map: &MapType,
    source: &MapArray,
    rows: &[u32],
    failures: &mut Failures,
) -> Result<ArrayRef, ReadError> {
    let inner = inner_rows(source.offsets(), source.nulls(), source.entries().len(), rows);
    let keys = cast(source.keys(), &DataType::Utf8)?;
    let values = convert(&map.value, Some(source.values()), &inner, failures)?;
    let fields: Vec<Arc<Field>> = vec![map.key.clone(), map.value.field.clone()];
    let entries = StructArray::try_new(fields.into(), vec![keys, values], None)?;
    let nulls = kept_nulls(column, source.nulls());
    let offsets = source.offsets().clone();
    Ok(Arc::new(MapArray::try_new(map.entries.clone(), offsets, entries, nulls, map.sorted)?))
}

fn struct_of(
    column: &Column,
    members: &[Column],
    source: &StructArray,
    rows: &[u32],
    failures: &mut Failures,
) -> Result<ArrayRef, ReadError> {
    let inside = |(at, row): (usize, &u32)| if source.is_null(at) { MASKED } else { *row };
    let inner: Vec<u32> = rows.iter().enumerate().map(inside).collect();
    let convert = |member: &Column| convert(member, source.column_by_name(member.name()), &inner, failures);
    let arrays = members.iter().map(convert).collect::<Result<Vec<_>, _>>()?;
    let fields = members.iter().map(|member| member.field.clone()).collect();
    let nulls = kept_nulls(column, source.nulls());
    Ok(Arc::new(StructArray::try_new_with_length(fields, arrays, nulls, source.len())?))
}

/// Nested arrays check their parts when they are made, so a required one is made without nulls at once.
fn kept_nulls(column: &Column, nulls: Option<&NullBuffer>) -> Option<NullBuffer> {
    nulls.filter(|_| !column.required()).cloned()
}

/// For each inner value the row that it belongs to.
fn inner_rows(
    offsets: &OffsetBuffer<i32>,
    nulls: Option<&NullBuffer>,
    count: usize,
    rows: &[u32],
) -> Vec<u32> {
    let mut inner = vec![MASKED; count];
    for (at, row) in rows.iter().enumerate() {
        if nulls.is_none_or(|nulls| nulls.is_valid(at)) {
            inner[offsets[at] as usize..offsets[at + 1] as usize].fill(*row);
        }
    }
    inner
}
