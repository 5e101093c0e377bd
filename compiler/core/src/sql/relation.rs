//! What stands behind `FROM` while a query is bound: noun file.

use std::ops::Range;
use std::rc::Rc;

use super::scope::Scope;
use crate::flow::{Flow, Typed};
use crate::graph::{Keep, OpId, OrderBy, WindowShape};

/// Columns from here on are those of a window that is not yet an operator: start, end, time.
pub(super) const WINDOW_BASE: usize = usize::MAX / 4;
/// Their names, in that order.
pub(super) const WINDOW_COLUMNS: [&str; 3] = ["window_start", "window_end", "window_time"];

/// The result of a query or CTE.
#[derive(Debug, Clone)]
pub(super) enum Table {
    /// An operator.
    Op(OpId),
    /// Rows with a number whose bound the query around it states.
    Ranked(Rc<Ranked>),
    /// Something that already has a diagnostic.
    Unknown,
}

/// One or several inputs, joined.
#[derive(Debug)]
pub(super) struct Relation {
    /// The operator; none if something already has a diagnostic, or for rows whose number has no bound yet.
    pub(super) op: Option<OpId>,
    /// Its columns by name.
    pub(super) scope: Scope,
    /// A window function over it, which `GROUP BY` makes an aggregate.
    pub(super) window: Option<WindowTable>,
    /// Rows with a number, which `WHERE` makes a deduplication or a top-N.
    pub(super) ranked: Option<Rc<Ranked>>,
    /// How long state over it is kept.
    pub(super) keep: Option<Keep>,
}

/// `TABLE(TUMBLE(...))` and its like.
#[derive(Debug, Clone)]
pub(super) struct WindowTable {
    /// Shape of the window; none if what is wrong with it has been said.
    pub(super) shape: Option<WindowShape>,
    /// Column of time.
    pub(super) time: usize,
    /// Columns that sessions are kept apart by; none for other windows.
    pub(super) partition: Option<Vec<usize>>,
    /// Where it is written.
    pub(super) range: Range<u32>,
}

/// A query with `ROW_NUMBER()`, before the query around it says which rows are wanted.
#[derive(Debug)]
pub(super) struct Ranked {
    /// What is numbered.
    pub(super) base: OpId,
    /// Columns of `base` that rows are numbered within.
    pub(super) by: Vec<usize>,
    /// Order of the numbers, over `base`.
    pub(super) order: Vec<OrderBy>,
    /// The columns of the query, over `base`; the number's own stands for itself.
    pub(super) columns: Vec<(String, Typed)>,
    /// Which of them is the number.
    pub(super) number: usize,
    /// The call itself, to compute it as it is where nothing bounds it.
    pub(super) call: super::call::Call,
    /// How long state is kept.
    pub(super) keep: Option<Keep>,
    /// The columns as written, and the call.
    pub(super) ranges: (Range<u32>, Range<u32>),
}

impl Relation {
    /// What already has a diagnostic.
    pub(super) fn unknown() -> Self {
        Relation { op: None, scope: Scope::unknown(), window: None, ranked: None, keep: None }
    }

    /// An operator under a name.
    pub(super) fn of(flow: &Flow, op: OpId, name: Option<&str>) -> Self {
        Relation { op: Some(op), scope: Scope::of(flow, op, name), window: None, ranked: None, keep: None }
    }

    /// Takes the operator's types again, after one was put behind it that keeps its columns.
    pub(super) fn put(&mut self, flow: &Flow, op: OpId) {
        self.op = Some(op);
        let (output, nulls) = (flow.output(op), &flow.facts(op).nulls);
        for column in &mut self.scope.columns {
            if let Some(now) = output.columns.get(column.index) {
                column.column.nullable = now.nullable;
                column.column.data_type = now.data_type.clone();
                column.null.clone_from(&nulls[column.index]);
            }
        }
    }
}
