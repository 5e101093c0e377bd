//! What queries and measures mean: refused until their binder is there.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::code::not_yet;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::flow::{Flow, Grouping};
use crate::graph::{Keep, OpId};

pub(crate) fn referenced_names(_query: &str) -> Vec<(String, Range<u32>)> {
    Vec::new()
}

pub(crate) fn bind_query(
    flow: &mut Flow,
    _inputs: &BTreeMap<String, OpId>,
    _query: &str,
    anchor: &Anchor,
    _keep: Option<Keep>,
) -> Option<OpId> {
    flow.diagnostics.push(Diagnostic::error(&not_yet::RESERVED, anchor, "queries are not built yet"));
    None
}

pub(crate) fn bind_measures(
    flow: &mut Flow,
    _input: OpId,
    _grouping: Grouping,
    _texts: &[(String, String, Anchor)],
    anchor: &Anchor,
) -> Option<OpId> {
    flow.diagnostics.push(Diagnostic::error(&not_yet::RESERVED, anchor, "measures are not built yet"));
    None
}
