//! The operators of arithmetic: entries of the function table.
//!
//! Integers compute as `int64`, so that sums and products of `int32` cannot overflow; decimals follow Flink's rules of
//! precision; floats follow IEEE 754, where infinity is a value. Division by zero gives null for all of them.

use super::build::{DOUBLE, FLOAT64, INT, INT32, INT64, LONG, constant, is, scalar, sig, to};
use super::cast::{PRECISION_MAX, decimal};
use super::range::{arithmetic, fits, is_nonzero, range};
use super::{Constant, Family, Function, Gives, Signature, Takes};
use crate::data_type::DataType;
use crate::expr::{Expr, ExprNode, Literal};

const FLOAT32: Takes = Takes::Type(&DataType::Float32);
const LONGS: &[Takes] = &[LONG, LONG];
const EXACTS: &[Takes] = &[Takes::Exact, Takes::Exact];
const FLOATS: &[Takes] = &[FLOAT32, FLOAT32];
const DOUBLES: &[Takes] = &[DOUBLE, DOUBLE];
const SHIFT: &[Takes] = &[Takes::Calendar, constant(Constant::Interval)];

const OVERFLOW: &str = "a result out of the range of `int64` gives null";
const DIGITS: &str = "a result of more than 38 digits gives null";
const ZERO: &str = "division by zero gives null";
const NARROW: &str = "the arguments cannot be that great";
const SHORT: &str = "the result has at most 38 digits";
const DIVISOR: &str = "the divisor is a constant other than zero";
/// `int64` arithmetic of Flink, wide and then narrowed.
const WIDE_SUM: &str = "TRY_CAST(CAST($0 AS DECIMAL(19, 0)) + CAST($1 AS DECIMAL(19, 0)) AS BIGINT)";
const WIDE_DIFFERENCE: &str = "TRY_CAST(CAST($0 AS DECIMAL(19, 0)) - CAST($1 AS DECIMAL(19, 0)) AS BIGINT)";
const WIDE_PRODUCT: &str = "TRY_CAST(CAST($0 AS DECIMAL(19, 0)) * CAST($1 AS DECIMAL(19, 0)) AS BIGINT)";

const fn number(name: &'static str, written: &'static str, signatures: &'static [Signature]) -> Function {
    scalar(Family::Arithmetic, name, written, signatures)
}

fn decimals(args: &[Expr]) -> Option<[i32; 4]> {
    let size = |expr: &Expr| decimal(&expr.data_type).map(|(p, s)| (i32::from(p), i32::from(s)));
    let [a, b] = args else { return None };
    let ((p1, s1), (p2, s2)) = (size(a)?, size(b)?);
    Some([p1, s1, p2, s2])
}

/// Precision and scale before they are cut to 38 digits, as Flink's `LogicalTypeMerging` has them.
fn wanted(name: &str, args: &[Expr]) -> Option<(i32, i32)> {
    let [p1, s1, p2, s2] = decimals(args)?;
    Some(match name {
        "*" => (p1 + p2 + 1, s1 + s2),
        "/" => {
            let scale = (s1 + p2 + 1).max(6);
            (p1 - s1 + s2 + scale, scale)
        }
        "%" => ((p1 - s1).min(p2 - s2) + s1.max(s2), s1.max(s2)),
        _ => ((p1 - s1).max(p2 - s2) + s1.max(s2) + 1, s1.max(s2)),
    })
}

/// Cuts the scale rather than the digits before the point, but keeps up to six digits after it.
fn adjusted((precision, scale): (i32, i32)) -> Option<DataType> {
    let most = i32::from(PRECISION_MAX);
    let (precision, scale) = if precision <= most {
        (precision, scale)
    } else {
        (most, (most - (precision - scale)).max(scale.min(6)))
    };
    Some(DataType::Decimal {
        precision: u8::try_from(precision.max(1)).ok()?,
        scale: u8::try_from(scale).ok()?,
    })
}

