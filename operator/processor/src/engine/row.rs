//! Operators that look at one record at a time: filter, project, validate, branch, union.
//!
//! Each takes the rows of its inputs and gives its own, with every record counted.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::union::UnionExec;
use headwater_compiler::expr::Expr;
use headwater_compiler::graph::{Named, OnViolation, OpId, Rule};

use super::bindings::{ARRIVAL, DELETED};
use super::count::{Tally, counted};
use super::error::EngineError;
use super::express::physical;
use super::layout::{Layout, name};
use super::letters::Judgement;
use super::outcome::{Gives, Outcome};
use super::plan::{Ctx, Facts, Rows, is_upsert};
use super::settle::{Settling, settle};
use super::sieve::{Fate, Passes, Sieve, Test, sieve};
use super::stage::{column, narrow};

/// Keeps the records for which the predicate is true.
pub(crate) fn filter(
    ctx: &mut Ctx<'_>,
    id: OpId,
    input: Rows,
    predicate: &Expr,
) -> Result<Rows, EngineError> {
    let gone = if is_upsert(ctx.output(id)) { Outcome::Deleted } else { Outcome::Filtered };
    let tally = ctx.tally(id, Gives::OneEach, &[&[Outcome::Out, gone]]);
    let test = Test {
        predicate: physical(ctx.vault, predicate, &input.layout)?,
        passes: Passes::IfTrue,
        otherwise: Fate::Gone(tally.outcome(0, gone)),
    };
    sieved(ctx, id, input, &tally, vec![test])
}

/// Keeps the records that take one route: not those before it, but it, unless it is the last.
pub(crate) fn branch(
    ctx: &mut Ctx<'_>,
    id: OpId,
    input: Rows,
    conditions: &[Expr],
    route: usize,
) -> Result<Rows, EngineError> {
    let gone = if is_upsert(ctx.output(id)) { Outcome::Deleted } else { Outcome::OtherRoute };
    let tally = ctx.tally(id, Gives::OneEach, &[&[Outcome::Out, gone]]);
    let test = |(index, condition)| {
        Ok(Test {
            predicate: physical(ctx.vault, condition, &input.layout)?,
            passes: if index == route { Passes::IfTrue } else { Passes::UnlessTrue },
            otherwise: Fate::Gone(tally.outcome(0, gone)),
        })
    };
    let tests = conditions.iter().take(route + 1).enumerate().map(test);
    let tests = tests.collect::<Result<_, EngineError>>()?;
    sieved(ctx, id, input, &tally, tests)
}

/// Lets pass the records for which no rule is false.
pub(crate) fn validate(
    ctx: &mut Ctx<'_>,
    id: OpId,
    input: Rows,
    rules: &[Rule],
) -> Result<Rows, EngineError> {
    use Outcome::{Dead, DeadAndDeleted, Dropped, Out};
    let upsert = is_upsert(ctx.output(id));
    let outcomes: &[Outcome] =
        if upsert { &[Out, Dead, DeadAndDeleted, Dropped] } else { &[Out, Dead, Dropped] };
    let tally = ctx.tally(id, Gives::OneEach, &[outcomes]);
    let fate = |rule: &Rule| {
        let judgement = || {
            ctx.letters.judgement(Judgement {
                product: ctx.product_name(id),
                node: ctx.node_name(id).to_owned(),
                code: rule.code.clone(),
                rule: rule.name.clone(),
                field: rule.field.clone(),
            })
        };
        match rule.on_violation {
            OnViolation::DeadLetterAndDelete if upsert => {
                let counter = tally.outcome(0, DeadAndDeleted);
                Fate::Dead { judgement: judgement(), counter, delete: true }
            }
            OnViolation::DeadLetter | OnViolation::DeadLetterAndDelete => {
                Fate::Dead { judgement: judgement(), counter: tally.outcome(0, Dead), delete: false }
            }
            OnViolation::Drop => Fate::Dropped(tally.outcome(0, Dropped)),
            OnViolation::Fail => Fate::Fail { judgement: judgement() },
            OnViolation::Warn => Fate::Warn(ctx.letters.warning(&rule.code)),
        }
    };
    let test = |rule: &Rule| {
        let predicate = physical(ctx.vault, &rule.predicate, &input.layout)?;
        Ok(Test { predicate, passes: Passes::UnlessFalse, otherwise: fate(rule) })
    };
    let tests = rules.iter().map(test).collect::<Result<_, EngineError>>()?;
    sieved(ctx, id, input, &tally, tests)
}

