//! Functions of a group: entries of the function table.
//!
//! Null arguments are left out. Every value is determined by the records of the group alone, not by the order in which
//! they come or the batches in which they are computed: float sums are exact until they are rounded once.

use super::build::{
    BOOL, DOUBLE, FLOAT64, INT64, LONG, STRING, TEXT, TRUTH, constant, over, scalar, sig, to,
};
use super::cast::{PRECISION_MAX, decimal};
use super::{Constant, Family, Function, Gives, Kind, Nulls, Signature, Takes};
use crate::data_type::{DataType, Slot};

const EXACT_ON_FLINK: &str =
    "float results may differ from Flink's in the last digits, where Flink rounds after each record";

const fn aggregate(name: &'static str, written: &'static str, signatures: &'static [Signature]) -> Function {
    scalar(Family::Aggregate, name, written, signatures)
        .kind(Kind::Aggregate { over: false, distinct: false, by_event_time: false })
        .nulls(Nulls::Skipped)
}

/// What may also be computed over the records before the current one, and of distinct values.
const OVER: Kind = Kind::Aggregate { over: true, distinct: true, by_event_time: false };
const BY_TIME: Kind = Kind::Aggregate { over: true, distinct: false, by_event_time: true };

const TOTAL: Gives = Gives::Rule("decimal(38, s)", |args| {
    let (_, scale) = decimal(&args.first()?.data_type)?;
    Some(DataType::Decimal { precision: PRECISION_MAX, scale })
});

const MEAN: Gives = Gives::Rule("decimal(38, max(6, s))", |args| {
    let (_, scale) = decimal(&args.first()?.data_type)?;
    Some(DataType::Decimal { precision: PRECISION_MAX, scale: scale.max(6) })
});

/// A value among others of the same millisecond is the least or the greatest, so it must compare; a map does not.
const KEPT: Gives = Gives::Rule("the type of the argument, which is no map and has none inside", |args| {
    let data_type = &args.first()?.data_type;
    (!holds_map(data_type)).then(|| data_type.clone())
});

fn holds_map(data_type: &DataType) -> bool {
    if let DataType::List(slot) = data_type {
        return holds_map(&slot.data_type);
    }
    if let DataType::Struct(members) = data_type {
        return members.iter().any(|member| holds_map(&member.data_type));
    }
    matches!(data_type, DataType::Map(_))
}

const SORTED: Gives = Gives::Rule("list<T>", |args| {
    let data_type = args.first()?.data_type.clone();
    (data_type != DataType::Null && !data_type.is_nested())
        .then(|| DataType::List(Box::new(Slot { data_type, nullable: false })))
});

const SPREAD: &[Signature] = &[to(&[DOUBLE], FLOAT64)];
const SAMPLE: &[Signature] = &[to(&[DOUBLE], FLOAT64).can_fail("a group of one value gives null")];

/// A spread of doubles.
const fn spread(name: &'static str, written: &'static str) -> Function {
    aggregate(name, written, SPREAD)
}

/// A spread that needs two values.
const fn sample(name: &'static str, written: &'static str) -> Function {
    aggregate(name, written, SAMPLE)
}

/// So many records that a sum of decimals which might overflow is never met: 10 to the tenth.
const ROOM: u8 = 10;

