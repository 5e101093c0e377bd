//! Several streams as one.

use super::{Facts, Flow, kind_name, quoted};
use crate::code::flow as code;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::graph::{OpId, Operator};
use crate::stream::{EventTime, StreamKind, StreamType};

/// All records of all inputs. Columns are matched by position: the caller has made names and types equal.
pub(crate) fn union(flow: &mut Flow, inputs: Vec<OpId>, anchor: &Anchor) -> OpId {
    let first = inputs[0];
    let mut output = flow.output(first).clone();
    let mut nulls = flow.facts(first).nulls.clone();
    for &input in &inputs[1..] {
        let other = flow.output(input).clone();
        if other.kind != output.kind {
            let message = format!(
                "an {} stream and an {} stream can't become one",
                kind_name(output.kind),
                kind_name(other.kind)
            );
            flow.diagnostics.push(
                Diagnostic::error(&code::UNEQUAL_KINDS, anchor, message)
                    .help("turn the upsert stream into its changes with the step `changelog`"),
            );
        }
        for (index, column) in other.columns.iter().enumerate().take(output.columns.len()) {
            if column.nullable && !output.columns[index].nullable {
                output.columns[index].nullable = true;
                nulls[index].clone_from(&flow.facts(input).nulls[index]);
            }
        }
        output.event_time = merge_times(&output, &other);
        output.guarantee = output.guarantee.min(other.guarantee);
    }
    if inputs.len() > 1 && output.kind == StreamKind::Upsert {
        let names = quoted(output.key_names());
        flow.diagnostics.push(
            Diagnostic::error(&code::UNION_KEY, anchor, format!("rows of different inputs may share the key {names}"))
                .label("the inputs can't be told apart here")
                .help("turn each input into its changes with the step `changelog`, or keep them in sinks of their own"),
        );
    }
    if inputs.len() > 1 {
        output.key.clear();
    }
    flow.push(Operator::Union, inputs, output, Facts { anchor: anchor.clone(), nulls })
}

/// The event time of both, if it is the same column; the longer delay holds for the whole.
fn merge_times(left: &StreamType, right: &StreamType) -> Option<EventTime> {
    let (a, b) = (left.event_time.as_ref()?, right.event_time.as_ref()?);
    (a.column == b.column).then(|| EventTime {
        column: a.column,
        max_delay_ms: a.max_delay_ms.max(b.max_delay_ms),
        idle_after_ms: a.idle_after_ms.zip(b.idle_after_ms).map(|(a, b)| a.max(b)),
    })
}
