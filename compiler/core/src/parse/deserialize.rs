//! Takes a document that has its shape; gives it as the plain type of its kind.
//!
//! A serde `Deserializer` over [`Node`]: nothing is copied that the type does not keep.
//! Errors come with their pointer, but the shape has been checked, so there should be none.

use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor, value::BorrowedStrDeserializer,
};
use serde::{Deserialize, forward_to_deserialize_any};

use super::node::{Member, Node, Value};

/// Why a type refused a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// JSON pointer of the value.
    pub(crate) pointer: String,
    /// What the type said.
    pub(crate) message: String,
}

/// Reads a value as a type.
pub(crate) fn from_node<'de, T: Deserialize<'de>>(node: &'de Node<'de>) -> Result<T, Refusal> {
    T::deserialize(Reader(node))
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

impl serde::de::Error for Refusal {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Refusal { pointer: String::new(), message: message.to_string() }
    }
}

impl Refusal {
    /// The same, seen from one value further out.
    fn below(mut self, step: &dyn fmt::Display) -> Self {
        let step = step.to_string().replace('~', "~0").replace('/', "~1");
        self.pointer.insert_str(0, &format!("/{step}"));
        self
    }
}

struct Reader<'de>(&'de Node<'de>);

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match &self.0.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Integer(value) => match (i64::try_from(*value), u64::try_from(*value)) {
                (_, Ok(value)) => visitor.visit_u64(value),
                (Ok(value), Err(_)) => visitor.visit_i64(value),
                (Err(_), Err(_)) => visitor.visit_i128(*value),
            },
            Value::Float(value) => visitor.visit_f64(*value),
            Value::Text(text) => visitor.visit_borrowed_str(text),
            Value::List(items) => {
                visitor.visit_seq(Items { items: items.iter(), index: 0, count: items.len() })
            }
            Value::Map(members) => visitor.visit_map(Members { members: members.iter(), value: None }),
            Value::Poison => Err(Refusal::custom("the value could not be read")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.0.value {
            Value::Null => visitor.visit_none(),
            Value::Bool(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Text(_)
            | Value::List(_)
            | Value::Map(_)
            | Value::Poison => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        match &self.0.value {
            Value::Text(word) => visitor.visit_enum(BorrowedStrDeserializer::new(word)),
            Value::Map(members) => match members.as_slice() {
                [member] => visitor.visit_enum(Variant(member)),
                _ => Err(Refusal::custom("a variant is a mapping of one member")),
            },
            Value::Null
            | Value::Bool(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::List(_)
            | Value::Poison => Err(Refusal::custom("a variant is a word or a mapping of one member")),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}

struct Items<'de> {
    items: std::slice::Iter<'de, Node<'de>>,
    index: usize,
    count: usize,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Refusal;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Refusal> {
        let Some(item) = self.items.next() else { return Ok(None) };
        let index = self.index;
        self.index += 1;
        seed.deserialize(Reader(item)).map(Some).map_err(|refusal| refusal.below(&index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.count - self.index)
    }
}

struct Members<'de> {
    members: std::slice::Iter<'de, Member<'de>>,
    value: Option<&'de Member<'de>>,
}

impl<'de> MapAccess<'de> for Members<'de> {
    type Error = Refusal;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Refusal> {
        self.value = self.members.next();
        match self.value {
            Some(member) => seed.deserialize(BorrowedStrDeserializer::new(&member.key)).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Refusal> {
        let member = self.value.take().ok_or_else(|| Refusal::custom("a value before its key"))?;
        seed.deserialize(Reader(&member.value)).map_err(|refusal| refusal.below(&member.key))
    }
}

struct Variant<'de>(&'de Member<'de>);

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Refusal;
    type Variant = Reader<'de>;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Reader<'de>), Refusal> {
        let name = seed.deserialize(self.0.key.as_ref().into_deserializer())?;
        Ok((name, Reader(&self.0.value)))
    }
}

impl<'de> VariantAccess<'de> for Reader<'de> {
    type Error = Refusal;

    fn unit_variant(self) -> Result<(), Refusal> {
        <()>::deserialize(self)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Refusal> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        self.deserialize_any(visitor)
    }
}
