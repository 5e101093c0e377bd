//! Parses one JSON text into a tape.
//!
//! Takes a range of the tape's chunk that is known to be UTF-8, adds the nodes of one value or gives the reason why it is none.
//! RFC 8259 and no more: no comments, no trailing commas, no `NaN`; depth is bounded, surrogates come in pairs.

use super::tape::{Kind, Node, Tape};

/// Deepest nesting; deeper records are refused, so that hostile ones can't exhaust the stack.
pub(crate) const DEPTH_MAX: usize = 128;

type Parsed<T> = Result<T, &'static str>;

/// Adds the value that the whole of `start..end` is; on failure the tape is as before.
pub(crate) fn parse(tape: &mut Tape, start: usize, end: usize) -> Parsed<u32> {
    let (nodes, side) = (tape.nodes.len(), tape.side.len());
    let bytes = tape.bytes.clone();
    let mut parser = Parser { bytes: &bytes.as_slice()[..end], at: start, tape };
    parser.space();
    let done = parser.value(DEPTH_MAX).and_then(|()| {
        parser.space();
        match parser.at == end {
            true => Ok(nodes as u32),
            false => Err("text follows the value"),
        }
    });
    if done.is_err() {
        tape.nodes.truncate(nodes);
        tape.side.truncate(side);
    }
    done
}

struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
    tape: &'a mut Tape,
}

impl Parser<'_> {
    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        self.tape.nodes.push(Node { kind, start: start as u32, end: end as u32 });
    }

    fn value(&mut self, depth: usize) -> Parsed<()> {
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word(b"true", Kind::True),
            Some(b'f') => self.word(b"false", Kind::False),
            Some(b'n') => self.word(b"null", Kind::Null),
            Some(_) => Err("a value is expected"),
            None => Err("it ends where a value is expected"),
        }
    }

    fn word(&mut self, word: &'static [u8], kind: Kind) -> Parsed<()> {
        if !self.bytes[self.at..].starts_with(word) {
            return Err("a value is expected");
        }
        self.at += word.len();
        self.push(kind, 0, 0);
        Ok(())
    }

    fn object(&mut self, depth: usize) -> Parsed<()> {
        let depth = depth.checked_sub(1).ok_or("it is nested too deeply")?;
        let open = self.open(Kind::Object);
        if self.peek() == Some(b'}') {
            return self.close(open);
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err("the name of a member is expected");
            }
            self.string()?;
            self.space();
            if self.peek() != Some(b':') {
                return Err("a colon is expected");
            }
            self.at += 1;
            self.space();
            self.value(depth)?;
            self.space();
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    self.space();
                }
                Some(b'}') => return self.close(open),
                _ => return Err("a comma or closing brace is expected"),
            }
        }
    }

    fn list(&mut self, depth: usize) -> Parsed<()> {
        let depth = depth.checked_sub(1).ok_or("it is nested too deeply")?;
        let open = self.open(Kind::List);
        if self.peek() == Some(b']') {
            return self.close(open);
        }
        loop {
            self.value(depth)?;
            self.space();
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    self.space();
                }
                Some(b']') => return self.close(open),
                _ => return Err("a comma or closing bracket is expected"),
            }
        }
    }

    fn open(&mut self, kind: Kind) -> usize {
        self.at += 1;
        self.space();
        self.push(kind, 0, 0);
        self.tape.nodes.len() - 1
    }

    fn close(&mut self, open: usize) -> Parsed<()> {
        self.at += 1;
        self.tape.nodes[open].end = self.tape.nodes.len() as u32;
        Ok(())
    }

    fn number(&mut self) -> Parsed<()> {
        const WRONG: &str = "a number is not written as one";
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits().ok_or(WRONG)?,
            _ => return Err(WRONG),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits().ok_or(WRONG)?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits().ok_or(WRONG)?;
        }
        self.push(Kind::Number, start, self.at);
        Ok(())
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn string(&mut self) -> Parsed<()> {
        self.at += 1;
        let start = self.at;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.push(Kind::Text, start, self.at);
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => return self.escaped(start),
                Some(0..0x20) => return Err("a string holds a control character"),
                Some(_) => self.at += 1,
                None => return Err("a string is not closed"),
            }
        }
    }

    /// A string with escapes, from the first of them on.
    fn escaped(&mut self, start: usize) -> Parsed<()> {
        let from = self.tape.side.len();
        self.tape.side.extend_from_slice(&self.bytes[start..self.at]);
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.push(Kind::Side, from, self.tape.side.len());
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escape()?;
                }
                Some(0..0x20) => return Err("a string holds a control character"),
                Some(byte) => {
                    self.tape.side.push(byte);
                    self.at += 1;
                }
                None => return Err("a string is not closed"),
            }
        }
    }

    fn escape(&mut self) -> Parsed<()> {
        let byte = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte,
            Some(b'b') => 0x08,
            Some(b'f') => 0x0c,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => return self.unicode(),
            _ => return Err("a string holds an unknown escape"),
        };
        self.at += 1;
        self.tape.side.push(byte);
        Ok(())
    }

    fn unicode(&mut self) -> Parsed<()> {
        const LONE: &str = "a string holds half of a surrogate pair";
        let mut point = self.hex4()?;
        if (0xd800..0xdc00).contains(&point) {
            if self.peek() != Some(b'\\') || self.bytes.get(self.at + 1) != Some(&b'u') {
                return Err(LONE);
            }
            self.at += 1;
            let low = self.hex4()?;
            if !(0xdc00..0xe000).contains(&low) {
                return Err(LONE);
            }
            point = 0x1_0000 + ((point - 0xd800) << 10) + (low - 0xdc00);
        }
        let point = char::from_u32(point).ok_or(LONE)?;
        let side = &mut self.tape.side;
        side.extend_from_slice(point.encode_utf8(&mut [0; 4]).as_bytes());
        Ok(())
    }

    /// `uXXXX`.
    fn hex4(&mut self) -> Parsed<u32> {
        let digits = self.bytes.get(self.at + 1..self.at + 5);
        let digits = digits.ok_or("a string holds an unknown escape")?;
        let mut value = 0;
        for digit in digits {
            let digit = char::from(*digit).to_digit(16);
            value = value * 16 + digit.ok_or("a string holds an unknown escape")?;
        }
        self.at += 5;
        Ok(value)
    }
}
