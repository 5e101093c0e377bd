//! Joins: which side is kept, what partners are, what joined rows are made of.
//!
//! Takes the rows of both inputs and gives their pairs, with every record of each side counted.

use std::sync::Arc;

use arrow::datatypes::Schema;
use datafusion::physical_expr::PhysicalExpr;
use headwater_compiler::expr::{Expr, ExprNode};
use headwater_compiler::graph::{JoinKind, JoinTime, OpId};
use headwater_compiler::stream::StreamType;

use super::count::Tally;
use super::error::EngineError;
use super::express::{key, physical_over};
use super::join_probe::{Condition, Joining, Matches, Near, Output};
use super::join_run;
use super::join_table::Keys;
use super::late::punctual;
use super::layout::Layout;
use super::outcome::{Gives, Outcome};
use super::plan::{Ctx, Facts, Rows, is_upsert};
use super::settle::{Settling, settle};

/// What the graph says about a join.
pub(crate) struct Join<'a> {
    pub(crate) kind: JoinKind,
    pub(crate) on: &'a [(Expr, Expr)],
    pub(crate) condition: Option<&'a Expr>,
    pub(crate) time: &'a JoinTime,
}

/// The two sides, and which of them is kept.
struct Sides {
    left: Rows,
    right: Rows,
    /// Number of columns of the left stream.
    split: usize,
    keeps_right: bool,
}

impl Sides {
    /// Where joined rows find a column, counted over both streams.
    fn column(&self, index: usize) -> Output {
        match index.checked_sub(self.split) {
            None => self.of(true, self.left.layout.position(index)),
            Some(index) => self.of(false, self.right.layout.position(index)),
        }
    }

    fn of(&self, left: bool, position: usize) -> Output {
        if left == self.keeps_right { Output::Passing(position) } else { Output::Kept(position) }
    }

    /// The kept side's thing first.
    fn kept_first<T>(&self, left: T, right: T) -> (T, T) {
        if self.keeps_right { (right, left) } else { (left, right) }
    }
}

/// Pairs of records.
pub(crate) fn join(
    ctx: &mut Ctx<'_>,
    id: OpId,
    left: Rows,
    right: Rows,
    how: &Join<'_>,
) -> Result<Rows, EngineError> {
    use Outcome::{Erased, Late, Matched, Superseded, Unmatched};
    let outcomes: &[Outcome] = match how.time {
        JoinTime::Kept { .. } => &[Matched, Unmatched, Superseded, Erased],
        JoinTime::Interval { .. } => &[Matched, Unmatched, Late],
        JoinTime::AsOf { .. } => &[Matched, Unmatched],
    };
    let tally = ctx.tally(id, Gives::Own, &[outcomes, outcomes]);
    let as_of = matches!(how.time, JoinTime::AsOf { .. });
    if as_of && !matches!(how.kind, JoinKind::Inner | JoinKind::Left) {
        return Err(ctx.unsupported(id, "a temporal join can't keep the rows of its right side"));
    }
    let (left, right) = (ctx.read(&tally, 0, left)?, ctx.read(&tally, 1, right)?);
    let inputs = &ctx.op(id).inputs;
    let (left_stream, right_stream) = (ctx.output(inputs[0]), ctx.output(inputs[1]));
    let (left, right) = match *how.time {
        JoinTime::Kept { .. } => {
            (table(ctx, left, left_stream, &tally, 0)?, table(ctx, right, right_stream, &tally, 1)?)
        }
        JoinTime::Interval { left: left_time, right: right_time, lower_ms, upper_ms } => {
            let (late, split) = (tally.outcome(0, Late), left_stream.columns.len());
            // Whoever is not behind the watermark is in time, even where all partners lie before it.
            let closes = move |ms: i64| ms.saturating_add(upper_ms.max(0));
            let left = punctual(ctx, id, 0, left, left_time, late, closes)?;
            let late = tally.outcome(1, Late);
            let closes = move |ms: i64| ms.saturating_sub(lower_ms.min(0));
            (left, punctual(ctx, id, 1, right, right_time - split, late, closes)?)
        }
        JoinTime::AsOf { .. } => (left, right),
    };
    let facts = facts(ctx, id, &left.facts, &right.facts, how);
    let smaller_left = left.facts.bytes.zip(right.facts.bytes).is_some_and(|(left, right)| left < right);
    let sides = Sides { left, right, split: left_stream.columns.len(), keeps_right: as_of || !smaller_left };
    let joining = joining(ctx, id, &sides, how, &tally)?;
    let (kept, passing) = if sides.keeps_right {
        (sides.right.plan, sides.left.plan)
    } else {
        (sides.left.plan, sides.right.plan)
    };
    Ok(Rows { plan: join_run::join(kept, passing, joining), layout: ctx.layout(id), facts })
}

