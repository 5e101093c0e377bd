//! Calls of functions, and what is said where none fits.

use std::ops::Range;

use sqlparser::ast;

use super::expr::Binder;
use super::token::range;
use super::value::{Cause, Value};
use crate::code::expression as code;
use crate::data_type::DataType;
use crate::diagnostic::Diagnostic;
use crate::expr::Expr;
use crate::function::{
    self, Constant, FunctionId, Kind, Mismatch, Nulls, Resolved, Signature, Takes, resolve,
};

/// Columns from here on stand for calls that look at several records: they become columns once the operator is built.
pub(super) const CALL_BASE: usize = usize::MAX / 2;

/// What may be called where an expression stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    /// Where that is, as in `an aggregate can't stand in WHERE`.
    pub(super) place: &'static str,
    /// Whether aggregates may be called.
    pub(super) aggregates: bool,
    /// Whether functions may be called `OVER` a window.
    pub(super) windows: bool,
}

impl Standing {
    /// Over one record only.
    pub(super) fn record(place: &'static str) -> Self {
        Standing { place, aggregates: false, windows: false }
    }
}

/// The calls found that look at several records.
#[derive(Debug)]
pub(super) struct Calls {
    standing: Standing,
    /// In order of appearance; column [`CALL_BASE`] plus its index stands for each.
    pub(super) found: Vec<Call>,
}

/// One call that looks at several records.
#[derive(Debug, Clone)]
pub(super) struct Call {
    /// The function.
    pub(super) function: FunctionId,
    /// Its arguments over one record.
    pub(super) args: Vec<Expr>,
    /// Whether equal arguments count once.
    pub(super) distinct: bool,
    /// Only records for which this is true count.
    pub(super) filter: Option<Expr>,
    /// The window, if it is computed over one.
    pub(super) over: Option<ast::WindowType>,
    /// Type of the value.
    pub(super) data_type: DataType,
    /// Why it may be null, if it may.
    pub(super) cause: Option<Cause>,
    /// Where it is written.
    pub(super) range: Range<u32>,
}

impl Calls {
    pub(super) fn new(standing: Standing) -> Self {
        Calls { standing, found: Vec::new() }
    }

    /// From here on expressions stand elsewhere.
    pub(super) fn stand(&mut self, standing: Standing) {
        self.standing = standing;
    }
}

