//! Takes the function table; gives its page of the documentation, in Markdown.

use std::fmt::Write;

use super::{
    CastRule, Fails, Family, Flink, Function, Gives, Kind, Labels, Nulls, Signature, cast_rule, refused,
    table,
};
use crate::data_type::DataType;

const HEAD: &str = "\
# Functions

Everything that an expression may call, operators included.
This page is generated from the function table of the compiler; the examples on it are run by the tests.

- A function that is not here is an error that names what is near.
  Names count in any letter case.
- Arguments widen where nothing is lost: `int32` to `int64` to `decimal` to `float64`, `float32` to `float64`, `date` to `timestamp_local`.
  Text never becomes a number or a time by itself: use `CAST`.
- Where an expression cannot do better it gives null, and its type says so: a value that can fail does not fit a `required` field.
  Arguments that show that nothing can fail, such as a divisor that is a constant, keep the type as it is.
- Patterns, units, zones and paths are constants: a wrong one is an error of the compiler.
- Labels of personal data spread from the arguments to the result, unless the entry says that it clears them.
- Text is compared and cut by code point.
  NaN equals NaN and is greater than every number.
  A `timestamp` is an instant and is taken apart in UTC.
";

/// The page `docs/functions.md`.
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    let mut family = None;
    for function in table() {
        if family != Some(function.family) {
            family = Some(function.family);
            let _ = write!(page, "\n## {}\n", title(function.family));
        }
        entry(&mut page, function);
    }
    casts(&mut page);
    page.push_str("\n## Not offered\n\n| name | why | instead |\n|---|---|---|\n");
    for refused in refused::LIST {
        let _ = writeln!(page, "| `{}` | {} | {} |", refused.name, refused.reason, refused.instead);
    }
    page
}

const CASTS: &str = "
## Casts

`CAST(a AS type)` and `TRY_CAST(a AS type)` mean the same: a value that has no place in the type gives null.
In a column of the table, `+` means that every value has a place, `?` that some become null, and nothing that the cast is refused.

";

const TEXTS: &str = "
Text is read strictly, without spaces around it, just as files are:

| type | text |
|---|---|
| `bool` | `true`, `True`, `TRUE` and the same of false |
| `int32`, `int64` | digits with an optional sign |
| `float32`, `float64` | digits, point, exponent; `NaN`, `Infinity`, `-Infinity`; written in the shortest form that reads back, `1.0E10` from ten millions on |
| `decimal(p,s)` | digits, point, exponent; more digits than the type has give null, nothing is rounded |
| `date` | `2026-01-31` |
| `time` | `23:59:59`, with a fraction of up to six digits |
| `timestamp` | `2026-01-31T23:59:59.5Z`, or with an offset such as `+01:00`; written in UTC |
| `timestamp_local` | `2026-01-31T23:59:59.5`, without an offset |
| `uuid` | `67e55044-10b1-426f-9247-bb680e5fe0c8` |
| `bytes` | the text in UTF-8 |

Between numbers, decimals are rounded half away from zero, floats as the decimal that they are shown as; integers lose the fraction.
A `date` becomes midnight, a `timestamp` its date or time of day in UTC, a truth value 1 or 0.
";

