//! The canonical value of an object: takes an object, gives what it means, written in one way only.
//!
//! Rule 4 of the notation: our defaults are filled in, durations are milliseconds, sizes bytes, maps are sorted.
//! Shares are hundred-millionths, and texts with a form of their own lose spaces that mean nothing.
//! The version of the language, status and whatever a server or a tool adds to the metadata are left out,
//! so that a file and the object in the cluster give the same value.
//! What depends on other objects, such as a platform's defaults, stays as it is; so do SQL texts and instants.

use serde_json::{Map, Value};

use crate::object::{Kind, Object};
use crate::scalar::{Duration, Share, Size};
use crate::schema::{besides_null, schema};

/// Annotations that mean something to the compiler.
const MEANT: &str = "headwater.dev/allow.";

/// The canonical value of an object.
pub fn canonical(object: &Object) -> Value {
    let kind = object.kind();
    let written = match object {
        Object::DataProduct(product) => serde_json::to_value(product),
        Object::DataContract(contract) => serde_json::to_value(contract),
        Object::Platform(platform) => serde_json::to_value(platform),
        Object::Approval(approval) => serde_json::to_value(approval),
        Object::DataProductTest(test) => serde_json::to_value(test),
        Object::ContractLock(lock) => serde_json::to_value(lock),
    };
    let mut value = written.expect("objects have text keys only");
    fill(&mut value, schema(kind));
    if let Some(members) = value.as_object_mut() {
        members.retain(|name, _| !matches!(name.as_str(), "apiVersion" | "status"));
        if let Some(metadata) = members.get_mut("metadata").and_then(Value::as_object_mut) {
            keep_meant(metadata, kind);
        }
    }
    value.sort_all_objects();
    value
}

/// Keeps the name, the namespace and the annotations that mean something.
fn keep_meant(metadata: &mut Map<String, Value>, kind: Kind) {
    metadata.retain(|name, _| match name.as_str() {
        "name" | "annotations" => true,
        // A platform has none, whatever its file says.
        "namespace" => kind != Kind::Platform,
        _ => false,
    });
    let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) else { return };
    annotations.retain(|name, _| name.starts_with(MEANT));
    if annotations.is_empty() {
        metadata.remove("annotations");
    }
}

/// Fills in what is left out and writes texts of a form in one way, here and below.
fn fill(value: &mut Value, node: &Value) {
    let node = besides_null(node);
    match value {
        Value::String(text) => {
            if let Some(plain) =
                node.get("format").and_then(Value::as_str).and_then(|format| plain(text, format))
            {
                *value = plain;
            }
        }
        Value::Array(elements) => {
            if let Some(items) = node.get("items") {
                elements.iter_mut().for_each(|element| fill(element, items));
            }
        }
        Value::Object(members) => {
            for (name, inner) in node.get("properties").and_then(Value::as_object).into_iter().flatten() {
                if let (false, Some(default)) = (members.contains_key(name), inner.get("default")) {
                    members.insert(name.clone(), default.clone());
                }
                if let Some(member) = members.get_mut(name) {
                    fill(member, inner);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The value of a text of a form; nothing where the text stays as it is, because it says so or has another form.
fn plain(text: &str, format: &str) -> Option<Value> {
    match format {
        "headwater-duration" | "headwater-keep" => Duration::from(text).ms().map(Value::from),
        "headwater-size" => Size::from(text).bytes().map(Value::from),
        "headwater-share" => Share::from(text).e8().map(Value::from),
        "headwater-type" | "headwater-partition" => Some(text.replace(' ', "").into()),
        _ => None,
    }
}
