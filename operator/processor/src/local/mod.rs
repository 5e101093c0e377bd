//! Runs a product on this machine: declared sources and sinks bound to files and local tables.
//!
//! Takes what the compiler gave and where things lie; gives the report of the run.
//! The engine computes, this module only binds, and commits when everything has been written.

mod bind;
mod file_source;
mod generate;
mod keys;
mod letters;
mod run;
mod settings;

pub use run::run_product;
pub use settings::{LocalError, Produced, Settings};
