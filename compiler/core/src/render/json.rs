//! Takes located diagnostics; gives the JSON that `docs/output/diagnostics.md` describes.
//!
//! Members are only ever added under one version; anything else raises it.

use serde::Serialize;

use super::excerpt::{Lines, object_name};
use super::short::severity;
use crate::ast::Ast;
use crate::diagnostic::{Place, Severity};
use crate::locate::Located;
use crate::source::{Sources, Span};

/// Version of the form.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    diagnostics: Vec<Entry<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Summary {
    errors: usize,
    warnings: usize,
}

#[derive(Serialize)]
struct Entry<'a> {
    code: &'a str,
    name: &'a str,
    severity: &'a str,
    message: &'a str,
    label: &'a str,
    #[serde(flatten)]
    place: Where<'a>,
    labels: Vec<Further<'a>>,
    notes: &'a [String],
    help: Option<&'a str>,
    fix: Option<Edit<'a>>,
}

#[derive(Serialize)]
struct Further<'a> {
    text: &'a str,
    #[serde(flatten)]
    place: Where<'a>,
}

#[derive(Serialize)]
struct Edit<'a> {
    replacement: &'a str,
    #[serde(flatten)]
    place: Where<'a>,
}

/// A place as both a range of a file and a pointer into an object, as far as each is known.
#[derive(Serialize)]
struct Where<'a> {
    file: Option<&'a str>,
    range: Option<Range>,
    object: Option<String>,
    pointer: Option<&'a str>,
}

#[derive(Serialize)]
struct Range {
    start: Point,
    end: Point,
}

/// Lines and columns count from 1, columns in characters, bytes from 0.
#[derive(Serialize)]
struct Point {
    line: usize,
    column: usize,
    byte: u32,
}

/// All diagnostics as one JSON document.
pub fn json(sources: &Sources, ast: &Ast, located: &[Located<'_>]) -> String {
    let lines = Lines::of(sources, located);
    let diagnostics = located.iter().map(|one| entry(&lines, ast, one)).collect();
    let count = |wanted: Severity| located.iter().filter(|one| one.diagnostic.severity == wanted).count();
    let summary = Summary { errors: count(Severity::Error), warnings: count(Severity::Warning) };
    let report = Report { version: VERSION, diagnostics, summary };
    serde_json::to_string_pretty(&report).expect("the report holds only text and numbers") + "\n"
}

fn entry<'a>(lines: &Lines<'a>, ast: &Ast, one: &'a Located<'_>) -> Entry<'a> {
    let diagnostic = one.diagnostic;
    let labels = diagnostic.labels.iter().zip(&one.labels);
    Entry {
        code: diagnostic.code.id,
        name: diagnostic.code.name,
        severity: severity(diagnostic.severity),
        message: &diagnostic.message,
        label: &diagnostic.label,
        place: place(lines, ast, &diagnostic.place, one.span),
        labels: labels
            .map(|(label, span)| Further { text: &label.text, place: place(lines, ast, &label.place, *span) })
            .collect(),
        notes: &diagnostic.notes,
        help: diagnostic.help.as_deref(),
        fix: diagnostic
            .fix
            .as_ref()
            .map(|fix| Edit { replacement: &fix.replacement, place: place(lines, ast, &fix.place, one.fix) }),
    }
}

fn place<'a>(lines: &Lines<'a>, ast: &Ast, place: &'a Place, span: Option<Span>) -> Where<'a> {
    let range = span.map(|span| {
        let position = lines.position(span);
        Range {
            start: Point { line: position.line, column: position.column, byte: span.start },
            end: Point { line: position.end_line, column: position.end_column, byte: span.end },
        }
    });
    let anchor = match place {
        Place::Anchor(anchor) => Some(anchor),
        Place::Span(_) => None,
    };
    Where {
        file: span.map(|span| lines.name(span)),
        range,
        object: anchor.map(|anchor| object_name(ast, anchor)),
        pointer: anchor.map(|anchor| &*anchor.pointer),
    }
}
