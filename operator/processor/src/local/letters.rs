//! Dead letters as a product wants them: with the original bytes, or without.

use async_trait::async_trait;
use headwater_crds::product::DeadLetters;

use super::settings::LocalError;
use crate::engine::{BoundError, DeadLetter, DeadLetterRows};
use crate::write::BoundLetters;

/// A file of dead letters that leaves the original bytes out where the product says so.
pub(super) struct Letters {
    pub(super) file: BoundLetters,
    pub(super) omits: bool,
}

/// Whether original bytes are left out.
///
/// # Errors
/// If they are to be kept under a key, which a local run does not do yet.
pub(super) fn omits(declared: Option<&DeadLetters>) -> Result<bool, LocalError> {
    let original = declared.and_then(|letters| letters.original.as_ref());
    if original.is_some_and(|original| original.encrypt.is_some()) {
        return Err(LocalError::Unsupported(
            "dead letters under a key can't be written in a local run yet; use `original: { omit: {} }`"
                .to_owned(),
        ));
    }
    Ok(original.is_some_and(|original| original.omit.is_some()))
}

#[async_trait]
impl DeadLetterRows for Letters {
    async fn write(&self, mut letters: Vec<DeadLetter>) -> Result<(), BoundError> {
        if self.omits {
            letters.iter_mut().for_each(|letter| letter.original.clear());
        }
        self.file.write(letters).await
    }
}
