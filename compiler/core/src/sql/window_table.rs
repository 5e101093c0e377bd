//! Window functions over tables: `TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '1' MINUTE))`.
//!
//! They add `window_start`, `window_end` and `window_time` to each row; `GROUP BY` over these makes them an aggregate.

use std::ops::Range;

use sqlparser::ast::{self, Spanned};

use super::names::dotted_idents;
use super::prepass::WINDOW_FUNCTIONS;
use super::query::Ctx;
use super::relation::{Relation, WINDOW_BASE, WINDOW_COLUMNS, WindowTable};
use super::scope::{Scope, ScopeColumn};
use super::token::range;
use crate::code::query as code;
use crate::data_type::DataType;
use crate::diagnostic::Diagnostic;
use crate::expr::{ExprNode, Literal};
use crate::flow::Flow;
use crate::graph::{OpId, WindowShape};
use crate::stream::Column;

/// The name of the table that a window function is over, if the factor is one; none inside if it names none.
pub(super) fn input(factor: &ast::TableFactor) -> Option<Option<(String, Range<u32>)>> {
    let (_, args) = call(factor)?;
    let first = args.iter().find_map(|arg| match arg {
        Arg { name: None, value } => Some(*value),
        Arg { name: Some(name), value } if name.eq_ignore_ascii_case("data") => Some(*value),
        Arg { .. } => None,
    });
    Some(first.and_then(table_name))
}

/// One argument, with its name where it has one.
struct Arg<'a> {
    name: Option<&'a str>,
    value: &'a ast::Expr,
}

/// The window function that a factor calls, and its arguments.
fn call(factor: &ast::TableFactor) -> Option<(&ast::Ident, Vec<Arg<'_>>)> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "no other factor calls a function over a table")]
    let (name, args) = match factor {
        ast::TableFactor::TableFunction { expr: ast::Expr::Function(function), .. } => {
            let ast::FunctionArguments::List(list) = &function.args else { return None };
            (&function.name, &list.args)
        }
        ast::TableFactor::Table { name, args: Some(args), .. } => (name, &args.args),
        _ => return None,
    };
    let [ast::ObjectNamePart::Identifier(ident)] = name.0.as_slice() else { return None };
    if !WINDOW_FUNCTIONS.iter().any(|name| name.eq_ignore_ascii_case(&ident.value)) {
        return None;
    }
    let args = args.iter().filter_map(|arg| match arg {
        ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(value)) => Some(Arg { name: None, value }),
        ast::FunctionArg::Named { name, arg: ast::FunctionArgExpr::Expr(value), .. } => {
            Some(Arg { name: Some(&name.value), value })
        }
        ast::FunctionArg::Unnamed(_)
        | ast::FunctionArg::Named { .. }
        | ast::FunctionArg::ExprNamed { .. } => None,
    });
    Some((ident, args.collect()))
}

fn table_name(tree: &ast::Expr) -> Option<(String, Range<u32>)> {
    if let ast::Expr::Identifier(ident) = tree {
        return Some(dotted_idents(&[ident]));
    }
    let ast::Expr::CompoundIdentifier(idents) = tree else { return None };
    Some(dotted_idents(&idents.iter().collect::<Vec<_>>()))
}

/// Arguments sorted by what they are.
struct Parts<'a> {
    time: Option<&'a ast::Expr>,
    partition: Vec<&'a ast::Expr>,
    /// Intervals by name, or in order.
    spans: Vec<(Option<&'a str>, &'a ast::Expr)>,
}

