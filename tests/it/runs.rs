//! What the language means, shown by runs of small products: records in, rows and dead letters out.

use headwater_tests::run::{Made, run, run_bound};

type Outcome = anyhow::Result<()>;

fn check(made: &Made, file: &str, expected: &[&str]) {
    let rows = made.files.get(file).map(Vec::as_slice).unwrap_or_default();
    assert_eq!(rows, expected, "{file} of {made:?}");
}

/// Code and field of each dead letter, sorted.
fn letters(made: &Made) -> Vec<String> {
    let word = |letter: &serde_json::Value, member: &str| letter[member].as_str().unwrap_or("-").to_owned();
    let mut found: Vec<String> = made
        .dead_letters
        .iter()
        .map(|letter| format!("{} {}", word(letter, "code"), word(letter, "field")))
        .collect();
    found.sort();
    found
}

/// Conditions inside of lists and maps.
const LISTS: &str = r#"
apiVersion: headwater.dev/v1alpha1
kind: DataContract
metadata: { name: order, namespace: retail }
spec:
  id: order
  version: 1.0.0
  fields:
    - { name: id, type: string, required: true }
    - { name: items, type: list }
    - { name: "items[]", type: struct, check: "quantity <= packs * 10" }
    - { name: "items[].sku", type: string, enum: [tea, milk] }
    - { name: "items[].quantity", type: int32, check: "quantity > 0" }
    - { name: "items[].packs", type: int32 }
    - { name: "items[].marks", type: list }
    - { name: "items[].marks[]", type: string, check: "element LIKE 'm%'" }
    - { name: scores, type: map }
    - { name: "scores{}", type: float64, check: "value <= 1 AND key <> ''" }
---
apiVersion: headwater.dev/v1alpha1
kind: DataProduct
metadata: { name: orders, namespace: retail }
spec:
  owner: { team: checkout }
  sources:
    - name: raw
      files: { paths: [raw.ndjson], format: { ndjson: {} } }
      contract: { name: order }
  transforms:
    - name: ids
      from: [raw]
      steps: [ { select: [id] } ]
  sinks:
    - name: ids
      from: ids
      files: { path: ids.ndjson, format: { ndjson: {} } }
"#;

