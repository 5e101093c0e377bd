//! What is read: files, their format and their limits; a generator.
//!
//! Data only. Takes nothing from the outside; the verbs are `open` (files to tasks) and `decode` (tasks to typed rows).

use std::path::PathBuf;

use encoding_rs::Encoding;

/// Files of one format, read in sorted order of their paths.
#[derive(Clone, Debug)]
pub struct FileSource {
    /// Paths or glob patterns; a path that exists is taken literally, whatever characters it holds.
    pub paths: Vec<String>,
    /// Directory that relative paths start from.
    pub base: PathBuf,
    /// How records lie in a file.
    pub format: Format,
    /// How the bytes of a text format are compressed.
    pub compression: Compression,
    /// Bounds of memory; no result depends on them but `record_bytes_max`.
    pub limits: Limits,
}

/// How records lie in a file.
#[derive(Clone, Debug)]
pub enum Format {
    /// Delimited text.
    Csv(CsvFormat),
    /// One JSON object a line.
    Ndjson,
    /// One JSON array of objects (never held whole), or a single object.
    Json,
    /// Apache Parquet.
    Parquet,
    /// An Avro object container file.
    Avro,
    /// Repeated elements of an XML document.
    Xml(XmlFormat),
    /// Columns at fixed places.
    Fixed(FixedFormat),
}

/// Delimited text as in RFC 4180, with its usual variants.
#[derive(Clone, Debug)]
pub struct CsvFormat {
    /// One ASCII byte between fields.
    pub delimiter: u8,
    /// The ASCII byte that encloses a field and is doubled inside it; `None`: no byte is special.
    pub quote: Option<u8>,
    /// Where the names of the columns come from.
    pub header: Header,
    /// The text's encoding; a byte order mark in the file wins over it.
    pub encoding: &'static Encoding,
}

impl Default for CsvFormat {
    fn default() -> Self {
        Self { delimiter: b',', quote: Some(b'"'), header: Header::FirstRecord, encoding: encoding_rs::UTF_8 }
    }
}

/// Where the names of the columns of delimited text come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Header {
    /// The first record of each file.
    FirstRecord,
    /// There is none: these are the columns, in order.
    Columns(Vec<String>),
    /// There is none: the columns are the wanted fields, in their order.
    Wanted,
}

/// Repeated elements of an XML document.
#[derive(Clone, Debug)]
pub struct XmlFormat {
    /// Local name of the element that is a record (`order`), or its path from the root (`orders/order`).
    pub record: String,
}

/// Columns by position in the line.
#[derive(Clone, Debug)]
pub struct FixedFormat {
    /// The columns; gaps and overlaps are allowed.
    pub columns: Vec<FixedColumn>,
    /// A record starts at each line with this prefix and runs to the next one; its line breaks are left out before columns are cut.
    /// `None`: each line is a record.
    pub starts_at: Option<String>,
    /// The text's encoding; positions count characters.
    pub encoding: &'static Encoding,
}

/// One column of a fixed-width record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedColumn {
    /// The field's name.
    pub name: String,
    /// First character, counted from 1.
    pub start: usize,
    /// Number of characters.
    pub length: usize,
}

/// How the bytes of a text format are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// By the file's first bytes.
    #[default]
    Auto,
    /// Not at all.
    None,
    /// Gzip, several members allowed.
    Gzip,
    /// Zstandard, several frames allowed.
    Zstd,
}

/// Bounds of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of (decompressed) text that one task holds, unless one record is longer.
    pub chunk_bytes: usize,
    /// Longest record in bytes; a longer one is rejected as `D006`.
    pub record_bytes_max: usize,
    /// Most rows of one batch.
    pub batch_rows: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { chunk_bytes: 1 << 20, record_bytes_max: 16 << 20, batch_rows: 8192 }
    }
}
