//! Joins: which partners, bounded how, giving which kind of stream.

use super::group::{report_no_event_time, require_append, require_event_time, require_keep};
use super::look_up::look_up;
use super::{Facts, Flow, NullCause, Typed, quoted};
use crate::code::flow as code;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::expr::{Expr, ExprNode};
use crate::graph::{JoinKind, JoinTime, Keep, OpId, Operator};
use crate::stream::{StreamKind, StreamType};

/// How two inputs are joined.
pub(crate) struct Joining {
    /// Which records without a partner are kept.
    pub(crate) kind: JoinKind,
    /// Pairs that must be equal: over the left input, over the right input.
    pub(crate) on: Vec<(Typed, Typed)>,
    /// A further condition over both.
    pub(crate) condition: Option<Typed>,
    /// How time bounds the partners.
    pub(crate) time: Bound,
}

/// How time bounds the partners, before it is known to be sound.
pub(crate) enum Bound {
    /// As stated with `keep`, if it is.
    Keep(Option<Keep>),
    /// As stated for each side, if it is.
    KeepEach {
        /// The left.
        left: Option<Keep>,
        /// The right.
        right: Option<Keep>,
    },
    /// Right minus left event time lies between these.
    Interval {
        /// At least.
        lower_ms: i64,
        /// At most.
        upper_ms: i64,
    },
    /// As of a column of the left.
    AsOf {
        /// The column.
        left: usize,
    },
    /// Not at all, and the right is a table that is complete from the start: see [`Flow::is_static`].
    LookUp,
}

/// Joins two inputs: columns of the left, then of the right.
pub(crate) fn join(flow: &mut Flow, left: OpId, right: OpId, how: Joining, anchor: &Anchor) -> OpId {
    if matches!(how.time, Bound::AsOf { .. } | Bound::LookUp) && flow.is_static(right) {
        return look_up(flow, left, right, how, anchor);
    }
    let (a, b) = (flow.output(left).clone(), flow.output(right).clone());
    let time = match how.time {
        Bound::Keep(keep) => {
            require_keep(flow, keep, anchor, "a join without a bound in time");
            let keep = keep.unwrap_or(Keep::Forever);
            JoinTime::Kept { left: keep, right: keep }
        }
        Bound::KeepEach { left, right } => {
            require_keep(flow, left.and(right), anchor, "a join without a bound in time");
            JoinTime::Kept { left: left.unwrap_or(Keep::Forever), right: right.unwrap_or(Keep::Forever) }
        }
        Bound::Interval { lower_ms, upper_ms } => interval(flow, left, right, (lower_ms, upper_ms), anchor),
        Bound::AsOf { left: column } => {
            require_event_time(flow, left, Some(column), anchor, "a temporal join");
            as_of(flow, (&b, right), &how, column, anchor)
        }
        Bound::LookUp => as_of(flow, (&b, right), &how, 0, anchor),
    };
    let mut output = combine(flow, &a, &b, &how, &time, anchor);
    let mut nulls = flow.facts(left).nulls.clone();
    nulls.extend(flow.facts(right).nulls.iter().cloned());
    let split = a.columns.len();
    let (left_missing, right_missing) = match how.kind {
        JoinKind::Inner => (false, false),
        JoinKind::Left => (false, true),
        JoinKind::Right => (true, false),
        JoinKind::Full => (true, true),
    };
    for (index, column) in output.columns.iter_mut().enumerate() {
        if if index < split { left_missing } else { right_missing } && !column.nullable {
            column.nullable = true;
            nulls[index] = Some(NullCause {
                anchor: anchor.clone(),
                why: "null where the join finds no partner".into(),
                fails: false,
            });
        }
    }
    if left_missing {
        output.event_time = None;
    }
    let on = how.on.into_iter().map(|(a, b)| (a.expr, b.expr)).collect();
    let condition = how.condition.map(|typed| typed.expr);
    let operator = Operator::Join { kind: how.kind, on, condition, time };
    flow.push(operator, vec![left, right], output, Facts { anchor: anchor.clone(), nulls })
}

fn interval(
    flow: &mut Flow,
    left: OpId,
    right: OpId,
    (lower_ms, upper_ms): (i64, i64),
    anchor: &Anchor,
) -> JoinTime {
    require_append(flow, left, anchor, "an interval join");
    require_append(flow, right, anchor, "an interval join");
    let split = flow.output(left).columns.len();
    let times = [left, right].map(|id| flow.output(id).event_time.as_ref().map(|time| time.column));
    if times.contains(&None) {
        report_no_event_time(flow, anchor, "an interval join");
    }
    JoinTime::Interval {
        left: times[0].unwrap_or_default(),
        right: split + times[1].unwrap_or_default(),
        lower_ms,
        upper_ms,
    }
}

