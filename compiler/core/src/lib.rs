//! The compiler of Headwater: text in, plan out, nothing touched.
//!
//! Read in this order; each verb takes the noun before it and gives the next.
//! This crate has no files, network, clock, threads or engines; `clippy.toml` refuses them.

pub mod code;
pub mod diagnostic;
pub mod source;
