//! What a run refuses before it reads a record: sinks that would write over each other, or where nobody asked them to.

use headwater_tests::run::dead_letters;

/// A product with two sinks of files.
fn project(paths: [&str; 2]) -> String {
    let [first, second] = paths;
    format!(
        r#"
apiVersion: headwater.dev/v1alpha1
kind: DataContract
metadata: {{ name: order, namespace: retail }}
spec:
  id: order
  version: 1.0.0
  key: [id]
  eventTime: {{ field: at }}
  fields:
    - {{ name: id, type: string, required: true }}
    - {{ name: at, type: timestamp, required: true }}
---
apiVersion: headwater.dev/v1alpha1
kind: DataProduct
metadata: {{ name: orders, namespace: retail }}
spec:
  owner: {{ team: checkout }}
  sources:
    - {{ name: raw, files: {{ paths: [records], format: {{ csv: {{}} }} }}, contract: {{ name: order }} }}
  sinks:
    - {{ name: first, from: raw, files: {{ path: "{first}", format: {{ ndjson: {{}} }} }} }}
    - {{ name: second, from: raw, files: {{ path: "{second}", format: {{ ndjson: {{}} }} }} }}
"#
    )
}

fn check(paths: [&str; 2], expected: Option<&str>) {
    let run = dead_letters(&project(paths), "records", b"id,at\nx,2026-01-01T00:00:00Z\n");
    let said = run.err().map(|error| error.to_string()).unwrap_or_default();
    match expected {
        Some(expected) => assert!(said.contains(expected), "{paths:?}: `{said}` does not say `{expected}`"),
        None => assert_eq!(said, "", "{paths:?}"),
    }
}

#[test]
fn files_of_sinks_are_apart_and_stay_where_the_run_writes() {
    check(["a.ndjson", "below/b.ndjson"], None);
    check(["a.ndjson", "./a.ndjson"], Some("the sinks `first` and `second` both write "));
    let elsewhere = "which is not below the folder that the run writes to";
    check(["a.ndjson", "../b.ndjson"], Some(elsewhere));
    check(["a.ndjson", "/b.ndjson"], Some(elsewhere));
}