/// The types that have casts of their own.
fn casts(page: &mut String) {
    let types = [
        DataType::Bool,
        DataType::Int32,
        DataType::Int64,
        DataType::Float32,
        DataType::Float64,
        DataType::Decimal { precision: 12, scale: 2 },
        DataType::String,
        DataType::Bytes,
        DataType::Uuid,
        DataType::Date,
        DataType::Time,
        DataType::Timestamp,
        DataType::TimestampLocal,
    ];
    page.push_str(CASTS);
    let names: Vec<String> = types.iter().map(ToString::to_string).collect();
    let _ = writeln!(page, "| from | {} |\n|---|{}", names.join(" | "), "---|".repeat(names.len()));
    for from in &types {
        let cells = types.iter().map(|to| match cast_rule(from, to) {
            CastRule::Same | CastRule::Never => "+",
            CastRule::CanFail(_) => "?",
            CastRule::Refused(_) => "",
        });
        let _ = writeln!(page, "| {from} | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
    page.push_str(TEXTS);
}

const fn title(family: Family) -> &'static str {
    match family {
        Family::Comparison => "Comparison",
        Family::Logic => "Logic",
        Family::Conditional => "Choice",
        Family::Arithmetic => "Numbers",
        Family::Text => "Text",
        Family::Time => "Dates and times",
        Family::Json => "JSON text",
        Family::Nested => "Lists and maps",
        Family::Hash => "Digests, encodings, identifiers",
        Family::Aggregate => "Aggregates",
        Family::Window => "Records before the current one",
    }
}

fn entry(page: &mut String, function: &Function) {
    let _ = write!(
        page,
        "\n### `{}`\n\n{}\n{}\n\n",
        function.written,
        function.doc,
        function.note.replace(". ", ".\n")
    );
    if !function.aliases.is_empty() {
        let names: Vec<String> = function.aliases.iter().map(|alias| format!("`{alias}`")).collect();
        let _ = writeln!(page, "- Also: {}", names.join(", "));
    }
    for signature in function.signatures {
        let _ = writeln!(
            page,
            "- `{}` gives {}{}",
            signature.in_words(function.name),
            gives(signature),
            fails(signature)
        );
    }
    let _ = writeln!(page, "- Null: {}", nulls(function));
    if function.labels == Labels::Cleared {
        page.push_str("- Labels: cleared\n");
    }
    if let Kind::Aggregate { over, distinct, by_event_time } = function.kind {
        let words = [
            (over, "may stand `OVER` too"),
            (distinct, "takes `DISTINCT`"),
            (by_event_time, "needs event time"),
        ];
        let words: Vec<&str> = words.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
        if !words.is_empty() {
            let _ = writeln!(page, "- As an aggregate it {}", words.join(", "));
        }
    }
    for signature in function.signatures {
        if let Flink::Refused(reason) = signature.flink {
            let _ = writeln!(page, "- Not on Flink as `{}`: {reason}", signature.in_words(function.name));
        }
    }
    page.push_str("\n| expression | is |\n|---|---|\n");
    for case in function.cases {
        let given =
            if case.given.is_empty() { String::new() } else { format!(" over `{}`", cell(case.given)) };
        let _ = writeln!(page, "| `{}`{given} | `{}` |", cell(case.sql), cell(case.is));
    }
}

/// Text inside a cell of a table: bars are escaped, control characters shown.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\t', "→").replace('\n', "↵")
}

fn gives(signature: &Signature) -> String {
    match signature.gives {
        Gives::Is(data_type) => format!("`{data_type}`"),
        Gives::Shared => "`T`".to_owned(),
        Gives::Same(index) => format!("the type of argument {}", index + 1),
        Gives::Rule(words, _) => words.to_owned(),
    }
}

fn fails(signature: &Signature) -> String {
    match signature.fails {
        Fails::Never => String::new(),
        Fails::Can(reason) => format!("; {reason}"),
        Fails::Unless { reason, safe, .. } => format!("; {reason}, unless {safe}"),
    }
}

fn nulls(function: &Function) -> String {
    match function.nulls {
        Nulls::Any => "when any argument is".to_owned(),
        Nulls::All => "when all arguments are".to_owned(),
        Nulls::Values => "when the argument taken is".to_owned(),
        Nulls::Never => "never".to_owned(),
        Nulls::Own(words) => words.to_owned(),
        Nulls::Skipped => "when no value is left; null arguments are left out".to_owned(),
        Nulls::Counted => "never; null arguments are left out".to_owned(),
        Nulls::Only(index) => format!("when argument {} is", index + 1),
    }
}

#[cfg(test)]
mod tests {
    /// With `BLESS=1` in the environment the page is written instead.
    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "a generated file can only be compared with, or written to, its place"
    )]
    fn the_page_is_up_to_date() -> std::io::Result<()> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/functions.md");
        if std::env::var("BLESS").is_ok() {
            std::fs::write(path, super::page())?;
        }
        let found = std::fs::read_to_string(path)?;
        assert!(found == super::page(), "docs/functions.md is out of date: run the test with BLESS=1");
        Ok(())
    }
}
