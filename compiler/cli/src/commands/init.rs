//! `headwater init`: writes a small product, or one that reads a given file with a contract guessed from it.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::exit::{Failure, Outcome, Result};
use crate::files::shown;
use crate::infer::{self, Guess};
use crate::output::{self, Colour};
use crate::project::{self, ProjectArguments};
use crate::template;

/// Write a small product that checks at once, or one that reads a given file.
///
/// Without `--from`: a product that cleans orders, its two contracts, some records of which one is bad, and a test.
/// With `--from`: a contract with the names, types and nulls found in the file, and a product that reads it; what was
/// guessed is said, so that it can be put right. Nothing that exists is ever overwritten.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct InitArguments {
    /// Name of the product and of the folder that is made; by default `orders`, or the file's name
    name: Option<String>,
    /// A CSV, NDJSON or Parquet file to begin with
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// How the result is shown
    #[arg(long, visible_alias = "output", value_name = "FORMAT", default_value = "text")]
    format: Format,
}

const EXAMPLES: &str = "Examples:
  headwater init
  headwater init shipments
  headwater init --from exports/flights.csv
  headwater init air-traffic --from exports/flights.csv";

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// A JSON object with `files` and `guesses`
    Json,
}

/// Runs the command.
///
/// # Errors
/// If the name is none, a file to be written exists, or the file to begin with can't be read.
pub(crate) fn init(arguments: &InitArguments, colour: Colour) -> Result {
    let name = match (&arguments.name, &arguments.from) {
        (Some(name), _) => name.clone(),
        (None, Some(file)) => label(&file.file_stem().unwrap_or_default().to_string_lossy()),
        (None, None) => "orders".to_owned(),
    };
    if name.is_empty() || name.len() > 50 || label(&name) != name {
        return Err(Failure::usage(format!("`{name}` can't be the name of a product"))
            .help("a name has lowercase letters, digits and `-` inside, at most 50"));
    }
    let folder = PathBuf::from(&name);
    let (files, guesses) = match &arguments.from {
        None => (template::sample(&name), Vec::new()),
        Some(file) => {
            let guess = infer::infer(file)?;
            let path = relative(file, &folder)?;
            (template::from_guess(&name, &path, &guess), told(&guess))
        }
    };
    write(&folder, &files)?;
    let written: Vec<String> = files.iter().map(|(file, _)| shown(&folder.join(file))).collect();
    match arguments.format {
        Format::Json => output::print_json(&json!({ "files": written, "guesses": guesses }))?,
        Format::Text => {
            let mut text: String = written.iter().map(|file| format!("wrote {file}\n")).collect();
            if !guesses.is_empty() {
                text += "\nguessed, please look:\n";
                text.extend(guesses.iter().map(|guess| format!("  {guess}\n")));
            }
            text += &format!("\nnext: headwater check {name}\n");
            output::print(&text)?;
        }
    }
    // What was written must be sound, whatever the file held.
    let checked = project::load(&ProjectArguments { paths: vec![folder], as_of: Default::default() })?;
    project::graph(&checked, &[], colour)?;
    Ok(Outcome::Ok)
}

/// Writes all files or none.
fn write(folder: &Path, files: &[(&'static str, String)]) -> Result<()> {
    if let Some((file, _)) = files.iter().find(|(file, _)| folder.join(file).exists()) {
        return Err(Failure::failed(format!("`{}` exists", shown(&folder.join(file))))
            .help("nothing was written; give the product another name: `headwater init NAME`"));
    }
    let failed = |path: &Path, error: std::io::Error| {
        Failure::failed(format!("`{}` can't be written: {error}", shown(path)))
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    for (file, text) in files {
        let path = folder.join(file);
        std::fs::write(&path, text).map_err(|error| failed(&path, error))?;
    }
    Ok(())
}

/// The nearest name of a product: `My Orders.v2` is `my-orders-v2`.
fn label(text: &str) -> String {
    let lower = text.to_lowercase();
    let words: Vec<&str> =
        lower.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join("-")
}

/// A file's path as the product in the folder, which need not exist yet, writes it.
fn relative(file: &Path, folder: &Path) -> Result<String> {
    let unreadable =
        |error: std::io::Error| Failure::usage(format!("`{}` can't be read: {error}", shown(file)));
    let real = file.canonicalize().map_err(unreadable)?;
    let here = std::env::current_dir().and_then(|path| path.canonicalize()).map_err(unreadable)?.join(folder);
    let same = real.components().zip(here.components()).take_while(|(a, b)| a == b).count();
    let mut path: PathBuf = here.components().skip(same).map(|_| "..").collect();
    path.extend(real.components().skip(same));
    Ok(shown(&path))
}

/// What was guessed, for the person who knows better.
fn told(guess: &Guess) -> Vec<String> {
    let mut told = vec![format!(
        "{} records were looked at{}",
        guess.records,
        if guess.whole { "" } else { ", not the whole file" }
    )];
    if let Some(delimiter) = guess.delimiter.filter(|delimiter| *delimiter != ',') {
        told.push(format!("values are separated by {delimiter:?}"));
    }
    if guess.windows_1252 {
        told.push("the text is not UTF-8 and was read as windows-1252".to_owned());
    }
    for null in guess.nulls.iter().filter(|null| !null.is_empty()) {
        told.push(format!("`{null}` means null"));
    }
    for field in &guess.fields {
        let required = if field.required { ", never null" } else { "" };
        told.push(format!("`{}` is {}{required}", field.name, field.data_type));
        if field.personal {
            told.push(format!("`{}` may be personal data: give it a `classification`", field.name));
        }
    }
    if let Some(key) = &guess.key {
        told.push(format!("`{key}` identifies a record"));
    }
    if let Some(time) = &guess.event_time {
        told.push(format!("`{time}` says when a record happened"));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::label;

    fn check(text: &str, expected: &str) {
        assert_eq!(label(text), expected);
    }

    #[test]
    fn names_of_files_become_names_of_products() {
        check("orders", "orders");
        check("My Orders.v2", "my-orders-v2");
        check("__", "");
        check("Größe", "gr-e");
    }
}
