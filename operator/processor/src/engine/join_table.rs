//! The side of a join that is kept in memory: its rows grouped by key and, where time bounds the join, ordered by it.
//!
//! Takes rows and their keys, gives for a key the rows that have it. It must not know what is done with them.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, UInt64Type};
use arrow::row::{RowConverter, Rows, SortField};
use datafusion::error::Result;

use super::sieve::is_true;

/// Rows by key.
pub(crate) struct Table {
    /// All rows, in any order.
    pub(crate) rows: RecordBatch,
    /// Indices of rows, those of a group together, inside a group by time where there is one.
    pub(crate) order: Vec<u32>,
    /// Time of each row of `order`; empty where the join is not bounded by time.
    times: Vec<i64>,
    /// Where each group begins in `order`; one more at the end.
    begins: Vec<u32>,
    groups: Groups,
    /// Which rows have found a partner, a bit each.
    matched: Vec<AtomicU64>,
}

/// When a row of the kept side counts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Times<'a> {
    /// Milliseconds; null means never.
    pub(crate) at: Option<&'a ArrayRef>,
    /// Breaks ties.
    pub(crate) arrival: Option<&'a ArrayRef>,
    /// Deletions: one without a time counts from the time of the version before it.
    pub(crate) deleted: Option<&'a ArrayRef>,
}

impl Table {
    /// Groups rows by their keys. Rows with a null in their key are in no group.
    pub(crate) fn new(
        rows: RecordBatch,
        keys: &Keys,
        columns: &[ArrayRef],
        times: &Times<'_>,
    ) -> Result<Self> {
        let count = rows.num_rows();
        let encoded = keys.encode(columns)?;
        let valid = Keys::valid(columns);
        let mut groups = Groups::with_capacity(count);
        let group_of: Vec<Option<u32>> = (0..count)
            .map(|row| valid.as_ref().is_none_or(|valid| valid[row]).then(|| groups.insert(&encoded, row)))
            .collect();
        groups.rows = Some(encoded);
        let at = times.at.map(|at| filled(at, times, &group_of));
        let counts =
            |row: &usize| group_of[*row].is_some() && at.as_ref().is_none_or(|at| at[*row].is_some());
        let mut begins = vec![0_u32; groups.len() + 1];
        for group in (0..count).filter(counts).filter_map(|row| group_of[row]) {
            begins[group as usize + 1] += 1;
        }
        (0..groups.len()).for_each(|group| begins[group + 1] += begins[group]);
        let mut next = begins.clone();
        let mut order = vec![0_u32; begins[groups.len()] as usize];
        for row in (0..count).filter(counts) {
            let place = &mut next[group_of[row].unwrap_or_default() as usize];
            order[*place as usize] = row as u32;
            *place += 1;
        }
        if let Some(at) = &at {
            let arrival = arrivals(times.arrival);
            for bounds in begins.windows(2) {
                let group = &mut order[bounds[0] as usize..bounds[1] as usize];
                group.sort_by_key(|row| (at[*row as usize], arrival(*row as usize)));
            }
        }
        let times = at.map(|at| order.iter().map(|row| at[*row as usize].unwrap_or_default()).collect());
        let matched = (0..count.div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        Ok(Self { rows, order, times: times.unwrap_or_default(), begins, groups, matched })
    }

    /// Where in `order` the rows with this key are.
    pub(crate) fn group(&self, keys: &Rows, row: usize) -> Range<u32> {
        match self.groups.find(keys, row) {
            Some(group) => self.begins[group as usize]..self.begins[group as usize + 1],
            None => 0..0,
        }
    }

    /// The part of a group whose time lies between these, both included.
    pub(crate) fn between(&self, group: Range<u32>, first: i64, last: i64) -> Range<u32> {
        let times = &self.times[group.start as usize..group.end as usize];
        let start = times.partition_point(|time| *time < first) as u32;
        let end = times.partition_point(|time| *time <= last) as u32;
        group.start + start..group.start + end.max(start)
    }

    /// The last row of a group whose time is not after this, as a range of one or none.
    pub(crate) fn as_of(&self, group: Range<u32>, time: i64) -> Range<u32> {
        let times = &self.times[group.start as usize..group.end as usize];
        let end = group.start + times.partition_point(|at| *at <= time) as u32;
        end.saturating_sub(1).max(group.start)..end
    }

    /// Notes that rows have found a partner.
    pub(crate) fn mark(&self, rows: &[u32]) {
        for &row in rows {
            let (word, bit) = (&self.matched[row as usize / 64], 1 << (row % 64));
            // Reading first keeps threads from fighting over rows that were found long ago.
            if word.load(Ordering::Relaxed) & bit == 0 {
                word.fetch_or(bit, Ordering::Relaxed);
            }
        }
    }

    /// The rows that have found no partner.
    pub(crate) fn unmatched(&self) -> Vec<u32> {
        let matched =
            |row: &u32| self.matched[*row as usize / 64].load(Ordering::Relaxed) & (1 << (row % 64)) != 0;
        (0..self.rows.num_rows() as u32).filter(|row| !matched(row)).collect()
    }
}

/// The order of arrival of a row; rows without one come first.
fn arrivals(arrival: Option<&ArrayRef>) -> impl Fn(usize) -> Option<u64> {
    let arrival = arrival.map(|arrival| arrival.as_primitive::<UInt64Type>().clone());
    move |row| arrival.as_ref().filter(|arrival| arrival.is_valid(row)).map(|arrival| arrival.value(row))
}

/// The time of each row, deletions without one given the latest of their key that arrived before.
fn filled(at: &ArrayRef, times: &Times<'_>, group_of: &[Option<u32>]) -> Vec<Option<i64>> {
    let mut filled: Vec<Option<i64>> = at.as_primitive::<Int64Type>().iter().collect();
    let Some(deleted) = times.deleted.map(|deleted| is_true(deleted)).filter(|_| at.null_count() > 0) else {
        return filled;
    };
    let arrival = arrivals(times.arrival);
    let mut rows: Vec<usize> = (0..filled.len()).filter(|row| group_of[*row].is_some()).collect();
    rows.sort_by_key(|row| (group_of[*row], arrival(*row)));
    let mut latest: (Option<u32>, Option<i64>) = (None, None);
    for row in rows {
        if latest.0 != group_of[row] {
            latest = (group_of[row], None);
        }
        if filled[row].is_none() && deleted.value(row) {
            filled[row] = latest.1;
        }
        latest.1 = latest.1.max(filled[row]);
    }
    filled
}

/// Turns keys into bytes that are equal where the keys are.
pub(crate) struct Keys {
    converter: RowConverter,
}

impl Keys {
    /// For keys of these types.
    pub(crate) fn new(types: impl IntoIterator<Item = arrow::datatypes::DataType>) -> Result<Self> {
        let fields = types.into_iter().map(SortField::new).collect();
        Ok(Self { converter: RowConverter::new(fields)? })
    }

