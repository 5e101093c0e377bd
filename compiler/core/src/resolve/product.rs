//! A product: its platform, its nodes with ports repeated, its reserved parts.

use std::collections::BTreeMap;

use headwater_crds::object::Kind;
use headwater_crds::product::DataProduct;

use super::lock::Locks;
use super::{allowed, has_failed, major, node, unknown};
use crate::ast::Identity;
use crate::catalog::{Catalog, Declared, Node, Product};
use crate::code::{not_yet, reference as code};
use crate::diagnostic::{Anchor, Diagnostic, DocumentId};
use crate::graph::{NodeId, ProductId, Role};

/// What a product is resolved against besides the catalog.
pub(super) struct Known<'k> {
    /// Objects that are there and could not be read.
    pub(super) failed: &'k [Identity],
    /// What was seen outside.
    pub(super) locks: &'k Locks,
}

/// Adds a product and its nodes to the catalog. Inputs are linked later, when all products are there.
pub(super) fn add(
    catalog: &mut Catalog,
    known: &Known<'_>,
    (document, namespace, name): (DocumentId, String, String),
    object: DataProduct,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let id =
        ProductId(u32::try_from(catalog.products.len()).expect("a compile run has fewer than 2^32 products"));
    let mut spec = object.spec;
    refuse_reserved(&spec, document, diagnostics);
    let platform =
        platform(catalog, known.failed, (&namespace, spec.platform.as_deref()), document, diagnostics);
    let mut nodes = Vec::new();
    let at = Anchor::value(document, "/spec");
    for (index, source) in std::mem::take(&mut spec.sources).into_iter().enumerate() {
        nodes.push(node::source(id, source, at.at("sources").at(index), known.locks, diagnostics));
    }
    for (index, transform) in std::mem::take(&mut spec.transforms).into_iter().enumerate() {
        let repeated = node::transforms(id, transform, &at.at("transforms").at(index), &nodes);
        nodes.extend(repeated);
    }
    for (index, sink) in std::mem::take(&mut spec.sinks).into_iter().enumerate() {
        let at = at.at("sinks").at(index);
        let repeated = node::sinks(id, sink, &at, &nodes);
        let repeated =
            repeated.into_iter().flat_map(|sink| major::lines(catalog, &namespace, sink, diagnostics));
        let repeated: Vec<Node> = repeated.collect();
        nodes.extend(repeated);
    }
    refuse_twins(&nodes, diagnostics);
    let first = u32::try_from(catalog.nodes.len()).expect("a compile run has fewer than 2^32 nodes");
    let ids = (first..).take(nodes.len()).map(NodeId).collect();
    catalog.nodes.extend(nodes);
    let allowed = allowed(&object.metadata);
    catalog.products.push(Product {
        document,
        namespace,
        name,
        allowed,
        platform: platform.ok().flatten(),
        is_platform_unclear: platform.is_err(),
        spec,
        nodes: ids,
    });
}

/// What is named in the language and not built yet says so.
fn refuse_reserved(
    spec: &headwater_crds::product::ProductSpec,
    document: DocumentId,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let reserved = [("rebuild", spec.rebuild.is_some()), ("migration", spec.migration.is_some())];
    for (member, _) in reserved.into_iter().filter(|(_, present)| *present) {
        let place = Anchor::key(document, format!("/spec/{member}"));
        diagnostics.push(
            Diagnostic::error(&not_yet::RESERVED, place, format!("`{member}` is not built yet"))
                .help("remove it; the name is reserved so that it will mean the same everywhere"),
        );
    }
}

/// Marks what is unclear because of an error that has been reported.
#[derive(Clone, Copy)]
struct Unclear;

/// The platform by name, or the only one whose namespaces match, if there is one.
fn platform(
    catalog: &Catalog,
    failed: &[Identity],
    (namespace, name): (&str, Option<&str>),
    document: DocumentId,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Option<usize>, Unclear> {
    if let Some(name) = name {
        let found = catalog.platforms.iter().position(|platform| platform.name == name);
        if found.is_none() && !has_failed(failed, Kind::Platform, name) {
            let names = catalog.platforms.iter().map(|platform| platform.name.as_str());
            diagnostics.push(unknown("platform", name, names, Anchor::value(document, "/spec/platform")));
        }
        return found.map(Some).ok_or(Unclear);
    }
    let serves = |platform: &crate::catalog::Platform| {
        platform.spec.namespaces.as_ref().is_none_or(|namespaces| {
            namespaces.selector.is_some() || namespaces.names.iter().any(|name| name.0 == namespace)
        })
    };
    let mut serving = catalog.platforms.iter().enumerate().filter(|(_, platform)| serves(platform));
    let Some(first) = serving.next() else {
        let is_unclear =
            failed.iter().any(|identity| identity.kind.is_none_or(|kind| kind == Kind::Platform));
        return if is_unclear { Err(Unclear) } else { Ok(None) };
    };
    if let Some(second) = serving.next() {
        let message = format!(
            "the platforms `{}` and `{}` both serve the namespace `{namespace}`",
            first.1.name, second.1.name
        );
        diagnostics.push(
            Diagnostic::error(&code::SEVERAL_PLATFORMS, Anchor::value(document, "/metadata/name"), message)
                .also(Anchor::value(first.1.document, "/metadata/name"), "one of them")
                .also(Anchor::value(second.1.document, "/metadata/name"), "the other")
                .help("name one with `platform`, or state `namespaces` on the platforms"),
        );
        return Err(Unclear);
    }
    Ok(Some(first.0))
}

/// Sources and transforms share one name space, sinks have their own.
fn refuse_twins(nodes: &[Node], diagnostics: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<(bool, &str), &Node> = BTreeMap::new();
    for node in nodes {
        let key = (node.role() == Role::Sink, node.name.as_str());
        if let Some(first) = seen.get(&key) {
            let message = format!("`{}` is declared twice in this product", node.name);
            diagnostics.push(
                Diagnostic::error(&code::NAME_TWICE, node.anchor.at("name"), message)
                    .label(role_name(node))
                    .also(first.anchor.at("name"), format!("first declared here, as {}", role_name(first)))
                    .help("give one of them another name"),
            );
        } else {
            seen.insert(key, node);
        }
    }
}

fn role_name(node: &Node) -> &'static str {
    match node.declared {
        Declared::Source(_) => "a source",
        Declared::Transform(_) => "a transform",
        Declared::Sink(_) => "a sink",
    }
}
