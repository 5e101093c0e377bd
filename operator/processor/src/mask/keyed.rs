//! Deterministic keyed masks: `hmac` and `tokenize`. Equal values stay equal under one version of a key, and nothing else is told.
//!
//! Takes a column of text or bytes and a key, gives a column of text; null stays null.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray, StringBuilder};
use arrow::datatypes::DataType;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::error::MaskError;
use super::key::Key;

/// How an HMAC is written as text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HmacText {
    /// 64 small hexadecimal digits.
    #[default]
    Hex,
    /// 43 characters of the alphabet for URLs, without padding.
    Base64Url,
}

/// Characters of a token after its version: as many as 128 bits need in base 62.
pub const TOKEN_DIGITS: usize = 22;

/// HMAC-SHA-256 (RFC 2104) of each value under the key's own bytes, so that others who hold the key can compute it too.
///
/// # Errors
/// When the column holds neither text nor bytes.
pub fn hmac(input: &ArrayRef, key: &Key, text: HmacText) -> Result<ArrayRef, MaskError> {
    let keyed = mac(key.bytes());
    map_bytes("hmac", input, |value, into| {
        let digest = digest(&keyed, value);
        match text {
            HmacText::Hex => into.push_str(&hex::encode(digest)),
            HmacText::Base64Url => URL_SAFE_NO_PAD.encode_string(digest, into),
        }
        Ok(())
    })
}

/// A token for each value: `t`, the key's version, and 22 letters and digits (128 bits in base 62).
///
/// The bits are the first of an HMAC-SHA-256 under a key derived for tokens alone, so tokens and `hmac` under one key
/// can't be told to be of the same value.
///
/// # Errors
/// When the column holds neither text nor bytes.
pub fn tokenize(input: &ArrayRef, key: &Key) -> Result<ArrayRef, MaskError> {
    let keyed = mac(key.derive(b"", "headwater/token").as_ref());
    let prefix = format!("t{}", key.version);
    map_bytes("tokenize", input, |value, into| {
        let digest = digest(&keyed, value);
        let (first, _) = digest.split_first_chunk::<16>().expect("a digest has 32 bytes");
        into.push_str(&prefix);
        push_base62(u128::from_be_bytes(*first), into);
        Ok(())
    })
}

pub(crate) fn mac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

pub(crate) fn digest(keyed: &Hmac<Sha256>, value: &[u8]) -> [u8; 32] {
    let mut mac = keyed.clone();
    mac.update(value);
    mac.finalize().into_bytes().into()
}

fn push_base62(mut value: u128, into: &mut String) {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut digits = [b'0'; TOKEN_DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(value % 62) as usize];
        value /= 62;
    }
    into.extend(digits.map(char::from));
}

/// Text made of each value's bytes.
pub(crate) fn map_bytes(
    mask: &'static str,
    input: &ArrayRef,
    mut make: impl FnMut(&[u8], &mut String) -> Result<(), MaskError>,
) -> Result<ArrayRef, MaskError> {
    let mut masked = StringBuilder::with_capacity(input.len(), input.len() * 64);
    let mut text = String::new();
    for row in 0..input.len() {
        if input.is_null(row) {
            masked.append_null();
            continue;
        }
        text.clear();
        make(value(mask, input, row)?, &mut text)?;
        masked.append_value(&text);
    }
    let masked: StringArray = masked.finish();
    Ok(Arc::new(masked))
}

/// The bytes of one value that is not null.
pub(crate) fn value<'a>(mask: &'static str, input: &'a ArrayRef, row: usize) -> Result<&'a [u8], MaskError> {
    if let Some(text) = input.as_string_opt::<i32>() {
        return Ok(text.value(row).as_bytes());
    }
    match input.as_binary_opt::<i32>() {
        Some(bytes) => Ok(bytes.value(row)),
        None => Err(wrong_type(mask, input.data_type())),
    }
}

pub(crate) fn wrong_type(mask: &'static str, found: &DataType) -> MaskError {
    MaskError::Type { mask, found: found.to_string() }
}

