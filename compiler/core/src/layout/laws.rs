//! What the layout must do for every text, and how it looks.

use super::{Refused, layout};

const HEAD: &str = "apiVersion: headwater.dev/v1alpha1\nkind: DataProduct\nmetadata: { name: orders }\n";

/// `text` and `expected` are what follows the first lines of a product.
fn check(text: &str, expected: &str) {
    let found = layout(&format!("{HEAD}{text}")).expect("the text is YAML");
    assert_eq!(found.strip_prefix(HEAD), Some(expected), "of {text:?}");
    assert_eq!(layout(&found).as_ref(), Ok(&found), "twice is once");
}

#[test]
fn members_are_in_the_order_of_the_schema() {
    let sorted = "spec:\n  owner: { team: a }\n  # What comes in.\n  sources: []\n  sinks: []\n";
    check("spec:\n  sinks: []\n  # What comes in.\n  sources: []\n  owner: { team: a }\n", sorted);
    check(sorted, sorted);
    let top = "# About the file.\nkind: Platform\nmetadata: {name: a}\napiVersion: headwater.dev/v1alpha1\nspec: {}\n";
    let found = layout(top).expect("the text is YAML");
    assert!(
        found.starts_with("# About the file.\napiVersion: headwater.dev/v1alpha1\nkind: Platform\n"),
        "{found}"
    );
}

#[test]
fn brackets_and_braces_stay_where_they_fit() {
    check(
        "spec: {owner: {team:   a}, sources: [{name: a,files: {paths: [b,c]}}]}\n",
        "spec: { owner: { team: a }, sources: [ { name: a, files: { paths: [b, c] } } ] }\n",
    );
    let long = "x".repeat(85);
    check(
        &format!("spec: {{ description: {long}, sources: [ {{ name: a, description: {long} }} ] }}\n"),
        &format!("spec:\n  description: {long}\n  sources:\n    - {{ name: a, description: {long} }}\n"),
    );
    check(
        "spec:\n  sources:\n  -   name: a\n      read: log\n  - name: b\n",
        "spec:\n  sources:\n    - name: a\n      read: log\n    - name: b\n",
    );
    check(
        "spec:\n    sources: [\n      a, # one\n      # two\n      b\n    ]\n",
        "spec:\n  sources:\n    - a  # one\n    # two\n    - b\n",
    );
}

#[test]
fn quotes_are_left_out_around_words() {
    check(
        "spec: { run: 'a', description: \"a b\", sources: [\"no\", '1', \"a.b/c-d\"] }\n",
        "spec: { description: \"a b\", run: a, sources: [\"no\", \"1\", a.b/c-d] }\n",
    );
    check(
        "spec:\n  description: 'it''s \"so\"'\n  run: 'it''s'\n",
        "spec:\n  description: 'it''s \"so\"'\n  run: \"it's\"\n",
    );
}

#[test]
fn text_over_several_lines_keeps_its_lines() {
    check(
        "spec:\n    description: |  # why\n        a\n          b \n\n        c\n\n\n    run: a\n",
        "spec:\n  description: | # why\n    a\n      b \n\n    c\n\n  run: a\n",
    );
    check(
        "spec:\n  description: >-\n     a\n     b\n\n     c\n",
        "spec:\n  description: >-\n    a\n    b\n\n    c\n",
    );
    check(
        "spec:\n  description: a\n       b\n  run: \"a  \n      b\"\n",
        "spec:\n  description: a\n    b\n  run: \"a\n    b\"\n",
    );
    check(
        "spec:\n  description: |2\n     a\n    b\n  run: |+\n    a\n\n\n",
        "spec:\n  description: |2\n     a\n    b\n  run: |+\n    a\n\n\n",
    );
    check("spec:\n  description: |\n    a", "spec:\n  description: |\n    a\n");
}

#[test]
fn comments_and_blank_lines_stay() {
    check(
        "spec:  # the spec\n  # above\n\n  description: a   # behind\n  run: b           # as well\n\n\n  sources:\n    - name: a\n      # at the end of a\n    # at the end of the list\n  # at the end\n# of the file\n",
        "spec:  # the spec\n  # above\n\n  description: a   # behind\n  run: b           # as well\n\n  sources:\n    - name: a\n      # at the end of a\n    # at the end of the list\n  # at the end\n# of the file\n",
    );
    check(
        "spec:\n  sources:\n    - # of a\n      name: a\n    -\n      name: b # b\n",
        "spec:\n  sources:\n    # of a\n    - name: a\n    - name: b # b\n",
    );
}

#[test]
fn odd_places_of_comments_and_marks() {
    check(
        "spec:\n  transforms:\n    - name: a\n      sql: |\n        SELECT\n    - #name: b\n      from: [a]\n",
        "spec:\n  transforms:\n    - name: a\n      sql: |\n        SELECT\n    #name: b\n    - from: [a]\n",
    );
    check(
        "spec:\n  sources:\n    - name: a\n      sql: |\n        SELECT\n      # below\n    - name: b\n",
        "spec:\n  sources:\n    - name: a\n      sql: |\n        SELECT\n      # below\n    - name: b\n",
    );
    check("spec: {}\n...:\n", "spec: {}\n...:\n");
    check("spec:\n  description: >+2\n     ", "spec:\n  description: \" \\n\"\n");
}

#[test]
fn other_documents_stay_byte_for_byte() {
    let other = "apiVersion:  v1\nkind:   Pod\n---   \n";
    let ours = format!("{HEAD}spec:   {{}}\n");
    let anchored = format!("--- # c\n{HEAD}spec:   {{ owner: &a {{ team:   b }} }}\n...\n");
    let found = layout(&format!("{other}{ours}{anchored}"));
    assert_eq!(
        found,
        Ok(format!("{other}{HEAD}spec: {{}}\n{anchored}"))
            .map(|text: String| text.replace("---   \n", "---\n"))
    );
}

#[test]
fn what_can_t_be_read_is_refused() {
    let problems = match layout(&format!("{HEAD}spec: {{ a: no }}\n---\n{HEAD}spec: {{\n")) {
        Err(Refused::Notation(problems)) => problems.iter().map(|problem| problem.code.id).collect(),
        _ => Vec::new(),
    };
    assert_eq!(problems, ["S007", "S004"]);
}
