//! Batches that wait to be read once: in memory while the pool allows it, on disk beyond.
//!
//! Takes batches, gives them back in the same order. It must not hold memory that the pool has not granted.

use std::fs::File;
use std::io::BufWriter;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::ipc::writer::StreamWriter;
use datafusion::common::utils::memory::get_record_batch_memory_size;
use datafusion::error::Result;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::disk_manager::RefCountedTempFile;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::physical_plan::metrics::{ExecutionPlanMetricsSet, SpillMetrics};
use datafusion::physical_plan::spill::SpillManager;
use futures::{StreamExt, stream};

/// Batches in order.
pub(crate) struct Spool {
    schema: SchemaRef,
    env: Arc<RuntimeEnv>,
    name: &'static str,
    granted: MemoryReservation,
    /// The last batches; all before them are in `file`.
    held: Vec<RecordBatch>,
    file: Option<SpillFile>,
    rows: usize,
}

/// A temporary file of batches, in Arrow's stream format.
pub(crate) struct SpillFile {
    file: RefCountedTempFile,
    writer: StreamWriter<BufWriter<File>>,
}

impl SpillFile {
    /// An empty file; `name` says for whom.
    pub(crate) fn create(name: &str, schema: &SchemaRef, env: &Arc<RuntimeEnv>) -> Result<Self> {
        let file = env.disk_manager.create_tmp_file(name)?;
        let writer = StreamWriter::try_new_buffered(File::create(file.path())?, schema)?;
        Ok(Self { file, writer })
    }

    /// Adds a batch.
    pub(crate) fn append(&mut self, batch: &RecordBatch) -> Result<()> {
        Ok(self.writer.write(batch)?)
    }

    /// The finished file; it is removed with its last clone.
    pub(crate) fn finish(self) -> Result<RefCountedTempFile> {
        let Self { mut file, writer } = self;
        writer.into_inner()?.into_inner().map_err(|error| error.into_error())?;
        file.update_disk_usage()?;
        Ok(file)
    }
}

/// The batches of a finished file.
pub(crate) fn read_spilled(
    file: RefCountedTempFile,
    schema: SchemaRef,
    env: &Arc<RuntimeEnv>,
) -> Result<SendableRecordBatchStream> {
    let metrics = SpillMetrics::new(&ExecutionPlanMetricsSet::new(), 0);
    SpillManager::new(env.clone(), metrics, schema).read_spill_as_stream(file, None)
}

impl Spool {
    /// An empty one.
    pub(crate) fn new(name: &'static str, schema: SchemaRef, env: &Arc<RuntimeEnv>) -> Self {
        Self {
            schema,
            env: env.clone(),
            name,
            granted: MemoryConsumer::new(name).with_can_spill(true).register(&env.memory_pool),
            held: Vec::new(),
            file: None,
            rows: 0,
        }
    }

    /// Number of rows in all.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a batch.
    pub(crate) fn push(&mut self, batch: RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.rows += batch.num_rows();
        let bytes = get_record_batch_memory_size(&batch);
        if self.granted.try_grow(bytes).is_err() {
            self.spill()?;
            if self.granted.try_grow(bytes).is_err() {
                return self.write(&batch);
            }
        }
        self.held.push(batch);
        Ok(())
    }

    /// Moves everything to disk and gives the memory back.
    pub(crate) fn spill(&mut self) -> Result<()> {
        for batch in std::mem::take(&mut self.held) {
            self.write(&batch)?;
        }
        self.granted.free();
        Ok(())
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(SpillFile::create(self.name, &self.schema, &self.env)?),
        };
        file.append(batch)
    }

    /// The batches in the order in which they were added. Memory is given back when the stream is dropped.
    pub(crate) fn into_stream(self) -> Result<SendableRecordBatchStream> {
        let spilled = match self.file {
            Some(file) => read_spilled(file.finish()?, self.schema.clone(), &self.env)?.boxed(),
            None => stream::empty().boxed(),
        };
        let granted = self.granted;
        let held = stream::iter(self.held).map(move |batch| {
            let _ = &granted;
            Ok(batch)
        });
        Ok(super::stage::stream(self.schema, spilled.chain(held)))
    }
}
