//! Where classified fields go, and whether every place that stores them is cleared for it.
//!
//! Takes the catalog, the checked operators and their hops; gives diagnostics.
//! A product never grants itself anything: clearances are the platform's.

mod clearance;
mod place;
mod spread;

use std::collections::BTreeSet;

use crate::catalog::{Catalog, Declared};
use crate::check::Checked;
use crate::code::{lint, privacy as code};
use crate::diagnostic::{Anchor, Diagnostic, Place as DiagnosticPlace};
use crate::graph::OpId;
use crate::placement::Hop;
use crate::shared::Shared;
use place::Place;
use spread::{Tags, spread};

/// For each operator the labels of each column.
pub(crate) struct Labels(Vec<Shared<Tags>>);

/// The labels of everything, and what of it is stored where it may not be.
pub(crate) fn classify(
    catalog: &Catalog,
    checked: &Checked,
    today: Option<&str>,
) -> (Labels, Vec<Diagnostic>) {
    let mut diagnostics = unknown_labels(catalog);
    let labels = Labels(spread(catalog, &checked.flow));
    let Labels(tags) = &labels;
    if tags.iter().any(|columns| columns.iter().any(|tags| !tags.is_empty())) {
        diagnostics.extend(uncleared(catalog, checked, tags, place::places(catalog, checked), today));
        diagnostics.extend(understated(catalog, checked, tags));
        let places: BTreeSet<&DiagnosticPlace> =
            diagnostics.iter().map(|diagnostic| &diagnostic.place).collect();
        let refused = |sink: &Anchor| places.contains(&DiagnosticPlace::Anchor(sink.at("from")));
        let raw = raw_in_lake(catalog, checked, tags, &refused);
        diagnostics.extend(raw);
    }
    (labels, diagnostics)
}

/// What is stored in a topic between two engines where it may not be.
pub(crate) fn classify_hops(
    catalog: &Catalog,
    checked: &Checked,
    Labels(tags): &Labels,
    hops: &[Hop],
    today: Option<&str>,
) -> Vec<Diagnostic> {
    uncleared(catalog, checked, tags, place::hops(checked, hops), today)
}

/// The columns that are stored at one of the places without clearance.
fn uncleared(
    catalog: &Catalog,
    checked: &Checked,
    tags: &[Shared<Tags>],
    places: Vec<Place>,
    today: Option<&str>,
) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for place in places {
        let node = catalog.node(checked.flow.ops[place.op.0 as usize].node);
        let product = catalog.product(node.product);
        if product.is_platform_unclear {
            continue;
        }
        let platform = product.platform.map(|index| &catalog.platforms[index]);
        for &column in &place.columns {
            if tags[place.op.0 as usize][column].is_empty() {
                continue;
            }
            let labels = tags[place.op.0 as usize][column].all();
            let uncleared: BTreeSet<&String> = labels
                .iter()
                .filter(|label| !clearance::clears(platform, &place, &product.namespace, label, today))
                .collect();
            if let Some(label) = uncleared.into_iter().next() {
                diagnostics.push(report(catalog, checked, tags, &place, column, label));
            }
        }
    }
    diagnostics
}

/// Personal data that a table of a lake gets as it is, cleared or not: who reads tables is hard to tell and easy to widen.
fn raw_in_lake(
    catalog: &Catalog,
    checked: &Checked,
    tags: &[Shared<Tags>],
    refused: &impl Fn(&Anchor) -> bool,
) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for sink in place::sinks(catalog, checked) {
        let node = catalog.node(checked.flow.ops[sink.0 as usize].node);
        let is_table = matches!(&node.declared, Declared::Sink(declared) if declared.table.is_some());
        if !is_table || refused(&node.anchor) {
            continue;
        }
        let columns = checked.flow.output(sink).columns.iter().zip(&tags[sink.0 as usize]);
        let raw: Vec<String> = columns
            .filter(|(_, tags)| tags.all().iter().any(|label| !label.starts_with(spread::PSEUDONYMOUS)))
            .map(|(column, _)| format!("`{}`", column.name))
            .collect();
        if !raw.is_empty() {
            let message =
                format!("the table of the sink `{}` holds {} without a mask", node.name, raw.join(", "));
            diagnostics.push(
                Diagnostic::warning(&lint::RAW_IN_LAKE, node.anchor.at("from"), message)
                    .help("mask it before, such as with `mask: [ { field: ..., hmac: { key: ... } } ]`, or leave it out"),
            );
        }
    }
    diagnostics
}

