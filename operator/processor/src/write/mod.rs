//! Sinks of a local run: tables, files, records of a topic, standard output, dead letters.
//!
//! Takes a [`SinkSpec`] for each sink and the rows that the engine gives; in two steps, so that a run makes everything
//! visible or nothing: each sink stages what it was given, then [`commit`] shows all of it.
//! It must not know the graph; a table's own format is in `lake`.
//!
//! In reading order: the noun `sink`; `bound`, which takes rows from the engine; `file` and the formats `json` and `csv`;
//! `row_groups` for Parquet; `record` for topics; `letters`; `commit`.

mod bound;
mod commit;
mod csv;
mod error;
mod file;
pub(crate) mod json;
mod letters;
mod record;
mod row_groups;
mod sink;
#[cfg(test)]
mod tests;

pub use bound::{BoundSink, bind_sink};
pub use commit::commit;
pub use error::WriteError;
pub use letters::{BoundLetters, Originals, bind_letters};
pub use sink::{FileFormat, RecordHeader, SinkSpec, Staged};
