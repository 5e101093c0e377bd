//! `headwater schema`: gives the JSON Schema of one kind or of all, for editors.

use headwater_crds::object::Kind;
use headwater_crds::schema;
use serde_json::{Value, json};

use crate::exit::{Failure, Outcome, Result};
use crate::output;
use crate::project;

/// Print the JSON Schema (2020-12) of a kind, or of all kinds, for editors.
///
/// An editor that is given it completes members and marks what has the wrong shape while one types.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SchemaArguments {
    /// DataProduct, DataContract, Platform, Approval, DataProductTest or ContractLock, in any letter case; all where left out
    kind: Option<String>,
    /// The only format there is
    #[arg(long, visible_alias = "output", value_name = "FORMAT", default_value = "json")]
    format: Format,
}

const EXAMPLES: &str = "Examples:
  headwater schema > headwater.schema.json
  # first line of a YAML file, for editors with the YAML language server:
  # yaml-language-server: $schema=headwater.schema.json";

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// JSON Schema
    Json,
}

/// Runs the command.
///
/// # Errors
/// If there is no such kind.
pub(crate) fn schema(arguments: &SchemaArguments) -> Result {
    let Format::Json = arguments.format;
    match &arguments.kind {
        Some(name) => output::print_json(schema::schema(kind(name)?))?,
        None => output::print_json(&all())?,
    }
    Ok(Outcome::Ok)
}

fn kind(text: &str) -> Result<Kind> {
    let found = Kind::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(text));
    found.ok_or_else(|| -> Failure { project::unknown("kind", text, Kind::ALL.map(Kind::name)) })
}

/// One schema of which each kind is an alternative, told apart by `kind`.
fn all() -> Value {
    let kinds: Vec<Value> = Kind::ALL
        .into_iter()
        .map(|kind| {
            let mut schema = schema::schema(kind).clone();
            if let Some(members) = schema.as_object_mut() {
                members.shift_remove("$schema");
            }
            schema
        })
        .collect();
    json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Headwater", "oneOf": kinds })
}
