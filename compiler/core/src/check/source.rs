//! What comes out of a source: the columns of its contract, as the way of reading makes them.

use headwater_crds::source::{Read, Source};

use super::Checked;
use crate::catalog::{Catalog, Contract, Declared, Node};
use crate::code::contract as code;
use crate::data_type::DataType;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::flow::{self, NullCause};
use crate::graph::OpId;
use crate::stream::{Column, Guarantee, StreamKind, StreamType};

/// The ports of a source.
pub(super) fn check(
    checked: &mut Checked,
    catalog: &Catalog,
    node: &Node,
    declared: &Source,
) -> Vec<Option<OpId>> {
    if declared.product.is_some() {
        let input = checked.input(node, 0);
        return vec![input.map(|input| {
            let import = flow::import(&mut checked.flow, input, &node.anchor.at("product"));
            // Readers of a topic never know that it is complete, whatever it was written from.
            let sink = node.inputs.first().and_then(|input| input.node).map(|id| &catalog.node(id).declared);
            if matches!(sink, Some(Declared::Sink(sink)) if sink.files.is_none()) {
                checked.flow.mark_bounded(import, false);
            }
            import
        })];
    }
    if let Some(generate) = &declared.generate
        && declared.contract.is_none()
    {
        let anchor = node.anchor.at("generate");
        let output = super::generate::columns(&mut checked.flow, generate, &anchor);
        return vec![Some(entry(checked, declared, node, output))];
    }
    if node.contracts.is_empty() {
        report_no_contract(checked, node);
        return vec![None; node.ports.len().max(1)];
    }
    node.contracts
        .iter()
        .map(|reference| {
            let contract = catalog.contract(reference.id?);
            Some(contracted(checked, node, declared, contract, &reference.anchor))
        })
        .collect()
}

/// Nothing can be told about records that no contract describes.
fn report_no_contract(checked: &mut Checked, node: &Node) {
    checked.report(
        Diagnostic::error(&code::CONTRACT_NEEDED, node.anchor.at("name"), format!("the source `{}` needs a contract", node.name))
            .note("without one nothing is known of its fields, so nothing behind it can be checked")
            .help("name a `DataContract` with `contract: { name: ... }`; `headwater init FILE` infers one from a file"),
    );
}

/// A source with a contract: its fields, then what the way of reading adds, then the contract's conditions.
fn contracted(
    checked: &mut Checked,
    node: &Node,
    declared: &Source,
    contract: &Contract,
    at: &Anchor,
) -> OpId {
    let columns = contract
        .fields
        .iter()
        .map(|field| Column {
            name: field.name.clone(),
            data_type: field.data_type.clone(),
            nullable: field.nullable,
        })
        .collect();
    let mut output = StreamType {
        columns,
        kind: kind(checked, node, declared, contract, at),
        key: contract.key.clone(),
        event_time: contract.event_time.clone(),
        guarantee: guarantee(declared),
    };
    let causes = contract.fields.iter().map(|field| {
        field.nullable.then(|| NullCause {
            anchor: field.anchor.at("name"),
            why: format!("`{}` is not required here", field.declared.name).into(),
            fails: false,
        })
    });
    let mut nulls: Vec<Option<NullCause>> = causes.collect();
    if is_changelog(declared) && declared.read == Some(Read::Log) {
        add_change(&mut output, &mut nulls);
    }
    let op = with_metadata(checked, node, declared, output, nulls);
    let rules = super::contract::rules(&mut checked.flow, op, contract);
    flow::validate(&mut checked.flow, op, rules, &node.anchor)
}

/// What a log says of each change beside its row, as the step `changelog` does; a key may change many times.
fn add_change(output: &mut StreamType, nulls: &mut Vec<Option<NullCause>>) {
    for (name, data_type) in [("_op", DataType::String), ("_changed_at", DataType::Timestamp)] {
        if output.index_of(name).is_none() {
            output.columns.push(Column { name: name.to_owned(), data_type, nullable: false });
            nulls.push(None);
        }
    }
    output.key.clear();
}

