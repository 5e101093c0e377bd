//! `headwater check`: takes files, shows every problem in them.

use std::time::{Duration, Instant};

use headwater_compiler::locate::{Located, locate};
use headwater_compiler::{Compiled, render};
use headwater_crds::object::Kind;

use crate::exit::{Outcome, Result};
use crate::files;
use crate::output::{self, Colour};
use crate::project::{self, Project, ProjectArguments};
use crate::watch::Watch;

/// Find every mistake in all files at once.
///
/// Reads the files, resolves names, infers the types of all ports, holds them against the contracts, follows
/// personal data to every sink, and says what is wrong, in order of file and line. Nothing is changed or contacted.
///
/// Warnings alone leave the exit code at 0. A finding can be accepted in place, with its reason, by the annotation
/// `headwater.dev/allow.<CODE>`; `headwater explain CODE` says when that is right.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = EXAMPLES)]
pub(crate) struct CheckArguments {
    #[command(flatten)]
    project: ProjectArguments,
    /// How problems are shown
    #[arg(long, visible_alias = "output", value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// Check again whenever a file changes, until ctrl-c; a terminal is cleared before
    #[arg(long)]
    watch: bool,
    /// End with code 1 also where there are only warnings
    #[arg(long)]
    deny_warnings: bool,
}

const EXAMPLES: &str = "Examples:
  headwater check                              all files below this folder
  headwater check products/ platform.yaml      a folder and a file
  helm template chart | headwater check -      rendered manifests
  headwater check --format sarif > out.sarif   for a code host";

/// How problems are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people, with the lines of the files
    Human,
    /// One line each: `file:line:column: error[CODE]: message`
    Short,
    /// One JSON document, described in docs/output/diagnostics.md
    Json,
    /// SARIF 2.1.0, for code hosts and editors
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
}

/// Runs the command.
///
/// # Errors
/// If something can't be read, or there is nothing to check.
pub(crate) fn check(arguments: &CheckArguments, colour: Colour) -> Result {
    if arguments.watch {
        return watched(arguments, colour);
    }
    let project = project::load(&arguments.project)?;
    let outcome = report(&project, arguments, colour);
    // The process ends here, and the system takes all of its memory back at once.
    std::mem::forget(project);
    outcome
}

/// Shows what was found, again after each change. Ends only if the files can't be watched.
fn watched(arguments: &CheckArguments, colour: Colour) -> Result {
    let paths = &arguments.project.paths;
    let watch = Watch::of(paths)?;
    let mut last: Option<Project> = None;
    loop {
        let started = Instant::now();
        let as_of = arguments.project.as_of.read()?;
        match files::collect(paths) {
            // Being read is a change to some systems, and much in a folder is nothing to us.
            Ok(sources) if last.as_ref().is_some_and(|last| last.sources == sources) => {}
            Ok(sources) => {
                output::clear();
                let project = project::compiled(sources, as_of, started);
                if let Err(failure) = report(&project, arguments, colour) {
                    output::show(&failure, colour);
                }
                last = Some(project);
            }
            // A file that is being replaced is missing for a moment, and comes back with an event.
            Err(failure) => output::show(&failure, colour),
        }
        watch.wait()?;
    }
}

/// Shows what was found.
fn report(project: &Project, arguments: &CheckArguments, colour: Colour) -> Result {
    let Project { sources, compiled, .. } = project;
    let located = locate(sources, &compiled.ast, &compiled.diagnostics);
    let ast = &compiled.ast;
    output::print(&match arguments.format {
        Format::Human => render::human(sources, ast, &located, colour.of_stdout()),
        Format::Short => render::short(sources, ast, &located),
        Format::Json => render::json(sources, ast, &located),
        Format::Sarif => render::sarif(sources, ast, &located),
        Format::Github => render::github(sources, ast, &located),
    })?;
    if project.is_empty() {
        return Err(project::nothing_found(&arguments.project.paths));
    }
    let summary = summary(project, &located);
    // The summary belongs to what people read, and is beside the point of what programs read.
    if arguments.format == Format::Human {
        output::print(&summary)?
    } else {
        output::say(&summary)
    }
    let has_problems = compiled.has_errors() || (arguments.deny_warnings && !located.is_empty());
    Ok(if has_problems { Outcome::Problems } else { Outcome::Ok })
}

/// `checked 2 products and 3 contracts in 4 files as of 2026-01-31 in 12 ms: no problems`.
fn summary(project: &Project, located: &[Located<'_>]) -> String {
    let Compiled { catalog, ast, .. } = &project.compiled;
    let failed = |kind: Kind| ast.failed().filter(|(_, identity)| identity.kind == Some(kind)).count();
    let counts = [
        (catalog.products.len() + failed(Kind::DataProduct), "product"),
        (catalog.contracts.len() + failed(Kind::DataContract), "contract"),
        (catalog.platforms.len() + failed(Kind::Platform), "platform"),
        (catalog.tests.len() + failed(Kind::DataProductTest), "test"),
    ];
    let counts: Vec<String> = counts.iter().filter_map(|&(number, word)| counted(number, word)).collect();
    let objects = if counts.is_empty() { "no objects".to_owned() } else { counts.join(", ") };
    let files = counted(project.sources.iter().count(), "file").unwrap_or_else(|| "no file".to_owned());
    let problems = match render::summary(located) {
        text if text.is_empty() => "no problems".to_owned(),
        text => text,
    };
    let day = &project.as_of.day;
    format!("checked {objects} in {files} as of {day} in {}: {problems}\n", time(project.took))
}

fn counted(number: usize, word: &str) -> Option<String> {
    match number {
        0 => None,
        1 => Some(format!("1 {word}")),
        _ => Some(format!("{number} {word}s")),
    }
}

fn time(took: Duration) -> String {
    if took < Duration::from_secs(1) {
        format!("{} ms", took.as_millis())
    } else {
        format!("{:.1} s", took.as_secs_f64())
    }
}
