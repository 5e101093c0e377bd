//! The outcome of tests as one JSON document; its form is described in `docs/testing.md`.

use std::time::Duration;

use headwater_processor::local::{Cells, RowDifference, SinkDifference};
use serde_json::{Map, Value, json};

use super::test_case::{CaseOutcome, Failing, Letter};
use super::test_report::{described, original};

/// The document.
pub(crate) fn json(outcomes: &[CaseOutcome], took: Duration) -> Value {
    let failed = outcomes.iter().filter(|outcome| !outcome.passed()).count();
    json!({
        "version": 1,
        "summary": {
            "cases": outcomes.len(),
            "passed": outcomes.len() - failed,
            "failed": failed,
            "seconds": took.as_secs_f64(),
        },
        "cases": outcomes.iter().map(case).collect::<Vec<_>>(),
    })
}

fn case(outcome: &CaseOutcome) -> Value {
    let selected = &outcome.selected;
    json!({
        "product": selected.product_name,
        "name": selected.name,
        "file": selected.file,
        "line": outcome.line,
        "passed": outcome.passed(),
        "seconds": outcome.took.as_secs_f64(),
        "failures": outcome.failings.iter().map(|failing| failure(failing, outcome)).collect::<Vec<_>>(),
        "deadLetters": outcome.letters.iter().map(letter).collect::<Vec<_>>(),
    })
}

fn failure(failing: &Failing, outcome: &CaseOutcome) -> Value {
    match failing {
        Failing::Stopped(reason) => json!({ "error": reason }),
        Failing::BadRows { sink, rows, .. } => {
            let row =
                |bad: &headwater_processor::local::BadRow| json!({ "row": bad.row, "error": bad.message });
            json!({ "sink": sink, "badRows": rows.iter().map(row).collect::<Vec<_>>() })
        }
        Failing::Sink { sink, difference, .. } => json!({
            "sink": sink,
            "columns": difference.columns,
            "matched": difference.matched.len(),
            "rows": difference.rows.iter().map(|row| self::row(difference, row)).collect::<Vec<_>>(),
        }),
        Failing::Letters { expected, difference, .. } => {
            let missing = difference.missing.iter();
            let missing = missing
                .map(|(index, count)| json!({ "expected": described(&expected[*index]), "count": count }));
            let unexpected = difference.unexpected.iter().map(|index| letter(&outcome.letters[*index]));
            json!({
                "deadLetters": { "missing": missing.collect::<Vec<_>>(), "unexpected": unexpected.collect::<Vec<_>>() },
            })
        }
    }
}

fn row(difference: &SinkDifference, row: &RowDifference) -> Value {
    let object = |cells: &Cells| -> Value {
        let value = |text: &Option<String>| {
            text.as_ref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null)
        };
        Value::Object(difference.columns.iter().cloned().zip(cells.iter().map(value)).collect::<Map<_, _>>())
    };
    match row {
        RowDifference::Missing { cells, .. } => json!({ "is": "missing", "expected": object(cells) }),
        RowDifference::Unexpected { cells } => json!({ "is": "unexpected", "got": object(cells) }),
        RowDifference::Changed { wanted, got, differs, .. } => {
            let names = difference.columns.iter().zip(differs).filter(|(_, differs)| **differs);
            let names: Vec<&String> = names.map(|(name, _)| name).collect();
            json!({ "is": "changed", "expected": object(wanted), "got": object(got), "differs": names })
        }
    }
}

fn letter(one: &Letter) -> Value {
    let letter = &one.letter;
    json!({
        "code": letter.code,
        "node": letter.node,
        "source": letter.place.as_ref().map(|place| &place.source),
        "field": letter.field,
        "rule": letter.rule,
        "place": one.place,
        "original": (!one.is_hidden).then(|| original(one)),
    })
}
