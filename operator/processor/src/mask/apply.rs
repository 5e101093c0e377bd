//! Computes the compiler's masks over columns.
//!
//! Takes a mask, the column, its subjects' column where the mask names one, and `Vault`; gives the masked column.
//! Decides nothing that the compiler has decided: a type that does not fit is an error.

use arrow::array::{Array, ArrayRef, new_null_array};
use headwater_compiler::expr::Mask;

use super::error::MaskError;
use super::key::Keys;
use super::keyed::HmacText;
use super::subject::Subjects;
use super::{cipher, coarse, hide, keyed};

/// What keyed masks need.
#[derive(Debug, Default)]
pub struct Vault {
    /// The keys of the platform.
    pub keys: Keys,
    /// The secrets of single persons, for encryption per subject.
    pub subjects: Option<Subjects>,
}

/// Masks a column. `subject` is the column that [`Mask::Encrypt`] names; other masks don't look at it.
///
/// # Errors
/// When a key or the store of subjects is missing, or the mask does not take the column's type.
pub fn apply(
    mask: &Mask,
    input: &ArrayRef,
    subject: Option<&ArrayRef>,
    vault: &Vault,
) -> Result<ArrayRef, MaskError> {
    match mask {
        Mask::Hmac { key } => keyed::hmac(input, vault.keys.active(key)?, HmacText::Hex),
        Mask::Tokenize { key } => keyed::tokenize(input, vault.keys.active(key)?),
        Mask::Encrypt { key, subject: None } => cipher::encrypt(input, vault.keys.active(key)?),
        Mask::Encrypt { key, subject: Some(_) } => {
            let (Some(subject), Some(store)) = (subject, &vault.subjects) else {
                return Err(MaskError::NoSubjects);
            };
            cipher::encrypt_for(input, subject, vault.keys.active(key)?, store)
        }
        Mask::Redact => hide::redact(input),
        Mask::Null => Ok(new_null_array(input.data_type(), input.len())),
        Mask::Partial { keep_first, keep_last } => hide::partial(input, *keep_first, *keep_last),
        Mask::Truncate { length } => hide::truncate(input, *length),
        Mask::GeneraliseNumber { width } => coarse::generalise_number(input, *width),
        Mask::GeneraliseTime { unit } => coarse::generalise_time(input, *unit),
    }
}

/// The names of the keys that a mask needs.
pub fn key_of(mask: &Mask) -> Option<&str> {
    match mask {
        Mask::Hmac { key } | Mask::Tokenize { key } | Mask::Encrypt { key, .. } => Some(key),
        Mask::Redact
        | Mask::Null
        | Mask::Partial { .. }
        | Mask::Truncate { .. }
        | Mask::GeneraliseNumber { .. }
        | Mask::GeneraliseTime { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{AsArray, StringArray};
    use headwater_compiler::data_type::DataType;
    use headwater_compiler::expr::Expr;
    use zeroize::Zeroizing;

    use super::super::key::{Key, Versions};
    use super::*;

    fn vault(subjects: Option<Subjects>) -> Result<Vault, MaskError> {
        let key = Key::new("pii", 3, Zeroizing::new(b"0123456789abcdef".to_vec()))?;
        let versions = Versions { active: 3, all: [(3, key)].into() };
        Ok(Vault { keys: Keys { by_name: [("pii".to_owned(), versions)].into() }, subjects })
    }

    #[test]
    fn keyed_masks_find_their_key() -> Result<(), MaskError> {
        let vault = vault(None)?;
        let input: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None]));
        let key = || "pii".to_owned();
        let start = |mask: &Mask| -> Result<String, MaskError> {
            let masked = apply(mask, &input, None, &vault)?;
            assert!(masked.is_null(1), "null stays null");
            Ok(masked.as_string::<i32>().value(0).chars().take(3).collect())
        };
        assert_eq!(start(&Mask::Tokenize { key: key() })?.get(..2), Some("t3"));
        assert_eq!(start(&Mask::Encrypt { key: key(), subject: None })?, "e3.");
        assert_eq!(start(&Mask::Redact)?, "RED");
        assert_eq!(start(&Mask::Hmac { key: key() })?.len(), 3);
        assert!(apply(&Mask::Null, &input, None, &vault)?.is_null(0));
        let missing = start(&Mask::Hmac { key: "other".to_owned() }).map_err(|e| e.to_string());
        assert_eq!(missing, Err("there is no key `other`".to_owned()));
        Ok(())
    }

    #[test]
    fn encryption_per_subject_needs_a_store() -> Result<(), MaskError> {
        let input: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
        let subject = Some(Box::new(Expr::column(1, DataType::String, false)));
        let mask = Mask::Encrypt { key: "pii".to_owned(), subject };
        let without =
            apply(&mask, &input, Some(&input), &vault(None)?).map(|_| ()).map_err(|e| e.to_string());
        assert_eq!(without, Err("encryption per subject needs a store of the subjects' keys".to_owned()));
        let with = apply(&mask, &input, Some(&input), &vault(Some(Subjects::in_memory()?))?)?;
        assert!(with.as_string::<i32>().value(0).starts_with("s3."));
        Ok(())
    }
}
