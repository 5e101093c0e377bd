//! Rows as comma-separated values (RFC 4180), with a header.
//!
//! Takes batches, gives lines. Null is an empty field and empty text is `""`, so that both come back;
//! nested values are JSON, bytes base64, a uuid its text. It must not open files.

use std::io::Write;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Schema};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::json::json_values;

/// Writes the header.
pub(crate) fn csv_header(schema: &Schema, to: &mut impl Write) -> Result<(), ArrowError> {
    let mut line = String::new();
    for (number, field) in schema.fields().iter().enumerate() {
        separate(number, &mut line);
        quote(field.name(), &mut line);
    }
    line.push('\n');
    Ok(to.write_all(line.as_bytes())?)
}

/// Writes the rows of a batch.
pub(crate) fn csv_rows(batch: &RecordBatch, to: &mut impl Write) -> Result<(), ArrowError> {
    let mut columns = Vec::with_capacity(batch.num_columns());
    for column in batch.columns() {
        columns.push(cell_texts(column)?);
    }
    let mut lines = String::new();
    for row in 0..batch.num_rows() {
        for (number, cells) in columns.iter().enumerate() {
            separate(number, &mut lines);
            if let Some(text) = &cells[row] {
                quote(text, &mut lines);
            }
        }
        lines.push('\n');
    }
    Ok(to.write_all(lines.as_bytes())?)
}

/// Each value of a column as text; null stays null.
pub(crate) fn cell_texts(column: &ArrayRef) -> Result<Vec<Option<String>>, ArrowError> {
    let kind = column.data_type();
    if let Some(texts) = column.as_string_opt::<i32>() {
        return Ok(texts.iter().map(|text| text.map(str::to_owned)).collect());
    }
    if kind.is_nested() {
        return json_values(column);
    }
    if matches!(kind, DataType::Binary | DataType::FixedSizeBinary(_)) {
        // Base64 and uuids have nothing to unescape.
        let unquoted = |text: String| text.trim_matches('"').to_owned();
        return Ok(json_values(column)?.into_iter().map(|text| text.map(unquoted)).collect());
    }
    let options = FormatOptions::default();
    let format = ArrayFormatter::try_new(column, &options)?;
    let text = |row| match column.is_null(row) {
        true => Ok(None),
        false => format.value(row).try_to_string().map(Some),
    };
    (0..column.len()).map(text).collect()
}

fn separate(number: usize, line: &mut String) {
    if number > 0 {
        line.push(',');
    }
}

fn quote(text: &str, line: &mut String) {
    let plain = |c: char| !matches!(c, ',' | '"' | '\n' | '\r');
    let outer = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace());
    if outer(text.chars().next()) && outer(text.chars().next_back()) && text.chars().all(plain) {
        line.push_str(text);
        return;
    }
    line.push('"');
    line.push_str(&text.replace('"', "\"\""));
    line.push('"');
}
