//! Delivers the dead letters of a run: sorts them by arrival, looks up the originals, hands them over.
//!
//! Takes what was collected, gives whole dead letters. It must not hold more of them than one batch.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::SortOptions;
use arrow::datatypes::{Int64Type, UInt32Type, UInt64Type};
use datafusion::common::internal_datafusion_err;
use datafusion::execution::TaskContext;
use datafusion::physical_expr::{LexOrdering, PhysicalSortExpr};
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::{ExecutionPlan, Partitioning};
use futures::StreamExt;

use super::bindings::{DeadLetterRows, Original, Originals, POSITIONS, SourceRows};
use super::error::EngineError;
use super::letters::{
    LETTER_ARRIVAL, LETTER_FILE, LETTER_JUDGEMENT, LETTER_LINE, LETTER_ORIGINAL, LETTER_RECORD, LETTER_TIME,
    Letters,
};
use super::report::{DeadLetter, Place};
use super::spool::Spool;
use super::stage::{Stage, column, unordered};

/// A source under its name.
#[derive(Clone)]
pub(crate) struct NamedSource {
    /// Namespace and name of its product.
    pub(crate) product: String,
    pub(crate) name: String,
    pub(crate) rows: Arc<dyn SourceRows>,
}

/// Hands over what was collected, in order of arrival. `sources` are in order of the graph.
pub(crate) async fn deliver(
    letters: &Letters,
    spool: Spool,
    sources: &[NamedSource],
    to: &dyn DeadLetterRows,
    context: Arc<TaskContext>,
) -> Result<(), EngineError> {
    if spool.rows() == 0 {
        return Ok(());
    }
    let fault = |reason| EngineError::Sink { sink: "dead letters".to_owned(), reason };
    let mut rows = sorted(spool, context)?;
    let mut lookup = Lookup { sources, open: BTreeMap::new(), last: None };
    while let Some(batch) = rows.next().await {
        let batch = batch?;
        // Reading a source again blocks; nothing else runs by now that could be held up.
        let originals = lookup.originals(&batch)?;
        let whole = whole(letters, sources, &batch, originals);
        to.write(whole).await.map_err(fault)?;
    }
    Ok(())
}

fn sorted(
    spool: Spool,
    context: Arc<TaskContext>,
) -> Result<datafusion::execution::SendableRecordBatchStream, EngineError> {
    let rows = spool.into_stream()?;
    let schema = rows.schema();
    let rows = Mutex::new(Some(rows));
    let properties = unordered(schema.clone(), Partitioning::UnknownPartitioning(1));
    let plan = Stage::plan("Letters", Vec::new(), properties, move |_, _, _| {
        let rows = rows.lock().unwrap_or_else(PoisonError::into_inner).take();
        rows.ok_or_else(|| internal_datafusion_err!("dead letters are read twice"))
    });
    let options = SortOptions { descending: false, nulls_first: false };
    let by = |index: usize| PhysicalSortExpr::new(column(schema.field(index).name(), index), options);
    let order = LexOrdering::new([LETTER_ARRIVAL, LETTER_JUDGEMENT, LETTER_ORIGINAL].map(by));
    let order = order.expect("three columns are an order");
    Ok(SortExec::new(order, plan).execute(0, context)?)
}

/// Finds the originals of records that were rejected behind their source.
struct Lookup<'a> {
    sources: &'a [NamedSource],
    open: BTreeMap<usize, Box<dyn Originals>>,
    /// The last record found: it may have been rejected more than once.
    last: Option<(u64, Original)>,
}

