//! The records of a source held in memory, so that they can be looked at before they are computed with.
//!
//! Takes a source, reads it whole, gives the same source again. Only for the few records of a test.

use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{TimestampMicrosecondType, UInt64Type};
use datafusion::execution::SendableRecordBatchStream;
use futures::{TryStreamExt, stream};
use headwater_compiler::stream::StreamType;

use super::bindings::{BoundError, Originals, Rejected, SourceRows, Wanted};
use super::count::Counter;
use super::ends::source_schema;
use super::layout::{Layout, Need};
use super::stage;

/// A source that has been read.
pub(crate) struct HeldRows {
    inner: Arc<dyn SourceRows>,
    layout: Layout,
    /// All columns, with the position, sorted by it.
    batches: Vec<RecordBatch>,
    rejected: Vec<Rejected>,
    read: u64,
}

impl HeldRows {
    /// Reads a source whole.
    pub(crate) async fn read(inner: Arc<dyn SourceRows>, given: &StreamType) -> Result<Self, BoundError> {
        let need = Need { columns: (0..given.columns.len()).collect(), arrival: true, history: true };
        let layout = Layout::new(given, &need);
        let rejected: Arc<Mutex<Vec<Rejected>>> = Arc::default();
        let read = Counter::default();
        let taken = rejected.clone();
        let wanted = Wanted {
            partitions: inner.partitions(1).max(1),
            columns: layout.columns.clone(),
            schema: source_schema(&layout),
            batch_size: usize::from(u16::MAX),
            read: read.shared(),
            reject: Arc::new(move |records| {
                taken.lock().unwrap_or_else(PoisonError::into_inner).extend(records);
                Ok(())
            }),
        };
        let mut batches = Vec::new();
        for partition in 0..wanted.partitions {
            let rows: Vec<RecordBatch> = inner.open(partition, &wanted)?.try_collect().await?;
            let rows = rows.into_iter().filter(|batch| batch.num_rows() > 0);
            for batch in rows {
                batches.push(RecordBatch::try_new(wanted.schema.clone(), batch.columns().to_vec())?);
            }
        }
        let rejected = std::mem::take(&mut *rejected.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(Self { inner, layout, batches, rejected, read: read.get() })
    }

    /// Position and event time in milliseconds of each record, in order of positions.
    pub(crate) fn times(&self, time: usize) -> Vec<(u64, Option<i64>)> {
        let position = self.layout.columns.len();
        let mut times = Vec::new();
        for batch in &self.batches {
            let positions = batch.column(position).as_primitive::<UInt64Type>().values();
            let event_times = batch.column(time).as_primitive::<TimestampMicrosecondType>();
            let ms = event_times.iter().map(|us| us.map(|us| us.div_euclid(1000)));
            times.extend(positions.iter().copied().zip(ms));
        }
        times.sort_unstable();
        times
    }
}

impl SourceRows for HeldRows {
    fn partitions(&self, _: usize) -> usize {
        1
    }

    fn open(&self, _: usize, wanted: &Wanted) -> Result<SendableRecordBatchStream, BoundError> {
        wanted.count_read(self.read);
        (wanted.reject)(self.rejected.clone())?;
        let hidden = self.layout.columns.len()
            ..wanted.schema.fields().len() - wanted.columns.len() + self.layout.columns.len();
        let columns: Vec<usize> = wanted.columns.iter().copied().chain(hidden).collect();
        let batches = self.batches.iter().map(|batch| Ok(batch.project(&columns)?));
        let batches: Vec<_> = batches.collect();
        Ok(stage::stream(wanted.schema.clone(), stream::iter(batches)))
    }

    fn originals(&self) -> Result<Box<dyn Originals>, BoundError> {
        self.inner.originals()
    }
}
