//! Takes a span; gives its line, its column and the text around it.
//!
//! Only the lines that are shown are looked at, so that a large file costs no more than a small one.

use std::borrow::Cow;
use std::ops::Range;

use crate::ast::{Ast, Identity};
use crate::diagnostic::{Anchor, Place};
use crate::locate::Located;
use crate::source::{FileId, Sources, Span};

/// Where the lines of the files that have diagnostics begin.
pub(super) struct Lines<'s> {
    sources: &'s Sources,
    starts: std::collections::BTreeMap<FileId, Vec<usize>>,
}

/// Lines and columns of both ends of a span, counted from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) end_line: usize,
    pub(super) end_column: usize,
}

/// Whole lines of a file.
pub(super) struct Excerpt<'s> {
    /// The text; bytes that are no UTF-8 are shown as question marks, one for one.
    pub(super) text: Cow<'s, str>,
    /// Byte of the file at which it begins.
    pub(super) start: usize,
    /// Number of its first line, from 1.
    pub(super) line: usize,
}

impl<'s> Lines<'s> {
    /// Finds the lines of the files that the diagnostics are in.
    pub(super) fn of(sources: &'s Sources, located: &[Located<'_>]) -> Self {
        let mut starts = std::collections::BTreeMap::new();
        let spans = |one: &Located<'_>| {
            let labels = one.labels.iter().copied().flatten();
            one.span.into_iter().chain(labels).chain(one.fix).collect::<Vec<_>>()
        };
        for span in located.iter().flat_map(spans) {
            starts.entry(span.file).or_insert_with(|| line_starts(&sources.file(span.file).bytes));
        }
        Lines { sources, starts }
    }

    /// The name of the file of a span.
    pub(super) fn name(&self, span: Span) -> &'s str {
        &self.sources.file(span.file).name
    }

    fn bytes(&self, file: FileId) -> &'s [u8] {
        &self.sources.file(file).bytes
    }

    /// Index of the line that holds a byte.
    fn line_of(&self, file: FileId, byte: usize) -> usize {
        let starts = self.starts.get(&file).map(Vec::as_slice).unwrap_or_default();
        starts.partition_point(|&start| start <= byte).saturating_sub(1)
    }

    /// The bytes of a run of lines, by index, without the last line break.
    fn range_of(&self, file: FileId, lines: Range<usize>) -> Range<usize> {
        let starts = self.starts.get(&file).map(Vec::as_slice).unwrap_or_default();
        let start = starts.get(lines.start).copied().unwrap_or(0);
        let bytes = self.bytes(file);
        let mut end = starts.get(lines.end).copied().unwrap_or(bytes.len());
        while end > start && matches!(bytes[end - 1], b'\n' | b'\r') {
            end -= 1;
        }
        start..end
    }

    /// Lines and columns of a span.
    pub(super) fn position(&self, span: Span) -> Position {
        let point = |byte: u32| {
            let line = self.line_of(span.file, byte as usize);
            let start = self.range_of(span.file, line..line + 1).start;
            let before = &self.bytes(span.file)[start..(byte as usize).max(start)];
            // Every byte of UTF-8 that does not go on with a character begins one. Fast, because lines may be long.
            (line + 1, before.iter().filter(|byte| **byte & 0xc0 != 0x80).count() + 1)
        };
        let ((line, column), (end_line, end_column)) = (point(span.start), point(span.end.max(span.start)));
        Position { line, column, end_line, end_column }
    }

    /// The lines from the first to the last of some spans of one file.
    pub(super) fn excerpt(&self, spans: &[Span]) -> Option<Excerpt<'s>> {
        let file = spans.first()?.file;
        let first = spans.iter().map(|span| span.start).min()?;
        let last = spans.iter().map(|span| span.end.max(span.start + 1) - 1).max()?;
        let lines = self.line_of(file, first as usize)..self.line_of(file, last as usize) + 1;
        let range = self.range_of(file, lines.clone());
        Some(Excerpt {
            text: readable(&self.bytes(file)[range.clone()]),
            start: range.start,
            line: lines.start + 1,
        })
    }
}

fn line_starts(bytes: &[u8]) -> Vec<usize> {
    let mut starts = vec![0];
    let mut at = 0;
    while let Some(found) = bytes[at..].iter().position(|b| matches!(b, b'\n' | b'\r')) {
        at += found + if bytes[at + found..].starts_with(b"\r\n") { 2 } else { 1 };
        starts.push(at);
    }
    starts
}

fn readable(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|b| if b.is_ascii() { char::from(*b) } else { '?' }).collect()),
    }
}

/// What stands for a file where there is none: the object and the pointer in it, `Platform/main#/spec`.
pub(super) fn object_place(ast: &Ast, place: &Place) -> String {
    match place {
        Place::Anchor(anchor) => format!("{}#{}", object_name(ast, anchor), anchor.pointer),
        Place::Span(_) => String::new(),
    }
}

/// The object that an anchor is in, as messages call it.
pub(super) fn object_name(ast: &Ast, anchor: &Anchor) -> String {
    called(&ast.document(anchor.document).identity())
}

/// An object as messages call it: `DataProduct/retail/orders`.
fn called(identity: &Identity) -> String {
    let kind = identity.kind.map_or("object", headwater_crds::object::Kind::name);
    [Some(kind), identity.namespace.as_deref(), identity.name.as_deref()]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("/")
}