impl Ctx<'_> {
    /// Binds a window function; none if the factor is no such thing.
    pub(super) fn window_table(
        &mut self,
        factor: &ast::TableFactor,
        alias: Option<&str>,
    ) -> Option<Relation> {
        let (function, args) = call(factor)?;
        let whole = self.marks.call(range(function.span));
        let Some((name, place)) = input(factor).flatten() else {
            let function = function.value.to_uppercase();
            self.wrong_window(whole, format!("`{function}` is over no table"), &function);
            return Some(Relation::unknown());
        };
        let qualifier = alias.map_or_else(|| last_part(&name), str::to_owned);
        let mut relation = self.named(&name, &place, &qualifier);
        relation = self.settled(relation);
        let Some(op) = relation.op else { return Some(relation) };
        let window = self.window(op, function, &args, whole);
        for (index, column) in WINDOW_COLUMNS.iter().enumerate() {
            relation.scope.columns.push(ScopeColumn {
                qualifier: Some(qualifier.clone()),
                column: Column {
                    name: (*column).to_owned(),
                    data_type: DataType::Timestamp,
                    nullable: false,
                },
                index: WINDOW_BASE + index,
                null: None,
            });
        }
        relation.window = Some(window);
        Some(relation)
    }

    fn window(
        &mut self,
        op: OpId,
        function: &ast::Ident,
        args: &[Arg<'_>],
        whole: Range<u32>,
    ) -> WindowTable {
        let function = function.value.to_uppercase();
        let parts = sort(args);
        let time = parts.time.and_then(|time| self.window_column(op, time));
        if parts.time.is_none() {
            self.wrong_window(
                whole.clone(),
                format!("`{function}` does not say which column is its time"),
                &function,
            );
            return WindowTable { shape: None, time: 0, partition: None, range: whole };
        }
        let partition = (function == "SESSION")
            .then(|| parts.partition.iter().filter_map(|column| self.window_column(op, column)).collect());
        if function != "SESSION" && !parts.partition.is_empty() {
            let message = format!("`{function}` is not kept apart by columns: `GROUP BY` does that");
            self.wrong_window(whole.clone(), message, &function);
        }
        let shape = self.shape(&function, &parts, &whole);
        WindowTable {
            shape: shape.filter(|_| time.is_some()),
            time: time.unwrap_or_default(),
            partition,
            range: whole,
        }
    }

    /// A column of the table by its bare name.
    fn window_column(&mut self, op: OpId, tree: &ast::Expr) -> Option<usize> {
        let relation = Relation::of(self.flow, op, None);
        let typed = self.record(&relation.scope, tree, "in the arguments of a window");
        if let ExprNode::Column(index) = typed.expr.node {
            return Some(index);
        }
        if !typed.expr.data_type.is_unknown() {
            self.flow.diagnostics.push(
                Diagnostic::error(
                    &code::WINDOW_ARGUMENTS,
                    &typed.anchor,
                    "a window is over a column, not over an expression",
                )
                .help("compute the column first, in a CTE or a transform of its own"),
            );
        }
        None
    }

    fn shape(&mut self, function: &str, parts: &Parts<'_>, whole: &Range<u32>) -> Option<WindowShape> {
        let wanted: &[&str] = match function {
            "TUMBLE" => &["size", "offset"],
            "HOP" => &["slide", "size"],
            "CUMULATE" => &["step", "size"],
            _ => &["gap"],
        };
        let required = if function == "TUMBLE" { 1 } else { wanted.len() };
        let mut lengths: Vec<Option<i64>> = vec![None; wanted.len()];
        for (index, (name, tree)) in parts.spans.iter().enumerate() {
            let slot = name.map_or(Some(index), |name| {
                wanted.iter().position(|wanted| wanted.eq_ignore_ascii_case(name))
            });
            match slot.filter(|slot| *slot < wanted.len()) {
                Some(slot) => lengths[slot] = Some(self.length(tree)?),
                None => {
                    self.wrong_window(
                        range(tree.span()),
                        format!("`{function}` takes no such argument"),
                        function,
                    );
                    return None;
                }
            }
        }
        if let Some(missing) = (0..required).find(|&index| lengths[index].is_none()) {
            self.wrong_window(
                whole.clone(),
                format!("`{function}` does not say its {}", wanted[missing]),
                function,
            );
            return None;
        }
        let shape = put_together(function, &lengths);
        if shape.is_none() {
            let message = match function {
                "HOP" => "the size of a hop window must be a multiple of its slide",
                "CUMULATE" => "the size of a cumulate window must be a multiple of its step",
                _ => "a window can't be empty",
            };
            self.wrong_window(whole.clone(), message.to_owned(), function);
        }
        shape
    }

    /// An interval in milliseconds; says so where it is none of a fixed length.
    fn length(&mut self, tree: &ast::Expr) -> Option<i64> {
        let typed = self.record(&Scope::default(), tree, "in the arguments of a window");
        if let ExprNode::Literal(Literal::Interval { months: 0, ms }) = typed.expr.node {
            return Some(ms);
        }
        if typed.expr.data_type == DataType::Interval || !typed.expr.data_type.is_unknown() {
            self.flow.diagnostics.push(
                Diagnostic::error(&code::WINDOW_ARGUMENTS, &typed.anchor, "the lengths of a window are constant intervals, of days or less")
                    .help("write it as `INTERVAL '1' MINUTE`; for months group by `FLOOR(ordered_at TO MONTH)` with a stated `keep`"),
            );
        }
        None
    }

    fn wrong_window(&mut self, place: Range<u32>, message: String, function: &str) {
        let help = match function {
            "HOP" => {
                "write `TABLE(HOP(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '1' MINUTE, INTERVAL '5' MINUTE))`: slide, then size"
            }
            "CUMULATE" => {
                "write `TABLE(CUMULATE(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '1' HOUR, INTERVAL '1' DAY))`: step, then size"
            }
            "SESSION" => {
                "write `TABLE(SESSION(TABLE orders PARTITION BY customer_id, DESCRIPTOR(ordered_at), INTERVAL '5' MINUTE))`"
            }
            _ => "write `TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '1' MINUTE))`",
        };
        let at = self.anchor.bytes(place);
        self.flow.diagnostics.push(Diagnostic::error(&code::WINDOW_ARGUMENTS, at, message).help(help));
    }
}

