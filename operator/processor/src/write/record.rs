//! Rows as records of a topic: key, value, headers.
//!
//! Takes a batch and the columns of key and headers, gives a batch whose JSON lines are the records.
//! It must not write.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, NullArray, RecordBatch, StringArray, StructArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Field, Fields};

use super::csv::cell_texts;
use super::{RecordHeader, WriteError};

/// Makes records of rows. `deleted` says which rows are deletions: their value is null.
pub(crate) fn records(
    sink: &str,
    batch: &RecordBatch,
    deleted: Option<&BooleanArray>,
    key: &[String],
    headers: &[RecordHeader],
) -> Result<RecordBatch, WriteError> {
    let mut named = Vec::new();
    for header in headers {
        let texts = StringArray::from(cell_texts(&column(sink, batch, &header.column)?)?);
        named.push((Field::new(&header.name, DataType::Utf8, true), Arc::new(texts) as ArrayRef));
    }
    let key: ArrayRef = if key.is_empty() {
        Arc::new(NullArray::new(batch.num_rows()))
    } else {
        let mut parts = Vec::new();
        for name in key {
            let part = column(sink, batch, name)?;
            parts.push((Field::new(name, part.data_type().clone(), true), part));
        }
        record(parts, batch.num_rows(), None)
    };
    let alive = deleted.map(|deleted| {
        let rows = deleted.iter();
        NullBuffer::from(rows.map(|deleted| deleted != Some(true)).collect::<Vec<bool>>())
    });
    let schema = batch.schema();
    let fields = schema.fields().iter();
    let all = fields.map(|field| Field::clone(field).with_nullable(true)).zip(batch.columns().to_vec());
    let value = record(all.collect(), batch.num_rows(), alive);
    Ok(RecordBatch::try_from_iter_with_nullable([
        ("key", key, true),
        ("value", value, true),
        ("headers", record(named, batch.num_rows(), None), true),
    ])?)
}

fn column(sink: &str, batch: &RecordBatch, name: &str) -> Result<ArrayRef, WriteError> {
    match batch.column_by_name(name) {
        Some(column) => Ok(Arc::clone(column)),
        None => Err(WriteError::Declaration {
            sink: sink.to_owned(),
            reason: format!("the rows have no column `{name}`"),
        }),
    }
}

fn record(parts: Vec<(Field, ArrayRef)>, rows: usize, nulls: Option<NullBuffer>) -> ArrayRef {
    if parts.is_empty() {
        return Arc::new(StructArray::new_empty_fields(rows, nulls));
    }
    let (fields, columns): (Vec<Field>, Vec<ArrayRef>) = parts.into_iter().unzip();
    Arc::new(StructArray::new(Fields::from(fields), columns, nulls))
}
