//! How labels spread: through expressions, keys, joins and aggregates.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Catalog, Declared, Field};
use crate::data_type::DataType;
use crate::diagnostic::Anchor;
use crate::expr::{Expr, ExprNode, Mask};
use crate::flow::Flow;
use crate::function::{self, Labels};
use crate::graph::{Measure, Op, OpId, Operator};
use crate::shared::Shared;

/// Put before the label of a value that only a key can turn back.
pub(super) const PSEUDONYMOUS: &str = "pseudonymous.";

/// The labels of a column: its own, and those of what is inside it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tags {
    own: BTreeSet<String>,
    /// Of the members of a struct, or of a list's or map's element that is one.
    members: Vec<Tags>,
}

impl Tags {
    /// All labels, whatever they are on.
    pub(super) fn all(&self) -> BTreeSet<String> {
        let mut all = self.own.clone();
        for member in &self.members {
            all.extend(member.all());
        }
        all
    }

    pub(super) fn is_empty(&self) -> bool {
        self.own.is_empty() && self.members.iter().all(Tags::is_empty)
    }

    fn merge(&mut self, other: &Tags) {
        self.own.extend(other.own.iter().cloned());
        if self.members.is_empty() {
            self.members.clone_from(&other.members);
        } else {
            self.members.iter_mut().zip(&other.members).for_each(|(a, b)| a.merge(b));
        }
    }
}

/// For each operator the labels of each column.
pub(super) fn spread(catalog: &Catalog, flow: &Flow) -> Vec<Shared<Tags>> {
    let entries = entries(flow);
    let mut all: Vec<Shared<Tags>> = Vec::with_capacity(flow.ops.len());
    for (id, op) in (0u32..).map(OpId).zip(&flow.ops) {
        if let ([input], true) = (op.inputs.as_slice(), passes_on(&op.operator)) {
            all.push(all[input.0 as usize].clone());
            continue;
        }
        let before: Vec<&Tags> = op.inputs.iter().flat_map(|input| &all[input.0 as usize]).collect();
        let mut tags = match entries.get(&id) {
            Some(&port) => source(catalog, op, port),
            None => {
                let is_struct =
                    |index: usize| holds_structs(&flow.output(op.inputs[0]).columns[index].data_type);
                step(op, &before, &approved(catalog, op), &is_struct)
            }
        };
        tags.resize_with(op.output.columns.len(), Tags::default);
        all.push(tags.into());
    }
    all
}

/// Whether the columns of the only input pass on as they are.
fn passes_on(operator: &Operator) -> bool {
    match operator {
        Operator::Import
        | Operator::Filter { .. }
        | Operator::Validate { .. }
        | Operator::Deduplicate { .. }
        | Operator::Branch { .. }
        | Operator::Sink => true,
        Operator::Source
        | Operator::Project { .. }
        | Operator::Unnest { .. }
        | Operator::Union
        | Operator::Aggregate { .. }
        | Operator::Over { .. }
        | Operator::TopN { .. }
        | Operator::Join { .. }
        | Operator::Changelog => false,
    }
}

/// Which output of its node each source operator is.
fn entries(flow: &Flow) -> BTreeMap<OpId, usize> {
    let mut count: BTreeMap<crate::graph::NodeId, usize> = BTreeMap::new();
    let sources = (0u32..).map(OpId).zip(&flow.ops).filter(|(_, op)| op.operator == Operator::Source);
    sources
        .map(|(id, op)| {
            let next = count.entry(op.node).or_default();
            *next += 1;
            (id, *next - 1)
        })
        .collect()
}

/// Whether the elements of a list are structs, whose members become columns.
fn holds_structs(data_type: &DataType) -> bool {
    matches!(data_type, DataType::List(slot) if matches!(slot.data_type, DataType::Struct(_)))
}

/// Generalisations that the platform of an operator's product approves: label and mask.
fn approved(catalog: &Catalog, op: &Op) -> Vec<(String, Mask)> {
    let platform = catalog.product(catalog.node(op.node).product).platform;
    let policies = platform.and_then(|index| catalog.platforms[index].spec.policies.as_ref());
    policies
        .into_iter()
        .flat_map(|policies| &policies.classifications)
        .flat_map(|classification| {
            let masks = classification.generalised_by.iter().filter_map(crate::check::generalisation);
            masks.map(|mask| (classification.name.to_string(), mask))
        })
        .collect()
}

