//! What a value of each kind must look like: noun file, and how it is made from the kind's JSON Schema.
//!
//! Takes the inlined JSON Schema (2020-12) of `headwater-crds`; gives a [`Shape`] that is quick to walk.
//! Knows only the words that these schemas use; a word it does not know would be a rule nobody checks,
//! so a test compiles every kind and fails on it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use headwater_crds::object::Kind;
use serde_json::{Map, Value as Json};

use super::format::Format;

/// What a value must look like.
#[derive(Debug)]
pub(crate) struct Shape {
    /// Whether nothing (`null`) may stand for leaving the member out.
    pub(crate) nullable: bool,
    /// The type and its bounds.
    pub(crate) form: Form,
}

/// A type and its bounds.
#[derive(Debug)]
pub(crate) enum Form {
    /// Anything.
    Any,
    /// Text.
    Text(TextShape),
    /// A whole number between bounds, both included.
    Integer {
        /// Smallest.
        min: i128,
        /// Largest.
        max: i128,
    },
    /// Any finite number.
    Number,
    /// A truth value.
    Bool,
    /// A list.
    List(Box<ListShape>),
    /// A mapping.
    Map(Box<MapShape>),
}

/// Text.
#[derive(Debug, Default)]
pub(crate) struct TextShape {
    /// How it is written, if that is fixed.
    pub(crate) format: Option<Format>,
    /// The only words allowed; empty if any are.
    pub(crate) words: Vec<String>,
    /// Fewest characters.
    pub(crate) chars_min: usize,
    /// Most characters.
    pub(crate) chars_max: usize,
}

/// A list.
#[derive(Debug)]
pub(crate) struct ListShape {
    /// Each item.
    pub(crate) items: Shape,
    /// Fewest items.
    pub(crate) count_min: usize,
    /// Most items.
    pub(crate) count_max: usize,
    /// Members that together tell items apart; empty if items may be equal.
    pub(crate) keys: Vec<String>,
}

/// A mapping.
#[derive(Debug)]
pub(crate) struct MapShape {
    /// The members it may have.
    pub(crate) members: Vec<MemberShape>,
    /// Whether exactly one of the members marked so must be there.
    pub(crate) union: bool,
    /// What members that are not listed hold; `None` if there may be none.
    pub(crate) others: Option<Shape>,
    /// Most members.
    pub(crate) count_max: usize,
}

/// A member of a mapping.
#[derive(Debug)]
pub(crate) struct MemberShape {
    /// Its key.
    pub(crate) key: String,
    /// Whether it must be there.
    pub(crate) required: bool,
    /// Whether it is one of those of which exactly one is there.
    pub(crate) alternative: bool,
    /// Its value.
    pub(crate) shape: Shape,
}

/// Mappings have at most this many members, so that those seen fit into one word.
pub(crate) const MEMBERS_MAX: usize = 128;

/// The shape of a kind. A constant that is made once: the schema never changes while the program runs.
pub(crate) fn shape(kind: Kind) -> &'static Shape {
    static SHAPES: [OnceLock<Shape>; Kind::ALL.len()] = [const { OnceLock::new() }; Kind::ALL.len()];
    let index = Kind::ALL.iter().position(|other| *other == kind).expect("every kind is among all kinds");
    SHAPES[index].get_or_init(|| {
        Compiler::default()
            .shape(headwater_crds::schema::schema(kind))
            .expect("a test compiles the schema of every kind")
    })
}

/// Formats made so far, by name and pattern: a pattern is compiled once.
#[derive(Default)]
struct Compiler {
    formats: BTreeMap<(String, String), Format>,
    /// Words of the schema that nobody reads: the test wants none.
    unread: BTreeSet<String>,
}

/// The form of schema that has no meaning here.
type Unknown = String;

impl Compiler {
    fn shape(&mut self, schema: &Json) -> Result<Shape, Unknown> {
        let schema = match schema {
            Json::Bool(true) => return Ok(Shape { nullable: true, form: Form::Any }),
            Json::Object(schema) => schema,
            Json::Null | Json::Bool(false) | Json::Number(_) | Json::String(_) | Json::Array(_) => {
                return Err(format!("schema {schema}"));
            }
        };
        self.unread.extend(schema.keys().filter(|word| !WORDS.contains(&word.as_str())).cloned());
        if let Some(Json::Array(choices)) = schema.get("anyOf") {
            return self.optional(choices);
        }
        if let Some(Json::Array(choices)) = schema.get("oneOf") {
            let words: Option<Vec<String>> = choices.iter().map(constant).collect();
            let words = words.ok_or_else(|| "oneOf of anything but constants".to_owned())?;
            return Ok(Shape {
                nullable: false,
                form: Form::Text(TextShape { words, ..text_bounds(schema) }),
            });
        }
        let (name, nullable) = type_of(schema)?;
        let form = match name {
            None => Form::Any,
            Some("string") => Form::Text(self.text(schema)?),
            Some("integer") => integer(schema),
            Some("number") => Form::Number,
            Some("boolean") => Form::Bool,
            Some("array") => Form::List(Box::new(self.list(schema)?)),
            Some("object") => Form::Map(Box::new(self.map(schema)?)),
            Some(other) => return Err(format!("type {other}")),
        };
        Ok(Shape { nullable: nullable || name.is_none(), form })
    }

    /// `anyOf: [X, null]`: X that may be left out.
    fn optional(&mut self, choices: &[Json]) -> Result<Shape, Unknown> {
        match choices {
            [one, null] if null.get("type").is_some_and(|name| name == "null") => {
                Ok(Shape { nullable: true, ..self.shape(one)? })
            }
            _ => Err("anyOf of anything but a schema and null".to_owned()),
        }
    }

