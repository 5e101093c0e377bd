//! What a sink writes: its input in the form that its contract promises.

use headwater_crds::contract::OnViolation as DeclaredOnViolation;
use headwater_crds::sink::{Delivery, Sink, Table, TableFormat};

use super::{Checked, conform};
use crate::catalog::{Catalog, Node};
use crate::code::{flow as flow_code, sink as code};
use crate::diagnostic::{Anchor, Diagnostic};
use crate::flow;
use crate::graph::{OnViolation, OpId};
use crate::near::near;
use crate::partition::{NAMES, NotAPartition, Partition, Transform, partition};
use crate::stream::{Guarantee, StreamKind};

/// The operator that writes.
pub(super) fn check(checked: &mut Checked, catalog: &Catalog, node: &Node, declared: &Sink) -> Option<OpId> {
    let mut op = checked.input(node, 0)?;
    // Between major lines the newest decides what is written; the others are checked too.
    for reference in node.contracts.iter().rev() {
        let contract = catalog.contract(reference.id?);
        op = conform::conform(&mut checked.flow, op, contract, node, &reference.anchor);
        let rules = super::contract::rules(&mut checked.flow, op, contract);
        op = flow::validate(&mut checked.flow, op, rules, &reference.anchor);
    }
    check_delivery(checked, op, node, declared);
    check_columns(checked, op, node, declared);
    check_table(checked, op, node, declared);
    Some(flow::sink(&mut checked.flow, op, &node.anchor))
}

/// Asking for more than the way here can give is an error.
fn check_delivery(checked: &mut Checked, op: OpId, node: &Node, declared: &Sink) {
    let given = checked.flow.output(op).guarantee;
    if declared.delivery == Some(Delivery::ExactlyOnce) && given == Guarantee::AtLeastOnce {
        let weak = weakest(checked, op);
        let diagnostic = Diagnostic::error(
            &flow_code::WEAK_DELIVERY,
            node.anchor.at("delivery"),
            "exactly-once is asked for, and a source on the way gives at-least-once",
        );
        checked.report(
            diagnostic
                .also(weak, "this source may give a record twice")
                .help("accept `delivery: atLeastOnce`, or remove doubles with the step `deduplicate`"),
        );
    }
}

/// The first source on the way that does not promise to give a record once.
fn weakest(checked: &Checked, mut op: OpId) -> Anchor {
    while let Some(input) = checked.flow.ops[op.0 as usize]
        .inputs
        .iter()
        .find(|input| checked.flow.output(**input).guarantee == Guarantee::AtLeastOnce)
    {
        op = *input;
    }
    checked.flow.facts(op).anchor.clone()
}

/// Columns that the sink's settings name must be there.
fn check_columns(checked: &mut Checked, op: OpId, node: &Node, declared: &Sink) {
    let mut wanted: Vec<(String, Anchor)> = Vec::new();
    if let Some(key) = declared.topic.as_ref().and_then(|topic| topic.key.as_ref()) {
        let list = node.anchor.at("topic").at("key").at("fields");
        wanted.extend(key.fields.iter().enumerate().map(|(index, name)| (name.to_string(), list.at(index))));
    }
    if let Some(table) = &declared.table {
        let list = node.anchor.at("table").at("sortBy");
        wanted
            .extend(table.sort_by.iter().enumerate().map(|(index, name)| (name.to_string(), list.at(index))));
        let list = node.anchor.at("table").at("partitionBy");
        let columns = table.partition_by.iter().enumerate();
        wanted.extend(columns.map(|(index, text)| (partition_column(text).to_owned(), list.at(index))));
    }
    for (index, header) in declared.headers.iter().enumerate() {
        wanted.push((header.is.to_string(), node.anchor.at("headers").at(index).at("is")));
    }
    for (name, place) in wanted {
        if checked.flow.output(op).index_of(&name).is_some() {
            continue;
        }
        let diagnostic = Diagnostic::error(
            &code::UNKNOWN_SINK_COLUMN,
            place,
            format!("the sink `{}` has no column `{name}`", node.name),
        );
        let columns = &checked.flow.output(op).columns;
        let diagnostic = match near(&name, columns.iter().map(|column| column.name.as_str())) {
            Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
            None => diagnostic,
        };
        checked.report(diagnostic);
    }
}

