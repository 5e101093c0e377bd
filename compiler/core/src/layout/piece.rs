//! A document as it is laid out: noun file.
//!
//! The values of a document with what a value does not hold: comments, blank lines, and how each was written.

use std::ops::Range;

/// A value as it stands in the text.
#[derive(Debug)]
pub(super) struct Piece<'s> {
    /// What it is.
    pub(super) form: Form<'s>,
    /// Comments below its last entry.
    pub(super) tail: Vec<Comment<'s>>,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum Form<'s> {
    /// Text, a number, a truth value or nothing.
    Scalar(Scalar<'s>),
    /// A list.
    List {
        /// Its items; they have no keys.
        entries: Vec<Entry<'s>>,
        /// Whether it was written in brackets.
        flow: bool,
    },
    /// A mapping.
    Map {
        /// Its members.
        entries: Vec<Entry<'s>>,
        /// Whether it was written in braces.
        flow: bool,
        /// Whether it is a row of data, which stays on its line as those of a table do.
        row: bool,
    },
}

/// A scalar.
#[derive(Debug, Clone)]
pub(super) struct Scalar<'s> {
    /// As it stands in the text, with its quotes.
    pub(super) source: &'s str,
    /// What it decodes to; none if it is no text.
    pub(super) text: Option<String>,
}

/// A member of a mapping or an item of a list.
#[derive(Debug)]
pub(super) struct Entry<'s> {
    /// Whether a blank line is right above it.
    pub(super) blank: bool,
    /// Comments above it.
    pub(super) lead: Vec<Comment<'s>>,
    /// Its key and what that decodes to; none in a list.
    pub(super) key: Option<(Scalar<'s>, String)>,
    /// The comment behind its key, before a value on the lines below.
    pub(super) head: Option<Comment<'s>>,
    /// Its value.
    pub(super) value: Piece<'s>,
    /// The comment behind its value.
    pub(super) trail: Option<Comment<'s>>,
}

/// A comment.
#[derive(Debug, Clone)]
pub(super) struct Comment<'s> {
    /// From its `#` to the end of its line, without blanks behind it.
    pub(super) text: &'s str,
    /// Where it stands in the text of the document.
    pub(super) at: Range<usize>,
    /// Characters before it on its line.
    pub(super) column: usize,
    /// Whether nothing but blanks is before it on its line.
    pub(super) alone: bool,
    /// Whether a blank line is above it.
    pub(super) blank: bool,
}

impl Piece<'_> {
    /// The entries of a list or mapping.
    pub(super) fn entries(&self) -> &[Entry<'_>] {
        match &self.form {
            Form::Scalar(_) => &[],
            Form::List { entries, .. } | Form::Map { entries, .. } => entries,
        }
    }

    /// Whether a comment stands anywhere inside.
    pub(super) fn has_comments(&self) -> bool {
        !self.tail.is_empty() || self.entries().iter().any(Entry::has_comments)
    }
}

impl Entry<'_> {
    pub(super) fn has_comments(&self) -> bool {
        !self.lead.is_empty() || self.head.is_some() || self.trail.is_some() || self.value.has_comments()
    }
}