#[cfg(test)]
mod tests {
    use arrow::array::{BinaryArray, Int32Array};
    use proptest::prelude::*;
    use zeroize::Zeroizing;

    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        hex::decode(text).expect("the vector is hexadecimal")
    }

    fn key(version: u32) -> Key {
        let bytes = Zeroizing::new(b"0123456789abcdef".to_vec());
        Key::new("k", version, bytes).expect("the key is long enough")
    }

    /// RFC 4231, test cases 1 to 4, 6 and 7, for HMAC-SHA-256 (case 5 is about a truncated output).
    #[test]
    fn hmac_is_that_of_the_standard() {
        let check = |key: Vec<u8>, data: &[u8], expected: &str| {
            assert_eq!(hex::encode(digest(&mac(&key), data)), expected);
        };
        let b = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
        check(vec![0x0b; 20], b"Hi There", b);
        let b = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        check(b"Jefe".to_vec(), b"what do ya want for nothing?", b);
        let b = "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe";
        check(vec![0xaa; 20], &[0xdd; 50], b);
        let b = "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b";
        check(hex("0102030405060708090a0b0c0d0e0f10111213141516171819"), &[0xcd; 50], b);
        let b = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54";
        check(vec![0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First", b);
        let long = b"This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.";
        let b = "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2";
        check(vec![0xaa; 131], long, b);
    }

    #[test]
    fn hmac_of_a_column() -> Result<(), MaskError> {
        // Test case 1 of RFC 4231 again, through the column.
        let key = Key::new("k", 1, Zeroizing::new(vec![0x0b; 20]))?;
        let text: ArrayRef = Arc::new(StringArray::from(vec![Some("Hi There"), None]));
        let bytes: ArrayRef = Arc::new(BinaryArray::from(vec![Some(&b"Hi There"[..]), None]));
        for input in [text, bytes] {
            let masked = hmac(&input, &key, HmacText::Hex)?;
            let expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
            assert_eq!(masked.as_string::<i32>(), &StringArray::from(vec![Some(expected), None]));
            let masked = hmac(&input, &key, HmacText::Base64Url)?;
            let expected = "sDRMYdjbOFNcqK_OrwvxK4gdwgDJgz2nJuk3bC4yz_c";
            assert_eq!(masked.as_string::<i32>(), &StringArray::from(vec![Some(expected), None]));
        }
        let numbers: ArrayRef = Arc::new(Int32Array::from(vec![1]));
        let refused = hmac(&numbers, &key, HmacText::Hex).map(|_| ()).map_err(|e| e.to_string());
        assert_eq!(refused, Err("the mask `hmac` does not take a column of type `Int32`".to_owned()));
        Ok(())
    }

    #[test]
    fn digits_of_base_62() {
        let check = |value: u128, expected: &str| {
            let mut text = String::new();
            push_base62(value, &mut text);
            assert_eq!(text, expected);
        };
        check(0, "0000000000000000000000");
        check(61, "000000000000000000000z");
        check(62, "0000000000000000000010");
        check(u128::MAX, "7n42DGM5Tflk9n8mt7Fhc7");
    }

    proptest! {
        /// Equal values have equal tokens, others have not; versions, `hmac` and tokens have nothing in common.
        #[test]
        fn tokens_are_deterministic(a in ".{0,12}", b in ".{0,12}") {
            let input: ArrayRef = Arc::new(StringArray::from(vec![a.as_str(), &b, &a]));
            let tokens = tokenize(&input, &key(12)).map_err(|e| TestCaseError::fail(e.to_string()))?;
            let tokens = tokens.as_string::<i32>();
            prop_assert_eq!(tokens.value(0), tokens.value(2));
            prop_assert_eq!(tokens.value(0) == tokens.value(1), a == b);
            for token in tokens.iter().flatten() {
                prop_assert!(token.starts_with("t12") && token.len() == 3 + TOKEN_DIGITS);
                prop_assert!(token.bytes().all(|c| c.is_ascii_alphanumeric()));
            }
        }
    }
}
