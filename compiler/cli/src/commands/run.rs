//! `headwater run`: takes declarations and a product's name; runs it on this machine and says what became of every record.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use headwater_compiler::ast::Origin;
use headwater_compiler::catalog::Declared;
use headwater_compiler::graph::{Graph, Node, ProductId, Role};
use headwater_processor::engine::{Progress, RunConfig};
use headwater_processor::local::{LocalError, Settings, run_product};
use indicatif::{ProgressBar, ProgressStyle};

use super::run_report;
use crate::as_of::AsOfOption;
use crate::exit::{Failure, Outcome, Result};
use crate::output::{self, Colour};
use crate::project::{self, Project, ProjectArguments};

/// Run a product on this machine: its files in, tables and files out, no server needed.
///
/// Everything that the product writes becomes visible at once at the end, or not at all.
/// Rejected records go to a file of dead letters, with their reason and where they came from.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  headwater run examples/flights\n  headwater run orders products/ --source raw=raw.ndjson\n  headwater run orders --as-of 2026-01-31T12:00:00Z --output json"
)]
pub(crate) struct RunArguments {
    /// The product, `orders` or `retail/orders`; then files and folders to read
    ///
    /// The product may be left out where the files hold only one.
    #[arg(value_name = "PRODUCT] [PATH")]
    words: Vec<String>,
    /// Read a source from this file instead; may be repeated
    ///
    /// A source of another product, which is computed along, is `namespace/product.name`.
    #[arg(long, value_name = "NAME=FILE")]
    source: Vec<String>,
    /// Folder for dead letters and files of records
    #[arg(long, value_name = "DIR", default_value = "out")]
    out: PathBuf,
    /// Folder of local tables and their catalog
    #[arg(long, value_name = "DIR", default_value = "warehouse")]
    warehouse: PathBuf,
    /// Folder of secrets for masks: `DIR/namespace/name/key`; also the variables `HEADWATER_KEY_<NAME>`
    #[arg(long, value_name = "DIR")]
    secrets: Option<PathBuf>,
    /// Memory for state, such as `512MiB`; more is spilled to disk
    #[arg(long, value_name = "SIZE", default_value = "1GiB")]
    memory: String,
    /// Threads that compute; as many as there are cores where left out
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// How the report is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    output: Format,
    #[command(flatten)]
    as_of: AsOfOption,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON document
    Json,
}

/// Runs the command.
///
/// # Errors
/// If something can't be read, has errors, or the run fails; nothing is visible then.
pub(crate) fn run(arguments: &RunArguments, colour: Colour) -> Result {
    let (name, paths) = words(&arguments.words);
    let project_arguments = ProjectArguments { paths, as_of: arguments.as_of.clone() };
    let project = project::load(&project_arguments)?;
    let graph = project::graph(&project, &project_arguments.paths, colour)?;
    let product = choose(graph, name.as_deref())?;
    let settings = settings(arguments, &project, graph, product)?;
    let bar = progress_bar(colour);
    let mut settings = settings;
    if let Some(bar) = &bar {
        let bar = bar.clone();
        settings.config.progress = Some(Arc::new(move |progress: Progress| {
            bar.set_message(format!(
                "{} read, {} written, {} dead",
                progress.read, progress.written, progress.dead
            ));
        }));
    }
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::failed(format!("no threads can be started: {error}")))?;
    let result = runtime.block_on(run_product(&project.compiled.catalog, graph, product, &settings));
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    let produced = result.map_err(failure)?;
    let report = match arguments.output {
        Format::Text => run_report::text(graph, product, &produced),
        Format::Json => format!("{:#}\n", run_report::json(graph, product, &produced)),
    };
    // Rows on standard output are what was asked for, and a program that reads them expects nothing else.
    let catalog = &project.compiled.catalog;
    let prints_rows = catalog.product(product).nodes.iter().any(|node| match &catalog.node(*node).declared {
        Declared::Sink(sink) => sink.stdout.is_some(),
        Declared::Source(_) | Declared::Transform(_) => false,
    });
    if prints_rows {
        output::say(&report)
    } else {
        output::print(&report)?
    }
    Ok(Outcome::Ok)
}

/// Why a run failed, and where that can be mended on the command line.
pub(super) fn failure(error: LocalError) -> Failure {
    let failure = Failure::failed(error.to_string());
    match error {
        LocalError::Secrets(_) => {
            failure.help("name the folder of secrets with `--secrets DIR`, or set the variable")
        }
        LocalError::Engine(_)
        | LocalError::Lake(_)
        | LocalError::Write(_)
        | LocalError::Source { .. }
        | LocalError::Imbalance { .. }
        | LocalError::Unsupported(_) => failure,
    }
}

/// The product's name, if the first word is one, and the paths; the current folder where there are none.
fn words(words: &[String]) -> (Option<String>, Vec<PathBuf>) {
    let is_path = |word: &String| word == "-" || Path::new(word).exists();
    let (name, rest) = match words {
        [first, rest @ ..] if !is_path(first) => (Some(first.clone()), rest),
        all => (None, all),
    };
    let paths: Vec<PathBuf> = rest.iter().map(PathBuf::from).collect();
    (name, if paths.is_empty() { vec![PathBuf::from(".")] } else { paths })
}

