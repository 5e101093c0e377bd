//! Parses one XML element into a tape: attributes as `@name`, repeated elements as a list, text beside others as `#text`.
//!
//! Takes the element's text, adds an object or gives the reason why it is none. Names are local: prefixes are left out.
//! Only the entities that XML itself defines are known, so nothing can be expanded into more than it is.

use indexmap::IndexMap;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::json::DEPTH_MAX;
use super::tape::{Kind, Node, Tape};

/// Name of the member that holds an element's own text, where it has other members too.
pub(crate) const TEXT: &str = "#text";

const NOT_WELL_FORMED: &str = "it is not well-formed";

type Parsed<T> = Result<T, &'static str>;

/// An element that is being read.
#[derive(Default)]
struct Element {
    members: IndexMap<String, Vec<Value>>,
    text: String,
    nil: bool,
}

enum Value {
    Null,
    Text(String),
    Element(IndexMap<String, Vec<Value>>),
}

/// Adds the element that the whole of `text` is, as an object.
pub(crate) fn parse(tape: &mut Tape, text: &str) -> Parsed<u32> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<(String, Element)> = Vec::new();
    loop {
        let event = reader.read_event().map_err(|_| NOT_WELL_FORMED)?;
        match event {
            Event::Start(start) => {
                if open.len() == DEPTH_MAX {
                    return Err("it is nested too deeply");
                }
                open.push(element(&start)?);
            }
            Event::Empty(start) => {
                let (name, element) = element(&start)?;
                match open.last_mut() {
                    Some((_, parent)) => parent.add(name, element.value()),
                    None => return Ok(write_root(tape, element)),
                }
            }
            Event::End(_) => {
                let (name, element) = open.pop().ok_or(NOT_WELL_FORMED)?;
                match open.last_mut() {
                    Some((_, parent)) => parent.add(name, element.value()),
                    None => return Ok(write_root(tape, element)),
                }
            }
            Event::Text(text) => {
                let text = text.xml10_content().map_err(|_| NOT_WELL_FORMED)?;
                current(&mut open)?.text.push_str(&text);
            }
            Event::CData(data) => {
                let text = data.xml10_content().map_err(|_| NOT_WELL_FORMED)?;
                current(&mut open)?.text.push_str(&text);
            }
            Event::GeneralRef(reference) => {
                let c = resolve(&reference)?;
                current(&mut open)?.text.push(c);
            }
            Event::Comment(_) | Event::PI(_) => {}
            Event::Decl(_) | Event::DocType(_) | Event::Eof => return Err(NOT_WELL_FORMED),
        }
    }
}

fn current(open: &mut [(String, Element)]) -> Parsed<&mut Element> {
    open.last_mut().map(|(_, element)| element).ok_or(NOT_WELL_FORMED)
}

/// An element with its attributes.
fn element(start: &BytesStart<'_>) -> Parsed<(String, Element)> {
    let mut element = Element::default();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| "its attributes are broken")?;
        let key = attribute.key;
        if key.as_namespace_binding().is_some() {
            continue;
        }
        let value = attribute.unescape_value().map_err(|_| "its attributes are broken")?;
        let name = local(key.local_name().as_ref())?;
        if key.prefix().is_some() && name == "nil" {
            element.nil = matches!(value.as_ref(), "true" | "1");
            continue;
        }
        element.add(format!("@{name}"), Value::Text(value.into_owned()));
    }
    Ok((local(start.local_name().as_ref())?, element))
}

fn local(name: &[u8]) -> Parsed<String> {
    match std::str::from_utf8(name) {
        Ok(name) => Ok(name.to_owned()),
        Err(_) => Err(NOT_WELL_FORMED),
    }
}

fn resolve(reference: &BytesRef<'_>) -> Parsed<char> {
    if let Some(c) = reference.resolve_char_ref().map_err(|_| NOT_WELL_FORMED)? {
        return Ok(c);
    }
    match reference.as_ref() {
        b"amp" => Ok('&'),
        b"lt" => Ok('<'),
        b"gt" => Ok('>'),
        b"quot" => Ok('"'),
        b"apos" => Ok('\''),
        _ => Err("it has an unknown entity"),
    }
}

impl Element {
    fn add(&mut self, name: String, value: Value) {
        self.members.entry(name).or_default().push(value);
    }

    fn value(self) -> Value {
        if self.nil {
            return Value::Null;
        }
        if self.members.is_empty() {
            return Value::Text(self.text);
        }
        Value::Element(self.object())
    }

    fn object(mut self) -> IndexMap<String, Vec<Value>> {
        if !self.text.trim_ascii().is_empty() {
            self.members.insert(TEXT.to_owned(), vec![Value::Text(self.text)]);
        }
        self.members
    }
}

fn write_root(tape: &mut Tape, element: Element) -> u32 {
    let root = tape.nodes.len();
    write_object(tape, &element.object());
    root as u32
}

fn write_object(tape: &mut Tape, members: &IndexMap<String, Vec<Value>>) {
    let open = push(tape, Kind::Object, 0, 0);
    for (name, values) in members {
        write_text(tape, name);
        match values.as_slice() {
            [value] => write(tape, value),
            values => {
                let open = push(tape, Kind::List, 0, 0);
                for value in values {
                    write(tape, value);
                }
                tape.nodes[open].end = tape.nodes.len() as u32;
            }
        }
    }
    tape.nodes[open].end = tape.nodes.len() as u32;
}

fn write(tape: &mut Tape, value: &Value) {
    match value {
        Value::Null => {
            push(tape, Kind::Null, 0, 0);
        }
        Value::Text(text) => write_text(tape, text),
        Value::Element(members) => write_object(tape, members),
    }
}

fn write_text(tape: &mut Tape, text: &str) {
    let start = tape.side.len();
    tape.side.extend_from_slice(text.as_bytes());
    push(tape, Kind::Side, start, tape.side.len());
}

fn push(tape: &mut Tape, kind: Kind, start: usize, end: usize) -> usize {
    tape.nodes.push(Node { kind, start: start as u32, end: end as u32 });
    tape.nodes.len() - 1
}
