//! One kind of plan node for everything that the columnar engine does not have: a function from input streams to an output stream.
//!
//! Takes a name, inputs and that function, gives an `ExecutionPlan`. It must not know what the function does.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::EquivalenceProperties;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties};
use futures::{Stream, StreamExt, TryStreamExt};

/// A plan of the columnar engine.
pub(crate) type Plan = Arc<dyn ExecutionPlan>;

/// Opens one partition of a stage.
type Open = dyn Fn(&[Plan], usize, Arc<TaskContext>) -> Result<SendableRecordBatchStream> + Send + Sync;

/// A plan node made of a function.
pub(crate) struct Stage {
    name: &'static str,
    inputs: Vec<Plan>,
    properties: Arc<PlanProperties>,
    open: Arc<Open>,
}

impl Stage {
    /// A node with these inputs and properties; `open` is called once for each partition.
    pub(crate) fn plan(
        name: &'static str,
        inputs: Vec<Plan>,
        properties: Arc<PlanProperties>,
        open: impl Fn(&[Plan], usize, Arc<TaskContext>) -> Result<SendableRecordBatchStream>
        + Send
        + Sync
        + 'static,
    ) -> Plan {
        Arc::new(Self { name, inputs, properties, open: Arc::new(open) })
    }

    /// A node that changes batch after batch and neither reorders records nor changes the columns that were there.
    pub(crate) fn each_batch<M>(
        name: &'static str,
        input: Plan,
        schema: SchemaRef,
        map: impl Fn() -> M + Send + Sync + 'static,
    ) -> Result<Plan>
    where
        M: FnMut(RecordBatch) -> Result<RecordBatch> + Send + 'static,
    {
        let properties = widened(&input, &schema);
        Ok(Self::plan(name, vec![input], properties, move |inputs, partition, context| {
            let rows = inputs[0].execute(partition, context)?;
            let mut map = map();
            Ok(stream(schema.clone(), rows.map(move |batch| map(batch?))))
        }))
    }

    /// A node that makes any number of batches out of each, with a state for each partition.
    /// `start` is given the most rows of a batch.
    pub(crate) fn each_partition(
        name: &'static str,
        input: Plan,
        schema: SchemaRef,
        properties: Arc<PlanProperties>,
        start: impl Fn(usize) -> Step + Send + Sync + 'static,
    ) -> Plan {
        Self::plan(name, vec![input], properties, move |inputs, partition, context| {
            let step = start(context.session_config().batch_size());
            let rows = inputs[0].execute(partition, context)?;
            let batches =
                futures::stream::try_unfold((rows, step, false), |(mut rows, mut step, ended)| async move {
                    if ended {
                        return Ok::<_, DataFusionError>(None);
                    }
                    let batch = rows.next().await.transpose()?;
                    let ended = batch.is_none();
                    let ready = step(batch)?;
                    Ok(Some((futures::stream::iter(ready.into_iter().map(Ok)), (rows, step, ended))))
                });
            Ok(stream(schema.clone(), batches.try_flatten()))
        })
    }
}

/// What a stage does with the batches of one partition: given each, then `None`; gives what is ready.
pub(crate) type Step = Box<dyn FnMut(Option<RecordBatch>) -> Result<Vec<RecordBatch>> + Send>;

/// A stream of batches with its schema.
pub(crate) fn stream(
    schema: SchemaRef,
    batches: impl Stream<Item = Result<RecordBatch>> + Send + 'static,
) -> SendableRecordBatchStream {
    Box::pin(RecordBatchStreamAdapter::new(schema, batches))
}

/// Properties of rows of which nothing is known but how they are cut.
pub(crate) fn unordered(schema: SchemaRef, partitioning: Partitioning) -> Arc<PlanProperties> {
    Arc::new(PlanProperties::new(
        EquivalenceProperties::new(schema),
        partitioning,
        EmissionType::Incremental,
        Boundedness::Bounded,
    ))
}

/// Properties of an input whose columns stay where they are, with others behind them.
fn widened(input: &Plan, schema: &SchemaRef) -> Arc<PlanProperties> {
    if input.schema() == *schema {
        return input.properties().clone();
    }
    let properties = input.properties();
    let orderings = properties.equivalence_properties().oeq_class().iter().cloned();
    let equivalence = EquivalenceProperties::new_with_orderings(schema.clone(), orderings);
    Arc::new(PlanProperties::new(
        equivalence,
        properties.output_partitioning().clone(),
        EmissionType::Incremental,
        Boundedness::Bounded,
    ))
}

/// The input with only these columns, in this order.
pub(crate) fn narrow(input: Plan, columns: &[usize]) -> Result<Plan> {
    let schema = input.schema();
    if columns.iter().copied().eq(0..schema.fields().len()) {
        return Ok(input);
    }
    let exprs = columns.iter().map(|&index| {
        let name = schema.field(index).name();
        (column(name, index), name.clone())
    });
    Ok(Arc::new(ProjectionExec::try_new(exprs.collect::<Vec<_>>(), input)?))
}

/// A column of a plan's schema.
pub(crate) fn column(name: &str, index: usize) -> Arc<dyn datafusion::physical_expr::PhysicalExpr> {
    Arc::new(datafusion::physical_expr::expressions::Column::new(name, index))
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stage")
            .field("name", &self.name)
            .field("inputs", &self.inputs)
            .finish_non_exhaustive()
    }
}

impl DisplayAs for Stage {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl ExecutionPlan for Stage {
    fn name(&self) -> &str {
        self.name
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Plan> {
        self.inputs.iter().collect()
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Plan>) -> Result<Plan> {
        Ok(Arc::new(Self {
            name: self.name,
            inputs: children,
            properties: self.properties.clone(),
            open: self.open.clone(),
        }))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        (self.open)(&self.inputs, partition, context)
    }
}
