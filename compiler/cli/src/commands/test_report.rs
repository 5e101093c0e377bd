//! The outcome of tests for people: a line for each case, what differs in those that failed, and a summary.

use std::time::Duration;

use headwater_crds::test::ExpectedDeadLetters;
use headwater_processor::engine::{OperatorReport, Outcome};
use headwater_processor::local::{LetterDifference, RowDifference, SinkDifference};

use super::test_case::{CaseOutcome, Failing, Letter};
use super::test_table::{Paint, table};

/// Letters of a rejected record that are shown.
const SHOWN_MAX: usize = 200;
/// More rejected records than this are counted, not shown.
const LETTERS_MAX: usize = 20;

/// Everything.
pub(crate) fn text(outcomes: &[CaseOutcome], took: Duration, is_coloured: bool) -> String {
    let (green, red, bold, end) = match is_coloured {
        true => ("\x1b[32m", "\x1b[1;31m", "\x1b[1m", "\x1b[0m"),
        false => ("", "", "", ""),
    };
    let mut out = String::new();
    let mut last = "";
    for outcome in outcomes {
        let product = outcome.selected.product_name.as_str();
        if product != last {
            out += &format!("{bold}{product}{end}\n");
            last = product;
        }
        let name = &outcome.selected.name;
        out += &match outcome.passed() {
            true => format!("  {green}ok{end}    {name}\n"),
            false => format!("  {red}FAIL{end}  {name}\n"),
        };
    }
    for outcome in outcomes.iter().filter(|outcome| !outcome.passed()) {
        let selected = &outcome.selected;
        out += &format!("\n{red}FAIL{end} {bold}{}{end}\n", selected.full_name());
        out += &format!("  --> {}:{}\n", selected.file, outcome.line);
        out += &details(outcome, Paint::new(is_coloured));
    }
    if !outcomes.is_empty() {
        out.push('\n');
    }
    out + &summary(outcomes, took, is_coloured)
}

/// `12 cases: 11 passed, 1 failed (0.21 s)`.
pub(crate) fn summary(outcomes: &[CaseOutcome], took: Duration, is_coloured: bool) -> String {
    let failed = outcomes.iter().filter(|outcome| !outcome.passed()).count();
    let passed = outcomes.len() - failed;
    let (colour, end) = match (is_coloured, failed) {
        (false, _) => ("", ""),
        (true, 0) => ("\x1b[32m", "\x1b[0m"),
        (true, _) => ("\x1b[1;31m", "\x1b[0m"),
    };
    let parts: Vec<String> = [(passed, "passed"), (failed, "failed")]
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    let cases = counted(outcomes.len() as u64, "case");
    let parts = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
    format!("{colour}{cases}{parts}{end} ({:.2} s)\n", took.as_secs_f64())
}

/// What is not as expected in a case.
pub(crate) fn details(outcome: &CaseOutcome, paint: Paint) -> String {
    let mut out = String::new();
    let mut rows_are_missing = false;
    for failing in &outcome.failings {
        match failing {
            Failing::Stopped(reason) => out += &format!("  {reason}\n"),
            Failing::BadRows { sink, rows, .. } => {
                out += &format!("  sink `{sink}`: rows that it can never have\n");
                for bad in rows {
                    out += &format!("    row {}: {}\n", bad.row + 1, bad.message);
                }
            }
            Failing::Sink { sink, difference, .. } => {
                out += &format!("  sink `{sink}`: {}\n", verdict(difference));
                out += &table(difference, paint);
                rows_are_missing |= difference.rows.iter().any(is_missing);
            }
            Failing::Letters { expected, difference, .. } => {
                out += &letters(expected, difference, outcome, paint);
            }
        }
    }
    if !outcome.expects_letters && !outcome.letters.is_empty() {
        out += &format!("  {} in all\n", counted(outcome.letters.len() as u64, "dead letter"));
        let all: Vec<&Letter> = outcome.letters.iter().collect();
        out += &listed(&all, ' ', "", "");
    }
    if rows_are_missing {
        out += &lost(&outcome.accounts);
    }
    out
}

fn is_missing(row: &RowDifference) -> bool {
    matches!(row, RowDifference::Missing { .. })
}

