//! JSON Schema (draft 4 to 2020-12): takes the text of an object's schema; gives its properties as fields of a contract.
//!
//! Limits of numbers and lengths become conditions; what is left unchecked is said.

use super::schema::{Schema, reference};
use crate::parse::node::{Member, Node, Value};

/// Keywords that mean nothing to the values, or are read where their schema is.
const KNOWN: [&str; 40] = [
    "$schema",
    "$id",
    "id",
    "$comment",
    "$anchor",
    "$defs",
    "definitions",
    "$ref",
    "title",
    "description",
    "examples",
    "example",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "type",
    "format",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "const",
    "oneOf",
    "anyOf",
    "allOf",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "contentEncoding",
    "contentMediaType",
    "nullable",
    "connect.index",
    "connect.type",
    "javaType",
    "existingJavaType",
];

/// The whole schema, and the references that are being followed.
struct Root<'n, 't> {
    node: &'n Node<'t>,
    open: Vec<String>,
}

/// Reads the properties of the object.
pub(super) fn read(schema: &mut Schema) {
    let text = std::mem::take(&mut schema.text);
    let Some(node) = schema.tree(&text) else { return };
    let mut root = Root { node: &node, open: Vec::new() };
    let before = root.open.len();
    if let Some((target, _)) = followed(schema, &mut root, &node, "the schema") {
        if target.get("properties").is_none() {
            schema.refuse(target, "its schema is no object with properties");
        } else {
            properties(schema, &mut root, target, "", &text);
        }
    }
    root.open.truncate(before);
}

fn properties<'n, 't>(
    schema: &mut Schema,
    root: &mut Root<'n, 't>,
    node: &'n Node<'t>,
    path: &str,
    text: &str,
) {
    let required: Vec<&str> = list(node.get("required")).filter_map(Node::text).collect();
    for member in members(node.get("properties")) {
        let inner = if path.is_empty() { member.key.to_string() } else { format!("{path}.{}", member.key) };
        let is_required = required.contains(&member.key.as_ref());
        let label = label(member);
        if member.key.contains('.') {
            schema.refuse(&label, format!("`{}` can't be the name of a field", member.key));
            continue;
        }
        value(schema, root, &member.value, (&inner, &label, is_required), text);
    }
}

/// The key of a property as a node, to point at.
fn label<'t>(member: &Member<'t>) -> Node<'t> {
    Node { start: member.key_start, end: member.key_end, value: Value::Text(member.key.clone()) }
}

/// Follows references and the ways to say `or null`; gives the schema that is left and whether null is allowed.
fn followed<'n, 't>(
    schema: &mut Schema,
    root: &mut Root<'n, 't>,
    node: &'n Node<'t>,
    path: &str,
) -> Option<(&'n Node<'t>, bool)> {
    let mut node = node;
    let mut nullable = false;
    loop {
        nullable |= matches!(node.get("nullable").map(|node| &node.value), Some(Value::Bool(true)));
        if let Some(reference) = node.get("$ref") {
            let name = reference.text().unwrap_or_default();
            if root.open.iter().any(|open| open == name) {
                schema.refuse(reference, format!("`{path}` holds itself, which a contract can't say"));
                return None;
            }
            let Some(target) = name.strip_prefix('#').and_then(|pointer| find(root.node, pointer)) else {
                schema.refuse(reference, format!("`{path}` refers to `{name}`, which is not in the schema"));
                return None;
            };
            root.open.push(name.to_owned());
            node = target;
            continue;
        }
        let Some(word) = ["oneOf", "anyOf", "allOf"].into_iter().find(|word| node.get(word).is_some()) else {
            return Some((node, nullable));
        };
        let branches: Vec<&Node<'t>> = list(node.get(word)).collect();
        let others: Vec<&&Node<'t>> = branches.iter().filter(|branch| !is_null(branch)).collect();
        match others.as_slice() {
            [one] => {
                nullable |= branches.len() > 1;
                node = one;
            }
            _ => {
                let place = node.get(word).unwrap_or(node);
                schema.refuse(
                    place,
                    format!("`{path}` is made of several schemas (`{word}`), which a contract can't say"),
                );
                return None;
            }
        }
    }
}

