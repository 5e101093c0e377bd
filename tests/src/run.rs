//! A product of one file run on records in memory: takes both as text, gives what comes of them.

use std::collections::BTreeMap;
use std::path::Path;

use headwater_compiler::graph::ProductId;
use headwater_compiler::{Options, compile};
use headwater_processor::engine::RunConfig;
use headwater_processor::local::{Settings, run_product};

use crate::project::of_text;

/// The dead letters of the project's only product when its source reads `records` from the file of this name.
///
/// # Errors
/// If the project has an error, or the run fails.
pub fn dead_letters(project: &str, file: &str, records: &[u8]) -> anyhow::Result<Vec<serde_json::Value>> {
    Ok(run(project, &[(file, records)])?.dead_letters)
}

/// What a run made.
#[derive(Debug)]
pub struct Made {
    /// The dead letters in their order.
    pub dead_letters: Vec<serde_json::Value>,
    /// The lines of each file of a sink, sorted, by the path that the sink states.
    pub files: BTreeMap<String, Vec<String>>,
}

/// Runs the project's first product on files of these names; its sinks of files lie beside each other.
///
/// # Errors
/// If the project has an error, or the run fails.
pub fn run(project: &str, files: &[(&str, &[u8])]) -> anyhow::Result<Made> {
    let folder = tempfile::tempdir()?;
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes)?;
    }
    let compiled = compile(&of_text("example.yaml", project), &Options::default());
    let graph = compiled.graph.as_ref().ok_or_else(|| {
        let messages: Vec<_> = compiled.diagnostics.iter().map(|one| one.message.as_str()).collect();
        anyhow::anyhow!("the project has errors: {messages:?}")
    })?;
    let settings = settings(folder.path(), compiled.catalog.nodes.len());
    let runtime = tokio::runtime::Runtime::new()?;
    let produced = runtime.block_on(run_product(&compiled.catalog, graph, ProductId(0), &settings))?;
    let text = produced.dead_letters.map(std::fs::read_to_string).transpose()?.unwrap_or_default();
    let dead_letters = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(&settings.out).into_iter().flatten() {
        let path = entry?.path();
        if path.is_file() {
            let mut lines: Vec<String> = std::fs::read_to_string(&path)?.lines().map(str::to_owned).collect();
            lines.sort();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.insert(name, lines);
        }
    }
    Ok(Made { dead_letters, files })
}

fn settings(folder: &Path, nodes: usize) -> Settings {
    let nodes = (0u32..).map(headwater_compiler::graph::NodeId).take(nodes);
    Settings {
        base: nodes.map(|node| (node, folder.to_owned())).collect(),
        sources: BTreeMap::new(),
        out: folder.join("out"),
        warehouse: folder.join("warehouse"),
        secrets: None,
        config: RunConfig::default(),
    }
}
