//! The compiler of Headwater: text in, plan out, nothing touched.
//!
//! Read in this order; each verb takes the noun before it and gives the next.
//! This crate has no files, network, clock, threads or engines; `clippy.toml` refuses them.

pub mod code;
pub mod diagnostic;
mod near;
pub mod source;

pub mod ast;
pub mod layout;
pub mod locate;
pub mod parse;

pub mod catalog;
mod resolve;

pub mod data_type;
pub mod expr;
pub mod function;
pub mod partition;
pub mod shared;
pub mod stream;
mod type_name;

mod check;
mod classify;
mod flow;
mod lint;
mod sql;

pub mod graph;
mod lower;

pub mod lineage;
pub mod trace;

pub mod place;
pub mod placement;

mod compile;
pub mod render;

pub use compile::{Compiled, Options, compile};
pub use near::near;
