//! Floats as the shortest decimal digits that read back as the same float.
//!
//! Takes floats; gives text in Java's form (`1.0`, `1.0E10`), roundings of the decimal that is shown, and decimals.

use super::decimal::{self, Size};

/// A finite float as `0.DIGITS * 10^point`.
pub(super) struct Shown {
    negative: bool,
    digits: Vec<u8>,
    point: i32,
}

/// Digits of a finite float, from its scientific form.
fn shown(scientific: &str) -> Shown {
    let (negative, unsigned) = match scientific.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, scientific),
    };
    let (mantissa, exponent) = unsigned.split_once('e').expect("a scientific form has an exponent");
    let digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
    let exponent: i32 = exponent.parse().expect("an exponent is a number");
    Shown { negative, digits, point: exponent + 1 }
}

/// Digits of a finite double.
pub(super) fn of_float64(value: f64) -> Shown {
    shown(&format!("{value:e}"))
}

/// Digits of a finite float of single precision.
pub(super) fn of_float32(value: f32) -> Shown {
    shown(&format!("{value:e}"))
}

/// A double as Java writes it.
pub(super) fn write_float64(value: f64, text: &mut String) {
    match special(value) {
        Some(word) => text.push_str(word),
        None => write(&of_float64(value), text),
    }
}

/// A float of single precision as Java writes it.
pub(super) fn write_float32(value: f32, text: &mut String) {
    match special(f64::from(value)) {
        Some(word) => text.push_str(word),
        None => write(&of_float32(value), text),
    }
}

fn special(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("NaN")
    } else if value.is_infinite() {
        Some(if value > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        None
    }
}

/// Plain from a thousandth to below ten millions, otherwise with an exponent.
fn write(shown: &Shown, text: &mut String) {
    let digits = std::str::from_utf8(&shown.digits).expect("digits are ASCII");
    let is_zero = digits.bytes().all(|digit| digit == b'0');
    if shown.negative {
        text.push('-');
    }
    if is_zero {
        text.push_str("0.0");
    } else if (-2..=7).contains(&shown.point) {
        match usize::try_from(shown.point) {
            Ok(point) if point > 0 => {
                let (whole, after) = digits.split_at(point.min(digits.len()));
                text.push_str(whole);
                text.extend(std::iter::repeat_n('0', point - whole.len()));
                text.push('.');
                text.push_str(if after.is_empty() { "0" } else { after });
            }
            _ => {
                text.push_str("0.");
                text.extend(std::iter::repeat_n('0', shown.point.unsigned_abs() as usize));
                text.push_str(digits);
            }
        }
    } else {
        text.push_str(&digits[..1]);
        text.push('.');
        text.push_str(if digits.len() > 1 { &digits[1..] } else { "0" });
        text.push('E');
        text.push_str(&(shown.point - 1).to_string());
    }
}

impl Shown {
    /// The digits kept so many after the point, and whether what is dropped is a half or more; none if nothing is dropped.
    fn cut(&self, after: i32) -> Option<(&[u8], bool)> {
        let kept = self.point + after;
        match usize::try_from(kept) {
            Ok(kept) if kept >= self.digits.len() => None,
            Ok(kept) => Some((&self.digits[..kept], self.digits[kept] >= b'5')),
            Err(_) => Some((&[], false)),
        }
    }

    /// As text that reads as a float: so many digits after the point, rounded half away from zero or cut.
    fn rounded(&self, after: i32, up: bool) -> Option<String> {
        let (kept, half) = self.cut(after)?;
        let mut whole: i128 = digits_value(kept);
        if half && up {
            whole += 1;
        }
        let sign = if self.negative { "-" } else { "" };
        Some(format!("{sign}{whole}e{}", -after))
    }

    /// As a whole number of `10^-scale`, rounded half away from zero.
    pub(super) fn to_decimal(&self, size: Size) -> Option<i128> {
        let scale = i32::from(size.scale);
        let value = match self.cut(scale) {
            Some((kept, half)) => digits_value(kept) + i128::from(half),
            None => {
                let zeros =
                    u32::try_from(self.point + scale).ok()? - u32::try_from(self.digits.len()).ok()?;
                digits_value(&self.digits).checked_mul(10_i128.checked_pow(zeros)?)?
            }
        };
        let value = decimal::within(value, size.precision)?;
        Some(if self.negative { -value } else { value })
    }
}

/// A float has at most 17 digits.
fn digits_value(digits: &[u8]) -> i128 {
    digits.iter().fold(0, |value, digit| value * 10 + i128::from(digit - b'0'))
}

/// The nearest number with so many digits after the point, by the digits that are shown.
pub(super) fn round_float64(value: f64, after: i32, up: bool) -> f64 {
    if !value.is_finite() {
        return value;
    }
    match of_float64(value).rounded(after, up) {
        Some(text) => text.parse().expect("digits with an exponent are a number"),
        None => value,
    }
}

/// The same of single precision.
pub(super) fn round_float32(value: f32, after: i32, up: bool) -> f32 {
    if !value.is_finite() {
        return value;
    }
    match of_float32(value).rounded(after, up) {
        Some(text) => text.parse().expect("digits with an exponent are a number"),
        None => value,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(value: f64, expected: &str) {
        let mut text = String::new();
        write_float64(value, &mut text);
        assert_eq!(text, expected);
    }

    #[test]
    fn floats_are_written_as_in_java() {
        check(0.0, "0.0");
        check(-0.0, "-0.0");
        check(1.0, "1.0");
        check(100.0, "100.0");
        check(1234567.0, "1234567.0");
        check(1e7, "1.0E7");
        check(1.5e10, "1.5E10");
        check(0.001, "0.001");
        check(0.00123, "0.00123");
        check(0.0001, "1.0E-4");
        check(123.456, "123.456");
        check(-9.223372036854776e18, "-9.223372036854776E18");
        check(f64::NAN, "NaN");
        check(f64::NEG_INFINITY, "-Infinity");
        check(5e-324, "5.0E-324");
        let mut text = String::new();
        write_float32(0.1, &mut text);
        assert_eq!(text, "0.1");
    }

    #[test]
    fn roundings_are_of_what_is_shown() {
        assert_eq!(round_float64(2.675, 2, true), 2.68);
        assert_eq!(round_float64(-2.5, 0, true), -3.0);
        assert_eq!(round_float64(2.675, 2, false), 2.67);
        assert_eq!(round_float64(1250.0, -2, true), 1300.0);
        assert_eq!(round_float64(0.4, -2, true), 0.0);
        assert_eq!(round_float64(0.05, 1, true), 0.1);
        assert_eq!(round_float64(1e300, 2, true), 1e300);
        let to_decimal = |value, precision, scale| of_float64(value).to_decimal(Size { precision, scale });
        assert_eq!(to_decimal(2.675, 5, 2), Some(268));
        assert_eq!(to_decimal(1e30, 38, 2), Some(100_000_000_000_000_000_000_000_000_000_000));
        assert_eq!(to_decimal(1e38, 38, 0), None);
        assert_eq!(to_decimal(1e300, 38, 0), None);
        assert_eq!(to_decimal(1e-300, 38, 38), Some(0));
    }

    proptest! {
        #[test]
        fn text_reads_back(value in any::<f64>()) {
            let mut text = String::new();
            write_float64(value, &mut text);
            if value.is_finite() {
                prop_assert_eq!(text.parse::<f64>().map(f64::to_bits), Ok(value.to_bits()));
            }
        }
    }
}
