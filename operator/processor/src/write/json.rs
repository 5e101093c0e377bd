//! Rows as lines of JSON.
//!
//! Takes batches, gives NDJSON: null is written, bytes are base64, a uuid is its hyphenated text, decimals are numbers
//! with all their digits, times are ISO 8601, and what JSON has no number for is `"NaN"`, `"Infinity"`, `"-Infinity"`.
//! It must not open files.

use std::io::Write;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{ArrowPrimitiveType, DataType, FieldRef, Float32Type, Float64Type};
use arrow::error::ArrowError;
use arrow::json::WriterBuilder;
use arrow::json::writer::{Encoder, EncoderFactory, EncoderOptions, LineDelimited, NullableEncoder, Writer};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

/// Writes NDJSON.
pub(crate) type JsonLines<W> = Writer<W, LineDelimited>;

/// Starts writing lines.
pub(crate) fn json_lines<W: Write>(to: W) -> JsonLines<W> {
    WriterBuilder::new().with_explicit_nulls(true).with_encoder_factory(Arc::new(Ours)).build(to)
}

/// Each value of a column as JSON text; null stays null.
pub(crate) fn json_values(column: &ArrayRef) -> Result<Vec<Option<String>>, ArrowError> {
    let mut texts = Vec::with_capacity(column.len());
    let mut lines = json_lines(Vec::new());
    lines.write(&RecordBatch::try_from_iter_with_nullable([("v", Arc::clone(column), true)])?)?;
    lines.finish()?;
    let lines = String::from_utf8(lines.into_inner()).unwrap_or_default();
    for (row, line) in lines.lines().enumerate() {
        let text = line.strip_prefix("{\"v\":").and_then(|line| line.strip_suffix('}'));
        texts.push(text.filter(|_| column.is_valid(row)).map(str::to_owned));
    }
    Ok(texts)
}

#[derive(Debug)]
struct Ours;

impl EncoderFactory for Ours {
    fn make_default_encoder<'a>(
        &self,
        _field: &'a FieldRef,
        array: &'a dyn Array,
        _options: &'a EncoderOptions,
    ) -> Result<Option<NullableEncoder<'a>>, ArrowError> {
        let encoder: Box<dyn Encoder + 'a> = if let DataType::FixedSizeBinary(16) = array.data_type() {
            let values = array.as_fixed_size_binary();
            Box::new(Quoted(move |row: usize, out: &mut Vec<u8>| {
                let text = Uuid::from_slice(values.value(row)).unwrap_or_default();
                out.extend_from_slice(text.hyphenated().encode_lower(&mut Uuid::encode_buffer()).as_bytes());
            }))
        } else if let Some(values) = array.as_binary_opt::<i32>() {
            Box::new(Quoted(move |row: usize, out: &mut Vec<u8>| {
                out.extend_from_slice(STANDARD.encode(values.value(row)).as_bytes());
            }))
        } else if let Some(values) = array.as_primitive_opt::<Float64Type>() {
            Box::new(Number(move |row: usize| values.value(row)))
        } else if let Some(values) = array.as_primitive_opt::<Float32Type>() {
            Box::new(Single(move |row: usize| values.value(row)))
        } else {
            return Ok(None);
        };
        Ok(Some(NullableEncoder::new(encoder, array.nulls().cloned())))
    }
}

/// Text that needs no escaping.
struct Quoted<F>(F);

impl<F: FnMut(usize, &mut Vec<u8>)> Encoder for Quoted<F> {
    fn encode(&mut self, row: usize, out: &mut Vec<u8>) {
        out.push(b'"');
        (self.0)(row, out);
        out.push(b'"');
    }
}

struct Number<F>(F);

impl<F: FnMut(usize) -> <Float64Type as ArrowPrimitiveType>::Native> Encoder for Number<F> {
    fn encode(&mut self, row: usize, out: &mut Vec<u8>) {
        let value = (self.0)(row);
        match serde_json::Number::from_f64(value) {
            Some(number) => out.extend_from_slice(number.to_string().as_bytes()),
            None => out.extend_from_slice(nameless(value).as_bytes()),
        }
    }
}

struct Single<F>(F);

impl<F: FnMut(usize) -> f32> Encoder for Single<F> {
    fn encode(&mut self, row: usize, out: &mut Vec<u8>) {
        let value = (self.0)(row);
        // The shortest text that is this `f32`, which is not that of the same value as `f64`.
        match serde_json::to_vec(&value) {
            Ok(text) if value.is_finite() => out.extend_from_slice(&text),
            Ok(_) | Err(_) => out.extend_from_slice(nameless(value.into()).as_bytes()),
        }
    }
}

fn nameless(value: f64) -> &'static str {
    if value.is_nan() {
        "\"NaN\""
    } else if value > 0.0 {
        "\"Infinity\""
    } else {
        "\"-Infinity\""
    }
}
