//! The secrets of single persons, so that what was encrypted for one of them can be made unreadable.
//!
//! Takes a file of its own (SQLite), gives secrets by subject. What is built, exactly:
//! the key that encrypts a subject's values is HKDF-SHA-256 of the platform's key (input) and a random secret of that subject (salt).
//! The secret stands only here, beside the first 16 bytes of an HMAC of the subject, never beside the subject itself.
//! Destroying overwrites the secret in this file; without it the values can't be decrypted, by holders of the platform's key neither.
//! Values encrypted for the subject afterwards get a new secret (the next generation) and the old ones stay unreadable.
//! Not covered: copies of this file in backups or snapshots of the file system, which have to be destroyed by whoever made them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aes_gcm::aead::OsRng;
use aes_gcm::aead::rand_core::RngCore as _;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};
use zeroize::Zeroizing;

use super::error::MaskError;
use super::key::{Key, Keys};
use super::keyed;

/// Which subject, without naming it.
pub type SubjectId = [u8; 16];

/// What only holders of this store know of a subject.
pub type Secret = Zeroizing<[u8; 32]>;

/// The store of the subjects' secrets.
#[derive(Debug)]
pub struct Subjects {
    connection: Mutex<Connection>,
}

/// A subject's present secret.
#[derive(Clone)]
pub(crate) struct Present {
    pub(crate) generation: u32,
    pub(crate) secret: Secret,
}

impl Subjects {
    /// Opens or makes the store.
    ///
    /// # Errors
    /// When the file can't be opened or is no store.
    pub fn open(file: &Path) -> Result<Self, MaskError> {
        Self::with(Connection::open(file)?)
    }

    /// A store that ends with the process: what is encrypted with it can be decrypted only until then.
    ///
    /// # Errors
    /// When the library fails.
    pub fn in_memory() -> Result<Self, MaskError> {
        Self::with(Connection::open_in_memory()?)
    }

    fn with(connection: Connection) -> Result<Self, MaskError> {
        connection.busy_timeout(Duration::from_secs(30))?;
        // What is deleted is overwritten, and no journal keeps a copy of it on disk.
        connection.pragma_update(None, "secure_delete", true)?;
        connection.pragma_update_and_check(None, "journal_mode", "MEMORY", |_| Ok(()))?;
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS subject_secret (
                key TEXT NOT NULL,
                subject BLOB NOT NULL,
                generation INTEGER NOT NULL,
                secret BLOB,
                PRIMARY KEY (key, subject, generation)
            ) WITHOUT ROWID",
        )?;
        Ok(Self { connection: Mutex::new(connection) })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The present secret of each subject; one that has none gets one.
    pub(crate) fn present(
        &self,
        key: &str,
        subjects: &BTreeSet<SubjectId>,
    ) -> Result<BTreeMap<SubjectId, Present>, MaskError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut found = BTreeMap::new();
        for subject in subjects {
            found.insert(*subject, present(&transaction, key, subject)?);
        }
        transaction.commit()?;
        Ok(found)
    }

    /// One secret of a subject, unless it was destroyed or never was.
    pub(crate) fn secret(
        &self,
        key: &str,
        subject: &SubjectId,
        generation: u32,
    ) -> Result<Option<Secret>, MaskError> {
        let connection = self.connection();
        let mut query = connection.prepare_cached(
            "SELECT secret FROM subject_secret WHERE key = ?1 AND subject = ?2 AND generation = ?3",
        )?;
        let row = query.query_row(params![key, subject, generation], |row| {
            row.get_ref(0).map(|value| value.as_blob_or_null().map(|blob| blob.and_then(secret_of)))
        });
        Ok(row.optional()?.and_then(Result::ok).flatten())
    }

    /// Destroys every secret of a subject under a key, whatever the version; gives their number.
    /// `subject` is the value of the subject's column; `None` stands for all values without one.
    ///
    /// # Errors
    /// When there is no such key, or the store fails; then nothing is destroyed.
    pub fn destroy(&self, keys: &Keys, key: &str, subject: Option<&[u8]>) -> Result<usize, MaskError> {
        let versions = keys.by_name.get(key).ok_or_else(|| MaskError::NoKey(key.to_owned()))?;
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut destroyed = 0;
        for version in versions.all.values() {
            destroyed += transaction.execute(
                "UPDATE subject_secret SET secret = NULL WHERE key = ?1 AND subject = ?2 AND secret IS NOT NULL",
                params![key, subject_id(version, subject)],
            )?;
        }
        transaction.commit()?;
        Ok(destroyed)
    }
}

/// Which subject a value is of, under one version of a key.
pub(crate) fn subject_id(key: &Key, subject: Option<&[u8]>) -> SubjectId {
    let Some(subject) = subject else {
        return [0; 16];
    };
    let digest = keyed::digest(&keyed::mac(key.derive(b"", "headwater/subject").as_ref()), subject);
    *digest.first_chunk().expect("a digest has 32 bytes")
}

fn present(transaction: &Transaction<'_>, key: &str, subject: &SubjectId) -> Result<Present, MaskError> {
    let mut query = transaction.prepare_cached(
        "SELECT generation, secret FROM subject_secret WHERE key = ?1 AND subject = ?2
         ORDER BY generation DESC LIMIT 1",
    )?;
    let last = query.query_row(params![key, subject], |row| {
        let secret = row.get_ref(1)?.as_blob_or_null().ok().flatten().and_then(secret_of);
        Ok((row.get::<_, u32>(0)?, secret))
    });
    let generation = match last.optional()? {
        Some((generation, Some(secret))) => return Ok(Present { generation, secret }),
        Some((destroyed, None)) => destroyed + 1,
        None => 0,
    };
    let mut secret = Zeroizing::new([0; 32]);
    OsRng.try_fill_bytes(secret.as_mut()).map_err(|_| MaskError::Random)?;
    let mut insert = transaction.prepare_cached(
        "INSERT INTO subject_secret (key, subject, generation, secret) VALUES (?1, ?2, ?3, ?4)",
    )?;
    insert.execute(params![key, subject, generation, secret.as_slice()])?;
    Ok(Present { generation, secret })
}

fn secret_of(blob: &[u8]) -> Option<Secret> {
    <[u8; 32]>::try_from(blob).ok().map(Zeroizing::new)
}
