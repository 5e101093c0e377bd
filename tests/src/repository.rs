//! The files of this repository: takes nothing, gives names and texts; never writes.
//!
//! Only what Git would commit counts, so that build output and downloads are not judged.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder that holds the workspace.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the tests crate stands in a folder of the workspace").to_path_buf()
}

/// Names of all files that are committed or would be, relative to [`root`], with `/`, sorted.
///
/// # Panics
/// If Git can't list them.
pub fn files() -> Vec<String> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git lists the files of the clone");
    assert!(output.status.success(), "git ls-files: {}", String::from_utf8_lossy(&output.stderr));
    let mut names: Vec<String> = String::from_utf8_lossy(&output.stdout)
        .split('\0')
        // A file that is deleted but not yet committed is still listed.
        .filter(|name| !name.is_empty() && root().join(name).is_file())
        .map(str::to_owned)
        .collect();
    names.sort();
    names.dedup();
    names
}

/// Names of the files whose name ends so.
pub fn files_ending(suffix: &str) -> Vec<String> {
    files().into_iter().filter(|name| name.ends_with(suffix)).collect()
}

/// The text of a file, named relative to [`root`].
///
/// # Panics
/// If it can't be read or is not UTF-8.
pub fn read(name: &str) -> String {
    match std::fs::read_to_string(root().join(name)) {
        Ok(text) => text,
        Err(error) => panic!("{name}: {error}"),
    }
}

/// The text of a file of code before the tests in it.
pub fn production(text: &str) -> &str {
    const MARK: &str = "\n#[cfg(test)]\n";
    for (at, _) in text.match_indices(MARK) {
        let mut items = text[at + MARK.len()..].lines().skip_while(|line| !line.starts_with("mod "));
        // A module in a file of its own, `mod laws;`, may stand anywhere.
        if items.next().is_some_and(|line| line.ends_with('{')) {
            return &text[..at];
        }
    }
    text
}

/// Fails with every finding on a line of its own, so that all are mended at once.
///
/// # Panics
/// If there is a finding.
pub fn assert_none(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{rule}\n  {}", findings.join("\n  "));
}

#[cfg(test)]
mod tests {
    use super::production;

    #[test]
    fn tests_in_the_file_are_cut_off() {
        let check = |text: &str, expected: &str| assert_eq!(production(text), expected);
        check("a\n#[cfg(test)]\nmod laws;\nb\n", "a\n#[cfg(test)]\nmod laws;\nb\n");
        check("a\n#[cfg(test)]\n#[expect(x)]\nmod tests {\n}\n", "a");
    }
}
