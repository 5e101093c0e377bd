//! The nouns of a table: its declaration, and what a run wrote into it. Data only.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::execution::runtime_env::RuntimeEnv;
pub use headwater_compiler::partition::Transform;

/// A table as the product declares it.
#[derive(Debug, Clone, PartialEq)]
pub struct TableSpec {
    /// Namespace in the catalog, outermost first; at least one part.
    pub namespace: Vec<String>,
    /// Name within the namespace.
    pub name: String,
    /// Folder of the table; by default `<warehouse>/<namespace>/<name>`. Only read when the table is created.
    pub location: Option<PathBuf>,
    /// Columns in order.
    pub columns: Vec<TableColumn>,
    /// Names of the columns that identify a row. Must be required and not floating point.
    pub key: Vec<String>,
    /// How rows are divided into files; empty for a table that is not partitioned.
    pub partition_by: Vec<PartitionField>,
    /// The declared order of rows in files. Recorded in the table; the caller sorts the rows, or not.
    pub sort_by: Vec<SortField>,
    /// What the table is, for people: the table property `comment`.
    pub doc: Option<String>,
    /// Table properties. `write.parquet.compression-codec` (`zstd`, `snappy`, `gzip`, `lz4`, `uncompressed`),
    /// `write.parquet.row-group-size-bytes` and `write.target-file-size-bytes` also steer the writer.
    pub properties: BTreeMap<String, String>,
    /// What a commit does to the rows that are already there.
    pub mode: TableMode,
    /// Written into the summary of the snapshot that a run makes.
    pub snapshot_properties: BTreeMap<String, String>,
}

impl TableSpec {
    /// Namespace and name joined by dots, as messages show it.
    pub fn full_name(&self) -> String {
        let mut parts: Vec<&str> = self.namespace.iter().map(String::as_str).collect();
        parts.push(&self.name);
        parts.join(".")
    }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct TableColumn {
    /// Name, unique in the table.
    pub name: String,
    /// Field id. Without one, the table's column of that name keeps its id, and a new column gets the next.
    pub id: Option<i32>,
    /// One of the canonical Arrow types. Nested fields may carry ids in `PARQUET:field_id`.
    pub data_type: DataType,
    /// Whether null is refused.
    pub required: bool,
    /// What the column is, for people.
    pub doc: Option<String>,
    /// The name that the column had in the table: it keeps its id and its rows.
    pub renamed_from: Option<String>,
}

/// One field of the partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionField {
    /// Name of a top-level column.
    pub column: String,
    /// What is computed of it.
    pub transform: Transform,
}

/// One field of the sort order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortField {
    /// Name of a top-level column.
    pub column: String,
    /// Largest first.
    pub descending: bool,
    /// Nulls before values.
    pub nulls_first: bool,
}

/// What a commit does to the rows that are already there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableMode {
    /// They stay.
    Append,
    /// They go, in the same snapshot.
    Replace,
    /// Those whose key is written or deleted go.
    ///
    /// The caller writes each key once: it has already reduced its stream to the last row per key.
    Upsert,
}

/// Bounds on what a writer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteLimits {
    /// Bytes of encoded rows that wait in memory, over all open files of one table.
    pub buffered_bytes_max: usize,
    /// Files open at the same time.
    pub open_files_max: usize,
}

impl Default for WriteLimits {
    fn default() -> Self {
        Self { buffered_bytes_max: 128 << 20, open_files_max: 256 }
    }
}

/// What a writer needs of the run around it.
#[derive(Debug, Clone, Default)]
pub struct WriteContext {
    /// Memory pool and folder for spilling, shared with the rest of the run. Used by the merge of an upsert.
    pub runtime: Arc<RuntimeEnv>,
    /// Bounds of one table's writer.
    pub limits: WriteLimits,
}

/// What a prepared sink has written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Rows that the caller wrote.
    pub rows: u64,
    /// Bytes of the new files.
    pub bytes: u64,
    /// New files.
    pub files: u64,
}
