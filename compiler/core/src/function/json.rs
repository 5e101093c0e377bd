//! JSON text: entries of the function table.
//!
//! Paths are constants: `$`, `.name`, `['name']`, `[index]` from 0. Of equal member names the last counts.

use super::build::{BOOL, STRING, TEXT, constant, is, scalar, to};
use super::{Constant, Family, Function, Nulls, Signature, Takes};

const fn json(name: &'static str, written: &'static str, signatures: &'static [Signature]) -> Function {
    scalar(Family::Json, name, written, signatures)
}

const AT: &[Takes] = &[TEXT, constant(Constant::JsonPath)];

pub(super) const FUNCTIONS: &[Function] = &[
    json(
        "json_value",
        "json_value(text, path)",
        &[to(AT, STRING).can_fail("no scalar at the path, or text that is no JSON, gives null")],
    )
    .doc("The scalar at a path of JSON text, as text.")
    .note("A string without its quotes, a number as it is written, `true` or `false`; a JSON null is null. Cast the text for another type.")
    .cases(&[
        is(r#"json_value('{"a": {"b": [1, "x"]}}', '$.a.b[1]')"#, "x"),
        is(r#"json_value('{"a": 1.50}', '$.a')"#, "1.50"),
        is(r#"json_value('{"a": {}}', '$.a')"#, "null"),
        is(r#"json_value('{"a": "é\n"}', '$.a') = 'é' || chr(10)"#, "true"),
        is("json_value('{', '$.a')", "null"),
        is("json_value(NULL, '$.a')", "null"),
    ]),
    json(
        "json_query",
        "json_query(text, path)",
        &[to(AT, STRING).can_fail("no object or array at the path, or text that is no JSON, gives null")],
    )
    .doc("The object or array at a path of JSON text, as JSON text.")
    .note("Without spaces between its parts; numbers as they are written.")
    .cases(&[
        is(r#"json_query('{"a": {"b": [1, 2]}}', '$.a')"#, r#"{"b":[1,2]}"#),
        is(r#"json_query('{"a": 1}', '$.a')"#, "null"),
        is("json_query('x', '$')", "null"),
        is("json_query(NULL, '$')", "null"),
    ]),
    json("json_exists", "json_exists(text, path)", &[to(AT, BOOL)])
        .doc("Whether a path of JSON text leads to something.")
        .note("A JSON null is something; text that is no JSON has nothing.")
        .cases(&[
            is(r#"json_exists('{"a": null}', '$.a')"#, "true"),
            is(r#"json_exists('{"a": []}', '$.a[0]')"#, "false"),
            is("json_exists('{', '$.a')", "false"),
            is("json_exists(NULL, '$.a')", "null"),
        ]),
    json("is json", "text IS JSON", &[to(&[TEXT], BOOL).flink("$0 IS JSON")])
        .nulls(Nulls::Any)
        .doc("Whether the text is JSON.")
        .note("RFC 8259, any value at the top.")
        .cases(&[is("'{\"a\": [1, 2e3]}' IS JSON", "true"), is("'{a: 1}' IS JSON", "false"), is("'01' IS JSON", "false"), is("NULL IS JSON", "null")]),
    json("json_string", "json_string(a)", &[to(&[Takes::Any], STRING)])
        .alias(&["to_json"])
        .doc("The value as JSON text.")
        .note("Numbers as numbers, NaN and infinity as null, dates, times, uuids as strings of ISO 8601 and RFC 9562, bytes as Base64; null inside is `null`.")
        .cases(&[
            is("json_string('a\"b')", r#""a\"b""#),
            is("json_string(ARRAY[1, 2])", "[1,2]"),
            is("json_string(1.50)", "1.50"),
            is("json_string(DATE '2026-01-31')", "\"2026-01-31\""),
            is("json_string(NULL)", "null"),
        ]),
];
