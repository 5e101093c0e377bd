//! Operators that look at one record at a time: filter, project, validate, branch, unnest.
//!
//! Takes typed expressions over one input; gives an operator of the input's kind.

use super::present::present_if_true;
use super::{Facts, Flow, NullCause, Typed, quoted};
use crate::code::flow as code;
use crate::data_type::DataType;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::expr::{Expr, ExprNode, Mask};
use crate::graph::{Named, OnViolation, OpId, Operator, Rule};
use crate::stream::{Column, EventTime, StreamKind, StreamType};

/// Keeps the records for which the predicate is true; columns that must then have a value are no longer nullable.
pub(crate) fn filter(flow: &mut Flow, input: OpId, predicate: Typed, anchor: &Anchor) -> OpId {
    let present = present_if_true(&predicate.expr);
    let id = flow.push_same(Operator::Filter { predicate: predicate.expr }, input, anchor);
    narrow(flow, id, &present);
    id
}

/// Keeps the records that take one route of several.
pub(crate) fn branch(
    flow: &mut Flow,
    input: OpId,
    conditions: &[Typed],
    route: usize,
    anchor: &Anchor,
) -> OpId {
    let present = conditions.get(route).map(|condition| present_if_true(&condition.expr)).unwrap_or_default();
    let conditions = conditions.iter().map(|condition| condition.expr.clone()).collect();
    let id = flow.push_same(Operator::Branch { conditions, route }, input, anchor);
    narrow(flow, id, &present);
    id
}

/// Lets pass what breaks no rule.
pub(crate) fn validate(flow: &mut Flow, input: OpId, rules: Vec<Rule>, anchor: &Anchor) -> OpId {
    if rules.is_empty() {
        return input;
    }
    // A rule is broken only by false, so it proves presence only where it can't be null itself.
    let present: Vec<usize> = rules
        .iter()
        .filter(|rule| rule.on_violation != OnViolation::Warn && !rule.predicate.nullable)
        .flat_map(|rule| present_if_true(&rule.predicate))
        .collect();
    let id = flow.push_same(Operator::Validate { rules }, input, anchor);
    narrow(flow, id, &present);
    id
}

/// Computes new columns. Key and event time follow the columns that carry them unchanged.
pub(crate) fn project(flow: &mut Flow, input: OpId, columns: Vec<(String, Typed)>, anchor: &Anchor) -> OpId {
    report_duplicates(flow, &columns);
    let before = flow.output(input).clone();
    let carried = |wanted: usize, through_mask: bool| {
        columns.iter().position(|(_, typed)| carries(&typed.expr, wanted, through_mask))
    };
    let key: Option<Vec<usize>> = before.key.iter().map(|&index| carried(index, true)).collect();
    if key.is_none() && before.kind == StreamKind::Upsert {
        let lost: Vec<_> = before.key.iter().filter(|&&index| carried(index, true).is_none()).collect();
        let names = quoted(lost.iter().map(|&&index| before.columns[index].name.as_str()));
        flow.diagnostics.push(
            Diagnostic::error(&code::KEY_DROPPED, anchor, format!("the key field {names} of an upsert stream is dropped or recomputed"))
                .label("the key is lost here")
                .note(format!("the stream is keyed by {}", quoted(before.key_names())))
                .help("keep the key fields as they are, or turn the stream into its changes first with the step `changelog`"),
        );
    }
    let event_time = before
        .event_time
        .as_ref()
        .and_then(|time| carried(time.column, false).map(|column| EventTime { column, ..time.clone() }));
    let output = StreamType {
        columns: columns
            .iter()
            .map(|(name, typed)| Column {
                name: name.clone(),
                data_type: typed.expr.data_type.clone(),
                nullable: typed.expr.nullable,
            })
            .collect(),
        key: key.unwrap_or_default(),
        event_time,
        ..before
    };
    let nulls = columns.iter().map(|(_, typed)| typed.null.clone()).collect();
    let columns = columns.into_iter().map(|(name, typed)| Named { name, expr: typed.expr }).collect();
    flow.push(Operator::Project { columns }, vec![input], output, Facts { anchor: anchor.clone(), nulls })
}

/// What to unnest and how its columns are called.
pub(crate) struct Unnesting {
    /// Index of the list or map.
    pub(crate) column: usize,
    /// Names of the element's columns: the members of a struct, key and value of a map, or the element itself.
    pub(crate) names: Vec<String>,
    /// Name of the position's column, if it is wanted.
    pub(crate) ordinality: Option<String>,
    /// Whether a record without elements is kept, with nulls.
    pub(crate) keep_empty: bool,
}

