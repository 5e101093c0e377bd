//! Hands decoded rows over to the engine: the columns that it wants, their positions, what is known of them besides.
//!
//! Takes decoded batches, gives batches of the engine's schema; rejected records go to the engine's own taker.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Int64Array, RecordBatch, RecordBatchOptions, StringArray, UInt64Array,
    new_null_array,
};
use datafusion::error::DataFusionError;

use super::batch::{Decoded, Origins, Rejected};
use crate::engine;
use crate::engine::Original;

/// What is known of a record besides its fields. Such columns come after those of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metadata {
    /// The file: text.
    Path,
    /// First line of the record, from 1, or 0 where the format has no lines: `int64`.
    Line,
    /// Index of the record in its file, from 0: `int64`.
    Offset,
    /// Nothing, as files have no such thing: null of whatever type.
    Null,
}

/// Gives the rejected records to the engine and the good rows back, as it wants them.
///
/// `first` is the position of the file's first record; `metadata` are the columns after those of the batch.
pub(crate) fn hand_over(
    decoded: Decoded,
    first: u64,
    metadata: &[Metadata],
    wanted: &engine::Wanted,
) -> Result<RecordBatch, DataFusionError> {
    let Decoded { batch, origins, rejected } = decoded;
    wanted.count_read((origins.len() + rejected.len()) as u64);
    if !rejected.is_empty() {
        let rejected = rejected.into_iter().map(|rejected| reject(rejected, first)).collect();
        (wanted.reject)(rejected).map_err(DataFusionError::External)?;
    }
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(wanted.schema.fields().len());
    for (at, field) in wanted.columns.iter().zip(wanted.schema.fields()) {
        columns.push(match at.checked_sub(batch.num_columns()) {
            None => batch.column(*at).clone(),
            Some(beyond) => match metadata.get(beyond) {
                Some(known) => known.column(&origins),
                None => None,
            }
            .unwrap_or_else(|| new_null_array(field.data_type(), origins.len())),
        });
    }
    let positions = origins.records.iter().map(|record| first + record);
    columns.push(Arc::new(UInt64Array::from_iter_values(positions)));
    if wanted.schema.fields().len() > columns.len() {
        // A file holds rows, not deletions.
        columns.push(Arc::new(BooleanArray::from(vec![false; origins.len()])));
    }
    let options = RecordBatchOptions::new().with_row_count(Some(origins.len()));
    Ok(RecordBatch::try_new_with_options(wanted.schema.clone(), columns, &options)?)
}

impl Metadata {
    fn column(self, origins: &Origins) -> Option<ArrayRef> {
        let numbers = |numbers: &[u64]| -> ArrayRef {
            Arc::new(Int64Array::from_iter_values(numbers.iter().map(|number| *number as i64)))
        };
        match self {
            Self::Path => {
                let names = std::iter::repeat_n(origins.file.as_ref(), origins.len());
                Some(Arc::new(StringArray::from_iter_values(names)))
            }
            Self::Line => Some(numbers(&origins.lines)),
            Self::Offset => Some(numbers(&origins.records)),
            Self::Null => None,
        }
    }
}

fn reject(rejected: Rejected, first: u64) -> engine::Rejected {
    let Rejected { file, line, record, code, field, rule, original: bytes, message: _ } = rejected;
    let original = Original { file: file.to_string(), line, record, bytes };
    engine::Rejected { position: first + record, code: code.to_owned(), rule, field, original }
}
