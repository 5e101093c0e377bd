//! Which columns of its inputs an operator reads, given which of its own are wanted.

use super::Flow;
use crate::graph::{JoinTime, Measure, Op, OpId, Operator};

/// Calls `visit` for every column of an input that the operator needs, for itself or for the columns wanted of it.
pub(crate) fn columns_read(flow: &Flow, op: &Op, wanted: &[bool], visit: &mut impl FnMut(OpId, usize)) {
    let mut read: Vec<usize> = Vec::new();
    let positions: Vec<(OpId, usize)> = op
        .inputs
        .iter()
        .flat_map(|input| (0..flow.output(*input).columns.len()).map(|column| (*input, column)))
        .collect();
    let passed = |read: &mut Vec<usize>| {
        read.extend((0..positions.len()).filter(|&index| wanted.get(index).copied().unwrap_or(false)));
    };
    match &op.operator {
        Operator::Source => {}
        Operator::Project { columns } => {
            for (column, _) in columns.iter().zip(wanted).filter(|(_, wanted)| **wanted) {
                column.expr.visit_columns(&mut |index| read.push(index));
            }
        }
        Operator::Sink => read.extend(0..positions.len()),
        Operator::Union => {
            let width = wanted.len().max(1);
            read.extend((0..positions.len()).filter(|index| wanted[index % width]));
        }
        Operator::Aggregate { window, by, measures, .. } => {
            read.extend(by.iter().copied().chain(window.as_ref().map(|window| window.time)));
            let offset = if window.is_some() { 3 } else { 0 } + by.len();
            let wanted =
                measures.iter().zip(&wanted[offset.min(wanted.len())..]).filter(|(_, wanted)| **wanted);
            wanted.for_each(|(measure, _)| measure_reads(measure, &mut read));
        }
        Operator::Filter { .. }
        | Operator::Import
        | Operator::Validate { .. }
        | Operator::Unnest { .. }
        | Operator::Over { .. }
        | Operator::Deduplicate { .. }
        | Operator::TopN { .. }
        | Operator::Join { .. }
        | Operator::Changelog
        | Operator::Branch { .. } => {
            passed(&mut read);
            own(flow, op, &mut read);
        }
    }
    read.into_iter()
        .filter_map(|index| positions.get(index))
        .for_each(|&(input, column)| visit(input, column));
}

/// What the operator reads for itself, whatever is wanted of it.
fn own(flow: &Flow, op: &Op, read: &mut Vec<usize>) {
    match &op.operator {
        Operator::Filter { predicate } => predicate.visit_columns(&mut |index| read.push(index)),
        Operator::Validate { rules } => {
            rules.iter().for_each(|rule| rule.predicate.visit_columns(&mut |index| read.push(index)));
        }
        Operator::Branch { conditions, .. } => {
            conditions.iter().for_each(|condition| condition.visit_columns(&mut |index| read.push(index)));
        }
        Operator::Unnest { column, .. } => read.push(*column),
        Operator::Over { partition, order, calls, .. } => {
            read.extend(partition.iter().copied().chain([*order]));
            calls.iter().for_each(|call| measure_reads(call, read));
        }
        Operator::Deduplicate { by, .. } => read.extend(by.iter().copied()),
        Operator::TopN { by, order, .. } => {
            read.extend(by.iter().copied());
            order.iter().for_each(|order| order.expr.visit_columns(&mut |index| read.push(index)));
        }
        Operator::Join { on, condition, time, .. } => {
            let split = flow.output(op.inputs[0]).columns.len();
            for (left, right) in on {
                left.visit_columns(&mut |index| read.push(index));
                right.visit_columns(&mut |index| read.push(split + index));
            }
            if let Some(condition) = condition {
                condition.visit_columns(&mut |index| read.push(index));
            }
            match time {
                JoinTime::AsOf { left } => read.push(*left),
                JoinTime::Interval { left, right, .. } => read.extend([*left, *right]),
                JoinTime::Kept { .. } => {}
            }
        }
        Operator::Source
        | Operator::Import
        | Operator::Project { .. }
        | Operator::Union
        | Operator::Aggregate { .. }
        | Operator::Changelog
        | Operator::Sink => {}
    }
    // The key and event time of what is remembered are used even where no sink shows them.
    read.extend(op.output.key.iter().copied());
}

fn measure_reads(measure: &Measure, read: &mut Vec<usize>) {
    let exprs = measure.args.iter().chain(&measure.filter);
    exprs.for_each(|expr| expr.visit_columns(&mut |index| read.push(index)));
}
