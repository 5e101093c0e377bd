//! One token of XML text: a tag, a run of text, or something that holds neither.
//!
//! Takes a buffer and a position, tells where the token ends. Checks nothing that finding its end does not need.

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// Text up to the next `<` or the end of the buffer.
    Text { end: usize },
    /// A comment, CDATA section, processing instruction, declaration or document type.
    Other { end: usize },
    /// A tag and its local name.
    Tag { end: usize, name: &'a [u8], tag: Tag },
    /// Its end is not in the buffer.
    Incomplete,
    /// A `<` that starts nothing.
    Broken,
}

/// Which tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    Start,
    End,
    Empty,
}

/// The token at `start`, which must be inside of the buffer.
pub(crate) fn token(bytes: &[u8], start: usize) -> Token<'_> {
    let rest = &bytes[start..];
    if rest.first() != Some(&b'<') {
        let length = memchr::memchr(b'<', rest).unwrap_or(rest.len());
        return Token::Text { end: start + length };
    }
    let sections: [(&[u8], &[u8]); 3] = [(b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>")];
    for (open, close) in sections {
        if rest.starts_with(open) {
            return match memchr::memmem::find(&rest[open.len()..], close) {
                Some(at) => Token::Other { end: start + open.len() + at + close.len() },
                None => Token::Incomplete,
            };
        }
        if open.starts_with(rest) {
            return Token::Incomplete;
        }
    }
    if rest.starts_with(b"<!") {
        return match end_of_tag(rest, true) {
            Some(end) => Token::Other { end: start + end },
            None => Token::Incomplete,
        };
    }
    let closing = rest.get(1) == Some(&b'/');
    let from = if closing { 2 } else { 1 };
    match rest.get(from) {
        None => return Token::Incomplete,
        Some(b) if b.is_ascii_alphabetic() || matches!(b, b'_' | b':') || !b.is_ascii() => {}
        Some(_) => return Token::Broken,
    }
    let Some(end) = end_of_tag(rest, false) else {
        return Token::Incomplete;
    };
    let stops = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'/' | b'>');
    let length = rest[from..end].iter().position(stops).unwrap_or(0);
    let name = &rest[from..from + length];
    let name = memchr::memrchr(b':', name).map_or(name, |at| &name[at + 1..]);
    let tag = match (closing, rest[..end].ends_with(b"/>")) {
        (true, _) => Tag::End,
        (false, true) => Tag::Empty,
        (false, false) => Tag::Start,
    };
    Token::Tag { end: start + end, name, tag }
}

/// Length of a tag up to its `>`, which may also stand in quotes, or in the brackets of a document type.
fn end_of_tag(rest: &[u8], brackets: bool) -> Option<usize> {
    let mut quote = None;
    let mut depth = 0_usize;
    for (at, byte) in rest.iter().enumerate() {
        match (quote, byte) {
            (Some(open), _) if *byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(*byte),
            (None, b'[') if brackets => depth += 1,
            (None, b']') if brackets => depth = depth.saturating_sub(1),
            (None, b'>') if depth == 0 => return Some(at + 1),
            (None, _) => {}
        }
    }
    None
}
