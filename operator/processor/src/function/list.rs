//! Lists over arrays: made by picking elements by their index among all elements.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ListArray, UInt64Array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{interleave, take};
use arrow::datatypes::{DataType as ArrowType, Int32Type};
use arrow::row::{RowConverter, Rows as Encoded, SortField};
use datafusion::common::{Result, internal_err};
use headwater_compiler::data_type::DataType;

use super::canonical;
use super::map::span;
use super::rows::Rows;
use crate::engine::arrow_type;

/// Elements picked for each row.
pub(super) struct Picked {
    indices: Vec<u64>,
    offsets: Vec<i32>,
    valid: Vec<bool>,
}

impl Picked {
    pub(super) fn with_rows(count: usize) -> Self {
        let mut offsets = Vec::with_capacity(count + 1);
        offsets.push(0);
        Picked { indices: Vec::new(), offsets, valid: Vec::with_capacity(count) }
    }

    /// The next row holds these elements.
    pub(super) fn row(&mut self, elements: impl Iterator<Item = usize>) {
        self.indices.extend(elements.map(|element| element as u64));
        self.end(true);
    }

    /// The next row is null.
    pub(super) fn null(&mut self) {
        self.end(false);
    }

    fn end(&mut self, valid: bool) {
        self.offsets.push(i32::try_from(self.indices.len()).unwrap_or(i32::MAX));
        self.valid.push(valid);
    }

    pub(super) fn offsets(&self) -> OffsetBuffer<i32> {
        OffsetBuffer::new(self.offsets.clone().into())
    }

    pub(super) fn nulls(&self) -> Option<NullBuffer> {
        self.valid.contains(&false).then(|| NullBuffer::from(self.valid.clone()))
    }

    /// The picked elements one after the other.
    pub(super) fn take(&self, elements: &ArrayRef) -> Result<ArrayRef> {
        if i32::try_from(self.indices.len()).is_err() {
            return internal_err!("a batch whose lists have more than 2^31 elements");
        }
        Ok(take(elements, &UInt64Array::from(self.indices.clone()), None)?)
    }
}

/// Lists of a type.
pub(super) fn of_parts(
    values: ArrayRef,
    offsets: OffsetBuffer<i32>,
    nulls: Option<NullBuffer>,
    gives: &DataType,
) -> Result<ArrayRef> {
    let ArrowType::List(field) = arrow_type(gives) else { return internal_err!("a list that is {gives}") };
    Ok(Arc::new(ListArray::try_new(field, offsets, values, nulls)?))
}

/// Elements in a form in which they compare as the table says: null first and equal to null, NaN last.
pub(super) fn encoded(elements: &ArrayRef) -> Result<Encoded> {
    let elements = canonical::array(elements);
    let converter = RowConverter::new(vec![SortField::new(elements.data_type().clone())])?;
    Ok(converter.convert_columns(&[elements])?)
}

/// A list made of the elements of one list, by their indices.
pub(super) fn rearranged(
    rows: &Rows<'_>,
    gives: &DataType,
    mut arrange: impl FnMut(usize, std::ops::Range<usize>) -> Option<Vec<usize>>,
) -> Result<ArrayRef> {
    let (lists, nulls) = (rows.list(0), rows.nulls());
    let mut picked = Picked::with_rows(rows.count);
    for row in 0..rows.count {
        let valid = nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
        match valid.then(|| arrange(row, span(lists.value_offsets(), row))).flatten() {
            Some(elements) => picked.row(elements.into_iter()),
            None => picked.null(),
        }
    }
    of_parts(picked.take(lists.values())?, picked.offsets(), picked.nulls(), gives)
}

/// `array_reverse`, `array_distinct`, `array_sort`.
pub(super) fn reordered(name: &str, rows: &Rows<'_>, gives: &DataType) -> Result<ArrayRef> {
    if name == "array_reverse" {
        return rearranged(rows, gives, |_, elements| Some(elements.rev().collect()));
    }
    let encoded = encoded(rows.list(0).values())?;
    rearranged(rows, gives, |_, elements| {
        let mut kept: Vec<usize> = elements.collect();
        kept.sort_by(|&a, &b| encoded.row(a).cmp(&encoded.row(b)).then(a.cmp(&b)));
        if name == "array_distinct" {
            kept.dedup_by(|b, a| encoded.row(*a) == encoded.row(*b));
            kept.sort_unstable();
        }
        Some(kept)
    })
}

