//! Event time as records arrive: what the watermark of an operator was before each record.
//!
//! Takes the records of all sources in order of arrival, gives watermarks as plain numbers, so that lateness is a comparison
//! and the plan stays one over whole tables. There is no clock in it: when records arrive is data.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use headwater_compiler::graph::{Graph, OpId};
use headwater_compiler::stream::EventTime;

/// A record that arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arrived {
    /// Its place in the order of arrival.
    pub(crate) arrival: u64,
    pub(crate) source: OpId,
    /// When it arrives.
    pub(crate) at_ms: i64,
    /// Its event time, if it has one.
    pub(crate) time_ms: Option<i64>,
}

/// All records in order of arrival, and how sources tell time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clock {
    records: Vec<Arrived>,
    /// The sources that give at least one record and have event time.
    sources: BTreeMap<OpId, EventTime>,
}

/// The watermark of an operator before each record, never descending.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Watermarks {
    arrivals: Vec<u64>,
    before: Vec<i64>,
}

impl Clock {
    /// The clock of these records, in any order.
    pub(crate) fn new(mut records: Vec<Arrived>, event_times: &BTreeMap<OpId, EventTime>) -> Self {
        records.sort_unstable_by_key(|record| record.arrival);
        let fed: BTreeSet<OpId> = records.iter().map(|record| record.source).collect();
        let sources = event_times.iter().filter(|(op, _)| fed.contains(op));
        Self { records, sources: sources.map(|(op, time)| (*op, time.clone())).collect() }
    }

    /// The watermarks of what these sources feed: the least of those that are not idle.
    pub(crate) fn watermarks(&self, feeding: &BTreeSet<OpId>) -> Watermarks {
        let Some(started) = self.records.first().map(|record| record.at_ms) else {
            return Watermarks::default();
        };
        let feeding = self.sources.iter().filter(|(op, _)| feeding.contains(op));
        let mut inputs: BTreeMap<OpId, Input<'_>> =
            feeding.map(|(op, time)| (*op, Input { time, watermark: i64::MIN, last_ms: started })).collect();
        let mut watermarks = Watermarks::default();
        let mut highest = i64::MIN;
        for record in &self.records {
            let active = inputs.values().filter(|input| !input.is_idle(record.at_ms));
            if let Some(least) = active.map(|input| input.watermark).min() {
                highest = highest.max(least);
            }
            watermarks.arrivals.push(record.arrival);
            watermarks.before.push(highest);
            if let Some(input) = inputs.get_mut(&record.source) {
                input.take(record);
            }
        }
        watermarks
    }
}

/// What is known of a source at one moment.
struct Input<'a> {
    time: &'a EventTime,
    watermark: i64,
    /// When its last record arrived, or the first of all.
    last_ms: i64,
}

impl Input<'_> {
    fn is_idle(&self, now_ms: i64) -> bool {
        let silent_ms = now_ms.saturating_sub(self.last_ms);
        self.time
            .idle_after_ms
            .is_some_and(|idle_ms| u64::try_from(silent_ms).is_ok_and(|silent| silent >= idle_ms))
    }

    fn take(&mut self, record: &Arrived) {
        self.last_ms = record.at_ms;
        if let Some(time_ms) = record.time_ms {
            let delay_ms = i64::try_from(self.time.max_delay_ms).unwrap_or(i64::MAX);
            self.watermark = self.watermark.max(time_ms.saturating_sub(delay_ms));
        }
    }
}

impl Watermarks {
    /// The watermark that preceded a record; that of a record which the product made itself is behind every window.
    pub(crate) fn before(&self, arrival: Option<u64>) -> i64 {
        let Some(arrival) = arrival else { return i64::MIN };
        let after = self.arrivals.partition_point(|at| *at <= arrival);
        after.checked_sub(1).map_or(i64::MIN, |index| self.before[index])
    }
}

/// The sources that feed each operator.
pub(crate) fn feeding(graph: &Graph, sources: impl Fn(OpId) -> bool) -> Vec<Arc<BTreeSet<OpId>>> {
    let mut feeding: Vec<Arc<BTreeSet<OpId>>> = Vec::with_capacity(graph.ops.len());
    for (index, op) in graph.ops.iter().enumerate() {
        let id = OpId(u32::try_from(index).expect("a graph has fewer than 2^32 operators"));
        let set: BTreeSet<OpId> = if sources(id) {
            BTreeSet::from([id])
        } else {
            op.inputs.iter().flat_map(|input| feeding[input.0 as usize].iter().copied()).collect()
        };
        feeding.push(Arc::new(set));
    }
    feeding
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use headwater_compiler::graph::OpId;
    use headwater_compiler::stream::EventTime;

    use super::{Arrived, Clock};

    /// Records as `(source, at, time)`; watermarks before each, `None` for none yet.
    fn check(records: &[(u32, i64, i64)], idle_after_ms: Option<u64>, expected: &[Option<i64>]) {
        let time = EventTime { column: 0, max_delay_ms: 5, idle_after_ms };
        let sources: BTreeMap<OpId, EventTime> = (0..3).map(|op| (OpId(op), time.clone())).collect();
        let arrived = records.iter().enumerate().map(|(index, &(source, at_ms, time_ms))| Arrived {
            arrival: index as u64 * 10,
            source: OpId(source),
            at_ms,
            time_ms: Some(time_ms),
        });
        let watermarks =
            Clock::new(arrived.collect(), &sources).watermarks(&sources.keys().copied().collect());
        let before =
            |index: usize| Some(watermarks.before(Some(index as u64 * 10))).filter(|ms| *ms > i64::MIN);
        let found: Vec<Option<i64>> = (0..records.len()).map(before).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_watermark_is_the_greatest_time_less_the_delay() {
        check(&[(0, 0, 10), (0, 0, 30), (0, 0, 20), (0, 0, 25)], None, &[None, Some(5), Some(25), Some(25)]);
    }

    #[test]
    fn the_slowest_input_holds_it_back_unless_it_is_never_fed() {
        let records = [(0, 0, 10), (0, 0, 30), (1, 0, 20), (0, 0, 40), (0, 0, 50)];
        check(&records, None, &[None, None, None, Some(15), Some(15)]);
    }

    #[test]
    fn an_idle_input_does_not_hold_it_back() {
        let records = [(0, 0, 10), (1, 5, 12), (0, 9, 100), (0, 15, 110), (1, 16, 13), (0, 17, 120)];
        // The idle one wakes at 16 and is behind; the watermark does not go back for it.
        check(&records, Some(10), &[None, None, Some(5), Some(95), Some(105), Some(105)]);
    }
}
