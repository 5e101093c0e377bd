//! `headwater test`: takes declarations with tests in them; runs every case and says which fail, and how.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use headwater_compiler::graph::Graph;
use headwater_processor::local::{CaseContext, test_vault};

use super::test_bless;
use super::test_case::{self, CaseOutcome, Selected};
use super::{test_json, test_junit, test_report};
use crate::exit::{Failure, Outcome, Result};
use crate::output::{self, Colour};
use crate::project::{self, Project, ProjectArguments};

/// Run the tests of products: given records in, expected rows and dead letters out.
///
/// Runs each case of every `DataProductTest` in the files, in memory: no file and no table is written, no server is needed.
/// Records arrive in the order in which a case gives them, so that late records and idle sources are as in a stream.
/// Masks use keys made for tests, unless `--secrets` says where others are.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = EXAMPLES)]
pub(crate) struct TestArguments {
    #[command(flatten)]
    project: ProjectArguments,
    /// Run only cases whose `namespace/product: name` holds this text; may be repeated
    #[arg(long, value_name = "TEXT")]
    filter: Vec<String>,
    /// Write what came out into the tests as what is expected, then say which cases changed
    #[arg(long)]
    bless: bool,
    /// How the result is shown
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    output: Format,
    /// Also write the result as JUnit XML to this file
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Folder of secrets for masks: `DIR/namespace/name/key`; keys made for tests where left out
    #[arg(long, value_name = "DIR")]
    secrets: Option<PathBuf>,
}

const EXAMPLES: &str = "Examples:
  headwater test                               all tests below this folder
  headwater test examples/retail --filter points
  headwater test --junit test-results.xml      for Jenkins and GitLab
  headwater test --bless                       accept what came out; look at the difference before you commit it";

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people: a line for each case, and what differs
    Human,
    /// One JSON document, described in docs/testing.md
    Json,
    /// JUnit XML
    Junit,
}

/// Runs the command.
///
/// # Errors
/// If something can't be read, has errors, or no case is selected.
pub(crate) fn test(arguments: &TestArguments, colour: Colour) -> Result {
    let started = Instant::now();
    let project = project::load(&arguments.project)?;
    let graph = project::graph(&project, &arguments.project.paths, colour)?;
    let all = test_case::select(&project);
    let is_wanted = |selected: &Selected| {
        arguments.filter.is_empty() || arguments.filter.iter().any(|text| selected.full_name().contains(text))
    };
    let selected: Vec<Selected> = all.iter().filter(|selected| is_wanted(selected)).cloned().collect();
    if selected.is_empty() && !all.is_empty() {
        let texts = arguments.filter.join("`, `");
        return Err(Failure::usage(format!("no case has `{texts}` in its name"))
            .help("a filter is a part of `namespace/product: name of the case`"));
    }
    let outcomes = run_all(&project, graph, &selected, arguments)?;
    if arguments.bless {
        let blessed = test_bless::bless(&project, graph, &outcomes)?;
        output::print(&blessed)?;
        return Ok(Outcome::Ok);
    }
    let took = started.elapsed();
    if let Some(file) = &arguments.junit {
        let text = test_junit::text(&outcomes, took);
        std::fs::write(file, text)
            .map_err(|error| Failure::failed(format!("`{}` can't be written: {error}", file.display())))?;
    }
    match arguments.output {
        Format::Human => output::print(&test_report::text(&outcomes, took, colour.of_stdout()))?,
        Format::Json => output::print_json(&test_json::json(&outcomes, took))?,
        Format::Junit => output::print(&test_junit::text(&outcomes, took))?,
    }
    if arguments.output != Format::Human {
        output::say(&test_report::summary(&outcomes, took, colour.of_stderr()));
    }
    Ok(if outcomes.iter().all(CaseOutcome::passed) { Outcome::Ok } else { Outcome::Problems })
}

/// Runs the cases side by side, on as many threads as there are cores; gives their outcomes in order.
fn run_all(
    project: &Project,
    graph: &Graph,
    selected: &[Selected],
    arguments: &TestArguments,
) -> Result<Vec<CaseOutcome>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(selected.len()).max(1);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build();
    let runtime = runtime.map_err(|error| Failure::failed(format!("no threads can be started: {error}")))?;
    let contexts = contexts(project, graph, selected, arguments)?;
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, CaseOutcome)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(one), Some(context)) = (selected.get(index), contexts.get(index)) else {
                        break;
                    };
                    let outcome = runtime.block_on(test_case::run(project, context, one));
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((index, outcome));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    let mut outcomes: Vec<CaseOutcome> = done.into_iter().map(|(_, outcome)| outcome).collect();
    test_case::find_lines(project, &mut outcomes);
    Ok(outcomes)
}

/// What each case is run with; cases of one product share their keys.
fn contexts<'a>(
    project: &'a Project,
    graph: &'a Graph,
    selected: &'a [Selected],
    arguments: &TestArguments,
) -> Result<Vec<CaseContext<'a>>> {
    let catalog = &project.compiled.catalog;
    let mut vaults = std::collections::BTreeMap::new();
    let mut contexts = Vec::with_capacity(selected.len());
    for one in selected {
        let vault = match vaults.get(&one.product) {
            Some(vault) => Arc::clone(vault),
            None => {
                let secrets = arguments.secrets.as_deref();
                let vault = test_vault(catalog, graph, one.product, secrets).map_err(super::run::failure)?;
                let vault = Arc::new(vault);
                vaults.insert(one.product, Arc::clone(&vault));
                vault
            }
        };
        let folder = Path::new(&one.folder);
        contexts.push(CaseContext { catalog, graph, product: one.product, vault, folder });
    }
    Ok(contexts)
}
