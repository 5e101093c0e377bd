//! Takes the tree of a document and its text; gives the document as it is laid out, every comment at its entry.
//!
//! A comment belongs to the entry above it on its line, else to the entry below it; one that stands deeper than the
//! entry below belongs to the block that has just ended.

use std::iter::Peekable;
use std::ops::Range;
use std::vec::IntoIter;

use super::comment::{comments, is_below_blank, line_start};
use super::piece::{Comment, Entry, Form, Piece, Scalar};
use crate::parse::node::{Node, Value};

/// The document `root`, whose text is `text[within]`; the places of its nodes count from the start of `text`.
pub(super) fn read<'s>(text: &'s str, within: Range<usize>, root: &Node<'_>) -> Piece<'s> {
    let mut scalars = Vec::new();
    places(root, &mut scalars);
    let comments = comments(text, within.clone(), &scalars).into_iter().peekable();
    let mut reader = Reader { text, comments };
    let mut piece = reader.piece(root, within.end);
    piece.tail.extend(reader.comments);
    piece
}

/// The comments of a document, sorted; those behind the indicator of a block scalar are not among them.
pub(super) fn comment_texts<'s>(text: &'s str, root: &Node<'_>) -> Vec<&'s str> {
    let mut scalars = Vec::new();
    places(root, &mut scalars);
    let mut texts: Vec<&str> =
        comments(text, 0..text.len(), &scalars).iter().map(|comment| comment.text).collect();
    texts.sort_unstable();
    texts
}

/// Where the keys and scalars of a tree stand, in order.
fn places(node: &Node<'_>, found: &mut Vec<Range<usize>>) {
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| places(item, found)),
        Value::Map(members) => members.iter().for_each(|member| {
            found.push(member.key_start as usize..member.key_end as usize);
            places(&member.value, found);
        }),
        Value::Null
        | Value::Bool(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Text(_)
        | Value::Poison => {
            found.push(span(node));
        }
    }
}

fn span(node: &Node<'_>) -> Range<usize> {
    node.start as usize..node.end as usize
}

struct Reader<'s> {
    text: &'s str,
    comments: Peekable<IntoIter<Comment<'s>>>,
}

impl<'s> Reader<'s> {
    /// A value; what comes after it begins at `limit`.
    fn piece(&mut self, node: &Node<'_>, limit: usize) -> Piece<'s> {
        let flow = self.text[span(node)].starts_with(['{', '[']);
        let inner = if flow { (node.end as usize).saturating_sub(1) } else { limit };
        let form = match &node.value {
            Value::List(items) => Form::List { entries: self.items(items, inner), flow },
            Value::Map(members) => Form::Map { entries: self.members(members, inner), flow, row: false },
            Value::Text(text) => {
                let source = &self.text[span(node)];
                return Piece {
                    form: Form::Scalar(Scalar { source, text: Some(text.to_string()) }),
                    tail: Vec::new(),
                };
            }
            Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::Poison => {
                let source = &self.text[span(node)];
                return Piece { form: Form::Scalar(Scalar { source, text: None }), tail: Vec::new() };
            }
        };
        let start = node.start as usize;
        let column = self.text[line_start(self.text, start)..start].chars().count();
        // Behind a dash a comment is about what comes below it.
        let belongs =
            |comment: &Comment<'_>| flow || (comment.alone && (column == 0 || comment.column >= column));
        let mut tail = Vec::new();
        while let Some(comment) =
            self.comments.next_if(|comment| comment.at.start < inner && belongs(comment))
        {
            tail.push(comment);
        }
        Piece { form, tail }
    }

    fn members(&mut self, members: &[crate::parse::node::Member<'_>], limit: usize) -> Vec<Entry<'s>> {
        let mut entries = Vec::with_capacity(members.len());
        for (index, member) in members.iter().enumerate() {
            let (start, end) = (member.key_start as usize, member.key_end as usize);
            let next = members.get(index + 1).map_or(limit, |next| next.key_start as usize);
            let key = Scalar { source: &self.text[start..end], text: Some(member.key.to_string()) };
            entries.push(self.entry(start, end, &member.value, next, Some((key, member.key.to_string()))));
        }
        entries
    }

    fn items(&mut self, items: &[Node<'_>], limit: usize) -> Vec<Entry<'s>> {
        let mut entries = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let start = item.start as usize;
            let next = items.get(index + 1).map_or(limit, |next| next.start as usize);
            entries.push(self.entry(start, start, item, next, None));
        }
        entries
    }

    /// An entry that begins at `start` and whose key, if it has one, ends at `key_end`.
    fn entry(
        &mut self,
        start: usize,
        key_end: usize,
        value: &Node<'_>,
        limit: usize,
        key: Option<(Scalar<'s>, String)>,
    ) -> Entry<'s> {
        let mut lead = Vec::new();
        while let Some(comment) = self.comments.next_if(|comment| comment.at.start < start) {
            lead.push(comment);
        }
        let before = &self.text[line_start(self.text, start)..start];
        let blank = before.chars().all(|c| matches!(c, ' ' | '\t' | '-')) && is_below_blank(self.text, start);
        let tall = self.text[span(value)].starts_with(['|', '>']);
        let nested = matches!(value.value, Value::List(_) | Value::Map(_));
        let flow = self.text[span(value)].starts_with(['{', '[']);
        // Behind a bracket, or behind a key whose value stands below. Behind a dash stands the first entry.
        let head = match (nested, flow) {
            (true, true) => self.same_line(value.start as usize + 1, (value.end as usize).saturating_sub(1)),
            (true, false) if key.is_some() => self.same_line(key_end, limit),
            (true | false, _) => None,
        };
        let value_end = (value.end as usize).max(key_end);
        let value = self.piece(value, limit);
        // A block, and a text in one, end with the line: behind their end begins the next one.
        let trail = if (nested && !flow) || tall { None } else { self.same_line(value_end, limit) };
        Entry { blank, lead, key, head, value, trail }
    }

    /// The next comment, if it stands behind a position on its line.
    fn same_line(&mut self, from: usize, limit: usize) -> Option<Comment<'s>> {
        let text = self.text;
        self.comments.next_if(|comment| {
            let at = comment.at.start;
            from <= at && at < limit && !comment.alone && !text[from..at].contains(['\n', '\r'])
        })
    }
}
