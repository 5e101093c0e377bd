//! The nouns of sinks: what is declared, and what is written and not visible yet.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::lake::{Catalog, NewFiles, StagedDelta, StagedTable, TableMode, TableSpec, Written};

/// Where the rows of one sink go.
#[derive(Debug, Clone, PartialEq)]
pub enum SinkSpec {
    /// A table in a catalog on this machine.
    Iceberg {
        /// The catalog.
        catalog: Catalog,
        /// The table.
        table: TableSpec,
    },
    /// A Delta table in a folder.
    Delta {
        /// The folder of the table.
        folder: PathBuf,
        /// The table. Namespace and name are only shown.
        table: TableSpec,
    },
    /// One file, replaced by each run.
    File {
        /// The file.
        path: PathBuf,
        /// How rows are written.
        format: FileFormat,
    },
    /// The records of a topic as NDJSON, each `{"key": ..., "value": ..., "headers": {...}}`; a deletion has a null value.
    Topic {
        /// The file.
        path: PathBuf,
        /// Columns of the record's key, in order; without any the key is null.
        key: Vec<String>,
        /// Headers of each record, as text.
        headers: Vec<RecordHeader>,
    },
    /// Standard output, as NDJSON.
    Stdout,
}

impl SinkSpec {
    /// File or table, for messages.
    pub fn target(&self) -> String {
        match self {
            Self::Iceberg { table, .. } | Self::Delta { table, .. } => table.full_name(),
            Self::File { path, .. } | Self::Topic { path, .. } => path.display().to_string(),
            Self::Stdout => "standard output".to_owned(),
        }
    }

    /// Whether it takes deletions.
    pub(crate) fn deletes(&self) -> bool {
        match self {
            Self::Iceberg { table, .. } | Self::Delta { table, .. } => table.mode == TableMode::Upsert,
            Self::Topic { .. } => true,
            Self::File { .. } | Self::Stdout => false,
        }
    }

    /// Whether a reader sees the order of rows.
    pub(crate) fn ordered(&self) -> bool {
        match self {
            Self::Iceberg { .. } | Self::Delta { .. } => false,
            Self::File { format, .. } => *format != FileFormat::Parquet,
            Self::Topic { .. } | Self::Stdout => true,
        }
    }
}

/// How rows are written in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// Apache Parquet, compressed with Zstandard.
    Parquet,
    /// One JSON object a line; null is written, never left out.
    Ndjson,
    /// Comma-separated values with a header (RFC 4180); null is an empty field, empty text is `""`.
    Csv,
}

/// A header of each record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordHeader {
    /// Name of the header.
    pub name: String,
    /// The column that it holds.
    pub column: String,
}

/// What a sink has written and nobody can see. Dropping it removes what was written.
pub struct Staged(pub(crate) StagedKind);

pub(crate) enum StagedKind {
    Iceberg(StagedTable),
    Delta(StagedDelta),
    File(StagedFile),
    Stdout(StagedFile),
}

/// A file that waits to take the place of another.
pub(crate) struct StagedFile {
    /// Where it waits; its guard is `new_files`.
    pub(crate) temporary: PathBuf,
    /// Where it shall be.
    pub(crate) path: PathBuf,
    /// Removes it.
    pub(crate) new_files: NewFiles,
    /// What is in it.
    pub(crate) written: Written,
}

impl Staged {
    /// What the run wrote.
    pub fn written(&self) -> Written {
        match &self.0 {
            StagedKind::Iceberg(table) => table.written(),
            StagedKind::Delta(table) => table.written(),
            StagedKind::File(file) | StagedKind::Stdout(file) => file.written,
        }
    }

    /// What a user opens after the commit: the metadata file of an Iceberg table, the folder of a Delta table, the file.
    /// None for standard output.
    pub fn place(&self) -> Option<PathBuf> {
        match &self.0 {
            StagedKind::Iceberg(table) => {
                let location = table.metadata_location();
                Some(Path::new(location.strip_prefix("file://").unwrap_or(location)).to_path_buf())
            }
            StagedKind::Delta(table) => Some(table.folder().to_path_buf()),
            StagedKind::File(file) => Some(file.path.clone()),
            StagedKind::Stdout(_) => None,
        }
    }
}

impl fmt::Debug for Staged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Staged").field("place", &self.place()).field("written", &self.written()).finish()
    }
}