/// The columns that an element of this type unfolds into, by name, type and nullability.
pub(crate) fn element_columns(data_type: &DataType) -> Option<Vec<Column>> {
    let column = |name: &str, data_type: &DataType, nullable| Column {
        name: name.to_owned(),
        data_type: data_type.clone(),
        nullable,
    };
    if let DataType::List(slot) = data_type {
        let DataType::Struct(members) = &slot.data_type else {
            return Some(vec![column("element", &slot.data_type, slot.nullable)]);
        };
        let columns =
            members.iter().map(|m| column(&m.name, &m.data_type, m.nullable || slot.nullable)).collect();
        return Some(columns);
    }
    let DataType::Map(slot) = data_type else { return None };
    Some(vec![column("key", &DataType::String, false), column("value", &slot.data_type, slot.nullable)])
}

/// One record for each element. The caller has made sure that the column is a list or a map.
pub(crate) fn unnest(flow: &mut Flow, input: OpId, what: Unnesting, anchor: &Anchor) -> OpId {
    let mut output = flow.output(input).clone();
    let mut nulls = flow.facts(input).nulls.clone();
    let elements = element_columns(&output.columns[what.column].data_type).unwrap_or_default();
    for (column, name) in elements.into_iter().zip(what.names) {
        let nullable = column.nullable || what.keep_empty;
        nulls.push(nullable.then(|| {
            NullCause {
                anchor: anchor.clone(),
                why: if what.keep_empty {
                    "a record without elements has none"
                } else {
                    "an element may be null"
                }
                .into(),
                fails: false,
            }
        }));
        output.columns.push(Column { name, nullable, ..column });
    }
    if let Some(name) = &what.ordinality {
        output.columns.push(Column {
            name: name.clone(),
            data_type: DataType::Int64,
            nullable: what.keep_empty,
        });
        nulls.push(what.keep_empty.then(|| NullCause {
            anchor: anchor.clone(),
            why: "a record without elements has no position".into(),
            fails: false,
        }));
        if !output.key.is_empty() {
            output.key.push(output.columns.len() - 1);
        }
    } else {
        if output.kind == StreamKind::Upsert {
            flow.diagnostics.push(
                Diagnostic::error(
                    &code::KEY_DROPPED,
                    anchor,
                    "unnesting an upsert stream gives rows that its key no longer tells apart",
                )
                .help("ask for the element's position too, which then is part of the key"),
            );
        }
        output.key.clear();
    }
    let operator = Operator::Unnest {
        column: what.column,
        keep_empty: what.keep_empty,
        ordinality: what.ordinality.is_some(),
    };
    flow.push(operator, vec![input], output, Facts { anchor: anchor.clone(), nulls })
}

/// Marks columns as never null.
fn narrow(flow: &mut Flow, id: OpId, present: &[usize]) {
    for &index in present {
        // A list that others hold too is copied only if something changes.
        if flow.output(id).columns[index].nullable {
            flow.ops[id.0 as usize].output.columns[index].nullable = false;
        }
        if flow.facts(id).nulls[index].is_some() {
            flow.facts[id.0 as usize].nulls[index] = None;
        }
    }
}

/// Whether the expression is just that column, or a mask of it that maps equal to equal and different to different.
fn carries(expr: &Expr, column: usize, through_mask: bool) -> bool {
    match &expr.node {
        ExprNode::Column(index) => *index == column,
        ExprNode::Mask { input, mask: Mask::Hmac { .. } | Mask::Tokenize { .. } } if through_mask => {
            carries(input, column, false)
        }
        ExprNode::Mask { .. }
        | ExprNode::Every { .. }
        | ExprNode::ParseJson(_)
        | ExprNode::Poison
        | ExprNode::Literal(_)
        | ExprNode::Call { .. }
        | ExprNode::Cast(_)
        | ExprNode::Case { .. }
        | ExprNode::Member { .. } => false,
    }
}

fn report_duplicates(flow: &mut Flow, columns: &[(String, Typed)]) {
    for (index, (name, typed)) in columns.iter().enumerate() {
        if columns[..index].iter().any(|(earlier, _)| earlier == name) {
            flow.diagnostics.push(
                Diagnostic::error(
                    &code::DUPLICATE_COLUMN,
                    &typed.anchor,
                    format!("two columns are called `{name}`"),
                )
                .help("give one of them another name"),
            );
        }
    }
}
