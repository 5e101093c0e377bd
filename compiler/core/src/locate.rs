//! Takes diagnostics; gives them sorted and without repetitions, each with the bytes of the file that it points at.
//!
//! A document with a diagnostic is read once more for this, and only then: spans are kept nowhere.
//! Must not fail: a pointer that is not in the text (a default, say) is shown at the nearest value around it.

use std::collections::BTreeMap;

use crate::ast::{Ast, Origin};
use crate::diagnostic::{Anchor, Diagnostic, Part, Place};
use crate::parse::node::{Node, Value};
use crate::parse::{align, events, items};
use crate::source::{FileId, Sources, Span};

/// A diagnostic and where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Located<'d> {
    /// What is said.
    pub diagnostic: &'d Diagnostic,
    /// Where; `None` for an object that has no file.
    pub span: Option<Span>,
    /// Where each of its labels is.
    pub labels: Vec<Option<Span>>,
    /// What its fix replaces.
    pub fix: Option<Span>,
}

/// Longest span of decoded text that is shown over several lines; a longer one is cut after its first.
const LINES_MAX: usize = 6;

/// Sorts by file, position and code; drops repetitions.
pub fn locate<'d>(sources: &Sources, ast: &Ast, diagnostics: &'d [Diagnostic]) -> Vec<Located<'d>> {
    let spans = spans(sources, ast, diagnostics);
    let find = |place: &Place| match place {
        Place::Span(span) => Some(*span),
        Place::Anchor(anchor) => spans.get(anchor).copied(),
    };
    let mut located: Vec<Located<'d>> = diagnostics
        .iter()
        .map(|diagnostic| Located {
            diagnostic,
            span: find(&diagnostic.place),
            labels: diagnostic.labels.iter().map(|label| find(&label.place)).collect(),
            fix: diagnostic.fix.as_ref().and_then(|fix| find(&fix.place)),
        })
        .collect();
    located.sort_by(|a, b| {
        let order = |located: &Located<'d>| {
            (located.span.is_none(), located.span, located.diagnostic.code.id, &located.diagnostic.place)
        };
        order(a).cmp(&order(b)).then_with(|| a.diagnostic.message.cmp(&b.diagnostic.message))
    });
    located.dedup_by(|a, b| {
        (a.span, a.diagnostic.code.id, &a.diagnostic.message)
            == (b.span, b.diagnostic.code.id, &b.diagnostic.message)
            && (a.span.is_some() || a.diagnostic.place == b.diagnostic.place)
    });
    located
}

/// An anchor, and which item it is in if its YAML document is a list.
type Wanted<'d> = (&'d Anchor, Option<u32>);

/// The span of every anchor that the diagnostics name, reading each YAML document once.
fn spans<'d>(sources: &Sources, ast: &Ast, diagnostics: &'d [Diagnostic]) -> BTreeMap<&'d Anchor, Span> {
    let mut wanted: BTreeMap<(FileId, u32, u32), Vec<Wanted<'_>>> = BTreeMap::new();
    for diagnostic in diagnostics {
        let labels = diagnostic.labels.iter().map(|label| &label.place);
        let fix = diagnostic.fix.iter().map(|fix| &fix.place);
        for place in std::iter::once(&diagnostic.place).chain(labels).chain(fix) {
            if let Place::Anchor(anchor) = place
                && let Origin::Text { file, start, end, item } = ast.document(anchor.document).origin
            {
                wanted.entry((file, start, end)).or_default().push((anchor, item));
            }
        }
    }
    let mut spans = BTreeMap::new();
    for_each_document(sources, wanted, |file, text, node, anchor| {
        let range = range(text, node, anchor);
        spans.insert(anchor, Span { file, start: range.0, end: range.1 });
    });
    spans
}

/// The bytes of values, whole; none for a value that is not in a text, such as a default.
pub fn values_of(sources: &Sources, ast: &Ast, anchors: &[Anchor]) -> Vec<Option<Span>> {
    let mut wanted: BTreeMap<(FileId, u32, u32), Vec<Wanted<'_>>> = BTreeMap::new();
    for anchor in anchors {
        if let Origin::Text { file, start, end, item } = ast.document(anchor.document).origin {
            wanted.entry((file, start, end)).or_default().push((anchor, item));
        }
    }
    let mut spans = BTreeMap::new();
    for_each_document(sources, wanted, |file, _, node, anchor| {
        let found = follow(node, &anchor.pointer);
        if found.exact {
            spans.insert(anchor, Span { file, start: found.node.start, end: found.node.end });
        }
    });
    anchors.iter().map(|anchor| spans.get(anchor).copied()).collect()
}

