//! Sources of the local engine: files and generators to typed Arrow batches, with the origin of every record.
//!
//! Takes a source (`source`) and the contract's fields (`wanted`); gives decoded batches and rejected records (`batch`).
//! Every record is exactly one of the two. It must not write, and no value of a record may get into an error or message.
//!
//! In reading order: nouns `source`, `wanted`, `batch`, `error`; verbs `open` (files to tasks), the formats
//! (`csv_file`, `json_file`, `xml_file`, `fixed_file`,
//! `parquet_file`, `avro_file`), `decode` (raw batch to typed batch).

pub mod again;
mod avro_file;
pub mod batch;
#[cfg(test)]
mod check;
mod column;
mod csv;
mod csv_file;
mod csv_record;
#[cfg(test)]
mod csv_tests;
pub mod decode;
pub mod error;
mod failures;
mod fixed_file;
#[cfg(test)]
mod fixed_tests;
pub mod generate;
pub mod generate_rows;
mod guard;
pub mod hand_over;
mod input;
pub(crate) mod json;
mod json_file;
#[cfg(test)]
mod json_tests;
mod leaf;
mod marks;
pub mod open;
mod open_file;
mod original;
mod parquet_file;
pub(crate) mod parsed;
pub mod rows;
pub mod source;
mod stream;
pub mod tape;
pub mod text;
pub(crate) mod time;
mod tree;
mod trees;
mod typed;
mod typed_leaf;
#[cfg(test)]
mod typed_tests;
pub(crate) mod value;
pub mod wanted;
mod xml;
mod xml_file;
#[cfg(test)]
mod xml_tests;
mod xml_token;

#[cfg(test)]
pub(crate) use original::row_as_json;
