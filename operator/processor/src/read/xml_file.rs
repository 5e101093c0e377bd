//! Finds the records of one XML file: the elements of one name, or at one path.
//!
//! Takes an open stream, gives chunks of whole elements in order; they are parsed later (`xml`), so a broken one costs no other.
//! Only tags are looked at here. A record ends at the end tag of its own name, so that what is broken inside it stays inside.

use encoding_rs::{Encoding, UTF_8};

use super::error::ReadError;
use super::source::XmlFormat;
use super::stream::{Bad, Cut, Reason, TextStream};
use super::trees::{Notation, RecordAt, Records, TreeChunk};
use super::xml_token::{Tag, Token, token};

/// A file of XML, read forward.
pub(crate) struct XmlFile {
    stream: TextStream,
    /// Path of the record element from the root, or only its name.
    path: Vec<Vec<u8>>,
    encoding: &'static Encoding,
    state: State,
}

/// Where in the document the buffer starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct State {
    /// Names of the open elements around.
    open: Vec<Vec<u8>>,
    /// Inside a record that is too long to be kept: elements of its name that are open.
    skip: Option<usize>,
    /// What follows belongs to no record and was reported.
    rest: bool,
}

struct Finder<'a> {
    path: &'a [Vec<u8>],
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

impl XmlFile {
    /// Looks at the declaration for the encoding.
    ///
    /// # Errors
    /// When the encoding is not known or can't be split.
    pub(crate) fn open(mut stream: TextStream, format: &XmlFormat) -> Result<Self, ReadError> {
        const DECLARATION_BYTES_MAX: usize = 1024;
        stream.fill(DECLARATION_BYTES_MAX)?;
        let unknown = |reason: &str| ReadError::Format {
            file: stream.file().to_string(),
            format: "XML",
            reason: reason.to_owned(),
        };
        let encoding = match declared(stream.bytes()) {
            // What was recoded is UTF-8 now, whatever the declaration says.
            _ if stream.recoded() => UTF_8,
            None => stream.encoding(),
            Some(label) => Encoding::for_label(label).ok_or_else(|| unknown("its encoding is not known"))?,
        };
        if !encoding.is_ascii_compatible() {
            return Err(unknown("its encoding can't be split"));
        }
        let path = format.record.split('/').filter(|name| !name.is_empty());
        let path = path.map(|name| name.as_bytes().to_vec()).collect();
        Ok(Self { stream, path, encoding, state: State::default() })
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
                path: &self.path,
                bytes: self.stream.bytes(),
                ended: self.stream.ended(),
                bytes_max,
                records: Vec::new(),
                bad: Vec::new(),
                state: self.state.clone(),
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
            let notation = Notation::Xml(self.encoding);
            return Ok(Some(TreeChunk::new(piece, Records::At(records), bad, notation, limits)));
        }
    }
}

