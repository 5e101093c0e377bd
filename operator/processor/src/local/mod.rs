//! Runs a product on this machine: declared sources and sinks bound to files and local tables.
//!
//! Takes what the compiler gave and where things lie; gives the report of the run.
//! The engine computes, this module only binds, and commits when everything has been written.

mod bind;
mod case;
mod difference;
mod expect;
mod expect_letters;
mod file_source;
mod generate;
mod given;
mod keys;
mod letters;
mod run;
mod same;
mod settings;
mod test_keys;

pub use case::{CaseContext, CaseRun, run_case};
pub use difference::{BadRow, Cells, LetterDifference, RowDifference, SinkDifference};
pub use expect::compare_rows;
pub use expect_letters::compare_letters;
pub use run::run_product;
pub use same::{FLOAT_DISTANCE, FLOAT32_SHARE, FLOAT64_SHARE};
pub use settings::{LocalError, Produced, Settings};
pub use test_keys::test_vault;
