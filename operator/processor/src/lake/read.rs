//! An Iceberg table to be read.
//!
//! Takes a catalog and a name, gives the table and its Arrow schema.
//! It must not write.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema as ArrowSchema, TimeUnit};
use iceberg::arrow::schema_to_arrow_schema;
use iceberg::io::FileIO;
use iceberg::spec::{Schema, TableMetadata};
use iceberg::table::Table;
use iceberg::{Runtime, TableIdent};

use super::catalog::{Catalog, pointer};
use super::{LakeError, layout};

/// Loads a table.
///
/// # Errors
/// [`LakeError::Missing`] when the catalog does not know it.
pub async fn load_table(catalog: &Catalog, namespace: &[String], name: &str) -> Result<Table, LakeError> {
    let joined = namespace.join(".");
    let Some(location) = pointer(catalog, &joined, name)? else {
        return Err(LakeError::Missing { table: format!("{joined}.{name}") });
    };
    let io = FileIO::new_with_fs();
    let metadata = TableMetadata::read_from(&io, &location).await?;
    let parts = namespace.iter().cloned().chain([name.to_owned()]);
    table_of(io, location, metadata, TableIdent::from_strs(parts)?)
}

/// Makes the library's table of its parts.
pub(crate) fn table_of(
    io: FileIO,
    location: String,
    metadata: TableMetadata,
    name: TableIdent,
) -> Result<Table, LakeError> {
    Ok(Table::builder()
        .file_io(io)
        .metadata_location(location)
        .metadata(read_as_current(metadata)?)
        .identifier(name)
        .runtime(Runtime::try_current()?)
        .readonly(true)
        .build()?)
}

/// The same metadata, its current snapshot read with the current schema.
///
/// The library reads a snapshot with the schema of its day, and so would not show columns that were added since.
fn read_as_current(metadata: TableMetadata) -> Result<TableMetadata, LakeError> {
    let (id, schema) = (metadata.current_snapshot_id(), metadata.current_schema_id());
    let mut json = serde_json::to_value(&metadata)?;
    let snapshots = json.get_mut("snapshots").and_then(|list| list.as_array_mut());
    for snapshot in snapshots.into_iter().flatten() {
        let found = snapshot.get("snapshot-id").and_then(serde_json::Value::as_i64);
        if found == id && found.is_some() {
            snapshot["schema-id"] = schema.into();
        }
    }
    Ok(serde_json::from_value(json)?)
}

/// The Arrow schema of a table's files and rows: canonical types, field ids in the metadata.
pub(crate) fn arrow_schema(schema: &Schema) -> Result<ArrowSchema, LakeError> {
    let schema = schema_to_arrow_schema(schema)?;
    let fields: Fields = schema.fields().iter().map(canonical_field).collect();
    Ok(layout::plain_schema(&ArrowSchema::new(fields)))
}

fn canonical_field(field: &FieldRef) -> FieldRef {
    let data_type = canonical_type(field.data_type());
    Arc::new(Field::clone(field).with_data_type(data_type))
}

/// The project's Arrow type for the library's: bytes are `Binary`, instants are in the zone `UTC`.
fn canonical_type(data_type: &DataType) -> DataType {
    if let DataType::Struct(fields) = data_type {
        return DataType::Struct(fields.iter().map(canonical_field).collect());
    }
    if let DataType::List(element) = data_type {
        return DataType::List(canonical_field(element));
    }
    if let DataType::Map(entries, sorted) = data_type {
        return DataType::Map(canonical_field(entries), *sorted);
    }
    if let DataType::Timestamp(TimeUnit::Microsecond, Some(_)) = data_type {
        return DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    }
    if *data_type == DataType::LargeBinary {
        return DataType::Binary;
    }
    data_type.clone()
}
