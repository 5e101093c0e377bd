//! One run of one product: bind, compute, commit.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use headwater_compiler::catalog::Catalog;
use headwater_compiler::graph::{Graph, NodeId, OpId, ProductId};

use super::letters::{self, Kept, Letters};
use super::settings::{LocalError, Produced, Settings};
use super::{bind, keys};
use crate::engine::{Bindings, DeadLetterRows, RunReport, SinkRows, Sources, balance, run};
use crate::write::{BoundSink, bind_letters, commit};

/// Runs a product on bounded data. Either everything that it writes becomes visible, or nothing does.
///
/// # Errors
/// [`LocalError`] when a source can't be read, a rule says stop, or something can't be written.
pub async fn run_product(
    catalog: &Catalog,
    graph: &Graph,
    product: ProductId,
    settings: &Settings,
) -> Result<Produced, LocalError> {
    let declared = catalog.product(product);
    let needed = bind::needed(catalog, graph, product, settings);
    let sources = bind::sources(catalog, graph, (&needed, product), settings)?;
    let path = bind::letters_path(&settings.out, &declared.namespace, &declared.name);
    let kept = letters::kept(declared.spec.dead_letters.as_ref());
    let others = others(catalog, graph, &needed, product);
    let under: Vec<&Kept> = others.values().chain([&kept]).collect();
    let vault = Arc::new(keys::vault(catalog, graph, product, (&needed, &under), settings)?);
    let (bound, places) = bind::sinks(catalog, graph, product, settings)?;
    let file = bind_letters(&path, kept.originals())?;
    let letters = Arc::new(Letters { file, kept, others, vault: Arc::clone(&vault) });
    let sinks = bound.iter().map(|(node, sink)| (*node, Arc::clone(sink) as Arc<dyn SinkRows>)).collect();
    let dead_letters: Arc<dyn DeadLetterRows> = Arc::clone(&letters) as Arc<dyn DeadLetterRows>;
    let sources = Sources::Whole(sources);
    let bindings = Bindings { sources, sinks, vault, dead_letters: Some(dead_letters) };
    let report = run(graph, product, bindings, &settings.config).await?;
    check_balance(&report)?;
    commit(staged(&bound, &letters)?)?;
    let dead_letters = (!report.dead_letters.is_empty()).then_some(path);
    let deletions = bound.iter().map(|(node, sink)| (*node, sink.deletions())).collect();
    Ok(Produced { report, places, deletions, dead_letters })
}

/// What becomes of the originals of the other products whose operators run along.
fn others(
    catalog: &Catalog,
    graph: &Graph,
    needed: &BTreeSet<OpId>,
    product: ProductId,
) -> BTreeMap<String, Kept> {
    let products = needed.iter().map(|op| graph.nodes[graph.ops[op.0 as usize].node.0 as usize].product);
    let others: BTreeSet<ProductId> = products.filter(|other| *other != product).collect();
    let kept = |other: ProductId| {
        let declared = catalog.product(other);
        let name = format!("{}/{}", declared.namespace, declared.name);
        (name, letters::kept(declared.spec.dead_letters.as_ref()))
    };
    others.into_iter().map(kept).collect()
}

/// Every record has exactly one of the outcomes stated for it; a run that can't show that writes nothing.
fn check_balance(report: &RunReport) -> Result<(), LocalError> {
    for operator in &report.operators {
        balance(&operator.outcomes).map_err(|imbalance| LocalError::Imbalance {
            node: operator.node_name.clone(),
            operator: operator.operator,
            imbalance,
        })?;
    }
    Ok(())
}

/// Everything that the run has written.
fn staged(
    bound: &BTreeMap<NodeId, Arc<BoundSink>>,
    letters: &Letters,
) -> Result<Vec<crate::write::Staged>, LocalError> {
    let mut staged: Vec<_> = bound.values().filter_map(|sink| sink.take()).collect();
    staged.push(letters.file.stage()?);
    Ok(staged)
}
