//! Groups: `GROUP BY` of queries, and the measures of the step `aggregate`.

use std::ops::Range;

use super::call::{CALL_BASE, Standing};
use super::expr::Binder;
use super::query::Ctx;
use super::relation::{Relation, WINDOW_BASE, WINDOW_COLUMNS, WindowTable};
use super::rewrite::{column_of, columns_of, moved, rewrite};
use super::scope::Scope;
use super::select::{Bound, BoundCall, is_call};
use super::syntax::{ParsedExpr, parse_expr, with_room};
use super::window_table::{is_window_column, time_name};
use crate::code::query as code;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::expr::{Expr, ExprNode};
use crate::flow::{self, Flow, Grouping, Typed, TypedMeasure};
use crate::graph::{Measure, OpId, WindowShape};

/// How the columns of a group are found: expressions over its input, and the column that each became.
struct Keys(Vec<(Expr, usize)>);

/// What stands behind `GROUP BY`, sorted.
struct Groups {
    by: Vec<usize>,
    /// Expressions that become columns first.
    more: Vec<(String, Typed)>,
    keys: Keys,
    /// Which of start, end and time of the window are among them.
    window: [bool; 3],
}

impl Ctx<'_> {
    /// `SELECT ... GROUP BY ... HAVING ...`; none if there is no sound result.
    pub(super) fn grouped(&mut self, relation: Relation, bound: Bound) -> Option<OpId> {
        let Relation { op, window, keep, .. } = relation;
        let input = op?;
        if self.refuse_window_calls(&bound) {
            return None;
        }
        let groups = self.sort_groups(input, &bound)?;
        let mut grouping = Grouping { window: None, time: None, by: groups.by, keep };
        if let Some(window) = window {
            grouping.window = Some(self.window_shape(input, &window, &grouping.by, groups.window)?);
            grouping.time = Some(window.time);
        }
        let anchor = self.anchor.bytes(bound.range.clone());
        let op = flow::extend(self.flow, input, groups.more, &anchor);
        let names: Vec<String> = (0..bound.calls.len()).map(|index| call_name(index, &bound.items)).collect();
        let offset = if grouping.window.is_some() { 3 } else { 0 };
        let mut keys = groups.keys;
        keys.0.iter_mut().filter(|(expr, _)| !is_window_key(expr)).for_each(|(_, column)| *column += offset);
        if offset > 0 {
            // The time of a window goes with its start and end.
            let time = Expr::column(WINDOW_BASE + 2, crate::data_type::DataType::Timestamp, false);
            keys.0.push((time, 2));
        }
        let first_call = offset + grouping.by.len();
        let mut op = aggregate(self.flow, op, grouping, &bound.calls, names, &anchor);
        if let Some(having) = &bound.having {
            let predicate = self.over_group(having, &keys, first_call, (input, &bound))?;
            let anchor = predicate.anchor.clone();
            op = flow::filter(self.flow, op, predicate, &anchor);
        }
        let mut items = Vec::with_capacity(bound.items.len());
        for (name, typed) in &bound.items {
            items.push((name.clone(), self.over_group(typed, &keys, first_call, (input, &bound))));
        }
        let items: Option<Vec<(String, Typed)>> =
            items.into_iter().map(|(name, typed)| Some((name, typed?))).collect();
        Some(self.projected(op, items?, bound.range))
    }

    /// Whether a call looks at columns of a window, which its records do not have: says so.
    fn refuse_window_calls(&mut self, bound: &Bound) -> bool {
        let reads_window = |expr: &Expr| columns_of(expr).into_iter().any(is_window_column);
        let stray = bound
            .calls
            .iter()
            .find(|bound| bound.call.args.iter().chain(&bound.call.filter).any(reads_window))
            .map(|bound| bound.call.range.clone());
        let Some(place) = stray else { return false };
        self.report(place, |at| {
            Diagnostic::error(
                &code::WINDOW_NOT_GROUPED,
                at,
                "all records of a group are in one window, so there is nothing to aggregate of its columns",
            )
            .help("name the column itself: `window_start`")
        });
        true
    }

    fn sort_groups(&mut self, op: OpId, bound: &Bound) -> Option<Groups> {
        let width = self.flow.output(op).columns.len();
        let mut groups =
            Groups { by: Vec::new(), more: Vec::new(), keys: Keys(Vec::new()), window: [false; 3] };
        for typed in &bound.groups {
            if typed.expr.data_type.is_unknown() {
                return None;
            }
            let columns = columns_of(&typed.expr);
            if columns.is_empty() {
                self.flow.diagnostics.push(
                    Diagnostic::error(
                        &code::NOT_GROUPED,
                        &typed.anchor,
                        "`GROUP BY` a constant makes one group of everything",
                    )
                    .help("name the column, or write the expression, to group by"),
                );
                return None;
            }
            let column = match column_of(&typed.expr) {
                Some(index) if is_window_column(index) => {
                    groups.window[index - WINDOW_BASE] = true;
                    groups.keys.0.push((typed.expr.clone(), index - WINDOW_BASE));
                    continue;
                }
                Some(index) => index,
                None if columns.iter().any(|&column| is_window_column(column)) => {
                    self.flow.diagnostics.push(
                        Diagnostic::error(
                            &code::WINDOW_NOT_GROUPED,
                            &typed.anchor,
                            "a window is grouped by its columns as they are",
                        )
                        .help(
                            "add `GROUP BY window_start, window_end`, and compute with them behind `SELECT`",
                        ),
                    );
                    return None;
                }
                None => {
                    groups.more.push((format!("_g{}", groups.more.len()), typed.clone()));
                    width + groups.more.len() - 1
                }
            };
            let known = groups.by.iter().position(|&by| by == column);
            let position = known.unwrap_or_else(|| {
                groups.by.push(column);
                groups.by.len() - 1
            });
            groups.keys.0.push((typed.expr.clone(), position));
        }
        Some(groups)
    }

    /// The shape of the window, if the groups go with it.
    fn window_shape(
        &mut self,
        op: OpId,
        window: &WindowTable,
        by: &[usize],
        grouped: [bool; 3],
    ) -> Option<WindowShape> {
        let [start, end, _] = grouped;
        if !start || !end {
            let missing = if start {
                "`window_end`"
            } else if end {
                "`window_start`"
            } else {
                "`window_start` and `window_end`"
            };
            self.report(window.range.clone(), |at| {
                Diagnostic::error(
                    &code::WINDOW_NOT_GROUPED,
                    at,
                    format!("the rows of a window function are not grouped by {missing}"),
                )
                .help("add `GROUP BY window_start, window_end`, and other columns as needed")
            });
            return None;
        }
        if let Some(partition) = &window.partition
            && (partition.iter().any(|column| !by.contains(column))
                || by.iter().any(|column| !partition.contains(column)))
        {
            let names: Vec<String> = by
                .iter()
                .filter_map(|&column| self.flow.output(op).columns.get(column))
                .map(|column| column.name.clone())
                .collect();
            let names = names.join(", ");
            let time = time_name(self.flow, op, window);
            self.report(window.range.clone(), |at| {
                let help = if names.is_empty() {
                    "leave `PARTITION BY` out, or group by the same columns".to_owned()
                } else {
                    format!("write `SESSION(TABLE ... PARTITION BY {names}, DESCRIPTOR({time}), ...)`")
                };
                Diagnostic::error(
                    &code::WINDOW_ARGUMENTS,
                    at,
                    "sessions are kept apart by other columns than the groups",
                )
                .help(help)
            });
            return None;
        }
        window.shape
    }

    /// An expression over the input of a group as one over the group; none if it reads what a group does not have.
    fn over_group(
        &mut self,
        typed: &Typed,
        keys: &Keys,
        first_call: usize,
        (input, bound): (OpId, &Bound),
    ) -> Option<Typed> {
        if typed.expr.data_type.is_unknown() {
            return None;
        }
        match put_over(&typed.expr, keys, first_call) {
            Ok(expr) => Some(Typed { expr, ..typed.clone() }),
            Err(column) => {
                let place = bound
                    .reads
                    .iter()
                    .find(|(index, place)| *index == column && is_inside(place, &typed.anchor));
                let place = place.map_or_else(|| bound.range.clone(), |(_, place)| place.clone());
                let anchor = self.anchor.bytes(place);
                report_not_grouped(self.flow, input, column, &anchor);
                None
            }
        }
    }
}

