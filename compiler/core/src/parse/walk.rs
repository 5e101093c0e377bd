//! Takes a document and the shape of its kind; gives every place where they differ, all at once.
//!
//! Must not report what follows from something reported: poison fits everywhere, an unknown member that is close to
//! a missing one is the missing one misspelt, and what stands below a value of the wrong type is not looked at.

use super::node::{Member, Node, Value};
use super::notation;
use super::shape::{Form, ListShape, MapShape, MemberShape, Shape, TextShape};
use super::wording as say;
use crate::diagnostic::{Anchor, Diagnostic, DocumentId, Part};
use crate::near::near;

/// Every difference between a document and a shape, at most [`PROBLEMS_MAX`](super::limit::PROBLEMS_MAX).
///
/// `kind` is what the whole document is called in messages.
pub(crate) fn walk(node: &Node<'_>, shape: &Shape, kind: &str, document: DocumentId) -> Vec<Diagnostic> {
    let mut walk = Walk { document, kind, path: Vec::new(), problems: Vec::new() };
    walk.value(node, shape);
    walk.problems
}

/// A step from a value to one inside it.
#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

struct Walk<'a> {
    document: DocumentId,
    kind: &'a str,
    path: Vec<Step<'a>>,
    problems: Vec<Diagnostic>,
}

impl<'a> Walk<'a> {
    fn report(&mut self, problem: Diagnostic) {
        notation::report(&mut self.problems, problem);
    }

