//! Takes located diagnostics; gives SARIF 2.1.0 (OASIS), which code hosts and editors read.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::excerpt::{Lines, object_name, object_place};
use super::short::severity;
use crate::ast::Ast;
use crate::code::Code;
use crate::diagnostic::Place;
use crate::locate::Located;
use crate::source::{Sources, Span};

/// All diagnostics as one SARIF log with one run.
pub fn sarif(sources: &Sources, ast: &Ast, located: &[Located<'_>]) -> String {
    let lines = Lines::of(sources, located);
    let codes: BTreeSet<&Code> = located.iter().map(|one| one.diagnostic.code).collect();
    let results: Vec<Json> = located
        .iter()
        .map(|one| {
            let index = codes.iter().position(|code| code.id == one.diagnostic.code.id);
            result(&lines, ast, one, index.unwrap_or_default())
        })
        .collect();
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "headwater",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": codes.iter().map(|code| rule(code)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

/// A code as a rule.
fn rule(code: &Code) -> Json {
    json!({
        "id": code.id,
        "name": code.name,
        "shortDescription": { "text": code.name.replace('-', " ") },
        "fullDescription": { "text": meaning(code) },
        "help": { "text": format!("headwater explain {}", code.id), "markdown": code.page },
    })
}

/// The section of the page that says what the code means.
fn meaning(code: &Code) -> String {
    let section = code.page.split("## What it means").nth(1).unwrap_or_default();
    section.split("\n## ").next().unwrap_or_default().trim().replace('\n', " ")
}

fn result(lines: &Lines<'_>, ast: &Ast, one: &Located<'_>, rule: usize) -> Json {
    let diagnostic = one.diagnostic;
    let mut message = diagnostic.message.clone();
    for note in &diagnostic.notes {
        message.push_str(&format!("\nnote: {note}"));
    }
    if let Some(help) = &diagnostic.help {
        message.push_str(&format!("\nhelp: {help}"));
    }
    let mut result = json!({
        "ruleId": diagnostic.code.id,
        "ruleIndex": rule,
        "level": severity(diagnostic.severity),
        "message": { "text": message },
        "locations": [location(lines, ast, &diagnostic.place, one.span)],
    });
    let related: Vec<Json> = diagnostic
        .labels
        .iter()
        .zip(&one.labels)
        .map(|(label, span)| {
            let mut related = location(lines, ast, &label.place, *span);
            related["message"] = json!({ "text": label.text });
            related
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = Json::Array(related);
    }
    if let (Some(fix), Some(span)) = (&diagnostic.fix, one.fix) {
        result["fixes"] = json!([{
            "artifactChanges": [{
                "artifactLocation": { "uri": uri(lines.name(span)) },
                "replacements": [{ "deletedRegion": region(lines, span), "insertedContent": { "text": fix.replacement } }],
            }],
        }]);
    }
    result
}

fn location(lines: &Lines<'_>, ast: &Ast, place: &Place, span: Option<Span>) -> Json {
    let mut location = json!({});
    if let Some(span) = span {
        location["physicalLocation"] =
            json!({ "artifactLocation": { "uri": uri(lines.name(span)) }, "region": region(lines, span) });
    }
    if let Place::Anchor(anchor) = place {
        location["logicalLocations"] =
            json!([{ "name": object_name(ast, anchor), "fullyQualifiedName": object_place(ast, place) }]);
    }
    location
}

fn region(lines: &Lines<'_>, span: Span) -> Json {
    let position = lines.position(span);
    json!({
        "startLine": position.line,
        "startColumn": position.column,
        "endLine": position.end_line,
        "endColumn": position.end_column,
    })
}

/// A file name as a relative reference (RFC 3986).
fn uri(name: &str) -> String {
    let mut uri = String::new();
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte))
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}
