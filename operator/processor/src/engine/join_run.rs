//! Runs a join: keeps one side in memory, lets the other pass; where memory does not suffice, both go to disk in buckets by key.
//!
//! Takes two plans, gives one. The kept side is read before the passing side is opened, so nothing was given when it is found too large.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute::{BatchCoalescer, concat_batches, take_record_batch};
use arrow::datatypes::SchemaRef;
use datafusion::common::utils::memory::get_record_batch_memory_size;
use datafusion::error::Result;
use datafusion::execution::disk_manager::RefCountedTempFile;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties, Partitioning};
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt, stream};
use tokio::sync::OnceCell;

use super::join_probe::{Joining, Passing, evaluate};
use super::join_table::{Table, hash};
use super::spool::{SpillFile, read_spilled};
use super::stage::{self, Plan, Stage, unordered};

/// Into how many buckets a side is cut that does not fit.
const BUCKETS: usize = 16;
/// How often a bucket is cut again; one that still does not fit has few keys and is kept whole.
const CUTS_MAX: u64 = 3;
/// More than this is never kept as one table, since text columns address less than 2 GiB.
const TABLE_BYTES_MAX: usize = 1 << 30;
/// What the table needs for each row beside the row: its key's hash and places in the order.
const ROW_BYTES: usize = 48;

/// What is common to the partitions of a join.
struct Shared {
    joining: Joining,
    kept_schema: SchemaRef,
    passing_schema: SchemaRef,
    ready: OnceCell<Ready>,
    /// Partitions that have not ended.
    running: AtomicUsize,
    partitions: usize,
}

/// How the kept side is there.
enum Ready {
    Table(Arc<Kept>),
    /// Both sides on disk, cut by key.
    Buckets(Vec<Bucket>),
}

/// A table and the memory that it is granted.
struct Kept {
    table: Table,
    _granted: MemoryReservation,
}

/// The rows of both sides whose keys share a hash; none where there are none.
#[derive(Clone)]
struct Bucket {
    kept: Option<RefCountedTempFile>,
    passing: Option<RefCountedTempFile>,
}

type Batches = BoxStream<'static, Result<RecordBatch>>;

/// The rows of two plans joined. The output has as many partitions as the passing side.
pub(crate) fn join(kept: Plan, passing: Plan, joining: Joining) -> Plan {
    let partitions = passing.output_partitioning().partition_count();
    let schema = joining.schema.clone();
    let properties = unordered(schema.clone(), Partitioning::UnknownPartitioning(partitions));
    let shared = Arc::new(Shared {
        joining,
        kept_schema: kept.schema(),
        passing_schema: passing.schema(),
        ready: OnceCell::new(),
        running: AtomicUsize::new(partitions),
        partitions,
    });
    Stage::plan("Join", vec![kept, passing], properties, move |inputs, partition, context| {
        let (kept, passing) = (inputs[0].clone(), inputs[1].clone());
        let shared = shared.clone();
        let rows = stream::once(async move { shared.partition(kept, passing, partition, context).await });
        Ok(stage::stream(schema.clone(), rows.try_flatten()))
    })
}

