//! Every lint can be allowed in place with a reason, and only with one.

use headwater_compiler::code::{Code, lint};
use headwater_tests::markdown::blocks;
use headwater_tests::project::{compile, of_text};
use headwater_tests::repository::assert_none;

#[test]
fn every_lint_can_be_allowed_with_a_reason() {
    let findings: Vec<String> = lint::ALL.iter().flat_map(|code| check(code)).collect();
    assert_none("lints", &findings);
}

/// What is wrong with allowing a lint, by its id and by its name, in the failing example of its page.
fn check(code: &Code) -> Vec<String> {
    let found = blocks(code.page);
    let Some(example) = found.first() else { return vec![format!("{}: no example", code.id)] };
    let mut findings = Vec::new();
    for key in [code.id, code.name] {
        for (reason, is_allowed) in [("because it is meant", true), (" ", false)] {
            let text = annotated(&example.text, &format!("headwater.dev/allow.{key}"), reason);
            let said = compile(&of_text("example.yaml", &text)).codes.contains(&code.id);
            if said == is_allowed {
                findings.push(format!("{key} with the reason `{reason}`: said is {said}"));
            }
        }
    }
    findings
}

/// The project with an annotation on each of its products.
fn annotated(project: &str, key: &str, reason: &str) -> String {
    let documents = project.split("---\n").map(|document| {
        let mut object: serde_yaml::Value = serde_yaml::from_str(document).expect("an example is YAML");
        if object["kind"] == "DataProduct" {
            let annotation = serde_yaml::Mapping::from_iter([(key.into(), reason.into())]);
            object["metadata"]["annotations"] = annotation.into();
        }
        serde_yaml::to_string(&object).expect("a value is YAML")
    });
    documents.collect::<Vec<_>>().join("---\n")
}
