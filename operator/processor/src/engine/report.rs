//! What a run gives beside the rows: accounts, dead letters, counts. Noun file.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use headwater_compiler::graph::{Graph, NodeId, OpId};
use serde::Serialize;

use super::outcome::Outcomes;

/// What happened in a run.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunReport {
    /// Every operator that ran, in order of the graph.
    pub operators: Vec<OperatorReport>,
    /// Dead letters by run-time code.
    pub dead_letters: BTreeMap<String, u64>,
    /// Records that broke a rule that only warns, by code.
    pub warnings: BTreeMap<String, u64>,
    /// Rows written by each sink.
    pub sinks: BTreeMap<NodeId, u64>,
    /// How long it took.
    pub wall: Duration,
}

/// What happened at one operator.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OperatorReport {
    /// The operator.
    pub op: OpId,
    /// The node that it is part of.
    pub node: NodeId,
    /// The node's name.
    pub node_name: String,
    /// What the operator does, in a word: `filter`, `join`.
    pub operator: &'static str,
    /// Its account.
    pub outcomes: Outcomes,
}

/// Namespace and name of an operator's product, as `retail/orders`.
pub(crate) fn product_name(graph: &Graph, op: OpId) -> String {
    let node = &graph.nodes[graph.ops[op.0 as usize].node.0 as usize];
    let product = &graph.products[node.product.0 as usize];
    format!("{}/{}", product.namespace, product.name)
}

/// A rejected record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    /// Namespace and name of the product whose node rejected it, as `retail/orders`.
    pub product: String,
    /// The node that rejected it.
    pub node: String,
    /// Run-time code, such as `D003`.
    pub code: String,
    /// Name of the rule that was broken, never a value of the record.
    pub rule: String,
    /// Path of the field that it is about, if it is about one.
    pub field: Option<String>,
    /// Where the record came from; none for a record that the product itself made, such as the result of an aggregate.
    pub place: Option<Place>,
    /// The record as it was written; for a record without a place, the record as JSON.
    /// Empty for a record of another product's source: that product may have masked what stands in it.
    pub original: Vec<u8>,
    /// Its event time in microseconds since 1970-01-01T00:00:00Z, if it has one.
    pub event_time_us: Option<i64>,
}

/// Where a record of a source was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// Name of the source.
    pub source: String,
    /// The file, or whatever takes its place.
    pub file: String,
    /// First line of the record, from 1; 0 where the format has no lines.
    pub line: u64,
    /// Index of the record in the file, from 0.
    pub record: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "{}:{}", self.file, self.line)
        } else {
            write!(f, "{}, record {}", self.file, self.record)
        }
    }
}

/// How far a run is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Records that sources gave.
    pub read: u64,
    /// Records that reached a sink.
    pub written: u64,
    /// Records rejected so far.
    pub dead: u64,
}
