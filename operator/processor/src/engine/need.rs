//! Which columns each operator must carry, found backwards from the sinks, so that a plan computes nothing that nobody reads.
//!
//! Takes the graph and the operators whose rows leave it, gives a layout for each operator that must run.

use std::collections::{BTreeMap, BTreeSet};

use headwater_compiler::expr::Expr;
use headwater_compiler::function::{self, Kind};
use headwater_compiler::graph::{
    Graph, JoinKind, JoinTime, Kept, Measure, OnViolation, Op, OpId, Operator, Rule,
};
use headwater_compiler::stream::{StreamKind, StreamType};

use super::layout::Need;

/// What is needed of each operator that must run, in order of the graph.
///
/// `roots` are sinks, each with whether it needs the order of arrival; `bound` are operators that are read from outside,
/// with their event time where it is stopped (`as_of`); where records are `arriving`, their order is carried everywhere.
pub(crate) fn needs(
    graph: &Graph,
    roots: &BTreeMap<OpId, bool>,
    bound: &BTreeSet<OpId>,
    as_of: bool,
    arriving: bool,
) -> BTreeMap<OpId, Need> {
    let made = made_here(graph, bound);
    let mut needs: BTreeMap<OpId, Need> = BTreeMap::new();
    for (index, op) in graph.ops.iter().enumerate().rev() {
        let id = OpId(u32::try_from(index).expect("a graph has fewer than 2^32 operators"));
        if let Some(&arrival) = roots.get(&id) {
            let need = needs.entry(id).or_default();
            need.columns.extend(0..op.output.columns.len());
            need.arrival |= arrival;
        }
        let Some(need) = needs.get_mut(&id) else { continue };
        settle(&op.output, need);
        // Lateness is a matter of arrival.
        need.arrival |= arriving;
        if bound.contains(&id) {
            need.columns.extend(op.output.event_time.as_ref().filter(|_| as_of).map(|time| time.column));
            continue;
        }
        let need = need.clone();
        for (slot, &input) in op.inputs.iter().enumerate() {
            let demand = demand(graph, op, slot, &need, made[input.0 as usize]);
            let entry = needs.entry(input).or_default();
            entry.columns.extend(demand.columns);
            entry.arrival |= demand.arrival;
            entry.history |= demand.history;
        }
    }
    needs
}

/// Whether an operator may give records that no source has, such as groups.
fn made_here(graph: &Graph, bound: &BTreeSet<OpId>) -> Vec<bool> {
    let mut made = Vec::with_capacity(graph.ops.len());
    for (index, op) in graph.ops.iter().enumerate() {
        let is_bound = bound.iter().any(|id| id.0 as usize == index);
        let inherits = op.inputs.iter().any(|input| made[input.0 as usize]);
        made.push(!is_bound && (inherits || matches!(op.operator, Operator::Aggregate { .. })));
    }
    made
}

/// What a stream carries always: an upsert stream its key and its order.
fn settle(stream: &StreamType, need: &mut Need) {
    if stream.kind == StreamKind::Upsert {
        need.columns.extend(&stream.key);
        need.columns.extend(stream.event_time.as_ref().map(|time| time.column));
        need.arrival = true;
    }
}

