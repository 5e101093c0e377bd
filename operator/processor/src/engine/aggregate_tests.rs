//! Tests of groups, windows, and columns computed from earlier records.

use headwater_compiler::data_type::DataType;
use headwater_compiler::expr::Expr;
use headwater_compiler::function::resolve;
use headwater_compiler::graph::{Frame, Keep, Measure, OpId, Operator, Window, WindowShape};
use headwater_compiler::stream::{Column, EventTime, StreamKind};

use super::build::{Build, call, int};
use super::check::{check, check_arriving, check_as_of};

const CLICKS: &str = "k:string, v:int64, t:timestamp";

pub(super) fn measure(name: &str, args: &[Expr]) -> Measure {
    let resolved = resolve(name, args).expect("the measure is sound");
    Measure {
        name: name.to_owned(),
        function: resolved.id,
        args: resolved.args,
        distinct: false,
        filter: None,
    }
}

/// The columns that calls give, as the compiler would type them.
fn given(calls: &[Measure]) -> impl Iterator<Item = Column> + '_ {
    calls.iter().map(|call| {
        let name = headwater_compiler::function::get(call.function).name;
        let resolved = resolve(name, &call.args).expect("the measure is sound");
        Column { name: call.name.clone(), data_type: resolved.data_type, nullable: true }
    })
}

/// Groups by `by`, in windows of a shape over `t` where one is given.
pub(super) fn group(
    build: &mut Build,
    input: OpId,
    shape: Option<WindowShape>,
    by: &[&str],
    measures: Vec<Measure>,
) -> OpId {
    let before = build.output(input);
    let by: Vec<usize> = by.iter().map(|name| build.index(input, name)).collect();
    let time = build.index(input, "t");
    let mut output = before.clone();
    output.columns.clear();
    if shape.is_some() {
        for name in ["window_start", "window_end", "window_time"] {
            output.columns.push(Column {
                name: name.to_owned(),
                data_type: DataType::Timestamp,
                nullable: false,
            });
        }
    }
    let first = output.columns.len();
    output.columns.extend(by.iter().map(|index| before.columns[*index].clone()));
    output.columns.extend(given(&measures));
    output.key = (first..first + by.len()).collect();
    if shape.is_some() {
        output.kind = StreamKind::Append;
        output.event_time = before.event_time.clone().map(|time| EventTime { column: 2, ..time });
    } else {
        output.kind = StreamKind::Upsert;
        output.event_time = None;
    }
    let window = shape.map(|shape| Window { time, shape });
    let operator = Operator::Aggregate { window, by, measures, keep: Some(Keep::Forever) };
    build.op(operator, &[input], output)
}

pub(super) fn sums(build: &Build, input: OpId) -> Vec<Measure> {
    vec![measure("count", &[]), measure("sum", &[build.col(input, "v")])]
}

#[test]
fn groups_without_windows() {
    let mut build = Build::new();
    let raw = build.source(CLICKS, &[], "a 1 10\n b - 20\n a 3 30\n - 4 40\n - 5 -");
    let mut measures = sums(&build, raw);
    let mut large = measure("count", &[build.col(raw, "v")]);
    large.filter = Some(call(">", &[build.col(raw, "v"), int(1)]));
    measures.push(large);
    let groups = group(&mut build, raw, None, &["k"], measures);
    build.sink(groups);
    let narrow =
        build.project(groups, vec![("k", build.col(groups, "k")), ("sum", build.col(groups, "sum"))]);
    build.sink(narrow);
    check(&build, &["a 2 4 1\n b 1 - 0\n - 2 9 2", "a 4\n b -\n - 9"], &[]);
}

#[test]
fn groups_of_an_upsert_stream_are_those_of_its_table() {
    let mut build = Build::new();
    let raw = build.source(CLICKS, &["v"], "a 1 10\n b 2 20\n b 1 30\n ~ - 2 -\n a 5 1");
    let measures = sums(&build, raw);
    let groups = group(&mut build, raw, None, &["k"], measures);
    build.sink(groups);
    check(&build, &["b 1 1\n a 1 5"], &[]);
}

#[test]
fn equal_arguments_may_count_once() {
    let mut build = Build::new();
    let raw = build.source(CLICKS, &[], "a 1 10\n a 1 20\n a 2 30\n b - 30");
    let mut distinct = measure("count", &[build.col(raw, "v")]);
    distinct.distinct = true;
    let groups = group(&mut build, raw, None, &["k"], vec![distinct]);
    build.sink(groups);
    check(&build, &["a 2\n b 0"], &[]);
}

