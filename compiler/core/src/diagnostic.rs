//! What the compiler has to say about its input: noun file.
//!
//! A diagnostic is built where the problem is found and names its place by document and pointer.
//! Places become bytes of a file only when it is shown, so that no type of the language carries spans.

use std::ops::Range;
use std::sync::Arc;

use crate::code::Code;
use crate::source::Span;

/// Index of a document among all parsed documents, in order of file and position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId(pub u32);

/// A place in a document: what it is called there, not where its bytes are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Anchor {
    /// The document.
    pub document: DocumentId,
    /// JSON pointer (RFC 6901) of the value, such as `/spec/sinks/0/from`.
    pub pointer: Arc<str>,
    /// Which part of what stands there.
    pub part: Part,
}

/// Part of what a pointer points at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The whole value.
    Value,
    /// The key of the value in its mapping.
    Key,
    /// Bytes of the decoded scalar, such as one column name inside an SQL text.
    Bytes {
        /// First byte.
        start: u32,
        /// One past the last byte.
        end: u32,
    },
}

impl Anchor {
    /// The whole value at a pointer.
    pub fn value(document: DocumentId, pointer: impl Into<Arc<str>>) -> Self {
        Anchor { document, pointer: pointer.into(), part: Part::Value }
    }

    /// The key at a pointer.
    pub fn key(document: DocumentId, pointer: impl Into<Arc<str>>) -> Self {
        Anchor { document, pointer: pointer.into(), part: Part::Key }
    }

    /// A value below this one; bytes have nothing below them that a pointer could name.
    #[must_use]
    pub fn at(&self, member: impl std::fmt::Display) -> Self {
        if let Part::Bytes { .. } = self.part {
            return self.clone();
        }
        Anchor::value(self.document, format!("{}/{member}", self.pointer))
    }

    /// A range of bytes of the decoded scalar here.
    #[must_use]
    pub fn bytes(&self, range: Range<u32>) -> Self {
        Anchor {
            document: self.document,
            pointer: self.pointer.clone(),
            part: Part::Bytes { start: range.start, end: range.end },
        }
    }
}

/// Where a diagnostic or a label points.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Bytes of a file: before there is a document to point into.
    Span(Span),
    /// A named place of a document.
    Anchor(Anchor),
}

impl From<Span> for Place {
    fn from(span: Span) -> Self {
        Place::Span(span)
    }
}

impl From<Anchor> for Place {
    fn from(anchor: Anchor) -> Self {
        Place::Anchor(anchor)
    }
}

impl From<&Anchor> for Place {
    fn from(anchor: &Anchor) -> Self {
        Place::Anchor(anchor.clone())
    }
}

/// How bad it is. An error stops the pipeline at the barrier after `check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is planned or run while it stands.
    Error,
    /// Worth a look; does not stop anything.
    Warning,
}

/// A further place with a short text, such as where the contract promises something else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// The place.
    pub place: Place,
    /// A few words, lowercase, no full stop.
    pub text: String,
}

/// A replacement of text that mends the problem.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fix {
    /// What is replaced.
    pub place: Place,
    /// The text put there.
    pub replacement: String,
}

/// One problem, complete: its message stands alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which of the registered codes.
    pub code: &'static Code,
    /// How bad it is.
    pub severity: Severity,
    /// The smallest place that shows it.
    pub place: Place,
    /// One sentence, lowercase, no full stop, names in backticks.
    pub message: String,
    /// A few words at the place; empty if the message says all.
    pub label: String,
    /// Further places.
    pub labels: Vec<Label>,
    /// Facts that help to understand.
    pub notes: Vec<String>,
    /// How to mend it; nothing else says so.
    pub help: Option<String>,
    /// The mend as an edit.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(code: &'static Code, place: impl Into<Place>, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            severity: Severity::Error,
            place: place.into(),
            message: message.into(),
            label: String::new(),
            labels: Vec::new(),
            notes: Vec::new(),
            help: None,
            fix: None,
        }
    }

    /// A warning at a place.
    pub fn warning(code: &'static Code, place: impl Into<Place>, message: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, place, message) }
    }

    /// Sets the words shown at the place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = text.into();
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn also(mut self, place: impl Into<Place>, text: impl Into<String>) -> Self {
        self.labels.push(Label { place: place.into(), text: text.into() });
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Says how to mend it.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Gives the mend as an edit.
    #[must_use]
    pub fn fix(mut self, place: impl Into<Place>, replacement: impl Into<String>) -> Self {
        self.fix = Some(Fix { place: place.into(), replacement: replacement.into() });
        self
    }
}
