//! One file of delimited text: its header, then chunks, then batches of split records.
//!
//! Takes a path and the wanted columns; gives chunks in order (`next`) that other threads can split (`CsvChunk::next`).

use std::sync::Arc;

use encoding_rs::{BIG5, EUC_KR, Encoding, GB18030, GBK, SHIFT_JIS, UTF_8};

use super::batch::{Originals, Origins, RawBatch, RawColumns, Rejected};
use super::column::Column;
use super::csv::{self, CsvLayout, Place, Split};
use super::error::ReadError;
use super::source::{CsvFormat, Header};
use super::stream::{Cut, Piece, Reason, TextStream};
use super::text::TextColumns;
use super::wanted::TextRules;

const FORMAT: &str = "CSV";

/// A file of delimited text, read forward.
pub(crate) struct CsvFile {
    stream: TextStream,
    layout: Arc<CsvLayout>,
}

/// A chunk of whole records.
#[derive(Clone, Debug)]
pub(crate) struct CsvChunk {
    piece: Piece,
    layout: Arc<CsvLayout>,
    rejected: Vec<Rejected>,
    batch_rows: usize,
    next: Place,
    done: bool,
}

impl CsvFile {
    /// Reads the header of an open file.
    ///
    /// # Errors
    /// When the format's bytes can't be told apart, or the header is broken or names a wanted column twice.
    pub(crate) fn open(
        mut stream: TextStream,
        format: &CsvFormat,
        wanted: &[Column],
        rules: &TextRules,
    ) -> Result<Self, ReadError> {
        check_bytes(format, stream.encoding())?;
        let mut layout = CsvLayout {
            delimiter: format.delimiter,
            quote: format.quote,
            encoding: stream.encoding(),
            record_bytes_max: stream.limits().record_bytes_max,
            slots: Vec::new(),
            wanted: wanted.len(),
            places: false,
        };
        let names = match &format.header {
            Header::FirstRecord => read_header(&mut stream, &layout)?,
            Header::Columns(names) => names.clone(),
            Header::Wanted => wanted.iter().map(|c| c.name().to_owned()).collect(),
        };
        let trimmed = |name: &String| match rules.trim {
            true => name.trim().to_owned(),
            false => name.clone(),
        };
        let names: Vec<String> = names.iter().map(trimmed).collect();
        let is_missing = |column: &&Column| {
            column.required() && column.default.is_none() && !names.iter().any(|name| name == column.name())
        };
        // An empty file has no header and no records.
        if let (Header::FirstRecord, false, Some(column)) =
            (&format.header, names.is_empty(), wanted.iter().find(is_missing))
        {
            return Err(ReadError::Format {
                file: stream.file().to_string(),
                format: FORMAT,
                reason: format!("the header has no column `{}`, which is required", column.name()),
            });
        }
        for column in wanted {
            if names.iter().filter(|n| *n == column.name()).count() > 1 {
                return Err(ReadError::Format {
                    file: stream.file().to_string(),
                    format: FORMAT,
                    reason: format!("the column `{}` is there twice", column.name()),
                });
            }
        }
        let slot = |name: &String| wanted.iter().position(|c| c.name() == name);
        layout.slots = names.iter().map(slot).collect();
        Ok(Self { stream, layout: Arc::new(layout) })
    }

    /// From here on only looks where records are, not what is in them.
    pub(crate) fn find_places(&mut self) {
        let slots = vec![None; self.layout.slots.len()];
        let layout = CsvLayout { slots, wanted: 0, places: true, ..CsvLayout::clone(&self.layout) };
        self.layout = Arc::new(layout);
    }

    /// Index of the first record that has not been handed out.
    pub(crate) fn record(&self) -> u64 {
        self.stream.place().1
    }

    /// The next chunk, or `None` at the end of the file.
    pub(crate) fn next(&mut self) -> Result<Option<CsvChunk>, ReadError> {
        let layout = self.layout.clone();
        let next = self.stream.next(|bytes, last| csv::cut(&layout, bytes, last))?;
        Ok(next.map(|(piece, rejected)| CsvChunk {
            next: Place { at: 0, line: piece.line, record: piece.record },
            piece,
            layout,
            rejected,
            batch_rows: self.stream.limits().batch_rows,
            done: false,
        }))
    }
}

