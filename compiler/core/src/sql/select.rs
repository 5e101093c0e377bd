//! `SELECT`: what it reads, keeps, groups and gives, in the order in which SQL means it.

use std::ops::Range;

use sqlparser::ast::{self, Spanned};

use super::call::{CALL_BASE, Call, Standing};
use super::hint::Hint;
use super::item::Item;
use super::query::Ctx;
use super::relation::{Relation, Table};
use super::rewrite::column_of;
use super::scope::Scope;
use super::token::range;
use crate::code::query as code;
use crate::diagnostic::Diagnostic;
use crate::expr::ExprNode;
use crate::flow::{self, Grouping, NullCause, Typed};
use crate::graph::{Keep, OpId};
use crate::near::near;

/// The expressions of a `SELECT`, bound over what stands behind `FROM`.
pub(super) struct Bound {
    /// The columns that it gives, by name.
    pub(super) items: Vec<(String, Typed)>,
    /// What it groups by.
    pub(super) groups: Vec<Typed>,
    pub(super) having: Option<Typed>,
    /// Calls that look at several records; columns from [`CALL_BASE`] on stand for them.
    pub(super) calls: Vec<BoundCall>,
    /// Columns read, each with its place.
    pub(super) reads: Vec<(usize, Range<u32>)>,
    /// The columns as written.
    pub(super) range: Range<u32>,
}

/// A call with the reason why its value may be null.
#[derive(Debug, Clone)]
pub(super) struct BoundCall {
    pub(super) call: Call,
    pub(super) null: Option<NullCause>,
}

