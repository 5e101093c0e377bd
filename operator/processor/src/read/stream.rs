//! Text of one file in chunks of whole records, with bounded memory.
//!
//! Takes an `Input`, gives pieces that the format's own cut ends at a record's end; the rest is carried over.
//! Knows nothing of fields.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use arrow::buffer::Buffer;
use encoding_rs::Encoding;
use headwater_compiler::code::run_time;

use super::batch::{Recoded, Rejected};
use super::error::ReadError;
use super::input::{self, Input};
use super::original;
use super::source::{Compression, Limits};

/// Slices pack a length into 30 bits.
const CHUNK_BYTES_MAX: usize = 1 << 30;

/// One text file, read forward.
pub(crate) struct TextStream {
    file: Arc<str>,
    input: Input,
    limits: Limits,
    carry: Vec<u8>,
    ended: bool,
    line: u64,
    record: u64,
}

/// How many bytes at the start of a buffer are whole records, and what is in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(crate) bytes: usize,
    pub(crate) lines: u64,
    pub(crate) records: u64,
}

/// A chunk of whole records of one file.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) file: Arc<str>,
    pub(crate) bytes: Buffer,
    pub(crate) recoded: Recoded,
    /// Line on which `bytes` starts, from 1.
    pub(crate) line: u64,
    /// Index of the first record.
    pub(crate) record: u64,
}

impl TextStream {
    pub(crate) fn open(
        file: Arc<str>,
        path: &Path,
        compression: Compression,
        encoding: &'static Encoding,
        limits: Limits,
    ) -> Result<Self, ReadError> {
        let input = input::open(path, compression, encoding)
            .map_err(|source| ReadError::Io { file: file.to_string(), source })?;
        let limits = Limits {
            record_bytes_max: limits.record_bytes_max.clamp(1, CHUNK_BYTES_MAX / 8),
            chunk_bytes: limits.chunk_bytes.clamp(1, CHUNK_BYTES_MAX / 8),
            batch_rows: limits.batch_rows.max(1),
        };
        Ok(Self { file, input, limits, carry: Vec::new(), ended: false, line: 1, record: 0 })
    }

    pub(crate) fn encoding(&self) -> &'static Encoding {
        self.input.encoding
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    pub(crate) fn file(&self) -> &Arc<str> {
        &self.file
    }

