//! What is wanted of a source: the contract's fields as a nested Arrow schema, defaults, spellings of null.
//!
//! Data only. The canonical Arrow type of each type of the language is in `ARROW_TYPES` of the decision on types;
//! the schema must use no others.

use std::collections::BTreeMap;

use arrow::datatypes::SchemaRef;
use serde_json::Value;

/// The columns that decoding gives.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Fields in order, nested as the contract's paths say; a field that is not nullable is required.
    ///
    /// Types: `Utf8`, `Boolean`, `Int32`, `Int64`, `Float32`, `Float64`, `Decimal128`, `Date32`, `Time64(us)`,
    /// `Timestamp(us, "UTC")`, `Timestamp(us)`, `Binary`, `FixedSizeBinary(16)` (uuid), `List`, `Map` (string keys), `Struct`.
    pub schema: SchemaRef,
    /// Value of a member that is missing (never of one that is null), by the field's path (`qty`, `items[].qty`, `tags{}`).
    /// Written as a record of JSON would have it.
    pub defaults: BTreeMap<String, Value>,
    /// How text is read.
    pub text: TextRules,
}

/// How text is read as a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextRules {
    /// Spellings of null. The empty one stands for an empty field that is not quoted; any other, quoted or not.
    pub nulls: Vec<String>,
    /// Whether spaces around a field that is not quoted are left out before anything else is done.
    pub trim: bool,
}

impl Default for TextRules {
    fn default() -> Self {
        Self { nulls: vec![String::new()], trim: false }
    }
}
