//! Tests of sinks: what is in files, and that a run shows everything or nothing.
#![expect(clippy::unwrap_used, reason = "a failing test may panic")]

use std::path::Path;
use std::sync::Arc;

use arrow::array::{BooleanArray, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::error::DataFusionError;
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::sink::StagedKind;
use super::{
    FileFormat, Originals, RecordHeader, SinkSpec, Staged, WriteError, bind_letters, bind_sink, commit,
};
use crate::engine::{DELETED, DeadLetter, DeadLetterRows, Place, SinkRows};
use crate::lake::samples::{shown, wide_batch, wide_spec};
use crate::lake::{LakeError, TableMode, WriteContext, WriteLimits, open_catalog};

fn stream(
    schema: &SchemaRef,
    batches: Vec<Result<RecordBatch, DataFusionError>>,
) -> SendableRecordBatchStream {
    Box::pin(RecordBatchStreamAdapter::new(Arc::clone(schema), futures::stream::iter(batches)))
}

async fn stage(spec: SinkSpec, batches: &[RecordBatch]) -> Staged {
    let sink = bind_sink(spec, WriteContext::default());
    let schema = batches[0].schema();
    let rows = vec![stream(&schema, batches.iter().cloned().map(Ok).collect())];
    let count = sink.write(schema, rows).await.unwrap();
    let staged = sink.take().unwrap();
    let deletions = if matches!(staged.0, StagedKind::File(_)) { 0 } else { sink.deletions() };
    assert_eq!(staged.written().rows + deletions, count);
    staged
}

fn file(path: &Path, format: FileFormat) -> SinkSpec {
    SinkSpec::File { path: path.to_path_buf(), format }
}

async fn check_file(spec: impl FnOnce(&Path) -> SinkSpec, batches: &[RecordBatch], expected: &str) {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("deep/er/file");
    let staged = stage(spec(&path), batches).await;
    assert!(!path.exists());
    commit(vec![staged]).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
    assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing else is left");
}

/// One row of every type and one of nulls.
fn two_rows() -> RecordBatch {
    wide_batch(1..3, 0)
}

#[tokio::test]
async fn ndjson_has_every_type_and_every_null() {
    let first = concat!(
        r#"{"id":1,"name":"name 1 v0 äöü a longer text","flag":false,"small":-4,"single":0.25,"double":"NaN","#,
        r#""price":-0.50,"total":-0.50,"huge":-0.50,"day":"2026-01-02","clock":"01:00:00.000001","#,
        r#""at":"2026-01-01T06:00:00.123456Z","local":"2026-01-01T06:00:00.123456","raw":"AAAAAAAAAAE=","#,
        r#""token":"00000000-0000-0000-0000-000000000002","nested":{"items":[0],"tags":{"k0":1}}}"#,
    );
    let second = concat!(
        r#"{"id":2,"name":null,"flag":null,"small":null,"single":null,"double":null,"#,
        r#""price":null,"total":null,"huge":null,"day":null,"clock":null,"#,
        r#""at":null,"local":null,"raw":null,"token":null,"nested":null}"#,
    );
    let expected = format!("{first}\n{second}\n");
    check_file(|path| file(path, FileFormat::Ndjson), &[two_rows()], &expected).await;
}

#[tokio::test]
async fn csv_tells_null_from_empty_text_and_quotes_what_needs_it() {
    let expected = concat!(
        "id,name,flag,small,single,double,price,total,huge,day,clock,at,local,raw,token,nested\n",
        "1,name 1 v0 äöü a longer text,false,-4,0.25,NaN,-0.50,-0.50,-0.50,2026-01-02,01:00:00.000001,",
        "2026-01-01T06:00:00.123456Z,2026-01-01T06:00:00.123456,AAAAAAAAAAE=,",
        "00000000-0000-0000-0000-000000000002,\"{\"\"items\"\":[0],\"\"tags\"\":{\"\"k0\"\":1}}\"\n",
        "2,,,,,,,,,,,,,,,\n",
    );
    check_file(|path| file(path, FileFormat::Csv), &[two_rows()], expected).await;
    let texts = arrow::array::StringArray::from(vec![Some(""), None, Some("a,\"b\"\n"), Some(" x")]);
    let batch = RecordBatch::try_from_iter([("t", Arc::new(texts) as arrow::array::ArrayRef)]).unwrap();
    let expected = "t\n\"\"\n\n\"a,\"\"b\"\"\n\"\n\" x\"\n";
    check_file(|path| file(path, FileFormat::Csv), &[batch], expected).await;
}

/// Rows with the mark of deletions, as the engine gives those of an upsert stream.
fn marked(rows: RecordBatch, deleted: &[bool]) -> RecordBatch {
    let mut fields = rows.schema().fields().to_vec();
    fields.push(Arc::new(Field::new(DELETED, DataType::Boolean, false)));
    let mut columns = rows.columns().to_vec();
    columns.push(Arc::new(BooleanArray::from(deleted.to_vec())));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

#[tokio::test]
async fn a_topic_has_keys_headers_and_tombstones() {
    let topic = |key: &[&str], headers: &[(&str, &str)]| {
        let key = key.iter().map(|name| (*name).to_owned()).collect();
        let header = |(name, column): &(&str, &str)| RecordHeader {
            name: (*name).to_owned(),
            column: (*column).to_owned(),
        };
        let headers = headers.iter().map(header).collect();
        move |path: &Path| SinkSpec::Topic { path: path.to_path_buf(), key, headers }
    };
    let rows = wide_batch(0..3, 0).project(&[0, 2]).unwrap();
    let expected = concat!(
        "{\"key\":{\"id\":0},\"value\":{\"id\":0,\"flag\":true},\"headers\":{\"f\":\"true\"}}\n",
        "{\"key\":{\"id\":1},\"value\":null,\"headers\":{\"f\":\"false\"}}\n",
        "{\"key\":{\"id\":2},\"value\":{\"id\":2,\"flag\":null},\"headers\":{\"f\":null}}\n",
    );
    let batch = marked(rows.clone(), &[false, true, false]);
    check_file(topic(&["id"], &[("f", "flag")]), &[batch], expected).await;
    let expected = "{\"key\":null,\"value\":{\"id\":0,\"flag\":true},\"headers\":{}}\n";
    check_file(topic(&[], &[]), &[rows.slice(0, 1)], expected).await;
}

#[tokio::test]
async fn parquet_comes_back_as_it_was_written_by_several_streams() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("wide.parquet");
    // Too little memory for two batches: each stream has several row groups.
    let context = WriteContext {
        limits: WriteLimits { buffered_bytes_max: 1, ..WriteLimits::default() },
        ..WriteContext::default()
    };
    let sink = bind_sink(file(&path, FileFormat::Parquet), context);
    let schema = wide_batch(0..1, 0).schema();
    let streams = (0..3).map(|part| {
        let batches = [wide_batch(part * 10..part * 10 + 4, 0), wide_batch(part * 10 + 4..part * 10 + 10, 0)];
        stream(&schema, batches.into_iter().map(Ok).collect())
    });
    assert_eq!(sink.write(Arc::clone(&schema), streams.collect()).await.unwrap(), 30);
    commit(vec![sink.take().unwrap()]).unwrap();
    let opened = std::fs::File::open(&path).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(opened).unwrap();
    assert_eq!(reader.metadata().num_row_groups(), 6);
    let batches: Vec<RecordBatch> = reader.build().unwrap().map(Result::unwrap).collect();
    assert_eq!(shown(&batches), shown(&[wide_batch(0..30, 0)]));
}

#[tokio::test]
async fn files_without_rows_are_whole_files() {
    for (format, bytes) in [(FileFormat::Ndjson, 0), (FileFormat::Csv, 86), (FileFormat::Parquet, 1)] {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("none");
        let staged = stage(file(&path, format), &[wide_batch(0..0, 0)]).await;
        commit(vec![staged]).unwrap();
        let length = path.metadata().unwrap().len();
        if format == FileFormat::Parquet {
            let opened = std::fs::File::open(&path).unwrap();
            let reader = ParquetRecordBatchReaderBuilder::try_new(opened).unwrap();
            assert_eq!(reader.schema().fields().len(), 16);
        } else {
            assert_eq!(length, bytes, "{format:?}");
        }
    }
}

fn iceberg(root: &Path, name: &str, mode: TableMode) -> SinkSpec {
    let catalog = open_catalog("local", &root.join("catalog.db"), &root.join("lake")).unwrap();
    SinkSpec::Iceberg { catalog, table: wide_spec(name, mode) }
}

fn delta(root: &Path, mode: TableMode) -> SinkSpec {
    SinkSpec::Delta { folder: root.join("delta"), table: wide_spec("wide", mode) }
}

/// Names and sizes of all files below a folder, less those of the catalog's database.
fn listing(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if !path.to_string_lossy().contains("catalog.db") {
                found.push(format!("{} {}", path.display(), path.metadata().unwrap().len()));
            }
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn a_conflict_at_any_sink_shows_nothing_of_any() {
    // Which sink is overtaken by another run between its preparation and the commit.
    for overtaken in ["iceberg", "delta", "file"] {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let rows = [wide_batch(0..4, 0)];
        let path = root.join("out/rows.ndjson");
        let other = root.join("out/other.ndjson");
        commit(vec![stage(file(&path, FileFormat::Ndjson), &[wide_batch(7..8, 0)]).await]).unwrap();
        let staged = vec![
            stage(iceberg(root, "a", TableMode::Append), &rows).await,
            stage(iceberg(root, "b", TableMode::Append), &rows).await,
            stage(file(&path, FileFormat::Ndjson), &rows).await,
            stage(delta(root, TableMode::Append), &rows).await,
            stage(file(&other, FileFormat::Ndjson), &rows).await,
        ];
        match overtaken {
            "iceberg" => commit(vec![stage(iceberg(root, "b", TableMode::Append), &rows).await]).unwrap(),
            "delta" => commit(vec![stage(delta(root, TableMode::Append), &rows).await]).unwrap(),
            // A folder stands where the second file shall be, so the first has to be put back.
            _ => std::fs::create_dir(&other).unwrap(),
        }
        let failed = commit(staged);
        if overtaken != "file" {
            assert!(matches!(failed, Err(WriteError::Lake(LakeError::Moved { .. }))), "{failed:?}");
        }
        assert!(failed.is_err(), "{overtaken}");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("{\"id\":7,"), "{overtaken}: {text}");
        let left: Vec<String> = listing(root);
        let hidden = left.iter().filter(|line| line.contains("/.") && !line.contains("/.tmp"));
        assert_eq!(hidden.count(), 0, "{overtaken}: {left:?}");
        let expected = match overtaken {
            // Two files of the catalog's table are data and metadata: data, manifest, list, metadata.
            "iceberg" => 1 + 4,
            "delta" => 1 + 2,
            _ => 1,
        };
        assert_eq!(left.len(), expected, "{overtaken}: {left:?}");
    }
}

#[tokio::test]
async fn all_sinks_of_a_run_become_visible_together() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let rows = [wide_batch(0..4, 0)];
    let path = root.join("rows.csv");
    let staged = vec![
        stage(
            iceberg(root, "a", TableMode::Upsert),
            &[marked(rows[0].clone(), &[false, false, true, false])],
        )
        .await,
        stage(delta(root, TableMode::Replace), &rows).await,
        stage(file(&path, FileFormat::Csv), &rows).await,
    ];
    let places: Vec<_> = staged.iter().map(|staged| staged.place().unwrap()).collect();
    assert_eq!(staged[0].written().rows, 3);
    commit(staged).unwrap();
    assert!(places[0].exists() && places[1].join("_delta_log/00000000000000000000.json").exists());
    assert_eq!(std::fs::read_to_string(&places[2]).unwrap().lines().count(), 5);
}

