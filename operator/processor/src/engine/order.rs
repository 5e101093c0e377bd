//! Brings the records of a key together and in order: repartitioning and sorting, both spilling where they must.
//!
//! Takes a plan and what it must agree on, gives a plan whose partitions are sorted. It must not drop or change records.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch};
use arrow::compute::SortOptions;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit, TimestampMicrosecondType};
use datafusion::common::{internal_datafusion_err, internal_err};
use datafusion::error::Result;
use datafusion::physical_expr::{Distribution, LexOrdering, PhysicalSortExpr};
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::{ExecutionPlanProperties, Partitioning, PhysicalExpr};

use super::layout::Layout;
use super::stage::{Plan, Stage, column};

/// Name of the hidden column with event time in whole milliseconds, rounded down: what windows and ties are decided by.
pub(crate) const TIME_MS: &str = "__ms";

/// Records that agree on these columns lie in the same partition. Floats among them are made canonical, so that all that
/// compares them afterwards takes the two zeros, and all NaNs, as equal.
pub(crate) fn together(plan: Plan, keys: &[usize], threads: usize) -> Result<Plan> {
    let plan = canonical(plan, keys)?;
    let partitions = plan.output_partitioning().partition_count();
    if keys.is_empty() {
        return Ok(if partitions == 1 { plan } else { Arc::new(CoalescePartitionsExec::new(plan)) });
    }
    if threads == 1 && partitions == 1 {
        return Ok(plan);
    }
    let schema = plan.schema();
    let exprs: Vec<Arc<dyn PhysicalExpr>> =
        keys.iter().map(|&index| column(schema.field(index).name(), index)).collect();
    let wanted = Distribution::HashPartitioned(exprs.clone());
    let satisfaction = plan.output_partitioning().satisfaction(&wanted, plan.equivalence_properties(), true);
    if partitions > 1 && satisfaction.is_satisfied() {
        return Ok(plan);
    }
    Ok(Arc::new(RepartitionExec::try_new(plan, Partitioning::Hash(exprs, threads))?))
}

fn canonical(plan: Plan, keys: &[usize]) -> Result<Plan> {
    let schema = plan.schema();
    let is_float = |key: &&usize| schema.field(**key).data_type().is_floating();
    if keys.iter().find(is_float).is_none() {
        return Ok(plan);
    }
    let expr = |(index, field): (usize, &Arc<Field>)| {
        let expr = column(field.name(), index);
        let expr = if keys.contains(&index) { crate::function::canonical(expr, &schema)? } else { expr };
        Ok((expr, field.name().clone()))
    };
    let exprs = schema.fields().iter().enumerate().map(expr).collect::<Result<Vec<_>>>()?;
    Ok(Arc::new(ProjectionExec::try_new(exprs, plan)?))
}

/// Each partition is sorted, unless it is already.
pub(crate) fn sorted(plan: Plan, order: Vec<PhysicalSortExpr>) -> Result<Plan> {
    let Some(order) = LexOrdering::new(order) else { return Ok(plan) };
    if plan.equivalence_properties().ordering_satisfy(order.clone())? {
        return Ok(plan);
    }
    Ok(Arc::new(SortExec::new(order, plan).with_preserve_partitioning(true)))
}

/// An ascending order by columns of a plan, nulls first.
pub(crate) fn ascending(
    schema: &SchemaRef,
    columns: impl IntoIterator<Item = usize>,
) -> Vec<PhysicalSortExpr> {
    let options = SortOptions { descending: false, nulls_first: true };
    let expr = |index: usize| PhysicalSortExpr::new(column(schema.field(index).name(), index), options);
    columns.into_iter().map(expr).collect()
}

/// What decides between records that are equal in everything that was asked: arrival, and,
/// where several records may share that, all that is carried.
/// Records that are equal in this too are interchangeable.
pub(crate) fn ties(layout: &Layout, unique: bool) -> Vec<usize> {
    let mut columns: Vec<usize> = layout.arrival().into_iter().collect();
    if !unique {
        let sortable = |position: &usize| is_sortable(layout.schema.field(*position).data_type());
        columns.extend((0..layout.columns.len()).filter(sortable));
        columns.extend(layout.deleted());
    }
    columns
}

#[expect(clippy::wildcard_enum_match_arm, reason = "only types that hold others can hold a map")]
fn is_sortable(data_type: &DataType) -> bool {
    match data_type {
        DataType::Map(..) | DataType::Null => false,
        DataType::List(item) => is_sortable(item.data_type()),
        DataType::Struct(fields) => fields.iter().all(|field| is_sortable(field.data_type())),
        _ => true,
    }
}

/// The plan with [`TIME_MS`] of a column of event time appended.
pub(crate) fn with_time_ms(plan: Plan, time: usize) -> Result<(Plan, usize)> {
    let mut fields = plan.schema().fields().to_vec();
    fields.push(Arc::new(Field::new(TIME_MS, DataType::Int64, true)));
    let schema = Arc::new(Schema::new(fields));
    let added = schema.fields().len() - 1;
    let given = schema.clone();
    let plan = Stage::each_batch("TimeMs", plan, schema, move || {
        let schema = given.clone();
        move |batch: RecordBatch| {
            let mut columns = batch.columns().to_vec();
            columns.push(Arc::new(time_ms(batch.column(time))?));
            Ok(RecordBatch::try_new(schema.clone(), columns)?)
        }
    })?;
    Ok((plan, added))
}

/// Instants in whole milliseconds, rounded down.
pub(crate) fn time_ms(times: &ArrayRef) -> Result<Int64Array> {
    if !matches!(times.data_type(), DataType::Timestamp(TimeUnit::Microsecond, _)) {
        return internal_err!("event time is of type {}", times.data_type());
    }
    let times = times
        .as_primitive_opt::<TimestampMicrosecondType>()
        .ok_or_else(|| internal_datafusion_err!("event time is not in microseconds"))?;
    Ok(times.unary(|us| us.div_euclid(1000)))
}
