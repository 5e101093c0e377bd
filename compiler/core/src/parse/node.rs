//! A document as it stands in the text: noun file.
//!
//! A tree of values with the bytes of the file that each one came from.
//! It lives only while its document is read or located; nothing that is kept, compared or hashed holds one.

use std::borrow::Cow;

/// A value and the bytes of its file that it was read from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node<'s> {
    /// First byte in the file.
    pub(crate) start: u32,
    /// One past the last byte in the file.
    pub(crate) end: u32,
    /// What stands there.
    pub(crate) value: Value<'s>,
}

/// What JSON can say, and nothing more.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'s> {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number; the range is that of `i64` and `u64` together.
    Integer(i128),
    /// Any other finite number.
    Float(f64),
    /// A quoted or block scalar, or a plain one that is nothing else.
    Text(Cow<'s, str>),
    /// A sequence.
    List(Vec<Node<'s>>),
    /// A mapping in the order of the text, its keys distinct.
    Map(Vec<Member<'s>>),
    /// Something that has been reported already: it fits everywhere, so that one cause gives one diagnostic.
    Poison,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member<'s> {
    /// The decoded key.
    pub(crate) key: Cow<'s, str>,
    /// First byte of the key in the file.
    pub(crate) key_start: u32,
    /// One past the last byte of the key.
    pub(crate) key_end: u32,
    /// The value.
    pub(crate) value: Node<'s>,
}

impl<'s> Node<'s> {
    /// The member with this key, if this is a mapping that has one.
    pub(crate) fn member(&self, key: &str) -> Option<&Member<'s>> {
        match &self.value {
            Value::Map(members) => members.iter().find(|member| member.key == key),
            Value::Null
            | Value::Bool(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Text(_)
            | Value::List(_)
            | Value::Poison => None,
        }
    }

    /// The value of the member with this key.
    pub(crate) fn get(&self, key: &str) -> Option<&Node<'s>> {
        self.member(key).map(|member| &member.value)
    }

    /// The text, if this is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::Null
            | Value::Bool(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::List(_)
            | Value::Map(_)
            | Value::Poison => None,
        }
    }
}

impl Value<'_> {
    /// What a message calls a value of this type.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "nothing",
            Value::Bool(_) => "a truth value",
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
            Value::Poison => "something unreadable",
        }
    }
}
