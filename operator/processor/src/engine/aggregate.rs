//! Groups: with windows over event time and without.
//!
//! Takes the rows of its input and gives one for each group, with every record counted.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, TimestampMicrosecondArray};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{Int64Type, SchemaRef};
use datafusion::error::Result;
use datafusion::functions_aggregate::count::count_udaf;
use datafusion::functions_aggregate::min_max::max_udaf;
use datafusion::logical_expr::AggregateUDF;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::aggregate::{AggregateExprBuilder, AggregateFunctionExpr};
use datafusion::physical_expr::expressions::lit;
use datafusion::physical_plan::ExecutionPlanProperties;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode, PhysicalGroupBy};
use headwater_compiler::graph::{Measure, OpId, Window, WindowShape};

use super::count::{Counter, Tally, counted};
use super::error::EngineError;
use super::express::with_columns;
use super::group::{as_table, reshape, timed};
use super::late::punctual;
use super::layout::{Layout, name};
use super::order::{ascending, sorted, ties, together, with_time_ms};
use super::outcome::{Gives, Outcome};
use super::plan::{Ctx, Facts, Rows, is_upsert};
use super::session::{LAST, session_bounds, session_starts};
use super::stage::{Plan, Stage, column, unordered};
use super::window::{END, Grid, OPEN, START, Slicing, is_closed, sliced, windowed};

/// Name of the hidden column with the number of a session's records.
const COUNT: &str = "__count";

/// How records are grouped.
pub(crate) struct Grouping<'a> {
    pub(crate) window: Option<&'a Window>,
    pub(crate) by: &'a [usize],
    pub(crate) measures: &'a [Measure],
}

/// One record for each group.
pub(crate) fn aggregate(
    ctx: &mut Ctx<'_>,
    id: OpId,
    input: Rows,
    how: &Grouping<'_>,
) -> Result<Rows, EngineError> {
    use Outcome::{Erased, Folded, Late, Superseded, Untimed, Waiting};
    let upsert = is_upsert(ctx.output(ctx.op(id).inputs[0]));
    let outcomes: &[Outcome] = match (how.window, upsert) {
        (None, false) => &[Folded],
        (None, true) => &[Folded, Superseded, Erased],
        (Some(_), false) => &[Folded, Waiting, Late, Untimed],
        (Some(_), true) => &[Folded, Waiting, Late, Untimed, Superseded, Erased],
    };
    let tally = ctx.tally(id, Gives::Own, &[outcomes]);
    let mut rows = ctx.read(&tally, 0, input)?;
    if upsert {
        rows = as_table(ctx, id, rows, &tally.outcome(0, Superseded), tally.outcome(0, Erased))?;
    }
    let measures = measures(ctx, id, how)?;
    let plan = match how.window {
        None => {
            let plan = counted(rows.plan, &tally.outcome(0, Folded))?;
            let keys = rows.layout.positions(how.by);
            fold(ctx, plan, &keys, measures, None)?
        }
        Some(window) => {
            rows = timed(ctx, id, rows, window.time, tally.outcome(0, Untimed))?;
            match window.shape {
                WindowShape::Session { gap_ms } => {
                    sessions(ctx, id, rows, (window.time, gap_ms), how, measures, &tally)?
                }
                WindowShape::Tumble { .. } | WindowShape::Hop { .. } | WindowShape::Cumulate { .. } => {
                    gridded(ctx, id, rows, window, how, measures, &tally)?
                }
            }
        }
    };
    let layout = ctx.layout(id);
    let plan = named(ctx, id, plan, how, &layout)?;
    let facts =
        Facts { unique: false, settled: true, by_time: false, origins: Default::default(), bytes: None };
    Ok(Rows { plan, layout, facts })
}

/// A measure over the columns of a plan.
#[derive(Clone)]
struct Folded {
    expr: Arc<AggregateFunctionExpr>,
    filter: Option<Arc<dyn PhysicalExpr>>,
}

