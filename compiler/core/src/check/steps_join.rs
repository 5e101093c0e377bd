//! The steps that pair records with those of another stream.

use headwater_crds::group::{Enrich, Join, JoinKey, JoinKind as Declared, Take};

use super::steps::find;
use super::transform::keep_of;
use crate::code::step as code;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::flow::{self, Bound, Flow, Joining, Typed};
use crate::function::{cast_to, common_type};
use crate::graph::{JoinKind, OpId};

pub(super) fn join(flow: &mut Flow, left: OpId, right: OpId, step: &Join, at: &Anchor) -> Option<OpId> {
    let kind = match step.kind {
        None | Some(Declared::Inner) => JoinKind::Inner,
        Some(Declared::Left) => JoinKind::Left,
        Some(Declared::Right) => JoinKind::Right,
        Some(Declared::Full) => JoinKind::Full,
    };
    let time = match &step.within {
        Some(within) => {
            Bound::Interval { lower_ms: -signed(within.before.ms()), upper_ms: signed(within.after.ms()) }
        }
        None => Bound::Keep(step.keep.as_ref().map(keep_of)),
    };
    paired(flow, left, right, kind, time, (&step.keys, &step.take), at)
}

pub(super) fn enrich(flow: &mut Flow, left: OpId, right: OpId, step: &Enrich, at: &Anchor) -> Option<OpId> {
    let time = match &step.as_of {
        Some(name) => Bound::AsOf { left: find(flow, left, name, &at.at("asOf"))? },
        None => match &flow.output(left).event_time {
            Some(time) => Bound::AsOf { left: time.column },
            None if flow.is_static(right) => Bound::LookUp,
            None => {
                flow.diagnostics.push(
                    Diagnostic::error(
                        &crate::code::flow::NO_EVENT_TIME,
                        at,
                        "an enrichment needs a time to look up, and this stream has no event time",
                    )
                    .help("name a column with `asOf`, or state `eventTime` in the source's contract"),
                );
                return None;
            }
        },
    };
    paired(flow, left, right, JoinKind::Left, time, (&step.keys, &step.take), at)
}

/// Joins and keeps all columns of the left with those taken from the right.
fn paired(
    flow: &mut Flow,
    left: OpId,
    right: OpId,
    kind: JoinKind,
    time: Bound,
    (keys, take): (&[JoinKey], &[Take]),
    at: &Anchor,
) -> Option<OpId> {
    let mut pairs = Vec::new();
    let mut matched = Vec::new();
    for (index, key) in keys.iter().enumerate() {
        let place = at.at("keys").at(index);
        let other = key.equals.as_ref().unwrap_or(&key.field);
        let a = find(flow, left, &key.field, &place.at("field"))?;
        let b = find(flow, right, other, &place)?;
        matched.push(b);
        pairs.push(equal(flow, (left, a), (right, b), &place)?);
    }
    let split = flow.output(left).columns.len();
    let taken = taken(flow, right, take, &matched, &at.at("take"))?;
    let joined = flow::join(flow, left, right, Joining { kind, on: pairs, condition: None, time }, at);
    let mut columns = Vec::new();
    for index in 0..split {
        columns.push((flow.output(joined).columns[index].name.clone(), flow.column(joined, index, at)));
    }
    for (index, name, place) in taken {
        columns.push((name, flow.column(joined, split + index, &place)));
    }
    Some(flow::project(flow, joined, columns, at))
}

/// Index, name and place of the columns taken from the right: all but the matched ones where none are named.
fn taken(
    flow: &mut Flow,
    right: OpId,
    take: &[Take],
    matched: &[usize],
    at: &Anchor,
) -> Option<Vec<(usize, String, Anchor)>> {
    if take.is_empty() {
        let columns = flow.output(right).columns.iter().enumerate();
        let others = columns.filter(|(index, _)| !matched.contains(index));
        return Some(others.map(|(index, column)| (index, column.name.clone(), at.clone())).collect());
    }
    let mut taken = Vec::new();
    for (index, take) in take.iter().enumerate() {
        let place = at.at(index);
        let column = find(flow, right, &take.field, &place.at("field"))?;
        let name = take.name.as_ref().unwrap_or(&take.field).to_string();
        taken.push((column, name, place));
    }
    Some(taken)
}

/// Both columns as one type; says so where there is none.
fn equal(flow: &mut Flow, a: (OpId, usize), b: (OpId, usize), place: &Anchor) -> Option<(Typed, Typed)> {
    let (mut left, mut right) = (flow.column(a.0, a.1, place), flow.column(b.0, b.1, place));
    let types = [left.expr.data_type.clone(), right.expr.data_type.clone()];
    let Some(data_type) = common_type(&types) else {
        let message = format!("`{}` and `{}` can't be compared", types[0], types[1]);
        flow.diagnostics.push(
            Diagnostic::error(&code::JOIN_TYPES, place, message).help("cast one of them before the join"),
        );
        return None;
    };
    left.expr = cast_to(&left.expr, &data_type);
    right.expr = cast_to(&right.expr, &data_type);
    Some((left, right))
}

/// A length of time as a signed number; what does not fit is for ever.
fn signed(ms: Option<u64>) -> i64 {
    ms.and_then(|ms| i64::try_from(ms).ok()).unwrap_or(i64::MAX / 2)
}