impl Lookup<'_> {
    /// The originals of a batch of letters, by arrival; only of those that do not have theirs.
    fn originals(&mut self, batch: &RecordBatch) -> Result<BTreeMap<u64, Original>, EngineError> {
        let arrivals = batch.column(LETTER_ARRIVAL).as_primitive::<UInt64Type>();
        let inline = batch.column(LETTER_ORIGINAL);
        let mut wanted: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
        let mut found = BTreeMap::new();
        for (row, arrival) in arrivals.iter().enumerate() {
            let Some(arrival) = arrival.filter(|_| inline.is_null(row)) else { continue };
            if let Some((at, original)) = self.last.as_ref().filter(|(at, _)| *at == arrival) {
                found.insert(*at, original.clone());
                continue;
            }
            let (source, position) = split(arrival);
            let positions = wanted.entry(source).or_default();
            if positions.last() != Some(&position) {
                positions.push(position);
            }
        }
        for (source, positions) in wanted {
            let originals = self.read(source, &positions)?;
            let base = source as u64 * POSITIONS;
            found.extend(positions.into_iter().map(|position| base | position).zip(originals));
        }
        self.last = found.last_key_value().map(|(at, original)| (*at, original.clone())).or(self.last.take());
        Ok(found)
    }

    fn read(&mut self, source: usize, positions: &[u64]) -> Result<Vec<Original>, EngineError> {
        let NamedSource { name, rows, .. } = &self.sources[source];
        let fault = |reason| EngineError::Source { source_name: name.clone(), reason };
        let open = match self.open.remove(&source) {
            Some(open) => open,
            None => rows.originals().map_err(fault)?,
        };
        let originals = self.open.entry(source).or_insert(open).at(positions).map_err(fault)?;
        if originals.len() != positions.len() {
            let (found, wanted) = (originals.len(), positions.len());
            return Err(fault(format!("{found} of {wanted} rejected records were found again").into()));
        }
        Ok(originals)
    }
}

/// The number of the source and the position in it.
fn split(arrival: u64) -> (usize, u64) {
    let source = usize::try_from(arrival / POSITIONS).expect("there are at most 2^16 sources");
    (source, arrival % POSITIONS)
}

/// Where a record of a run was found; none if its source can't tell.
pub(crate) fn place(sources: &[NamedSource], arrival: u64) -> Option<Place> {
    let (source, position) = split(arrival);
    let NamedSource { name, rows, .. } = sources.get(source)?;
    let originals = rows.originals().ok()?.at(&[position]).ok()?;
    originals.first().map(|original| original.place(name))
}

fn whole(
    letters: &Letters,
    sources: &[NamedSource],
    batch: &RecordBatch,
    originals: BTreeMap<u64, Original>,
) -> Vec<DeadLetter> {
    let arrivals = batch.column(LETTER_ARRIVAL).as_primitive::<UInt64Type>();
    let judgements = batch.column(LETTER_JUDGEMENT).as_primitive::<UInt32Type>();
    let times = batch.column(LETTER_TIME).as_primitive::<Int64Type>();
    let inline = batch.column(LETTER_ORIGINAL).as_binary::<i32>();
    let letter = |row: usize| {
        let judgement = letters.name(judgements.value(row));
        let arrival = arrivals.is_valid(row).then(|| arrivals.value(row));
        let original = if inline.is_valid(row) {
            inline_original(batch, row, inline.value(row))
        } else {
            arrival.and_then(|arrival| originals.get(&arrival).cloned())
        };
        let source = arrival.map(|arrival| &sources[split(arrival).0]);
        let foreign = source.filter(|source| source.product != judgement.product);
        let source = source.map(|source| match foreign {
            Some(source) => format!("{}.{}", source.product, source.name),
            None => source.name.clone(),
        });
        let place = source.zip(original.as_ref()).map(|(source, original)| original.place(&source));
        let original = original.filter(|_| foreign.is_none());
        DeadLetter {
            product: judgement.product,
            node: judgement.node,
            code: judgement.code,
            rule: judgement.rule,
            field: judgement.field,
            place,
            original: original.map(|original| original.bytes).unwrap_or_default(),
            event_time_us: times.is_valid(row).then(|| times.value(row)),
        }
    };
    (0..batch.num_rows()).map(letter).collect()
}

fn inline_original(batch: &RecordBatch, row: usize, bytes: &[u8]) -> Option<Original> {
    let number = |column: usize| {
        let column: &ArrayRef = batch.column(column);
        if column.is_null(row) { 0 } else { column.as_primitive::<UInt64Type>().value(row) }
    };
    let file = batch.column(LETTER_FILE).as_string::<i32>();
    let file = if file.is_valid(row) { file.value(row).to_owned() } else { String::new() };
    Some(Original { file, line: number(LETTER_LINE), record: number(LETTER_RECORD), bytes: bytes.to_vec() })
}
