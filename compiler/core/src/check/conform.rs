//! Whether a stream is what a contract promises: each field, at the place that causes it and at the contract.

use crate::catalog::{Contract, Field, Node};
use crate::code::{contract as code, lint};
use crate::data_type::DataType;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::flow::{self, Flow, Typed};
use crate::function::{CastRule, cast_rule, cast_to};
use crate::graph::OpId;
use crate::near::near;
use crate::stream::StreamKind;

/// The stream with just the fields of the contract, in its order and types.
pub(super) fn conform(flow: &mut Flow, op: OpId, contract: &Contract, node: &Node, at: &Anchor) -> OpId {
    check_kind(flow, op, contract, node, at);
    let mut columns = Vec::new();
    for field in &contract.fields {
        match flow.output(op).index_of(&field.name) {
            Some(index) => {
                let typed = flow.column(op, index, at);
                columns.push((field.name.clone(), fitted(flow, op, typed, field, node)));
            }
            None => report_missing(flow, op, field, node),
        }
    }
    report_unpromised(flow, op, contract, node);
    check_event_time(flow, op, contract, node);
    if columns.is_empty() {
        return op;
    }
    flow::project(flow, op, columns, at)
}

fn check_kind(flow: &mut Flow, op: OpId, contract: &Contract, node: &Node, at: &Anchor) {
    let output = flow.output(op).clone();
    let cause = flow.facts(op).anchor.clone();
    if output.kind != contract.kind {
        let (is, promised, help) = match output.kind {
            StreamKind::Upsert => (
                "an upsert stream",
                "an append stream",
                "turn it into its changes with the step `changelog`, or promise `changes: upsert`",
            ),
            StreamKind::Append => (
                "an append stream",
                "an upsert stream",
                "keep the last record of each key with the step `deduplicate: { by: [...], last: { keep: forever } }`, or promise `changes: append`",
            ),
        };
        flow.diagnostics.push(
            Diagnostic::error(
                &code::KIND_DIFFERS,
                at.at("name"),
                format!("the sink `{}` gets {is}, and its contract promises {promised}", node.name),
            )
            .also(cause, format!("{is} from here"))
            .also(contract.anchor.at("changes"), "what the contract promises")
            .help(help),
        );
        return;
    }
    let promised: Vec<&str> =
        contract.key.iter().map(|&index| contract.fields[index].name.as_str()).collect();
    let mut has = output.key_names();
    let mut wants = promised.clone();
    has.sort_unstable();
    wants.sort_unstable();
    if output.kind == StreamKind::Upsert && !has.is_empty() && has != wants {
        let list =
            |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let message = format!(
            "the sink `{}` gets rows keyed by {}, and its contract promises {}",
            node.name,
            list(&output.key_names()),
            list(&promised)
        );
        flow.diagnostics.push(
            Diagnostic::error(&code::KEY_DIFFERS, at.at("name"), message)
                .also(cause, "keyed from here")
                .also(contract.anchor.at("key"), "the key that the contract promises")
                .help("make the keys the same: rows are replaced by key, so readers must see the one that writes"),
        );
    }
}

/// A column as the field promises it.
fn fitted(flow: &mut Flow, op: OpId, typed: Typed, field: &Field, node: &Node) -> Typed {
    let from = &typed.expr.data_type;
    let cause = flow.facts(op).anchor.clone();
    let promised = field.anchor.at("type");
    let fits = match cast_rule(from, &field.data_type) {
        _ if from.is_unknown() || field.data_type.is_unknown() => return typed,
        CastRule::Same => true,
        CastRule::Never => widens(from, &field.data_type),
        CastRule::CanFail(_) | CastRule::Refused(_) => false,
    };
    if !fits {
        let (code, message) = if widens(&field.data_type, from) {
            (
                &code::TYPE_NARROWED,
                format!("`{}` is `{from}` here, more than the contract allows", field.name),
            )
        } else {
            (
                &code::TYPE_DIFFERS,
                format!("`{}` is `{from}` here, and the contract promises `{}`", field.name, field.data_type),
            )
        };
        flow.diagnostics.push(
            Diagnostic::error(code, cause, message)
                .label(format!("`{}.{}` is `{from}` here", node.name, field.name))
                .also(promised, format!("the contract promises `{}`", field.data_type))
                .help(format!("cast it with `cast: [ {{ field: {}, to: \"{}\" }} ]`, or publish a new major version of the contract", field.name, field.declared.data_type)),
        );
        return Typed {
            expr: crate::expr::Expr { data_type: field.data_type.clone(), ..typed.expr },
            ..typed
        };
    }
    if typed.expr.nullable && !field.nullable {
        report_nullable(flow, &typed, field, node, &cause);
    }
    let nullable = typed.expr.nullable && field.nullable;
    let expr = crate::expr::Expr { nullable, ..cast_to(&typed.expr, &field.data_type) };
    Typed { null: typed.null.filter(|_| nullable), expr, anchor: typed.anchor }
}

