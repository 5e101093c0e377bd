//! Finds the records of one file of JSON: lines (NDJSON), or the elements of one array, or one object.
//!
//! Takes an open stream, gives chunks of whole records in order. Elements are found by their brackets and parsed later,
//! so that a broken one costs no other; the array is never held whole.

use super::csv::cut_lines;
use super::error::ReadError;
use super::stream::{Bad, Cut, Reason, TextStream};
use super::trees::{Notation, RecordAt, Records, TreeChunk};

/// The next chunk of lines, or `None` at the end of the file.
pub(crate) fn next_lines(stream: &mut TextStream) -> Result<Option<TreeChunk>, ReadError> {
    let next = stream.next(|bytes, last| cut_lines(bytes, last, false))?;
    let limits = stream.limits();
    Ok(next.map(|(piece, rejected)| TreeChunk::new(piece, Records::Lines, rejected, Notation::Json, limits)))
}

/// A file that is one array of objects, or one object.
pub(crate) struct JsonFile {
    stream: TextStream,
    state: State,
}

/// What comes next in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The array's bracket, or the only object.
    Start,
    /// The first element of the array, or its end.
    First,
    /// An element.
    Element,
    /// The only object of the file.
    Only,
    /// A comma or the end of the array.
    Comma,
    /// The rest of an element that is too long to be kept, and what comes after it.
    Skip(Element, After),
    /// Nothing but white space.
    End,
    /// Text that belongs to no record and was reported.
    Rest,
}

/// What comes after an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    Comma,
    End,
}

/// How far the end of an element has been looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Element {
    depth: u32,
    string: bool,
    escape: bool,
}

/// What was found in a buffer.
struct Finder<'a> {
    bytes: &'a [u8],
    ended: bool,
    bytes_max: usize,
    records: Vec<RecordAt>,
    bad: Vec<Bad>,
    state: State,
    at: usize,
    record: u64,
    /// Line of `counted`.
    line: u64,
    counted: usize,
}

impl JsonFile {
    pub(crate) fn new(stream: TextStream) -> Self {
        Self { stream, state: State::Start }
    }

    /// Index of the first record that has not been handed out.
    pub(crate) fn record(&self) -> u64 {
        self.stream.place().1
    }

    /// The next chunk of records, or `None` at the end of the file.
    pub(crate) fn next(&mut self) -> Result<Option<TreeChunk>, ReadError> {
        let limits = self.stream.limits();
        let bytes_max = limits.record_bytes_max;
        let mut want = limits.chunk_bytes;
        loop {
            self.stream.fill(want)?;
            let (line, record) = self.stream.place();
            let mut finder = Finder {
                bytes: self.stream.bytes(),
                ended: self.stream.ended(),
                bytes_max,
                records: Vec::new(),
                bad: Vec::new(),
                state: self.state,
                at: 0,
                record,
                line,
                counted: 0,
            };
            while finder.step() {}
            finder.count_lines(finder.at);
            let Finder { records, bad, state, at, .. } = finder;
            let (lines, count) = (finder.line - line, finder.record - record);
            if at == 0 && bad.is_empty() {
                if self.stream.ended() {
                    return Ok(None);
                }
                want = self.stream.bytes().len() * 2;
                continue;
            }
            self.state = state;
            let bad = bad.into_iter().map(|bad| self.stream.rejected(bad)).collect();
            let piece = self.stream.take(Cut { bytes: at, lines, records: count });
            let records = Records::At(records);
            return Ok(Some(TreeChunk::new(piece, records, bad, Notation::Json, limits)));
        }
    }
}

