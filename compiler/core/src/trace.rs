//! Follows columns back to where they enter a product.
//!
//! Takes a graph; gives the lineage of every operator, by its id. Cannot fail.

use std::collections::BTreeMap;

use crate::expr::{Expr, ExprNode};
use crate::graph::{Graph, JoinTime, Measure, Op, OpId, Operator};
use crate::lineage::{Direct, Indirect, Influence, Lineage, Root};

/// The lineage of every operator's output.
pub fn trace(graph: &Graph) -> Vec<Lineage> {
    let mut all: Vec<Lineage> = Vec::with_capacity(graph.ops.len());
    for (id, op) in (0u32..).map(OpId).zip(&graph.ops) {
        let inputs: Vec<&Lineage> = op.inputs.iter().map(|input| &all[input.0 as usize]).collect();
        let lineage = step(id, op, &inputs);
        all.push(lineage);
    }
    all
}

fn step(id: OpId, op: &Op, inputs: &[&Lineage]) -> Lineage {
    let mut out = match &op.operator {
        Operator::Source | Operator::Import => return roots(id, op.output.columns.len()),
        Operator::Join { .. } => Lineage {
            columns: inputs.iter().flat_map(|input| input.columns.iter().cloned()).collect(),
            rows: merged_rows(inputs),
        },
        Operator::Union => union(inputs),
        Operator::Project { columns } => Lineage {
            columns: columns.iter().map(|column| value(&column.expr, &inputs[0].columns)).collect(),
            rows: inputs[0].rows.clone(),
        },
        Operator::Aggregate { .. } => Lineage { columns: Vec::new(), rows: inputs[0].rows.clone() },
        Operator::Filter { .. }
        | Operator::Validate { .. }
        | Operator::Unnest { .. }
        | Operator::Over { .. }
        | Operator::Deduplicate { .. }
        | Operator::TopN { .. }
        | Operator::Changelog
        | Operator::Branch { .. }
        | Operator::Sink => inputs[0].clone(),
    };
    // Columns of all inputs in the order in which the operator's expressions count them.
    let before: Vec<&BTreeMap<Root, Influence>> = inputs.iter().flat_map(|input| &input.columns).collect();
    let split = inputs[0].columns.len();
    append(&op.operator, &before, op.output.columns.len(), &mut out);
    decide(&op.operator, &before, split, &mut out);
    // What an operator makes from nothing, such as a rank, has no roots.
    out.columns.resize_with(op.output.columns.len(), BTreeMap::new);
    out
}

/// Every column of an entry is its own root.
fn roots(op: OpId, columns: usize) -> Lineage {
    let own = |column| {
        BTreeMap::from([(Root { op, column }, Influence { direct: Direct::Identity, masked: false })])
    };
    Lineage { columns: (0..columns).map(own).collect(), rows: BTreeMap::new() }
}

fn union(inputs: &[&Lineage]) -> Lineage {
    let mut out = Lineage { columns: inputs[0].columns.clone(), rows: merged_rows(inputs) };
    for input in &inputs[1..] {
        for (column, other) in out.columns.iter_mut().zip(&input.columns) {
            for (&root, &influence) in other {
                add(column, root, influence);
            }
        }
    }
    out
}

fn merged_rows(inputs: &[&Lineage]) -> BTreeMap<Root, std::collections::BTreeSet<Indirect>> {
    let mut rows = BTreeMap::new();
    for input in inputs {
        for (&root, kinds) in &input.rows {
            rows.entry(root).or_insert_with(std::collections::BTreeSet::new).extend(kinds);
        }
    }
    rows
}

/// The columns that the operator puts behind those it passes on.
fn append(operator: &Operator, before: &[&BTreeMap<Root, Influence>], width: usize, out: &mut Lineage) {
    match operator {
        Operator::Unnest { column, .. } => {
            let members = changed(before[*column], Direct::Transformation);
            out.columns.resize(width, members);
        }
        Operator::Aggregate { window, by, measures, .. } => {
            if let Some(window) = window {
                let bounds = changed(before[window.time], Direct::Transformation);
                out.columns.extend(std::iter::repeat_n(bounds, 3));
            }
            out.columns.extend(by.iter().map(|&index| before[index].clone()));
            out.columns.extend(measures.iter().map(|measure| aggregated(measure, before)));
        }
        Operator::Over { calls, .. } => out.columns.extend(calls.iter().map(|call| aggregated(call, before))),
        Operator::Source
        | Operator::Import
        | Operator::Filter { .. }
        | Operator::Project { .. }
        | Operator::Validate { .. }
        | Operator::Union
        | Operator::Deduplicate { .. }
        | Operator::TopN { .. }
        | Operator::Join { .. }
        | Operator::Changelog
        | Operator::Branch { .. }
        | Operator::Sink => {}
    }
}

