//! Tables on this machine: what a `table` sink of a local run writes, and how it is read back.
//!
//! Takes a [`TableSpec`] and record batches, gives committed Iceberg and Delta tables.
//! It must not know the graph, the contract language or the other sinks: the engine translates.

mod catalog;
mod delta_log;
mod delta_rows;
mod delta_schema;
mod delta_table;
#[cfg(test)]
mod delta_tests;
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
mod row_writer;
#[cfg(test)]
pub(crate) mod samples;
mod scan;
mod schema;
mod snapshot;
mod statistics;
mod table;
#[cfg(test)]
mod types_tests;

pub use catalog::{Catalog, open_catalog};
pub use delta_table::{OpenDelta, StagedDelta, open_delta};
pub use error::LakeError;
pub(crate) use error::io_error;
pub use iceberg_table::{OpenTable, StagedTable, commit_tables, open_table};
pub(crate) use layout::{conform, file_layout};
pub(crate) use new_files::{NewFiles, sync};
pub use read::load_table;
pub use row_writer::RowWriter;
pub use scan::scan_table;
pub use table::{
    PartitionField, SortField, TableColumn, TableMode, TableSpec, Transform, WriteContext, WriteLimits,
    Written,
};
