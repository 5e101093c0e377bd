//! The data plane: reads records, computes what the compiled graph says, writes tables and files.
//!
//! The compiler decides what is meant; nothing here decides anything about the language.

pub mod engine;
pub mod read;
//! The data plane of Headwater: what runs a compiled product over records.
//!
//! The library's table of contents. It must not know the command line.

pub mod lake;
