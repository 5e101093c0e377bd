//! `headwater lineage`: takes declarations, gives the fields that each sink's columns come from.

use headwater_compiler::render::lineage::{self, SinkLineage};
use serde_json::json;

use crate::exit::{Failure, Outcome, Result};
use crate::output::{self, Colour};
use crate::project::{self, ProjectArguments};

/// Show from which fields of the sources each column of the sinks comes.
///
/// Direct influence is on a value (the same, computed from one record, or from several), indirect influence on which
/// rows there are (join, filter, group, sort, window). A field is called masked if a mask lies on every way from it.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct LineageArguments {
    #[command(flatten)]
    project: ProjectArguments,
    /// How it is shown
    #[arg(long, visible_alias = "output", value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Only this product: `orders` or `retail/orders`
    #[arg(long, value_name = "NAME")]
    product: Option<String>,
    /// Only this column of a sink: `paid-orders.amount`, or `paid-orders` for all of its columns
    #[arg(long, value_name = "SINK.FIELD")]
    field: Option<String>,
}

const EXAMPLES: &str = "Examples:
  headwater lineage
  headwater lineage --field paid-orders.amount
  headwater lineage --format mermaid > lineage.mmd
  headwater lineage --format openlineage --as-of 2026-01-31T12:00:00Z   one job event a line";

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// A flow chart in Mermaid's notation
    Mermaid,
    /// One JSON document, described in docs/output/lineage.md
    Json,
    /// Job events of OpenLineage 2-0-2 with column lineage, one a line; their time is that of `--as-of`
    Openlineage,
}

/// Runs the command.
///
/// # Errors
/// If something can't be read, has errors, or what is asked for is not there.
pub(crate) fn lineage(arguments: &LineageArguments, colour: Colour) -> Result {
    let project = project::load(&arguments.project)?;
    let graph = project::graph(&project, &arguments.project.paths, colour)?;
    let mut sinks = lineage::sinks(graph);
    if let Some(name) = &arguments.product {
        let product = project::product(graph, name)?;
        sinks.retain(|one| (&one.sink.namespace, &one.sink.product) == (&product.namespace, &product.name));
    }
    if let Some(field) = &arguments.field {
        sinks = only(sinks, field)?;
    }
    match arguments.format {
        Format::Text => output::print(&lineage::text(&sinks))?,
        Format::Mermaid => output::print(&lineage::mermaid(&sinks))?,
        Format::Json => output::print_json(&json!({ "version": 1, "sinks": sinks }))?,
        Format::Openlineage => output::print(&lineage::openlineage(&sinks, &project.as_of.instant()))?,
    }
    Ok(Outcome::Ok)
}

/// The one column, or the one sink.
fn only(sinks: Vec<SinkLineage>, wanted: &str) -> Result<Vec<SinkLineage>> {
    let (sink, field) = match wanted.split_once('.') {
        Some((sink, field)) => (sink, Some(field)),
        None => (wanted, None),
    };
    let names: Vec<String> = sinks.iter().map(|one| one.sink.name.clone()).collect();
    let mut kept: Vec<SinkLineage> = sinks.into_iter().filter(|one| one.sink.name == sink).collect();
    if kept.is_empty() {
        return Err(project::unknown("sink", sink, names.iter().map(String::as_str)));
    }
    let Some(field) = field else { return Ok(kept) };
    let fields: Vec<String> =
        kept.iter().flat_map(|one| &one.columns).map(|column| column.column.field.clone()).collect();
    for one in &mut kept {
        one.columns.retain(|column| column.column.field == field);
    }
    kept.retain(|one| !one.columns.is_empty());
    if kept.is_empty() {
        let failure: Failure = project::unknown("field", field, fields.iter().map(String::as_str));
        return Err(failure);
    }
    Ok(kept)
}
