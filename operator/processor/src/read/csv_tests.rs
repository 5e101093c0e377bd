//! Tests of delimited text, from bytes to typed rows and rejected records.

use proptest::prelude::*;

use super::check::Case;
use super::source::{CsvFormat, Format, Header};

fn csv(fields: &str) -> Case {
    Case::new(Format::Csv(CsvFormat::default()), fields)
}

#[test]
fn columns_are_found_by_name() {
    csv("b: int32; missing: string; a: string!").check(
        "a,b,c\nx,1,2\r\ny,,3\n\n\"z \"\"q\"\"\",\"4\",5",
        r#"
        2/0 {"b":1,"missing":null,"a":"x"}
        3/1 {"b":null,"missing":null,"a":"y"}
        5/2 {"b":4,"missing":null,"a":"z \"q\""}
        "#,
    );
}

#[test]
fn broken_quoting_costs_one_line() {
    csv("a: string; b: string").check(
        "a,b\n\"x\"y,1\n\"two\nlines\",2\n\"open,3\nlast,4\n",
        r#"
        3/1 {"a":"two\nlines","b":"2"}
        6/3 {"a":"last","b":"4"}
        ! 2/0 D001 - quoting | \"x\"y,1
        ! 5/2 D001 - quoting | \"open,3
        "#,
    );
}

