//! Takes the text of a document and where its scalars are; gives its comments.

use std::ops::Range;

use super::piece::Comment;

/// The comments of `text` inside of `within`, in order; `scalars` are in order too.
pub(super) fn comments<'s>(
    text: &'s str,
    within: Range<usize>,
    scalars: &[Range<usize>],
) -> Vec<Comment<'s>> {
    let mut found = Vec::new();
    let mut from = within.start;
    for scalar in scalars.iter().chain(std::iter::once(&(within.end..within.end))) {
        if scalar.start > from {
            between(text, from..scalar.start, &mut found);
        }
        from = from.max(scalar.end);
    }
    found
}

/// The comments of a part of the text that no scalar stands in.
fn between<'s>(text: &'s str, part: Range<usize>, found: &mut Vec<Comment<'s>>) {
    let bytes = text.as_bytes();
    let mut at = part.start;
    while at < part.end {
        let begins = bytes[at] == b'#' && (at == 0 || matches!(bytes[at - 1], b' ' | b'\t' | b'\n' | b'\r'));
        if !begins {
            at += 1;
            continue;
        }
        let end = text[at..part.end].find(['\n', '\r']).map_or(part.end, |length| at + length);
        let line = line_start(text, at);
        found.push(Comment {
            text: text[at..end].trim_end(),
            at: at..end,
            column: text[line..at].chars().count(),
            alone: text[line..at].trim_matches([' ', '\t', '\u{feff}']).is_empty(),
            blank: is_below_blank(text, at),
        });
        at = end;
    }
}

/// Where the line of a position begins.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind(['\n', '\r']).map_or(0, |before| before + 1)
}

/// Whether the line above the line of a position is there and blank.
pub(super) fn is_below_blank(text: &str, at: usize) -> bool {
    let line = line_start(text, at);
    let above =
        text[..line].strip_suffix('\n').map_or(&text[..line], |rest| rest.strip_suffix('\r').unwrap_or(rest));
    let above = if above.len() == line { above.strip_suffix('\r').unwrap_or(above) } else { above };
    line > 0
        && text[line_start(text, above.len())..above.len()].trim_matches([' ', '\t', '\u{feff}']).is_empty()
}
