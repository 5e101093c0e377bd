//! The data plane: reads records, computes what the compiled graph says, writes tables and files.
//!
//! The compiler decides what is meant; nothing here decides anything about the language.

pub mod engine;
pub mod function;
pub mod lake;
pub mod local;
pub mod mask;
pub mod read;
pub mod write;
