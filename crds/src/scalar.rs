//! Texts with a form of their own: durations, sizes, shares, names, types, SQL. Noun file.
//!
//! Each stays the text that was written; its form is a pattern of the schema, so that editors, API server and compiler agree.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

macro_rules! text {
    ($($(#[$doc:meta])+ $name:ident { format: $format:literal, pattern: $pattern:literal, max: $max:literal })*) => {$(
        $(#[$doc])+
        #[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl Deref for $name {
            type Target = str;
            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                $name(text.to_owned())
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "format": $format, "pattern": $pattern, "maxLength": $max })
            }
        }
    )*};
}

text! {
    /// A length of time: a whole number and a unit, such as `500ms`, `5s`, `1m`, `2h`, `30d`.
    Duration { format: "headwater-duration", pattern: r"^[0-9]{1,12}(ms|s|m|h|d)$", max: 16 }
    /// How long state is kept: a length of time, or `forever`.
    Keep { format: "headwater-keep", pattern: r"^([0-9]{1,12}(ms|s|m|h|d)|forever)$", max: 16 }
    /// An amount of bytes: a whole number and a unit, such as `64MiB`.
    Size { format: "headwater-size", pattern: r"^[0-9]{1,12}(B|KiB|MiB|GiB|TiB)$", max: 16 }
    /// A share of a whole, such as `1%` or `0.01%`.
    Share { format: "headwater-share", pattern: r"^[0-9]{1,3}(\.[0-9]{1,6})?%$", max: 16 }
    /// Type of a field: `string`, `bool`, `int32`, `int64`, `float32`, `float64`, `decimal(p,s)`, `date`, `time`, `timestamp`, `timestamp_local`, `bytes`, `uuid`, `list`, `map`, `struct`.
    TypeName { format: "headwater-type", pattern: r"^[a-z_0-9]+(\( ?[0-9]{1,2} ?, ?[0-9]{1,2} ?\))?$", max: 32 }
    /// An SQL expression over the columns of one record.
    Expression { format: "headwater-expression", pattern: r"[^\s]", max: 16384 }
    /// An SQL query.
    Query { format: "headwater-query", pattern: r"[^\s]", max: 131072 }
    /// A name that SQL can use unquoted: lowercase letters, digits and `_`, not starting with a digit.
    SqlName { format: "headwater-name", pattern: r"^[a-z_][a-z0-9_]*$", max: 128 }
    /// A name that may hold `{{ port }}`, which is replaced for each port of `from: node.*`.
    SqlTemplate { format: "headwater-name", pattern: r"^([a-z_]|\{\{ ?port ?\}\})([a-z0-9_]|\{\{ ?port ?\}\})*$", max: 128 }
    /// A DNS label that may hold `{{ port }}`.
    LabelTemplate { format: "headwater-label", pattern: r"^([a-z0-9]|\{\{ ?port ?\}\})([a-z0-9-]|\{\{ ?port ?\}\})*$", max: 128 }
    /// A DNS label: lowercase letters, digits and `-`.
    DnsLabel { format: "headwater-label", pattern: r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", max: 63 }
    /// A node's output: `clean`, `split.big`, or every port of a node: `shop.*`.
    PortRef { format: "headwater-port", pattern: r"^[a-z_][a-z0-9_]*(\.([a-z_][a-z0-9_]*|\*))?$", max: 257 }
    /// Path of a field: `items` is a list, `items[]` its element, `items[].sku` a member, `tags{}` a map's value.
    FieldPath { format: "headwater-path", pattern: r"^[A-Za-z_][A-Za-z0-9_ -]*(\[\]|\{\})*(\.[A-Za-z_][A-Za-z0-9_ -]*(\[\]|\{\})*)*$", max: 512 }
    /// A node of the tree of classifications, such as `pii.email`.
    Classification { format: "headwater-classification", pattern: r"^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)*$", max: 128 }
    /// An instant: `2026-01-31T00:00:00Z` (RFC 3339).
    Timestamp { format: "date-time", pattern: r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$", max: 40 }
    /// A version: major, minor, patch (Semantic Versioning 2.0.0).
    Version { format: "headwater-version", pattern: r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$", max: 32 }
    /// A transform of table partitioning: `day(ordered_at)`, `bucket(16, order_id)`, or a column alone.
    Partition { format: "headwater-partition", pattern: r"^[a-z_][a-z0-9_]*(\( ?([0-9]+ ?, ?)?[a-z_][a-z0-9_]* ?\))?$", max: 160 }
    /// A template in the Jinja dialect of minijinja, strict: an unknown variable is an error.
    Template { format: "headwater-template", pattern: r"[^\s]", max: 1024 }
}

/// Takes no settings: written `{}`.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Nothing {}

/// Marks a struct of optional members as a union: exactly one member is written.
pub(crate) fn one_of(schema: &mut Schema) {
    schema.insert("x-headwater-one-of".to_owned(), true.into());
}
