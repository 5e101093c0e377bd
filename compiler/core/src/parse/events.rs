//! Takes the text of one document; gives its [`Node`] tree and what the notation forbids in it.
//!
//! Everything that YAML has and JSON has not is refused here or dissolved: tags, merge keys, keys that are no text,
//! scalars that YAML 1.1 and 1.2 read differently; aliases become copies of what they stand for, within a budget.
//! Must not know what any key means.
//! Long because the rules of the notation are judged while the tree is built, over one stack of open nodes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};

use super::limit::{ALIASED_BYTES_MAX, ALIASED_NODES_MAX, DEPTH_MAX, NODES_MAX, SCALAR_BYTES_MAX};
use super::node::{Member, Node, Value};
use super::notation;
use super::scalar::{Refusal, resolve};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// What was found in the text of one document.
pub(crate) struct Reading<'s> {
    /// The tree; `None` if the text holds no document. Of a broken one, its first members.
    pub(crate) node: Option<Node<'s>>,
    /// What is wrong with the notation, at most [`PROBLEMS_MAX`](super::limit::PROBLEMS_MAX).
    pub(crate) problems: Vec<Diagnostic>,
    /// Whether the text could not be read to its end.
    pub(crate) broken: bool,
    /// Whether it has anchors: then a value of the tree may stand elsewhere in the text.
    pub(crate) anchored: bool,
}

/// Reads one document.
///
/// `text` is a part of `file` that begins at byte `start`.
pub(crate) fn read(text: &str, file: FileId, start: u32) -> Reading<'_> {
    let options = granit_parser::options! {
        disallow_directives: true,
        emit_unresolved_aliases: true,
        flow_nesting_limit: DEPTH_MAX,
        block_nesting_limit: DEPTH_MAX,
    };
    let mut builder = Builder {
        text,
        file,
        start,
        open: Vec::new(),
        root: None,
        anchors: BTreeMap::new(),
        nodes: 0,
        aliased_nodes: 0,
        aliased_bytes: 0,
        problems: Vec::new(),
    };
    let mut broken = false;
    for event in Parser::new_from_str_with_options(text, options) {
        let outcome = match event {
            Ok((event, span)) => builder.take(event, span),
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(text.len());
                Err(Box::new(notation::unreadable(&error, text, at, builder.span(at, at))))
            }
        };
        if let Err(problem) = outcome {
            builder.problems.push(*problem);
            broken = true;
            break;
        }
    }
    let anchored = !builder.anchors.is_empty();
    let node = if broken { partial(builder.open) } else { builder.root };
    Reading { node, problems: builder.problems, broken, anchored }
}

/// The outermost mapping as far as it has been read.
fn partial(open: Vec<Open<'_>>) -> Option<Node<'_>> {
    let outer = open.into_iter().next()?;
    match outer.values {
        Values::Map { members, .. } => {
            Some(Node { start: outer.start, end: outer.start, value: Value::Map(members) })
        }
        Values::List(_) => None,
    }
}

/// A list or mapping whose end has not come yet.
struct Open<'s> {
    start: u32,
    flow: bool,
    anchor: usize,
    nodes_before: usize,
    values: Values<'s>,
}

enum Values<'s> {
    List(Vec<Node<'s>>),
    Map { members: Vec<Member<'s>>, key: Option<Key<'s>>, poisoned: bool },
}

/// A key that waits for its value.
enum Key<'s> {
    Text {
        text: Cow<'s, str>,
        start: u32,
        end: u32,
    },
    /// Reported already; its value is dropped.
    Refused,
}

/// What an anchor names, and what copying it costs.
struct Anchored<'s> {
    node: Node<'s>,
    nodes: usize,
    bytes: usize,
}

/// Mappings of up to this many keys are searched without sorting.
const FEW: usize = 12;

struct Builder<'s> {
    text: &'s str,
    file: FileId,
    start: u32,
    open: Vec<Open<'s>>,
    root: Option<Node<'s>>,
    anchors: BTreeMap<usize, Anchored<'s>>,
    nodes: usize,
    aliased_nodes: usize,
    aliased_bytes: usize,
    problems: Vec<Diagnostic>,
}

/// `Err` is a problem after which the document can't be read on.
type Outcome = Result<(), Box<Diagnostic>>;

