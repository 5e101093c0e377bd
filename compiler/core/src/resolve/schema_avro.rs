//! Avro (specification 1.12): takes the text of a record's schema; gives its fields as those of a contract.
//!
//! An unknown logical type is its underlying type, as the specification says.

use std::collections::BTreeMap;

use super::schema::Schema;
use crate::parse::node::{Node, Value};

/// Named types by full name, and those that are being read.
#[derive(Default)]
struct Names<'n, 't> {
    known: BTreeMap<String, &'n Node<'t>>,
    open: Vec<String>,
}

/// A field while it is read: its path, its place and whether it is never null.
struct At<'p, 'n, 't> {
    path: &'p str,
    place: &'n Node<'t>,
    required: bool,
    /// Namespace of the names in its type.
    namespace: &'p str,
}

/// Reads the fields of the record.
pub(super) fn read(schema: &mut Schema) {
    let text = std::mem::take(&mut schema.text);
    let Some(root) = schema.tree(&text) else { return };
    if root.get("type").and_then(Node::text) != Some("record") {
        return schema.refuse(&root, "its schema is no record");
    }
    let mut names = Names::default();
    record(schema, &mut names, &root, (&root, "", ""));
}

/// The fields of a record under a path; `place` is the field that is one.
fn record<'n, 't>(
    schema: &mut Schema,
    names: &mut Names<'n, 't>,
    node: &'n Node<'t>,
    (place, path, namespace): (&Node<'t>, &str, &str),
) {
    let name = names.declare(node, namespace);
    if names.open.contains(&name) {
        return schema.refuse(place, format!("the type `{name}` holds itself, which a contract can't say"));
    }
    let inner = name.rsplit_once('.').map_or("", |(namespace, _)| namespace).to_owned();
    names.open.push(name);
    for field in list(node.get("fields")) {
        let Some(label) = field.get("name") else {
            schema.refuse(field, "a field has no name");
            continue;
        };
        let name = label.text().unwrap_or_default();
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let Some(data_type) = field.get("type") else {
            schema.refuse(label, format!("the field `{path}` has no type"));
            continue;
        };
        let first = schema.fields.len();
        typed(schema, names, data_type, &At { path: &path, place: label, required: true, namespace: &inner });
        if let Some(text) = field.get("doc").and_then(Node::text)
            && let Some(placed) = schema.fields.get_mut(first)
        {
            placed.field.description = Some(text.to_owned());
        }
        default(schema, field, first, &path);
    }
    names.open.pop();
}

/// A default that text can say; another is left out, and that is said.
fn default(schema: &mut Schema, field: &Node<'_>, first: usize, path: &str) {
    let Some(default) = field.get("default") else { return };
    let text = match &default.value {
        Value::Null | Value::Poison => return,
        Value::Bool(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::Text(text) => text.to_string(),
        Value::List(_) | Value::Map(_) => {
            let place = schema.place(default);
            return schema
                .weaken(place, format!("the default of `{path}` is not used: it is no single value"));
        }
    };
    let is_bytes = |data_type: &str| data_type == "bytes" || data_type.starts_with("decimal");
    match schema.fields.get_mut(first) {
        Some(placed) if is_bytes(&placed.field.data_type) => {
            let place = schema.place(default);
            schema.weaken(place, format!("the default of `{path}` is not used: it stands for bytes"));
        }
        Some(placed) => placed.field.default = Some(text),
        None => {}
    }
}

/// Adds a field of this type, and what is inside it.
fn typed<'n, 't>(schema: &mut Schema, names: &mut Names<'n, 't>, node: &'n Node<'t>, at: &At<'_, 'n, 't>) {
    if schema.is_full() {
        return;
    }
    match &node.value {
        Value::Text(name) => named(schema, names, node, name, at),
        Value::List(branches) => union(schema, names, node, branches, at),
        Value::Map(_) => complex(schema, names, node, at),
        Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::Poison => {
            schema.refuse(node, format!("`{}` has something for its type that is none", at.path));
        }
    }
}

/// A type of one word, or a type declared before.
fn named<'n, 't>(
    schema: &mut Schema,
    names: &mut Names<'n, 't>,
    node: &'n Node<'t>,
    name: &str,
    at: &At<'_, 'n, 't>,
) {
    if let Some(data_type) = primitive(name) {
        schema.push(at.place, at.path, data_type, at.required);
        return;
    }
    if name == "null" {
        return schema.refuse(node, format!("`{}` is always null", at.path));
    }
    let full = full_name(name, at.namespace);
    match names.known.get(&full).or_else(|| names.known.get(name)).copied() {
        Some(known) => complex(schema, names, known, at),
        None => schema
            .refuse(node, format!("`{}` has the type `{name}`, which the schema does not declare", at.path)),
    }
}

fn primitive(name: &str) -> Option<&'static str> {
    let found = match name {
        "boolean" => "bool",
        "int" => "int32",
        "long" => "int64",
        "float" => "float32",
        "double" => "float64",
        "bytes" => "bytes",
        "string" => "string",
        _ => return None,
    };
    Some(found)
}

/// Null and one type is that type, or null.
fn union<'n, 't>(
    schema: &mut Schema,
    names: &mut Names<'n, 't>,
    node: &'n Node<'t>,
    branches: &'n [Node<'t>],
    at: &At<'_, 'n, 't>,
) {
    let is_null = |branch: &Node<'_>| {
        branch.text() == Some("null") || branch.get("type").and_then(Node::text) == Some("null")
    };
    let mut others = branches.iter().filter(|branch| !is_null(branch));
    match (others.next(), others.next()) {
        (Some(one), None) => {
            let required = at.required && branches.len() == 1;
            typed(schema, names, one, &At { required, ..*at });
        }
        (None, _) => schema.refuse(node, format!("`{}` is always null", at.path)),
        (Some(_), Some(_)) => {
            schema.refuse(node, format!("`{}` is one of several types, which a contract can't say", at.path));
        }
    }
}

