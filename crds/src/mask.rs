//! How columns are hidden: masks, tokens, encryption. Noun file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scalar::{Nothing, SqlName};

/// How a column is hidden: exactly one method.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline, extend("x-headwater-one-of-besides" = ["field"]), transform = crate::scalar::one_of)]
pub struct Mask {
    /// The column.
    pub field: SqlName,
    /// HMAC-SHA-256 under a key of the platform: equal stays equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hmac: Option<KeyRef>,
    /// A fixed text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redact: Option<Nothing>,
    /// Null. Not called `null`, which as a key is no text in YAML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nullify: Option<Nothing>,
    /// All but the first and last characters replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<Partial>,
    /// The first characters only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truncate: Option<Truncate>,
    /// Numbers to ranges, dates to months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generalise: Option<Generalise>,
    /// A token, the same for the same value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokenize: Option<KeyRef>,
}

/// A key of the platform by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct KeyRef {
    /// Name of the key.
    pub key: String,
}

/// Which characters stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Partial {
    /// Characters kept at the start; `0` where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = 0))]
    pub keep_first: Option<u32>,
    /// Characters kept at the end; `0` where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = 0))]
    pub keep_last: Option<u32>,
}

/// How much of a text stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Truncate {
    /// Characters kept.
    pub length: u32,
}

/// How coarse a value becomes: exactly one of these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline, transform = crate::scalar::one_of)]
pub struct Generalise {
    /// Numbers to the lower bound of a range of this width.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub width: Option<u64>,
    /// Dates and times to the start of a unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<CalendarUnit>,
}

/// A unit of the calendar or the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
#[expect(missing_docs, reason = "the names say all there is")]
pub enum CalendarUnit {
    Year,
    Quarter,
    Month,
    Week,
    Day,
    Hour,
    Minute,
}

/// A column to encrypt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Encrypt {
    /// The column.
    pub field: SqlName,
    /// Name of the platform's key.
    pub key: String,
    /// The column that identifies the person, for a key of that person's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<SqlName>,
}

/// A column to tokenize.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Tokenize {
    /// The column.
    pub field: SqlName,
    /// Name of the platform's key.
    pub key: String,
}
