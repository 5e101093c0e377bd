//! The steps that look at one record at a time.

use headwater_crds::scalar::SqlName;
use headwater_crds::step::{
    Cast, Fill, Filter, Flatten, Parse, ParseJson, ParsePattern, Rename, Set, Unnest, Validate,
};

use super::expr::{columns, is_present, missing_or, resolved, scope, text};
use super::steps::find;
use crate::code::{run_time, step as code};
use crate::data_type::DataType;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::expr::{Expr, ExprNode};
use crate::flow::{self, Flow, NullCause, Typed, Unnesting};
use crate::function::{CastRule, cast_rule, cast_to};
use crate::graph::{OnViolation, OpId, Rule};
use crate::sql;
use crate::type_name::declared_type;

pub(super) fn filter(flow: &mut Flow, op: OpId, step: &Filter, at: &Anchor) -> OpId {
    let scope = scope(flow, op);
    let predicate = sql::bind_predicate(&scope, &step.condition, &at.at("where"), &mut flow.diagnostics);
    flow::filter(flow, op, predicate, at)
}

pub(super) fn select(flow: &mut Flow, op: OpId, names: &[SqlName], at: &Anchor) -> Option<OpId> {
    let mut chosen = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let place = at.at(index);
        if let Some(column) = find(flow, op, name, &place) {
            chosen.push((name.to_string(), flow.column(op, column, &place)));
        }
    }
    (!chosen.is_empty()).then(|| flow::project(flow, op, chosen, at))
}

pub(super) fn rename(flow: &mut Flow, op: OpId, renames: &[Rename], at: &Anchor) -> OpId {
    let mut columns = columns(flow, op, at);
    for (index, rename) in renames.iter().enumerate() {
        let place = at.at(index);
        if let Some(column) = find(flow, op, &rename.field, &place.at("field")) {
            columns[column].0 = rename.to.to_string();
            columns[column].1.anchor = place.at("to");
        }
    }
    flow::project(flow, op, columns, at)
}

pub(super) fn drop(flow: &mut Flow, op: OpId, names: &[SqlName], at: &Anchor) -> OpId {
    let gone = super::steps::find_all(flow, op, names.iter().map(|name| &**name), at);
    let kept = columns(flow, op, at)
        .into_iter()
        .enumerate()
        .filter(|(index, _)| !gone.contains(index))
        .map(|(_, column)| column)
        .collect();
    flow::project(flow, op, kept, at)
}

pub(super) fn set(flow: &mut Flow, op: OpId, sets: &[Set], at: &Anchor) -> OpId {
    let scope = scope(flow, op);
    let mut columns = columns(flow, op, at);
    for (index, set) in sets.iter().enumerate() {
        let typed = sql::bind_expr(&scope, &set.is, &at.at(index).at("is"), &mut flow.diagnostics);
        put(&mut columns, &set.field, typed);
    }
    flow::project(flow, op, columns, at)
}

/// Replaces the column of this name, or adds it.
fn put(columns: &mut Vec<(String, Typed)>, name: &str, typed: Typed) {
    match columns.iter_mut().find(|(other, _)| other == name) {
        Some((_, old)) => *old = typed,
        None => columns.push((name.to_owned(), typed)),
    }
}

/// A value that can't become the type goes to the dead letters, so the column stays as nullable as it was.
pub(super) fn cast(flow: &mut Flow, op: OpId, casts: &[Cast], at: &Anchor) -> OpId {
    let mut columns = columns(flow, op, at);
    let mut rules = Vec::new();
    for (index, cast) in casts.iter().enumerate() {
        let place = at.at(index);
        let Some(column) = find(flow, op, &cast.field, &place.at("field")) else { continue };
        let to = match declared_type(&cast.to, &place.at("to")) {
            Ok(to) => to,
            Err(diagnostic) => {
                flow.diagnostics.push(*diagnostic);
                columns[column].1.expr.data_type = DataType::Unknown;
                continue;
            }
        };
        let value = flow.column(op, column, &place).expr;
        let changed = cast_to(&value, &to);
        match cast_rule(&value.data_type, &to) {
            CastRule::Refused(reason) => {
                let message =
                    format!("`{}` is `{}`, which can't be cast to `{to}`", cast.field, value.data_type);
                flow.diagnostics
                    .push(Diagnostic::error(&code::CAST_REFUSED, place.at("to"), message).help(reason));
            }
            CastRule::CanFail(_) => {
                let predicate = missing_or(value.clone(), is_present(changed.clone()));
                rules.push(rule("cast", run_time::CAST_FAILED.id, &cast.field, predicate));
            }
            CastRule::Same | CastRule::Never => {}
        }
        columns[column].1.expr = Expr { nullable: value.nullable, data_type: to, ..changed };
    }
    let valid = flow::validate(flow, op, rules, at);
    flow::project(flow, valid, columns, at)
}

