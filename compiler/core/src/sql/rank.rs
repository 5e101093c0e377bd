//! `WHERE`, and what it makes of numbered rows: `n = 1` is a deduplication or a top-N, `n <= 10` a top-N.

use sqlparser::ast::{self, BinaryOperator, Spanned};

use super::call::Standing;
use super::group::measure;
use super::over::placed;
use super::query::Ctx;
use super::relation::{Ranked, Relation};
use super::scope::Scope;
use super::select::BoundCall;
use super::token::range;
use super::window_table::is_window_column;
use crate::code::query as code;
use crate::data_type::DataType;
use crate::diagnostic::Diagnostic;
use crate::expr::{Expr, ExprNode, Literal};
use crate::flow::{self, Ranking, Typed, require_keep};
use crate::graph::{Frame, Keep, Kept, OpId};

/// A bound of a number, and whether it says all that its condition says.
struct Limit {
    rows: u64,
    is_all: bool,
}

impl Ctx<'_> {
    /// What stands behind `FROM`, with `WHERE`.
    pub(super) fn filtered(&mut self, mut relation: Relation, selection: Option<&ast::Expr>) -> Relation {
        let mut parts = selection.map(and_parts).unwrap_or_default();
        if let Some(ranked) = relation.ranked.take() {
            let bound = parts.iter().enumerate().find_map(|(index, part)| {
                limit(part, &relation.scope, ranked.number).map(|limit| (index, limit))
            });
            let op = match bound {
                None => self.numbered(&ranked),
                Some((index, limit)) => {
                    if limit.is_all {
                        parts.remove(index);
                    }
                    self.first_rows(&ranked, limit.rows)
                }
            };
            relation.put(self.flow, op);
        }
        let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return relation };
        let place = range(first.span()).start..range(last.span()).end;
        let mut binder = self.binder(&relation.scope, Standing::record("in `WHERE`"));
        let mut whole = None;
        for part in parts {
            let value = binder.condition(part);
            whole = Some(match whole {
                None => value,
                Some(before) => binder.apply("and", vec![before, value], place.clone()),
            });
        }
        let Some(value) = whole else { return relation };
        let window_read = binder.reads.iter().find(|(column, _)| is_window_column(*column)).cloned();
        let typed = binder.finish(value);
        if let Some((_, place)) = window_read {
            self.report(place, |at| {
                Diagnostic::error(
                    &code::WINDOW_NOT_GROUPED,
                    at,
                    "`WHERE` looks at records before they are in a window",
                )
                .help("compare the window's columns in `HAVING`")
            });
            relation.op = None;
            return relation;
        }
        if typed.expr.data_type.is_unknown() {
            return relation;
        }
        if let Some(op) = relation.op {
            let anchor = typed.anchor.clone();
            let op = flow::filter(self.flow, op, typed, &anchor);
            relation.put(self.flow, op);
        }
        relation
    }

    /// Only the first rows of each group.
    fn first_rows(&mut self, ranked: &Ranked, rows: u64) -> OpId {
        let anchor = self.anchor.bytes(ranked.ranges.1.clone());
        let time = self.flow.output(ranked.base).event_time.as_ref().map(|time| time.column);
        let by_time = match ranked.order.as_slice() {
            [order] if time.is_some_and(|time| order.expr.node == ExprNode::Column(time)) => {
                Some(order.descending)
            }
            _ => None,
        };
        let one =
            Expr { node: ExprNode::Literal(Literal::Int(1)), data_type: DataType::Int64, nullable: false };
        let (op, number) = match by_time {
            Some(newest) if rows == 1 => {
                require_keep(self.flow, ranked.keep, &anchor, "a deduplication without a bound in time");
                let keep = ranked.keep.unwrap_or(Keep::Forever);
                let kept = match (newest, keep) {
                    (true, keep) => Kept::Last(keep),
                    (false, Keep::ForMs(ms)) => Kept::FirstWithinMs(ms),
                    (false, Keep::Forever) => Kept::FirstWithinMs(u64::MAX),
                };
                (flow::deduplicate(self.flow, ranked.base, ranked.by.clone(), kept, &anchor), one)
            }
            Some(_) | None => {
                let rank = (rows > 1).then(|| ranked.columns[ranked.number].0.clone());
                let number = match rank {
                    Some(_) => {
                        Expr::column(self.flow.output(ranked.base).columns.len(), DataType::Int64, false)
                    }
                    None => one,
                };
                let ranking = Ranking {
                    by: ranked.by.clone(),
                    order: ranked.order.clone(),
                    limit: rows,
                    keep: ranked.keep,
                    rank,
                };
                (flow::top_n(self.flow, ranked.base, ranking, &anchor), number)
            }
        };
        self.with_number(op, ranked, &number)
    }

    /// All rows with their number, where nothing bounds it.
    pub(super) fn numbered(&mut self, ranked: &Ranked) -> OpId {
        let place = ranked.ranges.1.clone();
        let anchor = self.anchor.bytes(place.clone());
        let width = self.flow.output(ranked.base).columns.len();
        let op = match ranked.order.as_slice() {
            [order] if !order.descending && matches!(order.expr.node, ExprNode::Column(_)) => {
                let ExprNode::Column(column) = order.expr.node else { return ranked.base };
                require_keep(self.flow, ranked.keep, &anchor, "a number over all earlier records");
                let frame = Frame::Unbounded(ranked.keep.unwrap_or(Keep::Forever));
                let bound = BoundCall { call: ranked.call.clone(), null: None };
                let call = measure(&bound, ranked.columns[ranked.number].0.clone());
                flow::over(self.flow, ranked.base, ranked.by.clone(), column, frame, vec![call], &anchor)
            }
            _ => {
                self.report(place, |at| {
                    Diagnostic::error(&code::RANK_WITHOUT_BOUND, at, "numbers in an order other than time change with every row, and nothing says how many rows are wanted")
                        .help("compare the number in the `WHERE` of the query around it: `WHERE n <= 10`")
                });
                let number =
                    (ranked.columns[ranked.number].0.clone(), ranked.columns[ranked.number].1.clone());
                let zero = Expr {
                    node: ExprNode::Literal(Literal::Int(0)),
                    data_type: DataType::Int64,
                    nullable: false,
                };
                flow::extend(
                    self.flow,
                    ranked.base,
                    vec![(number.0, Typed { expr: zero, ..number.1 })],
                    &anchor,
                )
            }
        };
        self.with_number(op, ranked, &Expr::column(width, DataType::Int64, false))
    }

    /// The columns of a query with numbered rows.
    fn with_number(&mut self, op: OpId, ranked: &Ranked, number: &Expr) -> OpId {
        let items = ranked
            .columns
            .iter()
            .enumerate()
            .map(|(index, (name, typed))| {
                let expr = if index == ranked.number { number.clone() } else { placed(&typed.expr, &[]) };
                (name.clone(), Typed { expr, ..typed.clone() })
            })
            .collect();
        self.projected(op, items, ranked.ranges.0.clone())
    }
}

