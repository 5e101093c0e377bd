//! Turns names into ids.
//!
//! Takes the parsed objects; gives the catalog, with diagnostics for what is declared twice or not at all.
//! An unknown name becomes an empty reference, so that one cause gives one diagnostic.

mod contract;
mod fields;
mod link;
mod lock;
mod major;
mod node;
mod odcs;
mod order;
mod product;
mod schema;
mod schema_avro;
mod schema_json;
mod subject;
mod table;
#[cfg(test)]
mod types_tests;

use std::collections::BTreeMap;

use headwater_crds::object::{Kind, Object};
use headwater_crds::step::ParsedField;
use indexmap::IndexMap;

use crate::ast::Identity;
use crate::catalog::{Catalog, Platform, Test};
use crate::code::reference as code;
use crate::data_type::DataType;
use crate::diagnostic::{Anchor, Diagnostic, DocumentId};
use crate::near::near;

/// Resolves all objects.
///
/// What refers to an object that could not be read is not blamed: `failed` names those.
pub(crate) fn resolve(objects: Vec<(DocumentId, Object)>, failed: &[Identity]) -> (Catalog, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let mut catalog = Catalog::default();
    let mut products = BTreeMap::new();
    let mut contracts = BTreeMap::new();
    let mut platforms = BTreeMap::new();
    let (mut tests, mut locks, mut twice) = (Vec::new(), Vec::new(), Vec::new());
    for (document, object) in objects {
        match object {
            Object::DataProduct(object) => {
                let key = (namespace(&object.metadata), object.metadata.name.to_string());
                insert(&mut products, key, (document, object), "product", &mut diagnostics);
            }
            Object::DataContract(object) => {
                let key = (namespace(&object.metadata), object.metadata.name.to_string());
                insert(&mut contracts, key, (document, object), "contract", &mut diagnostics);
            }
            Object::Platform(object) => {
                let key = (String::new(), object.metadata.name.to_string());
                let name = Some(key.1.clone());
                // Two of a name may grant different things, so neither is believed.
                if !insert(&mut platforms, key, (document, object), "platform", &mut diagnostics) {
                    twice.push(Identity { kind: Some(Kind::Platform), namespace: None, name });
                }
            }
            Object::DataProductTest(object) => tests.push((document, object)),
            Object::ContractLock(object) => locks.push((document, object)),
            // Approvals are never an input of the compiler.
            Object::Approval(_) => {}
        }
    }
    let failed = &[failed, &twice[..]].concat();
    let locks = lock::collect(locks, has_failed(failed, Kind::ContractLock, ""), &mut diagnostics);
    for ((namespace, name), (document, mut object)) in contracts {
        let at = Anchor::value(document, "/spec");
        let stated = contract::stated(&mut object.spec, &at, &mut diagnostics);
        let built = contract::build(at, namespace, name, object.spec, stated, &mut diagnostics);
        catalog.contracts.push(crate::catalog::Contract { allowed: allowed(&object.metadata), ..built });
    }
    platforms.retain(|(_, name), _| !twice.iter().any(|one| one.name.as_ref() == Some(name)));
    for ((_, name), (document, object)) in platforms {
        catalog.platforms.push(Platform { document, name, spec: object.spec });
    }
    for ((namespace, name), (document, object)) in products {
        let known = product::Known { failed, locks: &locks };
        product::add(&mut catalog, &known, (document, namespace, name), *object, &mut diagnostics);
    }
    link::link(&mut catalog, failed, &locks, &mut diagnostics);
    catalog.order = order::order(&catalog, &mut diagnostics);
    for (document, object) in tests {
        let product = find_tested(&catalog, failed, document, &object, &mut diagnostics);
        catalog.tests.push(Test { document, product, spec: object.spec });
    }
    (catalog, diagnostics)
}

