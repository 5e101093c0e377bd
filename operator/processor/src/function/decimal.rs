//! Decimals as whole numbers of `10^-scale`: exact arithmetic, rounded half up (away from zero) once, null where the digits do not fit.
//!
//! Takes and gives plain numbers. Scales and precisions are the compiler's; nothing here decides them.

use arrow::datatypes::i256;

/// Precision and scale of a result.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) precision: u8,
    pub(super) scale: u8,
}

/// `10^exponent`, up to 38.
pub(super) fn power(exponent: u32) -> i128 {
    10_i128.pow(exponent)
}

fn wide_power(exponent: u32) -> Option<i256> {
    i256::from_i128(10).checked_pow(exponent)
}

/// The value, if it has at most so many digits.
pub(super) fn within(value: i128, precision: u8) -> Option<i128> {
    (value.unsigned_abs() < power(u32::from(precision)).unsigned_abs()).then_some(value)
}

/// The value without its last digits, rounded half away from zero.
pub(super) fn drop_digits(value: i128, digits: u32) -> i128 {
    if digits == 0 {
        return value;
    }
    if digits > 38 {
        return 0;
    }
    divided(value, power(digits))
}

/// The quotient, rounded half away from zero; the divisor is not zero.
pub(super) fn divided(value: i128, by: i128) -> i128 {
    let (quotient, rest) = (value / by, value % by);
    // `2 * |rest| >= |by|` without overflow.
    let up = rest.unsigned_abs() >= by.unsigned_abs() - rest.unsigned_abs();
    let sign = if (value < 0) == (by < 0) { 1 } else { -1 };
    if up && rest != 0 { quotient + sign } else { quotient }
}

/// The value of one scale as one of another.
pub(super) fn rescaled(value: i128, from: u8, to: Size) -> Option<i128> {
    let value = if to.scale >= from {
        value.checked_mul(power(u32::from(to.scale - from)))?
    } else {
        drop_digits(value, u32::from(from - to.scale))
    };
    within(value, to.precision)
}

/// A wide value of one scale as a value of another.
pub(super) fn narrowed(value: i256, from: u32, to: Size) -> Option<i128> {
    let scale = u32::from(to.scale);
    let value = if scale >= from {
        value.checked_mul(wide_power(scale - from)?)?
    } else {
        wide_divided(value, wide_power(from - scale)?)?
    };
    within(value.to_i128()?, to.precision)
}

/// The quotient, rounded half away from zero.
pub(super) fn wide_divided(value: i256, by: i256) -> Option<i256> {
    let (quotient, rest) = (value.checked_div(by)?, value.checked_rem(by)?);
    let (rest_size, by_size) = (rest.wrapping_abs(), by.wrapping_abs());
    if rest == i256::ZERO || rest_size < by_size.wrapping_sub(rest_size) {
        return Some(quotient);
    }
    let same_sign = value.is_negative() == by.is_negative();
    if same_sign { quotient.checked_add(i256::ONE) } else { quotient.checked_sub(i256::ONE) }
}

/// `a + b` of two scales, `b` negated by the caller for a difference.
pub(super) fn sum(a: i128, a_scale: u8, b: i128, b_scale: u8, to: Size) -> Option<i128> {
    let scale = a_scale.max(b_scale);
    let exact = || {
        let a = a.checked_mul(power(u32::from(scale - a_scale)))?;
        a.checked_add(b.checked_mul(power(u32::from(scale - b_scale)))?)
    };
    if let Some(value) = exact() {
        return rescaled(value, scale, to);
    }
    let a = i256::from_i128(a).checked_mul(wide_power(u32::from(scale - a_scale))?)?;
    let b = i256::from_i128(b).checked_mul(wide_power(u32::from(scale - b_scale))?)?;
    narrowed(a.checked_add(b)?, u32::from(scale), to)
}

/// `a * b`; the scale of the exact product is the sum of theirs.
pub(super) fn product(a: i128, b: i128, scale: u32, to: Size) -> Option<i128> {
    if let Some(value) = a.checked_mul(b)
        && let Ok(scale) = u8::try_from(scale)
        && scale <= 38
    {
        return rescaled(value, scale, to);
    }
    narrowed(i256::from_i128(a).checked_mul(i256::from_i128(b))?, scale, to)
}

/// `a / b`, null for a divisor of zero.
pub(super) fn quotient(a: i128, a_scale: u8, b: i128, b_scale: u8, to: Size) -> Option<i128> {
    if b == 0 {
        return None;
    }
    // The result counts `10^-scale`: a * 10^(scale + b_scale - a_scale) / b.
    let shift = i32::from(to.scale) + i32::from(b_scale) - i32::from(a_scale);
    let Ok(up) = u32::try_from(shift) else {
        let by = i256::from_i128(b).checked_mul(wide_power(shift.unsigned_abs())?)?;
        return within(wide_divided(i256::from_i128(a), by)?.to_i128()?, to.precision);
    };
    if up <= 38
        && let Some(value) = a.checked_mul(power(up))
    {
        return within(divided(value, b), to.precision);
    }
    long_quotient(a, b, up).and_then(|value| within(value, to.precision))
}

/// `a * 10^up / b` digit by digit, for dividends wider than any type.
fn long_quotient(a: i128, b: i128, up: u32) -> Option<i128> {
    let negative = (a < 0) != (b < 0);
    let (a, b) = (a.unsigned_abs(), b.unsigned_abs());
    let (mut value, mut rest) = (a / b, a % b);
    for _ in 0..up {
        // A remainder is below 10^38, so ten times it fits in 128 bits without a sign only in part: divide in two steps.
        let (digit, next) = ten_times(rest, b);
        value = value.checked_mul(10)?.checked_add(digit)?;
        rest = next;
    }
    if rest >= b - rest && rest != 0 {
        value = value.checked_add(1)?;
    }
    let value = i128::try_from(value).ok()?;
    Some(if negative { -value } else { value })
}

