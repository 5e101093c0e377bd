//! Masks and field-level encryption: Arrow array in, Arrow array out, null stays null.
//!
//! Takes the compiler's `Mask`, columns and `Keys`; gives masked columns. No key, no value and no part of one is ever
//! in an error, a log line or a `Debug`.
//!
//! In reading order: nouns `key`, `error`; verbs `load` (secrets to keys), `apply` (a mask to a column), and what it chooses from:
//! `keyed` (hmac, tokenize), `cipher` (encrypt, decrypt), `subject` (keys of one person), `hide` (redact, partial, truncate),
//! `coarse` (generalise).

pub mod apply;
pub mod cipher;
pub mod coarse;
pub mod error;
pub mod hide;
pub mod key;
pub mod keyed;
pub mod load;
pub mod subject;