/// The product that is named, or the only one.
fn choose(graph: &Graph, name: Option<&str>) -> Result<ProductId> {
    let full = |index: usize| format!("{}/{}", graph.products[index].namespace, graph.products[index].name);
    let fits =
        |index: &usize| name.is_none_or(|name| graph.products[*index].name == name || full(*index) == name);
    let found: Vec<usize> = (0..graph.products.len()).filter(fits).collect();
    let list = |indices: &[usize]| {
        indices.iter().map(|&index| format!("`{}`", full(index))).collect::<Vec<_>>().join(", ")
    };
    match (found.as_slice(), name) {
        ([one], _) => Ok(ProductId(u32::try_from(*one).expect("a graph has fewer than 2^32 products"))),
        ([], Some(name)) => {
            let all: Vec<usize> = (0..graph.products.len()).collect();
            Err(Failure::usage(format!("there is no product `{name}`"))
                .help(format!("there are {}", list(&all))))
        }
        ([], None) => Err(Failure::usage("there is no product to run")),
        (several, _) => {
            Err(Failure::usage("there are several products").help(format!("name one of {}", list(several))))
        }
    }
}

fn settings(
    arguments: &RunArguments,
    project: &Project,
    graph: &Graph,
    product: ProductId,
) -> Result<Settings> {
    let mut sources = BTreeMap::new();
    for binding in &arguments.source {
        let Some((name, file)) = binding.split_once('=') else {
            return Err(
                Failure::usage(format!("`{binding}` binds nothing")).help("write `--source NAME=FILE`")
            );
        };
        let known = sources_of(graph, product);
        let is_known = |known: &String| name == known || name.starts_with(&format!("{known}."));
        if !known.iter().any(is_known) {
            let own = known.iter().filter(|name| !name.contains('/'));
            let known: Vec<String> = own.map(|name| format!("`{name}`")).collect();
            return Err(Failure::usage(format!("there is no source `{name}`"))
                .help(format!("the sources are {}", known.join(", "))));
        }
        sources.insert(name.to_owned(), PathBuf::from(file));
    }
    let mut base = BTreeMap::new();
    for product in &project.compiled.catalog.products {
        let document = project.compiled.ast.document(product.document);
        if let Origin::Text { file, .. } = document.origin {
            let folder =
                Path::new(&project.sources.file(file).name).parent().unwrap_or(Path::new("")).to_owned();
            let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
            base.extend(product.nodes.iter().map(|&node| (node, folder.clone())));
        }
    }
    let mut config = RunConfig {
        as_of_us: as_of_us(project)?,
        memory_limit_bytes: bytes(&arguments.memory)?,
        ..RunConfig::default()
    };
    if let Some(threads) = arguments.threads {
        config.threads = threads.max(1);
    }
    Ok(Settings {
        base,
        sources,
        out: arguments.out.clone(),
        warehouse: arguments.warehouse.clone(),
        secrets: arguments.secrets.clone(),
        config,
    })
}

/// The names by which sources are bound: those of other products stand behind their product's.
fn sources_of(graph: &Graph, product: ProductId) -> Vec<String> {
    let sources = graph.nodes.iter().filter(|node| node.role == Role::Source);
    let name = |node: &Node| match node.product == product {
        true => node.name.clone(),
        false => {
            let of = &graph.products[node.product.0 as usize];
            format!("{}/{}.{}", of.namespace, of.name, node.name)
        }
    };
    sources.map(name).collect()
}

/// The instant at which event time stops, if one is stated; a day means its end.
fn as_of_us(project: &Project) -> Result<Option<i64>> {
    let Some(written) = &project.as_of.written else { return Ok(None) };
    let text = if written.len() == "2026-01-31".len() {
        format!("{written}T23:59:59.999999Z")
    } else {
        written.clone()
    };
    let instant: jiff::Timestamp =
        text.parse().map_err(|error| Failure::usage(format!("`{written}` is no time: {error}")))?;
    Ok(Some(instant.as_microsecond()))
}

/// The bytes of a size such as `512MiB`.
fn bytes(text: &str) -> Result<usize> {
    let size = headwater_crds::scalar::Size(text.to_owned());
    let bytes = size.bytes().and_then(|bytes| usize::try_from(bytes).ok());
    bytes.ok_or_else(|| {
        Failure::usage(format!("`{text}` is no size"))
            .help("write a whole number and B, KiB, MiB, GiB or TiB: `512MiB`")
    })
}

/// A spinner, where somebody watches.
fn progress_bar(colour: Colour) -> Option<ProgressBar> {
    if !std::io::stderr().is_terminal() {
        return None;
    }
    let template = if colour.of_stderr() { "{spinner:.cyan} {msg}" } else { "{spinner} {msg}" };
    let bar = ProgressBar::new_spinner();
    bar.set_style(
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner()),
    );
    bar.enable_steady_tick(Duration::from_millis(100));
    Some(bar)
}
