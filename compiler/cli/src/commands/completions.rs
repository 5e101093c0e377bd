//! `headwater completions`: gives the script that completes the command line in a shell.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::exit::{Outcome, Result};
use crate::output;

/// Print the script that completes commands and options in a shell.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  headwater completions bash > ~/.local/share/bash-completion/completions/headwater\n  headwater completions zsh > \"${fpath[1]}/_headwater\"\n  headwater completions fish > ~/.config/fish/completions/headwater.fish"
)]
pub(crate) struct CompletionsArguments {
    /// The shell
    shell: Shell,
}

/// Runs the command.
///
/// # Errors
/// If standard output can't be written.
pub(crate) fn completions(arguments: &CompletionsArguments) -> Result {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut super::Arguments::command(), "headwater", &mut script);
    output::print(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Ok)
}