/// The struct that the fields of a JSON text make, by path; none if one of them has a problem, which is said.
pub(crate) fn parsed_struct(
    declared: &[ParsedField],
    list: &Anchor,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<DataType> {
    let before = diagnostics.len();
    let placed = declared.iter().enumerate().map(|(index, parsed)| {
        let ParsedField { name, data_type, required } = parsed;
        let field = schema::field(name.clone(), data_type.clone(), *required);
        schema::Placed { field, anchor: list.at(index), classified_at: None }
    });
    let fields = fields::tree(placed.collect(), diagnostics);
    let data_type = DataType::Struct(fields::members(&fields));
    (diagnostics.len() == before).then_some(data_type)
}

/// Reasons for accepted findings: `headwater.dev/allow.<CODE>`.
fn allowed(metadata: &headwater_crds::meta::Metadata) -> IndexMap<String, String> {
    let reasons = metadata.annotations.iter();
    reasons
        .filter_map(|(key, why)| Some((key.strip_prefix("headwater.dev/allow.")?.to_owned(), why.clone())))
        .collect()
}

/// The namespace that an object is in.
fn namespace(metadata: &headwater_crds::meta::Metadata) -> String {
    metadata.namespace.as_ref().map_or_else(|| "default".to_owned(), ToString::to_string)
}

/// Adds an object, unless there is one of its name, which is reported; whether it was added.
fn insert<T>(
    map: &mut BTreeMap<(String, String), (DocumentId, T)>,
    key: (String, String),
    value: (DocumentId, T),
    kind: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> bool {
    if let Some((first, _)) = map.get(&key) {
        let place = Anchor::value(value.0, "/metadata/name");
        let message = match key.0.as_str() {
            "" => format!("the {kind} `{}` is declared twice", key.1),
            namespace => format!("the {kind} `{namespace}/{}` is declared twice", key.1),
        };
        diagnostics.push(
            Diagnostic::error(&code::DECLARED_TWICE, place, message)
                .label("again here")
                .also(Anchor::value(*first, "/metadata/name"), "first declared here")
                .help("remove one of the two, or give it another name or namespace"),
        );
        return false;
    }
    map.insert(key, value);
    true
}

fn find_tested(
    catalog: &Catalog,
    failed: &[Identity],
    document: DocumentId,
    object: &headwater_crds::test::DataProductTest,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<crate::graph::ProductId> {
    let wanted = &object.spec.product;
    let namespace = object.metadata.namespace.as_deref();
    let is_it = |product: &crate::catalog::Product| {
        product.name == wanted.0 && namespace.is_none_or(|namespace| product.namespace == namespace)
    };
    let mut all = (0..catalog.products.len()).filter(|index| is_it(&catalog.products[*index]));
    let found = all.next();
    if let (Some(first), Some(second)) = (found, all.next()) {
        let names = [first, second].map(|index| format!("`{}/{wanted}`", catalog.products[index].namespace));
        let place = Anchor::value(document, "/spec/product");
        let message = format!("the test may be of {} or of {}", names[0], names[1]);
        diagnostics.push(
            Diagnostic::error(&crate::code::test::SEVERAL_PRODUCTS, place, message)
                .help("say which one with `metadata.namespace`"),
        );
        return None;
    }
    if found.is_none() && !has_failed(failed, Kind::DataProduct, wanted) {
        let names = catalog.products.iter().map(|product| product.name.as_str());
        let place = Anchor::value(document, "/spec/product");
        diagnostics.push(unknown("product", wanted, names, place));
    }
    found.map(|index| crate::graph::ProductId(index as u32))
}

/// Objects that could not be read from which on references are not judged.
const FAILED_MAX: usize = 1_000;

/// Whether an object of this kind and name is there and could not be read.
fn has_failed(failed: &[Identity], kind: Kind, name: &str) -> bool {
    // Among so many that are broken nobody else is to blame, and nobody searches them for each reference.
    failed.len() > FAILED_MAX
        || failed.iter().any(|identity| {
            identity.kind.is_none_or(|other| other == kind)
                && identity.name.as_deref().is_none_or(|other| other == name)
        })
}

/// Says that a name refers to nothing, with the name that was probably meant.
fn unknown<'a>(
    what: &str,
    name: &str,
    candidates: impl Iterator<Item = &'a str> + Clone,
    place: Anchor,
) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(&code::UNKNOWN_REFERENCE, place, format!("there is no {what} `{name}`"));
    match near(name, candidates.clone()) {
        Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
        None => {
            let mut known: Vec<&str> = candidates.take(12).collect();
            known.sort_unstable();
            known.dedup();
            match known.as_slice() {
                [] => diagnostic,
                known => {
                    let list: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
                    diagnostic.note(format!("there are {}", list.join(", ")))
                }
            }
        }
    }
}