impl Binder<'_> {
    /// A call by name.
    pub(super) fn function(&mut self, tree: &ast::Function) -> Value {
        let parts: Vec<&ast::Ident> = tree.name.0.iter().filter_map(ast::ObjectNamePart::as_ident).collect();
        let [ident] = parts.as_slice() else {
            return self.refuse(self.marks.whole(), |at| {
                Diagnostic::error(&code::UNKNOWN_FUNCTION, at, "the name of a function has no dots")
            });
        };
        let name_place = range(ident.span);
        let whole = self.marks.call(name_place.clone());
        let Some(list) = arguments(tree) else {
            let message =
                format!("`{}` is called in a way that is not supported", ident.value.to_lowercase());
            return self.refuse(whole, |at| {
                Diagnostic::error(&code::NOT_SUPPORTED, at, message).help(
                    "call a function as `name(a, b)`; an aggregate as `name(DISTINCT a) FILTER (WHERE b)`",
                )
            });
        };
        let name = ident.value.to_lowercase();
        let kind = function::find(&name).map(|id| function::get(id).kind);
        match kind {
            Some(Kind::Aggregate { .. } | Kind::Window) => self.over_records(tree, &name, &list, whole),
            Some(Kind::Scalar) | None => self.over_record(tree, &name, &list, (name_place, whole)),
        }
    }

    fn over_record(
        &mut self,
        tree: &ast::Function,
        name: &str,
        list: &List<'_>,
        (name_place, whole): (Range<u32>, Range<u32>),
    ) -> Value {
        let over_many = list.distinct || tree.filter.is_some() || tree.over.is_some();
        if over_many && function::find(name).is_some() {
            let message = format!(
                "`{name}` looks at one record, so `DISTINCT`, `FILTER` and `OVER` mean nothing for it"
            );
            return self.refuse(whole, |at| {
                Diagnostic::error(&code::NOT_SUPPORTED, at, message).help("leave them out")
            });
        }
        let values =
            list.args.iter().enumerate().map(|(index, arg)| self.argument(name, index, arg)).collect();
        // Where only the name is wrong, only the name is shown.
        let unknown = matches!(resolve(name, &[]), Err(Mismatch::Unknown { .. }));
        self.apply(name, values, if unknown { name_place } else { whole })
    }

    /// An argument; a bare word where the function takes one, as in `TIMESTAMPDIFF(HOUR, a, b)`, stands for its text.
    fn argument(&mut self, name: &str, index: usize, tree: &ast::Expr) -> Value {
        if let ast::Expr::Identifier(ident) = tree
            && ident.quote_style.is_none()
            && takes_word(name, index)
        {
            let text = crate::expr::Literal::String(ident.value.to_lowercase());
            return Value::literal(text, DataType::String, range(ident.span));
        }
        self.bind(tree)
    }

    /// An aggregate or a window function: kept aside, a column stands for it.
    fn over_records(
        &mut self,
        tree: &ast::Function,
        name: &str,
        list: &List<'_>,
        whole: Range<u32>,
    ) -> Value {
        let standing = self.calls.standing;
        let is_over = tree.over.is_some();
        let needs_over = function::find(name).is_some_and(|id| function::get(id).kind == Kind::Window);
        if (is_over && !standing.windows) || (!is_over && (!standing.aggregates || needs_over)) {
            return self.misplaced(name, is_over, whole);
        }
        self.calls.standing =
            Standing { aggregates: false, windows: false, place: "inside another aggregate" };
        let reads_before = self.reads.len();
        let values: Vec<Value> = list.args.iter().map(|arg| self.bind(arg)).collect();
        let filter = tree.filter.as_ref().map(|tree| self.condition(tree));
        self.calls.standing = standing;
        self.reads.truncate(reads_before);
        let Some((resolved, cause)) = self.resolved(name, values, &whole) else {
            return Value::poison(whole);
        };
        if let Some(message) = misused(&resolved, is_over, list.distinct, tree.filter.is_some()) {
            return self
                .refuse(whole, |at| Diagnostic::error(&code::NOT_SUPPORTED, at, message.0).help(message.1));
        }
        let empty_is_null = filter.is_some() && function::get(resolved.id).empty_is_null();
        let none = || Cause::Here(whole.clone(), "null where no record passes the filter".into());
        let cause = cause.or_else(|| empty_is_null.then(none));
        let call = Call {
            function: resolved.id,
            args: resolved.args,
            distinct: list.distinct,
            filter: filter.map(|value| value.expr),
            over: tree.over.clone(),
            data_type: resolved.data_type,
            cause,
            range: whole.clone(),
        };
        let index = self.calls.found.iter().position(|other| same(other, &call)).unwrap_or_else(|| {
            self.calls.found.push(call);
            self.calls.found.len() - 1
        });
        let call = &self.calls.found[index];
        let expr = Expr::column(CALL_BASE + index, call.data_type.clone(), call.cause.is_some());
        Value { expr, cause: call.cause.clone(), range: whole }
    }

    fn misplaced(&mut self, name: &str, is_over: bool, whole: Range<u32>) -> Value {
        let place = self.calls.standing.place;
        let needs_over = function::find(name).is_some_and(|id| function::get(id).kind == Kind::Window);
        let (message, help) = if needs_over && !is_over {
            (
                format!("`{name}` looks at the records before the current one, and no window is stated"),
                "state it: `OVER (PARTITION BY ... ORDER BY <event time>)`",
            )
        } else if is_over {
            (
                format!("`{name}` over a window can't stand {place}"),
                "compute it in a query of its own, `SELECT ... OVER (...) AS name`, and use the name in a query around it",
            )
        } else {
            (
                format!("the aggregate `{name}` can't stand {place}: it looks at many records"),
                "aggregate first, with `GROUP BY` or the step `aggregate`, and use the result afterwards",
            )
        };
        self.refuse(whole, |at| Diagnostic::error(&code::MISPLACED_AGGREGATE, at, message).help(help))
    }

    /// Calls a function or operator over one record.
    pub(super) fn apply(&mut self, name: &str, values: Vec<Value>, whole: Range<u32>) -> Value {
        let Some((resolved, cause)) = self.resolved(name, values, &whole) else {
            return Value::poison(whole);
        };
        Value { expr: resolved.into_expr(), cause, range: whole }
    }

    /// The function that a call means, and why its value may be null.
    fn resolved(
        &mut self,
        name: &str,
        values: Vec<Value>,
        whole: &Range<u32>,
    ) -> Option<(Resolved, Option<Cause>)> {
        let args: Vec<Expr> = values.iter().map(|value| value.expr.clone()).collect();
        match resolve(name, &args) {
            Ok(resolved) => {
                let cause = resolved.nullable.then(|| null_cause(&resolved, values, whole));
                Some((resolved, cause))
            }
            Err(mismatch) => {
                self.mismatch(mismatch, &values, whole.clone());
                None
            }
        }
    }

    /// A sign that the subset does not have.
    pub(super) fn refuse_operator(&mut self, sign: &str, whole: Range<u32>) -> Value {
        let help = match sign {
            "~" | "~*" | "RLIKE" | "REGEXP" => "use `regexp_like(text, pattern)`",
            "->" | "->>" => "use `json_value(text, '$.path')`",
            "&" | "|" | "^" | "#" | "<<" | ">>" => "bits have no operators here",
            _ => "the operators are listed in docs/functions.md",
        };
        let message = format!("`{sign}` is no operator of this SQL");
        self.refuse(whole, |at| Diagnostic::error(&code::NOT_SUPPORTED, at, message).help(help))
    }
}

