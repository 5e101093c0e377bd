//! Operators that remember earlier records: aggregate, over, deduplicate, top-N.
//!
//! Each needs a bound of its state: a window, a time, or a stated keeping.

use super::{Facts, Flow, NullCause, kind_name, required};
use crate::code::flow as code;
use crate::data_type::DataType;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::expr::ExprNode;
use crate::graph::{Frame, Keep, Kept, Measure, OpId, Operator, OrderBy, Window, WindowShape};
use crate::stream::{Column, EventTime, StreamKind, StreamType};

/// How records are grouped.
pub(crate) struct Grouping {
    /// Shape of the window, if one bounds the groups.
    pub(crate) window: Option<WindowShape>,
    /// The column that the window is over.
    pub(crate) time: Option<usize>,
    /// Grouping columns.
    pub(crate) by: Vec<usize>,
    /// How long a group without a window is kept.
    pub(crate) keep: Option<Keep>,
}

/// A measure with its type.
pub(crate) struct TypedMeasure {
    /// The measure.
    pub(crate) measure: Measure,
    /// Type of its value.
    pub(crate) data_type: DataType,
    /// Why it may be null, if it may.
    pub(crate) null: Option<NullCause>,
}

/// One record for each group: window columns, then `by`, then the measures.
pub(crate) fn aggregate(
    flow: &mut Flow,
    input: OpId,
    grouping: Grouping,
    measures: Vec<TypedMeasure>,
    anchor: &Anchor,
) -> OpId {
    let before = flow.output(input).clone();
    let mut columns = Vec::new();
    let mut nulls = Vec::new();
    let window = grouping.window.map(|shape| {
        require_event_time(flow, input, grouping.time, anchor, "a window");
        require_few_windows(flow, shape, anchor);
        for name in ["window_start", "window_end", "window_time"] {
            columns.push(required(name, DataType::Timestamp));
            nulls.push(None);
        }
        Window { time: grouping.time.unwrap_or_default(), shape }
    });
    if window.is_none() {
        require_keep(flow, grouping.keep, anchor, "an aggregate without a window");
        if grouping.by.is_empty() {
            flow.diagnostics.push(
                Diagnostic::error(
                    &code::UPDATES_WITHOUT_KEY,
                    anchor,
                    "an aggregate over all records has no key for its updates",
                )
                .help("group by a column, or aggregate over a window"),
            );
        }
    }
    let offset = columns.len();
    for &index in &grouping.by {
        columns.push(before.columns[index].clone());
        nulls.push(flow.facts(input).nulls[index].clone());
    }
    // The greatest event time of a group is the time at which its row last changed.
    let changed_at = before.event_time.as_ref().and_then(|time| {
        let newest = measures.iter().position(|typed| is_max_of(&typed.measure, time.column))?;
        Some(EventTime { column: offset + grouping.by.len() + newest, ..time.clone() })
    });
    for typed in &measures {
        columns.push(Column {
            name: typed.measure.name.clone(),
            data_type: typed.data_type.clone(),
            nullable: typed.null.is_some(),
        });
        nulls.push(typed.null.clone());
    }
    let mut key: Vec<usize> = (offset..offset + grouping.by.len()).collect();
    let (kind, event_time) = if window.is_some() {
        key.splice(0..0, [0, 1]);
        let time = before.event_time.as_ref().map(|time| EventTime { column: 2, ..time.clone() });
        (StreamKind::Append, time)
    } else {
        (StreamKind::Upsert, changed_at)
    };
    let output = StreamType { columns: columns.into(), kind, key, event_time, guarantee: before.guarantee };
    let measures = measures.into_iter().map(|typed| typed.measure).collect();
    let operator = Operator::Aggregate { window, by: grouping.by, measures, keep: grouping.keep };
    flow.push(operator, vec![input], output, Facts { anchor: anchor.clone(), nulls: nulls.into() })
}

/// Every record with further columns computed from the records before it.
pub(crate) fn over(
    flow: &mut Flow,
    input: OpId,
    partition: Vec<usize>,
    order: usize,
    frame: Frame,
    calls: Vec<TypedMeasure>,
    anchor: &Anchor,
) -> OpId {
    require_append(flow, input, anchor, "`OVER`");
    require_event_time(flow, input, Some(order), anchor, "`OVER`");
    let mut output = flow.output(input).clone();
    let mut nulls = flow.facts(input).nulls.clone();
    for typed in &calls {
        output.columns.push(Column {
            name: typed.measure.name.clone(),
            data_type: typed.data_type.clone(),
            nullable: typed.null.is_some(),
        });
        nulls.push(typed.null.clone());
    }
    let calls = calls.into_iter().map(|typed| typed.measure).collect();
    let operator = Operator::Over { partition, order, frame, calls };
    flow.push(operator, vec![input], output, Facts { anchor: anchor.clone(), nulls })
}

/// One record of those that agree on `by`.
pub(crate) fn deduplicate(flow: &mut Flow, input: OpId, by: Vec<usize>, kept: Kept, anchor: &Anchor) -> OpId {
    let before = flow.output(input).clone();
    if let Kept::FirstWithinMs(_) = kept {
        require_append(flow, input, anchor, "a deduplication within a time");
    }
    if before.event_time.is_none() {
        report_no_event_time(flow, anchor, "a deduplication");
    }
    let id = flow.push_same(Operator::Deduplicate { by: by.clone(), kept }, input, anchor);
    if let Kept::Last(_) = kept {
        let output = &mut flow.ops[id.0 as usize].output;
        output.kind = StreamKind::Upsert;
        output.key = by;
    }
    id
}