    /// The keys of rows.
    pub(crate) fn encode(&self, columns: &[ArrayRef]) -> Result<Rows> {
        Ok(self.converter.convert_columns(columns)?)
    }

    /// Which rows have no null in their key; none if all are so.
    pub(crate) fn valid(columns: &[ArrayRef]) -> Option<Vec<bool>> {
        let mut with_nulls = columns.iter().filter(|column| column.null_count() > 0).peekable();
        with_nulls.peek()?;
        let mut valid = vec![true; columns[0].len()];
        for column in with_nulls {
            for (row, valid) in valid.iter_mut().enumerate() {
                *valid &= column.is_valid(row);
            }
        }
        Some(valid)
    }
}

/// Numbers for distinct keys: an open hash table of powers of two with linear probing.
struct Groups {
    /// The number of a group plus one; zero is free.
    slots: Vec<u32>,
    hashes: Vec<u64>,
    /// A row of each group.
    first: Vec<u32>,
    /// The keys that `first` is about.
    rows: Option<Rows>,
}

impl Groups {
    fn with_capacity(rows: usize) -> Self {
        let slots = (rows.max(4) * 2).next_power_of_two();
        Self { slots: vec![0; slots], hashes: Vec::new(), first: Vec::new(), rows: None }
    }

    fn len(&self) -> usize {
        self.first.len()
    }

    /// The group of a row of the table itself.
    fn insert(&mut self, keys: &Rows, row: usize) -> u32 {
        let key = keys.row(row);
        let hash = hash(key.as_ref(), 0);
        match self.slot(hash, |first| keys.row(first as usize) == key) {
            Ok(group) => group,
            Err(slot) => {
                let group = self.first.len() as u32;
                self.slots[slot] = group + 1;
                self.hashes.push(hash);
                self.first.push(row as u32);
                group
            }
        }
    }

    /// The group of a row of the other side.
    fn find(&self, keys: &Rows, row: usize) -> Option<u32> {
        let own = self.rows.as_ref()?;
        let key = keys.row(row);
        self.slot(hash(key.as_ref(), 0), |first| own.row(first as usize) == key).ok()
    }

    /// The group with this key, or the slot that it would have.
    fn slot(&self, hash: u64, same: impl Fn(u32) -> bool) -> Result<u32, usize> {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let Some(group) = self.slots[slot].checked_sub(1) else { return Err(slot) };
            if self.hashes[group as usize] == hash && same(self.first[group as usize]) {
                return Ok(group);
            }
            slot = (slot + 1) & mask;
        }
    }
}

/// A hash of bytes: folded multiplication of eight at a time. Not for keys that an attacker may choose to collide at will:
/// the worst that collisions do is to make a join slow.
pub(crate) fn hash(bytes: &[u8], seed: u64) -> u64 {
    const MULTIPLE: u64 = 0x9e37_79b9_7f4a_7c15;
    let fold = |a: u64, b: u64| {
        let product = u128::from(a ^ MULTIPLE) * u128::from(b | 1);
        (product as u64) ^ (product >> 64) as u64
    };
    let mut state = fold(seed, bytes.len() as u64 ^ 0xa076_1d64_78bd_642f);
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        state = fold(state ^ u64::from_le_bytes(*word), MULTIPLE);
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    fold(state ^ u64::from_le_bytes(last), 0xe703_7ed1_a0b4_28db)
}
