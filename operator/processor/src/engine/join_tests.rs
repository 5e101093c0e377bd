//! Tests of joins: kept, bounded by an interval, as of a time.

use headwater_compiler::expr::Expr;
use headwater_compiler::graph::{JoinKind, JoinTime, Keep, Kept, OpId, Operator};
use headwater_compiler::stream::StreamKind;

use super::bindings::SinkWants;
use super::build::{Build, call, int};
use super::check::check;

const KEPT: JoinTime = JoinTime::Kept { left: Keep::Forever, right: Keep::Forever };

struct Sides {
    left: OpId,
    right: OpId,
}

/// A join on the columns `k` of both sides.
fn join(build: &mut Build, sides: &Sides, kind: JoinKind, condition: Option<Expr>, time: JoinTime) -> OpId {
    let Sides { left, right } = *sides;
    let (a, b) = (build.output(left), build.output(right));
    let split = a.columns.len();
    let mut output = a.clone();
    output.columns.extend(b.columns.clone());
    let upsert = [a.kind, b.kind].contains(&StreamKind::Upsert);
    if matches!(time, JoinTime::Kept { .. }) && upsert {
        output.kind = StreamKind::Upsert;
        output.key = a.key.iter().copied().chain(b.key.iter().map(|index| index + split)).collect();
    }
    let on = vec![(build.col(left, "k"), build.col(right, "k"))];
    build.op(Operator::Join { kind, on, condition, time }, &[left, right], output)
}

fn check_kinds(left: &str, right: &str, condition: bool, expected: [&str; 4]) {
    let mut build = Build::new();
    let left = build.source("k:string, v:int64", &[], left);
    let right = build.source("k:string, w:int64", &[], right);
    let sides = Sides { left, right };
    for kind in [JoinKind::Inner, JoinKind::Left, JoinKind::Right, JoinKind::Full] {
        let v = build.col(left, "v");
        let w = Expr::column(3, v.data_type.clone(), true);
        let condition = condition.then(|| call("<", &[v, w]));
        let joined = join(&mut build, &sides, kind, condition, KEPT);
        build.sink(joined);
    }
    check(&build, &expected, &[]);
}

#[test]
fn partners_agree_on_the_key() {
    let left = "a 1\n a 2\n b 3\n - 4\n c 5\n a 6";
    let right = "a 10\n a 20\n b 30\n - 40\n d 50";
    let pairs = "a 1 a 10\n a 1 a 20\n a 2 a 10\n a 2 a 20\n a 6 a 10\n a 6 a 20\n b 3 b 30";
    let (lone_left, lone_right) = ("\n - 4 - -\n c 5 - -", "\n - - - 40\n - - d 50");
    let all = format!("{pairs}{lone_left}{lone_right}");
    let with_left = format!("{pairs}{lone_left}");
    let with_right = format!("{pairs}{lone_right}");
    check_kinds(left, right, false, [pairs, &with_left, &with_right, &all]);
}

#[test]
fn partners_meet_the_condition() {
    let left = "a 1\n a 20\n b 3\n c 5";
    let right = "a 10\n a 15\n b 3\n d 50";
    let pairs = "a 1 a 10\n a 1 a 15";
    let (lone_left, lone_right) = ("\n a 20 - -\n b 3 - -\n c 5 - -", "\n - - b 3\n - - d 50");
    let all = format!("{pairs}{lone_left}{lone_right}");
    let with_left = format!("{pairs}{lone_left}");
    let with_right = format!("{pairs}{lone_right}");
    check_kinds(left, right, true, [pairs, &with_left, &with_right, &all]);
}

#[test]
fn one_side_may_be_empty() {
    check_kinds("a 1", "", false, ["", "a 1 - -", "", "a 1 - -"]);
    check_kinds("", "a 1", true, ["", "", "- - a 1", "- - a 1"]);
}

#[test]
fn upsert_sides_are_tables() {
    let mut build = Build::new();
    let left = build.source("k:string, v:int64", &["v"], "a 1\n b 2\n c 3\n b 1\n ~ - 3");
    let right = build.source("k:string, w:int64", &["k"], "a 10\n b 20\n b 21\n ~b -\n b 22\n ~a -");
    let sides = Sides { left, right };
    let inner = join(&mut build, &sides, JoinKind::Inner, None, KEPT);
    build.sink(inner);
    let full = join(&mut build, &sides, JoinKind::Full, None, KEPT);
    build.sink(full);
    let report = check(&build, &["b 2 b 22\n b 1 b 22", "b 2 b 22\n b 1 b 22"], &[]);
    let outcomes = &report.operators[2].outcomes;
    assert_eq!(outcomes.inputs[0].read, 5);
}

