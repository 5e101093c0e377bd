//! Tables on this machine: what a `table` sink of a local run writes, and how it is read back.
//!
//! Takes a [`TableSpec`] and record batches, gives committed Iceberg tables.
//! It must not know the graph, the contract language or the other sinks: the engine translates.

mod catalog;
mod error;
mod fan_out;
mod iceberg_table;
#[cfg(test)]
mod iceberg_tests;
mod layout;
mod merge;
mod metadata;
mod new_files;
mod parquet_file;
mod partition;
mod read;
#[cfg(test)]
mod samples;
mod schema;
mod snapshot;
mod statistics;
mod table;

pub use catalog::{Catalog, open_catalog};
pub use error::LakeError;
pub use iceberg_table::{OpenTable, StagedTable, commit_tables, open_table};
pub(crate) use new_files::NewFiles;
pub use read::{load_table, scan_table};
pub use table::{
    PartitionField, SortField, TableColumn, TableMode, TableSpec, Transform, WriteContext, WriteLimits,
    Written,
};
