//! The local engine: a compiled graph, bound to rows and consumers, run once and completely.
//!
//! Takes a `Graph` and `Bindings`, gives rows to the sinks and a `RunReport`.
//! It must not know files, tables or secrets.
//!
//! Read in this order: `bindings`, `outcome`, `report` (nouns); `run`; `need` and `plan`, which walk the graph;
//! `ends`, `row`, `group`, `unnest`, `change`, `settle`, which make the plans of operators; `sieve`, `runs`, `tee`, `spool`, which do the work.
//!
//! Plans are physical from the start: the compiler has already typed, resolved and ordered everything,
//! each edge is counted, and so no optimiser may move work across it. What an optimiser would do for us is done by `need`.

mod aggregate;
#[cfg(test)]
mod aggregate_tests;
mod arrow_type;
mod bindings;
#[cfg(test)]
mod build;
mod change;
#[cfg(test)]
mod check;
mod clock;
mod count;
mod deliver;
mod ends;
mod error;
mod express;
mod feed;
#[cfg(test)]
mod float_tests;
mod group;
#[cfg(test)]
mod group_tests;
mod held;
mod join;
mod join_probe;
mod join_run;
mod join_table;
#[cfg(test)]
mod join_tests;
mod late;
#[cfg(test)]
mod late_tests;
#[cfg(test)]
mod law_tests;
mod layout;
mod letters;
mod masked;
mod memory;
mod need;
mod order;
mod outcome;
mod over;
mod plan;
mod report;
mod row;
#[cfg(test)]
mod row_tests;
mod run;
mod runs;
mod session;
mod settle;
mod sieve;
#[cfg(test)]
mod spill_tests;
mod spool;
mod stage;
mod tee;
mod unnest;
mod window;
#[cfg(test)]
mod window_law_tests;

pub use arrow_type::{arrow_schema, arrow_type};
pub use bindings::{
    ARRIVAL, Arriving, Bindings, BoundError, DELETED, DeadLetterRows, Original, Originals, POSITIONS,
    Rejected, RunConfig, SinkRows, SinkWants, SourceRows, Sources, Wanted,
};
pub use error::{EngineError, Violation};
pub use outcome::{Account, Gives, Imbalance, Outcome, Outcomes, balance};
pub use report::{DeadLetter, OperatorReport, Place, Progress, RunReport};
pub use run::run;
