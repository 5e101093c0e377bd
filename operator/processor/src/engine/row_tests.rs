//! Tests of operators that look at one record at a time, and of sources and sinks.

use headwater_compiler::expr::Expr;
use headwater_compiler::graph::{OnViolation, Operator, Rule};

use super::bindings::SinkWants;
use super::build::{Build, call, int};
use super::check::{check, check_as_of, check_error};

const ORDERS: &str = "k:string, v:int64, t:timestamp";

fn rule(name: &str, predicate: Expr, on_violation: OnViolation) -> Rule {
    Rule { name: name.to_owned(), code: "D010".to_owned(), field: None, predicate, on_violation }
}

#[test]
fn filter_keeps_only_true() {
    let mut build = Build::new();
    let raw = build.source(ORDERS, &[], "a 1 10\n b - 20\n c 3 30\n d 5 40");
    let predicate = call(">", &[build.col(raw, "v"), int(2)]);
    let big = build.same(Operator::Filter { predicate }, raw);
    build.sink(big);
    check(&build, &["c 3 30\n d 5 40"], &[]);
}

#[test]
fn filter_on_upsert_deletes() {
    let mut build = Build::new();
    let raw = build.source(ORDERS, &["k"], "a 1 10\n b 3 20\n a 3 30\n b 1 40\n c 5 50\n ~c - 60\n d 1 70");
    let predicate = call(">", &[build.col(raw, "v"), int(2)]);
    let big = build.same(Operator::Filter { predicate }, raw);
    build.sink(big);
    build.sink_that(big, SinkWants { deletions: true, ordered: false });
    check(&build, &["a 3 30", "a 3 30\n ~ b 1 40\n ~ c - 60\n ~ d 1 70"], &[]);
}

#[test]
fn project_computes_only_what_is_read() {
    let mut build = Build::new();
    let raw = build.source(ORDERS, &[], "a 1 10\n b - 20");
    let sum = call("+", &[build.col(raw, "v"), int(1)]);
    let unused = build.col(raw, "t");
    let first = build.project(raw, vec![("k", build.col(raw, "k")), ("w", sum), ("t2", unused)]);
    let second = build.project(first, vec![("w", build.col(first, "w")), ("w2", build.col(first, "w"))]);
    build.sink(second);
    check(&build, &["2 2\n - -"], &[]);
}

#[test]
fn the_first_broken_rule_decides() {
    let mut build = Build::new();
    let raw = build.source(ORDERS, &[], "a 1 10\n b 20 20\n c 300 30\n d - 40\n e 30 50");
    let v = || build.col(raw, "v");
    let rules = vec![
        rule("warned", call(">", &[v(), int(1)]), OnViolation::Warn),
        rule("small", call("<", &[v(), int(100)]), OnViolation::DeadLetter),
        rule("never", call("<", &[v(), int(25)]), OnViolation::Drop),
    ];
    let good = build.same(Operator::Validate { rules }, raw);
    build.sink(good);
    let report = check(&build, &["a 1 10\n b 20 20\n d - 40"], &["n1 D010 small rows:3 c 300 30"]);
    assert_eq!(report.warnings["D010"], 1);
    assert_eq!(report.dead_letters["D010"], 1);
}

#[test]
fn a_rule_may_stop_the_run() {
    let mut build = Build::new();
    let raw = build.source(ORDERS, &[], "a 1 10\n b 20 20");
    let rules = vec![rule("small", call("<", &[build.col(raw, "v"), int(10)]), OnViolation::Fail)];
    let good = build.same(Operator::Validate { rules }, raw);
    build.sink(good);
    check_error(&build, "`n1` fails by its rule `small` (D010): rows:2");
}