impl Finder<'_> {
    /// Takes one token or element; false when the buffer holds no other.
    fn step(&mut self) -> bool {
        match self.state {
            State::Rest => {
                self.at = self.bytes.len();
                return false;
            }
            State::Skip(mut element, after) => {
                let end = element.advance(self.bytes, self.at);
                self.at = end.unwrap_or(self.bytes.len());
                self.state = match end {
                    Some(_) => after.state(),
                    None if self.ended => State::End,
                    None => State::Skip(element, after),
                };
                return end.is_some();
            }
            State::Start | State::First | State::Element | State::Only | State::Comma | State::End => {}
        }
        let white = |b: &u8| matches!(b, b' ' | b'\t' | b'\n' | b'\r');
        let rest = &self.bytes[self.at..];
        self.at += rest.iter().take_while(|b| white(b)).count();
        let Some(byte) = self.bytes.get(self.at).copied() else {
            let open = !matches!(self.state, State::Start | State::End);
            if self.ended && open {
                self.push_bad(self.at, syntax("the array is not closed"));
                self.state = State::End;
            }
            return false;
        };
        match (self.state, byte) {
            (State::Start, b'[') => self.token(State::First),
            (State::Start, b'{') => {
                self.state = State::Only;
                true
            }
            (State::Start, _) => self.rest("an array or an object is expected"),
            (State::First | State::Comma, b']') => self.token(State::End),
            (State::First | State::Element, _) => self.element(After::Comma, None),
            (State::Only, _) => self.element(After::End, None),
            (State::Comma, b',') => self.token(State::Element),
            (State::Comma, _) => self.element(After::Comma, Some("a comma is expected before it")),
            (State::End | State::Rest | State::Skip(..), _) => self.rest("text follows the end"),
        }
    }

    fn token(&mut self, state: State) -> bool {
        self.at += 1;
        self.state = state;
        true
    }

    /// Takes the element at hand; `wrong` says why it can't be good, if that is known.
    fn element(&mut self, after: After, wrong: Option<&'static str>) -> bool {
        let start = self.at;
        let mut element = Element::default();
        match element.advance(self.bytes, start) {
            Some(end) => {
                let reason = if end - start > self.bytes_max {
                    Some(Reason::TooLong)
                } else if end == start {
                    Some(syntax("a value is expected"))
                } else {
                    wrong.map(syntax)
                };
                match reason {
                    Some(reason) => self.push_bad(end, reason),
                    None => {
                        self.count_lines(start);
                        let (line, record) = (self.line, self.record);
                        self.records.push(RecordAt { start, end, line, record });
                        self.record += 1;
                        self.at = end;
                    }
                }
                self.state = after.state();
                true
            }
            None if self.bytes.len() - start > self.bytes_max + 2 => {
                self.push_bad(self.bytes.len(), Reason::TooLong);
                self.state = State::Skip(element, after);
                true
            }
            None if self.ended => {
                self.push_bad(self.bytes.len(), syntax("it is not closed"));
                self.state = State::End;
                false
            }
            None => false,
        }
    }

    /// Reports all that follows as one broken record.
    fn rest(&mut self, what: &'static str) -> bool {
        // The record is the same however much of it this buffer holds.
        if !self.ended && self.bytes.len() - self.at <= self.bytes_max {
            return false;
        }
        self.push_bad(self.bytes.len(), syntax(what));
        self.state = State::Rest;
        true
    }

    fn push_bad(&mut self, end: usize, reason: Reason) {
        self.count_lines(self.at);
        let (start, line, record) = (self.at, self.line, self.record);
        self.bad.push(Bad { start, end, line, record, reason });
        self.record += 1;
        self.at = end;
    }

    fn count_lines(&mut self, to: usize) {
        let passed = &self.bytes[self.counted..to];
        self.line += memchr::memchr_iter(b'\n', passed).count() as u64;
        self.counted = to;
    }
}

impl Element {
    /// Goes on to the end of the element: after its closing bracket, or before the comma or bracket that follows it.
    fn advance(&mut self, bytes: &[u8], from: usize) -> Option<usize> {
        for (at, byte) in bytes.iter().enumerate().skip(from) {
            if self.escape {
                self.escape = false;
                continue;
            }
            match byte {
                b'\\' if self.string => self.escape = true,
                b'"' => self.string = !self.string,
                _ if self.string => {}
                b',' | b']' if self.depth == 0 => return Some(at),
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth > 0 => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ => {}
            }
        }
        None
    }
}

impl After {
    fn state(self) -> State {
        match self {
            Self::Comma => State::Comma,
            Self::End => State::End,
        }
    }
}

fn syntax(what: &'static str) -> Reason {
    Reason::Syntax { format: "JSON", what }
}
