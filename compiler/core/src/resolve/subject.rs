//! A contract that a registry holds: takes a reference to a subject; gives the contract that its locked schema states.

use headwater_crds::contract::{Compatibility, ContractRef, ContractSpec};
use headwater_crds::lock::{LockedSubject, SchemaFormat};
use headwater_crds::scalar::{DnsLabel, Version};

use super::lock::{Locked, Locks};
use super::schema::{Placed, Schema};
use super::{contract, schema_avro, schema_json};
use crate::catalog::Contract;
use crate::code::{contract as contract_code, not_yet, reference as code};
use crate::diagnostic::{Anchor, Diagnostic};
use crate::near::near;

/// The contract that a reference to a subject means; none where that can't be told, which is said.
///
/// `registry` is the URL of the platform's registry, if the product has a platform that states one.
pub(super) fn resolve(
    declared: &ContractRef,
    subject: &str,
    anchor: &Anchor,
    (locks, registry): (&Locks, Option<&str>),
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Contract> {
    let Some(version) = declared.version else {
        let newest =
            locks.subjects.keys().filter(|(name, ..)| name == subject).map(|(_, version, _)| version).max();
        let diagnostic = Diagnostic::error(
            &code::CONTRACT_REFERENCE,
            anchor.at("subject"),
            format!("the subject `{subject}` is named without a version"),
        );
        diagnostics.push(match newest {
            Some(version) => diagnostic.help(format!("`contracts.lock` has `version: {version}`")),
            None => diagnostic
                .help("state the `version` that is expected: others may register a newer one at any time"),
        });
        return None;
    };
    let Some(locked) = find(locks, subject, version, registry) else {
        if !locks.is_partial {
            diagnostics.push(missing(locks, subject, version, registry, anchor));
        }
        return None;
    };
    let mut fields = read(locked, anchor, diagnostics)?;
    classify(declared, &mut fields, anchor, diagnostics);
    let spec = ContractSpec {
        id: DnsLabel(subject.to_owned()),
        version: Version(format!("{version}.0.0")),
        description: None,
        compatibility: Some(Compatibility::None),
        changes: declared.changes,
        key: declared.key.clone(),
        event_time: declared.event_time.as_deref().cloned(),
        fields: Vec::new(),
        rules: Vec::new(),
        on_violation: None,
        service_levels: None,
        odcs: None,
    };
    let stated = contract::Stated { fields, rules: Vec::new() };
    Some(contract::build(anchor.clone(), String::new(), subject.to_owned(), spec, stated, diagnostics))
}

/// The entry of the platform's registry, or the only one where no registry is stated.
fn find<'l>(
    locks: &'l Locks,
    subject: &str,
    version: u32,
    registry: Option<&str>,
) -> Option<&'l Locked<LockedSubject>> {
    let mut found = locks
        .subjects
        .values()
        .filter(|locked| locked.entry.subject == subject && locked.entry.version == version)
        .filter(|locked| registry.is_none_or(|url| same_url(url, &locked.entry.registry)));
    found.next().filter(|_| found.next().is_none())
}

fn same_url(a: &str, b: &str) -> bool {
    a.trim_end_matches('/') == b.trim_end_matches('/')
}

/// Says what the locks have instead.
fn missing(
    locks: &Locks,
    subject: &str,
    version: u32,
    registry: Option<&str>,
    anchor: &Anchor,
) -> Diagnostic {
    let of_subject: Vec<&(String, u32, String)> =
        locks.subjects.keys().filter(|(name, ..)| name == subject).collect();
    let of_version: Vec<&str> = of_subject
        .iter()
        .filter(|(_, other, _)| *other == version)
        .map(|(_, _, registry)| registry.as_str())
        .collect();
    let names = locks.subjects.keys().map(|(name, ..)| name.as_str());
    let say = |place: Anchor, message: String| Diagnostic::error(&code::NOT_LOCKED, place, message);
    match (of_version.as_slice(), registry) {
        ([_, _, ..], None) => say(
            anchor.at("subject"),
            format!("several registries have version {version} of the subject `{subject}`"),
        )
        .note(format!("`contracts.lock` has it from {}", list(of_version.iter().map(|url| format!("`{url}`")))))
        .help("state the registry that is meant in the platform: `registry: { url: ... }`"),
        ([_, ..], Some(registry)) => say(
            anchor.at("subject"),
            format!("`contracts.lock` has no version {version} of the subject `{subject}` from the platform's registry"),
        )
        .note(format!(
            "the platform's registry is `{registry}`, and the lock has the version from {}",
            list(of_version.iter().map(|url| format!("`{url}`")))
        )),
        _ if !of_subject.is_empty() => say(
            anchor.at("version"),
            format!("`contracts.lock` has no version {version} of the subject `{subject}`"),
        )
        .note(format!(
            "it has version {}",
            list(of_subject.iter().map(|(_, version, _)| version.to_string()))
        ))
        .help("name a version that is locked, or add the new one to the lock"),
        _ => {
            let diagnostic = say(anchor.at("subject"), format!("`contracts.lock` has no subject `{subject}`"))
                .note("compiling asks no registry: what others own is kept in the file `contracts.lock` beside the products");
            match near(subject, names) {
                Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
                None => diagnostic.help("add the subject's version with its schema, hash and registry to the lock"),
            }
        }
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

/// The fields that the locked schema states.
fn read(
    locked: &Locked<LockedSubject>,
    reference: &Anchor,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<Placed>> {
    let entry = &locked.entry;
    let mut schema = Schema::new(&entry.schema, locked.anchor.at("schema"));
    match entry.format {
        SchemaFormat::Avro => schema_avro::read(&mut schema),
        SchemaFormat::JsonSchema => schema_json::read(&mut schema),
        SchemaFormat::Protobuf => {
            diagnostics.push(
                Diagnostic::error(
                    &not_yet::REGISTRY_SUBJECT,
                    reference.at("subject"),
                    format!("the subject `{}` has a Protobuf schema, which is not read yet", entry.subject),
                )
                .also(locked.anchor.at("format"), "locked here")
                .help("declare a `DataContract` with the message's fields and name it here"),
            );
            return None;
        }
    }
    let failed = schema.has_failed();
    diagnostics.extend(schema.problems.into_iter().map(|problem| problem.said(&entry.subject, reference)));
    (!failed).then_some(schema.fields)
}

/// Puts the classifications of the reference on the fields that it names.
fn classify(
    declared: &ContractRef,
    fields: &mut [Placed],
    anchor: &Anchor,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for (index, classify) in declared.classify.iter().enumerate() {
        if let Some(placed) = fields.iter_mut().find(|placed| placed.field.name == classify.field) {
            placed.field.classification = Some(classify.classification.clone());
            placed.classified_at = Some(anchor.at("classify").at(index).at("as"));
            continue;
        }
        let place = anchor.at("classify").at(index).at("field");
        let message = format!("the subject's schema has no field `{}`", classify.field);
        let diagnostic = Diagnostic::error(&contract_code::UNKNOWN_FIELD, place, message);
        diagnostics.push(
            match near(&classify.field, fields.iter().map(|placed| placed.field.name.0.as_str())) {
                Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
                None => diagnostic,
            },
        );
    }
}