#[test]
fn conditions_hold_of_everything_inside_of_lists() -> Outcome {
    let records = br#"
{"id":"all","items":[{"sku":"tea","quantity":3,"packs":1,"marks":["m1"]},{"sku":"milk","quantity":1,"packs":null}],"scores":{"a":0.5}}
{"id":"empty","items":[],"scores":{}}
{"id":"none"}
{"id":"null inside","items":[null,{"sku":null}],"scores":{"a":null}}
{"id":"sku","items":[{"sku":"tea"},{"sku":"wine"}]}
{"id":"quantity","items":[{"quantity":1},{"quantity":0}]}
{"id":"packs","items":[{"quantity":11,"packs":1}]}
{"id":"marks","items":[{"marks":["m1"]},{"marks":["m1","x"]}]}
{"id":"scores","scores":{"a":0.5,"b":1.5}}
"#;
    let made = run(LISTS, &[("raw.ndjson", records.trim_ascii_start())])?;
    check(
        &made,
        "ids.ndjson",
        &[r#"{"id":"all"}"#, r#"{"id":"empty"}"#, r#"{"id":"none"}"#, r#"{"id":"null inside"}"#],
    );
    assert_eq!(
        letters(&made),
        [
            "D010 items[].sku",
            "D011 items[]",
            "D011 items[].marks[]",
            "D011 items[].quantity",
            "D011 scores{}"
        ]
    );
    Ok(())
}

/// JSON in a column of text.
const JSON: &str = r#"
apiVersion: headwater.dev/v1alpha1
kind: DataContract
metadata: { name: event, namespace: retail }
spec:
  id: event
  version: 1.0.0
  fields:
    - { name: id, type: string, required: true }
    - { name: body, type: string }
---
apiVersion: headwater.dev/v1alpha1
kind: DataProduct
metadata: { name: events, namespace: retail }
spec:
  owner: { team: checkout }
  sources:
    - name: raw
      files: { paths: [raw.ndjson], format: { ndjson: {} } }
      contract: { name: event }
  transforms:
    - name: parsed
      from: [raw]
      steps:
        - parse:
            - field: body
              json:
                fields:
                  - { name: sku, type: string, required: true }
                  - { name: price, type: "decimal(8,2)" }
                  - { name: at, type: timestamp }
                  - { name: lines, type: list }
                  - { name: "lines[]", type: int32 }
        - flatten: [ { field: body, prefix: "" } ]
  sinks:
    - name: out
      from: parsed
      files: { path: out.ndjson, format: { ndjson: {} } }
"#;

#[test]
fn json_in_text_is_read_as_records_are() -> Outcome {
    let records = br#"
{"id":"a","body":"{\"sku\":\"tea\",\"price\":1.5,\"at\":\"2026-01-31T00:00:00Z\",\"lines\":[1,2],\"more\":{}}"}
{"id":"b","body":"{\"sku\":\"milk\"}"}
{"id":"c","body":null}
{"id":"d","body":"{\"price\":1.5}"}
{"id":"e","body":"{\"sku\":\"tea\",\"lines\":[\"x\"]}"}
{"id":"f","body":"no json"}
"#;
    let made = run(JSON, &[("raw.ndjson", records.trim_ascii_start())])?;
    check(
        &made,
        "out.ndjson",
        &[
            r#"{"id":"a","sku":"tea","price":1.50,"at":"2026-01-31T00:00:00Z","lines":[1,2]}"#,
            r#"{"id":"b","sku":"milk","price":null,"at":null,"lines":null}"#,
            r#"{"id":"c","sku":null,"price":null,"at":null,"lines":null}"#,
        ],
    );
    assert_eq!(letters(&made), ["D021 body", "D021 body", "D021 body"]);
    Ok(())
}

/// Reference data without event time, asked for by a query and by a step.
const REFERENCE: &str = r#"
apiVersion: headwater.dev/v1alpha1
kind: DataContract
metadata: { name: flight, namespace: flights }
spec:
  id: flight
  version: 1.0.0
  eventTime: { field: leaves_at }
  fields:
    - { name: flight, type: string, required: true }
    - { name: carrier, type: string, required: true }
    - { name: leaves_at, type: timestamp, required: true }
---
apiVersion: headwater.dev/v1alpha1
kind: DataContract
metadata: { name: airline, namespace: flights }
spec:
  id: airline
  version: 1.0.0
  changes: upsert
  key: [carrier]
  fields:
    - { name: carrier, type: string, required: true }
    - { name: name, type: string, required: true }
---
apiVersion: headwater.dev/v1alpha1
kind: DataContract
metadata: { name: note, namespace: flights }
spec:
  id: note
  version: 1.0.0
  fields: [ { name: carrier, type: string, required: true } ]
---
apiVersion: headwater.dev/v1alpha1
kind: DataProduct
metadata: { name: flights, namespace: flights }
spec:
  owner: { team: aviation }
  sources:
    - name: flights
      files: { paths: [flights.csv], format: { csv: {} } }
      contract: { name: flight }
    - name: airlines
      files: { paths: [airlines.csv], format: { csv: {} } }
      contract: { name: airline }
    - name: notes
      files: { paths: [notes.csv], format: { csv: {} } }
      contract: { name: note }
  transforms:
    - name: by_query
      sql: |
        SELECT f.flight, a.name AS airline
        FROM flights AS f LEFT JOIN airlines FOR SYSTEM_TIME AS OF f.leaves_at AS a ON f.carrier = a.carrier
    - name: noted
      from: [notes]
      steps: [ { enrich: { with: airlines, keys: [ { field: carrier } ] } } ]
  sinks:
    - name: query
      from: by_query
      files: { path: query.ndjson, format: { ndjson: {} } }
    - name: notes
      from: noted
      files: { path: notes.ndjson, format: { ndjson: {} } }
"#;

#[test]
fn reference_data_without_time_has_always_held() -> Outcome {
    let made = run(
        REFERENCE,
        &[
            ("flights.csv", b"flight,carrier,leaves_at\n1,AA,0002-01-01T00:00:00Z\n2,UA,2013-01-01T00:00:00Z\n3,ZZ,2013-01-01T00:00:00Z\n"),
            ("airlines.csv", b"carrier,name\nUA,Untied\nAA,American\nUA,United\n"),
            ("notes.csv", b"carrier\nUA\nXX\n"),
        ],
    )?;
    let airlines = [
        r#"{"flight":"1","airline":"American"}"#,
        r#"{"flight":"2","airline":"United"}"#,
        r#"{"flight":"3","airline":null}"#,
    ];
    check(&made, "query.ndjson", &airlines);
    check(&made, "notes.ndjson", &[r#"{"carrier":"UA","name":"United"}"#, r#"{"carrier":"XX","name":null}"#]);
    Ok(())
}

/// A table read as its log of changes, from a file in its place; and all tables of a pattern.
const LOG: &str = r#"
apiVersion: headwater.dev/v1alpha1
kind: DataContract
metadata: { name: customer, namespace: retail }
spec:
  id: customer
  version: 1.0.0
  key: [id]
  fields: [ { name: id, type: string, required: true }, { name: tier, type: string } ]
---
apiVersion: headwater.dev/v1alpha1
kind: DataProduct
metadata: { name: customers, namespace: retail }
spec:
  owner: { team: crm }
  sources:
    - name: shop
      postgres: { connection: shop, tables: [public.customers, public.partners] }
      read: log
      contract: { name: customer }
  transforms:
    - name: "last_{{ port }}"
      from: [shop.*]
      steps: [ { filter: { where: "_op <> 'd'" } }, { drop: [_changed_at] } ]
  sinks:
    - name: "{{ port }}"
      from: shop.*
      files: { path: "{{ port }}.ndjson", format: { ndjson: {} } }
    - name: kept
      from: last_customers
      files: { path: kept.ndjson, format: { ndjson: {} } }
    - name: partners-kept
      from: last_partners
      stdout: {}
"#;

#[test]
fn a_log_says_of_each_change_what_and_when() -> Outcome {
    let changes = br#"{"id":"a","tier":"gold","_op":"c","_changed_at":"2026-01-01T00:00:00Z"}
{"id":"a","tier":null,"_op":"d","_changed_at":"2026-01-02T00:00:00Z"}
{"id":"b","tier":"plain"}
"#;
    let partners = br#"{"id":"p","tier":null,"_op":"c","_changed_at":"2026-01-01T00:00:00Z"}"#;
    let files: &[(&str, &[u8])] = &[("c.ndjson", changes), ("p.ndjson", partners)];
    let made = run_bound(LOG, files, &[("shop.customers", "c.ndjson"), ("shop.partners", "p.ndjson")])?;
    check(&made, "kept.ndjson", &[r#"{"id":"a","tier":"gold","_op":"c"}"#]);
    let log = [
        r#"{"id":"a","tier":"gold","_op":"c","_changed_at":"2026-01-01T00:00:00Z"}"#,
        r#"{"id":"a","tier":null,"_op":"d","_changed_at":"2026-01-02T00:00:00Z"}"#,
    ];
    check(&made, "customers.ndjson", &log);
    check(
        &made,
        "partners.ndjson",
        &[r#"{"id":"p","tier":null,"_op":"c","_changed_at":"2026-01-01T00:00:00Z"}"#],
    );
    assert_eq!(letters(&made), ["D002 _op"]);
    Ok(())
}