    /// Where the walk stands (RFC 6901).
    fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in &self.path {
            pointer.push('/');
            match step {
                Step::Key(key) => pointer.push_str(&key.replace('~', "~0").replace('/', "~1")),
                Step::Index(index) => pointer.push_str(&index.to_string()),
            }
        }
        pointer
    }

    fn here(&self, part: Part) -> Anchor {
        Anchor { document: self.document, pointer: self.pointer().into(), part }
    }

    fn member(&mut self, key: &'a str, part: Part) -> Anchor {
        self.path.push(Step::Key(key));
        let anchor = self.here(part);
        self.path.pop();
        anchor
    }

    /// What messages call the value where the walk stands.
    fn name(&self) -> String {
        match self.path.as_slice() {
            [] => format!("a `{}`", self.kind),
            [.., Step::Key(key)] => format!("`{key}`"),
            [.., Step::Key(key), Step::Index(_)] => format!("an item of `{key}`"),
            [.., Step::Index(_)] => "an item".to_owned(),
        }
    }

    fn value(&mut self, node: &'a Node<'_>, shape: &'a Shape) {
        match (&node.value, &shape.form) {
            (Value::Poison, _) | (_, Form::Any) => {}
            (Value::Null, _) if shape.nullable => {}
            (Value::Text(text), Form::Text(wanted)) => self.text(text, wanted),
            (Value::Integer(number), Form::Integer { min, max }) => {
                if number < min || number > max {
                    let problem =
                        say::number_out_of_range(self.here(Part::Value), &self.name(), *number, *min, *max);
                    self.report(problem);
                }
            }
            (Value::Integer(_) | Value::Float(_), Form::Number) | (Value::Bool(_), Form::Bool) => {}
            (Value::List(items), Form::List(wanted)) => self.list(items, wanted),
            (Value::Map(members), Form::Map(wanted)) => self.map(members, wanted),
            (found, wanted) => {
                let problem = say::wrong_type(self.here(Part::Value), &self.name(), found, wanted);
                self.report(problem);
            }
        }
    }

    fn text(&mut self, text: &str, wanted: &TextShape) {
        if !wanted.words.is_empty() {
            if !wanted.words.iter().any(|word| word == text) {
                let problem = say::unknown_value(self.here(Part::Value), &self.name(), text, &wanted.words);
                self.report(problem);
            }
            return;
        }
        let long = text.len() > wanted.chars_max && text.chars().count() > wanted.chars_max;
        if long || (text.len() < wanted.chars_min * 4 && text.chars().count() < wanted.chars_min) {
            let (min, max) = (wanted.chars_min, wanted.chars_max);
            let problem = say::text_out_of_range(self.here(Part::Value), &self.name(), min, max, long);
            self.report(problem);
            return;
        }
        if let Some(format) = &wanted.format
            && !format.matches(text)
        {
            let problem = say::invalid_format(self.here(Part::Value), &self.name(), text, format);
            self.report(problem);
        }
    }

    fn list(&mut self, items: &'a [Node<'_>], wanted: &'a ListShape) {
        if items.len() < wanted.count_min || items.len() > wanted.count_max {
            let (min, max) = (wanted.count_min, wanted.count_max);
            let problem =
                say::count_out_of_range(self.here(Part::Value), &self.name(), items.len(), min, max);
            self.report(problem);
        }
        for (index, item) in items.iter().take(wanted.count_max).enumerate() {
            self.path.push(Step::Index(index));
            self.value(item, &wanted.items);
            self.path.pop();
        }
        if let [key] = wanted.keys.as_slice() {
            self.names(items, key);
        }
    }

    /// Items of a list are told apart by their names.
    fn names(&mut self, items: &'a [Node<'_>], key: &'a str) {
        let mut named: Vec<(&str, usize)> = Vec::new();
        for (index, item) in items.iter().enumerate() {
            named.extend(item.get(key).and_then(Node::text).map(|name| (name, index)));
        }
        named.sort_unstable();
        let mut start = 0;
        for at in 1..named.len() {
            if named[at].0 != named[start].0 {
                start = at;
                continue;
            }
            let place = |walk: &mut Self, index: usize| {
                walk.path.push(Step::Index(index));
                let anchor = walk.member(key, Part::Value);
                walk.path.pop();
                anchor
            };
            let (first, second) = (place(self, named[start].1), place(self, named[at].1));
            let problem = say::duplicate_name(first, second, &self.name(), named[at].0);
            self.report(problem);
        }
    }

    fn map(&mut self, members: &'a [Member<'_>], wanted: &'a MapShape) {
        if members.len() > wanted.count_max {
            let max = wanted.count_max;
            let problem = say::count_out_of_range(self.here(Part::Key), &self.name(), members.len(), 0, max);
            self.report(problem);
        }
        let mut seen: u128 = 0;
        let mut unknown: Vec<&'a str> = Vec::new();
        let mut expected = 0;
        for member in members {
            let key = member.key.as_ref();
            let Some(index) = find(&wanted.members, key, expected) else {
                match &wanted.others {
                    Some(shape) => self.inside(key, &member.value, shape),
                    None => unknown.push(key),
                }
                continue;
            };
            expected = index + 1;
            let found = &wanted.members[index];
            if !matches!(member.value.value, Value::Null) || !found.shape.nullable {
                seen |= 1 << index;
            }
            self.inside(key, &member.value, &found.shape);
        }
        self.unknown(&unknown, members, wanted);
        self.missing(seen, &unknown, wanted);
        if wanted.union {
            self.union(seen, members, &unknown, wanted);
        }
    }

    fn inside(&mut self, key: &'a str, node: &'a Node<'_>, shape: &'a Shape) {
        self.path.push(Step::Key(key));
        self.value(node, shape);
        self.path.pop();
    }

    fn unknown(&mut self, unknown: &[&'a str], members: &[Member<'_>], wanted: &MapShape) {
        for key in unknown {
            let there = |name: &str| members.iter().any(|member| member.key == name);
            let offered = wanted.members.iter().map(|member| member.key.as_str()).filter(|name| !there(name));
            let near = near(key, offered);
            let place = self.member(key, Part::Key);
            let problem = say::unknown_member(place, &self.name(), key, near, &wanted.members);
            self.report(problem);
        }
    }

    fn missing(&mut self, seen: u128, unknown: &[&str], wanted: &'a MapShape) {
        for (index, member) in wanted.members.iter().enumerate() {
            if !member.required || seen & (1 << index) != 0 {
                continue;
            }
            if unknown.iter().any(|key| near(key, [member.key.as_str()]).is_some()) {
                continue;
            }
            let problem = say::missing_member(self.here(Part::Key), &self.name(), &member.key);
            self.report(problem);
        }
    }

    fn union(&mut self, seen: u128, members: &'a [Member<'_>], unknown: &[&str], wanted: &'a MapShape) {
        let alternatives = || wanted.members.iter().enumerate().filter(|(_, member)| member.alternative);
        let is_chosen = |key: &str| alternatives().any(|(index, m)| m.key == key && seen & (1 << index) != 0);
        let mut chosen = members.iter().map(|member| member.key.as_ref()).filter(|key| is_chosen(key));
        let Some(first) = chosen.next() else {
            if unknown.is_empty() {
                let keys: Vec<&str> = alternatives().map(|(_, member)| member.key.as_str()).collect();
                let problem = say::none_of(self.here(Part::Key), &self.name(), &keys);
                self.report(problem);
            }
            return;
        };
        let others: Vec<&'a str> = chosen.collect();
        for other in others {
            let (kept, extra) = (self.member(first, Part::Key), self.member(other, Part::Key));
            let problem = say::more_than_one(kept, extra, &self.name(), first, other);
            self.report(problem);
        }
    }
}

/// The member with this key. Members mostly come in the order of the schema, so the search begins after the last.
fn find(members: &[MemberShape], key: &str, from: usize) -> Option<usize> {
    let from = from.min(members.len());
    let (before, after) = members.split_at(from);
    match after.iter().position(|member| member.key == key) {
        Some(index) => Some(from + index),
        None => before.iter().position(|member| member.key == key),
    }
}