const SUM: Gives =
    Gives::Rule("decimal(max(p1-s1, p2-s2)+max(s1, s2)+1, max(s1, s2))", |args| adjusted(wanted("+", args)?));
const PRODUCT: Gives = Gives::Rule("decimal(p1+p2+1, s1+s2)", |args| adjusted(wanted("*", args)?));
const QUOTIENT: Gives =
    Gives::Rule("decimal(p1-s1+s2+s, s) with s = max(6, s1+p2+1)", |args| adjusted(wanted("/", args)?));
const REMAINDER: Gives =
    Gives::Rule("decimal(min(p1-s1, p2-s2)+max(s1, s2), max(s1, s2))", |args| adjusted(wanted("%", args)?));

fn is_short(name: &str, args: &[Expr]) -> bool {
    wanted(name, args).is_some_and(|(precision, _)| precision <= i32::from(PRECISION_MAX))
}

fn is_narrow(name: &str, args: &[Expr]) -> bool {
    match args {
        [a, b] => fits(range(a).zip(range(b)).and_then(|(a, b)| arithmetic(name, a, b))),
        [a] => fits(range(a).map(|(low, high)| (-high, -low))),
        _ => false,
    }
}

fn divides(args: &[Expr]) -> bool {
    let [dividend, divisor] = args else { return false };
    // The smallest int64 has no negative.
    let has_quotient = range(divisor).is_none_or(|(low, high)| low > -1 || high < -1)
        || fits(range(dividend).map(|(low, high)| (-high, -low)));
    is_nonzero(divisor) && has_quotient
}

fn divides_short(args: &[Expr]) -> bool {
    args.last().is_some_and(is_nonzero) && is_short("/", args)
}

fn divisor(args: &[Expr]) -> bool {
    args.last().is_some_and(is_nonzero)
}

/// A date stays a date only when whole days are added.
const SHIFTED: Gives = Gives::Rule("the type of the time; a date only takes whole days", |args| {
    let [time, interval] = args else { return None };
    let ExprNode::Literal(Literal::Interval { ms, .. }) = interval.node else { return None };
    (time.data_type != DataType::Date || ms % 86_400_000 == 0).then(|| time.data_type.clone())
});

