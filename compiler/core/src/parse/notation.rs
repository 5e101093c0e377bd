//! Takes what breaks the rules of the notation; gives the diagnostic that says so.
//!
//! One function a problem, so that the reader of events stays short. Must not decide anything.

use granit_parser::{ErrorKind, ScanError};

use super::limit;
use super::node::Value;
use super::scalar::Refusal;
use crate::code::syntax;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::source::Span;

/// Adds a problem, up to the number that is still of use; the last one says that there are more.
pub(super) fn report(problems: &mut Vec<Diagnostic>, problem: Diagnostic) {
    if problems.len() < limit::PROBLEMS_MAX {
        problems.push(problem);
    } else if problems.len() == limit::PROBLEMS_MAX {
        let message =
            format!("the document has more than {} problems; the rest is not shown", limit::PROBLEMS_MAX);
        problems.push(Diagnostic::error(&syntax::OVER_LIMIT, problem.place, message));
    }
}

/// The text is not YAML from here on.
pub(super) fn unreadable(error: &ScanError, text: &str, at: usize, span: Span) -> Diagnostic {
    let kind = error.kind();
    let ended = text[at.min(text.len())..].trim().is_empty();
    if matches!(kind, ErrorKind::RecursionLimitExceeded) {
        return too_deep(span);
    }
    if matches!(kind, ErrorKind::DirectiveDisallowed) {
        return Diagnostic::error(
            &syntax::DIRECTIVE_NOT_ALLOWED,
            widened(text, at, span),
            "directives are not allowed",
        )
        .label("a line that begins with `%`")
        .help("leave the line out: documents are read as YAML 1.2");
    }
    if is_tab(kind) {
        let line = text[..at].rfind('\n').map_or(0, |found| found + 1);
        let tab = text[line..at].rfind('\t').map_or(at, |found| line + found);
        let span = widened(text, tab, moved(span, at, tab));
        return Diagnostic::error(&syntax::TAB_IN_INDENTATION, span, "a tab can't indent")
            .note("readers of YAML disagree on the width of a tab")
            .help("indent with spaces");
    }
    if let ErrorKind::UnclosedFlowCollection { .. } = kind {
        return unclosed(widened(text, at, span), "a bracket is opened and never closed", "opened here");
    }
    if ended && is_unclosed_collection(kind) {
        return unclosed(span, "a bracket is opened and never closed", "the document ends here");
    }
    if matches!(kind, ErrorKind::UnclosedQuotedScalar) {
        return unclosed(widened(text, at, span), "a quote is opened and never closed", "opened here");
    }
    if let ErrorKind::UnexpectedCharacter { character } = kind
        && character.is_control()
    {
        let found = at + text.get(at..).and_then(|rest| rest.find(*character)).unwrap_or(0);
        return control_character(widened(text, found, moved(span, at, found)), *character);
    }
    let (message, help) = reworded(kind);
    let message = message.map_or_else(|| lowercase(&error.info()), str::to_owned);
    let problem = Diagnostic::error(&syntax::INVALID_SYNTAX, widened(text, at, span), message);
    match help {
        Some(help) => problem.help(help),
        None => problem,
    }
}

/// Words of our own for the errors that people meet most, and how to mend them.
fn reworded(kind: &ErrorKind) -> (Option<&'static str>, Option<&'static str>) {
    let at = |wanted: &ErrorKind| kind == wanted;
    if at(&ErrorKind::MappingValueNotAllowed) || at(&ErrorKind::InvalidColonPlacement) {
        (
            Some("a mapping can't begin here"),
            Some("quote the text if it holds a colon, or indent the line as its neighbours are"),
        )
    } else if at(&ErrorKind::SimpleKeyExpected) {
        (Some("a key without a colon"), Some("write `key: value`"))
    } else if at(&ErrorKind::ExpectedBlockMappingKey) {
        (Some("expected a key of the mapping around it"), Some("indent the line as its neighbours are"))
    } else if at(&ErrorKind::ExpectedBlockSequenceEntry) {
        (
            Some("expected `-` and the next item of the list around it"),
            Some("indent the line as its neighbours are"),
        )
    } else if matches!(kind, ErrorKind::UnexpectedCharacter { .. }) {
        (Some("text can't begin with this character"), Some("quote the text"))
    } else {
        (None, None)
    }
}