/// The arguments of a call as far as they are supported.
struct List<'a> {
    distinct: bool,
    args: Vec<&'a ast::Expr>,
}

/// The arguments of a call; none where it is written in a way that is not supported.
fn arguments(tree: &ast::Function) -> Option<List<'_>> {
    if tree.uses_odbc_syntax
        || tree.null_treatment.is_some()
        || !tree.within_group.is_empty()
        || !matches!(tree.parameters, ast::FunctionArguments::None)
    {
        return None;
    }
    let list = match &tree.args {
        ast::FunctionArguments::None => return Some(List { distinct: false, args: Vec::new() }),
        ast::FunctionArguments::Subquery(_) => return None,
        ast::FunctionArguments::List(list) => list,
    };
    if !list.clauses.is_empty() {
        return None;
    }
    let mut args = Vec::with_capacity(list.args.len());
    for arg in &list.args {
        match arg {
            ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(expr)) => args.push(expr),
            // Only `count(*)` has a star; for others the number of arguments is then wrong.
            ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Wildcard)
                if list.args.len() == 1 && list.duplicate_treatment.is_none() => {}
            ast::FunctionArg::Unnamed(_)
            | ast::FunctionArg::Named { .. }
            | ast::FunctionArg::ExprNamed { .. } => {
                return None;
            }
        }
    }
    let distinct = matches!(list.duplicate_treatment, Some(ast::DuplicateTreatment::Distinct));
    Some(List { distinct, args })
}

/// Whether a function takes a keyword at this place.
fn takes_word(name: &str, index: usize) -> bool {
    let signatures = function::find(name).map_or(&[] as &[Signature], |id| function::get(id).signatures);
    signatures
        .iter()
        .any(|signature| matches!(signature.takes.get(index), Some(Takes::Constant(Constant::Word(_)))))
}

/// What is wrong with the way in which a function over many records is called: message and help.
fn misused(
    resolved: &Resolved,
    is_over: bool,
    distinct: bool,
    filter: bool,
) -> Option<(String, &'static str)> {
    let function = function::get(resolved.id);
    let name = function.name;
    match function.kind {
        Kind::Aggregate { over: false, .. } if is_over => Some((
            format!("`{name}` can't be computed over a window of records"),
            "group the records with a window function such as `TUMBLE` instead",
        )),
        Kind::Aggregate { distinct: false, .. } if distinct => {
            Some((format!("`DISTINCT` means nothing for `{name}`"), "leave it out"))
        }
        Kind::Window if distinct || filter => {
            Some((format!("`{name}` takes neither `DISTINCT` nor `FILTER`"), "leave them out"))
        }
        Kind::Aggregate { .. } | Kind::Window | Kind::Scalar => None,
    }
}

fn same(a: &Call, b: &Call) -> bool {
    a.function == b.function
        && a.args == b.args
        && a.distinct == b.distinct
        && a.filter == b.filter
        && a.over == b.over
}

/// Why the value of a call may be null: its own failure first, then the argument that it passes on.
fn null_cause(resolved: &Resolved, values: Vec<Value>, whole: &Range<u32>) -> Cause {
    let here = |why: String| Cause::Here(whole.clone(), why.into());
    if let Some(reason) = resolved.can_fail {
        return if is_beyond(reason) {
            here(reason.to_owned())
        } else {
            Cause::Fails(whole.clone(), reason.into())
        };
    }
    let function = function::get(resolved.id);
    if let Nulls::Own(reason) = function.nulls {
        return here(format!("`{}` is null {reason}", function.name));
    }
    let skipped = if function.nulls == Nulls::Values { 1 } else { 0 };
    let passed = values.into_iter().skip(skipped).find_map(|value| value.cause);
    passed.unwrap_or_else(|| here(format!("`{}` may give null", function.name)))
}

/// Whether a call fails only beyond ranges that values of this world stay far inside of: a failure, but none to warn of.
fn is_beyond(reason: &str) -> bool {
    ["out of the range", "out of the type's range", "38 digits", "too far from today", "16 MiB"]
        .iter()
        .any(|beyond| reason.contains(beyond) && !reason.contains("negative"))
}
