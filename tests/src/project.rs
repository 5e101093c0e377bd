//! A project through the compiler: takes sources, gives what a person and a test want to see of the result.
//!
//! The only place of the tests that knows how the compiler is called.

use std::path::Path;

use headwater_compiler::diagnostic::Severity;
use headwater_compiler::locate::locate;
use headwater_compiler::render::{graph, human};
use headwater_compiler::source::{SourceFile, Sources};
use headwater_compiler::{Options, compile as compiled};

/// What the compiler says to a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The diagnostics as a person sees them, without colours.
    pub text: String,
    /// Codes of the diagnostics in order.
    pub codes: Vec<&'static str>,
    /// How many of them are errors.
    pub errors: usize,
    /// The typed graph as text; empty if there is an error.
    pub graph: String,
}

/// Compiles the files.
pub fn compile(sources: &Sources) -> Outcome {
    let result = compiled(sources, &Options::default());
    let located = locate(sources, &result.ast, &result.diagnostics);
    Outcome {
        text: ended_once(human(sources, &result.ast, &located, false)),
        codes: located.iter().map(|one| one.diagnostic.code.id).collect(),
        graph: result.graph.as_ref().map_or_else(String::new, |graph| graph::text(graph, &result.placement)),
        errors: located.iter().filter(|one| one.diagnostic.severity == Severity::Error).count(),
    }
}

/// The text without empty lines at its end.
fn ended_once(mut text: String) -> String {
    text.truncate(text.trim_end_matches('\n').len());
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// A project of one file.
pub fn of_text(name: &str, text: &str) -> Sources {
    Sources::new(vec![SourceFile { name: name.to_owned(), bytes: text.as_bytes().to_vec(), named: true }])
}

/// All YAML files and locks of a folder and the folders in it, named relative to it.
///
/// # Panics
/// If the folder can't be read.
pub fn of_folder(folder: &Path) -> Sources {
    let files = files_of_folder(folder).into_iter();
    let files = files.map(|(name, text)| SourceFile { name, bytes: text.into_bytes(), named: true });
    Sources::new(files.collect())
}

/// Names and texts of the YAML files and locks of a folder and the folders in it, in order of their names.
///
/// # Panics
/// If the folder can't be read, or a file is not UTF-8.
pub fn files_of_folder(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    collect(folder, "", &mut files);
    files.sort();
    files
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, String)>) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => panic!("{}: {error}", folder.display()),
    };
    for entry in entries {
        let path = entry.expect("a folder that can be opened can be read").path();
        let name = format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), files);
        } else if name.ends_with(".yaml") || name.ends_with("contracts.lock") {
            let text = std::fs::read_to_string(&path).expect("a listed file is text that can be read");
            files.push((name, text));
        }
    }
}
