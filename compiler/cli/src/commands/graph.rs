//! `headwater graph`: takes declarations, gives the typed graph with the engine of each operator.

use headwater_compiler::render::graph;
use serde_json::json;

use crate::exit::{Outcome, Result};
use crate::output::{self, Colour};
use crate::project::{self, ProjectArguments};

/// Show what will run: every operator with its types, its engine and the reason for it.
///
/// Steps and SQL mean the same graph; this is it. Each port is shown with its columns, its kind of stream, key,
/// event time and guarantee; each operator with the cheapest engine that can run it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  headwater graph\n  headwater graph --product retail/orders --format mermaid > orders.mmd"
)]
pub(crate) struct GraphArguments {
    #[command(flatten)]
    project: ProjectArguments,
    /// How it is shown
    #[arg(long, visible_alias = "output", value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Only this product: `orders` or `retail/orders`
    #[arg(long, value_name = "NAME")]
    product: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// A flow chart of sources, transforms and sinks in Mermaid's notation
    Mermaid,
    /// One JSON document: the graph and the placement, as the compiler has them
    Json,
}

/// Runs the command.
///
/// # Errors
/// If something can't be read, has errors, or there is no such product.
pub(crate) fn graph(arguments: &GraphArguments, colour: Colour) -> Result {
    let project = project::load(&arguments.project)?;
    let mut shown = project::graph(&project, &arguments.project.paths, colour)?.clone();
    let placement = &project.compiled.placement;
    if let Some(name) = &arguments.product {
        let wanted = project::product(&shown, name)?.clone();
        shown.products.retain(|product| *product == wanted);
    }
    match arguments.format {
        Format::Text => output::print(&graph::text(&shown, placement))?,
        Format::Mermaid => output::print(&graph::mermaid(&shown, placement))?,
        Format::Json => {
            output::print_json(&json!({ "version": 1, "graph": shown, "placement": placement }))?;
        }
    }
    Ok(Outcome::Ok)
}