/// Binds the measures of the step `aggregate`, each a name, an expression and its place; gives the columns of the groups and one for each.
///
/// None if there is no sound result.
pub(crate) fn bind_measures(
    flow: &mut Flow,
    input: OpId,
    grouping: Grouping,
    texts: &[(String, String, Anchor)],
    anchor: &Anchor,
) -> Option<OpId> {
    with_room(|| measures(flow, input, grouping, texts, anchor))
}

fn measures(
    flow: &mut Flow,
    input: OpId,
    grouping: Grouping,
    texts: &[(String, String, Anchor)],
    anchor: &Anchor,
) -> Option<OpId> {
    let scope = Scope::of(flow, input, None);
    let mut calls: Vec<BoundCall> = Vec::new();
    let mut items: Vec<(String, Typed)> = Vec::new();
    for (name, text, at) in texts {
        let ParsedExpr { tree, marks } = match parse_expr(text) {
            Ok(parsed) => parsed,
            Err(problem) => {
                flow.diagnostics.push(problem.at(at));
                continue;
            }
        };
        let standing = Standing { place: "in a measure", aggregates: true, windows: false };
        let mut binder = Binder::new(&scope, &marks, at, &mut flow.diagnostics, standing);
        let value = binder.bind(&tree);
        let found = std::mem::take(&mut binder.calls.found);
        let before = calls.len();
        calls.extend(
            found.into_iter().map(|call| BoundCall {
                null: call.cause.clone().map(|cause| binder.cause(Some(cause))),
                call,
            }),
        );
        let typed = binder.finish(value);
        let expr = moved(&typed.expr, &mut |column| (column >= CALL_BASE).then_some(column + before));
        items.push((name.clone(), Typed { expr, ..typed }));
    }
    if items.len() < texts.len() || items.iter().any(|(_, typed)| typed.expr.data_type.is_unknown()) {
        return None;
    }
    let offset = if grouping.window.is_some() { 3 } else { 0 };
    let keys = Keys(
        grouping
            .by
            .iter()
            .enumerate()
            .map(|(position, &column)| (flow.column(input, column, anchor).expr, offset + position))
            .collect(),
    );
    let first_call = offset + grouping.by.len();
    let is_plain = items.len() == calls.len()
        && items.iter().enumerate().all(|(index, (_, typed))| is_call(typed) == Some(index));
    let names = (0..calls.len()).map(|index| call_name(index, &items)).collect();
    let op = aggregate(flow, input, grouping, &calls, names, anchor);
    if is_plain {
        return Some(op);
    }
    let mut columns: Vec<(String, Typed)> = (0..first_call)
        .map(|index| (flow.output(op).columns[index].name.clone(), flow.column(op, index, anchor)))
        .collect();
    for (name, typed) in items {
        match put_over(&typed.expr, &keys, first_call) {
            Ok(expr) => columns.push((name, Typed { expr, ..typed })),
            Err(column) => {
                report_not_grouped(flow, input, column, &typed.anchor);
                return None;
            }
        }
    }
    Some(flow::project(flow, op, columns, anchor))
}

