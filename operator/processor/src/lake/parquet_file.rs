//! One Parquet file while it is written.
//!
//! Takes batches that have the layout's schema, gives the finished file with its Parquet metadata.
//! It must not know why a file is started or ended.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float32Type, Float64Type};
use parquet::arrow::{ArrowWriter, PARQUET_FIELD_ID_META_KEY};
use parquet::file::metadata::ParquetMetaData;

use super::LakeError;
use super::error::io_error;
use super::layout::FileLayout;

/// A Parquet file that still takes rows.
pub(crate) struct ParquetFile {
    path: PathBuf,
    writer: ArrowWriter<File>,
    rows: u64,
    nans: BTreeMap<i32, u64>,
}

/// A finished Parquet file.
#[derive(Debug, Clone)]
pub(crate) struct ParquetWritten {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Its rows.
    pub(crate) rows: u64,
    /// Its size.
    pub(crate) bytes: u64,
    /// Its footer.
    pub(crate) metadata: Arc<ParquetMetaData>,
    /// NaN values by field id, for each floating column that is not repeated.
    pub(crate) nans: BTreeMap<i32, u64>,
}

impl ParquetFile {
    /// Creates the file; its folder exists.
    pub(crate) fn create(path: &Path, layout: &FileLayout) -> Result<Self, LakeError> {
        let file = File::create_new(path).map_err(io_error("cannot create", path))?;
        let writer = ArrowWriter::try_new_with_options(file, Arc::clone(&layout.schema), layout.options())?;
        Ok(Self { path: path.to_path_buf(), writer, rows: 0, nans: BTreeMap::new() })
    }

    /// Writes a batch of the layout's schema.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            count_nans(field, column, &mut self.nans);
        }
        self.writer.write(batch)?;
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    /// Bytes of rows that wait in memory.
    pub(crate) fn buffered_bytes(&self) -> usize {
        self.writer.memory_size()
    }

    /// Bytes that the file would have if it ended here, roughly.
    pub(crate) fn bytes(&self) -> usize {
        self.writer.bytes_written() + self.writer.in_progress_size()
    }

    /// Writes what waits in memory as a row group.
    pub(crate) fn flush(&mut self) -> Result<(), LakeError> {
        Ok(self.writer.flush()?)
    }

    /// Ends the file.
    pub(crate) fn finish(mut self) -> Result<ParquetWritten, LakeError> {
        let metadata = self.writer.finish()?;
        Ok(ParquetWritten {
            bytes: self.writer.bytes_written() as u64,
            path: self.path,
            rows: self.rows,
            metadata: Arc::new(metadata),
            nans: self.nans,
        })
    }
}

/// Adds the NaN values of a column, and of the columns in it, to `nans`.
fn count_nans(field: &arrow::datatypes::Field, column: &ArrayRef, nans: &mut BTreeMap<i32, u64>) {
    if let DataType::Struct(fields) = field.data_type() {
        for (field, column) in fields.iter().zip(column.as_struct().columns()) {
            count_nans(field, column, nans);
        }
        return;
    }
    let count = if let Some(values) = column.as_primitive_opt::<Float64Type>() {
        values.iter().flatten().filter(|value| value.is_nan()).count()
    } else if let Some(values) = column.as_primitive_opt::<Float32Type>() {
        values.iter().flatten().filter(|value| value.is_nan()).count()
    } else {
        return;
    };
    let id = field.metadata().get(PARQUET_FIELD_ID_META_KEY);
    if let Some(id) = id.and_then(|id| id.parse().ok()) {
        *nans.entry(id).or_insert(0) += count as u64;
    }
}
