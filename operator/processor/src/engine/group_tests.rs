//! Tests of operators that compare records: deduplicate, top-N, changelog, unnest; and of rows read twice.

use headwater_compiler::data_type::DataType;
use headwater_compiler::graph::{Keep, Kept, OpId, Operator, OrderBy};
use headwater_compiler::stream::{Column, StreamKind};

use super::bindings::SinkWants;
use super::build::{Build, call, int};
use super::check::check;

const CLICKS: &str = "k:string, v:int64, t:timestamp";

fn keep_last(build: &mut Build, input: OpId) -> OpId {
    let by = vec![build.index(input, "k")];
    let mut output = build.output(input);
    output.kind = StreamKind::Upsert;
    output.key.clone_from(&by);
    build.op(Operator::Deduplicate { by, kept: Kept::Last(Keep::Forever) }, &[input], output)
}

fn keep_first(build: &mut Build, input: OpId, within_ms: u64) -> OpId {
    let by = vec![build.index(input, "k")];
    build.same(Operator::Deduplicate { by, kept: Kept::FirstWithinMs(within_ms) }, input)
}

#[test]
fn the_first_within_a_time_is_kept() {
    let mut build = Build::new();
    let rows =
        "a 1 0\n a 2 100\n a 3 200.999\n a 4 301\n b 5 100.5\n b 6 100\n b 7 100.2\n - 8 0\n - 9 1\n c 10 -";
    let raw = build.source(CLICKS, &[], rows);
    let kept = keep_first(&mut build, raw, 100);
    build.sink(kept);
    // `a 4` is 101 ms behind `a 3`, which itself was dropped: any earlier record counts, kept or not.
    // All of `b` are at 100 ms, so the one that arrived first is kept.
    let report =
        check(&build, &["a 1 0\n a 4 301\n b 5 100.5\n - 8 0"], &["n1 D031 event time rows:10 c 10 -"]);
    let outcomes = &report.operators[1].outcomes.inputs[0];
    assert_eq!(outcomes.read, 10);
}

#[test]
fn the_last_by_event_time_is_kept() {
    let mut build = Build::new();
    let raw = build.source(CLICKS, &[], "a 1 30\n a 2 10\n b 3 10.2\n b 4 10.9\n b 5 10.1\n c 6 1");
    let kept = keep_last(&mut build, raw);
    build.sink(kept);
    check(&build, &["a 1 30\n b 5 10.1\n c 6 1"], &[]);
}

#[test]
fn the_last_is_still_the_last_when_its_time_is_dropped() {
    let mut build = Build::new();
    let raw = build.source(CLICKS, &[], "a 1 30\n a 2 10\n b 3 10\n b 4 20");
    let kept = keep_last(&mut build, raw);
    let narrow = build.project(kept, vec![("k", build.col(kept, "k")), ("v", build.col(kept, "v"))]);
    build.sink(narrow);
    check(&build, &["a 1\n b 4"], &[]);
}

#[test]
fn a_deduplicated_table_may_be_deduplicated_again() {
    let mut build = Build::new();
    // Keyed by `v` first; `a 1` is replaced, so `a`'s last is `a 2`.
    let raw = build.source(CLICKS, &["v"], "a 1 30\n a 2 10\n b 1 40\n c 3 5\n ~ - 3 -\n d 4 1");
    let kept = keep_last(&mut build, raw);
    build.sink(kept);
    check(&build, &["a 2 10\n b 1 40\n d 4 1"], &[]);
}

#[test]
fn top_n_ranks_within_groups() {
    let mut build = Build::new();
    let raw = build.source(CLICKS, &[], "a 5 1\n a 7 2\n a 7 3\n a 1 4\n b 2 5\n a - 6\n b - 7");
    let order = vec![OrderBy { expr: build.col(raw, "v"), descending: true, nulls_first: false }];
    let mut output = build.output(raw);
    output.kind = StreamKind::Upsert;
    output.columns.push(Column { name: "rank".to_owned(), data_type: DataType::Int64, nullable: false });
    output.key = vec![0, 3];
    let operator = Operator::TopN { by: vec![0], order, limit: 2, keep: Some(Keep::Forever), rank: true };
    let top = build.op(operator, &[raw], output);
    build.sink(top);
    let first = build.project(top, vec![("k", build.col(top, "k")), ("rank", build.col(top, "rank"))]);
    build.sink(first);
    check(&build, &["a 7 2 1\n a 7 3 2\n b 2 5 1\n b - 7 2", "a 1\n a 2\n b 1\n b 2"], &[]);
}

