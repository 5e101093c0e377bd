//! Masks that need no key: `redact`, `partial`, `truncate`.
//!
//! Takes a column, gives one of the same type; null stays null. Characters are Unicode scalar values.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, GenericListArray, MapArray, StringArray, StructArray, new_null_array,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::{cast, take};
use arrow::datatypes::DataType;

use super::error::MaskError;
use super::keyed::wrong_type;

/// What stands in place of every text.
pub const REDACTED: &str = "REDACTED";

/// A fixed value in place of every value: the text `REDACTED`, zero, false, 1970-01-01, no bytes, no elements;
/// in a struct, of every member.
///
/// # Errors
/// When the column's type is not one of the language.
pub fn redact(input: &ArrayRef) -> Result<ArrayRef, MaskError> {
    let (count, nulls) = (input.len(), input.logical_nulls());
    if let Some(object) = input.as_struct_opt() {
        let members = object.columns().iter().map(redact).collect::<Result<Vec<_>, _>>()?;
        let fields = object.fields().clone();
        return Ok(Arc::new(StructArray::try_new_with_length(fields, members, nulls, count)?));
    }
    let none = || OffsetBuffer::from_lengths(std::iter::repeat_n(0, count));
    if let (Some(list), DataType::List(item)) = (input.as_list_opt::<i32>(), input.data_type()) {
        let values = list.values().slice(0, 0);
        return Ok(Arc::new(GenericListArray::<i32>::try_new(item.clone(), none(), values, nulls)?));
    }
    if let (Some(map), DataType::Map(entries, sorted)) = (input.as_map_opt(), input.data_type()) {
        let pairs = map.entries().slice(0, 0);
        return Ok(Arc::new(MapArray::try_new(entries.clone(), none(), pairs, nulls, *sorted)?));
    }
    let one = fixed(input.data_type())?;
    let row = |row: usize| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)).then_some(0_u32);
    let rows = (0..count).map(row).collect::<arrow::array::UInt32Array>();
    Ok(take(&one, &rows, None)?)
}

/// An array of the one value that stands for all of a type.
#[expect(clippy::wildcard_enum_match_arm, reason = "Arrow has many types, the language few")]
fn fixed(data_type: &DataType) -> Result<ArrayRef, MaskError> {
    let text = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text])) };
    Ok(match data_type {
        DataType::Utf8 => text(REDACTED),
        DataType::Binary => cast(&text(""), data_type)?,
        DataType::Boolean => Arc::new(arrow::array::BooleanArray::from(vec![false])),
        DataType::FixedSizeBinary(width) => {
            let zeros = vec![0; usize::try_from(*width).unwrap_or_default()];
            Arc::new(arrow::array::FixedSizeBinaryArray::try_from_iter(std::iter::once(zeros))?)
        }
        DataType::Int32
        | DataType::Int64
        | DataType::Float32
        | DataType::Float64
        | DataType::Decimal128(..) => {
            let zero: ArrayRef = Arc::new(arrow::array::Int32Array::from(vec![0]));
            cast(&zero, data_type)?
        }
        DataType::Date32 => {
            let zero: ArrayRef = Arc::new(arrow::array::Int32Array::from(vec![0]));
            cast(&zero, data_type)?
        }
        DataType::Time64(_) | DataType::Timestamp(..) => {
            let zero: ArrayRef = Arc::new(arrow::array::Int64Array::from(vec![0]));
            cast(&zero, data_type)?
        }
        DataType::Null => new_null_array(data_type, 1),
        other => return Err(wrong_type("redact", other)),
    })
}

/// Every character but the first and the last few as `*`. A text that would be kept whole is hidden whole.
///
/// # Errors
/// When the column holds no text.
pub fn partial(input: &ArrayRef, keep_first: u32, keep_last: u32) -> Result<ArrayRef, MaskError> {
    let (first, last) = (keep_first as usize, keep_last as usize);
    map_text("partial", input, |text, into| {
        let count = text.chars().count();
        let whole = first.saturating_add(last) >= count;
        let hidden = if whole { 0..count } else { first..count - last };
        into.extend(text.chars().enumerate().map(|(at, c)| if hidden.contains(&at) { '*' } else { c }));
    })
}

/// The first characters of each text.
///
/// # Errors
/// When the column holds no text.
pub fn truncate(input: &ArrayRef, length: u32) -> Result<ArrayRef, MaskError> {
    map_text("truncate", input, |text, into| into.extend(text.chars().take(length as usize)))
}

