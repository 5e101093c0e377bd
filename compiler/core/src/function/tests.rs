//! Tests of the table as a whole and of what calls resolve to.

use super::*;
use crate::expr::{ExprNode, Literal};

/// A column of a type, such as `int32` or, nullable, `int32?`.
fn column(text: &str) -> Expr {
    let (name, nullable) = text.strip_suffix('?').map_or((text, false), |name| (name, true));
    let data_type = match name {
        "bool" => DataType::Bool,
        "int32" => DataType::Int32,
        "int64" => DataType::Int64,
        "float32" => DataType::Float32,
        "float64" => DataType::Float64,
        "string" => DataType::String,
        "date" => DataType::Date,
        "time" => DataType::Time,
        "timestamp" => DataType::Timestamp,
        "timestamp_local" => DataType::TimestampLocal,
        "bytes" => DataType::Bytes,
        "uuid" => DataType::Uuid,
        "unknown" => DataType::Unknown,
        "list" => {
            DataType::List(Box::new(crate::data_type::Slot { data_type: DataType::Int64, nullable: true }))
        }
        "map" => {
            DataType::Map(Box::new(crate::data_type::Slot { data_type: DataType::String, nullable: false }))
        }
        _ => {
            let digits: Vec<u8> = name
                .trim_start_matches("decimal(")
                .trim_end_matches(')')
                .split(',')
                .map(|digits| digits.parse().expect("a type of this test"))
                .collect();
            DataType::Decimal { precision: digits[0], scale: digits[1] }
        }
    };
    Expr::column(0, data_type, nullable)
}

/// A column, or a constant: `5`, `1.5`, `'text'`, `null`, `month` and `day` for intervals.
fn arg(text: &str) -> Expr {
    let literal =
        |literal, data_type, nullable| Expr { node: ExprNode::Literal(literal), data_type, nullable };
    if text == "null" {
        return literal(Literal::Null, DataType::Null, true);
    }
    if let Some(text) = text.strip_prefix('\'') {
        return literal(Literal::String(text.trim_end_matches('\'').to_owned()), DataType::String, false);
    }
    if let Some(ms) = text.strip_prefix("interval ") {
        let ms = ms.parse().expect("milliseconds of this test");
        return literal(Literal::Interval { months: 0, ms }, DataType::Interval, false);
    }
    if let Ok(value) = text.parse::<i64>() {
        let data_type = if i32::try_from(value).is_ok() { DataType::Int32 } else { DataType::Int64 };
        return literal(Literal::Int(value), data_type, false);
    }
    if let Some((whole, after)) = text.split_once('.') {
        let scale = u8::try_from(after.len()).expect("few digits");
        let value: i128 = format!("{whole}{after}").parse().expect("a decimal of this test");
        let precision = u8::try_from(whole.len() + after.len()).expect("few digits");
        return literal(Literal::Decimal(value), DataType::Decimal { precision, scale }, false);
    }
    column(text)
}

/// `name: arg; arg` gives the arguments' types as passed and the value's, `?` for nullable, `!` for can fail; or what is wrong.
fn check(call: &str, expected: &str) {
    let (name, args) = call.split_once(": ").unwrap_or((call, ""));
    let args: Vec<Expr> = args.split("; ").filter(|text| !text.is_empty()).map(arg).collect();
    let found = match resolve(name, &args) {
        Ok(resolved) => {
            let passed: Vec<String> = resolved.args.iter().map(|arg| arg.data_type.to_string()).collect();
            let null = if resolved.nullable { "?" } else { "" };
            let fail = if resolved.can_fail.is_some() { "!" } else { "" };
            format!("{} -> {}{null}{fail}", passed.join("; "), resolved.data_type)
        }
        Err(Mismatch::Unknown { near, .. }) => format!("unknown, near {}", near.join(" ")),
        Err(Mismatch::Refused { instead, .. }) => format!("refused: {instead}"),
        Err(Mismatch::Count { got, takes, .. }) => format!("{got} instead of {takes}"),
        Err(Mismatch::Types { takes, .. }) => format!("takes {}", takes.join(" | ")),
        Err(Mismatch::Constant { argument, problem, .. }) => format!("argument {argument} {problem}"),
    };
    assert_eq!(found, expected, "{call}");
}