/// The measures that somebody reads, over the input's plan.
fn measures(
    ctx: &Ctx<'_>,
    id: OpId,
    how: &Grouping<'_>,
) -> Result<impl Fn(&SchemaRef) -> Result<Vec<Folded>>, EngineError> {
    let first = if how.window.is_some() { 3 } else { 0 } + how.by.len();
    let layout = ctx.layout(id);
    let input = ctx.output(ctx.op(id).inputs[0]);
    let time = input.event_time.as_ref().map(|time| name(time.column));
    let wanted = how.measures.iter().enumerate().map(|(index, measure)| (first + index, measure));
    let wanted: Vec<Measure> = wanted
        .filter(|(index, _)| layout.columns.contains(index))
        .map(|(index, measure)| Measure { name: measure_name(index), ..measure.clone() })
        .collect();
    let vault = ctx.vault.clone();
    Ok(move |schema: &SchemaRef| {
        let time = time.as_ref().and_then(|time| Some(column(time, schema.index_of(time).ok()?)));
        let folded = |measure: &Measure| {
            let one = with_columns(&vault, schema, |columns| {
                crate::function::aggregate(measure, columns, time.clone())
            })?;
            Ok(Folded { expr: one.expr, filter: one.filter })
        };
        wanted.iter().map(folded).collect()
    })
}

/// Name of a measure between the folds: apart from those of groups, which are called as in the input.
fn measure_name(column: usize) -> String {
    format!("m{column}")
}

/// An aggregate of the columnar engine over one expression.
fn native(
    udaf: Arc<AggregateUDF>,
    arg: Arc<dyn PhysicalExpr>,
    schema: &SchemaRef,
    name: &str,
) -> Result<Folded> {
    let expr = AggregateExprBuilder::new(udaf, vec![arg]).schema(schema.clone()).alias(name).build()?;
    Ok(Folded { expr: Arc::new(expr), filter: None })
}

/// What happens to half-folded groups: how many of their columns are keys then.
type Between<'a> = &'a dyn Fn(Plan) -> Result<(Plan, usize)>;

/// Folds records by the columns at `keys`: first where they are, then by key; `between` may change the groups in the middle.
fn fold(
    ctx: &Ctx<'_>,
    input: Plan,
    keys: &[usize],
    measures: impl Fn(&SchemaRef) -> Result<Vec<Folded>>,
    between: Option<Between<'_>>,
) -> Result<Plan, EngineError> {
    let schema = input.schema();
    let folded = measures(&schema)?;
    let (exprs, filters): (Vec<_>, Vec<_>) = folded.into_iter().map(|one| (one.expr, one.filter)).unzip();
    let group = |keys: &[usize], schema: &SchemaRef| -> Result<PhysicalGroupBy> {
        let key = |&index: &usize| {
            let name = schema.field(index).name();
            Ok((crate::function::canonical(column(name, index), schema)?, name.clone()))
        };
        Ok(PhysicalGroupBy::new_single(keys.iter().map(key).collect::<Result<_>>()?))
    };
    let by = group(keys, &schema)?;
    if between.is_none() && input.output_partitioning().partition_count() == 1 && ctx.config.threads == 1 {
        let single = AggregateMode::Single;
        return Ok(Arc::new(AggregateExec::try_new(single, by, exprs, filters, input, schema)?));
    }
    let partial =
        AggregateExec::try_new(AggregateMode::Partial, by, exprs.clone(), filters, input, schema.clone())?;
    let (partial, count): (Plan, usize) = match between {
        Some(between) => between(Arc::new(partial))?,
        None => (Arc::new(partial), keys.len()),
    };
    let keys: Vec<usize> = (0..count).collect();
    let partial = together(partial, &keys, ctx.config.threads)?;
    let by = group(&keys, &partial.schema())?;
    let mode = if keys.is_empty() { AggregateMode::Final } else { AggregateMode::FinalPartitioned };
    let none = vec![None; exprs.len()];
    Ok(Arc::new(AggregateExec::try_new(mode, by, exprs, none, partial, schema)?))
}

