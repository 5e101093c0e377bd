//! Whether two values are the same: exactly, but for floating-point numbers, whose last digits depend on the order of adding.
//!
//! Takes two arrays of one type and a place in each. It must not convert anything.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Float32Type, Float64Type};

/// Two `float64` are the same if they differ by at most this share of the larger one.
pub const FLOAT64_SHARE: f64 = 1e-9;

/// Two `float32` are the same if they differ by at most this share of the larger one.
pub const FLOAT32_SHARE: f64 = 1e-5;

/// Two floating-point numbers are the same if they differ by at most this.
pub const FLOAT_DISTANCE: f64 = 1e-12;

/// Whether the values are the same; null is the same as null, `NaN` as `NaN`, and a map has no order.
pub(super) fn same(left: &ArrayRef, at: usize, right: &ArrayRef, other: usize) -> bool {
    if left.is_null(at) || right.is_null(other) {
        return left.is_null(at) && right.is_null(other);
    }
    if let (Some(a), Some(b)) =
        (left.as_primitive_opt::<Float64Type>(), right.as_primitive_opt::<Float64Type>())
    {
        return close(a.value(at), b.value(other), FLOAT64_SHARE);
    }
    if let (Some(a), Some(b)) =
        (left.as_primitive_opt::<Float32Type>(), right.as_primitive_opt::<Float32Type>())
    {
        return close(f64::from(a.value(at)), f64::from(b.value(other)), FLOAT32_SHARE);
    }
    if let (Some(a), Some(b)) = (left.as_list_opt::<i32>(), right.as_list_opt::<i32>()) {
        let (a, b) = (a.value(at), b.value(other));
        return a.len() == b.len() && (0..a.len()).all(|item| same(&a, item, &b, item));
    }
    if let (Some(a), Some(b)) = (left.as_struct_opt(), right.as_struct_opt()) {
        return a.columns().iter().zip(b.columns()).all(|(a, b)| same(a, at, b, other));
    }
    if let (Some(a), Some(b)) = (left.as_map_opt(), right.as_map_opt()) {
        let (a, b) = (a.value(at), b.value(other));
        let ((keys, values), (others, theirs)) = ((a.column(0), a.column(1)), (b.column(0), b.column(1)));
        let has = |entry: usize| {
            (0..b.len()).any(|one| same(keys, entry, others, one) && same(values, entry, theirs, one))
        };
        return a.len() == b.len() && (0..a.len()).all(has);
    }
    left.slice(at, 1).to_data() == right.slice(other, 1).to_data()
}

/// Whether values of this type can be the same without being written the same.
pub(super) fn is_loose(data_type: &DataType) -> bool {
    if let DataType::List(item) = data_type {
        return is_loose(item.data_type());
    }
    if let DataType::Struct(members) = data_type {
        return members.iter().any(|member| is_loose(member.data_type()));
    }
    matches!(data_type, DataType::Float32 | DataType::Float64 | DataType::Map(..))
}

fn close(a: f64, b: f64, share: f64) -> bool {
    // Equal covers the infinities, whose difference is no number.
    a == b || (a.is_nan() && b.is_nan()) || {
        let distance = (a - b).abs();
        distance.is_finite() && distance <= FLOAT_DISTANCE.max(share * a.abs().max(b.abs()))
    }
}

#[cfg(test)]
mod tests {
    use super::{FLOAT64_SHARE, close};

    fn check(a: f64, b: f64, expected: bool) {
        assert_eq!(close(a, b, FLOAT64_SHARE), expected, "{a} and {b}");
    }

    #[test]
    fn the_last_digits_mean_nothing() {
        check(0.1 + 0.2, 0.3, true);
        check(1e300, 1e300 * (1.0 + 1e-12), true);
        check(0.0, 1e-13, true);
        check(1.0, 1.0001, false);
        check(0.0, 1e-6, false);
        check(f64::NAN, f64::NAN, true);
        check(f64::NAN, 0.0, false);
        check(f64::INFINITY, f64::INFINITY, true);
        check(f64::INFINITY, f64::NEG_INFINITY, false);
        check(f64::INFINITY, 1e308, false);
    }
}
