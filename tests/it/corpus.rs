//! The seeds of the fuzz targets through the whole compiler: every one ends with a value, whatever it holds.

use headwater_tests::project::compile;
use headwater_tests::repository::{files, root};

use headwater_compiler::source::{SourceFile, Sources};

#[test]
fn every_seed_of_the_fuzz_targets_compiles_or_is_refused() {
    let seeds: Vec<String> =
        files().into_iter().filter(|name| name.starts_with("fuzz/corpus/texts/")).collect();
    assert!(seeds.len() > 10, "the corpus is there");
    for name in seeds {
        let bytes = std::fs::read(root().join(&name)).expect("a listed file can be read");
        let outcome = compile(&Sources::new(vec![SourceFile { name: name.clone(), bytes, named: true }]));
        assert_eq!(outcome.codes.is_empty(), outcome.text.is_empty(), "{name}");
    }
}
