//! The metadata of an Iceberg table, new or evolved, before any snapshot.
//!
//! Takes the declaration and the metadata that the table has, gives the metadata that it shall have.
//! It must not write files or touch the catalog.

use std::collections::BTreeMap;

use iceberg::spec::{
    NullOrder, PartitionSpec, PrimitiveType, Schema, SortDirection, SortOrder, TableMetadata, Transform as T,
    Type,
};
use serde_json::json;
use uuid::Uuid;

use super::schema::table_schema;
use super::{LakeError, PartitionField, TableSpec, Transform};

/// First id of a partition field (Iceberg specification).
const FIRST_PARTITION_ID: i32 = 1000;

/// Metadata of a table that does not exist yet.
///
/// The library's builder would give the fields new ids, so the metadata is written down and read instead.
pub(crate) fn new_metadata(spec: &TableSpec, location: &str) -> Result<TableMetadata, LakeError> {
    let schema = table_schema(spec, None)?;
    let mut fields = Vec::new();
    for (field, id) in spec.partition_by.iter().zip(FIRST_PARTITION_ID..) {
        let source_id = column_id(spec, &schema, &field.column)?;
        check_transform(spec, &schema, source_id, transform(field.transform))?;
        fields.push(json!({
            "source-id": source_id,
            "field-id": id,
            "name": partition_name(field),
            "transform": transform(field.transform).to_string(),
        }));
    }
    let last_partition_id = FIRST_PARTITION_ID - 1 + i32::try_from(fields.len()).unwrap_or(0);
    let order = sort_order(spec, &schema)?;
    let metadata = json!({
        "format-version": 2,
        "table-uuid": Uuid::now_v7(),
        "location": location,
        "last-sequence-number": 0,
        "last-updated-ms": jiff::Timestamp::now().as_millisecond(),
        "last-column-id": schema.highest_field_id(),
        "current-schema-id": 0,
        "schemas": [schema],
        "default-spec-id": 0,
        "partition-specs": [{ "spec-id": 0, "fields": fields }],
        "last-partition-id": last_partition_id,
        "default-sort-order-id": order.order_id,
        "sort-orders": [order],
        "properties": properties(spec),
        "snapshots": [],
        "refs": {},
    });
    Ok(serde_json::from_value(metadata)?)
}

/// Refuses a transform that does not fit its column.
fn check_transform(spec: &TableSpec, schema: &Schema, id: i32, by: T) -> Result<(), LakeError> {
    let Some(column) = schema.field_by_id(id) else {
        return Ok(());
    };
    let result = by.result_type(&column.field_type).map_err(|error| error.message().to_owned());
    // The library writes a uuid as a partition value into manifests that it then cannot encode.
    let uuid = Type::Primitive(PrimitiveType::Uuid);
    let reason = match result {
        Ok(result) if by == T::Identity && result == uuid => {
            "a uuid can partition a table in buckets only".to_owned()
        }
        Ok(_) => return Ok(()),
        Err(reason) => reason,
    };
    Err(LakeError::Declaration {
        table: spec.full_name(),
        reason: format!("partition by {by}({}): {reason}", column.name),
    })
}

/// Metadata of a table that exists, with the declaration's additions; the same value when nothing changes.
pub(crate) fn evolved_metadata(
    spec: &TableSpec,
    existing: &TableMetadata,
) -> Result<TableMetadata, LakeError> {
    let current = existing.current_schema();
    let schema = table_schema(spec, Some((current, existing.last_column_id())))?;
    check_partitions(spec, &schema, existing.default_partition_spec())?;
    // The step from the old metadata file is logged once, when the snapshot is added.
    let mut builder = existing.clone().into_builder(None);
    let mut changed = false;
    if schema.as_struct() != current.as_struct() {
        builder = builder.add_current_schema(schema.clone())?;
        changed = true;
    }
    let order = sort_order(spec, &schema)?;
    if order.fields != existing.default_sort_order().fields {
        builder = builder.add_sort_order(order)?.set_default_sort_order(-1)?;
        changed = true;
    }
    let differs = |(name, value): &(String, String)| existing.properties().get(name) != Some(value);
    let set: BTreeMap<String, String> = properties(spec).into_iter().filter(differs).collect();
    if !set.is_empty() {
        builder = builder.set_properties(set.into_iter().collect())?;
        changed = true;
    }
    if !changed {
        return Ok(existing.clone());
    }
    Ok(builder.build()?.metadata)
}

fn properties(spec: &TableSpec) -> BTreeMap<String, String> {
    let mut properties = spec.properties.clone();
    if let Some(doc) = &spec.doc {
        properties.insert("comment".to_owned(), doc.clone());
    }
    let codec = "write.parquet.compression-codec".to_owned();
    properties.entry(codec).or_insert_with(|| "zstd".to_owned());
    properties
}

fn column_id(spec: &TableSpec, schema: &Schema, name: &str) -> Result<i32, LakeError> {
    let fields = schema.as_struct().fields();
    match fields.iter().find(|field| field.name == name) {
        Some(field) => Ok(field.id),
        None => Err(LakeError::Declaration {
            table: spec.full_name(),
            reason: format!("`{name}` is not a column"),
        }),
    }
}

fn sort_order(spec: &TableSpec, schema: &Schema) -> Result<SortOrder, LakeError> {
    let mut order = SortOrder::builder();
    for field in &spec.sort_by {
        order.with_sort_field(iceberg::spec::SortField {
            source_id: column_id(spec, schema, &field.column)?,
            transform: T::Identity,
            direction: if field.descending { SortDirection::Descending } else { SortDirection::Ascending },
            null_order: if field.nulls_first { NullOrder::First } else { NullOrder::Last },
        });
    }
    order.with_order_id(i64::from(!spec.sort_by.is_empty()));
    Ok(order.build(schema)?)
}

fn check_partitions(spec: &TableSpec, schema: &Schema, existing: &PartitionSpec) -> Result<(), LakeError> {
    let show = |id: i32, transform: &T| {
        let name = schema.name_by_field_id(id).unwrap_or("?");
        format!("{transform}({name})")
    };
    let fields = existing.fields().iter();
    let has: Vec<String> = fields.map(|field| show(field.source_id, &field.transform)).collect();
    let mut declared = Vec::new();
    for field in &spec.partition_by {
        let id = column_id(spec, schema, &field.column)?;
        declared.push(show(id, &transform(field.transform)));
    }
    if has == declared {
        return Ok(());
    }
    Err(LakeError::Differs {
        table: spec.full_name(),
        difference: format!(
            "it is partitioned by ({}), declared is ({})",
            has.join(", "),
            declared.join(", ")
        ),
    })
}

fn transform(transform: Transform) -> T {
    match transform {
        Transform::Identity => T::Identity,
        Transform::Bucket(count) => T::Bucket(count),
        Transform::Truncate(width) => T::Truncate(width),
        Transform::Year => T::Year,
        Transform::Month => T::Month,
        Transform::Day => T::Day,
        Transform::Hour => T::Hour,
        Transform::Void => T::Void,
    }
}

/// The partition field's name, as other writers of Iceberg name it.
fn partition_name(field: &PartitionField) -> String {
    let suffix = match field.transform {
        Transform::Identity => return field.column.clone(),
        Transform::Bucket(_) => "bucket",
        Transform::Truncate(_) => "trunc",
        Transform::Year => "year",
        Transform::Month => "month",
        Transform::Day => "day",
        Transform::Hour => "hour",
        Transform::Void => "null",
    };
    format!("{}_{suffix}", field.column)
}
