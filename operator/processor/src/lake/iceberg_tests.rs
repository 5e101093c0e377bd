//! Long because every promise of a table is checked on the same few helpers.
//!
//! Tests of Iceberg tables: what was written is what a scan gives, and nothing else is ever visible.
#![expect(clippy::unwrap_used, reason = "a failing test may panic")]

use std::path::Path;

use arrow::array::RecordBatch;
use futures::TryStreamExt;

use super::samples::{shown, wide_batch, wide_spec};
use super::{
    Catalog, LakeError, OpenTable, PartitionField, RowWriter, TableColumn, TableMode, TableSpec, Transform,
    WriteContext, WriteLimits, commit_tables, load_table, open_catalog, open_table, scan_table,
};

pub(crate) struct Lake {
    pub(crate) catalog: Catalog,
    _folder: tempfile::TempDir,
}

/// An empty lake. With `HEADWATER_KEEP_LAKE` it is made in that folder and stays, for other readers.
pub(crate) fn lake(name: &str) -> Lake {
    let folder = tempfile::tempdir().unwrap();
    let root = match std::env::var_os("HEADWATER_KEEP_LAKE") {
        Some(kept) => Path::new(&kept).join(name),
        None => folder.path().join(name),
    };
    let catalog = open_catalog("local", &root.join("catalog.db"), &root.join("lake")).unwrap();
    Lake { catalog, _folder: folder }
}

/// A table with one writer.
pub(crate) async fn open(
    lake: &Lake,
    spec: TableSpec,
    context: &WriteContext,
) -> Result<(OpenTable, RowWriter), LakeError> {
    let table = open_table(&lake.catalog, spec, context).await?;
    let writer = table.writers(1)?.remove(0);
    Ok((table, writer))
}

pub(crate) async fn write(lake: &Lake, spec: TableSpec, batches: &[RecordBatch]) -> Result<(), LakeError> {
    let (table, mut writer) = open(lake, spec, &WriteContext::default()).await?;
    for batch in batches {
        writer.write(batch)?;
    }
    commit_tables(vec![table.prepare(vec![writer]).await?], || Ok(()))
}

pub(crate) async fn rows(lake: &Lake, name: &str) -> Vec<String> {
    let table = load_table(&lake.catalog, &["retail".to_owned()], name).await.unwrap();
    let stream = scan_table(&table).await.unwrap();
    shown(&stream.try_collect::<Vec<_>>().await.unwrap())
}

/// Every file below a folder.
fn files(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
}

#[tokio::test]
async fn append_adds_and_replace_replaces_rows_of_every_type() {
    let lake = lake("modes");
    let spec = wide_spec("wide", TableMode::Append);
    write(&lake, spec.clone(), &[wide_batch(0..4, 0)]).await.unwrap();
    write(&lake, spec, &[wide_batch(4..7, 0), wide_batch(7..9, 0)]).await.unwrap();
    assert_eq!(rows(&lake, "wide").await, shown(&[wide_batch(0..9, 0)]));

    let spec = wide_spec("wide", TableMode::Replace);
    write(&lake, spec, &[wide_batch(2..5, 9)]).await.unwrap();
    assert_eq!(rows(&lake, "wide").await, shown(&[wide_batch(2..5, 9)]));

    let table = load_table(&lake.catalog, &["retail".to_owned()], "wide").await.unwrap();
    let snapshots = table.metadata().history().len();
    assert_eq!(snapshots, 3, "each run is one snapshot");
    let summary = &table.metadata().current_snapshot().unwrap().summary().additional_properties;
    for (name, value) in [
        ("headwater.run", "r1"),
        ("total-records", "3"),
        ("deleted-records", "9"),
        ("deleted-data-files", "2"),
    ] {
        assert_eq!(summary[name], value, "{name}");
    }
    let schema = table.metadata().current_schema();
    assert_eq!(schema.field_by_name("id").unwrap().id, 7);
    assert_eq!(schema.identifier_field_ids().collect::<Vec<_>>(), [7]);
    assert_eq!(schema.field_by_name("nested").unwrap().id, 40);
    assert!(schema.field_by_name("nested.items").unwrap().id > 40);
}

