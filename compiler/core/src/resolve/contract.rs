//! A contract with its fields as a tree, its key and event time as indices.

use headwater_crds::contract::{Changes, ContractSpec, OnViolation as Declared, Rule};

use super::schema::Placed;
use super::{fields, odcs};
use crate::catalog::{Contract, Field};
use crate::code::contract as code;
use crate::data_type::DataType;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::graph::OnViolation;
use crate::near::near;
use crate::stream::{EventTime, StreamKind};

/// What a declaration states, each with its place.
#[derive(Debug, Default)]
pub(super) struct Stated {
    pub(super) fields: Vec<Placed>,
    pub(super) rules: Vec<(Anchor, Rule)>,
}

/// The fields and rules of a declaration.
pub(super) fn stated(spec: &mut ContractSpec, at: &Anchor, diagnostics: &mut Vec<Diagnostic>) -> Stated {
    if spec.odcs.is_some() {
        return odcs::read(spec, at, diagnostics);
    }
    let (fields, rules) = (at.at("fields"), at.at("rules"));
    let placed = std::mem::take(&mut spec.fields).into_iter().enumerate();
    let checks = std::mem::take(&mut spec.rules).into_iter().enumerate();
    Stated {
        fields: placed
            .map(|(index, field)| Placed { field, anchor: fields.at(index), classified_at: None })
            .collect(),
        rules: checks.map(|(index, rule)| (rules.at(index).at("check"), rule)).collect(),
    }
}

/// Builds a contract from its declaration, which stands at `at`, and what that states.
pub(super) fn build(
    at: Anchor,
    namespace: String,
    name: String,
    spec: ContractSpec,
    stated: Stated,
    diagnostics: &mut Vec<Diagnostic>,
) -> Contract {
    let kind = match spec.changes {
        Some(Changes::Upsert) => StreamKind::Upsert,
        Some(Changes::Append) | None => StreamKind::Append,
    };
    let fields = fields::tree(stated.fields, diagnostics);
    let key = key(&spec.key, &fields, &at.at("key"), diagnostics);
    if kind == StreamKind::Upsert && spec.key.is_empty() {
        diagnostics.push(
            Diagnostic::error(&code::UPSERT_WITHOUT_KEY, at.at("changes"), "an upsert stream needs a key")
                .label("the last record of which key?")
                .help("state `key` with the fields that identify a row"),
        );
    }
    let event_time =
        spec.event_time.and_then(|time| event_time(&time, &fields, &at.at("eventTime"), diagnostics));
    let on_violation = match spec.on_violation {
        None | Some(Declared::DeadLetter) => OnViolation::DeadLetter,
        Some(Declared::DeadLetterAndDelete) => OnViolation::DeadLetterAndDelete,
        Some(Declared::Drop) => OnViolation::Drop,
        Some(Declared::Fail) => OnViolation::Fail,
    };
    if on_violation == OnViolation::DeadLetterAndDelete && kind == StreamKind::Append {
        diagnostics.push(
            Diagnostic::error(
                &code::DELETE_ON_APPEND,
                at.at("onViolation"),
                "an append stream has no rows that could be deleted",
            )
            .help("use `onViolation: deadLetter`, or `changes: upsert`"),
        );
    }
    Contract {
        anchor: at,
        namespace,
        name,
        id: spec.id.to_string(),
        version: version(&spec.version),
        fields,
        kind,
        key,
        event_time,
        rules: stated.rules,
        on_violation,
        allowed: indexmap::IndexMap::new(),
    }
}

fn key(names: &[String], fields: &[Field], list: &Anchor, diagnostics: &mut Vec<Diagnostic>) -> Vec<usize> {
    let mut key = Vec::new();
    for (position, name) in names.iter().enumerate() {
        let Some(index) = find(name, fields, &list.at(position), "the key", diagnostics) else { continue };
        let field = &fields[index];
        if field.nullable {
            diagnostics.push(
                Diagnostic::error(
                    &code::NULLABLE_KEY,
                    list.at(position),
                    format!("the key field `{name}` may be null"),
                )
                .also(field.anchor.at("name"), "declared here without `required: true`")
                .help(
                    "a key identifies a row, so each of its fields has a value: declare it `required: true`",
                ),
            );
        }
        key.push(index);
    }
    key
}

fn event_time(
    declared: &headwater_crds::contract::EventTime,
    fields: &[Field],
    at: &Anchor,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<EventTime> {
    let column = find(&declared.field, fields, &at.at("field"), "event time", diagnostics)?;
    let field = &fields[column];
    if field.nullable || !matches!(field.data_type, DataType::Timestamp | DataType::Unknown) {
        let what =
            if field.nullable { "may be null".to_owned() } else { format!("is `{}`", field.data_type) };
        diagnostics.push(
            Diagnostic::error(
                &code::EVENT_TIME_TYPE,
                at.at("field"),
                format!("the field of event time `{}` {what}", declared.field),
            )
            .also(field.anchor.at("name"), "declared here")
            .help("event time is a required field of type `timestamp`"),
        );
    }
    Some(EventTime {
        column,
        max_delay_ms: declared.max_delay.as_ref().and_then(|delay| delay.ms()).unwrap_or(0),
        idle_after_ms: declared.idle_after.as_ref().and_then(|idle| idle.ms()),
    })
}

/// Index of a top-level field; says so where there is none.
fn find(
    name: &str,
    fields: &[Field],
    place: &Anchor,
    what: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<usize> {
    let found = fields.iter().position(|field| field.name == name);
    if found.is_none() {
        let mut diagnostic = Diagnostic::error(
            &code::UNKNOWN_FIELD,
            place,
            format!("{what} names the field `{name}`, which the contract does not have"),
        );
        if let Some(meant) = near(name, fields.iter().map(|field| field.name.as_str())) {
            diagnostic = diagnostic.help(format!("did you mean `{meant}`?"));
        }
        diagnostics.push(diagnostic);
    }
    found
}

/// The numbers of a version whose form the schema has checked.
fn version(text: &str) -> (u64, u64, u64) {
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or(u64::MAX));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next())
}
