//! What is said where no function fits a call.

use std::ops::Range;

use super::expr::Binder;
use super::value::Value;
use crate::code::expression as code;
use crate::data_type::DataType;
use crate::diagnostic::Diagnostic;
use crate::function::{self, Mismatch};

impl Binder<'_> {
    /// Reports why a call finds no function.
    pub(super) fn mismatch(&mut self, mismatch: Mismatch, values: &[Value], whole: Range<u32>) {
        let at = self.anchor.bytes(whole);
        let diagnostic = match mismatch {
            Mismatch::Unknown { name, near } => {
                let diagnostic =
                    Diagnostic::error(&code::UNKNOWN_FUNCTION, at, format!("there is no function `{name}`"));
                let names: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
                if names.is_empty() {
                    diagnostic.help("the functions are listed in docs/functions.md")
                } else {
                    diagnostic.help(format!("did you mean {}?", names.join(" or ")))
                }
            }
            Mismatch::Refused { name, reason, instead } => {
                Diagnostic::error(&code::REFUSED_FUNCTION, at, format!("`{name}` is not offered: {reason}"))
                    .help(instead)
            }
            Mismatch::Count { name, got, takes } => {
                let arguments = if takes == "1" { "argument" } else { "arguments" };
                let message = format!("`{name}` takes {takes} {arguments}, and got {got}");
                let written = function::find(name).map(|id| function::get(id).written);
                let diagnostic = Diagnostic::error(&code::ARGUMENT_COUNT, at, message);
                written.into_iter().fold(diagnostic, |diagnostic, written| {
                    diagnostic.help(format!("it is written `{written}`"))
                })
            }
            Mismatch::Types { name, got, takes } => {
                let types: Vec<String> = got.iter().map(|data_type| format!("`{data_type}`")).collect();
                let message = format!("`{name}` does not take {}", types.join(" and "));
                let mut diagnostic = Diagnostic::error(&code::ARGUMENT_TYPES, at, message);
                if !takes.is_empty() && name.starts_with(char::is_alphabetic) {
                    diagnostic = diagnostic.note(format!("it is called as {}", takes.join(" or ")));
                }
                diagnostic.help(types_help(name, &got))
            }
            Mismatch::Constant { name, argument, problem } => {
                let at = values.get(argument).map_or(at, |value| self.anchor.bytes(value.range.clone()));
                let message = format!("argument {} of `{name}` {problem}", argument + 1);
                Diagnostic::error(&code::NOT_CONSTANT, at, message)
                    .help("write the value itself here; it is checked when the product is compiled")
            }
        };
        self.report(diagnostic);
    }
}

/// How to mend types that do not go together.
fn types_help(name: &str, got: &[DataType]) -> String {
    let has = |wanted: &DataType| got.contains(wanted);
    let is_time = |data_type: &DataType| {
        matches!(data_type, DataType::Timestamp | DataType::TimestampLocal | DataType::Date)
    };
    if name == "||" {
        return "cast what is no text: `CAST(... AS string)`".to_owned();
    }
    if name == "-" && got.iter().all(is_time) {
        return "for the time between them use `timestampdiff(second, earlier, later)`".to_owned();
    }
    if has(&DataType::String) && has(&DataType::Timestamp) {
        return "write an instant as `TIMESTAMP '2026-01-31 12:30:00Z'`, or cast the text: `CAST(... AS timestamp)`".to_owned();
    }
    if has(&DataType::String) && has(&DataType::Date) {
        return "write a day as `DATE '2026-01-31'`, or cast the text: `CAST(... AS date)`".to_owned();
    }
    if has(&DataType::Timestamp) && (has(&DataType::TimestampLocal) || has(&DataType::Date)) {
        return "say the zone: `TIMESTAMP '2026-01-31 12:30:00Z'` is an instant, and `a AT TIME ZONE 'Europe/Berlin'` turns the one into the other".to_owned();
    }
    if has(&DataType::String)
        && let Some(number) = got.iter().find(|data_type| data_type.is_numeric())
    {
        return format!("cast the text to a number, `CAST(... AS {number})`, or the number to text");
    }
    "cast the arguments to types that it takes".to_owned()
}
