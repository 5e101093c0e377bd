//! Passes over sorted records: of each run of equal keys keep the last, the first few, those that follow a silence.
//!
//! Takes partitions that hold whole runs, sorted; gives rows in the same order. Runs may span batches.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, BooleanBufferBuilder, Int64Array, RecordBatch};
use arrow::compute::{BatchCoalescer, concat, partition};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use datafusion::error::Result;

use super::count::Counter;
use super::sieve::is_true;
use super::stage::{Plan, Stage, Step};

/// Finds the runs of equal keys in batch after batch.
pub(crate) struct Runs {
    keys: Vec<usize>,
    /// The key of the last record, one row.
    last: Option<Vec<ArrayRef>>,
}

impl Runs {
    pub(crate) fn new(keys: &[usize]) -> Self {
        Self { keys: keys.to_vec(), last: None }
    }

    /// The runs of a batch that is not empty, and whether the first goes on with the last run of the batch before.
    pub(crate) fn split(&mut self, batch: &RecordBatch) -> Result<(Vec<Range<usize>>, bool)> {
        let keys: Vec<ArrayRef> = self.keys.iter().map(|&key| batch.column(key).clone()).collect();
        let rows = batch.num_rows();
        let last = keys.iter().map(|key| key.slice(rows - 1, 1)).collect();
        let Some(before) = self.last.replace(last) else {
            let ranges = if keys.is_empty() { whole(rows) } else { partition(&keys)?.ranges() };
            return Ok((ranges, false));
        };
        if keys.is_empty() {
            return Ok((whole(rows), true));
        }
        let pairs: Vec<ArrayRef> = before
            .iter()
            .zip(&keys)
            .map(|(before, key)| concat(&[before.as_ref(), key.slice(0, 1).as_ref()]))
            .collect::<Result<_, _>>()?;
        let continues = partition(&pairs)?.len() == 1;
        Ok((partition(&keys)?.ranges(), continues))
    }
}

/// One run of all rows.
fn whole(rows: usize) -> Vec<Range<usize>> {
    std::iter::once(0..rows).collect()
}

/// What becomes of records that give way, and of deletions that remain.
#[derive(Clone)]
pub(crate) struct LastOfRun {
    /// Counts records that are kept.
    pub(crate) kept: Counter,
    /// Counts records that are not the last of their run.
    pub(crate) superseded: Counter,
    /// Where to find out whether a record is a deletion, and a counter; deletions that are last are left out then.
    pub(crate) erased: Option<(usize, Counter)>,
}

/// The last record of each run.
pub(crate) fn last_of_run(input: Plan, keys: &[usize], how: LastOfRun) -> Plan {
    let keys = keys.to_vec();
    let (schema, properties) = (input.schema(), input.properties().clone());
    let gives = schema.clone();
    Stage::each_partition("LastOfRun", input, gives, properties, move |batch_size| -> Step {
        let mut runs = Runs::new(&keys);
        let mut gathered = BatchCoalescer::new(schema.clone(), batch_size);
        let mut waiting: Option<RecordBatch> = None;
        let how = how.clone();
        Box::new(move |batch| {
            let Some(batch) = batch else {
                if let Some(last) = waiting.take() {
                    how.keep(last, &mut gathered)?;
                }
                gathered.finish_buffered_batch()?;
                return Ok(drain(&mut gathered));
            };
            if batch.num_rows() == 0 {
                return Ok(Vec::new());
            }
            let (ranges, continues) = runs.split(&batch)?;
            match waiting.take() {
                Some(_) if continues => how.superseded.add(1),
                Some(last) => how.keep(last, &mut gathered)?,
                None => {}
            }
            let last = batch.num_rows() - 1;
            let mut ends = BooleanBufferBuilder::new(last);
            ends.append_n(last, false);
            let ended = &ranges[..ranges.len() - 1];
            ended.iter().for_each(|range| ends.set_bit(range.end - 1, true));
            how.superseded.add(last - ended.len());
            let before = batch.slice(0, last);
            let ends = BooleanArray::new(ends.finish(), None);
            how.keep(arrow::compute::filter_record_batch(&before, &ends)?, &mut gathered)?;
            waiting = Some(batch.slice(last, 1));
            Ok(drain(&mut gathered))
        })
    })
}

impl LastOfRun {
    fn keep(&self, rows: RecordBatch, gathered: &mut BatchCoalescer) -> Result<()> {
        let Some((deleted, erased)) = &self.erased else {
            self.kept.add(rows.num_rows());
            return Ok(gathered.push_batch(rows)?);
        };
        let live = !&is_true(rows.column(*deleted));
        let kept = live.count_set_bits();
        self.kept.add(kept);
        erased.add(rows.num_rows() - kept);
        Ok(gathered.push_batch_with_filter(rows, &BooleanArray::new(live, None))?)
    }
}