fn report_not_grouped(flow: &mut Flow, input: OpId, column: usize, anchor: &Anchor) {
    let columns = &flow.output(input).columns;
    let window = column.checked_sub(WINDOW_BASE).and_then(|index| WINDOW_COLUMNS.get(index).copied());
    let name = window.or_else(|| columns.get(column).map(|column| column.name.as_str())).unwrap_or_default();
    let message = format!("`{name}` is not grouped by, so it has many values in each group");
    flow.diagnostics.push(Diagnostic::error(&code::NOT_GROUPED, anchor, message).help(format!(
        "group by it as well, or say which of its values: `max({name})`, `last_value({name})`"
    )));
}

/// The aggregate with its calls as measures.
fn aggregate(
    flow: &mut Flow,
    op: OpId,
    grouping: Grouping,
    calls: &[BoundCall],
    names: Vec<String>,
    anchor: &Anchor,
) -> OpId {
    let measures = calls.iter().zip(names).map(|(bound, name)| measure(bound, name)).collect();
    flow::aggregate(flow, op, grouping, measures, anchor)
}

/// A call as a measure under a name.
pub(super) fn measure(bound: &BoundCall, name: String) -> TypedMeasure {
    let call = bound.call.clone();
    TypedMeasure {
        measure: Measure {
            name,
            function: call.function,
            args: call.args,
            distinct: call.distinct,
            filter: call.filter,
        },
        data_type: call.data_type,
        null: bound.null.clone(),
    }
}

/// A call is called as the first column that is just this call.
pub(super) fn call_name(index: usize, items: &[(String, Typed)]) -> String {
    let named = items.iter().find(|(_, typed)| is_call(typed) == Some(index));
    named.map_or_else(|| format!("_m{index}"), |(name, _)| name.clone())
}

/// The expression with keys and calls as columns of the group; the column that is neither, if there is one.
fn put_over(expr: &Expr, keys: &Keys, first_call: usize) -> Result<Expr, usize> {
    let mut stray = None;
    let expr = rewrite(expr, &mut |expr| {
        if let Some((_, column)) = keys.0.iter().find(|(key, _)| key == expr) {
            return Some(Expr { node: ExprNode::Column(*column), ..expr.clone() });
        }
        let ExprNode::Column(index) = expr.node else { return None };
        if index >= CALL_BASE {
            return Some(Expr { node: ExprNode::Column(first_call + index - CALL_BASE), ..expr.clone() });
        }
        stray = stray.or(Some(index));
        None
    });
    stray.map_or(Ok(expr), Err)
}

fn is_window_key(expr: &Expr) -> bool {
    matches!(expr.node, ExprNode::Column(index) if is_window_column(index))
}

fn is_inside(place: &Range<u32>, anchor: &Anchor) -> bool {
    match anchor.part {
        crate::diagnostic::Part::Bytes { start, end } => start <= place.start && place.end <= end,
        crate::diagnostic::Part::Value | crate::diagnostic::Part::Key => true,
    }
}
