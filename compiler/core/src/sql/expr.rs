//! Takes a text and the columns in scope; gives a typed expression.
//!
//! What is wrong becomes one diagnostic and a poison value, so that nothing above complains again.

use std::ops::Range;

use sqlparser::ast::{self, Spanned};

use super::call::{Calls, Standing};
use super::marks::Marks;
use super::scope::Scope;
use super::syntax::{ParsedExpr, parse_expr, with_room};
use super::token::range;
use super::value::{Cause, Value};
use crate::code::expression as code;
use crate::data_type::DataType;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::expr::{Expr, ExprNode};
use crate::flow::{NullCause, Typed};
use crate::function::{CastRule, cast_rule, cast_to, common_type};
use crate::type_name::parse_sql_type;

/// Binds an expression over one record, as steps, checks and routes have it.
pub(crate) fn bind_expr(
    scope: &Scope,
    text: &str,
    anchor: &Anchor,
    diagnostics: &mut Vec<Diagnostic>,
) -> Typed {
    with_room(|| match parse_expr(text) {
        Ok(parsed) => {
            let ParsedExpr { tree, marks } = parsed;
            let mut binder = Binder::new(scope, &marks, anchor, diagnostics, Standing::record("here"));
            let value = binder.bind(&tree);
            binder.finish(value)
        }
        Err(problem) => {
            diagnostics.push(problem.at(anchor));
            Typed::poison(anchor)
        }
    })
}

/// Binds an expression that must be a truth value.
pub(crate) fn bind_predicate(
    scope: &Scope,
    text: &str,
    anchor: &Anchor,
    diagnostics: &mut Vec<Diagnostic>,
) -> Typed {
    let typed = bind_expr(scope, text, anchor, diagnostics);
    match not_a_condition(&typed.expr.data_type) {
        None => typed,
        Some(message) => {
            diagnostics
                .push(Diagnostic::error(&code::NOT_A_CONDITION, &typed.anchor, message).help(CONDITION_HELP));
            Typed::poison(anchor)
        }
    }
}

const CONDITION_HELP: &str = "compare it with something, such as `amount > 0` or `email IS NOT NULL`";

pub(super) fn not_a_condition(data_type: &DataType) -> Option<String> {
    let fits = matches!(data_type, DataType::Bool | DataType::Null | DataType::Unknown);
    (!fits).then(|| format!("a condition is true or false, and this is `{data_type}`"))
}

/// Binds the expressions of one text over one scope.
pub(super) struct Binder<'a> {
    pub(super) scope: &'a Scope,
    pub(super) marks: &'a Marks,
    pub(super) anchor: &'a Anchor,
    pub(super) diagnostics: &'a mut Vec<Diagnostic>,
    /// Calls that do not look at one record only, and where they may stand.
    pub(super) calls: Calls,
    /// Indices of the columns read outside of such calls, each with its place.
    pub(super) reads: Vec<(usize, Range<u32>)>,
}

impl<'a> Binder<'a> {
    pub(super) fn new(
        scope: &'a Scope,
        marks: &'a Marks,
        anchor: &'a Anchor,
        diagnostics: &'a mut Vec<Diagnostic>,
        standing: Standing,
    ) -> Self {
        Binder { scope, marks, anchor, diagnostics, calls: Calls::new(standing), reads: Vec::new() }
    }

    /// The value with what diagnostics further down need.
    pub(super) fn finish(&self, value: Value) -> Typed {
        let null = value.expr.nullable.then(|| self.cause(value.cause));
        Typed { expr: value.expr, null, anchor: self.anchor.bytes(value.range) }
    }

