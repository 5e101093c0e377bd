//! The no-code steps of a transform. Noun file.
//!
//! A step is a union: exactly one member is written. What each takes and gives is the compiler's table of steps.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::group::{Aggregate, Deduplicate, Enrich, Join, TopN};
use crate::mask::{Encrypt, Mask, Tokenize};
use crate::scalar::{Expression, FieldPath, Nothing, SqlName, TypeName};

/// One step: exactly one of these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline, transform = crate::scalar::one_of)]
pub struct Step {
    /// Keeps the records for which a condition is true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// Keeps these columns, in this order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub select: Option<Vec<SqlName>>,
    /// Gives columns other names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rename: Option<Vec<Rename>>,
    /// Leaves these columns out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drop: Option<Vec<SqlName>>,
    /// Adds or replaces columns, each from the record as it came into the step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set: Option<Vec<Set>>,
    /// Turns columns into other types; a value that can't be goes to the dead letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cast: Option<Vec<Cast>>,
    /// Puts a value where a column is null.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fill: Option<Vec<Fill>>,
    /// Hides what columns hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mask: Option<Vec<Mask>>,
    /// Encrypts columns, so that they can be read again with the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encrypt: Option<Vec<Encrypt>>,
    /// Replaces columns by tokens, the same for the same value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokenize: Option<Vec<Tokenize>>,
    /// Reads structure out of a text column; a text that does not have it goes to the dead letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parse: Option<Vec<Parse>>,
    /// Makes the members of struct columns columns of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flatten: Option<Vec<Flatten>>,
    /// One record for each element of a list or map column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unnest: Option<Box<Unnest>>,
    /// One record of those that agree on some columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deduplicate: Option<Box<Deduplicate>>,
    /// Counts, sums and the like for groups of records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aggregate: Option<Box<Aggregate>>,
    /// Pairs records with those of another stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub join: Option<Box<Join>>,
    /// Adds columns of a matching row of another stream; every record is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enrich: Option<Box<Enrich>>,
    /// The first records of each group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_n: Option<Box<TopN>>,
    /// An upsert stream as the append stream of its changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changelog: Option<Nothing>,
    /// Rejects records that break conditions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validate: Option<Vec<Validate>>,
}

/// Keeps the records for which a condition is true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Filter {
    /// The condition; a record for which it is false or null is filtered.
    #[serde(rename = "where")]
    pub condition: Expression,
}

/// Another name for a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Rename {
    /// The column.
    pub field: SqlName,
    /// Its new name.
    pub to: SqlName,
}

/// A computed column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Set {
    /// The column, new or replaced.
    pub field: SqlName,
    /// Its value.
    pub is: Expression,
}

/// Another type for a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Cast {
    /// The column.
    pub field: SqlName,
    /// Its new type.
    pub to: TypeName,
}

/// A value for nulls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Fill {
    /// The column.
    pub field: SqlName,
    /// The value put where it is null.
    #[serde(rename = "with")]
    pub value: Expression,
}

/// A text column to read structure out of: exactly one form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline, extend("x-headwater-one-of-besides" = ["field", "into"]), transform = crate::scalar::one_of)]
pub struct Parse {
    /// The column.
    pub field: SqlName,
    /// The column that holds the result; the same one where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<SqlName>,
    /// A JSON text with these fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<ParseJson>,
    /// A date or time in this pattern.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<ParsePattern>,
    /// A date in this pattern.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<ParsePattern>,
}

/// Fields of a JSON text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct ParseJson {
    /// The fields, by path.
    #[schemars(length(min = 1, max = 500))]
    pub fields: Vec<ParsedField>,
}

/// A field of a JSON text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct ParsedField {
    /// Path of the field.
    pub name: FieldPath,
    /// Its type.
    #[serde(rename = "type")]
    pub data_type: TypeName,
    /// Whether it is never null.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
}

/// How a date or time is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct ParsePattern {
    /// Pattern of letters, such as `yyyy-MM-dd HH:mm:ss`.
    pub pattern: String,
    /// Time zone of texts without an offset, such as `Europe/Berlin`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// A struct column whose members become columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Flatten {
    /// The column.
    pub field: SqlName,
    /// Put before each member's name; where left out, the column's name and `_`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
}

/// A list or map column whose elements become records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Unnest {
    /// The column.
    pub field: SqlName,
    /// Names of the element's columns; the members' own names, or the column's, where left out.
    #[serde(default, rename = "as", skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<SqlName>,
    /// Column for the position, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<SqlName>,
    /// Whether a record without elements is kept, with nulls.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keep_empty: bool,
}

/// A condition that records must not break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Validate {
    /// Name, shown with what breaks it.
    pub name: crate::scalar::DnsLabel,
    /// The condition; broken where false, not where null.
    pub check: Expression,
    /// What becomes of a record that breaks it; `deadLetter` where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "deadLetter"))]
    pub on_violation: Option<crate::contract::OnViolation>,
}
