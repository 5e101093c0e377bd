//! Collects rejected records while a run goes on, compactly: which judgement, which record. The originals are looked up at the end.
//!
//! Takes judged rows and what sources reject, gives dead letters in order of arrival. It must not hold more memory than granted.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{
    Array, ArrayRef, BinaryArray, RecordBatch, StringArray, UInt32Array, UInt64Array, new_null_array,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::error::Result;
use datafusion::execution::runtime_env::RuntimeEnv;
use indexmap::IndexMap;

use super::bindings::{Original, Rejected};
use super::count::Counter;
use super::spool::Spool;

/// A way in which a record can be rejected at a node.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Judgement {
    /// Namespace and name of the node's product, which need not be the one that runs.
    pub(crate) product: String,
    /// Name of the node.
    pub(crate) node: String,
    pub(crate) code: String,
    pub(crate) rule: String,
    pub(crate) field: Option<String>,
}

/// Index of a judgement in [`Letters`].
pub(crate) type JudgementId = u32;

/// The rejected records of a run.
pub(crate) struct Letters {
    judgements: Mutex<IndexMap<Judgement, Counter>>,
    /// Records that broke a rule that warns, by code.
    warnings: Mutex<BTreeMap<String, Counter>>,
    /// None where nobody reads dead letters.
    spool: Option<Mutex<Spool>>,
    /// The first record, by arrival, that broke a rule that says to fail.
    broken: Mutex<Option<(Option<u64>, JudgementId)>>,
}

/// Columns of the spool, in order.
pub(crate) const LETTER_ARRIVAL: usize = 0;
pub(crate) const LETTER_JUDGEMENT: usize = 1;
pub(crate) const LETTER_TIME: usize = 2;
pub(crate) const LETTER_ORIGINAL: usize = 3;
pub(crate) const LETTER_FILE: usize = 4;
pub(crate) const LETTER_LINE: usize = 5;
pub(crate) const LETTER_RECORD: usize = 6;

fn letter_schema() -> SchemaRef {
    let field = |name: &str, data_type| Field::new(name, data_type, true);
    Arc::new(Schema::new(vec![
        field("arrival", DataType::UInt64),
        field("judgement", DataType::UInt32),
        field("event_time_us", DataType::Int64),
        field("original", DataType::Binary),
        field("file", DataType::Utf8),
        field("line", DataType::UInt64),
        field("record", DataType::UInt64),
    ]))
}

/// Rejected rows of one judgement; the arrays are of equal length.
pub(crate) struct RejectedRows {
    pub(crate) judgement: JudgementId,
    pub(crate) arrival: ArrayRef,
    /// Microseconds.
    pub(crate) event_time: Option<ArrayRef>,
    /// The rows as JSON where they have no arrival.
    pub(crate) rows: Option<BinaryArray>,
}

impl Letters {
    pub(crate) fn new(env: &Arc<RuntimeEnv>, kept: bool) -> Self {
        Self {
            judgements: Mutex::default(),
            warnings: Mutex::default(),
            spool: kept.then(|| Mutex::new(Spool::new("dead letters", letter_schema(), env))),
            broken: Mutex::default(),
        }
    }

    /// The id of a judgement.
    pub(crate) fn judgement(&self, judgement: Judgement) -> JudgementId {
        let mut judgements = lock(&self.judgements);
        let entry = judgements.entry(judgement);
        let index = entry.index();
        entry.or_default();
        u32::try_from(index).expect("a run has fewer than 2^32 judgements")
    }

    /// The counter of warnings with a code.
    pub(crate) fn warning(&self, code: &str) -> Counter {
        lock(&self.warnings).entry(code.to_owned()).or_default().clone()
    }

