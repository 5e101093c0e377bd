//! Runs a product: plans it, drives all sinks at once, delivers the dead letters, reports.
//!
//! Takes a graph, a product and what they are bound to, gives a report. It commits nothing: the caller does, if the run succeeds.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::ExecutionPlanProperties;
use datafusion::physical_plan::stream::RecordBatchReceiverStream;
use datafusion::prelude::SessionConfig;
use futures::StreamExt;
use headwater_compiler::graph::{Graph, NodeId, OpId, Operator, ProductId};
use tokio::task::JoinSet;

use super::bindings::{Bindings, RunConfig, SinkRows, SinkWants};
use super::count::{Counter, Tally};
use super::deliver::{NamedSource, deliver, place};
use super::error::{EngineError, Violation};
use super::feed::{Fed, feed};
use super::letters::Letters;
use super::memory::RunMemory;
use super::outcome::Outcome;
use super::plan::{Given, Planned, PlannedSink, plan};
use super::report::{OperatorReport, Progress, RunReport};
use super::stage::Plan;
use super::tee::Drivers;

/// How often progress is told.
const TOLD_EVERY: Duration = Duration::from_millis(100);

/// How many batches of a partition are ready before its sink takes them.
const READY: usize = 2;

/// Memory for each row of a batch: an operator holds several batches before it can spill, and there are many operators.
const BYTES_PER_ROW: usize = 8 << 10;

/// Runs what reaches the bound sinks of a product, completely.
///
/// Sinks have taken their rows when this returns; nothing is visible until the caller makes it so.
///
/// # Errors
/// When a source, a sink or a rule stops the run; sinks then have taken an unknown part of their rows.
pub async fn run(
    graph: &Graph,
    product: ProductId,
    bindings: Bindings,
    config: &RunConfig,
) -> Result<RunReport, EngineError> {
    let started = Instant::now();
    let rows_max = (config.memory_limit_bytes / BYTES_PER_ROW).max(64);
    let config = &RunConfig { batch_size: config.batch_size.min(rows_max), ..config.clone() };
    let env = environment(config)?;
    let context = context(config, env.clone());
    let letters = Arc::new(Letters::new(&env, bindings.dead_letters.is_some()));
    let drivers = Arc::new(Drivers::default());
    let sinks = sinks(graph, product, &bindings.sinks);
    let wants: BTreeMap<OpId, SinkWants> = sinks.iter().map(|(op, sink)| (*op, sink.wants())).collect();
    let Fed { feeds, sources, clock } = feed(graph, bindings.sources).await?;
    let given = Given {
        config,
        letters: &letters,
        vault: &bindings.vault,
        drivers: &drivers,
        sources: &feeds,
        clock,
        sinks: &wants,
    };
    let planned = plan(graph, given)?;

    let written = drive(&planned, &sinks, &context, config).await;
    drivers.stop();
    let written = written.map_err(|error| failure(error, &letters, &sources))?;
    if let (Some(to), Some(spool)) = (&bindings.dead_letters, letters.take(&env)) {
        deliver(&letters, spool, &sources, to.as_ref(), context).await?;
    }
    Ok(RunReport {
        operators: operators(graph, &planned.tallies),
        dead_letters: letters.counts(),
        warnings: letters.warnings(),
        sinks: written.into_iter().map(|(op, rows)| (graph.ops[op.0 as usize].node, rows)).collect(),
        wall: started.elapsed(),
    })
}

fn environment(config: &RunConfig) -> Result<Arc<RuntimeEnv>, EngineError> {
    let mode = match &config.temp_dir {
        Some(folder) => DiskManagerMode::Directories(vec![folder.clone()]),
        None => DiskManagerMode::OsTmpDirectory,
    };
    let disk =
        DiskManagerBuilder::default().with_mode(mode).with_max_temp_directory_size(config.spill_limit_bytes);
    let env = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(RunMemory::new(config.memory_limit_bytes)))
        .with_disk_manager_builder(disk);
    Ok(env.build_arc()?)
}

fn context(config: &RunConfig, env: Arc<RuntimeEnv>) -> Arc<TaskContext> {
    // A sort keeps this much back for its merge; more than a small share would starve it under a small limit.
    let reserved = (config.memory_limit_bytes / 32).min(10 << 20);
    let session = SessionConfig::new()
        .with_batch_size(config.batch_size)
        .with_target_partitions(config.threads)
        .with_sort_spill_reservation_bytes(reserved);
    Arc::new(TaskContext::default().with_session_config(session).with_runtime(env))
}

/// The bound sinks of a product by their operator.
fn sinks(
    graph: &Graph,
    product: ProductId,
    bound: &BTreeMap<NodeId, Arc<dyn SinkRows>>,
) -> BTreeMap<OpId, Arc<dyn SinkRows>> {
    let nodes = &graph.products[product.0 as usize].nodes;
    let bound = nodes.iter().filter_map(|node| Some((node, bound.get(node)?)));
    let sink = |(node, sink): (&NodeId, &Arc<dyn SinkRows>)| {
        let ports = graph.nodes[node.0 as usize].ports.iter();
        let ops = ports.filter(|port| matches!(graph.ops[port.op.0 as usize].operator, Operator::Sink));
        ops.map(|port| (port.op, sink.clone())).collect::<Vec<_>>()
    };
    bound.flat_map(sink).collect()
}

