//! Comparing a text with what a file says: takes both, gives a readable difference.
//!
//! With `BLESS=1` in the environment the file is rewritten instead; nothing else here writes.

use std::path::Path;

use similar::{ChangeTag, TextDiff};

/// Whether what is expected is to be rewritten.
pub fn blessing() -> bool {
    std::env::var_os("BLESS").is_some_and(|value| value == "1")
}

/// Compares with the file's text, or rewrites the file.
///
/// # Errors
/// The difference, or why the file can't be read or written.
pub fn check_file(path: &Path, actual: &str) -> Result<(), String> {
    let expected = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    if expected == actual {
        return Ok(());
    }
    if blessing() {
        return std::fs::write(path, actual).map_err(|error| format!("{}: {error}", path.display()));
    }
    Err(format!("{} (BLESS=1 rewrites it)\n{}", path.display(), difference(&expected, actual)))
}

/// Lines that go and come, with two lines around each place.
pub fn difference(expected: &str, actual: &str) -> String {
    let diff = TextDiff::from_lines(expected, actual);
    let mut text = String::from("--- expected, +++ actual\n");
    for group in diff.grouped_ops(2) {
        text.push_str("@@\n");
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            text.push(match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            });
            text.push_str(change.value().trim_end_matches('\n'));
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn a_changed_line_is_shown_both_ways() {
        let text = difference("a\nb\nc\n", "a\nB\nc\n");
        assert_eq!(text, "--- expected, +++ actual\n@@\n a\n-b\n+B\n c\n");
    }
}