/// A side as a table, if it is an upsert stream.
fn table(
    ctx: &Ctx<'_>,
    rows: Rows,
    stream: &StreamType,
    tally: &Tally,
    input: usize,
) -> Result<Rows, EngineError> {
    if !is_upsert(stream) {
        return Ok(rows);
    }
    let settling = Settling {
        superseded: tally.outcome(input, Outcome::Superseded),
        erased: Some(tally.outcome(input, Outcome::Erased)),
        ..Settling::default()
    };
    settle(ctx, rows, stream, &settling)
}

fn facts(ctx: &Ctx<'_>, id: OpId, left: &Facts, right: &Facts, how: &Join<'_>) -> Facts {
    let right_stream = ctx.output(ctx.op(id).inputs[1]);
    let asked = |key: &usize| how.on.iter().any(|(_, on)| on.node == ExprNode::Column(*key));
    let one_partner = right.settled && !right_stream.key.is_empty() && right_stream.key.iter().all(asked);
    let as_of = matches!(how.time, JoinTime::AsOf { .. });
    let left_only = matches!(how.kind, JoinKind::Inner | JoinKind::Left);
    let mut origins = left.origins.clone();
    if !left_only {
        origins.extend(&right.origins);
    }
    Facts {
        unique: left.unique && left_only && (as_of || one_partner),
        settled: if as_of { left.settled } else { left.settled && right.settled },
        by_time: as_of && left.by_time,
        origins,
        bytes: left.bytes.zip(right.bytes).map(|(left, right)| left + right),
    }
}

fn joining(
    ctx: &Ctx<'_>,
    id: OpId,
    sides: &Sides,
    how: &Join<'_>,
    tally: &Tally,
) -> Result<Joining, EngineError> {
    let layout = ctx.layout(id);
    let keys = |layout: &Layout, left: bool| -> Result<Vec<Arc<dyn PhysicalExpr>>, EngineError> {
        let exprs = how.on.iter().map(|(a, b)| if left { a } else { b });
        exprs.map(|expr| key(ctx.vault, expr, layout)).collect()
    };
    let (kept_keys, passing_keys) =
        sides.kept_first(keys(&sides.left.layout, true)?, keys(&sides.right.layout, false)?);
    let kept_schema = if sides.keeps_right { &sides.right.layout.schema } else { &sides.left.layout.schema };
    let types = kept_keys.iter().map(|key| key.data_type(kept_schema)).collect::<Result<Vec<_>, _>>()?;
    let (outer_left, outer_right) = match how.kind {
        JoinKind::Inner => (false, false),
        JoinKind::Left => (true, false),
        JoinKind::Right => (false, true),
        JoinKind::Full => (true, true),
    };
    // An upsert row that loses its partner in an inner temporal join is a deletion.
    let deletes = matches!(how.time, JoinTime::AsOf { .. }) && sides.left.layout.deleted().is_some();
    let (outer_kept, outer_passing) = sides.kept_first(outer_left || deletes, outer_right);
    let matches = |input: usize| Matches {
        matched: tally.outcome(input, Outcome::Matched),
        unmatched: tally.outcome(input, Outcome::Unmatched),
    };
    let (kept, passing) = sides.kept_first(matches(0), matches(1));
    Ok(Joining {
        keys: Keys::new(types)?,
        kept_keys,
        passing_keys,
        near: near(ctx, id, sides, how.time)?,
        condition: how.condition.map(|condition| over_both(sides, condition, ctx, id)).transpose()?,
        outer_kept,
        outer_passing,
        passing_deleted: sides.left.layout.deleted().filter(|_| deletes),
        output: output(sides, &layout, how.kind, deletes),
        schema: layout.schema.clone(),
        kept,
        passing,
    })
}

