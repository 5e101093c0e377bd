//! Why a mask can't be computed or a value can't be read back. Never holds a key, a value or a part of one.

use std::io;

/// A failure of a whole mask; the run stops.
#[derive(Debug, thiserror::Error)]
pub enum MaskError {
    /// No key of that name was loaded.
    #[error("there is no key `{0}`")]
    NoKey(String),
    /// Neither place holds the secret.
    #[error("version {version} of the key `{name}` is neither in {places}")]
    NoSecret {
        /// The key.
        name: String,
        /// Its version.
        version: u32,
        /// Where it was looked for.
        places: String,
    },
    /// The secret's file can't be read.
    #[error("version {version} of the key `{name}` can't be read: {source}")]
    Unreadable {
        /// The key.
        name: String,
        /// Its version.
        version: u32,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The secret is not what its prefix says.
    #[error("version {version} of the key `{name}` is not {notation} as its prefix says")]
    Notation {
        /// The key.
        name: String,
        /// Its version.
        version: u32,
        /// `hex` or `base64`.
        notation: &'static str,
    },
    /// The key is too short to be safe.
    #[error("version {version} of the key `{name}` has fewer than 16 bytes")]
    ShortKey {
        /// The key.
        name: String,
        /// Its version.
        version: u32,
    },
    /// A reference to a secret would leave its folder.
    #[error("`{0}` is not a name of a secret")]
    Name(String),
    /// Not exactly one version is active.
    #[error("the key `{0}` must have exactly one active version")]
    Active(String),
    /// The mask does not take the column's type; the compiler refuses it first.
    #[error("the mask `{mask}` does not take a column of type `{found}`")]
    Type {
        /// The mask.
        mask: &'static str,
        /// The column's Arrow type.
        found: String,
    },
    /// Keys per subject are wanted and no store for them was given.
    #[error("encryption per subject needs a store of the subjects' keys")]
    NoSubjects,
    /// The store of the subjects' keys failed.
    #[error("the store of the subjects' keys failed: {0}")]
    Subjects(#[from] rusqlite::Error),
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    Random,
    /// The columnar library refused an array.
    #[error(transparent)]
    Arrow(#[from] arrow::error::ArrowError),
}

/// Why one encrypted value can't be read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undecryptable {
    /// It is not a text that `encrypt` makes.
    #[error("the value is not an encrypted one")]
    Form,
    /// The version of the key that it was made with is not there.
    #[error("the value needs version {0} of the key, which is not there")]
    NoVersion(u32),
    /// The key of its subject has been destroyed, or was never in this store.
    #[error("the key of the value's subject is not there")]
    NoSubject,
    /// It was made with other keys, or has been changed.
    #[error("the value was made with another key, or has been changed")]
    Changed,
}