#[test]
fn a_group_may_stand_in_the_input_where_a_measure_stands_in_the_output() {
    let mut build = Build::new();
    let raw = build.source(CLICKS, &[], "a 1 10\n b 1 20\n a 7 30");
    let groups = group(&mut build, raw, None, &["v"], vec![measure("count", &[])]);
    build.sink(groups);
    check(&build, &["1 2\n 7 1"], &[]);
}

const EVENTS: &str = "a 1 0\n a 2 9.999\n a 3 10\n b 4 -1\n a 5 25\n c 6 -";

#[test]
fn tumbling_windows() {
    let mut build = Build::new();
    let raw = build.source(CLICKS, &[], EVENTS);
    let measures = sums(&build, raw);
    let shape = WindowShape::Tumble { size_ms: 10, offset_ms: 0 };
    let windows = group(&mut build, raw, Some(shape), &["k"], measures);
    build.sink(windows);
    let letters = ["n1 D031 event time rows:6 c 6 -"];
    let early = "-10 0 -1 b 1 4\n 0 10 9 a 2 3";
    check(&build, &[&format!("{early}\n 10 20 19 a 1 3\n 20 30 29 a 1 5")], &letters);
    // When event time stops at 18, the window up to 20 is still open; at 19 nothing more can come into it.
    check_as_of(&build, Some(18), &[early], &letters);
    let report = check_as_of(&build, Some(19), &[&format!("{early}\n 10 20 19 a 1 3")], &letters);
    assert_eq!(report.operators[0].outcomes.inputs[0].outcomes[&super::Outcome::Waiting], 1);
}

#[test]
fn windows_over_all_records() {
    let mut build = Build::new();
    let raw = build.source(CLICKS, &[], EVENTS);
    let measures = sums(&build, raw);
    let shape = WindowShape::Tumble { size_ms: 20, offset_ms: 5 };
    let windows = group(&mut build, raw, Some(shape), &[], measures);
    let names = ["window_start", "count", "sum"];
    let some = build.project(windows, names.iter().map(|name| (*name, build.col(windows, name))).collect());
    build.sink(some);
    check(&build, &["-15 2 5\n 5 2 5\n 25 1 5"], &["n1 D031 event time rows:6 c 6 -"]);
}

#[test]
fn hopping_windows() {
    let mut build = Build::new();
    let raw = build.source(CLICKS, &[], "a 1 0\n a 2 10\n a 3 25");
    let measures = sums(&build, raw);
    let shape = WindowShape::Hop { size_ms: 20, slide_ms: 10 };
    let windows = group(&mut build, raw, Some(shape), &["k"], measures);
    build.sink(windows);
    let early = "-10 10 9 a 1 1\n 0 20 19 a 2 3";
    check(&build, &[&format!("{early}\n 10 30 29 a 2 5\n 20 40 39 a 1 3")], &[]);
    check_as_of(&build, Some(28), &[early], &[]);
}

#[test]
fn growing_windows() {
    let mut build = Build::new();
    let raw = build.source(CLICKS, &[], "a 1 0\n a 2 10\n a 3 25\n a 4 30");
    let measures = sums(&build, raw);
    let shape = WindowShape::Cumulate { size_ms: 30, step_ms: 10 };
    let windows = group(&mut build, raw, Some(shape), &["k"], measures);
    build.sink(windows);
    let expected =
        "0 10 9 a 1 1\n 0 20 19 a 2 3\n 0 30 29 a 3 6\n 30 40 39 a 1 4\n 30 50 49 a 1 4\n 30 60 59 a 1 4";
    check(&build, &[expected], &[]);
}

#[test]
fn session_windows() {
    let mut build = Build::new();
    let raw = build.source(CLICKS, &[], "a 1 0\n a 2 10\n a 3 21\n b 4 5\n a 5 8\n b 6 100");
    let measures = sums(&build, raw);
    let shape = WindowShape::Session { gap_ms: 10 };
    let windows = group(&mut build, raw, Some(shape), &["k"], measures);
    build.sink(windows);
    let early = "0 20 19 a 3 8\n 5 15 14 b 1 4";
    check(&build, &[&format!("{early}\n 21 31 30 a 1 3\n 100 110 109 b 1 6")], &[]);
    let report = check_as_of(&build, Some(29), &[early], &[]);
    let outcomes = &report.operators[1].outcomes.inputs[0].outcomes;
    assert_eq!((outcomes[&super::Outcome::Folded], outcomes[&super::Outcome::Waiting]), (4, 1));
}

