//! Tests of records that arrive one after the other: lateness by the watermark that preceded them.

use headwater_compiler::graph::{JoinKind, JoinTime, Kept, OpId, Operator};

use super::build::Build;
use super::check::check_arriving;

const CLICKS: &str = "k:string, v:int64, t:timestamp";

fn keep_first(build: &mut Build, input: OpId, within_ms: u64) -> OpId {
    build.same(Operator::Deduplicate { by: vec![0], kept: Kept::FirstWithinMs(within_ms) }, input)
}

#[test]
fn a_deduplication_rejects_what_the_watermark_has_passed() {
    let mut build = Build::new();
    let raw = build.source(CLICKS, &[], "");
    build.delay(raw, 10, None);
    let kept = keep_first(&mut build, raw, 50);
    build.sink(kept);
    let steps =
        [(0, raw, "a 1 100\n a 2 95\n a 3 90\n a 4 91"), (1, raw, "a 5 200\n b 6 190\n b 7 191\n c 8 -")];
    // After 100 the watermark is 90: 95 and 91 may still come, 90 not. After 200 it is 190.
    check_arriving(
        &build,
        &steps,
        &["a 4 91\n a 5 200\n b 7 191"],
        &["n1 D030 late rows:3 a 3 90", "n1 D030 late rows:2 b 6 190", "n1 D031 event time rows:4 c 8 -"],
    );
}

#[test]
fn the_slowest_source_of_a_union_decides() {
    let mut build = Build::new();
    let first = build.source(CLICKS, &[], "");
    let second = build.source(CLICKS, &[], "");
    build.delay(first, 0, None);
    build.delay(second, 0, Some(1000));
    let output = build.output(first);
    let both = build.op(Operator::Union, &[first, second], output);
    let kept = keep_first(&mut build, both, 0);
    build.sink(kept);
    let steps = [
        (0, second, "x 1 10"),
        (0, first, "a 2 500"),
        (1, first, "a 3 20"),
        // Now the second source is idle.
        (1500, first, "a 4 30"),
    ];
    check_arriving(&build, &steps, &["x 1 10\n a 2 500\n a 3 20"], &["n3 D030 late rows:1 a 4 30"]);
    // A source that is not fed does not hold anything back.
    let steps = [(0, first, "a 2 500\n a 3 20")];
    check_arriving(&build, &steps, &["a 2 500"], &["n3 D030 late rows:2 a 3 20"]);
}

#[test]
fn who_comes_in_order_is_in_time_for_partners_that_lie_before() {
    let mut build = Build::new();
    let left = build.source("k:string, t:timestamp", &[], "");
    let right = build.source("k:string, t:timestamp", &[], "");
    let mut output = build.output(left);
    output.columns.extend(build.output(right).columns);
    let on = vec![(build.col(left, "k"), build.col(right, "k"))];
    let time = JoinTime::Interval { left: 1, right: 3, lower_ms: 5, upper_ms: 10 };
    let joined =
        build.op(Operator::Join { kind: JoinKind::Inner, on, condition: None, time }, &[left, right], output);
    build.sink(joined);
    let steps =
        [(0, left, "a 100"), (1, right, "a 101"), (2, left, "a 104"), (3, right, "a 107\n a 104\n a 109")];
    check_arriving(
        &build,
        &steps,
        &["a 100 a 107\n a 100 a 109\n a 104 a 109"],
        &["n2 D030 late rows:2 a 104"],
    );
}

#[test]
fn an_interval_closes_for_both_sides() {
    let mut build = Build::new();
    let left = build.source("k:string, t:timestamp", &[], "");
    let right = build.source("k:string, t:timestamp", &[], "");
    let mut output = build.output(left);
    output.columns.extend(build.output(right).columns);
    let on = vec![(build.col(left, "k"), build.col(right, "k"))];
    let time = JoinTime::Interval { left: 1, right: 3, lower_ms: -10, upper_ms: 5 };
    let operator = Operator::Join { kind: JoinKind::Left, on, condition: None, time };
    let joined = build.op(operator, &[left, right], output);
    build.sink(joined);
    let steps = [
        (0, left, "a 100"),
        (1, right, "a 100"),
        // Watermark 100: a left record at 95 could still have met one at 100, but its interval has ended with it.
        (2, left, "a 95\n a 96"),
        // A right record at 90 could only have met left ones up to 100; one at 91 up to 101.
        (3, right, "a 90\n a 91"),
    ];
    check_arriving(
        &build,
        &steps,
        &["a 100 a 100\n a 100 a 91\n a 96 a 100\n a 96 a 91"],
        &["n2 D030 late rows:1 a 95", "n2 D030 late rows:1 a 90"],
    );
}