#[tokio::test]
async fn a_run_without_rows_makes_a_table_and_empties_one() {
    let lake = lake("empty");
    write(&lake, wide_spec("wide", TableMode::Append), &[]).await.unwrap();
    assert_eq!(rows(&lake, "wide").await, Vec::<String>::new());
    let batches = [wide_batch(0..3, 0), wide_batch(0..0, 0)];
    write(&lake, wide_spec("wide", TableMode::Append), &batches).await.unwrap();
    assert_eq!(rows(&lake, "wide").await.len(), 3);
    write(&lake, wide_spec("wide", TableMode::Replace), &[]).await.unwrap();
    assert_eq!(rows(&lake, "wide").await, Vec::<String>::new());
}

#[tokio::test]
async fn every_transform_partitions_every_type_that_it_takes() {
    use Transform::{Bucket, Day, Hour, Identity, Month, Truncate, Void, Year};
    let lake = lake("partitions");
    let cases: &[(&str, &[Transform])] = &[
        ("id", &[Identity, Bucket(4), Truncate(3), Void]),
        ("name", &[Identity, Bucket(4), Truncate(6), Void]),
        ("flag", &[Identity]),
        ("small", &[Identity, Bucket(2), Truncate(4)]),
        ("price", &[Identity, Bucket(3), Truncate(50)]),
        ("total", &[Identity, Bucket(3), Truncate(50)]),
        ("huge", &[Identity, Bucket(3), Truncate(50)]),
        ("day", &[Identity, Bucket(3), Year, Month, Day]),
        ("clock", &[Identity, Bucket(3)]),
        ("at", &[Identity, Bucket(3), Year, Month, Day, Hour]),
        ("local", &[Identity, Bucket(3), Year, Month, Day, Hour]),
        ("raw", &[Identity, Bucket(3), Truncate(7)]),
        ("token", &[Bucket(3), Void]),
    ];
    for (column, transforms) in cases {
        for (number, transform) in transforms.iter().enumerate() {
            let name = format!("by_{column}_{number}");
            let mut spec = wide_spec(&name, TableMode::Append);
            spec.partition_by = vec![PartitionField { column: (*column).to_owned(), transform: *transform }];
            let what = format!("{transform:?} of {column}");
            let batches = [wide_batch(0..8, 0), wide_batch(8..12, 0)];
            write(&lake, spec.clone(), &batches).await.expect(&what);
            assert_eq!(rows(&lake, &name).await, shown(&[wide_batch(0..12, 0)]), "{what}");
            spec.mode = TableMode::Replace;
            write(&lake, spec, &[wide_batch(0..2, 0)]).await.expect(&what);
            assert_eq!(rows(&lake, &name).await, shown(&[wide_batch(0..2, 0)]), "{what}");
        }
    }
}

#[tokio::test]
async fn transforms_that_do_not_fit_their_column_are_refused() {
    for (column, transform, reason) in [
        ("name", Transform::Day, "partition by day(name): string is not a valid input type of day transform"),
        (
            "token",
            Transform::Identity,
            "partition by identity(token): a uuid can partition a table in buckets only",
        ),
        ("nothing", Transform::Day, "`nothing` is not a column"),
    ] {
        let lake = lake("misfits");
        let mut spec = wide_spec("wide", TableMode::Append);
        spec.partition_by = vec![PartitionField { column: column.to_owned(), transform }];
        let refused = open_table(&lake.catalog, spec, &WriteContext::default()).await;
        let message = refused.err().map(|error| error.to_string()).unwrap_or_default();
        let expected = format!("table `retail.wide` cannot be declared so: {reason}");
        assert_eq!(message, expected);
    }
}

#[tokio::test]
async fn tight_limits_change_files_and_not_rows() {
    let lake = lake("limits");
    let mut spec = wide_spec("wide", TableMode::Append);
    spec.partition_by = vec![PartitionField { column: "id".to_owned(), transform: Transform::Bucket(7) }];
    spec.properties.insert("write.target-file-size-bytes".to_owned(), "20000".to_owned());
    let limits = WriteLimits { buffered_bytes_max: 10_000, open_files_max: 2 };
    let context = WriteContext { limits, ..WriteContext::default() };
    let (table, mut writer) = open(&lake, spec, &context).await.unwrap();
    for start in 0..20 {
        writer.write(&wide_batch(start * 10..start * 10 + 10, 0)).unwrap();
    }
    let staged = table.prepare(vec![writer]).await.unwrap();
    assert_eq!(staged.written().rows, 200);
    assert!(staged.written().files > 7, "files were closed and opened again");
    commit_tables(vec![staged], || Ok::<(), LakeError>(())).unwrap();
    assert_eq!(rows(&lake, "wide").await, shown(&[wide_batch(0..200, 0)]));
}

