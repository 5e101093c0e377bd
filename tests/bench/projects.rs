//! Projects of any size: takes a number of products, gives the files that a company with so many would keep.
//!
//! Every product has a file of its own with what comes in, what it promises, its steps and queries; most read what
//! another one gives. Descriptions, field counts and lengths of queries are those of the examples.
//! Must not be random: the same number gives the same bytes.

use std::fmt::Write;

/// Products are spread over so many teams.
const TEAMS: usize = 40;
/// Measured values of each record beside what identifies it.
const MEASURES: [(&str, &str, &str); 10] = [
    ("quantity", "int32", "How many pieces were ordered, packs counted as one."),
    ("price", "\"decimal(12,2)\"", "Price of one piece in the currency of the shop, taxes included."),
    ("discount", "\"decimal(12,2)\"", "What was taken off the whole order, not below zero."),
    ("weight", "float64", "Kilograms as the scale of the warehouse says, without the pallet."),
    ("region", "string", "Where the order goes to, as the carrier calls it."),
    ("channel", "string", "Web, shop or partner."),
    ("campaign", "string", "What brought the customer here, if anybody knows."),
    ("carrier", "string", "Who brings it."),
    ("warehouse", "string", "Where it is packed."),
    ("note", "string", "What the customer wrote to those who pack it."),
];

/// One file of a project.
pub(crate) struct File {
    /// Its path below the project's folder.
    pub(crate) name: String,
    /// Its text.
    pub(crate) text: String,
}

/// A project of so many products, without mistakes.
pub(crate) fn project(products: usize) -> Vec<File> {
    let mut files = vec![File { name: "platform.yaml".to_owned(), text: PLATFORM.to_owned() }];
    for index in 0..products {
        files.push(File {
            name: format!("team-{}/product-{index}.yaml", index % TEAMS),
            text: product(index),
        });
    }
    files
}

const PLATFORM: &str = r#"apiVersion: headwater.dev/v1alpha1
kind: Platform
metadata: { name: main }
spec:
  kafka: { bootstrapServers: "kafka.example.com:9092" }
  registry: { url: "https://registry.example.com" }
  flink: { sqlGateway: { url: "https://flink.example.com:8083", restUrl: "https://flink.example.com:8081" } }
  processors: { external: {} }
  catalogs:
    - { name: lake, iceberg: { rest: "https://catalog.example.com", warehouse: all } }
  keys:
    - name: pii
      versions: [ { version: 1, secretRef: { namespace: all, name: pii, key: hmac }, use: active } ]
  policies:
    classifications:
      - { name: pii, description: Tells something of a person. }
      - { name: pii.email }
      - { name: pseudonymous, description: "Tells persons apart, but not who they are." }
      - { name: pseudonymous.pii.email }
    clearances:
      - { name: pseudonyms, classifications: [pseudonymous], places: [state, hop, sink, deadLetters] }
      - { name: letters, classifications: [pii], places: [deadLetters] }
"#;

fn product(index: usize) -> String {
    let mut text = String::new();
    contract(&mut text, index, true);
    contract(&mut text, index, false);
    declaration(&mut text, index);
    text
}

/// What comes in, as text where it is not trusted, or what goes out.
fn contract(text: &mut String, index: usize, raw: bool) {
    let team = index % TEAMS;
    let (name, about) = if raw {
        ("raw", "An order as the shop's system sends it, sometimes more than once")
    } else {
        ("order", "An order that was cleaned, priced and joined with what was known before")
    };
    write!(
        text,
        "apiVersion: headwater.dev/v1alpha1
kind: DataContract
metadata: {{ name: {name}-{index}, namespace: team-{team} }}
spec:
  id: {name}-{index}
  version: 1.{index}.0
  description: {about}.
  key: [order_id]
  eventTime: {{ field: ordered_at, maxDelay: 10m, idleAfter: 1m }}
  fields:
    - {{ name: order_id, type: string, required: true, description: Given by the till and never twice. }}
    - {{ name: customer_id, type: string, required: true }}
    - {{ name: status, type: string, required: true, enum: [placed, paid, sent, test] }}
    - {{ name: ordered_at, type: timestamp, required: true }}
"
    )
    .expect("text grows");
    let email = if raw { "pii.email" } else { "pseudonymous.pii.email" };
    writeln!(text, "    - {{ name: email, type: string, classification: {email} }}").expect("text grows");
    for (measure, data_type, about) in MEASURES {
        let price = measure == "price";
        let data_type = if raw && price { "string" } else { data_type };
        let required = if price { "\n      required: true" } else { "" };
        writeln!(
            text,
            "    - name: {measure}_{index}\n      type: {data_type}{required}\n      description: {about}"
        )
        .expect("text grows");
    }
    if !raw {
        text.push_str(
            "    - { name: total, type: \"decimal(38,2)\", check: \"total >= 0\" }
    - { name: size, type: string }
    - { name: before, type: string }
",
        );
    }
    text.push_str("  rules:\n    - { name: tests-are-out, check: \"status <> 'test' OR customer_id = 'none'\", severity: error }\n");
    text.push_str("  onViolation: deadLetter\n---\n");
}