#[test]
fn windows_of_windows() {
    let mut build = Build::new();
    let raw = build.source(CLICKS, &[], "a 1 0\n b 2 3\n a 3 12\n b 4 25");
    let measures = sums(&build, raw);
    let shape = WindowShape::Tumble { size_ms: 10, offset_ms: 0 };
    let small = group(&mut build, raw, Some(shape), &["k"], measures);
    let names = [("k", "k"), ("v", "sum"), ("t", "window_time")];
    let again = build.project(small, names.iter().map(|(name, of)| (*name, build.col(small, of))).collect());
    let measures = sums(&build, again);
    let shape = WindowShape::Tumble { size_ms: 20, offset_ms: 0 };
    let large = group(&mut build, again, Some(shape), &[], measures);
    build.sink(large);
    check(&build, &["0 20 19 3 6\n 20 40 39 1 4"], &[]);
    check_as_of(&build, Some(19), &["0 20 19 3 6"], &[]);
}

pub(super) fn looking_back(build: &mut Build, input: OpId, frame: Frame, calls: Vec<Measure>) -> OpId {
    let mut output = build.output(input);
    output.columns.extend(given(&calls));
    let (partition, order) = (vec![build.index(input, "k")], build.index(input, "t"));
    build.op(Operator::Over { partition, order, frame, calls }, &[input], output)
}

#[test]
fn records_before_the_current_one() {
    let mut build = Build::new();
    // Two records of `a` are at 20 ms, told apart by microseconds only.
    let raw = build.source(CLICKS, &[], "a 4 30\n a 2 20.5\n a 3 20.1\n a 1 10\n b 5 10\n c 6 -");
    let sum = || measure("sum", &[build.col(raw, "v")]);
    let lag = measure("lag", &[build.col(raw, "v")]);
    let calls = [
        (Frame::Unbounded(Keep::Forever), vec![sum(), measure("count", &[])]),
        (Frame::RangeMs(10), vec![sum()]),
        (Frame::Rows(1), vec![sum(), lag]),
        (Frame::Unbounded(Keep::Forever), vec![measure("row_number", &[]), measure("rank", &[])]),
    ];
    for (frame, calls) in calls {
        let over = looking_back(&mut build, raw, frame, calls);
        build.sink(over);
    }
    let letter = |node: u32| format!("n{node} D031 event time rows:6 c 6 -");
    let letters: Vec<String> = [1, 3, 5, 7].map(letter).into();
    check(
        &build,
        &[
            "a 1 10 1 1\n a 2 20.5 6 3\n a 3 20.1 6 3\n a 4 30 10 4\n b 5 10 5 1",
            "a 1 10 1\n a 2 20.5 6\n a 3 20.1 6\n a 4 30 9\n b 5 10 5",
            "a 1 10 1 -\n a 2 20.5 3 1\n a 3 20.1 5 2\n a 4 30 7 3\n b 5 10 5 -",
            "a 1 10 1 1\n a 2 20.5 2 2\n a 3 20.1 3 2\n a 4 30 4 4\n b 5 10 1 1",
        ],
        &letters.iter().map(String::as_str).collect::<Vec<_>>(),
    );
}

#[test]
fn windows_reject_what_comes_when_they_are_closed() {
    let mut build = Build::new();
    let raw = build.source(CLICKS, &[], "");
    build.delay(raw, 5, None);
    let shapes = [
        WindowShape::Tumble { size_ms: 10, offset_ms: 0 },
        WindowShape::Hop { size_ms: 20, slide_ms: 10 },
        WindowShape::Session { gap_ms: 10 },
    ];
    for shape in shapes {
        let measures = sums(&build, raw);
        let windows = group(&mut build, raw, Some(shape), &["k"], measures);
        build.sink(windows);
    }
    // Watermarks before the records: none, -4, 9, 9, 9, 19.
    let steps = [(0, raw, "a 1 1\n a 2 14\n a 3 9\n a 4 10\n a 5 24\n a 6 8")];
    check_arriving(
        &build,
        &steps,
        &[
            // 9 is closed for `a 3`, whose window ends at 10; `a 6` came later still.
            "0 10 9 a 1 1\n 10 20 19 a 2 6\n 20 30 29 a 1 5",
            // `a 3` is late for the window up to 10, not for the one up to 20; `a 6` for both.
            "-10 10 9 a 1 1\n 0 20 19 a 4 10\n 10 30 29 a 3 11\n 20 40 39 a 1 5",
            // No watermark closed the session before it went on, so it is still open for `a 3` and `a 6`.
            "1 34 33 a 6 21",
        ],
        &["n1 D030 late rows:3 a 3 9", "n1 D030 late rows:6 a 6 8", "n3 D030 late rows:6 a 6 8"],
    );
}
