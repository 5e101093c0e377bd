//! `headwater graph`, `lineage`, `schema` and `completions`.

use serde_json::Value;
use tempfile::TempDir;

use crate::process::{CONTRACT, PRODUCT, Ran, folder, run};

fn project() -> TempDir {
    let other = PRODUCT.replace("name: orders,", "name: others,").replace("paid-orders", "kept");
    folder(&[("orders.yaml", PRODUCT), ("others.yaml", &other), ("order.yaml", CONTRACT)])
}

fn ok(folder: &TempDir, arguments: &[&str]) -> Ran {
    let ran = run(folder.path(), arguments);
    assert_eq!(ran.code, Some(0), "{arguments:?} {ran:?}");
    ran
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("the output is JSON")
}

#[test]
fn the_graph_is_shown_with_types_and_engines() {
    let folder = project();
    let text = ok(&folder, &["graph", "--product", "retail/orders"]).out;
    assert!(text.starts_with("product retail/orders\n  source raw\n"), "{text}");
    assert!(
        text.contains("        engine ") && text.contains("        amount decimal(12,2) required\n"),
        "{text}"
    );
    assert!(!text.contains("retail/others"), "{text}");
    let mermaid = ok(&folder, &["graph", "--format", "mermaid", "--product", "orders"]).out;
    assert!(mermaid.starts_with("flowchart LR\n") && !mermaid.contains("others"), "{mermaid}");
    assert_eq!(mermaid.matches(" --> ").count(), 2, "{mermaid}");
    let all = json(&ok(&folder, &["graph", "--output", "json"]).out);
    assert_eq!(all["graph"]["products"].as_array().map(Vec::len), Some(2));
    assert!(all["placement"]["ops"][0]["engine"].is_string(), "{all}");
}

#[test]
fn what_has_errors_has_no_graph() {
    let broken = PRODUCT.replace("from: paid", "from: payed");
    let folder = folder(&[("orders.yaml", &broken), ("order.yaml", CONTRACT)]);
    for command in ["graph", "lineage"] {
        let ran = run(folder.path(), &[command]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{ran:?}");
        assert!(ran.err.contains("error[R003]"), "{ran:?}");
    }
}

#[test]
fn an_unknown_product_is_a_wrong_command_line() {
    let ran = run(project().path(), &["graph", "--product", "ordrs"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(
        ran.err.ends_with("error: there is no product `ordrs`\n  = help: did you mean `orders`?\n"),
        "{ran:?}"
    );
}

#[test]
fn lineage_is_shown_for_people() {
    let folder = project();
    let text = ok(&folder, &["lineage", "--field", "paid-orders.cents"]).out;
    let expected = "retail/orders, sink paid-orders\n  cents decimal(";
    assert!(text.starts_with(expected), "{text}");
    assert!(text.contains("    from raw.amount: transformation\n"), "{text}");
    assert!(text.contains("    by raw.status: filter\n"), "{text}");
    assert!(!text.contains("order_id"), "{text}");
    let whole = ok(&folder, &["lineage", "--product", "orders"]).out;
    assert!(whole.contains("  order_id string\n    from raw.order_id: identity\n"), "{whole}");
    assert!(whole.contains("    from raw.email: transformation, masked\n"), "{whole}");
    let mermaid = ok(&folder, &["lineage", "--product", "orders", "--format", "mermaid"]).out;
    assert!(
        mermaid.starts_with("flowchart LR\n") && mermaid.contains("[\"retail/orders raw\"]"),
        "{mermaid}"
    );
    let ran = run(folder.path(), &["lineage", "--field", "paid-orders.cent"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("there is no field `cent`\n  = help: did you mean `cents`?"), "{ran:?}");
}

#[test]
fn lineage_is_given_as_job_events() {
    let folder = project();
    let ran = ok(&folder, &["lineage", "--format", "openlineage", "--as-of", "2026-01-31T12:00:00+01:00"]);
    let events: Vec<Value> = ran.out.lines().map(json).collect();
    assert_eq!(events.len(), 2, "{ran:?}");
    let event = &events[0];
    assert_eq!(event["eventTime"], "2026-01-31T11:00:00Z");
    assert_eq!(event["schemaURL"], "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/JobEvent");
    assert_eq!(event["job"], serde_json::json!({ "namespace": "headwater://retail", "name": "orders" }));
    assert_eq!(event["inputs"][0]["name"], "orders/sources/raw");
    assert_eq!(event["inputs"][0]["facets"]["schema"]["fields"].as_array().map(Vec::len), Some(5));
    let columns = &event["outputs"][0]["facets"]["columnLineage"];
    let email = &columns["fields"]["email"]["inputFields"][0];
    assert_eq!((&email["name"], &email["field"]), (&"orders/sources/raw".into(), &"email".into()));
    let transformation = serde_json::json!([{ "type": "DIRECT", "subtype": "TRANSFORMATION", "description": "", "masking": true }]);
    assert_eq!(email["transformations"], transformation);
    let rows = columns["dataset"].as_array().expect("the rows have origins");
    assert!(
        rows.iter().any(|one| one["field"] == "status" && one["transformations"][0]["subtype"] == "FILTER")
    );
    let plain = json(&ok(&folder, &["lineage", "--output", "json"]).out);
    assert_eq!(plain["sinks"][0]["columns"][0]["from"][0]["direct"], "IDENTITY");
}

#[test]
fn schemas_are_printed() {
    let folder = folder(&[]);
    let one = json(&ok(&folder, &["schema", "datacontract"]).out);
    assert_eq!(one["properties"]["kind"]["enum"][0], "DataContract");
    let all = json(&ok(&folder, &["schema"]).out);
    assert_eq!(all["oneOf"].as_array().map(Vec::len), Some(6));
    let ran = run(folder.path(), &["schema", "DataProdukt"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("did you mean `DataProduct`?"), "{ran:?}");
}

#[test]
fn completions_name_the_commands() {
    let folder = folder(&[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = ok(&folder, &["completions", shell]);
        assert!(ran.out.contains("lineage") && ran.out.contains("headwater"), "{shell}");
    }
    assert_eq!(run(folder.path(), &["completions", "tcsh"]).code, Some(2));
}
