//! Lints over declarations: owners, origins, contracts, readers.

use std::collections::BTreeMap;

use headwater_crds::sink::Sink;
use headwater_crds::source::Source;

use crate::catalog::{Catalog, Declared, Node};
use crate::code::lint as code;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::graph::{NodeId, Role};

pub(super) fn lint(catalog: &Catalog, found: &mut Vec<Diagnostic>) {
    missing_owner(catalog, found);
    cleaned_twice(catalog, found);
    for (id, node) in (0u32..).map(NodeId).zip(&catalog.nodes) {
        if let Declared::Sink(sink) = &node.declared {
            point_to_point(catalog, node, sink, found);
            reverse_etl(catalog, node, sink, found);
            unread(catalog, id, node, sink, found);
        }
    }
}

fn missing_owner(catalog: &Catalog, found: &mut Vec<Diagnostic>) {
    for product in catalog.products.iter().filter(|product| product.spec.owner.is_none()) {
        let place = Anchor::value(product.document, "/metadata/name");
        found.push(
            Diagnostic::warning(
                &code::MISSING_OWNER,
                place,
                format!("nobody is named as owner of `{}`", product.name),
            )
            .help("state who answers for it: `owner: { team: ... }`"),
        );
    }
}

/// Where the records of a source come from, if two sources could share it.
fn origin(source: &Source) -> Option<String> {
    if let Some(topic) = &source.topic {
        return Some(format!("the topic `{}`", topic.name));
    }
    let tables =
        [&source.postgres, &source.mysql, &source.sqlserver, &source.oracle, &source.db2, &source.mongodb];
    let table = tables.into_iter().flatten().next()?;
    Some(format!("the table `{}` of `{}`", table.table.as_ref()?, table.connection))
}

/// Cleaning belongs where the data is made, once.
fn cleaned_twice(catalog: &Catalog, found: &mut Vec<Diagnostic>) {
    let mut first: BTreeMap<String, &Node> = BTreeMap::new();
    for node in &catalog.nodes {
        let Declared::Source(source) = &node.declared else { continue };
        let Some(origin) = origin(source) else { continue };
        match first.get(&origin) {
            Some(other) if other.product != node.product => {
                let product = catalog.product(other.product);
                found.push(
                    Diagnostic::warning(
                        &code::CLEANED_TWICE,
                        node.anchor.at("name"),
                        format!("{origin} is also read by the product `{}`", product.name),
                    )
                    .also(other.anchor.at("name"), "read here too")
                    .help(format!(
                        "read a sink of `{}` instead, so that the records are cleaned once",
                        product.name
                    )),
                );
            }
            Some(_) => {}
            None => {
                first.insert(origin, node);
            }
        }
    }
}

/// A source wired to a sink without any promise moves the mess downstream.
fn point_to_point(catalog: &Catalog, node: &Node, sink: &Sink, found: &mut Vec<Diagnostic>) {
    let promises = sink.contract.is_some() || !sink.contracts.is_empty();
    let Some(input) = node.inputs.first().and_then(|input| input.node) else { return };
    let source = catalog.node(input);
    if source.role() == Role::Source && !promises {
        found.push(
            Diagnostic::warning(
                &code::POINT_TO_POINT,
                node.anchor.at("from"),
                format!(
                    "`{}` goes straight to the sink `{}`, which promises nothing",
                    source.name, node.name
                ),
            )
            .help("give the sink a `contract`, so that its readers know what to rely on"),
        );
    }
}

/// A lakehouse table that feeds an operational system: the data went too far before it was cleaned.
fn reverse_etl(catalog: &Catalog, node: &Node, sink: &Sink, found: &mut Vec<Diagnostic>) {
    let operational = sink.jdbc.is_some() || sink.topic.is_some() || sink.opensearch.is_some();
    if !operational {
        return;
    }
    let mut waiting: Vec<NodeId> = node.inputs.iter().filter_map(|input| input.node).collect();
    let mut seen: Vec<NodeId> = Vec::new();
    while let Some(id) = waiting.pop() {
        if seen.contains(&id) {
            continue;
        }
        seen.push(id);
        let before = catalog.node(id);
        match &before.declared {
            Declared::Sink(table) if table.table.is_some() => {
                found.push(
                    Diagnostic::warning(
                        &code::REVERSE_ETL,
                        node.anchor.at("from"),
                        format!(
                            "the operational sink `{}` is fed from the lakehouse table `{}`",
                            node.name, before.name
                        ),
                    )
                    .also(before.anchor.at("name"), "the table")
                    .help("read what the table is made from: a topic of the same product has it sooner"),
                );
                return;
            }
            Declared::Sink(_) => {}
            Declared::Source(_) | Declared::Transform(_) => {
                waiting.extend(before.inputs.iter().filter_map(|input| input.node));
            }
        }
    }
}

/// A topic that no product reads and that names no reader.
fn unread(catalog: &Catalog, id: NodeId, node: &Node, sink: &Sink, found: &mut Vec<Diagnostic>) {
    if sink.topic.is_none() || !sink.readers.is_empty() || catalog.products.len() < 2 {
        return;
    }
    let is_read = catalog.nodes.iter().any(|other| other.inputs.iter().any(|input| input.node == Some(id)));
    if !is_read {
        found.push(
            Diagnostic::warning(
                &code::SINK_NOT_READ,
                node.anchor.at("name"),
                format!("nobody reads the topic of the sink `{}`", node.name),
            )
            .help("name who reads it outside of these products with `readers`, or remove it"),
        );
    }
}
