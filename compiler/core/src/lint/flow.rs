//! Lints over what flows: nulls in filters, fields that nobody uses.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Catalog, Declared};
use crate::check::Checked;
use crate::code::lint as code;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::expr::{Expr, ExprNode};
use crate::flow::NullCause;
use crate::function::get;
use crate::graph::{OpId, Operator, Role};
use crate::stream::StreamType;

pub(super) fn lint(catalog: &Catalog, checked: &Checked, found: &mut Vec<Diagnostic>) {
    let flow = &checked.flow;
    for (id, op) in (0u32..).map(OpId).zip(&flow.ops) {
        if let Operator::Filter { predicate } = &op.operator
            && predicate.nullable
        {
            let mut columns = BTreeSet::new();
            predicate.visit_columns(&mut |index| {
                columns.insert(index);
            });
            let input = &flow.output(op.inputs[0]).columns;
            columns.retain(|&index| input[index].nullable);
            let had_some = !columns.is_empty();
            remove_tested(predicate, &mut columns);
            if had_some && columns.is_empty() {
                continue;
            }
            let names: BTreeSet<String> =
                columns.into_iter().map(|index| format!("`{}`", input[index].name)).collect();
            let names: Vec<String> = names.into_iter().collect();
            let of = if names.is_empty() {
                String::new()
            } else {
                format!(" where {} is null", names.join(" or "))
            };
            found.push(
                Diagnostic::warning(
                    &code::FILTER_OVER_NULL,
                    &flow.facts(id).anchor,
                    format!("the filter does not say what becomes of a record{of}"),
                )
                .label("a record for which this is null is filtered out")
                .help(
                    "say it: `... OR x IS NULL` keeps such records, `x IS NOT NULL AND ...` leaves them out",
                ),
            );
        }
    }
    unused_fields(catalog, checked, found);
    hidden_failures(catalog, checked, found);
}

/// Expressions that can fail and whose failure nobody would see but as a null in a sink.
fn hidden_failures(catalog: &Catalog, checked: &Checked, found: &mut Vec<Diagnostic>) {
    let flow = &checked.flow;
    for (id, op) in (0u32..).map(OpId).zip(&flow.ops) {
        let node = catalog.node(op.node);
        if op.operator != Operator::Sink || node.role() != Role::Sink {
            continue;
        }
        let mut causes: BTreeMap<&Anchor, (&NullCause, Vec<String>)> = BTreeMap::new();
        for (column, null) in op.output.columns.iter().zip(&flow.facts(id).nulls) {
            // What another product's expression gives is said of that product's sink.
            if let Some(cause) = null.as_ref().filter(|cause| cause.fails)
                && column.nullable
                && cause.anchor.document == node.anchor.document
            {
                let (_, columns) = causes.entry(&cause.anchor).or_insert((cause, Vec::new()));
                columns.push(format!("`{}`", column.name));
            }
        }
        for (cause, columns) in causes.into_values() {
            let message =
                format!("{} of the sink `{}` is null where this fails", columns.join(" and "), node.name);
            found.push(
                Diagnostic::warning(&code::HIDDEN_FAILURE, &cause.anchor, message)
                    .label(cause.why.to_string())
                    .also(node.anchor.at("from"), "written here")
                    .help("give it a value with `COALESCE(...)`, or make dead letters of such records with `validate`"),
            );
        }
    }
}

/// Removes the columns that the condition asks about with `IS NULL` or `IS NOT NULL`: it says what null means there.
fn remove_tested(condition: &Expr, columns: &mut BTreeSet<usize>) {
    match &condition.node {
        ExprNode::Call { function, args } if ["is null", "is not null"].contains(&get(*function).name) => {
            args.iter().for_each(|arg| {
                arg.visit_columns(&mut |index| {
                    columns.remove(&index);
                })
            });
        }
        ExprNode::Call { args, .. } => args.iter().for_each(|arg| remove_tested(arg, columns)),
        ExprNode::Cast(input)
        | ExprNode::Member { input, .. }
        | ExprNode::Every { input, .. }
        | ExprNode::ParseJson(input)
        | ExprNode::Mask { input, .. } => {
            remove_tested(input, columns);
        }
        ExprNode::Case { branches, otherwise } => {
            let values = branches.iter().flat_map(|(when, then)| [when, then]);
            values.chain(otherwise.as_deref()).for_each(|part| remove_tested(part, columns));
        }
        ExprNode::Poison | ExprNode::Column(_) | ExprNode::Literal(_) => {}
    }
}

/// Fields of a source that reach nothing: read, stored and guarded for nobody.
fn unused_fields(catalog: &Catalog, checked: &Checked, found: &mut Vec<Diagnostic>) {
    let flow = &checked.flow;
    let mut used: Vec<Vec<bool>> = flow.ops.iter().map(|op| vec![false; op.output.columns.len()]).collect();
    for (index, op) in flow.ops.iter().enumerate().rev() {
        let wanted = used[index].clone();
        crate::flow::columns_read(flow, op, &wanted, &mut |input, column| {
            used[input.0 as usize][column] = true
        });
    }
    for (op, used) in flow.ops.iter().zip(&used) {
        if op.operator != Operator::Source {
            continue;
        }
        let node = catalog.node(op.node);
        let Declared::Source(source) = &node.declared else { continue };
        // A shared contract is not trimmed to one reader; a made-up or generated source is.
        if node.role() != Role::Source || source.contract.is_none() || used.iter().all(|used| !used) {
            continue;
        }
        let unused: Vec<String> = op
            .output
            .columns
            .iter()
            .zip(used)
            .enumerate()
            .filter(|(index, (_, used))| !**used && !is_needed(&op.output, *index))
            // What a log says of a change is in no contract.
            .filter(|(_, (column, _))| !matches!(column.name.as_str(), "_op" | "_changed_at"))
            .map(|(_, (column, _))| format!("`{}`", column.name))
            .collect();
        if !unused.is_empty() {
            found.push(
                Diagnostic::warning(&code::UNUSED_FIELD, node.anchor.at("name"), format!("nothing uses {} of the source `{}`", unused.join(", "), node.name))
                    .help("take the fields out of the source's contract, or allow it with a reason if the contract is shared"),
            );
        }
    }
}

/// Whether the stream itself needs the column, to tell its rows apart or to know what is late.
fn is_needed(stream: &StreamType, column: usize) -> bool {
    stream.key.contains(&column) || stream.event_time.as_ref().is_some_and(|time| time.column == column)
}
