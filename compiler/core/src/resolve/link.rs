//! Links inputs to nodes and references to contracts, when all products are known.

use std::collections::BTreeMap;

use headwater_crds::object::Kind;

use super::{has_failed, unknown};
use crate::ast::Identity;
use crate::catalog::{Catalog, ContractId, Declared, Node};
use crate::code::reference as code;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::graph::{NodeId, ProductId, Role};
use crate::near::near;

/// Links every node of the catalog.
pub(super) fn link(catalog: &mut Catalog, failed: &[Identity], diagnostics: &mut Vec<Diagnostic>) {
    let contracts: BTreeMap<(String, String), ContractId> = catalog
        .contracts
        .iter()
        .zip(0u32..)
        .map(|(contract, id)| ((contract.namespace.clone(), contract.name.clone()), ContractId(id)))
        .collect();
    let products: BTreeMap<(String, String), ProductId> = catalog
        .products
        .iter()
        .zip(0u32..)
        .map(|(product, id)| ((product.namespace.clone(), product.name.clone()), ProductId(id)))
        .collect();
    for product in 0..catalog.products.len() {
        let ids = catalog.products[product].nodes.clone();
        let names: BTreeMap<String, NodeId> = ids
            .iter()
            .filter(|&&id| catalog.node(id).role() != Role::Sink)
            .map(|&id| (catalog.node(id).name.clone(), id))
            .collect();
        for id in ids {
            link_inputs(catalog, id, &names, diagnostics);
            link_import(catalog, id, &products, failed, diagnostics);
            link_contracts(catalog, id, &contracts, failed, diagnostics);
        }
    }
    refuse_unread_routes(catalog, diagnostics);
}

fn link_inputs(
    catalog: &mut Catalog,
    id: NodeId,
    names: &BTreeMap<String, NodeId>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut inputs = std::mem::take(&mut catalog.nodes[id.0 as usize].inputs);
    for input in &mut inputs {
        let (name, port) =
            input.name.split_once('.').map_or((input.name.as_str(), None), |(a, b)| (a, Some(b)));
        let Some(&node) = names.get(name) else {
            let candidates = names.keys().map(String::as_str);
            diagnostics.push(unknown("source or transform", name, candidates, input.anchor.clone()));
            continue;
        };
        match find_port(catalog.node(node), port, &input.anchor) {
            Ok(port) => {
                input.node = Some(node);
                input.port = port;
            }
            Err(diagnostic) => diagnostics.push(*diagnostic),
        }
    }
    catalog.nodes[id.0 as usize].inputs = inputs;
}

/// Index of the port; a node with one output has port 0 and no name for it.
fn find_port(node: &Node, port: Option<&str>, anchor: &Anchor) -> Result<usize, Box<Diagnostic>> {
    let list =
        || node.ports.iter().map(|port| format!("`{}.{port}`", node.name)).collect::<Vec<_>>().join(", ");
    let wrong = |message: String| Box::new(Diagnostic::error(&code::UNKNOWN_PORT, anchor, message));
    match port {
        None if node.ports.is_empty() => Ok(0),
        None => Err(Box::new(
            Diagnostic::error(&code::PORT_NEEDED, anchor, format!("`{}` has several outputs", node.name))
                .help(format!("name one of {}", list())),
        )),
        Some(port) if node.ports.is_empty() => {
            let help = format!("leave `.{port}` out");
            Err(Box::new(wrong(format!("`{}` has one output and no ports", node.name)).help(help)))
        }
        Some(port) => node.ports.iter().position(|other| other == port).ok_or_else(|| {
            let diagnostic = wrong(format!("`{}` has no port `{port}`", node.name));
            Box::new(match near(port, node.ports.iter().map(String::as_str)) {
                Some(meant) => diagnostic.help(format!("did you mean `{}.{meant}`?", node.name)),
                None => diagnostic.note(format!("its ports are {}", list())),
            })
        }),
    }
}