#[tokio::test]
async fn a_stream_that_fails_leaves_nothing() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let schema = wide_batch(0..1, 0).schema();
    let failing =
        || stream(&schema, vec![Ok(wide_batch(0..4, 0)), Err(DataFusionError::Execution("lost".to_owned()))]);
    let good = || stream(&schema, vec![Ok(wide_batch(4..8, 0))]);
    for spec in [
        iceberg(root, "a", TableMode::Append),
        delta(root, TableMode::Append),
        file(&root.join("a.parquet"), FileFormat::Parquet),
        file(&root.join("a.ndjson"), FileFormat::Ndjson),
    ] {
        let sink = bind_sink(spec, WriteContext::default());
        let failed = sink.write(Arc::clone(&schema), vec![good(), failing()]).await;
        assert!(failed.is_err_and(|error| error.to_string().contains("lost")));
        assert!(sink.take().is_none());
        assert_eq!(listing(root), Vec::<String>::new());
    }
}

/// The file of two dead letters, from the event time on.
async fn written(originals: Originals) -> Vec<String> {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("dead.ndjson");
    let letters = bind_letters(&path, originals).unwrap();
    let place = Place { source: "raw".to_owned(), file: "raw.csv".to_owned(), line: 3, record: 2 };
    let letter = |original: &[u8], place: Option<Place>| DeadLetter {
        product: "retail/orders".to_owned(),
        node: "raw".to_owned(),
        code: "D003".to_owned(),
        rule: "type".to_owned(),
        field: Some("amount".to_owned()),
        place,
        original: original.to_vec(),
        event_time_us: Some(1_500_000),
    };
    letters.write(vec![letter(b"a1,\"x\"", Some(place)), letter(b"\xFF\x00", None)]).await.unwrap();
    commit(vec![letters.stage().unwrap()]).unwrap();
    let head =
        r#"{"product":"retail/orders","node":"raw","code":"D003","rule":"type","field":"amount","place":"#;
    let places = [r#"{"source":"raw","file":"raw.csv","line":3,"record":2}"#, "null"];
    let text = std::fs::read_to_string(&path).unwrap();
    let lines = text.lines().zip(places).map(|(line, place)| {
        let rest = line.strip_prefix(&format!("{head}{place},\"eventTime\":\"1970-01-01T00:00:01.500Z\""));
        rest.unwrap().to_owned()
    });
    lines.collect()
}

#[tokio::test]
async fn dead_letters_keep_the_bytes_of_the_record() {
    let plain =
        [r#","original":"a1,\"x\"","originalBase64":null}"#, r#","original":null,"originalBase64":"/wA="}"#];
    assert_eq!(written(Originals::AsTheyCame).await, plain);
    assert_eq!(written(Originals::Omitted).await, ["}", "}"]);
    let sealed = [r#","originalEncrypted":"a1,\"x\""}"#, r#","originalEncrypted":null}"#];
    assert_eq!(written(Originals::Encrypted).await, sealed);
}