/// Windows whose bounds do not depend on the records.
fn gridded(
    ctx: &Ctx<'_>,
    id: OpId,
    rows: Rows,
    window: &Window,
    how: &Grouping<'_>,
    measures: impl Fn(&SchemaRef) -> Result<Vec<Folded>>,
    tally: &Tally,
) -> Result<Plan, EngineError> {
    let grid = Grid::of(window.shape)
        .filter(|grid| grid.is_sound())
        .ok_or_else(|| ctx.unsupported(id, "a window has no length"))?;
    let late = tally.outcome(0, Outcome::Late);
    let rows = punctual(ctx, id, 0, rows, window.time, late, move |ms| grid.last_end(ms) - 1)?;
    let stop_ms = ctx.config.as_of_us.map(|us| us.div_euclid(1000));
    let open = ctx.watermarks(id).filter(|_| !grid.is_tiled()).zip(rows.layout.arrival());
    let slicing = Slicing {
        time: rows.layout.position(window.time),
        stop_ms,
        open: open.clone(),
        folded: tally.outcome(0, Outcome::Folded),
        waiting: tally.outcome(0, Outcome::Waiting),
    };
    let plan = sliced(rows.plan, grid, slicing)?;
    let schema = plan.schema();
    let mut keys = vec![schema.index_of(START).map_err(datafusion::error::DataFusionError::from)?];
    if open.is_some() {
        keys.push(schema.index_of(OPEN).map_err(datafusion::error::DataFusionError::from)?);
    }
    let hidden = keys.len();
    keys.extend(rows.layout.positions(how.by));
    if grid.is_tiled() {
        return fold(ctx, plan, &keys, measures, None);
    }
    let count = how.by.len() + 2;
    let between = |partial: Plan| Ok((windowed(partial, grid, hidden, stop_ms), count));
    fold(ctx, plan, &keys, measures, Some(&between))
}

/// Windows that last as long as records follow each other closely.
fn sessions(
    ctx: &Ctx<'_>,
    id: OpId,
    rows: Rows,
    (time, gap_ms): (usize, u64),
    how: &Grouping<'_>,
    measures: impl Fn(&SchemaRef) -> Result<Vec<Folded>>,
    tally: &Tally,
) -> Result<Plan, EngineError> {
    let by = rows.layout.positions(how.by);
    let position = rows.layout.position(time);
    let plan = together(rows.plan.clone(), &by, ctx.config.threads)?;
    let (plan, ms) = with_time_ms(plan, position)?;
    let gap = i64::try_from(gap_ms).unwrap_or(i64::MAX);
    let plan = match ctx.watermarks(id).zip(rows.layout.arrival()) {
        None => {
            let order: Vec<usize> = by.iter().copied().chain([ms]).collect();
            let plan = sorted(plan.clone(), ascending(&plan.schema(), order))?;
            session_starts(plan, &by, ms, gap_ms)?
        }
        Some((watermarks, arrival)) => {
            let order: Vec<usize> = by.iter().copied().chain(ties(&rows.layout, rows.facts.unique)).collect();
            let plan = sorted(plan.clone(), ascending(&plan.schema(), order))?;
            let bounded = session_bounds(plan, &by, (ms, arrival), gap, watermarks);
            let rows = Rows { plan: bounded, ..rows };
            super::late::flagged_rows(ctx, id, 0, rows, time, tally.outcome(0, Outcome::Late))?
        }
    };
    let schema = plan.schema();
    let at = |name: &str| schema.index_of(name).map_err(datafusion::error::DataFusionError::from);
    let mut keys = vec![at(START)?];
    keys.extend(schema.index_of(END).ok());
    keys.extend(&by);
    let with_bounds = |schema: &SchemaRef| {
        let mut folded = measures(schema)?;
        folded.push(native(max_udaf(), column(super::order::TIME_MS, ms), schema, LAST)?);
        folded.push(native(count_udaf(), lit(1_i64), schema, COUNT)?);
        Ok(folded)
    };
    let plan = fold(ctx, plan, &keys, with_bounds, None)?;
    let stop_ms = ctx.config.as_of_us.map(|us| us.div_euclid(1000));
    let (folded, waiting) = (tally.outcome(0, Outcome::Folded), tally.outcome(0, Outcome::Waiting));
    Ok(ended(plan, gap, stop_ms, folded, waiting)?)
}

/// The sessions that have ended, counted by their records.
fn ended(input: Plan, gap_ms: i64, stop_ms: Option<i64>, folded: Counter, waiting: Counter) -> Result<Plan> {
    let schema = input.schema();
    let (last, count) = (schema.index_of(LAST)?, schema.index_of(COUNT)?);
    let gives = schema.clone();
    Stage::each_batch("Ended", input, gives, move || {
        let (folded, waiting) = (folded.clone(), waiting.clone());
        move |batch: RecordBatch| {
            let lasts = batch.column(last).as_primitive::<Int64Type>().values();
            let counts = batch.column(count).as_primitive::<Int64Type>().values();
            let closed = |last: i64| stop_ms.is_none_or(|stop| is_closed(last.saturating_add(gap_ms), stop));
            let closed: Vec<bool> = lasts.iter().map(|last| closed(*last)).collect();
            for (closed, count) in closed.iter().zip(counts) {
                if *closed { &folded } else { &waiting }.add(*count as usize);
            }
            Ok(filter_record_batch(&batch, &BooleanArray::from(closed))?)
        }
    })
}

