//! Dead letters as a product wants them: with the original bytes, without, or with them under a key.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BinaryArray};
use async_trait::async_trait;
use headwater_crds::product::DeadLetters;

use crate::engine::{BoundError, DeadLetter, DeadLetterRows};
use crate::mask::apply::Vault;
use crate::mask::cipher::encrypt;
use crate::mask::error::MaskError;
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
    /// What becomes of the originals of other products, by namespace and name.
    pub(super) others: BTreeMap<String, Kept>,
    pub(super) vault: Arc<Vault>,
}

impl Letters {
    /// The original as it may stand in the file: never laxer than either product says.
    fn sealed(&self, letter: &DeadLetter) -> Result<Vec<u8>, MaskError> {
        let theirs = self.others.get(&letter.product).unwrap_or(&self.kept);
        let key = match (&self.kept, theirs) {
            (Kept::Plain, Kept::Plain) => return Ok(letter.original.clone()),
            (Kept::UnderKey(ours), Kept::Plain) => ours,
            (Kept::UnderKey(_), Kept::UnderKey(theirs)) => theirs,
            (Kept::Plain, Kept::Not | Kept::UnderKey(_))
            | (Kept::UnderKey(_), Kept::Not)
            | (Kept::Not, _) => {
                return Ok(Vec::new());
            }
        };
        if letter.original.is_empty() {
            return Ok(Vec::new());
        }
        let original: ArrayRef = Arc::new(BinaryArray::from(vec![letter.original.as_slice()]));
        let sealed = encrypt(&original, self.vault.keys.active(key)?)?;
        Ok(sealed.as_string::<i32>().value(0).as_bytes().to_vec())
    }
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
        for letter in &mut letters {
            letter.original = self.sealed(letter)?;
        }
        self.file.write(letters).await
    }
}
