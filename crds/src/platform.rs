//! `Platform`: the environment that products run on. Noun file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::connection::{Auth, Connection, Kafka, Registry};
use crate::meta::{Metadata, SecretRef};
use crate::policy::Policies;
use crate::scalar::{DnsLabel, Duration, Nothing, Template};
use crate::sink::TopicFormat;

/// Clusters, catalogs, policies, defaults.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Platform {
    /// `headwater.dev/v1alpha1`.
    pub api_version: String,
    /// `Platform`.
    pub kind: String,
    /// Name; platforms belong to no namespace.
    pub metadata: Metadata,
    /// The platform.
    pub spec: PlatformSpec,
    /// Written by the operator, never by people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-headwater-open" = true))]
    pub status: Option<serde_json::Map<String, serde_json::Value>>,
}

/// The platform.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline)]
pub struct PlatformSpec {
    /// The Kafka cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kafka: Option<Kafka>,
    /// The schema registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<Registry>,
    /// Clusters of Kafka Connect.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub connect: Vec<Connect>,
    /// Flink.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flink: Option<Flink>,
    /// Where native processors run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processors: Option<Processors>,
    /// Catalogs of tables.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub catalogs: Vec<Catalog>,
    /// Systems that records come from and go to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 200), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub connections: Vec<Connection>,
    /// Keys of masks and encryption.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub keys: Vec<Key>,
    /// Names of what is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub naming: Option<Naming>,
    /// Settings where a product states none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defaults: Option<Defaults>,
    /// Settings that no product exceeds; a plan says where one was cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// What products may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policies: Option<Policies>,
    /// Products of which namespaces run here; all where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespaces: Option<Namespaces>,
}

/// A cluster of Kafka Connect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Connect {
    /// Name.
    pub name: DnsLabel,
    /// Address of its REST interface.
    pub url: String,
    /// Template of a secret's reference in a connector's configuration; knows `name` and `key`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secrets: Option<Template>,
    /// How to log in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<Auth>,
}

/// How Flink is reached: exactly one of these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline, transform = crate::scalar::one_of)]
pub struct Flink {
    /// A session cluster with its SQL gateway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sql_gateway: Option<SqlGateway>,
    /// Custom resources of the Flink Kubernetes Operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<Nothing>,
}

/// A session cluster with its SQL gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct SqlGateway {
    /// Address of the gateway.
    pub url: String,
    /// Address of the job manager.
    pub rest_url: String,
}

/// Where native processors run: exactly one of these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline, transform = crate::scalar::one_of)]
pub struct Processors {
    /// As pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<Pods>,
    /// On hosts of one's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external: Option<Nothing>,
}

/// Pods of native processors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Pods {
    /// Namespace of the pods; the product's own where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<DnsLabel>,
    /// Image.
    pub image: String,
}

/// A catalog of tables: exactly one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline, transform = crate::scalar::one_of, extend("x-headwater-one-of-besides" = ["name"]))]
pub struct Catalog {
    /// Name.
    pub name: DnsLabel,
    /// Iceberg with a REST catalog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iceberg: Option<IcebergCatalog>,
    /// Delta tables below a path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delta: Option<DeltaCatalog>,
}

/// Iceberg with a REST catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct IcebergCatalog {
    /// Address of the catalog.
    pub rest: String,
    /// Warehouse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warehouse: Option<String>,
    /// How to log in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<Auth>,
}

/// Delta tables below a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct DeltaCatalog {
    /// Path or object store address.
    pub location: String,
}

/// A key of masks and encryption, with its versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Key {
    /// Name.
    pub name: DnsLabel,
    /// Its versions; exactly one is active.
    #[schemars(length(min = 1, max = 100))]
    pub versions: Vec<KeyVersion>,
}

/// One version of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct KeyVersion {
    /// Number, growing.
    #[schemars(range(min = 1))]
    pub version: u32,
    /// The key itself.
    pub secret_ref: SecretRef,
    /// What it is used for.
    #[serde(rename = "use")]
    pub usage: KeyUse,
}

/// What a version of a key is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum KeyUse {
    /// New values and old ones.
    Active,
    /// Old values only.
    DecryptOnly,
}

/// Names of what is made, as templates; they know `namespace`, `product`, `sink` and `contract.major`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Naming {
    /// Of a topic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<Template>,
    /// Of a table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<Template>,
}

/// Settings where a product states none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Defaults {
    /// Of topics.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<TopicDefaults>,
}

/// Settings of topics.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline)]
pub struct TopicDefaults {
    /// Partitions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partitions: Option<u32>,
    /// Replicas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u32>,
    /// How values are written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<TopicFormat>,
    /// How long records stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention: Option<Duration>,
}

/// Settings that no product exceeds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Limits {
    /// Of topics.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<TopicLimits>,
}

/// Greatest settings of topics.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline)]
pub struct TopicLimits {
    /// Partitions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partitions: Option<u32>,
    /// Replicas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u32>,
    /// How long records stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention: Option<Duration>,
}

/// Products of which namespaces run on a platform: exactly one of these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline, transform = crate::scalar::one_of)]
pub struct Namespaces {
    /// Those of these names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 1000))]
    pub names: Vec<DnsLabel>,
    /// Those with these labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selector: Option<Selector>,
}

/// Labels to match.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Selector {
    /// Each must have this value.
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub match_labels: std::collections::BTreeMap<String, String>,
}
