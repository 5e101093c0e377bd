//! The Iceberg schema of a declared table, new or evolved.
//!
//! Takes the declaration and the schema that the table has, gives the schema that it shall have, or the difference
//! that stands in the way. Compatible are: new optional columns and members, stated renames, other order, other words.
//! It must not change a type, drop a column or make one required.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, TimeUnit};
use iceberg::spec::{
    ListType, MapType, NestedField, NestedFieldRef, PrimitiveType, Schema, StructType, Type,
};
use parquet::arrow::PARQUET_FIELD_ID_META_KEY;

use super::{LakeError, TableColumn, TableSpec};

/// Ids of fields by path, and the next free one.
struct Ids {
    known: BTreeMap<String, i32>,
    last: i32,
}

impl Ids {
    fn take(&mut self, stated: Option<i32>, path: &str) -> i32 {
        if let Some(id) = stated.or_else(|| self.known.get(path).copied()) {
            return id;
        }
        self.last += 1;
        self.last
    }
}

/// Gives the schema that the table shall have.
///
/// `existing` is the table's schema with the highest id it ever gave out.
pub(crate) fn table_schema(spec: &TableSpec, existing: Option<(&Schema, i32)>) -> Result<Schema, LakeError> {
    let mut ids = Ids { known: BTreeMap::new(), last: existing.map_or(0, |(_, last)| last) };
    if let Some((schema, _)) = existing {
        paths(schema.as_struct().fields(), "", &mut ids.known);
    }
    for column in &spec.columns {
        ids.last = ids.last.max(highest_id(column));
    }
    let mut fields: Vec<NestedFieldRef> = Vec::new();
    for column in &spec.columns {
        fields.push(Arc::new(column_field(spec, column, existing, &mut ids)?));
    }
    let declaration = |reason: String| LakeError::Declaration { table: spec.full_name(), reason };
    let mut key = Vec::new();
    for name in &spec.key {
        match fields.iter().find(|field| field.name == *name) {
            Some(field) => key.push(field.id),
            None => {
                return Err(declaration(format!("the key column `{name}` is not a column")));
            }
        }
    }
    let schema = Schema::builder()
        .with_fields(fields)
        .with_identifier_field_ids(key)
        .build()
        .map_err(|error| declaration(error.message().to_owned()))?;
    if let Some((existing, _)) = existing {
        compare(existing, &schema)
            .map_err(|difference| LakeError::Differs { table: spec.full_name(), difference })?;
    }
    Ok(schema)
}

fn column_field(
    spec: &TableSpec,
    column: &TableColumn,
    existing: Option<(&Schema, i32)>,
    ids: &mut Ids,
) -> Result<NestedField, LakeError> {
    let has = |name: &str| existing.is_some_and(|(schema, _)| schema.field_by_name(name).is_some());
    let mut path = column.name.clone();
    if let Some(old) = &column.renamed_from
        && has(old)
        && !has(&column.name)
    {
        path.clone_from(old);
    }
    let id = ids.take(column.id, &path);
    let kind = iceberg_type(&column.data_type, &path, ids)
        .map_err(|reason| LakeError::Declaration { table: spec.full_name(), reason })?;
    let mut field = NestedField::new(id, &column.name, kind, column.required);
    field.doc.clone_from(&column.doc);
    Ok(field)
}

fn highest_id(column: &TableColumn) -> i32 {
    fn within(data_type: &DataType) -> i32 {
        let field = |field: &Field| stated_id(field).unwrap_or(0).max(within(field.data_type()));
        if let DataType::Struct(fields) = data_type {
            return fields.iter().map(|inner| field(inner)).max().unwrap_or(0);
        }
        if let DataType::List(inner) | DataType::Map(inner, _) = data_type {
            return field(inner);
        }
        0
    }
    column.id.unwrap_or(0).max(within(&column.data_type))
}

fn stated_id(field: &Field) -> Option<i32> {
    field.metadata().get(PARQUET_FIELD_ID_META_KEY)?.parse().ok()
}

/// The path and id of every field below, with the names that Iceberg gives to elements, keys and values.
fn paths(fields: &[NestedFieldRef], above: &str, known: &mut BTreeMap<String, i32>) {
    for field in fields {
        let path = join(above, &field.name);
        known.insert(path.clone(), field.id);
        match &*field.field_type {
            Type::Primitive(_) => {}
            Type::Struct(inner) => paths(inner.fields(), &path, known),
            Type::List(list) => paths(std::slice::from_ref(&list.element_field), &path, known),
            Type::Map(map) => {
                paths(&[Arc::clone(&map.key_field), Arc::clone(&map.value_field)], &path, known);
            }
        }
    }
}

fn join(above: &str, name: &str) -> String {
    if above.is_empty() { name.to_owned() } else { format!("{above}.{name}") }
}

