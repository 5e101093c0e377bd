//! JSON text (RFC 8259): finds what is at a path, and writes text of JSON.
//!
//! Takes text, gives ranges of it; numbers keep the digits they are written with. Strict, and bounded in depth.

use std::ops::Range;

use headwater_compiler::function::json_path::Step;

/// Deepest nesting that is read.
const DEPTH_MAX: usize = 512;

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    /// `true`, `false` or a number.
    Word,
    String,
    /// An object or an array.
    Nested,
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

/// Whether all of the text is one JSON value.
pub(super) fn is_json(text: &str) -> bool {
    document(text).is_some()
}

fn document(text: &str) -> Option<Range<usize>> {
    let mut reader = Reader { text: text.as_bytes(), at: 0 };
    reader.space();
    let start = reader.at;
    reader.value(0)?;
    let end = reader.at;
    reader.space();
    (reader.at == text.len()).then_some(start..end)
}

/// The kind and text of the value at a path; none if there is none or the text is no JSON.
pub(super) fn find<'a>(text: &'a str, path: &[Step]) -> Option<(Kind, &'a str)> {
    let mut range = document(text)?;
    for step in path {
        // The text is JSON, so that reading a part of it anew cannot fail.
        let mut reader = Reader { text: text.as_bytes(), at: range.start };
        range = match step {
            Step::Member(name) => reader.member(text, name)?,
            Step::Element(index) => reader.element(*index)?,
        };
    }
    let kind = match text.as_bytes()[range.start] {
        b'n' => Kind::Null,
        b'"' => Kind::String,
        b'{' | b'[' => Kind::Nested,
        _ => Kind::Word,
    };
    Some((kind, &text[range]))
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek() == Some(byte)).then(|| self.at += 1)
    }

    /// Passes one value.
    fn value(&mut self, depth: usize) -> Option<()> {
        match self.peek()? {
            b'{' if depth < DEPTH_MAX => self.entries(b'}', |reader| {
                reader.string()?;
                reader.space();
                reader.eat(b':')?;
                reader.space();
                reader.value(depth + 1)
            }),
            b'[' if depth < DEPTH_MAX => self.entries(b']', |reader| reader.value(depth + 1)),
            b'"' => self.string(),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => self.number(),
        }
    }

    /// Passes what stands between brackets, separated by commas.
    fn entries(&mut self, close: u8, mut entry: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.at += 1;
        self.space();
        if self.eat(close).is_some() {
            return Some(());
        }
        loop {
            entry(self)?;
            self.space();
            if self.eat(close).is_some() {
                return Some(());
            }
            self.eat(b',')?;
            self.space();
        }
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.text[self.at..].starts_with(word).then(|| self.at += word.len())
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn number(&mut self) -> Option<()> {
        let _ = self.eat(b'-');
        if self.eat(b'0').is_none() {
            self.digits()?;
        }
        if self.eat(b'.').is_some() {
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(())
    }

    fn string(&mut self) -> Option<()> {
        self.eat(b'"')?;
        loop {
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                b'\\' => {
                    self.at += 1;
                    self.escape()?;
                }
                0..=0x1f => return None,
                _ => self.at += 1,
            }
        }
    }

    /// Passes what follows a backslash; half of a surrogate pair alone is no character.
    fn escape(&mut self) -> Option<()> {
        let byte = self.peek()?;
        self.at += 1;
        match byte {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => match self.unit()? {
                0xd800..=0xdbff => {
                    self.eat(b'\\')?;
                    self.eat(b'u')?;
                    matches!(self.unit()?, 0xdc00..=0xdfff).then_some(())
                }
                0xdc00..=0xdfff => None,
                _ => Some(()),
            },
            _ => None,
        }
    }

    fn unit(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        let is_hex = digits.iter().all(u8::is_ascii_hexdigit);
        is_hex.then(|| u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok())?
    }

    /// The last member of the object here with this name.
    fn member(&mut self, text: &str, name: &str) -> Option<Range<usize>> {
        if self.peek() != Some(b'{') {
            return None;
        }
        let mut found = None;
        self.entries(b'}', |reader| {
            let key = reader.at;
            reader.string()?;
            let is_it = unescaped(&text[key..reader.at]) == name;
            reader.space();
            reader.eat(b':')?;
            reader.space();
            let start = reader.at;
            reader.value(0)?;
            if is_it {
                found = Some(start..reader.at);
            }
            Some(())
        })?;
        found
    }

    fn element(&mut self, index: usize) -> Option<Range<usize>> {
        if self.peek() != Some(b'[') {
            return None;
        }
        let (mut found, mut count) = (None, 0);
        self.entries(b']', |reader| {
            let start = reader.at;
            reader.value(0)?;
            if count == index {
                found = Some(start..reader.at);
            }
            count += 1;
            Some(())
        })?;
        found
    }
}

/// The text that a JSON string, in its quotes, stands for.
pub(super) fn unescaped(quoted: &str) -> std::borrow::Cow<'_, str> {
    let inside = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    if !inside.contains('\\') {
        return inside.into();
    }
    // The string has been read as JSON, which this library reads alike.
    serde_json::from_str::<String>(quoted).unwrap_or_default().into()
}

/// Text as a JSON string.
pub(super) fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if u32::from(c) < 0x20 => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// A JSON value without spaces between its parts, its strings in one form.
pub(super) fn write_compact(json: &str, out: &mut String) {
    let mut rest = json;
    while let Some(c) = rest.chars().next() {
        if c == '"' {
            let mut reader = Reader { text: rest.as_bytes(), at: 0 };
            let end = reader.string().map_or(rest.len(), |()| reader.at);
            write_string(&unescaped(&rest[..end]), out);
            rest = &rest[end..];
        } else {
            if !matches!(c, ' ' | '\t' | '\n' | '\r') {
                out.push(c);
            }
            rest = &rest[c.len_utf8()..];
        }
    }
}

#[cfg(test)]
mod tests {
    use headwater_compiler::function::json_path;
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, path: &str, expected: Option<&str>) {
        let steps = json_path::parse(path).expect("a path of this test");
        assert_eq!(find(text, &steps).map(|(_, text)| text), expected, "{path} of {text}");
    }

    #[test]
    fn the_last_of_equal_names_counts() {
        check(r#"{"a": 1, "a": [2, 3]}"#, "$.a[1]", Some("3"));
        check(r#"{"\u0061": 1.50}"#, "$.a", Some("1.50"));
        check(r#" [ {"b" : null} ] "#, "$[0].b", Some("null"));
        check("[1]", "$.a", None);
        check("{}", "$[0]", None);
        check("[1, 2", "$[0]", None);
        check("[01]", "$[0]", None);
        check(r#"["\ud800"]"#, "$[0]", None);
        check(&"[".repeat(1_000), "$", None);
    }

    proptest! {
        /// Another library reads the same texts.
        #[test]
        fn agrees_with_another_library(text in r#"[\[\]{}:,"0-9eE.+\-tfn\\u a]{1,12}"#) {
            prop_assert_eq!(is_json(&text), serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok(), "{}", text);
        }

        #[test]
        fn strings_read_back(text in ".*") {
            let mut quoted = String::new();
            write_string(&text, &mut quoted);
            prop_assert!(is_json(&quoted));
            prop_assert_eq!(unescaped(&quoted), text);
        }
    }
}
