//! Batches that wait to be read once: in memory while the pool allows it, on disk beyond.
//!
//! Takes batches, gives them back in the same order. It must not hold memory that the pool has not granted.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::utils::memory::get_record_batch_memory_size;
use datafusion::error::Result;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::physical_plan::metrics::{ExecutionPlanMetricsSet, SpillMetrics};
use datafusion::physical_plan::spill::in_progress_spill_file::InProgressSpillFile;
use datafusion::physical_plan::spill::spill_manager::SpillManager;
use futures::{StreamExt, stream};

/// Batches in order.
pub(crate) struct Spool {
    name: &'static str,
    files: SpillManager,
    granted: MemoryReservation,
    /// The last batches; all before them are in `file`.
    held: Vec<RecordBatch>,
    file: Option<InProgressSpillFile>,
    rows: usize,
}

/// What writes and reads spilled batches of one schema.
pub(crate) fn spill_manager(env: &Arc<RuntimeEnv>, schema: SchemaRef) -> SpillManager {
    let metrics = SpillMetrics::new(&ExecutionPlanMetricsSet::new(), 0);
    SpillManager::new(env.clone(), metrics, schema)
}

impl Spool {
    /// An empty one.
    pub(crate) fn new(name: &'static str, schema: SchemaRef, env: &Arc<RuntimeEnv>) -> Self {
        Self {
            name,
            files: spill_manager(env, schema),
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
            None => self.file.insert(self.files.create_in_progress_file(self.name)?),
        };
        file.append_batch(batch)
    }

    /// The batches in the order in which they were added. Memory is given back when the stream is dropped.
    pub(crate) fn into_stream(mut self) -> Result<SendableRecordBatchStream> {
        let schema = self.files.schema().clone();
        let spilled = match &mut self.file {
            Some(file) => file.finish()?,
            None => None,
        };
        let spilled = match spilled {
            Some(file) => self.files.read_spill_as_stream(file, None)?.boxed(),
            None => stream::empty().boxed(),
        };
        let granted = self.granted;
        let held = stream::iter(self.held).map(move |batch| {
            let _ = &granted;
            Ok(batch)
        });
        Ok(super::stage::stream(schema, spilled.chain(held)))
    }
}
