//! What must always hold, over random inputs.

use headwater_compiler::source::Sources;
use headwater_tests::project::{Outcome, compile, files_of_folder};
use headwater_tests::repository::root;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// A project with several files, references across them, and nothing wrong.
const SOUND: &str = "tests/cases/lower/two-products/in";
/// The same with much wrong.
const UNSOUND: &str = "tests/cases/check/much-is-wrong/in";

fn outcome(files: &[(String, String)]) -> Outcome {
    let files = files.iter().map(|(name, text)| headwater_compiler::source::SourceFile {
        name: name.clone(),
        bytes: text.as_bytes().to_vec(),
        named: true,
    });
    compile(&Sources::new(files.collect()))
}

/// Law 1: the same input values give the same bytes, whatever the order in which files are read.
#[test]
fn the_order_of_reading_files_changes_nothing() {
    for folder in [SOUND, UNSOUND] {
        let files = files_of_folder(&root().join(folder));
        assert!(files.len() > 1, "{folder} has several files");
        let expected = outcome(&files);
        TestRunner::new(Config::with_cases(16))
            .run(&Just(files).prop_shuffle(), |shuffled| {
                prop_assert_eq!(&outcome(&shuffled), &expected);
                Ok(())
            })
            .unwrap_or_else(|failure| panic!("{folder}: {failure}"));
    }
}

/// Law 1: where an object stands among the files changes where a diagnostic points, and nothing else.
#[test]
fn the_order_of_objects_changes_no_graph() {
    let files = files_of_folder(&root().join(SOUND));
    let documents: Vec<String> = files
        .iter()
        .flat_map(|(_, text)| text.split("\n---\n").map(|document| document.trim_end().to_owned() + "\n"))
        .collect();
    let graph = |documents: &[String]| outcome(&[("all.yaml".to_owned(), documents.join("---\n"))]).graph;
    let expected = outcome(&files).graph;
    assert!(!expected.is_empty(), "{SOUND} compiles");
    TestRunner::new(Config::with_cases(16))
        .run(&Just(documents).prop_shuffle(), |shuffled| {
            prop_assert_eq!(&graph(&shuffled), &expected);
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}

/// Whatever is cut out of a text, the compiler answers and does not panic.
#[test]
fn a_text_with_a_piece_missing_is_answered() {
    let (_, text) = files_of_folder(&root().join(SOUND)).pop().expect("the example has files");
    let length = text.len();
    TestRunner::new(Config::with_cases(256))
        .run(&(0..length, 0..64usize), |(start, count)| {
            let end = (start + count).min(length);
            if text.is_char_boundary(start) && text.is_char_boundary(end) {
                let cut = [&text[..start], &text[end..]].concat();
                outcome(&[("cut.yaml".to_owned(), cut)]);
            }
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}
