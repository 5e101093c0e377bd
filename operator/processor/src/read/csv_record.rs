//! One record of delimited text: its fields, its end, or why it is not good.
//!
//! Takes a buffer and a place in it, adds to a `Split`. The readings of RFC 4180 are listed in `csv`.

use std::borrow::Cow;

use super::csv::{CsvLayout, Place, Split, empty_line};
use super::marks::Marks;
use super::stream::{Bad, Reason};
use super::text::Slice;

/// Where a record ends.
enum End {
    /// The next record starts at `next`, `lines` lines further; `refused` says why this one is not good.
    At { end: usize, next: usize, lines: u64, refused: Option<Reason> },
    /// Not in this buffer.
    Beyond,
    /// Can't be told, because quotes don't match within the longest record: it is its first line.
    FirstLine,
}

/// A field that starts with a quote.
struct Quoted {
    /// The closing quote.
    close: usize,
    /// The delimiter or line feed that follows, or the end of the buffer.
    stop: usize,
    escaped: bool,
    breaks: u64,
}

/// One buffer being split.
pub(crate) struct Splitter<'a> {
    pub(crate) layout: &'a CsvLayout,
    pub(crate) bytes: &'a [u8],
    pub(crate) marks: Marks<'a>,
    pub(crate) last: bool,
    pub(crate) recode: bool,
    pub(crate) validate: bool,
    pub(crate) split: Split,
}