/// Iceberg's type for a canonical Arrow type.
fn iceberg_type(data_type: &DataType, path: &str, ids: &mut Ids) -> Result<Type, String> {
    if let DataType::Struct(members) = data_type {
        let mut fields: Vec<NestedFieldRef> = Vec::new();
        for member in members {
            let (id, kind) = nested(member, join(path, member.name()), ids)?;
            let field = NestedField::new(id, member.name(), kind, !member.is_nullable());
            fields.push(Arc::new(field));
        }
        return Ok(Type::Struct(StructType::new(fields)));
    }
    if let DataType::List(element) = data_type {
        let (id, kind) = nested(element, join(path, "element"), ids)?;
        let field = NestedField::list_element(id, kind, !element.is_nullable());
        return Ok(Type::List(ListType::new(Arc::new(field))));
    }
    if let DataType::Map(entries, _) = data_type {
        let DataType::Struct(entry) = entries.data_type() else {
            return Err(format!("`{path}` is a map without entries"));
        };
        let [key, value] = &entry[..] else {
            return Err(format!("`{path}` is a map without a key and a value"));
        };
        let (key_id, key_type) = nested(key, join(path, "key"), ids)?;
        let (value_id, value_type) = nested(value, join(path, "value"), ids)?;
        let key = NestedField::map_key_element(key_id, key_type);
        let value = NestedField::map_value_element(value_id, value_type, !value.is_nullable());
        return Ok(Type::Map(MapType::new(Arc::new(key), Arc::new(value))));
    }
    match primitive(data_type) {
        Some(kind) => Ok(Type::Primitive(kind)),
        None => Err(format!("`{path}` has the type {data_type}, which a table cannot hold")),
    }
}

fn nested(field: &Field, path: String, ids: &mut Ids) -> Result<(i32, Type), String> {
    let id = ids.take(stated_id(field), &path);
    Ok((id, iceberg_type(field.data_type(), &path, ids)?))
}

fn primitive(data_type: &DataType) -> Option<PrimitiveType> {
    let pairs = [
        (DataType::Utf8, PrimitiveType::String),
        (DataType::Boolean, PrimitiveType::Boolean),
        (DataType::Int32, PrimitiveType::Int),
        (DataType::Int64, PrimitiveType::Long),
        (DataType::Float32, PrimitiveType::Float),
        (DataType::Float64, PrimitiveType::Double),
        (DataType::Date32, PrimitiveType::Date),
        (DataType::Time64(TimeUnit::Microsecond), PrimitiveType::Time),
        (DataType::Timestamp(TimeUnit::Microsecond, None), PrimitiveType::Timestamp),
        (DataType::Binary, PrimitiveType::Binary),
        (DataType::FixedSizeBinary(16), PrimitiveType::Uuid),
    ];
    if let DataType::Decimal128(precision, scale) = data_type {
        return Some(PrimitiveType::Decimal {
            precision: u32::from(*precision),
            scale: u32::try_from(*scale).ok()?,
        });
    }
    if let DataType::Timestamp(TimeUnit::Microsecond, Some(_)) = data_type {
        return Some(PrimitiveType::Timestamptz);
    }
    let found = pairs.into_iter().find(|(arrow, _)| arrow == data_type);
    found.map(|(_, kind)| kind)
}

/// Says the first incompatible difference between what the table has and what is declared.
fn compare(existing: &Schema, declared: &Schema) -> Result<(), String> {
    let (old, new) = (existing.as_struct().fields(), declared.as_struct().fields());
    compare_members(old, new, "")?;
    let names = |schema: &Schema| -> Vec<String> {
        let mut names: Vec<String> = schema
            .identifier_field_ids()
            .map(|id| schema.name_by_field_id(id).unwrap_or_default().to_owned())
            .collect();
        names.sort();
        names
    };
    // A rename keeps the key, so ids are compared and names are shown.
    let mut old: Vec<i32> = existing.identifier_field_ids().collect();
    let mut new: Vec<i32> = declared.identifier_field_ids().collect();
    old.sort_unstable();
    new.sort_unstable();
    if old != new {
        return Err(format!(
            "its key is ({}), declared is ({})",
            names(existing).join(", "),
            names(declared).join(", ")
        ));
    }
    Ok(())
}

fn compare_members(old: &[NestedFieldRef], new: &[NestedFieldRef], above: &str) -> Result<(), String> {
    for was in old {
        let path = join(above, &was.name);
        match new.iter().find(|field| field.id == was.id) {
            None => return Err(format!("it has the column `{path}`, which is not declared")),
            Some(now) => compare_field(was, now, &path)?,
        }
    }
    for now in new {
        let path = join(above, &now.name);
        if old.iter().any(|was| was.id == now.id) {
            continue;
        }
        if now.required {
            return Err(format!("it lacks the column `{path}`, which is declared as required"));
        }
    }
    Ok(())
}

fn compare_field(was: &NestedField, now: &NestedField, path: &str) -> Result<(), String> {
    if was.required != now.required {
        let word = |required: bool| if required { "required" } else { "optional" };
        return Err(format!(
            "`{path}` is {} in it and {} in the declaration",
            word(was.required),
            word(now.required)
        ));
    }
    match (&*was.field_type, &*now.field_type) {
        (Type::Struct(was), Type::Struct(now)) => compare_members(was.fields(), now.fields(), path),
        (Type::List(was), Type::List(now)) => {
            compare_field(&was.element_field, &now.element_field, &join(path, "element"))
        }
        (Type::Map(was), Type::Map(now)) => {
            compare_field(&was.key_field, &now.key_field, &join(path, "key"))?;
            compare_field(&was.value_field, &now.value_field, &join(path, "value"))
        }
        (was, now) if was == now => Ok(()),
        (was, now) => Err(format!("`{path}` is {was} in it and {now} in the declaration")),
    }
}
