//! Finds for the rows of one side of a join their partners on the other, and puts the pairs together.
//!
//! Takes a table and batches, gives joined batches of bounded size, however many partners a row has.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, UInt32Array, UInt64Array,
};
use arrow::buffer::NullBuffer;
use arrow::compute::take;
use arrow::datatypes::{SchemaRef, UInt64Type};
use datafusion::error::Result;
use datafusion::physical_expr::PhysicalExpr;

use super::count::Counter;
use super::join_table::{Keys, Table, Times};
use super::order::time_ms;
use super::sieve::is_true;

/// What a join is, seen from the side that is kept in memory (`kept`) and the side that streams by (`passing`).
pub(crate) struct Joining {
    pub(crate) keys: Keys,
    pub(crate) kept_keys: Vec<Arc<dyn PhysicalExpr>>,
    pub(crate) passing_keys: Vec<Arc<dyn PhysicalExpr>>,
    pub(crate) near: Near,
    pub(crate) condition: Option<Condition>,
    /// Rows of the kept side without a partner are given, with nulls.
    pub(crate) outer_kept: bool,
    /// Rows of the passing side without a partner are given, with nulls.
    pub(crate) outer_passing: bool,
    /// The passing side's deletions, which look for no partner.
    pub(crate) passing_deleted: Option<usize>,
    pub(crate) output: Vec<Output>,
    pub(crate) schema: SchemaRef,
    pub(crate) kept: Matches,
    pub(crate) passing: Matches,
}

/// Counters of one side.
#[derive(Debug, Clone)]
pub(crate) struct Matches {
    pub(crate) matched: Counter,
    pub(crate) unmatched: Counter,
}

/// How time bounds partners. Columns are of event time, in plans of their side.
#[derive(Debug, Clone)]
pub(crate) enum Near {
    /// Not at all.
    Any,
    /// Kept minus passing lies between these, in milliseconds.
    Between { kept: usize, passing: usize, first_ms: i64, last_ms: i64 },
    /// The last version of the kept side at the passing side's time.
    AsOf { kept: usize, arrival: Option<usize>, deleted: usize, passing: usize },
}

/// A condition over both sides.
pub(crate) struct Condition {
    pub(crate) predicate: Arc<dyn PhysicalExpr>,
    /// Where its columns come from.
    pub(crate) columns: Vec<Output>,
    pub(crate) schema: SchemaRef,
}

/// A column of joined rows.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Output {
    /// A column of the kept side.
    Kept(usize),
    /// A column of the passing side.
    Passing(usize),
    /// The arrival: of the passing side, or of the kept one where there is no passing row.
    Arrival { passing: usize, kept: usize },
    /// Whether it is a deletion: as the passing side says and, with `unmatched`, where there is no partner.
    Deleted { passing: Option<usize>, unmatched: bool },
}

/// Pairs of row numbers; null where there is no partner.
struct Pairs<'a> {
    kept: &'a UInt32Array,
    passing: &'a UInt32Array,
    /// The passing rows are all rows of the batch, each once, in order.
    whole: bool,
}

impl Joining {
    /// Groups rows of the kept side.
    pub(crate) fn table(&self, rows: RecordBatch) -> Result<Table> {
        let keys = evaluate(&self.kept_keys, &rows)?;
        let at = match self.near {
            Near::Any => None,
            Near::Between { kept, .. } | Near::AsOf { kept, .. } => {
                Some(Arc::new(time_ms(rows.column(kept))?) as ArrayRef)
            }
        };
        let (arrival, deleted) = match self.near {
            Near::AsOf { arrival, deleted, .. } => (arrival, Some(rows.column(deleted).clone())),
            Near::Any | Near::Between { .. } => (None, None),
        };
        let arrival = arrival.map(|arrival| rows.column(arrival).clone());
        let times = Times { at: at.as_ref(), arrival: arrival.as_ref(), deleted: deleted.as_ref() };
        Table::new(rows, &self.keys, &keys, &times)
    }

