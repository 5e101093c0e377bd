//! Nodes as declared, with `from: shop.*` repeated once a port and `{{ port }}` filled in.

use headwater_crds::product::Transform;
use headwater_crds::scalar::PortRef;
use headwater_crds::sink::Sink;
use headwater_crds::source::Source;

use super::lock::Locks;
use super::table;
use crate::catalog::{ContractRef, Declared, Input, Node};
use crate::diagnostic::{Anchor, Diagnostic};
use crate::graph::ProductId;
use crate::sql;

/// A source with its ports.
pub(super) fn source(
    product: ProductId,
    source: Source,
    anchor: Anchor,
    locks: &Locks,
    diagnostics: &mut Vec<Diagnostic>,
) -> Node {
    let ports = table::ports(&source, &anchor, locks, diagnostics);
    let contracts = source
        .contract
        .as_ref()
        .map(|_| contract_refs(&anchor.at("contract"), ports.len()))
        .unwrap_or_default();
    Node {
        product,
        name: source.name.to_string(),
        anchor,
        declared: Declared::Source(Box::new(source)),
        inputs: Vec::new(),
        contracts,
        ports,
    }
}

/// A transform, once for each port of `from: node.*`.
pub(super) fn transforms(
    product: ProductId,
    declared: Transform,
    anchor: &Anchor,
    before: &[Node],
) -> Vec<Node> {
    let repeated = repeated_ports(&declared.from, before);
    if let [None] = repeated.as_slice() {
        return vec![transform_node(product, declared, anchor.clone())];
    }
    repeated
        .into_iter()
        .map(|port| {
            let mut transform = declared.clone();
            if let Some(port) = &port {
                transform.name.0 = fill(&transform.name, port);
                transform.from.iter_mut().for_each(|from| from.0 = choose(from, port));
            }
            transform_node(product, transform, anchor.clone())
        })
        .collect()
}

fn transform_node(product: ProductId, transform: Transform, anchor: Anchor) -> Node {
    let mut inputs: Vec<Input> = transform
        .from
        .iter()
        .enumerate()
        .map(|(index, from)| input(from, anchor.at("from").at(index)))
        .collect();
    if let Some(query) = &transform.sql {
        let text = anchor.at("sql");
        for (name, range) in sql::referenced_names(query) {
            // A stream that a query names twice is one input.
            if !inputs.iter().any(|input| input.name == name) {
                inputs.push(Input { name, node: None, port: 0, anchor: text.bytes(range) });
            }
        }
    }
    for (index, step) in transform.steps.iter().flatten().enumerate() {
        let at = anchor.at("steps").at(index);
        if let Some(join) = &step.join {
            inputs.push(input(&join.with, at.at("join").at("with")));
        }
        if let Some(enrich) = &step.enrich {
            inputs.push(input(&enrich.with, at.at("enrich").at("with")));
        }
    }
    let is_port = |route: &&headwater_crds::product::Route| {
        route.otherwise.as_ref().is_none_or(|otherwise| otherwise.reject.is_none())
    };
    let ports =
        transform.routes.iter().flatten().filter(is_port).map(|route| route.name.to_string()).collect();
    Node {
        product,
        name: transform.name.to_string(),
        anchor,
        declared: Declared::Transform(Box::new(transform)),
        inputs,
        contracts: Vec::new(),
        ports,
    }
}

/// A sink, once for each port of `from: node.*`.
pub(super) fn sinks(product: ProductId, declared: Sink, anchor: &Anchor, before: &[Node]) -> Vec<Node> {
    let repeated = repeated_ports(std::slice::from_ref(&declared.from), before);
    if let [None] = repeated.as_slice() {
        return vec![sink_node(product, declared, anchor.clone())];
    }
    repeated
        .into_iter()
        .map(|port| {
            let mut sink = declared.clone();
            if let Some(port) = &port {
                sink.name.0 = fill(&sink.name, port).replace('_', "-");
                sink.from.0 = choose(&sink.from, port);
                sink.table
                    .iter_mut()
                    .filter_map(|table| table.name.as_mut())
                    .for_each(|name| *name = fill(name, port));
                sink.files.iter_mut().for_each(|files| files.path = fill(&files.path, port));
                let contracts = sink.contract.as_deref_mut().into_iter().chain(&mut sink.contracts);
                for contract in contracts {
                    contract.name.iter_mut().for_each(|name| name.0 = fill(name, port));
                    contract.subject.iter_mut().for_each(|subject| *subject = fill(subject, port));
                }
            }
            sink_node(product, sink, anchor.clone())
        })
        .collect()
}

fn sink_node(product: ProductId, sink: Sink, anchor: Anchor) -> Node {
    let mut contracts = Vec::new();
    if sink.contract.is_some() {
        contracts.extend(contract_refs(&anchor.at("contract"), 0));
    }
    for index in 0..sink.contracts.len() {
        contracts.extend(contract_refs(&anchor.at("contracts").at(index), 0));
    }
    Node {
        product,
        name: sink.name.to_string(),
        inputs: vec![input(&sink.from, anchor.at("from"))],
        anchor,
        declared: Declared::Sink(Box::new(sink)),
        contracts,
        ports: Vec::new(),
    }
}

/// A place for each contract: one, or one for each port.
fn contract_refs(anchor: &Anchor, ports: usize) -> Vec<ContractRef> {
    let one = || ContractRef { id: None, anchor: anchor.clone() };
    std::iter::repeat_with(one).take(ports.max(1)).collect()
}

fn input(from: &PortRef, anchor: Anchor) -> Input {
    Input { name: from.to_string(), node: None, port: 0, anchor }
}

/// The ports to repeat for, or once without a port.
fn repeated_ports(from: &[PortRef], before: &[Node]) -> Vec<Option<String>> {
    let starred = from.iter().find_map(|from| from.strip_suffix(".*"));
    let node = starred.and_then(|name| before.iter().find(|node| node.name == name));
    match node {
        Some(node) if !node.ports.is_empty() => node.ports.iter().cloned().map(Some).collect(),
        Some(_) | None => vec![None],
    }
}

/// `shop.*` as `shop.orders`.
fn choose(from: &str, port: &str) -> String {
    from.strip_suffix('*').map_or_else(|| from.to_owned(), |start| format!("{start}{port}"))
}

/// The text with `{{ port }}` replaced.
pub(super) fn fill(text: &str, port: &str) -> String {
    text.replace("{{ port }}", port).replace("{{port}}", port)
}
