//! What a call comes to: its function, or why it finds none. Noun file.

use super::FunctionId;
use crate::data_type::DataType;
use crate::expr::{Expr, ExprNode};

/// A call that has found its function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The function.
    pub id: FunctionId,
    /// Its arguments with the casts that the signature needs.
    pub args: Vec<Expr>,
    /// Type of the value; `unknown` where an argument's is.
    pub data_type: DataType,
    /// Whether the value may be null. An aggregate over no record at all is not counted here: see [`super::Nulls::Skipped`].
    pub nullable: bool,
    /// Why it can fail, in words, if it can.
    pub can_fail: Option<&'static str>,
}

/// Why a call finds no function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mismatch {
    /// The table has no such name.
    Unknown {
        /// The name as written.
        name: String,
        /// Names that were perhaps meant, best first.
        near: Vec<&'static str>,
    },
    /// The name is known and not offered.
    Refused {
        /// The name as the list has it.
        name: &'static str,
        /// Why not.
        reason: &'static str,
        /// What does the job.
        instead: &'static str,
    },
    /// No signature takes so many arguments.
    Count {
        /// The function's name.
        name: &'static str,
        /// How many it got.
        got: usize,
        /// How many it takes, such as `2 or 3`.
        takes: String,
    },
    /// No signature takes these types.
    Types {
        /// The function's name.
        name: &'static str,
        /// The types that it got.
        got: Vec<DataType>,
        /// The signatures in words, those of the right length.
        takes: Vec<String>,
    },
    /// An argument must be a constant of some form and is not.
    Constant {
        /// The function's name.
        name: &'static str,
        /// Index of the argument.
        argument: usize,
        /// What is wrong with it.
        problem: String,
    },
}

impl Resolved {
    /// The call as an expression, for a scalar function.
    pub fn into_expr(self) -> Expr {
        Expr {
            node: ExprNode::Call { function: self.id, args: self.args },
            data_type: self.data_type,
            nullable: self.nullable,
        }
    }
}
