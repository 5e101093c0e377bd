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

use super::error::io_error;
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

    /// The fields of a key, under the table's names.
    pub(crate) fn fields(&self) -> SchemaRef {
        let named = |(field, name): (&Arc<Field>, &String)| Field::clone(field).with_name(name);
        let fields = self.schema.fields().iter().zip(&self.names);
        Arc::new(Schema::new(fields.map(named).collect::<Fields>()))
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

    /// Streams those of `rows` whose key was never added.
    pub(crate) async fn others(
        mut self,
        schema: &SchemaRef,
        rows: SendableRecordBatchStream,
    ) -> Result<SendableRecordBatchStream, LakeError> {
        self.writer.finish()?;
        let in_memory = self.bytes <= self.context.limits.buffered_bytes_max;
        let mut config = SessionConfig::new().with_target_partitions(if in_memory { 1 } else { 2 });
        // A join by hash holds all keys in memory, one by sorting spills.
        config.options_mut().optimizer.prefer_hash_join = in_memory;
        let session = SessionContext::new_with_config_rt(config, Arc::clone(&self.context.runtime));
        let on: Vec<Expr> = self
            .names
            .iter()
            .enumerate()
            .map(|(number, name)| {
                let key = Expr::Column(Column::from_name(key_name(number)));
                key.eq(Expr::Column(Column::from_name(name)))
            })
            .collect();
        let keys = read_once(&session, &self.schema, self.stream()?)?;
        let rows = read_once(&session, schema, rows)?;
        let others = keys.join_on(rows, JoinType::RightAnti, on)?;
        Ok(others.execute_stream().await?)
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

/// A name that no column of a product can have.
fn key_name(number: usize) -> String {
    format!("#key {number}")
}

fn read_once(
    session: &SessionContext,
    schema: &SchemaRef,
    stream: SendableRecordBatchStream,
) -> Result<datafusion::dataframe::DataFrame, LakeError> {
    let once = Once { schema: Arc::clone(schema), stream: Mutex::new(Some(stream)) };
    let table = StreamingTable::try_new(Arc::clone(schema), vec![Arc::new(once)])?;
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