#[test]
fn a_quote_inside_plain_text_is_plain() {
    csv("a: string; b: string").check("a,b\n5\" pipe,x\"y\"\n", r#"2/0 {"a":"5\" pipe","b":"x\"y\""}"#);
}

#[test]
fn ragged_records_are_malformed() {
    csv("a: string").check(
        "a,b\n1\n1,2\n1,2,3\n",
        r#"
        3/1 {"a":"1"}
        ! 2/0 D001 - fields | 1
        ! 4/2 D001 - fields | 1,2,3
        "#,
    );
}

#[test]
fn empty_lines_of_one_column_are_records() {
    csv("a: string").check(
        "a\nx\n\ny\n",
        r#"
        2/0 {"a":"x"}
        3/1 {"a":null}
        4/2 {"a":"y"}
        "#,
    );
}

#[test]
fn null_spellings_and_quotes() {
    let rows = "s,n\n,\n\"\",\"\"\nNA,NA\n\"NA\",\"NA\"\n";
    csv("s: string; n: int32").nulls(&["", "NA"]).check(
        rows,
        r#"
        2/0 {"s":null,"n":null}
        3/1 {"s":"","n":null}
        4/2 {"s":null,"n":null}
        5/3 {"s":null,"n":null}
        "#,
    );
    csv("s: string; n: int32").nulls(&["NA"]).check(
        "s,n\n,1\n1,\n",
        r#"
        2/0 {"s":"","n":1}
        ! 3/1 D003 n int32 | 1,
        "#,
    );
}

#[test]
fn first_failing_field_is_named() {
    csv("a: int32!; b: decimal(4,2); c: timestamp").check(
        "a,b,c\n,1.234,x\n1,1.234,x\n1,1.230,x\n 1,1,2026-01-01T00:00:00Z\n1,1,2026-01-01T00:00:00Z\n3000000000,1,\n",
        r#"
        6/4 {"a":1,"b":1.00,"c":"2026-01-01T00:00:00Z"}
        ! 2/0 D002 a required | ,1.234,x
        ! 3/1 D004 b decimal(4,2) | 1,1.234,x
        ! 4/2 D003 c timestamp | 1,1.230,x
        ! 5/3 D003 a int32 |  1,1,2026-01-01T00:00:00Z
        ! 7/5 D004 a int32 | 3000000000,1,
        "#,
    );
    csv("a: int32").trim().check("a\n 1 \n", r#"2/0 {"a":1}"#);
}

#[test]
fn defaults_are_for_absent_columns_only() {
    csv("a: int32; b: int32!; l: list<int32>")
        .default_of("b", "7")
        .default_of("a", "5")
        .default_of("l", "[1,2]")
        .check(
            "a\n1\n\"\"\n",
            r#"
            2/0 {"a":1,"b":7,"l":[1,2]}
            3/1 {"a":null,"b":7,"l":[1,2]}
            "#,
        );
}

#[test]
fn nested_fields_are_json_in_the_cell() {
    csv("l: list<int32!>; m: map<string>").check(
        "l,m\n\"[1, 2]\",\"{\"\"k\"\": \"\"v\"\"}\"\n[1],\n[null],\n[,\n",
        r#"
        2/0 {"l":[1,2],"m":{"k":"v"}}
        3/1 {"l":[1],"m":null}
        ! 4/2 D002 l[] required | [null],
        ! 5/3 D003 l list | [,
        "#,
    );
}

#[test]
fn encodings() {
    let latin = Format::Csv(CsvFormat { encoding: encoding_rs::WINDOWS_1252, ..CsvFormat::default() });
    Case::new(latin, "n: string")
        .check(b"n\nJos\xe9\n\"\xfc\"\n", "2/0 {\"n\":\"Jos\u{e9}\"}\n3/1 {\"n\":\"\u{fc}\"}");
    csv("n: string")
        .check(b"\xef\xbb\xbfn\nok\nJos\xe9\n", "2/0 {\"n\":\"ok\"}\n! 3/1 D005 - encoding | Jos\u{fffd}");
    let japanese = Format::Csv(CsvFormat { encoding: encoding_rs::SHIFT_JIS, ..CsvFormat::default() });
    Case::new(japanese, "n: string; m: int32").check(
        b"n,m\n\x93\xfa\x96{,1\n\x81\xff,2\n",
        "2/0 {\"n\":\"\u{65e5}\u{672c}\",\"m\":1}\n! 3/1 D005 - encoding | \u{fffd}\u{fffd},2",
    );
}

#[test]
fn utf16_by_its_mark_keeps_the_original() {
    let text = "n,m\n\u{1f600}\u{e9},1\nx,y\n";
    for big in [false, true] {
        let mut bytes = if big { vec![0xfe, 0xff] } else { vec![0xff, 0xfe] };
        let unit = |u: u16| if big { u.to_be_bytes() } else { u.to_le_bytes() };
        bytes.extend(text.encode_utf16().flat_map(unit));
        let start = bytes.len();
        bytes.extend([unit(0xd83d), unit(u16::from(b',')), unit(u16::from(b'1'))].concat());
        bytes.push(b'!');
        let (rows, rejected) = csv("n: string; m: int32").read(&bytes);
        assert_eq!(rows, ["2/0 {\"n\":\"\u{1f600}\u{e9}\",\"m\":1}"]);
        let codes: Vec<_> = rejected.iter().map(|r| (r.line, r.code)).collect();
        assert_eq!(codes, [(3, "D003"), (4, "D005")]);
        assert_eq!(rejected[1].original, bytes[start..]);
    }
}

#[test]
fn compressed_files_are_recognised() -> std::io::Result<()> {
    use std::io::Write as _;
    let text = b"a\n1\n";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text)?;
    let mut twice = gzip.finish()?;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"2\n")?;
    twice.extend(gzip.finish()?);
    csv("a: int32").check(twice, "2/0 {\"a\":1}\n3/1 {\"a\":2}");
    csv("a: int32").check(zstd::encode_all(&text[..], 1)?, "2/0 {\"a\":1}");
    Ok(())
}

#[test]
fn headers_without_names_in_the_file() {
    let of = |header| Format::Csv(CsvFormat { delimiter: b';', quote: None, header, ..CsvFormat::default() });
    let named = Header::Columns(vec!["b".to_owned(), "a".to_owned()]);
    Case::new(of(named), "a: string").check("1;\"x\"\n", r#"1/0 {"a":"\"x\""}"#);
    Case::new(of(Header::Wanted), "a: string; b: int32").check("x;2\n", r#"1/0 {"a":"x","b":2}"#);
}

#[test]
fn a_header_without_a_required_column_is_no_header() {
    let error = csv("a: string; b: int32!").try_read(b"a,c\nx,1\n").map(|_| ()).map_err(|e| e.to_string());
    assert!(error.is_err_and(|e| {
        e.ends_with("can't be read as CSV: the header has no column `b`, which is required")
    }));
    csv("a: string!").check("", "");
    csv("a: string!; b: int32").check("a\nx\n", r#"2/0 {"a":"x","b":null}"#);
}

#[test]
fn long_records_are_cut_whatever_the_chunk() {
    let text = "a,b\n1,2\nxxxxxxxxxxxxxxxxxxxx,1\n\"yyyyyy\nyyyyyyyyyyyyyyy\",1\n3,4\n";
    for chunk in [1, 5, 1000] {
        csv("a: string; b: string").limits(chunk, 12, 100).check(
            text,
            r#"
            2/0 {"a":"1","b":"2"}
            6/4 {"a":"3","b":"4"}
            ! 3/1 D006 - record length | xxxxxxxxxxxx
            ! 4/2 D001 - quoting | \"yyyyyy
            ! 5/3 D006 - record length | yyyyyyyyyyyy
            "#,
        );
    }
}

proptest! {
    /// Rows, rejected records and their places do not depend on the size of chunks and batches.
    #[test]
    fn chunks_do_not_show(
        bytes in proptest::collection::vec(
            prop_oneof![Just(b'a'), Just(b'1'), Just(b','), Just(b'"'), Just(b'\n'), Just(b'\r'), Just(0xe9)],
            0..120,
        ),
        chunk in 1_usize..40,
        record in 4_usize..40,
        rows in 1_usize..5,
    ) {
        let mut text = b"x,y\n".to_vec();
        text.extend(bytes);
        let whole = csv("x: string; y: int32").limits(1000, record, 1000).read(&text);
        let parts = csv("x: string; y: int32").limits(chunk, record, rows).read(&text);
        prop_assert_eq!(whole, parts);
    }

    /// What the usual writer writes comes back.
    #[test]
    fn written_records_come_back(rows in proptest::collection::vec(("[a-z,\"\n\r \u{e9}]{1,8}", any::<i64>()), 0..20)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["s", "n"])?;
        for (s, n) in &rows {
            writer.write_record([s.as_str(), &n.to_string()])?;
        }
        let bytes = writer.into_inner().map_err(|e| TestCaseError::fail(e.to_string()))?;
        let (read, rejected) = csv_case().read(&bytes);
        prop_assert_eq!(rejected, vec![]);
        let read: Vec<String> = read.iter().filter_map(|r| Some(r.split_once(' ')?.1.to_owned())).collect();
        let written: Vec<String> = rows.iter().map(|(s, n)| serde_json::json!({"s": s, "n": n}).to_string()).collect();
        prop_assert_eq!(read, written);
    }
}

fn csv_case() -> Case {
    csv("s: string; n: int64").limits(16, 1 << 20, 3)
}
