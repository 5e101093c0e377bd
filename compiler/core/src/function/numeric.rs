//! Functions of numbers: entries of the function table.
//!
//! A function of doubles gives null outside its domain; where IEEE 754 overflows it gives infinity, which is a value.
//! The last digit of a transcendental function may differ between engines.

use super::build::{DOUBLE, FLOAT64, INT64, LONG, constant, is, scalar, sig, to};
use super::cast::{PRECISION_MAX, decimal};
use super::range::{fits, range};
use super::time::{DAYS, UNITS};
use super::{Constant, Family, Function, Gives, Signature, Takes};
use crate::data_type::DataType;
use crate::expr::Expr;

const DOMAIN: &str = "an argument outside the domain gives null";
const OVERFLOW: &str = "a result out of the type's range gives null";

const fn number(name: &'static str, written: &'static str, signatures: &'static [Signature]) -> Function {
    scalar(Family::Arithmetic, name, written, signatures)
}

const REAL: &[Signature] = &[to(&[DOUBLE], FLOAT64)];

/// A function of one double.
const fn real(name: &'static str, written: &'static str) -> Function {
    number(name, written, REAL)
}

fn has_negative(args: &[Expr]) -> bool {
    matches!(args, [a] if fits(range(a).map(|(low, high)| (-high, -low))))
}

const ROUNDED: Gives = Gives::Rule("decimal(p-s+n+1, n), or as it is where n >= s", |args| {
    let digits = args.get(1).map_or(Some(0), super::constant::int)?;
    let (precision, scale) = decimal(&args.first()?.data_type)?;
    let (precision, scale) = (i64::from(precision), i64::from(scale));
    let (precision, scale) = if digits >= scale {
        (precision, scale)
    } else if digits < 0 {
        ((precision - scale + 1).min(38), 0)
    } else {
        (precision - scale + digits + 1, digits)
    };
    Some(DataType::Decimal { precision: u8::try_from(precision).ok()?, scale: u8::try_from(scale).ok()? })
});

const WHOLE: Gives = Gives::Rule("decimal(p, 0)", |args| {
    let (precision, _) = decimal(&args.first()?.data_type)?;
    Some(DataType::Decimal { precision, scale: 0 })
});

const DIGITS_AFTER: Takes = constant(Constant::Int(-38, 38));

fn rounds_to_whole(args: &[Expr]) -> bool {
    args.get(1).and_then(super::constant::int).is_none_or(|digits| digits >= 0)
}

fn rounds_decimal(args: &[Expr]) -> bool {
    let size = args.first().and_then(|arg| decimal(&arg.data_type));
    rounds_to_whole(args) || size.is_some_and(|(precision, scale)| precision - scale < PRECISION_MAX)
}

/// A signature of doubles that fails outside the function's domain.
const fn partial(takes: &'static [Takes]) -> Signature {
    to(takes, FLOAT64).can_fail(DOMAIN)
}

const INSTANT_TO: &[Takes] = &[Takes::Instant, constant(Constant::Word(UNITS))];
const DATE_TO: &[Takes] = &[Takes::Type(&DataType::Date), constant(Constant::Word(DAYS))];

/// Signatures of `ceil` and `floor`.
const fn wholes(form: &'static str) -> [Signature; 5] {
    [
        sig(&[Takes::Integer], Gives::Same(0)),
        sig(&[Takes::Exact], WHOLE),
        sig(&[Takes::Float], Gives::Same(0)),
        sig(INSTANT_TO, Gives::Same(0)).flink(form),
        sig(DATE_TO, Gives::Same(0)).flink(form),
    ]
}

const CEIL: &[Signature] = &wholes("CEIL($0 TO $1)");
const FLOOR: &[Signature] = &wholes("FLOOR($0 TO $1)");

