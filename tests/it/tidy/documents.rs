//! Rules of documents: links that lead somewhere, paths that exist, one sentence a line, fixed headings.

use std::collections::BTreeSet;

use headwater_tests::markdown::{anchor, code_spans, headings, links, prose, without_code};
use headwater_tests::repository::{assert_none, files, files_ending, read};

/// The most lines that `ARCHITECTURE.md` may have, so that it is read.
const ARCHITECTURE_LINES_MAX: usize = 200;
/// The headings of a decision record, in order.
const DECISION: [&str; 4] = ["Context", "Choice", "Alternatives", "Cost"];

#[test]
fn no_link_is_dead() {
    let known = names_and_folders();
    let mut findings = Vec::new();
    for document in files_ending(".md") {
        for (line, target) in links(&read(&document)) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (path, fragment) = target.split_once('#').unwrap_or((&target, ""));
            let name = if path.is_empty() { document.clone() } else { joined(&document, path) };
            let lands = known.contains(&name)
                && (fragment.is_empty()
                    || headings(&read(&name)).iter().any(|heading| anchor(heading) == fragment));
            if !lands {
                findings.push(format!("{document}:{line}: {target}"));
            }
        }
    }
    assert_none("dead links", &findings);
}

#[test]
fn paths_named_in_the_guides_exist() {
    let known = names_and_folders();
    let tops: BTreeSet<&str> =
        known.iter().filter_map(|name| name.split_once('/')).map(|(top, _)| top).collect();
    let mut findings = Vec::new();
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        for (line, text) in prose(&read(document)) {
            for span in code_spans(text) {
                let path = span.trim_end_matches('/');
                let is_path = span.split_once('/').is_some_and(|(top, _)| tops.contains(top))
                    && !span.contains(['<', '*', ' ', '{', '=']);
                if is_path && !known.contains(path) {
                    findings.push(format!("{document}:{line}: `{span}`"));
                }
            }
        }
    }
    assert_none("paths that are not there", &findings);
}

#[test]
fn prose_has_one_sentence_a_line() {
    let mut findings = Vec::new();
    for document in files_ending(".md") {
        for (number, line) in prose(&read(&document)) {
            if !line.starts_with('|') && holds_two_sentences(&without_code(line)) {
                findings.push(format!("{document}:{number}: {line}"));
            }
        }
    }
    assert_none("more than one sentence on a line", &findings);
}

/// Whether a full stop, question mark or exclamation mark is followed by a space and a capital.
fn holds_two_sentences(line: &str) -> bool {
    // The mark after a number opens an entry of a list.
    let line = line.trim_start().trim_start_matches(|letter: char| letter.is_ascii_digit());
    let letters: Vec<char> = line.trim_start_matches(". ").chars().collect();
    letters.windows(4).any(|at| {
        (at[0].is_alphanumeric() || matches!(at[0], ')' | '`' | '"'))
            && matches!(at[1], '.' | '?' | '!')
            && at[2] == ' '
            && at[3].is_uppercase()
    })
}

#[test]
fn the_architecture_is_short() {
    let lines = read("ARCHITECTURE.md").lines().count();
    assert!(lines <= ARCHITECTURE_LINES_MAX, "ARCHITECTURE.md has {lines} lines");
}

#[test]
fn decisions_are_numbered_and_complete() {
    let mut findings = Vec::new();
    let mut numbers = BTreeSet::new();
    for name in files_ending(".md").iter().filter(|name| name.starts_with("docs/decisions/")) {
        let file = name.trim_start_matches("docs/decisions/");
        let number: String = file.chars().take_while(char::is_ascii_digit).collect();
        if number.len() != 3 || !numbers.insert(number) {
            findings
                .push(format!("{name}: its name does not start with a number of its own in three digits"));
        }
        let sections: Vec<String> = headings(&read(name)).into_iter().skip(1).collect();
        if sections != DECISION {
            findings.push(format!("{name}: its sections are {sections:?}, not {DECISION:?}"));
        }
    }
    assert_none("decision records", &findings);
}

/// Every file and every folder that holds one.
fn names_and_folders() -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    for name in files() {
        known.extend(name.match_indices('/').map(|(at, _)| name[..at].to_owned()));
        known.insert(name);
    }
    known
}

/// The name that a relative link leads to.
fn joined(document: &str, path: &str) -> String {
    let mut parts: Vec<&str> = document.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}
