//! Made-up records. Noun file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scalar::{Nothing, SqlName, Timestamp, TypeName};

/// Made-up records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Generate {
    /// How many.
    pub rows: u64,
    /// Equal seeds give equal records; `0` where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = 0))]
    pub seed: Option<u64>,
    /// The fields.
    #[schemars(length(min = 1, max = 500))]
    pub fields: Vec<GeneratedField>,
}

/// A made-up field: exactly one way of making it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline, transform = crate::scalar::one_of, extend("x-headwater-one-of-besides" = ["field", "type", "nulls"]))]
pub struct GeneratedField {
    /// Name of the field.
    pub field: SqlName,
    /// Its type; what the generator makes by itself where left out.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub data_type: Option<TypeName>,
    /// Share of nulls; `0%` where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "0%"))]
    pub nulls: Option<crate::scalar::Share>,
    /// 1, 2, 3, ...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<Sequence>,
    /// A whole number between bounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integer: Option<IntegerRange>,
    /// A decimal between bounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<NumberRange>,
    /// One of some texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<Choice>,
    /// Instants one step after the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<TimeSteps>,
    /// A random UUID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uuid: Option<Nothing>,
    /// True or false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bool: Option<Nothing>,
}

/// 1, 2, 3, ...
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Sequence {
    /// The first number; `1` where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = 1))]
    pub start: Option<i64>,
    /// Put before the number, which then is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
}

/// Bounds of a whole number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct IntegerRange {
    /// The least.
    pub min: i64,
    /// The greatest.
    pub max: i64,
}

/// Bounds of a decimal, as texts such as `0.01`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct NumberRange {
    /// The least; its digits after the point are those of every value.
    pub min: String,
    /// The greatest.
    pub max: String,
}

/// One of some texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Choice {
    /// The texts, equally likely.
    #[schemars(length(min = 1, max = 1000))]
    pub of: Vec<String>,
}

/// Instants one step after the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct TimeSteps {
    /// The first.
    pub start: Timestamp,
    /// Distance of one to the next.
    pub step: crate::scalar::Duration,
    /// Each is shifted back at random by up to this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jitter: Option<crate::scalar::Duration>,
}
