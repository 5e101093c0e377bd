//! The files of a source as its declaration and contract describe them.
//!
//! Takes declarations; gives what the readers take. Must not read anything.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::datatypes::Schema;
use headwater_compiler::catalog::{Contract, Field};
use headwater_compiler::data_type::DataType;
use headwater_compiler::stream::Column;
use headwater_crds::files::{Compression as DeclaredCompression, Csv, FileFormat, Files, FixedWidth};
use headwater_crds::source::MetadataColumn;

use super::settings::LocalError;
use crate::engine::arrow_type;
use crate::read::hand_over::Metadata;
use crate::read::source::{
    Compression, CsvFormat, FileSource, FixedColumn, FixedFormat, Format, Header, Limits, XmlFormat,
};
use crate::read::wanted::{TextRules, Wanted};

/// The files that a source declares.
pub(super) fn declared(files: &Files, base: &Path) -> Result<(FileSource, TextRules), LocalError> {
    if let Some(connection) = &files.connection {
        return Err(LocalError::Unsupported(format!(
            "files on the connection `{connection}` can't be read in a local run; bind the source to a local file with `--source`"
        )));
    }
    let (format, rules) = format(&files.format)?;
    let compression = match files.compression {
        None => Compression::Auto,
        Some(DeclaredCompression::None) => Compression::None,
        Some(DeclaredCompression::Gzip) => Compression::Gzip,
        Some(DeclaredCompression::Zstd) => Compression::Zstd,
    };
    let source = FileSource {
        paths: files.paths.clone(),
        base: base.to_owned(),
        format,
        compression,
        limits: Limits::default(),
    };
    Ok((source, rules))
}

/// A file that takes the place of a source: in the declared format if there is one, else told by its name.
pub(super) fn bound(path: &Path, files: Option<&Files>) -> Result<(FileSource, TextRules), LocalError> {
    let name = path.to_string_lossy().to_lowercase();
    let bare = name.trim_end_matches(".gz").trim_end_matches(".zst");
    let extension = bare.rsplit('.').next().unwrap_or_default();
    let own = files.map(|files| format(&files.format)).transpose()?;
    let (format, rules) = match (extension, own) {
        ("ndjson" | "jsonl", Some((Format::Ndjson, rules))) => (Format::Ndjson, rules),
        ("csv" | "tsv", Some((Format::Csv(csv), rules))) => (Format::Csv(csv), rules),
        ("ndjson" | "jsonl", _) => (Format::Ndjson, TextRules::default()),
        ("json", _) => (Format::Json, TextRules::default()),
        ("csv", _) => (Format::Csv(CsvFormat::default()), TextRules::default()),
        ("tsv", _) => {
            (Format::Csv(CsvFormat { delimiter: b'\t', ..CsvFormat::default() }), TextRules::default())
        }
        ("parquet", _) => (Format::Parquet, TextRules::default()),
        ("avro", _) => (Format::Avro, TextRules::default()),
        (_, Some(own)) => own,
        (_, None) => {
            return Err(LocalError::Unsupported(format!(
                "the format of `{}` can't be told from its name: use .csv, .tsv, .ndjson, .json, .parquet or .avro",
                path.display()
            )));
        }
    };
    let source = FileSource {
        paths: vec![path.to_string_lossy().into_owned()],
        base: PathBuf::from("."),
        format,
        compression: Compression::Auto,
        limits: Limits::default(),
    };
    Ok((source, rules))
}

/// How the text of a source's records is read, whatever they are written in.
pub(super) fn rules(files: Option<&Files>) -> Result<TextRules, LocalError> {
    Ok(files.map(|files| format(&files.format)).transpose()?.map(|(_, rules)| rules).unwrap_or_default())
}

fn format(declared: &FileFormat) -> Result<(Format, TextRules), LocalError> {
    let rules = |nulls: &Option<Vec<String>>, trim: bool| TextRules {
        nulls: nulls.clone().unwrap_or_else(|| vec![String::new()]),
        trim,
    };
    if let Some(declared) = &declared.csv {
        return Ok((Format::Csv(csv(declared)?), rules(&declared.nulls, declared.trim.unwrap_or(false))));
    }
    if let Some(xml) = &declared.xml {
        return Ok((Format::Xml(XmlFormat { record: xml.record.clone() }), rules(&xml.nulls, false)));
    }
    if let Some(declared) = &declared.fixed_width {
        return Ok((Format::Fixed(fixed(declared)?), rules(&declared.nulls, true)));
    }
    let format = if declared.json.is_some() {
        Format::Json
    } else if declared.parquet.is_some() {
        Format::Parquet
    } else if declared.avro.is_some() {
        Format::Avro
    } else {
        Format::Ndjson
    };
    Ok((format, TextRules::default()))
}

