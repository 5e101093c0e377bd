//! The original of a record where it is not a plain slice of the file: UTF-16 text, rows of typed formats.
//!
//! Takes what was read, gives bytes. Runs only for records that are rejected.

use std::borrow::Cow;

use arrow::error::ArrowError;
use arrow::json::WriterBuilder;
use arrow::json::writer::LineDelimited;
use arrow::record_batch::RecordBatch;

use super::batch::Recoded;

/// Marks an odd last byte of a UTF-16 file in the recoded text; never part of UTF-8.
pub(crate) const ODD_BYTE: u8 = 0xff;

/// The file's own bytes of a slice of text.
pub(crate) fn of_text(text: &[u8], recoded: Recoded) -> Cow<'_, [u8]> {
    match recoded {
        Recoded::No => Cow::Borrowed(text),
        Recoded::Utf16Le | Recoded::Utf16Be => Cow::Owned(utf16(text, recoded)),
    }
}

/// Turns text that `input` recoded back into the file's UTF-16 bytes, exactly.
///
/// Lone surrogates stand in the text in the three-byte form that UTF-8 forbids, an odd last byte as `ff 8h 8l`.
fn utf16(text: &[u8], recoded: Recoded) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() * 2);
    let mut put = |unit: u16| match recoded {
        Recoded::Utf16Be => bytes.extend(unit.to_be_bytes()),
        Recoded::No | Recoded::Utf16Le => bytes.extend(unit.to_le_bytes()),
    };
    let mut odd = None;
    let mut rest = text;
    loop {
        rest = match rest {
            [] => break,
            [ODD_BYTE, high, low, ..] => {
                odd = Some((high & 0x0f) << 4 | (low & 0x0f));
                break;
            }
            [a @ 0..0x80, rest @ ..] => {
                put(u16::from(*a));
                rest
            }
            [a @ 0x80..0xe0, b, rest @ ..] => {
                put(u16::from(a & 0x1f) << 6 | bits(*b));
                rest
            }
            [a @ 0xe0..0xf0, b, c, rest @ ..] => {
                put(u16::from(a & 0x0f) << 12 | bits(*b) << 6 | bits(*c));
                rest
            }
            [a, b, c, d, rest @ ..] => {
                let point = u32::from(a & 0x07) << 18
                    | u32::from(bits(*b)) << 12
                    | u32::from(bits(*c) << 6 | bits(*d));
                let offset = point.wrapping_sub(0x1_0000);
                put(0xd800 | (offset >> 10 & 0x3ff) as u16);
                put(0xdc00 | (offset & 0x3ff) as u16);
                rest
            }
            // A slice cut at the limit inside a character: what is left of it is dropped.
            [_, ..] => break,
        };
    }
    bytes.extend(odd);
    bytes
}

fn bits(continuation: u8) -> u16 {
    u16::from(continuation & 0x3f)
}

/// One row as a JSON object with its members in the order of the schema, nulls written out.
/// A column whose type has no form in JSON (a union) is left out.
pub(crate) fn row_as_json(batch: &RecordBatch, row: usize) -> Vec<u8> {
    let one = batch.slice(row, 1);
    write_row(&one).unwrap_or_else(|_| {
        let columns = 0..one.num_columns();
        let writes = |at: &usize| one.project(&[*at]).is_ok_and(|column| write_row(&column).is_ok());
        let able: Vec<usize> = columns.filter(writes).collect();
        let rest = one.project(&able).and_then(|rest| write_row(&rest));
        rest.unwrap_or_else(|_| b"{}".to_vec())
    })
}

fn write_row(row: &RecordBatch) -> Result<Vec<u8>, ArrowError> {
    let builder = WriterBuilder::new().with_explicit_nulls(true);
    let mut writer = builder.build::<_, LineDelimited>(Vec::new());
    writer.write(row)?;
    writer.finish()?;
    let mut bytes = writer.into_inner();
    bytes.pop();
    Ok(bytes)
}
