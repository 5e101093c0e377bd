//! Takes located diagnostics; gives one line each, as compilers print them: `file:line:column: error[C014]: message`.

use super::excerpt::{Lines, object_place};
use crate::ast::Ast;
use crate::diagnostic::Severity;
use crate::locate::Located;
use crate::source::Sources;

/// One line for every diagnostic.
pub fn short(sources: &Sources, ast: &Ast, located: &[Located<'_>]) -> String {
    let lines = Lines::of(sources, located);
    let mut text = String::new();
    for one in located {
        let diagnostic = one.diagnostic;
        let place = match one.span {
            Some(span) => {
                let position = lines.position(span);
                format!("{}:{}:{}", lines.name(span), position.line, position.column)
            }
            None => object_place(ast, &diagnostic.place),
        };
        let line = format!(
            "{place}: {}[{}]: {}",
            severity(diagnostic.severity),
            diagnostic.code.id,
            diagnostic.message
        );
        text.extend(line.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }));
        text.push('\n');
    }
    text
}

/// The word for a severity.
pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}
