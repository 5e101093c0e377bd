//! From the records of an upsert stream to its table: the last record of each key.
//!
//! Takes rows with their facts, gives settled rows. What operators say "of a table" is computed over these.

use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use headwater_compiler::stream::StreamType;

use super::count::Counter;
use super::error::EngineError;
use super::order::{ascending, sorted, ties, together, with_time_ms};
use super::plan::{Ctx, Facts, Rows};
use super::runs::{LastOfRun, last_of_run};
use super::sieve::is_true;
use super::stage::{Stage, narrow};

/// Where settling counts records.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settling {
    /// Those that remain.
    pub(crate) kept: Counter,
    /// Those that gave way to a later one of their key.
    pub(crate) superseded: Counter,
    /// Deletions that are the last of their key, which then are left out; without it they remain.
    pub(crate) erased: Option<Counter>,
}

impl Settling {
    /// Counts only what gives way, and keeps deletions.
    pub(crate) fn superseding(superseded: Counter) -> Self {
        Self { superseded, ..Self::default() }
    }
}

/// The last record of each key, which afterwards is the only one.
pub(crate) fn settle(
    ctx: &Ctx<'_>,
    rows: Rows,
    stream: &StreamType,
    counters: &Settling,
) -> Result<Rows, EngineError> {
    let Rows { plan, layout, facts } = rows;
    let deleted = layout.deleted().expect("only upsert streams are settled");
    if facts.settled {
        let plan = match &counters.erased {
            Some(erased) => live(plan, deleted, counters.kept.clone(), erased.clone())?,
            None => super::count::counted(plan, &counters.kept)?,
        };
        return Ok(Rows { plan, layout, facts });
    }
    let keys = layout.positions(&stream.key);
    let mut order = keys.clone();
    let mut plan = together(plan, &keys, ctx.config.threads)?;
    let columns: Vec<usize> = (0..layout.schema.fields().len()).collect();
    if let Some(time) = stream.event_time.as_ref().filter(|_| facts.by_time) {
        let (timed, ms) = with_time_ms(plan, layout.position(time.column))?;
        order.push(ms);
        plan = timed;
    }
    order.extend(ties(&layout, facts.unique));
    let plan = sorted(plan.clone(), ascending(&plan.schema(), order))?;
    let how = LastOfRun {
        kept: counters.kept.clone(),
        superseded: counters.superseded.clone(),
        erased: counters.erased.clone().map(|erased| (deleted, erased)),
    };
    let plan = narrow(last_of_run(plan, &keys, how), &columns)?;
    let facts = Facts { settled: true, by_time: false, ..facts };
    Ok(Rows { plan, layout, facts })
}

/// Leaves out deletions.
fn live(
    plan: super::stage::Plan,
    deleted: usize,
    kept: Counter,
    erased: Counter,
) -> Result<super::stage::Plan, EngineError> {
    let schema = plan.schema();
    let plan = Stage::each_batch("Live", plan, schema, move || {
        let (kept, erased) = (kept.clone(), erased.clone());
        move |batch: RecordBatch| {
            let live = !&is_true(batch.column(deleted));
            let count = live.count_set_bits();
            kept.add(count);
            erased.add(batch.num_rows() - count);
            if count == batch.num_rows() {
                return Ok(batch);
            }
            Ok(filter_record_batch(&batch, &BooleanArray::new(live, None))?)
        }
    })?;
    Ok(plan)
}
