//! Joins: what must be equal, and how time bounds the partners.

use std::ops::Range;

use sqlparser::ast::{self, Spanned};

use super::from::{as_of, unnest_call};
use super::item::COLUMNS_MAX;
use super::query::Ctx;
use super::relation::Relation;
use super::rewrite::{columns_of, conjuncts, is_poisoned, shifted};
use super::scope::Scope;
use super::time_bound::{TimeBound, time_bound};
use super::token::range;
use crate::code::query as code;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::expr::{Expr, ExprNode};
use crate::flow::{self, Bound, Joining, Typed};
use crate::function::resolve;
use crate::graph::{JoinKind, Keep, OpId};
use crate::stream::StreamKind;

/// What a condition asks for.
struct Condition {
    /// Over the left, over the right.
    on: Vec<(Expr, Expr)>,
    /// All else, over both.
    rest: Vec<Expr>,
    /// How far the right's event time may lie from the left's.
    time: TimeBound,
    /// The parts of the condition that say so.
    timed: Vec<Expr>,
    range: Range<u32>,
}

impl Ctx<'_> {
    /// One `JOIN` behind what stands before it.
    pub(super) fn join(&mut self, left: Relation, join: &ast::Join) -> Relation {
        let place = range(join.relation.span());
        if unnest_call(&join.relation).is_some() {
            return self.join_unnest(left, join);
        }
        let mut left = self.settled(left);
        let right = self.factor(&join.relation);
        let mut right = self.settled(right);
        self.refuse_window(&mut left);
        self.refuse_window(&mut right);
        if let Some(name) = right.scope.qualifiers().into_iter().find(|name| left.scope.has_qualifier(name)) {
            let message = format!("two inputs are called `{name}`");
            self.report(place, |at| {
                Diagnostic::error(&code::DUPLICATE_INPUT, at, message)
                    .help("give one of them an alias: `orders AS a`")
            });
            return Relation::unknown();
        }
        if left.scope.columns.len() + right.scope.columns.len() > COLUMNS_MAX {
            self.too_wide(place);
            return Relation::unknown();
        }
        // Of a side that was refused nothing more is said.
        let is_said = right.op.is_none() && matches!(join.join_operator, ast::JoinOperator::CrossJoin(_));
        let kind_and_condition =
            if is_said { None } else { self.kind_and_condition(&join.join_operator, &place) };
        let Some((kind, on)) = kind_and_condition else {
            let scope = left.scope.join(right.scope, 0);
            return Relation { scope: Scope { open: true, ..scope }, ..Relation::unknown() };
        };
        let split = left.op.map_or(0, |op| self.flow.output(op).columns.len());
        let time =
            as_of(&join.relation).map(|time| self.record(&left.scope, time, "in `FOR SYSTEM_TIME AS OF`"));
        let keeps = (left.keep, right.keep);
        let ops = left.op.zip(right.op);
        let scope = left.scope.join(right.scope, split);
        let condition = self.condition(&scope, on, ops, split);
        let mut relation = Relation { scope, keep: keeps.0.max(keeps.1), ..Relation::unknown() };
        let Some((ops, condition)) = ops.zip(condition) else {
            relation.scope.open = true;
            return relation;
        };
        match self.joined(ops, kind, condition, time, keeps) {
            Some(op) => relation.put(self.flow, op),
            None => relation.scope.open = true,
        }
        relation
    }

    fn join_unnest(&mut self, left: Relation, join: &ast::Join) -> Relation {
        let is_true = |constraint: &ast::JoinConstraint| match constraint {
            ast::JoinConstraint::On(ast::Expr::Value(value)) => value.value == ast::Value::Boolean(true),
            ast::JoinConstraint::None => true,
            ast::JoinConstraint::On(_) | ast::JoinConstraint::Using(_) | ast::JoinConstraint::Natural => {
                false
            }
        };
        #[expect(clippy::wildcard_enum_match_arm, reason = "all other joins are refused as one")]
        let keep_empty = match &join.join_operator {
            ast::JoinOperator::CrossJoin(constraint)
            | ast::JoinOperator::Join(constraint)
            | ast::JoinOperator::Inner(constraint)
                if is_true(constraint) =>
            {
                false
            }
            ast::JoinOperator::Left(constraint) | ast::JoinOperator::LeftOuter(constraint)
                if is_true(constraint) =>
            {
                true
            }
            _ => {
                self.report(range(join.relation.span()), |at| {
                    Diagnostic::error(&code::JOIN_CONDITION, at, "a list is unfolded for its own record only")
                        .help("write `CROSS JOIN UNNEST(...)`, or `LEFT JOIN UNNEST(...) ON TRUE` to keep records without elements; other conditions go into `WHERE`")
                });
                false
            }
        };
        self.unnest(left, &join.relation, keep_empty)
    }

    /// Which records are kept, and the condition behind `ON`; none if what is wrong has been said.
    fn kind_and_condition<'j>(
        &mut self,
        operator: &'j ast::JoinOperator,
        place: &Range<u32>,
    ) -> Option<(JoinKind, &'j ast::Expr)> {
        #[expect(clippy::wildcard_enum_match_arm, reason = "joins of other databases are refused as one")]
        let (kind, constraint) = match operator {
            ast::JoinOperator::Join(constraint) | ast::JoinOperator::Inner(constraint) => {
                (JoinKind::Inner, constraint)
            }
            ast::JoinOperator::Left(constraint) | ast::JoinOperator::LeftOuter(constraint) => {
                (JoinKind::Left, constraint)
            }
            ast::JoinOperator::Right(constraint) | ast::JoinOperator::RightOuter(constraint) => {
                (JoinKind::Right, constraint)
            }
            ast::JoinOperator::FullOuter(constraint) => (JoinKind::Full, constraint),
            other => {
                let (message, help) = if matches!(other, ast::JoinOperator::CrossJoin(_)) {
                    (
                        "a cross join pairs every row with every row",
                        "write `JOIN ... ON` with the columns that must be equal",
                    )
                } else {
                    (
                        "this kind of join is not supported",
                        "write `JOIN`, `LEFT JOIN`, `RIGHT JOIN` or `FULL JOIN` with `ON`",
                    )
                };
                self.refuse_join(place.clone(), message, help.to_owned());
                return None;
            }
        };
        match constraint {
            ast::JoinConstraint::On(on) => Some((kind, on)),
            ast::JoinConstraint::Using(names) => {
                let first = names.first().map(ToString::to_string).unwrap_or_default();
                let help = format!("write it out: `ON a.{first} = b.{first}`");
                self.refuse_join(place.clone(), "`USING` is not supported: which of the two columns is meant afterwards depends on the join", help);
                None
            }
            ast::JoinConstraint::Natural => {
                self.refuse_join(
                    place.clone(),
                    "`NATURAL JOIN` is not supported: a new column would change what is joined",
                    "write out which columns are equal: `ON a.k = b.k`".to_owned(),
                );
                None
            }
            ast::JoinConstraint::None => {
                self.refuse_join(
                    place.clone(),
                    "this join does not say what must be equal",
                    "add `ON a.k = b.k`".to_owned(),
                );
                None
            }
        }
    }

    fn refuse_join(&mut self, place: Range<u32>, message: &str, help: String) {
        self.report(place, |at| Diagnostic::error(&code::JOIN_CONDITION, at, message).help(help));
    }

    /// Takes a condition apart; none if it has a diagnostic.
    fn condition(
        &mut self,
        scope: &Scope,
        on: &ast::Expr,
        ops: Option<(OpId, OpId)>,
        split: usize,
    ) -> Option<Condition> {
        let typed = self.record(scope, on, "in `ON`");
        if is_poisoned(&typed.expr) {
            return None;
        }
        if let Some(message) = super::expr::not_a_condition(&typed.expr.data_type) {
            self.flow.diagnostics.push(
                Diagnostic::error(&crate::code::expression::NOT_A_CONDITION, &typed.anchor, message)
                    .help("compare a column of each side: `ON a.k = b.k`"),
            );
            return None;
        }
        let (left, right) = ops?;
        let time_of = |op: OpId| self.flow.output(op).event_time.as_ref().map(|time| time.column);
        let times = time_of(left).zip(time_of(right).map(|column| column + split));
        let mut condition = Condition {
            on: Vec::new(),
            rest: Vec::new(),
            time: TimeBound::default(),
            timed: Vec::new(),
            range: range(on.span()),
        };
        for part in conjuncts(typed.expr) {
            if let Some(times) = times
                && let Some(bound) = time_bound(&part, times)
            {
                condition.time = condition.time.and(bound);
                // Equal times are an equality like any other, and bound each other besides.
                if pair(&part, split).is_none() {
                    condition.timed.push(part);
                    continue;
                }
            }
            match pair(&part, split) {
                Some(pair) => condition.on.push(pair),
                None => condition.rest.push(part),
            }
        }
        Some(condition)
    }

    fn joined(
        &mut self,
        (left, right): (OpId, OpId),
        kind: JoinKind,
        mut condition: Condition,
        time: Option<Typed>,
        keeps: (Option<Keep>, Option<Keep>),
    ) -> Option<OpId> {
        let anchor = self.anchor.bytes(condition.range.clone());
        if condition.on.is_empty() {
            self.refuse_join(
                condition.range,
                "this join does not ask for anything to be equal, so every row is compared with every row",
                "add a column of each side that must be equal: `a.k = b.k AND ...`".to_owned(),
            );
            return None;
        }
        let both_append = [left, right].iter().all(|&op| self.flow.output(op).kind == StreamKind::Append);
        let bound = match time {
            Some(typed) => {
                condition.rest.append(&mut condition.timed);
                self.version(&typed, kind)?
            }
            None => match condition.time.both().filter(|_| both_append) {
                Some((lower_ms, upper_ms)) => Bound::Interval { lower_ms, upper_ms },
                None => {
                    let half = !condition.timed.is_empty() && both_append;
                    condition.rest.append(&mut condition.timed);
                    self.kept(keeps, half, &anchor)
                }
            },
        };
        let typed = |expr: Expr, anchor: &Anchor| Typed { expr, null: None, anchor: anchor.clone() };
        let on = condition.on.into_iter().map(|(a, b)| (typed(a, &anchor), typed(b, &anchor))).collect();
        let rest = condition.rest.into_iter().reduce(both);
        let how = Joining { kind, on, condition: rest.map(|expr| typed(expr, &anchor)), time: bound };
        Some(flow::join(self.flow, left, right, how, &anchor))
    }

    /// As of which column of the left; none if what is wrong has been said.
    fn version(&mut self, typed: &Typed, kind: JoinKind) -> Option<Bound> {
        let wrong =
            |message: &str, help: &str| Diagnostic::error(&code::TEMPORAL, &typed.anchor, message).help(help);
        let ExprNode::Column(left) = typed.expr.node else {
            if !typed.expr.data_type.is_unknown() {
                self.flow.diagnostics.push(wrong(
                    "the time of a temporal join is the event time of its left side",
                    "name the column itself: `FOR SYSTEM_TIME AS OF o.ordered_at`",
                ));
            }
            return None;
        };
        if matches!(kind, JoinKind::Right | JoinKind::Full) {
            self.flow.diagnostics.push(wrong(
                "a temporal join has no rows of its right side alone",
                "write `JOIN` or `LEFT JOIN`",
            ));
            return None;
        }
        Some(Bound::AsOf { left })
    }

    /// A join that keeps both sides. One that compares times in one direction only says what is missing.
    fn kept(&mut self, keeps: (Option<Keep>, Option<Keep>), half: bool, anchor: &Anchor) -> Bound {
        if half && keeps.0.and(keeps.1).is_none() {
            self.flow.diagnostics.push(
                Diagnostic::error(&code::HALF_INTERVAL, anchor, "the times of this join are bounded on one side only")
                    .help("bound them on both sides: `b.t BETWEEN a.t - INTERVAL '1' HOUR AND a.t + INTERVAL '1' HOUR`"),
            );
            return Bound::Keep(Some(Keep::Forever));
        }
        Bound::KeepEach { left: keeps.0, right: keeps.1 }
    }

    /// A window function must be grouped before anything else.
    pub(super) fn refuse_window(&mut self, relation: &mut Relation) {
        let Some(window) = relation.window.take() else { return };
        self.report(window.range, |at| {
            Diagnostic::error(&code::WINDOW_NOT_GROUPED, at, "the rows of a window function can't be joined")
                .help("group them first, in a CTE, by `window_start` and `window_end`, and join that")
        });
        relation.scope.open = true;
        relation.op = None;
    }
}

/// The sides of an equality of which each reads one input only: over the left, over the right.
fn pair(part: &Expr, split: usize) -> Option<(Expr, Expr)> {
    let Some(("=", [a, b])) = super::operator::called(part) else { return None };
    let side = |expr: &Expr| {
        let columns = columns_of(expr);
        let left = !columns.is_empty() && columns.iter().all(|&column| column < split);
        let right = !columns.is_empty() && columns.iter().all(|&column| column >= split);
        (left, right)
    };
    match (side(a), side(b)) {
        ((true, _), (_, true)) => Some((a.clone(), shifted(b, split))),
        ((_, true), (true, _)) => Some((b.clone(), shifted(a, split))),
        _ => None,
    }
}

/// `a AND b`.
pub(super) fn both(a: Expr, b: Expr) -> Expr {
    resolve("and", &[a, b]).map_or_else(|_| Expr::poison(), crate::function::Resolved::into_expr)
}
