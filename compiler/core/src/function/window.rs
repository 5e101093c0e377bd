//! Functions of the records before the current one: entries of the function table.
//!
//! `sum`, `avg`, `count`, `min`, `max`, `first_value` and `last_value` may stand `OVER` too; they are among the aggregates.

use super::build::{INT64, constant, over, scalar, sig, to};
use super::{Constant, Family, Function, Gives, Kind, Nulls, Signature, Takes};

const fn window(name: &'static str, written: &'static str, signatures: &'static [Signature]) -> Function {
    scalar(Family::Window, name, written, signatures).kind(Kind::Window)
}

const BACK: Takes = constant(Constant::Int(1, 1_000_000));

pub(super) const FUNCTIONS: &[Function] = &[
    window("row_number", "row_number() OVER (...)", &[to(&[], INT64)])
        .nulls(Nulls::Never)
        .cleared()
        .doc("The number of the record in its order, from 1.")
        .note("`ROW_NUMBER() = 1` by event time is deduplication, any other bound is Top-N.")
        .cases(&[
            over("(5)", "row_number() OVER (ORDER BY t)", "1"),
            over("(5), (5)", "row_number() OVER (ORDER BY t)", "2"),
            over("(NULL), (NULL), (NULL)", "row_number() OVER (ORDER BY t)", "3"),
        ]),
    window("rank", "rank() OVER (...)", &[to(&[], INT64)])
        .nulls(Nulls::Never)
        .cleared()
        .doc("One more than the number of records before it in its order.")
        .note("Records that are equal there have the same rank, and ranks are left out after them.")
        .cases(&[
            over("(1), (1), (2)", "rank() OVER (ORDER BY x)", "3"),
            over("(1), (1)", "rank() OVER (ORDER BY x)", "1"),
            over("(1)", "rank() OVER (ORDER BY x)", "1"),
        ]),
    window("dense_rank", "dense_rank() OVER (...)", &[to(&[], INT64)])
        .nulls(Nulls::Never)
        .cleared()
        .doc("One more than the number of different values before it in its order.")
        .note("Records that are equal there have the same rank, and no rank is left out.")
        .cases(&[
            over("(1), (1), (2)", "dense_rank() OVER (ORDER BY x)", "2"),
            over("(1), (1)", "dense_rank() OVER (ORDER BY x)", "1"),
            over("(1)", "dense_rank() OVER (ORDER BY x)", "1"),
        ]),
    window(
        "lag",
        "lag(a [, records [, default]]) OVER (...)",
        &[
            sig(&[Takes::Any], Gives::Same(0)),
            sig(&[Takes::Any, BACK], Gives::Same(0)),
            sig(&[Takes::Shared, BACK, Takes::Shared], Gives::Shared),
        ],
    )
    .nulls(Nulls::Own("for the first records, unless a default is stated, and where the value was null"))
    .doc("The value of so many records before, of the last one if not stated.")
    .note("The default stands in where there is no such record, not where its value is null.")
    .cases(&[
        over("(1), (2)", "lag(x) OVER (ORDER BY t)", "1"),
        over("(1), (2), (3)", "lag(x, 2) OVER (ORDER BY t)", "1"),
        over("(1)", "lag(x, 1, 0) OVER (ORDER BY t)", "0"),
        over("(1)", "lag(x) OVER (ORDER BY t)", "null"),
    ]),
];
