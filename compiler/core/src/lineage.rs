//! From which fields each column comes: noun file.
//!
//! The words are those of OpenLineage's column lineage facet (spec 1-2-0): direct influence on a value,
//! indirect influence on which rows there are.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::graph::OpId;

/// A column where records enter a product: of a source, or of another product's sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Root {
    /// The `Source` or `Import` operator.
    pub op: OpId,
    /// Index of the column in its output.
    pub column: usize,
}

/// How a value comes from a root, from least to most changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Direct {
    /// It is the same value.
    Identity,
    /// It is computed from values of one record.
    Transformation,
    /// It is computed from values of several records.
    Aggregation,
}

/// How a root decides which rows there are, or which value is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Indirect {
    /// Records are matched by it.
    Join,
    /// Records are grouped by it.
    GroupBy,
    /// Records are kept or rejected by it.
    Filter,
    /// Records are ordered by it.
    Sort,
    /// Records are put into windows or frames by it.
    Window,
}

/// Direct influence of one root on one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Influence {
    /// How the value comes from it.
    pub direct: Direct,
    /// Whether a mask lies on every way from it.
    pub masked: bool,
}

/// Lineage of what one operator gives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Lineage {
    /// For each column, the roots of its values.
    pub columns: Vec<BTreeMap<Root, Influence>>,
    /// The roots that decide which rows there are.
    pub rows: BTreeMap<Root, BTreeSet<Indirect>>,
}
