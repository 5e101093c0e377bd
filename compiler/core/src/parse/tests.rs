//! From text to diagnostics as a person reads them.

use headwater_crds::object::Object;

use crate::ast::{Ast, Content};
use crate::code::{self, Code};
use crate::diagnostic::Diagnostic;
use crate::locate::locate;
use crate::parse::{parse, parse_object};
use crate::render;
use crate::source::{SourceFile, Sources};

fn sources(text: &str, named: bool) -> Sources {
    Sources::new(vec![SourceFile { name: "a.yaml".to_owned(), bytes: text.as_bytes().to_vec(), named }])
}

fn read(text: &str) -> (Sources, Ast, Vec<Diagnostic>) {
    let sources = sources(text, true);
    let (ast, problems) = parse(&sources);
    (sources, ast, problems)
}

/// The problems of a text, one line each.
fn check(text: &str, expected: &[&str]) {
    let (sources, ast, problems) = read(text);
    let found = render::short(&sources, &ast, &locate(&sources, &ast, &problems));
    assert_eq!(found.lines().collect::<Vec<_>>(), expected, "{text}");
}

/// A contract whose `spec` holds these lines besides the least that it must hold.
fn contract(lines: &str) -> String {
    let indented: String = lines.lines().map(|line| format!("  {line}\n")).collect();
    format!(
        "apiVersion: headwater.dev/v1alpha1\nkind: DataContract\nmetadata: {{ name: order }}\nspec:\n  id: order\n  version: 1.0.0\n{indented}"
    )
}

#[test]
fn all_problems_of_a_document_at_once() {
    check(
        &contract(
            "compatability: backward\nfields:\n  - { name: Amount, type: string, required: yes }\n  - { type: int }\n  - { name: a, name: b, type: string }\n  - 7",
        ),
        &[
            "a.yaml:7:3: error[S017]: `spec` has no member `compatability`",
            "a.yaml:9:47: error[S007]: `yes` is a truth value in YAML 1.1 and text in YAML 1.2",
            "a.yaml:10:7: error[S018]: an item of `fields` lacks its member `name`",
            "a.yaml:11:18: error[S006]: the key `name` is there twice",
            "a.yaml:12:7: error[S019]: an item of `fields` must be a mapping, and this is a whole number",
        ],
    );
}

#[test]
fn one_cause_gives_one_diagnostic() {
    // A misspelt member is not missing too, nor is a union empty whose member is misspelt.
    check(
        &contract("feilds: []").replace("version", "vresion"),
        &[
            "a.yaml:6:3: error[S017]: `spec` has no member `vresion`",
            "a.yaml:7:3: error[S017]: `spec` has no member `feilds`",
        ],
    );
}

#[test]
fn documents_of_others_are_left_alone() {
    let foreign = "apiVersion: v1\nkind: ConfigMap\ndata: { on: no, a: 1, a: 2 }\n# headwater.dev\n";
    let ours = contract("fields: []");
    check(&format!("{foreign}---\n{ours}"), &[]);
    check(foreign, &["a.yaml:1:1: error[S013]: nothing in this file is for Headwater"]);
    for text in [foreign, "a: [\n", "{{ if .Values.x }}\n"] {
        let (ast, problems) = parse(&sources(text, false));
        assert_eq!((ast.iter().count(), problems.len()), (0, 0), "{text}");
    }
}

#[test]
fn a_broken_document_hides_no_other() {
    let text = format!(
        "{}---\napiVersion: headwater.dev/v1alpha1\nkind: DataProduct\nmetadata: {{ name: orders }}\nspec: [\n---\n{}",
        contract("x: 1"),
        contract("z: 1")
    );
    check(
        &text,
        &[
            "a.yaml:7:3: error[S017]: `spec` has no member `x`",
            "a.yaml:12:7: error[S004]: a bracket is opened and never closed",
            "a.yaml:20:3: error[S017]: `spec` has no member `z`",
        ],
    );
    let (_, ast, _) = read(&text);
    let names: Vec<_> = ast.failed().map(|(_, identity)| identity.name.clone().unwrap_or_default()).collect();
    assert_eq!(names, ["order", "orders", "order"]);
}

#[test]
fn lists_are_unwrapped() {
    let item = "  { apiVersion: headwater.dev/v1alpha1, kind: Platform, metadata: { name: main }, spec: { nmae: 1 } }";
    check(
        &format!(
            "apiVersion: v1\nkind: List\nitems: [\n{item},\n  {{ apiVersion: v1, kind: Pod, x: on }},\n{item} ]\n"
        ),
        &[
            "a.yaml:4:91: error[S017]: `spec` has no member `nmae`",
            "a.yaml:6:91: error[S017]: `spec` has no member `nmae`",
        ],
    );
}

