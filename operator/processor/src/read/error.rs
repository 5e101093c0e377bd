//! Why a source can't be read at all, as opposed to a record that is rejected.

use std::io;

use arrow::error::ArrowError;
use parquet::errors::ParquetError;

/// A failure of a whole file or source; the run stops.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// No file matches.
    #[error("no file matches `{0}`")]
    NoFile(String),
    /// The pattern is not a glob.
    #[error("`{pattern}` is not a valid file pattern: {reason}")]
    Pattern {
        /// The pattern as declared.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system refused.
    #[error("`{file}` can't be read: {source}")]
    Io {
        /// The file.
        file: String,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The file is not of the declared format from its start, or its header does not fit.
    #[error("`{file}` can't be read as {format}: {reason}")]
    Format {
        /// The file.
        file: String,
        /// Name of the format.
        format: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A file is not what it was when the run began.
    #[error("`{0}` has changed while it was read")]
    Changed(String),
    /// The source as declared can't be read by this engine.
    #[error("{0}")]
    Unsupported(String),
    /// The columnar library failed.
    #[error(transparent)]
    Arrow(#[from] ArrowError),
    /// The Parquet library failed.
    #[error(transparent)]
    Parquet(#[from] ParquetError),
}