fn csv(declared: &Csv) -> Result<CsvFormat, LocalError> {
    let byte = |text: &str, what: &str| match text.as_bytes() {
        [byte] => Ok(*byte),
        _ => Err(LocalError::Unsupported(format!(
            "the {what} `{text}` of a CSV file must be one ASCII character"
        ))),
    };
    let mut format = CsvFormat { encoding: encoding(declared.encoding.as_deref())?, ..CsvFormat::default() };
    if let Some(delimiter) = &declared.delimiter {
        format.delimiter = byte(delimiter, "delimiter")?;
    }
    if let Some(quote) = &declared.quote {
        format.quote = if quote.is_empty() { None } else { Some(byte(quote, "quote")?) };
    }
    if declared.header == Some(false) {
        format.header = Header::Wanted;
    }
    Ok(format)
}

fn fixed(declared: &FixedWidth) -> Result<FixedFormat, LocalError> {
    let column = |column: &headwater_crds::files::FixedColumn| FixedColumn {
        name: column.name.clone(),
        start: column.start as usize,
        length: column.length as usize,
    };
    Ok(FixedFormat {
        columns: declared.columns.iter().map(column).collect(),
        starts_at: declared.record.as_ref().map(|record| record.starts_at.clone()),
        encoding: encoding(declared.encoding.as_deref())?,
    })
}

fn encoding(label: Option<&str>) -> Result<&'static encoding_rs::Encoding, LocalError> {
    let Some(label) = label else { return Ok(encoding_rs::UTF_8) };
    encoding_rs::Encoding::for_label(label.as_bytes())
        .ok_or_else(|| LocalError::Unsupported(format!("there is no character encoding `{label}`")))
}

/// What is known of records in files besides their fields, for the columns of a source, in order.
///
/// # Errors
/// If files have no such thing, and a column that is never null was promised.
pub(super) fn metadata(source: &str, columns: &[MetadataColumn]) -> Result<Vec<Metadata>, LocalError> {
    let known = columns.iter().map(|column| match column.is.as_str() {
        "path" => Ok(Metadata::Path),
        "line" => Ok(Metadata::Line),
        "offset" => Ok(Metadata::Offset),
        "timestamp" | "topic" | "partition" | "op" | "changed_at" => Err(LocalError::Unsupported(format!(
            "records in files have no `{}`, which the column `{}` of the source `{source}` is; they have `path`, `line` and `offset`",
            column.is, column.field
        ))),
        // Keys and headers may be missing anyway.
        _ => Ok(Metadata::Null),
    });
    known.collect()
}

/// What is wanted of a source: the fields of its contract, and what the way of reading adds to them.
pub(super) fn wanted(contract: &Contract, columns: &[Column], text: TextRules) -> Wanted {
    let field = |column: &Column| {
        arrow::datatypes::Field::new(&column.name, arrow_type(&column.data_type), column.nullable)
    };
    let schema = Schema::new(columns.iter().map(field).collect::<Vec<_>>());
    let mut defaults = BTreeMap::new();
    let mut fields: Vec<&Field> = contract.fields.iter().collect();
    while let Some(field) = fields.pop() {
        fields.extend(&field.inner);
        if let Some(default) = &field.declared.default {
            defaults.insert(field.declared.name.to_string(), default_value(default, &field.data_type));
        }
    }
    Wanted { schema: Arc::new(schema), defaults, text }
}

/// The text of a default as a record of JSON would have it.
fn default_value(text: &str, data_type: &DataType) -> serde_json::Value {
    let is_text = matches!(
        data_type,
        DataType::String
            | DataType::Date
            | DataType::Time
            | DataType::Timestamp
            | DataType::TimestampLocal
            | DataType::Bytes
            | DataType::Uuid
            | DataType::Decimal { .. }
    );
    let as_text = || serde_json::Value::String(text.to_owned());
    if is_text { as_text() } else { serde_json::from_str(text).unwrap_or_else(|_| as_text()) }
}
