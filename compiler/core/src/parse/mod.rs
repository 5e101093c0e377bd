//! The first verb: takes all texts; gives every object in them as its plain type, and every problem of notation and shape.
//!
//! Always gives a value: what can't be read is in it as failed, so that later verbs blame nobody who refers to it.
//! Must not know what objects mean or look from one to another.

pub(crate) mod align;
mod deserialize;
mod document;
pub(crate) mod events;
mod format;
mod json;
#[cfg(test)]
mod laws;
pub(crate) mod limit;
pub(crate) mod node;
mod notation;
pub(crate) mod scalar;
pub(crate) mod shape;
pub(crate) mod split;
#[cfg(test)]
mod tests;
mod walk;
mod wording;

use headwater_crds::object::API_VERSION;

pub(crate) use document::{items, owned_kind};

use crate::ast::{Ast, Content, Document, Identity, Origin};
use crate::code::syntax;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::source::{FileId, SourceFile, Sources, Span};

/// Reads all texts.
///
/// The diagnostics come in the order in which they were found; [`locate`](crate::locate::locate) sorts them.
pub fn parse(sources: &Sources) -> (Ast, Vec<Diagnostic>) {
    let mut ast = Ast::default();
    let mut problems = Vec::new();
    for (id, file) in sources.iter() {
        read_file(id, file, &mut ast, &mut problems);
    }
    (ast, problems)
}

/// Reads one object of the cluster, as the Kubernetes API gives it, into a tree that may hold others already.
///
/// An object of another group adds nothing.
pub fn parse_object(object: &serde_json::Value, ast: &mut Ast) -> Vec<Diagnostic> {
    let document = ast.next();
    let Some(node) = json::node(object) else {
        ast.push(Document { origin: Origin::Cluster, content: Content::Failed(Identity::default()) });
        return vec![notation::object_too_deep(Anchor::value(document, ""))];
    };
    let mut problems = Vec::new();
    let reading = events::Reading { node: Some(node), problems: Vec::new(), broken: false, anchored: false };
    document::take(reading, Origin::Cluster, ast, &mut problems);
    problems
}

/// Reads the documents of one file.
fn read_file(id: FileId, file: &SourceFile, ast: &mut Ast, problems: &mut Vec<Diagnostic>) {
    let text = match checked_text(id, &file.bytes) {
        Ok(text) if file.named || mentions_us(text) => text,
        Err(problem) if file.named || bytes_mention_us(&file.bytes) => {
            problems.push(*problem);
            return;
        }
        Ok(_) | Err(_) => return,
    };
    let mut silent = true;
    let mut meant = None;
    for range in split::split(text) {
        let part = &text[range.clone()];
        if !file.named && !mentions_us(part) {
            continue;
        }
        let origin =
            Origin::Text { file: id, start: offset(range.start), end: offset(range.end), item: None };
        let mut reading = events::read(part, id, offset(range.start));
        if file.named && silent {
            meant = meant.or(reading.node.as_ref().and_then(document::close_version).map(str::to_owned));
        }
        let unread = if reading.broken { reading.problems.pop() } else { None };
        let ours = document::take(reading, origin, ast, problems);
        let reported = unread.is_some() && (ours || file.named || part.contains(API_VERSION));
        problems.extend(unread.filter(|_| reported));
        silent &= !ours && !reported;
    }
    if file.named && silent {
        problems.push(nothing_for_us(id, text, meant));
    }
}

/// The text of a file that is small enough and UTF-8.
fn checked_text(id: FileId, bytes: &[u8]) -> Result<&str, Box<Diagnostic>> {
    if bytes.len() > limit::FILE_BYTES_MAX {
        return Err(Box::new(notation::file_too_large(Span { file: id, start: 0, end: 0 }, bytes.len())));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let start = error.valid_up_to();
        let width = error.error_len().unwrap_or(bytes.len() - start);
        let span = Span { file: id, start: offset(start), end: offset(start + width) };
        Box::new(notation::not_utf8(span, bytes))
    })
}

/// Words of which a document of ours holds at least one; a file without any is not even read.
const WORDS: [&str; 4] = ["headwater.dev", "DataProduct", "DataContract", "ContractLock"];

fn mentions_us(text: &str) -> bool {
    WORDS.iter().any(|word| text.contains(word))
}

/// Whether a file may hold a document of ours; one that may not need not be kept, unless the user named it.
pub fn bytes_mention_us(bytes: &[u8]) -> bool {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return mentions_us(text);
    }
    WORDS.iter().any(|word| bytes.windows(word.len()).any(|window| window == word.as_bytes()))
}

/// A file was named, and nothing in it is ours.
fn nothing_for_us(id: FileId, text: &str, meant: Option<String>) -> Diagnostic {
    let first = text.lines().next().unwrap_or_default().len();
    let span = Span { file: id, start: 0, end: offset(first) };
    let problem =
        Diagnostic::error(&syntax::NO_HEADWATER_DOCUMENT, span, "nothing in this file is for Headwater");
    match meant {
        Some(version) => problem
            .note(format!("an object here has the `apiVersion` `{version}`"))
            .help(format!("did you mean `{API_VERSION}`?")),
        None => problem.help(format!("objects of Headwater have `apiVersion: {API_VERSION}`")),
    }
}

/// A position in a file; files are limited to far less than 4 GiB.
fn offset(byte: usize) -> u32 {
    u32::try_from(byte).expect("a file within its limit has offsets of 32 bits")
}