/// What an operator, of which `need` is needed, needs of an input.
fn demand(graph: &Graph, op: &Op, slot: usize, need: &Need, made: bool) -> Need {
    let input = &graph.ops[op.inputs[slot].0 as usize].output;
    let time = input.event_time.as_ref().map(|time| time.column);
    let mut same = Need { columns: within(need, 0, input), ..need.clone() };
    match &op.operator {
        Operator::Source => same.columns.clear(),
        Operator::Import | Operator::Sink | Operator::Union => {}
        Operator::Filter { predicate } => read(&mut same, predicate),
        Operator::Branch { conditions, route } => {
            conditions.iter().take(route + 1).for_each(|condition| read(&mut same, condition));
        }
        Operator::Project { columns } => {
            same.columns.clear();
            need.columns.iter().for_each(|&index| read(&mut same, &columns[index].expr));
        }
        Operator::Validate { rules } => validate(&mut same, rules, input, made),
        Operator::Unnest { column, .. } => {
            same.columns.insert(*column);
            same.history = false;
        }
        Operator::Aggregate { window, by, measures, .. } => {
            let first = if window.is_some() { 3 } else { 0 } + by.len();
            same = Need::default();
            same.columns.extend(by);
            if let Some(window) = window {
                same.columns.insert(window.time);
                same.arrival |= input.columns[window.time].nullable;
            }
            let needed = measures.iter().enumerate().filter(|(i, _)| need.columns.contains(&(first + i)));
            needed.for_each(|(_, measure)| read_measure(&mut same, measure, time));
        }
        Operator::Over { partition, order, calls, .. } => {
            let first = input.columns.len();
            same.columns.extend(partition);
            same.columns.insert(*order);
            same.arrival = true;
            let needed = calls.iter().enumerate().filter(|(i, _)| need.columns.contains(&(first + i)));
            needed.for_each(|(_, call)| read_measure(&mut same, call, time));
        }
        Operator::Deduplicate { by, kept } => {
            same.columns.extend(by);
            same.columns.extend(time);
            same.arrival = true;
            let updates = input.kind == StreamKind::Upsert;
            same.history &= matches!(kept, Kept::Last(_)) && !updates;
        }
        Operator::TopN { by, order, .. } => {
            same.columns.extend(by);
            same.columns.extend(time);
            order.iter().for_each(|order| read(&mut same, &order.expr));
            same.arrival = true;
            same.history = false;
        }
        Operator::Join { kind, on, condition, time } => {
            let split = graph.ops[op.inputs[0].0 as usize].output.columns.len();
            same = join(need, slot, split, input, *kind);
            let on = on.iter().map(|(left, right)| if slot == 0 { left } else { right });
            on.for_each(|expr| read(&mut same, expr));
            let mut both = Need::default();
            condition.iter().for_each(|condition| read(&mut both, condition));
            join_time(&mut both, &mut same, slot, time, input);
            same.columns.extend(within(&both, if slot == 0 { 0 } else { split }, input));
        }
        Operator::Changelog => {
            same.arrival = true;
            same.history = true;
        }
    }
    same
}

/// The needed columns that come from this input, by its own indices.
fn within(need: &Need, offset: usize, input: &StreamType) -> BTreeSet<usize> {
    let range = offset..offset + input.columns.len();
    need.columns.range(range).map(|index| index - offset).collect()
}

fn read(need: &mut Need, expr: &Expr) {
    expr.visit_columns(&mut |index| {
        need.columns.insert(index);
    });
}

fn read_measure(need: &mut Need, measure: &Measure, time: Option<usize>) {
    measure.args.iter().chain(&measure.filter).for_each(|expr| read(need, expr));
    if by_event_time(measure) {
        need.columns.extend(time);
    }
}

/// Whether a measure takes records in order of event time.
pub(crate) fn by_event_time(measure: &Measure) -> bool {
    match function::get(measure.function).kind {
        Kind::Aggregate { by_event_time, .. } => by_event_time,
        Kind::Scalar | Kind::Window => false,
    }
}

fn validate(need: &mut Need, rules: &[Rule], input: &StreamType, made: bool) {
    for rule in rules {
        read(need, &rule.predicate);
        match rule.on_violation {
            OnViolation::DeadLetter | OnViolation::DeadLetterAndDelete | OnViolation::Fail => {
                need.arrival = true;
                need.columns.extend(input.event_time.as_ref().map(|time| time.column));
                if made {
                    need.columns.extend(0..input.columns.len());
                }
            }
            OnViolation::Drop | OnViolation::Warn => {}
        }
        match rule.on_violation {
            // The last good row of the key stays, so the records before the last one count.
            OnViolation::DeadLetter | OnViolation::Drop => need.history = true,
            OnViolation::DeadLetterAndDelete | OnViolation::Fail | OnViolation::Warn => {}
        }
    }
}

/// What a join hands through from one side.
fn join(need: &Need, slot: usize, split: usize, input: &StreamType, kind: JoinKind) -> Need {
    let from_right = matches!(kind, JoinKind::Right | JoinKind::Full);
    Need {
        columns: within(need, if slot == 0 { 0 } else { split }, input),
        arrival: need.arrival && (slot == 0 || from_right),
        history: false,
    }
}

/// What time bounds of a join read: `both` counts columns over both inputs, `side` is the input itself.
fn join_time(both: &mut Need, side: &mut Need, slot: usize, time: &JoinTime, input: &StreamType) {
    match time {
        JoinTime::Kept { .. } => {}
        JoinTime::Interval { left, right, .. } => both.columns.extend([*left, *right]),
        JoinTime::AsOf { left } => {
            both.columns.insert(*left);
            if slot == 1 {
                side.columns.extend(input.event_time.as_ref().map(|time| time.column));
                side.arrival = true;
                side.history = true;
            }
        }
    }
}