fn near(ctx: &Ctx<'_>, id: OpId, sides: &Sides, time: &JoinTime) -> Result<Near, EngineError> {
    let (left, right) = (&sides.left.layout, &sides.right.layout);
    match time {
        JoinTime::Kept { .. } => Ok(Near::Any),
        JoinTime::Interval { left: left_time, right: right_time, lower_ms, upper_ms } => {
            let (left, right) = (left.position(*left_time), right.position(right_time - sides.split));
            let (kept, passing) = sides.kept_first(left, right);
            let (first_ms, last_ms) =
                if sides.keeps_right { (*lower_ms, *upper_ms) } else { (-upper_ms, -lower_ms) };
            Ok(Near::Between { kept, passing, first_ms, last_ms })
        }
        JoinTime::AsOf { left: time } => {
            let stream = ctx.output(ctx.op(id).inputs[1]);
            let versioned = stream.event_time.as_ref().zip(right.deleted());
            let (event_time, deleted) = versioned
                .ok_or_else(|| ctx.unsupported(id, "the right side of a temporal join has no versions"))?;
            Ok(Near::AsOf {
                kept: right.position(event_time.column),
                arrival: right.arrival(),
                deleted,
                passing: left.position(*time),
            })
        }
    }
}

/// A condition over both sides, computed from just the columns that it reads.
fn over_both(sides: &Sides, condition: &Expr, ctx: &Ctx<'_>, id: OpId) -> Result<Condition, EngineError> {
    let mut read = std::collections::BTreeSet::new();
    condition.visit_columns(&mut |index| {
        read.insert(index);
    });
    let inputs = &ctx.op(id).inputs;
    let (left, right) = (ctx.output(inputs[0]), ctx.output(inputs[1]));
    let column =
        |index: &usize| left.columns.get(*index).unwrap_or_else(|| &right.columns[index - sides.split]);
    let field = |index: &usize| super::layout::field(*index, &column(index).data_type);
    let schema = Arc::new(Schema::new(read.iter().map(field).collect::<Vec<_>>()));
    Ok(Condition {
        predicate: physical_over(ctx.vault, condition, &schema)?,
        columns: read.iter().map(|index| sides.column(*index)).collect(),
        schema,
    })
}

/// What joined rows are made of.
fn output(sides: &Sides, layout: &Layout, kind: JoinKind, deletes: bool) -> Vec<Output> {
    let mut output: Vec<Output> = layout.columns.iter().map(|index| sides.column(*index)).collect();
    if layout.arrival().is_some() {
        let (left, right) = (sides.left.layout.arrival(), sides.right.layout.arrival());
        output.extend(match (kind, left, right) {
            (JoinKind::Right | JoinKind::Full, Some(left), Some(right)) => {
                let (kept, passing) = sides.kept_first(left, right);
                Some(Output::Arrival { passing, kept })
            }
            (_, left, _) => left.map(|left| sides.of(true, left)),
        });
    }
    if layout.deleted().is_some() {
        let passing = sides.left.layout.deleted().filter(|_| deletes);
        output.push(Output::Deleted { passing, unmatched: deletes && kind == JoinKind::Inner });
    }
    output
}
