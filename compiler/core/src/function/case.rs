//! Takes a case of the table; gives it as typed expressions, for whoever runs cases on an engine.
//!
//! Scalar cases are bound as any expression is. Of a measure only what cases are written with is read:
//! `name([DISTINCT] args) [OVER (ORDER BY column)]` over rows of a `VALUES` list whose column is `x`, in order of time `t`.

use super::{Case, cast_to, common_type, get, resolve};
use crate::data_type::DataType;
use crate::diagnostic::{Anchor, DocumentId};
use crate::expr::Expr;
use crate::graph::Measure;
use crate::sql::{Scope, ScopeColumn, bind_expr};
use crate::stream::Column;

/// A case that can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundCase {
    /// The rows' values of column 0, constants of one type; empty for an expression without columns.
    pub rows: Vec<Expr>,
    /// What is computed.
    pub call: BoundCall,
}

/// What a case computes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BoundCall {
    /// One value of no row.
    Value(Expr),
    /// One value of all rows.
    Aggregate(Measure, DataType),
    /// One value a row, of which the last counts; ordered by time or, if true, by column 0.
    Window(Measure, DataType, bool),
}

/// Binds a case.
///
/// # Errors
/// What is wrong with it, in words.
pub fn bind_case(case: &Case) -> Result<BoundCase, String> {
    if case.given.is_empty() {
        let call = BoundCall::Value(bind(&Scope::default(), case.sql)?);
        return Ok(BoundCase { rows: Vec::new(), call });
    }
    let inside = |row: &str| row.strip_prefix('(').and_then(|row| row.strip_suffix(')')).map(str::to_owned);
    let rows: Vec<Expr> = split(case.given)
        .into_iter()
        .map(|row| bind(&Scope::default(), &inside(row).ok_or("a row without parentheses")?))
        .collect::<Result<_, String>>()?;
    let types: Vec<DataType> = rows.iter().map(|row| row.data_type.clone()).collect();
    let data_type = common_type(&types).ok_or("the rows have no common type")?;
    let nullable = rows.iter().any(|row| row.nullable);
    let rows = rows.iter().map(|row| cast_to(row, &data_type)).collect();
    let column = Column { name: "x".to_owned(), data_type, nullable };
    let scope =
        Scope { columns: vec![ScopeColumn { qualifier: None, column, index: 0, null: None }], open: false };
    Ok(BoundCase { rows, call: measure(&scope, case.sql)? })
}

fn measure(scope: &Scope, sql: &str) -> Result<BoundCall, String> {
    let (call, order) = match sql.split_once(" OVER (ORDER BY ") {
        Some((call, order)) => (call, Some(order.trim_end_matches(')'))),
        None => (sql, None),
    };
    let (name, inside) = call.split_once('(').ok_or("a measure is a call")?;
    let inside = inside.strip_suffix(')').ok_or("a call ends with a parenthesis")?;
    let (distinct, inside) = match inside.strip_prefix("DISTINCT ") {
        Some(rest) => (true, rest),
        None => (false, inside),
    };
    let texts = if inside.is_empty() || inside == "*" { Vec::new() } else { split(inside) };
    let args: Vec<Expr> = texts.into_iter().map(|text| bind(scope, text)).collect::<Result<_, _>>()?;
    let resolved = resolve(name, &args).map_err(|mismatch| format!("{mismatch:?}"))?;
    let data_type = resolved.data_type;
    let measure = Measure {
        name: get(resolved.id).name.to_owned(),
        function: resolved.id,
        args: resolved.args,
        distinct,
        filter: None,
    };
    Ok(match order {
        Some(column) => BoundCall::Window(measure, data_type, column == "x"),
        None => BoundCall::Aggregate(measure, data_type),
    })
}

fn bind(scope: &Scope, text: &str) -> Result<Expr, String> {
    let mut diagnostics = Vec::new();
    let anchor = Anchor::value(DocumentId(0), "");
    let typed = bind_expr(scope, text, &anchor, &mut diagnostics);
    match diagnostics.first() {
        None => Ok(typed.expr),
        Some(diagnostic) => Err(format!("{text}: {}", diagnostic.message)),
    }
}

/// The parts of a list between commas outside of parentheses, brackets and quotes.
fn split(list: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quoted) = (Vec::new(), 0, 0_i32, false);
    for (at, c) in list.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '(' | '[' if !quoted => depth += 1,
            ')' | ']' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                parts.push(list[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(list[start..].trim());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_binds() {
        for function in super::super::table() {
            for case in function.cases {
                let bound = bind_case(case);
                assert!(bound.is_ok(), "{}: {bound:?}", case.sql);
                let scalar = matches!(bound, Ok(BoundCase { call: BoundCall::Value(_), .. }));
                assert_eq!(scalar, function.is_scalar(), "{}", case.sql);
            }
        }
    }
}
