//! The structural schema that the Kubernetes API server takes: takes a JSON Schema of `schema`, gives that of the server.
//!
//! Rules: "Extend the Kubernetes API with CustomResourceDefinitions", section on structural schemas.
//! A member that may be null becomes a plain one (the server drops nulls of such members), a union becomes a CEL rule,
//! formats that the server does not know and words of our own go.
//! It must not refuse what the JSON Schema allows, and must not allow more than it but for unknown members,
//! which the server drops, or refuses where strict validation is asked for.

use serde_json::{Map, Value, json};

use crate::schema::besides_null;

/// What one rule may cost by the server's estimate; the server's own limit is 10,000,000.
const RULE_COST_MAX: u64 = 9_000_000;
/// What the estimate counts for one `(has(self.x) ? 1 : 0)` and its addition.
const MEMBER_COST: u64 = 3;

/// Words that are taken over as they are.
const KEPT: [&str; 11] = [
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "pattern",
    "required",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
];

/// Names that CEL does not take as they are; the server's form of them has underscores around (Kubernetes, "Validation rules").
const CEL_WORDS: [&str; 21] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "var",
    "void",
    "while",
];

/// The structural form of a schema; `count` is how often its value may occur in one object.
pub(crate) fn structural(node: &Value, count: u64) -> Value {
    let core = besides_null(node);
    let words = enumeration(core);
    let mut out = Map::new();
    if let Some(text) = description(node, core) {
        out.insert("description".to_owned(), text.into());
    }
    let type_name = if words.is_empty() { type_name(core) } else { Some("string") };
    out.insert(
        "type".to_owned(),
        type_name.expect("every schema of a kind states one type besides null").into(),
    );
    if let Some(format) = format(core) {
        out.insert("format".to_owned(), format.into());
    }
    if !words.is_empty() {
        out.insert("enum".to_owned(), words.into());
    }
    for word in KEPT {
        if let Some(value) = core.get(word) {
            out.insert(word.to_owned(), value.clone());
        }
    }
    if is_true(core, "x-headwater-open") {
        out.insert("x-kubernetes-preserve-unknown-fields".to_owned(), true.into());
    }
    insert_inner(&mut out, core, count);
    if is_true(core, "x-headwater-one-of") {
        let (word, rule) = exactly_one(core, count);
        out.insert(word.to_owned(), rule);
    }
    Value::Object(out)
}

/// Adds the schemas of elements, members or values.
fn insert_inner(out: &mut Map<String, Value>, core: &Value, count: u64) {
    let times =
        |bound: &str| count.saturating_mul(core.get(bound).and_then(Value::as_u64).unwrap_or(u64::MAX));
    if let Some(items) = core.get("items") {
        out.insert("items".to_owned(), structural(items, times("maxItems")));
    }
    if let Some(properties) = core.get("properties").and_then(Value::as_object) {
        let inner = properties.iter().map(|(name, node)| (name.clone(), structural(node, count)));
        out.insert("properties".to_owned(), Value::Object(inner.collect()));
    } else if let Some(values) = core.get("additionalProperties").filter(|values| values.is_object()) {
        out.insert("additionalProperties".to_owned(), structural(values, times("maxProperties")));
    }
}

/// The one type besides null.
fn type_name(core: &Value) -> Option<&str> {
    let stated = core.get("type")?;
    let several = stated.as_array().map_or(std::slice::from_ref(stated), Vec::as_slice);
    several.iter().filter_map(Value::as_str).find(|one| *one != "null")
}

/// The words of an enumeration; none where it is no enumeration.
fn enumeration(core: &Value) -> Vec<Value> {
    let listed = core.get("enum").and_then(Value::as_array).into_iter().flatten();
    let explained = variants(core).filter_map(|variant| variant.get("const"));
    listed.chain(explained).filter(|word| !word.is_null()).cloned().collect()
}

/// The words of an enumeration whose words are explained one by one.
fn variants(core: &Value) -> impl Iterator<Item = &Value> {
    core.get("oneOf").and_then(Value::as_array).into_iter().flatten()
}

/// What the member means, and what each word of an enumeration means.
fn description(node: &Value, core: &Value) -> Option<String> {
    let text = |node: &Value| node.get("description").and_then(Value::as_str).map(str::to_owned);
    let mut lines: Vec<String> = text(node).or_else(|| text(core)).into_iter().collect();
    for variant in variants(core) {
        if let (Some(word), Some(meaning)) = (variant.get("const").and_then(Value::as_str), text(variant)) {
            lines.push(format!("`{word}`: {meaning}"));
        }
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// The format by the server's name; none where the server has no such format.
fn format(core: &Value) -> Option<&str> {
    match core.get("format")?.as_str()? {
        "date-time" => Some("date-time"),
        "uint8" | "uint16" | "int8" | "int16" | "int32" => Some("int32"),
        "uint32" | "uint64" | "int64" => Some("int64"),
        "float" => Some("float"),
        "double" => Some("double"),
        _ => None,
    }
}

/// The constraint of a union: a rule with a message, or where that would cost too much, a plain choice of required members.
fn exactly_one(core: &Value, count: u64) -> (&'static str, Value) {
    let besides = core.get("x-headwater-one-of-besides").and_then(Value::as_array);
    let is_beside =
        |name: &String| besides.is_some_and(|besides| besides.iter().any(|beside| beside == name));
    let properties = core.get("properties").and_then(Value::as_object);
    let members: Vec<&String> =
        properties.into_iter().flat_map(Map::keys).filter(|name| !is_beside(name)).collect();
    let cost = count.saturating_mul(MEMBER_COST * members.len() as u64);
    if cost > RULE_COST_MAX {
        return ("oneOf", members.iter().map(|name| json!({ "required": [name] })).collect());
    }
    let counted: Vec<String> =
        members.iter().map(|name| format!("(has(self.{}) ? 1 : 0)", cel_name(name))).collect();
    let named: Vec<String> = members.iter().map(|name| format!("`{name}`")).collect();
    let rule = json!({
        "rule": format!("{} == 1", counted.join(" + ")),
        "message": format!("exactly one of {} must be written", named.join(", ")),
    });
    ("x-kubernetes-validations", Value::Array(vec![rule]))
}

fn cel_name(name: &str) -> String {
    if CEL_WORDS.contains(&name) { format!("__{name}__") } else { name.to_owned() }
}

fn is_true(core: &Value, word: &str) -> bool {
    core.get(word).and_then(Value::as_bool) == Some(true)
}