/// The parts of a condition as written, joined by `AND`.
fn and_parts(tree: &ast::Expr) -> Vec<&ast::Expr> {
    let mut parts = Vec::new();
    let mut rest = vec![tree];
    while let Some(tree) = rest.pop() {
        #[expect(clippy::wildcard_enum_match_arm, reason = "all else is a part as it is")]
        match tree {
            ast::Expr::BinaryOp { left, op: BinaryOperator::And, right } => rest.extend([&**right, &**left]),
            ast::Expr::Nested(inner)
                if matches!(**inner, ast::Expr::BinaryOp { op: BinaryOperator::And, .. }) =>
            {
                rest.push(inner);
            }
            tree => parts.push(tree),
        }
    }
    parts
}

/// The bound that a condition sets to a number.
fn limit(tree: &ast::Expr, scope: &Scope, number: usize) -> Option<Limit> {
    if let ast::Expr::Nested(inner) = tree {
        return limit(inner, scope, number);
    }
    if let ast::Expr::Between { expr, negated: false, low, high } = tree {
        let rows = is_number(expr, scope, number).then(|| integer(high))??;
        return Some(Limit { rows, is_all: integer(low) == Some(1) });
    }
    let ast::Expr::BinaryOp { left, op, right } = tree else { return None };
    let (value, turned) = if is_number(left, scope, number) {
        (integer(right)?, false)
    } else if is_number(right, scope, number) {
        (integer(left)?, true)
    } else {
        return None;
    };
    let (rows, is_all) = match (op, turned) {
        (BinaryOperator::Eq, _) => (value, value == 1),
        (BinaryOperator::LtEq, false) | (BinaryOperator::GtEq, true) => (value, true),
        (BinaryOperator::Lt, false) | (BinaryOperator::Gt, true) => (value.checked_sub(1)?, true),
        _ => return None,
    };
    (rows > 0).then_some(Limit { rows, is_all })
}

fn is_number(tree: &ast::Expr, scope: &Scope, number: usize) -> bool {
    #[expect(clippy::wildcard_enum_match_arm, reason = "nothing else is a name")]
    let (qualifier, name) = match tree {
        ast::Expr::Identifier(ident) => (None, &ident.value),
        ast::Expr::CompoundIdentifier(idents) if idents.len() == 2 => {
            (Some(&idents[0].value), &idents[1].value)
        }
        _ => return false,
    };
    scope.columns.iter().any(|column| {
        column.index == number
            && column.column.name == *name
            && qualifier.is_none_or(|qualifier| column.qualifier.as_ref() == Some(qualifier))
    })
}

fn integer(tree: &ast::Expr) -> Option<u64> {
    let ast::Expr::Value(value) = tree else { return None };
    let ast::Value::Number(text, _) = &value.value else { return None };
    text.parse().ok()
}
