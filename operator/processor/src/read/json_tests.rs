//! Tests of JSON: lines, arrays and single objects, from bytes to typed rows and rejected records.

use proptest::prelude::*;

use super::check::Case;
use super::source::Format;

fn ndjson(fields: &str) -> Case {
    Case::new(Format::Ndjson, fields)
}

#[test]
fn members_by_name_and_malformed_lines() {
    ndjson("a: int32; b: string!; c: bool").check(
            "{\"b\":\"x\",\"z\":[{\"a\":9}],\"a\":1}\r\n\n{\"a\":}\n[1]\n{\"b\":null}\n{\"a\":\"1\",\"b\":\"\\u00e9\\n\"}\n{\"b\":\"y\",\"c\":true} x\n{\"b\":\"y\",\"c\":true}",
            r#"
            1/0 {"a":1,"b":"x","c":null}
            8/6 {"a":null,"b":"y","c":true}
            ! 3/1 D001 - JSON | {\"a\":}
            ! 4/2 D001 - JSON | [1]
            ! 5/3 D002 b required | {\"b\":null}
            ! 6/4 D003 a int32 | {\"a\":\"1\",\"b\":\"\\u00e9\\n\"}
            ! 7/5 D001 - JSON | {\"b\":\"y\",\"c\":true} x
            "#,
        );
}

#[test]
fn nested_values() {
    ndjson("items: list<struct<sku: string!, qty: int32!>!>!; tags: map<string>; at: struct<lat: float64!>")
            .default_of("items[].qty", "1")
            .check(
                r#"{"items":[{"sku":"a"},{"sku":"b","qty":2}],"tags":{"k":"v","n":null},"at":{"lat":1.5}}
                {"items":[],"at":null}
                {"items":[{"qty":1}]}
                {"items":[{"sku":"a","qty":null}]}
                {"items":[null]}
                {"items":[],"at":{}}
                {"items":[],"tags":{"a":"1","a":"2"}}
                {"items":[],"items":[]}
                {"items":{}}
                {}"#.lines().map(str::trim).collect::<Vec<_>>().join("\n"),
                r#"
                1/0 {"items":[{"sku":"a","qty":1},{"sku":"b","qty":2}],"tags":{"k":"v","n":null},"at":{"lat":1.5}}
                2/1 {"items":[],"tags":null,"at":null}
                ! 3/2 D002 items[].sku required | {\"items\":[{\"qty\":1}]}
                ! 4/3 D002 items[].qty required | {\"items\":[{\"sku\":\"a\",\"qty\":null}]}
                ! 5/4 D002 items[] required | {\"items\":[null]}
                ! 6/5 D002 at.lat required | {\"items\":[],\"at\":{}}
                ! 7/6 D001 tags{} unique members | {\"items\":[],\"tags\":{\"a\":\"1\",\"a\":\"2\"}}
                ! 8/7 D001 items unique members | {\"items\":[],\"items\":[]}
                ! 9/8 D003 items list | {\"items\":{}}
                ! 10/9 D002 items required | {}
                "#,
            );
}

#[test]
fn numbers_keep_their_digits_and_text_stands_for_some_types() {
    ndjson("i: int64; d: decimal(20,3); f: float64; t: timestamp").check(
        r#"{"i":9223372036854775807,"d":12345678901234567.125,"f":1e3}
{"i":"9223372036854775807","d":"1.5","f":"NaN","t":"2026-01-01T01:00:00+01:00"}
{"i":1.0}
{"f":"1"}
{"d":1.2345}
{"i":9223372036854775808}
{"t":1767225600}"#,
        r#"
            1/0 {"i":9223372036854775807,"d":12345678901234567.125,"f":1000.0,"t":null}
            2/1 {"i":9223372036854775807,"d":1.500,"f":null,"t":"2026-01-01T00:00:00Z"}
            ! 3/2 D003 i int64 | {\"i\":1.0}
            ! 4/3 D003 f float64 | {\"f\":\"1\"}
            ! 5/4 D004 d decimal(20,3) | {\"d\":1.2345}
            ! 6/5 D004 i int64 | {\"i\":9223372036854775808}
            ! 7/6 D003 t timestamp | {\"t\":1767225600}
            "#,
    );
}

#[test]
fn hostile_lines_are_malformed() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let lines = [
        deep.as_str(),
        r#"{"a":01}"#,
        r#"{"a":1,}"#,
        r#"{"a":"\ud800"}"#,
        r#"{"a":"\x"}"#,
        r#"{"a":"tab	"}"#,
        r#"{"a":NaN}"#,
        r#"{"a""#,
        "\u{0}",
    ];
    let (rows, rejected) = ndjson("a: string").read(lines.join("\n").as_bytes());
    assert_eq!(rows, Vec::<String>::new());
    assert_eq!(rejected.len(), lines.len());
    for (rejected, line) in rejected.iter().zip(lines) {
        assert_eq!((rejected.code, rejected.original.as_slice()), ("D001", line.as_bytes()));
    }
    let (_, rejected) = ndjson("a: string").read(b"{\"a\":\"\xff\"}\n");
    assert_eq!(rejected[0].code, "D005");
}

fn json(fields: &str) -> Case {
    Case::new(Format::Json, fields)
}

#[test]
fn elements_of_an_array_wherever_lines_break() {
    json("a: int32; b: string").check(
        "\n[ {\"a\":1,\n\"b\":\"],}\\\"\"} ,{\"a\":2}\n, {\"a\":}, 3,\n{\"a\":4} x,{\"a\":5}]\n",
        r#"
        2/0 {"a":1,"b":"],}\""}
        3/1 {"a":2,"b":null}
        5/4 {"a":4,"b":null}
        5/6 {"a":5,"b":null}
        ! 5/5 D001 - JSON | x
        ! 4/2 D001 - JSON | {\"a\":}
        ! 4/3 D001 - JSON | 3
        "#,
    );
    json("a: int32").check(" {\"a\":1}\n", "1/0 {\"a\":1}");
    json("a: int32").check("[]", "");
    json("a: int32").check(" \n", "");
}

#[test]
fn what_is_no_array_is_one_record() {
    json("a: int32").check("a,b\n1,2", "! 1/0 D001 - JSON | a,b\\n1,2");
    json("a: int32").check("[{\"a\":1}", "1/0 {\"a\":1}\n! 1/1 D001 - JSON |");
    json("a: int32").check("[{\"a\":1},{\"a\"", "1/0 {\"a\":1}\n! 1/1 D001 - JSON | {\\\"a\\\"");
    json("a: int32").check("[{\"a\":1}] x", "1/0 {\"a\":1}\n! 1/1 D001 - JSON | x");
    json("a: int32").check("[{\"a\":1},]", "1/0 {\"a\":1}\n! 1/1 D001 - JSON |");
}

#[test]
fn long_elements_are_cut_whatever_the_chunk() {
    for chunk in [1, 7, 1000] {
        json("a: string").limits(chunk, 12, 100).check(
            "[{\"a\":\"1\"},{\"a\":\"xxxx]xxxxxx\"},{\"a\":\"2\"}]",
            "1/0 {\"a\":\"1\"}\n1/2 {\"a\":\"2\"}\n! 1/1 D006 - record length | {\\\"a\\\":\\\"xxxx]x",
        );
    }
}

proptest! {
    /// Any JSON that another writer writes is read; any bytes at all give exactly one outcome a line.
    #[test]
    fn any_line_has_one_outcome(lines in proptest::collection::vec("[ -~]{1,20}|\\{\"a\":[0-9\"a\\\\\\[\\]{},:]{0,12}\\}", 0..20), chunk in 1_usize..60) {
        let text = lines.join("\n");
        let (rows, rejected) = ndjson("a: string").limits(chunk, 1 << 20, 3).read(text.as_bytes());
        prop_assert_eq!(rows.len() + rejected.len(), lines.len());
        let whole = ndjson("a: string").read(text.as_bytes());
        prop_assert_eq!((rows, rejected), whole);
    }

    #[test]
    fn accepts_what_is_json_and_nothing_else(text in "[\\[\\]{}:,\"0-9eE.+\\-tfn\\\\u ]{1,12}") {
        let line = format!("{{\"a\":{text}}}");
        let (rows, _) = ndjson("b: string").read(line.as_bytes());
        let oracle = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&line);
        prop_assert_eq!(rows.len() == 1, oracle.is_ok(), "{}", line);
    }

    /// Rows, rejected records and their places do not depend on the size of chunks and batches.
    #[test]
    fn chunks_do_not_show(text in "\\[?([ \n,\\]x\"\\\\]{0,3}|\\{\"a\":[1x\"]{1,3}\\},?){0,8}\\]?", chunk in 1_usize..40, record in 1_usize..40, rows in 1_usize..4) {
        let mut whole = json("a: int32").limits(1000, record, 1000).read(text.as_bytes());
        let mut parts = json("a: int32").limits(chunk, record, rows).read(text.as_bytes());
        for (_, rejected) in [&mut whole, &mut parts] {
            rejected.sort_by_key(|r| r.record);
        }
        prop_assert_eq!(whole, parts);
    }
}
