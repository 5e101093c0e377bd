//! Where records enter a product. Noun file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::contract::ContractRef;
use crate::files::Files;
use crate::generate::Generate;
use crate::meta::NameValue;
use crate::scalar::{Classification, DnsLabel, Nothing, SqlName, Timestamp};

/// A source: exactly one kind of origin, with what is expected to come in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline, transform = crate::scalar::one_of, extend("x-headwater-one-of-besides" = ["name", "description", "contract", "read", "startFrom", "metadata", "renamedFrom"]))]
pub struct Source {
    /// Name, shared with transforms.
    pub name: SqlName,
    /// What comes in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Box<Files>>,
    /// An existing topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<Box<TopicSource>>,
    /// Another product's sink.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<Box<ProductSource>>,
    /// Made-up records, the same for the same seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generate: Option<Box<Generate>>,
    /// Tables of PostgreSQL, by logical decoding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postgres: Option<Box<TableSource>>,
    /// Tables of MySQL or MariaDB, by the binary log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mysql: Option<Box<TableSource>>,
    /// Tables of SQL Server, by change data capture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sqlserver: Option<Box<TableSource>>,
    /// Tables of Oracle, by LogMiner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oracle: Option<Box<TableSource>>,
    /// Tables of Db2, by change data capture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub db2: Option<Box<TableSource>>,
    /// Collections of MongoDB, by change streams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mongodb: Option<Box<TableSource>>,
    /// Topics of an MQTT broker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mqtt: Option<Box<MessageSource>>,
    /// Queues or topics of a JMS broker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jms: Option<Box<MessageSource>>,
    /// Topics of another Kafka cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mirror: Option<Box<MessageSource>>,
    /// Any connector class, with its configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connector: Option<Box<Connector>>,

    /// How a changelog is read; `latest` where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "latest"))]
    pub read: Option<Read>,
    /// What is expected to come in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<Box<ContractRef>>,
    /// Where reading starts on the first start; `{ earliest: {} }` where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = { "earliest": {} }))]
    pub start_from: Option<Box<StartFrom>>,
    /// What is known about a record besides its content, as columns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metadata: Vec<MetadataColumn>,
    /// The name it had, so that its state moves along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<SqlName>,
}

/// How a changelog is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum Read {
    /// As upsert stream by the table's key.
    Latest,
    /// As append stream of inserts and snapshot rows; updates and deletes are counted as filtered.
    Inserts,
    /// As append stream of all changes, with `_op` and `_changed_at`.
    Log,
}

/// Where reading starts: exactly one of these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(inline, transform = crate::scalar::one_of)]
pub struct StartFrom {
    /// With the oldest record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earliest: Option<Nothing>,
    /// With the next record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest: Option<Nothing>,
    /// With the first record at or after an instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Timestamp>,
}

/// Something known about a record besides its content, as a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct MetadataColumn {
    /// Name of the column.
    pub field: SqlName,
    /// `key`, `header.X`, `timestamp`, `topic`, `partition`, `offset`, `path`, `line`, `op` or `changed_at`.
    #[schemars(regex(
        pattern = r"^(key|header\..+|timestamp|topic|partition|offset|path|line|op|changed_at)$"
    ))]
    pub is: String,
    /// What it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classification: Option<Classification>,
}

/// An existing topic.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct TopicSource {
    /// Name of the topic.
    pub name: String,
    /// How values are written; the platform's default where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<crate::sink::TopicFormat>,
    /// How keys are written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_format: Option<crate::sink::TopicFormat>,
    /// What is around values; `none` where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "none"))]
    pub envelope: Option<Envelope>,
}

/// What is around a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum Envelope {
    /// Nothing.
    None,
    /// Debezium's `before`, `after`, `op`.
    Debezium,
}

/// Another product's sink.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct ProductSource {
    /// Namespace of the product; the reading product's own where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<DnsLabel>,
    /// Name of the product.
    pub name: DnsLabel,
    /// Its sink.
    pub sink: DnsLabel,
}

/// Tables of a database, by its log of changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline, transform = crate::scalar::one_of, extend("x-headwater-one-of-besides" = ["connection", "except", "snapshot", "config"]))]
pub struct TableSource {
    /// Connection of the platform.
    pub connection: DnsLabel,
    /// One table, with its schema: `public.orders`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Several tables, one port each; `*` matches names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tables: Option<Vec<String>>,
    /// Tables left out of those.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// Whether the rows that are there at first are read; `initial` where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "initial"))]
    pub snapshot: Option<Snapshot>,
    /// Further configuration of the connector.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub config: Vec<NameValue>,
}

/// Whether the rows that are there at first are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum Snapshot {
    /// They are.
    Initial,
    /// They are not.
    Never,
}

/// Topics or queues of a broker.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct MessageSource {
    /// Connection of the platform.
    pub connection: DnsLabel,
    /// Topics or queues, as the broker names them.
    #[schemars(length(min = 1, max = 200))]
    pub topics: Vec<String>,
    /// How messages are written; `json` where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "json"))]
    pub format: Option<crate::sink::TopicFormat>,
    /// Further configuration of the connector.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub config: Vec<NameValue>,
}

/// Any connector class, with its configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Connector {
    /// Java class.
    pub class: String,
    /// Its configuration; secrets only as references.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub config: Vec<NameValue>,
}
