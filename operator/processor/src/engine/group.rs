//! Operators that keep some records of a group: deduplicate and top-N.
//!
//! Each takes the rows of its input and gives its own, with every record counted.

use std::sync::Arc;

use arrow::compute::SortOptions;
use datafusion::physical_expr::expressions::{is_not_null, lit};
use datafusion::physical_expr::{PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::projection::ProjectionExec;
use headwater_compiler::graph::{Kept, OpId, OrderBy};

use super::bindings::{ARRIVAL, DELETED};
use super::count::{Counter, counted};
use super::error::EngineError;
use super::express::key;
use super::late::punctual;
use super::layout::{Layout, name};
use super::letters::Judgement;
use super::order::{ascending, sorted, ties, together, with_time_ms};
use super::outcome::{Gives, Outcome};
use super::plan::{Ctx, Facts, Rows, is_upsert};
use super::row::hidden;
use super::runs::{LastOfRun, first_of_run, first_within, last_of_run};
use super::settle::{Settling, settle};
use super::sieve::{Fate, Passes, Sieve, Test, sieve};
use super::stage::{Plan, column};

/// Run-time code of a record without event time where an operator needs one.
/// It has no page, because the compiler lets no event time be null; a graph from elsewhere might.
const UNTIMED: &str = "D031";

/// One record of those that agree on `by`.
pub(crate) fn deduplicate(
    ctx: &mut Ctx<'_>,
    id: OpId,
    input: Rows,
    by: &[usize],
    kept: Kept,
) -> Result<Rows, EngineError> {
    match kept {
        Kept::FirstWithinMs(within_ms) => keep_first(ctx, id, input, by, within_ms),
        Kept::Last(_) if ctx.need(id).history && !is_upsert(ctx.output(ctx.op(id).inputs[0])) => {
            keep_versions(ctx, id, input)
        }
        Kept::Last(_) => keep_last(ctx, id, input, by),
    }
}

/// The records that no other of their key precedes closely.
fn keep_first(
    ctx: &mut Ctx<'_>,
    id: OpId,
    input: Rows,
    by: &[usize],
    within_ms: u64,
) -> Result<Rows, EngineError> {
    let outcomes = [Outcome::Out, Outcome::Superseded, Outcome::Late, Outcome::Untimed];
    let tally = ctx.tally(id, Gives::OneEach, &[&outcomes]);
    let rows = ctx.read(&tally, 0, input)?;
    let time = event_time(ctx, id)?;
    let rows = timed(ctx, id, rows, time, tally.outcome(0, Outcome::Untimed))?;
    // What lies before a record is decided once the watermark reaches it.
    let rows = punctual(ctx, id, 0, rows, time, tally.outcome(0, Outcome::Late), |ms| ms)?;
    let keys = rows.layout.positions(by);
    let plan = together(rows.plan, &keys, ctx.config.threads)?;
    let (plan, ms) = with_time_ms(plan, rows.layout.position(time))?;
    let order: Vec<usize> =
        keys.iter().copied().chain([ms]).chain(ties(&rows.layout, rows.facts.unique)).collect();
    let plan = sorted(plan.clone(), ascending(&plan.schema(), order))?;
    let (out, superseded) = (tally.outcome(0, Outcome::Out), tally.outcome(0, Outcome::Superseded));
    let plan = first_within(plan, &keys, ms, within_ms, out, superseded);
    let layout = ctx.layout(id);
    Ok(Rows { plan: reshape(plan, &rows.layout, &layout)?, layout, facts: rows.facts })
}

/// All records, as the versions of their keys: what reads them needs more than the last.
fn keep_versions(ctx: &mut Ctx<'_>, id: OpId, input: Rows) -> Result<Rows, EngineError> {
    let tally = ctx.tally(id, Gives::OneEach, &[&[Outcome::Out]]);
    let rows = ctx.read(&tally, 0, input)?;
    let plan = counted(rows.plan, &tally.outcome(0, Outcome::Out))?;
    let layout = ctx.layout(id);
    let facts = Facts { settled: false, by_time: true, ..rows.facts };
    Ok(Rows { plan: reshape(plan, &rows.layout, &layout)?, layout, facts })
}

/// The last record of each key, by event time.
fn keep_last(ctx: &mut Ctx<'_>, id: OpId, input: Rows, by: &[usize]) -> Result<Rows, EngineError> {
    let outcomes = [Outcome::Out, Outcome::Superseded, Outcome::Erased];
    let tally = ctx.tally(id, Gives::OneEach, &[&outcomes]);
    let rows = ctx.read(&tally, 0, input)?;
    let superseded = tally.outcome(0, Outcome::Superseded);
    let rows = as_table(ctx, id, rows, &superseded, tally.outcome(0, Outcome::Erased))?;
    let keys = rows.layout.positions(by);
    let plan = together(rows.plan, &keys, ctx.config.threads)?;
    let (plan, ms) = with_time_ms(plan, rows.layout.position(event_time(ctx, id)?))?;
    let order: Vec<usize> =
        keys.iter().copied().chain([ms]).chain(ties(&rows.layout, rows.facts.unique)).collect();
    let plan = sorted(plan.clone(), ascending(&plan.schema(), order))?;
    let how = LastOfRun { kept: tally.outcome(0, Outcome::Out), superseded, erased: None };
    let plan = last_of_run(plan, &keys, how);
    let layout = ctx.layout(id);
    let facts = Facts { settled: true, by_time: false, ..rows.facts };
    Ok(Rows { plan: reshape(plan, &rows.layout, &layout)?, layout, facts })
}

/// How the first records of a group are found.
pub(crate) struct Ranking<'a> {
    pub(crate) by: &'a [usize],
    pub(crate) order: &'a [OrderBy],
    pub(crate) limit: u64,
    pub(crate) rank: bool,
}