fn map_text(
    mask: &'static str,
    input: &ArrayRef,
    make: impl Fn(&str, &mut String),
) -> Result<ArrayRef, MaskError> {
    let Some(texts) = input.as_string_opt::<i32>() else {
        return Err(wrong_type(mask, input.data_type()));
    };
    let mut masked = String::new();
    let one = |text: &str| {
        masked.clear();
        make(text, &mut masked);
        masked.clone()
    };
    let mut one = one;
    Ok(Arc::new(texts.iter().map(|text| text.map(&mut one)).collect::<StringArray>()))
}

#[cfg(test)]
mod tests {
    use arrow::array::{Decimal128Array, Int64Array, ListArray, RecordBatch, StringArray};
    use arrow::datatypes::{Field, TimeUnit};

    use super::*;

    #[track_caller]
    fn check(found: Result<ArrayRef, MaskError>, expected: &[Option<&str>]) {
        let found = found.expect("the mask takes text");
        assert_eq!(found.as_string::<i32>(), &StringArray::from(expected.to_vec()));
    }

    #[test]
    fn texts_in_part() {
        let input: ArrayRef = Arc::new(StringArray::from(vec![Some("äbcde"), None, Some("ab"), Some("")]));
        check(partial(&input, 1, 2), &[Some("ä**de"), None, Some("**"), Some("")]);
        check(partial(&input, 0, 0), &[Some("*****"), None, Some("**"), Some("")]);
        check(partial(&input, 2, 0), &[Some("äb***"), None, Some("**"), Some("")]);
        check(partial(&input, u32::MAX, u32::MAX), &[Some("*****"), None, Some("**"), Some("")]);
        check(truncate(&input, 3), &[Some("äbc"), None, Some("ab"), Some("")]);
        check(truncate(&input, 0), &[Some(""), None, Some(""), Some("")]);
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1]));
        assert!(partial(&numbers, 1, 1).is_err() && truncate(&numbers, 1).is_err());
    }

    #[test]
    fn any_type_is_redacted() -> Result<(), MaskError> {
        let text: ArrayRef = Arc::new(StringArray::from(vec![Some("x"), None]));
        let number: ArrayRef = Arc::new(Int64Array::from(vec![Some(7), None]));
        let decimal = Decimal128Array::from(vec![Some(7), None]).with_precision_and_scale(5, 2)?;
        let item = Arc::new(Field::new("item", DataType::Utf8, true));
        let offsets = OffsetBuffer::from_lengths([2, 0]);
        let values: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
        let lists = ListArray::try_new(item, offsets, values, Some(vec![true, false].into()))?;
        let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let member = |name: &str, array: &ArrayRef| {
            (Arc::new(Field::new(name, array.data_type().clone(), true)), array.clone())
        };
        let object = StructArray::from(vec![member("s", &text), member("n", &number)]);
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("text", text.clone()),
            ("bytes", cast(&text, &DataType::Binary)?),
            ("number", number.clone()),
            ("decimal", Arc::new(decimal)),
            ("float", cast(&number, &DataType::Float64)?),
            ("date", cast(&cast(&number, &DataType::Int32)?, &DataType::Date32)?),
            ("time", cast(&number, &DataType::Time64(TimeUnit::Microsecond))?),
            ("instant", cast(&number, &instant)?),
            ("list", Arc::new(lists)),
            ("object", Arc::new(object)),
        ];
        let masked = columns.iter().map(|(name, array)| Ok((*name, redact(array)?, true)));
        let masked =
            RecordBatch::try_from_iter_with_nullable(masked.collect::<Result<Vec<_>, MaskError>>()?)?;
        for ((_, before), after) in columns.iter().zip(masked.columns()) {
            assert_eq!(before.data_type(), after.data_type());
        }
        let rows = [0, 1].map(|row| crate::read::row_as_json(&masked, row)).map(String::from_utf8);
        assert_eq!(
            rows,
            [
                Ok(r#"{"text":"REDACTED","bytes":"","number":0,"decimal":0.00,"float":0.0,"date":"1970-01-01","time":"00:00:00","instant":"1970-01-01T00:00:00Z","list":[],"object":{"s":"REDACTED","n":0}}"#.to_owned()),
                Ok(r#"{"text":null,"bytes":null,"number":null,"decimal":null,"float":null,"date":null,"time":null,"instant":null,"list":null,"object":{"s":null,"n":null}}"#.to_owned()),
            ]
        );
        Ok(())
    }
}
