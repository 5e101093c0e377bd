//! The one meaning of steps and SQL: a flat, typed graph of operators. Noun file.
//!
//! Operators are stored in an order in which inputs come before what reads them.
//! Nothing here holds a span, a clock's time or an engine's name.

use serde::Serialize;

use crate::expr::Expr;
use crate::function::FunctionId;
use crate::stream::StreamType;

/// Index of an operator in [`Graph::ops`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct OpId(pub u32);

/// Index of a declared node in [`Graph::nodes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct NodeId(pub u32);

/// Index of a product in [`Graph::products`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ProductId(pub u32);

/// All products of a compile run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Graph {
    /// The products, sorted by namespace and name.
    pub products: Vec<Product>,
    /// What the products declare: sources, transforms, sinks.
    pub nodes: Vec<Node>,
    /// What the nodes compute.
    pub ops: Vec<Op>,
}

/// One product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    /// Namespace of the object.
    pub namespace: String,
    /// Name of the object.
    pub name: String,
    /// Its nodes, in order of the declaration: sources, transforms, sinks.
    pub nodes: Vec<NodeId>,
}

/// One declared source, transform or sink, after `{{ port }}` has been repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Node {
    /// The product that declares it.
    pub product: ProductId,
    /// Its name there.
    pub name: String,
    /// What it is.
    pub role: Role,
    /// Its outputs: one without a name, or several with one each. A sink has one, what it writes.
    pub ports: Vec<Port>,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Role {
    /// Records enter here.
    Source,
    /// Records are changed here.
    Transform,
    /// Records leave here.
    Sink,
}

/// One output of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Port {
    /// Name after the dot in `from: split.big`; none for the only output.
    pub name: Option<String>,
    /// The operator whose output it is.
    pub op: OpId,
}

/// One operator with what it gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Op {
    /// The declared node that it is part of.
    pub node: NodeId,
    /// What it does.
    pub operator: Operator,
    /// What it reads, each before it in [`Graph::ops`].
    pub inputs: Vec<OpId>,
    /// What it gives.
    pub output: StreamType,
}

/// What an operator does with its inputs. Column indices are into the columns of the input;
/// a join's are into those of the left input followed by those of the right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Operator {
    /// Gives the records of the node's source, decoded to the output's columns. No input.
    Source,
    /// Gives what another product's sink holds: its input is that sink's operator.
    Import,
    /// Keeps the records for which the predicate is true.
    Filter {
        /// The condition.
        predicate: Expr,
    },
    /// Computes new columns from the old.
    Project {
        /// The output's columns in order.
        columns: Vec<Named>,
    },
    /// Lets pass the records for which no rule is false; the others go where the rule says.
    Validate {
        /// In the order in which they are judged; the first that is false decides.
        rules: Vec<Rule>,
    },
    /// One record for each element of a list or map column, appended as further columns.
    Unnest {
        /// Index of the list or map.
        column: usize,
        /// Whether a record without elements gives one with nulls.
        keep_empty: bool,
        /// Whether the position, from 1, is the last column.
        ordinality: bool,
    },
    /// All records of all inputs, columns by position.
    Union,
    /// One record for each group: window columns, then `by`, then the measures.
    Aggregate {
        /// Bounds the groups in time, by the column of event time.
        window: Option<Window>,
        /// Grouping columns.
        by: Vec<usize>,
        /// What is computed for each group.
        measures: Vec<Measure>,
        /// How long a group is kept where no window bounds it.
        keep: Option<Keep>,
    },
    /// Every record with further columns computed from the records before it.
    Over {
        /// Records are compared only with those that agree here.
        partition: Vec<usize>,
        /// Column of event time that orders them.
        order: usize,
        /// Which earlier records count.
        frame: Frame,
        /// The columns appended.
        calls: Vec<Measure>,
    },
    /// One record of those that agree on some columns.
    Deduplicate {
        /// The columns that must agree.
        by: Vec<usize>,
        /// Which one is kept.
        kept: Kept,
    },
    /// The first records of each group.
    TopN {
        /// Grouping columns.
        by: Vec<usize>,
        /// Order inside a group.
        order: Vec<OrderBy>,
        /// How many are kept.
        limit: u64,
        /// How long a group is kept.
        keep: Option<Keep>,
        /// Whether the rank, from 1, is appended as last column.
        rank: bool,
    },
    /// Pairs of records: columns of the left, then of the right.
    Join {
        /// Which records without a partner are kept, with nulls.
        kind: JoinKind,
        /// Expressions over the left and over the right input that must be equal.
        on: Vec<(Expr, Expr)>,
        /// A further condition over both.
        condition: Option<Expr>,
        /// How time bounds the partners.
        time: JoinTime,
    },
    /// An upsert stream as the append stream of its changes, with `_op` and `_changed_at` appended.
    Changelog,
    /// The records that take one route: the first whose condition is true; `otherwise` if none is.
    Branch {
        /// All routes' conditions in order.
        conditions: Vec<Expr>,
        /// Index of the route taken; the number of conditions means otherwise.
        route: usize,
    },
    /// Writes its input to the node's sink.
    Sink,
}