#[test]
fn integers_compute_wide_and_fail_only_where_they_can() {
    check("+: int32; int32", "int64; int64 -> int64");
    check("+: int32?; 1", "int64; int64 -> int64?");
    check("+: int64; 1", "int64; int64 -> int64?!");
    check("-: int64", "int64 -> int64?!");
    check("-: int32", "int64 -> int64");
    check("/: int32; 2", "int64; int64 -> int64");
    check("/: int32; int32", "int64; int64 -> int64?!");
    check("/: int64; -1", "int64; int64 -> int64?!");
    check("/: int64; 0", "int64; int64 -> int64?!");
    check("%: int32; 10", "int32; int32 -> int32");
    check("%: int32; int64", "int64; int64 -> int64?!");
}

#[test]
fn a_sum_of_many_int32_is_still_safe() {
    let sum = resolve("+", &[arg("int32"), arg("int32")]).expect("integers add").into_expr();
    let more = resolve("+", &[sum, arg("int32")]).expect("integers add");
    assert_eq!((more.data_type, more.can_fail), (DataType::Int64, None));
}

#[test]
fn decimals_follow_the_rules_of_flink() {
    check("+: decimal(12,2); decimal(10,4)", "decimal(12,2); decimal(10,4) -> decimal(15,4)");
    check("+: decimal(12,2); int32", "decimal(12,2); decimal(10,0) -> decimal(13,2)");
    check("*: decimal(12,2); decimal(10,4)", "decimal(12,2); decimal(10,4) -> decimal(23,6)");
    check("*: decimal(38,10); decimal(38,10)", "decimal(38,10); decimal(38,10) -> decimal(38,6)?!");
    check("/: decimal(12,2); decimal(10,4)", "decimal(12,2); decimal(10,4) -> decimal(27,13)?!");
    check("/: decimal(12,2); 3", "decimal(12,2); decimal(10,0) -> decimal(23,13)");
    check("%: decimal(12,2); decimal(3,1)", "decimal(12,2); decimal(3,1) -> decimal(4,2)?!");
    check("+: decimal(12,2); float32", "float64; float64 -> float64");
    check("round: decimal(12,4); 2", "decimal(12,4); int32 -> decimal(11,2)");
    check("sum: decimal(12,2)", "decimal(12,2) -> decimal(38,2)");
    check("sum: decimal(38,2)", "decimal(38,2) -> decimal(38,2)?!");
    check("avg: decimal(12,2)", "decimal(12,2) -> decimal(38,6)");
}

#[test]
fn arguments_widen_but_never_from_text() {
    check("=: int32; decimal(5,2)", "decimal(12,2); decimal(12,2) -> bool");
    check("=: int64; 5", "int64; int64 -> bool");
    check("=: date; timestamp_local", "timestamp_local; timestamp_local -> bool");
    check("=: timestamp; null", "timestamp; timestamp -> bool?");
    check("=: string; int32", "takes =(T with an order, T with an order)");
    check("<: list; list", "takes <(T with an order, T with an order)");
    check("upper: int32", "takes upper(string)");
    check("coalesce: int32?; int64", "int64; int64 -> int64");
    check("coalesce: int32?; null", "int32; int32 -> int32?");
    check("if: bool?; int32; 5", "bool; int32; int32 -> int32");
    check("concat_ws: ','; string?", "string; string -> string");
}

#[test]
fn an_unknown_argument_causes_nothing_more() {
    check("+: unknown; string", "unknown; string -> unknown");
    check("=: unknown; string", "unknown; string -> bool");
    check("upper: unknown; int32", "2 instead of 1");
}

#[test]
fn times_move_by_intervals() {
    check("+: timestamp; interval 1000", "timestamp; interval -> timestamp");
    check("-: date; interval 86400000", "date; interval -> date");
    check("-: date; interval 1000", TAKES_MINUS);
}

const TAKES_MINUS: &str = "takes -(int64, int64) | -(integer or decimal, integer or decimal) | -(float32, float32) \
     | -(float64, float64) | -(date, timestamp or timestamp_local, constant interval)";

#[test]
fn constants_are_constants() {
    check("like: string; 'a%'", "string; string -> bool");
    check("like: string; string", "argument 1 must be a constant pattern");
    check("like: string; 'a'; '!!'", "argument 2 must be a constant character");
    check("percentile: int32; 1.5", "argument 1 must be a constant number from 0 to 1");
    check("percentile: int32?; 0.5", "float64; decimal(2,1) -> float64?");
    check("round: float64; int32", "argument 1 must be a constant integer from -38 to 38");
}