#[tokio::test]
async fn a_run_that_does_not_commit_leaves_nothing() {
    let lake = lake("nothing");
    let spec = wide_spec("wide", TableMode::Append);
    let context = WriteContext::default();
    let (table, mut writer) = open(&lake, spec.clone(), &context).await.unwrap();
    writer.write(&wide_batch(0..4, 0)).unwrap();
    drop((table, writer));
    assert_eq!(files(&lake.catalog.warehouse), 0, "dropped while open");

    let (table, mut writer) = open(&lake, spec.clone(), &context).await.unwrap();
    writer.write(&wide_batch(0..4, 0)).unwrap();
    let staged = table.prepare(vec![writer]).await.unwrap();
    assert!(files(&lake.catalog.warehouse) > 0);
    drop(staged);
    assert_eq!(files(&lake.catalog.warehouse), 0, "dropped when prepared");

    let (table, mut writer) = open(&lake, spec.clone(), &context).await.unwrap();
    writer.write(&wide_batch(0..4, 0)).unwrap();
    let staged = table.prepare(vec![writer]).await.unwrap();
    let failed = commit_tables(vec![staged], || Err(LakeError::Missing { table: "another sink".to_owned() }));
    assert!(failed.is_err());
    assert_eq!(files(&lake.catalog.warehouse), 0, "another sink failed");
    let missing = load_table(&lake.catalog, &["retail".to_owned()], "wide").await;
    assert!(matches!(missing, Err(LakeError::Missing { .. })));
}

#[tokio::test]
async fn the_slower_of_two_writers_is_told_that_the_table_moved() {
    let lake = lake("race");
    let spec = wide_spec("wide", TableMode::Append);
    for round in 0..2 {
        // The first round creates, the second appends.
        let (slow, mut writer) = open(&lake, spec.clone(), &WriteContext::default()).await.unwrap();
        writer.write(&wide_batch(50..60, 0)).unwrap();
        let slow = slow.prepare(vec![writer]).await.unwrap();
        let fast = wide_batch(round * 4..round * 4 + 4, 0);
        write(&lake, spec.clone(), &[fast]).await.unwrap();
        let before = files(&lake.catalog.warehouse);
        let moved = commit_tables::<LakeError>(vec![slow], || Ok(()));
        assert!(matches!(moved, Err(LakeError::Moved { .. })), "{moved:?}");
        assert!(files(&lake.catalog.warehouse) < before);
        let end = (round + 1) * 4;
        assert_eq!(rows(&lake, "wide").await, shown(&[wide_batch(0..end, 0)]));
    }
}

async fn check_evolution(change: impl FnOnce(&mut TableSpec), expected: Result<(), &str>) {
    let lake = lake("evolution");
    let mut spec = wide_spec("wide", TableMode::Append);
    write(&lake, spec.clone(), &[wide_batch(0..3, 0)]).await.unwrap();
    change(&mut spec);
    let opened = open_table(&lake.catalog, spec, &WriteContext::default()).await;
    let found = opened.map(|_| ()).map_err(|error| error.to_string());
    let expected = expected
        .map_err(|difference| format!("table `retail.wide` differs from its declaration: {difference}"));
    assert_eq!(found, expected);
}

fn column(name: &str, required: bool) -> TableColumn {
    TableColumn {
        name: name.to_owned(),
        id: None,
        data_type: arrow::datatypes::DataType::Utf8,
        required,
        doc: None,
        renamed_from: None,
    }
}