pub(super) const FUNCTIONS: &[Function] = &[
    number(
        "+",
        "a + b",
        &[
            to(LONGS, INT64).fails_unless(OVERFLOW, NARROW, |args| is_narrow("+", args)).flink(WIDE_SUM),
            sig(EXACTS, SUM).fails_unless(DIGITS, SHORT, |args| is_short("+", args)).flink("$0 + $1"),
            sig(FLOATS, Gives::Same(0)).flink("$0 + $1"),
            to(DOUBLES, FLOAT64).flink("$0 + $1"),
            sig(SHIFT, SHIFTED).flink("$0 + $1"),
        ],
    )
    .doc("The sum; or a time so much later.")
    .note("Months are added on the calendar, to the last day of a shorter month. What can overflow is judged by the arguments' types and constants: two `int32` never do.")
    .cases(&[
        is("1 + 2", "3"),
        is("2147483647 + 1", "2147483648"),
        is("9223372036854775807 + 1", "null"),
        is("1.25 + 2", "3.25"),
        is("1 + NULL", "null"),
        is("DATE '2026-01-31' + INTERVAL '1' MONTH", "2026-02-28"),
    ]),
    number(
        "-",
        "a - b, -a",
        &[
            to(LONGS, INT64).fails_unless(OVERFLOW, NARROW, |args| is_narrow("-", args)).flink(WIDE_DIFFERENCE),
            sig(EXACTS, SUM).fails_unless(DIGITS, SHORT, |args| is_short("-", args)).flink("$0 - $1"),
            sig(FLOATS, Gives::Same(0)).flink("$0 - $1"),
            to(DOUBLES, FLOAT64).flink("$0 - $1"),
            sig(SHIFT, SHIFTED).flink("$0 - $1"),
            to(&[LONG], INT64)
                .fails_unless(OVERFLOW, NARROW, |args| is_narrow("-", args))
                .flink("TRY_CAST(-CAST($0 AS DECIMAL(19, 0)) AS BIGINT)"),
            sig(&[Takes::Exact], Gives::Same(0)).flink("-$0"),
            sig(&[Takes::Float], Gives::Same(0)).flink("-$0"),
        ],
    )
    .doc("The difference; a time so much earlier; or the number with the other sign.")
    .note("The time between two times is `timestampdiff`.")
    .cases(&[
        is("1 - 2", "-1"),
        is("-9223372036854775807 - 2", "null"),
        is("1.5 - 0.25", "1.25"),
        is("-(1 + 1)", "-2"),
        is("NULL - 1", "null"),
        is("TIMESTAMP '2026-03-31 00:00:00' - INTERVAL '1' MONTH", "2026-02-28T00:00:00"),
    ]),
    number(
        "*",
        "a * b",
        &[
            to(LONGS, INT64).fails_unless(OVERFLOW, NARROW, |args| is_narrow("*", args)).flink(WIDE_PRODUCT),
            sig(EXACTS, PRODUCT).fails_unless(DIGITS, SHORT, |args| is_short("*", args)).flink("$0 * $1"),
            sig(FLOATS, Gives::Same(0)).flink("$0 * $1"),
            to(DOUBLES, FLOAT64).flink("$0 * $1"),
        ],
    )
    .doc("The product.")
    .note("A decimal product that needs more than 38 digits loses digits after the point, rounded half up.")
    .cases(&[
        is("6 * 7", "42"),
        is("2147483647 * 2147483647", "4611686014132420609"),
        is("9223372036854775807 * 2", "null"),
        is("1.5 * 1.5", "2.25"),
        is("NULL * 2", "null"),
    ]),
    number(
        "/",
        "a / b",
        &[
            to(LONGS, INT64)
                .fails_unless(ZERO, DIVISOR, divides)
                .flink("TRY_CAST(CAST($0 AS DECIMAL(19, 0)) / NULLIF($1, 0) AS BIGINT)"),
            sig(EXACTS, QUOTIENT)
                .fails_unless(ZERO, "the divisor is a constant other than zero and the result has at most 38 digits", divides_short)
                .flink("$0 / NULLIF($1, 0)"),
            sig(FLOATS, Gives::Same(0)).fails_unless(ZERO, DIVISOR, divisor).flink("$0 / NULLIF($1, 0)"),
            to(DOUBLES, FLOAT64).fails_unless(ZERO, DIVISOR, divisor).flink("$0 / NULLIF($1, 0)"),
        ],
    )
    .doc("The quotient; of two integers without its fraction.")
    .note("Integers are divided towards zero, as in Flink: `7 / 2` is `3`. Decimals are rounded half up. Floats too give null when divided by zero.")
    .cases(&[
        is("7 / 2", "3"),
        is("-7 / 2", "-3"),
        is("1 / 0", "null"),
        is("1.0 / 3", "0.333333333333"),
        is("1e0 / 0e0", "null"),
        is("NULL / 2", "null"),
    ]),
    number(
        "%",
        "a % b, mod(a, b)",
        &[
            to(&[INT, INT], INT32).fails_unless(ZERO, DIVISOR, divisor).flink("MOD($0, NULLIF($1, 0))"),
            to(LONGS, INT64).fails_unless(ZERO, DIVISOR, divisor).flink("MOD($0, NULLIF($1, 0))"),
            sig(EXACTS, REMAINDER).fails_unless(ZERO, DIVISOR, divisor).flink("MOD($0, NULLIF($1, 0))"),
        ],
    )
    .alias(&["mod"])
    .doc("The remainder of the division, with the sign of the dividend.")
    .note("For integers and decimals.")
    .cases(&[
        is("7 % 3", "1"),
        is("mod(-7, 3)", "-1"),
        is("7.5 % 2", "1.5"),
        is("7 % 0", "null"),
        is("NULL % 2", "null"),
    ]),
];
