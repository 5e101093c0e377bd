//! Columns appended to what an operator gives: what a query computes on the way, before its own columns are chosen.

use super::{Facts, Flow, Typed};
use crate::diagnostic::Anchor;
use crate::expr::Expr;
use crate::graph::{Named, OpId, Operator};
use crate::stream::Column;

/// All columns of the input as they are, and further ones behind them. Nothing appended gives the input itself.
///
/// Unlike in [`super::project`], names may repeat: inside a query columns are told apart by their index.
pub(crate) fn extend(flow: &mut Flow, input: OpId, more: Vec<(String, Typed)>, anchor: &Anchor) -> OpId {
    if more.is_empty() {
        return input;
    }
    let mut output = flow.output(input).clone();
    let mut nulls = flow.facts(input).nulls.clone();
    let mut columns: Vec<Named> = output
        .columns
        .iter()
        .enumerate()
        .map(|(index, column)| Named {
            name: column.name.clone(),
            expr: Expr::column(index, column.data_type.clone(), column.nullable),
        })
        .collect();
    for (name, typed) in more {
        output.columns.push(Column {
            name: name.clone(),
            data_type: typed.expr.data_type.clone(),
            nullable: typed.expr.nullable,
        });
        nulls.push(typed.null);
        columns.push(Named { name, expr: typed.expr });
    }
    flow.push(Operator::Project { columns }, vec![input], output, Facts { anchor: anchor.clone(), nulls })
}
