//! What can go wrong with a table. Messages name tables, columns and files, never values.

use std::path::PathBuf;

/// A table could not be opened, written, committed or read.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// Another writer committed between this run's reading and its commit; nothing was changed.
    #[error("table `{table}` moved: another writer committed to it during this run")]
    Moved {
        /// Full name of the table.
        table: String,
    },
    /// The declaration does not fit the table that exists.
    #[error("table `{table}` differs from its declaration: {difference}")]
    Differs {
        /// Full name of the table.
        table: String,
        /// The first difference, in words.
        difference: String,
    },
    /// The declaration itself cannot be a table.
    #[error("table `{table}` cannot be declared so: {reason}")]
    Declaration {
        /// Full name of the table.
        table: String,
        /// What is wrong.
        reason: String,
    },
    /// A batch does not have the columns of the table.
    #[error("rows do not fit `{target}`: {reason}")]
    Rows {
        /// Table or file that the rows were meant for.
        target: String,
        /// What is wrong, without any value.
        reason: String,
    },
    /// The table does not exist.
    #[error("there is no table `{table}` in the catalog")]
    Missing {
        /// Full name of the table.
        table: String,
    },
    /// A file could not be made, written or read.
    #[error("{action} `{}`: {source}", path.display())]
    Io {
        /// What was tried, such as "cannot create".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The catalog's database refused.
    #[error("catalog `{}`: {source}", path.display())]
    Catalog {
        /// The database file.
        path: PathBuf,
        /// SQLite's answer.
        source: rusqlite::Error,
    },
    /// The Iceberg library refused.
    #[error("iceberg: {0}")]
    Iceberg(#[from] iceberg::Error),
    /// The Delta library refused.
    #[error("delta: {0}")]
    Delta(#[from] deltalake_core::DeltaTableError),
    /// Parquet could not be written or read.
    #[error("parquet: {0}")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// An Arrow kernel refused.
    #[error("arrow: {0}")]
    Arrow(#[from] arrow::error::ArrowError),
    /// The merge of an upsert failed.
    #[error("merge: {0}")]
    Merge(#[from] datafusion::error::DataFusionError),
    /// JSON of the table's metadata could not be written or read.
    #[error("table metadata: {0}")]
    Json(#[from] serde_json::Error),
}

/// Makes an [`LakeError::Io`] of a system error.
pub(crate) fn io_error(
    action: &'static str,
    path: impl Into<PathBuf>,
) -> impl FnOnce(std::io::Error) -> LakeError {
    let path = path.into();
    move |source| LakeError::Io { action, path, source }
}
