//! Long because every way of running a graph stands beside the others.
//!
//! Tests only: rows written as text, and one function that runs a graph in many ways.
//!
//! A row is a line of values separated by spaces: `-` is null, a timestamp is in milliseconds and may have a fraction, a list is `[a,b]`,
//! a map is `{k:v,l:w}`. A line that starts with `~` is a deletion.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use arrow::array::{
    ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, ListBuilder, MapBuilder, MapFieldNames,
    RecordBatch, StringArray, StringBuilder, TimestampMicrosecondArray, UInt64Array,
};
use arrow::datatypes::{DataType as ArrowType, SchemaRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use async_trait::async_trait;
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use headwater_compiler::data_type::DataType;
use headwater_compiler::graph::{NodeId, OpId, ProductId};
use headwater_compiler::stream::{StreamKind, StreamType};

use super::bindings::{
    Arriving, Bindings, BoundError, DeadLetterRows, Original, Originals, POSITIONS, RunConfig, SinkRows,
    SinkWants, SourceRows, Sources, Wanted,
};
use super::build::Build;
use super::error::EngineError;
use super::outcome::{Gives, balance};
use super::report::{DeadLetter, RunReport};
use super::run::run;
use super::stage::stream;

/// Runs a graph in many ways and compares what each sink, in order, has taken, and the dead letters:
/// `code rule file:line` each. The order of rows means nothing.
pub(crate) fn check(build: &Build, expected: &[&str], letters: &[&str]) -> RunReport {
    check_as_of(build, None, expected, letters)
}

/// As [`check`], with event time stopped (in milliseconds).
pub(crate) fn check_as_of(
    build: &Build,
    as_of_ms: Option<i64>,
    expected: &[&str],
    letters: &[&str],
) -> RunReport {
    let mut last = None;
    for (batch_size, threads, seed) in [(8192, 1, 0), (1, 1, 1), (3, 2, 2), (2, 3, 3), (8192, 4, 4)] {
        let how = Way { as_of_ms, batch_size, threads, seed, ..Way::default() };
        last = Some(compare(build, &how, expected, letters));
    }
    last.expect("a graph is run at least once")
}

fn compare(build: &Build, how: &Way, expected: &[&str], letters: &[&str]) -> RunReport {
    let way = format!("batch size {}, {} threads, order {}", how.batch_size, how.threads, how.seed);
    let (report, rows, dead) =
        run_once(build, how).unwrap_or_else(|error| panic!("the run fails with {way}: {error}"));
    for (index, (rows, expected)) in rows.iter().zip(expected).enumerate() {
        let mut expected: Vec<String> =
            expected.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        expected.retain(|line| !line.is_empty());
        if !build.sinks[index].1.ordered {
            expected.sort();
        }
        assert_eq!(rows, &expected, "sink {index} with {way}");
    }
    assert_eq!(rows.len(), expected.len(), "every sink is compared");
    let mut letters: Vec<String> = letters.iter().map(|letter| (*letter).to_owned()).collect();
    letters.sort();
    assert_eq!(dead, letters, "dead letters with {way}");
    check_accounts(build, &report, &way);
    report
}

/// Runs a graph within little memory: it must give what it gives within plenty, and must have needed the disk to do so.
pub(crate) fn check_spilled(build: &Build, memory_limit_bytes: usize) {
    let way = |memory_limit_bytes, spill_limit_bytes| {
        let way =
            Way { batch_size: 256, threads: 2, memory_limit_bytes, spill_limit_bytes, ..Way::default() };
        run_once(build, &way)
    };
    let (_, plenty, plenty_dead) = way(1 << 30, 0).expect("the run needs no disk within plenty of memory");
    let error = way(memory_limit_bytes, 0).expect_err("the run must need the disk");
    let error = error.to_string();
    assert!(error.contains("disk space") || error.contains("Resources exhausted"), "{error}");
    let (report, little, little_dead) =
        way(memory_limit_bytes, 1 << 30).expect("the run succeeds with the disk");
    assert!(plenty == little, "rows differ within little memory");
    assert_eq!(plenty_dead, little_dead);
    check_accounts(build, &report, "little memory");
}

/// The error that a run ends with, the same in many ways.
pub(crate) fn check_error(build: &Build, expected: &str) {
    for (batch_size, threads, seed) in [(8192, 1, 0), (1, 3, 1)] {
        let way = Way { batch_size, threads, seed, ..Way::default() };
        let error = run_once(build, &way).expect_err("the run must fail");
        assert_eq!(error.to_string(), expected);
    }
}

/// Runs a graph with rows that arrive one step after the other, and compares as [`check`] does.
pub(crate) fn check_arriving(
    build: &Build,
    steps: &[(i64, OpId, &str)],
    expected: &[&str],
    letters: &[&str],
) {
    let steps: Vec<_> = steps.iter().map(|(at, op, rows)| (*at, *op, (*rows).to_owned())).collect();
    for (batch_size, threads) in [(8192, 1), (1, 1), (2, 3)] {
        let how = Way { arriving: Some(steps.clone()), batch_size, threads, ..Way::default() };
        compare(build, &how, expected, letters);
    }
}

fn check_accounts(build: &Build, report: &RunReport, way: &str) {
    let given = |operator: &super::report::OperatorReport| {
        let outcomes = &operator.outcomes;
        // What a written sink hands on to products that read it is what it has read.
        let handed = if outcomes.gives == Gives::None { outcomes.inputs[0].read } else { outcomes.given };
        (operator.op, handed)
    };
    let given: BTreeMap<OpId, u64> = report.operators.iter().map(given).collect();
    for operator in &report.operators {
        let outcomes = &operator.outcomes;
        if let Err(error) = balance(outcomes) {
            panic!("{} does not add up with {way}: {error}: {outcomes:?}", operator.operator);
        }
        let inputs = &build.graph.ops[operator.op.0 as usize].inputs;
        for (account, input) in outcomes.inputs.iter().zip(inputs) {
            assert_eq!(account.read, given[input], "{} reads all it is given, with {way}", operator.operator);
        }
    }
}

type Ran = (RunReport, Vec<Vec<String>>, Vec<String>);

/// One way to run a graph.
struct Way {
    as_of_ms: Option<i64>,
    /// Instants, sources and rows that arrive then; without it the rows of the sources are all there.
    arriving: Option<Vec<(i64, OpId, String)>>,
    batch_size: usize,
    threads: usize,
    /// Changes how rows are cut and in which order pieces come.
    seed: usize,
    memory_limit_bytes: usize,
    spill_limit_bytes: u64,
}

impl Default for Way {
    fn default() -> Self {
        Self {
            as_of_ms: None,
            arriving: None,
            batch_size: 8192,
            threads: 1,
            seed: 0,
            memory_limit_bytes: 64 << 20,
            spill_limit_bytes: 1 << 30,
        }
    }
}

fn run_once(build: &Build, way: &Way) -> Result<Ran, EngineError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build();
    let runtime = runtime.expect("a runtime can be started");
    let source = |(op, rows): &(OpId, Vec<String>)| {
        let stream = build.output(*op);
        (*op, Arc::new(TextRows { stream, rows: rows.clone(), seed: way.seed }) as Arc<dyn SourceRows>)
    };
    let sinks: Vec<(NodeId, Arc<Taken>)> = build
        .sinks
        .iter()
        .map(|(node, wants)| (*node, Arc::new(Taken { wants: *wants, rows: Mutex::default() })))
        .collect();
    let letters = Arc::new(TakenLetters::default());
    let sources = match &way.arriving {
        None => Sources::Whole(build.inputs.iter().map(source).collect()),
        Some(steps) => Sources::Arriving(arriving(build, steps)),
    };
    let bindings = Bindings {
        sources,
        sinks: sinks.iter().map(|(node, sink)| (*node, sink.clone() as Arc<dyn SinkRows>)).collect(),
        vault: Arc::default(),
        dead_letters: Some(letters.clone()),
    };
    let config = RunConfig {
        as_of_us: way.as_of_ms.map(|ms| ms * 1000),
        batch_size: way.batch_size,
        threads: way.threads,
        memory_limit_bytes: way.memory_limit_bytes,
        spill_limit_bytes: way.spill_limit_bytes,
        ..RunConfig::default()
    };
    let report = runtime.block_on(run(&build.graph, ProductId(0), bindings, &config))?;
    let taken = |(node, sink): &(NodeId, Arc<Taken>)| {
        let mut rows = sink.rows.lock().expect("no test panics while it writes").clone();
        assert_eq!(report.sinks[node], rows.len() as u64, "the report has the number of rows");
        if !sink.wants.ordered {
            rows.sort();
        }
        rows
    };
    let rows = sinks.iter().map(taken).collect();
    let mut letters = letters.0.lock().expect("no test panics while it writes").clone();
    letters.sort();
    Ok((report, rows, letters))
}

