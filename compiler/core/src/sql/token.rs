//! Takes a text; gives its tokens, each placed by bytes.
//!
//! The parser counts lines and characters; here every token is put on one line whose columns are bytes, counted from 1,
//! so that each span of the syntax tree is a range of bytes of the text.

use std::ops::Range;

use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan, Tokenizer, Whitespace};

use super::dialect::Subset;
use super::problem::Problem;

/// Longest text that is read; what is longer is no query that a person reviews.
const BYTES_MAX: usize = 1 << 20;
/// Most words and signs, so that comparing each with each stays a matter of moments.
const TOKENS_MAX: usize = 50_000;

/// The tokens of a text without space and comments.
pub(super) struct Tokens {
    /// In order.
    pub(super) list: Vec<TokenWithSpan>,
    /// Comments of the form `/*+ ... */` with their content.
    pub(super) hints: Vec<(Range<u32>, String)>,
}

/// Reads the tokens of a text.
pub(super) fn tokens(text: &str) -> Result<Tokens, Problem> {
    if text.len() > BYTES_MAX {
        let message = format!("this SQL has {} bytes, and at most {BYTES_MAX} are read", text.len());
        return Err(Problem::too_large(0..0, message));
    }
    let mut found = Vec::new();
    let mut cursor = Cursor { text, byte: 0, line: 1, column: 1 };
    let dialect = Subset::new(0);
    if let Err(error) = Tokenizer::new(&dialect, text).tokenize_with_location_into_buf(&mut found) {
        let start = cursor.byte_at(error.location);
        return Err(Problem::syntax(start..end_of_char(text, start), in_our_words(&error.message)));
    }
    let mut tokens = Tokens { list: Vec::with_capacity(found.len() / 2), hints: Vec::new() };
    for token in found {
        let start = cursor.byte_at(token.span.start);
        let end = cursor.byte_at(token.span.end);
        #[expect(clippy::wildcard_enum_match_arm, reason = "all tokens but space are kept as they are")]
        match token.token {
            Token::Whitespace(Whitespace::MultiLineComment(comment)) => {
                if let Some(hint) = comment.strip_prefix('+') {
                    tokens.hints.push((start..end, hint.to_owned()));
                }
            }
            Token::Whitespace(_) => {}
            token => tokens.list.push(TokenWithSpan { token, span: span(start..end) }),
        }
    }
    if tokens.list.len() > TOKENS_MAX {
        let message =
            format!("this SQL has {} words and signs, and at most {TOKENS_MAX} are read", tokens.list.len());
        return Err(Problem::too_large(0..0, message));
    }
    Ok(tokens)
}

/// The bytes of a span; empty at the start for a span that the parser left empty.
pub(super) fn range(span: Span) -> Range<u32> {
    byte(span.start)..byte(span.end)
}

/// Bytes as a span of the one line.
fn span(range: Range<u32>) -> Span {
    let at = |byte: u32| Location { line: 1, column: u64::from(byte) + 1 };
    Span::new(at(range.start), at(range.end))
}

fn byte(location: Location) -> u32 {
    u32::try_from(location.column.saturating_sub(1)).unwrap_or_default()
}

/// Where counting has come to; places are asked for in order.
struct Cursor<'a> {
    text: &'a str,
    byte: usize,
    line: u64,
    column: u64,
}

impl Cursor<'_> {
    fn byte_at(&mut self, wanted: Location) -> u32 {
        while (self.line, self.column) < (wanted.line, wanted.column) {
            let Some(ch) = self.text[self.byte..].chars().next() else { break };
            self.byte += ch.len_utf8();
            if ch == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        u32::try_from(self.byte).expect("a text that is read is shorter than 2^32 bytes")
    }
}

fn end_of_char(text: &str, start: u32) -> u32 {
    let length = text[start as usize..].chars().next().map_or(0, char::len_utf8);
    start + u32::try_from(length).unwrap_or_default()
}

/// The tokenizer's message in the style of ours.
fn in_our_words(message: &str) -> String {
    lower_first(message.trim_end_matches('.')).replace("EOF", "the text ends")
}

/// Messages begin in lower case, but for a keyword.
pub(super) fn lower_first(message: &str) -> String {
    let mut chars = message.chars();
    match chars.next() {
        Some(first) if !chars.as_str().starts_with(char::is_uppercase) => {
            first.to_lowercase().collect::<String>() + chars.as_str()
        }
        _ => message.to_owned(),
    }
}