impl<'s> Builder<'s> {
    /// The span of bytes of the document's text.
    fn span(&self, start: usize, end: usize) -> Span {
        Span { file: self.file, start: self.offset(start), end: self.offset(end.max(start)) }
    }

    /// Files are far smaller than 4 GiB, so the sum never overflows.
    fn offset(&self, byte: usize) -> u32 {
        self.start + u32::try_from(byte).expect("a file within its limit has offsets of 32 bits")
    }

    fn report(&mut self, problem: Diagnostic) {
        notation::report(&mut self.problems, problem);
    }

    fn take(&mut self, event: Event<'s>, at: granit_parser::Span) -> Outcome {
        let range = at.byte_range().unwrap_or_default();
        let span = self.span(range.start, range.end);
        let tag = at.tag_span().and_then(|tag| tag.byte_range()).map(|tag| self.span(tag.start, tag.end));
        match event {
            Event::Scalar(text, style, anchor, given) => {
                let tag = given.map(|_| tag.unwrap_or(span));
                self.scalar(text, style, anchor, tag, span)
            }
            Event::SequenceStart(style, anchor, given) => {
                self.tagged(given.map(|_| tag.unwrap_or(span)));
                self.opened(span, style, anchor, Values::List(Vec::new()))
            }
            Event::MappingStart(style, anchor, given) => {
                self.tagged(given.map(|_| tag.unwrap_or(span)));
                let values = Values::Map { members: Vec::new(), key: None, poisoned: false };
                self.opened(span, style, anchor, values)
            }
            Event::SequenceEnd | Event::MappingEnd => self.closed(span),
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::UnresolvedAlias(name) => {
                self.report(notation::unknown_anchor(&name, span));
                self.poison(span)
            }
            Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(..)
            | Event::DocumentEnd
            | Event::Anchor(..)
            | _ => Ok(()),
        }
    }

    fn tagged(&mut self, tag: Option<Span>) {
        if let Some(tag) = tag {
            self.report(notation::tag(tag));
        }
    }

    fn opened(&mut self, span: Span, style: StructureStyle, anchor: usize, values: Values<'s>) -> Outcome {
        if self.open.len() >= DEPTH_MAX {
            return Err(Box::new(notation::too_deep(span)));
        }
        self.count(1, span)?;
        let flow = matches!(style, StructureStyle::Flow);
        self.open.push(Open { start: span.start, flow, anchor, nodes_before: self.nodes, values });
        Ok(())
    }

    fn closed(&mut self, span: Span) -> Outcome {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let (last, value) = match open.values {
            Values::List(mut items) => {
                items.shrink_to_fit();
                (items.last().map(|item| item.end), Value::List(items))
            }
            Values::Map { poisoned: true, members, .. } => {
                (members.last().map(|member| member.value.end), Value::Poison)
            }
            Values::Map { mut members, .. } => {
                self.refuse_duplicates(&mut members);
                members.shrink_to_fit();
                (members.last().map(|member| member.value.end.max(member.key_end)), Value::Map(members))
            }
        };
        // A block has no closing mark: its end event stands wherever the next token does.
        let end = if open.flow { span.end } else { last.unwrap_or(open.start) };
        let node = Node { start: open.start, end: end.max(open.start), value };
        let nodes = self.nodes - open.nodes_before + 1;
        self.finished(node, open.anchor, nodes)
    }

    fn scalar(
        &mut self,
        text: Cow<'s, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<Span>,
        span: Span,
    ) -> Outcome {
        self.count(1, span)?;
        if text.len() > SCALAR_BYTES_MAX {
            return Err(Box::new(notation::scalar_too_large(span)));
        }
        self.tagged(tag);
        let value = if tag.is_some() {
            Value::Poison
        } else if matches!(style, ScalarStyle::Plain) {
            self.plain(text, span)
        } else if text.contains('\0') {
            self.report(notation::nul(span));
            Value::Poison
        } else {
            Value::Text(text)
        };
        let start = match style {
            ScalarStyle::Literal | ScalarStyle::Folded => self.block_start(span),
            ScalarStyle::Plain | ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => span.start,
        };
        self.finished(Node { start, end: span.end, value }, anchor, 1)
    }

