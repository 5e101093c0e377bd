//! `DataProduct`: one team's declared pipeline. Noun file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::mask::KeyRef;
use crate::meta::Metadata;
use crate::scalar::{
    DnsLabel, Duration, Expression, Keep, Nothing, PortRef, Query, Share, SqlName, SqlTemplate,
};
use crate::sink::Sink;
use crate::source::Source;
use crate::step::Step;

/// One team's declared pipeline: sources, transforms, sinks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DataProduct {
    /// `headwater.dev/v1alpha1`.
    pub api_version: String,
    /// `DataProduct`.
    pub kind: String,
    /// Name, namespace, annotations.
    pub metadata: Metadata,
    /// The product.
    pub spec: ProductSpec,
    /// Written by the operator, never by people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-headwater-open" = true))]
    pub status: Option<serde_json::Map<String, serde_json::Value>>,
}

/// The product.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline)]
pub struct ProductSpec {
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner>,
    /// The platform; the one whose `namespaces` match where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<DnsLabel>,
    /// Whether data flows; `running` where left out. Reconciling goes on either way.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "running"))]
    pub run: Option<Run>,
    /// Where records come from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 200), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub sources: Vec<Source>,
    /// How they are cleaned, joined, counted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 500), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub transforms: Vec<Transform>,
    /// What becomes of rejected records; `{}` where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = {}))]
    pub dead_letters: Option<DeadLetters>,
    /// Where they go; other products may read it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 200), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub sinks: Vec<Sink>,
    /// The name it had, so that what it owns moves along.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<RenamedProduct>,
    /// Reserved: runs a new graph beside the old.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-headwater-open" = true))]
    pub rebuild: Option<serde_json::Map<String, serde_json::Value>>,
    /// Reserved: runs two sources side by side and compares them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-headwater-open" = true))]
    pub migration: Option<serde_json::Map<String, serde_json::Value>>,
}

/// Who answers for a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Owner {
    /// The team.
    pub team: String,
    /// Where to write to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Where to call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_call: Option<String>,
}

/// Whether data flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum Run {
    /// It does.
    Running,
    /// It does not; nothing is lost.
    Stopped,
}

/// A product's earlier name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct RenamedProduct {
    /// The earlier name.
    pub name: DnsLabel,
    /// The earlier namespace; the same where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<DnsLabel>,
}

/// A named node with one output, or declared routes: exactly one of `steps`, `routes`, `sql`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline, transform = crate::scalar::one_of, extend("x-headwater-one-of-besides" = ["name", "description", "from", "keep", "renamedFrom"]))]
pub struct Transform {
    /// Name, shared with sources.
    pub name: SqlTemplate,
    /// What it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The outputs that it takes, as one stream; an SQL query names its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub from: Vec<PortRef>,
    /// Steps in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200))]
    pub steps: Option<Vec<Step>>,
    /// Where each record goes: the first route whose condition is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub routes: Option<Vec<Route>>,
    /// A query over sources and other transforms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql: Option<Query>,
    /// How long a query keeps what no window or interval bounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<Keep>,
    /// The name it had, so that its state moves along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<SqlName>,
}

/// One way out: exactly one of `when` and `otherwise`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline, transform = crate::scalar::one_of, extend("x-headwater-one-of-besides" = ["name"]))]
pub struct Route {
    /// Name of the port.
    pub name: SqlName,
    /// The condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Expression>,
    /// Every record for which no condition was true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Otherwise>,
}

/// What becomes of the rest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Otherwise {
    /// It goes to the dead letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reject: Option<Nothing>,
}

/// What becomes of rejected records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline)]
pub struct DeadLetters {
    /// How long they stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention: Option<Duration>,
    /// What becomes of the original bytes; `{ keep: {} }` where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = { "keep": {} }))]
    pub original: Option<Original>,
    /// How many are too many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// What becomes of late records; `deadLetter` where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "deadLetter"))]
    pub late: Option<Late>,
    /// Who reads them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub readers: Vec<crate::sink::Reader>,
    /// Why they are kept; clearances are given by purpose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<DnsLabel>,
}

/// What becomes of the original bytes: exactly one of these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline, transform = crate::scalar::one_of)]
pub struct Original {
    /// They are kept as they came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep: Option<Nothing>,
    /// They are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub omit: Option<Nothing>,
    /// They are kept under a key of the platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encrypt: Option<KeyRef>,
}

/// How many rejected records are too many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Budget {
    /// Share of all records.
    pub share: Share,
    /// Over this long.
    pub window: Duration,
    /// What happens then.
    pub then: BudgetAction,
}

/// What happens when too many records are rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum BudgetAction {
    /// The node stops.
    Stop,
    /// It is said and goes on.
    Warn,
}

/// What becomes of late records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum Late {
    /// They go to the dead letters.
    DeadLetter,
    /// They are dropped and counted.
    Drop,
}
