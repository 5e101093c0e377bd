//! Which engine runs which operator, and why: noun file.

use serde::Serialize;

use crate::graph::OpId;

/// What can run an operator. The order is by cost, cheapest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// A connector of Kafka Connect.
    Connect,
    /// Headwater's own stateless processor.
    Native,
    /// Flink SQL.
    Flink,
}

/// What an operator needs of its engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// A system reached through a connector.
    Connector,
    /// Bytes that Headwater did not write are decoded, and what breaks the contract is rejected.
    ForeignBytes,
    /// Values are masked or encrypted under keys.
    Masks,
    /// Records are remembered by key or in windows.
    KeyedState,
    /// Records are looked at one at a time.
    Stateless,
}

/// The engine of an operator with the reason for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Placed {
    /// The engine.
    pub engine: Engine,
    /// The need that decided, with the word for what needs it: ``deduplicate needs keyed state``.
    pub reason: String,
}

/// A topic between two engines of one product.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hop {
    /// The operator whose output it holds.
    pub from: OpId,
    /// The operators that read it.
    pub to: Vec<OpId>,
    /// Name of its topic: `<namespace>.<product>._<transform>-<n>`.
    pub topic: String,
}

/// The engines of all operators and the hops between them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Placement {
    /// Each operator's engine, by its id.
    pub ops: Vec<Placed>,
    /// Where engines change inside a product.
    pub hops: Vec<Hop>,
}