fn is_tab(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::TabInPlainScalar
    )
}

fn is_unclosed_collection(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnexpectedEofFlowSequence
            | ErrorKind::UnexpectedEofFlowMapping
            | ErrorKind::UnexpectedEofImplicitFlowMapping
            | ErrorKind::ExpectedFlowMappingSeparator
            | ErrorKind::ExpectedFlowSequenceSeparator
    )
}

fn unclosed(span: Span, message: &str, label: &str) -> Diagnostic {
    Diagnostic::error(&syntax::UNCLOSED, span, message)
        .label(label)
        .help("close it, or quote the text that holds it")
}

/// The character at the position instead of the empty span before it.
fn widened(text: &str, at: usize, span: Span) -> Span {
    let width = text.get(at..).and_then(|rest| rest.chars().next()).filter(|c| !matches!(c, '\n' | '\r'));
    let width = width.map_or(0, char::len_utf8);
    Span { end: span.end + u32::try_from(width).expect("a character has at most four bytes"), ..span }
}

/// The empty span at `from` moved to `to`, both positions in the text of the document.
fn moved(span: Span, from: usize, to: usize) -> Span {
    let offset = |at: u32| {
        let at = (at as usize + to).saturating_sub(from);
        u32::try_from(at).expect("a file within its limit has offsets of 32 bits")
    };
    Span { start: offset(span.start), end: offset(span.end), ..span }
}

/// The parser begins some messages in capitals.
fn lowercase(message: &str) -> String {
    let mut chars = message.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => message.trim_end_matches('.').to_owned(),
    }
}

/// Lists and mappings are nested beyond the limit.
pub(super) fn too_deep(span: Span) -> Diagnostic {
    over_limit(span, format!("lists and mappings are nested deeper than {}", limit::DEPTH_MAX))
}

/// The same of an object that has no text.
pub(super) fn object_too_deep(place: Anchor) -> Diagnostic {
    let message = format!("lists and mappings are nested deeper than {}", limit::DEPTH_MAX);
    Diagnostic::error(&syntax::OVER_LIMIT, place, message)
}

/// A scalar is longer than the limit.
pub(super) fn scalar_too_large(span: Span) -> Diagnostic {
    over_limit(span, format!("the text is longer than {} bytes", limit::SCALAR_BYTES_MAX))
}

/// The document holds more values than the limit.
pub(super) fn too_many_values(span: Span) -> Diagnostic {
    over_limit(span, format!("the document holds more than {} values", limit::NODES_MAX))
}

/// The aliases of the document stand for more than the limit.
pub(super) fn too_many_aliases(span: Span) -> Diagnostic {
    over_limit(
        span,
        format!(
            "the anchors and aliases of the document stand for more than {} values or {} bytes",
            limit::ALIASED_NODES_MAX,
            limit::ALIASED_BYTES_MAX
        ),
    )
}

/// The file is larger than the limit.
pub(super) fn file_too_large(span: Span, bytes: usize) -> Diagnostic {
    over_limit(span, format!("the file has {bytes} bytes; at most {} are read", limit::FILE_BYTES_MAX))
        .help("put the documents into several files")
}

fn over_limit(span: Span, message: String) -> Diagnostic {
    Diagnostic::error(&syntax::OVER_LIMIT, span, message)
}

/// The bytes are no UTF-8.
pub(super) fn not_utf8(span: Span, bytes: &[u8]) -> Diagnostic {
    let problem = Diagnostic::error(&syntax::UNREADABLE_CHARACTER, span, "the text is not UTF-8");
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [_, 0, _, 0, ..] | [0, _, 0, _, ..] => {
            problem.label("this looks like UTF-16").help("save the file as UTF-8")
        }
        _ => problem.label("this byte begins no character").help("save the file as UTF-8"),
    }
}

