//! The table of types in the documents, held against what is in memory and in tables.

use headwater_compiler::data_type::{DataType, Member, Slot};
use iceberg::spec::Type;
use serde_json::Value;

use super::delta_schema::{delta_schema, stored_spec};
use super::schema::table_schema;
use super::{LakeError, TableColumn, TableMode, TableSpec};
use crate::engine::arrow_type;

const PAGE: &str = include_str!("../../../../docs/types.md");

/// The type of a row, by its name.
fn named(name: &str) -> Option<DataType> {
    let slot = |data_type| Box::new(Slot { data_type, nullable: true });
    let found = match name {
        "string" => DataType::String,
        "bool" => DataType::Bool,
        "int32" => DataType::Int32,
        "int64" => DataType::Int64,
        "float32" => DataType::Float32,
        "float64" => DataType::Float64,
        "decimal(12,2)" => DataType::Decimal { precision: 12, scale: 2 },
        "date" => DataType::Date,
        "time" => DataType::Time,
        "timestamp" => DataType::Timestamp,
        "timestamp_local" => DataType::TimestampLocal,
        "bytes" => DataType::Bytes,
        "uuid" => DataType::Uuid,
        "list<string>" => DataType::List(slot(DataType::String)),
        "map<int64>" => DataType::Map(slot(DataType::Int64)),
        "struct<a string>" => {
            let member = Member { name: "a".to_owned(), data_type: DataType::String, nullable: true };
            DataType::Struct(vec![member])
        }
        _ => return None,
    };
    Some(found)
}

/// A table of one column of this type.
fn table(data_type: &DataType) -> TableSpec {
    let column = TableColumn {
        name: "f".to_owned(),
        id: None,
        data_type: arrow_type(data_type),
        required: false,
        doc: None,
        renamed_from: None,
    };
    TableSpec {
        namespace: vec!["n".to_owned()],
        name: "t".to_owned(),
        location: None,
        columns: vec![column],
        key: Vec::new(),
        partition_by: Vec::new(),
        sort_by: Vec::new(),
        doc: None,
        properties: std::collections::BTreeMap::new(),
        mode: TableMode::Append,
        snapshot_properties: std::collections::BTreeMap::new(),
    }
}

/// Iceberg's type in the words of its specification.
fn iceberg_words(kind: &Type) -> String {
    match kind {
        Type::Primitive(kind) => kind.to_string(),
        Type::List(list) => format!("list<{}>", iceberg_words(&list.element_field.field_type)),
        Type::Map(map) => format!(
            "map<{}, {}>",
            iceberg_words(&map.key_field.field_type),
            iceberg_words(&map.value_field.field_type)
        ),
        Type::Struct(inner) => {
            let fields = inner.fields().iter();
            let fields = fields.map(|field| format!("{}: {}", field.name, iceberg_words(&field.field_type)));
            format!("struct<{}>", fields.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Delta's type in the words of Spark's SQL.
fn words(delta: &Value) -> String {
    if let Some(name) = delta.as_str() {
        return name.to_owned();
    }
    match delta["type"].as_str() {
        Some("array") => format!("array<{}>", words(&delta["elementType"])),
        Some("map") => format!("map<{},{}>", words(&delta["keyType"]), words(&delta["valueType"])),
        Some(_) | None => {
            let fields = delta["fields"].as_array().into_iter().flatten();
            let fields = fields
                .map(|field| format!("{}:{}", field["name"].as_str().unwrap_or("?"), words(&field["type"])));
            format!("struct<{}>", fields.collect::<Vec<_>>().join(","))
        }
    }
}

#[test]
fn the_table_says_what_is_in_memory_and_in_tables() -> Result<(), LakeError> {
    let (mut rows, mut found) = (0, Vec::new());
    let mut differ = |is: &str, said: &str| {
        if is.replace(' ', "") != said.replace(' ', "") {
            found.push(format!("it is {is}, and the page says {said}"));
        }
    };
    for line in PAGE.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> =
            line.trim_matches('|').split(" | ").map(|cell| cell.trim().trim_matches('`')).collect();
        let [name, _, _, _, arrow, iceberg, delta, ..] = cells.as_slice() else { panic!("{line}") };
        let data_type = named(name).unwrap_or_else(|| panic!("{line}"));
        differ(&arrow_type(&data_type).to_string(), arrow);
        let spec = table(&data_type);
        let schema = table_schema(&spec, None)?;
        let field = schema.field_by_name("f").unwrap_or_else(|| panic!("{schema}"));
        differ(&iceberg_words(&field.field_type), iceberg);
        let stored = table_schema(&stored_spec(&spec)?, None)?;
        let stored = delta_schema(&stored);
        differ(&words(&stored["fields"][0]["type"]), delta);
        rows += 1;
    }
    assert_eq!(found, Vec::<String>::new());
    assert_eq!(rows, 16);
    Ok(())
}
