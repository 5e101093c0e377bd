//! The table of steps: which function means which step.

use headwater_crds::step::Step;

use super::{mask, steps_group, steps_join, steps_row};
use crate::code::step as code;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::flow::{self, Flow};
use crate::graph::OpId;
use crate::near::near;

/// Applies one step. `other` is the stream that a join or an enrichment names; none if it is unknown.
pub(super) fn step(
    flow: &mut Flow,
    op: OpId,
    step: &Step,
    other: Option<OpId>,
    anchor: &Anchor,
) -> Option<OpId> {
    let at = |member: &str| anchor.at(member);
    if let Some(filter) = &step.filter {
        return Some(steps_row::filter(flow, op, filter, &at("filter")));
    }
    if let Some(names) = &step.select {
        return steps_row::select(flow, op, names, &at("select"));
    }
    if let Some(renames) = &step.rename {
        return Some(steps_row::rename(flow, op, renames, &at("rename")));
    }
    if let Some(names) = &step.drop {
        return Some(steps_row::drop(flow, op, names, &at("drop")));
    }
    if let Some(sets) = &step.set {
        return Some(steps_row::set(flow, op, sets, &at("set")));
    }
    if let Some(casts) = &step.cast {
        return Some(steps_row::cast(flow, op, casts, &at("cast")));
    }
    if let Some(fills) = &step.fill {
        return Some(steps_row::fill(flow, op, fills, &at("fill")));
    }
    if let Some(masks) = &step.mask {
        return Some(mask::mask(flow, op, masks, &at("mask")));
    }
    if let Some(encrypts) = &step.encrypt {
        return Some(mask::encrypt(flow, op, encrypts, &at("encrypt")));
    }
    if let Some(tokens) = &step.tokenize {
        return Some(mask::tokenize(flow, op, tokens, &at("tokenize")));
    }
    if let Some(parses) = &step.parse {
        return Some(steps_row::parse(flow, op, parses, &at("parse")));
    }
    if let Some(flattens) = &step.flatten {
        return Some(steps_row::flatten(flow, op, flattens, &at("flatten")));
    }
    if let Some(rules) = &step.validate {
        return Some(steps_row::validate(flow, op, rules, &at("validate")));
    }
    stateful(flow, op, step, other, anchor)
}

/// The steps that change how many records there are, or remember some.
fn stateful(flow: &mut Flow, op: OpId, step: &Step, other: Option<OpId>, anchor: &Anchor) -> Option<OpId> {
    let at = |member: &str| anchor.at(member);
    if let Some(unnest) = &step.unnest {
        return steps_row::unnest(flow, op, unnest, &at("unnest"));
    }
    if let Some(deduplicate) = &step.deduplicate {
        return Some(steps_group::deduplicate(flow, op, deduplicate, &at("deduplicate")));
    }
    if let Some(aggregate) = &step.aggregate {
        return steps_group::aggregate(flow, op, aggregate, &at("aggregate"));
    }
    if let Some(top) = &step.top_n {
        return Some(steps_group::top_n(flow, op, top, &at("topN")));
    }
    if let Some(join) = &step.join {
        return steps_join::join(flow, op, other?, join, &at("join"));
    }
    if let Some(enrich) = &step.enrich {
        return steps_join::enrich(flow, op, other?, enrich, &at("enrich"));
    }
    step.changelog.is_some().then(|| flow::changelog(flow, op, &at("changelog")))
}

/// Index of a column by name; says so where there is none.
pub(super) fn find(flow: &mut Flow, op: OpId, name: &str, anchor: &Anchor) -> Option<usize> {
    let found = flow.output(op).index_of(name);
    if found.is_none() {
        let names: Vec<String> = flow.output(op).columns.iter().map(|column| column.name.clone()).collect();
        let diagnostic =
            Diagnostic::error(&code::UNKNOWN_COLUMN, anchor, format!("there is no column `{name}` here"));
        let diagnostic = match near(name, names.iter().map(String::as_str)) {
            Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")).fix(anchor, meant),
            None => {
                let list: Vec<String> = names.iter().take(16).map(|name| format!("`{name}`")).collect();
                diagnostic.note(format!("there are {}", list.join(", ")))
            }
        };
        flow.diagnostics.push(diagnostic);
    }
    found
}

/// Indices of columns by name; those that are not there are reported and left out.
pub(super) fn find_all<'a>(
    flow: &mut Flow,
    op: OpId,
    names: impl IntoIterator<Item = &'a str>,
    list: &Anchor,
) -> Vec<usize> {
    names.into_iter().enumerate().filter_map(|(index, name)| find(flow, op, name, &list.at(index))).collect()
}
