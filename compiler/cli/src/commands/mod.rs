//! The commands, one file each: takes the arguments of the process, gives its exit code.

mod check;
mod completions;
mod explain;
mod fmt;
mod graph;
mod init;
mod lineage;
mod run;
mod run_report;
mod schema;
mod test;
mod test_bless;
mod test_case;
mod test_edit;
mod test_json;
mod test_junit;
mod test_report;
mod test_table;
mod test_yaml;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::exit::{self, Result};
use crate::output::{self, Colour};

/// Data products declared in YAML: checked, explained, run.
#[derive(Debug, Parser)]
#[command(
    name = "headwater",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 all is well, 1 problems were found or something failed, 2 the command line is wrong.\n\
                  Results go to standard output, all other words to standard error."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// When to colour
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        alias = "colour",
        default_value = "auto",
        hide_possible_values = true
    )]
    color: Colour,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a small product that checks at once, or one that reads a given file
    Init(init::InitArguments),
    /// Find every mistake in all files at once
    Check(check::CheckArguments),
    /// Lay out files as everybody does; comments and what they mean stay
    Fmt(fmt::FmtArguments),
    /// Explain a code, such as R003, with an example that has it and one that is mended
    Explain(explain::ExplainArguments),
    /// Show what will run: every operator with its types, its engine and the reason for it
    Graph(graph::GraphArguments),
    /// Show from which fields of the sources each column of the sinks comes
    Lineage(lineage::LineageArguments),
    /// Run a product on this machine, on files, with no server
    Run(run::RunArguments),
    /// Run the tests of products: given records in, expected rows and dead letters out
    Test(test::TestArguments),
    /// Print the JSON Schema of a kind, or of all kinds, for editors
    Schema(schema::SchemaArguments),
    /// Print the script that completes commands and options in a shell
    Completions(completions::CompletionsArguments),
}

/// Runs the command that the arguments of this process name.
pub(crate) fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are results; a reader who stops reading is no error.
            error.print().unwrap_or_default();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let colour = arguments.color;
    let result = run(arguments.command, colour);
    if let Err(failure) = &result {
        output::show(failure, colour);
    }
    exit::code(&result)
}

fn run(command: Command, colour: Colour) -> Result {
    match command {
        Command::Init(arguments) => init::init(&arguments, colour),
        Command::Check(arguments) => check::check(&arguments, colour),
        Command::Fmt(arguments) => fmt::fmt(&arguments, colour),
        Command::Explain(arguments) => explain::explain(&arguments, colour),
        Command::Graph(arguments) => graph::graph(&arguments, colour),
        Command::Lineage(arguments) => lineage::lineage(&arguments, colour),
        Command::Run(arguments) => run::run(&arguments, colour),
        Command::Test(arguments) => test::test(&arguments, colour),
        Command::Schema(arguments) => schema::schema(&arguments),
        Command::Completions(arguments) => completions::completions(&arguments),
    }
}