    fn text(&mut self, schema: &Map<String, Json>) -> Result<TextShape, Unknown> {
        let name = schema.get("format").and_then(Json::as_str).unwrap_or_default();
        let format = match schema.get("pattern").and_then(Json::as_str) {
            None => None,
            Some(pattern) => {
                let key = (name.to_owned(), pattern.to_owned());
                let known = self.formats.get(&key).cloned();
                let format = known.map_or_else(|| Format::new(name, pattern), Ok)?;
                self.formats.insert(key, format.clone());
                Some(format)
            }
        };
        let words = match schema.get("enum") {
            Some(Json::Array(words)) => words.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
            _ => schema.get("const").and_then(Json::as_str).map(str::to_owned).into_iter().collect(),
        };
        Ok(TextShape { format, words, ..text_bounds(schema) })
    }

    fn list(&mut self, schema: &Map<String, Json>) -> Result<ListShape, Unknown> {
        let keys = match schema.get("x-kubernetes-list-map-keys") {
            Some(Json::Array(keys)) => keys.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        Ok(ListShape {
            items: self.shape(schema.get("items").unwrap_or(&Json::Bool(true)))?,
            count_min: bound(schema, "minItems").unwrap_or(0),
            count_max: bound(schema, "maxItems").unwrap_or(usize::MAX),
            keys,
        })
    }

    fn map(&mut self, schema: &Map<String, Json>) -> Result<MapShape, Unknown> {
        let union = schema.get("x-headwater-one-of") == Some(&Json::Bool(true));
        let lists = |word: &str, key: &str| {
            schema.get(word).and_then(Json::as_array).is_some_and(|keys| keys.iter().any(|k| k == key))
        };
        let mut members = Vec::new();
        for (key, value) in schema.get("properties").and_then(Json::as_object).into_iter().flatten() {
            members.push(MemberShape {
                key: key.clone(),
                required: lists("required", key),
                alternative: union && !lists("x-headwater-one-of-besides", key),
                shape: self.shape(value)?,
            });
        }
        if members.len() > MEMBERS_MAX {
            return Err(format!("{} members", members.len()));
        }
        let open = schema.get("x-headwater-open") == Some(&Json::Bool(true));
        let others = match schema.get("additionalProperties") {
            Some(Json::Bool(false)) => None,
            Some(values) => Some(self.shape(values)?),
            None if open => Some(Shape { nullable: true, form: Form::Any }),
            None => None,
        };
        Ok(MapShape {
            members,
            union,
            others,
            count_max: bound(schema, "maxProperties").unwrap_or(usize::MAX),
        })
    }
}

/// Every word that is read, or that says nothing about the shape.
const WORDS: [&str; 27] = [
    "$schema",
    "additionalProperties",
    "anyOf",
    "const",
    "default",
    "description",
    "enum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "oneOf",
    "pattern",
    "properties",
    "required",
    "title",
    "type",
    "x-headwater-one-of",
    "x-headwater-one-of-besides",
    "x-headwater-open",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
];

/// The type, and whether null is one too.
fn type_of(schema: &Map<String, Json>) -> Result<(Option<&str>, bool), Unknown> {
    match schema.get("type") {
        None => Ok((None, true)),
        Some(Json::String(name)) => Ok((Some(name), false)),
        Some(Json::Array(names)) => match names.as_slice() {
            [Json::String(name), null] if null == "null" => Ok((Some(name), true)),
            other => Err(format!("types {other:?}")),
        },
        Some(other) => Err(format!("type {other}")),
    }
}

fn constant(schema: &Json) -> Option<String> {
    schema.get("const").and_then(Json::as_str).map(str::to_owned)
}

fn bound(schema: &Map<String, Json>, word: &str) -> Option<usize> {
    schema.get(word).and_then(Json::as_u64).and_then(|value| usize::try_from(value).ok())
}

fn text_bounds(schema: &Map<String, Json>) -> TextShape {
    TextShape {
        chars_min: bound(schema, "minLength").unwrap_or(0),
        chars_max: bound(schema, "maxLength").unwrap_or(usize::MAX),
        ..TextShape::default()
    }
}

/// The bounds of the type that holds the number, narrowed by those that are stated.
fn integer(schema: &Map<String, Json>) -> Form {
    let (min, max) = match schema.get("format").and_then(Json::as_str) {
        Some("uint8") => (0, i128::from(u8::MAX)),
        Some("uint16") => (0, i128::from(u16::MAX)),
        Some("uint32") => (0, i128::from(u32::MAX)),
        Some("uint64") => (0, i128::from(u64::MAX)),
        Some("int32") => (i128::from(i32::MIN), i128::from(i32::MAX)),
        _ => (i128::from(i64::MIN), i128::from(i64::MAX)),
    };
    let stated = |word: &str| {
        let value = schema.get(word)?;
        value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from))
    };
    Form::Integer {
        min: stated("minimum").map_or(min, |s| s.max(min)),
        max: stated("maximum").map_or(max, |s| s.min(max)),
    }
}

/// Every format that the schemas name.
#[cfg(test)]
pub(super) fn formats() -> Vec<Format> {
    let mut compiler = Compiler::default();
    for kind in Kind::ALL {
        let _ = compiler.shape(headwater_crds::schema::schema(kind));
    }
    compiler.formats.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::{Compiler, Kind};

    #[test]
    fn every_kind_has_a_shape() {
        for kind in Kind::ALL {
            let mut compiler = Compiler::default();
            let outcome = compiler.shape(headwater_crds::schema::schema(kind));
            assert!(compiler.unread.is_empty(), "{}: {:?}", kind.name(), compiler.unread);
            assert!(outcome.is_ok(), "{}: {}", kind.name(), outcome.err().unwrap_or_default());
        }
    }
}