impl CsvChunk {
    /// The next records of the chunk, split.
    pub(crate) fn next(&mut self) -> Option<RawBatch> {
        if self.done {
            return None;
        }
        let bytes = self.piece.bytes.as_slice();
        let split = csv::split(&self.layout, bytes, self.next, self.batch_rows, true);
        self.next = split.next;
        self.done = split.next.at >= bytes.len();
        let mut malformed = std::mem::take(&mut self.rejected);
        let bytes_max = self.layout.record_bytes_max;
        let bad = split.bad.iter();
        malformed.extend(bad.map(|bad| self.piece.rejected(*bad, bytes_max)));
        Some(self.raw(split, malformed))
    }

    fn raw(&self, split: Split, malformed: Vec<Rejected>) -> RawBatch {
        let mut columns: Vec<_> = split.columns.into_iter().map(Some).collect();
        for (slot, column) in columns.iter_mut().enumerate() {
            if !self.layout.slots.contains(&Some(slot)) {
                *column = None;
            }
        }
        RawBatch {
            origins: Origins {
                file: self.piece.file.clone(),
                lines: split.lines,
                records: split.records,
                originals: Originals::Text {
                    bytes: self.piece.bytes.clone(),
                    spans: split.spans,
                    recoded: self.piece.recoded,
                },
            },
            columns: RawColumns::Text(TextColumns {
                bytes: self.piece.bytes.clone(),
                side: split.side,
                columns,
            }),
            malformed,
        }
    }
}

/// Takes the first record off the stream as names of columns; none when the file is empty.
fn read_header(stream: &mut TextStream, layout: &CsvLayout) -> Result<Vec<String>, ReadError> {
    let broken = |stream: &TextStream, reason: String| ReadError::Format {
        file: stream.file().to_string(),
        format: FORMAT,
        reason,
    };
    let mut want = stream.limits().chunk_bytes;
    let first = loop {
        stream.fill(want)?;
        // No number of fields is expected, so that the first record is refused with the number that it has.
        let split = csv::split(layout, stream.bytes(), Place::default(), 1, stream.ended());
        match split.bad.first() {
            Some(bad) => break *bad,
            None if stream.ended() => return Ok(Vec::new()),
            None if stream.bytes().len() > layout.record_bytes_max => {
                return Err(broken(stream, "the header is too long".to_owned()));
            }
            None => want = stream.bytes().len() * 2,
        }
    };
    let Reason::Ragged { found, .. } = first.reason else {
        return Err(broken(stream, "the header is not a record".to_owned()));
    };
    let all = CsvLayout { slots: (0..found).map(Some).collect(), wanted: found, ..layout.clone() };
    let from = Place { at: first.start, line: first.line, record: 0 };
    let header = csv::split(&all, stream.bytes(), from, 1, stream.ended());
    let columns =
        TextColumns { bytes: stream.bytes().to_vec().into(), side: header.side, columns: Vec::new() };
    let name = |column: &Vec<_>| {
        let slice = column.first().copied();
        slice.map(|slice| String::from_utf8_lossy(columns.text(slice)).into_owned())
    };
    let names = header.columns.iter().map(name).collect::<Option<Vec<_>>>();
    let names = names.ok_or_else(|| broken(stream, "the header is not text".to_owned()))?;
    stream.take(Cut { bytes: header.next.at, lines: header.next.line, records: 0 });
    Ok(names)
}

/// Splitting looks at bytes before they are decoded: none that it looks for may be a part of a longer character.
fn check_bytes(format: &CsvFormat, encoding: &'static Encoding) -> Result<(), ReadError> {
    let unsupported = |reason: String| Err(ReadError::Unsupported(reason));
    let special = [Some(format.delimiter), format.quote];
    let taken = |b: &u8| !b.is_ascii() || matches!(b, b'\n' | b'\r');
    if special.iter().flatten().any(taken) || format.quote == Some(format.delimiter) {
        return unsupported(
            "delimiter and quote must be different ASCII characters and no line break".to_owned(),
        );
    }
    if encoding != UTF_8 && !encoding.is_ascii_compatible() {
        return unsupported(format!("text in {} can't be split", encoding.name()));
    }
    let wide = [SHIFT_JIS, BIG5, GBK, GB18030, EUC_KR].contains(&encoding);
    if wide && special.iter().flatten().any(|b| *b >= 0x30) {
        return unsupported(format!("text in {} can't be split at a letter, digit or bar", encoding.name()));
    }
    Ok(())
}
