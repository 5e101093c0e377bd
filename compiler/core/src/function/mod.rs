//! The function table: everything that an expression may call, operators included.
//!
//! An entry states signature, null behaviour, whether it can fail, what it does to labels, and cases;
//! nothing outside the table can be called.

use serde::Serialize;

/// Index of a function in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct FunctionId(pub u16);
