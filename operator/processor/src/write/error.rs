//! What can go wrong with a sink. Messages name sinks, files and columns, never values.

use crate::lake::LakeError;

/// A sink could not take its rows, or show them.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A table or file refused.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// The rows themselves could not be computed.
    #[error(transparent)]
    Rows(#[from] datafusion::error::DataFusionError),
    /// A part of the run ended in panic.
    #[error("a writer stopped: {0}")]
    Stopped(#[from] tokio::task::JoinError),
    /// A file's format cannot hold a column, or a column is missing.
    #[error("sink `{sink}`: {reason}")]
    Declaration {
        /// File or table.
        sink: String,
        /// What is wrong.
        reason: String,
    },
    /// A sink was bound to two runs.
    #[error("sink `{sink}` has already taken the rows of a run")]
    Twice {
        /// File or table.
        sink: String,
    },
}

impl From<arrow::error::ArrowError> for WriteError {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self::Lake(error.into())
    }
}