fn arriving(build: &Build, steps: &[(i64, OpId, String)]) -> Vec<Arriving> {
    let step = |(at_ms, op, rows): &(i64, OpId, String)| {
        let rows = rows.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        Arriving {
            at_ms: *at_ms,
            op: *op,
            rows: Arc::new(TextRows { stream: build.output(*op), rows, seed: 0 }),
        }
    };
    steps.iter().map(step).collect()
}

/// Rows written as text. How they are cut and in which order pieces come depends on a seed; the positions do not.
struct TextRows {
    stream: StreamType,
    rows: Vec<String>,
    seed: usize,
}

impl TextRows {
    fn batch(&self, rows: &[(usize, &str)], wanted: &Wanted) -> RecordBatch {
        let cells: Vec<Vec<&str>> = rows
            .iter()
            .map(|(_, row)| row.trim_start_matches('~').split_whitespace().collect::<Vec<_>>())
            .collect();
        let mut arrays: Vec<ArrayRef> = Vec::new();
        for &column in &wanted.columns {
            let values: Vec<Option<&str>> =
                cells.iter().map(|row| row.get(column).copied().filter(|v| *v != "-")).collect();
            arrays.push(array(&self.stream.columns[column].data_type, &values));
        }
        arrays
            .push(Arc::new(rows.iter().map(|(position, _)| Some(*position as u64)).collect::<UInt64Array>()));
        if self.stream.kind == StreamKind::Upsert {
            let deleted = rows.iter().map(|(_, row)| Some(row.starts_with('~')));
            arrays.push(Arc::new(deleted.collect::<BooleanArray>()));
        }
        RecordBatch::try_new(wanted.schema.clone(), arrays).expect("rows fit their columns")
    }
}

