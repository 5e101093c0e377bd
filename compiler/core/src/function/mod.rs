//! The function table: everything that an expression may call, operators included. Noun file.
//!
//! An entry states signatures, null behaviour, where it can fail, what it does to labels, its meaning here and on Flink,
//! and cases that are run on the engines. Nothing outside the table can be called.
//! The entries stand in one file a family; [`resolve`] finds them, `docs/functions.md` is generated from them.

use serde::{Serialize, Serializer};

use crate::data_type::DataType;
use crate::expr::Expr;

mod aggregate;
mod arithmetic;
mod build;
mod call;
mod case;
mod cast;
mod comparison;
mod conditional;
mod constant;
pub mod docs;
mod hash;
mod json;
pub mod json_path;
pub mod like;
mod logic;
mod nested;
mod numeric;
mod range;
mod refused;
pub mod regex;
mod resolve;
mod search;
#[cfg(test)]
mod tests;
mod text;
mod time;
pub mod time_pattern;
mod window;

pub use call::{Mismatch, Resolved};
pub use case::{BoundCall, BoundCase, bind_case};
pub use cast::{CastRule, cast_rule, common_type};
pub use constant::{Constant, int as constant_int, number as constant_number, text as constant_text};
pub use resolve::{cast_to, find, resolve};
pub use text::TEXT_BYTES_MAX;

/// Index of a function in the table. Written as the function's name, so that a new entry changes no stored value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionId(pub u16);

impl Serialize for FunctionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(get(*self).name)
    }
}

/// One function or operator.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// Name in lower case, Flink SQL's where Flink has the function; for an operator its sign or words, such as `is null`.
    pub name: &'static str,
    /// Other names that mean the same.
    pub aliases: &'static [&'static str],
    /// The section of the documentation.
    pub family: Family,
    /// Where it may stand.
    pub kind: Kind,
    /// How it is written, such as `extract(unit FROM time)`.
    pub written: &'static str,
    /// What it takes and gives; the first that fits is taken.
    pub signatures: &'static [Signature],
    /// When the value is null although nothing failed.
    pub nulls: Nulls,
    /// What the value tells of the arguments' labels.
    pub labels: Labels,
    /// What it gives, in a sentence.
    pub doc: &'static str,
    /// What the sentence leaves open: edge cases, and what the engines must be held to.
    pub note: &'static str,
    /// Expressions and what they are, run on the engines.
    pub cases: &'static [Case],
}

/// Where a function may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// In any expression over one record.
    Scalar,
    /// As a measure of a group.
    Aggregate {
        /// Whether it may also be computed `OVER` the records before the current one.
        over: bool,
        /// Whether `DISTINCT` makes sense.
        distinct: bool,
        /// Whether records are taken in order of event time, so that the stream must have one.
        by_event_time: bool,
    },
    /// Only with `OVER`.
    Window,
}

/// A section of the documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Comparisons.
    Comparison,
    /// Truth.
    Logic,
    /// Choice between values.
    Conditional,
    /// Numbers.
    Arithmetic,
    /// Text.
    Text,
    /// Dates and times.
    Time,
    /// JSON text.
    Json,
    /// Lists, maps and structs.
    Nested,
    /// Digests, encodings and identifiers.
    Hash,
    /// Groups.
    Aggregate,
    /// Records before the current one.
    Window,
}

/// One way to call a function.
#[derive(Debug, Clone, Copy)]
pub struct Signature {
    /// The arguments in order.
    pub takes: &'static [Takes],
    /// Any number of further arguments of this pattern.
    pub more: Option<Takes>,
    /// Type of the value.
    pub gives: Gives,
    /// Where it gives null because it cannot do better.
    pub fails: Fails,
    /// How it is written for Flink.
    pub flink: Flink,
}

