//! Hostile texts: whatever becomes of an honest text, the compiler ends with a value, soon, and the layout holds.

use std::time::{Duration, Instant};

use headwater_compiler::layout::layout;
use headwater_compiler::source::{SourceFile, Sources};
use headwater_tests::mutate::mutate;
use headwater_tests::project::compile;
use headwater_tests::repository::{files, root};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Longer than any small text takes, also in a build without optimisation on a busy machine.
const TIME_MAX: Duration = Duration::from_secs(20);

/// Everything in this repository that the compiler reads.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let is_seed = |name: &String| {
        name.starts_with("fuzz/corpus/")
            || (name.ends_with(".yaml")
                && ["examples/", "tests/cases/", "crds/tests/language/"]
                    .iter()
                    .any(|at| name.starts_with(at)))
    };
    let read = |name: String| {
        let bytes = std::fs::read(root().join(&name)).expect("a listed file can be read");
        (name, bytes)
    };
    files().into_iter().filter(is_seed).map(read).collect()
}

/// The layout of a text means the same by its own account, and is its own layout.
fn assert_laid_out(name: &str, text: &str) {
    if let Ok(laid) = layout(text) {
        assert_eq!(layout(&laid).as_ref(), Ok(&laid), "{name}: twice is once, of\n{text}");
    }
}

#[test]
fn every_layout_is_its_own_layout() {
    for (name, bytes) in seeds() {
        let Ok(text) = String::from_utf8(bytes) else { continue };
        assert!(!matches!(layout(&text), Err(headwater_compiler::layout::Refused::Meaning(_))), "{name}");
        assert_laid_out(&name, &text);
    }
}

#[test]
fn whatever_becomes_of_a_text_is_answered_soon() {
    let seeds = seeds();
    assert!(seeds.len() > 30, "there are texts to change");
    let count = seeds.len();
    let cases = (0..count, 0..count, prop::collection::vec(any::<u64>(), 1..6));
    TestRunner::new(Config { failure_persistence: None, ..Config::default() })
        .run(&cases, |(text, other, changes)| {
            let (name, bytes) = &seeds[text];
            let bytes = mutate(bytes, &seeds[other].1, &changes);
            let started = Instant::now();
            if let Ok(text) = std::str::from_utf8(&bytes) {
                assert_laid_out(name, text);
            }
            compile(&Sources::new(vec![SourceFile { name: name.clone(), bytes, named: true }]));
            prop_assert!(started.elapsed() < TIME_MAX, "{} took {:?}", name, started.elapsed());
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}
