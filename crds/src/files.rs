//! Records in files. Noun file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scalar::{DnsLabel, Nothing};

/// Files in a folder or on a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Files {
    /// Paths from the product's file, or on the connection; `*`, `?` and `**` match names.
    #[schemars(length(min = 1, max = 200))]
    pub paths: Vec<String>,
    /// How records are written.
    pub format: FileFormat,
    /// Where the files are; the local file system where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<DnsLabel>,
    /// Compression; told by the first bytes where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compression: Option<Compression>,
}

/// Compression of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum Compression {
    /// None.
    None,
    /// gzip (RFC 1952).
    Gzip,
    /// Zstandard (RFC 8878).
    Zstd,
}

/// How records are written in files: exactly one of these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline, transform = crate::scalar::one_of)]
pub struct FileFormat {
    /// Separated values (RFC 4180).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub csv: Option<Csv>,
    /// One JSON object a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ndjson: Option<Nothing>,
    /// One JSON array of objects, or one object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<Nothing>,
    /// Apache Parquet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parquet: Option<Nothing>,
    /// Apache Avro object containers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avro: Option<Nothing>,
    /// XML elements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xml: Option<Xml>,
    /// Columns at fixed places.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed_width: Option<FixedWidth>,
}

/// Separated values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Csv {
    /// One character between values; `,` where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = ","))]
    pub delimiter: Option<String>,
    /// Whether the first line names the columns; `true` where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = true))]
    pub header: Option<bool>,
    /// The character around values that hold delimiters; `"` where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "\""))]
    pub quote: Option<String>,
    /// Texts that mean null, such as `NA`; `[""]` where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = [""]))]
    pub nulls: Option<Vec<String>>,
    /// Character encoding, such as `windows-1252`; `utf-8` where left out (WHATWG Encoding Standard).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "utf-8"))]
    pub encoding: Option<String>,
    /// Whether spaces around values are removed; `false` where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub trim: Option<bool>,
}

/// XML elements.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Xml {
    /// Name of the element that is a record.
    pub record: String,
    /// Texts that mean null; `[""]` where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = [""]))]
    pub nulls: Option<Vec<String>>,
}

/// Columns at fixed places of a line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct FixedWidth {
    /// The columns.
    #[schemars(length(min = 1, max = 1000))]
    pub columns: Vec<FixedColumn>,
    /// How a record that spans lines is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordStart>,
    /// Texts that mean null; `[""]` where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = [""]))]
    pub nulls: Option<Vec<String>>,
    /// Character encoding; `utf-8` where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "utf-8"))]
    pub encoding: Option<String>,
}

/// One column at a fixed place; spaces around its value are removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct FixedColumn {
    /// The contract's field.
    pub name: String,
    /// First character, from 1.
    #[schemars(range(min = 1))]
    pub start: u32,
    /// Characters.
    #[schemars(range(min = 1))]
    pub length: u32,
}

/// How a record that spans lines is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct RecordStart {
    /// A line that starts with this text begins a record; the lines after it belong to it.
    pub starts_at: String,
}
