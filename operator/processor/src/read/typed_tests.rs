//! Tests of Parquet and Avro, from files to typed rows and rejected records.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BinaryViewArray, Decimal128Array, DictionaryArray, FixedSizeBinaryArray, Float64Array,
    Int8Array, Int32Array, Int64Array, LargeStringArray, ListArray, NullArray, RecordBatch, StringArray,
    StructArray, TimestampNanosecondArray, TimestampSecondArray, UInt64Array,
};
use arrow::datatypes::{Field, Int32Type};
use arrow_avro::writer::AvroWriter;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;

use super::check::Case;
use super::source::Format;

fn parquet(batch: &RecordBatch, group_rows: usize) -> Vec<u8> {
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(group_rows)).build();
    let mut bytes = Vec::new();
    let writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties));
    let mut writer = writer.expect("the test's columns can be written");
    writer.write(batch).expect("the test's columns can be written");
    writer.close().expect("the test's columns can be written");
    bytes
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let columns = columns.into_iter().map(|(name, array)| (name, array, true));
    RecordBatch::try_from_iter_with_nullable(columns).expect("the test's columns are of equal length")
}

fn check_parquet(fields: &str, columns: Vec<(&str, ArrayRef)>, expected: &str) {
    let batch = batch(columns);
    for (rows, group) in [(100, 100), (1, 2)] {
        Case::new(Format::Parquet, fields).limits(1, 1, rows).check(parquet(&batch, group), expected);
    }
}

#[test]
fn columns_are_widened_without_loss() {
    check_parquet(
        "i: int32; l: int64; f: float64; d: decimal(6,2); s: string; e: string; b: bytes; n: date; gone: bool",
        vec![
            ("i", Arc::new(Int8Array::from(vec![Some(1), None]))),
            ("l", Arc::new(UInt64Array::from(vec![Some(5), Some(6)]))),
            ("f", Arc::new(Int32Array::from(vec![Some(7), Some(8)]))),
            ("d", Arc::new(Int64Array::from(vec![Some(9), Some(10)]))),
            ("s", Arc::new(LargeStringArray::from(vec!["x", "y"]))),
            ("e", Arc::new(["p", "q"].into_iter().collect::<DictionaryArray<Int32Type>>())),
            ("b", Arc::new(BinaryViewArray::from_iter_values([b"\x01", b"\x02"]))),
            ("n", Arc::new(NullArray::new(2))),
        ],
        r#"
        0/0 {"i":1,"l":5,"f":7.0,"d":9.00,"s":"x","e":"p","b":"01","n":null,"gone":null}
        0/1 {"i":null,"l":6,"f":8.0,"d":10.00,"s":"y","e":"q","b":"02","n":null,"gone":null}
        "#,
    );
}