impl Ctx<'_> {
    pub(super) fn select(&mut self, select: &ast::Select) -> Table {
        let must_name = std::mem::replace(&mut self.names_matter, true);
        self.refuse_clauses(select);
        if self.refuse_group_window(select) {
            return Table::Unknown;
        }
        let hint = self.hint(select);
        let outer = std::mem::replace(&mut self.keeps, hint.keeps.clone());
        let mut relation = self.from(select);
        if !self.check_hint(&hint, &relation.scope) {
            // That state has no bound is then not a second problem.
            relation.keep = relation.keep.or(Some(Keep::Forever));
        }
        self.keeps = outer;
        let relation = self.filtered(relation, select.selection.as_ref());
        let Some(items) = self.items(select, &relation.scope, must_name) else { return Table::Unknown };
        let Some(mut bound) = self.bind_select(select, &relation.scope, &items) else {
            return Table::Unknown;
        };
        let mut is_distinct = matches!(select.distinct, Some(ast::Distinct::Distinct));
        let mut is_grouped = !bound.groups.is_empty()
            || bound.having.is_some()
            || bound.calls.iter().any(|bound| bound.call.over.is_none());
        if is_distinct && !is_grouped && relation.window.is_some() {
            bound.groups = bound.items.iter().map(|(_, typed)| typed.clone()).collect();
            is_grouped = true;
            is_distinct = false;
        }
        let keep = relation.keep;
        let table = self.gives(select, relation, bound, is_grouped);
        if !is_distinct {
            return table;
        }
        let Some(op) = self.whole(&table) else { return Table::Unknown };
        let by = (0..self.flow.output(op).columns.len()).collect();
        let anchor = self.anchor.bytes(range(select.select_token.0.span));
        let grouping = Grouping { window: None, time: None, by, keep };
        Table::Op(flow::aggregate(self.flow, op, grouping, Vec::new(), &anchor))
    }

    /// The result, by what the calls in it look at.
    fn gives(&mut self, select: &ast::Select, relation: Relation, bound: Bound, is_grouped: bool) -> Table {
        let over =
            bound.calls.iter().find(|bound| bound.call.over.is_some()).map(|bound| bound.call.range.clone());
        if is_grouped {
            if let Some(place) = over {
                self.report(place, |at| {
                    Diagnostic::error(
                        &code::MIXED_CALLS,
                        at,
                        "a call over a window of records stands beside a group",
                    )
                    .help("group in a CTE, and compute over its rows in the query around it")
                });
                return Table::Unknown;
            }
            return self.grouped(relation, bound).map_or(Table::Unknown, Table::Op);
        }
        if let Some(window) = &relation.window {
            self.report(window.range.clone(), |at| {
                Diagnostic::error(
                    &code::WINDOW_NOT_GROUPED,
                    at,
                    "the rows of a window function are not grouped by their window",
                )
                .help("add `GROUP BY window_start, window_end`, and other columns as needed")
            });
            return Table::Unknown;
        }
        let Some(op) = relation.op else { return Table::Unknown };
        if over.is_some() {
            return self.windowed(select, op, &relation, bound);
        }
        Table::Op(self.projected(op, bound.items, bound.range))
    }

    /// The chosen columns; all of the input as it is needs no operator.
    pub(super) fn projected(&mut self, op: OpId, items: Vec<(String, Typed)>, place: Range<u32>) -> OpId {
        let columns = &self.flow.output(op).columns;
        let is_same = items.len() == columns.len()
            && items.iter().enumerate().all(|(index, (name, typed))| {
                typed.expr.node == ExprNode::Column(index) && columns[index].name == *name
            });
        let has_repeats =
            (1..items.len()).any(|index| items[..index].iter().any(|(name, _)| *name == items[index].0));
        if is_same && !has_repeats {
            return op;
        }
        let anchor = self.anchor.bytes(place);
        flow::project(self.flow, op, items, &anchor)
    }

    fn bind_select(&mut self, select: &ast::Select, scope: &Scope, items: &[Item<'_>]) -> Option<Bound> {
        let group_by = self.group_by(select)?;
        let mut binder = self.binder(scope, Standing { place: "here", aggregates: true, windows: true });
        let mut bound_items = Vec::with_capacity(items.len());
        for item in items {
            let (name, value) = match item {
                Item::Star(place, range) => {
                    let column = &binder.scope.columns[*place];
                    (column.column.name.clone(), binder.star(*place, range.clone()))
                }
                Item::Tree(tree, name) => (name.clone(), binder.bind(tree)),
            };
            bound_items.push((name, binder.finish(value)));
        }
        binder.calls.stand(Standing { place: "in `HAVING`", aggregates: true, windows: false });
        let having = select.having.as_ref().map(|tree| {
            let value = binder.condition(tree);
            binder.finish(value)
        });
        binder.calls.stand(Standing::record("in `GROUP BY`"));
        let groups = group_by
            .iter()
            .map(|tree| {
                let value = binder.bind(tree);
                binder.finish(value)
            })
            .collect();
        let calls = std::mem::take(&mut binder.calls.found);
        let calls = calls
            .into_iter()
            .map(|call| BoundCall { null: call.cause.clone().map(|cause| binder.cause(Some(cause))), call })
            .collect();
        let reads = std::mem::take(&mut binder.reads);
        let places: Vec<Range<u32>> = select.projection.iter().map(|item| range(item.span())).collect();
        let start = places.first().map_or(0, |place| place.start);
        let end = places.last().map_or(start, |place| place.end);
        Some(Bound { items: bound_items, groups, having, calls, reads, range: self.marks.closed(start..end) })
    }

    /// The expressions behind `GROUP BY`; none if its form is not supported.
    fn group_by<'s>(&mut self, select: &'s ast::Select) -> Option<Vec<&'s ast::Expr>> {
        if let ast::GroupByExpr::Expressions(trees, modifiers) = &select.group_by
            && modifiers.is_empty()
        {
            return Some(trees.iter().collect());
        }
        let place = range(select.group_by.span());
        let place = if place.is_empty() { range(select.select_token.0.span) } else { place };
        self.report(place, |at| {
            Diagnostic::error(&code::CLAUSE, at, "this form of `GROUP BY` is not supported")
                .help("name the columns to group by")
        });
        None
    }

    /// A hint must name inputs of its own `SELECT`; whether it does.
    fn check_hint(&mut self, hint: &Hint, scope: &Scope) -> bool {
        let mut is_sound = hint.range.is_empty() || !hint.keeps.is_empty();
        for (name, _) in &hint.keeps {
            if scope.open || scope.has_qualifier(name) {
                continue;
            }
            is_sound = false;
            let meant = near(name, scope.qualifiers()).map(str::to_owned);
            let names: Vec<String> = scope.qualifiers().iter().map(|name| format!("`{name}`")).collect();
            let names = names.join(", ");
            self.report(hint.range.clone(), |at| {
                let diagnostic = Diagnostic::error(
                    &code::HINT,
                    at,
                    format!("this `SELECT` reads no input called `{name}`"),
                )
                .note(format!("it reads {names}"));
                match meant {
                    Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
                    None => diagnostic.help("name an input as it is called behind `FROM`"),
                }
            });
        }
        is_sound
    }
}

/// The call that a column is, if it is just that.
pub(super) fn is_call(typed: &Typed) -> Option<usize> {
    column_of(&typed.expr)?.checked_sub(CALL_BASE)
}
