//! The Arrow type of each type of the language, as all of the data plane uses it.
//!
//! Takes a type of the compiler, gives Arrow's. It must not decide anything that the compiler has decided.

use std::sync::Arc;

use arrow::datatypes::{DataType as ArrowType, Field, Schema, TimeUnit};
use headwater_compiler::data_type::{DataType, Slot};
use headwater_compiler::stream::StreamType;

/// The Arrow type of values of this type.
///
/// `Unknown` is never part of a graph and is as `Null` here.
pub fn arrow_type(data_type: &DataType) -> ArrowType {
    match data_type {
        DataType::Unknown | DataType::Null => ArrowType::Null,
        DataType::String => ArrowType::Utf8,
        DataType::Bool => ArrowType::Boolean,
        DataType::Int32 => ArrowType::Int32,
        DataType::Int64 => ArrowType::Int64,
        DataType::Float32 => ArrowType::Float32,
        DataType::Float64 => ArrowType::Float64,
        DataType::Decimal { precision, scale } => {
            let scale = i8::try_from(*scale).expect("a scale is at most 38");
            ArrowType::Decimal128(*precision, scale)
        }
        DataType::Date => ArrowType::Date32,
        DataType::Time => ArrowType::Time64(TimeUnit::Microsecond),
        DataType::Timestamp => ArrowType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        DataType::TimestampLocal => ArrowType::Timestamp(TimeUnit::Microsecond, None),
        DataType::Bytes => ArrowType::Binary,
        DataType::Uuid => ArrowType::FixedSizeBinary(16),
        DataType::Interval => ArrowType::Interval(arrow::datatypes::IntervalUnit::MonthDayNano),
        DataType::List(slot) => ArrowType::List(Arc::new(slot_field("item", slot))),
        DataType::Map(slot) => {
            let key = Field::new("key", ArrowType::Utf8, false);
            let entries = ArrowType::Struct(vec![key, slot_field("value", slot)].into());
            ArrowType::Map(Arc::new(Field::new("entries", entries, false)), false)
        }
        DataType::Struct(members) => {
            let field = |member: &headwater_compiler::data_type::Member| {
                Field::new(&member.name, arrow_type(&member.data_type), member.nullable)
            };
            ArrowType::Struct(members.iter().map(field).collect())
        }
    }
}

/// The columns of a stream as an Arrow schema, with their names and whether they may be null.
pub fn arrow_schema(stream: &StreamType) -> Schema {
    let field = |column: &headwater_compiler::stream::Column| {
        Field::new(&column.name, arrow_type(&column.data_type), column.nullable)
    };
    Schema::new(stream.columns.iter().map(field).collect::<Vec<_>>())
}

fn slot_field(name: &str, slot: &Slot) -> Field {
    Field::new(name, arrow_type(&slot.data_type), slot.nullable)
}