/// What the contract of a source says of its fields.
fn source(catalog: &Catalog, op: &Op, port: usize) -> Vec<Tags> {
    let node = catalog.node(op.node);
    let contract = node.contracts.get(port).and_then(|reference| reference.id).map(|id| catalog.contract(id));
    let mut tags: Vec<Tags> = contract.iter().flat_map(|contract| &contract.fields).map(declared).collect();
    if let Declared::Source(source) = &node.declared {
        tags.resize_with(
            op.output.columns.len() - source.metadata.len().min(op.output.columns.len()),
            Tags::default,
        );
        tags.extend(source.metadata.iter().map(|column| Tags {
            own: column.classification.iter().map(ToString::to_string).collect(),
            members: Vec::new(),
        }));
    }
    tags
}

/// What a contract says of a field and of those inside it.
pub(super) fn declared(field: &Field) -> Tags {
    let own = field.declared.classification.iter().map(ToString::to_string).collect();
    let members: Vec<Tags> = field.inner.iter().map(declared).collect();
    match field.inner.first() {
        // The element of a list or map stands for the whole.
        Some(inner) if inner.name == "[]" || inner.name == "{}" => {
            let mut tags = Tags { own, members: Vec::new() };
            members.iter().for_each(|element| tags.merge(element));
            tags
        }
        Some(_) | None => Tags { own, members },
    }
}

/// Where the field of an entry is declared.
pub(super) fn origin(catalog: &Catalog, flow: &Flow, op: OpId, column: usize) -> Anchor {
    let entry = &flow.ops[op.0 as usize];
    let node = catalog.node(entry.node);
    let name = &entry.output.columns[column].name;
    let contracts = node.contracts.iter().filter_map(|reference| reference.id).map(|id| catalog.contract(id));
    let field = contracts.flat_map(|contract| &contract.fields).find(|field| field.name == *name);
    field.map_or_else(|| node.anchor.clone(), |field| field.classified_at())
}

#[expect(clippy::wildcard_enum_match_arm, reason = "what changes no column passes all on")]
fn step(
    op: &Op,
    before: &[&Tags],
    approved: &[(String, Mask)],
    holds_structs: &impl Fn(usize) -> bool,
) -> Vec<Tags> {
    let pass = || before.iter().map(|tags| (*tags).clone()).collect::<Vec<_>>();
    match &op.operator {
        Operator::Project { columns } => {
            columns.iter().map(|column| value(&column.expr, before, approved)).collect()
        }
        Operator::Union => {
            let width = op.output.columns.len().max(1);
            let mut merged = vec![Tags::default(); width];
            for (index, tags) in before.iter().enumerate() {
                merged[index % width].merge(tags);
            }
            merged
        }
        Operator::Aggregate { window, by, measures, .. } => {
            let mut tags = vec![Tags::default(); if window.is_some() { 3 } else { 0 }];
            tags.extend(by.iter().map(|&index| before[index].clone()));
            tags.extend(measures.iter().map(|measure| measured(measure, before, approved)));
            tags
        }
        Operator::Over { calls, .. } => {
            let mut tags = pass();
            tags.extend(calls.iter().map(|call| measured(call, before, approved)));
            tags
        }
        Operator::Unnest { column, .. } => {
            let mut tags = pass();
            let list = before[*column];
            for index in 0..op.output.columns.len() - before.len() {
                // Keys, values and elements that are no structs may hold whatever the whole holds.
                let mut element = Tags { own: list.all(), members: Vec::new() };
                if holds_structs(*column) {
                    element = list.members.get(index).cloned().unwrap_or_default();
                    element.own.extend(list.own.iter().cloned());
                }
                tags.push(element);
            }
            tags
        }
        _ => pass(),
    }
}

fn measured(measure: &Measure, before: &[&Tags], approved: &[(String, Mask)]) -> Tags {
    let mut tags = called(measure.function, &measure.args, before, approved);
    // Which records count tells of the condition.
    tags.own.extend(measure.filter.iter().flat_map(|filter| value(filter, before, approved).all()));
    tags
}

/// The expressions that a measure reads.
fn read_by(measure: &Measure) -> impl Iterator<Item = &Expr> {
    measure.args.iter().chain(&measure.filter)
}