/// A type written as an object.
fn complex<'n, 't>(schema: &mut Schema, names: &mut Names<'n, 't>, node: &'n Node<'t>, at: &At<'_, 'n, 't>) {
    let At { path, place, required, namespace } = *at;
    let Some(inner) = node.get("type") else {
        return schema.refuse(node, format!("`{path}` has a type without `type`"));
    };
    let Some(word) = inner.text() else { return typed(schema, names, inner, at) };
    if matches!(word, "enum" | "fixed") {
        names.declare(node, namespace);
    }
    if let Some(data_type) = logical(schema, node, word, path) {
        if let Some(data_type) = data_type {
            schema.push(place, path, &data_type, required);
        }
        return;
    }
    let inside = |mark: &str| format!("{path}{mark}");
    match word {
        "record" | "error" => {
            schema.push(place, path, "struct", required);
            record(schema, names, node, (place, path, namespace));
        }
        "array" | "map" => {
            let (data_type, mark, member) =
                if word == "array" { ("list", "[]", "items") } else { ("map", "{}", "values") };
            schema.push(place, path, data_type, required);
            match node.get(member) {
                Some(element) => {
                    typed(schema, names, element, &At { path: &inside(mark), required: true, ..*at })
                }
                None => schema.refuse(node, format!("`{path}` does not say what is inside of it")),
            }
        }
        "enum" => {
            let symbols = list(node.get("symbols")).filter_map(Node::text).map(str::to_owned).collect();
            if let Some(field) = schema.push(place, path, "string", required) {
                field.values = symbols;
            }
        }
        "fixed" => {
            schema.push(place, path, "bytes", required);
        }
        other => named(schema, names, inner, other, at),
    }
}

/// The type that a logical type means: nothing where there is none or nobody knows it; said where it has no form here.
#[expect(clippy::option_option, reason = "no logical type is one thing, a refused one another")]
fn logical(schema: &mut Schema, node: &Node<'_>, underlying: &str, path: &str) -> Option<Option<String>> {
    let logical = node.get("logicalType")?;
    let data_type = match (logical.text()?, underlying) {
        ("date", "int") => "date",
        ("time-millis", "int") | ("time-micros", "long") => "time",
        ("timestamp-millis" | "timestamp-micros", "long") => "timestamp",
        ("local-timestamp-millis" | "local-timestamp-micros", "long") => "timestamp_local",
        ("uuid", "string" | "fixed") => "uuid",
        ("decimal", "bytes" | "fixed") => {
            let number = |name: &str| node.get(name).and_then(integer);
            let (precision, scale) = (number("precision").unwrap_or(0), number("scale").unwrap_or(0));
            if (1..=38).contains(&precision) && (0..=precision).contains(&scale) {
                return Some(Some(format!("decimal({precision},{scale})")));
            }
            schema.refuse(logical, format!("`{path}` is a decimal of {precision} digits, {scale} behind the point; there are at most 38"));
            return Some(None);
        }
        ("timestamp-nanos" | "local-timestamp-nanos", "long") => {
            schema.refuse(logical, format!("`{path}` is in nanoseconds, and times here are in microseconds"));
            return Some(None);
        }
        ("duration", "fixed") => {
            schema.refuse(
                logical,
                format!("`{path}` is a duration of months, days and milliseconds, which no field can be"),
            );
            return Some(None);
        }
        _ => return None,
    };
    Some(Some(data_type.to_owned()))
}

fn integer(node: &Node<'_>) -> Option<i128> {
    if let Value::Integer(value) = node.value { Some(value) } else { None }
}

fn list<'n, 't>(node: Option<&'n Node<'t>>) -> impl Iterator<Item = &'n Node<'t>> + use<'n, 't> {
    let items: &[Node<'t>] = match node.map(|node| &node.value) {
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
    };
    items.iter()
}

/// A name with its namespace.
fn full_name(name: &str, namespace: &str) -> String {
    if name.contains('.') || namespace.is_empty() { name.to_owned() } else { format!("{namespace}.{name}") }
}

impl<'n, 't> Names<'n, 't> {
    /// Remembers a named type; gives its full name.
    fn declare(&mut self, node: &'n Node<'t>, namespace: &str) -> String {
        let namespace = node.get("namespace").and_then(Node::text).unwrap_or(namespace);
        let name = full_name(node.get("name").and_then(Node::text).unwrap_or_default(), namespace);
        self.known.insert(name.clone(), node);
        name
    }
}
