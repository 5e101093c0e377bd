//! The language as plain types: every kind, and the schemas made from them.
//!
//! Nothing here checks meaning; that is the compiler's part. The rules of the notation hold by construction:
//! what has order is a list, a union is a struct of optional members of which exactly one is written,
//! nothing is recursive, and nothing is now a scalar and now an object.

pub mod approval;
mod bound;
pub mod canonical;
pub mod connection;
pub mod contract;
pub mod crd;
pub mod files;
pub mod generate;
pub mod group;
pub mod lock;
pub mod mask;
pub mod meta;
pub mod object;
pub mod platform;
pub mod policy;
pub mod product;
pub mod scalar;
pub mod schema;
pub mod sink;
pub mod source;
pub mod step;
mod structural;
pub mod test;