fn rule(name: &str, code: &str, field: &str, predicate: Expr) -> Rule {
    Rule {
        name: name.to_owned(),
        code: code.to_owned(),
        field: Some(field.to_owned()),
        predicate,
        on_violation: OnViolation::DeadLetter,
    }
}

pub(super) fn fill(flow: &mut Flow, op: OpId, fills: &[Fill], at: &Anchor) -> OpId {
    let scope = scope(flow, op);
    let mut columns = columns(flow, op, at);
    for (index, fill) in fills.iter().enumerate() {
        let place = at.at(index);
        let Some(column) = find(flow, op, &fill.field, &place.at("field")) else { continue };
        let value = sql::bind_expr(&scope, &fill.value, &place.at("with"), &mut flow.diagnostics);
        let old = flow.column(op, column, &place).expr;
        let data_type = old.data_type.clone();
        match resolved("coalesce", &[old, value.expr.clone()]) {
            Some(resolved) if resolved.data_type == data_type || data_type.is_unknown() => {
                let expr = resolved.into_expr();
                columns[column].1 = Typed { null: value.null.filter(|_| expr.nullable), expr, anchor: place };
            }
            _ if value.expr.data_type.is_unknown() => {}
            _ => {
                let message = format!(
                    "`{}` is `{data_type}`, and the value to fill in is `{}`",
                    fill.field, value.expr.data_type
                );
                flow.diagnostics.push(
                    Diagnostic::error(&code::FILL_TYPE, &value.anchor, message)
                        .help(format!("cast the value: `CAST(... AS {data_type})`")),
                );
            }
        }
    }
    flow::project(flow, op, columns, at)
}

/// A text that does not have the pattern goes to the dead letters.
pub(super) fn parse(flow: &mut Flow, op: OpId, parses: &[Parse], at: &Anchor) -> OpId {
    let mut columns = columns(flow, op, at);
    let mut rules = Vec::new();
    for (index, parse) in parses.iter().enumerate() {
        let place = at.at(index);
        let Some(column) = find(flow, op, &parse.field, &place.at("field")) else { continue };
        let value = flow.column(op, column, &place).expr;
        let Some(parsed) = parsed(flow, &value, parse, &place) else { continue };
        rules.push(rule(
            "parse",
            run_time::PARSE_FAILED.id,
            &parse.field,
            missing_or(value.clone(), is_present(parsed.clone())),
        ));
        let expr = Expr { nullable: value.nullable, ..parsed };
        let null = columns[column].1.null.clone();
        let name = parse.into.as_ref().unwrap_or(&parse.field);
        put(&mut columns, name, Typed { expr, null, anchor: place });
    }
    let valid = flow::validate(flow, op, rules, at);
    flow::project(flow, valid, columns, at)
}

fn parsed(flow: &mut Flow, value: &Expr, parse: &Parse, place: &Anchor) -> Option<Expr> {
    if let Some(json) = &parse.json {
        return parsed_json(flow, value, parse, json, &place.at("json"));
    }
    let (function, form, member) = match (&parse.timestamp, &parse.date) {
        (Some(form), _) => ("to_timestamp", form, "timestamp"),
        (None, Some(form)) => ("to_date", form, "date"),
        (None, None) => return None,
    };
    let ParsePattern { pattern, zone } = form;
    let mut args = vec![value.clone(), text(pattern)];
    args.extend(zone.as_deref().map(text));
    let found = resolved(function, &args);
    if found.is_none() {
        let message =
            format!("`{}` is `{}`, and a pattern of this form reads `string`", parse.field, value.data_type);
        flow.diagnostics.push(Diagnostic::error(&code::PARSE_TYPE, place.at(member), message).help(
            "cast the column to `string` first; letters of the pattern are listed in docs/functions.md",
        ));
    }
    found.map(crate::function::Resolved::into_expr)
}

/// The struct that a JSON text holds, by the fields that are declared for it.
fn parsed_json(flow: &mut Flow, value: &Expr, parse: &Parse, json: &ParseJson, at: &Anchor) -> Option<Expr> {
    if !matches!(value.data_type, DataType::String | DataType::Unknown) {
        let message = format!("`{}` is `{}`, and JSON is read from `string`", parse.field, value.data_type);
        flow.diagnostics.push(
            Diagnostic::error(&code::PARSE_TYPE, at, message)
                .help("name a column of text; nested values are taken apart with `flatten` and `unnest`"),
        );
        return None;
    }
    let data_type = crate::resolve::parsed_struct(&json.fields, &at.at("fields"), &mut flow.diagnostics)?;
    Some(Expr { node: ExprNode::ParseJson(Box::new(value.clone())), data_type, nullable: true })
}

