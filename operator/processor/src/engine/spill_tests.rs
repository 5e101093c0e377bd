//! Tests of state that is larger than memory: what is given does not depend on it.

use std::fmt::Write as _;

use headwater_compiler::expr::Expr;
use headwater_compiler::graph::{
    Frame, JoinKind, JoinTime, Keep, Kept, OnViolation, Operator, OrderBy, Rule, WindowShape,
};
use headwater_compiler::stream::StreamKind;

use super::aggregate_tests::{group, looking_back, measure, sums};
use super::bindings::SinkWants;
use super::build::{Build, call, int};
use super::check::check_spilled;

const MEMORY: usize = 600 << 10;

/// So many rows of key, number and time; keys and times repeat.
fn rows(count: usize, keys: usize) -> String {
    let mut text = String::new();
    for row in 0..count {
        let key = row * 7919 % keys;
        writeln!(text, "some-rather-long-key-{key} {row} {}", row * 31 % 5000)
            .expect("text takes all that is written");
    }
    text
}

#[test]
fn sorted_records_spill() {
    let mut build = Build::new();
    let raw = build.source("k:string, v:int64, t:timestamp", &["k"], &rows(12_000, 3000));
    build.sink_that(raw, SinkWants { deletions: false, ordered: true });
    check_spilled(&build, MEMORY);
}

#[test]
fn joined_sides_spill() {
    let mut build = Build::new();
    let left = build.source("k:string, v:int64, t:timestamp", &[], &rows(6_000, 1500));
    let right = build.source("k:string, v:int64, t:timestamp", &[], &rows(9_000, 4000));
    for kind in [JoinKind::Inner, JoinKind::Full] {
        let mut output = build.output(left);
        output.columns.extend(build.output(right).columns);
        let on = vec![(build.col(left, "k"), build.col(right, "k"))];
        let condition =
            call("<", &[build.col(left, "v"), Expr::column(4, build.col(left, "v").data_type, true)]);
        let time = JoinTime::Kept { left: Keep::Forever, right: Keep::Forever };
        let operator = Operator::Join { kind, on, condition: Some(condition), time };
        let joined = build.op(operator, &[left, right], output);
        build.sink(joined);
    }
    check_spilled(&build, MEMORY);
}

#[test]
fn versions_of_a_temporal_join_spill() {
    let mut build = Build::new();
    let left = build.source("k:string, v:int64, t:timestamp", &[], &rows(6_000, 1500));
    let right = build.source("k:string, v:int64, t:timestamp", &["k"], &rows(9_000, 1700));
    let mut output = build.output(left);
    output.columns.extend(build.output(right).columns);
    let on = vec![(build.col(left, "k"), build.col(right, "k"))];
    let time = JoinTime::AsOf { left: 2 };
    let joined =
        build.op(Operator::Join { kind: JoinKind::Left, on, condition: None, time }, &[left, right], output);
    build.sink(joined);
    check_spilled(&build, MEMORY);
}

#[test]
fn one_key_that_does_not_fit_is_still_joined() {
    let mut build = Build::new();
    let left = build.source("k:string, v:int64, t:timestamp", &[], &rows(20, 1));
    let right = build.source("k:string, v:int64, t:timestamp", &[], &rows(9_000, 1));
    let mut output = build.output(left);
    output.columns.extend(build.output(right).columns);
    let on = vec![(build.col(left, "k"), build.col(right, "k"))];
    let time = JoinTime::Interval { left: 2, right: 5, lower_ms: 0, upper_ms: 1 };
    let joined =
        build.op(Operator::Join { kind: JoinKind::Inner, on, condition: None, time }, &[left, right], output);
    build.sink(joined);
    check_spilled(&build, MEMORY);
}

