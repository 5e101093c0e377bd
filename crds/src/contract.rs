//! `DataContract`: what the records of a stream are. Noun file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::meta::Metadata;
use crate::scalar::{Classification, DnsLabel, Duration, Expression, FieldPath, TypeName, Version};

/// Fields, types, keys, rules, classification and compatibility of a stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DataContract {
    /// `headwater.dev/v1alpha1`.
    pub api_version: String,
    /// `DataContract`.
    pub kind: String,
    /// Name and labels.
    pub metadata: Metadata,
    /// The contract.
    pub spec: ContractSpec,
    /// Written by the operator, never by people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-headwater-open" = true))]
    pub status: Option<serde_json::Map<String, serde_json::Value>>,
}

/// The contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct ContractSpec {
    /// Groups the major lines of one contract; one object is one major line.
    pub id: DnsLabel,
    /// Version of this line.
    pub version: Version,
    /// What the records are about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Which changes later versions may make; `backward` where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "backward"))]
    pub compatibility: Option<Compatibility>,
    /// Whether records are added or replace the last of their key; `append` where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "append"))]
    pub changes: Option<Changes>,
    /// Fields that identify a row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<String>,
    /// The field that says when a record happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_time: Option<EventTime>,
    /// The fields, by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 2000), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub fields: Vec<Field>,
    /// Rules over several fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 200), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub rules: Vec<Rule>,
    /// What becomes of a record that breaks the contract; `deadLetter` where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "deadLetter"))]
    pub on_violation: Option<OnViolation>,
    /// What consumers may expect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_levels: Option<ServiceLevels>,
    /// The contract in the Open Data Contract Standard instead of `fields` and `rules`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-headwater-open" = true))]
    pub odcs: Option<serde_json::Map<String, serde_json::Value>>,
}

/// Which changes later versions may make (Avro specification, schema resolution).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
#[expect(missing_docs, reason = "the names are the registry's own and explained at the enum")]
pub enum Compatibility {
    None,
    Backward,
    BackwardTransitive,
    Forward,
    ForwardTransitive,
    Full,
    FullTransitive,
}

/// How records make a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum Changes {
    /// Every record is a row.
    Append,
    /// The last record of a key is its row.
    Upsert,
}

/// The field that says when a record happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct EventTime {
    /// A required field of type `timestamp`.
    pub field: String,
    /// How much later than others a record may come; `0s` where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "0s"))]
    pub max_delay: Option<Duration>,
    /// After this long without records a source no longer holds the others back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_after: Option<Duration>,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Field {
    /// Path: `items` is a list, `items[]` its element, `items[].sku` a member, `tags{}` a map's value.
    pub name: FieldPath,
    /// Type, such as `string` or `decimal(12,2)`.
    #[serde(rename = "type")]
    pub data_type: TypeName,
    /// Whether it is never null.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// The only values allowed.
    #[serde(default, rename = "enum", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    pub values: Vec<String>,
    /// A condition on the field's value; broken where false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Expression>,
    /// The value where a record has no such member; a null stays null.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// What kind of personal or secret content it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classification: Option<Classification>,
    /// What it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Unit of measure, such as `km/h`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Values to show in documents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<String>,
    /// Its name outside, where that is not an SQL name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_name: Option<String>,
    /// The name it had; records carry both until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<Box<RenamedField>>,
    /// When it stops being supported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<Box<Deprecated>>,
}

/// A field's earlier name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct RenamedField {
    /// The earlier name.
    pub name: String,
    /// Day until which records carry both, such as `2026-12-31`.
    pub until: String,
}

/// When a field stops being supported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Deprecated {
    /// Day since which it should not be used.
    pub since: String,
    /// Day after which it may be gone.
    pub remove_after: String,
}

/// A rule over several fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Rule {
    /// Name, shown with what breaks it.
    pub name: DnsLabel,
    /// The condition; broken where false, not where null.
    pub check: Expression,
    /// Whether breaking it rejects the record; `error` where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "error"))]
    pub severity: Option<RuleSeverity>,
    /// Why the rule is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Whether breaking a rule rejects the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum RuleSeverity {
    /// It does.
    Error,
    /// It is counted and passes.
    Warning,
}

/// What becomes of a record that breaks the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum OnViolation {
    /// It goes to the dead letters; the last good row of its key stays.
    DeadLetter,
    /// It goes to the dead letters and the row of its key is deleted.
    DeadLetterAndDelete,
    /// It is dropped and counted.
    Drop,
    /// The run stops.
    Fail,
}

/// What consumers may expect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct ServiceLevels {
    /// The newest record is at most this old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freshness: Option<Duration>,
    /// Share of time in which the product can be read, in percent, such as `99.9`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub availability: Option<String>,
    /// A record is readable at most this long after it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency: Option<Duration>,
}

/// Which contract a source or a sink keeps: one of this project, or a schema in a registry that someone else owns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct ContractRef {
    /// Name of a `DataContract`; `{{ port }}` is replaced for each port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<crate::scalar::LabelTemplate>,
    /// Its namespace; the product's own where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<DnsLabel>,
    /// Subject in the platform's registry, instead of a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Version of the subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Whether the subject's records are added, as they are if it is not said, or replace the last of their key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
    /// Fields of the subject that identify a row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<String>,
    /// The field of the subject that says when a record happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_time: Option<Box<EventTime>>,
    /// Classifications of the subject's fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classify: Vec<Classify>,
}

/// Classification of a field of a schema that someone else owns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Classify {
    /// Path of the field.
    pub field: FieldPath,
    /// What it holds.
    #[serde(rename = "as")]
    pub classification: Classification,
}