/// A character that stands in no text.
fn control_character(span: Span, character: char) -> Diagnostic {
    let number = u32::from(character);
    let message = format!("the control character U+{number:04X} is not allowed in YAML");
    Diagnostic::error(&syntax::UNREADABLE_CHARACTER, span, message)
        .help(format!("write it as `\\x{number:02x}` in double quotes if it is meant"))
}

/// A NUL that an escape makes.
pub(super) fn nul(span: Span) -> Diagnostic {
    Diagnostic::error(&syntax::UNREADABLE_CHARACTER, span, "the text holds a NUL character")
        .note("neither the Kubernetes API nor most systems behind it can hold one")
}

/// A key that its mapping has already.
pub(super) fn duplicate_key(key: &str, first: Span, second: Span) -> Diagnostic {
    Diagnostic::error(&syntax::DUPLICATE_KEY, second, format!("the key `{key}` is there twice"))
        .label("again here")
        .also(first, "first here")
        .help("keep one of them")
}

/// A plain scalar that is not what it seems.
pub(super) fn refused(text: &str, refusal: Refusal, as_key: bool, span: Span) -> Diagnostic {
    let quoted = quoted(text);
    match refusal {
        Refusal::Ambiguous { older, newer } => {
            let what = if as_key { "the key " } else { "" };
            let message = format!("{what}`{text}` is {older} in YAML 1.1 and {newer} in YAML 1.2");
            let meant = if older == "a truth value" && !as_key {
                "; write `true` or `false` if a truth value is meant"
            } else if newer.contains("number") || older.contains("number") {
                "; write it in plain decimal digits if a number is meant"
            } else {
                ""
            };
            Diagnostic::error(&syntax::AMBIGUOUS_SCALAR, span, message)
                .help(format!("quote it if text is meant: `{quoted}`{meant}"))
                .fix(span, quoted)
        }
        Refusal::NotInJson => {
            let message = format!("`{text}` is a number that the Kubernetes API can't hold");
            Diagnostic::error(&syntax::AMBIGUOUS_SCALAR, span, message)
                .help(format!("quote it if text is meant: `{quoted}`"))
                .fix(span, quoted)
        }
        Refusal::OutOfRange => Diagnostic::error(
            &syntax::OUT_OF_RANGE,
            span,
            format!("the number `{text}` does not fit into 64 bits"),
        )
        .help(format!("quote it if text is meant: `{quoted}`")),
    }
}

/// The plain text in double quotes. Plain numbers, words and dates hold nothing to escape.
fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

/// `<<`, which YAML 1.1 merges and YAML 1.2 does not.
pub(super) fn merge_key(span: Span) -> Diagnostic {
    Diagnostic::error(&syntax::MERGE_KEY, span, "the merge key `<<` is not allowed")
        .note("YAML 1.1 merges a mapping here, YAML 1.2 reads a key called `<<`")
        .help("write the members out")
}

/// A key that is not text.
pub(super) fn key_not_text(key: &Value<'_>, span: Span) -> Diagnostic {
    let message = format!("a key must be text, and this is {}", key.type_name());
    Diagnostic::error(&syntax::KEY_NOT_TEXT, span, message).help("quote the key if it is text")
}

/// A tag on a value.
pub(super) fn tag(span: Span) -> Diagnostic {
    Diagnostic::error(&syntax::TAG_NOT_ALLOWED, span, "tags are not allowed")
        .note("a value is what its notation says: quoted text, a number, `true`, `false`, `null`")
        .help("leave the tag out, and quote what is text")
}

/// An alias without its anchor.
pub(super) fn unknown_anchor(name: &str, span: Span) -> Diagnostic {
    let message = format!("no anchor `&{name}` comes before this alias in the document");
    Diagnostic::error(&syntax::UNKNOWN_ANCHOR, span, message)
        .help(format!("write `&{name}` before the value that is meant, or quote the text: `\"*{name}\"`"))
}

/// An alias inside the very value that its anchor names.
pub(super) fn alias_of_itself(span: Span) -> Diagnostic {
    Diagnostic::error(&syntax::UNKNOWN_ANCHOR, span, "the alias stands inside the value that it refers to")
}
