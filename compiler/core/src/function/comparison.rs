//! Comparisons: entries of the function table.
//!
//! Text compares by code point, NaN equals NaN and is greater than every number, `-0.0` equals `0.0`.

use super::build::{BOOL, TEXT, constant, is, scalar, to};
use super::{Constant, Family, Function, Nulls, Signature, Takes};

const PAIR: &[Takes] = &[Takes::Ordered, Takes::Ordered];

const fn compare(name: &'static str, written: &'static str, signatures: &'static [Signature]) -> Function {
    scalar(Family::Comparison, name, written, signatures)
}

pub(super) const FUNCTIONS: &[Function] = &[
    compare("=", "a = b", &[to(PAIR, BOOL).flink("$0 = $1")])
        .doc("Whether the values are equal.")
        .note("Null if either is null. NaN equals NaN, `-0.0` equals `0.0`; Flink compares floats through guarded forms.")
        .cases(&[
            is("1 = 1.0", "true"),
            is("'a' = 'A'", "false"),
            is("1 = NULL", "null"),
            is("CAST('NaN' AS float64) = CAST('NaN' AS float64)", "true"),
            is("CAST('-0' AS float64) = 0e0", "true"),
        ]),
    compare("<>", "a <> b", &[to(PAIR, BOOL).flink("$0 <> $1")])
        .alias(&["!="])
        .doc("Whether the values differ.")
        .note("Null if either is null.")
        .cases(&[is("1 <> 2", "true"), is("'a' <> 'a'", "false"), is("NULL <> 1", "null")]),
    compare("<", "a < b", &[to(PAIR, BOOL).flink("$0 < $1")])
        .doc("Whether the first value is less.")
        .note("Text compares by code point, so `'Z' < 'a'`; false is less than true; uuids and bytes compare as unsigned bytes.")
        .cases(&[
            is("1 < 2", "true"),
            is("'Z' < 'a'", "true"),
            is("'ｚ' < '😀'", "true"),
            is("1 < NULL", "null"),
            is("CAST('NaN' AS float64) < 1e0", "false"),
        ]),
    compare("<=", "a <= b", &[to(PAIR, BOOL).flink("$0 <= $1")])
        .doc("Whether the first value is less or equal.")
        .note("As `<` and `=`.")
        .cases(&[is("2 <= 2", "true"), is("DATE '2026-01-02' <= DATE '2026-01-01'", "false"), is("NULL <= 1", "null")]),
    compare(">", "a > b", &[to(PAIR, BOOL).flink("$0 > $1")])
        .doc("Whether the first value is greater.")
        .note("NaN is greater than every number, infinity included.")
        .cases(&[
            is("2.5 > 2", "true"),
            is("CAST('NaN' AS float64) > CAST('Infinity' AS float64)", "true"),
            is("NULL > 1", "null"),
        ]),
    compare(">=", "a >= b", &[to(PAIR, BOOL).flink("$0 >= $1")])
        .doc("Whether the first value is greater or equal.")
        .note("As `>` and `=`.")
        .cases(&[is("2 >= 2", "true"), is("'a' >= 'b'", "false"), is("1 >= NULL", "null")]),
    compare("is distinct from", "a IS DISTINCT FROM b", &[to(PAIR, BOOL).flink("$0 IS DISTINCT FROM $1")])
        .nulls(Nulls::Never)
        .doc("Whether the values differ, null being a value like any other.")
        .note("Never null.")
        .cases(&[
            is("1 IS DISTINCT FROM NULL", "true"),
            is("CAST(NULL AS int32) IS DISTINCT FROM NULL", "false"),
            is("1 IS DISTINCT FROM 2", "true"),
        ]),
    compare("is not distinct from", "a IS NOT DISTINCT FROM b", &[to(PAIR, BOOL).flink("$0 IS NOT DISTINCT FROM $1")])
        .nulls(Nulls::Never)
        .doc("Whether the values are equal, null being a value like any other.")
        .note("Never null.")
        .cases(&[
            is("1 IS NOT DISTINCT FROM NULL", "false"),
            is("CAST(NULL AS int32) IS NOT DISTINCT FROM NULL", "true"),
            is("'a' IS NOT DISTINCT FROM 'a'", "true"),
        ]),
    compare("is null", "a IS NULL", &[to(&[Takes::Any], BOOL).flink("$0 IS NULL")])
        .nulls(Nulls::Never)
        .cleared()
        .doc("Whether there is no value.")
        .note("Tells nothing of which value there is, so it clears labels.")
        .cases(&[is("NULL IS NULL", "true"), is("1 IS NULL", "false"), is("'' IS NULL", "false")]),
    compare("is not null", "a IS NOT NULL", &[to(&[Takes::Any], BOOL).flink("$0 IS NOT NULL")])
        .nulls(Nulls::Never)
        .cleared()
        .doc("Whether there is a value.")
        .note("Tells nothing of which value there is, so it clears labels.")
        .cases(&[is("NULL IS NOT NULL", "false"), is("1 IS NOT NULL", "true"), is("1 / 0 IS NOT NULL", "false")]),
    compare("in", "a IN (b, ...)", &[to(PAIR, BOOL).more(Takes::Ordered).flink("$0 IN ($*)")])
        .doc("Whether the first value equals one of the others.")
        .note("Null if the first is null, or if none is equal and one of the others is null.")
        .cases(&[
            is("2 IN (1, 2)", "true"),
            is("3 IN (1, 2)", "false"),
            is("3 IN (1, NULL)", "null"),
            is("1 IN (1, NULL)", "true"),
            is("NULL IN (1)", "null"),
        ]),
    compare(
        "like",
        "text LIKE pattern [ESCAPE character]",
        &[
            to(&[TEXT, constant(Constant::Like)], BOOL).flink("$0 LIKE $1"),
            to(&[TEXT, constant(Constant::Like), constant(Constant::Character)], BOOL).flink("$0 LIKE $1 ESCAPE $2"),
        ],
    )
    .doc("Whether all of the text matches a pattern: `%` for any characters, `_` for one.")
    .note("The pattern is a constant. There is no escape character unless one is stated; it may stand before `%`, `_` and itself. Letter case counts.")
    .cases(&[
        is("'orders' LIKE 'ord%'", "true"),
        is("'a_b' LIKE 'a!_b' ESCAPE '!'", "true"),
        is("'axb' LIKE 'a!_b' ESCAPE '!'", "false"),
        is("'é' LIKE '_'", "true"),
        is("'a\\b' LIKE 'a\\b'", "true"),
        is("NULL LIKE 'a%'", "null"),
    ]),
];