/// A temporal join needs a right side that has one row a key, known over time, and must ask for just that key.
fn as_of(
    flow: &mut Flow,
    (right, id): (&StreamType, OpId),
    how: &Joining,
    column: usize,
    anchor: &Anchor,
) -> JoinTime {
    if right.kind != StreamKind::Upsert || right.event_time.is_none() {
        let (why, help) = match (right.kind, flow.bounded[id.0 as usize]) {
            (StreamKind::Append, true) => (
                "is an append stream",
                "give its contract `changes: upsert` and a `key`; without an `eventTime` its rows have always held",
            ),
            (StreamKind::Append, false) => {
                ("is an append stream", "give its contract `changes: upsert`, a `key` and an `eventTime`")
            }
            (StreamKind::Upsert, _) => (
                "has no event time",
                "state `eventTime` in its contract and keep its column unchanged up to here; only files are complete from the start and do without",
            ),
        };
        flow.diagnostics.push(
            Diagnostic::error(
                &code::NOT_VERSIONED,
                anchor,
                format!("the right side of a temporal join {why}"),
            )
            .note("`FOR SYSTEM_TIME AS OF` looks up the row that a key had at a time")
            .help(help),
        );
    } else if !covers_key(right, how.on.iter().map(|(_, b)| &b.expr)) || how.on.len() != right.key.len() {
        flow.diagnostics.push(
            Diagnostic::error(
                &code::JOIN_KEY,
                anchor,
                "a temporal join must ask for the whole key of its right side and nothing else",
            )
            .note(format!("the right side is keyed by {}", quoted(right.key_names())))
            .help("join on exactly these columns; put other conditions into a filter behind the join"),
        );
    }
    JoinTime::AsOf { left: column }
}

/// Kind, key, time and guarantee of what a join gives.
fn combine(
    flow: &mut Flow,
    a: &StreamType,
    b: &StreamType,
    how: &Joining,
    time: &JoinTime,
    anchor: &Anchor,
) -> StreamType {
    let split = a.columns.len();
    let columns = a.columns.iter().chain(&b.columns).cloned().collect();
    let guarantee = a.guarantee.min(b.guarantee);
    let left_key = a.key.clone();
    let right_key: Vec<usize> = b.key.iter().map(|index| index + split).collect();
    let both = || left_key.iter().chain(&right_key).copied().collect::<Vec<_>>();
    let (kind, key) = match time {
        JoinTime::AsOf { .. } => (a.kind, left_key),
        JoinTime::Interval { .. } => {
            let key = if left_key.is_empty() || right_key.is_empty() { Vec::new() } else { both() };
            (StreamKind::Append, key)
        }
        JoinTime::Kept { .. } => {
            let updates =
                a.kind == StreamKind::Upsert || b.kind == StreamKind::Upsert || how.kind != JoinKind::Inner;
            if updates {
                (StreamKind::Upsert, update_key(flow, a, b, how, anchor))
            } else {
                let key = if left_key.is_empty() || right_key.is_empty() { Vec::new() } else { both() };
                (StreamKind::Append, key)
            }
        }
    };
    let event_time = a.event_time.clone();
    StreamType { columns, kind, key, event_time, guarantee }
}

/// The columns that tell the rows of an updating join apart.
fn update_key(flow: &mut Flow, a: &StreamType, b: &StreamType, how: &Joining, anchor: &Anchor) -> Vec<usize> {
    let split = a.columns.len();
    let left_unique = covers_key(a, how.on.iter().map(|(a, _)| &a.expr));
    let right_unique = covers_key(b, how.on.iter().map(|(_, b)| &b.expr));
    let right_key = b.key.iter().map(|index| index + split);
    if !a.key.is_empty() && right_unique && how.kind != JoinKind::Right && how.kind != JoinKind::Full {
        return a.key.clone();
    }
    if !b.key.is_empty() && left_unique && how.kind != JoinKind::Left && how.kind != JoinKind::Full {
        return right_key.collect();
    }
    if a.key.is_empty() || b.key.is_empty() {
        flow.diagnostics.push(
            Diagnostic::error(&code::UPDATES_WITHOUT_KEY, anchor, "this join changes rows that it gave before, and they have no key")
                .note("a row without a partner is given with nulls first, and again when its partner comes")
                .help("give the contracts of both sides a `key`, use a temporal join (`FOR SYSTEM_TIME AS OF`), or bound the join by an interval of time"),
        );
        return Vec::new();
    }
    a.key.iter().copied().chain(right_key).collect()
}

/// Whether the expressions ask for every key column of a side, so that it has at most one partner.
fn covers_key<'a>(side: &StreamType, exprs: impl Iterator<Item = &'a Expr> + Clone) -> bool {
    !side.key.is_empty()
        && side.key.iter().all(|&index| exprs.clone().any(|expr| expr.node == ExprNode::Column(index)))
}
