//! Takes located diagnostics; gives them as a person reads them: message, source, labels, help.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::excerpt::{Lines, object_place};
use crate::ast::Ast;
use crate::diagnostic::Severity;
use crate::locate::Located;
use crate::source::{Sources, Span};

/// Lines between two spans of one file from which on they are shown apart.
const LINES_BETWEEN_MAX: usize = 200;
/// Bytes of a line from which on it is named but not shown.
const LINE_BYTES_MAX: usize = 4096;

/// Every diagnostic with its source, one after the other, each followed by an empty line.
pub fn human(sources: &Sources, ast: &Ast, located: &[Located<'_>], colour: bool) -> String {
    let lines = Lines::of(sources, located);
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let mut text = String::new();
    for one in located {
        text.push_str(&renderer.render(&[group(&lines, ast, one)]));
        text.push_str("\n\n");
    }
    text
}

/// One diagnostic.
fn group<'a>(lines: &Lines<'a>, ast: &Ast, one: &'a Located<'_>) -> Group<'a> {
    let diagnostic = one.diagnostic;
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group =
        Group::with_title(level.primary_title(diagnostic.message.as_str()).id(diagnostic.code.id));
    match one.span {
        None => group = group.element(Origin::path(object_place(ast, &diagnostic.place))),
        Some(_) => {
            for section in sections(lines, one) {
                group = match section {
                    Section::Source(snippet) => group.element(snippet),
                    Section::Place(origin) => group.element(origin),
                };
            }
        }
    }
    for (label, span) in diagnostic.labels.iter().zip(&one.labels) {
        if span.is_none() {
            let place = object_place(ast, &label.place);
            group = group.element(Level::NOTE.message(format!("{place}: {}", label.text)));
        }
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let more = format!("headwater explain {}", diagnostic.code.id);
    group.element(Level::NOTE.with_name("more").message(more))
}

/// A piece of source, or only its place where a line is too long to show.
enum Section<'a> {
    Source(Snippet<'a, Annotation<'a>>),
    Place(Origin<'a>),
}

/// A span with its text, the first of a diagnostic being the primary one.
struct Mark<'a> {
    span: Span,
    text: &'a str,
    primary: bool,
}

/// The pieces of source: spans of one file that are near each other share one.
fn sections<'a>(lines: &Lines<'a>, one: &'a Located<'_>) -> Vec<Section<'a>> {
    let primary = one.span.map(|span| Mark { span, text: &one.diagnostic.label, primary: true });
    let labels = one.diagnostic.labels.iter().zip(&one.labels);
    let further =
        labels.filter_map(|(label, span)| span.map(|span| Mark { span, text: &label.text, primary: false }));
    let mut pieces: Vec<Vec<Mark<'a>>> = Vec::new();
    for mark in primary.into_iter().chain(further) {
        let line = lines.position(mark.span).line;
        let near = |piece: &Vec<Mark<'a>>| {
            piece.iter().any(|other| {
                other.span.file == mark.span.file
                    && lines.position(other.span).line.abs_diff(line) <= LINES_BETWEEN_MAX
            })
        };
        match pieces.iter().position(near) {
            Some(at) => pieces[at].push(mark),
            None => pieces.push(vec![mark]),
        }
    }
    pieces.iter().map(|piece| section(lines, piece)).collect()
}

fn section<'a>(lines: &Lines<'a>, marks: &[Mark<'a>]) -> Section<'a> {
    let spans: Vec<Span> = marks.iter().map(|mark| mark.span).collect();
    let place = |span: Span| {
        let position = lines.position(span);
        Section::Place(Origin::path(lines.name(span)).line(position.line).char_column(position.column))
    };
    let Some(excerpt) = lines.excerpt(&spans) else { return place(spans[0]) };
    if excerpt.text.split(['\n', '\r']).any(|line| line.len() > LINE_BYTES_MAX) {
        return place(spans[0]);
    }
    let length = excerpt.text.len();
    let annotations: Vec<Annotation<'a>> = marks
        .iter()
        .map(|mark| {
            let at = |byte: u32| (byte as usize).saturating_sub(excerpt.start).min(length);
            let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            let label = (!mark.text.is_empty()).then_some(mark.text);
            kind.span(at(mark.span.start)..at(mark.span.end)).label(label)
        })
        .collect();
    let source = Snippet::source(excerpt.text).line_start(excerpt.line).path(lines.name(spans[0]));
    Section::Source(source.annotations(annotations))
}
