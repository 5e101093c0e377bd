//! The projects under `examples/`: each compiles without an error or a warning, runs, and says what it always says.

use std::path::{Path, PathBuf};

use headwater_tests::command::{headwater, text};
use headwater_tests::expected::check_file;
use headwater_tests::project::{compile, of_folder};
use headwater_tests::repository::{assert_none, root};

/// The folders of the examples, in order of their names.
fn examples() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("examples")).expect("the clone has examples");
    let mut folders: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    folders
}

#[test]
fn every_example_compiles() {
    let texts = examples().into_iter().map(|folder| compile(&of_folder(&folder)).text);
    assert_none("examples", &texts.filter(|text| !text.is_empty()).collect::<Vec<_>>());
}

#[test]
fn every_example_runs() {
    let findings: Vec<_> = examples().iter().filter_map(|folder| run(folder).err()).collect();
    assert_none("runs of examples", &findings);
}

/// Runs an example and compares the report with the one in `tests/runs`.
fn run(folder: &Path) -> Result<(), String> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let target = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut command = headwater();
    command.args(["run", &format!("examples/{name}")]);
    command.arg("--out").arg(target.path().join("out"));
    command.arg("--warehouse").arg(target.path().join("warehouse"));
    if folder.join("secrets").is_dir() {
        command.arg("--secrets").arg(folder.join("secrets"));
    }
    let report = text(&mut command);
    // Where a run lands and how long it takes is no part of what it does.
    let report = report.replace(&target.path().display().to_string(), "TARGET");
    let lines = report.lines().filter(|line| !line.starts_with("done in "));
    let report: String = lines.flat_map(|line| [line, "\n"]).collect();
    check_file(&root().join(format!("tests/runs/{name}.txt")), &format!("{}\n", report.trim_end()))
}
