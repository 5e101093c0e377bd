//! Laws: operators against their definitions, written out naively, over random records.

use headwater_compiler::graph::{JoinKind, JoinTime, Keep, Kept, OnViolation, Operator, Rule};
use headwater_compiler::stream::StreamKind;
use proptest::prelude::*;

use super::build::{Build, call, int};
use super::check::check;

/// A record: key, time in milliseconds, whether it deletes (for upsert streams). Its value is its place.
type Record = (u8, i64, bool);

fn records(most: usize) -> impl Strategy<Value = Vec<Record>> {
    prop::collection::vec((0_u8..3, 0_i64..40, prop::bool::weighted(0.2)), 0..most)
}

fn key(key: u8) -> char {
    char::from(b'a' + key)
}

/// The records as rows of `k, v, t`; with `deletions`, those that delete are written so.
fn rows(records: &[Record], deletions: bool) -> String {
    let row = |(place, (name, time, deletes)): (usize, &Record)| {
        let mark = if deletions && *deletes { "~" } else { "" };
        format!("{mark}{} {place} {time}", key(*name))
    };
    records.iter().enumerate().map(row).collect::<Vec<_>>().join("\n")
}

const COLUMNS: &str = "k:string, v:int64, t:timestamp";

/// The index of the last record of a key at or before a time, by time then arrival.
fn version(records: &[Record], name: u8, time: i64) -> Option<usize> {
    let known = records.iter().enumerate().filter(|(_, record)| record.0 == name && record.1 <= time);
    known.max_by_key(|(place, record)| (record.1, *place)).map(|(place, _)| place)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_first_within_a_time(given in records(30), within in 0_u64..12) {
        let mut build = Build::new();
        let raw = build.source(COLUMNS, &[], &rows(&given, false));
        let kept = build.same(Operator::Deduplicate { by: vec![0], kept: Kept::FirstWithinMs(within) }, raw);
        build.sink(kept);
        let is_kept = |place: usize, record: &Record| {
            !given.iter().enumerate().any(|(other, earlier)| {
                let before = (earlier.1, other) < (record.1, place);
                earlier.0 == record.0 && before && record.1.abs_diff(earlier.1) <= within
            })
        };
        let expected: Vec<String> = given
            .iter()
            .enumerate()
            .filter(|(place, record)| is_kept(*place, record))
            .map(|(place, record)| format!("{} {place} {}", key(record.0), record.1))
            .collect();
        check(&build, &[&expected.join("\n")], &[]);
    }

    #[test]
    fn the_version_at_a_time(left in records(20), right in records(20)) {
        let mut build = Build::new();
        let asked = build.source(COLUMNS, &[], &rows(&left, false));
        // A deletion here has its time, as every other version.
        let text: Vec<String> = rows(&right, true).lines().map(str::to_owned).collect();
        let versions = build.source(COLUMNS, &["k"], &text.join("\n"));
        let mut output = build.output(asked);
        output.columns.extend(build.output(versions).columns);
        let on = vec![(build.col(asked, "k"), build.col(versions, "k"))];
        let operator = Operator::Join { kind: JoinKind::Left, on, condition: None, time: JoinTime::AsOf { left: 2 } };
        let joined = build.op(operator, &[asked, versions], output);
        build.sink(joined);
        let expected: Vec<String> = left
            .iter()
            .enumerate()
            .map(|(place, record)| {
                let found = version(&right, record.0, record.1).filter(|found| !right[*found].2);
                let found = found.map_or_else(
                    || "- - -".to_owned(),
                    |found| format!("{} {found} {}", key(right[found].0), right[found].1),
                );
                format!("{} {place} {} {found}", key(record.0), record.1)
            })
            .collect();
        check(&build, &[&expected.join("\n")], &[]);
    }

    #[test]
    fn partners_within_an_interval(left in records(15), right in records(15), lower in -8_i64..4, length in 0_i64..10) {
        let upper = lower + length;
        let mut build = Build::new();
        let first = build.source(COLUMNS, &[], &rows(&left, false));
        let second = build.source(COLUMNS, &[], &rows(&right, false));
        let mut output = build.output(first);
        output.columns.extend(build.output(second).columns);
        let on = vec![(build.col(first, "k"), build.col(second, "k"))];
        let time = JoinTime::Interval { left: 2, right: 5, lower_ms: lower, upper_ms: upper };
        let operator = Operator::Join { kind: JoinKind::Full, on, condition: None, time };
        let joined = build.op(operator, &[first, second], output);
        build.sink(joined);
        let meets = |a: &Record, b: &Record| a.0 == b.0 && (lower..=upper).contains(&(b.1 - a.1));
        let show = |place: usize, record: &Record| format!("{} {place} {}", key(record.0), record.1);
        let mut expected = Vec::new();
        for (place, a) in left.iter().enumerate() {
            let partners: Vec<usize> = (0..right.len()).filter(|other| meets(a, &right[*other])).collect();
            if partners.is_empty() {
                expected.push(format!("{} - - -", show(place, a)));
            }
            expected.extend(partners.iter().map(|other| format!("{} {}", show(place, a), show(*other, &right[*other]))));
        }
        for (place, b) in right.iter().enumerate() {
            if !left.iter().any(|a| meets(a, b)) {
                expected.push(format!("- - - {}", show(place, b)));
            }
        }
        check(&build, &[&expected.join("\n")], &[]);
    }

    #[test]
    fn the_last_good_row_of_a_key(given in records(30)) {
        let mut build = Build::new();
        let raw = build.source(COLUMNS, &["k"], &rows(&given, true));
        let rules = vec![Rule {
            name: "early".to_owned(),
            code: "D010".to_owned(),
            field: None,
            predicate: call("<", &[build.col(raw, "v"), int(15)]),
            on_violation: OnViolation::Drop,
        }];
        let good = build.same(Operator::Validate { rules }, raw);
        build.sink(good);
        let mut expected = Vec::new();
        for name in 0..3 {
            let mut judged = given.iter().enumerate().filter(|(place, record)| record.2 || *place < 15);
            let last = judged.rfind(|(_, record)| record.0 == name);
            if let Some((place, record)) = last.filter(|(_, record)| !record.2) {
                expected.push(format!("{} {place} {}", key(name), record.1));
            }
        }
        check(&build, &[&expected.join("\n")], &[]);
    }

    #[test]
    fn the_last_row_of_a_key(given in records(30)) {
        let mut build = Build::new();
        let raw = build.source(COLUMNS, &[], &rows(&given, false));
        let mut output = build.output(raw);
        output.kind = StreamKind::Upsert;
        output.key = vec![0];
        let kept = Operator::Deduplicate { by: vec![0], kept: Kept::Last(Keep::Forever) };
        let last = build.op(kept, &[raw], output);
        build.sink(last);
        let found = (0..3).filter_map(|name| version(&given, name, i64::MAX));
        let expected: Vec<String> =
            found.map(|place| format!("{} {place} {}", key(given[place].0), given[place].1)).collect();
        check(&build, &[&expected.join("\n")], &[]);
    }
}
