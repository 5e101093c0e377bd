//! The JSON Schema of each kind, with every reference put in its place.
//!
//! One schema serves editors, the compiler's walk over shapes, and, made structural, the API server.
//! Words of our own: `x-headwater-one-of` marks a union, of which exactly one member is written;
//! `x-headwater-one-of-besides` lists the members of such a struct that are no part of the union;
//! `x-headwater-open` marks an object that may hold more than is listed.
//! `default` is what a member that is left out means; it is filled in by `canonical`, never by a server.

use std::sync::OnceLock;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use crate::object::Kind;

/// The JSON Schema (2020-12) of a kind.
pub fn schema(kind: Kind) -> &'static Value {
    static SCHEMAS: [OnceLock<Value>; Kind::ALL.len()] = [const { OnceLock::new() }; Kind::ALL.len()];
    let index = Kind::ALL.iter().position(|other| *other == kind).expect("every kind is among all kinds");
    SCHEMAS[index].get_or_init(|| generate(kind).into())
}

fn generate(kind: Kind) -> Schema {
    let mut schema = match kind {
        Kind::DataProduct => of::<crate::product::DataProduct>(),
        Kind::DataContract => of::<crate::contract::DataContract>(),
        Kind::Platform => of::<crate::platform::Platform>(),
        Kind::Approval => of::<crate::approval::Approval>(),
        Kind::DataProductTest => of::<crate::test::DataProductTest>(),
        Kind::ContractLock => of::<crate::lock::ContractLock>(),
    };
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        pin(properties, "apiVersion", crate::object::API_VERSION);
        pin(properties, "kind", kind.name());
    }
    // What only the command line reads may be as large as somebody likes: rows of tests, texts of schemas.
    if !kind.is_local()
        && let Some(root) = schema.as_object_mut()
    {
        crate::bound::bound(root);
    }
    schema
}

fn of<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12()
        .with(|settings| settings.inline_subschemas = true)
        .into_generator()
        .into_root_schema_for::<T>()
}

/// Allows one value only.
fn pin(properties: &mut serde_json::Map<String, Value>, name: &str, value: &str) {
    if let Some(property) = properties.get_mut(name).and_then(Value::as_object_mut) {
        property.insert("enum".to_owned(), Value::Array(vec![value.into()]));
    }
}

/// The schema of a member without the possibility of null.
pub(crate) fn besides_null(node: &Value) -> &Value {
    let either = node.get("anyOf").and_then(Value::as_array);
    either
        .and_then(|either| either.iter().find(|one| one.get("type").is_none_or(|name| name != "null")))
        .unwrap_or(node)
}
