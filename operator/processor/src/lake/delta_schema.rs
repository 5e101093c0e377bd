//! The schema of a Delta table.
//!
//! Takes the declaration, gives the columns as Delta stores them and Delta's schema as JSON (Delta protocol, "Schema
//! Serialization Format"); compares it with that of a table that exists. It must not read or write the log.
//!
//! Delta has no type for a time of day or a uuid: both are stored as text, `10:11:12.000013` and hyphenated.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, TimeUnit};
use iceberg::spec::{NestedFieldRef, PrimitiveType, Schema, StructType, Type};
use serde_json::{Value, json};

use super::{LakeError, TableSpec, Transform};

/// The declaration with the types that Delta stores.
pub(crate) fn stored_spec(spec: &TableSpec) -> Result<TableSpec, LakeError> {
    for field in &spec.partition_by {
        if field.transform != Transform::Identity {
            return Err(LakeError::Declaration {
                table: spec.full_name(),
                reason: format!(
                    "a Delta table is partitioned by whole columns, not by a part of `{}`",
                    field.column
                ),
            });
        }
    }
    let mut stored = spec.clone();
    for column in &mut stored.columns {
        column.data_type = stored_type(&column.data_type);
    }
    Ok(stored)
}

/// The Arrow type in which Delta stores a canonical type.
pub(crate) fn stored_type(data_type: &DataType) -> DataType {
    let field = |field: &FieldRef| -> FieldRef {
        Arc::new(Field::clone(field).with_data_type(stored_type(field.data_type())))
    };
    if let DataType::Struct(fields) = data_type {
        return DataType::Struct(fields.iter().map(field).collect());
    }
    if let DataType::List(element) = data_type {
        return DataType::List(field(element));
    }
    if let DataType::Map(entries, sorted) = data_type {
        return DataType::Map(field(entries), *sorted);
    }
    if matches!(data_type, DataType::FixedSizeBinary(16) | DataType::Time64(TimeUnit::Microsecond)) {
        return DataType::Utf8;
    }
    data_type.clone()
}

/// Delta's schema as JSON.
pub(crate) fn delta_schema(schema: &Schema) -> Value {
    members(schema.as_struct())
}

fn members(of: &StructType) -> Value {
    let fields = of.fields().iter().map(|field| {
        let mut metadata = json!({});
        if let Some(doc) = &field.doc {
            metadata["comment"] = json!(doc);
        }
        json!({
            "name": field.name,
            "type": delta_type(&field.field_type),
            "nullable": !field.required,
            "metadata": metadata,
        })
    });
    json!({ "type": "struct", "fields": fields.collect::<Vec<_>>() })
}

fn delta_type(kind: &Type) -> Value {
    match kind {
        Type::Primitive(kind) => Value::String(primitive(kind)),
        Type::Struct(inner) => members(inner),
        Type::List(list) => json!({
            "type": "array",
            "elementType": delta_type(&list.element_field.field_type),
            "containsNull": !list.element_field.required,
        }),
        Type::Map(map) => json!({
            "type": "map",
            "keyType": delta_type(&map.key_field.field_type),
            "valueType": delta_type(&map.value_field.field_type),
            "valueContainsNull": !map.value_field.required,
        }),
    }
}

fn primitive(kind: &PrimitiveType) -> String {
    let name = match kind {
        PrimitiveType::Boolean => "boolean",
        PrimitiveType::Int => "integer",
        PrimitiveType::Long => "long",
        PrimitiveType::Float => "float",
        PrimitiveType::Double => "double",
        PrimitiveType::Decimal { precision, scale } => return format!("decimal({precision},{scale})"),
        PrimitiveType::Date => "date",
        PrimitiveType::Timestamp | PrimitiveType::TimestampNs => "timestamp_ntz",
        PrimitiveType::Timestamptz | PrimitiveType::TimestamptzNs => "timestamp",
        PrimitiveType::Binary | PrimitiveType::Fixed(_) => "binary",
        PrimitiveType::Time | PrimitiveType::String | PrimitiveType::Uuid => "string",
    };
    name.to_owned()
}

/// Whether a column holds local timestamps, for which Delta has a table feature.
pub(crate) fn has_local_timestamps(fields: &[NestedFieldRef]) -> bool {
    fields.iter().any(|field| match &*field.field_type {
        Type::Primitive(kind) => *kind == PrimitiveType::Timestamp,
        Type::Struct(inner) => has_local_timestamps(inner.fields()),
        Type::List(list) => has_local_timestamps(std::slice::from_ref(&list.element_field)),
        Type::Map(map) => has_local_timestamps(&[Arc::clone(&map.key_field), Arc::clone(&map.value_field)]),
    })
}

/// Says the first difference between the schema that a table has and the declared one that more than adds columns.
pub(crate) fn compare(has: &Value, declared: &Value, above: &str) -> Result<(), String> {
    let fields = |of: &Value| of["fields"].as_array().cloned().unwrap_or_default();
    let path = |field: &Value| {
        let name = field["name"].as_str().unwrap_or_default();
        if above.is_empty() { name.to_owned() } else { format!("{above}.{name}") }
    };
    let declared = fields(declared);
    let has = fields(has);
    for was in &has {
        let path = path(was);
        let Some(now) = declared.iter().find(|now| now["name"] == was["name"]) else {
            return Err(format!("it has the column `{path}`, which is not declared"));
        };
        if was["nullable"] != now["nullable"] {
            let word = |field: &Value| if field["nullable"] == false { "required" } else { "optional" };
            return Err(format!("`{path}` is {} in it and {} in the declaration", word(was), word(now)));
        }
        if was["metadata"].get("delta.invariants").is_some() {
            return Err(format!("`{path}` has an invariant, which is not supported"));
        }
        compare_types(&was["type"], &now["type"], &path)?;
    }
    let added = declared
        .iter()
        .find(|now| now["nullable"] == false && !has.iter().any(|was| was["name"] == now["name"]));
    match added {
        Some(now) => Err(format!("it lacks the column `{}`, which is declared as required", path(now))),
        None => Ok(()),
    }
}

fn compare_types(was: &Value, now: &Value, path: &str) -> Result<(), String> {
    let kind = |of: &Value| of.get("type").and_then(Value::as_str).map(str::to_owned);
    let differs = || Err(format!("`{path}` is {} in it and {} in the declaration", shown(was), shown(now)));
    match (kind(was), kind(now)) {
        (None, None) if was == now => Ok(()),
        (Some(a), Some(b)) if a == b && a == "struct" => compare(was, now, path),
        (Some(a), Some(b)) if a == b && a == "array" && was["containsNull"] == now["containsNull"] => {
            compare_types(&was["elementType"], &now["elementType"], &format!("{path}.element"))
        }
        (Some(a), Some(b)) if a == b && was["valueContainsNull"] == now["valueContainsNull"] => {
            compare_types(&was["keyType"], &now["keyType"], &format!("{path}.key"))?;
            compare_types(&was["valueType"], &now["valueType"], &format!("{path}.value"))
        }
        (None | Some(_), None | Some(_)) => differs(),
    }
}

fn shown(kind: &Value) -> String {
    kind.as_str().map_or_else(|| kind.to_string(), str::to_owned)
}