/// An expression and the name of its column.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Named {
    /// Name of the column.
    pub name: String,
    /// Its value.
    pub expr: Expr,
}

/// A condition that records must not break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// Name of the rule, such as `paid-has-amount`, or the member of the contract that states it: `required`, `enum`, `check`.
    pub name: String,
    /// Run-time code, such as `D003`.
    pub code: String,
    /// Path of the field that it is about, if it is about one.
    pub field: Option<String>,
    /// The record breaks the rule when this is false, not when it is null.
    pub predicate: Expr,
    /// What becomes of a record that breaks it.
    pub on_violation: OnViolation,
}

/// What becomes of a record that breaks a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum OnViolation {
    /// It goes to the dead letters; on an upsert stream the last good row stays.
    DeadLetter,
    /// It goes to the dead letters and the row of its key is deleted.
    DeadLetterAndDelete,
    /// It is dropped and counted.
    Drop,
    /// The run stops.
    Fail,
    /// It passes and is counted.
    Warn,
}

/// A window over event time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Window {
    /// Column of event time.
    pub time: usize,
    /// Its shape.
    pub shape: WindowShape,
}

/// Shape of a window; windows start at multiples of their step since 1970-01-01T00:00:00Z, plus the offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum WindowShape {
    /// One after the other.
    Tumble {
        /// Length.
        size_ms: u64,
        /// Shift of the starts.
        offset_ms: i64,
    },
    /// Overlapping.
    Hop {
        /// Length, a multiple of the slide.
        size_ms: u64,
        /// Distance of starts.
        slide_ms: u64,
    },
    /// Growing by a step up to a length, then anew.
    Cumulate {
        /// Longest length, a multiple of the step.
        size_ms: u64,
        /// Growth.
        step_ms: u64,
    },
    /// As long as records of a group follow each other closely.
    Session {
        /// A silence this long ends the window.
        gap_ms: u64,
    },
}

/// One computed column of a group or of a frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Measure {
    /// Name of the column.
    pub name: String,
    /// An aggregate or window function of the function table.
    pub function: FunctionId,
    /// Its arguments.
    pub args: Vec<Expr>,
    /// Whether equal arguments count once.
    pub distinct: bool,
    /// Only records for which this is true count.
    pub filter: Option<Expr>,
}

/// How long state without a window is kept after the last record that touched it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Keep {
    /// This long.
    ForMs(u64),
    /// For ever.
    Forever,
}

/// Which records before the current one count, itself included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Frame {
    /// All of them, and those of the same time: state is kept as stated.
    Unbounded(Keep),
    /// So many records before it.
    Rows(u64),
    /// Those at most this much earlier, and those of the same time.
    RangeMs(u64),
}

/// Which of the records that agree is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Kept {
    /// Each for which no earlier one, by event time then arrival, lies within this time before it.
    FirstWithinMs(u64),
    /// The last one by event time then arrival.
    Last(Keep),
}

/// One column of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderBy {
    /// What is compared.
    pub expr: Expr,
    /// Whether great values come first.
    pub descending: bool,
    /// Whether nulls come first.
    pub nulls_first: bool,
}

/// Which records without a partner are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum JoinKind {
    /// None.
    Inner,
    /// Those of the left.
    Left,
    /// Those of the right.
    Right,
    /// Those of both.
    Full,
}

/// How time bounds the partners of a join.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum JoinTime {
    /// Not at all: each side is kept as stated.
    Kept {
        /// How long records of the left wait.
        left: Keep,
        /// How long records of the right wait.
        right: Keep,
    },
    /// The right's event time lies from `lower_ms` before to `upper_ms` after the left's.
    Interval {
        /// Column of the left's event time.
        left: usize,
        /// Column of the right's event time, counted over both inputs.
        right: usize,
        /// Right minus left is at least this.
        lower_ms: i64,
        /// Right minus left is at most this.
        upper_ms: i64,
    },
    /// The right's row as it was at the left's time.
    AsOf {
        /// Column of the left's time.
        left: usize,
    },
}