fn sieved(
    ctx: &Ctx<'_>,
    id: OpId,
    input: Rows,
    tally: &Tally,
    tests: Vec<Test>,
) -> Result<Rows, EngineError> {
    let rows = ctx.read(tally, 0, input)?;
    let stream = ctx.output(id);
    let output = ctx.layout(id);
    let time = stream.event_time.as_ref().map(|time| time.column);
    let carried = time.filter(|time| rows.layout.columns.contains(time));
    let columns = rows.layout.positions_of(&output);
    let how = Sieve {
        tests,
        letters: ctx.letters.clone(),
        event_time: carried.map(|time| rows.layout.position(time)),
        names: named(stream, &rows.layout),
        layout: rows.layout,
        out: tally.outcome(0, Outcome::Out),
    };
    let plan = narrow(sieve(rows.plan, how)?, &columns)?;
    Ok(Rows { plan, layout: output, facts: rows.facts })
}

/// The carried columns of a stream under the names that people know.
pub(crate) fn named(stream: &headwater_compiler::stream::StreamType, layout: &Layout) -> SchemaRef {
    let field = |(position, column): (usize, &usize)| {
        let carried = layout.schema.field(position);
        Field::new(&stream.columns[*column].name, carried.data_type().clone(), true)
    };
    Arc::new(Schema::new(layout.columns.iter().enumerate().map(field).collect::<Vec<_>>()))
}

/// Computes new columns from the old.
pub(crate) fn project(
    ctx: &mut Ctx<'_>,
    id: OpId,
    input: Rows,
    columns: &[Named],
) -> Result<Rows, EngineError> {
    let tally = ctx.tally(id, Gives::OneEach, &[&[Outcome::Out, Outcome::Superseded]]);
    let rows = ctx.read(&tally, 0, input)?;
    let before = ctx.output(ctx.op(id).inputs[0]);
    let rows = if rows.facts.by_time && ctx.output(id).event_time.is_none() {
        settle(ctx, rows, before, &Settling::superseding(tally.outcome(0, Outcome::Superseded)))?
    } else {
        rows
    };
    let layout = ctx.layout(id);
    let mut exprs: Vec<(Arc<dyn PhysicalExpr>, String)> = Vec::new();
    for &index in &layout.columns {
        exprs.push((physical(ctx.vault, &columns[index].expr, &rows.layout)?, name(index)));
    }
    exprs.extend(hidden(&rows.layout, &layout));
    let plan = Arc::new(ProjectionExec::try_new(exprs, rows.plan)?);
    let plan = counted(plan, &tally.outcome(0, Outcome::Out))?;
    Ok(Rows { plan, layout, facts: rows.facts })
}

/// The hidden columns that `to` has, out of a plan with the columns of `from`.
pub(crate) fn hidden(from: &Layout, to: &Layout) -> Vec<(Arc<dyn PhysicalExpr>, String)> {
    let arrival = to.arrival().and(from.arrival()).map(|at| (column(ARRIVAL, at), ARRIVAL.to_owned()));
    let deleted = to.deleted().and(from.deleted()).map(|at| (column(DELETED, at), DELETED.to_owned()));
    arrival.into_iter().chain(deleted).collect()
}

/// All records of all inputs, columns by position.
pub(crate) fn union(ctx: &mut Ctx<'_>, id: OpId, inputs: Vec<Rows>) -> Result<Rows, EngineError> {
    let outcomes: Vec<&[Outcome]> =
        inputs.iter().map(|_| [Outcome::Out, Outcome::Superseded].as_slice()).collect();
    let tally = ctx.tally(id, Gives::OneEach, &outcomes);
    let layout = ctx.layout(id);
    let distinct: usize = inputs.iter().map(|rows| rows.facts.origins.len()).sum();
    let origins: BTreeSet<OpId> = inputs.iter().flat_map(|rows| rows.facts.origins.clone()).collect();
    let facts = Facts {
        unique: inputs.iter().all(|rows| rows.facts.unique) && distinct == origins.len(),
        settled: inputs.len() == 1 && inputs[0].facts.settled,
        by_time: inputs.len() == 1 && inputs[0].facts.by_time,
        origins,
        bytes: inputs.iter().map(|rows| rows.facts.bytes).sum(),
    };
    let mut plans = Vec::new();
    for (index, rows) in inputs.into_iter().enumerate() {
        let mut rows = ctx.read(&tally, index, rows)?;
        if rows.facts.by_time && !facts.by_time {
            let stream = ctx.output(ctx.op(id).inputs[index]);
            let superseded = tally.outcome(index, Outcome::Superseded);
            rows = settle(ctx, rows, stream, &Settling::superseding(superseded))?;
        }
        let plan = narrow(rows.plan, &rows.layout.positions_of(&layout))?;
        plans.push(counted(plan, &tally.outcome(index, Outcome::Out))?);
    }
    Ok(Rows { plan: UnionExec::try_new(plans)?, layout, facts })
}
