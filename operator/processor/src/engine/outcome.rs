//! What became of the records at an operator, and the law that nothing else may become of them. Noun file with its one law.
//!
//! Takes counts, gives a verdict. It must not know how records are counted.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

/// What became of one record at one operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Went on.
    Out,
    /// On an upsert stream: went on as the deletion of its key, because it no longer passes.
    Deleted,
    /// Did not meet a filter's condition.
    Filtered,
    /// Went to the dead letters.
    Dead,
    /// On an upsert stream: went to the dead letters, and on as the deletion of its key.
    DeadAndDeleted,
    /// Broke a rule that says to drop it.
    Dropped,
    /// Took another route.
    OtherRoute,
    /// Gave a record for each of its elements.
    Expanded,
    /// Had no elements.
    Empty,
    /// Found a partner.
    Matched,
    /// Found none.
    Unmatched,
    /// Became part of a result.
    Folded,
    /// Waits in state for a time that this run does not reach.
    Waiting,
    /// Came after everything that it could enter was closed.
    Late,
    /// Had no event time, and so no place in time.
    Untimed,
    /// Gave way to another record of its key or group.
    Superseded,
    /// Was a deletion after which nothing remains to pass on.
    Erased,
    /// Was written.
    Written,
}

impl Outcome {
    /// Whether the record is given to what reads the operator.
    pub fn goes_on(self) -> bool {
        matches!(self, Outcome::Out | Outcome::Deleted | Outcome::DeadAndDeleted)
    }

    /// The word in reports and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Out => "out",
            Outcome::Deleted => "deleted",
            Outcome::Filtered => "filtered",
            Outcome::Dead => "dead",
            Outcome::DeadAndDeleted => "dead and deleted",
            Outcome::Dropped => "dropped",
            Outcome::OtherRoute => "other route",
            Outcome::Expanded => "expanded",
            Outcome::Empty => "empty",
            Outcome::Matched => "matched",
            Outcome::Unmatched => "unmatched",
            Outcome::Folded => "folded",
            Outcome::Waiting => "waiting",
            Outcome::Late => "late",
            Outcome::Untimed => "untimed",
            Outcome::Superseded => "superseded",
            Outcome::Erased => "erased",
            Outcome::Written => "written",
        }
    }
}

/// How the number of records that an operator gives follows from what became of its inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Gives {
    /// One for each record that went on, be it as a deletion.
    OneEach,
    /// A number of its own: children, pairs, groups.
    Own,
    /// None: a sink.
    None,
}

/// The account of one operator, or of one input of an operator with several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcomes {
    /// What became of the records of each input, in order.
    pub inputs: Vec<Account>,
    /// How many records it gave, counted where they left it.
    pub given: u64,
    /// How `given` follows from the accounts.
    pub gives: Gives,
}

/// What became of the records of one input.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Records counted where they came in.
    pub read: u64,
    /// Records counted where their fate was decided; only outcomes that the operator has, zeros included.
    pub outcomes: BTreeMap<Outcome, u64>,
}

/// How an account fails to add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Imbalance {
    /// The outcomes of an input are not as many as its records.
    Input {
        /// Index of the input.
        input: usize,
        /// Records that came in.
        read: u64,
        /// Sum of the outcomes.
        accounted: u64,
    },
    /// What went on is not what was given.
    Given {
        /// Records that left the operator.
        given: u64,
        /// Records that, by their outcomes, went on.
        accounted: u64,
    },
}

impl fmt::Display for Imbalance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Imbalance::Input { input, read, accounted } => {
                write!(f, "input {input} has {read} records and {accounted} outcomes")
            }
            Imbalance::Given { given, accounted } => {
                write!(f, "{given} records were given and {accounted} went on by their outcomes")
            }
        }
    }
}

impl std::error::Error for Imbalance {}

/// Checks the law of accounting: every record has exactly one outcome, and what went on is what was given.
///
/// # Errors
/// The first account that does not add up.
pub fn balance(outcomes: &Outcomes) -> Result<(), Imbalance> {
    for (input, account) in outcomes.inputs.iter().enumerate() {
        let accounted = account.outcomes.values().sum();
        if accounted != account.read {
            return Err(Imbalance::Input { input, read: account.read, accounted });
        }
    }
    let went_on = || {
        let accounts = outcomes.inputs.iter().flat_map(|account| &account.outcomes);
        accounts.filter(|(outcome, _)| outcome.goes_on()).map(|(_, count)| count).sum()
    };
    let accounted = match outcomes.gives {
        Gives::OneEach => went_on(),
        Gives::Own => return Ok(()),
        Gives::None => 0,
    };
    if accounted == outcomes.given {
        Ok(())
    } else {
        Err(Imbalance::Given { given: outcomes.given, accounted })
    }
}

#[cfg(test)]
mod tests {
    use super::{Account, Gives, Imbalance, Outcome, Outcomes, balance};

    fn check(
        read: u64,
        outcomes: &[(Outcome, u64)],
        given: u64,
        gives: Gives,
        expected: Result<(), Imbalance>,
    ) {
        let account = Account { read, outcomes: outcomes.iter().copied().collect() };
        let outcomes = Outcomes { inputs: vec![account], given, gives };
        assert_eq!(balance(&outcomes), expected, "{outcomes:?}");
    }

    #[test]
    fn every_record_has_one_outcome() {
        use Outcome::{Deleted, Filtered, Out, Superseded, Written};
        check(5, &[(Out, 3), (Filtered, 2)], 3, Gives::OneEach, Ok(()));
        check(5, &[(Out, 3), (Deleted, 2)], 5, Gives::OneEach, Ok(()));
        let lost = Imbalance::Input { input: 0, read: 5, accounted: 4 };
        check(5, &[(Out, 3), (Filtered, 1)], 3, Gives::OneEach, Err(lost));
        let doubled = Imbalance::Given { given: 4, accounted: 3 };
        check(5, &[(Out, 3), (Filtered, 2)], 4, Gives::OneEach, Err(doubled));
        check(5, &[(Outcome::Folded, 5)], 2, Gives::Own, Ok(()));
        check(5, &[(Written, 4), (Superseded, 1)], 0, Gives::None, Ok(()));
    }
}
