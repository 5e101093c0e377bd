//! One file of fixed-width records: chunks of whole records, then batches of split ones.
//!
//! Takes an open stream and the columns' places; gives chunks in order (`next`) that other threads can split (`FixedChunk::next`).
//! A record is a line, or the lines from one that starts with a prefix up to the next such line, joined without their breaks.
//! Spaces around a value are padding and are left out; a place beyond the record's end is empty.

use std::sync::Arc;

use encoding_rs::{Encoding, UTF_8};

use super::batch::{Originals, Origins, RawBatch, RawColumns, Rejected};
use super::column::Column;
use super::csv::{cut_lines, empty_line};
use super::error::ReadError;
use super::source::{FixedFormat, Limits};
use super::stream::{Bad, Cut, Piece, Reason, TextStream};
use super::text::{Slice, TextColumns};
use super::trees::RecordAt;

/// A file of fixed-width records, read forward.
pub(crate) struct FixedFile {
    stream: TextStream,
    layout: Arc<FixedLayout>,
    /// Inside a record that is too long: lines are left out until the next one starts.
    skip: bool,
}

/// Where the wanted columns are.
#[derive(Debug)]
struct FixedLayout {
    /// For each wanted column its first character, from 0, and the one after its last.
    places: Vec<Option<(usize, usize)>>,
    /// A line break and what the first line of a record starts with.
    starts_at: Option<Vec<u8>>,
    encoding: &'static Encoding,
}

/// A chunk of whole records.
#[derive(Debug)]
pub(crate) struct FixedChunk {
    piece: Piece,
    layout: Arc<FixedLayout>,
    malformed: Vec<Rejected>,
    limits: Limits,
    at: usize,
    line: u64,
    record: u64,
    done: bool,
}

impl FixedFile {
    /// # Errors
    /// When the encoding can't be split into lines.
    pub(crate) fn new(
        stream: TextStream,
        format: &FixedFormat,
        wanted: &[Column],
    ) -> Result<Self, ReadError> {
        let encoding = stream.encoding();
        if !encoding.is_ascii_compatible() {
            return Err(ReadError::Unsupported(format!("text in {} can't be split", encoding.name())));
        }
        let place = |column: &Column| {
            let found = format.columns.iter().find(|fixed| fixed.name == column.name())?;
            let start = found.start.saturating_sub(1);
            Some((start, start.saturating_add(found.length)))
        };
        let layout = FixedLayout {
            places: wanted.iter().map(place).collect(),
            starts_at: format.starts_at.as_ref().map(|prefix| format!("\n{prefix}").into_bytes()),
            encoding,
        };
        Ok(Self { stream, layout: Arc::new(layout), skip: false })
    }

    /// Index of the first record that has not been handed out.
    pub(crate) fn record(&self) -> u64 {
        self.stream.place().1
    }

    /// The next chunk, or `None` at the end of the file.
    pub(crate) fn next(&mut self) -> Result<Option<FixedChunk>, ReadError> {
        let limits = self.stream.limits();
        let mut malformed = Vec::new();
        let piece = if self.layout.starts_at.is_none() {
            let next = self.stream.next(|bytes, last| cut_lines(bytes, last, false))?;
            next.map(|(piece, rejected)| {
                malformed = rejected;
                piece
            })
        } else {
            self.next_groups(&mut malformed)?
        };
        let layout = self.layout.clone();
        Ok(piece.map(|piece| {
            let (line, record) = (piece.line, piece.record);
            FixedChunk { piece, layout, malformed, limits, at: 0, line, record, done: false }
        }))
    }

    /// The next chunk of records of several lines.
    fn next_groups(&mut self, malformed: &mut Vec<Rejected>) -> Result<Option<Piece>, ReadError> {
        let limits = self.stream.limits();
        let mut want = limits.chunk_bytes;
        loop {
            self.stream.fill(want)?;
            let bytes = self.stream.bytes();
            if bytes.is_empty() {
                return Ok(None);
            }
            let ended = self.stream.ended();
            if self.skip {
                if let Some((cut, found)) = self.layout.skip(bytes, ended) {
                    self.skip = !found;
                    self.stream.take(cut);
                    continue;
                }
            } else {
                let cut = self.layout.cut(bytes, ended);
                if cut.bytes > 0 {
                    return Ok(Some(self.stream.take(cut)));
                }
                if bytes.len() > limits.record_bytes_max + 2 {
                    let (line, record) = self.stream.place();
                    let end = bytes.len();
                    let bad = Bad { start: 0, end, line, record, reason: Reason::TooLong };
                    malformed.push(self.stream.rejected(bad));
                    self.skip = true;
                    return Ok(Some(self.stream.take(Cut { bytes: 0, lines: 0, records: 1 })));
                }
            }
            want = bytes.len() * 2;
        }
    }
}

impl FixedLayout {
    /// Where the next record after the one at the start of `bytes` begins.
    fn next_start(&self, bytes: &[u8]) -> Option<usize> {
        match &self.starts_at {
            Some(start) => memchr::memmem::find(bytes, start).map(|at| at + 1),
            None => memchr::memchr(b'\n', bytes).map(|at| at + 1),
        }
    }

