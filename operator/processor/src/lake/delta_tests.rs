//! Tests of Delta tables: what was written is what the log's files hold, and nothing else is ever visible.
#![expect(clippy::unwrap_used, reason = "a failing test may panic")]

use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use futures::TryStreamExt;

use super::delta_log::read_log;
use super::delta_rows::{read_rows, stored_rows};
use super::samples::{shown, wide_batch, wide_spec};
use super::{
    LakeError, OpenDelta, PartitionField, RowWriter, TableMode, TableSpec, Transform, WriteContext,
    open_delta,
};

struct Table {
    folder: PathBuf,
    _root: tempfile::TempDir,
}

fn table(name: &str) -> Table {
    let root = tempfile::tempdir().unwrap();
    let folder = match std::env::var_os("HEADWATER_KEEP_LAKE") {
        Some(kept) => Path::new(&kept).join("delta").join(name),
        None => root.path().join(name),
    };
    Table { folder, _root: root }
}

async fn open(table: &Table, spec: TableSpec) -> Result<(OpenDelta, RowWriter), LakeError> {
    let open = open_delta(&table.folder, spec, &WriteContext::default()).await?;
    let writer = open.writers(1)?.remove(0);
    Ok((open, writer))
}

async fn write(table: &Table, spec: TableSpec, batches: &[RecordBatch]) -> Result<(), LakeError> {
    let (open, mut writer) = open(table, spec).await?;
    for batch in batches {
        writer.write(batch)?;
    }
    let mut staged = open.prepare(vec![writer]).await?;
    staged.show(&mut Vec::new())?;
    staged.keep();
    Ok(())
}

async fn rows(table: &Table) -> Vec<String> {
    let state = read_log(&table.folder).await.unwrap().unwrap();
    let schema = stored_rows(&wide_batch(0..1, 0)).unwrap().schema();
    shown(&read_rows(state.files, &schema).try_collect::<Vec<_>>().await.unwrap())
}

fn stored(batches: &[RecordBatch]) -> Vec<String> {
    shown(&batches.iter().map(|batch| stored_rows(batch).unwrap()).collect::<Vec<_>>())
}

#[tokio::test]
async fn append_adds_and_replace_replaces_rows_of_every_type() {
    let table = table("modes");
    let spec = wide_spec("wide", TableMode::Append);
    write(&table, spec.clone(), &[wide_batch(0..4, 0)]).await.unwrap();
    write(&table, spec, &[wide_batch(4..9, 0)]).await.unwrap();
    assert_eq!(rows(&table).await, stored(&[wide_batch(0..9, 0)]));
    write(&table, wide_spec("wide", TableMode::Replace), &[wide_batch(2..5, 9)]).await.unwrap();
    assert_eq!(rows(&table).await, stored(&[wide_batch(2..5, 9)]));
}

#[tokio::test]
async fn an_upsert_keeps_the_last_row_per_key() {
    let table = table("upsert");
    let mut spec = wide_spec("wide", TableMode::Upsert);
    spec.partition_by = vec![PartitionField { column: "flag".to_owned(), transform: Transform::Identity }];
    for (written, deleted) in [(0..60, 60..60), (50..70, 10..20), (0..0, 0..5)] {
        let (open, mut writer) = open(&table, spec.clone()).await.unwrap();
        let version = written.start;
        writer.write(&wide_batch(written, version)).unwrap();
        writer.delete(&wide_batch(deleted, 0).project(&[0]).unwrap()).unwrap();
        let mut staged = open.prepare(vec![writer]).await.unwrap();
        staged.show(&mut Vec::new()).unwrap();
        staged.keep();
    }
    let expected = [wide_batch(5..10, 0), wide_batch(20..50, 0), wide_batch(50..70, 50)];
    assert_eq!(rows(&table).await, stored(&expected));
}

#[tokio::test]
async fn partitions_are_whole_columns_of_a_plain_type() {
    for column in ["flag", "small", "price", "huge", "day", "at", "local", "name", "token", "clock"] {
        let table = table(&format!("by_{column}"));
        let mut spec = wide_spec("wide", TableMode::Append);
        spec.partition_by =
            vec![PartitionField { column: column.to_owned(), transform: Transform::Identity }];
        write(&table, spec.clone(), &[wide_batch(0..9, 0)]).await.expect(column);
        assert_eq!(rows(&table).await, stored(&[wide_batch(0..9, 0)]), "{column}");
        spec.partition_by[0].transform = Transform::Bucket(2);
        let message = open(&table, spec).await.err().unwrap().to_string();
        assert!(message.contains("partitioned by whole columns"), "{message}");
    }
}

#[tokio::test]
async fn a_run_that_does_not_commit_leaves_nothing_and_the_slower_writer_is_told() {
    let table = table("race");
    let spec = wide_spec("wide", TableMode::Append);
    let (slow, mut writer) = open(&table, spec.clone()).await.unwrap();
    writer.write(&wide_batch(0..4, 0)).unwrap();
    drop(slow.prepare(vec![writer]).await.unwrap());
    assert!(!table.folder.exists());

    let (slow, mut writer) = open(&table, spec.clone()).await.unwrap();
    writer.write(&wide_batch(50..60, 0)).unwrap();
    let mut slow = slow.prepare(vec![writer]).await.unwrap();
    write(&table, spec, &[wide_batch(0..4, 0)]).await.unwrap();
    assert!(matches!(slow.show(&mut Vec::new()), Err(LakeError::Moved { .. })));
    drop(slow);
    assert_eq!(rows(&table).await, stored(&[wide_batch(0..4, 0)]));
    assert_eq!(std::fs::read_dir(&table.folder).unwrap().count(), 2, "the log and one data file");
}

#[tokio::test]
async fn new_optional_columns_evolve_a_table_and_other_differences_are_named() {
    let table = table("evolved");
    let mut narrow = wide_spec("wide", TableMode::Append);
    narrow.columns.truncate(10);
    write(&table, narrow.clone(), &[wide_batch(0..2, 0)]).await.unwrap();
    write(&table, wide_spec("wide", TableMode::Append), &[wide_batch(2..5, 0)]).await.unwrap();
    assert_eq!(rows(&table).await.len(), 5);
    assert_eq!(rows(&table).await[2..], stored(&[wide_batch(2..5, 0)]));
    let mut other = wide_spec("wide", TableMode::Append);
    other.columns[3].data_type = arrow::datatypes::DataType::Int64;
    for (spec, difference) in [
        (narrow, "it has the column `clock`, which is not declared"),
        (other, "`small` is integer in it and long in the declaration"),
    ] {
        let message = open(&table, spec).await.err().unwrap().to_string();
        assert_eq!(message, format!("table `retail.wide` differs from its declaration: {difference}"));
    }
}

#[tokio::test]
async fn a_long_log_gets_checkpoints() {
    let table = table("long");
    let mut spec = wide_spec("wide", TableMode::Append);
    spec.columns.truncate(2);
    for id in 0..53 {
        write(&table, spec.clone(), &[wide_batch(id..id + 1, 0)]).await.unwrap();
    }
    assert!(table.folder.join("_delta_log/00000000000000000050.checkpoint.parquet").exists());
    let state = read_log(&table.folder).await.unwrap().unwrap();
    assert_eq!((state.version, state.files.len()), (52, 53));
}
