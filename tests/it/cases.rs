//! The folders under `tests/cases`: a project goes in, and what a person would see comes out.
//!
//! A file that is present under `out` is asserted; `BLESS=1` rewrites it.

use std::path::{Path, PathBuf};

use headwater_tests::expected::check_file;
use headwater_tests::project::{compile, of_folder};
use headwater_tests::repository::{assert_none, root};

#[test]
fn every_case_gives_what_it_says() {
    let cases = cases();
    assert!(!cases.is_empty(), "there are cases");
    let findings: Vec<_> = cases.iter().flat_map(|case| run(case)).collect();
    assert_none("cases", &findings);
}

/// The folders `<stage>/<case>`, in order of their names.
fn cases() -> Vec<PathBuf> {
    let stages = folders(&root().join("tests/cases"));
    stages.iter().flat_map(|stage| folders(stage)).collect()
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(parent).expect("a folder of cases can be read");
    let mut found: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    found.retain(|path| path.is_dir());
    found.sort();
    found
}

/// What is wrong with a case.
fn run(case: &Path) -> Vec<String> {
    let outcome = compile(&of_folder(&case.join("in")));
    let diagnostics = case.join("out/diagnostics.txt");
    let mut findings = Vec::new();
    if diagnostics.exists() {
        findings.extend(check_file(&diagnostics, &outcome.text).err());
    } else if outcome.errors > 0 {
        findings.push(format!("{} does not compile\n{}", case.display(), outcome.text));
    }
    let graph = case.join("out/graph.txt");
    if graph.exists() {
        findings.extend(check_file(&graph, &outcome.graph).err());
    }
    findings
}