pub(super) const FUNCTIONS: &[Function] = &[
    aggregate("count", "count(*), count(a, ...)", &[to(&[], INT64).flink("COUNT(*)"), to(&[Takes::Any], INT64).more(Takes::Any)])
        .kind(OVER)
        .nulls(Nulls::Counted)
        .cleared()
        .doc("How many records there are; or in how many no argument is null.")
        .note("Never null: 0 for none. Tells nothing of which values there are, so it clears labels.")
        .cases(&[
            over("(1), (2), (NULL)", "count(*)", "3"),
            over("(1), (2), (NULL)", "count(x)", "2"),
            over("(1), (1), (NULL)", "count(DISTINCT x)", "1"),
        ]),
    aggregate(
        "sum",
        "sum(a)",
        &[
            to(&[Takes::Type(&DataType::Int32)], INT64).flink("SUM(CAST($0 AS BIGINT))"),
            to(&[LONG], INT64)
                .can_fail("a sum out of the range of `int64` gives null")
                .flink("TRY_CAST(SUM(CAST($0 AS DECIMAL(38, 0))) AS BIGINT)"),
            sig(&[Takes::Exact], TOTAL).fails_unless(
                "a sum of more than 38 digits gives null",
                "the argument has at most 28 digits",
                |args| matches!(args, [a] if matches!(a.data_type, DataType::Decimal { precision, .. } if precision <= PRECISION_MAX - ROOM)),
            ),
            to(&[DOUBLE], FLOAT64),
        ],
    )
    .kind(OVER)
    .doc("The sum.")
    .note("Of integers an `int64`; a sum of `int32` would need four thousand million records to overflow and then stops the run. Float sums are exact and rounded once.")
    .cases(&[
        over("(1), (2), (NULL)", "sum(x)", "3"),
        over("(1.25), (2.50)", "sum(x)", "3.75"),
        over("(9223372036854775807), (1)", "sum(x)", "null"),
        over("(1e100), (1e0), (-1e100)", "sum(x)", "1.0"),
        over("(1), (1), (2)", "sum(DISTINCT x)", "3"),
        over("(CAST(NULL AS int32))", "sum(x)", "null"),
    ]),
    aggregate(
        "avg",
        "avg(a)",
        &[
            to(&[LONG], FLOAT64).flink("CAST(SUM(CAST($0 AS DECIMAL(38, 0))) AS DOUBLE) / COUNT($0)"),
            sig(&[Takes::Exact], MEAN),
            to(&[DOUBLE], FLOAT64),
        ],
    )
    .kind(OVER)
    .doc("The mean.")
    .note("Of integers a `float64`, unlike in Flink, where the mean of integers loses its fraction. Of decimals a decimal, rounded half up.")
    .cases(&[
        over("(1), (2), (NULL)", "avg(x)", "1.5"),
        over("(1.00), (2.01)", "avg(x)", "1.505000"),
        over("(9223372036854775807), (9223372036854775807)", "avg(x)", "9.223372036854776E18"),
        over("(1e100), (1e0), (-1e100), (2e0)", "avg(x)", "0.75"),
        over("(CAST(NULL AS int32))", "avg(x)", "null"),
    ]),
    aggregate("min", "min(a)", &[sig(&[Takes::Ordered], Gives::Shared)])
        .kind(OVER)
        .doc("The least value.")
        .note("Text compares by code point; NaN is the greatest number.")
        .cases(&[
            over("(2), (1), (NULL)", "min(x)", "1"),
            over("('b'), ('B')", "min(x)", "B"),
            over("(CAST(NULL AS string))", "min(x)", "null"),
            over("(CAST('NaN' AS float64)), (1e0)", "min(x)", "1.0"),
            over("(TRUE), (FALSE)", "min(x)", "false"),
            over("(TIME '10:00:00'), (TIME '09:00:00')", "min(x)", "09:00:00"),
        ]),
    aggregate("max", "max(a)", &[sig(&[Takes::Ordered], Gives::Shared)])
        .kind(OVER)
        .doc("The greatest value.")
        .note("Text compares by code point; NaN is the greatest number.")
        .cases(&[
            over("(2), (1), (NULL)", "max(x)", "2"),
            over("(DATE '2026-01-01'), (DATE '2026-02-01')", "max(x)", "2026-02-01"),
            over("(CAST('NaN' AS float64)), (1e0)", "max(x)", "NaN"),
            over("(1.50), (2.25)", "max(x)", "2.25"),
            over(
                "(CAST('67e55044-10b1-426f-9247-bb680e5fe0c8' AS uuid)), (CAST('17e55044-10b1-426f-9247-bb680e5fe0c8' AS uuid))",
                "max(x)",
                "67e55044-10b1-426f-9247-bb680e5fe0c8",
            ),
            over("(CAST(NULL AS int32))", "max(x)", "null"),
        ]),
    aggregate("bool_and", "bool_and(a)", &[to(&[TRUTH], BOOL).flink("(MIN(CAST($0 AS INT)) = 1)")])
        .alias(&["every"])
        .doc("Whether it is true in every record.")
        .note("Records in which it is null are left out.")
        .cases(&[
            over("(TRUE), (FALSE)", "bool_and(x)", "false"),
            over("(TRUE), (NULL)", "bool_and(x)", "true"),
            over("(CAST(NULL AS bool))", "bool_and(x)", "null"),
        ]),
    aggregate("bool_or", "bool_or(a)", &[to(&[TRUTH], BOOL).flink("(MAX(CAST($0 AS INT)) = 1)")])
        .doc("Whether it is true in some record.")
        .note("Records in which it is null are left out.")
        .cases(&[
            over("(TRUE), (FALSE)", "bool_or(x)", "true"),
            over("(FALSE), (NULL)", "bool_or(x)", "false"),
            over("(CAST(NULL AS bool))", "bool_or(x)", "null"),
        ]),
    spread("var_pop", "var_pop(a)")
        .doc("The variance, the values being all there are.")
        .note(EXACT_ON_FLINK)
        .cases(&[
            over("(1), (3)", "var_pop(x)", "1.0"),
            over("(5)", "var_pop(x)", "0.0"),
            over("(CAST(NULL AS int32))", "var_pop(x)", "null"),
        ]),
    sample("var_samp", "var_samp(a)")
        .alias(&["variance"])
        .doc("The variance, the values being a sample.")
        .note(EXACT_ON_FLINK)
        .cases(&[
            over("(1), (3)", "var_samp(x)", "2.0"),
            over("(5)", "var_samp(x)", "null"),
            over("(1000000001e0), (1000000002e0), (1000000003e0)", "var_samp(x)", "1.0"),
        ]),
    spread("stddev_pop", "stddev_pop(a)")
        .doc("The standard deviation, the values being all there are.")
        .note(EXACT_ON_FLINK)
        .cases(&[
            over("(1), (3)", "stddev_pop(x)", "1.0"),
            over("(5), (NULL)", "stddev_pop(x)", "0.0"),
            over("(CAST(NULL AS int32))", "stddev_pop(x)", "null"),
        ]),
    sample("stddev_samp", "stddev_samp(a)")
        .alias(&["stddev"])
        .doc("The standard deviation, the values being a sample.")
        .note(EXACT_ON_FLINK)
        .cases(&[
            over("(1), (2), (3)", "stddev_samp(x)", "1.0"),
            over("(5)", "stddev_samp(x)", "null"),
            over("(CAST(NULL AS int32))", "stddev_samp(x)", "null"),
        ]),
    aggregate("percentile", "percentile(a, fraction)", &[to(&[DOUBLE, constant(Constant::Fraction)], FLOAT64)])
        .alias(&["percentile_cont"])
        .doc("The value below which this fraction of the values lies, between two values in proportion.")
        .note("Exact. `percentile_cont(0.5) WITHIN GROUP (ORDER BY a)` means `percentile(a, 0.5)`.")
        .cases(&[
            over("(1), (2), (4)", "percentile(x, 0.5)", "2.0"),
            over("(1), (2), (3), (4)", "percentile(x, 0.5)", "2.5"),
            over("(1), (NULL), (3)", "percentile(x, 1)", "3.0"),
            over("(CAST(NULL AS int32))", "percentile(x, 0.5)", "null"),
        ]),
    aggregate(
        "percentile_disc",
        "percentile_disc(a, fraction)",
        &[sig(&[Takes::Ordered, constant(Constant::Fraction)], Gives::Shared)
            .flink("ARRAY_SORT(ARRAY_AGG($0))[GREATEST(1, CAST(CEIL($1 * COUNT($0)) AS INT))]")],
    )
    .doc("The least of the values that at least this fraction of the values does not exceed.")
    .note("Exact; always one of the values.")
    .cases(&[
        over("(1), (2), (3), (4)", "percentile_disc(x, 0.5)", "2"),
        over("('a'), ('c'), ('b')", "percentile_disc(x, 1)", "c"),
        over("(CAST(NULL AS int32))", "percentile_disc(x, 0.5)", "null"),
    ]),
    aggregate("median", "median(a)", &[to(&[DOUBLE], FLOAT64).flink("PERCENTILE($0, 0.5)")])
        .doc("The value in the middle, or the mean of the two there.")
        .note("As `percentile(a, 0.5)`.")
        .cases(&[
            over("(1), (9), (2)", "median(x)", "2.0"),
            over("(1), (2)", "median(x)", "1.5"),
            over("(CAST(NULL AS int32))", "median(x)", "null"),
        ]),
    aggregate("first_value", "first_value(a)", &[sig(&[Takes::Any], KEPT)])
        .kind(BY_TIME)
        .doc("The value of the earliest record in which it is not null.")
        .note("By event time in milliseconds; of records of the same millisecond the least value, so that the order of arrival does not matter.")
        .cases(&[
            over("(1), (2), (3)", "first_value(x)", "1"),
            over("(NULL), ('b'), ('a')", "first_value(x)", "b"),
            over("(CAST(NULL AS int32))", "first_value(x)", "null"),
        ]),
    aggregate("last_value", "last_value(a)", &[sig(&[Takes::Any], KEPT)])
        .kind(BY_TIME)
        .doc("The value of the latest record in which it is not null.")
        .note("By event time in milliseconds; of records of the same millisecond the greatest value, so that the order of arrival does not matter.")
        .cases(&[
            over("(1), (2), (3)", "last_value(x)", "3"),
            over("('b'), ('a'), (NULL)", "last_value(x)", "a"),
            over("(CAST(NULL AS int32))", "last_value(x)", "null"),
        ]),
    aggregate("array_agg", "array_agg(a)", &[sig(&[Takes::Any], SORTED).flink("ARRAY_SORT(ARRAY_AGG($0))")])
        .kind(Kind::Aggregate { over: false, distinct: true, by_event_time: false })
        .doc("The values as a list, the least first.")
        .note("In order of the values, because the order of arrival is no part of the meaning. Nulls are left out.")
        .cases(&[
            over("(2), (1), (NULL), (2)", "array_agg(x)", "[1, 2, 2]"),
            over("('b'), ('a'), ('b')", "array_agg(DISTINCT x)", "[a, b]"),
            over("(CAST(NULL AS int32))", "array_agg(x)", "null"),
        ]),
    aggregate(
        "listagg",
        "listagg(a [, separator])",
        &[
            to(&[TEXT], STRING).flink("ARRAY_JOIN(ARRAY_SORT(ARRAY_AGG($0)), ',')"),
            to(&[TEXT, constant(Constant::Text)], STRING).flink("ARRAY_JOIN(ARRAY_SORT(ARRAY_AGG($0)), $1)"),
        ],
    )
    .alias(&["string_agg"])
    .kind(Kind::Aggregate { over: false, distinct: true, by_event_time: false })
    .doc("The texts one after the other with a separator between them, the least first.")
    .note("In order of the texts, because the order of arrival is no part of the meaning. A comma if no separator is stated.")
    .cases(&[
        over("('b'), ('a'), (NULL)", "listagg(x)", "a,b"),
        over("('b'), ('a'), ('b')", "listagg(DISTINCT x, ' | ')", "a | b"),
        over("(CAST(NULL AS string))", "listagg(x)", "null"),
    ]),
];
