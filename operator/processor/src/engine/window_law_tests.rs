//! Laws: windows, columns over earlier records and Top-N against their definitions, written out naively, over random records.

use headwater_compiler::data_type::DataType;
use headwater_compiler::graph::{Frame, Keep, Operator, OrderBy, WindowShape};
use headwater_compiler::stream::{Column, StreamKind};
use proptest::prelude::*;

use super::aggregate_tests::{group, looking_back, measure, sums};
use super::build::Build;
use super::check::check;

/// A record: key and time in milliseconds. Its value is its place.
type Record = (u8, i64);

fn records(most: usize) -> impl Strategy<Value = Vec<Record>> {
    prop::collection::vec((0_u8..3, -20_i64..60), 0..most)
}

fn key(key: u8) -> char {
    char::from(b'a' + key)
}

/// A graph whose source gives these records.
fn source(given: &[Record]) -> (Build, headwater_compiler::graph::OpId) {
    let mut build = Build::new();
    let row = |(place, (name, time)): (usize, &Record)| format!("{} {place} {time}", key(*name));
    let rows: Vec<String> = given.iter().enumerate().map(row).collect();
    let raw = build.source("k:string, v:int64, t:timestamp", &[], &rows.join("\n"));
    (build, raw)
}

/// Windows of a key as rows of start, end, time, key, count and sum.
fn windows(given: &[Record], bounds: impl Fn(u8, i64) -> Vec<(i64, i64)>) -> String {
    let mut found = std::collections::BTreeMap::new();
    for (place, &(name, time)) in given.iter().enumerate() {
        for (start, end) in bounds(name, time) {
            let (count, sum) = found.entry((start, end, name)).or_insert((0, 0));
            *count += 1;
            *sum += place;
        }
    }
    let row = |((start, end, name), (count, sum)): (&(i64, i64, u8), &(i32, usize))| {
        format!("{start} {end} {} {} {count} {sum}", end - 1, key(*name))
    };
    found.iter().map(row).collect::<Vec<_>>().join("\n")
}

/// The places of a key's records, by time then arrival.
fn in_time(given: &[Record], name: u8) -> Vec<usize> {
    let mut places: Vec<usize> = (0..given.len()).filter(|place| given[*place].0 == name).collect();
    places.sort_by_key(|place| (given[*place].1, *place));
    places
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn windows_that_overlap(given in records(30), slide in 1_i64..7, slides in 1_i64..4) {
        let size = slide * slides;
        let (mut build, raw) = source(&given);
        let measures = sums(&build, raw);
        let shape = WindowShape::Hop { size_ms: size as u64, slide_ms: slide as u64 };
        let groups = group(&mut build, raw, Some(shape), &["k"], measures);
        build.sink(groups);
        let expected = windows(&given, |_, time| {
            let last = time.div_euclid(slide) * slide;
            (0..slides).map(|back| (last - back * slide, last - back * slide + size)).collect()
        });
        check(&build, &[&expected], &[]);
    }

    #[test]
    fn windows_side_by_side(given in records(30), size in 1_i64..15, offset in 0_i64..15) {
        let (mut build, raw) = source(&given);
        let measures = sums(&build, raw);
        let shape = WindowShape::Tumble { size_ms: size as u64, offset_ms: offset % size };
        let groups = group(&mut build, raw, Some(shape), &["k"], measures);
        build.sink(groups);
        let expected = windows(&given, |_, time| {
            let start = (time - offset % size).div_euclid(size) * size + offset % size;
            vec![(start, start + size)]
        });
        check(&build, &[&expected], &[]);
    }

    #[test]
    fn windows_that_last_while_records_follow(given in records(30), gap in 1_i64..9) {
        let (mut build, raw) = source(&given);
        let measures = sums(&build, raw);
        let groups = group(&mut build, raw, Some(WindowShape::Session { gap_ms: gap as u64 }), &["k"], measures);
        build.sink(groups);
        let expected = windows(&given, |name, time| {
            let times: Vec<i64> = in_time(&given, name).iter().map(|place| given[*place].1).collect();
            let at = times.iter().position(|other| *other == time).expect("a record is of its key");
            let far = |pair: &[i64]| pair[1] - pair[0] > gap;
            let first = (0..at).rev().find(|index| far(&times[*index..=index + 1])).map_or(0, |index| index + 1);
            let last = (at..times.len() - 1).find(|index| far(&times[*index..=index + 1])).unwrap_or(times.len() - 1);
            vec![(times[first], times[last] + gap)]
        });
        check(&build, &[&expected], &[]);
    }

    #[test]
    fn records_before_each(given in records(30), back in 0_i64..12) {
        let (mut build, raw) = source(&given);
        let sum = measure("sum", &[build.col(raw, "v")]);
        let least = measure("min", &[build.col(raw, "v")]);
        for frame in [Frame::RangeMs(back as u64), Frame::Rows(back as u64)] {
            let over = looking_back(&mut build, raw, frame, vec![sum.clone(), least.clone()]);
            build.sink(over);
        }
        let mut expected = [Vec::new(), Vec::new()];
        for name in 0..3 {
            let places = in_time(&given, name);
            for (at, place) in places.iter().enumerate() {
                let time = given[*place].1;
                let near = places.iter().filter(|other| (time - back..=time).contains(&given[**other].1));
                let near: Vec<usize> = near.copied().collect();
                let rows = &places[at.saturating_sub(back as usize)..=at];
                for (expected, frame) in expected.iter_mut().zip([near.as_slice(), rows]) {
                    let (sum, least) = (frame.iter().sum::<usize>(), frame.iter().min().expect("it has the record itself"));
                    expected.push(format!("{} {place} {time} {sum} {least}", key(name)));
                }
            }
        }
        check(&build, &[&expected[0].join("\n"), &expected[1].join("\n")], &[]);
    }

    #[test]
    fn the_first_of_each_group(given in records(30), limit in 1_usize..4, descending: bool) {
        let (mut build, raw) = source(&given);
        let order = vec![OrderBy { expr: build.col(raw, "t"), descending, nulls_first: true }];
        let mut output = build.output(raw);
        output.kind = StreamKind::Upsert;
        output.columns.push(Column { name: "rank".to_owned(), data_type: DataType::Int64, nullable: false });
        output.key = vec![0, 3];
        let operator =
            Operator::TopN { by: vec![0], order, limit: limit as u64, keep: Some(Keep::Forever), rank: true };
        let top = build.op(operator, &[raw], output);
        build.sink(top);
        let mut expected = Vec::new();
        for name in 0..3 {
            let mut places = in_time(&given, name);
            if descending {
                places.sort_by_key(|place| (-given[*place].1, *place));
            }
            for (rank, place) in places.iter().take(limit).enumerate() {
                expected.push(format!("{} {place} {} {}", key(name), given[*place].1, rank + 1));
            }
        }
        check(&build, &[&expected.join("\n")], &[]);
    }
}
