//! `headwater explain`: takes a code, prints its page; without one, lists all codes.

use headwater_compiler::code::{self, Code};
use serde_json::json;

use crate::exit::{Failure, Outcome, Result};
use crate::output::{self, Colour};

/// Explain a code, such as R003, with an example that has it and one that is mended.
///
/// Codes are the letters and digits behind `error` and `warning`. Their names will do, too, in any letter case.
/// Without a code, all codes are listed.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  headwater explain R003\n  headwater explain unknown-reference\n  headwater explain | grep contract"
)]
pub(crate) struct ExplainArguments {
    /// The code or its name
    code: Option<String>,
    /// How it is shown
    #[arg(long, visible_alias = "output", value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people: the page as it is, in Markdown, with colour on a terminal
    Text,
    /// A JSON object with `code`, `name` and `page`, or a list of all codes
    Json,
}

/// Runs the command.
///
/// # Errors
/// If there is no such code.
pub(crate) fn explain(arguments: &ExplainArguments, colour: Colour) -> Result {
    match (&arguments.code, arguments.format) {
        (Some(text), Format::Text) => {
            let page = find(text)?.page;
            output::print(&if colour.of_stdout() { coloured(page) } else { page.to_owned() })?;
        }
        (Some(text), Format::Json) => {
            let code = find(text)?;
            output::print_json(&json!({ "code": code.id, "name": code.name, "page": code.page }))?;
        }
        (None, Format::Text) => {
            let list: String = code::all().map(|code| format!("{}  {}\n", code.id, code.name)).collect();
            output::print(&list)?;
        }
        (None, Format::Json) => {
            let list: Vec<_> =
                code::all().map(|code| json!({ "code": code.id, "name": code.name })).collect();
            output::print_json(&list)?;
        }
    }
    Ok(Outcome::Ok)
}

fn find(text: &str) -> Result<&'static Code> {
    code::find(text).ok_or_else(|| {
        let failure = Failure::usage(format!("there is no code `{text}`"));
        match headwater_compiler::near(text, code::all().flat_map(|code| [code.id, code.name])) {
            Some(near) => failure.help(format!("did you mean `{near}`?")),
            None => failure.help("`headwater explain` lists all codes"),
        }
    })
}

/// The page with headings and examples set apart.
fn coloured(page: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for line in page.lines() {
        let is_fence = line.starts_with("```");
        inside ^= is_fence;
        let style = match (line.starts_with('#') && !inside, is_fence, inside) {
            (true, _, _) => "\x1b[1m",
            (_, true, _) => "\x1b[2m",
            (_, _, true) => "\x1b[36m",
            (false, false, false) => "",
        };
        let end = if style.is_empty() { "" } else { "\x1b[0m" };
        text += &format!("{style}{line}{end}\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::coloured;

    #[test]
    fn headings_and_examples_are_set_apart() {
        let expected =
            "\x1b[1m# A\x1b[0m\ntext\n\x1b[2m```yaml\x1b[0m\n\x1b[36m# b\x1b[0m\n\x1b[2m```\x1b[0m\n";
        assert_eq!(coloured("# A\ntext\n```yaml\n# b\n```\n"), expected);
    }
}