impl Splitter<'_> {
    /// Takes one record or empty line; false when its end is not in the buffer.
    pub(crate) fn step(&mut self) -> bool {
        let Place { at, line, record } = self.split.next;
        if self.layout.slots.len() != 1
            && let Some(length) = empty_line(&self.bytes[at..])
        {
            self.split.next = Place { at: at + length, line: line + 1, record };
            self.marks.seek(at + length);
            return true;
        }
        let mut found = self.record(at);
        if let End::FirstLine = found {
            found = self.first_line(at);
            self.marks.seek(match found {
                End::At { next, .. } => next,
                End::Beyond | End::FirstLine => at,
            });
        }
        let (end, next, lines, refused) = match found {
            End::At { end, next, lines, refused } => (end, next, lines, refused),
            End::Beyond | End::FirstLine => return false,
        };
        self.split.next = Place { at: next, line: line + lines, record: record + 1 };
        let Some(reason) = refused else {
            self.split.spans.push((at as u32, end as u32));
            self.split.lines.push(line);
            self.split.records.push(record);
            return true;
        };
        self.split.bad.push(Bad { start: at, end, line, record, reason });
        self.drop_fields();
        true
    }

    /// Takes back the fields of a record that is not good.
    fn drop_fields(&mut self) {
        for column in &mut self.split.columns {
            column.truncate(self.split.spans.len());
        }
    }

    /// Reads the fields of the record at `start`.
    fn record(&mut self, start: usize) -> End {
        let mut at = start;
        let mut fields = 0;
        let mut lines = 1;
        let mut text = true;
        loop {
            let quote = self.layout.quote.filter(|q| self.bytes.get(at) == Some(q));
            let (end, stop) = if let Some(quote) = quote {
                let field = match self.quoted(start, at, quote) {
                    Ok(field) => field,
                    Err(end) => {
                        self.drop_fields();
                        return end;
                    }
                };
                lines += field.breaks;
                text &= self.push_quoted(fields, at + 1, &field);
                self.marks.seek(field.stop + 1);
                (field.close + 1, field.stop)
            } else {
                let stop = match self.marks.next() {
                    Some(stop) => stop,
                    None if self.last => self.bytes.len(),
                    None => {
                        self.drop_fields();
                        return self.beyond(start);
                    }
                };
                let mut end = stop;
                let ends = self.bytes.get(stop).is_none_or(|b| *b == b'\n');
                if ends && end > at && self.bytes[end - 1] == b'\r' {
                    end -= 1;
                }
                text &= self.push(fields, at, end);
                (end, stop)
            };
            fields += 1;
            match self.bytes.get(stop) {
                Some(byte) if *byte != b'\n' => at = stop + 1,
                _ => {
                    return self.complete(start, end, stop, lines, fields, text);
                }
            }
        }
    }

    /// The record from `start` to `end` has all its fields: is it good?
    fn complete(
        &mut self,
        start: usize,
        end: usize,
        stop: usize,
        lines: u64,
        found: usize,
        text: bool,
    ) -> End {
        let expected = self.layout.slots.len();
        let refused = if end - start > self.layout.record_bytes_max {
            if lines > 1 {
                self.drop_fields();
                return End::FirstLine;
            }
            Some(Reason::TooLong)
        } else if !text || self.validate && std::str::from_utf8(&self.bytes[start..end]).is_err() {
            Some(Reason::Encoding)
        } else if found != expected {
            Some(Reason::Ragged { expected, found })
        } else {
            None
        };
        let broken = usize::from(stop < self.bytes.len());
        End::At { end, next: stop + broken, lines: lines - 1 + broken as u64, refused }
    }

    /// Finds the end of the field whose opening quote is at `open`.
    fn quoted(&self, start: usize, open: usize, quote: u8) -> Result<Quoted, End> {
        let bytes = self.bytes;
        let mut from = open + 1;
        let mut escaped = false;
        loop {
            let Some(close) = memchr::memchr(quote, &bytes[from..]).map(|at| from + at) else {
                return Err(match self.beyond(start) {
                    End::Beyond if self.last => End::FirstLine,
                    end @ (End::At { .. } | End::Beyond | End::FirstLine) => end,
                });
            };
            if close - start > self.layout.record_bytes_max {
                return Err(End::FirstLine);
            }
            let stop = match &bytes[close + 1..] {
                [next, ..] if *next == quote => {
                    escaped = true;
                    from = close + 2;
                    continue;
                }
                [next, ..] if *next == self.layout.delimiter || *next == b'\n' => close + 1,
                [b'\r', b'\n', ..] => close + 2,
                [] | [b'\r'] if self.last => bytes.len(),
                [] | [b'\r'] => return Err(self.beyond(start)),
                [..] => return Err(End::FirstLine),
            };
            let breaks = memchr::memchr_iter(b'\n', &bytes[open..close]).count() as u64;
            return Ok(Quoted { close, stop, escaped, breaks });
        }
    }

    /// The end of the record at `start` is not in the buffer: it may follow, or the record is too long in any case.
    ///
    /// The verdict depends on the record alone, not on where the buffer ends; two bytes are for its line break.
    fn beyond(&self, start: usize) -> End {
        if self.bytes.len() - start > self.layout.record_bytes_max + 2 { End::FirstLine } else { End::Beyond }
    }

    /// The line that starts at `start`, as a record that is not good.
    fn first_line(&self, start: usize) -> End {
        let rest = &self.bytes[start..];
        let (length, broken) = match memchr::memchr(b'\n', rest) {
            Some(length) => (length, 1),
            None if self.last => (rest.len(), 0),
            None => return End::Beyond,
        };
        let line = &rest[..length];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let too_long = line.len() > self.layout.record_bytes_max;
        End::At {
            end: start + line.len(),
            next: start + length + broken,
            lines: broken as u64,
            refused: Some(if too_long { Reason::TooLong } else { Reason::Quoting }),
        }
    }

    /// Keeps a field without quotes, if it is wanted; false when it is not text.
    #[inline]
    fn push(&mut self, field: usize, start: usize, end: usize) -> bool {
        let Some(Some(slot)) = self.layout.slots.get(field) else {
            return true;
        };
        let slice = if self.recode && !self.bytes[start..end].is_ascii() {
            match self.rewrite(start, end, None) {
                Some((start, end)) => Slice::of_side(start, end, false),
                None => return false,
            }
        } else {
            Slice::of_chunk(start, end, false)
        };
        self.split.columns[*slot].push(slice);
        true
    }

    /// Keeps a field in quotes, if it is wanted; false when it is not text.
    fn push_quoted(&mut self, field: usize, start: usize, quoted: &Quoted) -> bool {
        let Some(Some(slot)) = self.layout.slots.get(field) else {
            return true;
        };
        let end = quoted.close;
        let foreign = self.recode && !self.bytes[start..end].is_ascii();
        let slice = if quoted.escaped || foreign {
            let quote = self.layout.quote.filter(|_| quoted.escaped);
            match self.rewrite(start, end, quote) {
                Some((start, end)) => Slice::of_side(start, end, true),
                None => return false,
            }
        } else {
            Slice::of_chunk(start, end, true)
        };
        self.split.columns[*slot].push(slice);
        true
    }

    /// Writes a field to the side buffer in UTF-8, with doubled quotes made single.
    fn rewrite(&mut self, start: usize, end: usize, quote: Option<u8>) -> Option<(usize, usize)> {
        let mut raw = Cow::Borrowed(&self.bytes[start..end]);
        if let Some(quote) = quote {
            let mut single = Vec::with_capacity(raw.len());
            let mut rest = raw.as_ref();
            while let Some(at) = memchr::memchr(quote, rest) {
                single.extend_from_slice(&rest[..=at]);
                rest = &rest[at + 2..];
            }
            single.extend_from_slice(rest);
            raw = Cow::Owned(single);
        }
        let side = &mut self.split.side;
        let from = side.len();
        if self.recode {
            let encoding = self.layout.encoding;
            let text = encoding.decode_without_bom_handling_and_without_replacement(&raw)?;
            side.extend_from_slice(text.as_bytes());
        } else {
            side.extend_from_slice(&raw);
        }
        Some((from, side.len()))
    }
}