/// `array_slice`: both positions included, negative ones from the end.
pub(super) fn slice(rows: &Rows<'_>, gives: &DataType) -> Result<ArrayRef> {
    let from = rows.numbers::<Int32Type>(1);
    let to = rows.args.get(2).map(|_| rows.numbers::<Int32Type>(2));
    rearranged(rows, gives, |row, elements| {
        let length = i64::try_from(elements.len()).expect("a list has fewer than 2^31 elements");
        // From 0; a position before the list is its start, one after it its end.
        let place = |position: i32| match i64::from(position) {
            position if position > 0 => position - 1,
            0 => 0,
            position => (length + position).max(0),
        };
        let start = place(from.value(row)).min(length);
        let end = match to.map(|to| to.value(row)) {
            None => length,
            Some(to) if i64::from(to) < -length => 0,
            Some(to) => (place(to) + 1).min(length),
        };
        let at = |place: i64| elements.start + usize::try_from(place).unwrap_or(0);
        Some((at(start)..at(end.max(start))).collect())
    })
}

/// `array_max` and `array_min`; null elements are left out.
pub(super) fn extreme(rows: &Rows<'_>, wanted: Ordering) -> Result<ArrayRef> {
    let lists = rows.list(0);
    let (values, encoded) = (lists.values(), encoded(lists.values())?);
    let found =
        (0..rows.count).map(|row| {
            let elements = span(lists.value_offsets(), row).filter(|&element| values.is_valid(element));
            let best = elements.reduce(|best, next| {
                if encoded.row(next).cmp(&encoded.row(best)) == wanted { next } else { best }
            });
            best.filter(|_| lists.is_valid(row)).map(|element| element as u64)
        });
    Ok(take(values, &found.collect::<UInt64Array>(), None)?)
}

/// The element at a position from 1.
pub(super) fn element(rows: &Rows<'_>) -> Result<ArrayRef> {
    let (lists, position) = (rows.list(0), rows.numbers::<Int32Type>(1));
    let found = (0..rows.count).map(|row| {
        if lists.is_null(row) || position.is_null(row) {
            return None;
        }
        let place = usize::try_from(position.value(row)).ok()?.checked_sub(1)?;
        span(lists.value_offsets(), row).nth(place).map(|element| element as u64)
    });
    Ok(take(lists.values(), &found.collect::<UInt64Array>(), None)?)
}

/// Where a value first stands in a list, from 1; none where it does not. Null equals null.
pub(super) fn positions(rows: &Rows<'_>) -> Result<Vec<Option<i32>>> {
    let lists = rows.list(0);
    let wanted = arrow::compute::cast(&rows.args[1], lists.values().data_type())?;
    let converter = RowConverter::new(vec![SortField::new(wanted.data_type().clone())])?;
    let elements = converter.convert_columns(&[canonical::array(lists.values())])?;
    let wanted = converter.convert_columns(&[canonical::array(&wanted)])?;
    let found = (0..rows.count).map(|row| {
        let mut elements_of_row = span(lists.value_offsets(), row);
        let at = elements_of_row.position(|element| elements.row(element) == wanted.row(row))?;
        i32::try_from(at + 1).ok()
    });
    Ok(found.collect())
}

/// A list of one value of each argument.
pub(super) fn of_values(rows: &Rows<'_>, gives: &DataType) -> Result<ArrayRef> {
    let args: Vec<&dyn Array> = rows.args.iter().map(|arg| arg.as_ref()).collect();
    let picks: Vec<(usize, usize)> =
        (0..rows.count).flat_map(|row| (0..args.len()).map(move |arg| (arg, row))).collect();
    let offsets = OffsetBuffer::from_lengths(std::iter::repeat_n(args.len(), rows.count));
    of_parts(interleave(&args, &picks)?, offsets, None, gives)
}

/// The elements of all lists of a row one after the other.
pub(super) fn concatenated(rows: &Rows<'_>, gives: &DataType) -> Result<ArrayRef> {
    let lists: Vec<&ListArray> = (0..rows.args.len()).map(|index| rows.list(index)).collect();
    let values: Vec<&dyn Array> = lists.iter().map(|list| list.values().as_ref()).collect();
    let nulls = rows.nulls();
    let (mut picks, mut lengths) = (Vec::new(), Vec::with_capacity(rows.count));
    for row in 0..rows.count {
        let before = picks.len();
        if nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)) {
            for (index, list) in lists.iter().enumerate() {
                picks.extend(span(list.value_offsets(), row).map(|element| (index, element)));
            }
        }
        lengths.push(picks.len() - before);
    }
    of_parts(interleave(&values, &picks)?, OffsetBuffer::from_lengths(lengths), nulls, gives)
}