    pub(super) fn cause(&self, cause: Option<Cause>) -> NullCause {
        let here = |anchor: Anchor, why: String| NullCause { anchor, why: why.into(), fails: false };
        match cause {
            Some(Cause::Column(place)) => {
                let column = &self.scope.columns[place];
                let unstated = || here(self.anchor.clone(), format!("`{}` may be null", column.column.name));
                column.null.clone().unwrap_or_else(unstated)
            }
            Some(Cause::Here(range, why)) => here(self.anchor.bytes(range), why.into_owned()),
            Some(Cause::Fails(range, why)) => {
                NullCause { anchor: self.anchor.bytes(range), why: why.into_owned().into(), fails: true }
            }
            None => here(self.anchor.clone(), "this may be null".to_owned()),
        }
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Reports an error and gives poison in its place.
    pub(super) fn refuse(
        &mut self,
        range: Range<u32>,
        diagnostic: impl FnOnce(Anchor) -> Diagnostic,
    ) -> Value {
        self.diagnostics.push(diagnostic(self.anchor.bytes(range.clone())));
        Value::poison(range)
    }

    /// Binds an expression that must be a truth value.
    pub(super) fn condition(&mut self, tree: &ast::Expr) -> Value {
        let value = self.bind(tree);
        self.as_condition(value)
    }

    /// The value, which must be a truth value.
    pub(super) fn as_condition(&mut self, value: Value) -> Value {
        match not_a_condition(&value.expr.data_type) {
            None => value,
            Some(message) => self.refuse(value.range, |at| {
                Diagnostic::error(&code::NOT_A_CONDITION, at, message).help(CONDITION_HELP)
            }),
        }
    }

    /// Binds any expression.
    #[expect(clippy::wildcard_enum_match_arm, reason = "what the subset leaves out is refused in one place")]
    pub(super) fn bind(&mut self, tree: &ast::Expr) -> Value {
        match tree {
            ast::Expr::Identifier(_)
            | ast::Expr::CompoundIdentifier(_)
            | ast::Expr::CompoundFieldAccess { .. } => self.path(tree),
            ast::Expr::Value(value) => self.literal(value),
            ast::Expr::TypedString(text) => self.typed_text(text),
            ast::Expr::Interval(interval) => self.interval(interval, false),
            ast::Expr::Nested(inner) => self.bind(inner),
            ast::Expr::BinaryOp { .. } => self.chain(tree),
            ast::Expr::UnaryOp { op, expr } => self.unary(*op, expr),
            ast::Expr::Function(function) => self.function(function),
            ast::Expr::Case { .. } => self.case(tree),
            ast::Expr::Cast { expr, data_type, kind, format, array } => {
                if format.is_some() || *array || *kind == ast::CastKind::DoubleColon {
                    return self.unsupported(tree);
                }
                self.cast(expr, data_type)
            }
            _ => self.operator_words(tree),
        }
    }

    fn cast(&mut self, tree: &ast::Expr, to: &ast::DataType) -> Value {
        let value = self.bind(tree);
        let whole = self.marks.around(range(tree.span()));
        let data_type = match parse_sql_type(&to.to_string()) {
            Ok(data_type) => data_type,
            Err(problem) => {
                // The tree has no place for the type: it stands between the operand and the closing bracket.
                let place = value.range.end.clamp(whole.start, whole.end)..whole.end;
                let place = self.marks.last_words(place);
                return self.refuse(place, |at| {
                    let diagnostic = Diagnostic::error(&code::UNKNOWN_TYPE, at, problem.message);
                    match problem.help {
                        Some(help) => diagnostic.help(help),
                        None => diagnostic,
                    }
                });
            }
        };
        self.cast_value(value, &data_type, whole)
    }

    fn cast_value(&mut self, value: Value, to: &DataType, whole: Range<u32>) -> Value {
        match cast_rule(&value.expr.data_type, to) {
            CastRule::Refused(reason) => {
                let message = format!("`{}` can't be cast to `{to}`", value.expr.data_type);
                self.refuse(whole, |at| Diagnostic::error(&code::CAST_REFUSED, at, message).help(reason))
            }
            CastRule::CanFail(reason) => {
                let cause = Some(Cause::Fails(whole.clone(), reason.into()));
                Value { expr: cast_to(&value.expr, to), cause, range: whole }
            }
            CastRule::Same | CastRule::Never => {
                let expr = if value.is_unknown() {
                    Expr { data_type: to.clone(), ..value.expr }
                } else {
                    cast_to(&value.expr, to)
                };
                Value { expr, cause: value.cause, range: whole }
            }
        }
    }

    fn case(&mut self, tree: &ast::Expr) -> Value {
        let ast::Expr::Case { operand, conditions, else_result, .. } = tree else {
            return self.unsupported(tree);
        };
        let whole = range(tree.span());
        let operand = operand.as_ref().map(|operand| self.bind(operand));
        let mut tests = Vec::with_capacity(conditions.len());
        let mut values = Vec::with_capacity(conditions.len() + 1);
        for branch in conditions {
            tests.push(match &operand {
                None => self.condition(&branch.condition),
                Some(operand) => {
                    let value = self.bind(&branch.condition);
                    let place = value.range.clone();
                    self.apply("=", vec![operand.clone(), value], place)
                }
            });
            values.push(self.bind(&branch.result));
        }
        let otherwise = else_result.as_ref().map(|tree| self.bind(tree));
        let has_else = otherwise.is_some();
        values.extend(otherwise);
        let Some(data_type) = self.one_type(&values, "the branches of `CASE`") else {
            return Value::poison(whole);
        };
        let missing = || Cause::Here(whole.clone(), "no branch is taken and there is no `ELSE`".into());
        let cause = values
            .iter()
            .find(|value| value.expr.nullable)
            .map(|value| value.cause.clone())
            .unwrap_or_else(|| (!has_else).then(missing));
        let nullable = !has_else || values.iter().any(|value| value.expr.nullable);
        let mut values = values.into_iter().map(|value| cast_to(&value.expr, &data_type));
        let branches = tests.into_iter().map(|test| test.expr).zip(values.by_ref()).collect();
        let otherwise = values.next().map(Box::new);
        let expr = Expr { node: ExprNode::Case { branches, otherwise }, data_type, nullable };
        Value { expr, cause, range: whole }
    }

    /// The type that all of these widen to; says so where there is none.
    pub(super) fn one_type(&mut self, values: &[Value], what: &str) -> Option<DataType> {
        let types: Vec<DataType> = values.iter().map(|value| value.expr.data_type.clone()).collect();
        if let Some(data_type) = common_type(&types) {
            return Some(data_type);
        }
        // The first that does not go with those before it.
        let odd = (1..types.len()).find(|&index| common_type(&types[..=index]).is_none())?;
        let before = common_type(&types[..odd])?;
        let message = format!("{what} have no common type: `{before}` and `{}`", types[odd]);
        let first = values.iter().find(|value| value.expr.data_type != DataType::Null)?;
        let at = self.anchor.bytes(values[odd].range.clone());
        self.diagnostics.push(
            Diagnostic::error(&code::NO_COMMON_TYPE, at, message)
                .label(format!("`{}`", types[odd]))
                .also(self.anchor.bytes(first.range.clone()), format!("`{before}`"))
                .help(format!("cast one of them, such as `CAST(... AS {before})`")),
        );
        None
    }

    /// Says that something is not in the subset.
    pub(super) fn unsupported(&mut self, tree: &ast::Expr) -> Value {
        let (message, help) = super::refuse::expression(tree);
        let place = range(tree.span());
        let is_sets = matches!(tree, ast::Expr::GroupingSets(_) | ast::Expr::Cube(_) | ast::Expr::Rollup(_));
        let place = match (place.is_empty(), is_sets) {
            (true, _) => self.marks.whole(),
            (false, true) => self.marks.around(place),
            (false, false) => self.marks.closed(place),
        };
        self.refuse(place, |at| Diagnostic::error(&code::NOT_SUPPORTED, at, message).help(help))
    }
}