#[test]
fn top_1_of_a_changing_table() {
    let mut build = Build::new();
    // The greatest `v` of each `k`, rows replaced by `t`.
    let raw = build.source(CLICKS, &["t"], "a 5 1\n a 9 2\n a 1 2\n b 3 3\n b 4 4\n ~ - - 4");
    let order = vec![OrderBy { expr: build.col(raw, "v"), descending: true, nulls_first: false }];
    let mut output = build.output(raw);
    output.key = vec![0];
    let operator = Operator::TopN { by: vec![0], order, limit: 1, keep: Some(Keep::Forever), rank: false };
    let top = build.op(operator, &[raw], output);
    build.sink(top);
    check(&build, &["a 5 1\n b 3 3"], &[]);
}

fn changelog(build: &mut Build, input: OpId) -> OpId {
    let mut output = build.output(input);
    output.kind = StreamKind::Append;
    output.key.clear();
    for (name, data_type) in [("_op", DataType::String), ("_changed_at", DataType::Timestamp)] {
        output.columns.push(Column { name: name.to_owned(), data_type, nullable: false });
    }
    build.op(Operator::Changelog, &[input], output)
}

#[test]
fn changes_tell_inserts_updates_and_deletes() {
    let mut build = Build::new();
    let raw = build.source(CLICKS, &["k"], "a 1 10\n b 2 20\n a 3 30\n ~a - 40\n ~c - 50\n a 4 60\n ~b - -");
    let changes = changelog(&mut build, raw);
    build.sink(changes);
    check(
        &build,
        &[
            "a 1 10 insert 10\n a 3 30 update 30\n a 3 30 delete 40\n a 4 60 insert 60\n b 2 20 insert 20\n b 2 20 delete 20",
        ],
        &[],
    );
}

#[test]
fn changes_of_a_filtered_deduplication_have_its_history() {
    let mut build = Build::new();
    let raw = build.source(CLICKS, &[], "a 1 10\n a 50 30\n a 2 20\n b 3 10");
    let kept = keep_last(&mut build, raw);
    let predicate = call("<", &[build.col(kept, "v"), int(10)]);
    let small = build.same(Operator::Filter { predicate }, kept);
    let changes = changelog(&mut build, small);
    build.sink(changes);
    build.sink(small);
    let expected = "a 1 10 insert 10\n a 2 20 update 20\n a 2 20 delete 30\n b 3 10 insert 10";
    check(&build, &[expected, "b 3 10"], &[]);
}

fn unnested(build: &mut Build, input: OpId, keep_empty: bool, ordinality: bool, names: &[&str]) -> OpId {
    let mut output = build.output(input);
    for name in names {
        output.columns.push(Column { name: (*name).to_owned(), data_type: DataType::String, nullable: true });
    }
    if ordinality {
        output.columns.push(Column { name: "n".to_owned(), data_type: DataType::Int64, nullable: true });
    }
    let column = build.index(input, "l");
    build.op(Operator::Unnest { column, keep_empty, ordinality }, &[input], output)
}

#[test]
fn unnest_gives_a_record_for_each_element() {
    let rows = "a [x,y,z]\n b []\n c -\n d [w]";
    let mut build = Build::new();
    let raw = build.source("k:string, l:list<string>", &[], rows);
    let each = unnested(&mut build, raw, false, true, &["e"]);
    let some = build.project(
        each,
        vec![("k", build.col(each, "k")), ("e", build.col(each, "e")), ("n", build.col(each, "n"))],
    );
    build.sink(some);
    let all = unnested(&mut build, raw, true, false, &["e"]);
    build.sink(all);
    let expected = "a [x,y,z] x\n a [x,y,z] y\n a [x,y,z] z\n b [] -\n c - -\n d [w] w";
    check(&build, &["a x 1\n a y 2\n a z 3\n d w 1", expected], &[]);
}

#[test]
fn unnest_gives_a_record_for_each_entry() {
    let mut build = Build::new();
    let raw = build.source("k:string, l:map<string>", &[], "a {x:1,y:2}\n b {}\n c -");
    let each = unnested(&mut build, raw, true, true, &["key", "value"]);
    let names = ["k", "key", "value", "n"];
    let some = build.project(each, names.iter().map(|name| (*name, build.col(each, name))).collect());
    build.sink(some);
    check(&build, &["a x 1 1\n a y 2 2\n b - - -\n c - - -"], &[]);
}

#[test]
fn rows_read_several_times_are_computed_once() {
    let mut build = Build::new();
    let rows: Vec<String> = (0..500).map(|row| format!("k{} {row} {row}", row % 7)).collect();
    let raw = build.source(CLICKS, &[], &rows.join("\n"));
    let predicate = call(">", &[build.col(raw, "v"), int(489)]);
    let some = build.same(Operator::Filter { predicate }, raw);
    build.sink(some);
    build.sink_that(some, SinkWants { deletions: false, ordered: true });
    let first = keep_first(&mut build, some, 1_000_000);
    build.sink(first);
    let last = rows[490..].join("\n");
    let report = check(&build, &[&last, &last, &rows[490..497].join("\n")], &[]);
    assert_eq!(report.operators[0].outcomes.given, 500);
    assert_eq!(report.operators[1].outcomes.given, 10);
}