/// The roots by which the operator decides which rows there are.
fn decide(operator: &Operator, before: &[&BTreeMap<Root, Influence>], split: usize, out: &mut Lineage) {
    let mut by_column = |index: usize, kind: Indirect| {
        for &root in before[index].keys() {
            out.rows.entry(root).or_default().insert(kind);
        }
    };
    match operator {
        Operator::Filter { predicate } => {
            predicate.visit_columns(&mut |index| by_column(index, Indirect::Filter))
        }
        Operator::Branch { conditions, .. } => {
            conditions.iter().for_each(|condition| {
                condition.visit_columns(&mut |index| by_column(index, Indirect::Filter))
            });
        }
        Operator::Validate { rules } => rules
            .iter()
            .for_each(|rule| rule.predicate.visit_columns(&mut |index| by_column(index, Indirect::Filter))),
        Operator::Aggregate { window, by, .. } => {
            by.iter().for_each(|&index| by_column(index, Indirect::GroupBy));
            if let Some(window) = window {
                by_column(window.time, Indirect::Window);
            }
        }
        Operator::Over { partition, order, .. } => {
            partition.iter().for_each(|&index| by_column(index, Indirect::Window));
            by_column(*order, Indirect::Sort);
        }
        Operator::Deduplicate { by, .. } => by.iter().for_each(|&index| by_column(index, Indirect::GroupBy)),
        Operator::TopN { by, order, .. } => {
            order
                .iter()
                .for_each(|order| order.expr.visit_columns(&mut |index| by_column(index, Indirect::Sort)));
            by.iter().for_each(|&index| by_column(index, Indirect::GroupBy));
        }
        Operator::Join { on, condition, time, .. } => {
            join_columns(on, condition.as_ref(), time, split)
                .into_iter()
                .for_each(|index| by_column(index, Indirect::Join));
        }
        Operator::Source
        | Operator::Import
        | Operator::Project { .. }
        | Operator::Unnest { .. }
        | Operator::Union
        | Operator::Changelog
        | Operator::Sink => {}
    }
}

/// The columns of both inputs by which a join matches records; the right's are counted behind the `split` of the left.
fn join_columns(on: &[(Expr, Expr)], condition: Option<&Expr>, time: &JoinTime, split: usize) -> Vec<usize> {
    let mut columns = Vec::new();
    for (left, right) in on {
        left.visit_columns(&mut |index| columns.push(index));
        right.visit_columns(&mut |index| columns.push(split + index));
    }
    if let Some(condition) = condition {
        condition.visit_columns(&mut |index| columns.push(index));
    }
    match time {
        JoinTime::Interval { left, right, .. } => columns.extend([*left, *right]),
        JoinTime::AsOf { left } => columns.push(*left),
        JoinTime::Kept { .. } => {}
    }
    columns
}

/// Lineage of an expression's value.
fn value(expr: &Expr, before: &[BTreeMap<Root, Influence>]) -> BTreeMap<Root, Influence> {
    match &expr.node {
        ExprNode::Column(index) => before[*index].clone(),
        ExprNode::Mask { input, .. } => {
            let mut roots = changed(&value(input, before), Direct::Transformation);
            roots.values_mut().for_each(|influence| influence.masked = true);
            roots
        }
        ExprNode::Poison
        | ExprNode::Literal(_)
        | ExprNode::Call { .. }
        | ExprNode::Cast(_)
        | ExprNode::Case { .. }
        | ExprNode::Every { .. }
        | ExprNode::ParseJson(_)
        | ExprNode::Member { .. } => {
            let mut roots = BTreeMap::new();
            expr.visit_columns(&mut |index| {
                for (root, influence) in changed(&before[index], Direct::Transformation) {
                    add(&mut roots, root, influence);
                }
            });
            roots
        }
    }
}

fn aggregated(measure: &Measure, before: &[&BTreeMap<Root, Influence>]) -> BTreeMap<Root, Influence> {
    let mut roots = BTreeMap::new();
    for expr in measure.args.iter().chain(&measure.filter) {
        expr.visit_columns(&mut |index| {
            for (root, influence) in changed(before[index], Direct::Aggregation) {
                add(&mut roots, root, influence);
            }
        });
    }
    roots
}

/// The same roots, at least this much changed.
fn changed(roots: &BTreeMap<Root, Influence>, direct: Direct) -> BTreeMap<Root, Influence> {
    roots.iter().map(|(&root, &old)| (root, Influence { direct: old.direct.max(direct), ..old })).collect()
}

/// Two ways from one root: the more changed counts, and it is masked only if both are.
fn add(roots: &mut BTreeMap<Root, Influence>, root: Root, influence: Influence) {
    roots
        .entry(root)
        .and_modify(|old| {
            old.direct = old.direct.max(influence.direct);
            old.masked &= influence.masked;
        })
        .or_insert(influence);
}
