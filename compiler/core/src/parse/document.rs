//! Takes the tree of one YAML document; gives the objects in it that are Headwater's, checked and typed.
//!
//! Documents of other groups are left alone: a GitOps repository holds many. Lists of objects are unwrapped.
//! Must not look at other documents.

use headwater_crds::object::{API_VERSION, GROUP, Kind, Object, VERSION};
use serde::Deserialize;

use super::deserialize::{Refusal, from_node};
use super::events::Reading;
use super::node::{Node, Value};
use super::shape::shape;
use super::walk::walk;
use super::wording;
use crate::ast::{Ast, Content, Document, Identity, Origin};
use crate::code::syntax;
use crate::diagnostic::{Anchor, Diagnostic, DocumentId, Place};
use crate::near::near;

/// Whose a document is.
enum Owner {
    /// An object of ours.
    Ours(Kind),
    /// Meant for us, but of no kind or version that there is.
    Mistaken(Box<Diagnostic>),
    /// A list of objects, each with an owner of its own.
    List,
    /// Somebody else's, or nothing.
    Other,
}

/// Adds the objects of one YAML document to the tree and their problems to the list.
///
/// Gives whether anything in the document is for Headwater.
pub(super) fn take(
    reading: Reading<'_>,
    origin: Origin,
    ast: &mut Ast,
    problems: &mut Vec<Diagnostic>,
) -> bool {
    let Reading { node: Some(node), problems: mut found, broken: unread, .. } = reading else { return false };
    if unread {
        return broken(&node, found, origin, ast, problems);
    }
    let node = &node;
    if !matches!(owner(node, ast.next()), Owner::List) {
        let before = problems.len();
        let ours = object(node, origin, found.is_empty(), ast, problems);
        if ours {
            problems.splice(before..before, found);
        }
        return ours;
    }
    let mut ours = false;
    for (index, item) in items(node).iter().enumerate() {
        let index = u32::try_from(index).expect("a file within its limit has fewer items");
        let inside = found.extract_if(.., |problem| is_inside(problem, item)).collect::<Vec<_>>();
        if object(item, with_item(origin, index), inside.is_empty(), ast, problems) {
            problems.extend(inside);
            ours = true;
        }
    }
    if ours {
        problems.append(&mut found);
    }
    ours
}

/// Whether a problem of notation is in the text of a value.
fn is_inside(problem: &Diagnostic, node: &Node<'_>) -> bool {
    match &problem.place {
        Place::Span(span) => (node.start..=node.end).contains(&span.start),
        Place::Anchor(_) => false,
    }
}

/// A document that can't be read to its end: what is known of it keeps those who refer to it from blame.
fn broken(
    node: &Node<'_>,
    found: Vec<Diagnostic>,
    origin: Origin,
    ast: &mut Ast,
    problems: &mut Vec<Diagnostic>,
) -> bool {
    let version = node.get("apiVersion").and_then(Node::text).unwrap_or_default();
    let kind = kind_of(node);
    if !version.starts_with(GROUP) && (kind.is_none() || !version.is_empty()) {
        return false;
    }
    ast.push(Document { origin, content: Content::Failed(identity(node, kind)) });
    problems.extend(found);
    true
}

fn with_item(origin: Origin, index: u32) -> Origin {
    match origin {
        Origin::Text { file, start, end, .. } => Origin::Text { file, start, end, item: Some(index) },
        Origin::Cluster => Origin::Cluster,
    }
}

fn kind_of(node: &Node<'_>) -> Option<Kind> {
    node.get("kind").and_then(Node::text).and_then(Kind::from_name)
}

/// The kind of a document that is one object of ours.
pub(crate) fn owned_kind(node: &Node<'_>) -> Option<Kind> {
    let is_ours = node.get("apiVersion").and_then(Node::text) == Some(API_VERSION);
    kind_of(node).filter(|_| is_ours)
}

