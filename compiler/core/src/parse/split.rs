//! Takes the text of a file; gives the byte ranges of its documents.
//!
//! A line that begins with `---` or `...` ends a document wherever it stands, also inside scalars (YAML 1.2.2, 9.1),
//! so a document that can't be read never hides those after it, and one document can be read again alone.
//! Must not look at anything else of the syntax.

use std::ops::Range;

/// The ranges of the documents in order; they cover the text. A range may hold no document but only comments.
pub(crate) fn split(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut ranges = Vec::new();
    let mut start = 0;
    let mut line = 0;
    while line < bytes.len() {
        let next = line_after(bytes, line);
        match marker(&bytes[line..]) {
            Some(Marker::Start) => {
                if line > start {
                    ranges.push(start..line);
                }
                start = line;
            }
            Some(Marker::End) => {
                ranges.push(start..next);
                start = next;
            }
            None => {}
        }
        line = next;
    }
    if start < bytes.len() {
        ranges.push(start..bytes.len());
    }
    ranges
}

enum Marker {
    Start,
    End,
}

/// The marker that a line begins with, if any.
fn marker(line: &[u8]) -> Option<Marker> {
    let kind = match line {
        [b'-', b'-', b'-', ..] => Marker::Start,
        [b'.', b'.', b'.', ..] => Marker::End,
        _ => return None,
    };
    matches!(line.get(3), None | Some(b' ' | b'\t' | b'\n' | b'\r')).then_some(kind)
}

/// Where the line after this position begins.
fn line_after(bytes: &[u8], from: usize) -> usize {
    let end = bytes[from..].iter().position(|b| matches!(b, b'\n' | b'\r')).map(|at| from + at);
    match end {
        Some(at) if bytes[at..].starts_with(b"\r\n") => at + 2,
        Some(at) => at + 1,
        None => bytes.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> = split(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, expected);
        assert_eq!(found.concat(), text);
    }

    #[test]
    fn documents_begin_and_end_at_markers() {
        check("", &[]);
        check("a: 1\n", &["a: 1\n"]);
        check("---\na: 1\n--- # b\nb: 2", &["---\na: 1\n", "--- # b\nb: 2"]);
        check("a: 1\r\n---\r\nb: 2\r\n", &["a: 1\r\n", "---\r\nb: 2\r\n"]);
        check("a: 1\n...\nb: 2\n", &["a: 1\n...\n", "b: 2\n"]);
        check("a: |\n  ---\n----\n---x\n", &["a: |\n  ---\n----\n---x\n"]);
        check("a\r---\rb", &["a\r", "---\rb"]);
    }
}
