//! A join with reference data that has no time of its own: its rows have always held.
//!
//! It becomes a temporal join: constants of time are added before it and left out behind it,
//! so that engines see one kind of join with versions.

use super::join::{Bound, Joining, join};
use super::{Facts, Flow};
use crate::data_type::DataType;
use crate::diagnostic::Anchor;
use crate::expr::{Expr, ExprNode, Literal};
use crate::graph::{Named, OpId, Operator};
use crate::stream::{Column, EventTime, StreamKind};

/// 0001-01-01T00:00:00Z in microseconds: before all that happens.
const ALWAYS_US: i64 = -62_135_596_800_000_000;

impl Flow {
    /// Whether a stream is a table that is complete from the first record on: a row for each key, without a time.
    pub(crate) fn is_static(&self, id: OpId) -> bool {
        let output = self.output(id);
        self.bounded[id.0 as usize] && output.kind == StreamKind::Upsert && output.event_time.is_none()
    }
}

/// Pairs each record of the left with the row of its key, whatever the time.
pub(super) fn look_up(flow: &mut Flow, left: OpId, right: OpId, how: Joining, anchor: &Anchor) -> OpId {
    let split = flow.output(left).columns.len();
    let width = flow.output(right).columns.len();
    let (left, time) = match how.time {
        Bound::AsOf { left: column } => (left, column),
        Bound::LookUp | Bound::Keep(_) | Bound::KeepEach { .. } | Bound::Interval { .. } => {
            (with_constant_time(flow, left, anchor), split)
        }
    };
    let added = flow.output(left).columns.len() - split;
    let right = with_constant_time(flow, right, anchor);
    let how = Joining { time: Bound::AsOf { left: time }, on: how.on, ..how };
    let joined = join(flow, left, right, how, anchor);
    let kept: Vec<usize> = (0..split).chain(split + added..split + added + width).collect();
    only(flow, joined, &kept, anchor)
}

/// The stream with a constant as its event time, behind its columns.
fn with_constant_time(flow: &mut Flow, input: OpId, anchor: &Anchor) -> OpId {
    let mut output = flow.output(input).clone();
    let mut name = "_always".to_owned();
    while output.index_of(&name).is_some() {
        name.insert(0, '_');
    }
    let mut columns = passed(&output.columns, 0..output.columns.len());
    let node = ExprNode::Literal(Literal::Timestamp(ALWAYS_US));
    columns.push(Named {
        name: name.clone(),
        expr: Expr { node, data_type: DataType::Timestamp, nullable: false },
    });
    output.event_time =
        Some(EventTime { column: output.columns.len(), max_delay_ms: 0, idle_after_ms: Some(0) });
    output.columns.push(Column { name, data_type: DataType::Timestamp, nullable: false });
    let mut nulls = flow.facts(input).nulls.clone();
    nulls.push(None);
    flow.push(Operator::Project { columns }, vec![input], output, Facts { anchor: anchor.clone(), nulls })
}

/// Just these columns, of which two may share a name inside a query.
fn only(flow: &mut Flow, input: OpId, kept: &[usize], anchor: &Anchor) -> OpId {
    let mut output = flow.output(input).clone();
    let columns = passed(&output.columns, kept.iter().copied());
    let moved = |index: usize| kept.iter().position(|&other| other == index);
    output.key = output.key.iter().filter_map(|&index| moved(index)).collect();
    output.event_time =
        output.event_time.and_then(|time| moved(time.column).map(|column| EventTime { column, ..time }));
    output.columns = kept.iter().map(|&index| output.columns[index].clone()).collect();
    let nulls = kept.iter().map(|&index| flow.facts(input).nulls[index].clone()).collect();
    flow.push(Operator::Project { columns }, vec![input], output, Facts { anchor: anchor.clone(), nulls })
}

fn passed(columns: &[Column], kept: impl Iterator<Item = usize>) -> Vec<Named> {
    let named = |index: usize| {
        let column = &columns[index];
        let expr = Expr::column(index, column.data_type.clone(), column.nullable);
        Named { name: column.name.clone(), expr }
    };
    kept.map(named).collect()
}
