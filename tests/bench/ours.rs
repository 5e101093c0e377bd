//! The contender Headwater: the example `flights`, compiled from its text and run as `headwater run` does.
//!
//! Takes the folder of the files and the folder for what is written. Sinks are those of the example, or two Parquet files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use headwater_compiler::graph::ProductId;
use headwater_compiler::source::{SourceFile, Sources};
use headwater_compiler::{Options, compile};
use headwater_processor::engine::RunConfig;
use headwater_processor::local::{Settings, run_product};
use headwater_tests::project::files_of_folder;
use headwater_tests::repository::root;

use crate::THREADS;

/// Where the rows go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sinks {
    /// Into the tables and files that the example declares.
    Declared,
    /// Into one Parquet file for each table, as the other contenders write them.
    Parquet,
}

/// What stands in the place of the sinks of the example.
const PARQUET: &str = "  sinks:
    - name: departures
      from: departures
      contract: { name: departure }
      files: { path: departures.parquet, format: { parquet: {} } }
    - name: carrier-hours
      from: by_carrier_and_hour
      contract: { name: carrier-hour }
      files: { path: carrier-hours.parquet, format: { parquet: {} } }
";

/// Compiles and runs.
pub(crate) fn run(from: &Path, to: &Path, sinks: Sinks) -> Result<()> {
    let compiled = compile(&texts(sinks)?, &Options::default());
    let graph = compiled.graph.as_ref().context("the example compiles")?;
    let bound = ["flights", "weather", "airlines", "planes"]
        .map(|name| (name.to_owned(), from.join(format!("{name}.csv"))));
    let settings = Settings {
        base: BTreeMap::new(),
        sources: BTreeMap::from(bound),
        out: to.to_path_buf(),
        warehouse: to.join("warehouse"),
        secrets: None,
        config: RunConfig { threads: THREADS, ..RunConfig::default() },
    };
    let runtime = tokio::runtime::Runtime::new()?;
    let produced = runtime.block_on(run_product(&compiled.catalog, graph, ProductId(0), &settings))?;
    if std::env::var_os("HEADWATER_BENCH_REPORT").is_some() {
        eprintln!("{:#?}", produced.report);
    }
    Ok(())
}

/// The files of the example, with these sinks.
fn texts(sinks: Sinks) -> Result<Sources> {
    let folder: PathBuf = root().join("examples/flights");
    let mut files = Vec::new();
    for (name, mut text) in files_of_folder(&folder) {
        if name == "product.yaml" && sinks == Sinks::Parquet {
            let at = text.find("  sinks:\n").context("the example has sinks")?;
            text.replace_range(at.., PARQUET);
        }
        files.push(SourceFile { name, bytes: text.into_bytes(), named: true });
    }
    Ok(Sources::new(files))
}
