//! Rules of diagnostic codes: each has its page in the fixed form.
//!
//! That the examples of the pages are true is shown by running them, elsewhere.

use std::collections::BTreeSet;

use headwater_compiler::code;
use headwater_tests::markdown::{blocks, headings, prose};
use headwater_tests::repository::{assert_none, files_ending};

/// Where the pages are.
const PAGES: &str = "docs/codes/";
/// The headings of a page, in order.
const SECTIONS: [&str; 4] = ["What it means", "Example", "Mended", "When to accept it"];
/// The fenced blocks of a page, in order.
const BLOCKS: [&str; 3] = ["yaml fail", "text output", "yaml fixed"];
/// The most sentences that say what a code means.
const SENTENCES_MAX: usize = 3;

#[test]
fn codes_are_numbered_once_and_named_once() {
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    for code in code::all() {
        let digits = code.id.strip_prefix(|letter: char| letter.is_ascii_uppercase());
        if !digits
            .is_some_and(|digits| digits.len() == 3 && digits.bytes().all(|digit| digit.is_ascii_digit()))
        {
            findings.push(format!("{}: not a letter and three digits", code.id));
        }
        for text in [code.id, code.name] {
            if !seen.insert(text) {
                findings.push(format!("{}: `{text}` is taken", code.id));
            }
        }
    }
    assert_none("codes", &findings);
}

#[test]
fn every_page_belongs_to_a_code() {
    let known: BTreeSet<String> = code::all().map(|code| format!("{PAGES}{}.md", code.id)).collect();
    let pages = files_ending(".md")
        .into_iter()
        .filter(|name| name.starts_with(PAGES) && !name.ends_with("README.md"));
    let orphans: Vec<_> = pages.filter(|name| !known.contains(name)).collect();
    assert_none("pages without a code", &orphans);
}

#[test]
fn every_page_has_the_fixed_form() {
    let mut findings = Vec::new();
    for code in code::all() {
        let mut expected = vec![format!("{} {}", code.id, code.name)];
        expected.extend(SECTIONS.map(str::to_owned));
        let found = headings(code.page);
        if found != expected {
            findings.push(format!("{}: its headings are {found:?}, not {expected:?}", code.id));
        }
        let kinds: Vec<String> = blocks(code.page).into_iter().map(|block| block.kind).collect();
        if kinds != BLOCKS {
            findings.push(format!("{}: its blocks are {kinds:?}, not {BLOCKS:?}", code.id));
        }
        let sentences = section(code.page, SECTIONS[0]);
        if sentences == 0 || sentences > SENTENCES_MAX {
            findings.push(format!("{}: {sentences} sentences say what it means", code.id));
        }
        if section(code.page, SECTIONS[3]) == 0 {
            findings.push(format!("{}: nothing says when to accept it", code.id));
        }
    }
    assert_none("pages of codes", &findings);
}

/// Number of lines, and so of sentences, in a section.
fn section(page: &str, heading: &str) -> usize {
    let lines = prose(page);
    let inside = lines.iter().skip_while(|(_, line)| *line != format!("## {heading}")).skip(1);
    inside.take_while(|(_, line)| !line.starts_with('#')).filter(|(_, line)| !line.is_empty()).count()
}
