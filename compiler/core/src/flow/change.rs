//! Where streams begin and end, and the change of kind between them.

use super::{Facts, Flow, NullCause, kind_name};
use crate::code::flow as code;
use crate::data_type::DataType;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::graph::{OpId, Operator};
use crate::stream::{StreamKind, StreamType};

/// The records of a source.
pub(crate) fn source(
    flow: &mut Flow,
    output: StreamType,
    nulls: Vec<Option<NullCause>>,
    anchor: &Anchor,
) -> OpId {
    flow.push(Operator::Source, Vec::new(), output, Facts { anchor: anchor.clone(), nulls: nulls.into() })
}

/// What another product's sink holds.
pub(crate) fn import(flow: &mut Flow, input: OpId, anchor: &Anchor) -> OpId {
    flow.push_same(Operator::Import, input, anchor)
}

/// Writes to a sink; gives what is written.
pub(crate) fn sink(flow: &mut Flow, input: OpId, anchor: &Anchor) -> OpId {
    flow.push_same(Operator::Sink, input, anchor)
}

/// An upsert stream as the append stream of its changes.
pub(crate) fn changelog(flow: &mut Flow, input: OpId, anchor: &Anchor) -> OpId {
    let mut output = flow.output(input).clone();
    if output.kind != StreamKind::Upsert {
        let message = format!(
            "the step `changelog` takes an upsert stream, and this one is {}",
            kind_name(output.kind)
        );
        flow.diagnostics.push(
            Diagnostic::error(&code::KIND_NOT_TAKEN, anchor, message)
                .help("leave the step out: an append stream already is its own changes"),
        );
    }
    output.kind = StreamKind::Append;
    output.key.clear();
    output.columns.push(super::required("_op", DataType::String));
    output.columns.push(super::required("_changed_at", DataType::Timestamp));
    let mut nulls = flow.facts(input).nulls.clone();
    nulls.extend([None, None]);
    flow.push(Operator::Changelog, vec![input], output, Facts { anchor: anchor.clone(), nulls })
}