impl Shared {
    async fn partition(
        self: Arc<Self>,
        kept: Plan,
        passing: Plan,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<Batches> {
        let ready = self.ready.get_or_try_init(|| self.prepare(kept, &passing, &context)).await?;
        match ready {
            Ready::Table(kept) => {
                let rows = passing.execute(partition, context.clone())?;
                let kept = kept.clone();
                let last = {
                    let shared = self.clone();
                    move || shared.running.fetch_sub(1, Ordering::AcqRel) == 1
                };
                Ok(self.clone().pass(kept, rows, last, &context))
            }
            Ready::Buckets(buckets) => {
                let mine: Vec<Bucket> =
                    buckets.iter().skip(partition).step_by(self.partitions).cloned().collect();
                Ok(self.clone().buckets(mine, 1, context))
            }
        }
    }

    /// Reads the kept side; where it does not fit, the passing side too.
    async fn prepare(&self, kept: Plan, passing: &Plan, context: &Arc<TaskContext>) -> Result<Ready> {
        match self.gather(merged(kept, context)?, 0, context).await? {
            Gathered::Table(kept) => Ok(Ready::Table(kept)),
            Gathered::Files(kept) => {
                let rows = merged(passing.clone(), context)?;
                let keys = &self.joining.passing_keys;
                let mut cutter = Cutter::new(keys, &self.passing_schema, 0, context);
                let passing = cutter.all(&self.joining, rows).await?;
                Ok(Ready::Buckets(zip(kept, passing)))
            }
        }
    }

    /// Reads rows of the kept side into a table or, where that is not granted, into files.
    async fn gather(
        &self,
        mut rows: SendableRecordBatchStream,
        cuts: u64,
        context: &Arc<TaskContext>,
    ) -> Result<Gathered> {
        let granted = MemoryConsumer::new("join").with_can_spill(true).register(context.memory_pool());
        let mut held = Vec::new();
        while let Some(batch) = rows.next().await {
            let batch = batch?;
            // The rows are copied together once all are there.
            let bytes = get_record_batch_memory_size(&batch) * 2 + batch.num_rows() * ROW_BYTES;
            if cuts >= CUTS_MAX {
                granted.grow(bytes);
            } else if granted.size() + bytes > TABLE_BYTES_MAX * 2 || granted.try_grow(bytes).is_err() {
                let mut cutter = Cutter::new(&self.joining.kept_keys, &self.kept_schema, cuts, context);
                for batch in held.drain(..).chain([batch]) {
                    cutter.push(&self.joining, &batch)?;
                }
                granted.free();
                return Ok(Gathered::Files(cutter.all(&self.joining, rows).await?));
            }
            held.push(batch);
        }
        let rows = concat_batches(&self.kept_schema, &held)?;
        held.clear();
        let table = self.joining.table(rows)?;
        let bytes = get_record_batch_memory_size(&table.rows) + table.rows.num_rows() * ROW_BYTES;
        granted.shrink(granted.size().saturating_sub(bytes));
        Ok(Gathered::Table(Arc::new(Kept { table, _granted: granted })))
    }

    /// Joins rows with a table; `last` tells, once they have passed, whether they were the last.
    fn pass(
        self: Arc<Self>,
        kept: Arc<Kept>,
        rows: SendableRecordBatchStream,
        last: impl FnOnce() -> bool + Send + 'static,
        context: &TaskContext,
    ) -> Batches {
        let batch_size = context.session_config().batch_size();
        let gathered = BatchCoalescer::new(self.joining.schema.clone(), batch_size)
            .with_biggest_coalesce_batch_size(Some(batch_size / 2));
        let pass = Pass {
            shared: self,
            kept,
            rows,
            current: None,
            gathered,
            last: Some(Box::new(last)),
            batch_size,
        };
        stream::try_unfold(pass, |mut pass| async move { Ok(pass.next().await?.map(|batch| (batch, pass))) })
            .boxed()
    }

    /// Joins buckets one after the other.
    fn buckets(self: Arc<Self>, buckets: Vec<Bucket>, cuts: u64, context: Arc<TaskContext>) -> Batches {
        let each = stream::iter(buckets).then(move |bucket| {
            let (shared, context) = (self.clone(), context.clone());
            async move { shared.bucket(bucket, cuts, context).await }
        });
        each.try_flatten().boxed()
    }

    async fn bucket(
        self: Arc<Self>,
        bucket: Bucket,
        cuts: u64,
        context: Arc<TaskContext>,
    ) -> Result<Batches> {
        let env = context.runtime_env();
        let open = |file: Option<RefCountedTempFile>, schema: &SchemaRef| match file {
            Some(file) => read_spilled(file, schema.clone(), &env),
            None => Ok(stage::stream(schema.clone(), stream::empty())),
        };
        let kept = open(bucket.kept, &self.kept_schema)?;
        let passing = open(bucket.passing, &self.passing_schema)?;
        match self.gather(kept, cuts, &context).await? {
            Gathered::Table(kept) => Ok(self.pass(kept, passing, || true, &context)),
            Gathered::Files(kept) => {
                let keys = &self.joining.passing_keys;
                let mut cutter = Cutter::new(keys, &self.passing_schema, cuts, &context);
                let passing = cutter.all(&self.joining, passing).await?;
                Ok(self.clone().buckets(zip(kept, passing), cuts + 1, context))
            }
        }
    }
}

fn zip(kept: Vec<Option<RefCountedTempFile>>, passing: Vec<Option<RefCountedTempFile>>) -> Vec<Bucket> {
    kept.into_iter().zip(passing).map(|(kept, passing)| Bucket { kept, passing }).collect()
}

/// All rows of a plan as one stream, its partitions computed side by side.
fn merged(plan: Plan, context: &Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
    CoalescePartitionsExec::new(plan).execute(0, context.clone())
}

enum Gathered {
    Table(Arc<Kept>),
    /// A file for each bucket.
    Files(Vec<Option<RefCountedTempFile>>),
}

/// Rows on their way past a table.
struct Pass {
    shared: Arc<Shared>,
    kept: Arc<Kept>,
    rows: SendableRecordBatchStream,
    current: Option<Passing>,
    gathered: BatchCoalescer,
    /// Taken once the rows have passed.
    last: Option<Box<dyn FnOnce() -> bool + Send>>,
    batch_size: usize,
}

impl Pass {
    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            if let Some(batch) = self.gathered.next_completed_batch() {
                return Ok(Some(batch));
            }
            let (joining, table) = (&self.shared.joining, &self.kept.table);
            if let Some(current) = &mut self.current {
                match current.next(joining, table, self.batch_size)? {
                    Some(batch) => self.gathered.push_batch(batch)?,
                    None => self.current = None,
                }
                continue;
            }
            match self.rows.next().await.transpose()? {
                Some(batch) => self.current = Some(Passing::new(joining, table, batch)?),
                None => match self.last.take() {
                    Some(last) => {
                        if last() {
                            self.end()?;
                        }
                        self.gathered.finish_buffered_batch()?;
                    }
                    None => return Ok(None),
                },
            }
        }
    }

    /// Once all have passed: counts the kept side and gives its rows without a partner.
    fn end(&mut self) -> Result<()> {
        let (joining, table) = (&self.shared.joining, &self.kept.table);
        let alone = table.unmatched();
        joining.kept.unmatched.add(alone.len());
        joining.kept.matched.add(table.rows.num_rows() - alone.len());
        if joining.outer_kept {
            for rows in alone.chunks(self.batch_size) {
                let batch = joining.alone(table, rows.to_vec(), &self.shared.passing_schema)?;
                self.gathered.push_batch(batch)?;
            }
        }
        Ok(())
    }
}

