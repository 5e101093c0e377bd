//! Reading with a library that trusts its files: what it refuses, and what makes it panic, is an error that names the file.
//!
//! Takes the call, gives its result. A reader that has failed must not be called again.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::error::ReadError;

/// Calls a library on a file.
///
/// # Errors
/// [`ReadError::Format`] when the library fails or panics: lengths and offsets of a damaged file may be anything.
pub(crate) fn guarded<T, E: Display>(
    file: &Arc<str>,
    format: &'static str,
    call: impl FnOnce() -> Result<T, E>,
) -> Result<T, ReadError> {
    let reason = match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(found)) => return Ok(found),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "the file is damaged".to_owned(),
    };
    Err(ReadError::Format { file: file.to_string(), format, reason })
}