fn declaration(text: &mut String, index: usize) {
    let (team, before) = (index % TEAMS, index.saturating_sub(1) / 2);
    let other = before % TEAMS;
    write!(
        text,
        "apiVersion: headwater.dev/v1alpha1
kind: DataProduct
metadata: {{ name: product-{index}, namespace: team-{team} }}
spec:
  description: Orders of shop {index}, cleaned, priced, and safe to share with the other teams.
  owner: {{ team: team-{team}, email: team-{team}@example.com }}
  sources:
    - name: raw
      files: {{ paths: [\"data/orders-{index}-*.ndjson\"], format: {{ ndjson: {{}} }} }}
      contract: {{ name: raw-{index} }}
"
    )
    .expect("text grows");
    if index > 0 {
        writeln!(text, "    - name: earlier\n      product: {{ namespace: team-{other}, name: product-{before}, sink: orders }}")
            .expect("text grows");
    }
    transforms(text, index);
    sinks(text, index, other);
    test(text, index, team);
}

/// The steps and the query of a product.
fn transforms(text: &mut String, index: usize) {
    write!(
        text,
        "  transforms:
    - name: clean
      description: Tests and repetitions are out; amounts are numbers.
      from: [raw]
      steps:
        - filter: {{ where: \"status <> 'test'\" }}
        - cast: [ {{ field: price_{index}, to: \"decimal(12,2)\" }} ]
        - fill: [ {{ field: channel_{index}, with: \"'web'\" }}, {{ field: quantity_{index}, with: \"1\" }} ]
        - mask: [ {{ field: email, hmac: {{ key: pii }} }} ]
        - deduplicate: {{ by: [order_id], within: 1h }}
    - name: priced
      sql: |
        WITH sized AS (
          SELECT *,
                 CAST(price_{index} * quantity_{index} - COALESCE(discount_{index}, 0) AS DECIMAL(38, 2)) AS total,
                 CASE WHEN weight_{index} > 100 THEN 'heavy' WHEN weight_{index} > 10 THEN 'normal' ELSE 'light' END AS size
          FROM clean
          WHERE UPPER(channel_{index}) IN ('WEB', 'SHOP', 'PARTNER') AND CHAR_LENGTH(order_id) > 3
        )
        SELECT s.*, {before} AS before
        FROM sized AS s{join}
",
        before = if index > 0 { "LOWER(TRIM(e.status))" } else { "LOWER(TRIM(s.status))" },
        join = if index > 0 {
            "
        LEFT JOIN earlier AS e
          ON s.customer_id = e.customer_id
         AND e.ordered_at BETWEEN s.ordered_at - INTERVAL '1' HOUR AND s.ordered_at"
        } else {
            ""
        },
    )
    .expect("text grows");
}

/// What is counted, kept and handed on.
fn sinks(text: &mut String, index: usize, other: usize) {
    write!(
        text,
        "    - name: revenue
      from: [priced]
      steps:
        - aggregate:
            window: {{ time: ordered_at, tumble: {{ size: 5m }} }}
            by: [region_{index}, size]
            measures:
              - {{ name: orders, is: \"count(*)\" }}
              - {{ name: heavy, is: \"count(*) FILTER (WHERE size = 'heavy')\" }}
              - {{ name: revenue, is: \"sum(total)\" }}
  deadLetters: {{ retention: 30d, original: {{ keep: {{}} }}, budget: {{ share: \"1%\", window: 5m, then: stop }} }}
  sinks:
    - name: orders
      from: priced
      contract: {{ name: order-{index} }}
      readers: [ {{ namespace: team-{other}, purpose: reporting }} ]
      topic: {{ format: avro, partitions: 12, retention: 7d }}
    - name: revenue
      from: revenue
      table: {{ format: iceberg, catalog: lake, partitionBy: [\"day(window_start)\"] }}
---
"
    )
    .expect("text grows");
}

/// A test of one case.
fn test(text: &mut String, index: usize, team: usize) {
    write!(
        text,
        "apiVersion: headwater.dev/v1alpha1
kind: DataProductTest
metadata: {{ name: product-{index}, namespace: team-{team} }}
spec:
  product: product-{index}
  cases:
    - name: a test order goes nowhere
      steps:
        - at: \"2026-01-01T00:00:00Z\"
          given:
            - source: raw
              rows:
                - {{ order_id: a1, customer_id: c1, status: test, ordered_at: \"2026-01-01T00:00:00Z\", price_{index}: \"1.50\" }}
      expect: [ {{ sink: orders, rows: [] }} ]
"
    )
    .expect("text grows");
}