fn sort<'a>(args: &[Arg<'a>]) -> Parts<'a> {
    let mut parts = Parts { time: None, partition: Vec::new(), spans: Vec::new() };
    // The first argument is the table itself.
    let has_names = args.iter().any(|arg| arg.name.is_some());
    let rest = args.iter().skip(usize::from(!has_names));
    for arg in rest.filter(|arg| arg.name.is_none_or(|name| !name.eq_ignore_ascii_case("data"))) {
        match descriptor(arg.value) {
            Some(column) => parts.time = Some(column),
            None if arg.name.is_none() && parts.time.is_none() => {
                if let ast::Expr::Tuple(columns) = arg.value {
                    parts.partition.extend(columns);
                } else {
                    parts.partition.push(arg.value);
                }
            }
            None => parts.spans.push((arg.name, arg.value)),
        }
    }
    parts
}

/// The column in `DESCRIPTOR(column)`.
fn descriptor(tree: &ast::Expr) -> Option<&ast::Expr> {
    let ast::Expr::Function(function) = tree else { return None };
    if !function.name.to_string().eq_ignore_ascii_case("descriptor") {
        return None;
    }
    let ast::FunctionArguments::List(list) = &function.args else { return None };
    match list.args.as_slice() {
        [ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(column))] => Some(column),
        _ => None,
    }
}

/// The shape of these lengths; none if they do not fit each other.
fn put_together(function: &str, lengths: &[Option<i64>]) -> Option<WindowShape> {
    let positive = |index: usize| {
        let length = lengths.get(index).copied().flatten()?;
        u64::try_from(length).ok().filter(|length| *length > 0)
    };
    match function {
        "TUMBLE" => {
            let size_ms = positive(0)?;
            let offset = lengths.get(1).copied().flatten().unwrap_or_default();
            Some(WindowShape::Tumble { size_ms, offset_ms: offset.rem_euclid(i64::try_from(size_ms).ok()?) })
        }
        "HOP" => {
            let (slide_ms, size_ms) = (positive(0)?, positive(1)?);
            size_ms.is_multiple_of(slide_ms).then_some(WindowShape::Hop { size_ms, slide_ms })
        }
        "CUMULATE" => {
            let (step_ms, size_ms) = (positive(0)?, positive(1)?);
            size_ms.is_multiple_of(step_ms).then_some(WindowShape::Cumulate { size_ms, step_ms })
        }
        _ => Some(WindowShape::Session { gap_ms: positive(0)? }),
    }
}

/// What stands behind the last dot of a name: how an input is called where no alias is stated.
pub(super) fn last_part(name: &str) -> String {
    name.rsplit('.').next().unwrap_or(name).to_owned()
}

/// Whether a name is that of a window's columns.
pub(super) fn is_window_column(index: usize) -> bool {
    (WINDOW_BASE..WINDOW_BASE + WINDOW_COLUMNS.len()).contains(&index)
}

/// What a window function reads as an operator, with the time that it is over.
pub(super) fn time_name(flow: &Flow, op: OpId, window: &WindowTable) -> String {
    flow.output(op).columns.get(window.time).map(|column| column.name.clone()).unwrap_or_default()
}
