//! A chunk of records that are trees (JSON, XML), parsed batch by batch.
//!
//! Takes a piece of a file and where its records are, gives raw batches; a record that does not parse is malformed.
//! Runs on any thread; where records are is found in order, see `json_file` and `xml_file`.

use encoding_rs::{Encoding, UTF_8};

use super::batch::{Originals, Origins, RawBatch, RawColumns, Rejected};
use super::csv::empty_line;
use super::json;
use super::source::Limits;
use super::stream::{Bad, Piece, Reason};
use super::tape::{Kind, Style, Tape};
use super::xml;

/// A record of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordAt {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) line: u64,
    pub(crate) record: u64,
}

/// Where the records of a piece are.
#[derive(Clone, Debug)]
pub(crate) enum Records {
    /// At these places.
    At(Vec<RecordAt>),
    /// Each line that is not empty is one.
    Lines,
}

/// What a record is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notation {
    Json,
    Xml(&'static Encoding),
}

/// A chunk of whole records.
#[derive(Clone, Debug)]
pub(crate) struct TreeChunk {
    piece: Piece,
    records: std::vec::IntoIter<RecordAt>,
    lines: bool,
    notation: Notation,
    malformed: Vec<Rejected>,
    limits: Limits,
    done: bool,
}

impl TreeChunk {
    pub(crate) fn new(
        piece: Piece,
        records: Records,
        malformed: Vec<Rejected>,
        notation: Notation,
        limits: Limits,
    ) -> Self {
        let (records, lines) = match records {
            Records::At(records) => (records, false),
            Records::Lines => (Vec::new(), true),
        };
        let records = records.into_iter();
        Self { piece, records, lines, notation, malformed, limits, done: false }
    }

    /// The next records of the chunk, parsed.
    pub(crate) fn next(&mut self) -> Option<RawBatch> {
        if self.done {
            return None;
        }
        if std::mem::take(&mut self.lines) {
            self.records = split_lines(&self.piece).into_iter();
        }
        let style = match self.notation {
            Notation::Json => Style::Typed,
            Notation::Xml(_) => Style::Plain,
        };
        let bytes = self.piece.bytes.clone();
        let utf8 = match self.notation {
            Notation::Json => true,
            Notation::Xml(encoding) => encoding == UTF_8,
        };
        let validate = utf8 && std::str::from_utf8(&bytes).is_err();
        let mut tape = Tape::new(bytes.clone(), style);
        let mut malformed = std::mem::take(&mut self.malformed);
        let (mut spans, mut lines, mut records) = (Vec::new(), Vec::new(), Vec::new());
        for at in self.records.by_ref().take(self.limits.batch_rows) {
            match self.notation.parse(&mut tape, at, validate, self.limits.record_bytes_max) {
                Ok(root) => {
                    tape.roots.push(root);
                    spans.push((at.start as u32, at.end as u32));
                    lines.push(at.line);
                    records.push(at.record);
                }
                Err(reason) => {
                    let RecordAt { start, end, line, record } = at;
                    let bad = Bad { start, end, line, record, reason };
                    malformed.push(self.piece.rejected(bad, self.limits.record_bytes_max));
                }
            }
        }
        self.done = self.records.as_slice().is_empty();
        let originals = Originals::Text { bytes, spans, recoded: self.piece.recoded };
        let file = self.piece.file.clone();
        Some(RawBatch {
            origins: Origins { file, lines, records, originals },
            columns: RawColumns::Tree(tape),
            malformed,
        })
    }
}

impl Notation {
    fn parse(self, tape: &mut Tape, at: RecordAt, validate: bool, bytes_max: usize) -> Result<u32, Reason> {
        let RecordAt { start, end, .. } = at;
        if end - start > bytes_max {
            return Err(Reason::TooLong);
        }
        let bytes = tape.bytes.clone();
        let record = &bytes.as_slice()[start..end];
        if validate && std::str::from_utf8(record).is_err() {
            return Err(Reason::Encoding);
        }
        match self {
            Self::Json => {
                let root = json::parse(tape, start, end);
                let root = root.map_err(|what| Reason::Syntax { format: "JSON", what })?;
                if tape.node(root).kind == Kind::Object {
                    return Ok(root);
                }
                tape.nodes.truncate(root as usize);
                Err(Reason::Syntax { format: "JSON", what: "a record must be an object" })
            }
            Self::Xml(encoding) => {
                let text = encoding.decode_without_bom_handling_and_without_replacement(record);
                let text = text.ok_or(Reason::Encoding)?;
                let root = xml::parse(tape, &text);
                root.map_err(|what| Reason::Syntax { format: "XML", what })
            }
        }
    }
}

/// The lines of a piece that are not empty.
fn split_lines(piece: &Piece) -> Vec<RecordAt> {
    let bytes = piece.bytes.as_slice();
    let mut records = Vec::new();
    let (mut start, mut line, mut record) = (0, piece.line, piece.record);
    while start < bytes.len() {
        let rest = &bytes[start..];
        let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        if empty_line(rest).is_none() {
            let text = &rest[..length];
            let end = start + text.strip_suffix(b"\r").unwrap_or(text).len();
            records.push(RecordAt { start, end, line, record });
            record += 1;
        }
        start += length + 1;
        line += 1;
    }
    records
}