/// The first `limit` records of each run, with their rank from 1 as a further column where `rank` is its name.
pub(crate) fn first_of_run(
    input: Plan,
    keys: &[usize],
    limit: u64,
    rank: Option<&str>,
    kept: Counter,
    superseded: Counter,
) -> Plan {
    let keys = keys.to_vec();
    let properties = input.properties().clone();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let ranked = rank.is_some();
    let schema = rank.map_or_else(|| input.schema(), |name| appended(&input.schema(), name));
    let properties = if ranked {
        super::stage::unordered(schema.clone(), properties.output_partitioning().clone())
    } else {
        properties
    };
    let gives = schema.clone();
    Stage::each_partition("FirstOfRun", input, gives, properties, move |batch_size| -> Step {
        let mut runs = Runs::new(&keys);
        let mut gathered = BatchCoalescer::new(schema.clone(), batch_size);
        let mut seen = 0_usize;
        let (schema, kept, superseded) = (schema.clone(), kept.clone(), superseded.clone());
        Box::new(move |batch| {
            let Some(batch) = batch else {
                gathered.finish_buffered_batch()?;
                return Ok(drain(&mut gathered));
            };
            if batch.num_rows() == 0 {
                return Ok(Vec::new());
            }
            let (ranges, continues) = runs.split(&batch)?;
            let mut keep = BooleanBufferBuilder::new(batch.num_rows());
            let mut ranks = Vec::with_capacity(if ranked { batch.num_rows() } else { 0 });
            for (index, range) in ranges.into_iter().enumerate() {
                if index > 0 || !continues {
                    seen = 0;
                }
                let within = limit.saturating_sub(seen).min(range.len());
                keep.append_n(within, true);
                keep.append_n(range.len() - within, false);
                if ranked {
                    ranks.extend((seen..seen + range.len()).map(|before| before as i64 + 1));
                }
                seen += range.len();
            }
            let keep = BooleanArray::new(keep.finish(), None);
            kept.add(keep.true_count());
            superseded.add(batch.num_rows() - keep.true_count());
            let batch =
                if ranked { append(&batch, &schema, Arc::new(Int64Array::from(ranks)))? } else { batch };
            gathered.push_batch_with_filter(batch, &keep)?;
            Ok(drain(&mut gathered))
        })
    })
}

/// The records of each run that no other precedes by at most `within_ms`. Sorted by time inside a run; no time is null.
pub(crate) fn first_within(
    input: Plan,
    keys: &[usize],
    time_ms: usize,
    within_ms: u64,
    kept: Counter,
    superseded: Counter,
) -> Plan {
    let keys = keys.to_vec();
    let (schema, properties) = (input.schema(), input.properties().clone());
    let gives = schema.clone();
    Stage::each_partition("FirstWithin", input, gives, properties, move |batch_size| -> Step {
        let mut gaps = Gaps::new(&keys, time_ms, within_ms);
        let mut gathered = BatchCoalescer::new(schema.clone(), batch_size);
        let (kept, superseded) = (kept.clone(), superseded.clone());
        Box::new(move |batch| {
            let Some(batch) = batch else {
                gathered.finish_buffered_batch()?;
                return Ok(drain(&mut gathered));
            };
            let starts = gaps.starts(&batch)?;
            kept.add(starts.true_count());
            superseded.add(batch.num_rows() - starts.true_count());
            gathered.push_batch_with_filter(batch, &starts)?;
            Ok(drain(&mut gathered))
        })
    })
}

/// Finds the records that begin a run or follow a gap in it.
pub(crate) struct Gaps {
    runs: Runs,
    time_ms: usize,
    gap_ms: u64,
    before: i64,
}

impl Gaps {
    pub(crate) fn new(keys: &[usize], time_ms: usize, gap_ms: u64) -> Self {
        Self { runs: Runs::new(keys), time_ms, gap_ms, before: 0 }
    }

    pub(crate) fn starts(&mut self, batch: &RecordBatch) -> Result<BooleanArray> {
        if batch.num_rows() == 0 {
            return Ok(BooleanArray::new(arrow::buffer::BooleanBuffer::new_unset(0), None));
        }
        let (ranges, continues) = self.runs.split(batch)?;
        let times = batch.column(self.time_ms).as_primitive::<Int64Type>().values();
        let mut starts = BooleanBufferBuilder::new(batch.num_rows());
        for (index, range) in ranges.into_iter().enumerate() {
            let mut first = index > 0 || !continues;
            for &time in &times[range] {
                starts.append(first || time.abs_diff(self.before) > self.gap_ms);
                first = false;
                self.before = time;
            }
        }
        Ok(BooleanArray::new(starts.finish(), None))
    }
}

/// The schema with a further column of integers.
pub(crate) fn appended(schema: &SchemaRef, name: &str) -> SchemaRef {
    let mut fields = schema.fields().to_vec();
    fields.push(Arc::new(Field::new(name, DataType::Int64, true)));
    Arc::new(Schema::new(fields))
}

/// The batch with a further column.
pub(crate) fn append(batch: &RecordBatch, schema: &SchemaRef, column: ArrayRef) -> Result<RecordBatch> {
    let mut columns = batch.columns().to_vec();
    columns.push(column);
    Ok(RecordBatch::try_new(schema.clone(), columns)?)
}

/// The batches that are full, or all after the last was finished.
pub(crate) fn drain(gathered: &mut BatchCoalescer) -> Vec<RecordBatch> {
    std::iter::from_fn(|| gathered.next_completed_batch()).collect()
}
