//! Steps that remember records: deduplicate, aggregate, join, enrich, top-N. Noun file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scalar::{Duration, Expression, Keep, PortRef, SqlName};

/// One record of those that agree: `within` keeps the first, `keep` the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline, extend("x-headwater-one-of-besides" = ["by"]), transform = crate::scalar::one_of)]
pub struct Deduplicate {
    /// The columns that must agree.
    #[schemars(length(min = 1, max = 32))]
    pub by: Vec<SqlName>,
    /// A record is kept when none of its key lies within this time before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Duration>,
    /// The last record of a key is its row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<KeepLast>,
}

/// How long the last record of a key is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct KeepLast {
    /// A length of time, or `forever`.
    pub keep: Keep,
}

/// Counts, sums and the like for groups of records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Aggregate {
    /// Bounds the groups in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// Grouping columns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub by: Vec<SqlName>,
    /// What is computed for each group.
    #[schemars(length(min = 1, max = 200))]
    pub measures: Vec<Measure>,
    /// How long a group without a window is kept after its last record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<Keep>,
}

/// A window over event time: exactly one shape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline, extend("x-headwater-one-of-besides" = ["time"]), transform = crate::scalar::one_of)]
pub struct Window {
    /// Column of event time.
    pub time: SqlName,
    /// One after the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tumble: Option<Tumble>,
    /// Overlapping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hop: Option<Hop>,
    /// Growing by a step up to a length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cumulate: Option<Cumulate>,
    /// As long as records follow each other closely.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Session>,
}

/// Windows one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Tumble {
    /// Length.
    pub size: Duration,
    /// Shift of the starts from multiples of the length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<Duration>,
}

/// Overlapping windows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Hop {
    /// Length, a multiple of the slide.
    pub size: Duration,
    /// Distance of the starts.
    pub slide: Duration,
}

/// Growing windows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Cumulate {
    /// Longest length, a multiple of the step.
    pub size: Duration,
    /// Growth.
    pub step: Duration,
}

/// Windows that end with a silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Session {
    /// A silence this long ends the window.
    pub gap: Duration,
}

/// One computed column of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Measure {
    /// Name of the column.
    pub name: SqlName,
    /// An aggregate, such as `sum(amount)`.
    pub is: Expression,
}

/// Pairs records with those of another stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Join {
    /// The other stream.
    pub with: PortRef,
    /// Which records without a partner are kept; `inner` where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "inner"))]
    pub kind: Option<JoinKind>,
    /// Columns that must be equal.
    #[schemars(length(min = 1, max = 32))]
    pub keys: Vec<JoinKey>,
    /// Bounds partners by their event times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Within>,
    /// How long records wait for a partner where no time bounds them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<Keep>,
    /// Columns taken from the other stream; all but the join's where left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub take: Vec<Take>,
}

/// Which records without a partner are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum JoinKind {
    /// None.
    Inner,
    /// Those of this stream.
    Left,
    /// Those of the other stream.
    Right,
    /// Those of both.
    Full,
}

/// Columns that must be equal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct JoinKey {
    /// Column of this stream.
    pub field: SqlName,
    /// Column of the other; of the same name where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<SqlName>,
}

/// The other's event time lies this much before to this much after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Within {
    /// At most this long before.
    pub before: Duration,
    /// At most this long after.
    pub after: Duration,
}

/// A column taken from the other stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Take {
    /// The column there.
    pub field: SqlName,
    /// Its name here; the same where left out.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub name: Option<SqlName>,
}

/// Adds columns of a matching row; every record is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Enrich {
    /// The other stream: an upsert stream keyed by the columns of `keys`.
    pub with: PortRef,
    /// Columns that must be equal.
    #[schemars(length(min = 1, max = 32))]
    pub keys: Vec<JoinKey>,
    /// The row as of this column's time; this stream's event time where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<SqlName>,
    /// Columns taken; all but the join's where left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub take: Vec<Take>,
}

/// The first records of each group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct TopN {
    /// Grouping columns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<SqlName>,
    /// Order inside a group.
    #[schemars(length(min = 1, max = 32))]
    pub order: Vec<Order>,
    /// How many records a group has.
    #[schemars(range(min = 1))]
    pub limit: u64,
    /// Column for the rank, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<SqlName>,
    /// How long a group is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<Keep>,
}

/// One column of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Order {
    /// The column.
    pub field: SqlName,
    /// Whether great values come first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub descending: bool,
}
