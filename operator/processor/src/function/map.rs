//! Maps over arrays: text keys, in the order in which they came.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ListArray, MapArray, StructArray};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::take;
use arrow::datatypes::DataType as ArrowType;
use datafusion::common::{Result, internal_err};
use headwater_compiler::data_type::{DataType, Slot};
use indexmap::IndexMap;

use super::list::Picked;
use super::rows::Rows;
use crate::engine::arrow_type;

/// Maps of keys and values that lie one after the other.
pub(super) fn of_parts(
    keys: ArrayRef,
    values: ArrayRef,
    offsets: OffsetBuffer<i32>,
    nulls: Option<NullBuffer>,
    slot: &Slot,
) -> Result<ArrayRef> {
    let ArrowType::Map(field, sorted) = arrow_type(&DataType::Map(Box::new(slot.clone()))) else {
        return internal_err!("a map that is none");
    };
    let ArrowType::Struct(fields) = field.data_type().clone() else {
        return internal_err!("a map without entries");
    };
    let entries = StructArray::try_new(fields, vec![keys, values], None)?;
    Ok(Arc::new(MapArray::try_new(field, offsets, entries, nulls, sorted)?))
}

/// The keys, or the values, of each map as a list.
pub(super) fn side(rows: &Rows<'_>, keys: bool, gives: &DataType) -> Result<ArrayRef> {
    let maps = rows.map(0);
    let values = if keys { maps.keys() } else { maps.values() };
    let ArrowType::List(field) = arrow_type(gives) else { return internal_err!("a list that is none") };
    Ok(Arc::new(ListArray::try_new(field, maps.offsets().clone(), values.clone(), maps.nulls().cloned())?))
}

/// The value of a key; of equal keys the last counts.
pub(super) fn value(rows: &Rows<'_>) -> Result<ArrayRef> {
    let (maps, wanted) = (rows.map(0), rows.text(1));
    let keys = maps.keys();
    let keys = Rows { args: std::slice::from_ref(keys), count: keys.len() };
    let keys = keys.text(0);
    let found = (0..rows.count).map(|row| {
        if maps.is_null(row) || wanted.is_null(row) {
            return None;
        }
        let entries = span(maps.value_offsets(), row);
        entries.rev().find(|&entry| keys.value(entry) == wanted.value(row)).map(|entry| entry as u64)
    });
    Ok(take(maps.values(), &found.collect::<arrow::array::UInt64Array>(), None)?)
}

/// Maps of lists of keys and lists of values; null where the lengths differ or a key is null.
pub(super) fn zipped(rows: &Rows<'_>, gives: &DataType) -> Result<ArrayRef> {
    let DataType::Map(slot) = gives else { return internal_err!("a map that is {gives}") };
    let (keys, values) = (rows.list(0), rows.list(1));
    let key_values = Rows { args: std::slice::from_ref(keys.values()), count: keys.values().len() };
    let names = key_values.text(0);
    let (mut key_picks, mut value_picks) = (Picked::with_rows(rows.count), Picked::with_rows(rows.count));
    for row in 0..rows.count {
        let (key_span, value_span) = (span(keys.value_offsets(), row), span(values.value_offsets(), row));
        let known = keys.is_valid(row) && values.is_valid(row) && key_span.len() == value_span.len();
        if !known || key_span.clone().any(|key| names.is_null(key)) {
            key_picks.null();
            value_picks.null();
            continue;
        }
        // Of equal keys the last value counts, at the place of the first.
        let mut entries: IndexMap<&str, (usize, usize)> = IndexMap::new();
        for (key, value) in key_span.zip(value_span) {
            entries.entry(names.value(key)).and_modify(|entry| entry.1 = value).or_insert((key, value));
        }
        key_picks.row(entries.values().map(|(key, _)| *key));
        value_picks.row(entries.values().map(|(_, value)| *value));
    }
    let (offsets, nulls) = (key_picks.offsets(), key_picks.nulls());
    of_parts(key_picks.take(keys.values())?, value_picks.take(values.values())?, offsets, nulls, slot)
}

/// Where the entries of a row lie.
pub(super) fn span(offsets: &[i32], row: usize) -> std::ops::Range<usize> {
    let at = |index: usize| usize::try_from(offsets[index]).expect("an offset is not negative");
    at(row)..at(row + 1)
}
