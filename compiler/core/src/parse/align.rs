//! Takes the source of a scalar and the text it decodes to; gives the source bytes of a part of that text.
//!
//! Both are walked side by side, so no second decoder of YAML is needed and a disagreement is noticed:
//! then the answer is `None` and the whole scalar is shown. Must not be used but for showing places.

use std::ops::Range;

/// The bytes of `source` that `range` of the decoded `text` came from.
///
/// `source` is the scalar as it stands in the file: with its quotes, or from `|` or `>` to its last line.
pub(crate) fn source_range(source: &str, text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let style = match source.as_bytes().first()? {
        b'\'' => Style::Single,
        b'"' => Style::Double,
        b'|' | b'>' => return block_range(source, text, range),
        _ => Style::Plain,
    };
    let body = match style {
        Style::Single | Style::Double => 1..source.len().checked_sub(1)?,
        Style::Plain => 0..source.len(),
        Style::Block { .. } => return None,
    };
    walk(source, body, text, range, style)
}

/// Tries the indentations that the first line allows; only the right one makes the texts agree.
fn block_range(source: &str, text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let body = source.find('\n')? + 1..source.len();
    let first = source[body.clone()].lines().find(|line| !line.trim_matches([' ', '\r']).is_empty())?;
    let spaces = first.bytes().take_while(|&b| b == b' ').count();
    (1..=spaces)
        .rev()
        .find_map(|indent| walk(source, body.clone(), text, range.clone(), Style::Block { indent }))
}

#[derive(Clone, Copy)]
enum Style {
    Plain,
    Single,
    Double,
    Block { indent: usize },
}

/// One step: so many bytes of source make so many bytes of text.
struct Piece {
    source: usize,
    text: usize,
}

/// Walks source and text to the end of the range, noting where it begins.
fn walk(
    source: &str,
    body: Range<usize>,
    text: &str,
    range: Range<usize>,
    style: Style,
) -> Option<Range<usize>> {
    let source = &source[..body.end];
    let mut from = None;
    let (mut s, mut t) = (body.start, 0);
    if let Style::Block { indent } = style {
        s += indentation(&source[s..], indent);
    }
    while t < text.len() && t < range.end {
        let piece = step(&source[s..], &text[t..], style)?;
        if from.is_none() && range.start < t + piece.text {
            from = Some(s);
        }
        s += piece.source;
        t += piece.text;
    }
    Some(from.unwrap_or(s)..s)
}

/// The next piece, or `None` if source and text do not agree.
fn step(source: &str, text: &str, style: Style) -> Option<Piece> {
    let wanted = text.chars().next()?;
    let breaks = matches!(style, Style::Block { .. });
    if source.starts_with(['\n', '\r']) || (!breaks && is_fold(source)) {
        return fold(source, text, style);
    }
    match style {
        Style::Single if source.starts_with("''") => (wanted == '\'').then_some(Piece { source: 2, text: 1 }),
        Style::Double if source.starts_with('\\') => escape(source, wanted),
        Style::Plain | Style::Single | Style::Double | Style::Block { .. } => {
            let found = source.chars().next()?;
            (found == wanted).then_some(Piece { source: found.len_utf8(), text: found.len_utf8() })
        }
    }
}

/// Whether only blanks stand before the next line break.
fn is_fold(source: &str) -> bool {
    source.trim_start_matches([' ', '\t']).starts_with(['\n', '\r'])
}

/// Line breaks: one is a space, each further one a line break; in blocks the text tells how many were kept.
fn fold(source: &str, text: &str, style: Style) -> Option<Piece> {
    let mut at = 0;
    let mut breaks = 0;
    loop {
        let rest = &source[at..];
        let blanks = match style {
            Style::Block { .. } => 0,
            Style::Plain | Style::Single | Style::Double => {
                rest.len() - rest.trim_start_matches([' ', '\t']).len()
            }
        };
        let Some(length) = line_break(&rest[blanks..]) else {
            at += blanks;
            break;
        };
        breaks += 1;
        at += blanks + length;
        if let Style::Block { indent } = style {
            at += indentation(&source[at..], indent);
        }
    }
    let kept = text.bytes().take_while(|&b| b == b'\n').count().min(breaks);
    match (style, breaks, kept) {
        (_, 1, 0) if text.starts_with(' ') => Some(Piece { source: at, text: 1 }),
        (Style::Block { .. }, _, 1..) => Some(Piece { source: at, text: kept }),
        (_, 2.., 1..) => Some(Piece { source: at, text: kept }),
        _ => None,
    }
}