/// The items of a list of objects.
pub(crate) fn items<'n, 's>(node: &'n Node<'s>) -> &'n [Node<'s>] {
    match node.get("items").map(|items| &items.value) {
        Some(Value::List(items)) => items,
        Some(
            Value::Null
            | Value::Bool(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Text(_)
            | Value::Map(_)
            | Value::Poison,
        )
        | None => &[],
    }
}

/// Whose a document is, told by `apiVersion` and `kind` alone.
fn owner(node: &Node<'_>, document: DocumentId) -> Owner {
    let version = node.get("apiVersion").and_then(Node::text);
    let kind = node.get("kind").and_then(Node::text);
    let mistaken = |problem: Diagnostic| Owner::Mistaken(Box::new(problem));
    let at = |member: &str| Anchor::value(document, format!("/{member}"));
    match (version, kind) {
        (Some("v1"), Some(kind)) if kind.ends_with("List") && node.get("items").is_some() => Owner::List,
        (None, Some(kind)) if node.member("apiVersion").is_none() => match Kind::from_name(kind) {
            Some(_) => mistaken(
                Diagnostic::error(
                    &syntax::MISSING_API_VERSION,
                    at("kind"),
                    format!("a `{kind}` without `apiVersion`"),
                )
                .help(format!("write `apiVersion: {API_VERSION}`")),
            ),
            None => Owner::Other,
        },
        (Some(API_VERSION), Some(kind)) => match Kind::from_name(kind) {
            Some(kind) => Owner::Ours(kind),
            None if kind.ends_with("List") && node.get("items").is_some() => Owner::List,
            None => mistaken(wording::unknown_kind(at("kind"), kind)),
        },
        (Some(API_VERSION), None) => mistaken(wording::missing_kind(Anchor::key(document, ""))),
        (Some(version), _) => match version.strip_prefix(GROUP).and_then(|rest| rest.strip_prefix('/')) {
            Some(other) => mistaken(
                Diagnostic::error(
                    &syntax::UNKNOWN_VERSION,
                    at("apiVersion"),
                    format!("the group `{GROUP}` has no version `{other}`"),
                )
                .help(format!("write `{API_VERSION}`"))
                .fix(at("apiVersion"), format!("{GROUP}/{VERSION}")),
            ),
            None => Owner::Other,
        },
        (None, _) => Owner::Other,
    }
}

/// Adds one object if it is ours.
fn object(
    node: &Node<'_>,
    origin: Origin,
    sound: bool,
    ast: &mut Ast,
    problems: &mut Vec<Diagnostic>,
) -> bool {
    let document = ast.next();
    let content = match owner(node, document) {
        Owner::Other | Owner::List => return false,
        Owner::Mistaken(problem) => {
            problems.push(*problem);
            Content::Failed(identity(node, kind_of(node)))
        }
        Owner::Ours(kind) => {
            let mut found = walk(node, shape(kind), kind.name(), document);
            let typed = if found.is_empty() && sound { typed(node, kind, document) } else { Ok(None) };
            match typed {
                Ok(Some(object)) => Content::Object(object),
                Ok(None) => {
                    problems.append(&mut found);
                    Content::Failed(identity(node, Some(kind)))
                }
                Err(problem) => {
                    problems.push(*problem);
                    Content::Failed(identity(node, Some(kind)))
                }
            }
        }
    };
    ast.push(Document { origin, content });
    true
}

/// The object as its type. The shape was right, so a refusal means that schema and type disagree.
fn typed(node: &Node<'_>, kind: Kind, document: DocumentId) -> Result<Option<Object>, Box<Diagnostic>> {
    fn boxed<'n, T: Deserialize<'n>>(node: &'n Node<'n>) -> Result<Box<T>, Refusal> {
        from_node(node).map(Box::new)
    }
    let object = match kind {
        Kind::DataProduct => boxed(node).map(Object::DataProduct),
        Kind::DataContract => boxed(node).map(Object::DataContract),
        Kind::Platform => boxed(node).map(Object::Platform),
        Kind::Approval => boxed(node).map(Object::Approval),
        Kind::DataProductTest => boxed(node).map(Object::DataProductTest),
        Kind::ContractLock => boxed(node).map(Object::ContractLock),
    };
    object.map(Some).map_err(|refusal| {
        let place = Anchor::value(document, refusal.pointer);
        Box::new(Diagnostic::error(&syntax::INVALID_FORMAT, place, refusal.message))
    })
}

fn identity(node: &Node<'_>, kind: Option<Kind>) -> Identity {
    let metadata = |key: &str| Some(node.get("metadata")?.get(key)?.text()?.to_owned());
    Identity { kind, namespace: metadata("namespace"), name: metadata("name") }
}

/// The `apiVersion` that a document probably means, if it is close to ours.
pub(super) fn close_version<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    let version = node.get("apiVersion").and_then(Node::text)?;
    near(version, [API_VERSION]).is_some().then_some(version)
}