#[tokio::test]
async fn only_compatible_declarations_evolve_a_table() {
    check_evolution(|spec| spec.columns.push(column("more", false)), Ok(())).await;
    check_evolution(|spec| spec.columns.reverse(), Ok(())).await;
    check_evolution(
        |spec| spec.columns.push(column("more", true)),
        Err("it lacks the column `more`, which is declared as required"),
    )
    .await;
    check_evolution(
        |spec| spec.columns.retain(|column| column.name != "flag"),
        Err("it has the column `flag`, which is not declared"),
    )
    .await;
    check_evolution(
        |spec| spec.columns[3].data_type = arrow::datatypes::DataType::Int64,
        Err("`small` is int in it and long in the declaration"),
    )
    .await;
    check_evolution(
        |spec| spec.columns[3].required = true,
        Err("`small` is optional in it and required in the declaration"),
    )
    .await;
    check_evolution(|spec| spec.key.clear(), Err("its key is (id), declared is ()")).await;
    check_evolution(
        |spec| {
            spec.partition_by = vec![PartitionField { column: "at".to_owned(), transform: Transform::Day }];
        },
        Err("it is partitioned by (), declared is (day(at))"),
    )
    .await;
}

#[tokio::test]
async fn new_columns_are_null_in_old_rows_and_renamed_ones_keep_theirs() {
    let lake = lake("evolved");
    let mut spec = wide_spec("wide", TableMode::Append);
    spec.columns.truncate(2);
    let old = wide_batch(0..2, 0).project(&[0, 1]).unwrap();
    write(&lake, spec.clone(), &[old]).await.unwrap();

    spec.columns[1] = TableColumn { renamed_from: Some("name".to_owned()), ..column("title", false) };
    spec.columns.push(column("more", false));
    let names = wide_batch(2..4, 0).column(1).clone();
    let new = RecordBatch::try_from_iter([
        ("id", wide_batch(2..4, 0).column(0).clone()),
        ("more", names.clone()),
        ("title", names),
    ]);
    write(&lake, spec, &[new.unwrap()]).await.unwrap();
    let text = |id: i64| format!("name {id} v0 äöü a longer text");
    assert_eq!(
        rows(&lake, "wide").await,
        [
            format!("0 | {} | null", text(0)),
            format!("1 | {} | null", text(1)),
            "2 | null | null".to_owned(),
            format!("3 | {0} | {0}", text(3)),
        ]
    );
    let table = load_table(&lake.catalog, &["retail".to_owned()], "wide").await.unwrap();
    let schema = table.metadata().current_schema();
    assert_eq!(schema.field_by_name("title").unwrap().id, 3);
    assert_eq!(schema.field_by_name("more").unwrap().id, 8);
}

#[tokio::test]
async fn rows_that_do_not_fit_are_refused_without_their_values() {
    let lake = lake("misfit");
    let spec = wide_spec("wide", TableMode::Append);
    let (_table, mut writer) = open(&lake, spec, &WriteContext::default()).await.unwrap();
    let batch = wide_batch(0..2, 0);
    let lacking = batch.project(&[0, 1]).unwrap();
    let message = writer.write(&lacking).unwrap_err().to_string();
    assert_eq!(message, "rows do not fit `retail.wide`: they have no column `flag`");
    let mut columns: Vec<_> =
        batch.schema().fields().iter().map(|f| f.name().clone()).zip(batch.columns().to_vec()).collect();
    columns[3].1 = batch.column(1).clone();
    let other = RecordBatch::try_from_iter(columns).unwrap();
    let message = writer.write(&other).unwrap_err().to_string();
    assert_eq!(message, "rows do not fit `retail.wide`: `small` is Utf8 and should be Int32");
}