#[test]
fn what_does_not_fit_is_rejected_with_all_columns() {
    let decimal = Decimal128Array::from(vec![Some(12345), Some(12340), Some(99999990), Some(0), Some(0)]);
    let decimal = decimal.with_precision_and_scale(20, 3).expect("the digits are enough");
    check_parquet(
        "i: int32!; d: decimal(6,2)",
        vec![
            ("i", Arc::new(Int64Array::from(vec![Some(1), Some(2), Some(3), Some(4_000_000_000), None]))),
            ("other", Arc::new(StringArray::from(vec!["a", "b", "c", "d", "e"]))),
            ("d", Arc::new(decimal)),
        ],
        r#"
        0/1 {"i":2,"d":12.34}
        ! 0/0 D004 d decimal(6,2) | {\"i\":1,\"other\":\"a\",\"d\":12.345}
        ! 0/2 D004 d decimal(6,2) | {\"i\":3,\"other\":\"c\",\"d\":99999.990}
        ! 0/3 D004 i int32 | {\"i\":4000000000,\"other\":\"d\",\"d\":0.000}
        ! 0/4 D002 i required | {\"i\":null,\"other\":\"e\",\"d\":0.000}
        "#,
    );
}

#[test]
fn types_that_do_not_fit_reject_each_value() {
    check_parquet(
        "i: int32; f: float32; t: timestamp",
        vec![
            ("i", Arc::new(Float64Array::from(vec![None, Some(1.0), None]))),
            ("f", Arc::new(Float64Array::from(vec![None, None, None]))),
            ("t", Arc::new(TimestampSecondArray::from(vec![None, None, Some(1)]))),
        ],
        r#"
        0/0 {"i":null,"f":null,"t":null}
        ! 0/1 D003 i int32 | {\"i\":1.0,\"f\":null,\"t\":null}
        ! 0/2 D003 t timestamp | {\"i\":null,\"f\":null,\"t\":\"1970-01-01T00:00:01\"}
        "#,
    );
}

#[test]
fn instants_go_down_to_microseconds_and_text_is_read() {
    let nanos = TimestampNanosecondArray::from(vec![-1, 1_999]).with_timezone("+02:00");
    check_parquet(
        "t: timestamp; u: uuid; d: decimal(4,1)",
        vec![
            ("t", Arc::new(nanos)),
            ("u", Arc::new(StringArray::from(vec![Some("67e55044-10b1-426f-9247-bb680e5fe0c8"), None]))),
            ("d", Arc::new(StringArray::from(vec!["1.5", "x"]))),
        ],
        r#"
        0/0 {"t":"1969-12-31T23:59:59.999999Z","u":"67e5504410b1426f9247bb680e5fe0c8","d":1.5}
        ! 0/1 D003 d decimal(4,1) | {\"t\":\"1970-01-01T02:00:00.000001999+02:00\",\"u\":null,\"d\":\"x\"}
        "#,
    );
}

#[test]
fn nested_columns() {
    let sku: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None, Some("c"), Some("d")]));
    let item = Arc::new(Field::new("sku", sku.data_type().clone(), true));
    let items = StructArray::try_new(
        vec![item.clone()].into(),
        vec![sku],
        Some(vec![true, true, true, false].into()),
    );
    let items = items.expect("the parts of the test's struct fit");
    let lists = ListArray::try_new(
        Arc::new(Field::new("element", items.data_type().clone(), true)),
        arrow::buffer::OffsetBuffer::from_lengths([1, 1, 1, 1, 0]),
        Arc::new(items),
        Some(vec![true, true, false, true, true].into()),
    );
    let lists: ArrayRef = Arc::new(lists.expect("the parts of the test's list fit"));
    check_parquet(
        "l: list<struct<sku: string!, qty: int32>!>",
        vec![("l", lists.clone())],
        r#"
        0/0 {"l":[{"sku":"a","qty":null}]}
        0/2 {"l":null}
        0/4 {"l":[]}
        ! 0/1 D002 l[].sku required | {\"l\":[{\"sku\":null}]}
        ! 0/3 D002 l[] required | {\"l\":[null]}
        "#,
    );
    check_parquet(
        "l: list<string>",
        vec![("l", lists)],
        r#"
        0/2 {"l":null}
        0/3 {"l":[null]}
        0/4 {"l":[]}
        ! 0/0 D003 l[] string | {\"l\":[{\"sku\":\"a\"}]}
        ! 0/1 D003 l[] string | {\"l\":[{\"sku\":null}]}
        "#,
    );
}

fn avro() -> Vec<u8> {
    let id = FixedSizeBinaryArray::try_from_iter([[7_u8; 16], [8; 16]].into_iter());
    let batch = batch(vec![
        ("id", Arc::new(id.expect("the values are of equal length"))),
        ("n", Arc::new(Int64Array::from(vec![Some(1), Some(5_000_000_000)]))),
        ("s", Arc::new(StringArray::from(vec![Some("é"), None]))),
    ]);
    let mut writer =
        AvroWriter::new(Vec::new(), batch.schema().as_ref().clone()).expect("the schema has a form in Avro");
    writer.write(&batch).expect("the rows have a form in Avro");
    writer.finish().expect("the file can be finished");
    writer.into_inner()
}

#[test]
fn avro_files() {
    Case::new(Format::Avro, "id: uuid!; n: int32; s: string").limits(1, 1, 1).check(
        avro(),
        r#"
        0/0 {"id":"07070707070707070707070707070707","n":1,"s":"é"}
        ! 0/1 D004 n int32 | {\"id\":\"08080808080808080808080808080808\",\"n\":5000000000,\"s\":null}
        "#,
    );
}

proptest! {
    /// A damaged file is an error or gives other rows, but never a panic.
    #[test]
    fn damage_is_no_panic(at in 0_usize..2000, byte in any::<u8>(), cut in 0_usize..2000) {
        let small = batch(vec![("s", Arc::new(StringArray::from(vec![Some("abc"), None])) as ArrayRef)]);
        for (format, mut bytes) in [(Format::Avro, avro()), (Format::Parquet, parquet(&small, 1))] {
            let end = if cut % 3 == 0 { cut % bytes.len() } else { bytes.len() };
            bytes.truncate(end);
            let length = bytes.len().max(1);
            if let Some(place) = bytes.get_mut(at % length) {
                *place = byte;
            }
            let _ = Case::new(format, "s: string").try_read(&bytes);
        }
    }
}
