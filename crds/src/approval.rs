//! `Approval`: a person's permission for exactly the steps that need it. Noun file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::meta::Metadata;
use crate::scalar::{DnsLabel, Timestamp};

/// A person's permission for exactly the steps that need it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Approval {
    /// `headwater.dev/v1alpha1`.
    pub api_version: String,
    /// `Approval`.
    pub kind: String,
    /// Name and namespace.
    pub metadata: Metadata,
    /// The approval.
    pub spec: ApprovalSpec,
    /// Written by the operator, never by people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-headwater-open" = true))]
    pub status: Option<serde_json::Map<String, serde_json::Value>>,
}

/// The approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct ApprovalSpec {
    /// The product.
    pub product: DnsLabel,
    /// Hash of the steps that need approval, as the plan prints it.
    #[schemars(regex(pattern = r"^sha256:[0-9a-f]{64}$"))]
    pub steps: String,
    /// The hazards that are accepted.
    #[schemars(length(min = 1, max = 1000))]
    pub allow: Vec<Allowed>,
    /// Why.
    #[schemars(length(min = 1, max = 1000))]
    pub reason: String,
    /// From when on it no longer holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// An accepted hazard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Allowed {
    /// Its code, such as `H002`.
    #[schemars(regex(pattern = r"^H[0-9]{3}$"))]
    pub code: String,
    /// The resource, such as `topic/orders`.
    pub resource: String,
}