/// Bytes of the line break that the text begins with.
fn line_break(text: &str) -> Option<usize> {
    match text.as_bytes() {
        [b'\r', b'\n', ..] => Some(2),
        [b'\r' | b'\n', ..] => Some(1),
        _ => None,
    }
}

/// Spaces at the start of a line that belong to the notation.
fn indentation(line: &str, indent: usize) -> usize {
    line.bytes().take(indent).take_while(|&b| b == b' ').count()
}

/// An escape in double quotes; an escaped line break makes nothing.
fn escape(source: &str, wanted: char) -> Option<Piece> {
    let made = |source: usize| Some(Piece { source, text: wanted.len_utf8() });
    match source.as_bytes().get(1)? {
        b'\n' | b'\r' => {
            let after = 1 + line_break(&source[1..])?;
            let blanks = source[after..].len() - source[after..].trim_start_matches([' ', '\t']).len();
            Some(Piece { source: after + blanks, text: 0 })
        }
        b'x' => made(4),
        b'u' if is_surrogate(source) => made(12),
        b'u' => made(6),
        b'U' => made(10),
        _ => made(1 + source[1..].chars().next()?.len_utf8()),
    }
    .filter(|piece| piece.source <= source.len() && source.is_char_boundary(piece.source))
}

/// Whether a JSON pair of surrogates begins here.
fn is_surrogate(source: &str) -> bool {
    let bytes = source.as_bytes();
    matches!(
        bytes,
        [b'\\', b'u', b'd' | b'D', b'8' | b'9' | b'a' | b'b' | b'A' | b'B', _, _, b'\\', b'u', ..]
    )
}

#[cfg(test)]
mod tests {
    use super::source_range;
    use crate::parse::events;
    use crate::source::FileId;

    /// `text` is YAML whose value at `a` decodes to something that holds `part`; `expected` is its source.
    fn check(text: &str, part: &str, expected: &str) {
        let node = events::read(text, FileId(0), 0).node.expect("the test text is YAML");
        let value = node.get("a").expect("the test text has a member `a`");
        let decoded = value.text().expect("the member is text");
        let source = &text[value.start as usize..value.end as usize];
        let from = decoded.find(part).unwrap_or_else(|| panic!("{decoded:?} holds {part:?}"));
        let range = source_range(source, decoded, from..from + part.len());
        assert_eq!(range.map(|range| &source[range]), Some(expected), "{decoded:?} from {source:?}");
    }

    #[test]
    fn plain_and_quoted() {
        check("a: some text", "text", "text");
        check("a: some\n  folded\n\n  text", "folded\ntext", "folded\n\n  text");
        check("a: some\n  folded", "some folded", "some\n  folded");
        check("a: 'it''s status <> ''x'''", "status <> 'x'", "status <> ''x''");
        check("a: \"tab\\tand \\u00e9 \\\"x\\\"\"", "é \"x\"", "\\u00e9 \\\"x\\\"");
        check("a: \"\\ud83d\\ude00 b\"", "b", "b");
        check("a: \"one \\\n   two\"", "two", "two");
        check("a: \"one\n   two\"", "one two", "one\n   two");
        check("a: 'é b'", "b", "b");
    }

    #[test]
    fn blocks() {
        check("a: |\n  SELECT x\n    FROM y\n\n  WHERE z\nb: 1\n", "FROM y", "FROM y");
        check("a: |\n  SELECT x\n    FROM y\n\n  WHERE z\nb: 1\n", "WHERE", "WHERE");
        check("a: |-\r\n  SELECT x\r\n  FROM y\r\n", "FROM y", "FROM y");
        check("a: >\n  SELECT x\n  FROM y\n\n  WHERE z\n", "x FROM", "x\n  FROM");
        check("a: >\n  SELECT x\n    deeper\n  FROM y\n", "FROM", "FROM");
        check("a: |2 # why\n    x\n  y\n", "y", "y");
        check("a: |+\n  x\n\n\n", "x", "x");
    }
}
