//! Takes the text of a file; gives the same text in the one layout that everybody writes.
//!
//! Only documents of Headwater are laid out anew; those of other groups, and those with anchors, stay byte for byte.
//! The value of each document is compared before and after, so that a mistake here can't change what a file means.
//! Must not judge anything but the notation: a document with wrong members is laid out like any other.

mod comment;
#[cfg(test)]
mod laws;
mod order;
mod piece;
mod read;
mod scalar;
mod write;

use std::borrow::Cow;

use headwater_crds::object::Kind;

use crate::diagnostic::Diagnostic;
use crate::parse::node::{Member, Node, Value};
use crate::parse::{events, owned_kind, shape, split};
use crate::source::FileId;

/// Why a text was not laid out.
#[derive(Debug, Clone, PartialEq)]
pub enum Refused {
    /// A document of Headwater breaks the rules of the notation; places are in the only file.
    Notation(Vec<Diagnostic>),
    /// The layout would not mean the same: a mistake of this program. First byte of the document.
    Meaning(usize),
}

/// The text in its layout. A text without documents of Headwater comes back as it is.
///
/// # Errors
/// If a document of Headwater can't be read, or would not mean the same afterwards.
pub fn layout(text: &str) -> Result<String, Refused> {
    let mut out = String::with_capacity(text.len());
    let mut problems = Vec::new();
    for range in split::split(text) {
        let part = &text[range.clone()];
        let start = u32::try_from(range.start).map_err(|_| Refused::Meaning(range.start))?;
        let reading = events::read(part, FileId(0), start);
        let kind = reading.node.as_ref().and_then(owned_kind);
        match (kind, reading.node) {
            (Some(_), _) if !reading.problems.is_empty() => problems.extend(reading.problems),
            (Some(kind), Some(node)) if !reading.anchored => match laid_out(part, range.start, &node, kind) {
                Some(laid) => out.push_str(&laid),
                None => return Err(Refused::Meaning(range.start)),
            },
            (_, _) => out.push_str(part),
        }
    }
    if problems.is_empty() { Ok(out) } else { Err(Refused::Notation(problems)) }
}

/// One document, whose tree was read at byte `start`; none if it would not mean the same, or lose a comment.
fn laid_out(part: &str, start: usize, root: &Node<'_>, kind: Kind) -> Option<String> {
    // To YAML all line breaks are one; with one spelling of them nothing below has to care.
    let text = if part.contains('\r') {
        part.replace("\r\n", "\n").replace('\r', "\n").into()
    } else {
        Cow::Borrowed(part)
    };
    let is_as_read = start == 0 && matches!(text, Cow::Borrowed(_));
    let again = if is_as_read { None } else { events::read(&text, FileId(0), 0).node };
    let before = if is_as_read { root } else { again.as_ref()? };
    let laid = document(&text, before, kind);
    let after = events::read(&laid, FileId(0), 0);
    let same = after.problems.is_empty()
        && after.node.is_some_and(|after| {
            is_same(root, &after) && read::comment_texts(&text, before) == read::comment_texts(&laid, &after)
        });
    same.then_some(laid)
}

/// One document with its markers.
fn document(part: &str, root: &Node<'_>, kind: Kind) -> String {
    let mut out = String::new();
    let mut start = part.len() - part.trim_start_matches('\u{feff}').len();
    if part[start..].starts_with("---") {
        let line = part[start..].find(['\n', '\r']).map_or(part.len(), |at| start + at);
        out.push_str("---");
        let after = &part[start + 3..line];
        // A comment behind the marker stays there; anything else is the document.
        start = if after.trim_start().starts_with('#') {
            out.push(' ');
            out.push_str(after.trim());
            line
        } else {
            start + 3
        };
        out.push('\n');
    }
    let end = end_marker(part).filter(|&at| at > start).unwrap_or(part.len());
    let mut piece = read::read(part, start..end, root);
    order::order(&mut piece, shape::shape(kind));
    out.push_str(&write::write(&piece));
    if end < part.len() {
        out.push_str(part[end..].trim_end());
        out.push('\n');
    }
    out
}

/// Where the line begins that ends the document, if one does.
fn end_marker(part: &str) -> Option<usize> {
    let last = comment::line_start(part, part.trim_end_matches(['\n', '\r']).len());
    let after = part[last..].strip_prefix("...")?;
    (after.is_empty() || after.starts_with([' ', '\t', '\n', '\r'])).then_some(last)
}

/// Whether two trees are one value: places and the order of members mean nothing.
fn is_same(a: &Node<'_>, b: &Node<'_>) -> bool {
    match (&a.value, &b.value) {
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b)),
        (Value::Map(a), Value::Map(b)) => {
            fn sorted<'n, 's>(members: &'n [Member<'s>]) -> Vec<&'n Member<'s>> {
                let mut members: Vec<_> = members.iter().collect();
                members.sort_by(|a, b| a.key.cmp(&b.key));
                members
            }
            let (a, b) = (sorted(a), sorted(b));
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.key == b.key && is_same(&a.value, &b.value))
        }
        (a, b) => a == b,
    }
}
