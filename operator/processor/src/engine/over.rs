//! Columns computed from the records before the current one.
//!
//! Takes the rows of its input and gives each with further columns, with every record counted.

use std::sync::Arc;

use datafusion::error::DataFusionError;
use datafusion::logical_expr::{WindowFrame, WindowFrameBound, WindowFrameUnits};
use datafusion::physical_expr::window::WindowExpr;
use datafusion::physical_plan::InputOrderMode;
use datafusion::physical_plan::windows::{BoundedWindowAggExec, WindowAggExec};
use datafusion::scalar::ScalarValue;
use headwater_compiler::graph::{Frame, Measure, OpId};

use super::count::counted;
use super::error::EngineError;
use super::express::with_columns;
use super::group::{reshape, timed};
use super::late::punctual;
use super::layout::name;
use super::order::{ascending, sorted, ties, together, with_time_ms};
use super::outcome::{Gives, Outcome};
use super::plan::{Ctx, Rows};
use super::stage::{Plan, column};
use crate::function::{Over, over as call_over};

/// What is computed over which records.
pub(crate) struct Looking<'a> {
    pub(crate) partition: &'a [usize],
    pub(crate) order: usize,
    pub(crate) frame: Frame,
    pub(crate) calls: &'a [Measure],
}

/// Every record with columns computed from those before it.
pub(crate) fn over(ctx: &mut Ctx<'_>, id: OpId, input: Rows, how: &Looking<'_>) -> Result<Rows, EngineError> {
    let tally = ctx.tally(id, Gives::OneEach, &[&[Outcome::Out, Outcome::Late, Outcome::Untimed]]);
    let rows = ctx.read(&tally, 0, input)?;
    let rows = timed(ctx, id, rows, how.order, tally.outcome(0, Outcome::Untimed))?;
    // What lies before a record is decided once the watermark reaches it.
    let rows = punctual(ctx, id, 0, rows, how.order, tally.outcome(0, Outcome::Late), |ms| ms)?;
    let layout = ctx.layout(id);
    let first = ctx.output(ctx.op(id).inputs[0]).columns.len();
    let wanted: Vec<Measure> = how
        .calls
        .iter()
        .enumerate()
        .filter(|(index, _)| layout.columns.contains(&(first + index)))
        .map(|(index, call)| Measure { name: name(first + index), ..call.clone() })
        .collect();
    let mut plan = rows.plan;
    if !wanted.is_empty() {
        let keys = rows.layout.positions(how.partition);
        plan = together(plan, &keys, ctx.config.threads)?;
        let (timed, ms) = with_time_ms(plan, rows.layout.position(how.order))?;
        let order = keys.iter().copied().chain([ms]).chain(ties(&rows.layout, rows.facts.unique));
        plan = sorted(timed.clone(), ascending(&timed.schema(), order))?;
        plan = computed(ctx, plan, &wanted, &keys, ms, how)?;
    }
    let plan = counted(plan, &tally.outcome(0, Outcome::Out))?;
    Ok(Rows { plan: reshape(plan, &rows.layout, &layout)?, layout, facts: rows.facts })
}

fn computed(
    ctx: &Ctx<'_>,
    input: Plan,
    calls: &[Measure],
    keys: &[usize],
    ms: usize,
    how: &Looking<'_>,
) -> Result<Plan, EngineError> {
    let schema = input.schema();
    let key = |&index: &usize| column(schema.field(index).name(), index);
    let time = name(how.order);
    let place = schema.index_of(&time).map_err(DataFusionError::from)?;
    let over = Over {
        partition: keys.iter().map(key).collect(),
        // Only time makes records equal; what else they are sorted by makes `lag` and `ROWS` the same in every run.
        order: ascending(&schema, [ms]),
        frame: frame(how.frame),
        event_time: Some(column(&time, place)),
    };
    let call = |call: &Measure| with_columns(ctx.vault, &schema, |columns| call_over(call, columns, &over));
    let exprs: Vec<Arc<dyn WindowExpr>> = calls.iter().map(call).collect::<Result<_, _>>()?;
    let repartitions = !keys.is_empty();
    if exprs.iter().all(|expr| expr.uses_bounded_memory()) {
        let mode = InputOrderMode::Sorted;
        return Ok(Arc::new(BoundedWindowAggExec::try_new(exprs, input, mode, repartitions)?));
    }
    Ok(Arc::new(WindowAggExec::try_new(exprs, input, repartitions)?))
}

/// Rows are counted back from the current one; times are compared in milliseconds, with all records of the current one's.
fn frame(frame: Frame) -> WindowFrame {
    let (units, back) = match frame {
        Frame::Unbounded(_) => (WindowFrameUnits::Range, ScalarValue::Int64(None)),
        Frame::Rows(rows) => (WindowFrameUnits::Rows, ScalarValue::UInt64(Some(rows))),
        Frame::RangeMs(ms) => {
            (WindowFrameUnits::Range, ScalarValue::Int64(Some(i64::try_from(ms).unwrap_or(i64::MAX))))
        }
    };
    WindowFrame::new_bounds(units, WindowFrameBound::Preceding(back), WindowFrameBound::CurrentRow)
}
