//! The merge of an upsert: which rows of a table stay.
//!
//! Takes the keys that a run writes or deletes and the rows that the table has, gives the rows whose key is not among
//! them, as a stream. Keys wait on disk; when they are many the join sorts on disk too, so memory stays bounded.
//! It must not write to the table.

use std::fmt;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::sync::{Arc, Mutex};

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Fields, Schema, SchemaRef};
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::common::{Column, JoinType};
use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;
use datafusion::execution::disk_manager::RefCountedTempFile;
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use datafusion::prelude::{Expr, SessionConfig, SessionContext};

use futures::StreamExt;

use super::error::io_error;
use super::layout::conform;
use super::row_writer::{RowsWritten, WritePlan, row_writer};
use super::{LakeError, WriteContext};

/// Keys that a run writes or deletes, on disk.
pub(crate) struct Keys {
    context: WriteContext,
    schema: SchemaRef,
    names: Vec<String>,
    writer: StreamWriter<BufWriter<File>>,
    file: RefCountedTempFile,
    bytes: usize,
}

impl Keys {
    /// Starts an empty collection for the key columns `names` of a table.
    pub(crate) fn create(
        context: &WriteContext,
        table: &Schema,
        names: &[String],
    ) -> Result<Self, LakeError> {
        let mut fields = Vec::new();
        for (number, name) in names.iter().enumerate() {
            let kind = table.field_with_name(name)?.data_type().clone();
            fields.push(Field::new(key_name(number), kind, false));
        }
        let schema = Arc::new(Schema::new(Fields::from(fields)));
        let file = context.runtime.disk_manager.create_tmp_file("keys of an upsert")?;
        let opened = File::create(file.path()).map_err(io_error("cannot create", file.path()))?;
        Ok(Self {
            context: context.clone(),
            names: names.to_vec(),
            writer: StreamWriter::try_new(BufWriter::new(opened), &schema)?,
            schema,
            file,
            bytes: 0,
        })
    }

    /// Adds the keys of rows that have the key columns under the table's names.
    pub(crate) fn add(&mut self, rows: &RecordBatch) -> Result<(), LakeError> {
        let mut columns = Vec::with_capacity(self.names.len());
        for name in &self.names {
            let index = rows.schema_ref().index_of(name)?;
            columns.push(Arc::clone(rows.column(index)));
        }
        let keys = RecordBatch::try_new(Arc::clone(&self.schema), columns)?;
        self.bytes += keys.get_array_memory_size();
        self.writer.write(&keys)?;
        Ok(())
    }

    fn stream(&self) -> Result<SendableRecordBatchStream, LakeError> {
        let path = self.file.path();
        let opened = File::open(path).map_err(io_error("cannot open", path))?;
        let reader = StreamReader::try_new(BufReader::new(opened), None)?;
        // The file lives as long as the stream that reads it.
        let file = self.file.clone();
        let batches = reader.map(move |batch| {
            let _ = &file;
            batch.map_err(DataFusionError::from)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), futures::stream::iter(batches))))
    }
}

/// Streams those of `rows` whose key is in none of `keys`, which are not empty and of one table.
pub(crate) async fn others(
    mut keys: Vec<Keys>,
    schema: &SchemaRef,
    rows: SendableRecordBatchStream,
) -> Result<SendableRecordBatchStream, LakeError> {
    let mut streams = Vec::with_capacity(keys.len());
    for keys in &mut keys {
        keys.writer.finish()?;
        streams.push(keys.stream()?);
    }
    let (context, names) = (&keys[0].context, &keys[0].names);
    let bytes: usize = keys.iter().map(|keys| keys.bytes).sum();
    let in_memory = bytes <= context.limits.buffered_bytes_max;
    let mut config = SessionConfig::new().with_target_partitions(if in_memory { 1 } else { 2 });
    // A join by hash holds all keys in memory, one by sorting spills.
    config.options_mut().optimizer.prefer_hash_join = in_memory;
    let session = SessionContext::new_with_config_rt(config, Arc::clone(&context.runtime));
    let equal = |(number, name): (usize, &String)| {
        let key = Expr::Column(Column::from_name(key_name(number)));
        key.eq(Expr::Column(Column::from_name(name)))
    };
    let on: Vec<Expr> = names.iter().enumerate().map(equal).collect();
    let known = read_once(&session, &keys[0].schema, streams)?;
    let rows = read_once(&session, schema, vec![rows])?;
    Ok(known.join_on(rows, JoinType::RightAnti, on)?.execute_stream().await?)
}

/// Writes the rows that stay with a writer of their own.
pub(crate) async fn write_others(
    plan: &Arc<WritePlan>,
    number: usize,
    mut rows: SendableRecordBatchStream,
) -> Result<RowsWritten, LakeError> {
    let mut writer = row_writer(plan, number, 1)?;
    while let Some(batch) = rows.next().await {
        writer.place(&conform(&plan.target, &batch?, &plan.stored)?)?;
    }
    writer.finish()
}

/// A name that no column of a product can have.
fn key_name(number: usize) -> String {
    format!("#key {number}")
}

fn read_once(
    session: &SessionContext,
    schema: &SchemaRef,
    streams: Vec<SendableRecordBatchStream>,
) -> Result<datafusion::dataframe::DataFrame, LakeError> {
    let once = |stream| -> Arc<dyn PartitionStream> {
        Arc::new(Once { schema: Arc::clone(schema), stream: Mutex::new(Some(stream)) })
    };
    let table = StreamingTable::try_new(Arc::clone(schema), streams.into_iter().map(once).collect())?;
    Ok(session.read_table(Arc::new(table))?)
}

/// A stream as a table that can be read once.
struct Once {
    schema: SchemaRef,
    stream: Mutex<Option<SendableRecordBatchStream>>,
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once").finish_non_exhaustive()
    }
}

impl PartitionStream for Once {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let taken = self.stream.lock().ok().and_then(|mut stream| stream.take());
        taken.unwrap_or_else(|| {
            let again = DataFusionError::Internal("a stream was read twice".to_owned());
            Box::pin(RecordBatchStreamAdapter::new(
                Arc::clone(&self.schema),
                futures::stream::iter([Err(again)]),
            ))
        })
    }
}
