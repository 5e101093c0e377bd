//! Rows that several operators read, computed once.
//!
//! Each partition keeps a log of batches; a task of its own pulls the input as soon as the foremost reader wants more,
//! so that no reader waits for another and none can block the others.
//! What the slowest reader has not yet read stays in memory while the pool grants it, and on disk beyond.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::utils::memory::get_record_batch_memory_size;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::disk_manager::RefCountedTempFile;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::ExecutionPlanProperties;
use futures::{StreamExt, stream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::spool::{SpillFile, read_spilled};
use super::stage::{self, Plan, Stage};

/// How many batches are computed before the foremost reader asks for them.
const AHEAD: usize = 2;

/// The tasks that pull shared rows; they end with the run that holds this.
#[derive(Default)]
pub(crate) struct Drivers(Mutex<JoinSet<()>>);

impl Drivers {
    /// Ends all tasks.
    pub(crate) fn stop(&self) {
        lock(&self.0).abort_all();
    }
}

/// Plans that together read `input` `readers` times and compute it once.
pub(crate) fn tee(input: Plan, readers: usize, drivers: &Arc<Drivers>) -> Vec<Plan> {
    let partitions = input.output_partitioning().partition_count();
    let logs: Arc<Vec<OnceLock<Arc<Log>>>> = Arc::new((0..partitions).map(|_| OnceLock::new()).collect());
    let reader = |reader: usize| {
        let logs = logs.clone();
        let drivers = drivers.clone();
        let properties = input.properties().clone();
        Stage::plan("Tee", vec![input.clone()], properties, move |inputs, partition, context| {
            let log = logs[partition].get_or_init(|| Log::new(&inputs[0], readers, &context)).clone();
            log.start(&inputs[0], partition, &context, &drivers)?;
            Ok(log.read(reader))
        })
    };
    (0..readers).map(reader).collect()
}

/// The batches of one partition.
struct Log {
    schema: SchemaRef,
    env: Arc<RuntimeEnv>,
    state: Mutex<State>,
    /// Something was added, or nothing more will be.
    added: Notify,
    /// A reader wants more, or has gone.
    wanted: Notify,
}

struct State {
    /// Batches that not every reader has read; the first has number `first`.
    entries: VecDeque<Entry>,
    first: usize,
    /// For each reader the number of the batch it reads next; none once it has gone.
    readers: Vec<Option<usize>>,
    granted: MemoryReservation,
    end: Option<End>,
    started: bool,
}

#[derive(Clone)]
enum Entry {
    Held(RecordBatch),
    /// The batch with this index in a file.
    Spilled(Arc<RefCountedTempFile>, usize),
}

#[derive(Clone)]
enum End {
    Complete,
    Failed(Arc<DataFusionError>),
}

impl Log {
    fn new(input: &Plan, readers: usize, context: &TaskContext) -> Arc<Self> {
        let env = context.runtime_env();
        let granted = MemoryConsumer::new("tee").with_can_spill(true).register(&env.memory_pool);
        let state = State {
            entries: VecDeque::new(),
            first: 0,
            readers: vec![Some(0); readers],
            granted,
            end: None,
            started: false,
        };
        Arc::new(Self {
            schema: input.schema(),
            env,
            state: Mutex::new(state),
            added: Notify::new(),
            wanted: Notify::new(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Starts the task that pulls the input, unless it runs.
    fn start(
        self: &Arc<Self>,
        input: &Plan,
        partition: usize,
        context: &Arc<TaskContext>,
        drivers: &Drivers,
    ) -> Result<()> {
        if !std::mem::replace(&mut self.state().started, true) {
            let rows = input.execute(partition, context.clone())?;
            lock(&drivers.0).spawn(self.clone().drive(rows));
        }
        Ok(())
    }

    /// Pulls the input while somebody wants it.
    async fn drive(self: Arc<Self>, mut rows: SendableRecordBatchStream) {
        let _ending = Ending(self.clone());
        loop {
            let wanted = self.wanted.notified();
            tokio::pin!(wanted);
            wanted.as_mut().enable();
            let demand = self.state().demand();
            match demand {
                Demand::More => {}
                Demand::Enough => {
                    wanted.await;
                    continue;
                }
                Demand::Gone => return,
            }
            let end = match rows.next().await {
                Some(Ok(batch)) => self.state().push(batch, &self.schema, &self.env).err(),
                Some(Err(error)) => Some(error),
                None => {
                    self.state().end = Some(End::Complete);
                    return;
                }
            };
            if let Some(error) = end {
                self.state().end = Some(End::Failed(Arc::new(error)));
                return;
            }
            self.added.notify_waiters();
        }
    }

    /// What one reader reads.
    fn read(self: Arc<Self>, reader: usize) -> SendableRecordBatchStream {
        let schema = self.schema.clone();
        let cursor = Cursor { log: self, reader, file: None };
        let batches = stream::try_unfold(cursor, |mut cursor| async move {
            Ok(cursor.next().await?.map(|batch| (batch, cursor)))
        });
        stage::stream(schema, batches)
    }
}

/// Tells readers that the input's task has ended, be it by a panic.
struct Ending(Arc<Log>);

impl Drop for Ending {
    fn drop(&mut self) {
        let mut state = self.0.state();
        if state.end.is_none() {
            let error =
                DataFusionError::Execution("the task that computes shared rows has stopped".to_owned());
            state.end = Some(End::Failed(Arc::new(error)));
        }
        drop(state);
        self.0.added.notify_waiters();
    }
}

enum Demand {
    More,
    Enough,
    /// Nobody reads any more.
    Gone,
}

impl State {
    fn demand(&self) -> Demand {
        match self.readers.iter().flatten().max() {
            None => Demand::Gone,
            Some(foremost) if foremost + AHEAD >= self.first + self.entries.len() => Demand::More,
            Some(_) => Demand::Enough,
        }
    }

    fn push(&mut self, batch: RecordBatch, schema: &SchemaRef, env: &Arc<RuntimeEnv>) -> Result<()> {
        let bytes = get_record_batch_memory_size(&batch);
        if self.granted.try_grow(bytes).is_ok() {
            self.entries.push_back(Entry::Held(batch));
            return Ok(());
        }
        self.entries.push_back(Entry::Held(batch));
        self.spill(schema, env)
    }

    /// Moves all batches that are held to a file.
    fn spill(&mut self, schema: &SchemaRef, env: &Arc<RuntimeEnv>) -> Result<()> {
        let mut file = SpillFile::create("tee", schema, env)?;
        let mut written = Vec::new();
        for (index, entry) in self.entries.iter().enumerate() {
            if let Entry::Held(batch) = entry {
                file.append(batch)?;
                written.push(index);
            }
        }
        let file = Arc::new(file.finish()?);
        for (place, index) in written.into_iter().enumerate() {
            self.entries[index] = Entry::Spilled(file.clone(), place);
        }
        self.granted.free();
        Ok(())
    }

    /// Forgets what every reader has read.
    fn trim(&mut self) {
        let Some(&slowest) = self.readers.iter().flatten().min() else {
            self.entries.clear();
            self.granted.free();
            return;
        };
        while self.first < slowest {
            if let Some(Entry::Held(batch)) = self.entries.pop_front() {
                let bytes = get_record_batch_memory_size(&batch);
                self.granted.shrink(bytes.min(self.granted.size()));
            }
            self.first += 1;
        }
    }
}

/// Where one reader is.
struct Cursor {
    log: Arc<Log>,
    reader: usize,
    /// The file it reads from, with the index of the batch that comes next.
    file: Option<(Arc<RefCountedTempFile>, SendableRecordBatchStream, usize)>,
}

impl Cursor {
    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        let log = self.log.clone();
        let entry = loop {
            let added = log.added.notified();
            tokio::pin!(added);
            added.as_mut().enable();
            let found = {
                let mut state = log.state();
                let at = state.readers[self.reader].unwrap_or(state.first);
                match state.entries.get(at - state.first) {
                    Some(entry) => {
                        let entry = entry.clone();
                        state.readers[self.reader] = Some(at + 1);
                        state.trim();
                        Some(entry)
                    }
                    None => match &state.end {
                        Some(End::Complete) => return Ok(None),
                        Some(End::Failed(error)) => return Err(DataFusionError::Shared(error.clone())),
                        None => None,
                    },
                }
            };
            log.wanted.notify_one();
            match found {
                Some(entry) => break entry,
                None => added.await,
            }
        };
        match entry {
            Entry::Held(batch) => Ok(Some(batch)),
            Entry::Spilled(file, index) => self.spilled(file, index).await.map(Some),
        }
    }

    /// Reads the batch with this index of a file; indices ascend.
    async fn spilled(&mut self, file: Arc<RefCountedTempFile>, index: usize) -> Result<RecordBatch> {
        let open = self.file.take().filter(|(open, _, _)| Arc::ptr_eq(open, &file));
        let (file, mut batches, mut at) = match open {
            Some(open) => open,
            None => {
                let batches = read_spilled(file.as_ref().clone(), self.log.schema.clone(), &self.log.env)?;
                (file, batches, 0)
            }
        };
        loop {
            let batch = batches.next().await.ok_or_else(|| {
                DataFusionError::Internal("a spilled file ends before its batches do".to_owned())
            })??;
            at += 1;
            if at > index {
                self.file = Some((file, batches, at));
                return Ok(batch);
            }
        }
    }
}

impl Drop for Cursor {
    fn drop(&mut self) {
        let mut state = self.log.state();
        state.readers[self.reader] = None;
        state.trim();
        drop(state);
        self.log.wanted.notify_one();
    }
}

/// A panic elsewhere has stopped the run; what it left is whole between statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