#[test]
fn objects_become_their_types() {
    let (_, ast, problems) = read(&contract(
        "description: |\n  Ord\u{e9}rs\n  of the shop\nfields:\n  - { name: \"\\u0061\", type: string, required: true }",
    ));
    assert_eq!(problems, []);
    let found: Vec<_> = ast.iter().map(|(_, document)| &document.content).collect();
    let [Content::Object(Object::DataContract(contract))] = found.as_slice() else {
        panic!("one contract, not {found:?}");
    };
    assert_eq!(contract.spec.description.as_deref(), Some("Ord\u{e9}rs\nof the shop\n"));
    assert_eq!(contract.spec.fields.len(), 1);
}

/// Every kind with every member that the description of the language names.
const LANGUAGE: [&str; 7] = [
    include_str!("../../../../crds/tests/language/approval.yaml"),
    include_str!("../../../../crds/tests/language/contract.yaml"),
    include_str!("../../../../crds/tests/language/fields.yaml"),
    include_str!("../../../../crds/tests/language/nodes.yaml"),
    include_str!("../../../../crds/tests/language/platform.yaml"),
    include_str!("../../../../crds/tests/language/product.yaml"),
    include_str!("../../../../crds/tests/language/test.yaml"),
];

#[test]
fn a_file_and_an_object_of_the_cluster_mean_the_same() {
    for text in LANGUAGE {
        let (_, ast, problems) = read(text);
        assert_eq!(problems, [], "{text}");
        assert!(ast.objects().count() > 0, "{text}");
        for (_, object) in ast.objects() {
            let json = match object {
                Object::DataProduct(object) => serde_json::to_value(object),
                Object::DataContract(object) => serde_json::to_value(object),
                Object::Platform(object) => serde_json::to_value(object),
                Object::Approval(object) => serde_json::to_value(object),
                Object::DataProductTest(object) => serde_json::to_value(object),
                Object::ContractLock(object) => serde_json::to_value(object),
            };
            let mut cluster = Ast::default();
            assert_eq!(parse_object(&json.expect("objects are JSON"), &mut cluster), []);
            assert_eq!(cluster.objects().map(|(_, found)| found).collect::<Vec<_>>(), [object]);
        }
    }
}

#[test]
fn an_object_of_the_cluster_is_checked_too() {
    let object = serde_json::json!({
        "apiVersion": "headwater.dev/v1alpha1", "kind": "Platform", "metadata": { "name": "main", "uid": "x" },
        "spec": { "nmae": 1 },
    });
    let mut ast = Ast::default();
    let problems = parse_object(&object, &mut ast);
    let sources = Sources::default();
    let shown = render::short(&sources, &ast, &locate(&sources, &ast, &problems));
    assert_eq!(shown, "Platform/main#/spec/nmae: error[S017]: `spec` has no member `nmae`\n");
    let deep = (0..100).fold(serde_json::json!(1), |inner, _| serde_json::json!([inner]));
    assert_eq!(parse_object(&deep, &mut ast).first().map(|problem| problem.code.id), Some("S005"));
    assert_eq!(parse_object(&serde_json::json!({ "apiVersion": "v1", "kind": "Pod" }), &mut ast), []);
}

#[test]
fn a_huge_file_is_refused_unread() {
    let (ast, problems) = parse(&sources(&"a: [".repeat(13_000_000), true));
    let found: Vec<_> = problems.iter().map(|problem| (problem.code.id, problem.message.as_str())).collect();
    assert_eq!(found, [("S005", "the file has 52000000 bytes; at most 33554432 are read")]);
    assert_eq!(ast, Ast::default());
}

/// The part of a page in the fence that begins with this line.
fn block<'p>(code: &'p Code, fence: &str) -> &'p str {
    let start =
        code.page.find(fence).map_or_else(|| panic!("{} has no `{fence}`", code.id), |at| at + fence.len());
    code.page[start..].split_once("```").map_or("", |(block, _)| block)
}

#[test]
fn the_page_of_each_code_shows_it() {
    for code in code::syntax::ALL {
        let (_, _, problems) = read(block(code, "```yaml fail\n"));
        let found: Vec<_> =
            problems.iter().map(|problem| (problem.code.id, problem.message.as_str())).collect();
        assert!(matches!(found.as_slice(), [(id, _)] if *id == code.id), "{} yields {found:?}", code.id);
        let (_, _, problems) = read(block(code, "```yaml fixed\n"));
        assert_eq!(problems, [], "{} is not mended", code.id);
    }
}
