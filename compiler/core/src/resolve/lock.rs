//! What was seen outside: takes the objects of `contracts.lock`; gives their entries by name, each held against its hash.
//!
//! Must not ask anybody: what is not in a lock is not there.

use std::collections::BTreeMap;

use headwater_crds::lock::{ContractLock, LockedDatabase, LockedSubject};
use headwater_crds::scalar::Hash;
use sha2::{Digest, Sha256};

use crate::code::reference as code;
use crate::diagnostic::{Anchor, Diagnostic, DocumentId};

/// The entries of all locks.
#[derive(Debug, Default)]
pub(super) struct Locks {
    /// Versions of subjects, by subject, version and registry.
    pub(super) subjects: BTreeMap<(String, u32, String), Locked<LockedSubject>>,
    /// Databases by connection.
    pub(super) databases: BTreeMap<String, Locked<LockedDatabase>>,
    /// Whether a lock could not be read, so that what is missing may be in it.
    pub(super) is_partial: bool,
}

/// An entry and its place.
#[derive(Debug)]
pub(super) struct Locked<T> {
    pub(super) entry: T,
    pub(super) anchor: Anchor,
}

/// Collects the entries of all locks.
pub(super) fn collect(
    locks: Vec<(DocumentId, Box<ContractLock>)>,
    is_partial: bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> Locks {
    let mut found = Locks { is_partial, ..Locks::default() };
    for (document, lock) in locks {
        let at = Anchor::value(document, "/spec");
        for (index, entry) in lock.spec.subjects.into_iter().enumerate() {
            let anchor = at.at("subjects").at(index);
            let hash = hash(entry.schema.trim_end_matches(['\r', '\n']));
            let what = format!("the schema of `{}`, version {}", entry.subject, entry.version);
            check_hash(&entry.hash, &hash, &what, (&anchor, "schema"), diagnostics);
            let what = format!("version {} of the subject `{}`", entry.version, entry.subject);
            let key = (entry.subject.clone(), entry.version, entry.registry.clone());
            insert(&mut found.subjects, key, Locked { entry, anchor }, (&what, "subject"), diagnostics);
        }
        for (index, entry) in lock.spec.databases.into_iter().enumerate() {
            let anchor = at.at("databases").at(index);
            let names: String = entry.tables.iter().flat_map(|name| [name.as_str(), "\n"]).collect();
            let what = format!("the list of tables of `{}`", entry.connection);
            check_hash(&entry.hash, &hash(&names), &what, (&anchor, "tables"), diagnostics);
            let what = format!("the database of the connection `{}`", entry.connection);
            let key = entry.connection.to_string();
            insert(&mut found.databases, key, Locked { entry, anchor }, (&what, "connection"), diagnostics);
        }
    }
    found
}

/// `sha256:` and the digits of a text's hash.
fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().fold("sha256:".to_owned(), |hash, byte| format!("{hash}{byte:02x}"))
}

fn check_hash(
    stated: &Hash,
    hash: &str,
    what: &str,
    (anchor, member): (&Anchor, &str),
    diagnostics: &mut Vec<Diagnostic>,
) {
    if stated.0 != hash {
        diagnostics.push(
            Diagnostic::error(
                &code::LOCK_DIFFERS,
                anchor.at("hash"),
                format!("{what} is not the one that was locked"),
            )
            .also(anchor.at(member), "changed since, or copied in part")
            .note(format!("the hash of what stands here is `{hash}`"))
            .help(
                "put back what was read from outside, or lock it anew with its hash if the change is meant",
            ),
        );
    }
}

fn insert<K: Ord, T>(
    map: &mut BTreeMap<K, Locked<T>>,
    key: K,
    locked: Locked<T>,
    (what, member): (&str, &str),
    diagnostics: &mut Vec<Diagnostic>,
) {
    if let Some(first) = map.get(&key) {
        diagnostics.push(
            Diagnostic::error(
                &code::LOCKED_TWICE,
                locked.anchor.at(member),
                format!("{what} is locked twice"),
            )
            .also(first.anchor.at(member), "first here")
            .help("keep one of the two"),
        );
        return;
    }
    map.insert(key, locked);
}
