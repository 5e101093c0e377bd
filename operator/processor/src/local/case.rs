//! One case of a test of a product: given records arrive step by step, and what comes out stays in memory.
//!
//! Takes what the compiler gave and the case; gives the rows of every sink, the dead letters and the report.
//! It writes nothing, and has no clock: when records arrive is data.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::execution::SendableRecordBatchStream;
use futures::TryStreamExt;
use headwater_compiler::catalog::{Catalog, Declared, Node};
use headwater_compiler::graph::{Graph, NodeId, OpId, Operator, ProductId};
use headwater_compiler::stream::{StreamKind, StreamType};
use headwater_crds::source::Source;
use headwater_crds::test::{Case, Given, GivenStep};

use super::file_source;
use super::given::GivenRows;
use super::settings::LocalError;
use crate::engine::{
    Arriving, Bindings, BoundError, DeadLetter, DeadLetterRows, RunConfig, RunReport, SinkRows, SinkWants,
    SourceRows, Sources, arrow_schema, run,
};
use crate::mask::apply::Vault;
use crate::read::hand_over::Metadata;
use crate::read::rows::FileRows;
use crate::read::wanted::{TextRules, Wanted};

/// When the first records of a case arrive that states no time: 2000-01-01T00:00:00Z.
const BEGINNING_MS: i64 = 946_684_800_000;

/// Memory for the state of one case; its records are few.
const MEMORY_BYTES: usize = 256 << 20;

/// What all cases of a product share.
pub struct CaseContext<'a> {
    /// Everything declared.
    pub catalog: &'a Catalog,
    /// What is computed.
    pub graph: &'a Graph,
    /// The product.
    pub product: ProductId,
    /// The keys of masks.
    pub vault: Arc<Vault>,
    /// The folder that files of the test are named from.
    pub folder: &'a Path,
}

/// What came of a case.
#[derive(Debug)]
pub struct CaseRun {
    /// What happened.
    pub report: RunReport,
    /// The rows of each sink: of an append stream all, of an upsert stream those that are left.
    pub sinks: BTreeMap<NodeId, RecordBatch>,
    /// The rejected records in order of arrival. The place of one that stands in the test itself has as its file the JSON pointer
    /// of its list in the test's document, and as its record the index there.
    pub letters: Vec<DeadLetter>,
}