fn called(
    function: function::FunctionId,
    args: &[Expr],
    before: &[&Tags],
    approved: &[(String, Mask)],
) -> Tags {
    match function::get(function).labels {
        Labels::Cleared => Tags::default(),
        Labels::Spread => {
            let own = args.iter().flat_map(|arg| value(arg, before, approved).all()).collect();
            Tags { own, members: Vec::new() }
        }
    }
}

/// Labels of an expression's value.
fn value(expr: &Expr, before: &[&Tags], approved: &[(String, Mask)]) -> Tags {
    match &expr.node {
        ExprNode::Poison | ExprNode::Literal(_) => Tags::default(),
        ExprNode::Column(index) => before[*index].clone(),
        ExprNode::Cast(input) => value(input, before, approved),
        ExprNode::Call { function, args } => called(*function, args, before, approved),
        ExprNode::Member { input, index } => {
            let outer = value(input, before, approved);
            let mut tags = outer.members.get(*index).cloned().unwrap_or_default();
            tags.own.extend(outer.own);
            tags
        }
        ExprNode::Case { branches, otherwise } => {
            // Which branch was taken tells of the condition.
            let exprs =
                branches.iter().flat_map(|(condition, value)| [condition, value]).chain(otherwise.as_deref());
            let mut tags = Tags::default();
            exprs.for_each(|expr| tags.own.extend(value(expr, before, approved).all()));
            tags
        }
        ExprNode::Every { input, .. } | ExprNode::ParseJson(input) => {
            Tags { own: value(input, before, approved).all(), members: Vec::new() }
        }
        ExprNode::Mask { input, mask } => masked(&value(input, before, approved), mask, approved),
    }
}

fn masked(tags: &Tags, mask: &Mask, approved: &[(String, Mask)]) -> Tags {
    let own = match mask {
        Mask::Redact | Mask::Null => BTreeSet::new(),
        Mask::Hmac { .. } | Mask::Tokenize { .. } | Mask::Encrypt { .. } => tags
            .all()
            .into_iter()
            .map(
                |label| {
                    if label.starts_with(PSEUDONYMOUS) { label } else { format!("{PSEUDONYMOUS}{label}") }
                },
            )
            .collect(),
        Mask::GeneraliseNumber { .. } | Mask::GeneraliseTime { .. } => {
            let removed = |label: &String| {
                approved.iter().any(|(name, by)| by == mask && super::clearance::covers(name, label))
            };
            tags.all().into_iter().filter(|label| !removed(label)).collect()
        }
        Mask::Partial { .. } | Mask::Truncate { .. } => tags.all(),
    };
    Tags { own, members: Vec::new() }
}

/// The columns of inputs that a column is made of.
#[expect(clippy::wildcard_enum_match_arm, reason = "what changes no column passes all on")]
pub(super) fn before(flow: &Flow, op: OpId, column: usize) -> Vec<(OpId, usize)> {
    let entry = &flow.ops[op.0 as usize];
    let mut positions: Vec<(OpId, usize)> = Vec::new();
    for input in &entry.inputs {
        positions.extend((0..flow.output(*input).columns.len()).map(|index| (*input, index)));
    }
    let mut read = Vec::new();
    match &entry.operator {
        Operator::Source => {}
        Operator::Project { columns } => columns[column].expr.visit_columns(&mut |index| read.push(index)),
        Operator::Aggregate { window, by, measures, .. } => {
            let column = column.checked_sub(if window.is_some() { 3 } else { 0 });
            match column
                .map(|column| (by.get(column), column.checked_sub(by.len()).and_then(|m| measures.get(m))))
            {
                Some((Some(index), _)) => read.push(*index),
                Some((None, Some(measure))) => {
                    read_by(measure).for_each(|expr| expr.visit_columns(&mut |index| read.push(index)));
                }
                _ => {}
            }
        }
        Operator::Union => {
            let width = entry.output.columns.len().max(1);
            read.extend((0..positions.len()).filter(|index| index % width == column));
        }
        Operator::Unnest { column: list, .. } if column >= positions.len() => read.push(*list),
        Operator::Over { calls, .. } if column >= positions.len() => {
            read_by(&calls[column - positions.len()])
                .for_each(|expr| expr.visit_columns(&mut |index| read.push(index)));
        }
        _ => read.push(column),
    }
    read.into_iter().filter_map(|index| positions.get(index).copied()).collect()
}