/// The columns of the stream out of the columns of a fold: bounds of windows as instants, groups, measures.
fn named(
    ctx: &Ctx<'_>,
    id: OpId,
    input: Plan,
    how: &Grouping<'_>,
    layout: &Layout,
) -> Result<Plan, EngineError> {
    let before = input.schema();
    let first = if how.window.is_some() { 3 } else { 0 };
    let mut given = Vec::new();
    for &index in &layout.columns {
        given.push(match index.checked_sub(first) {
            None => Given::Bound(index),
            Some(place) => {
                // A group is still called as in the input.
                let called = how.by.get(place).map_or_else(|| measure_name(index), |by| name(*by));
                Given::Column(before.index_of(&called).map_err(datafusion::error::DataFusionError::from)?)
            }
        });
    }
    let bounds = how.window.map(|window| Bounds {
        start: before.index_of(START).unwrap_or_default(),
        end: match window.shape {
            WindowShape::Tumble { size_ms, .. } => End::After(i64::try_from(size_ms).unwrap_or(i64::MAX)),
            WindowShape::Hop { .. } | WindowShape::Cumulate { .. } => {
                End::At(before.index_of(END).unwrap_or_default())
            }
            WindowShape::Session { gap_ms } => End::AfterLast(
                before.index_of(LAST).unwrap_or_default(),
                i64::try_from(gap_ms).unwrap_or(i64::MAX),
            ),
        },
    });
    let columns = layout.schema.fields()[..layout.columns.len()].to_vec();
    let schema: SchemaRef = Arc::new(arrow::datatypes::Schema::new(columns));
    let properties = unordered(schema.clone(), input.properties().output_partitioning().clone());
    let gives = schema.clone();
    let plan = Stage::each_partition("Groups", input, gives, properties, move |_| {
        let (schema, given, bounds) = (schema.clone(), given.clone(), bounds.clone());
        Box::new(move |batch| {
            let Some(batch) = batch else { return Ok(Vec::new()) };
            let column = |given: &Given| match (given, &bounds) {
                (Given::Bound(which), Some(bounds)) => bounds.of(&batch, *which),
                (Given::Bound(_), None) => {
                    arrow::array::new_null_array(schema.field(0).data_type(), batch.num_rows())
                }
                (Given::Column(index), _) => batch.column(*index).clone(),
            };
            let columns = given.iter().map(column).collect();
            let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
            Ok(vec![RecordBatch::try_new_with_options(schema.clone(), columns, &options)?])
        })
    });
    let none = Layout::new(ctx.output(id), &Default::default());
    reshape(plan, &none.without_hidden(), layout)
}

/// Where a column of a group comes from.
#[derive(Clone)]
enum Given {
    /// Start, end or time of the window.
    Bound(usize),
    /// A column of the fold.
    Column(usize),
}

/// Where the bounds of windows are, in milliseconds.
#[derive(Clone)]
struct Bounds {
    start: usize,
    end: End,
}

#[derive(Clone)]
enum End {
    At(usize),
    /// So long after the start.
    After(i64),
    /// So long after the last record, whose time is in this column.
    AfterLast(usize, i64),
}

impl Bounds {
    /// `window_start`, `window_end` or `window_time`, which is the window's last millisecond.
    fn of(&self, batch: &RecordBatch, which: usize) -> ArrayRef {
        let ms = |column: usize| batch.column(column).as_primitive::<Int64Type>();
        let end = || -> Int64Array {
            match self.end {
                End::At(column) => ms(column).clone(),
                End::After(size) => ms(self.start).unary(|start| start + size),
                End::AfterLast(last, gap) => ms(last).unary(|last| last + gap),
            }
        };
        let bound: Int64Array = match which {
            0 => ms(self.start).clone(),
            1 => end(),
            _ => end().unary(|end| end - 1),
        };
        let us: TimestampMicrosecondArray = bound.unary(|ms| ms.saturating_mul(1000));
        Arc::new(us.with_timezone("UTC"))
    }
}
