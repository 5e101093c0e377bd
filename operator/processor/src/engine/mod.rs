//! The local engine: a compiled graph, bound to rows and consumers, run once and completely.
//!
//! Takes a `Graph` and `Bindings`, gives rows to the sinks and a `RunReport`.
//! It must not know files, tables or secrets.
//!
//! Read in this order: `bindings`, `outcome`, `report` (nouns).

mod bindings;
mod error;
mod outcome;
mod report;

pub use bindings::{
    ARRIVAL, Bindings, BoundError, DELETED, DeadLetterRows, Original, POSITIONS, Rejected, RunConfig,
    SinkRows, SinkWants, SourceRows, Wanted,
};
pub use error::EngineError;
pub use outcome::{Account, Gives, Imbalance, Outcome, Outcomes, balance};
pub use report::{DeadLetter, OperatorReport, Place, Progress, RunReport};
