//! Rules of single files: their opening, their length, where they stand, what no file says.

use headwater_tests::repository::{assert_none, files, files_ending, production, read};

/// More production lines than this need a reason in the opening comment, behind [`REASON`].
const LINES_WITHOUT_REASON: usize = 400;
/// More production lines than this are refused.
const LINES_MAX: usize = 600;
/// How the opening comment gives the reason for a long file.
const REASON: &str = "//! Long because";

#[test]
fn every_file_of_code_opens_with_what_it_is() {
    let bare: Vec<_> =
        files_ending(".rs").into_iter().filter(|name| !read(name).starts_with("//! ")).collect();
    assert_none("these files don't open with `//!`", &bare);
}

#[test]
fn no_file_of_code_is_too_long() {
    let mut findings = Vec::new();
    for name in files_ending(".rs") {
        let text = read(&name);
        let lines = production(&text).lines().count();
        let reasoned =
            text.lines().take_while(|line| line.starts_with("//!")).any(|line| line.starts_with(REASON));
        if lines > LINES_MAX || (lines > LINES_WITHOUT_REASON && !reasoned) {
            findings.push(format!("{name}: {lines} lines"));
        }
    }
    assert_none(
        &format!("over {LINES_MAX} lines, or over {LINES_WITHOUT_REASON} without `{REASON} ...`"),
        &findings,
    );
}

#[test]
fn no_folder_under_src_has_folders() {
    let depth = |name: &String| name.split("/src/").nth(1).map_or(0, |below| below.matches('/').count());
    let deep: Vec<_> = files_ending(".rs").into_iter().filter(|name| depth(name) > 1).collect();
    assert_none("these files stand more than one folder under `src/`", &deep);
}

#[test]
fn no_text_names_a_place_of_one_machine() {
    // Put together here, so that this file does not hold them.
    let homes = ["work", "farm", "root", "home", "Users"].map(|folder| format!("/{folder}/"));
    let mut findings = Vec::new();
    for_each_line(&[], |name, number, line| {
        let at_start = |at: usize| line[..at].chars().next_back().is_none_or(|before| !is_path(before));
        if homes.iter().any(|home| line.match_indices(home.as_str()).any(|(at, _)| at_start(at))) {
            findings.push(format!("{name}:{number}: {line}"));
        }
    });
    assert_none("absolute paths of one machine", &findings);
}

/// Whether a folder's name before `/` ends with this, so that the path is relative.
fn is_path(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '.' | '-' | '}' | ')' | '*' | '/')
}

#[test]
fn nothing_is_left_for_later() {
    let marks = ["TO DO", "FIX ME", "HA CK"].map(|mark| mark.replace(' ', ""));
    let mut findings = Vec::new();
    for_each_line(&[".rs", ".md", ".toml", ".sh", ".py"], |name, number, line| {
        let words =
            |mark: &String| line.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == mark);
        if marks.iter().any(words) {
            findings.push(format!("{name}:{number}: {line}"));
        }
    });
    assert_none("marks of unfinished work", &findings);
}

#[test]
fn no_test_is_left_out_and_none_sleeps() {
    let calls = ["#[ig nore", "thread::sl eep", "time::sl eep("].map(|call| call.replace(' ', ""));
    let mut findings = Vec::new();
    for_each_line(&[".rs"], |name, number, line| {
        if calls.iter().any(|call| line.contains(call.as_str())) {
            findings.push(format!("{name}:{number}: {line}"));
        }
    });
    assert_none("ignored tests and sleeps: wait for a condition with a deadline", &findings);
}

#[test]
fn lines_end_cleanly() {
    let kinds = [".rs", ".md", ".toml", ".sh", ".py", ".yaml", "Makefile", ".ci/run"];
    let mut findings = Vec::new();
    for_each_line(&kinds, |name, number, line| {
        if line.ends_with([' ', '\t', '\r']) {
            findings.push(format!("{name}:{number}: white space at the end"));
        }
    });
    let unended = |name: &String| is_kind(name, &kinds) && !is_input(name) && !read(name).ends_with('\n');
    findings
        .extend(files().into_iter().filter(unended).map(|name| format!("{name}: no line feed at the end")));
    assert_none("ends of lines", &findings);
}

/// Calls with every line of the files of these kinds (all texts if none is given), but for inputs of tests.
fn for_each_line(kinds: &[&str], mut visit: impl FnMut(&str, usize, &str)) {
    for name in files().iter().filter(|name| is_kind(name, kinds) && !is_input(name)) {
        // What is not text, such as a picture or a Parquet file, has no lines to judge.
        if let Ok(text) = String::from_utf8(
            std::fs::read(headwater_tests::repository::root().join(name)).unwrap_or_default(),
        ) {
            (1..).zip(text.lines()).for_each(|(number, line)| visit(name, number, line));
        }
    }
}

/// Whether the name ends like one of the kinds; every name does if there are none.
fn is_kind(name: &str, kinds: &[&str]) -> bool {
    kinds.is_empty() || kinds.iter().any(|kind| name.ends_with(kind))
}

/// Whether the file is an input of a test, which may be wrong on purpose.
fn is_input(name: &str) -> bool {
    name.starts_with("tests/cases/") || name.contains("/corpus/")
}
