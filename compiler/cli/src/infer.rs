//! Takes a file of records; gives a guess at its format, its fields and their types.
//!
//! Only a sample from the beginning of the file is looked at. A guess says what every value seen allows, the narrowest
//! first; what is uncertain stays text. No value of a record is kept.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

use indexmap::IndexMap;
use serde_json::Value;

use crate::exit::{Failure, Result};
use crate::files::{shown, unreadable};
use crate::infer_parquet;
use crate::infer_type::Seen;

/// Bytes of the file that are looked at.
const SAMPLE_BYTES_MAX: usize = 8 << 20;
/// Spellings of null that people use, besides nothing at all.
const NULLS: [&str; 8] = ["NA", "N/A", "NULL", "null", "None", "\\N", "-", "nan"];

/// How records lie in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// Separated values with a header.
    Csv,
    /// One JSON object a line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
}

/// What was found in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Guess {
    /// How records lie in it.
    pub(crate) kind: FileKind,
    /// What separates values, in a file of separated values.
    pub(crate) delimiter: Option<char>,
    /// Whether the text is not UTF-8.
    pub(crate) windows_1252: bool,
    /// Spellings of null, the empty one first.
    pub(crate) nulls: Vec<String>,
    /// The fields in order.
    pub(crate) fields: Vec<GuessedField>,
    /// The field that identifies a record.
    pub(crate) key: Option<String>,
    /// The field that says when a record happened.
    pub(crate) event_time: Option<String>,
    /// How many records were looked at.
    pub(crate) records: usize,
    /// Whether that is all of them.
    pub(crate) whole: bool,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GuessedField {
    /// Its name in the contract.
    pub(crate) name: String,
    /// Its name in the file, if that is no SQL name.
    pub(crate) source_name: Option<String>,
    /// Its type.
    pub(crate) data_type: String,
    /// Whether it was never null.
    pub(crate) required: bool,
    /// Whether its name sounds like personal data.
    pub(crate) personal: bool,
}

/// What was seen of a column.
#[derive(Debug, Default)]
struct Column {
    seen: Seen,
    /// How often each spelling of null was seen.
    spelled: IndexMap<&'static str, usize>,
    /// Records that have it, null or not.
    present: usize,
    empty: usize,
    /// Hashes of values, as long as all differ.
    different: Option<BTreeSet<u64>>,
}

/// Looks at the beginning of a file.
///
/// # Errors
/// If it can't be read, or its format is not one of which a contract can be guessed.
pub(crate) fn infer(file: &Path) -> Result<Guess> {
    let extension = file.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    let kind = match extension.as_str() {
        "csv" | "tsv" | "txt" => FileKind::Csv,
        "ndjson" | "jsonl" => FileKind::Ndjson,
        "parquet" => return infer_parquet::infer(file),
        _ => {
            return Err(Failure::usage(format!("`{}` is no CSV, NDJSON or Parquet file by its name", shown(file)))
                .help("its name ends with `.csv`, `.tsv`, `.txt`, `.ndjson`, `.jsonl` or `.parquet`; compressed text is unpacked first"));
        }
    };
    let (bytes, whole) = sample(file)?;
    let (text, windows_1252) = match std::str::from_utf8(&bytes) {
        Ok(text) => (text.trim_start_matches('\u{feff}').to_owned(), false),
        // One byte is one letter there; which letter matters to no type.
        Err(_) => (bytes.iter().map(|byte| char::from(*byte)).collect(), true),
    };
    let (columns, records, delimiter) = match kind {
        FileKind::Csv => {
            let delimiter = delimiter(&text);
            let (columns, records) = separated(file, &text, delimiter)?;
            (columns, records, Some(char::from(delimiter)))
        }
        FileKind::Ndjson | FileKind::Parquet => {
            let (columns, records) = lines(file, &text)?;
            (columns, records, None)
        }
    };
    if records == 0 || columns.is_empty() {
        return Err(Failure::failed(format!("`{}` holds no records to guess from", shown(file))));
    }
    let nulls = nulls(kind, &columns);
    let fields = fields(&columns, &nulls, records);
    let unique = |field: &&GuessedField| {
        let column = columns.get(field.source_name.as_ref().unwrap_or(&field.name));
        let sounds = field.name == "id" || field.name.ends_with("_id");
        sounds && field.required && column.is_some_and(|column| column.different.is_some())
    };
    let key = fields.iter().find(unique).map(|field| field.name.clone());
    let is_time = |field: &&GuessedField| field.required && field.data_type == "timestamp";
    let event_time = fields.iter().find(is_time).map(|field| field.name.clone());
    Ok(Guess { kind, delimiter, windows_1252, nulls, fields, key, event_time, records, whole })
}

/// The first bytes of a file up to the end of a line, and whether that is all.
fn sample(file: &Path) -> Result<(Vec<u8>, bool)> {
    let failed = |error| unreadable(file, &error);
    let mut bytes = Vec::new();
    let open = std::fs::File::open(file).map_err(failed)?;
    open.take(SAMPLE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    let whole = bytes.len() <= SAMPLE_BYTES_MAX;
    if !whole {
        let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        bytes.truncate(end);
    }
    Ok((bytes, whole))
}

/// The separator that the header has most of.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    let count = |delimiter: u8| header.bytes().filter(|byte| *byte == delimiter).count();
    // The last of equals wins, so the most usual stands last.
    [b'|', b'\t', b';', b','].into_iter().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}

