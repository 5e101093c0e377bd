//! Takes an object as the Kubernetes API gives it; gives the same tree as the text that a person writes.
//!
//! So the file and the object in the cluster go one way and mean the same value.
//! Places in it are pointers: there is no text to point into.

use serde_json::Value as Json;

use super::limit::DEPTH_MAX;
use super::node::{Member, Node, Value};

/// The tree of an object; `None` if it is nested deeper than text may be.
pub(super) fn node(json: &Json) -> Option<Node<'_>> {
    below(json, 0)
}

fn below(json: &Json, depth: usize) -> Option<Node<'_>> {
    if depth > DEPTH_MAX {
        return None;
    }
    let value = match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(whole), ..) => Value::Integer(whole.into()),
            (None, Some(whole), _) => Value::Integer(whole.into()),
            (None, None, number) => Value::Float(number.unwrap_or_default()),
        },
        Json::String(text) => Value::Text(text.into()),
        Json::Array(items) => {
            Value::List(items.iter().map(|item| below(item, depth + 1)).collect::<Option<_>>()?)
        }
        Json::Object(members) => {
            let mut found = Vec::with_capacity(members.len());
            for (key, value) in members {
                found.push(Member {
                    key: key.into(),
                    key_start: 0,
                    key_end: 0,
                    value: below(value, depth + 1)?,
                });
            }
            Value::Map(found)
        }
    };
    Some(Node { start: 0, end: 0, value })
}
