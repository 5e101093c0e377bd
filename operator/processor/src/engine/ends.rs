//! Where records enter and leave a plan: sources, what another product's sink holds, sinks.
//!
//! Takes what is bound, gives a plan's first and last stage. It must not know what a source reads or a sink writes.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, UInt64Array};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimestampMicrosecondType, UInt64Type};
use datafusion::common::internal_datafusion_err;
use datafusion::error::{DataFusionError, Result};
use datafusion::physical_expr::LexOrdering;
use datafusion::physical_plan::coop::make_cooperative;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::{ExecutionPlanProperties, Partitioning};
use futures::StreamExt;
use headwater_compiler::graph::{OpId, Operator};

use super::arrow_type::arrow_schema;
use super::bindings::{ARRIVAL, DELETED, POSITIONS, SinkWants, Wanted};
use super::count::{Counter, Tally, counted};
use super::error::EngineError;
use super::layout::Layout;
use super::order::{ascending, sorted, ties};
use super::outcome::{Gives, Outcome};
use super::plan::{Ctx, Facts, Feed, Rows, is_upsert};
use super::settle::{Settling, settle};
use super::stage::{Plan, Stage, narrow, stream, unordered};

/// The records of a source, or of what stands in for another product.
pub(crate) fn source(ctx: &mut Ctx<'_>, id: OpId, feeds: &[Feed]) -> Result<Rows, EngineError> {
    let tally = ctx.tally(id, Gives::OneEach, &[&[Outcome::Out, Outcome::Dead, Outcome::Waiting]]);
    let layout = ctx.layout(id);
    let plans: Vec<Plan> = feeds.iter().map(|given| feed(ctx, id, given, &tally)).collect();
    let plan = match plans.as_slice() {
        [] => Arc::new(EmptyExec::new(source_schema(&layout))),
        [plan] => plan.clone(),
        _ => UnionExec::try_new(plans)?,
    };
    let plan = narrow(plan, &layout.positions_in_source())?;
    let bytes = feeds.iter().map(|feed| feed.rows.bytes()).sum();
    let facts = Facts { unique: true, settled: false, by_time: false, origins: BTreeSet::from([id]), bytes };
    Ok(Rows { plan, layout, facts })
}

/// The records of a source that arrive together.
fn feed(ctx: &Ctx<'_>, id: OpId, feed: &Feed, tally: &Tally) -> Plan {
    let Feed { number, rows } = feed.clone();
    let given = ctx.output(id);
    let layout = ctx.layout(id);
    let partitions = rows.partitions(ctx.config.threads).max(1);
    let base = base(number);
    let (letters, dead) = (ctx.letters.clone(), tally.outcome(0, Outcome::Dead));
    let name = ctx.node_name(id).to_owned();
    let (product, node) = (ctx.product_name(id), name.clone());
    let wanted = Wanted {
        partitions,
        columns: layout.columns.clone(),
        schema: source_schema(&layout),
        batch_size: ctx.config.batch_size,
        read: tally.inputs[0].read.shared(),
        reject: Arc::new(move |rejected| {
            dead.add(rejected.len());
            Ok(letters.push_undecoded((&product, &node), base, rejected)?)
        }),
    };
    let stop = given.event_time.as_ref().zip(ctx.config.as_of_us);
    let arrive = Arc::new(Arrive {
        base,
        name: name.clone(),
        schema: wanted.schema.clone(),
        stop: stop.map(|(time, us)| (layout.position(time.column), us)),
        out: tally.outcome(0, Outcome::Out),
        waiting: tally.outcome(0, Outcome::Waiting),
    });
    let schema = wanted.schema.clone();
    let properties = unordered(schema.clone(), Partitioning::UnknownPartitioning(partitions));
    Stage::plan("Source", Vec::new(), properties, move |_, partition, _| {
        let fault = |reason| EngineError::Source { source_name: name.clone(), reason };
        let batches = rows.open(partition, &wanted).map_err(fault)?;
        let arrive = arrive.clone();
        let name = name.clone();
        let arriving = batches.map(move |batch| arrive.batch(batch.map_err(|error| unread(&name, error))?));
        // A source that is always ready must still let other tasks have their turn.
        Ok(make_cooperative(stream(schema.clone(), arriving)))
    })
}

/// The failure of a source, in its own words.
#[expect(clippy::wildcard_enum_match_arm, reason = "only what the source itself said is taken out")]
fn unread(name: &str, error: DataFusionError) -> DataFusionError {
    let reason = match error {
        DataFusionError::External(reason) if reason.is::<EngineError>() => {
            return DataFusionError::External(reason);
        }
        DataFusionError::External(reason) => reason,
        other => Box::new(other),
    };
    EngineError::Source { source_name: name.to_owned(), reason }.into()
}

/// The place of a feed, by its number, in the order of arrival.
pub(crate) fn base(number: usize) -> u64 {
    number as u64 * POSITIONS
}

/// The columns that a source is asked for: the carried ones, then the hidden ones.
pub(crate) fn source_schema(layout: &Layout) -> SchemaRef {
    let mut fields: Vec<_> = layout.schema.fields()[..layout.columns.len()].to_vec();
    fields.push(Arc::new(Field::new(ARRIVAL, DataType::UInt64, true)));
    if layout.deleted().is_some() {
        fields.push(Arc::new(Field::new(DELETED, DataType::Boolean, true)));
    }
    Arc::new(Schema::new(fields))
}

/// What is done to each batch of a source.
struct Arrive {
    base: u64,
    name: String,
    schema: SchemaRef,
    /// Column of event time and the time after which nothing is read.
    stop: Option<(usize, i64)>,
    out: Counter,
    waiting: Counter,
}

