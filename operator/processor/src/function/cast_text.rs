//! Casts between text and plain values: one strict rule a type, the very one that files are decoded with.
//!
//! What is written reads back as the same value.

use std::fmt::Write;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, FixedSizeBinaryBuilder, StringArray};
use arrow::datatypes::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int32Type, Int64Type, Time64MicrosecondType,
    TimestampMicrosecondType,
};
use datafusion::common::{Result, internal_err};
use headwater_compiler::data_type::DataType;

use super::calendar::{self, DAY, SECOND};
use super::rows::Rows;
use super::{decimal, float_text, pieces};
use crate::read::{time, value};

/// Values of a type as text.
pub(super) fn to_text(array: &ArrayRef, from: &DataType) -> Result<ArrayRef> {
    let args = std::slice::from_ref(array);
    let rows = Rows { args, count: array.len() };
    if let (DataType::Bytes, Some(bytes)) = (from, array.as_binary_opt::<i32>()) {
        let text = bytes.iter().map(|bytes| bytes.and_then(|bytes| std::str::from_utf8(bytes).ok()));
        return Ok(Arc::new(text.collect::<StringArray>()));
    }
    let Some(mut writer) = writer(array, from) else {
        return internal_err!("a cast of {from} to text");
    };
    Ok(Arc::new(rows.to_text(|row, text| {
        writer(row, text);
        true
    })))
}

type Writer<'a> = Box<dyn FnMut(usize, &mut String) + 'a>;

/// Writes the value of a row that is not null; none for a type that has no text of its own.
pub(super) fn writer<'a>(array: &'a ArrayRef, from: &DataType) -> Option<Writer<'a>> {
    fn plain<'a, T: std::fmt::Display>(value: impl Fn(usize) -> T + 'a) -> Writer<'a> {
        Box::new(move |row, text| write!(text, "{}", value(row)).expect("a string takes all that is written"))
    }
    Some(match from {
        DataType::String => {
            let values = array.as_string::<i32>();
            Box::new(|row, text| text.push_str(values.value(row)))
        }
        DataType::Bool => {
            let values = array.as_boolean();
            plain(|row| values.value(row))
        }
        DataType::Int32 => {
            let values = array.as_primitive::<Int32Type>();
            plain(|row| values.value(row))
        }
        DataType::Int64 => {
            let values = array.as_primitive::<Int64Type>();
            plain(|row| values.value(row))
        }
        DataType::Float32 => {
            let values = array.as_primitive::<Float32Type>();
            Box::new(|row, text| float_text::write_float32(values.value(row), text))
        }
        DataType::Float64 => {
            let values = array.as_primitive::<Float64Type>();
            Box::new(|row, text| float_text::write_float64(values.value(row), text))
        }
        DataType::Decimal { scale, .. } => {
            let (values, scale) = (array.as_primitive::<Decimal128Type>(), *scale);
            Box::new(move |row, text| decimal::write(values.value(row), scale, text))
        }
        DataType::Date => {
            let values = array.as_primitive::<Date32Type>();
            Box::new(|row, text| write_date(i64::from(values.value(row)), text))
        }
        DataType::Time => {
            let values = array.as_primitive::<Time64MicrosecondType>();
            Box::new(|row, text| write_clock(values.value(row), text))
        }
        DataType::Timestamp | DataType::TimestampLocal => {
            let (values, is_instant) =
                (array.as_primitive::<TimestampMicrosecondType>(), *from == DataType::Timestamp);
            Box::new(move |row, text| {
                let micros = values.value(row);
                write_date(micros.div_euclid(DAY), text);
                text.push('T');
                write_clock(micros.rem_euclid(DAY), text);
                if is_instant {
                    text.push('Z');
                }
            })
        }
        DataType::Uuid => {
            let values = array.as_fixed_size_binary();
            plain(|row| uuid::Uuid::from_slice(values.value(row)).unwrap_or_default())
        }
        DataType::Bytes
        | DataType::Unknown
        | DataType::Null
        | DataType::Interval
        | DataType::List(_)
        | DataType::Map(_)
        | DataType::Struct(_) => return None,
    })
}

fn write_date(days: i64, text: &mut String) {
    let day = calendar::day_of(days);
    pieces::write_year(day.year, text);
    write!(text, "-{:02}-{:02}", day.month, day.day).expect("a string takes all that is written");
}

/// `10:20:30`, with as many digits of the fraction as it needs.
fn write_clock(micros: i64, text: &mut String) {
    let second = micros / SECOND;
    let written = write!(text, "{:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60);
    written.expect("a string takes all that is written");
    if micros % SECOND != 0 {
        let fraction = format!(".{:06}", micros % SECOND);
        text.push_str(fraction.trim_end_matches('0'));
    }
}

/// Text as values of a type, null where it is none.
pub(super) fn from_text(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    let args = std::slice::from_ref(array);
    let rows = Rows { args, count: array.len() };
    let text = array.as_string::<i32>();
    let at = |row: usize| text.value(row).as_bytes();
    Ok(match to {
        DataType::Bool => Arc::new(rows.to_truth(|row| value::boolean(at(row)).ok())),
        DataType::Int32 => Arc::new(rows.to_numbers::<Int32Type>(|row| value::int32(at(row)).ok())),
        DataType::Int64 => Arc::new(rows.to_numbers::<Int64Type>(|row| value::int64(at(row)).ok())),
        DataType::Float32 => Arc::new(rows.to_numbers::<Float32Type>(|row| value::float32(at(row)).ok())),
        DataType::Float64 => Arc::new(rows.to_numbers::<Float64Type>(|row| value::float64(at(row)).ok())),
        DataType::Decimal { precision, scale } => {
            let whole = i8::try_from(*scale).expect("a scale is at most 38");
            let values =
                rows.to_numbers::<Decimal128Type>(|row| value::decimal(at(row), *precision, whole).ok());
            Arc::new(values.with_precision_and_scale(*precision, whole)?)
        }
        DataType::Date => Arc::new(rows.to_numbers::<Date32Type>(|row| time::date(at(row)).ok())),
        DataType::Time => Arc::new(rows.to_numbers::<Time64MicrosecondType>(|row| time::time(at(row)).ok())),
        DataType::Timestamp => {
            let values = rows.to_numbers::<TimestampMicrosecondType>(|row| time::timestamp(at(row)).ok());
            Arc::new(values.with_timezone("UTC"))
        }
        DataType::TimestampLocal => {
            Arc::new(rows.to_numbers::<TimestampMicrosecondType>(|row| time::timestamp_local(at(row)).ok()))
        }
        DataType::Bytes => {
            let bytes: BinaryArray = text.iter().map(|text| text.map(str::as_bytes)).collect();
            Arc::new(bytes)
        }
        DataType::Uuid => {
            let mut builder = FixedSizeBinaryBuilder::with_capacity(array.len(), 16);
            for row in 0..array.len() {
                match text.is_valid(row).then(|| value::uuid(at(row)).ok()).flatten() {
                    Some(bytes) => builder.append_value(bytes)?,
                    None => builder.append_null(),
                }
            }
            Arc::new(builder.finish())
        }
        DataType::String
        | DataType::Unknown
        | DataType::Null
        | DataType::Interval
        | DataType::List(_)
        | DataType::Map(_)
        | DataType::Struct(_) => return internal_err!("a cast of text to {to}"),
    })
}
