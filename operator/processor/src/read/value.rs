//! Text to number, truth value, bytes and uuid: one strict rule for each type, shared by all text formats.
//!
//! Takes the bytes of one value, gives the value or why it is not one. Never rounds a decimal, never wraps, never trims.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Why text is not a value of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is not written as the type's values are.
    Form,
    /// It is, but the type can't hold it: the reason completes "does not fit".
    Range(&'static str),
}

const TOO_LARGE: Fault = Fault::Range("outside the range of the type");

/// A signed whole number: an optional sign and digits.
pub(crate) fn int64(text: &[u8]) -> Result<i64, Fault> {
    let (negative, digits) = sign(text);
    if digits.is_empty() {
        return Err(Fault::Form);
    }
    if digits.len() <= 18 {
        let mut value = 0_i64;
        for byte in digits {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return Err(Fault::Form);
            }
            value = value * 10 + i64::from(digit);
        }
        return Ok(if negative { -value } else { value });
    }
    if !digits.iter().all(u8::is_ascii_digit) {
        return Err(Fault::Form);
    }
    let mut value = 0_i64;
    for byte in digits {
        // Downwards, because the lowest value has no positive counterpart.
        value = value.checked_mul(10).and_then(|v| v.checked_sub(i64::from(byte - b'0'))).ok_or(TOO_LARGE)?;
    }
    if negative { Ok(value) } else { value.checked_neg().ok_or(TOO_LARGE) }
}

/// As [`int64`], in 32 bits.
pub(crate) fn int32(text: &[u8]) -> Result<i32, Fault> {
    int64(text).and_then(|value| i32::try_from(value).map_err(|_| TOO_LARGE))
}

/// A decimal or scientific number, or one of `NaN`, `Infinity`, `-Infinity`; the nearest value is taken.
pub(crate) fn float64(text: &[u8]) -> Result<f64, Fault> {
    match text {
        b"NaN" => return Ok(f64::NAN),
        b"Infinity" | b"+Infinity" => return Ok(f64::INFINITY),
        b"-Infinity" => return Ok(f64::NEG_INFINITY),
        _ => {}
    }
    let value: f64 = finite_form(text)?.parse().map_err(|_| Fault::Form)?;
    if value.is_finite() { Ok(value) } else { Err(TOO_LARGE) }
}

/// As [`float64`], in 32 bits.
pub(crate) fn float32(text: &[u8]) -> Result<f32, Fault> {
    match text {
        b"NaN" => return Ok(f32::NAN),
        b"Infinity" | b"+Infinity" => return Ok(f32::INFINITY),
        b"-Infinity" => return Ok(f32::NEG_INFINITY),
        _ => {}
    }
    let value: f32 = finite_form(text)?.parse().map_err(|_| Fault::Form)?;
    if value.is_finite() { Ok(value) } else { Err(TOO_LARGE) }
}