fn report_nullable(flow: &mut Flow, typed: &Typed, field: &Field, node: &Node, cause: &Anchor) {
    let (place, why) = match &typed.null {
        Some(null) => (null.anchor.clone(), null.why.to_string()),
        None => (cause.clone(), "may be null from here".to_owned()),
    };
    let message =
        format!("`{}` may be null in the sink `{}`, and its contract requires it", field.name, node.name);
    flow.diagnostics.push(
        Diagnostic::error(&code::NULLABLE_REQUIRED, place, message)
            .label(why)
            .also(field.anchor.at("required"), "the contract requires it")
            .help("give it a value with the step `fill`, reject such records with `validate` or `cast`, or filter them out"),
    );
}

/// Whether every value of one type is one of the other, without loss.
fn widens(from: &DataType, to: &DataType) -> bool {
    crate::function::common_type(&[from.clone(), to.clone()]).as_ref() == Some(to)
}

fn report_missing(flow: &mut Flow, op: OpId, field: &Field, node: &Node) {
    let cause = flow.facts(op).anchor.clone();
    let names: Vec<String> = flow.output(op).columns.iter().map(|column| column.name.clone()).collect();
    let message = format!("the sink `{}` gets no `{}`, which its contract promises", node.name, field.name);
    let help = match near(&field.name, names.iter().map(String::as_str)) {
        Some(meant) => format!(
            "`{meant}` looks like it: rename it with `rename: [ {{ field: {meant}, to: {} }} ]`",
            field.name
        ),
        None => format!("add it, such as with `set: [ {{ field: {}, is: ... }} ]`", field.name),
    };
    flow.diagnostics.push(
        Diagnostic::error(&code::FIELD_MISSING, cause, message)
            .label(format!("no `{}` here", field.name))
            .also(field.anchor.at("name"), "promised here")
            .help(help),
    );
}

/// Columns that no contract promises are not written: worth a word, since somebody computed them.
fn report_unpromised(flow: &mut Flow, op: OpId, contract: &Contract, node: &Node) {
    let output = flow.output(op);
    let extra: Vec<String> = output
        .columns
        .iter()
        .filter(|column| !contract.fields.iter().any(|field| field.name == column.name))
        .map(|column| format!("`{}`", column.name))
        .collect();
    if extra.is_empty() {
        return;
    }
    let place = node.anchor.at("from");
    flow.diagnostics.push(
        Diagnostic::warning(
            &lint::COLUMN_NOT_WRITTEN,
            place,
            format!("the sink `{}` does not write {}", node.name, extra.join(", ")),
        )
        .label("the contract does not have them")
        .help("drop them before, or add them to the contract"),
    );
}

fn check_event_time(flow: &mut Flow, op: OpId, contract: &Contract, node: &Node) {
    let Some(promised) = &contract.event_time else { return };
    let field = &contract.fields[promised.column];
    let output = flow.output(op);
    let column = output.event_time.as_ref().map(|time| output.columns[time.column].name.clone());
    if column.as_deref() == Some(field.name.as_str()) || output.index_of(&field.name).is_none() {
        return;
    }
    let is = column.map_or_else(
        || "this stream has no event time".to_owned(),
        |name| format!("this stream's event time is `{name}`"),
    );
    let cause = flow.facts(op).anchor.clone();
    flow.diagnostics.push(
        Diagnostic::error(
            &code::EVENT_TIME_DIFFERS,
            cause,
            format!(
                "the contract of the sink `{}` promises `{}` as event time, and {is}",
                node.name, field.name
            ),
        )
        .also(contract.anchor.at("eventTime").at("field"), "promised here")
        .help("keep the column of event time unchanged up to the sink, or promise another one"),
    );
}