/// The first records of each group.
pub(crate) fn top_n(
    ctx: &mut Ctx<'_>,
    id: OpId,
    input: Rows,
    ranking: &Ranking<'_>,
) -> Result<Rows, EngineError> {
    let outcomes = [Outcome::Out, Outcome::Superseded, Outcome::Erased];
    let tally = ctx.tally(id, Gives::OneEach, &[&outcomes]);
    let rows = ctx.read(&tally, 0, input)?;
    let superseded = tally.outcome(0, Outcome::Superseded);
    let rows = as_table(ctx, id, rows, &superseded, tally.outcome(0, Outcome::Erased))?;
    let keys = rows.layout.positions(ranking.by);
    let plan = together(rows.plan, &keys, ctx.config.threads)?;
    let schema = plan.schema();
    let mut order = ascending(&schema, keys.clone());
    for by in ranking.order {
        let options = SortOptions { descending: by.descending, nulls_first: by.nulls_first };
        order.push(PhysicalSortExpr::new(key(ctx.vault, &by.expr, &rows.layout)?, options));
    }
    order.extend(ascending(&schema, ties(&rows.layout, rows.facts.unique)));
    let plan = sorted(plan, order)?;
    let width = ctx.output(ctx.op(id).inputs[0]).columns.len();
    let layout = ctx.layout(id);
    let rank = (ranking.rank && layout.columns.contains(&width)).then(|| name(width));
    let out = tally.outcome(0, Outcome::Out);
    let plan = first_of_run(plan, &keys, ranking.limit, rank.as_deref(), out, superseded);
    let facts = Facts { settled: true, by_time: false, ..rows.facts };
    Ok(Rows { plan: reshape(plan, &rows.layout, &layout)?, layout, facts })
}

/// The last record of each key of an upsert stream without deletions; an append stream as it is.
pub(crate) fn as_table(
    ctx: &Ctx<'_>,
    id: OpId,
    rows: Rows,
    superseded: &Counter,
    erased: Counter,
) -> Result<Rows, EngineError> {
    let stream = ctx.output(ctx.op(id).inputs[0]);
    if !is_upsert(stream) {
        return Ok(rows);
    }
    let settling =
        Settling { kept: Counter::default(), superseded: superseded.clone(), erased: Some(erased) };
    settle(ctx, rows, stream, &settling)
}

/// The column of event time of an operator's input.
pub(crate) fn event_time(ctx: &Ctx<'_>, id: OpId) -> Result<usize, EngineError> {
    let stream = ctx.output(ctx.op(id).inputs[0]);
    let time = stream.event_time.as_ref().map(|time| time.column);
    time.ok_or_else(|| ctx.unsupported(id, "its input has no event time"))
}

/// The records that have a time; the others go to the dead letters.
pub(crate) fn timed(
    ctx: &Ctx<'_>,
    id: OpId,
    rows: Rows,
    time: usize,
    untimed: Counter,
) -> Result<Rows, EngineError> {
    let stream = ctx.output(ctx.op(id).inputs[0]);
    if !stream.columns[time].nullable {
        return Ok(rows);
    }
    let judgement = ctx.letters.judgement(Judgement {
        product: ctx.product_name(id),
        node: ctx.node_name(id).to_owned(),
        code: UNTIMED.to_owned(),
        rule: "event time".to_owned(),
        field: Some(stream.columns[time].name.clone()),
    });
    let position = rows.layout.position(time);
    let test = Test {
        predicate: is_not_null(column(&name(time), position))?,
        passes: Passes::IfTrue,
        otherwise: Fate::Dead { judgement, counter: untimed, delete: false },
    };
    let how = Sieve {
        tests: vec![test],
        letters: ctx.letters.clone(),
        event_time: None,
        names: super::row::named(stream, &rows.layout),
        layout: rows.layout.clone(),
        out: Counter::default(),
    };
    let plan = sieve(rows.plan, how)?;
    Ok(Rows { plan, ..rows })
}

/// A plan with the columns of `from`, and perhaps others behind them, as one with those of `to`.
/// Further columns are found by name; records of a stream without deletions are none.
pub(crate) fn reshape(plan: Plan, from: &Layout, to: &Layout) -> Result<Plan, EngineError> {
    let schema = plan.schema();
    let mut exprs: Vec<(Arc<dyn PhysicalExpr>, String)> = Vec::new();
    for &index in &to.columns {
        let name = name(index);
        let place = schema.index_of(&name).map_err(datafusion::error::DataFusionError::from)?;
        exprs.push((column(&name, place), name));
    }
    if to.arrival().is_some() && from.arrival().is_none() {
        // What the product itself made never arrived.
        exprs.push((lit(datafusion::common::ScalarValue::UInt64(None)), ARRIVAL.to_owned()));
    }
    exprs.extend(hidden(from, to));
    if to.deleted().is_some() && from.deleted().is_none() {
        exprs.push((lit(false), DELETED.to_owned()));
    }
    Ok(Arc::new(ProjectionExec::try_new(exprs, plan)?))
}