/// Runs a case. `pointer` leads to it in its document, such as `/spec/cases/0`.
///
/// # Errors
/// [`LocalError`] when a file can't be read, or a rule says stop.
pub async fn run_case(ctx: &CaseContext<'_>, case: &Case, pointer: &str) -> Result<CaseRun, LocalError> {
    let arrivals = arrivals_ms(&case.steps);
    let mut arriving = Vec::new();
    for (index, (step, at_ms)) in case.steps.iter().zip(&arrivals).enumerate() {
        for (place, given) in step.given.iter().enumerate() {
            let place = format!("{pointer}/steps/{index}/given/{place}/rows");
            let (op, rows) = source(ctx, given, &place, *at_ms)?;
            arriving.push(Arriving { at_ms: *at_ms, op, rows });
        }
    }
    let product = &ctx.graph.products[ctx.product.0 as usize];
    let is_sink = |node: &&NodeId| matches!(ctx.catalog.node(**node).declared, Declared::Sink(_));
    let sinks: BTreeMap<NodeId, Arc<Taken>> =
        product.nodes.iter().filter(is_sink).map(|node| (*node, Arc::default())).collect();
    let letters = Arc::new(TakenLetters::default());
    let bindings = Bindings {
        sources: Sources::Arriving(arriving),
        sinks: sinks.iter().map(|(node, sink)| (*node, sink.clone() as Arc<dyn SinkRows>)).collect(),
        vault: ctx.vault.clone(),
        dead_letters: Some(letters.clone()),
    };
    let config = RunConfig {
        now_us: arrivals.last().map_or(BEGINNING_MS, |ms| *ms).saturating_mul(1000),
        memory_limit_bytes: MEMORY_BYTES,
        threads: 1,
        ..RunConfig::default()
    };
    let report = run(ctx.graph, ctx.product, bindings, &config).await?;
    let taken = |(node, sink): (NodeId, Arc<Taken>)| {
        let rows = sink.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        rows.map(|rows| (node, rows))
    };
    let letters = std::mem::take(&mut *letters.0.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(CaseRun { report, sinks: sinks.into_iter().filter_map(taken).collect(), letters })
}

/// When each step arrives: as stated, else a millisecond after the one before it.
fn arrivals_ms(steps: &[GivenStep]) -> Vec<i64> {
    let stated: Vec<Option<i64>> = steps
        .iter()
        .map(|step| step.at.as_ref().and_then(|at| at.parse::<jiff::Timestamp>().ok()))
        .map(|at| at.map(jiff::Timestamp::as_millisecond))
        .collect();
    let leading = stated.iter().take_while(|at| at.is_none()).count();
    let first = stated.get(leading).copied().flatten().unwrap_or(BEGINNING_MS + leading as i64);
    let mut now_ms = first - leading as i64 - 1;
    let mut arrivals = Vec::with_capacity(steps.len());
    for (index, at) in stated.iter().enumerate() {
        let next = stated[index..].iter().flatten().next().copied();
        now_ms = at.unwrap_or_else(|| next.map_or(now_ms + 1, |next| next.min(now_ms + 1)));
        arrivals.push(now_ms);
    }
    arrivals
}

/// The operator of a source, and the records that a test gives it.
fn source(
    ctx: &CaseContext<'_>,
    given: &Given,
    place: &str,
    at_ms: i64,
) -> Result<(OpId, Arc<dyn SourceRows>), LocalError> {
    let name = given.source.to_string();
    let unknown = || LocalError::Unsupported(format!("there is no source `{name}`"));
    let product = &ctx.graph.products[ctx.product.0 as usize];
    let found = product.nodes.iter().copied().find(|node| ctx.catalog.node(*node).name == name);
    let id = found.ok_or_else(unknown)?;
    let enters = |operator: &Operator| matches!(operator, Operator::Source | Operator::Import);
    let op = ctx.graph.ops.iter().position(|op| op.node == id && enters(&op.operator)).ok_or_else(unknown)?;
    let op = OpId(u32::try_from(op).expect("a graph has fewer than 2^32 operators"));
    let node = ctx.catalog.node(id);
    let Declared::Source(declared) = &node.declared else { return Err(unknown()) };
    let output = &ctx.graph.ops[op.0 as usize].output;
    let columns = (output, declared.metadata.len());
    let failed = |error| LocalError::Source { name: name.clone(), error };
    if let Some(file) = &given.file {
        let (files, rules) = file_source::bound(&ctx.folder.join(file), declared.files.as_deref())?;
        let metadata = declared.metadata.iter().map(|column| metadata(&column.is)).collect();
        let rows = FileRows::new(files, wanted(ctx.catalog, node, columns, rules)).map_err(failed)?;
        return Ok((op, Arc::new(rows.with_metadata(metadata))));
    }
    let rules = file_source::rules(declared.files.as_deref())?;
    let mut wanted = wanted(ctx.catalog, node, columns, rules);
    with_metadata(&mut wanted, declared, output, place, at_ms);
    let key = (output.kind == StreamKind::Upsert).then_some(output.key.as_slice());
    let rows = GivenRows::new(place, given.rows.as_deref().unwrap_or_default(), &wanted, key);
    Ok((op, Arc::new(rows.map_err(failed)?)))
}

/// What is wanted of a source: the fields of its contract before the columns of metadata, else all columns.
fn wanted(
    catalog: &Catalog,
    node: &Node,
    (output, metadata): (&StreamType, usize),
    text: TextRules,
) -> Wanted {
    match node.contracts.first().and_then(|reference| reference.id) {
        Some(id) => {
            let stated = output.columns.len() - metadata;
            file_source::wanted(catalog.contract(id), &output.columns[..stated], text)
        }
        None => Wanted { schema: Arc::new(arrow_schema(output)), defaults: BTreeMap::new(), text },
    }
}

/// Lets rows have what is known about records besides their content, with something in place of what they leave out.
fn with_metadata(wanted: &mut Wanted, declared: &Source, output: &StreamType, place: &str, at_ms: i64) {
    wanted.schema = Arc::new(arrow_schema(output));
    for column in &declared.metadata {
        let value = match column.is.as_str() {
            "timestamp" | "changed_at" => {
                jiff::Timestamp::from_millisecond(at_ms).ok().map(|at| at.to_string().into())
            }
            "partition" | "offset" | "line" => Some(0.into()),
            "topic" => Some(declared.name.to_string().into()),
            "path" => Some(place.into()),
            "op" => Some("c".into()),
            _ => None,
        };
        wanted.defaults.extend(value.map(|value| (column.field.to_string(), value)));
    }
}

/// What a file knows about its records.
fn metadata(is: &str) -> Metadata {
    match is {
        "path" => Metadata::Path,
        "line" => Metadata::Line,
        "offset" => Metadata::Offset,
        _ => Metadata::Null,
    }
}

/// Keeps the rows of a sink.
#[derive(Default)]
struct Taken(Mutex<Option<RecordBatch>>);

#[async_trait]
impl SinkRows for Taken {
    fn wants(&self) -> SinkWants {
        SinkWants { ordered: true, ..SinkWants::default() }
    }

    async fn write(
        &self,
        schema: SchemaRef,
        rows: Vec<SendableRecordBatchStream>,
    ) -> Result<u64, BoundError> {
        let mut batches = Vec::new();
        for rows in rows {
            batches.extend(rows.try_collect::<Vec<_>>().await?);
        }
        let all = concat_batches(&schema, &batches)?;
        let count = all.num_rows() as u64;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(all);
        Ok(count)
    }
}

/// Keeps dead letters.
#[derive(Default)]
struct TakenLetters(Mutex<Vec<DeadLetter>>);

#[async_trait]
impl DeadLetterRows for TakenLetters {
    async fn write(&self, letters: Vec<DeadLetter>) -> Result<(), BoundError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(letters);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use headwater_crds::scalar::Timestamp;
    use headwater_crds::test::GivenStep;

    use super::{BEGINNING_MS, arrivals_ms};

    fn check(stated_ms: &[Option<i64>], expected: &[i64]) {
        let at = |ms: &i64| {
            let at = jiff::Timestamp::from_millisecond(*ms).expect("the tests use few milliseconds");
            Timestamp(at.to_string())
        };
        let steps: Vec<GivenStep> = stated_ms
            .iter()
            .map(|stated| GivenStep { at: stated.as_ref().map(at), given: Vec::new() })
            .collect();
        assert_eq!(arrivals_ms(&steps), expected, "{stated_ms:?}");
    }

    #[test]
    fn steps_arrive_when_stated_or_one_after_the_other() {
        check(&[], &[]);
        check(&[None, None], &[BEGINNING_MS, BEGINNING_MS + 1]);
        check(&[Some(5000), None, Some(9000)], &[5000, 5001, 9000]);
        check(&[None, None, Some(9000)], &[8998, 8999, 9000]);
        check(&[Some(5000), None, Some(5000)], &[5000, 5000, 5000]);
    }
}
