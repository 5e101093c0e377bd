//! Every place that stores records: sinks, state, hops, landing topics, dead letters.

use std::collections::BTreeSet;

use headwater_crds::policy::PlaceKind;
use headwater_crds::sink::Sink;
use headwater_crds::source::Source;

use crate::catalog::{Catalog, Declared};
use crate::check::Checked;
use crate::code::{Code, privacy as code};
use crate::diagnostic::Anchor;
use crate::graph::{Kept, OpId, Operator, Role};
use crate::placement::Hop;

/// A place and the columns of an operator's output that it stores.
pub(super) struct Place {
    pub(super) kind: PlaceKind,
    pub(super) op: OpId,
    pub(super) columns: Vec<usize>,
    /// Where a diagnostic points.
    pub(super) anchor: Anchor,
    /// The place in the words of a message.
    pub(super) words: String,
    /// Member that states the sink's target; empty for other places.
    pub(super) sink_type: &'static str,
    /// What the product asks for it by.
    pub(super) purpose: Option<String>,
    pub(super) code: &'static Code,
    pub(super) help: &'static str,
}

const MASK_EARLIER: &str = "mask the field before it gets here, or ask the platform's owners for a clearance";

/// All places in order of the operators.
pub(super) fn places(catalog: &Catalog, checked: &Checked) -> Vec<Place> {
    let mut places = Vec::new();
    for (id, op) in (0u32..).map(OpId).zip(&checked.flow.ops) {
        let node = catalog.node(op.node);
        match (&op.operator, &node.declared) {
            (Operator::Sink, Declared::Sink(sink)) => places.push(sink_place(catalog, checked, id, sink)),
            (Operator::Source, Declared::Source(source)) => {
                places.extend(landing(checked, id, source, &node.anchor));
                places.extend(dead_letters(catalog, checked, id));
            }
            (operator, _) => places.extend(state(checked, id, operator)),
        }
    }
    places
}

/// The topics between two engines.
pub(super) fn hops(checked: &Checked, hops: &[Hop]) -> Vec<Place> {
    let place = |hop: &Hop| Place {
        kind: PlaceKind::Hop,
        op: hop.from,
        columns: all(checked, hop.from),
        anchor: checked.flow.facts(hop.from).anchor.clone(),
        words: format!("the topic `{}` between two engines", hop.topic),
        sink_type: "",
        purpose: None,
        code: &code::REACHES_HOP,
        help: MASK_EARLIER,
    };
    hops.iter().map(place).collect()
}

/// The operators that write sinks.
pub(super) fn sinks<'a>(catalog: &'a Catalog, checked: &'a Checked) -> impl Iterator<Item = OpId> + 'a {
    let ids = (0u32..).map(OpId).zip(&checked.flow.ops);
    ids.filter(|(_, op)| op.operator == Operator::Sink && catalog.node(op.node).role() == Role::Sink)
        .map(|(id, _)| id)
}

fn all(checked: &Checked, op: OpId) -> Vec<usize> {
    (0..checked.flow.output(op).columns.len()).collect()
}

fn sink_place(catalog: &Catalog, checked: &Checked, op: OpId, sink: &Sink) -> Place {
    let node = catalog.node(checked.flow.ops[op.0 as usize].node);
    Place {
        kind: PlaceKind::Sink,
        op,
        columns: all(checked, op),
        anchor: node.anchor.at("from"),
        words: format!("the sink `{}`", node.name),
        sink_type: sink_type(sink),
        purpose: sink.purpose.as_ref().map(ToString::to_string),
        code: &code::REACHES_SINK,
        help: "mask the field before the sink, drop it, or state a `purpose` that the platform clears for it",
    }
}

/// The member that states a sink's target.
pub(crate) fn sink_type(sink: &Sink) -> &'static str {
    let members = [
        ("topic", sink.topic.is_some()),
        ("table", sink.table.is_some()),
        ("files", sink.files.is_some()),
        ("stdout", sink.stdout.is_some()),
        ("jdbc", sink.jdbc.is_some()),
        ("snowflake", sink.snowflake.is_some()),
        ("opensearch", sink.opensearch.is_some()),
        ("connector", sink.connector.is_some()),
    ];
    members.into_iter().find(|(_, present)| *present).map_or("", |(name, _)| name)
}

/// The topic that a connector fills.
fn landing(checked: &Checked, op: OpId, source: &Source, anchor: &Anchor) -> Option<Place> {
    let is_own = source.files.is_some() || source.topic.is_some() || source.generate.is_some();
    (!is_own).then(|| Place {
        kind: PlaceKind::Landing,
        op,
        columns: all(checked, op),
        anchor: anchor.at("name"),
        words: format!("the landing topic of `{}`", source.name),
        sink_type: "",
        purpose: None,
        code: &code::REACHES_LANDING,
        help: "ask the platform's owners for a clearance of landing topics: what a connector reads lands as it is",
    })
}

/// A rejected record is kept as it came, with every field of its source.
fn dead_letters(catalog: &Catalog, checked: &Checked, op: OpId) -> Option<Place> {
    let node = catalog.node(checked.flow.ops[op.0 as usize].node);
    let product = catalog.product(node.product);
    let settings = product.spec.dead_letters.as_ref();
    let keeps =
        settings.and_then(|letters| letters.original.as_ref()).is_none_or(|original| original.keep.is_some());
    let anchor = match settings {
        Some(_) => Anchor::value(product.document, "/spec/deadLetters"),
        None => node.anchor.at("name"),
    };
    keeps.then(|| Place {
        kind: PlaceKind::DeadLetters,
        op,
        columns: all(checked, op),
        anchor,
        words: format!("the dead letters of `{}`", product.name),
        sink_type: "",
        purpose: settings.and_then(|letters| letters.purpose.as_ref()).map(ToString::to_string),
        code: &code::REACHES_DEAD_LETTERS,
        help: "keep rejected records without their content with `deadLetters: { original: { omit: {} } }`, or under a key with `encrypt`",
    })
}

/// What an operator remembers, as columns of its inputs.
fn state(checked: &Checked, id: OpId, operator: &Operator) -> Vec<Place> {
    let op = &checked.flow.ops[id.0 as usize];
    let stored: Vec<(OpId, Vec<usize>)> = match operator {
        Operator::Aggregate { by, measures, .. } => {
            let mut columns: BTreeSet<usize> = by.iter().copied().collect();
            for arg in measures.iter().flat_map(|measure| &measure.args) {
                arg.visit_columns(&mut |index| {
                    columns.insert(index);
                });
            }
            vec![(op.inputs[0], columns.into_iter().collect())]
        }
        Operator::Deduplicate { by, kept: Kept::FirstWithinMs(_) } => vec![(op.inputs[0], by.clone())],
        Operator::Deduplicate { .. }
        | Operator::TopN { .. }
        | Operator::Over { .. }
        | Operator::Join { .. } => op.inputs.iter().map(|&input| (input, all(checked, input))).collect(),
        Operator::Source
        | Operator::Import
        | Operator::Filter { .. }
        | Operator::Project { .. }
        | Operator::Validate { .. }
        | Operator::Unnest { .. }
        | Operator::Union
        | Operator::Changelog
        | Operator::Branch { .. }
        | Operator::Sink => Vec::new(),
    };
    let place = |(input, columns)| Place {
        kind: PlaceKind::State,
        op: input,
        columns,
        anchor: checked.flow.facts(id).anchor.clone(),
        words: "what an engine remembers".to_owned(),
        sink_type: "",
        purpose: None,
        code: &code::REACHES_STATE,
        help: MASK_EARLIER,
    };
    stored.into_iter().map(place).collect()
}
