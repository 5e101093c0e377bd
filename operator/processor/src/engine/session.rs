//! Session windows: as long as records of a key follow each other within a gap.
//!
//! Takes partitions that hold whole keys, sorted; gives the records with the bounds of their session.
//! A record exactly a gap behind the one before it still belongs to the session, as on Flink.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, Int64Array, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef, UInt64Type};
use datafusion::error::Result;

use super::clock::Watermarks;
use super::late::IS_LATE;
use super::runs::{Gaps, Runs, append, appended};
use super::stage::{Plan, Stage, Step, unordered};
use super::window::{END, START};

/// Name of the hidden column with the time of a session's last record, in milliseconds.
pub(crate) const LAST: &str = "__window_last";

/// The records with the time of the first of their session as a further column ([`START`]).
/// Sorted by time inside a key; no time is null.
pub(crate) fn session_starts(input: Plan, keys: &[usize], time_ms: usize, gap_ms: u64) -> Result<Plan> {
    let keys = keys.to_vec();
    let schema = appended(&input.schema(), START);
    let gives = schema.clone();
    Stage::each_batch("SessionStarts", input, gives, move || {
        let mut gaps = Gaps::new(&keys, time_ms, gap_ms);
        let mut start = 0;
        let schema = schema.clone();
        move |batch: RecordBatch| {
            let starts = gaps.starts(&batch)?;
            let times = batch.column(time_ms).as_primitive::<Int64Type>().values();
            let sessions = times.iter().zip(starts.values().iter()).map(|(&time, is_start)| {
                if is_start {
                    start = time;
                }
                start
            });
            let sessions = Int64Array::from_iter_values(sessions.collect::<Vec<_>>());
            append(&batch, &schema, Arc::new(sessions))
        }
    })
}

/// The records, as they arrive, with the bounds of their session ([`START`], [`END`]) and whether they are late.
/// Sorted by arrival inside a key, of which all records are held at once: for tests of products.
pub(crate) fn session_bounds(
    input: Plan,
    keys: &[usize],
    (time_ms, arrival): (usize, usize),
    gap_ms: i64,
    watermarks: Arc<Watermarks>,
) -> Plan {
    let keys = keys.to_vec();
    let before = input.schema();
    let schema = bounded(&before);
    let properties = unordered(schema.clone(), input.properties().output_partitioning().clone());
    let gives = schema.clone();
    Stage::each_partition("SessionBounds", input, gives, properties, move |_| -> Step {
        let mut held: Vec<RecordBatch> = Vec::new();
        let (keys, before, schema) = (keys.clone(), before.clone(), schema.clone());
        let watermarks = watermarks.clone();
        Box::new(move |batch| {
            if let Some(batch) = batch {
                held.push(batch);
                return Ok(Vec::new());
            }
            let rows = concat_batches(&before, &held)?;
            if rows.num_rows() == 0 {
                return Ok(Vec::new());
            }
            let times = rows.column(time_ms).as_primitive::<Int64Type>();
            let arrivals = rows.column(arrival).as_primitive::<UInt64Type>();
            let mut places = Vec::with_capacity(rows.num_rows());
            for key in Runs::new(&keys).split(&rows)?.0 {
                let records = key.map(|row| {
                    let arrival = arrivals.is_valid(row).then(|| arrivals.value(row));
                    (times.value(row), watermarks.before(arrival))
                });
                places.extend(place(records, gap_ms));
            }
            let mut columns = rows.columns().to_vec();
            let bound = |bound: fn(&Place) -> i64| Int64Array::from_iter_values(places.iter().map(bound));
            columns.push(Arc::new(bound(|place| place.start)));
            columns.push(Arc::new(bound(|place| place.end)));
            columns.push(Arc::new(places.iter().map(|place| Some(place.late)).collect::<BooleanArray>()));
            Ok(vec![RecordBatch::try_new(schema.clone(), columns)?])
        })
    })
}

fn bounded(before: &SchemaRef) -> SchemaRef {
    let mut fields = before.fields().to_vec();
    for (name, data_type) in [(START, DataType::Int64), (END, DataType::Int64), (IS_LATE, DataType::Boolean)]
    {
        fields.push(Arc::new(Field::new(name, data_type, true)));
    }
    Arc::new(Schema::new(fields))
}

/// The session of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    start: i64,
    end: i64,
    late: bool,
}

/// The sessions of one key's records, given in order of arrival by event time and the watermark that preceded each.
fn place(records: impl Iterator<Item = (i64, i64)>, gap_ms: i64) -> Vec<Place> {
    let mut open: BTreeMap<i64, Session> = BTreeMap::new();
    let mut done: Vec<Session> = Vec::new();
    let mut late = Vec::new();
    let mut count = 0;
    for (time, watermark) in records {
        let row = count;
        count += 1;
        let closed: Vec<i64> = open
            .iter()
            .filter(|(_, session)| session.end - 1 <= watermark)
            .map(|(start, _)| *start)
            .collect();
        done.extend(closed.iter().filter_map(|start| open.remove(start)));
        let mut session = Session { start: time, end: time.saturating_add(gap_ms), rows: Vec::new() };
        let touches = |other: &Session| other.start <= time.saturating_add(gap_ms) && time <= other.end;
        let touched: Vec<i64> =
            open.iter().filter(|(_, other)| touches(other)).map(|(start, _)| *start).collect();
        let end = touched.iter().map(|start| open[start].end).fold(session.end, i64::max);
        if end - 1 <= watermark {
            late.push((row, time, end));
            continue;
        }
        for start in touched {
            if let Some(other) = open.remove(&start) {
                session.start = session.start.min(other.start);
                session.end = session.end.max(other.end);
                session.rows.extend(other.rows);
            }
        }
        session.rows.push(row);
        open.insert(session.start, session);
    }
    done.extend(open.into_values());
    let mut places = vec![Place { start: 0, end: 0, late: true }; count];
    for session in done {
        for row in session.rows {
            places[row] = Place { start: session.start, end: session.end, late: false };
        }
    }
    for (row, start, end) in late {
        places[row] = Place { start, end, late: true };
    }
    places
}

/// A session while it is open.
struct Session {
    start: i64,
    end: i64,
    rows: Vec<usize>,
}

#[cfg(test)]
mod tests {
    use super::{Place, place};

    /// Records as `(time, watermark before)`, sessions as `(start, end)` or `None` for late ones.
    fn check(records: &[(i64, i64)], expected: &[Option<(i64, i64)>]) {
        let found = place(records.iter().copied(), 10);
        let found: Vec<_> =
            found.iter().map(|Place { start, end, late }| (!late).then_some((*start, *end))).collect();
        assert_eq!(found, expected, "{records:?}");
    }

    #[test]
    fn sessions_grow_and_meet() {
        check(&[(0, -9), (15, -9), (8, -9)], &[Some((0, 25)); 3]);
        check(&[(0, -9), (10, -9), (21, -9)], &[Some((0, 20)), Some((0, 20)), Some((21, 31))]);
    }

    #[test]
    fn what_has_ended_does_not_grow() {
        // The first session has ended at 10 when the watermark is 9.
        check(&[(0, -9), (5, 9), (0, 9)], &[Some((0, 10)), Some((0, 15)), Some((0, 15))]);
        check(&[(0, -9), (0, 9), (-1, 9)], &[Some((0, 10)), None, None]);
    }
}
