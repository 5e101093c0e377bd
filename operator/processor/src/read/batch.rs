//! What reading gives: records split but not typed, then typed rows and rejected records, each with its origin.
//!
//! Data and small accessors. A good record's bytes are never copied for its origin: origins point into the chunk that was read.

use std::sync::Arc;

use arrow::buffer::Buffer;
use arrow::record_batch::RecordBatch;

use super::error::ReadError;
use super::original;
pub use super::parquet_file::StoredRows;
use super::tape::Tape;
use super::text::TextColumns;

/// Records of one file, split into fields, not typed.
#[derive(Clone, Debug)]
pub struct RawBatch {
    /// Where each record comes from.
    pub origins: Origins,
    /// The records' fields.
    pub columns: RawColumns,
    /// Records that could not be split.
    pub malformed: Vec<Rejected>,
}

/// Fields of the records of a batch.
#[derive(Clone, Debug)]
pub enum RawColumns {
    /// Text: one column of slices for each wanted field.
    Text(TextColumns),
    /// A tree of values for each record (JSON, XML).
    Tree(Tape),
    /// Arrow columns with the file's own types (Parquet, Avro).
    Typed(RecordBatch),
}

/// Where each record of a batch comes from; the vectors are of equal length.
#[derive(Clone, Debug)]
pub struct Origins {
    /// The file, as the source's pattern found it.
    pub file: Arc<str>,
    /// First line of each record, from 1; 0 where the format has no lines.
    pub lines: Vec<u64>,
    /// Index of each record in its file, from 0; malformed ones count.
    pub records: Vec<u64>,
    /// The records as they were written.
    pub originals: Originals,
}

/// The records of a batch as they were written.
#[derive(Clone, Debug)]
pub enum Originals {
    /// Slices of the chunk that was read: start and end of each.
    Text {
        /// The chunk, in UTF-8 or in the file's own encoding.
        bytes: Buffer,
        /// Start and end of each record in `bytes`, without its line break.
        spans: Vec<(u32, u32)>,
        /// The file's encoding, if `bytes` are not the file's own.
        recoded: Recoded,
    },
    /// Rows of a typed format: the original is the row as JSON.
    Rows {
        /// The rows that were read.
        batch: RecordBatch,
        /// Which row of `batch` each record is.
        rows: Vec<u32>,
    },
    /// Rows of a typed file that can be read again.
    Stored {
        /// The file.
        stored: Arc<StoredRows>,
        /// Index of each record in it.
        rows: Vec<u64>,
    },
}

/// What was done to a file's bytes before they were split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Recoded {
    /// Nothing.
    #[default]
    No,
    /// Read as UTF-16, little endian.
    Utf16Le,
    /// Read as UTF-16, big endian.
    Utf16Be,
}

impl Origins {
    /// Number of records.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is no record.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The records at `rows`, which ascend, as they were written: the file's own bytes, or rows of a typed format as JSON.
    ///
    /// # Errors
    /// When a file has to be read again and can't.
    pub fn originals_of(&self, rows: &[usize]) -> Result<Vec<Vec<u8>>, ReadError> {
        Ok(match &self.originals {
            Originals::Text { bytes, spans, recoded } => {
                let slice = |row: &usize| {
                    let (start, end) = spans[*row];
                    original::of_text(&bytes[start as usize..end as usize], *recoded).into_owned()
                };
                rows.iter().map(slice).collect()
            }
            Originals::Rows { batch, rows: held } => {
                rows.iter().map(|row| original::row_as_json(batch, held[*row] as usize)).collect()
            }
            Originals::Stored { stored, rows: held } => {
                let wanted: Vec<u64> = rows.iter().map(|row| held[*row]).collect();
                stored.as_json(&wanted)?
            }
        })
    }

    /// The origins of the rows for which `keep` is true.
    pub fn filter(&self, keep: &[bool]) -> Self {
        fn kept<T: Copy>(values: &[T], keep: &[bool]) -> Vec<T> {
            let pairs = values.iter().zip(keep);
            pairs.filter(|(_, keep)| **keep).map(|(v, _)| *v).collect()
        }
        let originals = match &self.originals {
            Originals::Text { bytes, spans, recoded } => {
                Originals::Text { bytes: bytes.clone(), spans: kept(spans, keep), recoded: *recoded }
            }
            Originals::Rows { batch, rows } => {
                Originals::Rows { batch: batch.clone(), rows: kept(rows, keep) }
            }
            Originals::Stored { stored, rows } => {
                Originals::Stored { stored: stored.clone(), rows: kept(rows, keep) }
            }
        };
        Self {
            file: self.file.clone(),
            lines: kept(&self.lines, keep),
            records: kept(&self.records, keep),
            originals,
        }
    }
}

/// Typed rows and what was rejected on the way.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// The good rows, with exactly the wanted schema.
    pub batch: RecordBatch,
    /// Where each good row comes from.
    pub origins: Origins,
    /// The others, in the order of their records.
    pub rejected: Vec<Rejected>,
}

/// A record that is not good, with all that a dead letter needs. Neither `rule` nor `message` holds a value of the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The file.
    pub file: Arc<str>,
    /// First line of the record, from 1; 0 where the format has no lines.
    pub line: u64,
    /// Index of the record in its file, from 0.
    pub record: u64,
    /// Run-time code, one of `headwater_compiler::code::run_time`.
    pub code: &'static str,
    /// Path of the first field that fails; `None` when the record as a whole does.
    pub field: Option<String>,
    /// What was not met: the type, `required`, or how the record is broken.
    pub rule: String,
    /// One sentence for people.
    pub message: String,
    /// The record as it was written.
    pub original: Vec<u8>,
}
