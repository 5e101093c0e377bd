//! A sink that the engine writes to.
//!
//! Takes the streams of one sink, gives a staged sink. Streams of a table are written at the same time, each by a writer
//! of its own; those of a text file are computed at the same time and written one batch after the other.
//! It must not show anything to anybody.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{AsArray, BooleanArray, RecordBatch};
use arrow::compute::{filter_record_batch, not};
use arrow::datatypes::{Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::physical_plan::SendableRecordBatchStream;
use futures::StreamExt;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::file::{OpenFile, TextFormat, open_file};
use super::record::records;
use super::row_groups::write_parquet;
use super::sink::{SinkSpec, Staged, StagedFile, StagedKind};
use super::{FileFormat, WriteError};
use crate::engine::{BoundError, DELETED, SinkRows, SinkWants};
use crate::lake::{RowWriter, WriteContext, open_delta, open_table};

/// One sink of a run.
pub struct BoundSink {
    spec: SinkSpec,
    context: WriteContext,
    staged: Mutex<Option<Staged>>,
    deletions: Arc<AtomicU64>,
}

/// Binds a sink to a run. Nothing is opened before the engine gives its rows.
pub fn bind_sink(spec: SinkSpec, context: WriteContext) -> BoundSink {
    BoundSink { spec, context, staged: Mutex::new(None), deletions: Arc::default() }
}

impl BoundSink {
    /// What the run wrote, once the engine has given all rows; it goes to [`super::commit`].
    pub fn take(&self) -> Option<Staged> {
        self.staged.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// How many of the rows that it took were deletions.
    pub fn deletions(&self) -> u64 {
        self.deletions.load(Ordering::Relaxed)
    }

    async fn stage(
        &self,
        schema: &SchemaRef,
        rows: Vec<SendableRecordBatchStream>,
    ) -> Result<Staged, WriteError> {
        let kind = match &self.spec {
            SinkSpec::Iceberg { catalog, table } => {
                let table = open_table(catalog, table.clone(), &self.context).await?;
                let writers = fill(table.writers(rows.len())?, rows, &self.deletions).await?;
                StagedKind::Iceberg(table.prepare(writers).await?)
            }
            SinkSpec::Delta { folder, table } => {
                let table = open_delta(folder, table.clone(), &self.context).await?;
                let writers = fill(table.writers(rows.len())?, rows, &self.deletions).await?;
                StagedKind::Delta(table.prepare(writers).await?)
            }
            SinkSpec::File { path, format } => {
                let schema = visible(schema);
                StagedKind::File(match format {
                    FileFormat::Parquet => write_parquet(path, &schema, rows, &self.context).await?,
                    FileFormat::Ndjson => write_text(path, TextFormat::Ndjson, &schema, rows).await?,
                    FileFormat::Csv => write_text(path, TextFormat::Csv, &schema, rows).await?,
                })
            }
            SinkSpec::Topic { path, key, headers } => {
                let file = open_file(path, TextFormat::Ndjson, schema)?;
                let target = self.spec.target();
                let write = |file: &mut OpenFile, batch: &RecordBatch| {
                    let (batch, deleted) = columns(batch)?;
                    let count = deleted.as_ref().map_or(0, BooleanArray::true_count);
                    self.deletions.fetch_add(count as u64, Ordering::Relaxed);
                    file.write(&records(&target, &batch, deleted.as_ref(), key, headers)?)
                };
                StagedKind::File(pour(file, rows, write).await?.finish()?)
            }
            SinkSpec::Stdout => {
                let path = std::env::temp_dir().join("headwater-stdout");
                let schema = visible(schema);
                StagedKind::Stdout(write_text(&path, TextFormat::Ndjson, &schema, rows).await?)
            }
        };
        Ok(Staged(kind))
    }
}

#[async_trait]
impl SinkRows for BoundSink {
    fn wants(&self) -> SinkWants {
        SinkWants { deletions: self.spec.deletes(), ordered: self.spec.ordered() }
    }

    async fn write(
        &self,
        schema: SchemaRef,
        rows: Vec<SendableRecordBatchStream>,
    ) -> Result<u64, BoundError> {
        let staged = self.stage(&schema, rows).await.map_err(cause)?;
        let count = match &staged.0 {
            // A deletion leaves no row in a table, and a record in a topic.
            StagedKind::Iceberg(_) | StagedKind::Delta(_) => staged.written().rows + self.deletions(),
            StagedKind::File(_) | StagedKind::Stdout(_) => staged.written().rows,
        };
        let before = self.staged.lock().unwrap_or_else(PoisonError::into_inner).replace(staged);
        match before {
            Some(_) => Err(Box::new(WriteError::Twice { sink: self.spec.target() })),
            None => Ok(count),
        }
    }
}

/// What made a sink fail: rows that could not be computed are no fault of the sink.
fn cause(error: WriteError) -> BoundError {
    match error {
        WriteError::Rows(rows) => Box::new(rows),
        other @ (WriteError::Lake(_)
        | WriteError::Stopped(_)
        | WriteError::Declaration { .. }
        | WriteError::Twice { .. }) => Box::new(other),
    }
}

/// Writes each stream with a writer of its own.
async fn fill(
    writers: Vec<RowWriter>,
    rows: Vec<SendableRecordBatchStream>,
    deletions: &Arc<AtomicU64>,
) -> Result<Vec<RowWriter>, WriteError> {
    let mut tasks = JoinSet::new();
    for (mut writer, mut rows) in writers.into_iter().zip(rows) {
        let deletions = Arc::clone(deletions);
        tasks.spawn(async move {
            while let Some(batch) = rows.next().await {
                let (alive, deleted) = split(&batch?)?;
                if let Some(deleted) = deleted.filter(|rows| rows.num_rows() > 0) {
                    writer.delete(&deleted)?;
                    deletions.fetch_add(deleted.num_rows() as u64, Ordering::Relaxed);
                }
                writer.write(&alive)?;
            }
            Ok::<_, WriteError>(writer)
        });
    }
    let mut filled = Vec::new();
    // An error drops the set, which stops the others.
    while let Some(writer) = tasks.join_next().await {
        filled.push(writer??);
    }
    Ok(filled)
}

async fn write_text(
    path: &Path,
    format: TextFormat,
    schema: &SchemaRef,
    rows: Vec<SendableRecordBatchStream>,
) -> Result<StagedFile, WriteError> {
    let file = open_file(path, format, schema)?;
    let file = pour(file, rows, |file, batch| file.write(&split(batch)?.0)).await?;
    file.finish()
}

/// Writes all streams into one file; several are computed at the same time.
async fn pour(
    mut file: OpenFile,
    rows: Vec<SendableRecordBatchStream>,
    mut write: impl FnMut(&mut OpenFile, &RecordBatch) -> Result<(), WriteError>,
) -> Result<OpenFile, WriteError> {
    let mut tasks = JoinSet::new();
    let (send, mut receive) = mpsc::channel(2 * rows.len().max(1));
    for mut rows in rows {
        let send = send.clone();
        tasks.spawn(async move {
            while let Some(batch) = rows.next().await {
                // Nobody listens after an error, which is reported where it happened.
                if send.send(batch).await.is_err() {
                    break;
                }
            }
        });
    }
    drop(send);
    while let Some(batch) = receive.recv().await {
        write(&mut file, &batch?)?;
    }
    while let Some(ended) = tasks.join_next().await {
        ended?;
    }
    Ok(file)
}

/// The columns without the mark of deletions.
fn visible(schema: &SchemaRef) -> SchemaRef {
    let fields = schema.fields().iter().filter(|field| field.name() != DELETED);
    Arc::new(Schema::new(fields.cloned().collect::<Vec<_>>()))
}

/// The columns of rows, and the mark of deletions if there is one.
fn columns(batch: &RecordBatch) -> Result<(RecordBatch, Option<BooleanArray>), WriteError> {
    let Ok(mark) = batch.schema_ref().index_of(DELETED) else {
        return Ok((batch.clone(), None));
    };
    let others: Vec<usize> = (0..batch.num_columns()).filter(|index| *index != mark).collect();
    let deleted = batch.column(mark).as_boolean().clone();
    Ok((batch.project(&others)?, Some(deleted)))
}

/// The rows that are there, and those that are deleted.
fn split(batch: &RecordBatch) -> Result<(RecordBatch, Option<RecordBatch>), WriteError> {
    let (rows, deleted) = columns(batch)?;
    match deleted {
        None => Ok((rows, None)),
        Some(deleted) if deleted.true_count() == 0 => Ok((rows, None)),
        Some(deleted) => {
            let alive = filter_record_batch(&rows, &not(&deleted)?)?;
            Ok((alive, Some(filter_record_batch(&rows, &deleted)?)))
        }
    }
}
