//! Files made from the code that are in the repository for people to read: up to date, or rewritten with `BLESS=1`.
//!
//! Definitions for Kubernetes and the page of functions are judged where they are made.

use std::fmt::Write;

use headwater_compiler::code;
use headwater_tests::expected::check_file;
use headwater_tests::markdown::prose;
use headwater_tests::reference;
use headwater_tests::repository::{assert_none, root};

#[test]
fn the_index_of_codes_is_up_to_date() {
    let path = root().join("docs/codes/README.md");
    assert_none("generated files", &check_file(&path, &index()).err().into_iter().collect::<Vec<_>>());
}

#[test]
fn the_reference_of_the_language_is_up_to_date() {
    let path = root().join("docs/language.md");
    assert_none(
        "generated files",
        &check_file(&path, &reference::page()).err().into_iter().collect::<Vec<_>>(),
    );
}

/// Every code with its name and the first sentence of its page.
fn index() -> String {
    let mut text = String::from(
        "# Codes\n\nEvery diagnostic has a code, and every code a page, which `headwater explain` prints.\n\
         This list is generated from the registry: `make bless`.\n\n| code | name | means |\n|---|---|---|\n",
    );
    for code in code::all() {
        let means = prose(code.page);
        let first = means.iter().skip_while(|(_, line)| *line != "## What it means").nth(2);
        let first = first.map_or("", |(_, line)| line).replace('|', "\\|");
        writeln!(text, "| [{0}]({0}.md) | {1} | {first} |", code.id, code.name)
            .expect("a text takes any text");
    }
    text
}
