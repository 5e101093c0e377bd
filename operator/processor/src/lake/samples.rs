//! Sample declarations and rows for the tests of tables: every canonical type, nested ones too.
#![expect(clippy::unwrap_used, reason = "a failing test may panic")]

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, FixedSizeBinaryArray, Float32Array,
    Float64Array, Int32Array, Int32Builder, Int64Array, ListBuilder, MapBuilder, RecordBatch, StringArray,
    StringBuilder, StructArray, Time64MicrosecondArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Fields, Schema};

use super::{TableColumn, TableMode, TableSpec};

/// A table of all types whose key is `id`, at ids that are not those of a fresh table.
pub(crate) fn wide_spec(name: &str, mode: TableMode) -> TableSpec {
    let columns = wide_batch(0..1, 0)
        .schema()
        .fields()
        .iter()
        .zip([7, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 20, 30, 40])
        .map(|(field, id)| TableColumn {
            name: field.name().clone(),
            id: Some(id),
            data_type: field.data_type().clone(),
            required: field.name() == "id",
            doc: Some(format!("Sample of {}.", field.name())),
            renamed_from: None,
        })
        .collect();
    TableSpec {
        namespace: vec!["retail".to_owned()],
        name: name.to_owned(),
        location: None,
        columns,
        key: vec!["id".to_owned()],
        partition_by: Vec::new(),
        sort_by: Vec::new(),
        doc: Some("Samples.".to_owned()),
        properties: BTreeMap::from([("owner".to_owned(), "checkout".to_owned())]),
        mode,
        snapshot_properties: BTreeMap::from([("headwater.run".to_owned(), "r1".to_owned())]),
    }
}

/// Rows of [`wide_spec`], one for each id; every third row is null in every column but the key.
pub(crate) fn wide_batch(ids: std::ops::Range<i64>, version: i64) -> RecordBatch {
    let ids: Vec<i64> = ids.collect();
    let present = |id: &i64| id % 3 != 2;
    macro_rules! column {
        ($array:ty, $of:expr) => {
            Arc::new(ids.iter().map(|id| present(id).then(|| $of(*id))).collect::<$array>()) as ArrayRef
        };
    }
    // 2026-01-01T00:00:00Z and six hours for each id.
    let instant = |id: i64| 1_767_225_600_000_000 + id * 21_600_000_000 + 123_456;
    let decimal = |precision: u8| -> ArrayRef {
        let values = column!(Decimal128Array, |id: i64| i128::from(id * 100 + version) - 150);
        let values = values.as_any().downcast_ref::<Decimal128Array>().unwrap();
        Arc::new(values.clone().with_precision_and_scale(precision, 2).unwrap())
    };
    let zoned = column!(TimestampMicrosecondArray, instant);
    let zoned = arrow::compute::cast(&zoned, &utc()).unwrap();
    let uuids = FixedSizeBinaryArray::try_from_sparse_iter_with_size(
        ids.iter().map(|id| present(id).then(|| (*id as u128 + 1).to_be_bytes())),
        16,
    );
    RecordBatch::try_from_iter_with_nullable([
        ("id", Arc::new(Int64Array::from(ids.clone())) as ArrayRef, false),
        ("name", column!(StringArray, |id| format!("name {id} v{version} äöü a longer text")), true),
        ("flag", column!(BooleanArray, |id| id % 2 == 0), true),
        ("small", column!(Int32Array, |id: i64| i32::try_from(id).unwrap() - 5), true),
        ("single", column!(Float32Array, |id| id as f32 / 4.0), true),
        ("double", column!(Float64Array, |id| if id == 1 { f64::NAN } else { id as f64 / 8.0 }), true),
        ("price", decimal(9), true),
        ("total", decimal(18), true),
        ("huge", decimal(38), true),
        ("day", column!(Date32Array, |id: i64| i32::try_from(id).unwrap() + 20_454), true),
        ("clock", column!(Time64MicrosecondArray, |id: i64| id * 3_600_000_001 % 86_400_000_000), true),
        ("at", zoned, true),
        ("local", column!(TimestampMicrosecondArray, instant), true),
        ("raw", column!(BinaryArray, |id: i64| id.to_be_bytes()), true),
        ("token", Arc::new(uuids.unwrap()) as ArrayRef, true),
        ("nested", nested(&ids), true),
    ])
    .unwrap()
}

pub(crate) fn utc() -> DataType {
    DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, Some("UTC".into()))
}

/// A struct of a list and a map of structs.
fn nested(ids: &[i64]) -> ArrayRef {
    let mut list = ListBuilder::new(Int32Builder::new());
    let mut map = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
    for id in ids {
        for value in 0..(*id % 3) {
            list.values().append_value(i32::try_from(value).unwrap());
            map.keys().append_value(format!("k{value}"));
            map.values().append_option((value == 0).then_some(1));
        }
        list.append(id % 3 != 0);
        map.append(id % 4 != 0).unwrap();
    }
    let (list, map) = (list.finish(), map.finish());
    let fields = Fields::from(vec![
        Field::new("items", arrow::array::Array::data_type(&list).clone(), true),
        Field::new("tags", arrow::array::Array::data_type(&map).clone(), true),
    ]);
    let nulls = ids.iter().map(|id| id % 3 != 2).collect::<Vec<bool>>();
    Arc::new(StructArray::new(
        fields,
        vec![Arc::new(list) as ArrayRef, Arc::new(map) as ArrayRef],
        Some(nulls.into()),
    ))
}

/// Rows sorted by their first column, as text, so that they can be compared.
pub(crate) fn shown(batches: &[RecordBatch]) -> Vec<String> {
    let schema = batches.first().map_or_else(|| Arc::new(Schema::empty()), RecordBatch::schema);
    let whole = arrow::compute::concat_batches(&schema, batches).unwrap();
    if whole.num_rows() == 0 {
        return Vec::new();
    }
    let order = arrow::compute::sort_to_indices(whole.column(0), None, None).unwrap();
    let sorted = arrow::compute::take_record_batch(&whole, &order).unwrap();
    let options = arrow::util::display::FormatOptions::default().with_null("null");
    let columns: Vec<_> = sorted
        .columns()
        .iter()
        .map(|column| arrow::util::display::ArrayFormatter::try_new(column, &options).unwrap())
        .collect();
    (0..sorted.num_rows())
        .map(|row| {
            let cells: Vec<String> = columns.iter().map(|c| c.value(row).to_string()).collect();
            cells.join(" | ")
        })
        .collect()
}