/// Digit and remainder of `10 * rest / by`, where `rest < by` and `by` has at most 38 digits.
fn ten_times(rest: u128, by: u128) -> (u128, u128) {
    match rest.checked_mul(10) {
        Some(ten) => (ten / by, ten % by),
        None => {
            let (mut digit, mut left) = (0, 0_u128);
            for _ in 0..10 {
                left += rest;
                if left >= by {
                    left -= by;
                    digit += 1;
                }
            }
            (digit, left)
        }
    }
}

/// The remainder of the division towards zero, null for a divisor of zero.
pub(super) fn remainder(a: i128, a_scale: u8, b: i128, b_scale: u8, to: Size) -> Option<i128> {
    let scale = u32::from(a_scale.max(b_scale));
    let a = i256::from_i128(a).checked_mul(wide_power(scale - u32::from(a_scale))?)?;
    let b = i256::from_i128(b).checked_mul(wide_power(scale - u32::from(b_scale))?)?;
    if b == i256::ZERO {
        return None;
    }
    narrowed(a.checked_rem(b)?, scale, to)
}

/// The nearest double.
pub(super) fn to_float64(value: i128, scale: u8) -> f64 {
    // Both are exact as doubles, so their quotient is rounded once.
    if value.unsigned_abs() <= 1 << 53 && scale <= 22 {
        return value as f64 / 10_f64.powi(i32::from(scale));
    }
    format!("{value}e-{scale}").parse().expect("digits with an exponent are a number")
}

/// The nearest float of single precision.
pub(super) fn to_float32(value: i128, scale: u8) -> f32 {
    // Rounding a double again could miss the nearest.
    format!("{value}e-{scale}").parse().expect("digits with an exponent are a number")
}

/// Digits with a point, as many after it as the scale says.
pub(super) fn write(value: i128, scale: u8, text: &mut String) {
    use std::fmt::Write;
    if value < 0 {
        text.push('-');
    }
    let (size, unit) = (value.unsigned_abs(), power(u32::from(scale)).unsigned_abs());
    let written = if scale == 0 {
        write!(text, "{size}")
    } else {
        write!(text, "{}.{:0width$}", size / unit, size % unit, width = usize::from(scale))
    };
    written.expect("a string takes all that is written");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WIDE: Size = Size { precision: 38, scale: 6 };

    #[test]
    fn halves_go_away_from_zero() {
        let check = |value, digits, expected| assert_eq!(drop_digits(value, digits), expected, "{value}");
        check(25, 1, 3);
        check(-25, 1, -3);
        check(24, 1, 2);
        check(-1, 1, 0);
        check(i128::MAX, 39, 0);
        assert_eq!(divided(1, -2), -1);
        assert_eq!(divided(i128::MAX, i128::MAX), 1);
    }

    #[test]
    fn what_does_not_fit_is_null() {
        assert_eq!(within(99, 2), Some(99));
        assert_eq!(within(-100, 2), None);
        assert_eq!(rescaled(995, 2, Size { precision: 2, scale: 1 }), None);
        let most = power(38) - 1;
        assert_eq!(sum(most, 0, 1, 0, Size { precision: 38, scale: 0 }), None);
        assert_eq!(sum(most, 0, most, 38, Size { precision: 38, scale: 0 }), None);
        assert_eq!(quotient(1, 0, 0, 0, WIDE), None);
        assert_eq!(quotient(most, 0, 1, 38, WIDE), None);
        assert_eq!(quotient(1, 0, 3, 38, Size { precision: 38, scale: 0 }), Some(power(38) / 3));
        assert_eq!(product(most, most, 76, Size { precision: 38, scale: 6 }), Some(1_000_000));
    }

    proptest! {
        /// Small numbers agree with plain integers.
        #[test]
        fn agrees_with_integers(a in -1_000_000_i128..1_000_000, b in -1_000_000_i128..1_000_000, a_scale in 0_u8..6, b_scale in 0_u8..6) {
            let unit = power(12);
            let (wide_a, wide_b) = (a * power(u32::from(12 - a_scale)), b * power(u32::from(12 - b_scale)));
            prop_assert_eq!(sum(a, a_scale, b, b_scale, WIDE), Some(divided(wide_a + wide_b, power(6))));
            let scale = u32::from(a_scale + b_scale);
            prop_assert_eq!(product(a, b, scale, WIDE), Some(divided(wide_a * wide_b, unit * power(6))));
            if b != 0 {
                prop_assert_eq!(quotient(a, a_scale, b, b_scale, WIDE), Some(divided(wide_a * power(6), wide_b)));
                prop_assert_eq!(remainder(a, a_scale, b, b_scale, Size { precision: 38, scale: 12 }), Some(wide_a % wide_b));
            }
        }

        /// The long way gives what the short way gives.
        #[test]
        fn the_long_way_agrees(a in -1_000_000_000_000_i128..1_000_000_000_000, b in 1_i128..1_000_000_000_000, up in 0_u32..20) {
            prop_assert_eq!(long_quotient(a, b, up), Some(divided(a * power(up), b)));
        }

        #[test]
        fn doubles_are_the_nearest(value in any::<i128>().prop_map(|v| v % power(38)), scale in 0_u8..=38) {
            let text = format!("{value}e-{scale}");
            prop_assert_eq!(Some(to_float64(value, scale)), text.parse().ok());
        }
    }
}
