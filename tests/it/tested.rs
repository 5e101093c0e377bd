//! `headwater test` as people run it: the examples, and the projects under `tests/tested`, each with what is printed.
//!
//! `BLESS=1` rewrites what is printed.

use std::path::{Path, PathBuf};
use std::process::Command;

use headwater_tests::command::{headwater, run, text};
use headwater_tests::expected::check_file;
use headwater_tests::markdown::blocks;
use headwater_tests::repository::{assert_none, read, root};
use tempfile::TempDir;

/// Runs `headwater test` in a folder; gives its exit code and its result, else why there is none, with no times in it.
fn tested(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = run(headwater().current_dir(folder).arg("test").args(arguments));
    let printed = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    (output.status.code(), timeless(&String::from_utf8_lossy(&printed)))
}

/// The text with `(0.00 s)` for every such time.
fn timeless(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        match line.rfind('(').filter(|_| line.ends_with(" s)")) {
            Some(at) => out.push_str(&format!("{}(0.00 s)\n", &line[..at])),
            None => out.push_str(&format!("{line}\n")),
        }
    }
    out
}

fn product(name: &str) -> PathBuf {
    root().join("tests/tested").join(name)
}

/// A copy of a project that may be rewritten.
fn copy(folder: &Path) -> TempDir {
    let copy = tempfile::tempdir().expect("a temporary folder can be made");
    text(Command::new("cp").arg("-r").arg(folder.join(".")).arg(copy.path()));
    copy
}

#[test]
fn every_case_of_the_examples_passes() {
    for name in ["flights", "healthcare", "iot", "retail"] {
        let (code, printed) = tested(&root(), &[&format!("examples/{name}")]);
        assert_eq!(code, Some(0), "{printed}");
        assert!(printed.contains(" passed (0.00 s)\n"), "{printed}");
    }
}

#[test]
fn what_is_printed_is_what_stands_beside_the_project() {
    let mut findings = Vec::new();
    for (name, expected) in
        [("differs", 1), ("late", 0), ("upsert", 0), ("files", 0), ("unknown", 1), ("blessed", 1)]
    {
        let (code, printed) = tested(&product(name), &[]);
        if code != Some(expected) {
            findings.push(format!("{name}: ended with {code:?}\n{printed}"));
        }
        findings.extend(check_file(&product(name).join("out.txt"), &printed).err());
    }
    assert_none("headwater test (BLESS=1 rewrites)", &findings);
}

#[test]
fn what_is_blessed_passes_and_nothing_else_is_touched() {
    let mut findings = Vec::new();
    for name in ["blessed", "differs"] {
        let folder = copy(&product(name));
        let (code, printed) = tested(folder.path(), &["--bless"]);
        assert_eq!(code, Some(0), "{printed}");
        let edited = std::fs::read_to_string(folder.path().join("product.yaml")).expect("the test is there");
        if name == "blessed" {
            findings.extend(check_file(&product(name).join("after.txt"), &edited).err());
            let file = std::fs::read_to_string(folder.path().join("expected.ndjson")).expect("it is there");
            findings.extend(check_file(&product(name).join("after-expected.txt"), &file).err());
        }
        let (code, again) = tested(folder.path(), &["--filter", "row"]);
        if code != Some(0) {
            findings.push(format!("{name}: what was blessed fails\n{again}\n{edited}"));
        }
    }
    assert_none("headwater test --bless (BLESS=1 rewrites)", &findings);
}

#[test]
fn cases_are_chosen_by_a_part_of_their_name() {
    let (code, printed) = tested(&product("differs"), &["--filter", "passes", "--filter", "no such case"]);
    assert_eq!(
        (code, printed.as_str()),
        (Some(0), "shop/orders\n  ok    passes\n\n1 case: 1 passed (0.00 s)\n")
    );
    let (code, printed) = tested(&product("differs"), &["--filter", "no such case"]);
    assert_eq!(code, Some(2), "{printed}");
    assert!(printed.contains("no case has `no such case` in its name"), "{printed}");
}