async fn check_upsert(buffered_bytes_max: usize, partition_by: &[PartitionField]) {
    let lake = lake(&format!("upsert-{buffered_bytes_max}-{}", partition_by.len()));
    let context = WriteContext {
        limits: WriteLimits { buffered_bytes_max, ..WriteLimits::default() },
        ..WriteContext::default()
    };
    let mut spec = wide_spec("wide", TableMode::Upsert);
    spec.partition_by = partition_by.to_vec();
    for (written, deleted) in [(0..60, 60..60), (50..70, 10..20), (0..0, 0..5), (65..66, 90..95)] {
        let version = written.start;
        let table = open_table(&lake.catalog, spec.clone(), &context).await.unwrap();
        let mut writers = table.writers(2).unwrap();
        let half = written.start + (written.end - written.start) / 2;
        writers[0].write(&wide_batch(written.start..half, version)).unwrap();
        writers[1].write(&wide_batch(half..written.end, version)).unwrap();
        writers[1].delete(&wide_batch(deleted, 0).project(&[0]).unwrap()).unwrap();
        commit_tables::<LakeError>(vec![table.prepare(writers).await.unwrap()], || Ok(())).unwrap();
    }
    let idle = open_table(&lake.catalog, spec, &context).await.unwrap();
    commit_tables::<LakeError>(vec![idle.prepare(Vec::new()).await.unwrap()], || Ok(())).unwrap();
    let expected = [
        wide_batch(5..10, 0),
        wide_batch(20..50, 0),
        wide_batch(50..65, 50),
        wide_batch(65..66, 65),
        wide_batch(66..70, 50),
    ];
    assert_eq!(rows(&lake, "wide").await, shown(&expected));
}

#[tokio::test]
async fn an_upsert_keeps_the_last_row_per_key_in_memory_and_spilled() {
    let by_bucket = PartitionField { column: "id".to_owned(), transform: Transform::Bucket(3) };
    for partition_by in [&[][..], &[by_bucket]] {
        check_upsert(128 << 20, partition_by).await;
        check_upsert(1, partition_by).await;
    }
}

#[tokio::test]
async fn an_upsert_needs_a_key_and_only_it_deletes() {
    let lake = lake("keys");
    let mut spec = wide_spec("wide", TableMode::Upsert);
    spec.key.clear();
    let refused = open_table(&lake.catalog, spec, &WriteContext::default()).await;
    let message = refused.err().unwrap().to_string();
    assert_eq!(message, "table `retail.wide` cannot be declared so: an upsert needs a key");
    let spec = wide_spec("wide", TableMode::Append);
    let (_table, mut writer) = open(&lake, spec, &WriteContext::default()).await.unwrap();
    let message = writer.delete(&wide_batch(0..1, 0)).unwrap_err().to_string();
    assert_eq!(message, "rows do not fit `retail.wide`: rows can be deleted by an upsert only");
}

#[tokio::test]
async fn new_members_of_nested_columns_are_null_in_old_rows() {
    use arrow::array::{ArrayRef, Int64Array, StructArray};
    use arrow::datatypes::{DataType, Field, Fields};
    use std::sync::Arc;

    let lake = lake("nested");
    let nested = |members: &[&str]| -> ArrayRef {
        let field = |name: &&str| Field::new(*name, DataType::Int64, true);
        let fields: Fields = members.iter().map(field).collect();
        let columns = members.iter().map(|_| Arc::new(Int64Array::from(vec![7])) as ArrayRef).collect();
        Arc::new(StructArray::new(fields, columns, None))
    };
    let rows_of = |id: i64, members: &[&str]| {
        let ids: ArrayRef = Arc::new(Int64Array::from(vec![id]));
        RecordBatch::try_from_iter([("id", ids), ("nested", nested(members))]).unwrap()
    };
    let spec_of = |members: &[&str], mode: TableMode| {
        let mut spec = wide_spec("wide", mode);
        spec.columns.truncate(1);
        let data_type = nested(members).data_type().clone();
        spec.columns.push(TableColumn { data_type, ..column("nested", false) });
        spec
    };
    write(&lake, spec_of(&["a", "b"], TableMode::Append), &[rows_of(1, &["a", "b"])]).await.unwrap();
    let more = ["n", "b", "a"];
    write(&lake, spec_of(&more, TableMode::Append), &[rows_of(2, &more)]).await.unwrap();
    let expected = ["1 | {n: null, b: 7, a: 7}", "2 | {n: 7, b: 7, a: 7}"];
    assert_eq!(rows(&lake, "wide").await, expected);
    write(&lake, spec_of(&more, TableMode::Upsert), &[rows_of(3, &more)]).await.unwrap();
    let expected = ["1 | {n: null, b: 7, a: 7}", "2 | {n: 7, b: 7, a: 7}", "3 | {n: 7, b: 7, a: 7}"];
    assert_eq!(rows(&lake, "wide").await, expected);
}