impl SourceRows for TextRows {
    fn partitions(&self, threads: usize) -> usize {
        threads
    }

    fn open(&self, partition: usize, wanted: &Wanted) -> Result<SendableRecordBatchStream, BoundError> {
        let rows: Vec<(usize, &str)> = self.rows.iter().map(String::as_str).enumerate().collect();
        let mut pieces: Vec<&[(usize, &str)]> = rows.chunks(wanted.batch_size.min(5)).collect();
        let turn = self.seed.min(pieces.len());
        pieces.rotate_left(turn);
        if self.seed % 2 == 1 {
            pieces.reverse();
        }
        let mine = pieces.iter().skip(partition).step_by(wanted.partitions);
        let batches: Vec<_> = mine
            .map(|piece| {
                wanted.count_read(piece.len() as u64);
                Ok(self.batch(piece, wanted))
            })
            .collect();
        Ok(stream(wanted.schema.clone(), futures::stream::iter(batches)))
    }

    fn originals(&self) -> Result<Box<dyn Originals>, BoundError> {
        Ok(Box::new(TextOriginals { rows: self.rows.clone(), next: 0 }))
    }
}

struct TextOriginals {
    rows: Vec<String>,
    next: u64,
}

impl Originals for TextOriginals {
    fn at(&mut self, positions: &[u64]) -> Result<Vec<Original>, BoundError> {
        let mut found = Vec::new();
        for &position in positions {
            assert!(position >= self.next && position < POSITIONS, "positions ascend");
            self.next = position + 1;
            found.push(Original {
                file: "rows".to_owned(),
                line: position + 1,
                record: position,
                bytes: self.rows[position as usize].clone().into_bytes(),
            });
        }
        Ok(found)
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "tests use a few types only")]
fn array(data_type: &DataType, values: &[Option<&str>]) -> ArrayRef {
    let parsed = |value: &Option<&str>| value.map(|value| value.parse::<f64>().expect("a number"));
    match data_type {
        DataType::String => Arc::new(values.iter().copied().collect::<StringArray>()),
        DataType::Bool => {
            Arc::new(values.iter().map(|value| value.map(|value| value == "true")).collect::<BooleanArray>())
        }
        DataType::Int64 => {
            let parsed = |value: &Option<&str>| value.map(|value| value.parse::<i64>().expect("an integer"));
            Arc::new(values.iter().map(parsed).collect::<Int64Array>())
        }
        DataType::Float64 => Arc::new(values.iter().map(parsed).collect::<Float64Array>()),
        DataType::Timestamp => {
            let us = values.iter().map(|value| parsed(value).map(|ms| (ms * 1000.0).round() as i64));
            Arc::new(us.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
        }
        DataType::List(_) => {
            let mut builder = ListBuilder::new(StringBuilder::new());
            for value in values {
                let inner = value.map(|value| value.trim_matches(['[', ']']));
                let items = inner.map(|inner| inner.split(',').filter(|item| !item.is_empty()).map(Some));
                builder.append_option(items);
            }
            Arc::new(builder.finish())
        }
        DataType::Map(_) => {
            let names = MapFieldNames {
                entry: "entries".to_owned(),
                key: "key".to_owned(),
                value: "value".to_owned(),
            };
            let mut builder = MapBuilder::new(Some(names), StringBuilder::new(), StringBuilder::new());
            for value in values {
                let inner = value.map(|value| value.trim_matches(['{', '}']));
                for pair in inner.unwrap_or_default().split(',').filter(|pair| !pair.is_empty()) {
                    let (key, value) = pair.split_once(':').expect("an entry is `key:value`");
                    builder.keys().append_value(key);
                    builder.values().append_value(value);
                }
                builder.append(value.is_some()).expect("keys and values are of equal number");
            }
            Arc::new(builder.finish())
        }
        other => panic!("no rows of type `{other}`"),
    }
}

/// A sink that keeps its rows as text.
struct Taken {
    wants: SinkWants,
    rows: Mutex<Vec<String>>,
}

#[async_trait]
impl SinkRows for Taken {
    fn wants(&self) -> SinkWants {
        self.wants
    }

    async fn write(
        &self,
        schema: SchemaRef,
        rows: Vec<SendableRecordBatchStream>,
    ) -> Result<u64, BoundError> {
        let mut taken = 0;
        let mut all = futures::stream::select_all(rows);
        while let Some(batch) = all.next().await {
            let batch = batch?;
            assert_eq!(batch.schema(), schema);
            taken += batch.num_rows() as u64;
            self.rows.lock().expect("no test panics while it writes").extend(lines(&batch, self.wants));
        }
        Ok(taken)
    }
}

#[derive(Default)]
struct TakenLetters(Mutex<Vec<String>>);

#[async_trait]
impl DeadLetterRows for TakenLetters {
    async fn write(&self, letters: Vec<DeadLetter>) -> Result<(), BoundError> {
        let line = |letter: DeadLetter| {
            let place = letter.place.map_or_else(|| "-".to_owned(), |place| place.to_string());
            let original = String::from_utf8_lossy(&letter.original).into_owned();
            format!("{} {} {} {place} {original}", letter.node, letter.code, letter.rule)
        };
        self.0.lock().expect("no test panics while it writes").extend(letters.into_iter().map(line));
        Ok(())
    }
}

fn lines(batch: &RecordBatch, wants: SinkWants) -> Vec<String> {
    let options = FormatOptions::default().with_null("-");
    let columns = if wants.deletions && batch.schema().column_with_name(super::DELETED).is_some() {
        batch.num_columns() - 1
    } else {
        batch.num_columns()
    };
    let cell = |column: usize, row: usize| {
        let array = batch.column(column);
        if matches!(array.data_type(), ArrowType::Timestamp(..)) && array.is_valid(row) {
            let us = array.as_primitive::<arrow::datatypes::TimestampMicrosecondType>().value(row);
            return (us as f64 / 1000.0).to_string();
        }
        let formatter = ArrayFormatter::try_new(array, &options).expect("every type has a form");
        formatter.value(row).to_string().replace(", ", ",")
    };
    let line = |row: usize| {
        let cells: Vec<String> = (0..columns).map(|column| cell(column, row)).collect();
        let deleted = columns < batch.num_columns() && batch.column(columns).as_boolean().value(row);
        format!("{}{}", if deleted { "~ " } else { "" }, cells.join(" "))
    };
    (0..batch.num_rows()).map(line).collect()
}
