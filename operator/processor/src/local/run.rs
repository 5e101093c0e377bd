//! One run of one product: bind, compute, commit.

use std::collections::BTreeMap;
use std::sync::Arc;

use headwater_compiler::catalog::Catalog;
use headwater_compiler::graph::{Graph, NodeId, ProductId};

use super::letters::{Letters, omits};
use super::settings::{LocalError, Produced, Settings};
use super::{bind, keys};
use crate::engine::{Bindings, DeadLetterRows, SinkRows, Sources, run};
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
    let needed = bind::needed(graph, product);
    let sources = bind::sources(catalog, graph, &needed, settings)?;
    let (bound, places) = bind::sinks(catalog, graph, product, settings)?;
    let path = bind::letters_path(&settings.out, &declared.namespace, &declared.name);
    let omits = omits(declared.spec.dead_letters.as_ref())?;
    let letters = Arc::new(Letters { file: bind_letters(&path)?, omits });
    let sinks = bound.iter().map(|(node, sink)| (*node, Arc::clone(sink) as Arc<dyn SinkRows>)).collect();
    let dead_letters: Arc<dyn DeadLetterRows> = Arc::clone(&letters) as Arc<dyn DeadLetterRows>;
    let vault = Arc::new(keys::vault(catalog, graph, product, &needed, settings)?);
    let sources = Sources::Whole(sources);
    let bindings = Bindings { sources, sinks, vault, dead_letters: Some(dead_letters) };
    let report = run(graph, product, bindings, &settings.config).await?;
    commit(staged(&bound, &letters)?)?;
    let dead_letters = (!report.dead_letters.is_empty()).then_some(path);
    Ok(Produced { report, places, dead_letters })
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