    /// The whole records of several lines at the start of `bytes`.
    fn cut(&self, bytes: &[u8], last: bool) -> Cut {
        let mut cut = Cut::default();
        let mut at = 0;
        while let Some(length) = self.next_start(&bytes[at..]) {
            at += length;
            cut.records += 1;
        }
        if last {
            at = bytes.len();
            cut.records += 1;
        }
        cut.bytes = at;
        cut.lines = count_lines(&bytes[..at]);
        cut
    }

    /// What of `bytes` belongs to a record that is left out, and whether the next one follows.
    fn skip(&self, bytes: &[u8], last: bool) -> Option<(Cut, bool)> {
        let found = self.next_start(bytes);
        let prefix = self.starts_at.as_ref().map_or(1, Vec::len);
        let length = match found {
            Some(at) => at,
            None if last => bytes.len(),
            // The end may hold a part of what the next record starts with.
            None => bytes.len().checked_sub(prefix).filter(|length| *length > 0)?,
        };
        let lines = count_lines(&bytes[..length]);
        Some((Cut { bytes: length, lines, records: 0 }, found.is_some() || last))
    }
}

fn count_lines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

impl FixedChunk {
    /// The next records of the chunk, split.
    pub(crate) fn next(&mut self) -> Option<RawBatch> {
        if self.done {
            return None;
        }
        let bytes = self.piece.bytes.clone();
        let mut text = TextColumns {
            bytes: bytes.clone(),
            side: Vec::new(),
            columns: self.layout.places.iter().map(|place| place.map(|_| Vec::new())).collect(),
        };
        let mut malformed = std::mem::take(&mut self.malformed);
        let (mut spans, mut lines, mut records) = (Vec::new(), Vec::new(), Vec::new());
        while spans.len() < self.limits.batch_rows
            && let Some(at) = self.next_record(&bytes)
        {
            let RecordAt { start, end, line, record } = at;
            match self.split(&mut text, &bytes[start..end], start) {
                Ok(()) => {
                    spans.push((start as u32, end as u32));
                    lines.push(line);
                    records.push(record);
                }
                Err(reason) => {
                    let bad = Bad { start, end, line, record, reason };
                    malformed.push(self.piece.rejected(bad, self.limits.record_bytes_max));
                }
            }
        }
        self.done = self.at >= bytes.len();
        let originals = Originals::Text { bytes, spans, recoded: self.piece.recoded };
        let file = self.piece.file.clone();
        Some(RawBatch {
            origins: Origins { file, lines, records, originals },
            columns: RawColumns::Text(text),
            malformed,
        })
    }

    fn next_record(&mut self, bytes: &[u8]) -> Option<RecordAt> {
        while self.layout.starts_at.is_none()
            && let Some(length) = empty_line(&bytes[self.at..])
        {
            self.at += length;
            self.line += 1;
        }
        let start = self.at;
        let rest = bytes.get(start..).filter(|rest| !rest.is_empty())?;
        let length = self.layout.next_start(rest).unwrap_or(rest.len());
        let whole = &rest[..length];
        let text = whole.strip_suffix(b"\n").unwrap_or(whole);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let found = RecordAt { start, end: start + text.len(), line: self.line, record: self.record };
        self.at += length;
        self.line += count_lines(whole);
        self.record += 1;
        Some(found)
    }

    /// Cuts the columns out of a record, which starts at `start` of the chunk.
    fn split(&self, columns: &mut TextColumns, record: &[u8], start: usize) -> Result<(), Reason> {
        let layout = &self.layout;
        if record.len() > self.limits.record_bytes_max {
            return Err(Reason::TooLong);
        }
        if let Some(prefix) = &layout.starts_at
            && !record.starts_with(&prefix[1..])
        {
            return Err(Reason::Syntax { format: "fixed width", what: "no record has started" });
        }
        let text = layout.encoding.decode_without_bom_handling_and_without_replacement(record);
        let text = text.ok_or(Reason::Encoding)?;
        let one_line = layout.starts_at.is_none() || !text.contains('\n');
        let (base, joined) = if one_line && (layout.encoding == UTF_8 || text.len() == record.len()) {
            (None, text)
        } else {
            let joined: String = text.lines().collect();
            let base = columns.side.len();
            columns.side.extend_from_slice(joined.as_bytes());
            (Some(base), joined.into())
        };
        for (place, slices) in layout.places.iter().zip(&mut columns.columns) {
            let (Some((first, last)), Some(slices)) = (place, slices) else { continue };
            let from = byte_of(&joined, *first);
            let value = &joined[from..byte_of(&joined, *last)];
            let from = from + (value.len() - value.trim_start_matches(' ').len());
            let to = from + value.trim_matches(' ').len();
            slices.push(match base {
                None => Slice::of_chunk(start + from, start + to, false),
                Some(base) => Slice::of_side(base + from, base + to, false),
            });
        }
        Ok(())
    }
}

/// Index of the byte at which a character starts, or the text's end.
fn byte_of(text: &str, character: usize) -> usize {
    if text.is_ascii() {
        return character.min(text.len());
    }
    text.char_indices().nth(character).map_or(text.len(), |(at, _)| at)
}
