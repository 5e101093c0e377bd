//! From an upsert stream to the append stream of its changes.
//!
//! Takes all records of all keys, gives one for each that changed a row: `insert`, `update`, or `delete` with the row that was deleted.

use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch, StringArray, TimestampMicrosecondArray, UInt32Array};
use arrow::compute::{concat_batches, take_record_batch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit, TimestampMicrosecondType};
use datafusion::error::Result;
use headwater_compiler::graph::OpId;

use super::count::Counter;
use super::error::EngineError;
use super::layout::name;
use super::order::{ascending, sorted, ties, together, with_time_ms};
use super::outcome::{Gives, Outcome};
use super::plan::{Ctx, Facts, Rows};
use super::runs::Runs;
use super::sieve::is_true;
use super::stage::{Plan, Stage, Step, narrow, unordered};

/// What happened to a row, as `_op` says it.
const INSERT: &str = "insert";
const UPDATE: &str = "update";
const DELETE: &str = "delete";

/// The changes of an upsert stream, with `_op` and `_changed_at` behind its columns.
pub(crate) fn changelog(ctx: &mut Ctx<'_>, id: OpId, input: Rows) -> Result<Rows, EngineError> {
    let tally = ctx.tally(id, Gives::OneEach, &[&[Outcome::Out, Outcome::Erased]]);
    let Rows { plan, layout, facts } = ctx.read(&tally, 0, input)?;
    let before = ctx.output(ctx.op(id).inputs[0]);
    let keys = layout.positions(&before.key);
    let time = before.event_time.as_ref().map(|time| layout.position(time.column));
    let mut plan = together(plan, &keys, ctx.config.threads)?;
    let mut order = keys.clone();
    if let Some(time) = time.filter(|_| facts.by_time) {
        let (timed, ms) = with_time_ms(plan, time)?;
        order.push(ms);
        plan = timed;
    }
    order.extend(ties(&layout, facts.unique));
    plan = sorted(plan.clone(), ascending(&plan.schema(), order))?;
    let width = plan.schema().fields().len();
    let how = Changes {
        keys,
        deleted: layout.deleted().expect("an upsert stream has deletions"),
        time,
        now_us: ctx.config.now_us,
        out: tally.outcome(0, Outcome::Out),
        erased: tally.outcome(0, Outcome::Erased),
    };
    let plan = changes(plan, how, before.columns.len());
    let given = ctx.layout(id);
    let place = |&column: &usize| match column.checked_sub(before.columns.len()) {
        None => layout.position(column),
        Some(appended) => width + appended,
    };
    let columns: Vec<usize> =
        given.columns.iter().map(place).chain(given.arrival().and(layout.arrival())).collect();
    let facts = Facts { settled: false, by_time: false, ..facts };
    Ok(Rows { plan: narrow(plan, &columns)?, layout: given, facts })
}

/// How changes are found in sorted records.
#[derive(Clone)]
struct Changes {
    keys: Vec<usize>,
    deleted: usize,
    /// Column of event time.
    time: Option<usize>,
    /// Stands for the time of a change that has none.
    now_us: i64,
    out: Counter,
    erased: Counter,
}

fn changes(input: Plan, how: Changes, first: usize) -> Plan {
    let mut fields = input.schema().fields().to_vec();
    let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    fields.push(Arc::new(Field::new(name(first), DataType::Utf8, true)));
    fields.push(Arc::new(Field::new(name(first + 1), instant, true)));
    let schema = Arc::new(Schema::new(fields));
    let properties = unordered(schema.clone(), input.properties().output_partitioning().clone());
    let gives = schema.clone();
    Stage::each_partition("Changes", input, gives, properties, move |_| -> Step {
        let mut runs = Runs::new(&how.keys);
        let mut live: Option<RecordBatch> = None;
        let (how, schema) = (how.clone(), schema.clone());
        Box::new(move |batch| match batch {
            Some(batch) if batch.num_rows() > 0 => Ok(vec![how.batch(batch, &mut runs, &mut live, &schema)?]),
            Some(_) | None => Ok(Vec::new()),
        })
    })
}

impl Changes {
    /// The changes of a batch. `live` is the row that the last key has, one row or none.
    fn batch(
        &self,
        batch: RecordBatch,
        runs: &mut Runs,
        live: &mut Option<RecordBatch>,
        schema: &SchemaRef,
    ) -> Result<RecordBatch> {
        let (ranges, continues) = runs.split(&batch)?;
        let deleted = is_true(batch.column(self.deleted));
        // The row before the batch stands in front of it, so that a deletion can show it.
        let before = live.take().filter(|_| continues);
        let offset = usize::from(before.is_some());
        let batch = match before {
            Some(before) => concat_batches(&batch.schema(), [&before, &batch])?,
            None => batch,
        };
        let mut last = (offset == 1).then_some(0);
        let (mut shown, mut caused, mut ops) = (Vec::new(), Vec::new(), Vec::new());
        for (index, range) in ranges.into_iter().enumerate() {
            if index > 0 {
                last = None;
            }
            for row in range {
                let at = row + offset;
                let (op, show) = match (deleted.value(row), last) {
                    (true, None) => {
                        self.erased.add(1);
                        continue;
                    }
                    (true, Some(row)) => (DELETE, row),
                    (false, None) => (INSERT, at),
                    (false, Some(_)) => (UPDATE, at),
                };
                last = if op == DELETE { None } else { Some(at) };
                ops.push(op);
                shown.push(show as u32);
                caused.push(at);
            }
        }
        self.out.add(ops.len());
        *live = last.map(|row| batch.slice(row, 1));
        let times = self.times(&batch, &shown, &caused);
        let shown = take_record_batch(&batch, &UInt32Array::from(shown))?;
        let mut columns = shown.columns().to_vec();
        columns.push(Arc::new(StringArray::from(ops)));
        columns.push(Arc::new(times));
        Ok(RecordBatch::try_new(schema.clone(), columns)?)
    }

    /// When each change happened: at its own time, at that of the row it deleted, or now.
    fn times(&self, batch: &RecordBatch, shown: &[u32], caused: &[usize]) -> TimestampMicrosecondArray {
        let times = self.time.map(|time| batch.column(time).as_primitive::<TimestampMicrosecondType>());
        let at = |row: usize| times.filter(|times| times.is_valid(row)).map(|times| times.value(row));
        let changed = shown.iter().zip(caused);
        let changed =
            changed.map(|(&shown, &caused)| at(caused).or_else(|| at(shown as usize)).unwrap_or(self.now_us));
        TimestampMicrosecondArray::from_iter_values(changed).with_timezone("UTC")
    }
}