impl Finder<'_> {
    /// Takes one token or record; false when the buffer holds no other.
    fn step(&mut self) -> bool {
        let start = self.at;
        if self.state.rest {
            self.at = self.bytes.len();
        }
        if self.at == self.bytes.len() {
            return self.finish();
        }
        match token(self.bytes, start) {
            Token::Text { end } => self.text(end),
            Token::Other { end } => {
                self.at = end;
                true
            }
            Token::Tag { end, name, tag } => self.tag(end, name, tag),
            Token::Incomplete if self.ended => self.rest("a tag is not closed"),
            // A comment or tag longer than any record: nothing can be found after it.
            Token::Incomplete if self.bytes.len() - start > self.bytes_max => self.rest("a tag is too long"),
            Token::Incomplete => false,
            Token::Broken => self.rest("a tag is broken"),
        }
    }

    /// The buffer is used up: at the end of the file the elements around must be closed.
    fn finish(&mut self) -> bool {
        let open = !self.state.rest && (!self.state.open.is_empty() || self.state.skip.is_some());
        if self.ended && open {
            self.push_bad(self.at, syntax("the document is not closed"));
            self.state.rest = true;
        }
        false
    }

    fn text(&mut self, end: usize) -> bool {
        let outside = self.state.open.is_empty() && self.state.skip.is_none();
        if outside && !self.bytes[self.at..end].trim_ascii().is_empty() {
            return self.rest("text stands outside of the document");
        }
        self.at = end;
        true
    }

    fn tag(&mut self, end: usize, name: &[u8], tag: Tag) -> bool {
        if let Some(depth) = self.state.skip {
            let same = self.path.last().is_some_and(|record| record == name);
            self.at = end;
            self.state.skip = match tag {
                Tag::Start if same => Some(depth + 1),
                Tag::End if same => (depth > 1).then(|| depth - 1),
                Tag::Start | Tag::End | Tag::Empty => Some(depth),
            };
            return true;
        }
        match tag {
            Tag::Start | Tag::Empty if self.is_record(name) => self.record(end, name, tag),
            Tag::Start => {
                self.state.open.push(name.to_vec());
                self.at = end;
                true
            }
            Tag::Empty => {
                self.at = end;
                true
            }
            Tag::End => {
                if self.state.open.pop().as_deref() != Some(name) {
                    return self.rest("an end tag has no start tag");
                }
                self.at = end;
                true
            }
        }
    }

    fn is_record(&self, name: &[u8]) -> bool {
        match self.path {
            [only] => only == name,
            [around @ .., last] => last == name && self.state.open == around,
            [] => false,
        }
    }

    /// Takes the record whose start tag ends at `end`.
    fn record(&mut self, mut end: usize, name: &[u8], tag: Tag) -> bool {
        let start = self.at;
        let mut depth = usize::from(tag == Tag::Start);
        while depth > 0 {
            let next = match token(self.bytes, end) {
                Token::Text { end } | Token::Other { end } => end,
                Token::Tag { end, name: other, tag } => {
                    match tag {
                        Tag::Start if other == name => depth += 1,
                        Tag::End if other == name => depth -= 1,
                        Tag::Start | Tag::End | Tag::Empty => {}
                    }
                    end
                }
                // A lone `<`: the record is broken, but may still have an end.
                Token::Broken => end + 1,
                Token::Incomplete => break,
            };
            if next == self.bytes.len() && depth > 0 {
                break;
            }
            end = next;
        }
        if depth == 0 && end - start <= self.bytes_max {
            self.count_lines(start);
            let (line, record) = (self.line, self.record);
            self.records.push(RecordAt { start, end, line, record });
            self.record += 1;
            self.at = end;
            return true;
        }
        if depth == 0 {
            self.push_bad(end, Reason::TooLong);
            return true;
        }
        if self.bytes.len() - start > self.bytes_max + 2 {
            self.push_bad(start + self.bytes_max, Reason::TooLong);
            // What is already known of its inside is not looked at again.
            self.at = end;
            self.state.skip = Some(depth);
            return true;
        }
        if self.ended {
            self.push_bad(self.bytes.len(), syntax("it is not closed"));
            self.state.rest = true;
        }
        false
    }

    /// Reports all that follows as one broken record.
    fn rest(&mut self, what: &'static str) -> bool {
        // The record is the same however much of it this buffer holds.
        if !self.ended && self.bytes.len() - self.at <= self.bytes_max {
            return false;
        }
        self.push_bad(self.bytes.len(), syntax(what));
        self.state.rest = true;
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
        if to > self.counted {
            let passed = &self.bytes[self.counted..to];
            self.line += memchr::memchr_iter(b'\n', passed).count() as u64;
            self.counted = to;
        }
    }
}

fn syntax(what: &'static str) -> Reason {
    Reason::Syntax { format: "XML", what }
}

/// The encoding that an XML declaration at the start of `bytes` names.
fn declared(bytes: &[u8]) -> Option<&[u8]> {
    let declaration = bytes.strip_prefix(b"<?xml")?;
    let declaration = &declaration[..memchr::memmem::find(declaration, b"?>")?];
    let at = memchr::memmem::find(declaration, b"encoding")?;
    let value = declaration[at + b"encoding".len()..].trim_ascii_start().strip_prefix(b"=")?;
    let value = value.trim_ascii_start();
    let (quote, value) = value.split_first()?;
    let end = memchr::memchr(*quote, value)?;
    matches!(quote, b'"' | b'\'').then(|| &value[..end])
}
