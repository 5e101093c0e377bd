//! Sends records to the dead letters that come too late for an operator.
//!
//! Takes rows and, of each, the last instant that it could still enter; gives those that are not late.
//! In a run that has all its records no record is late, and nothing is added to the plan.

use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, UInt64Type};
use headwater_compiler::code::run_time::LATE_RECORD;
use headwater_compiler::graph::OpId;

use super::clock::Watermarks;
use super::count::Counter;
use super::error::EngineError;
use super::letters::Judgement;
use super::order::time_ms;
use super::plan::{Ctx, Rows};
use super::sieve::{Fate, Passes, Sieve, Test, sieve};
use super::stage::{Plan, Stage, column, narrow};

/// Name of the hidden column that says whether a record is late.
pub(crate) const IS_LATE: &str = "__late";

/// The rows of an input that are not late: `closes` gives, for a record's event time, the watermark by which all is closed to it.
pub(crate) fn punctual(
    ctx: &Ctx<'_>,
    id: OpId,
    input: usize,
    rows: Rows,
    time: usize,
    late: Counter,
    closes: impl Fn(i64) -> i64 + Send + Sync + 'static,
) -> Result<Rows, EngineError> {
    let Some(watermarks) = ctx.watermarks(id) else { return Ok(rows) };
    let Some(arrival) = rows.layout.arrival() else { return Ok(rows) };
    let facts = rows.facts.clone();
    let position = rows.layout.position(time);
    let plan = flagged(rows.plan, position, arrival, watermarks, closes)?;
    let layout = rows.layout.clone();
    let plan = flagged_rows(ctx, id, input, Rows { plan, ..rows }, time, late)?;
    Ok(Rows { plan: narrow(plan, &(0..layout.schema.fields().len()).collect::<Vec<_>>())?, layout, facts })
}

/// The rows for which [`IS_LATE`] is false, with all columns of their plan; the others go to the dead letters.
pub(crate) fn flagged_rows(
    ctx: &Ctx<'_>,
    id: OpId,
    input: usize,
    rows: Rows,
    time: usize,
    late: Counter,
) -> Result<Plan, EngineError> {
    let stream = ctx.output(ctx.op(id).inputs[input]);
    let schema = rows.plan.schema();
    let flag = schema.index_of(IS_LATE).map_err(datafusion::error::DataFusionError::from)?;
    let judgement = ctx.letters.judgement(Judgement {
        product: ctx.product_name(id),
        node: ctx.node_name(id).to_owned(),
        code: LATE_RECORD.id.to_owned(),
        rule: "late".to_owned(),
        field: Some(stream.columns[time].name.clone()),
    });
    let test = Test {
        predicate: column(IS_LATE, flag),
        passes: Passes::UnlessTrue,
        otherwise: Fate::Dead { judgement, counter: late, delete: false },
    };
    let how = Sieve {
        tests: vec![test],
        letters: ctx.letters.clone(),
        event_time: Some(rows.layout.position(time)),
        names: super::row::named(stream, &rows.layout),
        layout: rows.layout,
        out: Counter::default(),
    };
    Ok(sieve(rows.plan, how)?)
}

fn flagged(
    input: Plan,
    time: usize,
    arrival: usize,
    watermarks: Arc<Watermarks>,
    closes: impl Fn(i64) -> i64 + Send + Sync + 'static,
) -> Result<Plan, EngineError> {
    let mut fields = input.schema().fields().to_vec();
    fields.push(Arc::new(Field::new(IS_LATE, DataType::Boolean, true)));
    let schema = Arc::new(Schema::new(fields));
    let closes = Arc::new(closes);
    let gives = schema.clone();
    let plan = Stage::each_batch("Late", input, gives, move || {
        let (schema, watermarks, closes) = (schema.clone(), watermarks.clone(), closes.clone());
        move |batch: RecordBatch| {
            let times = time_ms(batch.column(time))?;
            let arrivals = batch.column(arrival).as_primitive::<UInt64Type>();
            let late = (0..batch.num_rows()).map(|row| {
                let arrival = arrivals.is_valid(row).then(|| arrivals.value(row));
                times.is_valid(row) && closes(times.value(row)) <= watermarks.before(arrival)
            });
            let late: BooleanArray = late.map(Some).collect();
            super::runs::append(&batch, &schema, Arc::new(late))
        }
    })?;
    Ok(plan)
}
