//! Each form of output of the same diagnostics.

use crate::ast::{Ast, Content, Document, Identity, Origin};
use crate::code::syntax::{DUPLICATE_KEY, UNKNOWN_MEMBER};
use crate::diagnostic::{Anchor, Diagnostic, DocumentId};
use crate::locate::{Located, locate};
use crate::render;
use crate::source::{FileId, SourceFile, Sources, Span};

const TEXT: &str = "spec:\n  é: { nmae: 1 }\n  sql: |\n    SELECT a\n    FROM b\n";

/// Renders two problems of one file, one of them with a label in another, and one of an object without a file.
fn check(render: impl Fn(&Sources, &Ast, &[Located<'_>]) -> String, expected: &str) {
    let file = |name: &str, text: &str| SourceFile { name: name.to_owned(), bytes: text.into(), named: true };
    let sources = Sources::new(vec![file("a b.yaml", TEXT), file("b.yaml", "name: x\n")]);
    let mut ast = Ast::default();
    let failed = |name: &str| {
        let kind = Some(headwater_crds::object::Kind::Platform);
        Content::Failed(Identity { kind, namespace: None, name: Some(name.to_owned()) })
    };
    let end = u32::try_from(TEXT.len()).unwrap_or_default();
    ast.push(Document {
        origin: Origin::Text { file: FileId(0), start: 0, end, item: None },
        content: failed("one"),
    });
    ast.push(Document { origin: Origin::Cluster, content: failed("two") });
    let key = Anchor::key(DocumentId(0), "/spec/é/nmae");
    let other = Span { file: FileId(1), start: 6, end: 7 };
    let problems = [
        Diagnostic::error(&UNKNOWN_MEMBER, Anchor::value(DocumentId(1), "/spec"), "nothing"),
        Diagnostic::warning(
            &DUPLICATE_KEY,
            Anchor::value(DocumentId(0), "/spec/sql").bytes(14..15),
            "`b`: 100%",
        )
        .label("here")
        .also(other, "there")
        .also(Anchor::value(DocumentId(1), "/x"), "afar"),
        Diagnostic::error(&UNKNOWN_MEMBER, key.clone(), "no `nmae`").note("why").help("how").fix(key, "name"),
    ];
    assert_eq!(render(&sources, &ast, &locate(&sources, &ast, &problems)), expected);
}

#[test]
fn human() {
    check(
        |sources, ast, located| render::human(sources, ast, located, false),
        include_str!("expected/human.txt"),
    );
}

#[test]
fn short() {
    check(
        render::short,
        "a b.yaml:2:8: error[S017]: no `nmae`\na b.yaml:5:10: warning[S006]: `b`: 100%\nPlatform/two#/spec: error[S017]: nothing\n",
    );
}

#[test]
fn github() {
    check(render::github, include_str!("expected/github.txt"));
}

#[test]
fn json() {
    check(render::json, include_str!("expected/json.json"));
}

#[test]
fn sarif() {
    // Pages change for reasons of their own.
    let sarif = |sources: &Sources, ast: &Ast, located: &[Located<'_>]| {
        let page = |text: &str| serde_json::to_string(text).expect("text is JSON");
        let text = render::sarif(sources, ast, located);
        text.replace(&page(DUPLICATE_KEY.page), "\"page\"").replace(&page(UNKNOWN_MEMBER.page), "\"page\"")
    };
    check(sarif, include_str!("expected/sarif.json"));
}

#[test]
fn summary() {
    check(|_, _, located| render::summary(located), "2 errors, 1 warning in 1 file");
}
