//! The wanted schema compiled for decoding: one tree of columns with type, path and default.
//!
//! Data, and `compile`, which takes `Wanted` and gives the tree or says which type or default does not fit. Touches no record.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Field, FieldRef, TimeUnit};

use super::error::ReadError;
use super::wanted::Wanted;

/// A type of the language.
#[derive(Clone, Debug)]
pub(crate) enum Type {
    String,
    Bool,
    Int32,
    Int64,
    Float32,
    Float64,
    Decimal { precision: u8, scale: i8 },
    Date,
    Time,
    Timestamp,
    TimestampLocal,
    Bytes,
    Uuid,
    List(Box<Column>),
    Map(Box<MapType>),
    Struct(Vec<Column>),
}

/// A map from strings, with its parts as Arrow has them.
#[derive(Clone, Debug)]
pub(crate) struct MapType {
    pub(crate) entries: FieldRef,
    pub(crate) key: FieldRef,
    pub(crate) value: Column,
    pub(crate) sorted: bool,
}

/// One wanted field at any depth.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) field: FieldRef,
    /// Path as contracts write it: `items`, `items[]`, `items[].sku`, `tags{}`.
    pub(crate) path: Arc<str>,
    pub(crate) ty: Type,
    /// One value, for a member that is missing.
    pub(crate) default: Option<ArrayRef>,
}

impl Column {
    pub(crate) fn name(&self) -> &str {
        self.field.name()
    }

    pub(crate) fn required(&self) -> bool {
        !self.field.is_nullable()
    }
}

impl Type {
    /// The type's name in the language.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::String => "string".to_owned(),
            Self::Bool => "bool".to_owned(),
            Self::Int32 => "int32".to_owned(),
            Self::Int64 => "int64".to_owned(),
            Self::Float32 => "float32".to_owned(),
            Self::Float64 => "float64".to_owned(),
            Self::Decimal { precision, scale } => format!("decimal({precision},{scale})"),
            Self::Date => "date".to_owned(),
            Self::Time => "time".to_owned(),
            Self::Timestamp => "timestamp".to_owned(),
            Self::TimestampLocal => "timestamp_local".to_owned(),
            Self::Bytes => "bytes".to_owned(),
            Self::Uuid => "uuid".to_owned(),
            Self::List(_) => "list".to_owned(),
            Self::Map(_) => "map".to_owned(),
            Self::Struct(_) => "struct".to_owned(),
        }
    }
}

/// The tree of columns of `wanted`, without defaults (see `default`).
///
/// # Errors
/// When a type is not canonical.
pub(crate) fn compile(wanted: &Wanted) -> Result<Vec<Column>, ReadError> {
    let fields = wanted.schema.fields().iter();
    fields.map(|field| column(field, field.name().clone())).collect()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "Arrow has many types, the language few")]
fn column(field: &FieldRef, path: String) -> Result<Column, ReadError> {
    let ty = match field.data_type() {
        DataType::Utf8 => Type::String,
        DataType::Boolean => Type::Bool,
        DataType::Int32 => Type::Int32,
        DataType::Int64 => Type::Int64,
        DataType::Float32 => Type::Float32,
        DataType::Float64 => Type::Float64,
        DataType::Decimal128(precision, scale) => Type::Decimal { precision: *precision, scale: *scale },
        DataType::Date32 => Type::Date,
        DataType::Time64(TimeUnit::Microsecond) => Type::Time,
        DataType::Timestamp(TimeUnit::Microsecond, None) => Type::TimestampLocal,
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) if zone.as_ref() == "UTC" => Type::Timestamp,
        DataType::Binary => Type::Bytes,
        DataType::FixedSizeBinary(16) => Type::Uuid,
        DataType::List(item) => Type::List(Box::new(column(item, format!("{path}[]"))?)),
        DataType::Map(entries, sorted) => Type::Map(Box::new(map(entries, *sorted, &path)?)),
        DataType::Struct(members) => {
            let members = members.iter();
            let of = |member: &Arc<Field>| column(member, format!("{path}.{}", member.name()));
            Type::Struct(members.map(of).collect::<Result<_, _>>()?)
        }
        other => {
            return Err(ReadError::Unsupported(format!(
                "`{path}` has the Arrow type `{other}`, which is not one of the language"
            )));
        }
    };
    Ok(Column { field: field.clone(), path: path.into(), ty, default: None })
}

fn map(entries: &FieldRef, sorted: bool, path: &str) -> Result<MapType, ReadError> {
    if let DataType::Struct(members) = entries.data_type()
        && let [key, value] = members.as_ref()
        && key.data_type() == &DataType::Utf8
    {
        let value = column(value, format!("{path}{{}}"))?;
        return Ok(MapType { entries: entries.clone(), key: key.clone(), value, sorted });
    }
    Err(ReadError::Unsupported(format!("`{path}` is a map whose keys are not strings")))
}

/// Puts `defaults`, one value each by path, into the tree; paths that it has not stay where they are.
pub(crate) fn set_defaults(columns: &mut [Column], defaults: &mut BTreeMap<String, ArrayRef>) {
    for column in columns {
        set_default(column, defaults);
    }
}

fn set_default(column: &mut Column, defaults: &mut BTreeMap<String, ArrayRef>) {
    column.default = defaults.remove(column.path.as_ref());
    match &mut column.ty {
        Type::List(item) => set_default(item, defaults),
        Type::Map(map) => set_default(&mut map.value, defaults),
        Type::Struct(members) => set_defaults(members, defaults),
        Type::String
        | Type::Bool
        | Type::Int32
        | Type::Int64
        | Type::Float32
        | Type::Float64
        | Type::Decimal { .. }
        | Type::Date
        | Type::Time
        | Type::Timestamp
        | Type::TimestampLocal
        | Type::Bytes
        | Type::Uuid => {}
    }
}