#[test]
fn results_are_one_document_of_json() {
    let output = run(headwater().current_dir(product("differs")).args(["test", "--output", "json"]));
    let result: serde_json::Value = serde_json::from_slice(&output.stdout).expect("standard output is JSON");
    let cases = result["cases"].as_array().expect("there is a list of cases");
    assert_eq!(result["summary"]["cases"], cases.len());
    let failed = cases.iter().filter(|case| case["passed"] == false).count();
    assert_eq!(result["summary"]["failed"], failed);
    let case = |name: &str| {
        cases.iter().find(|case| case["name"] == name).unwrap_or_else(|| panic!("there is a case `{name}`"))
    };
    let likeness = &case("rows of an append stream are paired by likeness")["failures"][0];
    assert_eq!((&likeness["sink"], &likeness["matched"]), (&"orders".into(), &1.into()));
    assert_eq!(likeness["rows"][0]["differs"], serde_json::json!(["amount"]));
    assert_eq!(likeness["rows"][0]["got"]["order_id"], "o1");
    let letters = case("dead letters are matched one to one");
    assert_eq!(letters["deadLetters"][0]["place"], "product.yaml:99");
    let hidden =
        letters["deadLetters"].as_array().into_iter().flatten().find(|one| one["source"] == "customers");
    assert_eq!(
        hidden.map(|one| &one["original"]),
        Some(&serde_json::Value::Null),
        "personal data is not shown"
    );
}

/// Element, attributes and text of what a reader of JUnit sees.
type Element = (String, Vec<(String, String)>, String);

fn elements(xml: &str) -> Vec<Element> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut found: Vec<Element> = Vec::new();
    loop {
        match reader.read_event().expect("it is XML") {
            Event::Start(tag) | Event::Empty(tag) => {
                let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                let attribute = |one: quick_xml::events::attributes::Attribute<'_>| {
                    let value = one.unescape_value().expect("attributes are escaped").into_owned();
                    (String::from_utf8_lossy(one.key.as_ref()).into_owned(), value)
                };
                let attributes =
                    tag.attributes().map(|one| attribute(one.expect("attributes are written well")));
                found.push((name, attributes.collect(), String::new()));
            }
            Event::Text(text) => {
                if let Some((_, _, all)) = found.last_mut() {
                    all.push_str(&text.decode().expect("it is UTF-8"));
                }
            }
            Event::GeneralRef(entity) => {
                let name = entity.decode().expect("it is UTF-8").into_owned();
                let letter = quick_xml::escape::resolve_predefined_entity(&name);
                if let Some((_, _, all)) = found.last_mut() {
                    all.push_str(letter.expect("only the entities of XML itself are used"));
                }
            }
            Event::Eof => return found,
            Event::End(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_) => {}
        }
    }
}

#[test]
fn junit_is_what_its_readers_take() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("results.xml");
    let file = file.to_str().expect("temporary folders have plain names");
    let output = run(headwater().current_dir(product("differs")).args(["test", "--junit", file]));
    assert_eq!(output.status.code(), Some(1));
    let xml = std::fs::read_to_string(file).expect("the file is written");
    let found = elements(&xml);
    let attribute = |element: &Element, name: &str| {
        element.1.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let of = |name: &str| found.iter().filter(|element| element.0 == name).cloned().collect::<Vec<_>>();
    let (suites, cases, failures) = (of("testsuite"), of("testcase"), of("failure"));
    assert_eq!(suites.len(), 1);
    assert_eq!(attribute(&suites[0], "name"), "shop/orders");
    assert_eq!(attribute(&suites[0], "tests"), cases.len().to_string());
    assert_eq!(attribute(&suites[0], "failures"), failures.len().to_string());
    assert!(cases.iter().all(|case| attribute(case, "classname") == "shop.orders"));
    assert!(cases.iter().all(|case| attribute(case, "time").parse::<f64>().is_ok()));
    assert!(failures[2].2.contains("{\"order_id\":\"o2\",\"amount\":1,"), "{}", failures[2].2);
    assert_eq!(attribute(&failures[0], "message"), "the rows of the sink `orders` are not as expected");
    let printed = String::from_utf8_lossy(
        &run(headwater().current_dir(product("differs")).args(["test", "--output", "junit"])).stdout,
    )
    .into_owned();
    assert_eq!(elements(&printed).len(), found.len(), "the file and standard output are the same document");
}

#[test]
fn the_page_for_users_is_true() {
    let page = blocks(&read("docs/testing.md"));
    let project = &page.iter().find(|block| block.kind == "yaml test").expect("the page has a project").text;
    let shown = &page.iter().find(|block| block.kind == "text").expect("the page shows a failure").text;
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("orders.yaml");
    std::fs::write(&file, project).expect("it can be written");
    let (code, printed) = tested(folder.path(), &[]);
    assert_eq!(code, Some(0), "{printed}");
    std::fs::write(&file, project.replacen("revenue: \"5.00\"", "revenue: \"6.00\"", 1))
        .expect("it can be written");
    let (code, printed) = tested(folder.path(), &[]);
    assert_eq!(code, Some(1), "{printed}");
    assert_eq!(printed, format!("{shown}\n1 case: 1 failed (0.00 s)\n"));
}