/// The column inside of `day(ordered_at)` or `bucket(16, order_id)`.
pub(crate) fn partition_column(text: &str) -> &str {
    let inside = text.split_once('(').map_or(text, |(_, rest)| rest.trim_end_matches(')'));
    inside.rsplit(',').next().unwrap_or(inside).trim()
}

/// Each partition is one that the table can have.
fn check_partitions(checked: &mut Checked, op: OpId, node: &Node, table: &Table) {
    for (index, text) in table.partition_by.iter().enumerate() {
        let output = checked.flow.output(op);
        let (message, help) = match partition(text) {
            Err(NotAPartition::UnknownTransform(name)) => (
                format!("there is no partition transform `{name}`"),
                match near(&name, NAMES) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("there are {}", NAMES.map(|name| format!("`{name}`")).join(", ")),
                },
            ),
            Err(NotAPartition::NeedsNumber(name)) => (
                format!("`{name}` needs a number from 1 to 2147483647"),
                format!("write it before the column: `{name}(16, ...)`"),
            ),
            Err(NotAPartition::TakesNoNumber(name)) => {
                (format!("`{name}` takes no number"), format!("write the column alone: `{name}(...)`"))
            }
            Ok(Partition { column, transform }) => {
                let Some(found) = output.index_of(&column).map(|index| &output.columns[index]) else {
                    continue;
                };
                if table.format == TableFormat::Delta && transform != Transform::Identity {
                    (
                        "a Delta table is partitioned by columns as they are".to_owned(),
                        format!("compute the column in a step, and partition by it instead of `{}`", text.0),
                    )
                } else if !found.data_type.is_unknown() && !transform.takes(&found.data_type) {
                    (
                        format!("`{}` does not take `{column}`, which is `{}`", text.0, found.data_type),
                        "use a transform of the column's type, or another column".to_owned(),
                    )
                } else {
                    continue;
                }
            }
        };
        let place = node.anchor.at("table").at("partitionBy").at(index);
        checked.report(Diagnostic::error(&code::PARTITION_TRANSFORM, place, message).help(help));
    }
}

/// What a table can't hold is refused here and not when it is written.
fn check_table(checked: &mut Checked, op: OpId, node: &Node, declared: &Sink) {
    let Some(table) = &declared.table else { return };
    check_partitions(checked, op, node, table);
    let output = checked.flow.output(op).clone();
    if output.kind != StreamKind::Upsert || table.format != TableFormat::Iceberg {
        return;
    }
    let key = output.key_names();
    for (index, partition) in table.partition_by.iter().enumerate() {
        let column = partition_column(partition);
        if key.contains(&column) || output.index_of(column).is_none() {
            continue;
        }
        let keys: Vec<String> = key.iter().map(|name| format!("`{name}`")).collect();
        let message = format!(
            "an upsert into an Iceberg table can't be partitioned by `{column}`, which is not part of the key"
        );
        checked.report(
            Diagnostic::error(&code::PARTITION_NOT_IN_KEY, node.anchor.at("table").at("partitionBy").at(index), message)
                .note(format!("the stream is keyed by {}: a row whose `{column}` changes would leave its old row behind in another partition", keys.join(", ")))
                .help("partition by a column of the key, such as `bucket(16, ...)` of it"),
        );
    }
}

/// The word of a declaration as that of the graph.
pub(super) fn on_violation(declared: DeclaredOnViolation) -> OnViolation {
    match declared {
        DeclaredOnViolation::DeadLetter => OnViolation::DeadLetter,
        DeclaredOnViolation::DeadLetterAndDelete => OnViolation::DeadLetterAndDelete,
        DeclaredOnViolation::Drop => OnViolation::Drop,
        DeclaredOnViolation::Fail => OnViolation::Fail,
    }
}
