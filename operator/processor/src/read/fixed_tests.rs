//! Tests of fixed-width records, from bytes to typed rows and rejected records.

use proptest::prelude::*;

use super::check::Case;
use super::source::{FixedColumn, FixedFormat, Format};

/// Columns as `name start length`, separated by semicolons.
fn fixed(columns: &str, starts_at: Option<&str>, encoding: &'static encoding_rs::Encoding) -> Format {
    let column = |text: &str| {
        let mut parts = text.split_whitespace();
        let mut next = || parts.next().expect("a column has a name, a start and a length").to_owned();
        let name = next();
        let mut number = || next().parse().expect("a place is a number");
        FixedColumn { name, start: number(), length: number() }
    };
    Format::Fixed(FixedFormat {
        columns: columns.split(';').map(column).collect(),
        starts_at: starts_at.map(str::to_owned),
        encoding,
    })
}

#[test]
fn columns_by_place() {
    let format = fixed("id 1 4; name 5 6; amount 11 7", None, encoding_rs::UTF_8);
    Case::new(format, "id: int32!; name: string; amount: decimal(7,2); other: string").check(
        "   1ab cd   12.50\r\n\n0002é    x\u{65e5}     1\n  x\n   3",
        r#"
        1/0 {"id":1,"name":"ab cd","amount":12.50,"other":null}
        5/3 {"id":3,"name":null,"amount":null,"other":null}
        ! 3/1 D003 amount decimal(7,2) | 0002é    x日     1
        ! 4/2 D003 id int32 |   x
        "#,
    );
    let format = fixed("a 1 2; b 3 1", None, encoding_rs::WINDOWS_1252);
    Case::new(format, "a: string; b: int32")
        .check(b"\xe9x1\nab2\n", "1/0 {\"a\":\"éx\",\"b\":1}\n2/1 {\"a\":\"ab\",\"b\":2}");
}

#[test]
fn records_of_several_lines() {
    let format = fixed("id 3 2; first 5 3; second 8 3", Some("H:"), encoding_rs::UTF_8);
    for chunk in [1, 9, 1000] {
        Case::new(format.clone(), "id: int32; first: string; second: string").limits(chunk, 20, 2).check(
            "preamble\nH:01abc\r\nxyz\nH:02\n\nH:03aaaaaaaaaaaaaaaaaaaaaa\nyyy\nH:04",
            r#"
            2/1 {"id":1,"first":"abc","second":"xyz"}
            4/2 {"id":2,"first":null,"second":null}
            8/4 {"id":4,"first":null,"second":null}
            ! 1/0 D001 - fixed width | preamble
            ! 6/3 D006 - record length | H:03aaaaaaaaaaaaaaaa
            "#,
        );
    }
}

proptest! {
    /// Rows, rejected records and their places do not depend on the size of chunks and batches.
    #[test]
    fn chunks_do_not_show(
        bytes in proptest::collection::vec(prop_oneof![Just(b'H'), Just(b':'), Just(b'1'), Just(b' '), Just(b'\n'), Just(b'\r'), Just(0xe9)], 0..80),
        grouped in any::<bool>(), chunk in 1_usize..30, record in 1_usize..30, rows in 1_usize..4,
    ) {
        let format = fixed("a 1 2; b 3 2", grouped.then_some("H:"), encoding_rs::UTF_8);
        let case = || Case::new(format.clone(), "a: string; b: int32");
        let mut whole = case().limits(1000, record, 1000).read(&bytes);
        let mut parts = case().limits(chunk, record, rows).read(&bytes);
        for (_, rejected) in [&mut whole, &mut parts] {
            rejected.sort_by_key(|r| r.record);
        }
        prop_assert_eq!(whole, parts);
    }
}
