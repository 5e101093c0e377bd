//! Puts a limit on everything: takes the JSON Schema of a kind, adds the bounds that its types do not state.
//!
//! The compiler, editors and the API server read the result, so that all three refuse the same object.
//! A bound that a type states itself stays as it is.

use serde_json::{Map, Value};

/// Elements of a list.
const ITEMS_MAX: u64 = 1000;
/// Characters of a text.
const LENGTH_MAX: u64 = 16_384;
/// Members of a map.
const MEMBERS_MAX: u64 = 1000;

/// Adds `maxItems`, `maxLength`, `maxProperties` and the greatest integer of a format where they are left out.
pub(crate) fn bound(node: &mut Map<String, Value>) {
    if is(node, "array") {
        limit(node, "maxItems", ITEMS_MAX);
    }
    if is(node, "string") && !node.contains_key("enum") && !node.contains_key("const") {
        limit(node, "maxLength", LENGTH_MAX);
    }
    if node.get("additionalProperties").is_some_and(Value::is_object) {
        limit(node, "maxProperties", MEMBERS_MAX);
    }
    if node.get("format").and_then(Value::as_str) == Some("uint32") {
        limit(node, "maximum", u64::from(u32::MAX));
    }
    for word in ["items", "additionalProperties"] {
        if let Some(inner) = node.get_mut(word).and_then(Value::as_object_mut) {
            bound(inner);
        }
    }
    for inner in
        node.get_mut("properties").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut)
    {
        if let Some(inner) = inner.as_object_mut() {
            bound(inner);
        }
    }
}

/// Whether a value of this type is among those allowed.
fn is(node: &Map<String, Value>, name: &str) -> bool {
    match node.get("type") {
        Some(Value::String(one)) => one == name,
        Some(Value::Array(several)) => several.iter().any(|one| one == name),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => false,
    }
}

fn limit(node: &mut Map<String, Value>, word: &str, value: u64) {
    if !node.contains_key(word) {
        node.insert(word.to_owned(), value.into());
    }
}
