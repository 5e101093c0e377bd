//! Splits delimited text into records and fields.
//!
//! Takes a buffer of text and the layout of its file, gives slices of the wanted fields, the records' places and the broken ones.
//! RFC 4180, with these readings where it is silent: a quote inside a field that does not start with one is a plain byte;
//! a line break is LF or CR LF; an empty line is no record unless records have one field;
//! a record whose quoting is broken is its first line, and reading goes on with the next one.

use encoding_rs::{Encoding, UTF_8};

use super::csv_record::Splitter;
use super::marks::Marks;
use super::stream::{Bad, Cut};
use super::text::Slice;

/// How the records of one file lie.
#[derive(Clone, Debug)]
pub(crate) struct CsvLayout {
    pub(crate) delimiter: u8,
    pub(crate) quote: Option<u8>,
    pub(crate) encoding: &'static Encoding,
    pub(crate) record_bytes_max: usize,
    /// For each field of a record the index of the wanted column that it is, if any.
    pub(crate) slots: Vec<Option<usize>>,
    /// Number of wanted columns.
    pub(crate) wanted: usize,
    /// Only where records are is asked, of which some may not be good.
    pub(crate) places: bool,
}

/// A place in a buffer, with its line and record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) at: usize,
    pub(crate) line: u64,
    pub(crate) record: u64,
}

/// What `split` found.
#[derive(Debug, Default)]
pub(crate) struct Split {
    /// For each wanted column the slices of its fields; empty for a column that the file has not.
    pub(crate) columns: Vec<Vec<Slice>>,
    pub(crate) side: Vec<u8>,
    pub(crate) spans: Vec<(u32, u32)>,
    pub(crate) lines: Vec<u64>,
    pub(crate) records: Vec<u64>,
    pub(crate) bad: Vec<Bad>,
    /// Where the next record starts.
    pub(crate) next: Place,
}

/// Splits the records from `from` on, at most `rows_max`; `last` says that nothing follows the buffer.
pub(crate) fn split(layout: &CsvLayout, bytes: &[u8], from: Place, rows_max: usize, last: bool) -> Split {
    if let Some(split) = layout.places.then(|| lines(layout, bytes, from, rows_max, last)).flatten() {
        return split;
    }
    let foreign = layout.encoding != UTF_8;
    let mut splitter = Splitter {
        layout,
        bytes,
        marks: Marks::new(bytes, layout.delimiter, b'\n', from.at),
        last,
        // Decided once for the buffer, because nearly always nothing needs a look.
        recode: foreign && !bytes.is_ascii(),
        validate: !foreign && std::str::from_utf8(bytes).is_err(),
        split: Split { columns: vec![Vec::new(); layout.wanted], next: from, ..Split::default() },
    };
    for slot in layout.slots.iter().flatten() {
        let rows = rows_max.min(bytes.len() / 8 + 1);
        splitter.split.columns[*slot].reserve_exact(rows);
    }
    while splitter.split.spans.len() < rows_max && splitter.split.next.at < bytes.len() {
        if !splitter.step() {
            break;
        }
    }
    splitter.split
}

/// The places of records where each is a line; `None` when a quote could hide the end of a line.
fn lines(layout: &CsvLayout, bytes: &[u8], from: Place, rows_max: usize, last: bool) -> Option<Split> {
    let quote = layout.quote.unwrap_or(b'\n');
    let mut split = Split { next: from, ..Split::default() };
    while split.spans.len() < rows_max && split.next.at < bytes.len() {
        let Place { at, line, record } = split.next;
        if layout.slots.len() != 1
            && let Some(length) = empty_line(&bytes[at..])
        {
            split.next = Place { at: at + length, line: line + 1, record };
            continue;
        }
        let (end, next) = match memchr::memchr2(b'\n', quote, &bytes[at..]) {
            Some(length) if bytes[at + length] != b'\n' => return None,
            Some(length) => (at + length, at + length + 1),
            None if last => (bytes.len(), bytes.len()),
            None => break,
        };
        let end = if bytes[at..end].ends_with(b"\r") { end - 1 } else { end };
        split.spans.push((at as u32, end as u32));
        split.lines.push(line);
        split.records.push(record);
        split.next = Place { at: next, line: line + u64::from(bytes[next - 1] == b'\n'), record: record + 1 };
    }
    Some(split)
}

