//! Dead letters as a product wants them: with the original bytes, without, or with them under a key.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BinaryArray};
use async_trait::async_trait;
use headwater_crds::product::DeadLetters;

use crate::engine::{BoundError, DeadLetter, DeadLetterRows};
use crate::mask::apply::Vault;
use crate::mask::cipher::encrypt;
use crate::write::{BoundLetters, Originals};

/// What becomes of the original bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kept {
    /// They are kept as they came.
    Plain,
    /// They are left out.
    Not,
    /// They are kept under the key of this name.
    UnderKey(String),
}

impl Kept {
    /// Under which names they are written.
    pub(super) fn originals(&self) -> Originals {
        match self {
            Kept::Plain => Originals::AsTheyCame,
            Kept::Not => Originals::Omitted,
            Kept::UnderKey(_) => Originals::Encrypted,
        }
    }
}

/// A file of dead letters that keeps the original bytes as the product says.
pub(super) struct Letters {
    pub(super) file: BoundLetters,
    pub(super) kept: Kept,
    pub(super) vault: Arc<Vault>,
}

/// What becomes of the original bytes of a product.
pub(super) fn kept(declared: Option<&DeadLetters>) -> Kept {
    let Some(original) = declared.and_then(|letters| letters.original.as_ref()) else { return Kept::Plain };
    match &original.encrypt {
        Some(under) => Kept::UnderKey(under.key.clone()),
        None if original.omit.is_some() => Kept::Not,
        None => Kept::Plain,
    }
}

#[async_trait]
impl DeadLetterRows for Letters {
    async fn write(&self, mut letters: Vec<DeadLetter>) -> Result<(), BoundError> {
        match &self.kept {
            Kept::Plain | Kept::Not => {}
            Kept::UnderKey(key) => {
                let originals: BinaryArray = letters.iter().map(|letter| Some(&letter.original)).collect();
                let originals: ArrayRef = Arc::new(originals);
                let sealed = encrypt(&originals, self.vault.keys.active(key)?)?;
                for (letter, sealed) in letters.iter_mut().zip(sealed.as_string::<i32>()) {
                    letter.original = sealed.unwrap_or_default().as_bytes().to_vec();
                }
            }
        }
        self.file.write(letters).await
    }
}