/// A source that reads another product's sink has that sink as input.
fn link_import(
    catalog: &mut Catalog,
    id: NodeId,
    products: &BTreeMap<(String, String), ProductId>,
    failed: &[Identity],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let node = catalog.node(id);
    let Declared::Source(source) = &node.declared else { return };
    let Some(wanted) = &source.product else { return };
    let own = &catalog.product(node.product).namespace;
    let namespace = wanted.namespace.as_ref().map_or(own.as_str(), |namespace| &namespace.0);
    let at = node.anchor.at("product");
    let Some(&product) = products.get(&(namespace.to_owned(), wanted.name.to_string())) else {
        if !has_failed(failed, Kind::DataProduct, &wanted.name) {
            let names =
                products.keys().filter(|(other, _)| other == namespace).map(|(_, name)| name.as_str());
            diagnostics.push(unknown("product", &wanted.name, names, at.at("name")));
        }
        return;
    };
    let sinks: Vec<(&str, NodeId)> = catalog
        .product(product)
        .nodes
        .iter()
        .filter(|&&sink| catalog.node(sink).role() == Role::Sink)
        .map(|&sink| (catalog.node(sink).name.as_str(), sink))
        .collect();
    let Some((_, sink)) = sinks.iter().find(|(name, _)| *name == wanted.sink.0) else {
        let names = sinks.iter().map(|(name, _)| *name);
        diagnostics.push(unknown("sink", &wanted.sink, names, at.at("sink")));
        return;
    };
    let input =
        crate::catalog::Input { name: wanted.sink.to_string(), node: Some(*sink), port: 0, anchor: at };
    catalog.nodes[id.0 as usize].inputs.push(input);
}

fn link_contracts(
    catalog: &mut Catalog,
    id: NodeId,
    contracts: &BTreeMap<(String, String), ContractId>,
    failed: &[Identity],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let node = catalog.node(id);
    let own = catalog.product(node.product).namespace.clone();
    let wanted = wanted_contracts(node);
    let mut found = Vec::with_capacity(wanted.len());
    for (namespace, name, anchor) in wanted {
        let namespace = namespace.unwrap_or_else(|| own.clone());
        let id = contracts.get(&(namespace.clone(), name.clone())).copied();
        if id.is_none() && !has_failed(failed, Kind::DataContract, &name) {
            let names =
                contracts.keys().filter(|(other, _)| *other == namespace).map(|(_, name)| name.as_str());
            let mut diagnostic = unknown("contract", &name, names, anchor.at("name"));
            if let Some((elsewhere, _)) = contracts.keys().find(|(_, other)| *other == name) {
                diagnostic = diagnostic
                    .help(format!("the namespace `{elsewhere}` has one: add `namespace: {elsewhere}`"));
            }
            diagnostics.push(diagnostic);
        }
        found.push(id);
    }
    for (reference, id) in catalog.nodes[id.0 as usize].contracts.iter_mut().zip(found) {
        reference.id = id;
    }
}

/// Namespace, name and place of each contract that a node names, in the order of its references.
fn wanted_contracts(node: &Node) -> Vec<(Option<String>, String, Anchor)> {
    let one = |declared: &headwater_crds::contract::ContractRef, anchor: Anchor, port: Option<&str>| {
        let name = declared.name.as_ref()?;
        let name = port.map_or_else(|| name.to_string(), |port| super::node::fill(name, port));
        Some((declared.namespace.as_ref().map(ToString::to_string), name, anchor))
    };
    match &node.declared {
        Declared::Source(source) => {
            let Some(declared) = &source.contract else { return Vec::new() };
            let anchor = node.anchor.at("contract");
            if node.ports.is_empty() {
                return one(declared, anchor, None).into_iter().collect();
            }
            node.ports.iter().filter_map(|port| one(declared, anchor.clone(), Some(port))).collect()
        }
        Declared::Transform(_) => Vec::new(),
        Declared::Sink(sink) => {
            let single =
                sink.contract.iter().filter_map(|declared| one(declared, node.anchor.at("contract"), None));
            let several = sink.contracts.iter().enumerate();
            single
                .chain(several.filter_map(|(index, declared)| {
                    one(declared, node.anchor.at("contracts").at(index), None)
                }))
                .collect()
        }
    }
}

/// A route that nothing reads would lose its records.
fn refuse_unread_routes(catalog: &Catalog, diagnostics: &mut Vec<Diagnostic>) {
    let mut read: Vec<Vec<bool>> = catalog.nodes.iter().map(|node| vec![false; node.ports.len()]).collect();
    for input in catalog.nodes.iter().flat_map(|node| &node.inputs) {
        if let Some(taken) = input.node.and_then(|node| read[node.0 as usize].get_mut(input.port)) {
            *taken = true;
        }
    }
    for (node, read) in catalog.nodes.iter().zip(read) {
        let Declared::Transform(transform) = &node.declared else { continue };
        for (port, _) in node.ports.iter().zip(read).filter(|(_, read)| !read) {
            let index =
                transform.routes.iter().flatten().position(|route| route.name.0 == *port).unwrap_or_default();
            let place = node.anchor.at("routes").at(index).at("name");
            diagnostics.push(
                Diagnostic::error(
                    &crate::code::flow::ROUTE_NOT_TAKEN,
                    place,
                    format!("nothing reads the route `{}.{port}`", node.name),
                )
                .help(
                    "read it with a sink or a transform, or reject its records: `otherwise: { reject: {} }`",
                ),
            );
        }
    }
}
