//! `ContractLock`: what was seen outside, kept so that compiling stays offline. Noun file; only the command line reads it.
//!
//! It stands in the file `contracts.lock` beside the declarations and is written by a tool, not by people.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scalar::{DnsLabel, Hash};

/// Schemas and tables that others own, as they were seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContractLock {
    /// `headwater.dev/v1alpha1`.
    pub api_version: String,
    /// `ContractLock`.
    pub kind: String,
    /// What was seen.
    pub spec: LockSpec,
}

/// What was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct LockSpec {
    /// Versions of subjects in schema registries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<LockedSubject>,
    /// The tables of databases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub databases: Vec<LockedDatabase>,
}

/// One version of a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct LockedSubject {
    /// Name of the subject.
    pub subject: String,
    /// Its version there.
    #[schemars(range(min = 1))]
    pub version: u32,
    /// URL of the registry that it was read from.
    pub registry: String,
    /// Language of the schema.
    pub format: SchemaFormat,
    /// SHA-256 of the schema's text, line breaks at its end left out.
    pub hash: Hash,
    /// The text of the schema, as the registry gave it.
    pub schema: String,
}

/// Language of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum SchemaFormat {
    /// Apache Avro.
    Avro,
    /// JSON Schema.
    JsonSchema,
    /// Protocol Buffers.
    Protobuf,
}

/// The tables of a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct LockedDatabase {
    /// Connection of the platform.
    pub connection: DnsLabel,
    /// SHA-256 of the names, each with a line feed behind it.
    pub hash: Hash,
    /// Names with their schema, such as `public.orders`.
    pub tables: Vec<String>,
}
