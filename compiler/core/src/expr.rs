//! Typed expressions over the columns of one record: noun file.
//!
//! Every expression is total: where it can fail, it gives null and `nullable` says so.

use serde::Serialize;

use crate::data_type::DataType;
use crate::function::FunctionId;

/// An expression with its type.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Expr {
    /// What it computes.
    pub node: ExprNode,
    /// Type of its value.
    pub data_type: DataType,
    /// Whether its value may be null, because an input is or because it can fail.
    pub nullable: bool,
}

/// What an expression computes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ExprNode {
    /// Stands for an expression that already has a diagnostic; never part of a graph.
    Poison,
    /// Value of the input's column with this index.
    Column(usize),
    /// A constant.
    Literal(Literal),
    /// A function or an operator of the function table; arguments already have the types that it takes.
    Call {
        /// Which.
        function: FunctionId,
        /// Its arguments in order.
        args: Vec<Expr>,
    },
    /// The input as another type; null where it can't be.
    Cast(Box<Expr>),
    /// The first branch whose condition is true.
    Case {
        /// Conditions and values in order.
        branches: Vec<(Expr, Expr)>,
        /// The value where no condition is true; null if absent.
        otherwise: Option<Box<Expr>>,
    },
    /// A member of a struct by index; null where the struct is.
    Member {
        /// The struct.
        input: Box<Expr>,
        /// Index of the member in the struct's type.
        index: usize,
    },
    /// Whether a condition holds of everything inside of a list or a map: false if it is false of one, else null if it is
    /// null of one or there is no list, else true.
    Every {
        /// The list or map.
        input: Box<Expr>,
        /// The condition, over the columns that an element unfolds into: the members of a struct, `element` otherwise;
        /// `key` and `value` of a map.
        condition: Box<Expr>,
    },
    /// The value of the expression's type that a JSON text holds; null where the text holds none (RFC 8259).
    ParseJson(Box<Expr>),
    /// The input with what it may reveal removed or replaced; null stays null.
    Mask {
        /// What is masked.
        input: Box<Expr>,
        /// How.
        mask: Mask,
    },
}

/// A constant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Literal {
    /// No value.
    Null,
    /// Truth value.
    Bool(bool),
    /// `int32` or `int64`, as the expression's type says.
    Int(i64),
    /// `float32` or `float64` as the bits of a double, so that equal constants are equal.
    Float(u64),
    /// Decimal as its digits without the point; the expression's type holds precision and scale.
    Decimal(i128),
    /// Text.
    String(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since midnight.
    Time(i64),
    /// `timestamp` or `timestamp_local`: microseconds since 1970-01-01T00:00:00.
    Timestamp(i64),
    /// Calendar months and milliseconds.
    Interval {
        /// Whole months.
        months: i32,
        /// Milliseconds beside them.
        ms: i64,
    },
}

/// How a value is masked. Keys are named here and looked up where the value is computed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Mask {
    /// HMAC-SHA-256 of the text under a named key, in hexadecimal (RFC 2104).
    Hmac {
        /// Name of the key on the platform.
        key: String,
    },
    /// A fixed text, or zero, in place of every value.
    Redact,
    /// Null in place of every value.
    Null,
    /// All characters but the first and last few replaced by `*`.
    Partial {
        /// Characters kept at the start.
        keep_first: u32,
        /// Characters kept at the end.
        keep_last: u32,
    },
    /// The first characters only.
    Truncate {
        /// How many characters are kept.
        length: u32,
    },
    /// Numbers to the lower bound of their range.
    GeneraliseNumber {
        /// Width of a range, in units of the value.
        width: u64,
    },
    /// Dates and times to the start of a calendar unit.
    GeneraliseTime {
        /// The unit.
        unit: TimeUnit,
    },
    /// A token that stands for the value, the same for the same value and key.
    Tokenize {
        /// Name of the key on the platform.
        key: String,
    },
    /// AES-256-GCM under a named key (NIST SP 800-38D); per subject where one is given.
    Encrypt {
        /// Name of the key on the platform.
        key: String,
        /// Identifies the person whose own key is derived, so that it can be destroyed.
        subject: Option<Box<Expr>>,
    },
}

/// A unit of the calendar or the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum TimeUnit {
    /// Year.
    Year,
    /// Quarter.
    Quarter,
    /// Month.
    Month,
    /// ISO week, from Monday.
    Week,
    /// Day.
    Day,
    /// Hour.
    Hour,
    /// Minute.
    Minute,
    /// Second.
    Second,
}

impl Expr {
    /// The value of an input column.
    pub fn column(index: usize, data_type: DataType, nullable: bool) -> Self {
        Expr { node: ExprNode::Column(index), data_type, nullable }
    }

    /// Stands for an expression that already has a diagnostic.
    pub fn poison() -> Self {
        Expr { node: ExprNode::Poison, data_type: DataType::Unknown, nullable: false }
    }

    /// Calls `visit` with the index of every column read, in order of appearance, repeats included.
    pub fn visit_columns(&self, visit: &mut impl FnMut(usize)) {
        match &self.node {
            ExprNode::Poison | ExprNode::Literal(_) => {}
            ExprNode::Column(index) => visit(*index),
            ExprNode::Call { args, .. } => args.iter().for_each(|arg| arg.visit_columns(visit)),
            // A condition inside of a list reads columns of its elements, not of the record.
            ExprNode::Cast(input)
            | ExprNode::Member { input, .. }
            | ExprNode::ParseJson(input)
            | ExprNode::Every { input, .. } => input.visit_columns(visit),
            ExprNode::Case { branches, otherwise } => {
                for (condition, value) in branches {
                    condition.visit_columns(visit);
                    value.visit_columns(visit);
                }
                if let Some(value) = otherwise {
                    value.visit_columns(visit);
                }
            }
            ExprNode::Mask { input, mask } => {
                input.visit_columns(visit);
                if let Mask::Encrypt { subject: Some(subject), .. } = mask {
                    subject.visit_columns(visit);
                }
            }
        }
    }
}