/// Reads each YAML document once and visits the anchors in it.
fn for_each_document<'d>(
    sources: &Sources,
    wanted: BTreeMap<(FileId, u32, u32), Vec<Wanted<'d>>>,
    mut visit: impl FnMut(FileId, &str, &Node<'_>, &'d Anchor),
) {
    // The text of the file at hand: looking through a file for each of its documents would take hours.
    let mut known: Option<(FileId, &str)> = None;
    for ((file, start, end), anchors) in wanted {
        let text = match known {
            Some((of, text)) if of == file => text,
            Some(_) | None => std::str::from_utf8(&sources.file(file).bytes).unwrap_or_default(),
        };
        known = Some((file, text));
        let Some(part) = text.get(start as usize..end as usize) else { continue };
        let Some(root) = events::read(part, file, start).node else { continue };
        for (anchor, item) in anchors {
            let node = match item {
                None => Some(&root),
                Some(index) => items(&root).get(index as usize),
            };
            if let Some(node) = node {
                visit(file, text, node, anchor);
            }
        }
    }
}

/// Bytes of the file.
type Range = (u32, u32);

/// Where a pointer leads.
struct Found<'n, 's> {
    node: &'n Node<'s>,
    key: Option<Range>,
    exact: bool,
}

/// The bytes that an anchor names.
fn range(text: &str, root: &Node<'_>, anchor: &Anchor) -> Range {
    let found = follow(root, &anchor.pointer);
    let value = || match found.key {
        // Nothing to see at an empty value.
        Some(key) if found.node.start == found.node.end => key,
        _ => first_line(text, (found.node.start, found.node.end)),
    };
    let key = || found.key.unwrap_or_else(|| entry(text, found.node));
    match &anchor.part {
        Part::Value if found.exact => value(),
        Part::Value | Part::Key => key(),
        Part::Bytes { start, end } => {
            let inside = || {
                let decoded = found.node.text().filter(|_| found.exact)?;
                let source = text.get(found.node.start as usize..found.node.end as usize)?;
                let bytes = align::source_range(source, decoded, *start as usize..*end as usize)?;
                let at = |byte: usize| u32::try_from(byte).ok().map(|byte| found.node.start + byte);
                let range = (at(bytes.start)?, at(bytes.end)?);
                let lines = text.get(range.0 as usize..range.1 as usize)?.lines().count();
                Some(if lines > LINES_MAX { first_line(text, range) } else { range })
            };
            inside().unwrap_or_else(value)
        }
    }
}

/// Follows a JSON pointer (RFC 6901) as far as it goes.
fn follow<'n, 's>(root: &'n Node<'s>, pointer: &str) -> Found<'n, 's> {
    let mut found = Found { node: root, key: None, exact: true };
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        let next = match &found.node.value {
            Value::Map(_) => found.node.member(&step).map(|member| Found {
                node: &member.value,
                key: Some((member.key_start, member.key_end)),
                exact: true,
            }),
            Value::List(items) => step
                .parse::<usize>()
                .ok()
                .and_then(|index| items.get(index))
                .map(|node| Found { node, key: None, exact: true }),
            Value::Null
            | Value::Bool(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Text(_)
            | Value::Poison => None,
        };
        match next {
            Some(next) => found = next,
            None => {
                found.exact = false;
                break;
            }
        }
    }
    found
}

/// What stands for a value that has no key: the name of an item, the kind of an object, else its first line.
fn entry(text: &str, node: &Node<'_>) -> Range {
    let named = ["name", "kind"].into_iter().find_map(|key| node.get(key));
    let shown = named.map_or((node.start, node.end), |value| (value.start, value.end));
    first_line(text, shown)
}

/// The range up to the end of its first line.
fn first_line(text: &str, (start, end): Range) -> Range {
    let shown = text.get(start as usize..end as usize).unwrap_or_default();
    let line = shown.lines().next().unwrap_or_default().trim_end();
    (start, start + u32::try_from(line.len()).expect("a line is shorter than its file"))
}