impl Arrive {
    fn batch(&self, batch: RecordBatch) -> Result<RecordBatch> {
        let arrival = self.schema.index_of(ARRIVAL)?;
        let mut columns = batch.columns().to_vec();
        if columns.len() != self.schema.fields().len() {
            let (given, wanted) = (columns.len(), self.schema.fields().len());
            return Err(self.fault(format!("it gives {given} columns where {wanted} are wanted")));
        }
        columns[arrival] = Arc::new(self.arrivals(&columns[arrival])?);
        let batch = RecordBatch::try_new(self.schema.clone(), columns)?;
        let Some((time, stop)) = self.stop else {
            self.out.add(batch.num_rows());
            return Ok(batch);
        };
        let times = batch.column(time).as_primitive::<TimestampMicrosecondType>();
        let reached: BooleanArray =
            times.iter().map(|time| Some(time.is_none_or(|time| time <= stop))).collect();
        self.out.add(reached.true_count());
        self.waiting.add(batch.num_rows() - reached.true_count());
        Ok(filter_record_batch(&batch, &reached)?)
    }

    fn arrivals(&self, positions: &ArrayRef) -> Result<UInt64Array> {
        let positions = positions
            .as_primitive_opt::<UInt64Type>()
            .filter(|positions| positions.null_count() == 0)
            .ok_or_else(|| self.fault("a record has no position".to_owned()))?;
        Ok(positions.unary(|position| self.base | position))
    }

    fn fault(&self, reason: String) -> DataFusionError {
        EngineError::Source { source_name: self.name.clone(), reason: reason.into() }.into()
    }
}

/// What a sink hands on to products that read it, or what they read, unchanged.
pub(crate) fn hand_on(ctx: &mut Ctx<'_>, id: OpId, input: Rows) -> Result<Rows, EngineError> {
    let written = matches!(ctx.op(id).operator, Operator::Sink) && ctx.sinks.contains_key(&id);
    let layout = ctx.layout(id);
    let rows = if written {
        let outcomes: &[Outcome] = if is_upsert(ctx.output(id)) {
            &[Outcome::Written, Outcome::Superseded, Outcome::Erased]
        } else {
            &[Outcome::Written]
        };
        let tally = ctx.tally(id, Gives::None, &[outcomes]);
        ctx.read(&tally, 0, input)?
    } else {
        let tally = ctx.tally(id, Gives::OneEach, &[&[Outcome::Out]]);
        let rows = ctx.read(&tally, 0, input)?;
        Rows { plan: counted(rows.plan, &tally.outcome(0, Outcome::Out))?, ..rows }
    };
    let plan = narrow(rows.plan, &rows.layout.positions_of(&layout))?;
    Ok(Rows { plan, layout, facts: rows.facts })
}

/// The rows of a sink in the form in which they are wanted.
pub(crate) fn sink(ctx: &mut Ctx<'_>, id: OpId, rows: Rows, wants: SinkWants) -> Result<Plan, EngineError> {
    let given = ctx.output(id);
    let tally = ctx.tallies[&id].clone();
    let mut rows = rows;
    if is_upsert(given) {
        let settling = Settling {
            kept: Counter::default(),
            superseded: tally.outcome(0, Outcome::Superseded),
            erased: (!wants.deletions).then(|| tally.outcome(0, Outcome::Erased)),
        };
        rows = settle(ctx, rows, given, &settling)?;
    }
    if wants.ordered {
        let order = ascending(&rows.plan.schema(), ties(&rows.layout, rows.facts.unique));
        rows.plan = merged(sorted(rows.plan, order.clone())?, order)?;
    }
    let schema = sink_schema(ctx, id, wants);
    let columns: Vec<usize> =
        (0..rows.layout.columns.len()).chain(rows.layout.deleted().filter(|_| wants.deletions)).collect();
    let plan = narrow(rows.plan, &columns)?;
    let partitioning = Partitioning::UnknownPartitioning(plan.output_partitioning().partition_count());
    let properties = unordered(schema.clone(), partitioning);
    let name = ctx.node_name(id).to_owned();
    Ok(Stage::plan("Sink", vec![plan], properties, move |inputs, partition, context| {
        let rows = inputs[0].execute(partition, context)?;
        let (gives, name) = (schema.clone(), name.clone());
        let named = rows.map(move |batch| {
            RecordBatch::try_new(gives.clone(), batch?.columns().to_vec())
                .map_err(|reason| EngineError::Sink { sink: name.clone(), reason: Box::new(reason) }.into())
        });
        Ok(stream(schema.clone(), named))
    }))
}

/// The columns that a sink is given.
pub(crate) fn sink_schema(ctx: &Ctx<'_>, id: OpId, wants: SinkWants) -> SchemaRef {
    let given = ctx.output(id);
    let schema = arrow_schema(given);
    if !(wants.deletions && is_upsert(given)) {
        return Arc::new(schema);
    }
    let field = |(index, field): (usize, &Arc<Field>)| {
        // A deletion has values only for the key.
        let nullable = field.is_nullable() || !given.key.contains(&index);
        field.as_ref().clone().with_nullable(nullable)
    };
    let mut fields: Vec<Field> = schema.fields().iter().enumerate().map(field).collect();
    fields.push(Field::new(DELETED, DataType::Boolean, false));
    Arc::new(Schema::new(fields))
}

/// One partition in order, out of partitions in order.
fn merged(plan: Plan, order: Vec<datafusion::physical_expr::PhysicalSortExpr>) -> Result<Plan> {
    if plan.output_partitioning().partition_count() == 1 {
        return Ok(plan);
    }
    let order = LexOrdering::new(order)
        .ok_or_else(|| internal_datafusion_err!("rows that are to be ordered have no order"))?;
    Ok(Arc::new(SortPreservingMergeExec::new(order, plan)))
}
