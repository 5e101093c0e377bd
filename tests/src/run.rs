//! A product of one file run on records in memory: takes both as text, gives what comes of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use headwater_compiler::graph::ProductId;
use headwater_compiler::{Options, compile};
use headwater_crds::scalar::SqlName;
use headwater_crds::test::{Case, Given, GivenStep};
use headwater_processor::engine::{DeadLetter, RunConfig};
use headwater_processor::local::{CaseContext, Settings, run_case, run_product};

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
    run_bound(project, files, &[])
}

/// As [`run`], with files in the place of sources: name of the source, name of the file.
///
/// # Errors
/// If the project has an error, or the run fails.
pub fn run_bound(project: &str, files: &[(&str, &[u8])], bound: &[(&str, &str)]) -> anyhow::Result<Made> {
    let folder = tempfile::tempdir()?;
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes)?;
    }
    let compiled = compile(&of_text("example.yaml", project), &Options::default());
    let graph = compiled.graph.as_ref().ok_or_else(|| {
        let messages: Vec<_> = compiled.diagnostics.iter().map(|one| one.message.as_str()).collect();
        anyhow::anyhow!("the project has errors: {messages:?}")
    })?;
    let mut settings = settings(folder.path(), compiled.catalog.nodes.len());
    let bound = bound.iter().map(|(source, file)| ((*source).to_owned(), folder.path().join(file)));
    settings.sources.extend(bound);
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

/// The dead letters of the project's only product when the lines of `records`, NDJSON, reach its source one after the other.
///
/// # Errors
/// As [`dead_letters`].
pub fn arriving_letters(project: &str, file: &str, records: &str) -> anyhow::Result<Vec<serde_json::Value>> {
    let compiled = compile(&of_text("example.yaml", project), &Options::default());
    let graph = compiled.graph.as_ref().ok_or_else(|| anyhow::anyhow!("the project has errors"))?;
    let source = graph.nodes.first().ok_or_else(|| anyhow::anyhow!("the product has no source"))?;
    let step = |line: &str| -> anyhow::Result<GivenStep> {
        let rows = Some(vec![serde_json::from_str(line)?]);
        Ok(GivenStep {
            at: None,
            given: vec![Given { source: SqlName(source.name.clone()), rows, file: None }],
        })
    };
    let steps = records.lines().map(step).collect::<anyhow::Result<_>>()?;
    let case = Case { name: String::new(), steps, expect: Vec::new() };
    let context = CaseContext {
        catalog: &compiled.catalog,
        graph,
        product: ProductId(0),
        vault: Arc::default(),
        folder: Path::new("."),
    };
    let runtime = tokio::runtime::Runtime::new()?;
    let ran = runtime.block_on(run_case(&context, &case, ""))?;
    Ok(ran.letters.iter().map(|letter| written(letter, file)).collect())
}

/// A dead letter as a run writes it, from the line of a file on which its step stands.
fn written(letter: &DeadLetter, file: &str) -> serde_json::Value {
    let step = |pointer: &str| pointer.split('/').nth(2).and_then(|step| step.parse::<u64>().ok());
    let place = letter.place.as_ref().and_then(|place| {
        let record = step(&place.file)?;
        Some(
            serde_json::json!({ "source": place.source, "file": file, "line": record + 1, "record": record }),
        )
    });
    let time = letter.event_time_us.and_then(|us| jiff::Timestamp::from_microsecond(us).ok());
    serde_json::json!({
        "product": letter.product,
        "node": letter.node,
        "code": letter.code,
        "rule": letter.rule,
        "field": letter.field,
        "place": place,
        "eventTime": time.map(|time| time.to_string()),
        "original": String::from_utf8_lossy(&letter.original),
    })
}