/// Lets every sink take its rows; gives how many each took.
async fn drive(
    planned: &Planned,
    sinks: &BTreeMap<OpId, Arc<dyn SinkRows>>,
    context: &Arc<TaskContext>,
    config: &RunConfig,
) -> Result<BTreeMap<OpId, u64>, EngineError> {
    let mut tasks = JoinSet::new();
    for PlannedSink { op, name, plan } in &planned.sinks {
        let (op, name, plan, sink, context) =
            (*op, name.clone(), plan.clone(), sinks[op].clone(), context.clone());
        tasks.spawn(async move {
            let partitions = 0..plan.output_partitioning().partition_count();
            let streams = partitions.map(|partition| side_by_side(&plan, partition, &context));
            let streams = streams.collect::<Result<Vec<_>, _>>()?;
            let rows = sink.write(plan.schema(), streams).await;
            rows.map(|rows| (op, rows)).map_err(|reason| sink_failure(name, reason))
        });
    }
    let mut told = tokio::time::interval(TOLD_EVERY);
    let mut written = BTreeMap::new();
    loop {
        tokio::select! {
            ended = tasks.join_next() => match ended {
                None => break,
                Some(Ok(Ok((op, rows)))) => {
                    written.insert(op, rows);
                    planned.tallies[&op].outcome(0, Outcome::Written).add(rows as usize);
                }
                Some(Ok(Err(error))) => return Err(error),
                Some(Err(panicked)) => std::panic::resume_unwind(panicked.into_panic()),
            },
            _ = told.tick() => tell(planned, config),
        }
    }
    tell(planned, config);
    Ok(written)
}

/// A partition computed by a task of its own, so that partitions go on side by side however a sink reads them.
fn side_by_side(
    plan: &Plan,
    partition: usize,
    context: &Arc<TaskContext>,
) -> Result<SendableRecordBatchStream, EngineError> {
    let mut rows = plan.execute(partition, context.clone())?;
    if plan.output_partitioning().partition_count() == 1 {
        return Ok(rows);
    }
    let mut builder = RecordBatchReceiverStream::builder(plan.schema(), READY);
    let ready = builder.tx();
    builder.spawn(async move {
        while let Some(batch) = rows.next().await {
            // A sink that has gone wants no more.
            if ready.send(batch).await.is_err() {
                break;
            }
        }
        Ok(())
    });
    Ok(builder.build())
}

/// An error of the engine that a sink met in its rows comes back as it was.
fn sink_failure(sink: String, reason: super::bindings::BoundError) -> EngineError {
    match reason.downcast::<datafusion::error::DataFusionError>() {
        Ok(error) => EngineError::from(*error),
        Err(reason) => match reason.downcast::<EngineError>() {
            Ok(error) => *error,
            Err(reason) => EngineError::Sink { sink, reason },
        },
    }
}

fn tell(planned: &Planned, config: &RunConfig) {
    let Some(told) = &config.progress else { return };
    let sum = |counters: &[Counter]| counters.iter().map(Counter::get).sum();
    told(Progress { read: sum(&planned.read), written: sum(&planned.reached), dead: sum(&planned.dead) });
}

/// A broken rule is the cause, whatever it made fail first.
fn failure(error: EngineError, letters: &Letters, sources: &[NamedSource]) -> EngineError {
    match letters.broken() {
        Some((judgement, arrival)) => EngineError::Violation(Box::new(Violation {
            node: judgement.node,
            rule: judgement.rule,
            code: judgement.code,
            place: arrival.and_then(|arrival| place(sources, arrival)),
        })),
        None => error,
    }
}

fn operators(graph: &Graph, tallies: &BTreeMap<OpId, Tally>) -> Vec<OperatorReport> {
    let report = |(id, tally): (&OpId, &Tally)| {
        let op = &graph.ops[id.0 as usize];
        OperatorReport {
            op: *id,
            node: op.node,
            node_name: graph.nodes[op.node.0 as usize].name.clone(),
            operator: word(&op.operator),
            outcomes: tally.outcomes(),
        }
    };
    tallies.iter().map(report).collect()
}

/// What an operator does, in a word.
fn word(operator: &Operator) -> &'static str {
    match operator {
        Operator::Source => "source",
        Operator::Import => "import",
        Operator::Filter { .. } => "filter",
        Operator::Project { .. } => "project",
        Operator::Validate { .. } => "validate",
        Operator::Unnest { .. } => "unnest",
        Operator::Union => "union",
        Operator::Aggregate { .. } => "aggregate",
        Operator::Over { .. } => "over",
        Operator::Deduplicate { .. } => "deduplicate",
        Operator::TopN { .. } => "top-n",
        Operator::Join { .. } => "join",
        Operator::Changelog => "changelog",
        Operator::Branch { .. } => "branch",
        Operator::Sink => "sink",
    }
}