pub(super) fn flatten(flow: &mut Flow, op: OpId, flattens: &[Flatten], at: &Anchor) -> OpId {
    let mut columns = columns(flow, op, at);
    for (index, flatten) in flattens.iter().enumerate() {
        let place = at.at(index);
        let Some(column) = find(flow, op, &flatten.field, &place.at("field")) else { continue };
        let typed = flow.column(op, column, &place);
        let DataType::Struct(members) = typed.expr.data_type.clone() else {
            if !typed.expr.data_type.is_unknown() {
                let message = format!(
                    "`{}` is `{}`, and only a struct can be flattened",
                    flatten.field, typed.expr.data_type
                );
                flow.diagnostics.push(
                    Diagnostic::error(&code::NOT_NESTED, place.at("field"), message)
                        .help("a list or map becomes records with the step `unnest`"),
                );
            }
            continue;
        };
        let prefix = flatten.prefix.clone().unwrap_or_else(|| format!("{}_", flatten.field));
        let position = columns.iter().position(|(name, _)| *name == *flatten.field).unwrap_or(columns.len());
        let outer_null = typed.expr.nullable;
        let unfolded = members.into_iter().enumerate().map(|(index, member)| {
            let nullable = member.nullable || outer_null;
            let why = || NullCause {
                anchor: place.clone(),
                why: format!("`{}.{}` may be missing", flatten.field, member.name).into(),
                fails: false,
            };
            let node = ExprNode::Member { input: Box::new(typed.expr.clone()), index };
            let null = nullable.then(why);
            let expr = Expr { node, data_type: member.data_type, nullable };
            (format!("{prefix}{}", member.name), Typed { expr, null, anchor: place.clone() })
        });
        columns
            .splice(position..=position.min(columns.len().saturating_sub(1)), unfolded.collect::<Vec<_>>());
    }
    flow::project(flow, op, columns, at)
}

/// One record for each element; the column itself is left out behind it.
pub(super) fn unnest(flow: &mut Flow, op: OpId, step: &Unnest, at: &Anchor) -> Option<OpId> {
    let column = find(flow, op, &step.field, &at.at("field"))?;
    let data_type = flow.output(op).columns[column].data_type.clone();
    let Some(elements) = flow::element_columns(&data_type) else {
        if !data_type.is_unknown() {
            let message =
                format!("`{}` is `{data_type}`, and only a list or a map can be unnested", step.field);
            flow.diagnostics.push(
                Diagnostic::error(&code::NOT_NESTED, at.at("field"), message)
                    .help("the members of a struct become columns with the step `flatten`"),
            );
        }
        return None;
    };
    let single = elements.len() == 1;
    let own =
        elements.iter().map(|element| if single { step.field.to_string() } else { element.name.clone() });
    let names: Vec<String> = if step.names.is_empty() {
        own.collect()
    } else {
        step.names.iter().map(ToString::to_string).collect()
    };
    if names.len() != elements.len() {
        let message =
            format!("an element has {} columns, and {} names are given", elements.len(), names.len());
        flow.diagnostics.push(
            Diagnostic::error(&code::UNNEST_NAMES, at.at("as"), message).help("give each column one name"),
        );
        return None;
    }
    let ordinality = step.position.as_ref().map(ToString::to_string);
    let what = Unnesting { column, names, ordinality, keep_empty: step.keep_empty };
    let unnested = flow::unnest(flow, op, what, at);
    let mut columns = columns(flow, unnested, at);
    columns.remove(column);
    Some(flow::project(flow, unnested, columns, at))
}

pub(super) fn validate(flow: &mut Flow, op: OpId, rules: &[Validate], at: &Anchor) -> OpId {
    let scope = scope(flow, op);
    let mut bound = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        let anchor = at.at(index).at("check");
        let predicate = sql::bind_predicate(&scope, &rule.check, &anchor, &mut flow.diagnostics);
        if predicate.expr.node == ExprNode::Poison {
            continue;
        }
        bound.push(Rule {
            name: rule.name.to_string(),
            code: run_time::VALIDATION_FAILED.id.to_owned(),
            field: None,
            predicate: predicate.expr,
            on_violation: rule.on_violation.map_or(OnViolation::DeadLetter, super::sink::on_violation),
        });
    }
    flow::validate(flow, op, bound, at)
}