#[test]
fn what_the_slowest_reader_has_not_read_spills() {
    let mut build = Build::new();
    let raw = build.source("k:string, v:int64, t:timestamp", &[], &rows(12_000, 3000));
    // The join reads one side of the shared rows to its end before it asks for the other.
    let predicate = call("<", &[build.col(raw, "v"), int(10)]);
    let few = build.same(Operator::Filter { predicate }, raw);
    let mut output = build.output(raw);
    output.columns.extend(build.output(few).columns);
    let on = vec![(build.col(raw, "k"), build.col(few, "k"))];
    let time = JoinTime::Kept { left: Keep::Forever, right: Keep::Forever };
    let joined =
        build.op(Operator::Join { kind: JoinKind::Inner, on, condition: None, time }, &[raw, few], output);
    build.sink(joined);
    check_spilled(&build, 100 << 10);
}

#[test]
fn dead_letters_spill() {
    let mut build = Build::new();
    let raw = build.source("k:string, v:int64, t:timestamp", &[], &much());
    let rules = vec![Rule {
        name: "small".to_owned(),
        code: "D010".to_owned(),
        field: Some("v".to_owned()),
        predicate: call("<", &[build.col(raw, "v"), int(10)]),
        on_violation: OnViolation::DeadLetter,
    }];
    let good = build.same(Operator::Validate { rules }, raw);
    build.sink(good);
    check_spilled(&build, 300 << 10);
}

#[test]
fn deduplication_spills() {
    let mut build = Build::new();
    let raw = build.source("k:string, v:int64, t:timestamp", &[], &rows(12_000, 3000));
    let kept = build.same(Operator::Deduplicate { by: vec![0], kept: Kept::FirstWithinMs(100) }, raw);
    build.sink(kept);
    check_spilled(&build, MEMORY);
}

/// Many times as much as fits.
fn much() -> String {
    rows(40_000, 30_000)
}

#[test]
fn groups_spill() {
    for shape in [None, Some(WindowShape::Tumble { size_ms: 1000, offset_ms: 0 })] {
        let mut build = Build::new();
        let raw = build.source("k:string, v:int64, t:timestamp", &[], &much());
        let mut measures = sums(&build, raw);
        measures.push(measure("max", &[build.col(raw, "v")]));
        let groups = group(&mut build, raw, shape, &["k"], measures);
        build.sink(groups);
        check_spilled(&build, 1 << 20);
    }
}

#[test]
fn the_first_of_each_group_spill() {
    let mut build = Build::new();
    let raw = build.source("k:string, v:int64, t:timestamp", &[], &much());
    let order = vec![OrderBy { expr: build.col(raw, "v"), descending: true, nulls_first: false }];
    let mut output = build.output(raw);
    (output.kind, output.key) = (StreamKind::Upsert, vec![0]);
    let operator = Operator::TopN { by: vec![0], order, limit: 1, keep: Some(Keep::Forever), rank: false };
    let top = build.op(operator, &[raw], output);
    build.sink(top);
    check_spilled(&build, MEMORY);
}

#[test]
fn records_before_each_record_spill() {
    let mut build = Build::new();
    let raw = build.source("k:string, v:int64, t:timestamp", &[], &much());
    let calls = sums(&build, raw);
    let over = looking_back(&mut build, raw, Frame::RangeMs(100), calls);
    build.sink(over);
    check_spilled(&build, MEMORY);
}

#[test]
fn the_last_row_of_each_key_spills() {
    let mut build = Build::new();
    let raw = build.source("k:string, v:int64, t:timestamp", &[], &much());
    let mut output = build.output(raw);
    (output.kind, output.key) = (StreamKind::Upsert, vec![0]);
    let kept = Operator::Deduplicate { by: vec![0], kept: Kept::Last(Keep::Forever) };
    let last = build.op(kept, &[raw], output);
    build.sink_that(last, SinkWants { deletions: true, ordered: false });
    let table = build.source("k:string, v:int64, t:timestamp", &["k"], &much());
    build.sink_that(table, SinkWants { deletions: true, ordered: false });
    check_spilled(&build, MEMORY);
}
