//! `headwater fmt`: takes files, writes them back in the one layout.
//!
//! What a file means is the same before and after, or it is left as it is.

use std::path::PathBuf;

use headwater_compiler::ast::Ast;
use headwater_compiler::layout::{Refused, layout};
use headwater_compiler::locate::locate;
use headwater_compiler::render;
use headwater_compiler::source::{SourceFile, Sources};
use similar::TextDiff;

use crate::exit::{Failure, Outcome, Result};
use crate::files;
use crate::output::{self, Colour};

/// Lay out files as everybody does: order of members, indentation, quotes, brackets.
///
/// Comments, blank lines and SQL stay, and so does what a file means. Documents of other groups are not touched,
/// nor are JSON files and documents with anchors. A file with a mistake in its notation is left as it is.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = EXAMPLES)]
pub(crate) struct FmtArguments {
    /// Files and folders to lay out; `-` takes standard input to standard output
    #[arg(default_value = ".", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Write nothing; list the files that are laid out otherwise, and end with code 1 if there are any
    #[arg(long)]
    check: bool,
    /// Write nothing; show what would change
    #[arg(long)]
    diff: bool,
}

const EXAMPLES: &str = "Examples:
  headwater fmt                    all files below this folder
  headwater fmt --check            for CI
  headwater fmt - < orders.yaml    for editors";

/// What became of the files.
#[derive(Default)]
struct Counts {
    changed: usize,
    refused: usize,
}

/// Runs the command.
///
/// # Errors
/// If a file can't be read or written.
pub(crate) fn fmt(arguments: &FmtArguments, colour: Colour) -> Result {
    let sources = files::collect(&arguments.paths)?;
    let mut counts = Counts::default();
    for (_, file) in sources.iter() {
        one(file, arguments, colour, &mut counts)?;
    }
    let total = sources.iter().count();
    let is_filter = sources.iter().all(|(_, file)| file.name == files::STDIN_NAME);
    if !is_filter {
        let done = if arguments.check || arguments.diff { "would be" } else { "were" };
        output::say(&format!("{} of {total} files {done} laid out anew\n", counts.changed));
    }
    let differs = arguments.check && counts.changed > 0;
    Ok(if counts.refused > 0 || differs { Outcome::Problems } else { Outcome::Ok })
}

/// Lays out one file and writes it, or says what would change.
fn one(file: &SourceFile, arguments: &FmtArguments, colour: Colour, counts: &mut Counts) -> Result<()> {
    let is_filter = file.name == files::STDIN_NAME;
    let Some(before) = std::str::from_utf8(&file.bytes).ok().filter(|text| !is_json(text)) else {
        // What is no text, or no YAML, goes on as it is.
        return if is_filter && !arguments.check { output::print_bytes(&file.bytes) } else { Ok(()) };
    };
    let after = match layout(before) {
        Ok(after) => after,
        Err(refused) => {
            counts.refused += 1;
            refuse(file, refused, colour);
            return Ok(());
        }
    };
    let changed = before != after;
    counts.changed += usize::from(changed);
    if arguments.diff && changed {
        let diff = TextDiff::from_lines(before, &after);
        let (old, new) = (format!("a/{}", file.name), format!("b/{}", file.name));
        output::print(&diff.unified_diff().header(&old, &new).to_string())?;
    } else if arguments.check && changed {
        output::print(&format!("{}\n", file.name))?;
    }
    if arguments.diff || arguments.check {
        return Ok(());
    }
    if is_filter {
        return output::print(&after);
    }
    if changed {
        std::fs::write(&file.name, after)
            .map_err(|error| Failure::failed(format!("`{}` can't be written: {error}", file.name)))?;
    }
    Ok(())
}

/// Says why a file is left as it is.
fn refuse(file: &SourceFile, refused: Refused, colour: Colour) {
    match refused {
        Refused::Notation(problems) => {
            let sources = Sources::new(vec![file.clone()]);
            let ast = Ast::default();
            let located = locate(&sources, &ast, &problems);
            output::say(&render::human(&sources, &ast, &located, colour.of_stderr()));
        }
        Refused::Meaning(start) => {
            let line = file.bytes[..start].iter().filter(|byte| **byte == b'\n').count() + 1;
            let message =
                format!("the document at `{}:{line}` would not mean the same, and is left", file.name);
            output::show(&Failure::failed(message), colour);
        }
    }
}

/// Whether a text is one JSON document, which programs write and other tools lay out.
fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}