    /// Where in the table the possible partners of each row are.
    pub(crate) fn candidates(&self, table: &Table, batch: &RecordBatch) -> Result<Vec<Range<u32>>> {
        let columns = evaluate(&self.passing_keys, batch)?;
        let keys = self.keys.encode(&columns)?;
        let mut valid = Keys::valid(&columns);
        if let Some(deleted) = self.passing_deleted {
            let deleted = is_true(batch.column(deleted));
            if deleted.count_set_bits() > 0 {
                let valid = valid.get_or_insert_with(|| vec![true; batch.num_rows()]);
                valid.iter_mut().zip(deleted.iter()).for_each(|(valid, deleted)| *valid &= !deleted);
            }
        }
        let times = match self.near {
            Near::Any => None,
            Near::Between { passing, .. } | Near::AsOf { passing, .. } => {
                Some(time_ms(batch.column(passing))?)
            }
        };
        let of = |row: usize| {
            if valid.as_ref().is_some_and(|valid| !valid[row]) {
                return 0..0;
            }
            self.near(table, table.group(&keys, row), times.as_ref(), row)
        };
        Ok((0..batch.num_rows()).map(of).collect())
    }

    fn near(&self, table: &Table, group: Range<u32>, times: Option<&Int64Array>, row: usize) -> Range<u32> {
        let Some(times) = times.filter(|_| !group.is_empty()) else { return group };
        if times.is_null(row) {
            return 0..0;
        }
        let time = times.value(row);
        match self.near {
            Near::Any => group,
            Near::Between { first_ms, last_ms, .. } => {
                table.between(group, time.saturating_add(first_ms), time.saturating_add(last_ms))
            }
            Near::AsOf { deleted, .. } => {
                let found = table.as_of(group, time);
                let is_deletion = |at: u32| {
                    let row = table.order[at as usize] as usize;
                    let deleted = table.rows.column(deleted).as_boolean();
                    deleted.is_valid(row) && deleted.value(row)
                };
                if found.clone().any(is_deletion) { 0..0 } else { found }
            }
        }
    }

    /// Joined rows out of pairs.
    fn put_together(
        &self,
        columns: &[Output],
        schema: &SchemaRef,
        table: &RecordBatch,
        batch: &RecordBatch,
        pairs: &Pairs<'_>,
    ) -> Result<RecordBatch> {
        let kept = |column: usize| -> Result<ArrayRef> { Ok(take(table.column(column), pairs.kept, None)?) };
        let passing = |column: usize| -> Result<ArrayRef> {
            let column = batch.column(column);
            if pairs.whole { Ok(column.clone()) } else { Ok(take(column, pairs.passing, None)?) }
        };
        let column = |output: &Output| match *output {
            Output::Kept(column) => kept(column),
            Output::Passing(column) => passing(column),
            Output::Arrival { passing: first, kept: second } => {
                let (first, second) = (passing(first)?, kept(second)?);
                let pairs =
                    first.as_primitive::<UInt64Type>().iter().zip(second.as_primitive::<UInt64Type>());
                Ok(Arc::new(pairs.map(|(first, second)| first.or(second)).collect::<UInt64Array>())
                    as ArrayRef)
            }
            Output::Deleted { passing: column, unmatched } => {
                let mut deleted = vec![false; pairs.kept.len()];
                if let Some(column) = column {
                    let given = is_true(&passing(column)?);
                    deleted.iter_mut().zip(given.iter()).for_each(|(deleted, given)| *deleted = given);
                }
                if unmatched {
                    let alone = (0..pairs.kept.len()).map(|pair| pairs.kept.is_null(pair));
                    deleted.iter_mut().zip(alone).for_each(|(deleted, alone)| *deleted |= alone);
                }
                Ok(Arc::new(BooleanArray::from(deleted)) as ArrayRef)
            }
        };
        let columns: Vec<ArrayRef> = columns.iter().map(column).collect::<Result<_>>()?;
        let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(pairs.kept.len()));
        Ok(RecordBatch::try_new_with_options(schema.clone(), columns, &options)?)
    }

    /// Rows of the kept side without a partner, with nulls for the other.
    pub(crate) fn alone(&self, table: &Table, rows: Vec<u32>, passing: &SchemaRef) -> Result<RecordBatch> {
        let count = rows.len();
        let pairs =
            Pairs { kept: &UInt32Array::from(rows), passing: &UInt32Array::new_null(count), whole: false };
        self.put_together(
            &self.output,
            &self.schema,
            &table.rows,
            &RecordBatch::new_empty(passing.clone()),
            &pairs,
        )
    }
}

/// A batch of the passing side while its pairs are found.
pub(crate) struct Passing {
    batch: RecordBatch,
    candidates: Vec<Range<u32>>,
    /// The row whose candidates come next.
    row: usize,
    /// Rows that have found a partner.
    found: Vec<bool>,
    done: bool,
}

