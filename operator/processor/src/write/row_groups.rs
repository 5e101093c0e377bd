//! One Parquet file that several streams write at the same time, each its own row groups.
//!
//! Takes streams, gives a staged file. Encoding is most of the work of writing Parquet, and so is done beside the
//! computation of each stream; only finished row groups take turns. It must not depend on the order of rows.

use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::physical_plan::SendableRecordBatchStream;
use futures::StreamExt;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::file::writer::SerializedFileWriter;
use tokio::task::JoinSet;

use super::WriteError;
use super::file::{beside, staged};
use super::sink::StagedFile;
use crate::lake::{LakeError, WriteContext, conform, file_layout, io_error};

const ROW_GROUP_ROWS_MAX: usize = 1 << 20;

struct Shared {
    target: String,
    schema: SchemaRef,
    factory: ArrowRowGroupWriterFactory,
    file: Mutex<SerializedFileWriter<File>>,
    row_group_bytes_max: usize,
}

/// Row groups of one stream.
struct RowGroups {
    shared: Arc<Shared>,
    columns: Vec<ArrowColumnWriter>,
    /// Rows of the present group.
    grouped: usize,
    rows: u64,
}

/// Writes all streams into a file that shall stand at `path`.
pub(crate) async fn write_parquet(
    path: &Path,
    schema: &SchemaRef,
    rows: Vec<SendableRecordBatchStream>,
    context: &WriteContext,
) -> Result<StagedFile, WriteError> {
    let (path, temporary, new_files) = beside(path)?;
    let target = path.display().to_string();
    let layout = file_layout(&target, Arc::clone(schema), &Default::default())?;
    let opened = File::create_new(&temporary).map_err(io_error("cannot create", temporary.as_path()))?;
    let writer = ArrowWriter::try_new_with_options(opened, Arc::clone(schema), layout.options());
    let (file, factory) = writer.and_then(ArrowWriter::into_serialized_writer).map_err(LakeError::from)?;
    let shared = Arc::new(Shared {
        target,
        schema: Arc::clone(schema),
        factory,
        file: Mutex::new(file),
        row_group_bytes_max: context.limits.buffered_bytes_max / rows.len().max(1),
    });
    let mut tasks = JoinSet::new();
    for rows in rows {
        let groups = RowGroups { shared: Arc::clone(&shared), columns: Vec::new(), grouped: 0, rows: 0 };
        tasks.spawn(groups.fill(rows));
    }
    let mut count = 0;
    // An error drops the set, which stops the others.
    while let Some(rows) = tasks.join_next().await {
        count += rows??;
    }
    let mut file = shared.file.lock().unwrap_or_else(PoisonError::into_inner);
    file.finish().map_err(LakeError::from)?;
    staged(temporary, path, new_files, count)
}

impl RowGroups {
    async fn fill(mut self, mut rows: SendableRecordBatchStream) -> Result<u64, WriteError> {
        while let Some(batch) = rows.next().await {
            let batch = conform(&self.shared.target, &batch?, &self.shared.schema)?;
            self.write(&batch)?;
        }
        self.end()?;
        Ok(self.rows)
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        if self.columns.is_empty() {
            self.columns = self.shared.factory.create_column_writers(0)?;
        }
        let mut columns = self.columns.iter_mut();
        for (field, column) in self.shared.schema.fields().iter().zip(batch.columns()) {
            for leaf in compute_leaves(field, column)? {
                let writer = columns.next().expect("each leaf of the schema has a writer");
                writer.write(&leaf)?;
            }
        }
        self.grouped += batch.num_rows();
        self.rows += batch.num_rows() as u64;
        let waiting: usize = self.columns.iter().map(ArrowColumnWriter::memory_size).sum();
        if self.grouped >= ROW_GROUP_ROWS_MAX || waiting >= self.shared.row_group_bytes_max {
            self.end()?;
        }
        Ok(())
    }

    /// Ends the present row group.
    fn end(&mut self) -> Result<(), LakeError> {
        if self.grouped == 0 {
            return Ok(());
        }
        self.grouped = 0;
        let columns = std::mem::take(&mut self.columns).into_iter();
        let chunks: Vec<ArrowColumnChunk> =
            columns.map(ArrowColumnWriter::close).collect::<Result<_, _>>()?;
        let mut file = self.shared.file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut group = file.next_row_group()?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut group)?;
        }
        group.close()?;
        Ok(())
    }
}