/// `1 row differs, 1 is missing, 3 are as expected`.
fn verdict(difference: &SinkDifference) -> String {
    let count = |wanted: fn(&RowDifference) -> bool| difference.rows.iter().filter(|row| wanted(row)).count();
    let changed = count(|row| matches!(row, RowDifference::Changed { .. }));
    let unexpected = count(|row| matches!(row, RowDifference::Unexpected { .. }));
    let parts = [
        (changed, "differs", "differ"),
        (count(is_missing), "is missing", "are missing"),
        (unexpected, "is not expected", "are not expected"),
        (difference.matched.len(), "is as expected", "are as expected"),
    ];
    let parts = parts.into_iter().filter(|(number, _, _)| *number > 0);
    let parts = parts.enumerate().map(|(index, (number, one, many))| {
        let rows = match (index, number) {
            (0, 1) => " row",
            (0, _) => " rows",
            (_, _) => "",
        };
        format!("{number}{rows} {}", if number == 1 { one } else { many })
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// Dead letters without a partner.
fn letters(
    expected: &[ExpectedDeadLetters],
    difference: &LetterDifference,
    outcome: &CaseOutcome,
    paint: Paint,
) -> String {
    let missing: u64 = difference.missing.iter().map(|(_, count)| count).sum();
    let parts = [(missing, "missing"), (difference.unexpected.len() as u64, "not expected")];
    let parts =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}"));
    let mut out = format!("  dead letters: {}\n", parts.collect::<Vec<_>>().join(", "));
    for (index, count) in &difference.missing {
        let times = if *count == 1 { String::new() } else { format!(", {count} times") };
        out += &format!("    {}- {}{times}{}\n", paint.minus, described(&expected[*index]), paint.end);
    }
    let unexpected: Vec<&Letter> =
        difference.unexpected.iter().map(|index| &outcome.letters[*index]).collect();
    out + &listed(&unexpected, '+', paint.plus, paint.end)
}

/// An expectation in words.
pub(crate) fn described(expected: &ExpectedDeadLetters) -> String {
    let mut words = vec![expected.code.clone().unwrap_or_else(|| "any code".to_owned())];
    let source = expected.source.as_ref().map(ToString::to_string);
    let parts = [("from", source), ("at", expected.node.clone()), ("field", expected.field.clone())];
    words.extend(parts.into_iter().filter_map(|(word, name)| name.map(|name| format!("{word} `{name}`"))));
    words.join(" ")
}

fn listed(letters: &[&Letter], mark: char, colour: &str, end: &str) -> String {
    let mut out = String::new();
    for one in letters.iter().take(LETTERS_MAX) {
        let letter = &one.letter;
        let field = letter.field.as_ref().map(|field| format!(" field `{field}`")).unwrap_or_default();
        let place = one.place.as_ref().map(|place| format!(", {place}")).unwrap_or_default();
        out += &format!(
            "    {colour}{mark} {} at `{}`{field}, rule `{}`{place}{end}\n",
            letter.code, letter.node, letter.rule
        );
        out += &format!("      {}\n", original(one));
    }
    if letters.len() > LETTERS_MAX {
        out += &format!("    and {} more\n", letters.len() - LETTERS_MAX);
    }
    out
}

/// The record as it was written, or why it is not shown.
pub(crate) fn original(letter: &Letter) -> String {
    if letter.is_hidden {
        return "the record is not shown, as its source has classified fields".to_owned();
    }
    let text = String::from_utf8_lossy(&letter.letter.original);
    let shown: String = text.chars().take(SHOWN_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().count() > SHOWN_MAX { format!("{shown}...") } else { shown }
}

/// Where records went that did not go on.
fn lost(accounts: &[OperatorReport]) -> String {
    let is_loss = |outcome: &Outcome| match outcome {
        Outcome::Filtered
        | Outcome::Dead
        | Outcome::DeadAndDeleted
        | Outcome::Dropped
        | Outcome::Deleted
        | Outcome::OtherRoute
        | Outcome::Empty
        | Outcome::Unmatched
        | Outcome::Waiting
        | Outcome::Late
        | Outcome::Untimed => true,
        Outcome::Out
        | Outcome::Expanded
        | Outcome::Matched
        | Outcome::Folded
        | Outcome::Superseded
        | Outcome::Erased
        | Outcome::Written => false,
    };
    let mut out = String::new();
    for report in accounts {
        for account in &report.outcomes.inputs {
            let losses = account.outcomes.iter().filter(|(outcome, count)| **count > 0 && is_loss(outcome));
            let losses: Vec<String> =
                losses.map(|(outcome, count)| format!("{count} {}", outcome.name())).collect();
            if !losses.is_empty() {
                let (node, word) = (&report.node_name, report.operator);
                out += &format!("    {node}, {word}: {} in, {}\n", account.read, losses.join(", "));
            }
        }
    }
    if out.is_empty() { out } else { format!("  records that did not go on\n{out}") }
}

fn counted(number: u64, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}