#[test]
fn on_upsert_the_last_good_row_stays_or_goes() {
    let rows = "a 1 10\n b 2 20\n a 300 30\n b 400 40\n b 5 50\n c 600 60";
    let check_rule = |on_violation, expected| {
        let mut build = Build::new();
        let raw = build.source(ORDERS, &["k"], rows);
        let rules = vec![rule("small", call("<", &[build.col(raw, "v"), int(100)]), on_violation)];
        let good = build.same(Operator::Validate { rules }, raw);
        build.sink(good);
        let letters: &[&str] = if on_violation == OnViolation::Drop {
            &[]
        } else {
            &[
                "n1 D010 small rows:3 a 300 30",
                "n1 D010 small rows:4 b 400 40",
                "n1 D010 small rows:6 c 600 60",
            ]
        };
        check(&build, &[expected], letters);
    };
    check_rule(OnViolation::DeadLetter, "a 1 10\n b 5 50");
    check_rule(OnViolation::Drop, "a 1 10\n b 5 50");
    check_rule(OnViolation::DeadLetterAndDelete, "b 5 50");
}

#[test]
fn every_record_takes_one_route() {
    let mut build = Build::new();
    let raw = build.source(ORDERS, &[], "a 1 10\n b 20 20\n c 300 30\n d - 40");
    let conditions =
        vec![call(">", &[build.col(raw, "v"), int(100)]), call(">", &[build.col(raw, "v"), int(10)])];
    for route in 0..3 {
        let branch = build.same(Operator::Branch { conditions: conditions.clone(), route }, raw);
        build.sink(branch);
    }
    check(&build, &["c 300 30", "b 20 20", "a 1 10\n d - 40"], &[]);
}

#[test]
fn routes_of_upsert_delete_where_a_row_has_left() {
    let mut build = Build::new();
    let raw = build.source(ORDERS, &["k"], "a 1 10\n b 20 20\n a 30 30\n b 2 40\n ~a - 50");
    let conditions = vec![call(">", &[build.col(raw, "v"), int(10)])];
    for route in 0..2 {
        let branch = build.same(Operator::Branch { conditions: conditions.clone(), route }, raw);
        build.sink_that(branch, SinkWants { deletions: true, ordered: false });
    }
    check(&build, &["~ a - 50\n ~ b 2 40", "~ a - 50\n b 2 40"], &[]);
}

#[test]
fn union_has_all_records() {
    let mut build = Build::new();
    let left = build.source(ORDERS, &[], "a 1 10\n b 2 20");
    let right = build.source("x:string, y:int64, z:timestamp", &[], "a 1 10\n c 3 30");
    let output = build.output(left);
    let both = build.op(Operator::Union, &[left, right, left], output);
    build.sink(both);
    check(&build, &["a 1 10\n a 1 10\n a 1 10\n b 2 20\n b 2 20\n c 3 30"], &[]);
}

#[test]
fn as_of_reads_nothing_later() {
    let mut build = Build::new();
    let raw = build.source(ORDERS, &[], "a 1 10\n b 2 20\n c 3 20.001\n d 4 -\n e 5 30");
    build.sink(raw);
    check_as_of(&build, Some(20), &["a 1 10\n b 2 20\n d 4 -"], &[]);
    check(&build, &["a 1 10\n b 2 20\n c 3 20.001\n d 4 -\n e 5 30"], &[]);
}

#[test]
fn ordered_sinks_get_rows_in_order_of_arrival() {
    let mut build = Build::new();
    let rows: Vec<String> = (0..40).map(|row| format!("k{} {row} {}", row * 7 % 11, 1000 - row)).collect();
    let raw = build.source(ORDERS, &[], &rows.join("\n"));
    let predicate = call(">", &[build.col(raw, "v"), int(3)]);
    let some = build.same(Operator::Filter { predicate }, raw);
    build.sink_that(some, SinkWants { deletions: false, ordered: true });
    check(&build, &[&rows[4..].join("\n")], &[]);
}

#[test]
fn an_import_that_is_not_bound_is_computed_from_the_other_product() {
    let mut build = Build::new();
    let raw = build.source(ORDERS, &["k"], "a 1 10\n b 2 20\n a 3 30\n ~b - -");
    let predicate = call("<", &[build.col(raw, "v"), int(3)]);
    let small = build.same(Operator::Filter { predicate }, raw);
    build.sink(small);
    // The sink itself is what the other product reads, be it written in this run or not.
    let written = build.last();
    let import = build.same(Operator::Import, written);
    build.sink(import);
    let unwritten = build.same(Operator::Sink, raw);
    let import = build.same(Operator::Import, unwritten);
    build.sink(import);
    check(&build, &["", "", "a 3 30"], &[]);
}
