//! One Parquet file, a row group at a time.
//!
//! Takes a path and the wanted columns, gives batches with the file's own types; other columns are not read.
//! The original of a record has all columns: it is read again when it is asked for.

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
    RowSelection,
};

use super::batch::{Originals, Origins, RawBatch, RawColumns};
use super::column::Column;
use super::error::ReadError;
use super::guard::guarded;
use super::original;
use super::source::Limits;

const FORMAT: &str = "Parquet";

/// A Parquet file whose row groups are handed out one by one.
pub(crate) struct ParquetFile {
    stored: Arc<StoredRows>,
    mask: ProjectionMask,
    limits: Limits,
    group: usize,
    record: u64,
}

/// Rows that can be read again.
#[derive(Debug)]
pub struct StoredRows {
    file: Arc<str>,
    path: PathBuf,
    metadata: ArrowReaderMetadata,
}

/// One row group, read batch by batch on any thread.
pub(crate) struct RowGroup {
    stored: Arc<StoredRows>,
    reader: ParquetRecordBatchReader,
    record: u64,
}

impl ParquetFile {
    pub(crate) fn open(
        file: Arc<str>,
        path: &Path,
        wanted: &[Column],
        limits: Limits,
    ) -> Result<Self, ReadError> {
        let opened = open(&file, path)?;
        let load = || ArrowReaderMetadata::load(&opened, ArrowReaderOptions::new());
        let metadata = guarded(&file, FORMAT, load)?;
        let fields = metadata.schema().fields().iter().enumerate();
        let is_wanted = |name: &String| wanted.iter().any(|column| column.name() == name);
        let roots = fields.filter(|(_, field)| is_wanted(field.name())).map(|(at, _)| at);
        let mask = ProjectionMask::roots(metadata.parquet_schema(), roots);
        let stored = Arc::new(StoredRows { file, path: path.to_owned(), metadata });
        Ok(Self { stored, mask, limits, group: 0, record: 0 })
    }

    /// Index of the first record that has not been handed out.
    pub(crate) fn record(&self) -> u64 {
        self.record
    }

    /// The next row group, or `None` after the last one.
    pub(crate) fn next(&mut self) -> Result<Option<RowGroup>, ReadError> {
        let groups = self.stored.metadata.metadata().row_groups();
        let Some(group) = groups.get(self.group) else {
            return Ok(None);
        };
        let rows = u64::try_from(group.num_rows()).unwrap_or_default();
        let builder = self
            .stored
            .builder()?
            .with_row_groups(vec![self.group])
            .with_projection(self.mask.clone())
            .with_batch_size(self.limits.batch_rows.max(1));
        let reader = guarded(&self.stored.file, FORMAT, || builder.build())?;
        let next = RowGroup { stored: self.stored.clone(), reader, record: self.record };
        self.group += 1;
        self.record += rows;
        Ok(Some(next))
    }
}

impl RowGroup {
    /// The next batch, or `None` at the end of the group.
    pub(crate) fn next(&mut self) -> Result<Option<RawBatch>, ReadError> {
        let Some(batch) = guarded(&self.stored.file, FORMAT, || self.reader.next().transpose())? else {
            return Ok(None);
        };
        let count = batch.num_rows();
        let records: Vec<u64> = (self.record..self.record + count as u64).collect();
        self.record += count as u64;
        let originals = Originals::Stored { stored: self.stored.clone(), rows: records.clone() };
        let file = self.stored.file.clone();
        Ok(Some(RawBatch {
            origins: Origins { file, lines: vec![0; count], records, originals },
            columns: RawColumns::Typed(batch),
            malformed: Vec::new(),
        }))
    }
}

impl StoredRows {
    fn builder(&self) -> Result<ParquetRecordBatchReaderBuilder<File>, ReadError> {
        let opened = open(&self.file, &self.path)?;
        Ok(ParquetRecordBatchReaderBuilder::new_with_metadata(opened, self.metadata.clone()))
    }

    /// The rows with these indexes, which ascend, as JSON.
    ///
    /// # Errors
    /// When the file can't be read again.
    pub(crate) fn as_json(&self, rows: &[u64]) -> Result<Vec<Vec<u8>>, ReadError> {
        let total: i64 = self.metadata.metadata().row_groups().iter().map(|g| g.num_rows()).sum();
        let ranges = rows.iter().map(|row| Range { start: *row as usize, end: *row as usize + 1 });
        let selection = RowSelection::from_consecutive_ranges(ranges, total as usize);
        let builder = self.builder()?.with_row_selection(selection);
        let mut reader = guarded(&self.file, FORMAT, || builder.build())?;
        let mut found = Vec::with_capacity(rows.len());
        while let Some(batch) = guarded(&self.file, FORMAT, || reader.next().transpose())? {
            for row in 0..batch.num_rows() {
                found.push(original::row_as_json(&batch, row));
            }
        }
        Ok(found)
    }
}

fn open(file: &Arc<str>, path: &Path) -> Result<File, ReadError> {
    File::open(path).map_err(|source| ReadError::Io { file: file.to_string(), source })
}
