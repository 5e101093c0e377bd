//! Counts records on their way: the counters of a run and the plan node that feeds one.
//!
//! Takes batches, gives the same batches. A counter is changed once a batch.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use datafusion::error::Result;

use super::outcome::{Account, Gives, Outcome, Outcomes};
use super::stage::{Plan, Stage};

/// A number of records that grows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counter(Arc<AtomicU64>);

impl Counter {
    pub(crate) fn add(&self, records: usize) {
        self.0.fetch_add(records as u64, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// The number itself, for code outside the engine.
    pub(crate) fn shared(&self) -> Arc<AtomicU64> {
        self.0.clone()
    }
}

/// The counters of one operator.
#[derive(Debug, Clone)]
pub(crate) struct Tally {
    pub(crate) gives: Gives,
    /// Records that came in and what became of them, for each input.
    pub(crate) inputs: Vec<TallyInput>,
    /// Records given.
    pub(crate) given: Counter,
}

/// The counters of one input of an operator.
#[derive(Debug, Clone)]
pub(crate) struct TallyInput {
    pub(crate) read: Counter,
    outcomes: BTreeMap<Outcome, Counter>,
}

impl Tally {
    /// Counters at zero for an operator whose inputs have these outcomes.
    pub(crate) fn new(gives: Gives, inputs: &[&[Outcome]]) -> Self {
        let input = |outcomes: &&[Outcome]| TallyInput {
            read: Counter::default(),
            outcomes: outcomes.iter().map(|outcome| (*outcome, Counter::default())).collect(),
        };
        Self { gives, inputs: inputs.iter().map(input).collect(), given: Counter::default() }
    }

    /// The counter of an outcome of an input.
    pub(crate) fn outcome(&self, input: usize, outcome: Outcome) -> Counter {
        self.inputs[input].outcome(outcome)
    }

    /// The counters of rejected records.
    pub(crate) fn dead(&self) -> Vec<Counter> {
        let rejected = |outcome: &Outcome| {
            matches!(outcome, Outcome::Dead | Outcome::DeadAndDeleted | Outcome::Late | Outcome::Untimed)
        };
        let outcomes = self.inputs.iter().flat_map(|input| &input.outcomes);
        outcomes.filter(|(outcome, _)| rejected(outcome)).map(|(_, counter)| counter.clone()).collect()
    }

    /// What was counted.
    pub(crate) fn outcomes(&self) -> Outcomes {
        let account = |input: &TallyInput| Account {
            read: input.read.get(),
            outcomes: input.outcomes.iter().map(|(outcome, count)| (*outcome, count.get())).collect(),
        };
        Outcomes {
            inputs: self.inputs.iter().map(account).collect(),
            given: self.given.get(),
            gives: self.gives,
        }
    }
}

impl TallyInput {
    /// The counter of an outcome.
    pub(crate) fn outcome(&self, outcome: Outcome) -> Counter {
        let counter = self.outcomes.get(&outcome);
        counter.expect("an operator counts only outcomes that it was declared with").clone()
    }
}

/// Counts the records that pass.
pub(crate) fn counted(input: Plan, counter: &Counter) -> Result<Plan> {
    counted_into(input, vec![counter.clone()])
}

/// Counts the records that pass, several times at once.
pub(crate) fn counted_into(input: Plan, counters: Vec<Counter>) -> Result<Plan> {
    let schema = input.schema();
    Stage::each_batch("Count", input, schema, move || {
        let counters = counters.clone();
        move |batch| {
            counters.iter().for_each(|counter| counter.add(batch.num_rows()));
            Ok(batch)
        }
    })
}
