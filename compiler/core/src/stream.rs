//! What flows through a port: noun file.

use serde::Serialize;

use crate::data_type::DataType;
use crate::shared::Shared;

/// One column of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Column {
    /// Name, case-sensitive.
    pub name: String,
    /// Type of its values.
    pub data_type: DataType,
    /// Whether a value may be null, failing expressions included.
    pub nullable: bool,
}

/// How the records of a stream make a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum StreamKind {
    /// Every record is a row.
    Append,
    /// The last record of a key is its row; a null value deletes it.
    Upsert,
}

/// The column that says when a record happened, and how late others may still come.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventTime {
    /// Index of the column; its type is `timestamp`.
    pub column: usize,
    /// The watermark is the running maximum less this.
    pub max_delay_ms: u64,
    /// After this long without records the input no longer holds the watermark back.
    pub idle_after_ms: Option<u64>,
}

/// How often a record arrives, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Guarantee {
    /// Never lost, perhaps doubled.
    AtLeastOnce,
    /// Never lost, never doubled.
    ExactlyOnce,
}

/// Everything the compiler knows about the records at a port.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamType {
    /// The columns in order. Inside a query two columns may share a name; at a port they never do.
    pub columns: Shared<Column>,
    /// How records make a table.
    pub kind: StreamKind,
    /// Indices of the columns that identify a row; never empty where `kind` is upsert and the stream is sound.
    pub key: Vec<usize>,
    /// Event time, if the stream has one.
    pub event_time: Option<EventTime>,
    /// The weakest guarantee on the way here.
    pub guarantee: Guarantee,
}

impl StreamType {
    /// Index of the first column of this name.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The key's column names in order.
    pub fn key_names(&self) -> Vec<&str> {
        self.key.iter().map(|&index| self.columns[index].name.as_str()).collect()
    }
}
