//! From a graph to plans: walks the operators that sinks need, inputs first, and lets each make its plan.
//!
//! Takes a graph and what it is bound to, gives a plan for each sink and the counters of every operator.
//! An operator that several others read is computed once (`tee`). Nothing is read or written here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use headwater_compiler::graph::{Graph, Op, OpId, Operator};
use headwater_compiler::stream::{StreamKind, StreamType};

use super::aggregate::{Grouping, aggregate};
use super::bindings::{RunConfig, SinkWants, SourceRows};
use super::change::changelog;
use super::clock::{Clock, Watermarks, feeding};
use super::count::{Counter, Tally, counted};
use super::error::EngineError;
use super::join::{Join, join};
use super::layout::{Layout, Need};
use super::letters::Letters;
use super::need::needs;
use super::outcome::{Gives, Outcome};
use super::over::{Looking, over};
use super::stage::Plan;
use super::tee::{Drivers, tee};
use super::unnest::{Unnesting, unnest};
use super::{ends, group, row};
use crate::mask::apply::Vault;

/// What all operators share while they are planned.
pub(crate) struct Ctx<'a> {
    pub(crate) graph: &'a Graph,
    pub(crate) config: &'a RunConfig,
    pub(crate) letters: &'a Arc<Letters>,
    /// The keys of masks.
    pub(crate) vault: &'a Arc<Vault>,
    pub(crate) sources: &'a Feeds,
    /// Event time as records arrive; none where all are there.
    clock: Option<Clock>,
    feeding: Vec<Arc<BTreeSet<OpId>>>,
    /// What must be carried out of each operator that runs.
    carried: BTreeMap<OpId, (Need, Arc<Layout>)>,
    /// The sinks that are written, with what they want.
    pub(crate) sinks: &'a BTreeMap<OpId, SinkWants>,
    /// The counters of each operator that runs.
    pub(crate) tallies: BTreeMap<OpId, Tally>,
}

/// The records of each source, in order of arrival.
pub(crate) type Feeds = BTreeMap<OpId, Vec<Feed>>;

/// Records of a source that arrive together.
#[derive(Clone)]
pub(crate) struct Feed {
    /// Its place among all feeds of the run, which is the high part of its records' arrival.
    pub(crate) number: usize,
    pub(crate) rows: Arc<dyn SourceRows>,
}

/// The rows that an operator gives.
pub(crate) struct Rows {
    pub(crate) plan: Plan,
    pub(crate) layout: Arc<Layout>,
    pub(crate) facts: Facts,
}

/// What is known about rows beyond their type.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    /// No two records have the same arrival.
    pub(crate) unique: bool,
    /// On an upsert stream: at most one record of each key, so that order means nothing.
    pub(crate) settled: bool,
    /// On an upsert stream that is not settled: the last record is the last by event time then arrival, not by arrival alone.
    pub(crate) by_time: bool,
    /// The sources whose arrivals the records carry.
    pub(crate) origins: BTreeSet<OpId>,
    /// About how many bytes there are, if that is known.
    pub(crate) bytes: Option<u64>,
}

/// Plans for all sinks of a run.
#[derive(Default)]
pub(crate) struct Planned {
    pub(crate) sinks: Vec<PlannedSink>,
    pub(crate) tallies: BTreeMap<OpId, Tally>,
    /// Records that sources have found.
    pub(crate) read: Vec<Counter>,
    /// Records that have reached sinks.
    pub(crate) reached: Vec<Counter>,
    /// Records that were rejected.
    pub(crate) dead: Vec<Counter>,
}

/// The plan of one sink.
pub(crate) struct PlannedSink {
    pub(crate) op: OpId,
    /// Name of the node.
    pub(crate) name: String,
    pub(crate) plan: Plan,
}

/// What a run is planned from, beside the graph.
pub(crate) struct Given<'a> {
    pub(crate) config: &'a RunConfig,
    pub(crate) letters: &'a Arc<Letters>,
    pub(crate) vault: &'a Arc<Vault>,
    pub(crate) drivers: &'a Arc<Drivers>,
    pub(crate) sources: &'a Feeds,
    pub(crate) clock: Option<Clock>,
    /// Operators `Sink` with the form in which their rows are wanted.
    pub(crate) sinks: &'a BTreeMap<OpId, SinkWants>,
}

