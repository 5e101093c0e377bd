//! Takes located diagnostics; gives workflow commands that GitHub shows beside the lines of a pull request.

use super::excerpt::{Lines, object_place};
use super::short::severity;
use crate::ast::Ast;
use crate::locate::Located;
use crate::source::Sources;

/// One command a line: `::error file=...,line=...::message`.
pub fn github(sources: &Sources, ast: &Ast, located: &[Located<'_>]) -> String {
    let lines = Lines::of(sources, located);
    let mut text = String::new();
    for one in located {
        let diagnostic = one.diagnostic;
        let mut properties = vec![format!("title={} {}", diagnostic.code.id, diagnostic.code.name)];
        let mut message = diagnostic.message.clone();
        match one.span {
            Some(span) => {
                let position = lines.position(span);
                properties.push(format!("file={}", property(lines.name(span))));
                properties.push(format!("line={}", position.line));
                properties.push(format!("col={}", position.column));
                properties.push(format!("endLine={}", position.end_line));
                // Columns of several lines are not read as a range.
                if position.end_line == position.line {
                    properties.push(format!("endColumn={}", position.end_column));
                }
            }
            None => message = format!("{}: {message}", object_place(ast, &diagnostic.place)),
        }
        for note in &diagnostic.notes {
            message.push_str(&format!("\nnote: {note}"));
        }
        if let Some(help) = &diagnostic.help {
            message.push_str(&format!("\nhelp: {help}"));
        }
        let severity = severity(diagnostic.severity);
        text.push_str(&format!("::{severity} {}::{}\n", properties.join(","), escaped(&message)));
    }
    text
}

/// The escapes of a message.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The escapes of a property, which ends at a comma or a colon.
fn property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}
