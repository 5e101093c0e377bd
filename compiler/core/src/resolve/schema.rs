//! A schema that others wrote, while it is read: its text, the fields found in it, and what has no form here. Noun file.

use std::borrow::Cow;

use headwater_crds::contract::Field;
use headwater_crds::scalar::{FieldPath, TypeName};

use crate::code::reference as code;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::parse::events;
use crate::parse::node::Node;
use crate::source::FileId;

/// Fields that one schema may state, references to types counted wherever they are repeated.
const FIELDS_MAX: usize = 2000;

/// A field by path, and where it is declared.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub(super) field: Field,
    pub(super) anchor: Anchor,
    /// Where its classification is stated, if that is elsewhere.
    pub(super) classified_at: Option<Anchor>,
}

/// What a schema says that a contract can't say.
#[derive(Debug)]
pub(super) struct Problem {
    place: Anchor,
    message: String,
    /// Whether the contract would be another one without it, and not only a weaker one.
    is_error: bool,
}

/// A schema while it is read.
#[derive(Debug)]
pub(super) struct Schema {
    /// The text; tabs, which YAML would refuse, are spaces.
    pub(super) text: String,
    anchor: Anchor,
    /// The fields found.
    pub(super) fields: Vec<Placed>,
    /// What has no form here.
    pub(super) problems: Vec<Problem>,
}

impl Schema {
    /// A text to be read; `anchor` points at it.
    pub(super) fn new(text: &str, anchor: Anchor) -> Self {
        Schema { text: text.replace('\t', " "), anchor, fields: Vec::new(), problems: Vec::new() }
    }

    /// The text as a tree whose places are bytes of the text. Says so where it is no JSON.
    pub(super) fn tree<'t>(&mut self, text: &'t str) -> Option<Node<'t>> {
        if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
            let anchor = self.anchor.clone();
            self.problems.push(Problem {
                place: anchor,
                message: format!("its schema is no JSON: {error}"),
                is_error: true,
            });
            return None;
        }
        let node = events::read(text, FileId(0), 0).node;
        if node.is_none() {
            let anchor = self.anchor.clone();
            self.problems.push(Problem {
                place: anchor,
                message: "its schema is empty".to_owned(),
                is_error: true,
            });
        }
        node
    }

    /// The place of a part of the text.
    pub(super) fn place(&self, node: &Node<'_>) -> Anchor {
        self.anchor.bytes(node.start..node.end)
    }

    /// Says that something in the schema has no form here.
    pub(super) fn refuse(&mut self, node: &Node<'_>, message: impl Into<String>) {
        let place = self.place(node);
        self.problems.push(Problem { place, message: message.into(), is_error: true });
    }

    /// Says that something in the schema is left unchecked.
    pub(super) fn weaken(&mut self, place: Anchor, message: impl Into<String>) {
        self.problems.push(Problem { place, message: message.into(), is_error: false });
    }

    /// Adds a field. Says so where its path has no form here, or where there are too many.
    pub(super) fn push(
        &mut self,
        node: &Node<'_>,
        path: &str,
        data_type: &str,
        required: bool,
    ) -> Option<&mut Field> {
        if !is_path(path) {
            self.refuse(node, format!("`{path}` can't be the name of a field"));
            return None;
        }
        if self.fields.len() == FIELDS_MAX {
            self.refuse(
                node,
                format!("its schema has more than {FIELDS_MAX} fields, those of repeated types counted"),
            );
            return None;
        }
        if self.fields.len() > FIELDS_MAX {
            return None;
        }
        let field = field(FieldPath(path.to_owned()), TypeName(data_type.to_owned()), required);
        let anchor = self.place(node);
        self.fields.push(Placed { field, anchor, classified_at: None });
        self.fields.last_mut().map(|placed| &mut placed.field)
    }

    /// Whether something was found without which the contract would be another one.
    pub(super) fn has_failed(&self) -> bool {
        self.problems.iter().any(|problem| problem.is_error)
    }

    /// Whether another field would be one too many.
    pub(super) fn is_full(&self) -> bool {
        self.fields.len() >= FIELDS_MAX && self.has_failed()
    }
}

/// A field of which only this is said.
pub(super) fn field(name: FieldPath, data_type: TypeName, required: bool) -> Field {
    Field {
        name,
        data_type,
        description: None,
        required,
        values: Vec::new(),
        check: None,
        default: None,
        classification: None,
        unit: None,
        examples: Vec::new(),
        source_name: None,
        renamed_from: None,
        deprecated: None,
    }
}

impl Problem {
    /// The problem as a diagnostic at the reference to the subject.
    pub(super) fn said(self, subject: &str, reference: &Anchor) -> Diagnostic {
        let Problem { place, message, is_error } = self;
        let at = reference.at("subject");
        let message = format!("the subject `{subject}`: {message}");
        let diagnostic = if is_error {
            Diagnostic::error(&code::SCHEMA_NOT_READ, at, message)
                .help("declare a `DataContract` with what you need of it and name that here")
        } else {
            Diagnostic::warning(&code::SCHEMA_NOT_CHECKED, at, message)
                .help("declare a `DataContract` with a `check` instead, or allow it with a reason")
        };
        diagnostic.also(place, "in the schema")
    }
}

/// Whether a path has the form of those in contracts.
fn is_path(path: &str) -> bool {
    let bytes = path.as_bytes();
    let is_start = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    let is_inner = |byte: u8| is_start(byte) || byte.is_ascii_digit() || matches!(byte, b' ' | b'-');
    path.len() <= 512
        && path.split('.').all(|part| {
            let name = part.trim_end_matches(['[', ']', '{', '}']);
            name.bytes().next().is_some_and(is_start) && name.bytes().all(is_inner)
        })
        && !bytes.is_empty()
}

/// A field as a condition on it names it: by its path from the record, or from the element of a list or map around it.
pub(super) fn reference(path: &str) -> String {
    let (mark, rest) = path.rfind(['}', ']']).map_or(("", path), |at| path[at..].split_at(1));
    let names = rest.split('.').filter(|name| !name.is_empty()).map(quoted);
    let outer = match mark {
        "}" => Some("value"),
        "]" if rest.is_empty() => Some("element"),
        _ => None,
    };
    outer.map(Cow::Borrowed).into_iter().chain(names).collect::<Vec<_>>().join(".")
}

/// A column's name as SQL writes it.
fn quoted(name: &str) -> Cow<'_, str> {
    let is_plain =
        name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if is_plain && !name.starts_with(|letter: char| letter.is_ascii_digit()) {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(format!("`{name}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::{is_path, reference};

    #[test]
    fn a_condition_names_what_is_next_to_it() {
        let check = |path: &str, expected: &str| assert_eq!(reference(path), expected, "{path}");
        check("amount", "amount");
        check("orderId", "`orderId`");
        check("address.zip", "address.zip");
        check("items[].sku", "sku");
        check("items[].size.width", "size.width");
        check("tags[]", "element");
        check("scores{}", "value");
        check("scores{}.low", "value.low");
    }

    #[test]
    fn paths_have_the_form_of_those_in_contracts() {
        let check = |path: &str, expected: bool| assert_eq!(is_path(path), expected, "{path}");
        check("order_id", true);
        check("Order Id.x-1", true);
        check("items[].tags{}", true);
        check("items[]", true);
        check("1st", false);
        check("a..b", false);
        check("order!", false);
        check("", false);
        check("é", false);
    }
}