/// Which records of a group are kept.
pub(crate) struct Ranking {
    /// Grouping columns.
    pub(crate) by: Vec<usize>,
    /// Order inside a group.
    pub(crate) order: Vec<OrderBy>,
    /// How many are kept.
    pub(crate) limit: u64,
    /// How long a group is kept.
    pub(crate) keep: Option<Keep>,
    /// Name of the rank's column, if it is wanted.
    pub(crate) rank: Option<String>,
}

/// The first records of each group; keyed by the group and, where several are kept, the rank.
pub(crate) fn top_n(flow: &mut Flow, input: OpId, ranking: Ranking, anchor: &Anchor) -> OpId {
    let Ranking { by, order, limit, keep, rank } = ranking;
    require_keep(flow, keep, anchor, "a top-N");
    let mut output = flow.output(input).clone();
    let mut nulls = flow.facts(input).nulls.clone();
    output.kind = StreamKind::Upsert;
    output.key.clone_from(&by);
    let operator = Operator::TopN { by, order, limit, keep, rank: rank.is_some() };
    if let Some(name) = rank {
        if limit != 1 {
            output.key.push(output.columns.len());
        }
        output.columns.push(required(&name, DataType::Int64));
        nulls.push(None);
    } else if limit != 1 {
        let message = "the rows of a top-N with more than one row a group have no key without their rank";
        flow.diagnostics.push(
            Diagnostic::error(&code::UPDATES_WITHOUT_KEY, anchor, message).help("keep the rank as a column"),
        );
    }
    flow.push(operator, vec![input], output, Facts { anchor: anchor.clone(), nulls })
}

/// Says so where an operator can't take updates.
pub(super) fn require_append(flow: &mut Flow, input: OpId, anchor: &Anchor, what: &str) {
    let kind = flow.output(input).kind;
    if kind != StreamKind::Append {
        flow.diagnostics.push(
            Diagnostic::error(&code::KIND_NOT_TAKEN, anchor, format!("{what} takes an append stream, and this one is {}", kind_name(kind)))
                .help("read the source with `read: inserts`, or turn the stream into its changes with the step `changelog`"),
        );
    }
}

/// Says so where time is needed and the column is not the stream's event time.
pub(crate) fn require_event_time(
    flow: &mut Flow,
    input: OpId,
    column: Option<usize>,
    anchor: &Anchor,
    what: &str,
) {
    let output = flow.output(input);
    match (&output.event_time, column) {
        (Some(time), Some(column)) if time.column == column => {}
        (Some(time), Some(column)) if !output.columns[column].data_type.is_unknown() => {
            let message = format!(
                "{what} needs event time, and `{}` is an ordinary column",
                output.columns[column].name
            );
            let help = format!("use `{}`, the stream's event time", output.columns[time.column].name);
            flow.diagnostics.push(Diagnostic::error(&code::NO_EVENT_TIME, anchor, message).help(help));
        }
        (Some(_), _) => {}
        (None, _) => report_no_event_time(flow, anchor, what),
    }
}

/// Says that a stream has no event time.
pub(super) fn report_no_event_time(flow: &mut Flow, anchor: &Anchor, what: &str) {
    flow.diagnostics.push(
        Diagnostic::error(
            &code::NO_EVENT_TIME,
            anchor,
            format!("{what} needs event time, and this stream has none"),
        )
        .help("state `eventTime` in the source's contract and keep its column unchanged up to here"),
    );
}

/// Most windows that one record may be in: each costs a row of state for every group.
const WINDOWS_MAX: u64 = 10_000;

/// Says so where a record would be in more windows than anybody means.
fn require_few_windows(flow: &mut Flow, shape: WindowShape, anchor: &Anchor) {
    let (size_ms, step_ms, member) = match shape {
        WindowShape::Hop { size_ms, slide_ms } => (size_ms, slide_ms, "slide"),
        WindowShape::Cumulate { size_ms, step_ms } => (size_ms, step_ms, "step"),
        WindowShape::Tumble { .. } | WindowShape::Session { .. } => return,
    };
    let windows = size_ms / step_ms.max(1);
    if windows > WINDOWS_MAX {
        let message = format!("each record would be in {windows} windows");
        flow.diagnostics.push(
            Diagnostic::error(&code::TOO_MANY_WINDOWS, anchor, message)
                .note(format!("the most are {WINDOWS_MAX}: every window is a row of state for each group"))
                .help(format!("take a longer {member} or a shorter size")),
        );
    }
}

/// Says so where nothing bounds the state.
pub(crate) fn require_keep(flow: &mut Flow, keep: Option<Keep>, anchor: &Anchor, what: &str) {
    if keep.is_none() {
        flow.diagnostics.push(
            Diagnostic::error(&code::UNBOUNDED_STATE, anchor, format!("{what} would keep its state for ever"))
                .help("bound it with a window, or say how long it is kept: `keep: 7d`, or `keep: forever` if that is meant"),
        );
    }
}

/// Whether a measure is the plain maximum of a column.
fn is_max_of(measure: &Measure, column: usize) -> bool {
    crate::function::get(measure.function).name == "max"
        && measure.filter.is_none()
        && matches!(measure.args.as_slice(), [arg] if arg.node == ExprNode::Column(column))
}