/// One field that reaches a place without clearance, with its whole path.
fn report(
    catalog: &Catalog,
    checked: &Checked,
    tags: &[Shared<Tags>],
    place: &Place,
    column: usize,
    label: &str,
) -> Diagnostic {
    let flow = &checked.flow;
    let name = &flow.output(place.op).columns[column].name;
    let path = path_of(checked, tags, place.op, column, label);
    let message = format!("`{name}` holds `{label}` and reaches {} without clearance", place.words);
    let mut steps: Vec<String> = Vec::new();
    for (op, column) in path.iter().rev() {
        let node = &catalog.node(flow.ops[op.0 as usize].node).name;
        let step = format!("{node}.{}", flow.output(*op).columns[*column].name);
        if steps.last() != Some(&step) {
            steps.push(step);
        }
    }
    let mut diagnostic = Diagnostic::error(place.code, place.anchor.clone(), message)
        .label(format!("`{name}` is stored here"));
    if let Some((origin, column)) = path.last() {
        diagnostic = diagnostic.also(
            spread::origin(catalog, flow, *origin, *column),
            format!("classified `{}` here", label.trim_start_matches(spread::PSEUDONYMOUS)),
        );
    }
    diagnostic.note(format!("its path: {}", steps.join(" -> "))).help(place.help)
}

/// The operators and columns that a label came through, from the place back to the source.
fn path_of(
    checked: &Checked,
    tags: &[Shared<Tags>],
    op: OpId,
    column: usize,
    label: &str,
) -> Vec<(OpId, usize)> {
    let bare = label.trim_start_matches(spread::PSEUDONYMOUS);
    let mut path = vec![(op, column)];
    let (mut op, mut column) = (op, column);
    while let Some(before) = spread::before(&checked.flow, op, column).into_iter().find(|(op, column)| {
        tags[op.0 as usize][*column]
            .all()
            .iter()
            .any(|other| other.trim_start_matches(spread::PSEUDONYMOUS) == bare)
    }) {
        path.push(before);
        (op, column) = before;
    }
    path
}

/// Classifications that the platform does not know.
fn unknown_labels(catalog: &Catalog) -> Vec<Diagnostic> {
    let known: BTreeSet<&str> = catalog
        .platforms
        .iter()
        .filter_map(|platform| platform.spec.policies.as_ref())
        .flat_map(|policies| policies.classifications.iter().map(|classification| &*classification.name))
        .collect();
    let mut diagnostics = Vec::new();
    if known.is_empty() {
        return diagnostics;
    }
    for contract in &catalog.contracts {
        let mut fields: Vec<&crate::catalog::Field> = contract.fields.iter().collect();
        while let Some(field) = fields.pop() {
            fields.extend(&field.inner);
            let Some(label) = field.declared.classification.as_deref() else { continue };
            let bare = label.trim_start_matches(spread::PSEUDONYMOUS);
            if known.iter().any(|known| clearance::covers(known, bare) || clearance::covers(bare, known)) {
                continue;
            }
            let place = field.classified_at();
            let diagnostic = Diagnostic::error(
                &code::UNKNOWN_CLASSIFICATION,
                place,
                format!("no platform knows the classification `{label}`"),
            );
            diagnostics.push(match crate::near::near(bare, known.iter().copied()) {
                Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
                None => diagnostic
                    .help("add it to `policies.classifications` of the platform, or use one that is there"),
            });
        }
    }
    diagnostics
}

/// A contract that says less of a field than what flows into it would mislead every reader.
fn understated(catalog: &Catalog, checked: &Checked, tags: &[Shared<Tags>]) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for sink in place::sinks(catalog, checked) {
        let node = catalog.node(checked.flow.ops[sink.0 as usize].node);
        for contract in
            node.contracts.iter().filter_map(|reference| reference.id).map(|id| catalog.contract(id))
        {
            for field in &contract.fields {
                let Some(column) = checked.flow.output(sink).index_of(&field.name) else { continue };
                let declared = spread::declared(field).all();
                let flowing = tags[sink.0 as usize][column].all();
                let missing = flowing.iter().find(|label| {
                    let bare = label.trim_start_matches(spread::PSEUDONYMOUS);
                    !declared
                        .iter()
                        .any(|known| clearance::covers(known, label) || clearance::covers(known, bare))
                });
                if let Some(label) = missing {
                    diagnostics.push(understated_field(checked, sink, field, &node.name, label));
                }
            }
        }
    }
    diagnostics
}

fn understated_field(
    checked: &Checked,
    sink: OpId,
    field: &crate::catalog::Field,
    node: &str,
    label: &str,
) -> Diagnostic {
    let place: Anchor = field.anchor.at("name");
    let says = match field.declared.classification.as_deref() {
        Some(other) => format!("its contract says `{other}`"),
        None => "its contract does not say so".to_owned(),
    };
    Diagnostic::error(
        &code::UNDERSTATED,
        place,
        format!("`{}` of the sink `{node}` holds `{label}`, and {says}", field.name),
    )
    .also(checked.flow.facts(sink).anchor.at("from"), "what flows in here")
    .help(format!("state `classification: {label}`, or mask the field before the sink"))
}
