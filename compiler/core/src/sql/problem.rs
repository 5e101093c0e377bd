//! What is wrong with a text before it has a tree: noun file.

use std::ops::Range;

use crate::code::{Code, query};
use crate::diagnostic::{Anchor, Diagnostic};

/// A problem at bytes of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    code: &'static Code,
    range: Range<u32>,
    message: String,
    help: Option<String>,
}

impl Problem {
    /// The text is not SQL.
    pub(super) fn syntax(range: Range<u32>, message: impl Into<String>) -> Self {
        Problem { code: &query::SYNTAX, range, message: message.into(), help: None }
    }

    /// The text is larger or deeper than what is read.
    pub(super) fn too_large(range: Range<u32>, message: impl Into<String>) -> Self {
        Problem {
            code: &query::TOO_LARGE,
            range,
            message: message.into(),
            help: Some("split it into several transforms, or into steps".to_owned()),
        }
    }

    /// The text is a statement of another kind.
    pub(super) fn not_a_query(range: Range<u32>, message: impl Into<String>) -> Self {
        Problem { code: &query::NOT_A_QUERY, range, message: message.into(), help: None }
    }

    /// The text goes on after its query.
    pub(super) fn several(range: Range<u32>, message: impl Into<String>) -> Self {
        Problem { code: &query::SEVERAL_STATEMENTS, range, message: message.into(), help: None }
    }

    /// Says how to mend it.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The problem where the text stands.
    pub(super) fn at(self, anchor: &Anchor) -> Diagnostic {
        let place = if self.range.is_empty() { anchor.clone() } else { anchor.bytes(self.range) };
        let diagnostic = Diagnostic::error(self.code, place, self.message);
        match self.help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}
