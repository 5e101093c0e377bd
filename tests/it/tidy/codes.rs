//! Rules of diagnostic codes: each has its page in the fixed form, and a line of the compiler that emits it.
//!
//! That the examples of the pages are true is shown by running them, elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use headwater_compiler::code::{self, run_time};
use headwater_tests::markdown::{blocks, headings, prose};
use headwater_tests::repository::{assert_none, files_ending, production, read};

/// Where the pages are.
const PAGES: &str = "docs/codes/";
/// Where the codes are declared.
const REGISTRY: &str = "compiler/core/src/code/";
/// The headings of a page, in order.
const SECTIONS: [&str; 4] = ["What it means", "Example", "Mended", "When to accept it"];
/// The fenced blocks of a page, in order.
const BLOCKS: [&str; 3] = ["yaml fail", "text output", "yaml fixed"];
/// Those of a page of a dead letter; the records are in a format of files, which stands before.
const BLOCKS_OF_LETTERS: [&str; 4] = ["yaml project", "records", "json letters", "fixed"];
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
        let blocks: &[&str] = if run_time::ALL.contains(&code) { &BLOCKS_OF_LETTERS } else { &BLOCKS };
        let fits = kinds.len() == blocks.len()
            && kinds.iter().zip(blocks).all(|(kind, block)| kind.ends_with(block));
        if !fits {
            findings.push(format!("{}: its blocks are {kinds:?}, not {blocks:?}", code.id));
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

#[test]
fn every_code_is_emitted_by_some_line() {
    let mut silent = constants();
    let ids: usize = silent.values().map(Vec::len).sum();
    assert_eq!(ids, code::all().count(), "every code of the registry is declared on a line of its own");
    for name in
        files_ending(".rs").iter().filter(|name| !name.starts_with(REGISTRY) && !name.starts_with("tests/"))
    {
        let text = read(name);
        for statement in
            production(&text).split(';').map(without_comments).filter(|statement| !is_import(statement))
        {
            for word in statement.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')) {
                silent.remove(word);
            }
        }
    }
    let findings: Vec<_> = silent.iter().map(|(name, ids)| format!("{ids:?} {name}")).collect();
    assert_none("codes that no line emits", &findings);
}

/// The constants of the registry, each with its codes: two stages may use one name.
fn constants() -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in files_ending(".rs").iter().filter(|name| name.starts_with(REGISTRY)) {
        for line in read(name).lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            if let [id, constant, name] = words[..]
                && name.starts_with('"')
                && name.ends_with("\";")
            {
                found.entry(constant.to_owned()).or_default().push(id.to_owned());
            }
        }
    }
    found
}

/// The text without the comments that stand on lines of their own.
fn without_comments(statement: &str) -> String {
    statement.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Whether this is a `use`, which emits nothing.
fn is_import(statement: &str) -> bool {
    let start = statement.trim_start();
    ["use ", "pub use ", "pub(crate) use "].iter().any(|word| start.starts_with(word))
}