fn separated(file: &Path, text: &str, delimiter: u8) -> Result<(IndexMap<String, Column>, usize)> {
    let failed =
        |error: csv::Error| Failure::failed(format!("`{}` can't be read as CSV: {error}", shown(file)));
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().map_err(failed)?.clone();
    let mut columns: IndexMap<String, Column> =
        header.iter().map(|name| (name.to_owned(), Column::fresh())).collect();
    if columns.len() != header.len() || columns.contains_key("") {
        return Err(Failure::failed(format!(
            "`{}` has columns without a name or of the same name",
            shown(file)
        ))
        .help("the first line of the file names its columns"));
    }
    let mut records = 0;
    for record in reader.records() {
        let record = record.map_err(failed)?;
        // What has another number of values is a dead letter, not a sign of a type.
        if record.len() == columns.len() {
            records += 1;
            for (value, column) in record.iter().zip(columns.values_mut()) {
                column.add_text(value);
            }
        }
    }
    Ok((columns, records))
}

fn lines(file: &Path, text: &str) -> Result<(IndexMap<String, Column>, usize)> {
    let mut columns: IndexMap<String, Column> = IndexMap::new();
    let mut records = 0;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        // A line that is no object is a dead letter, not a sign of a type.
        let Ok(Value::Object(record)) = serde_json::from_str(line) else { continue };
        records += 1;
        for (name, value) in &record {
            columns.entry(name.clone()).or_insert_with(Column::fresh).add_json(value);
        }
    }
    if let Some((name, _)) = columns.iter().find(|(_, column)| column.seen.is_nested()) {
        return Err(Failure::failed(format!("`{name}` in `{}` holds lists or objects", shown(file)))
            .help("write the contract of nested records by hand: `items[].sku` is a member of an element"));
    }
    Ok((columns, records))
}

impl Column {
    fn fresh() -> Self {
        Column { different: Some(BTreeSet::new()), ..Column::default() }
    }

    fn add_text(&mut self, text: &str) {
        self.present += 1;
        if text.is_empty() {
            self.empty += 1;
        } else if let Some(null) = NULLS.iter().find(|null| **null == text) {
            *self.spelled.entry(null).or_default() += 1;
        } else {
            self.seen.text(text);
            self.note(text);
        }
    }

    fn add_json(&mut self, value: &Value) {
        self.present += 1;
        match value {
            Value::Null => self.empty += 1,
            Value::String(text) => {
                self.seen.text_of_json(text);
                self.note(text);
            }
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                self.seen.json(value);
                self.note(&value.to_string());
            }
        }
    }

    /// Remembers that a value was seen, and forgets all once one was seen twice.
    fn note(&mut self, text: &str) {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        if self.different.as_mut().is_some_and(|different| !different.insert(hasher.finish())) {
            self.different = None;
        }
    }
}

/// The spellings that must mean null: columns of numbers and times hold them.
fn nulls(kind: FileKind, columns: &IndexMap<String, Column>) -> Vec<String> {
    let mut nulls = vec![String::new()];
    if kind == FileKind::Csv {
        let means_null = |null: &str| {
            columns
                .values()
                .any(|column| column.spelled.contains_key(null) && column.seen.is_more_than_text())
        };
        nulls.extend(NULLS.iter().filter(|null| means_null(null)).map(|null| (*null).to_owned()));
    }
    nulls
}

fn fields(columns: &IndexMap<String, Column>, nulls: &[String], records: usize) -> Vec<GuessedField> {
    let mut taken = BTreeSet::new();
    let mut fields = Vec::new();
    for (source, column) in columns {
        let mut name = sql_name(source);
        while !taken.insert(name.clone()) {
            name.push('_');
        }
        let is_null = |null: &&str| nulls.iter().any(|known| known == *null);
        let nulls_seen = column.empty
            + column.spelled.iter().filter(|(null, _)| is_null(null)).map(|(_, n)| n).sum::<usize>();
        let other_text = column.spelled.keys().any(|null| !is_null(null));
        fields.push(GuessedField {
            source_name: (name != *source).then(|| source.clone()),
            data_type: if other_text { "string".to_owned() } else { column.seen.data_type() },
            required: nulls_seen == 0 && column.present == records,
            personal: is_personal(&name),
            name,
        });
    }
    fields
}

/// Whether a name sounds like personal data.
pub(crate) fn is_personal(name: &str) -> bool {
    let words = ["email", "phone", "birth", "first_name", "last_name", "surname", "address", "ssn", "iban"];
    words.iter().any(|word| name.contains(word))
}

/// The nearest SQL name: `Order ID` is `order_id`, `orderId` is `order_id`.
pub(crate) fn sql_name(text: &str) -> String {
    let mut name = String::new();
    let mut before_lower = false;
    for letter in text.chars() {
        if letter.is_ascii_uppercase() && before_lower {
            name.push('_');
        }
        before_lower = letter.is_ascii_lowercase() || letter.is_ascii_digit();
        name.push(if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' });
    }
    if name.starts_with(|letter: char| letter.is_ascii_digit()) { format!("_{name}") } else { name }
}

#[cfg(test)]
mod tests {
    use super::{delimiter, sql_name};

    #[test]
    fn names_become_sql_names() {
        let check = |text: &str, expected: &str| assert_eq!(sql_name(text), expected);
        check("order_id", "order_id");
        check("Order ID", "order_id");
        check("orderId", "order_id");
        check("IATA", "iata");
        check("2nd", "_2nd");
    }

    #[test]
    fn the_separator_is_told_by_the_header() {
        let check = |text: &str, expected: u8| assert_eq!(delimiter(text), expected);
        check("a,b,c\n", b',');
        check("a;b\n1,0;2,0;3,0\n", b';');
        check("one\n", b',');
        check("a\tb", b'\t');
    }
}
