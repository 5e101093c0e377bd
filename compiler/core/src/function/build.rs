//! Short names for writing the table: gives constants and builders of the nouns beside it, without logic of its own.

use super::{Case, Constant, Fails, Family, Flink, Function, Gives, Kind, Labels, Nulls, Signature, Takes};
use crate::data_type::DataType;

pub(super) const BOOL: &DataType = &DataType::Bool;
pub(super) const INT32: &DataType = &DataType::Int32;
pub(super) const INT64: &DataType = &DataType::Int64;
pub(super) const FLOAT64: &DataType = &DataType::Float64;
pub(super) const STRING: &DataType = &DataType::String;

/// A truth value.
pub(super) const TRUTH: Takes = Takes::Type(BOOL);
/// Text.
pub(super) const TEXT: Takes = Takes::Type(STRING);
/// An integer of 32 bits.
pub(super) const INT: Takes = Takes::Type(INT32);
/// An integer as one of 64 bits.
pub(super) const LONG: Takes = Takes::Type(INT64);
/// A number as a double.
pub(super) const DOUBLE: Takes = Takes::Type(FLOAT64);

pub(super) const fn constant(constant: Constant) -> Takes {
    Takes::Constant(constant)
}

pub(super) const fn sig(takes: &'static [Takes], gives: Gives) -> Signature {
    Signature { takes, more: None, gives, fails: Fails::Never, flink: Flink::Same }
}

/// A signature that gives one fixed type.
pub(super) const fn to(takes: &'static [Takes], gives: &'static DataType) -> Signature {
    sig(takes, Gives::Is(gives))
}

impl Signature {
    pub(super) const fn more(mut self, takes: Takes) -> Self {
        self.more = Some(takes);
        self
    }

    pub(super) const fn can_fail(mut self, reason: &'static str) -> Self {
        self.fails = Fails::Can(reason);
        self
    }

    pub(super) const fn fails_unless(
        mut self,
        reason: &'static str,
        safe: &'static str,
        proof: fn(&[crate::expr::Expr]) -> bool,
    ) -> Self {
        self.fails = Fails::Unless { reason, safe, proof };
        self
    }

    pub(super) const fn flink(mut self, form: &'static str) -> Self {
        self.flink = Flink::Form(form);
        self
    }

    pub(super) const fn not_on_flink(mut self, reason: &'static str) -> Self {
        self.flink = Flink::Refused(reason);
        self
    }
}

/// A scalar function: its name, how it is written, its signatures.
pub(super) const fn scalar(
    family: Family,
    name: &'static str,
    written: &'static str,
    signatures: &'static [Signature],
) -> Function {
    Function {
        name,
        aliases: &[],
        family,
        kind: Kind::Scalar,
        written,
        signatures,
        nulls: Nulls::Any,
        labels: Labels::Spread,
        doc: "",
        note: "",
        cases: &[],
    }
}

impl Function {
    pub(super) const fn alias(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    pub(super) const fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    pub(super) const fn nulls(mut self, nulls: Nulls) -> Self {
        self.nulls = nulls;
        self
    }

    pub(super) const fn cleared(mut self) -> Self {
        self.labels = Labels::Cleared;
        self
    }

    pub(super) const fn doc(mut self, doc: &'static str) -> Self {
        self.doc = doc;
        self
    }

    pub(super) const fn note(mut self, note: &'static str) -> Self {
        self.note = note;
        self
    }

    pub(super) const fn cases(mut self, cases: &'static [Case]) -> Self {
        self.cases = cases;
        self
    }
}

/// An expression without columns and its value.
pub(super) const fn is(sql: &'static str, is: &'static str) -> Case {
    Case { given: "", sql, is }
}

/// An expression over rows and its value.
pub(super) const fn over(given: &'static str, sql: &'static str, is: &'static str) -> Case {
    Case { given, sql, is }
}
