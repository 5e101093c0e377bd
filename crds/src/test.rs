//! `DataProductTest`: what a product makes of given records. Noun file; only the command line reads it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scalar::{DnsLabel, SqlName, Timestamp};

/// A row as it is written: members by name.
pub type Row = serde_json::Map<String, serde_json::Value>;

/// Cases of given records and expected results.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DataProductTest {
    /// `headwater.dev/v1alpha1`.
    pub api_version: String,
    /// `DataProductTest`.
    pub kind: String,
    /// Name and namespace.
    #[serde(default, skip_serializing_if = "TestMetadata::is_empty")]
    pub metadata: TestMetadata,
    /// The cases.
    pub spec: TestSpec,
}

/// Name and namespace of a test; both may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline)]
pub struct TestMetadata {
    /// Name; the product's where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<DnsLabel>,
    /// Namespace of the product; the only one with that product where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<DnsLabel>,
}

impl TestMetadata {
    /// Whether neither is written.
    pub fn is_empty(&self) -> bool {
        *self == TestMetadata::default()
    }
}

/// The cases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct TestSpec {
    /// The product.
    pub product: DnsLabel,
    /// Cases, each on its own.
    #[schemars(length(min = 1))]
    pub cases: Vec<Case>,
}

/// One case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Case {
    /// What it shows.
    pub name: String,
    /// Records in order of arrival.
    pub steps: Vec<GivenStep>,
    /// What must come out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expect: Vec<Expected>,
}

/// Records that arrive at one time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct GivenStep {
    /// When they arrive; one after the other where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// The records of each source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<Given>,
}

/// Records of one source: exactly one of `rows` and `file`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline, transform = crate::scalar::one_of, extend("x-headwater-one-of-besides" = ["source"]))]
pub struct Given {
    /// The source.
    pub source: SqlName,
    /// The records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<Vec<Row>>,
    /// A file of records, in the source's format or NDJSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// What must come out: of a sink, or of the dead letters.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline, transform = crate::scalar::one_of, extend("x-headwater-one-of-besides" = ["rows", "file"]))]
pub struct Expected {
    /// The sink whose whole content this is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sink: Option<DnsLabel>,
    /// The rejected records, all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dead_letters: Option<Vec<ExpectedDeadLetters>>,
    /// The sink's rows, in any order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<Vec<Row>>,
    /// A file of the sink's rows, NDJSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// Rejected records that agree in these members.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline)]
pub struct ExpectedDeadLetters {
    /// Their code, such as `D003`; any where left out, and so for the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The source that they came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<SqlName>,
    /// The node that rejected them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// The field that the rule is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// How many there are; `1` where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = 1))]
    pub count: Option<u64>,
}
