//! Clauses of queries that the subset leaves out, each with the nearest thing that works.

use sqlparser::ast::{self, Spanned};

use super::prepass::WINDOW_FUNCTIONS;
use super::query::Ctx;
use super::relation::Table;
use super::token::range;
use crate::code::query as code;
use crate::diagnostic::Diagnostic;

const FIRST_ROWS: &str = "for the first rows of a group write `SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY x) AS n FROM t) WHERE n <= 10`";

impl Ctx<'_> {
    /// What may follow the body of a query elsewhere.
    pub(super) fn refuse_tail(&mut self, query: &ast::Query) {
        let end = range(query.body.span()).end;
        let order = query.order_by.as_ref().map(|order| range(order.span()));
        let limit = query.limit_clause.as_ref().map(|limit| range(limit.span()));
        if order.is_some() || limit.is_some() || query.fetch.is_some() {
            let place = order.into_iter().chain(limit).reduce(|a, b| a.start.min(b.start)..a.end.max(b.end));
            let place = place.filter(|place| !place.is_empty()).unwrap_or_else(|| self.marks.token_at(end));
            let has_limit = query.limit_clause.is_some() || query.fetch.is_some();
            let (message, help) = if has_limit {
                ("a stream has no end, so there are no first rows of all of it", FIRST_ROWS)
            } else {
                (
                    "a stream has no order of rows",
                    "leave `ORDER BY` out; what reads the sink orders as it likes",
                )
            };
            self.report(place, |at| Diagnostic::error(&code::ORDER_OR_LIMIT, at, message).help(help));
        }
        let others = !query.locks.is_empty()
            || query.for_clause.is_some()
            || query.settings.is_some()
            || query.format_clause.is_some()
            || !query.pipe_operators.is_empty();
        if others {
            let place = self.marks.token_at(end);
            self.report(place, |at| {
                Diagnostic::error(&code::CLAUSE, at, "what follows the query here is not supported")
                    .help("leave it out")
            });
        }
    }

    /// Set operations other than `UNION ALL`.
    pub(super) fn refuse_set(
        &mut self,
        body: &ast::SetExpr,
        op: ast::SetOperator,
        quantifier: ast::SetQuantifier,
    ) -> Table {
        let (what, help) = match (op, quantifier) {
            (ast::SetOperator::Union, ast::SetQuantifier::None | ast::SetQuantifier::Distinct) => (
                "`UNION` compares every row with all rows before it",
                "write `UNION ALL`; to keep each row once deduplicate its result by a key, with a stated `keep`",
            ),
            (ast::SetOperator::Union, _) => (
                "columns of a union go together by position",
                "write `UNION ALL` and select the columns in the same order",
            ),
            (ast::SetOperator::Intersect, _) => (
                "`INTERSECT` compares every row with all rows of the other side",
                "join the two by their key",
            ),
            (ast::SetOperator::Except | ast::SetOperator::Minus, _) => (
                "`EXCEPT` compares every row with all rows of the other side",
                "`LEFT JOIN` the other side by its key and keep the rows where that is null",
            ),
        };
        self.report(range(body.span()), |at| Diagnostic::error(&code::SET_OPERATION, at, what).help(help));
        Table::Unknown
    }

    /// `GROUP BY TUMBLE(t, INTERVAL ...)`; whether it is there.
    pub(super) fn refuse_group_window(&mut self, select: &ast::Select) -> bool {
        let ast::GroupByExpr::Expressions(trees, _) = &select.group_by else { return false };
        let found = trees.iter().find_map(|tree| {
            let ast::Expr::Function(function) = tree else { return None };
            let name = function.name.to_string();
            let known = WINDOW_FUNCTIONS.iter().find(|known| known.eq_ignore_ascii_case(&name))?;
            Some((*known, self.marks.call(range(function.name.span()))))
        });
        let Some((name, place)) = found else { return false };
        self.report(place, |at| {
            Diagnostic::error(&code::GROUP_WINDOW, at, format!("`{name}` is no function of a group"))
                .help(format!("write `FROM TABLE({name}(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end`"))
        });
        true
    }

    /// Clauses of `SELECT` that the subset leaves out.
    pub(super) fn refuse_clauses(&mut self, select: &ast::Select) {
        let word = range(select.select_token.0.span);
        let mut refuse = |place: std::ops::Range<u32>, message: &str, help: &str| {
            let place = if place.is_empty() { word.clone() } else { place };
            self.report(place, |at| Diagnostic::error(&code::CLAUSE, at, message).help(help));
        };
        if let Some(qualify) = &select.qualify {
            refuse(
                range(qualify.span()),
                "`QUALIFY` is not supported",
                "number the rows in a query of its own and compare the number around it: `SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY t) AS n FROM a) WHERE n = 1`",
            );
        }
        if select.top.is_some() {
            refuse(word.clone(), "`TOP` is not supported", FIRST_ROWS);
        }
        if let Some(ast::Distinct::On(on)) = &select.distinct {
            let place = on.first().map_or(0..0, |on| range(on.span()));
            refuse(
                place,
                "`DISTINCT ON` is not supported",
                "deduplicate: `SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY t) AS n FROM a) WHERE n = 1`",
            );
        }
        if select.into.is_some() {
            refuse(word.clone(), "`SELECT INTO` is not supported", "name the transform in a sink's `from`");
        }
        let others = !select.lateral_views.is_empty()
            || select.prewhere.is_some()
            || !select.connect_by.is_empty()
            || !select.cluster_by.is_empty()
            || !select.distribute_by.is_empty()
            || !select.sort_by.is_empty()
            || select.value_table_mode.is_some()
            || select.exclude.is_some()
            || select.select_modifiers.is_some();
        if others {
            refuse(
                word.clone(),
                "a clause of this `SELECT` is not supported",
                "the clauses are listed in docs/sql.md",
            );
        }
    }
}
