//! Tests of floats wherever values are compared: NaN equals NaN and is greater than every number, the two zeros are one.

use headwater_compiler::data_type::DataType;
use headwater_compiler::graph::{Frame, JoinKind, JoinTime, Keep, Kept, Operator, OrderBy, WindowShape};
use headwater_compiler::stream::{Column, StreamKind};

use super::aggregate_tests::{group, looking_back, measure};
use super::build::Build;
use super::check::check;

const READINGS: &str = "k:string, x:float64, t:timestamp";

#[test]
fn groups_are_of_equal_values() {
    let mut build = Build::new();
    let raw = build.source(
        "x:float64, v:int64, t:timestamp",
        &[],
        "NaN 1 1\n -0 2 2\n 0 3 3\n NaN 4 4\n 1 5 5\n - 6 6",
    );
    let total = measure("sum", &[build.col(raw, "v")]);
    let groups = group(&mut build, raw, None, &["x"], vec![total]);
    build.sink(groups);
    check(&build, &["NaN 5\n 0.0 5\n 1.0 5\n - 6"], &[]);
}

#[test]
fn nan_is_the_greatest_of_a_group() {
    let mut build = Build::new();
    let rows = "a NaN 1\n a 2 2\n b NaN 3\n a - 4\n c -0 5\n c 0 6\n d Infinity 7\n d NaN 8\n e - 9";
    let raw = build.source(READINGS, &[], rows);
    let shapes = [
        None,
        Some(WindowShape::Tumble { size_ms: 10, offset_ms: 0 }),
        Some(WindowShape::Hop { size_ms: 20, slide_ms: 20 }),
        Some(WindowShape::Session { gap_ms: 10 }),
    ];
    for shape in shapes {
        let x = build.col(raw, "x");
        let mut values = measure("count", std::slice::from_ref(&x));
        values.distinct = true;
        let of = |name: &str| measure(name, std::slice::from_ref(&x));
        let measures = vec![of("min"), of("max"), of("median"), values];
        let groups = group(&mut build, raw, shape, &["k"], measures);
        let names = ["k", "min", "max", "median", "count"];
        let some = build.project(groups, names.iter().map(|name| (*name, build.col(groups, name))).collect());
        build.sink(some);
    }
    let each = "a 2.0 NaN NaN 2\n b NaN NaN NaN 1\n c 0.0 0.0 0.0 1\n d inf NaN NaN 2\n e - - - 0";
    check(&build, &[each; 4], &[]);
}

#[test]
fn nan_is_the_greatest_of_the_records_before() {
    let mut build = Build::new();
    let raw = build.source(READINGS, &[], "a 1 1\n a NaN 2\n a 3 3\n a -0 4\n a 0 5");
    for frame in [Frame::Unbounded(Keep::Forever), Frame::Rows(1)] {
        let x = build.col(raw, "x");
        let calls = vec![measure("min", std::slice::from_ref(&x)), measure("max", &[x])];
        let over = looking_back(&mut build, raw, frame, calls);
        build.sink(over);
    }
    let all = "a 1.0 1 1.0 1.0\n a NaN 2 1.0 NaN\n a 3.0 3 1.0 NaN\n a -0.0 4 0.0 NaN\n a 0.0 5 0.0 NaN";
    let two = "a 1.0 1 1.0 1.0\n a NaN 2 1.0 NaN\n a 3.0 3 3.0 NaN\n a -0.0 4 0.0 3.0\n a 0.0 5 0.0 0.0";
    check(&build, &[all, two], &[]);
}

#[test]
fn nan_sorts_last() {
    let mut build = Build::new();
    let raw = build.source(READINGS, &[], "a NaN 1\n a 0 2\n a -0 3\n a Infinity 4\n a -1 5\n a NaN 6");
    for descending in [false, true] {
        let order = vec![OrderBy { expr: build.col(raw, "x"), descending, nulls_first: false }];
        let mut output = build.output(raw);
        output.kind = StreamKind::Upsert;
        output.columns.push(Column { name: "rank".to_owned(), data_type: DataType::Int64, nullable: false });
        output.key = vec![0, 3];
        let operator = Operator::TopN { by: vec![0], order, limit: 4, keep: Some(Keep::Forever), rank: true };
        let top = build.op(operator, &[raw], output);
        build.sink(top);
    }
    // The two zeros, and the two NaNs, are equal: the earlier record comes first.
    check(
        &build,
        &["a -1.0 5 1\n a 0.0 2 2\n a -0.0 3 3\n a inf 4 4", "a NaN 1 1\n a NaN 6 2\n a inf 4 3\n a 0.0 2 4"],
        &[],
    );
}

#[test]
fn partners_have_equal_values() {
    let mut build = Build::new();
    let left = build.source("k:float64, v:int64", &[], "NaN 1\n -0 2\n 0 3\n 1 4");
    let right = build.source("k:float64, w:int64", &[], "NaN 5\n 0 6\n -0 7");
    let mut output = build.output(left);
    output.columns.extend(build.output(right).columns);
    let on = vec![(build.col(left, "k"), build.col(right, "k"))];
    let time = JoinTime::Kept { left: Keep::Forever, right: Keep::Forever };
    let operator = Operator::Join { kind: JoinKind::Left, on, condition: None, time };
    let joined = build.op(operator, &[left, right], output);
    let names = ["v", "w"];
    let some = build.project(joined, names.iter().map(|name| (*name, build.col(joined, name))).collect());
    build.sink(some);
    check(&build, &["1 5\n 2 6\n 2 7\n 3 6\n 3 7\n 4 -"], &[]);
}

#[test]
fn records_with_equal_values_are_duplicates() {
    let mut build = Build::new();
    let raw =
        build.source("x:float64, v:int64, t:timestamp", &[], "NaN 1 1\n NaN 2 2\n -0 3 3\n 0 4 4\n 1 5 5");
    let first = build.same(Operator::Deduplicate { by: vec![0], kept: Kept::FirstWithinMs(100) }, raw);
    build.sink(first);
    let mut output = build.output(raw);
    (output.kind, output.key) = (StreamKind::Upsert, vec![0]);
    let kept = Operator::Deduplicate { by: vec![0], kept: Kept::Last(Keep::Forever) };
    let last = build.op(kept, &[raw], output);
    let names = ["v", "t"];
    for op in [first, last] {
        let some = build.project(op, names.iter().map(|name| (*name, build.col(op, name))).collect());
        build.sink(some);
    }
    check(&build, &["NaN 1 1\n 0.0 3 3\n 1.0 5 5", "1 1\n 3 3\n 5 5", "2 2\n 4 4\n 5 5"], &[]);
}
