//! Takes a scalar; gives how it is written: plain where it is a plain word, otherwise as it was, in double quotes if quoted.
//!
//! Between words and what must be quoted lies what reads better one way or the other: prose plain, expressions quoted.
//! There the writer's choice stays.

use super::piece::Scalar;
use crate::parse::node::Value;
use crate::parse::scalar::resolve;

/// A scalar on one line.
pub(super) fn line(scalar: &Scalar<'_>) -> String {
    let Some(text) = &scalar.text else {
        return if scalar.source.is_empty() { "null".to_owned() } else { scalar.source.to_owned() };
    };
    let is_quoted = scalar.source.starts_with(['"', '\'']);
    if is_quoted && is_word(text) {
        return text.clone();
    }
    if !is_quoted && !is_block(scalar.source) && !scalar.source.contains(['\n', '\r']) {
        return scalar.source.to_owned();
    }
    quoted(text)
}

/// Whether a scalar is written over several lines, each of which stays.
pub(super) fn is_tall(scalar: &Scalar<'_>) -> bool {
    is_block(scalar.source) || scalar.source.contains(['\n', '\r'])
}

fn is_block(source: &str) -> bool {
    source.starts_with(['|', '>'])
}

/// A scalar over several lines: what stands behind its key, and the lines below, not yet indented.
pub(super) fn lines(scalar: &Scalar<'_>) -> (String, Vec<String>) {
    let text = scalar.text.as_deref().unwrap_or_default();
    if !is_block(scalar.source) {
        return folded_plain(scalar.source);
    }
    let (header, body) = scalar.source.split_once('\n').unwrap_or((scalar.source, ""));
    let comment = header.find(" #").map_or("", |at| header[at..].trim_end());
    if text.trim_matches(['\n', ' ', '\t']).is_empty() || text.contains('\r') {
        return (quoted(text) + comment, Vec::new());
    }
    // An indentation that is stated can't be kept; the same text literally means the same.
    let is_folded = header.starts_with('>') && !header.contains(|c: char| c.is_ascii_digit());
    let mut lines: Vec<String> =
        if is_folded { dedented(body) } else { text.split('\n').map(str::to_owned).collect() };
    let kept = text.len() - text.trim_end_matches('\n').len();
    if is_folded {
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines.extend(std::iter::repeat_n(String::new(), kept.saturating_sub(1)));
    } else if kept > 0 {
        lines.pop();
    }
    let first = lines.iter().find(|line| !line.is_empty());
    let mut head = if is_folded { ">" } else { "|" }.to_owned();
    if first.is_some_and(|line| line.starts_with(' ')) {
        head.push('2');
    }
    head.push_str(match kept {
        0 => "-",
        1 => "",
        _ => "+",
    });
    (head + comment, lines)
}

/// The lines of a folded block without their common indentation.
fn dedented(body: &str) -> Vec<String> {
    let lines = || body.lines().map(|line| line.trim_end_matches('\r'));
    let indent = lines()
        .find(|line| !line.trim_matches(' ').is_empty())
        .map_or(0, |line| line.len() - line.trim_start_matches(' ').len());
    lines().map(|line| line.get(indent..).unwrap_or_default().to_owned()).collect()
}

/// A plain or quoted scalar over several lines: blanks at their ends mean nothing.
fn folded_plain(source: &str) -> (String, Vec<String>) {
    let blank = [' ', '\t'];
    let mut lines = source.lines().map(|line| {
        let line = line.trim_start_matches(blank);
        let short = line.trim_end_matches(blank);
        // A blank behind a backslash is part of the text.
        if short.ends_with('\\') { line.to_owned() } else { short.to_owned() }
    });
    let first = lines.next().unwrap_or_default();
    (first, lines.collect())
}

/// Text in quotes: double ones, unless single ones spare escapes.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| !c.is_control() && !matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}');
    if text.contains(['"', '\\']) && text.chars().all(is_plain) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if is_plain(c) => out.push(c),
            c => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

/// Whether text is one plain word that every YAML reads as that text.
fn is_word(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '/' | '.'));
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '@' | '+');
    begins
        && text.chars().all(inside)
        && text.contains(|c: char| c.is_ascii_alphanumeric())
        && matches!(resolve(text.into()), Ok(Value::Text(_)))
}
