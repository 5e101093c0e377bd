//! Builds operators and infers what each gives: the only way in which steps and SQL become a graph.
//!
//! Takes an input operator and typed expressions; gives the id of a new operator.
//! A problem becomes a diagnostic and the result is the best type that can still be told,
//! so that one cause gives one message. Nothing here reads text.

mod change;
mod extend;
mod group;
mod join;
mod look_up;
mod present;
mod read;
mod row;
mod union;

pub(crate) use change::{changelog, import, sink, source};
pub(crate) use extend::extend;
pub(crate) use group::{Grouping, Ranking, TypedMeasure, aggregate, deduplicate, over, require_keep, top_n};
pub(crate) use join::{Bound, Joining, join};
pub(crate) use read::columns_read;
pub(crate) use row::{Unnesting, branch, element_columns, filter, project, unnest, validate};
pub(crate) use union::union;

use std::sync::Arc;

use crate::diagnostic::{Anchor, Diagnostic};
use crate::expr::Expr;
use crate::graph::{NodeId, Op, OpId, Operator};
use crate::shared::Shared;
use crate::stream::{Column, StreamKind, StreamType};

/// The operators built so far and what was wrong on the way.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    /// Operators, inputs first.
    pub(crate) ops: Vec<Op>,
    /// What only diagnostics need to know about each operator.
    pub(crate) facts: Vec<Facts>,
    /// Whether an operator gives all of its records and then ends, so that it can be complete before another begins.
    pub(crate) bounded: Vec<bool>,
    /// Problems in the order in which they were found.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The declared node that new operators belong to.
    pub(crate) node: Option<NodeId>,
}

/// What only diagnostics need to know about an operator.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    /// The step, clause or declaration that made it.
    pub(crate) anchor: Anchor,
    /// For each column, why it may be null.
    pub(crate) nulls: Shared<Option<NullCause>>,
}

/// Why a value may be null: the place that causes it, however far upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NullCause {
    /// The expression, field or join.
    pub(crate) anchor: Anchor,
    /// A few words, such as ``division by zero gives null``.
    pub(crate) why: Arc<str>,
    /// Whether it is an expression that can fail, and not a value that may be missing.
    pub(crate) fails: bool,
}

/// An expression with what diagnostics need to know about it.
#[derive(Debug, Clone)]
pub(crate) struct Typed {
    /// The expression.
    pub(crate) expr: Expr,
    /// Why it may be null; set where `expr.nullable` is.
    pub(crate) null: Option<NullCause>,
    /// Where it is written.
    pub(crate) anchor: Anchor,
}

impl Typed {
    /// Stands for an expression that already has a diagnostic.
    pub(crate) fn poison(anchor: &Anchor) -> Self {
        Typed { expr: Expr::poison(), null: None, anchor: anchor.clone() }
    }
}

impl Flow {
    /// What an operator gives.
    pub(crate) fn output(&self, id: OpId) -> &StreamType {
        &self.ops[id.0 as usize].output
    }

    /// What diagnostics know about an operator.
    pub(crate) fn facts(&self, id: OpId) -> &Facts {
        &self.facts[id.0 as usize]
    }

    /// A column of an operator as an expression over that operator's output.
    pub(crate) fn column(&self, id: OpId, index: usize, anchor: &Anchor) -> Typed {
        let column = &self.output(id).columns[index];
        Typed {
            expr: Expr::column(index, column.data_type.clone(), column.nullable),
            null: self.facts(id).nulls[index].clone(),
            anchor: anchor.clone(),
        }
    }

    /// Adds an operator.
    fn push(&mut self, operator: Operator, inputs: Vec<OpId>, output: StreamType, facts: Facts) -> OpId {
        debug_assert_eq!(
            output.columns.len(),
            facts.nulls.len(),
            "each column has its cause of null, or none"
        );
        let id = OpId(u32::try_from(self.ops.len()).expect("a compile run has fewer than 2^32 operators"));
        let node = self.node.expect("a node is entered before operators are built for it");
        // A source says so itself: see `mark_bounded`.
        let bounded = !inputs.is_empty() && inputs.iter().all(|input| self.bounded[input.0 as usize]);
        self.bounded.push(bounded);
        self.ops.push(Op { node, operator, inputs, output });
        self.facts.push(facts);
        id
    }

    /// Says whether an operator at which records enter gives all of them and then ends.
    pub(crate) fn mark_bounded(&mut self, id: OpId, bounded: bool) {
        self.bounded[id.0 as usize] = bounded;
    }

    /// Adds an operator that changes nothing of what its input gives.
    fn push_same(&mut self, operator: Operator, input: OpId, anchor: &Anchor) -> OpId {
        let output = self.output(input).clone();
        let nulls = self.facts(input).nulls.clone();
        self.push(operator, vec![input], output, Facts { anchor: anchor.clone(), nulls })
    }
}

/// The kind in the words of messages.
fn kind_name(kind: StreamKind) -> &'static str {
    match kind {
        StreamKind::Append => "append",
        StreamKind::Upsert => "upsert",
    }
}

/// Column names joined for a message, each in backticks.
fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A column that never is null.
fn required(name: &str, data_type: crate::data_type::DataType) -> Column {
    Column { name: name.to_owned(), data_type, nullable: false }
}