pub(super) const FUNCTIONS: &[Function] = &[
    number(
        "abs",
        "abs(a)",
        &[
            to(&[LONG], INT64)
                .fails_unless(OVERFLOW, "the argument is not the smallest `int64`", has_negative)
                .flink("TRY_CAST(ABS(CAST($0 AS DECIMAL(19, 0))) AS BIGINT)"),
            sig(&[Takes::Exact], Gives::Same(0)),
            sig(&[Takes::Float], Gives::Same(0)),
        ],
    )
    .doc("The number without its sign.")
    .note("Of integers an `int64`, so that an `int32` never fails.")
    .cases(&[
        is("abs(-2)", "2"),
        is("abs(-1.50)", "1.50"),
        is("abs(-9223372036854775807 - 1)", "null"),
        is("abs(NULL)", "null"),
    ]),
    number("sign", "sign(a)", &[sig(&[Takes::Number], Gives::Same(0))])
        .doc("-1, 0 or 1, of the number's own type.")
        .note("NaN stays NaN; a decimal keeps its scale.")
        .cases(&[is("sign(-5)", "-1"), is("sign(0)", "0"), is("sign(2.50)", "1.00"), is("sign(NULL)", "null")]),
    number(
        "ceil",
        "ceil(a), CEIL(time TO unit)",
        CEIL,
    )
    .alias(&["ceiling"])
    .doc("The least whole number that is not less; or the first start of a unit that is not before the time.")
    .note("A decimal keeps its precision and loses its scale. Weeks start on Monday.")
    .cases(&[is("ceil(1.2)", "2"), is("ceil(-1.8)", "-1"), is("ceil(7)", "7"), is("CEIL(DATE '2026-01-02' TO MONTH)", "2026-02-01"), is("ceil(NULL)", "null")]),
    number(
        "floor",
        "floor(a), FLOOR(time TO unit)",
        FLOOR,
    )
    .doc("The greatest whole number that is not greater; or the start of the unit in which the time lies.")
    .note("A decimal keeps its precision and loses its scale. Weeks start on Monday.")
    .cases(&[is("floor(1.8)", "1"), is("floor(-1.2)", "-2"), is("floor(1.5e0)", "1.0"), is("FLOOR(DATE '2026-01-02' TO YEAR)", "2026-01-01"), is("floor(NULL)", "null")]),
    number(
        "round",
        "round(a [, digits])",
        &[
            sig(&[Takes::Integer], Gives::Same(0)),
            sig(&[Takes::Exact], ROUNDED),
            sig(&[Takes::Float], Gives::Same(0)),
            to(&[LONG, DIGITS_AFTER], INT64).fails_unless(OVERFLOW, "digits is not negative", rounds_to_whole),
            sig(&[Takes::Exact, DIGITS_AFTER], ROUNDED).fails_unless(OVERFLOW, "there is room for one more digit", rounds_decimal),
            sig(&[Takes::Float, DIGITS_AFTER], Gives::Same(0)),
        ],
    )
    .doc("The nearest number with so many digits after the point, none if not stated.")
    .note("Halves go away from zero. A float is rounded as the decimal it is shown as, so `round(2.675e0, 2)` is `2.68`. Negative digits round before the point.")
    .cases(&[
        is("round(2.5)", "3"),
        is("round(-2.5)", "-3"),
        is("round(1.255, 2)", "1.26"),
        is("round(2.675e0, 2)", "2.68"),
        is("round(1250, -2)", "1300"),
        is("round(9223372036854775807, -1)", "null"),
        is("round(NULL)", "null"),
    ]),
    number(
        "truncate",
        "truncate(a [, digits])",
        &[sig(&[Takes::Number], Gives::Same(0)), sig(&[Takes::Number, DIGITS_AFTER], Gives::Same(0))],
    )
    .alias(&["trunc"])
    .doc("The number cut after so many digits after the point, none if not stated.")
    .note("Towards zero; a decimal keeps its type. A float is cut as the decimal it is shown as.")
    .cases(&[
        is("truncate(1.987, 2)", "1.980"),
        is("truncate(-1.5)", "-1.0"),
        is("truncate(1987, -2)", "1900"),
        is("truncate(NULL, 1)", "null"),
    ]),
    number("sqrt", "sqrt(a)", &[partial(&[DOUBLE]).flink("CASE WHEN $0 >= 0 THEN SQRT($0) END")])
        .doc("The square root.")
        .note("Null for a negative number.")
        .cases(&[is("sqrt(9)", "3.0"), is("sqrt(-1)", "null"), is("sqrt(NULL)", "null")]),
    number("power", "power(a, b)", &[partial(&[DOUBLE, DOUBLE])])
        .alias(&["pow"])
        .doc("The first number to the power of the second.")
        .note("Null where there is no real result, such as a root of a negative number.")
        .cases(&[is("power(2, 10)", "1024.0"), is("power(-8, 0.5)", "null"), is("power(NULL, 2)", "null")]),
    real("exp", "exp(a)")
        .doc("Euler's number to this power.")
        .note("Infinity where it overflows.")
        .cases(&[is("exp(0)", "1.0"), is("exp(1000)", "Infinity"), is("exp(NULL)", "null")]),
    number("ln", "ln(a)", &[partial(&[DOUBLE]).flink("CASE WHEN $0 > 0 THEN LN($0) END")])
        .doc("The natural logarithm.")
        .note("Null unless the number is positive.")
        .cases(&[is("ln(1)", "0.0"), is("ln(0)", "null"), is("ln(NULL)", "null")]),
    number("log10", "log10(a)", &[partial(&[DOUBLE]).flink("CASE WHEN $0 > 0 THEN LOG10($0) END")])
        .doc("The logarithm to the base 10.")
        .note("Null unless the number is positive.")
        .cases(&[is("log10(1000)", "3.0"), is("log10(-1)", "null"), is("log10(NULL)", "null")]),
    number("log2", "log2(a)", &[partial(&[DOUBLE]).flink("CASE WHEN $0 > 0 THEN LOG2($0) END")])
        .doc("The logarithm to the base 2.")
        .note("Null unless the number is positive.")
        .cases(&[is("log2(8)", "3.0"), is("log2(0)", "null"), is("log2(NULL)", "null")]),
    number(
        "log",
        "log([base,] a)",
        &[
            partial(&[DOUBLE]).flink("CASE WHEN $0 > 0 THEN LN($0) END"),
            partial(&[DOUBLE, DOUBLE]).flink("CASE WHEN $0 > 0 AND $0 <> 1 AND $1 > 0 THEN LOG($0, $1) END"),
        ],
    )
    .doc("The logarithm to a base, to Euler's number if none is stated.")
    .note("Null unless both are positive and the base is not 1.")
    .cases(&[is("log(1)", "0.0"), is("log(2, 8)", "3.0"), is("log(1, 8)", "null"), is("log(NULL)", "null")]),
    real("sin", "sin(a)")
        .doc("The sine of an angle in radians.")
        .note("Infinity gives NaN.")
        .cases(&[is("sin(0)", "0.0"), is("round(sin(pi() / 2), 12)", "1.0"), is("sin(NULL)", "null")]),
    real("cos", "cos(a)")
        .doc("The cosine of an angle in radians.")
        .note("Infinity gives NaN.")
        .cases(&[is("cos(0)", "1.0"), is("round(cos(pi()), 12)", "-1.0"), is("cos(NULL)", "null")]),
    real("tan", "tan(a)")
        .doc("The tangent of an angle in radians.")
        .note("Infinity gives NaN.")
        .cases(&[is("tan(0)", "0.0"), is("round(tan(pi() / 4), 12)", "1.0"), is("tan(NULL)", "null")]),
    number("asin", "asin(a)", &[partial(&[DOUBLE]).flink("CASE WHEN $0 BETWEEN -1 AND 1 THEN ASIN($0) END")])
        .doc("The angle in radians that has this sine.")
        .note("Null outside -1 to 1.")
        .cases(&[is("asin(0)", "0.0"), is("asin(2)", "null"), is("asin(NULL)", "null")]),
    number("acos", "acos(a)", &[partial(&[DOUBLE]).flink("CASE WHEN $0 BETWEEN -1 AND 1 THEN ACOS($0) END")])
        .doc("The angle in radians that has this cosine.")
        .note("Null outside -1 to 1.")
        .cases(&[is("acos(1)", "0.0"), is("acos(-2)", "null"), is("acos(NULL)", "null")]),
    real("atan", "atan(a)")
        .doc("The angle in radians that has this tangent.")
        .note("Between minus and plus half of pi.")
        .cases(&[is("atan(0)", "0.0"), is("round(4 * atan(1), 12)", "3.14159265359"), is("atan(NULL)", "null")]),
    number("atan2", "atan2(y, x)", &[to(&[DOUBLE, DOUBLE], FLOAT64)])
        .doc("The angle in radians of the point (x, y).")
        .note("Zero for the origin.")
        .cases(&[is("atan2(0, 1)", "0.0"), is("round(atan2(1, 0), 12)", "1.570796326795"), is("atan2(NULL, 1)", "null")]),
    real("degrees", "degrees(a)")
        .doc("An angle in radians as degrees.")
        .note("The angle times 180, divided by pi.")
        .cases(&[is("degrees(0)", "0.0"), is("round(degrees(pi()), 9)", "180.0"), is("degrees(NULL)", "null")]),
    real("radians", "radians(a)")
        .doc("An angle in degrees as radians.")
        .note("The angle divided by 180, times pi.")
        .cases(&[is("radians(0)", "0.0"), is("round(radians(180), 12)", "3.14159265359"), is("radians(NULL)", "null")]),
    number("pi", "pi()", &[to(&[], FLOAT64)])
        .doc("The ratio of a circle's circumference to its diameter.")
        .note("The nearest double.")
        .cases(&[is("pi()", "3.141592653589793"), is("floor(pi())", "3.0"), is("pi() + NULL", "null")]),
    number("e", "e()", &[to(&[], FLOAT64)])
        .doc("Euler's number.")
        .note("The nearest double.")
        .cases(&[is("e()", "2.718281828459045"), is("floor(e())", "2.0"), is("e() + NULL", "null")]),
];
