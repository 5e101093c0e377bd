//! Takes paths; gives what the compiler makes of the files in them. Shared by all commands that read declarations.

use std::path::PathBuf;
use std::time::Instant;

use headwater_compiler::graph::{Graph, Product};
use headwater_compiler::locate::locate;
use headwater_compiler::source::Sources;
use headwater_compiler::{Compiled, Options, compile, render};

use crate::as_of::{AsOf, AsOfOption};
use crate::exit::{Failure, Result};
use crate::files;
use crate::output::{self, Colour};

/// Which declarations a command reads.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ProjectArguments {
    /// Files and folders to read; `-` is standard input
    ///
    /// Folders are searched for `.yaml`, `.yml` and `.json`; documents that are not Headwater's are skipped.
    /// A file that is named is never skipped in silence.
    #[arg(default_value = ".", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) as_of: AsOfOption,
}

/// Declarations, and what the compiler makes of them.
pub(crate) struct Project {
    /// The texts.
    pub(crate) sources: Sources,
    /// The day with which dates were compared.
    pub(crate) as_of: AsOf,
    /// Everything that the compiler gives.
    pub(crate) compiled: Compiled,
    /// How long reading and compiling took.
    pub(crate) took: std::time::Duration,
}

impl Project {
    /// Whether there is no document that the compiler reads.
    pub(crate) fn is_empty(&self) -> bool {
        self.compiled.ast.iter().next().is_none() && self.compiled.diagnostics.is_empty()
    }
}

/// Reads the files and compiles them.
///
/// # Errors
/// If a file can't be read; what is wrong inside it is in the diagnostics.
pub(crate) fn load(arguments: &ProjectArguments) -> Result<Project> {
    let started = Instant::now();
    let as_of = arguments.as_of.read()?;
    let sources = files::collect(&arguments.paths)?;
    Ok(compiled(sources, as_of, started))
}

/// Compiles texts that were read before.
pub(crate) fn compiled(sources: Sources, as_of: AsOf, started: Instant) -> Project {
    let compiled = compile(&sources, &Options { today: Some(as_of.day.clone()) });
    Project { sources, as_of, compiled, took: started.elapsed() }
}

/// What to say where nothing was found to read.
pub(crate) fn nothing_found(paths: &[PathBuf]) -> Failure {
    let paths: Vec<String> = paths.iter().map(|path| format!("`{}`", path.display())).collect();
    Failure::failed(format!("there is nothing of Headwater in {}", paths.join(", ")))
        .help("`headwater init` writes a small product to begin with")
}

/// The graph of a project without errors; its diagnostics are shown on standard error.
///
/// # Errors
/// If there is nothing, or there are errors.
pub(crate) fn graph<'p>(project: &'p Project, paths: &[PathBuf], colour: Colour) -> Result<&'p Graph> {
    if project.is_empty() {
        return Err(nothing_found(paths));
    }
    let Compiled { ast, diagnostics, graph, .. } = &project.compiled;
    let located = locate(&project.sources, ast, diagnostics);
    output::say(&render::human(&project.sources, ast, &located, colour.of_stderr()));
    match graph {
        Some(graph) if !project.compiled.has_errors() => Ok(graph),
        Some(_) | None => Err(Failure::failed(render::summary(&located))),
    }
}

/// The product of this name, with its namespace or without.
///
/// # Errors
/// If there is none, or several namespaces have one.
pub(crate) fn product<'g>(graph: &'g Graph, name: &str) -> Result<&'g Product> {
    let full = |product: &Product| format!("{}/{}", product.namespace, product.name);
    let found: Vec<&Product> =
        graph.products.iter().filter(|product| product.name == name || full(product) == name).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => {
            let names: Vec<String> =
                graph.products.iter().flat_map(|product| [product.name.clone(), full(product)]).collect();
            Err(unknown("product", name, names.iter().map(String::as_str)))
        }
        several => {
            let names: Vec<String> = several.iter().map(|product| format!("`{}`", full(product))).collect();
            Err(Failure::usage(format!("`{name}` may be each of {}", names.join(", "))))
        }
    }
}

/// Nothing of a kind has this name.
pub(crate) fn unknown<'a>(
    kind: &str,
    name: &str,
    names: impl IntoIterator<Item = &'a str> + Clone,
) -> Failure {
    let failure = Failure::usage(format!("there is no {kind} `{name}`"));
    let known: Vec<&str> = names.clone().into_iter().take(20).collect();
    match headwater_compiler::near(name, names) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None if known.is_empty() => failure,
        None => failure.help(format!("there are `{}`", known.join("`, `"))),
    }
}