/// The whole records at the start of `bytes`.
pub(crate) fn cut(layout: &CsvLayout, bytes: &[u8], last: bool) -> Cut {
    let quoted = layout.quote.is_some_and(|quote| memchr::memchr(quote, bytes).is_some());
    let small = bytes.len() <= layout.record_bytes_max;
    if !quoted && small {
        return cut_lines(bytes, last, layout.slots.len() == 1);
    }
    // Quotes may hide line breaks: only splitting tells.
    let counting = CsvLayout { slots: vec![None; layout.slots.len()], wanted: 0, ..layout.clone() };
    let next = split(&counting, bytes, Place::default(), usize::MAX, last).next;
    Cut { bytes: next.at, lines: next.line, records: next.record }
}

/// The whole lines at the start of `bytes`; an empty one is a record if `empty`.
pub(crate) fn cut_lines(bytes: &[u8], last: bool, empty: bool) -> Cut {
    let end = if last { bytes.len() } else { memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1) };
    let whole = &bytes[..end];
    let lines = memchr::memchr_iter(b'\n', whole).count() as u64;
    let open = u64::from(!whole.is_empty() && !whole.ends_with(b"\n"));
    let none = if empty { 0 } else { empty_lines(whole) };
    Cut { bytes: end, lines, records: lines + open - none }
}

/// Number of lines that hold nothing.
fn empty_lines(bytes: &[u8]) -> u64 {
    let mut count = 0;
    let mut start = 0;
    // Two searches in turn would do; runs of line breaks are rare, so the pairs are looked for.
    for at in memchr::memchr_iter(b'\n', bytes) {
        let line = &bytes[start..at];
        count += u64::from(matches!(line, [] | [b'\r']));
        start = at + 1;
    }
    count
}

/// Length of the line break at the start of `bytes`, if the line is empty.
pub(crate) fn empty_line(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'\n', ..] => Some(1),
        [b'\r', b'\n', ..] => Some(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::UTF_8;
    use proptest::prelude::*;

    use super::{CsvLayout, Place, lines, split};

    proptest! {
        #[test]
        fn places_are_those_of_splitting(
            bytes in proptest::collection::vec(prop::sample::select(b"ab,,\n\r".as_slice()), 0..60),
            fields in 1_usize..4,
            rows_max in 1_usize..9,
            last: bool,
        ) {
            let layout = CsvLayout {
                delimiter: b',',
                quote: Some(b'"'),
                encoding: UTF_8,
                record_bytes_max: 100,
                slots: vec![None; fields],
                wanted: 0,
                places: false,
            };
            let (mut from, end) = (Place { at: 0, line: 1, record: 0 }, bytes.len());
            while from.at < end {
                let places = lines(&layout, &bytes, from, rows_max, last).expect("there is no quote");
                let all = split(&layout, &bytes, from, usize::MAX, last);
                let good = (0..all.spans.len()).map(|row| (all.spans[row], all.lines[row], all.records[row]));
                let good: Vec<_> = good.filter(|(_, _, record)| *record < places.next.record).collect();
                let found: Vec<_> = (0..places.spans.len())
                    .map(|row| (places.spans[row], places.lines[row], places.records[row]))
                    .collect();
                prop_assert!(good.iter().all(|place| found.contains(place)), "{found:?} has not all of {good:?}");
                if places.next.at == from.at {
                    prop_assert_eq!(all.next, from);
                    break;
                }
                if rows_max > end {
                    prop_assert_eq!(places.next, all.next);
                }
                from = places.next;
            }
        }
    }
}
