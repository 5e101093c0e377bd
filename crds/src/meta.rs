//! What every object has: names and annotations. Noun file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Name and labels of an object, as the Kubernetes API has them. What a server adds is accepted and means nothing here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline, extend("x-headwater-open" = true))]
pub struct Metadata {
    /// Name, a DNS label; one of its kind in a namespace.
    pub name: crate::scalar::DnsLabel,
    /// Namespace; `default` where left out, and none for a platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "default"))]
    pub namespace: Option<crate::scalar::DnsLabel>,
    /// Labels to select by.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Notes; `headwater.dev/allow.<CODE>` accepts a finding and says why.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// A reference to a secret, which is never read into a declaration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct SecretRef {
    /// Namespace of the secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<crate::scalar::DnsLabel>,
    /// Name of the secret.
    pub name: crate::scalar::DnsLabel,
    /// Key inside it.
    pub key: String,
}

/// One key and its value, for lists of configuration that keep their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct NameValue {
    /// The key.
    pub name: String,
    /// Its value, as text.
    pub value: String,
}
