//! The projects under `examples/`: each compiles without an error or a warning.

use std::path::PathBuf;

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
