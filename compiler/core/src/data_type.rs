//! The types of values: noun file.
//!
//! One list for all engines; `docs/types.md` maps each to Avro, JSON Schema, Protobuf, Arrow, Flink SQL, Iceberg and Delta.

use std::fmt;

use serde::Serialize;

/// Type of a value, without its nullability.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum DataType {
    /// Stands for the type of something that already has a diagnostic: fits everywhere, so that one cause gives one message.
    Unknown,
    /// Type of the literal `NULL` alone: fits every nullable place.
    Null,
    /// Unicode text; compares by code point.
    String,
    /// True or false.
    Bool,
    /// Signed, 32 bits.
    Int32,
    /// Signed, 64 bits.
    Int64,
    /// IEEE 754 single precision; NaN equals NaN and sorts last.
    Float32,
    /// IEEE 754 double precision; NaN equals NaN and sorts last.
    Float64,
    /// Exact decimal number.
    Decimal {
        /// Digits in all, 1 to 38.
        precision: u8,
        /// Digits after the point, at most `precision`.
        scale: u8,
    },
    /// Day of the proleptic Gregorian calendar.
    Date,
    /// Time of day in microseconds.
    Time,
    /// Instant in microseconds since 1970-01-01T00:00:00Z.
    Timestamp,
    /// Date and time of day in microseconds, of no stated zone.
    TimestampLocal,
    /// Bytes of any length.
    Bytes,
    /// 128-bit identifier (RFC 9562).
    Uuid,
    /// Span of time of an `INTERVAL` literal; only inside expressions, never a column's type.
    Interval,
    /// Elements in order.
    List(Box<Slot>),
    /// Values by string key.
    Map(Box<Slot>),
    /// Named members in order.
    Struct(Vec<Member>),
}

/// What a list or a map holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Slot {
    /// Type of each element or value.
    pub data_type: DataType,
    /// Whether an element or value may be null.
    pub nullable: bool,
}

/// One member of a struct.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// Its name, case-sensitive.
    pub name: String,
    /// Its type.
    pub data_type: DataType,
    /// Whether it may be null.
    pub nullable: bool,
}

impl DataType {
    /// Whether this already has a diagnostic and so must not cause another.
    pub fn is_unknown(&self) -> bool {
        *self == DataType::Unknown
    }

    /// Whether arithmetic is defined on it.
    pub fn is_numeric(&self) -> bool {
        matches!(
            self,
            DataType::Int32
                | DataType::Int64
                | DataType::Float32
                | DataType::Float64
                | DataType::Decimal { .. }
                | DataType::Unknown
        )
    }

    /// Whether it is made of other types.
    pub fn is_nested(&self) -> bool {
        matches!(self, DataType::List(_) | DataType::Map(_) | DataType::Struct(_))
    }
}

/// As written in contracts: `decimal(12,2)`; nested types as `list<string>`, `map<int64>`, `struct<a string, b int64>`.
impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            DataType::Unknown => "unknown",
            DataType::Null => "null",
            DataType::String => "string",
            DataType::Bool => "bool",
            DataType::Int32 => "int32",
            DataType::Int64 => "int64",
            DataType::Float32 => "float32",
            DataType::Float64 => "float64",
            DataType::Date => "date",
            DataType::Time => "time",
            DataType::Timestamp => "timestamp",
            DataType::TimestampLocal => "timestamp_local",
            DataType::Bytes => "bytes",
            DataType::Uuid => "uuid",
            DataType::Interval => "interval",
            DataType::Decimal { precision, scale } => return write!(f, "decimal({precision},{scale})"),
            DataType::List(slot) => return write!(f, "list<{}>", slot.data_type),
            DataType::Map(slot) => return write!(f, "map<{}>", slot.data_type),
            DataType::Struct(members) => {
                let inside: Vec<_> = members.iter().map(|m| format!("{} {}", m.name, m.data_type)).collect();
                return write!(f, "struct<{}>", inside.join(", "));
            }
        };
        f.write_str(name)
    }
}
