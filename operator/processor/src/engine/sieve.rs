//! Decides record by record what passes: filters, routes, rules.
//!
//! Takes batches and predicates, gives the rows that pass; on an upsert stream a row that no longer passes becomes a deletion.
//! Every record is counted under exactly one outcome.

use std::ops::Not;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, BooleanArray, RecordBatch};
use arrow::buffer::BooleanBuffer;
use arrow::compute::{BatchCoalescer, filter, filter_record_batch};
use arrow::datatypes::{Schema, SchemaRef, UInt64Type};
use datafusion::error::{DataFusionError, Result};
use datafusion::physical_expr::PhysicalExpr;

use super::count::Counter;
use super::layout::Layout;
use super::letters::{JudgementId, Letters, RejectedRows};
use super::stage::{Plan, Stage};

/// What decides about records, in order.
pub(crate) struct Sieve {
    pub(crate) tests: Vec<Test>,
    pub(crate) letters: Arc<Letters>,
    /// The input's layout.
    pub(crate) layout: Arc<Layout>,
    /// Where the plan has event time, for dead letters.
    pub(crate) event_time: Option<usize>,
    /// Names of the plan's columns in dead letters of records that no source has.
    pub(crate) names: SchemaRef,
    /// Counts what passes as it was.
    pub(crate) out: Counter,
}

/// One question to a record that has passed all before.
pub(crate) struct Test {
    pub(crate) predicate: Arc<dyn PhysicalExpr>,
    pub(crate) passes: Passes,
    pub(crate) otherwise: Fate,
}

/// Which answer lets a record pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passes {
    /// Only true.
    IfTrue,
    /// All but true.
    UnlessTrue,
    /// All but false.
    UnlessFalse,
}

/// What becomes of a record that does not pass. Counters are those of its outcome.
pub(crate) enum Fate {
    /// It goes; on an upsert stream a deletion goes on.
    Gone(Counter),
    /// It goes, on an upsert stream too: the last good row stays.
    Dropped(Counter),
    /// It goes to the dead letters; with `delete`, a deletion goes on.
    Dead { judgement: JudgementId, counter: Counter, delete: bool },
    /// The run stops.
    Fail { judgement: JudgementId },
    /// It passes.
    Warn(Counter),
}

/// The rows of `input` that pass, with all columns of its plan.
pub(crate) fn sieve(input: Plan, sieve: Sieve) -> Result<Plan> {
    let schema = input.schema();
    let properties = input.properties().clone();
    let sieve = Arc::new(sieve);
    Ok(Stage::each_partition("Sieve", input, schema.clone(), properties, move |batch_size| {
        let sieve = sieve.clone();
        let mut gathered = BatchCoalescer::new(schema.clone(), batch_size)
            .with_biggest_coalesce_batch_size(Some(batch_size / 2));
        Box::new(move |batch: Option<RecordBatch>| {
            match batch {
                Some(batch) => sieve.pass(batch, &mut gathered)?,
                None => gathered.finish_buffered_batch()?,
            }
            Ok(std::iter::from_fn(|| gathered.next_completed_batch()).collect())
        })
    }))
}

/// What is known of the records of a batch.
struct Verdict {
    /// Still asked: neither decided nor a deletion from the start.
    asked: BooleanBuffer,
    /// Taken out.
    gone: BooleanBuffer,
    /// Became a deletion here.
    turned: BooleanBuffer,
}

impl Sieve {
    fn pass(&self, batch: RecordBatch, gathered: &mut BatchCoalescer) -> Result<()> {
        let rows = batch.num_rows();
        let deletions = self.layout.deleted().map(|index| is_true(batch.column(index)));
        let mut verdict = Verdict {
            asked: deletions.as_ref().map_or_else(|| BooleanBuffer::new_set(rows), Not::not),
            gone: BooleanBuffer::new_unset(rows),
            turned: BooleanBuffer::new_unset(rows),
        };
        for test in &self.tests {
            let answer = test.predicate.evaluate(&batch)?.into_array(rows)?;
            let answer = answer.as_boolean_opt().ok_or_else(|| {
                DataFusionError::Internal("a condition does not give a truth value".to_owned())
            })?;
            let failed = &test.passes.failed(answer) & &verdict.asked;
            let count = failed.count_set_bits();
            if count > 0 {
                self.decide(test, &batch, failed, count, &mut verdict)?;
            }
        }
        let turned = verdict.turned.count_set_bits();
        let gone = verdict.gone.count_set_bits();
        self.out.add(rows - turned - gone);
        let batch =
            if turned > 0 { self.delete(&batch, deletions.as_ref(), &verdict.turned)? } else { batch };
        if gone == 0 {
            gathered.push_batch(batch)?;
        } else if gone < rows {
            let keep = BooleanArray::new(!&verdict.gone, None);
            gathered.push_batch_with_filter(batch, &keep)?;
        }
        Ok(())
    }

