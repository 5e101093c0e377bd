//! Takes a laid out document; gives its text: blocks indented by two, brackets and braces where they fit on a line.

use super::piece::{Comment, Entry, Form, Piece, Scalar};
use super::scalar;

/// Longest line that brackets and braces are kept on, in characters.
const WIDTH: usize = 120;
/// Spaces of one level.
const STEP: usize = 2;

/// The text of a document, without markers.
pub(super) fn write(piece: &Piece<'_>) -> String {
    let mut out = String::new();
    block(piece, 0, false, &mut out);
    out
}

/// The entries of a list or mapping, one a line or more. `opened` says that the first one begins on the current line.
fn block(piece: &Piece<'_>, indent: usize, opened: bool, out: &mut String) {
    for (index, entry) in piece.entries().iter().enumerate() {
        let opened = opened && index == 0;
        if !opened {
            for (at, comment) in entry.lead.iter().enumerate() {
                blank_line(comment.blank && (index > 0 || at > 0), out);
                own_line(comment, indent, out);
            }
            blank_line(entry.blank && (index > 0 || !entry.lead.is_empty()), out);
        }
        one(entry, indent, opened, out);
    }
    for comment in &piece.tail {
        blank_line(comment.blank, out);
        own_line(comment, indent, out);
    }
}

/// One entry; `opened` says that its line is begun.
fn one(entry: &Entry<'_>, indent: usize, opened: bool, out: &mut String) {
    let begin = match &entry.key {
        Some((key, _)) => scalar::line(key) + ":",
        None => "-".to_owned(),
    };
    let on_line = match &entry.value.form {
        Form::Scalar(value) if scalar::is_tall(value) => {
            return tall(&begin, entry, value, indent, opened, out);
        }
        // Nothing is written as nothing.
        Form::Scalar(value) if value.source.is_empty() => Some(String::new()),
        Form::Scalar(value) => Some(format!(" {}", scalar::line(value))),
        Form::List { .. } | Form::Map { .. } => {
            let fits = |text: &String| {
                indent + begin.chars().count() + text.chars().count() <= WIDTH
                    || matches!(entry.value.form, Form::Map { row: true, .. })
                    || entry.value.entries().is_empty()
            };
            let flat = entry.head.is_none() && !entry.value.has_comments();
            flow(&entry.value).map(|text| format!(" {text}")).filter(|text| flat && fits(text))
        }
    };
    if let Some(text) = on_line {
        start_line(&(begin + &text), indent, opened, out);
        return end_line(entry.trail.as_ref(), out);
    }
    let comments = || entry.head.iter().chain(&entry.trail);
    if entry.value.entries().is_empty() {
        let empty = flow(&entry.value).unwrap_or_default();
        start_line(&format!("{begin} {empty}"), indent, opened, out);
        end_line(comments().next(), out);
        // On the column of its neighbours a comment is found there again.
        comments().skip(1).chain(&entry.value.tail).for_each(|comment| own_line(comment, indent, out));
        return;
    }
    if entry.key.is_some() {
        start_line(&begin, indent, opened, out);
        end_line(comments().next(), out);
        block(&entry.value, indent + STEP, false, out);
        comments().skip(1).for_each(|comment| own_line(comment, indent + STEP, out));
        return;
    }
    // Behind a dash stands the first entry, so comments go above it, or below if the line is begun.
    let first = entry.value.entries().first().map_or(&[][..], |first| &first.lead);
    if !opened {
        comments().chain(first).for_each(|comment| own_line(comment, indent, out));
    }
    start_line("- ", indent, opened, out);
    block(&entry.value, indent + STEP, true, out);
    if opened {
        comments().chain(first).for_each(|comment| own_line(comment, indent + STEP, out));
    }
}

/// An entry whose value is a scalar over several lines.
fn tall(begin: &str, entry: &Entry<'_>, value: &Scalar<'_>, indent: usize, opened: bool, out: &mut String) {
    let (first, lines) = scalar::lines(value);
    start_line(&format!("{begin} {first}"), indent, opened, out);
    for line in &lines {
        out.push('\n');
        if !line.is_empty() {
            pad(indent + STEP, out);
            out.push_str(line);
        }
    }
    end_line(entry.trail.as_ref(), out);
}

/// The beginning of a line.
fn start_line(text: &str, indent: usize, opened: bool, out: &mut String) {
    if !opened {
        pad(indent, out);
    }
    out.push_str(text);
}

/// A list or mapping on one line, if it was written in brackets or braces and everything in it may be.
fn flow(piece: &Piece<'_>) -> Option<String> {
    match &piece.form {
        Form::Scalar(value) => Some(scalar::line(value)),
        Form::List { entries, .. } if entries.is_empty() => Some("[]".to_owned()),
        Form::Map { entries, .. } if entries.is_empty() => Some("{}".to_owned()),
        Form::List { flow: false, .. } | Form::Map { flow: false, .. } => None,
        Form::List { entries, .. } => {
            let items: Option<Vec<String>> = entries.iter().map(|entry| flow(&entry.value)).collect();
            let items = items?.join(", ");
            let is_wide = entries.iter().any(|entry| !entry.value.entries().is_empty());
            Some(if is_wide { format!("[ {items} ]") } else { format!("[{items}]") })
        }
        Form::Map { entries, .. } => {
            let member = |entry: &Entry<'_>| {
                let (key, _) = entry.key.as_ref()?;
                Some(format!("{}: {}", scalar::line(key), flow(&entry.value)?))
            };
            let members: Option<Vec<String>> = entries.iter().map(member).collect();
            Some(format!("{{ {} }}", members?.join(", ")))
        }
    }
}

/// Ends a line with its comment, in the column where the comment was if there is room.
fn end_line(comment: Option<&Comment<'_>>, out: &mut String) {
    if let Some(comment) = comment {
        let width = width_of_last(out);
        let column = if comment.column > width { comment.column } else { width + 1 };
        pad(column - width, out);
        out.push_str(comment.text);
    }
    out.push('\n');
}

fn own_line(comment: &Comment<'_>, indent: usize, out: &mut String) {
    pad(indent, out);
    out.push_str(comment.text);
    out.push('\n');
}

fn blank_line(wanted: bool, out: &mut String) {
    if wanted && !out.is_empty() && !out.ends_with("\n\n") {
        out.push('\n');
    }
}

fn pad(spaces: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', spaces));
}

/// Characters of the line that is being written.
fn width_of_last(out: &str) -> usize {
    out[out.rfind('\n').map_or(0, |at| at + 1)..].chars().count()
}