/// Plans what reaches the sinks.
pub(crate) fn plan(graph: &Graph, given: Given<'_>) -> Result<Planned, EngineError> {
    let Given { config, letters, vault, drivers, sources, clock, sinks } = given;
    let bound = sources.keys().copied().collect();
    let roots = sinks.iter().map(|(op, wants)| (*op, wants.ordered)).collect();
    let needs = needs(graph, &roots, &bound, config.as_of_us.is_some(), clock.is_some());
    let carried = needs.into_iter().map(|(id, need)| {
        let layout = Layout::new(&graph.ops[id.0 as usize].output, &need);
        (id, (need, Arc::new(layout)))
    });
    let carried = carried.collect();
    let feeding = feeding(graph, |id| sources.contains_key(&id));
    let tallies = BTreeMap::new();
    let mut ctx = Ctx { graph, config, letters, vault, sources, clock, feeding, carried, sinks, tallies };
    let readers = ctx.readers();
    let mut ready: BTreeMap<OpId, Vec<Rows>> = BTreeMap::new();
    let mut planned = Planned::default();
    for (&id, &count) in &readers {
        let mut inputs = Vec::new();
        for input in ctx.inputs(id) {
            let rows = ready.get_mut(input).and_then(Vec::pop);
            inputs.push(rows.expect("every reader of an operator has its rows"));
        }
        let rows = ctx.operator(id, inputs)?;
        let mut shared = ctx.shared(id, rows, count, drivers)?;
        if let Some(&wants) = sinks.get(&id) {
            let rows = shared.pop().expect("a sink reads itself");
            let plan = ends::sink(&mut ctx, id, rows, wants)?;
            planned.sinks.push(PlannedSink { op: id, name: ctx.node_name(id).to_owned(), plan });
        }
        ready.insert(id, shared);
    }
    let reads = |ids: &mut dyn Iterator<Item = &OpId>| -> Vec<Counter> {
        ids.filter_map(|id| ctx.tallies.get(id)).map(|tally| tally.inputs[0].read.clone()).collect()
    };
    planned.read = reads(&mut sources.keys());
    planned.reached = reads(&mut sinks.keys());
    planned.dead = ctx.tallies.values().flat_map(Tally::dead).collect();
    planned.tallies = ctx.tallies;
    Ok(planned)
}