#[test]
fn constants_are_checked_when_compiled() {
    check("regexp: string; '(a'", "argument 1 has a `(` without a `)`");
    check("regexp_extract: string; '(a)'; 1", "string; string; int32 -> string?!");
    check("regexp_extract: string; '(a)'; 2", "argument 2 must be a group of the pattern, which has 1");
    check("json_value: string; '$.*'", "argument 1 must be a path such as `$.items[0].sku` or `$['a name']`");
    check(
        "to_date: string; 'HH:mm'",
        "argument 1 names no day: it needs the year, and month and day or `DDD`",
    );
    check("to_timestamp: string; 'dd.MM.yyyy hh'", "argument 1 must have `h` and `a` together, or `H`");
    check(
        "to_timestamp: string; 'yyyy-MM-ddXXX'",
        "argument 1 has the offset `XXX`, which the time does not have",
    );
    check("date_format: date; 'yyyy'", "timestamp_local; string -> string");
    check("at_time_zone: timestamp; 'Europe/Berlin'", "timestamp; string -> timestamp_local");
    check("at_time_zone: timestamp_local?; 'UTC'", "timestamp_local; string -> timestamp?");
    check("at_time_zone: timestamp; 'Europa/Berlin'", NO_ZONE);
    check(
        "extract: 'hour'; date",
        "argument 0 must be one of year, isoyear, quarter, month, week, day, dow, isodow, doy, epoch",
    );
    check("extract: 'HOUR'; timestamp", "string; timestamp -> int64");
    check("timestampadd: 'day'; int32; date", "string; int64; date -> date?!");
    check("timestampadd: 'day'; 7; date", "string; int64; date -> date");
}

const NO_ZONE: &str = "argument 1 must be the IANA name of a time zone, and `Europa/Berlin` is none";

#[test]
fn parts_of_times_are_small_numbers() {
    let hour = resolve("hour", &[arg("timestamp")]).expect("times have hours").into_expr();
    let big = resolve("*", &[hour, arg("9223372036854775807")]).expect("integers multiply");
    assert!(big.can_fail.is_some());
    let minutes = resolve("minute", &[arg("timestamp")]).expect("times have minutes").into_expr();
    assert_eq!(resolve("*", &[minutes, arg("60000000000")]).expect("integers multiply").can_fail, None);
}

#[test]
fn nested_values_keep_their_types() {
    check("array: int32; int64?", "int64; int64 -> list<int64>");
    check("[]: list; 1", "list<int64>; int32 -> int64?!");
    check("[]: map; string", "map<string>; string -> string?!");
    check("array_contains: list; int32", "list<int64>; int64 -> bool");
    check("array_contains: list; string", "takes array_contains(list, its element)");
    check("cardinality: map?", "map<string> -> int32?");
    check("map_values: map", "map<string> -> list<string>");
    check("array_agg: timestamp", "timestamp -> list<timestamp>");
}

#[test]
fn what_is_not_offered_says_what_to_use() {
    check("NOW", "refused: take event time or another field of the record");
    check("lead: int32", "refused: use `lag` on the later record");
    check("uper: string", "unknown, near upper");
    check("substrin: string", "unknown, near substring");
    check("frobnicate", "unknown, near ");
    check("substring: string", "1 instead of 2 or 3");
    check("coalesce", "0 instead of 1 or more");
    check("SUBSTR: string?; 2", "string; int32 -> string?");
}

#[test]
fn the_table_is_whole() {
    let mut names = std::collections::BTreeSet::new();
    for function in table() {
        for name in std::iter::once(&function.name).chain(function.aliases) {
            assert!(names.insert(*name), "`{name}` stands twice");
            assert_eq!(*name, name.to_lowercase(), "`{name}` is not lower case");
            assert!(find(name).is_some_and(|id| get(id).name == function.name), "`{name}` is not found");
        }
        for sentence in [function.doc, function.note] {
            assert!(sentence.len() > 5, "`{}` is not described", function.name);
        }
        assert!(function.cases.len() >= 3, "`{}` has too few cases", function.name);
        assert!(!function.signatures.is_empty(), "`{}` has no signature", function.name);
        let fails = function.signatures.iter().any(|signature| !matches!(signature.fails, Fails::Never));
        let null = function.cases.iter().any(|case| case.is == "null");
        assert!(!fails || null, "`{}` can fail, but no case shows it", function.name);
    }
    assert!(refused::LIST.iter().all(|refused| find(refused.name).is_none()), "a refused name is offered");
}
