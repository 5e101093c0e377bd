//! The table of types in the documents, held against what is read of schemas and taken in SQL.

use super::fields;
use super::schema::Schema;
use super::{schema_avro, schema_json};
use crate::data_type::DataType;
use crate::diagnostic::{Anchor, DocumentId};
use crate::type_name::parse_sql_type;

const PAGE: &str = include_str!("../../../../docs/types.md");

/// The cells of each row of the table, without their backticks.
fn rows() -> Vec<Vec<String>> {
    let rows = PAGE.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        row.trim_matches('|').split(" | ").map(|cell| cell.trim().trim_matches('`').to_owned()).collect()
    })
    .collect()
}

/// The type of the field `f` of a schema.
fn read(text: &str, by: fn(&mut Schema)) -> Result<DataType, String> {
    let mut schema = Schema::new(text, Anchor::value(DocumentId(0), "/spec"));
    by(&mut schema);
    if !schema.problems.is_empty() {
        return Err(format!("{:?}", schema.problems));
    }
    let mut diagnostics = Vec::new();
    let fields = fields::tree(schema.fields, &mut diagnostics);
    match (fields.as_slice(), diagnostics.as_slice()) {
        ([field], []) => Ok(field.data_type.clone()),
        (fields, problems) => Err(format!("{fields:?} {problems:?}")),
    }
}

#[test]
fn the_table_says_what_is_read_of_schemas() -> Result<(), String> {
    let rows = rows();
    assert_eq!(rows.len(), 16, "a row for each type");
    for row in rows {
        let [name, _, avro, json, ..] = row.as_slice() else { return Err(format!("{row:?}")) };
        let expected = parse_sql_type(name).map_err(|problem| problem.message)?;
        let avro = format!(r#"{{"type":"record","name":"R","fields":[{{"name":"f","type":{avro}}}]}}"#);
        assert_eq!(read(&avro, schema_avro::read)?, expected, "{avro}");
        let json = format!(r#"{{"type":"object","properties":{{"f":{json}}}}}"#);
        assert_eq!(read(&json, schema_json::read)?, expected, "{json}");
    }
    Ok(())
}

#[test]
fn the_table_says_what_sql_takes_of_flink() -> Result<(), String> {
    for row in rows() {
        let (name, flink) = (&row[0], &row[7]);
        // Flink has no uuid, and its `TIMESTAMP` is another type than that of Headwater's SQL.
        if ["uuid", "timestamp_local"].contains(&name.as_str()) {
            continue;
        }
        let types = [name, flink].map(|text| parse_sql_type(text).map_err(|problem| problem.message));
        let [own, other] = types;
        assert_eq!(own?, other?, "{name} {flink}");
    }
    Ok(())
}
