//! Converts one column of plain values to a canonical type without loss.
//!
//! Takes an Arrow array that is not text or wanted as text, gives an array of the type and the places where a value was lost,
//! or nothing when the types do not fit at all. Instants stay instants and local times stay local.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Int64Type, TimeUnit, TimestampMicrosecondType, TimestampNanosecondType};

use super::column::Type;
use super::error::ReadError;

/// A converted column.
pub(crate) struct Converted {
    pub(crate) array: ArrayRef,
    /// Places at which the type can't hold the value, and why.
    pub(crate) lost: Vec<(usize, &'static str)>,
}

/// How one type becomes another.
enum Way {
    /// Each value fits, or is outside of the type's range.
    Cast,
    /// A value may have digits that the type has not.
    Exact,
    /// Nanoseconds to microseconds, downwards.
    Floor,
}

/// Converts `array`; `None` when its type does not fit `ty`.
pub(crate) fn convert(ty: &Type, array: &ArrayRef) -> Result<Option<Converted>, ReadError> {
    let Some((target, way)) = way(ty, array.data_type()) else {
        return Ok(None);
    };
    if array.data_type() == &target {
        return Ok(Some(Converted { array: array.clone(), lost: Vec::new() }));
    }
    let safe = CastOptions { safe: true, ..CastOptions::default() };
    let converted = match way {
        Way::Floor => floor(array, &target),
        Way::Cast | Way::Exact => cast_with_options(array, &target, &safe)?,
    };
    let mut lost = new_nulls(array, &converted, "outside the range of the type");
    if let Way::Exact = way {
        let back = cast_with_options(&converted, array.data_type(), &safe)?;
        let differ = arrow::compute::kernels::cmp::neq(array, &back)?;
        let places = differ.iter().enumerate().filter(|(_, differs)| *differs == Some(true));
        lost.extend(places.map(|(at, _)| (at, "more digits after the point than the type has")));
        lost.sort_unstable();
    }
    Ok(Some(Converted { array: converted, lost }))
}

/// Whether values of `source` can become values of `ty`.
pub(crate) fn fits(ty: &Type, source: &DataType) -> bool {
    way(ty, source).is_some()
}

/// The Arrow type of `ty` and how values of `source` get there.
fn way(ty: &Type, source: &DataType) -> Option<(DataType, Way)> {
    use DataType as D;
    let whole_32 = |t: &D| matches!(t, D::Int8 | D::Int16 | D::Int32 | D::UInt8 | D::UInt16 | D::UInt32);
    let whole = |t: &D| whole_32(t) || matches!(t, D::Int64 | D::UInt64);
    let micros = TimeUnit::Microsecond;
    Some(match (ty, source) {
        (Type::String, D::Utf8 | D::LargeUtf8 | D::Utf8View) => (D::Utf8, Way::Cast),
        (Type::Bool, D::Boolean) => (D::Boolean, Way::Cast),
        (Type::Int32, t) if whole(t) => (D::Int32, Way::Cast),
        (Type::Int64, t) if whole(t) => (D::Int64, Way::Cast),
        (Type::Float32, D::Float16 | D::Float32 | D::Int8 | D::Int16 | D::UInt8 | D::UInt16) => {
            (D::Float32, Way::Cast)
        }
        (Type::Float64, D::Float16 | D::Float32 | D::Float64) => (D::Float64, Way::Cast),
        (Type::Float64, t) if whole_32(t) => (D::Float64, Way::Cast),
        (Type::Decimal { precision, scale }, t) if whole(t) => (D::Decimal128(*precision, *scale), Way::Cast),
        (
            Type::Decimal { precision, scale },
            D::Decimal32(..) | D::Decimal64(..) | D::Decimal128(..) | D::Decimal256(..),
        ) => (D::Decimal128(*precision, *scale), Way::Exact),
        (Type::Date, D::Date32 | D::Date64) => (D::Date32, Way::Cast),
        (Type::Time, D::Time32(_) | D::Time64(_)) => (D::Time64(micros), Way::Cast),
        (Type::Timestamp, D::Timestamp(unit, Some(_))) => {
            (D::Timestamp(micros, Some("UTC".into())), to_micros(*unit))
        }
        (Type::TimestampLocal, D::Timestamp(unit, None)) => (D::Timestamp(micros, None), to_micros(*unit)),
        (Type::Bytes, D::Binary | D::LargeBinary | D::BinaryView | D::FixedSizeBinary(_)) => {
            (D::Binary, Way::Cast)
        }
        (Type::Uuid, D::FixedSizeBinary(16)) => (D::FixedSizeBinary(16), Way::Cast),
        (_, D::Null) => (arrow_type(ty)?, Way::Cast),
        _ => return None,
    })
}

fn to_micros(unit: TimeUnit) -> Way {
    match unit {
        TimeUnit::Nanosecond => Way::Floor,
        TimeUnit::Second | TimeUnit::Millisecond | TimeUnit::Microsecond => Way::Cast,
    }
}

/// The canonical Arrow type of a type of plain values.
fn arrow_type(ty: &Type) -> Option<DataType> {
    Some(match ty {
        Type::String => DataType::Utf8,
        Type::Bool => DataType::Boolean,
        Type::Int32 => DataType::Int32,
        Type::Int64 => DataType::Int64,
        Type::Float32 => DataType::Float32,
        Type::Float64 => DataType::Float64,
        Type::Decimal { precision, scale } => DataType::Decimal128(*precision, *scale),
        Type::Date => DataType::Date32,
        Type::Time => DataType::Time64(TimeUnit::Microsecond),
        Type::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Type::TimestampLocal => DataType::Timestamp(TimeUnit::Microsecond, None),
        Type::Bytes => DataType::Binary,
        Type::Uuid => DataType::FixedSizeBinary(16),
        Type::List(_) | Type::Map(_) | Type::Struct(_) => return None,
    })
}

/// Nanoseconds to microseconds; the library's own cast goes towards zero, which is a later instant before 1970.
fn floor(array: &ArrayRef, target: &DataType) -> ArrayRef {
    let nanos = array.as_primitive::<TimestampNanosecondType>();
    let micros: PrimitiveArray<Int64Type> = nanos.unary(|value| value.div_euclid(1000));
    let micros = micros.reinterpret_cast::<TimestampMicrosecondType>();
    if let DataType::Timestamp(_, Some(zone)) = target {
        return Arc::new(micros.with_timezone(zone.clone()));
    }
    Arc::new(micros)
}

/// Places that are null now and were not.
fn new_nulls(before: &ArrayRef, after: &ArrayRef, why: &'static str) -> Vec<(usize, &'static str)> {
    if after.null_count() == before.logical_null_count() {
        return Vec::new();
    }
    let nulls = before.logical_nulls();
    let was = |at: &usize| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(*at));
    (0..after.len()).filter(|at| after.is_null(*at)).filter(was).map(|at| (at, why)).collect()
}
