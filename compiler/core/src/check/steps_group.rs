//! The steps that remember records: deduplicate, aggregate, top-N.

use headwater_crds::group::{Aggregate, Deduplicate, TopN, Window};
use headwater_crds::scalar::Duration;

use super::steps::{find, find_all};
use super::transform::keep_of;
use crate::code::step as code;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::flow::{self, Flow, Grouping, Ranking};
use crate::graph::{Kept, OpId, OrderBy, WindowShape};
use crate::sql;

pub(super) fn deduplicate(flow: &mut Flow, op: OpId, step: &Deduplicate, at: &Anchor) -> OpId {
    let by = find_all(flow, op, step.by.iter().map(|name| &**name), &at.at("by"));
    let kept = match (&step.within, &step.last) {
        (Some(within), _) => Kept::FirstWithinMs(ms(flow, within, &at.at("within"))),
        (None, Some(last)) => Kept::Last(keep_of(&last.keep)),
        (None, None) => return op,
    };
    flow::deduplicate(flow, op, by, kept, at)
}

pub(super) fn aggregate(flow: &mut Flow, op: OpId, step: &Aggregate, at: &Anchor) -> Option<OpId> {
    let by = find_all(flow, op, step.by.iter().map(|name| &**name), &at.at("by"));
    let (window, time) = match &step.window {
        None => (None, None),
        Some(window) => {
            let anchor = at.at("window");
            let time = find(flow, op, &window.time, &anchor.at("time"))?;
            (Some(shape(flow, window, &anchor)?), Some(time))
        }
    };
    let texts: Vec<(String, String, Anchor)> = step
        .measures
        .iter()
        .enumerate()
        .map(|(index, measure)| {
            (measure.name.to_string(), measure.is.to_string(), at.at("measures").at(index).at("is"))
        })
        .collect();
    let grouping = Grouping { window, time, by, keep: step.keep.as_ref().map(keep_of) };
    sql::bind_measures(flow, op, grouping, &texts, at)
}

/// The shape of a window; says so where its lengths don't fit each other.
fn shape(flow: &mut Flow, window: &Window, at: &Anchor) -> Option<WindowShape> {
    if let Some(tumble) = &window.tumble {
        let size_ms = positive(flow, &tumble.size, &at.at("tumble").at("size"))?;
        let offset =
            tumble.offset.as_ref().map_or(0, |offset| ms(flow, offset, &at.at("tumble").at("offset")));
        return Some(WindowShape::Tumble {
            size_ms,
            offset_ms: i64::try_from(offset % size_ms).unwrap_or(0),
        });
    }
    if let Some(hop) = &window.hop {
        let at = at.at("hop");
        let size_ms = positive(flow, &hop.size, &at.at("size"))?;
        let slide_ms = positive(flow, &hop.slide, &at.at("slide"))?;
        multiple(flow, size_ms, slide_ms, "slide", &at.at("size"))?;
        return Some(WindowShape::Hop { size_ms, slide_ms });
    }
    if let Some(cumulate) = &window.cumulate {
        let at = at.at("cumulate");
        let size_ms = positive(flow, &cumulate.size, &at.at("size"))?;
        let step_ms = positive(flow, &cumulate.step, &at.at("step"))?;
        multiple(flow, size_ms, step_ms, "step", &at.at("size"))?;
        return Some(WindowShape::Cumulate { size_ms, step_ms });
    }
    let session = window.session.as_ref()?;
    Some(WindowShape::Session { gap_ms: positive(flow, &session.gap, &at.at("session").at("gap"))? })
}

fn multiple(flow: &mut Flow, size_ms: u64, part_ms: u64, part: &str, place: &Anchor) -> Option<()> {
    if size_ms.is_multiple_of(part_ms) {
        return Some(());
    }
    flow.diagnostics.push(
        Diagnostic::error(
            &code::WINDOW_LENGTH,
            place,
            format!("the size of a window must be a multiple of its {part}"),
        )
        .label(format!("{size_ms} ms is no multiple of {part_ms} ms"))
        .help("windows are put together from parts of equal length: change one of the two"),
    );
    None
}

/// A length of time that is not zero.
fn positive(flow: &mut Flow, duration: &Duration, place: &Anchor) -> Option<u64> {
    let ms = ms(flow, duration, place);
    if ms == 0 {
        flow.diagnostics.push(
            Diagnostic::error(&code::WINDOW_LENGTH, place, "a window can't be empty")
                .help("state a length of at least `1ms`"),
        );
        return None;
    }
    Some(ms)
}

/// A length of time in milliseconds; says so where it does not fit.
fn ms(flow: &mut Flow, duration: &Duration, place: &Anchor) -> u64 {
    duration.ms().unwrap_or_else(|| {
        flow.diagnostics.push(
            Diagnostic::error(
                &code::WINDOW_LENGTH,
                place,
                format!("`{duration}` is too long to count in milliseconds"),
            )
            .help("use a shorter length of time"),
        );
        u64::MAX / 2
    })
}

pub(super) fn top_n(flow: &mut Flow, op: OpId, step: &TopN, at: &Anchor) -> OpId {
    let by = find_all(flow, op, step.by.iter().map(|name| &**name), &at.at("by"));
    let mut order = Vec::new();
    for (index, item) in step.order.iter().enumerate() {
        let place = at.at("order").at(index).at("field");
        if let Some(column) = find(flow, op, &item.field, &place) {
            let expr = flow.column(op, column, &place).expr;
            // As in Flink: nulls are the least values.
            order.push(OrderBy { expr, descending: item.descending, nulls_first: !item.descending });
        }
    }
    let ranking = Ranking {
        by,
        order,
        limit: step.limit,
        keep: step.keep.as_ref().map(keep_of),
        rank: step.rank.as_ref().map(ToString::to_string),
    };
    flow::top_n(flow, op, ranking, at)
}
