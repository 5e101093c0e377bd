//! What products may do: classifications, clearances, rules. Noun file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scalar::{Classification, DnsLabel, Expression};

/// What products may do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Policies {
    /// The classifications that there are; any that a contract names where left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 500))]
    pub classifications: Vec<ClassificationPolicy>,
    /// Which places may receive which classifications.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 500), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub clearances: Vec<Clearance>,
    /// Conditions on declarations, in CEL.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub rules: Vec<PolicyRule>,
}

/// A classification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct ClassificationPolicy {
    /// Its place in the tree, such as `pii.email`.
    pub name: Classification,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Generalisations that remove the label.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub generalised_by: Vec<crate::mask::Generalise>,
}

/// What a place may receive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Clearance {
    /// Name, shown where it is used.
    pub name: DnsLabel,
    /// The classifications; each holds for everything below it.
    #[schemars(length(min = 1, max = 100))]
    pub classifications: Vec<Classification>,
    /// Kinds of place; all where left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<PlaceKind>,
    /// Types of sink, such as `topic` or `table`; all where left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sink_types: Vec<String>,
    /// Namespaces of products; all where left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<DnsLabel>,
    /// Purposes that a product may ask for it by; any, or none, where left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub purposes: Vec<DnsLabel>,
    /// Regions; all where left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// Day until which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// A kind of place that stores records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum PlaceKind {
    /// The topic that a connector fills.
    Landing,
    /// The topic between two engines.
    Hop,
    /// Rejected records.
    DeadLetters,
    /// What an engine remembers.
    State,
    /// A sink.
    Sink,
}

/// A condition on declarations, in the Common Expression Language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct PolicyRule {
    /// Name.
    pub name: DnsLabel,
    /// The condition over `product`.
    pub check: Expression,
    /// What is said where it is false.
    pub message: String,
}