/// A source whose columns are all known to be there.
fn entry(checked: &mut Checked, declared: &Source, node: &Node, output: StreamType) -> OpId {
    let nulls = output
        .columns
        .iter()
        .map(|column| {
            column.nullable.then(|| NullCause {
                anchor: node.anchor.at("generate"),
                why: format!("`{}` is generated with nulls", column.name).into(),
                fails: false,
            })
        })
        .collect();
    with_metadata(checked, node, declared, output, nulls)
}

fn with_metadata(
    checked: &mut Checked,
    node: &Node,
    declared: &Source,
    mut output: StreamType,
    mut nulls: Vec<Option<NullCause>>,
) -> OpId {
    for (index, column) in declared.metadata.iter().enumerate() {
        let (data_type, nullable) = metadata_type(&column.is);
        if output.index_of(&column.field).is_some() {
            let place = node.anchor.at("metadata").at(index).at("field");
            checked.report(
                Diagnostic::error(
                    &crate::code::flow::DUPLICATE_COLUMN,
                    place,
                    format!("the contract already has a field `{}`", column.field),
                )
                .help("give the column another name"),
            );
            continue;
        }
        output.columns.push(Column { name: column.field.to_string(), data_type, nullable });
        nulls.push(nullable.then(|| NullCause {
            anchor: node.anchor.at("metadata").at(index),
            why: format!("a record may come without `{}`", column.is).into(),
            fails: false,
        }));
    }
    let source = flow::source(&mut checked.flow, output, nulls, &node.anchor);
    checked.flow.mark_bounded(source, declared.files.is_some() || declared.generate.is_some());
    source
}

/// Type of what is known about a record besides its content, and whether it may be missing.
fn metadata_type(is: &str) -> (DataType, bool) {
    match is {
        "timestamp" | "changed_at" => (DataType::Timestamp, false),
        "partition" => (DataType::Int32, false),
        "offset" | "line" => (DataType::Int64, false),
        "topic" | "path" | "op" => (DataType::String, false),
        _ => (DataType::String, true),
    }
}

/// Whether the source is a database's log of changes.
fn is_changelog(declared: &Source) -> bool {
    let tables = [
        &declared.postgres,
        &declared.mysql,
        &declared.sqlserver,
        &declared.oracle,
        &declared.db2,
        &declared.mongodb,
    ];
    tables.into_iter().any(Option::is_some)
}

/// The kind that the way of reading makes must be the one that the contract states.
fn kind(
    checked: &mut Checked,
    node: &Node,
    declared: &Source,
    contract: &Contract,
    at: &Anchor,
) -> StreamKind {
    if !is_changelog(declared) {
        return contract.kind;
    }
    let (kind, read) = match declared.read {
        None | Some(Read::Latest) => (StreamKind::Upsert, "latest"),
        Some(Read::Inserts) => (StreamKind::Append, "inserts"),
        Some(Read::Log) => (StreamKind::Append, "log"),
    };
    if kind != contract.kind {
        let (is, other) = match kind {
            StreamKind::Upsert => ("an upsert stream", "`read: inserts`"),
            StreamKind::Append => ("an append stream", "`read: latest`"),
        };
        checked.report(
            Diagnostic::error(
                &code::KIND_DIFFERS,
                at.at("name"),
                format!("`{}` read as `{read}` is {is}, and its contract states the other kind", node.name),
            )
            .also(contract.anchor.at("changes"), "the contract's kind")
            .help(format!("read it with {other}, or change the contract's `changes`")),
        );
    }
    kind
}

/// What the origin can promise: brokers without replay may deliver twice.
fn guarantee(declared: &Source) -> Guarantee {
    if declared.mqtt.is_some() || declared.jms.is_some() || declared.connector.is_some() {
        Guarantee::AtLeastOnce
    } else {
        Guarantee::ExactlyOnce
    }
}
