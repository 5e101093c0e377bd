//! What must hold for every input: no panic, places inside the text, the same answer twice, spans that show what they name.

use proptest::prelude::*;

use super::align::source_range;
use super::{events, parse};
use crate::locate::locate;
use crate::render;
use crate::source::{FileId, SourceFile, Sources};

const DOCUMENT: &str = "# headwater.dev
apiVersion: headwater.dev/v1alpha1
kind: DataProduct
metadata: { name: orders, annotations: { \"a\": 'b''c' } }
spec:
  owner: { team: checkout }
  sources:
    - name: raw
      product: { name: orders, sink: raw }
  transforms:
    - name: clean
      from: [raw]
      steps: [ { filter: { where: \"status <> 'te\\u00e9st'\" } } ]
    - name: sql
      sql: |
        SELECT a
          FROM clean
---
apiVersion: v1
kind: List
items:
- { apiVersion: headwater.dev/v1alpha1, kind: Platform, metadata: { name: main }, spec: {} }
";

/// Pieces of which hostile documents are made.
fn token() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "a",
        "b: ",
        "- ",
        "? ",
        ": ",
        "\n",
        "  ",
        "\t",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "'",
        "\"",
        "|\n",
        ">-\n",
        "&a ",
        "*a",
        "!!str ",
        "!x ",
        "<<: ",
        "---\n",
        "...\n",
        "%YAML 1.1\n",
        "#",
        "no",
        "010",
        "~",
        "\\",
        "\\u",
        "\\x0",
        "\r\n",
        "\u{feff}",
        "\u{0}",
        "é",
        "kind: DataProduct\n",
        "apiVersion: headwater.dev/v1alpha1\n",
        "items:\n",
        "spec:\n",
    ]);
    prop_oneof![8 => fixed.prop_map(str::to_owned), 1 => ".{0,3}"]
}

fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let tokens = prop::collection::vec(token(), 0..60).prop_map(|tokens| tokens.concat().into_bytes());
    let mutated =
        prop::collection::vec((any::<prop::sample::Index>(), 0..12usize, token()), 1..6).prop_map(|edits| {
            let mut bytes = DOCUMENT.as_bytes().to_vec();
            for (at, length, token) in edits {
                let at = at.index(bytes.len() + 1);
                let end = (at + length).min(bytes.len());
                bytes.splice(at..end, token.into_bytes());
            }
            bytes
        });
    prop_oneof![3 => tokens, 3 => mutated, 1 => prop::collection::vec(any::<u8>(), 0..200)]
}

/// A text as one way of writing it, below the key `a`; `None` if that way can't say it.
fn written(text: &str, style: usize) -> Option<String> {
    let lines_are_plain = !text.is_empty()
        && text.lines().all(|line| !line.starts_with([' ', '\t']) && !line.trim().is_empty())
        && !text.contains("\n\n");
    match style {
        0 => serde_json::to_string(text).ok().map(|quoted| format!("a: {quoted}")),
        1 if !text.contains(['\n', '\r']) => Some(format!("a: '{}'", text.replace('\'', "''"))),
        2 if lines_are_plain => Some(format!("a: |+\n  {}\n", text.replace('\n', "\n  "))),
        3 if lines_are_plain && !text.ends_with('\n') => {
            Some(format!("a: >-\n   {}\n", text.replace('\n', "\n\n   ")))
        }
        _ => None,
    }
}

proptest! {
    #[test]
    fn any_bytes_give_a_value_and_places_inside_the_text(bytes in hostile(), named: bool) {
        let text = String::from_utf8(bytes.clone()).ok();
        let sources = Sources::new(vec![SourceFile { name: "a.yaml".to_owned(), bytes, named }]);
        let (ast, problems) = parse(&sources);
        prop_assert_eq!(&parse(&sources), &(ast.clone(), problems.clone()));
        let located = locate(&sources, &ast, &problems);
        for one in &located {
            let span = one.span.expect("a document of a file has places in it");
            let range = span.start as usize..span.end as usize;
            prop_assert!(range.start <= range.end && range.end <= sources.file(span.file).bytes.len());
            if let Some(text) = &text {
                prop_assert!(text.get(range).is_some(), "{} cuts a character", one.diagnostic.message);
            }
        }
        for render in [render::short, render::json, render::sarif, render::github] {
            prop_assert!(located.is_empty() || !render(&sources, &ast, &located).is_empty());
        }
        let shown = render::human(&sources, &ast, &located, true);
        prop_assert_eq!(shown.is_empty(), located.is_empty());
    }

    #[test]
    fn parts_of_a_scalar_are_found_in_its_source(text in "[a-z'\" \\\\\u{e9}\u{1f600}\n]{1,30}", style in 0..4usize) {
        let Some(yaml) = written(&text, style) else { return Ok(()) };
        let node = events::read(&yaml, FileId(0), 0).node.expect("the text is written as YAML");
        let value = node.get("a").expect("the mapping has this key");
        let Some(decoded) = value.text() else { return Ok(()) };
        let source = &yaml[value.start as usize..value.end as usize];
        for (at, letter) in decoded.char_indices().filter(|(_, c)| c.is_alphanumeric()) {
            let range = source_range(source, decoded, at..at + letter.len_utf8());
            let shown = range.map(|range| source[range].to_owned());
            prop_assert_eq!(shown, Some(letter.to_string()), "{:?} at {} of {:?}", letter, at, source);
        }
    }
}