/// Cuts rows into files by a hash of their key.
struct Cutter {
    keys: Vec<Arc<dyn PhysicalExpr>>,
    schema: SchemaRef,
    cuts: u64,
    context: Arc<TaskContext>,
    gathered: Vec<BatchCoalescer>,
    files: Vec<Option<SpillFile>>,
}

impl Cutter {
    fn new(
        keys: &[Arc<dyn PhysicalExpr>],
        schema: &SchemaRef,
        cuts: u64,
        context: &Arc<TaskContext>,
    ) -> Self {
        // Together the buckets hold back about as many rows as two batches.
        let batch_size = (context.session_config().batch_size() / BUCKETS * 2).max(1);
        let gathered = (0..BUCKETS).map(|_| BatchCoalescer::new(schema.clone(), batch_size)).collect();
        Self {
            keys: keys.to_vec(),
            schema: schema.clone(),
            cuts,
            context: context.clone(),
            gathered,
            files: (0..BUCKETS).map(|_| None).collect(),
        }
    }

    fn push(&mut self, joining: &Joining, batch: &RecordBatch) -> Result<()> {
        let keys = joining.keys.encode(&evaluate(&self.keys, batch)?)?;
        let mut rows: Vec<Vec<u32>> = vec![Vec::new(); BUCKETS];
        for row in 0..batch.num_rows() {
            let bucket = (hash(keys.row(row).as_ref(), self.cuts + 1) >> 32) as usize % BUCKETS;
            rows[bucket].push(row as u32);
        }
        for (bucket, rows) in rows.into_iter().enumerate().filter(|(_, rows)| !rows.is_empty()) {
            self.gathered[bucket].push_batch(take_record_batch(batch, &UInt32Array::from(rows))?)?;
            self.write(bucket)?;
        }
        Ok(())
    }

    fn write(&mut self, bucket: usize) -> Result<()> {
        while let Some(batch) = self.gathered[bucket].next_completed_batch() {
            let file = match &mut self.files[bucket] {
                Some(file) => file,
                None => {
                    let file = SpillFile::create("join", &self.schema, &self.context.runtime_env())?;
                    self.files[bucket].insert(file)
                }
            };
            file.append(&batch)?;
        }
        Ok(())
    }

    /// Cuts the rest too; gives the files.
    async fn all(
        &mut self,
        joining: &Joining,
        mut rows: SendableRecordBatchStream,
    ) -> Result<Vec<Option<RefCountedTempFile>>> {
        while let Some(batch) = rows.next().await {
            self.push(joining, &batch?)?;
        }
        for bucket in 0..BUCKETS {
            self.gathered[bucket].finish_buffered_batch()?;
            self.write(bucket)?;
        }
        self.files.drain(..).map(|file| file.map(SpillFile::finish).transpose()).collect()
    }
}
