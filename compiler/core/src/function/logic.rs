//! Three-valued logic: entries of the function table.

use super::build::{BOOL, TRUTH, is, scalar, to};
use super::{Family, Function, Nulls, Signature, Takes};

const PAIR: &[Takes] = &[TRUTH, TRUTH];

const fn logic(name: &'static str, written: &'static str, signatures: &'static [Signature]) -> Function {
    scalar(Family::Logic, name, written, signatures)
}

pub(super) const FUNCTIONS: &[Function] = &[
    logic("and", "a AND b", &[to(PAIR, BOOL).flink("$0 AND $1")])
        .doc("True if both are true.")
        .note("False if either is false, whatever the other; otherwise null if either is null.")
        .cases(&[
            is("TRUE AND TRUE", "true"),
            is("FALSE AND NULL", "false"),
            is("TRUE AND NULL", "null"),
            is("NULL AND NULL", "null"),
        ]),
    logic("or", "a OR b", &[to(PAIR, BOOL).flink("$0 OR $1")])
        .doc("True if either is true.")
        .note("True if either is true, whatever the other; otherwise null if either is null.")
        .cases(&[is("FALSE OR FALSE", "false"), is("TRUE OR NULL", "true"), is("FALSE OR NULL", "null")]),
    logic("not", "NOT a", &[to(&[TRUTH], BOOL).flink("NOT $0")])
        .doc("The opposite truth value.")
        .note("Null stays null.")
        .cases(&[is("NOT TRUE", "false"), is("NOT FALSE", "true"), is("NOT NULL", "null")]),
    logic("is true", "a IS TRUE", &[to(&[TRUTH], BOOL).flink("$0 IS TRUE")])
        .nulls(Nulls::Never)
        .doc("Whether it is true, and not null.")
        .note("Never null.")
        .cases(&[is("TRUE IS TRUE", "true"), is("FALSE IS TRUE", "false"), is("NULL IS TRUE", "false")]),
    logic("is not true", "a IS NOT TRUE", &[to(&[TRUTH], BOOL).flink("$0 IS NOT TRUE")])
        .nulls(Nulls::Never)
        .doc("Whether it is false or null.")
        .note("Never null.")
        .cases(&[
            is("TRUE IS NOT TRUE", "false"),
            is("FALSE IS NOT TRUE", "true"),
            is("NULL IS NOT TRUE", "true"),
        ]),
    logic("is false", "a IS FALSE", &[to(&[TRUTH], BOOL).flink("$0 IS FALSE")])
        .nulls(Nulls::Never)
        .doc("Whether it is false, and not null.")
        .note("Never null.")
        .cases(&[is("TRUE IS FALSE", "false"), is("FALSE IS FALSE", "true"), is("NULL IS FALSE", "false")]),
    logic("is not false", "a IS NOT FALSE", &[to(&[TRUTH], BOOL).flink("$0 IS NOT FALSE")])
        .nulls(Nulls::Never)
        .doc("Whether it is true or null.")
        .note("Never null.")
        .cases(&[
            is("TRUE IS NOT FALSE", "true"),
            is("FALSE IS NOT FALSE", "false"),
            is("NULL IS NOT FALSE", "true"),
        ]),
];
