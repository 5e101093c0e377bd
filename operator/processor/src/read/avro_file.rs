//! One Avro object container file, batch by batch.
//!
//! Takes a path, gives batches with the file's own types. The writer's schema in the file says what is in it.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow_avro::reader::{Reader, ReaderBuilder};

use super::batch::{Originals, Origins, RawBatch, RawColumns};
use super::error::ReadError;
use super::guard::guarded;
use super::source::Limits;

const FORMAT: &str = "Avro";

/// An open Avro file, read forward.
pub(crate) struct AvroFile {
    file: Arc<str>,
    reader: Reader<BufReader<File>>,
    record: u64,
}

impl AvroFile {
    pub(crate) fn open(file: Arc<str>, path: &Path, limits: Limits) -> Result<Self, ReadError> {
        let opened = File::open(path).map_err(|source| ReadError::Io { file: file.to_string(), source })?;
        let builder = ReaderBuilder::new().with_batch_size(limits.batch_rows.max(1));
        let reader = guarded(&file, FORMAT, || builder.build(BufReader::new(opened)))?;
        Ok(Self { file, reader, record: 0 })
    }

    /// The next batch, or `None` at the end of the file.
    pub(crate) fn next(&mut self) -> Result<Option<RawBatch>, ReadError> {
        let Some(batch) = guarded(&self.file, FORMAT, || self.reader.next().transpose())? else {
            return Ok(None);
        };
        let first = self.record;
        self.record += batch.num_rows() as u64;
        Ok(Some(raw(self.file.clone(), batch, first)))
    }
}

fn raw(file: Arc<str>, batch: RecordBatch, first: u64) -> RawBatch {
    let count = batch.num_rows();
    let rows = (0..count as u32).collect();
    let originals = Originals::Rows { batch: batch.clone(), rows };
    let records = (first..first + count as u64).collect();
    RawBatch {
        origins: Origins { file, lines: vec![0; count], records, originals },
        columns: RawColumns::Typed(batch),
        malformed: Vec::new(),
    }
}
