//! What the tests of this folder share: read bytes as a source, show rows and rejected records as lines of text.

use std::io::Write as _;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};

use super::batch::Rejected;
use super::error::ReadError;
use super::open;
use super::original;
use super::source::{Compression, FileSource, Format, Limits};
use super::wanted::{TextRules, Wanted};

/// A source in memory and what is wanted of it.
pub(super) struct Case {
    pub(super) format: Format,
    pub(super) wanted: Wanted,
    pub(super) limits: Limits,
    pub(super) compression: Compression,
}

impl Case {
    /// Fields as `name: type` or `name: type!` (required), separated by semicolons.
    pub(super) fn new(format: Format, fields: &str) -> Self {
        let fields: Vec<Field> = fields.split(';').map(field).collect();
        Self {
            format,
            wanted: Wanted {
                schema: Arc::new(Schema::new(fields)),
                defaults: Default::default(),
                text: TextRules::default(),
            },
            limits: Limits::default(),
            compression: Compression::Auto,
        }
    }

    pub(super) fn nulls(mut self, nulls: &[&str]) -> Self {
        self.wanted.text.nulls = nulls.iter().map(|null| (*null).to_owned()).collect();
        self
    }

    pub(super) fn trim(mut self) -> Self {
        self.wanted.text.trim = true;
        self
    }

    pub(super) fn default_of(mut self, path: &str, json: &str) -> Self {
        let value = serde_json::from_str(json).expect("the test's default is JSON");
        self.wanted.defaults.insert(path.to_owned(), value);
        self
    }

    pub(super) fn limits(mut self, chunk: usize, record: usize, rows: usize) -> Self {
        self.limits = Limits { chunk_bytes: chunk, record_bytes_max: record, batch_rows: rows };
        self
    }

    /// Rows and rejected records of `bytes`, in order.
    pub(super) fn read(&self, bytes: &[u8]) -> (Vec<String>, Vec<Rejected>) {
        self.try_read(bytes).expect("the case can be read")
    }

    /// As [`Case::read`], for files that may not be of the format at all.
    pub(super) fn try_read(&self, bytes: &[u8]) -> Result<(Vec<String>, Vec<Rejected>), ReadError> {
        let mut file = tempfile::NamedTempFile::new().expect("a temporary file can be made");
        file.write_all(bytes).expect("a temporary file can be written");
        let source = FileSource {
            paths: vec![file.path().display().to_string()],
            base: "/".into(),
            format: self.format.clone(),
            compression: self.compression,
            limits: self.limits,
        };
        let reader = open::open(&source, &self.wanted)?;
        let mut rows = Vec::new();
        let mut rejected = Vec::new();
        for decoded in reader.worker() {
            let decoded = decoded?;
            assert_eq!(decoded.batch.num_rows(), decoded.origins.len());
            for row in 0..decoded.origins.len() {
                let line = decoded.origins.lines[row];
                let record = decoded.origins.records[row];
                rows.push(format!("{line}/{record} {}", json(&decoded.batch, row)));
            }
            for mut each in decoded.rejected {
                each.file = Arc::from("in");
                rejected.push(each);
            }
        }
        Ok((rows, rejected))
    }

    /// Compares what reading gives with the expected lines: `line/record {row}` and, after the rows,
    /// `! line/record code field rule | original`.
    #[track_caller]
    pub(super) fn check(&self, bytes: impl AsRef<[u8]>, expected: &str) {
        let (mut lines, rejected) = self.read(bytes.as_ref());
        lines.extend(rejected.iter().map(|rejected| show(rejected).trim_end().to_owned()));
        let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        assert_eq!(lines, expected);
    }
}

pub(super) fn show(rejected: &Rejected) -> String {
    format!(
        "! {}/{} {} {} {} | {}",
        rejected.line,
        rejected.record,
        rejected.code,
        rejected.field.as_deref().unwrap_or("-"),
        rejected.rule,
        String::from_utf8_lossy(&rejected.original).escape_debug()
    )
}

pub(super) fn json(batch: &RecordBatch, row: usize) -> String {
    String::from_utf8(original::row_as_json(batch, row)).expect("JSON is text")
}

/// `name: type`, with `list<T>`, `map<T>` and `struct<a: T, b: T>` for nested ones, each with `!` when required.
fn field(text: &str) -> Field {
    let (name, ty) = text.split_once(':').expect("a field is `name: type`");
    let ty = ty.trim();
    let (ty, required) = match ty.strip_suffix('!') {
        Some(ty) => (ty, true),
        None => (ty, false),
    };
    Field::new(name.trim(), data_type(ty), !required)
}

fn data_type(text: &str) -> DataType {
    let inner = |prefix: &str| text.strip_prefix(prefix)?.strip_suffix('>');
    if let Some(item) = inner("list<") {
        let item = field(&format!("item: {item}"));
        return DataType::List(Arc::new(item));
    }
    if let Some(value) = inner("map<") {
        let key = Field::new("key", DataType::Utf8, false);
        let value = field(&format!("value: {value}"));
        let entries = DataType::Struct(vec![key, value].into());
        return DataType::Map(Arc::new(Field::new("entries", entries, false)), false);
    }
    if let Some(members) = inner("struct<") {
        return DataType::Struct(split_members(members).iter().map(|m| field(m)).collect());
    }
    if let Some(digits) = text.strip_prefix("decimal(").and_then(|t| t.strip_suffix(')')) {
        let (precision, scale) = digits.split_once(',').expect("a decimal has two numbers");
        let number = |text: &str| text.parse::<u8>().expect("a decimal has two numbers");
        return DataType::Decimal128(number(precision), number(scale) as i8);
    }
    match text {
        "string" => DataType::Utf8,
        "bool" => DataType::Boolean,
        "int32" => DataType::Int32,
        "int64" => DataType::Int64,
        "float32" => DataType::Float32,
        "float64" => DataType::Float64,
        "date" => DataType::Date32,
        "time" => DataType::Time64(TimeUnit::Microsecond),
        "timestamp" => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        "timestamp_local" => DataType::Timestamp(TimeUnit::Microsecond, None),
        "bytes" => DataType::Binary,
        "uuid" => DataType::FixedSizeBinary(16),
        other => panic!("no type `{other}`"),
    }
}

/// Splits at commas that are not inside angle brackets or parentheses.
fn split_members(text: &str) -> Vec<&str> {
    let mut depth = 0;
    let mut start = 0;
    let mut members = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            '<' | '(' => depth += 1,
            '>' | ')' => depth -= 1,
            ',' if depth == 0 => {
                members.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    members.push(text[start..].trim());
    members
}