#[test]
fn partners_lie_within_an_interval() {
    let mut build = Build::new();
    let left = build.source("k:string, t:timestamp", &[], "a 100\n a 200\n b 100\n c -");
    let right =
        build.source("k:string, t:timestamp", &[], "a 89.999\n a 90\n a 105.9\n a 106\n a 205\n b 50\n c 1");
    let sides = Sides { left, right };
    for kind in [JoinKind::Inner, JoinKind::Left, JoinKind::Full] {
        let time = JoinTime::Interval { left: 1, right: 3, lower_ms: -10, upper_ms: 5 };
        let joined = join(&mut build, &sides, kind, None, time);
        build.sink(joined);
    }
    let pairs = "a 100 a 90\n a 100 a 105.9\n a 200 a 205";
    let with_left = format!("{pairs}\n b 100 - -\n c - - -");
    let all = format!("{with_left}\n - - a 89.999\n - - a 106\n - - b 50\n - - c 1");
    check(&build, &[pairs, &with_left, &all], &[]);
}

#[test]
fn the_version_at_the_time_is_found() {
    let mut build = Build::new();
    let left = build.source(
        "k:string, t:timestamp",
        &[],
        "a 5\n a 10\n a 19.9\n a 20\n a 45\n a 60\n b 10\n - 10\n a -",
    );
    // At 20 ms there are two versions of `a`; the one that arrived last counts. At 40 ms it is deleted.
    let versions = "a 3 20\n a 1 10\n a 4 20.5\n ~a - 40\n a 5 50\n c 9 0";
    let right = build.source("k:string, w:int64, t:timestamp", &["k"], versions);
    let sides = Sides { left, right };
    for kind in [JoinKind::Inner, JoinKind::Left] {
        let joined = join(&mut build, &sides, kind, None, JoinTime::AsOf { left: 1 });
        let names = [("k", 0), ("t", 1), ("w", 3)];
        let columns = names.map(|(name, index)| {
            let column = &build.output(joined).columns[index];
            (name, Expr::column(index, column.data_type.clone(), true))
        });
        let shown = build.project(joined, columns.into_iter().collect());
        build.sink(shown);
    }
    let pairs = "a 10 1\n a 19.9 1\n a 20 4\n a 60 5";
    let all = format!("{pairs}\n a 5 -\n a 45 -\n b 10 -\n - 10 -\n a - -");
    check(&build, &[pairs, &all], &[]);
}

#[test]
fn a_deletion_without_a_time_ends_the_version_before_it() {
    let mut build = Build::new();
    let left = build.source("k:string, t:timestamp", &[], "a 15\n a 35\n b 15");
    let right =
        build.source("k:string, w:int64, t:timestamp", &["k"], "a 1 10\n ~a - -\n a 2 30\n b 3 10\n ~c - -");
    let sides = Sides { left, right };
    let joined = join(&mut build, &sides, JoinKind::Inner, None, JoinTime::AsOf { left: 1 });
    build.sink(joined);
    check(&build, &["a 35 a 2 30\n b 15 b 3 10"], &[]);
}

#[test]
fn a_deduplicated_stream_has_all_its_versions() {
    let mut build = Build::new();
    let left = build.source("k:string, t:timestamp", &[], "a 15\n a 25\n a 35");
    let raw = build.source("k:string, w:int64, t:timestamp", &[], "a 3 30\n a 1 10\n a 2 20");
    let mut output = build.output(raw);
    output.kind = StreamKind::Upsert;
    output.key = vec![0];
    let kept = Operator::Deduplicate { by: vec![0], kept: Kept::Last(Keep::Forever) };
    let right = build.op(kept, &[raw], output);
    // A version that does not pass a filter is a deletion.
    let predicate = call("<>", &[build.col(right, "w"), int(2)]);
    let right = build.same(Operator::Filter { predicate }, right);
    let sides = Sides { left, right };
    let joined = join(&mut build, &sides, JoinKind::Left, None, JoinTime::AsOf { left: 1 });
    build.sink(joined);
    check(&build, &["a 15 a 1 10\n a 25 - - -\n a 35 a 3 30"], &[]);
}

#[test]
fn an_upsert_left_side_stays_one() {
    let mut build = Build::new();
    let left = build.source(
        "id:int64, k:string, t:timestamp",
        &["id"],
        "1 a 15\n 2 a 5\n 3 a 15\n ~3 - -\n 1 a 5\n 2 a 16",
    );
    let right = build.source("k:string, w:int64, t:timestamp", &["k"], "a 1 10");
    let sides = Sides { left, right };
    for kind in [JoinKind::Inner, JoinKind::Left] {
        let joined = join(&mut build, &sides, kind, None, JoinTime::AsOf { left: 2 });
        build.sink_that(joined, SinkWants { deletions: true, ordered: false });
    }
    check(
        &build,
        &["~ 1 a 5 - - -\n 2 a 16 a 1 10\n ~ 3 - - - - -", "1 a 5 - - -\n 2 a 16 a 1 10\n ~ 3 - - - - -"],
        &[],
    );
}