impl<'a> Ctx<'a> {
    /// An operator.
    pub(crate) fn op(&self, id: OpId) -> &'a Op {
        &self.graph.ops[id.0 as usize]
    }

    /// What an operator gives.
    pub(crate) fn output(&self, id: OpId) -> &'a StreamType {
        &self.op(id).output
    }

    /// The columns that an operator's plan must give.
    pub(crate) fn layout(&self, id: OpId) -> Arc<Layout> {
        self.carried[&id].1.clone()
    }

    /// What is needed of an operator.
    pub(crate) fn need(&self, id: OpId) -> &Need {
        &self.carried[&id].0
    }

    /// The name of the node that an operator is part of.
    /// Namespace and name of the operator's product, as `retail/orders`.
    pub(crate) fn product_name(&self, id: OpId) -> String {
        super::report::product_name(self.graph, id)
    }

    pub(crate) fn node_name(&self, id: OpId) -> &'a str {
        &self.graph.nodes[self.op(id).node.0 as usize].name
    }

    /// The watermark of an operator before each record; none where all records are there.
    pub(crate) fn watermarks(&self, id: OpId) -> Option<Arc<Watermarks>> {
        let clock = self.clock.as_ref()?;
        Some(Arc::new(clock.watermarks(&self.feeding[id.0 as usize])))
    }

    /// An error about something that this engine does not do.
    pub(crate) fn unsupported(&self, id: OpId, reason: &str) -> EngineError {
        EngineError::Unsupported { node: self.node_name(id).to_owned(), reason: reason.to_owned() }
    }

    /// Starts the account of an operator, with the outcomes of each input.
    pub(crate) fn tally(&mut self, id: OpId, gives: Gives, inputs: &[&[Outcome]]) -> Tally {
        let tally = Tally::new(gives, inputs);
        self.tallies.insert(id, tally.clone());
        tally
    }

    /// What an operator reads, unless it is read from outside.
    fn inputs(&self, id: OpId) -> &'a [OpId] {
        if self.sources.contains_key(&id) { &[] } else { &self.op(id).inputs }
    }

    /// How often each operator that runs is read.
    fn readers(&self) -> BTreeMap<OpId, usize> {
        let mut readers: BTreeMap<OpId, usize> = self.carried.keys().map(|id| (*id, 0)).collect();
        for &id in self.carried.keys() {
            *readers.entry(id).or_default() += usize::from(self.sinks.contains_key(&id));
            for &input in self.inputs(id) {
                *readers.entry(input).or_default() += 1;
            }
        }
        readers
    }

    /// The rows of an operator as often as they are read, counted once.
    fn shared(
        &self,
        id: OpId,
        rows: Rows,
        readers: usize,
        drivers: &Arc<Drivers>,
    ) -> Result<Vec<Rows>, EngineError> {
        let tally = &self.tallies[&id];
        // What others read of a sink is not the sink's to count.
        let plan = if tally.gives == Gives::None { rows.plan } else { counted(rows.plan, &tally.given)? };
        let plans = if readers == 1 { vec![plan] } else { tee(plan, readers, drivers) };
        let (layout, facts) = (rows.layout, rows.facts);
        let rows = |plan| Rows { plan, layout: layout.clone(), facts: facts.clone() };
        Ok(plans.into_iter().map(rows).collect())
    }

    /// Counts what an operator reads from an input.
    pub(crate) fn read(&self, tally: &Tally, input: usize, rows: Rows) -> Result<Rows, EngineError> {
        let plan = counted(rows.plan, &tally.inputs[input].read)?;
        Ok(Rows { plan, ..rows })
    }

    /// Makes the plan of an operator.
    fn operator(&mut self, id: OpId, mut inputs: Vec<Rows>) -> Result<Rows, EngineError> {
        if let Some(feeds) = self.sources.get(&id) {
            return ends::source(self, id, feeds);
        }
        let mut input = || inputs.pop().expect("an operator of the graph has its inputs");
        match &self.op(id).operator {
            Operator::Source => Err(EngineError::Unbound(self.node_name(id).to_owned())),
            Operator::Import | Operator::Sink => ends::hand_on(self, id, input()),
            Operator::Filter { predicate } => row::filter(self, id, input(), predicate),
            Operator::Project { columns } => row::project(self, id, input(), columns),
            Operator::Validate { rules } => row::validate(self, id, input(), rules),
            Operator::Branch { conditions, route } => row::branch(self, id, input(), conditions, *route),
            Operator::Union => row::union(self, id, inputs),
            Operator::Unnest { column, keep_empty, ordinality } => {
                let what = Unnesting { column: *column, keep_empty: *keep_empty, ordinality: *ordinality };
                unnest(self, id, input(), &what)
            }
            Operator::Deduplicate { by, kept } => group::deduplicate(self, id, input(), by, *kept),
            Operator::TopN { by, order, limit, rank, .. } => {
                let ranking = group::Ranking { by, order, limit: *limit, rank: *rank };
                group::top_n(self, id, input(), &ranking)
            }
            Operator::Changelog => changelog(self, id, input()),
            Operator::Join { kind, on, condition, time } => {
                let how = Join { kind: *kind, on, condition: condition.as_ref(), time };
                let right = input();
                join(self, id, input(), right, &how)
            }
            Operator::Aggregate { window, by, measures, .. } => {
                aggregate(self, id, input(), &Grouping { window: window.as_ref(), by, measures })
            }
            Operator::Over { partition, order, frame, calls } => {
                let how = Looking { partition, order: *order, frame: *frame, calls };
                over(self, id, input(), &how)
            }
        }
    }
}

/// Whether records of a stream may be deletions.
pub(crate) fn is_upsert(stream: &StreamType) -> bool {
    stream.kind == StreamKind::Upsert
}
