//! Links inputs to nodes and references to contracts, when all products are known.

use std::collections::BTreeMap;

use headwater_crds::contract::ContractRef as DeclaredContract;
use headwater_crds::object::Kind;

use super::lock::Locks;
use super::{has_failed, subject, unknown};
use crate::ast::Identity;
use crate::catalog::{Catalog, ContractId, Declared, Node};
use crate::code::reference as code;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::graph::{NodeId, ProductId, Role};
use crate::near::near;

/// Links every node of the catalog.
pub(super) fn link(
    catalog: &mut Catalog,
    failed: &[Identity],
    locks: &Locks,
    diagnostics: &mut Vec<Diagnostic>,
) {
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
            link_contracts(catalog, id, &contracts, (failed, locks), diagnostics);
        }
    }
    refuse_unread_routes(catalog, diagnostics);
    refuse_shared_places(catalog, diagnostics);
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
    (failed, locks): (&[Identity], &Locks),
    diagnostics: &mut Vec<Diagnostic>,
) {
    for index in 0..catalog.node(id).contracts.len() {
        let node = catalog.node(id);
        let anchor = node.contracts[index].anchor.clone();
        let Some(declared) = declared_contract(node, index) else { continue };
        let product = catalog.product(node.product);
        let port = node.ports.get(index).map(String::as_str);
        let filled = |text: &str| port.map_or_else(|| text.to_owned(), |port| super::node::fill(text, port));
        check_members(declared, &anchor, diagnostics);
        let found = match (&declared.name, &declared.subject) {
            (Some(name), _) => {
                let own = || product.namespace.clone();
                let namespace = declared.namespace.as_ref().map_or_else(own, ToString::to_string);
                named(contracts, failed, (namespace, filled(name)), &anchor, diagnostics)
            }
            (None, Some(subject)) => {
                let platform = product.platform.map(|index| &catalog.platforms[index].spec);
                let registry = platform.and_then(|platform| platform.registry.as_ref());
                let registry = registry.map(|registry| registry.url.as_str());
                let outside = (locks, registry);
                let contract = subject::resolve(declared, &filled(subject), &anchor, outside, diagnostics);
                contract.map(|contract| {
                    catalog.contracts.push(contract);
                    let last = catalog.contracts.len() - 1;
                    ContractId(u32::try_from(last).expect("a compile run has fewer than 2^32 contracts"))
                })
            }
            (None, None) => None,
        };
        catalog.nodes[id.0 as usize].contracts[index].id = found;
    }
}

/// The contract of this name.
fn named(
    contracts: &BTreeMap<(String, String), ContractId>,
    failed: &[Identity],
    (namespace, name): (String, String),
    anchor: &Anchor,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<ContractId> {
    let id = contracts.get(&(namespace.clone(), name.clone())).copied();
    if id.is_none() && !has_failed(failed, Kind::DataContract, &name) {
        let names = contracts.keys().filter(|(other, _)| *other == namespace).map(|(_, name)| name.as_str());
        let mut diagnostic = unknown("contract", &name, names, anchor.at("name"));
        if let Some((elsewhere, _)) = contracts.keys().find(|(_, other)| *other == name) {
            diagnostic =
                diagnostic.help(format!("the namespace `{elsewhere}` has one: add `namespace: {elsewhere}`"));
        }
        diagnostics.push(diagnostic);
    }
    id
}

/// The declaration of a node's reference: a source's one is for all of its ports.
fn declared_contract(node: &Node, index: usize) -> Option<&DeclaredContract> {
    match &node.declared {
        Declared::Source(source) => source.contract.as_deref(),
        Declared::Transform(_) => None,
        Declared::Sink(sink) => sink.contract.as_deref().into_iter().chain(&sink.contracts).nth(index),
    }
}

/// A reference names a contract or a subject, and says of it what belongs to it.
fn check_members(declared: &DeclaredContract, anchor: &Anchor, diagnostics: &mut Vec<Diagnostic>) {
    let mut wrong = |place: Anchor, message: &str, help: &str| {
        diagnostics.push(Diagnostic::error(&code::CONTRACT_REFERENCE, place, message).help(help));
    };
    match (&declared.name, &declared.subject) {
        (None, None) => wrong(
            anchor.clone(),
            "a reference to a contract names none",
            "name a `DataContract` with `name`, or a registry's `subject` and its `version`",
        ),
        (Some(_), Some(_)) => wrong(
            anchor.at("subject"),
            "a reference to a contract names a contract and a subject",
            "keep one of the two: a subject has its contract from the registry",
        ),
        (Some(_), None) => {
            let members = [
                ("version", declared.version.is_some()),
                ("changes", declared.changes.is_some()),
                ("key", !declared.key.is_empty()),
                ("eventTime", declared.event_time.is_some()),
                ("classify", !declared.classify.is_empty()),
            ];
            for (member, _) in members.into_iter().filter(|(_, present)| *present) {
                let place = Anchor::key(anchor.document, format!("{}/{member}", anchor.pointer));
                let message =
                    format!("`{member}` is said of a registry's subject, and this names a `DataContract`");
                wrong(place, &message, "leave it out: the contract itself says it");
            }
        }
        (None, Some(_)) => {
            if declared.namespace.is_some() {
                let place = Anchor::key(anchor.document, format!("{}/namespace", anchor.pointer));
                wrong(place, "a registry's subject has no namespace", "leave it out");
            }
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

/// Two sinks that write one file or table would each undo the other's work.
fn refuse_shared_places(catalog: &Catalog, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<(String, Option<ProductId>), &Node> = BTreeMap::new();
    for node in &catalog.nodes {
        let Declared::Sink(sink) = &node.declared else { continue };
        let (what, member, key) = if let Some(table) = &sink.table {
            // Names that are made of those of products and sinks can be equal, too.
            let name = catalog.table_name(node, table);
            let member = if table.name.is_some() { "table/name" } else { "table" };
            (format!("the table `{name}`"), member, (format!("table {} {name}", table.catalog), None))
        } else if let Some(files) = &sink.files {
            // Paths are relative to the product's file.
            (
                format!("the file `{}`", files.path),
                "files/path",
                (format!("file {:?} {}", files.connection, files.path), Some(node.product)),
            )
        } else {
            continue;
        };
        if let Some(first) = seen.get(&key) {
            let same = first.anchor == node.anchor;
            let message = format!("the sinks `{}` and `{}` write {what}", first.name, node.name);
            let diagnostic = Diagnostic::error(&code::SHARED_PLACE, node.anchor.at(member), message);
            diagnostics.push(if same {
                diagnostic
                    .help("put `{{ port }}` or `{{ contract.major }}` into it, so that each has its own")
            } else {
                diagnostic.also(first.anchor.at(member), "written here first").help("give each its own")
            });
        } else {
            seen.insert(key, node);
        }
    }
}
