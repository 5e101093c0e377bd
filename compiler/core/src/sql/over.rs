//! Calls over the records before the current one: `SUM(a) OVER (PARTITION BY k ORDER BY t RANGE ...)`.

use std::ops::Range;

use sqlparser::ast::{self, Spanned};

use super::call::CALL_BASE;
use super::group::{call_name, measure};
use super::query::Ctx;
use super::relation::{Ranked, Relation, Table};
use super::rewrite::{column_of, moved, rewrite};
use super::scope::Scope;
use super::select::{Bound, BoundCall, is_call};
use super::token::range;
use crate::code::query as code;
use crate::diagnostic::Diagnostic;
use crate::expr::{Expr, ExprNode, Literal};
use crate::flow::{self, Typed, require_keep};
use crate::function;
use crate::graph::{Frame, Keep, OpId, OrderBy};

/// A window with its columns.
#[derive(PartialEq, Eq)]
struct Window {
    partition: Vec<usize>,
    order: usize,
    frame: Frame,
}

/// What a window orders by.
const ORDER_HELP: &str = "write `OVER (PARTITION BY k ORDER BY ordered_at RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)`, with the stream's event time";

impl Ctx<'_> {
    /// A `SELECT` with calls over windows.
    pub(super) fn windowed(
        &mut self,
        select: &ast::Select,
        op: OpId,
        relation: &Relation,
        bound: Bound,
    ) -> Table {
        let specs: Option<Vec<&ast::WindowSpec>> =
            bound.calls.iter().map(|bound| self.window_spec(select, bound)).collect();
        let Some(specs) = specs else { return Table::Unknown };
        let number = self.numbering(&bound);
        let mut op = op;
        let mut known: Vec<(Expr, usize)> = Vec::new();
        let mut columns: Vec<Option<usize>> = vec![None; bound.calls.len()];
        let mut windows: Vec<(Window, Vec<usize>)> = Vec::new();
        for (index, spec) in specs.iter().enumerate() {
            if number.is_some_and(|(call, _)| call == index) {
                continue;
            }
            let Some((partition, partition_op)) =
                self.partition(op, &relation.scope, &spec.partition_by, &mut known)
            else {
                return Table::Unknown;
            };
            op = partition_op;
            let Some(window) = self.over_window(op, relation, spec, &bound.calls[index], partition) else {
                return Table::Unknown;
            };
            match windows.iter_mut().find(|(other, _)| *other == window) {
                Some((_, calls)) => calls.push(index),
                None => windows.push((window, vec![index])),
            }
        }
        for (Window { partition, order, frame }, calls) in windows {
            let anchor = self.anchor.bytes(bound.calls[calls[0]].call.range.clone());
            let width = self.flow.output(op).columns.len();
            let measures = calls
                .iter()
                .map(|&call| measure(&bound.calls[call], call_name(call, &bound.items)))
                .collect();
            op = flow::over(self.flow, op, partition, order, frame, measures, &anchor);
            for (position, call) in calls.into_iter().enumerate() {
                columns[call] = Some(width + position);
            }
        }
        let items = bound
            .items
            .iter()
            .map(|(name, typed)| {
                (name.clone(), Typed { expr: placed(&typed.expr, &columns), ..typed.clone() })
            })
            .collect();
        match number {
            None => Table::Op(self.projected(op, items, bound.range)),
            Some((call, item)) => {
                let what = (bound.calls[call].clone(), specs[call], item);
                self.ranked(op, relation, items, what, bound.range)
            }
        }
    }

    /// The call of `ROW_NUMBER` whose bound the query around may state, and the column that it is.
    fn numbering(&self, bound: &Bound) -> Option<(usize, usize)> {
        let call =
            bound.calls.iter().position(|bound| function::get(bound.call.function).name == "row_number")?;
        let item = bound.items.iter().position(|(_, typed)| is_call(typed) == Some(call))?;
        let uses = bound
            .items
            .iter()
            .filter(|(_, typed)| super::rewrite::columns_of(&typed.expr).contains(&(CALL_BASE + call)));
        (uses.count() == 1).then_some((call, item))
    }

    /// The window of a call, by name or in place.
    fn window_spec<'s>(
        &mut self,
        select: &'s ast::Select,
        bound: &'s BoundCall,
    ) -> Option<&'s ast::WindowSpec> {
        let spec = match bound.call.over.as_ref()? {
            ast::WindowType::WindowSpec(spec) => spec,
            ast::WindowType::NamedWindow(name) => {
                let named = select.named_window.iter().find(|named| named.0.value == name.value);
                let Some(ast::NamedWindowDefinition(_, ast::NamedWindowExpr::WindowSpec(spec))) = named
                else {
                    self.report(range(name.span), |at| {
                        Diagnostic::error(
                            &code::OVER_WINDOW,
                            at,
                            format!("there is no window `{}`", name.value),
                        )
                        .help(
                            "define it behind `FROM` and `WHERE`: `WINDOW w AS (PARTITION BY k ORDER BY t)`",
                        )
                    });
                    return None;
                };
                spec
            }
        };
        if let Some(name) = &spec.window_name {
            self.report(range(name.span), |at| {
                Diagnostic::error(
                    &code::OVER_WINDOW,
                    at,
                    "a window that builds on another one is not supported",
                )
                .help("write the window out")
            });
            return None;
        }
        Some(spec)
    }

    /// Columns for expressions that rows must agree on, computed first where they are none.
    fn partition(
        &mut self,
        op: OpId,
        scope: &Scope,
        trees: &[ast::Expr],
        known: &mut Vec<(Expr, usize)>,
    ) -> Option<(Vec<usize>, OpId)> {
        let width = self.flow.output(op).columns.len();
        let mut more: Vec<(String, Typed)> = Vec::new();
        let mut columns = Vec::with_capacity(trees.len());
        for tree in trees {
            let typed = self.record(scope, tree, "in `PARTITION BY`");
            if typed.expr.data_type.is_unknown() {
                return None;
            }
            let computed = known.iter().find(|(expr, _)| *expr == typed.expr).map(|(_, column)| *column);
            columns.push(match (&typed.expr.node, computed) {
                (ExprNode::Column(index), _) => *index,
                (_, Some(column)) => column,
                _ => {
                    known.push((typed.expr.clone(), width + more.len()));
                    more.push((format!("_p{}", known.len() - 1), typed));
                    width + more.len() - 1
                }
            });
        }
        let anchor = self.anchor.bytes(trees.first().map_or(0..0, |tree| range(tree.span())));
        Some((columns, flow::extend(self.flow, op, more, &anchor)))
    }

    fn over_window(
        &mut self,
        op: OpId,
        relation: &Relation,
        spec: &ast::WindowSpec,
        bound: &BoundCall,
        partition: Vec<usize>,
    ) -> Option<Window> {
        const ONLY_TIME: &str = "a window is ordered by the stream's event time, and by nothing else";
        let place = bound.call.range.clone();
        let [order] = spec.order_by.as_slice() else {
            self.wrong_window_order(place, ONLY_TIME);
            return None;
        };
        let typed = self.record(&relation.scope, &order.expr, "in `ORDER BY`");
        if typed.expr.data_type.is_unknown() {
            return None;
        }
        let time = self.flow.output(op).event_time.as_ref().map(|time| time.column);
        let descending = order.options.asc == Some(false);
        let name = function::get(bound.call.function).name;
        let ranks = matches!(name, "rank" | "dense_rank");
        match column_of(&typed.expr) {
            Some(column) if !descending => {
                // In another order than time the frame says nothing more: that is reported by the operator.
                let is_time = time == Some(column);
                let frame = if is_time { self.frame(spec, bound, relation.keep)? } else { Frame::Rows(0) };
                Some(Window { partition, order: column, frame })
            }
            _ if ranks => {
                self.report(place, |at| {
                    Diagnostic::error(&code::RANK_WITHOUT_BOUND, at, format!("`{name}` in an order other than time changes with every row"))
                        .help("number the rows instead, and say how many are wanted: `ROW_NUMBER() OVER (...) AS n` and `WHERE n <= 10` around it")
                });
                None
            }
            Some(_) => {
                self.wrong_window_order(
                    range(order.expr.span()),
                    "a window looks back in time, so its order is ascending",
                );
                None
            }
            None => {
                self.wrong_window_order(range(order.expr.span()), ONLY_TIME);
                None
            }
        }
    }

    fn wrong_window_order(&mut self, place: Range<u32>, message: &str) {
        self.report(place, |at| Diagnostic::error(&code::OVER_WINDOW, at, message).help(ORDER_HELP));
    }

    /// Which earlier records count.
    fn frame(&mut self, spec: &ast::WindowSpec, bound: &BoundCall, keep: Option<Keep>) -> Option<Frame> {
        let name = function::get(bound.call.function).name;
        let place = bound.call.range.clone();
        if name == "lag" {
            if spec.window_frame.is_some() {
                self.report(place, |at| {
                    Diagnostic::error(
                        &code::OVER_WINDOW,
                        at,
                        "`lag` looks back by a number of records, so its window has no frame",
                    )
                    .help("leave `ROWS` or `RANGE` out")
                });
                return None;
            }
            let back = bound.call.args.get(1).and_then(function::constant_int).unwrap_or(1);
            return Some(Frame::Rows(u64::try_from(back).unwrap_or(1)));
        }
        let Some(frame) = &spec.window_frame else { return Some(self.unbounded(place, keep)) };
        let ends_now = matches!(frame.end_bound, None | Some(ast::WindowFrameBound::CurrentRow));
        match (&frame.units, &frame.start_bound) {
            _ if !ends_now => {
                self.wrong_frame(
                    place,
                    "a window ends with the current record: those after it have not come yet",
                );
                None
            }
            (ast::WindowFrameUnits::Range, ast::WindowFrameBound::Preceding(None)) => {
                Some(self.unbounded(place, keep))
            }
            (ast::WindowFrameUnits::Rows, ast::WindowFrameBound::Preceding(None)) => {
                self.wrong_frame(place, "`ROWS UNBOUNDED PRECEDING` tells records of the same time apart by their order of arrival");
                None
            }
            (ast::WindowFrameUnits::Range, ast::WindowFrameBound::CurrentRow) => Some(Frame::RangeMs(0)),
            (ast::WindowFrameUnits::Rows, ast::WindowFrameBound::CurrentRow) => Some(Frame::Rows(0)),
            (units, ast::WindowFrameBound::Preceding(Some(length))) => {
                let length = self.record(&Scope::default(), length, "in the frame of a window");
                let frame = match (units, &length.expr.node) {
                    (ast::WindowFrameUnits::Rows, ExprNode::Literal(Literal::Int(rows))) => {
                        u64::try_from(*rows).ok().map(Frame::Rows)
                    }
                    (
                        ast::WindowFrameUnits::Range,
                        ExprNode::Literal(Literal::Interval { months: 0, ms }),
                    ) => u64::try_from(*ms).ok().map(Frame::RangeMs),
                    _ => None,
                };
                if frame.is_none() && !length.expr.data_type.is_unknown() {
                    self.wrong_frame(place, "a window looks back by a constant interval of days or less, or by a constant number of rows");
                }
                frame
            }
            (
                _,
                ast::WindowFrameBound::CurrentRow
                | ast::WindowFrameBound::Preceding(_)
                | ast::WindowFrameBound::Following(_),
            ) => {
                self.wrong_frame(place, "this frame is not supported");
                None
            }
        }
    }

    fn wrong_frame(&mut self, place: Range<u32>, message: &str) {
        self.report(place, |at| {
            Diagnostic::error(&code::OVER_WINDOW, at, message).help(
                "write `RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW`, `ROWS BETWEEN 10 PRECEDING AND CURRENT ROW` or `RANGE UNBOUNDED PRECEDING`",
            )
        });
    }

    /// All earlier records, as long as they are kept.
    fn unbounded(&mut self, place: Range<u32>, keep: Option<Keep>) -> Frame {
        let anchor = self.anchor.bytes(place);
        require_keep(self.flow, keep, &anchor, "a window over all earlier records");
        Frame::Unbounded(keep.unwrap_or(Keep::Forever))
    }

    /// Numbered rows whose bound the query around may state.
    fn ranked(
        &mut self,
        op: OpId,
        relation: &Relation,
        columns: Vec<(String, Typed)>,
        (bound, spec, number): (BoundCall, &ast::WindowSpec, usize),
        place: Range<u32>,
    ) -> Table {
        let mut known = Vec::new();
        let Some((by, base)) = self.partition(op, &relation.scope, &spec.partition_by, &mut known) else {
            return Table::Unknown;
        };
        // What rows are numbered within is their key: a column that computes it is that very column.
        let columns = columns
            .into_iter()
            .map(|(name, typed)| {
                let expr = rewrite(&typed.expr, &mut |part| {
                    let (_, column) = known.iter().find(|(expr, _)| expr == part)?;
                    Some(Expr { node: ExprNode::Column(*column), ..part.clone() })
                });
                (name, Typed { expr, ..typed })
            })
            .collect();
        let mut order = Vec::with_capacity(spec.order_by.len());
        for item in &spec.order_by {
            let typed = self.record(&relation.scope, &item.expr, "in `ORDER BY`");
            if typed.expr.data_type.is_unknown() {
                return Table::Unknown;
            }
            let descending = item.options.asc == Some(false);
            // As in Flink, null is the least value.
            let nulls_first = item.options.nulls_first.unwrap_or(!descending);
            order.push(OrderBy { expr: typed.expr, descending, nulls_first });
        }
        if order.is_empty() || spec.window_frame.is_some() {
            self.report(bound.call.range, |at| {
                Diagnostic::error(
                    &code::OVER_WINDOW,
                    at,
                    "rows are numbered in an order, and without a frame",
                )
                .help("write `ROW_NUMBER() OVER (PARTITION BY k ORDER BY t)`")
            });
            return Table::Unknown;
        }
        let ranges = (place, bound.call.range.clone());
        let ranked =
            Ranked { base, by, order, columns, number, call: bound.call, keep: relation.keep, ranges };
        Table::Ranked(std::rc::Rc::new(ranked))
    }
}

/// The expression with the columns that calls became; one that is still open stays.
pub(super) fn placed(expr: &Expr, columns: &[Option<usize>]) -> Expr {
    moved(expr, &mut |column| columns.get(column.checked_sub(CALL_BASE)?).copied().flatten())
}