fn is_null(node: &Node<'_>) -> bool {
    node.get("type").and_then(Node::text) == Some("null")
}

/// What a JSON pointer inside the schema names.
fn find<'n, 't>(root: &'n Node<'t>, pointer: &str) -> Option<&'n Node<'t>> {
    pointer
        .split('/')
        .skip(1)
        .try_fold(root, |node, step| node.get(&step.replace("~1", "/").replace("~0", "~")))
}

/// Adds a field for a value, and what is inside it.
fn value<'n, 't>(
    schema: &mut Schema,
    root: &mut Root<'n, 't>,
    node: &'n Node<'t>,
    (path, label, required): (&str, &Node<'t>, bool),
    text: &str,
) {
    if schema.is_full() {
        return;
    }
    let before = root.open.len();
    if let Some((node, nullable)) = followed(schema, root, node, path) {
        let (word, has_null) = word(node);
        let required = required && !nullable && !has_null;
        match data_type(node, word) {
            Some(data_type) => {
                field(schema, node, (path, label, required), &data_type, text);
                inside(schema, root, node, (path, label), (&data_type, text));
            }
            None => {
                let place = node.get("type").unwrap_or(node);
                schema.refuse(place, format!("`{path}` has no type, or one of several"));
            }
        }
    }
    root.open.truncate(before);
}

/// The one word of the type besides `null`; what has no `type` shows it by its other keywords.
fn word<'n>(node: &'n Node<'_>) -> (Option<&'n str>, bool) {
    match node.get("type").map(|node| &node.value) {
        Some(Value::Text(word)) => (Some(word), false),
        Some(Value::List(words)) => {
            let others: Vec<&str> =
                words.iter().filter_map(Node::text).filter(|word| *word != "null").collect();
            let one = if let [one] = others.as_slice() { Some(*one) } else { None };
            (one, others.len() < words.len())
        }
        Some(
            Value::Null
            | Value::Bool(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Map(_)
            | Value::Poison,
        ) => (None, false),
        None => {
            let shown =
                [("properties", "object"), ("items", "array"), ("enum", "string"), ("const", "string")];
            (shown.into_iter().find(|(keyword, _)| node.get(keyword).is_some()).map(|(_, word)| word), false)
        }
    }
}

fn data_type(node: &Node<'_>, word: Option<&str>) -> Option<String> {
    let text = |member: &str| node.get(member).and_then(Node::text);
    let found = match word? {
        "boolean" => "bool",
        "integer" => match text("connect.type").or(text("format")) {
            Some("int8" | "int16" | "int32") => "int32",
            _ => "int64",
        },
        "number" => match text("connect.type").or(text("format")) {
            Some("float32" | "float") => "float32",
            _ => "float64",
        },
        "string" => match (text("format"), text("contentEncoding"), text("connect.type")) {
            (Some("date-time"), ..) => "timestamp",
            (Some("date"), ..) => "date",
            (Some("time"), ..) => "time",
            (Some("uuid"), ..) => "uuid",
            (Some("local-date-time"), ..) => "timestamp_local",
            (Some(format), ..) if format.starts_with("decimal(") => return Some(format.to_owned()),
            (_, Some("base64"), _) | (_, _, Some("bytes")) => "bytes",
            _ => "string",
        },
        "array" => "list",
        "object" if node.get("properties").is_some() => "struct",
        "object" => "map",
        _ => return None,
    };
    Some(found.to_owned())
}

/// Adds the field with its listed values and limits; says what is left unchecked.
fn field<'t>(
    schema: &mut Schema,
    node: &Node<'t>,
    (path, label, required): (&str, &Node<'t>, bool),
    data_type: &str,
    text: &str,
) {
    let (check, other) = conditions(node, &reference(path), data_type, text);
    if let Some(keyword) = other {
        let place = schema.place(node.get(keyword).unwrap_or(node));
        schema.weaken(place, format!("`{keyword}` of `{path}` is not checked: it is `{data_type}` here"));
    }
    let unchecked: Vec<(&str, (u32, u32))> = members(Some(node))
        .filter(|member| !KNOWN.contains(&member.key.as_ref()) && !member.key.starts_with("connect."))
        .map(|member| (member.key.as_ref(), (member.key_start, member.key_end)))
        .collect();
    for (keyword, (start, end)) in unchecked {
        let place = schema.place(&Node { start, end, value: Value::Null });
        schema.weaken(place, format!("`{keyword}` of `{path}` is not checked"));
    }
    let description = node.get("description").and_then(Node::text).map(str::to_owned);
    let values: Vec<String> =
        list(node.get("enum")).chain(node.get("const")).filter_map(Node::text).map(str::to_owned).collect();
    let Some(field) = schema.push(label, path, data_type, required) else { return };
    field.description = description;
    field.check = check.map(headwater_crds::scalar::Expression);
    if data_type == "string" {
        field.values = values;
    } else if let Some(listed) = node.get("enum").or(node.get("const")) {
        let place = schema.place(listed);
        schema
            .weaken(place, format!("the listed values of `{path}` are not checked, since they are no texts"));
    }
}

/// Limits of numbers and lengths as a condition, and the first limit that values of this type can't be held against.
fn conditions(
    node: &Node<'_>,
    name: &str,
    data_type: &str,
    text: &str,
) -> (Option<String>, Option<&'static str>) {
    let is_number = matches!(data_type, "int32" | "int64" | "float32" | "float64");
    let number = |keyword: &str| {
        let limit = node.get(keyword)?;
        matches!(limit.value, Value::Integer(_) | Value::Float(_))
            .then(|| text.get(limit.start as usize..limit.end as usize))
            .flatten()
    };
    // In draft 4 the words for exclusive limits say whether the others are.
    let is_strict =
        |keyword: &str| matches!(node.get(keyword).map(|node| &node.value), Some(Value::Bool(true)));
    let (above, below) = (
        if is_strict("exclusiveMinimum") { ">" } else { ">=" },
        if is_strict("exclusiveMaximum") { "<" } else { "<=" },
    );
    let limits = [
        ("minimum", name.to_owned(), above),
        ("maximum", name.to_owned(), below),
        ("exclusiveMinimum", name.to_owned(), ">"),
        ("exclusiveMaximum", name.to_owned(), "<"),
        ("minLength", format!("char_length({name})"), ">="),
        ("maxLength", format!("char_length({name})"), "<="),
    ];
    let (mut conditions, mut other) = (Vec::new(), None);
    for (keyword, subject, sign) in limits {
        let Some(limit) = number(keyword) else { continue };
        let fits = if keyword.ends_with("Length") { data_type == "string" } else { is_number };
        if fits {
            conditions.push(format!("{subject} {sign} {limit}"));
        } else {
            other = other.or(Some(keyword));
        }
    }
    ((!conditions.is_empty()).then(|| conditions.join(" AND ")), other)
}

/// What is inside of a list, a map or an object.
fn inside<'n, 't>(
    schema: &mut Schema,
    root: &mut Root<'n, 't>,
    node: &'n Node<'t>,
    (path, label): (&str, &Node<'t>),
    (data_type, text): (&str, &str),
) {
    let (mark, member) = match data_type {
        "struct" => return properties(schema, root, node, path, text),
        "list" => ("[]", "items"),
        "map" => ("{}", "additionalProperties"),
        _ => return,
    };
    match node.get(member) {
        Some(element) if matches!(element.value, Value::Map(_)) => {
            value(schema, root, element, (&format!("{path}{mark}"), label, true), text);
        }
        Some(_) | None => {
            schema.refuse(node, format!("`{path}` does not say what is inside of it (`{member}`)"))
        }
    }
}

fn list<'n, 't>(node: Option<&'n Node<'t>>) -> impl Iterator<Item = &'n Node<'t>> + use<'n, 't> {
    node.into_iter()
        .flat_map(|node| if let Value::List(items) = &node.value { items.as_slice() } else { &[] })
}

fn members<'n, 't>(node: Option<&'n Node<'t>>) -> impl Iterator<Item = &'n Member<'t>> + use<'n, 't> {
    node.into_iter()
        .flat_map(|node| if let Value::Map(members) = &node.value { members.as_slice() } else { &[] })
}