/// The text if it has only the bytes of a finite number: the library's parser also takes `inf` and `nan`.
fn finite_form(text: &[u8]) -> Result<&str, Fault> {
    let allowed = |b: &u8| matches!(b, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E');
    if text.iter().all(allowed) {
        std::str::from_utf8(text).map_err(|_| Fault::Form)
    } else {
        Err(Fault::Form)
    }
}

/// `true`, `True` or `TRUE`, and the same of false.
pub(crate) fn boolean(text: &[u8]) -> Result<bool, Fault> {
    match text {
        b"true" | b"True" | b"TRUE" => Ok(true),
        b"false" | b"False" | b"FALSE" => Ok(false),
        _ => Err(Fault::Form),
    }
}

/// A decimal number as a whole number of `10^-scale`, exactly: digits that do not fit are an error, trailing zeros are not digits.
pub(crate) fn decimal(text: &[u8], precision: u8, scale: i8) -> Result<i128, Fault> {
    const FRACTION: Fault = Fault::Range("more digits after the point than the type has");
    const WHOLE: Fault = Fault::Range("more digits than the type has");
    let (negative, unsigned) = sign(text);
    let (digits, exponent) = exponent(unsigned)?;
    let mut value = 0_i128;
    let mut point = None;
    let mut seen = 0_usize;
    let mut full = false;
    let mut zeros = 0_i64;
    for (at, byte) in digits.iter().enumerate() {
        match byte {
            b'.' if point.is_none() => point = Some(at),
            b'0'..=b'9' => {
                seen += 1;
                if *byte == b'0' {
                    zeros += 1;
                    continue;
                }
                value = shift(value, zeros + 1).unwrap_or_else(|| {
                    full = true;
                    0
                });
                value += i128::from(byte - b'0');
                zeros = 0;
            }
            _ => return Err(Fault::Form),
        }
    }
    if seen == 0 {
        return Err(Fault::Form);
    }
    if full {
        return Err(WHOLE);
    }
    if value == 0 {
        return Ok(0);
    }
    let after = point.map_or(0, |at| (digits.len() - at - 1) as i64);
    // The value is `value * 10^(zeros - after + exponent)`.
    let up = i64::from(scale) + zeros - after + exponent;
    if up < 0 {
        return Err(FRACTION);
    }
    let value = shift(value, up).ok_or(WHOLE)?;
    if value >= 10_i128.pow(u32::from(precision)) {
        return Err(WHOLE);
    }
    Ok(if negative { -value } else { value })
}

/// `value * 10^by`, if it fits.
fn shift(value: i128, by: i64) -> Option<i128> {
    if value == 0 {
        return Some(0);
    }
    let power = 10_i128.checked_pow(u32::try_from(by).ok()?)?;
    value.checked_mul(power)
}

/// Splits `12.5e3` into `12.5` and 3.
fn exponent(text: &[u8]) -> Result<(&[u8], i64), Fault> {
    match memchr::memchr2(b'e', b'E', text) {
        None => Ok((text, 0)),
        Some(at) => match int64(&text[at + 1..]) {
            Ok(value) if value.abs() <= 10_000 => Ok((&text[..at], value)),
            Ok(_) | Err(Fault::Range(_)) => Err(TOO_LARGE),
            Err(Fault::Form) => Err(Fault::Form),
        },
    }
}

/// Standard base64 with padding.
pub(crate) fn bytes(text: &[u8], into: &mut Vec<u8>) -> Result<(), Fault> {
    STANDARD.decode_vec(text, into).map_err(|_| Fault::Form)
}

/// A uuid in its hyphenated form, in either case.
pub(crate) fn uuid(text: &[u8]) -> Result<[u8; 16], Fault> {
    if text.len() != 36 {
        return Err(Fault::Form);
    }
    match uuid::Uuid::try_parse_ascii(text) {
        Ok(value) => Ok(value.into_bytes()),
        Err(_) => Err(Fault::Form),
    }
}

fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use super::*;

    #[track_caller]
    fn check<T: Debug>(parse: impl Fn(&[u8]) -> Result<T, Fault>, cases: &[(&str, &str)]) {
        for (text, expected) in cases {
            let found = match parse(text.as_bytes()) {
                Ok(value) => format!("{value:?}"),
                Err(Fault::Form) => "form".to_owned(),
                Err(Fault::Range(_)) => "range".to_owned(),
            };
            assert_eq!(&found, expected, "of `{text}`");
        }
    }

    #[test]
    fn integers() {
        let form =
            ["", "-", "+", "1.0", "1e3", " 1", "1 ", "0x1", "--1", "1_000", "１", "99999999999999999999x"];
        check(int64, &form.map(|text| (text, "form")));
        check(
            int64,
            &[
                ("0", "0"),
                ("-0", "0"),
                ("+7", "7"),
                ("007", "7"),
                ("-9223372036854775808", "-9223372036854775808"),
                ("9223372036854775807", "9223372036854775807"),
                ("00000000000000000000000001", "1"),
                ("9223372036854775808", "range"),
                ("-9223372036854775809", "range"),
                ("99999999999999999999", "range"),
            ],
        );
        check(int32, &[("2147483647", "2147483647"), ("2147483648", "range"), ("-2147483649", "range")]);
    }

    #[test]
    fn floats() {
        check(
            float64,
            &[
                ("1", "1.0"),
                ("-1.5e3", "-1500.0"),
                (".5", "0.5"),
                ("NaN", "NaN"),
                ("Infinity", "inf"),
                ("-Infinity", "-inf"),
                ("1e400", "range"),
                ("inf", "form"),
                ("nan", "form"),
                ("", "form"),
                ("e", "form"),
                ("1,5", "form"),
                (" 1", "form"),
            ],
        );
        check(float32, &[("0.1", "0.1"), ("1e39", "range"), ("infinity", "form")]);
    }

    #[test]
    fn decimals_are_exact() {
        let parse = |text: &[u8]| decimal(text, 5, 2);
        check(
            parse,
            &[
                ("1", "100"),
                ("-1.5", "-150"),
                ("1.230000", "123"),
                ("999.99", "99999"),
                ("0.001", "range"),
                ("1000", "range"),
                ("1e2", "10000"),
                ("12345e-2", "12345"),
                ("1e3", "range"),
                ("0e9999", "0"),
                ("1e99999", "range"),
                ("000000000000000000000000000000000000000000001", "100"),
                ("1000000000000000000000000000000000000000000000e-45", "100"),
                (".5", "50"),
                ("5.", "500"),
                ("", "form"),
                (".", "form"),
                ("1.2.3", "form"),
                ("1e", "form"),
                ("1e1.5", "form"),
                ("NaN", "form"),
            ],
        );
        let wide = |text: &[u8]| decimal(text, 38, 0);
        let largest = "99999999999999999999999999999999999999";
        check(wide, &[(largest, largest), ("100000000000000000000000000000000000000", "range")]);
        check(wide, &[("123456789012345678901234567890123456789012345", "range")]);
    }

    #[test]
    fn the_rest() {
        check(
            boolean,
            &[("true", "true"), ("FALSE", "false"), ("t", "form"), ("1", "form"), ("tRue", "form")],
        );
        let base64 = |text: &[u8]| {
            let mut into = b"x".to_vec();
            bytes(text, &mut into).map(|()| into)
        };
        check(
            base64,
            &[("", "[120]"), ("AQI=", "[120, 1, 2]"), ("AQI", "form"), ("A", "form"), ("_w==", "form")],
        );
        let id = |text: &[u8]| uuid(text).map(|bytes| (bytes[0], bytes[15]));
        check(
            id,
            &[
                ("67E55044-10b1-426f-9247-bb680e5fe0c8", "(103, 200)"),
                ("67e5504410b1426f9247bb680e5fe0c8", "form"),
                ("{67e55044-10b1-426f-9247-bb680e5fe0c8}", "form"),
                ("67e55044-10b1-426f-9247-bb680e5fe0cg", "form"),
            ],
        );
    }
}