    /// The bytes read and not taken yet.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.carry
    }

    /// Whether nothing follows [`TextStream::bytes`].
    pub(crate) fn ended(&self) -> bool {
        self.ended
    }

    /// A record of [`TextStream::bytes`] as a rejected one.
    pub(crate) fn rejected(&self, bad: Bad) -> Rejected {
        bad.rejected(&self.file, &self.carry, self.input.recoded, self.limits.record_bytes_max)
    }

    /// Whether the file's own bytes are of another encoding than [`TextStream::bytes`].
    pub(crate) fn recoded(&self) -> bool {
        self.input.recoded != Recoded::No
    }

    /// Line and record index at which [`TextStream::bytes`] starts.
    pub(crate) fn place(&self) -> (u64, u64) {
        (self.line, self.record)
    }

    /// Reads until `want` bytes are there or the file ends.
    pub(crate) fn fill(&mut self, want: usize) -> Result<(), ReadError> {
        if self.ended || self.carry.len() >= want {
            return Ok(());
        }
        let missing = want - self.carry.len();
        self.carry.reserve_exact(missing);
        let mut block = self.input.reader.by_ref().take(missing as u64);
        let read = block.read_to_end(&mut self.carry);
        let read = read.map_err(|source| ReadError::Io { file: self.file.to_string(), source })?;
        self.ended = read < missing;
        Ok(())
    }

    /// The next chunk of whole records, by `cut`, which is given the bytes and whether they are the last ones.
    /// It must find a record's end in any buffer longer than `record_bytes_max` that has a line break.
    /// A line longer than that comes as a rejected record.
    pub(crate) fn next(
        &mut self,
        cut: impl Fn(&[u8], bool) -> Cut,
    ) -> Result<Option<(Piece, Vec<Rejected>)>, ReadError> {
        let mut want = self.limits.chunk_bytes;
        loop {
            self.fill(want)?;
            if self.carry.is_empty() {
                return Ok(None);
            }
            let found = cut(&self.carry, self.ended);
            if found.bytes > 0 {
                return Ok(Some((self.take(found), Vec::new())));
            }
            let too_long = self.carry.len() > self.limits.record_bytes_max + 2
                && memchr::memchr(b'\n', &self.carry).is_none();
            if too_long {
                let rejected = self.skip_line()?;
                return Ok(Some((self.take(Cut::default()), vec![rejected])));
            }
            want = self.carry.len() * 2;
        }
    }

    /// Takes the first bytes as a chunk.
    pub(crate) fn take(&mut self, cut: Cut) -> Piece {
        let rest = self.carry[cut.bytes..].to_vec();
        let mut bytes = std::mem::replace(&mut self.carry, rest);
        bytes.truncate(cut.bytes);
        let piece = Piece {
            file: self.file.clone(),
            bytes: Buffer::from_vec(bytes),
            recoded: self.input.recoded,
            line: self.line,
            record: self.record,
        };
        self.line += cut.lines;
        self.record += cut.records;
        piece
    }

    /// Leaves out a line that is longer than the limit; gives its start.
    fn skip_line(&mut self) -> Result<Rejected, ReadError> {
        let mut head = std::mem::take(&mut self.carry);
        head.truncate(self.limits.record_bytes_max);
        let end = head.len();
        let piece = self.take(Cut { bytes: 0, lines: 1, records: 1 });
        let piece = Piece { bytes: Buffer::from_vec(head), ..piece };
        loop {
            self.fill(self.limits.chunk_bytes)?;
            match memchr::memchr(b'\n', &self.carry) {
                Some(at) => {
                    self.carry.drain(..=at);
                    break;
                }
                None if self.ended => {
                    self.carry.clear();
                    break;
                }
                None => self.carry.clear(),
            }
        }
        let whole = Bad { start: 0, end, line: piece.line, record: piece.record, reason: Reason::TooLong };
        Ok(piece.rejected(whole, self.limits.record_bytes_max))
    }
}

impl Piece {
    /// A record of this piece as a rejected one.
    pub(crate) fn rejected(&self, bad: Bad, bytes_max: usize) -> Rejected {
        bad.rejected(&self.file, &self.bytes, self.recoded, bytes_max)
    }
}

/// A record that can't be split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bad {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) line: u64,
    pub(crate) record: u64,
    pub(crate) reason: Reason,
}

/// Why a record can't be split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// A quote that is not closed, or text after one that is.
    Quoting,
    /// More or fewer fields than the header has.
    Ragged { expected: usize, found: usize },
    /// Not a document of the format.
    Syntax { format: &'static str, what: &'static str },
    /// Bytes that are not text of the encoding.
    Encoding,
    /// Longer than the limit.
    TooLong,
}

impl Bad {
    /// The rejected record, with its bytes up to `bytes_max`; `bytes` are those that the record lies in.
    pub(crate) fn rejected(
        self,
        file: &Arc<str>,
        bytes: &[u8],
        recoded: Recoded,
        bytes_max: usize,
    ) -> Rejected {
        let (code, rule, message) = match self.reason {
            Reason::Quoting => (
                run_time::MALFORMED_RECORD.id,
                "quoting",
                "the record has a quote that is not closed, or text after a closing one".to_owned(),
            ),
            Reason::Ragged { expected, found } => (
                run_time::MALFORMED_RECORD.id,
                "fields",
                format!("the record has {found} fields where {expected} are expected"),
            ),
            Reason::Syntax { format, what } => {
                (run_time::MALFORMED_RECORD.id, format, format!("the record is not valid {format}: {what}"))
            }
            Reason::Encoding => (
                run_time::BAD_ENCODING.id,
                "encoding",
                "the record holds bytes that are not text in the source's encoding".to_owned(),
            ),
            Reason::TooLong => (
                run_time::RECORD_TOO_LONG.id,
                "record length",
                format!("the record is longer than {bytes_max} bytes"),
            ),
        };
        let end = self.end.min(self.start + bytes_max);
        let bytes = &bytes[self.start..end];
        Rejected {
            file: file.clone(),
            line: self.line,
            record: self.record,
            code,
            field: None,
            rule: rule.to_owned(),
            message,
            original: original::of_text(bytes, recoded).into_owned(),
        }
    }
}
