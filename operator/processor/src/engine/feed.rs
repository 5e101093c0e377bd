//! Puts the bound sources into order of arrival.
//!
//! Takes what is bound, gives each source's records with their place in that order; where records arrive one after the other,
//! reads them ahead to know what the watermark will be.

use std::collections::BTreeMap;
use std::sync::Arc;

use headwater_compiler::graph::{Graph, OpId, Operator};
use headwater_compiler::stream::EventTime;

use super::bindings::{Arriving, Sources};
use super::clock::{Arrived, Clock};
use super::deliver::NamedSource;
use super::ends::base;
use super::error::EngineError;
use super::held::HeldRows;
use super::plan::{Feed, Feeds};
use super::report::product_name;

/// Sources in order of arrival.
pub(crate) struct Fed {
    pub(crate) feeds: Feeds,
    /// The same by number.
    pub(crate) sources: Vec<NamedSource>,
    /// Event time as records arrive; none where all are there.
    pub(crate) clock: Option<Clock>,
}

/// The records of each source with their place in the order of arrival.
pub(crate) async fn feed(graph: &Graph, sources: Sources) -> Result<Fed, EngineError> {
    match sources {
        Sources::Whole(whole) => {
            let mut fed = Fed { feeds: Feeds::new(), sources: Vec::new(), clock: None };
            for (op, rows) in whole {
                fed.add(graph, op, rows);
            }
            Ok(fed)
        }
        Sources::Arriving(arriving) => held(graph, arriving).await,
    }
}

impl Fed {
    /// Adds records behind all others; gives their number.
    fn add(&mut self, graph: &Graph, op: OpId, rows: Arc<dyn super::bindings::SourceRows>) -> usize {
        let number = self.sources.len();
        self.sources.push(NamedSource {
            product: product_name(graph, op),
            name: name(graph, op),
            rows: rows.clone(),
        });
        self.feeds.entry(op).or_default().push(Feed { number, rows });
        number
    }
}

fn name(graph: &Graph, op: OpId) -> String {
    let node = graph.ops[op.0 as usize].node;
    graph.nodes[node.0 as usize].name.clone()
}

/// All sources without records: one that nothing arrives at is empty.
fn unfed(graph: &Graph) -> Feeds {
    let ids = (0..graph.ops.len()).map(|index| OpId(index as u32));
    let sources =
        ids.filter(|id| matches!(graph.ops[id.0 as usize].operator, Operator::Source | Operator::Import));
    sources.map(|id| (id, Vec::new())).collect()
}

async fn held(graph: &Graph, arriving: Vec<Arriving>) -> Result<Fed, EngineError> {
    let mut fed = Fed { feeds: unfed(graph), sources: Vec::new(), clock: None };
    let mut records = Vec::new();
    let mut event_times: BTreeMap<OpId, EventTime> = BTreeMap::new();
    for Arriving { at_ms, op, rows } in arriving {
        let given = &graph.ops[op.0 as usize].output;
        let rows = HeldRows::read(rows, given).await;
        let rows = rows.map_err(|reason| EngineError::Source { source_name: name(graph, op), reason })?;
        let rows = Arc::new(rows);
        let number = fed.add(graph, op, rows.clone());
        if let Some(time) = &given.event_time {
            event_times.insert(op, time.clone());
            let arrived = |(position, time_ms)| Arrived {
                arrival: base(number) | position,
                source: op,
                at_ms,
                time_ms,
            };
            records.extend(rows.times(time.column).into_iter().map(arrived));
        }
    }
    fed.clock = Some(Clock::new(records, &event_times));
    Ok(fed)
}