    /// Takes rejected rows.
    pub(crate) fn push(&self, rejected: RejectedRows) -> Result<()> {
        let rows = rejected.arrival.len();
        self.counter(rejected.judgement).add(rows);
        let Some(spool) = &self.spool else { return Ok(()) };
        let null = |data_type| new_null_array(&data_type, rows);
        let time = match rejected.event_time {
            Some(time) => arrow::compute::cast(&time, &DataType::Int64)?,
            None => null(DataType::Int64),
        };
        let original = rejected.rows.map_or_else(|| null(DataType::Binary), |rows| Arc::new(rows) as _);
        let columns: Vec<ArrayRef> = vec![
            rejected.arrival,
            Arc::new(UInt32Array::from(vec![rejected.judgement; rows])),
            time,
            original,
            null(DataType::Utf8),
            null(DataType::UInt64),
            null(DataType::UInt64),
        ];
        lock(spool).push(RecordBatch::try_new(letter_schema(), columns)?)
    }

    /// Takes records that their source could not decode; `base` is the source's place in the order of arrival.
    pub(crate) fn push_undecoded(
        &self,
        (product, node): (&str, &str),
        base: u64,
        rejected: Vec<Rejected>,
    ) -> Result<()> {
        let judge = |one: &Rejected| {
            let (code, rule, field) = (one.code.clone(), one.rule.clone(), one.field.clone());
            let (product, node) = (product.to_owned(), node.to_owned());
            let id = self.judgement(Judgement { product, node, code, rule, field });
            self.counter(id).add(1);
            id
        };
        let judgements: UInt32Array = rejected.iter().map(|one| Some(judge(one))).collect();
        let Some(spool) = &self.spool else { return Ok(()) };
        let originals = || rejected.iter().map(|one| &one.original);
        let number = |number: fn(&Original) -> u64| -> ArrayRef {
            Arc::new(originals().map(|original| Some(number(original))).collect::<UInt64Array>())
        };
        let arrivals = rejected.iter().map(|one| Some(base | one.position));
        let columns: Vec<ArrayRef> = vec![
            Arc::new(arrivals.collect::<UInt64Array>()),
            Arc::new(judgements),
            new_null_array(&DataType::Int64, rejected.len()),
            Arc::new(originals().map(|original| Some(&original.bytes)).collect::<BinaryArray>()),
            Arc::new(originals().map(|original| Some(&original.file)).collect::<StringArray>()),
            number(|original| original.line),
            number(|original| original.record),
        ];
        lock(spool).push(RecordBatch::try_new(letter_schema(), columns)?)
    }

    /// Notes that a record broke a rule that says to fail.
    pub(crate) fn fail(&self, judgement: JudgementId, arrival: Option<u64>) {
        let mut broken = lock(&self.broken);
        let earlier =
            broken.is_none_or(|(before, _)| arrival.is_some_and(|at| before.is_none_or(|b| at < b)));
        if earlier {
            *broken = Some((arrival, judgement));
        }
    }

    /// The record that broke a rule that says to fail.
    pub(crate) fn broken(&self) -> Option<(Judgement, Option<u64>)> {
        let broken = *lock(&self.broken);
        broken.map(|(arrival, id)| (self.name(id), arrival))
    }

    /// A judgement by its id.
    pub(crate) fn name(&self, id: JudgementId) -> Judgement {
        let judgements = lock(&self.judgements);
        let (judgement, _) = judgements.get_index(id as usize).expect("ids are given out by this table");
        judgement.clone()
    }

    fn counter(&self, id: JudgementId) -> Counter {
        let judgements = lock(&self.judgements);
        let (_, counter) = judgements.get_index(id as usize).expect("ids are given out by this table");
        counter.clone()
    }

    /// Rejected records by code.
    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for (judgement, counter) in lock(&self.judgements).iter() {
            *counts.entry(judgement.code.clone()).or_insert(0) += counter.get();
        }
        counts.retain(|_, count| *count > 0);
        counts
    }

    /// Records that broke a rule that warns, by code.
    pub(crate) fn warnings(&self) -> BTreeMap<String, u64> {
        let warnings = lock(&self.warnings);
        let counts = warnings.iter().map(|(code, counter)| (code.clone(), counter.get()));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    /// What was collected, for the end of the run.
    pub(crate) fn take(&self, env: &Arc<RuntimeEnv>) -> Option<Spool> {
        let spool = self.spool.as_ref()?;
        let empty = Spool::new("dead letters", letter_schema(), env);
        Some(std::mem::replace(&mut *lock(spool), empty))
    }
}

/// A thread that panicked while it held the lock has stopped the run; what it left is still whole batches.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