    /// Decides about records that failed a test.
    fn decide(
        &self,
        test: &Test,
        batch: &RecordBatch,
        failed: BooleanBuffer,
        count: usize,
        verdict: &mut Verdict,
    ) -> Result<()> {
        let upsert = self.layout.deleted().is_some();
        let delete = match &test.otherwise {
            Fate::Warn(counter) => {
                counter.add(count);
                return Ok(());
            }
            Fate::Fail { judgement } => {
                let first = failed.set_indices().next();
                let arrival = self.layout.arrival().zip(first).and_then(|(column, row)| {
                    let arrivals = batch.column(column).as_primitive::<UInt64Type>();
                    arrivals.is_valid(row).then(|| arrivals.value(row))
                });
                self.letters.fail(*judgement, arrival);
                return Err(DataFusionError::Execution(
                    "a record breaks a rule that says to fail".to_owned(),
                ));
            }
            Fate::Gone(counter) => {
                counter.add(count);
                upsert
            }
            Fate::Dropped(counter) => {
                counter.add(count);
                false
            }
            Fate::Dead { judgement, counter, delete } => {
                counter.add(count);
                self.reject(batch, &failed, *judgement)?;
                *delete && upsert
            }
        };
        verdict.asked = &verdict.asked & &!&failed;
        if delete {
            verdict.turned = &verdict.turned | &failed;
        } else {
            verdict.gone = &verdict.gone | &failed;
        }
        Ok(())
    }

    /// Sends records to the dead letters.
    fn reject(&self, batch: &RecordBatch, failed: &BooleanBuffer, judgement: JudgementId) -> Result<()> {
        let failed = BooleanArray::new(failed.clone(), None);
        let arrival = self.layout.arrival().expect("a stream that may be rejected carries its arrival");
        let arrival = filter(batch.column(arrival), &failed)?;
        let event_time = self.event_time.map(|time| filter(batch.column(time), &failed)).transpose()?;
        let rows = if arrival.null_count() > 0 {
            Some(rows_as_json(&filter_record_batch(batch, &failed)?, &self.names, &arrival)?)
        } else {
            None
        };
        self.letters.push(RejectedRows { judgement, arrival, event_time, rows })
    }

    /// The batch with further records marked as deletions.
    fn delete(
        &self,
        batch: &RecordBatch,
        deletions: Option<&BooleanBuffer>,
        turned: &BooleanBuffer,
    ) -> Result<RecordBatch> {
        let index = self.layout.deleted().expect("only records of upsert streams turn into deletions");
        let deleted = deletions.map_or_else(|| turned.clone(), |before| before | turned);
        let mut columns = batch.columns().to_vec();
        columns[index] = Arc::new(BooleanArray::new(deleted, None));
        Ok(RecordBatch::try_new(batch.schema(), columns)?)
    }
}

impl Passes {
    /// The records that the answer keeps from passing.
    fn failed(self, answer: &BooleanArray) -> BooleanBuffer {
        match self {
            Passes::IfTrue => !&is_true(answer),
            Passes::UnlessTrue => is_true(answer),
            Passes::UnlessFalse => match answer.nulls() {
                Some(nulls) => &!answer.values() & nulls.inner(),
                None => !answer.values(),
            },
        }
    }
}

/// The rows that are true, not null.
pub(crate) fn is_true(array: &dyn Array) -> BooleanBuffer {
    let array = array.as_boolean();
    match array.nulls() {
        Some(nulls) => array.values() & nulls.inner(),
        None => array.values().clone(),
    }
}

/// Rows without arrival as JSON objects; null for the others.
fn rows_as_json(rows: &RecordBatch, names: &SchemaRef, arrival: &ArrayRef) -> Result<BinaryArray> {
    let fields = names.fields().len();
    let columns = rows.columns()[..fields].to_vec();
    let rows = RecordBatch::try_new(nullable(names), columns)?;
    let builder = arrow::json::WriterBuilder::new().with_explicit_nulls(true);
    let mut writer = builder.build::<_, arrow::json::writer::LineDelimited>(Vec::new());
    writer.write(&rows)?;
    writer.finish()?;
    let text = writer.into_inner();
    let lines = text.split(|byte| *byte == b'\n');
    let lines = lines.zip(0..rows.num_rows());
    Ok(lines.map(|(line, row)| arrival.is_null(row).then_some(line)).collect())
}

/// The schema with every column nullable: what a deletion has.
fn nullable(schema: &SchemaRef) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}
