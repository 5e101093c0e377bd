//! The compiler of Headwater: text in, plan out, nothing touched.
//!
//! Read in this order; each verb takes the noun before it and gives the next.
//! This crate has no files, network, clock, threads or engines; `clippy.toml` refuses them.

pub mod ast;
pub mod code;
pub mod data_type;
pub mod diagnostic;
pub mod expr;
#[expect(dead_code, unused_imports, reason = "the binders of steps and SQL, which call it, come next")]
mod flow;
pub mod function;
pub mod graph;
pub mod lineage;
pub mod locate;
mod near;
pub mod parse;
pub mod place;
pub mod placement;
pub mod render;
pub mod source;
#[allow(dead_code, unused_imports, reason = "the checker, which calls it, comes next")]
mod sql;
pub mod stream;
pub mod trace;
#[allow(dead_code, reason = "the checker, which calls it for contracts, comes next")]
mod type_name;
