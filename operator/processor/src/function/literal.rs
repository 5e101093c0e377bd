//! Takes a constant of the graph and its type; gives the columnar engine's constant.

use datafusion::common::{Result, ScalarValue, internal_err};
use headwater_compiler::data_type::DataType;
use headwater_compiler::expr::Literal;

use crate::engine::arrow_type;

/// The constant as a scalar of exactly the Arrow type of its type.
pub(super) fn scalar(literal: &Literal, data_type: &DataType) -> Result<ScalarValue> {
    let value = match (literal, data_type) {
        (Literal::Null, _) => ScalarValue::try_from(arrow_type(data_type))?,
        (Literal::Bool(value), DataType::Bool) => ScalarValue::Boolean(Some(*value)),
        (Literal::Int(value), DataType::Int32) => match i32::try_from(*value) {
            Ok(value) => ScalarValue::Int32(Some(value)),
            Err(_) => return internal_err!("{value} is no int32"),
        },
        (Literal::Int(value), DataType::Int64) => ScalarValue::Int64(Some(*value)),
        (Literal::Float(bits), DataType::Float64) => ScalarValue::Float64(Some(f64::from_bits(*bits))),
        (Literal::Float(bits), DataType::Float32) => ScalarValue::Float32(Some(f64::from_bits(*bits) as f32)),
        (Literal::Decimal(value), DataType::Decimal { precision, scale }) => {
            let scale = i8::try_from(*scale).expect("a scale is at most 38");
            ScalarValue::Decimal128(Some(*value), *precision, scale)
        }
        (Literal::String(text), DataType::String) => ScalarValue::Utf8(Some(text.clone())),
        (Literal::Bytes(bytes), DataType::Bytes) => ScalarValue::Binary(Some(bytes.clone())),
        (Literal::Bytes(bytes), DataType::Uuid) => ScalarValue::FixedSizeBinary(16, Some(bytes.clone())),
        (Literal::Date(days), DataType::Date) => ScalarValue::Date32(Some(*days)),
        (Literal::Time(micros), DataType::Time) => ScalarValue::Time64Microsecond(Some(*micros)),
        (Literal::Timestamp(micros), DataType::Timestamp) => {
            ScalarValue::TimestampMicrosecond(Some(*micros), Some("UTC".into()))
        }
        (Literal::Timestamp(micros), DataType::TimestampLocal) => {
            ScalarValue::TimestampMicrosecond(Some(*micros), None)
        }
        _ => return internal_err!("a constant {literal:?} of type {data_type}"),
    };
    Ok(value)
}