/// Which arguments fit a place, and as what they are passed.
#[derive(Debug, Clone, Copy)]
pub enum Takes {
    /// This type, or one that widens to it without loss.
    Type(&'static DataType),
    /// Any type.
    Any,
    /// The common type of all arguments that stand at such a place.
    Shared,
    /// The same, of a type whose values have an order: not a list, map or struct.
    Ordered,
    /// `int32` or `int64` as it is.
    Integer,
    /// Any number as it is.
    Number,
    /// A decimal as it is, or an integer as the decimal that holds it.
    Exact,
    /// `float32` or `float64` as it is.
    Float,
    /// `timestamp` or `timestamp_local` as it is.
    Instant,
    /// `date`, `timestamp` or `timestamp_local` as it is.
    Calendar,
    /// `time`, `timestamp` or `timestamp_local` as it is.
    Clock,
    /// A list as it is.
    List,
    /// A list of this type.
    ListOf(&'static DataType),
    /// A map as it is.
    Map,
    /// A value of the type of the first argument's elements or values.
    Element,
    /// A constant, checked when the expression is compiled.
    Constant(Constant),
}

/// Type of a function's value, from the arguments as they are passed.
#[derive(Debug, Clone, Copy)]
pub enum Gives {
    /// Always this.
    Is(&'static DataType),
    /// The common type of the shared arguments.
    Shared,
    /// The type of the argument with this index.
    Same(usize),
    /// As the rule says; none if the types do not go together.
    Rule(&'static str, fn(&[Expr]) -> Option<DataType>),
}

/// Where a function gives null because it cannot do better.
#[derive(Debug, Clone, Copy)]
pub enum Fails {
    /// Nowhere.
    Never,
    /// For some values of the arguments: the reason, such as `division by zero gives null`.
    Can(&'static str),
    /// The same, unless the arguments as they are passed show that it cannot happen.
    Unless {
        /// The reason.
        reason: &'static str,
        /// What shows it, in words.
        safe: &'static str,
        /// Whether they show it.
        proof: fn(&[Expr]) -> bool,
    },
}

/// When a value is null although nothing failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// When any argument is.
    Any,
    /// When all arguments are.
    All,
    /// Never.
    Never,
    /// When the arguments say so, whether or not they can be null, as `nullif` does.
    Own(&'static str),
    /// When one of the arguments after the first is: the first is a condition.
    Values,
    /// Null arguments are left out; null when none is left.
    Skipped,
    /// Null arguments are left out; a value even when none is left.
    Counted,
    /// When the argument with this index is; the others are left out where they are null.
    Only(usize),
}

/// What a value tells of the labels of its arguments.
///
/// Labels spread through everything, conditions and digests included, except where no value of an argument can be told
/// from the result: how many there are, and whether there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Labels {
    /// The result has the labels of all arguments.
    Spread,
    /// The result has none: it tells that there are values, not which.
    Cleared,
}

/// How a function is written for Flink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flink {
    /// By its own name with the same arguments.
    Same,
    /// By this expression, in which `$0` is the first argument and `$*` all of them separated by commas.
    Form(&'static str),
    /// Not at all: the reason.
    Refused(&'static str),
}

/// An expression and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// Rows over which it is computed, as the rows of a `VALUES` list with columns `x`, `y`, in order of event time;
    /// empty for an expression without columns.
    pub given: &'static str,
    /// The expression.
    pub sql: &'static str,
    /// Its value cast to string, lists as `[a, b]`, or `null`; of the last row for a window function.
    pub is: &'static str,
}

impl Function {
    /// Whether it may stand in an expression over one record.
    pub fn is_scalar(&self) -> bool {
        self.kind == Kind::Scalar
    }

    /// Whether it may be a measure of a group.
    pub fn is_aggregate(&self) -> bool {
        matches!(self.kind, Kind::Aggregate { .. })
    }

    /// Whether it may be computed `OVER` the records before the current one.
    pub fn is_window(&self) -> bool {
        matches!(self.kind, Kind::Window | Kind::Aggregate { over: true, .. })
    }

    /// Whether, as an aggregate, it gives null for a group without any record that counts.
    pub fn empty_is_null(&self) -> bool {
        self.nulls == Nulls::Skipped
    }
}

/// Everything that can be called, by family.
static TABLE: [Function; count(PARTS)] = join(PARTS);

const PARTS: &[&[Function]] = &[
    comparison::FUNCTIONS,
    logic::FUNCTIONS,
    conditional::FUNCTIONS,
    arithmetic::FUNCTIONS,
    numeric::FUNCTIONS,
    text::FUNCTIONS,
    search::FUNCTIONS,
    time::FUNCTIONS,
    json::FUNCTIONS,
    nested::FUNCTIONS,
    hash::FUNCTIONS,
    aggregate::FUNCTIONS,
    window::FUNCTIONS,
];

const fn count(parts: &[&[Function]]) -> usize {
    let mut sum = 0;
    let mut part = 0;
    while part < parts.len() {
        sum += parts[part].len();
        part += 1;
    }
    sum
}

const fn join<const N: usize>(parts: &[&[Function]]) -> [Function; N] {
    let mut all = [parts[0][0]; N];
    let mut at = 0;
    let mut part = 0;
    while part < parts.len() {
        let mut index = 0;
        while index < parts[part].len() {
            all[at] = parts[part][index];
            at += 1;
            index += 1;
        }
        part += 1;
    }
    all
}

/// Every function, in order of their ids.
pub fn table() -> &'static [Function] {
    &TABLE
}

/// The function with this id.
pub fn get(id: FunctionId) -> &'static Function {
    &TABLE[usize::from(id.0)]
}