impl Passing {
    pub(crate) fn new(joining: &Joining, table: &Table, batch: RecordBatch) -> Result<Self> {
        let candidates = joining.candidates(table, &batch)?;
        let found = vec![false; batch.num_rows()];
        Ok(Self { batch, candidates, row: 0, found, done: false })
    }

    /// The next joined rows, about as many as wanted; none when all have been given.
    pub(crate) fn next(
        &mut self,
        joining: &Joining,
        table: &Table,
        wanted: usize,
    ) -> Result<Option<RecordBatch>> {
        if self.done {
            return Ok(None);
        }
        // Without a condition every candidate is a partner, and rows without one can go along in their place.
        let along = joining.outer_passing && joining.condition.is_none();
        let mut kept: Vec<Option<u32>> = Vec::with_capacity(wanted.min(self.batch.num_rows()));
        let mut passing: Vec<u32> = Vec::with_capacity(kept.capacity());
        while self.row < self.candidates.len() && kept.len() < wanted {
            let range = &mut self.candidates[self.row];
            let take = (range.end - range.start).min((wanted - kept.len()) as u32);
            if take == 0 && along && !self.found[self.row] {
                kept.push(None);
                passing.push(self.row as u32);
            }
            let rows = &table.order[range.start as usize..(range.start + take) as usize];
            kept.extend(rows.iter().map(|row| Some(*row)));
            passing.extend(std::iter::repeat_n(self.row as u32, take as usize));
            range.start += take;
            if joining.condition.is_none() && take > 0 {
                self.found[self.row] = true;
            }
            if range.start == range.end {
                self.row += 1;
            }
        }
        if kept.is_empty() {
            self.done = true;
            return self.finish(joining, table).map(Some);
        }
        let (mut kept, mut passing) = (UInt32Array::from(kept), UInt32Array::from(passing));
        if let Some(condition) = &joining.condition {
            (kept, passing) = self.those_that_meet(joining, condition, table, kept, passing)?;
        }
        let partners: Vec<u32> = kept.iter().flatten().collect();
        table.mark(&partners);
        let whole = passing.len() == self.batch.num_rows()
            && passing.values().iter().enumerate().all(|(index, row)| index == *row as usize);
        let pairs = Pairs { kept: &kept, passing: &passing, whole };
        joining.put_together(&joining.output, &joining.schema, &table.rows, &self.batch, &pairs).map(Some)
    }

    /// The pairs for which the condition is true.
    fn those_that_meet(
        &mut self,
        joining: &Joining,
        condition: &Condition,
        table: &Table,
        kept: UInt32Array,
        passing: UInt32Array,
    ) -> Result<(UInt32Array, UInt32Array)> {
        let pairs = Pairs { kept: &kept, passing: &passing, whole: false };
        let rows =
            joining.put_together(&condition.columns, &condition.schema, &table.rows, &self.batch, &pairs)?;
        let met = condition.predicate.evaluate(&rows)?.into_array(rows.num_rows())?;
        let met = BooleanArray::new(is_true(&met), None);
        let kept = arrow::compute::filter(&kept, &met)?.as_primitive().clone();
        let passing: UInt32Array = arrow::compute::filter(&passing, &met)?.as_primitive().clone();
        passing.values().iter().for_each(|row| self.found[*row as usize] = true);
        Ok((kept, passing))
    }

    /// Counts the batch; gives the rows that met no condition.
    fn finish(&mut self, joining: &Joining, table: &Table) -> Result<RecordBatch> {
        let matched = self.found.iter().filter(|found| **found).count();
        joining.passing.matched.add(matched);
        joining.passing.unmatched.add(self.found.len() - matched);
        let alone: Vec<u32> = if joining.outer_passing && joining.condition.is_some() {
            (0..self.found.len() as u32).filter(|row| !self.found[*row as usize]).collect()
        } else {
            Vec::new()
        };
        let passing = UInt32Array::from(alone);
        let kept = UInt32Array::new(vec![0; passing.len()].into(), Some(NullBuffer::new_null(passing.len())));
        let pairs = Pairs { kept: &kept, passing: &passing, whole: false };
        joining.put_together(&joining.output, &joining.schema, &table.rows, &self.batch, &pairs)
    }
}

/// The values of expressions over a batch.
pub(crate) fn evaluate(exprs: &[Arc<dyn PhysicalExpr>], batch: &RecordBatch) -> Result<Vec<ArrayRef>> {
    exprs.iter().map(|expr| expr.evaluate(batch)?.into_array(batch.num_rows())).collect()
}