    /// Where the `|` or `>` of a block scalar stands; its event begins with the first line below.
    fn block_start(&self, span: Span) -> u32 {
        let content = (span.start - self.start) as usize;
        let mut before = &self.text[..content];
        let indentation = before.rfind(['\n', '\r']).map_or(before, |at| &before[at + 1..]);
        if !indentation.bytes().all(|b| b == b' ') {
            return span.start;
        }
        before = before.trim_end_matches([' ', '\n', '\r']);
        let line = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let header =
            before[line..].match_indices(['|', '>']).find(|(at, _)| is_header(&before[line + at + 1..]));
        header.map_or(span.start, |(at, _)| self.offset(line + at))
    }

    fn plain(&mut self, text: Cow<'s, str>, span: Span) -> Value<'s> {
        let as_key = self.key_expected();
        match resolve(text.clone()) {
            Ok(value) => value,
            Err(Refusal::Ambiguous { .. }) if as_key && text == "<<" => {
                self.report(notation::merge_key(span));
                Value::Poison
            }
            Err(refusal) => {
                self.report(notation::refused(&text, refusal, as_key, span));
                // A key that must be quoted is still that key to whoever reads on.
                if as_key && !matches!(refusal, Refusal::OutOfRange) {
                    Value::Text(text)
                } else {
                    Value::Poison
                }
            }
        }
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Outcome {
        let Some(anchored) = self.anchors.get(&anchor) else {
            self.report(notation::alias_of_itself(span));
            return self.poison(span);
        };
        let (nodes, bytes) = (anchored.nodes, anchored.bytes);
        self.aliased_nodes += nodes;
        self.aliased_bytes += bytes;
        if self.aliased_nodes > ALIASED_NODES_MAX || self.aliased_bytes > ALIASED_BYTES_MAX {
            return Err(Box::new(notation::too_many_aliases(span)));
        }
        let node = anchored.node.clone();
        self.count(nodes, span)?;
        self.finished(node, 0, nodes)
    }

    /// Keeps what an anchor names. Copies cost, so anchors spend the budget of their aliases.
    fn anchored(&mut self, anchor: usize, node: &Node<'s>, nodes: usize) -> Outcome {
        let bytes = text_bytes(node);
        self.aliased_nodes += nodes;
        self.aliased_bytes += bytes;
        if self.aliased_nodes > ALIASED_NODES_MAX || self.aliased_bytes > ALIASED_BYTES_MAX {
            let span = Span { file: self.file, start: node.start, end: node.end };
            return Err(Box::new(notation::too_many_aliases(span)));
        }
        self.anchors.insert(anchor, Anchored { node: node.clone(), nodes, bytes });
        Ok(())
    }

    fn poison(&mut self, span: Span) -> Outcome {
        self.finished(Node { start: span.start, end: span.end, value: Value::Poison }, 0, 1)
    }

    fn count(&mut self, nodes: usize, span: Span) -> Outcome {
        self.nodes += nodes;
        if self.nodes > NODES_MAX { Err(Box::new(notation::too_many_values(span))) } else { Ok(()) }
    }

    /// Reports keys that came before and drops their values.
    fn refuse_duplicates(&mut self, members: &mut Vec<Member<'s>>) {
        let repeated = repeated(members);
        if repeated.is_empty() {
            return;
        }
        for (&later, &first) in &repeated {
            let span =
                |at: usize| Span { file: self.file, start: members[at].key_start, end: members[at].key_end };
            let problem = notation::duplicate_key(&members[later].key, span(first), span(later));
            self.report(problem);
        }
        let mut at = 0;
        members.retain(|_| {
            at += 1;
            !repeated.contains_key(&(at - 1))
        });
    }

    /// Whether the next value is the key of a mapping.
    fn key_expected(&self) -> bool {
        self.open.last().is_some_and(|open| matches!(open.values, Values::Map { key: None, .. }))
    }

    /// Puts a complete value where it belongs.
    fn finished(&mut self, node: Node<'s>, anchor: usize, nodes: usize) -> Outcome {
        if anchor > 0 {
            self.anchored(anchor, &node, nodes)?;
        }
        let file = self.file;
        let mut problem = None;
        match self.open.last_mut().map(|open| &mut open.values) {
            None => self.root = Some(node),
            Some(Values::List(items)) => items.push(node),
            Some(Values::Map { members, key: key @ Some(_), .. }) => {
                if let Some(Key::Text { text, start, end }) = key.take() {
                    members.push(Member { key: text, key_start: start, key_end: end, value: node });
                }
            }
            Some(Values::Map { key, poisoned, .. }) => {
                let span = Span { file, start: node.start, end: node.end };
                *key = Some(match node.value {
                    Value::Text(text) => Key::Text { text, start: node.start, end: node.end },
                    Value::Poison => {
                        *poisoned = true;
                        Key::Refused
                    }
                    other @ (Value::Null
                    | Value::Bool(_)
                    | Value::Integer(_)
                    | Value::Float(_)
                    | Value::List(_)
                    | Value::Map(_)) => {
                        *poisoned = true;
                        problem = Some(notation::key_not_text(&other, span));
                        Key::Refused
                    }
                });
            }
        }
        if let Some(problem) = problem {
            self.report(problem);
        }
        Ok(())
    }
}

/// Whether only indicators and a comment follow the `|` or `>` on its line.
fn is_header(after: &str) -> bool {
    let rest = after.trim_start_matches(['+', '-', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    let words = rest.trim_start_matches([' ', '\t']);
    words.is_empty() || (words.starts_with('#') && words.len() < rest.len())
}

/// The members whose key came before, each with the first of that key.
fn repeated(members: &[Member<'_>]) -> BTreeMap<usize, usize> {
    let mut repeated = BTreeMap::new();
    if members.len() <= FEW {
        for later in 1..members.len() {
            if let Some(first) = members[..later].iter().position(|m| m.key == members[later].key) {
                repeated.insert(later, first);
            }
        }
        return repeated;
    }
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_by(|&a, &b| members[a].key.cmp(&members[b].key).then(a.cmp(&b)));
    for pair in order.windows(2) {
        let (first, later) = (pair[0], pair[1]);
        if members[first].key == members[later].key {
            repeated.insert(later, *repeated.get(&first).unwrap_or(&first));
        }
    }
    repeated
}

/// Bytes of all text below a value.
fn text_bytes(node: &Node<'_>) -> usize {
    match &node.value {
        Value::Text(text) => text.len(),
        Value::List(items) => items.iter().map(text_bytes).sum(),
        Value::Map(members) => members.iter().map(|m| m.key.len() + text_bytes(&m.value)).sum(),
        Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::Poison => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::node::{Node, Value};
    use super::read;
    use crate::diagnostic::Place;
    use crate::source::FileId;

    /// The tree in one line, then each problem with its code and the text it points at.
    fn check(text: &str, expected: &[&str]) {
        let reading = read(text, FileId(0), 0);
        let node = reading.node.filter(|_| !reading.broken);
        let mut found = vec![node.map_or_else(|| "none".to_owned(), |node| show(&node))];
        for problem in &reading.problems {
            let Place::Span(span) = &problem.place else { panic!("problems of text have spans") };
            let shown = &text[span.start as usize..span.end as usize];
            found.push(format!("{} {shown:?}: {}", problem.code.id, problem.message));
        }
        assert_eq!(found, expected, "{text:?}");
    }

    fn show(node: &Node<'_>) -> String {
        match &node.value {
            Value::Null => "null".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Integer(value) => value.to_string(),
            Value::Float(value) => format!("{value:?}"),
            Value::Text(text) => format!("{text:?}"),
            Value::Poison => "?".to_owned(),
            Value::List(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(",")),
            Value::Map(members) => {
                let members: Vec<_> =
                    members.iter().map(|m| format!("{}:{}", m.key, show(&m.value))).collect();
                format!("{{{}}}", members.join(","))
            }
        }
    }

    #[test]
    fn trees() {
        check("", &["none"]);
        check("# only a comment\n", &["none"]);
        check("--- \n", &["null"]);
        check(
            "a: [1, -2.5, true, null, ~, x]\nb:\n- c\n- d: 'e'\n",
            &["{a:[1,-2.5,true,null,null,\"x\"],b:[\"c\",{d:\"e\"}]}"],
        );
        check("{\"a\":\t[{}],\n\t\"b\": \"\\u00e9\\/\"}", &["{a:[{}],b:\"é/\"}"]);
        check("\u{feff}a: 1", &["{a:1}"]);
        check("a: &x {b: 1}\nc: *x\n", &["{a:{b:1},c:{b:1}}"]);
        check("a: 'no'\nb: \"010\"\nc: |\n  on\n", &["{a:\"no\",b:\"010\",c:\"on\\n\"}"]);
    }

    #[test]
    fn what_the_notation_forbids() {
        check(
            "a: no\nb: 1",
            &["{a:?,b:1}", "S007 \"no\": `no` is a truth value in YAML 1.1 and text in YAML 1.2"],
        );
        check(
            "on: 1",
            &["{on:1}", "S007 \"on\": the key `on` is a truth value in YAML 1.1 and text in YAML 1.2"],
        );
        check("a: .inf", &["{a:?}", "S007 \".inf\": `.inf` is a number that the Kubernetes API can't hold"]);
        check(
            "a: 99999999999999999999",
            &[
                "{a:?}",
                "S023 \"99999999999999999999\": the number `99999999999999999999` does not fit into 64 bits",
            ],
        );
        check(
            "a: 1\nb: 2\na: 3\na: 4",
            &[
                "{a:1,b:2}",
                "S006 \"a\": the key `a` is there twice",
                "S006 \"a\": the key `a` is there twice",
            ],
        );
        check("1: x", &["?", "S008 \"1\": a key must be text, and this is a whole number"]);
        check("{a: {[x]: 1}, b: 2}", &["{a:?,b:2}", "S008 \"[x]\": a key must be text, and this is a list"]);
        check(
            "a: !x y\nb: !!str 1",
            &["{a:?,b:?}", "S009 \"!x\": tags are not allowed", "S009 \"!!str\": tags are not allowed"],
        );
        check(
            "a: *x\nb: 1",
            &["{a:?,b:1}", "S010 \"*x\": no anchor `&x` comes before this alias in the document"],
        );
        check("a: &x [*x]", &["{a:[?]}", "S010 \"*x\": the alias stands inside the value that it refers to"]);
        check("a: {<<: {}, b: 1}\nc: 2", &["{a:?,c:2}", "S011 \"<<\": the merge key `<<` is not allowed"]);
        check("a: \"\\0\"", &["{a:?}", "S002 \"\\\"\\\\0\\\"\": the text holds a NUL character"]);
    }

    #[test]
    fn what_cannot_be_read() {
        check("a: b: c", &["none", "S001 \":\": a mapping can't begin here"]);
        check("a: {b: 1\n", &["none", "S004 \"{\": a bracket is opened and never closed"]);
        check("a: 'b\n", &["none", "S004 \"'\": a quote is opened and never closed"]);
        check("a:\n\tb: 1\n", &["none", "S003 \"\\t\": a tab can't indent"]);
        check("a\u{7}", &["none", "S002 \"\\u{7}\": the control character U+0007 is not allowed in YAML"]);
        check("%YAML 1.1\n---\na: 1", &["none", "S012 \"%\": directives are not allowed"]);
        check(&"[".repeat(100), &["none", "S005 \"\": lists and mappings are nested deeper than 64"]);
    }

    #[test]
    fn limits_hold() {
        let bomb = (1..40).fold("a0: &a0 [x]\n".to_owned(), |text, n| {
            text + &format!("a{n}: &a{n} [*a{0}, *a{0}, *a{0}]\n", n - 1)
        });
        let message =
            "the anchors and aliases of the document stand for more than 100000 values or 4194304 bytes";
        let problems = |text: &str| read(text, FileId(0), 0).problems;
        assert_eq!(problems(&bomb).first().map(|p| p.message.as_str()), Some(message));
        let long = format!("a: &a {}\nb: [{}]", "x".repeat(1_000_000), "*a, ".repeat(5));
        assert_eq!(problems(&long).first().map(|p| p.message.as_str()), Some(message));
        let huge = format!("a: {}", "x".repeat(2_000_000));
        assert_eq!(problems(&huge).first().map(|p| p.code.id), Some("S005"));
        let many = problems(&"- no\n".repeat(10_000));
        assert_eq!((many.len(), many.last().map(|p| p.code.id)), (101, Some("S005")));
    }
}
