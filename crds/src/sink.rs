//! Where streams leave a product. Noun file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::contract::ContractRef;
use crate::meta::NameValue;
use crate::scalar::{DnsLabel, Duration, LabelTemplate, Nothing, Partition, PortRef, SqlName};
use crate::source::Connector;

/// A sink: exactly one kind of target, with what is promised.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline, transform = crate::scalar::one_of, extend("x-headwater-one-of-besides" = ["name", "from", "description", "contract", "contracts", "purpose", "delivery", "deletionPolicy", "managementPolicy", "readers", "headers", "renamedFrom"]))]
pub struct Sink {
    /// Name; sinks have a name space of their own.
    pub name: LabelTemplate,
    /// The output that it takes.
    pub from: PortRef,
    /// What is found here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What is promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<Box<ContractRef>>,
    /// Several major lines of one contract, while readers move from one to the next.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contracts: Vec<ContractRef>,
    /// Why it is needed; clearances are given by purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<DnsLabel>,
    /// How often a record may arrive; `exactlyOnce` where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "exactlyOnce"))]
    pub delivery: Option<Delivery>,
    /// What becomes of the target when the sink is removed; `retain` where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "retain"))]
    pub deletion_policy: Option<DeletionPolicy>,
    /// What Headwater may do to the target; `full` where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "full"))]
    pub management_policy: Option<ManagementPolicy>,
    /// Who reads it outside the product.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readers: Vec<Reader>,
    /// Headers written with each record of a topic.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Header>,
    /// The name it had, so that what it wrote stays its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<DnsLabel>,

    /// A topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<Box<Topic>>,
    /// A lakehouse table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<Box<Table>>,
    /// Files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Box<FilesSink>>,
    /// Standard output, for looking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdout: Option<Nothing>,
    /// Tables of any database with a JDBC driver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jdbc: Option<Box<DatabaseSink>>,
    /// A table of Snowflake.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snowflake: Option<Box<DatabaseSink>>,
    /// An index of OpenSearch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opensearch: Option<Box<DatabaseSink>>,
    /// Any connector class, with its configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connector: Option<Box<Connector>>,
}

/// How often a record may arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum Delivery {
    /// Once.
    ExactlyOnce,
    /// Once or more.
    AtLeastOnce,
}

/// What becomes of a target when its sink is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum DeletionPolicy {
    /// It stays.
    Retain,
    /// It is deleted, once that is approved.
    Delete,
}

/// What Headwater may do to a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum ManagementPolicy {
    /// Everything that a plan says.
    Full,
    /// Only look.
    Observe,
}

/// Somebody who reads a sink: a namespace, or a principal outside the cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline, transform = crate::scalar::one_of, extend("x-headwater-one-of-besides" = ["owner", "fields", "purpose", "until"]))]
pub struct Reader {
    /// All products of a namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<DnsLabel>,
    /// A principal of the target's own access control.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The fields that it reads; all where left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// What for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<DnsLabel>,
    /// Day until which it may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// A header of each record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Header {
    /// Name of the header.
    pub name: String,
    /// The column that it holds.
    pub is: SqlName,
}

/// A topic.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Topic {
    /// How values are written; the platform's default where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<TopicFormat>,
    /// The record's key; the contract's key where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<TopicKey>,
    /// What becomes of old records; told by the stream's kind where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cleanup: Option<Cleanup>,
    /// Partitions; the platform's default where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100_000))]
    pub partitions: Option<u32>,
    /// Replicas; the platform's default where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 32))]
    pub replicas: Option<u32>,
    /// How long records stay; the platform's default where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention: Option<Duration>,
    /// Further configuration of the topic.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub config: Vec<NameValue>,
}

/// How records are written in topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum TopicFormat {
    /// Avro with the registry's framing.
    Avro,
    /// JSON with the registry's framing and JSON Schema.
    JsonSchema,
    /// Protocol Buffers with the registry's framing.
    Protobuf,
    /// Plain JSON.
    Json,
    /// One line of separated values.
    Csv,
    /// The bytes of one column.
    Raw,
}

/// The key of a topic's records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline)]
pub struct TopicKey {
    /// Its fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<SqlName>,
    /// How it is written; as values are where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<TopicFormat>,
}

/// What becomes of old records of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum Cleanup {
    /// They are deleted after the retention.
    Delete,
    /// The last of each key stays.
    Compact,
    /// Both.
    CompactAndDelete,
}

/// A lakehouse table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Table {
    /// Format of the table.
    pub format: TableFormat,
    /// Catalog of the platform.
    pub catalog: DnsLabel,
    /// Name of the table; namespace, product and sink where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How rows are split into files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub partition_by: Vec<Partition>,
    /// How rows are ordered in files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub sort_by: Vec<SqlName>,
    /// What a run on bounded data does with the rows that are there; `append` where left out, and for upsert streams always by key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "append"))]
    pub mode: Option<TableMode>,
    /// Properties of the table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<NameValue>,
}

/// Format of a lakehouse table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum TableFormat {
    /// Apache Iceberg, format version 2.
    Iceberg,
    /// Delta Lake.
    Delta,
}

/// What a run on bounded data does with the rows that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum TableMode {
    /// They stay.
    Append,
    /// They are replaced, all at once.
    Replace,
}

/// Files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct FilesSink {
    /// Path of the file, from where the run writes.
    pub path: String,
    /// How records are written.
    pub format: FilesSinkFormat,
    /// Where the file goes; the local file system where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<DnsLabel>,
}

/// How records are written in files: exactly one of these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline, transform = crate::scalar::one_of)]
pub struct FilesSinkFormat {
    /// Separated values, with a header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub csv: Option<Nothing>,
    /// One JSON object a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ndjson: Option<Nothing>,
    /// Apache Parquet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parquet: Option<Nothing>,
}

/// A table or index of a system reached through a connector.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct DatabaseSink {
    /// Connection of the platform.
    pub connection: DnsLabel,
    /// Name of the table or index.
    pub table: String,
    /// Further configuration of the connector.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub config: Vec<NameValue>,
}
