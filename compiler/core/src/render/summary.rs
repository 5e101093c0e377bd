//! Takes located diagnostics; gives one line that counts them.

use std::collections::BTreeSet;

use crate::diagnostic::Severity;
use crate::locate::Located;

/// `3 errors, 1 warning in 2 files`; empty if there is nothing to count.
pub fn summary(located: &[Located<'_>]) -> String {
    let count = |wanted: Severity| located.iter().filter(|one| one.diagnostic.severity == wanted).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let counted = |number: usize, word: &str| match number {
        0 => None,
        1 => Some(format!("1 {word}")),
        _ => Some(format!("{number} {word}s")),
    };
    let counts: Vec<String> =
        [counted(errors, "error"), counted(warnings, "warning")].into_iter().flatten().collect();
    let files: BTreeSet<_> = located.iter().filter_map(|one| one.span.map(|span| span.file)).collect();
    match counted(files.len(), "file") {
        Some(files) if !counts.is_empty() => format!("{} in {files}", counts.join(", ")),
        _ => counts.join(", "),
    }
}
