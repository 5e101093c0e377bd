//! Takes a name, or a guess about a file; gives the files of a product that checks at once.
//!
//! Must not write: the texts are given with their names in the product's folder.

use crate::infer::{FileKind, Guess, GuessedField};

/// Files by name.
type Files = Vec<(&'static str, String)>;

/// A product that cleans orders, with records and a test.
pub(crate) fn sample(name: &str) -> Files {
    let named = |text: &str| text.replace("NAME", name);
    vec![
        ("product.yaml", named(PRODUCT)),
        ("contracts.yaml", named(CONTRACTS)),
        ("test.yaml", named(TEST)),
        ("records.ndjson", RECORDS.to_owned()),
    ]
}

const PRODUCT: &str = r#"# Where the records come from, how they are cleaned, where they go.
apiVersion: headwater.dev/v1alpha1
kind: DataProduct
metadata: { name: NAME }
spec:
  description: Orders that were paid, safe to share.
  owner: { team: my-team }

  sources:
    - name: received
      files: { paths: [records.ndjson], format: { ndjson: {} } }
      contract: { name: NAME-received }          # a record that breaks it becomes a dead letter, with its reason

  transforms:
    - name: paid
      from: [received]
      steps:
        - filter: { where: "status = 'paid'" }
        - set: [ { field: is_large, is: "amount >= 100" } ]
        - drop: [status]

  sinks:
    - name: paid
      from: paid
      contract: { name: NAME }                   # what readers rely on
      files: { path: paid.ndjson, format: { ndjson: {} } }
"#;

const CONTRACTS: &str = r#"# What is expected to come in.
apiVersion: headwater.dev/v1alpha1
kind: DataContract
metadata: { name: NAME-received }
spec:
  id: NAME-received
  version: 1.0.0
  key: [order_id]
  eventTime: { field: ordered_at, maxDelay: 5s }
  fields:
    - { name: order_id, type: string, required: true }
    - { name: status, type: string, required: true, enum: [placed, paid, sent] }
    - { name: amount, type: "decimal(12,2)", required: true, check: "amount >= 0" }
    - { name: ordered_at, type: timestamp, required: true }
---
# What is promised to readers.
apiVersion: headwater.dev/v1alpha1
kind: DataContract
metadata: { name: NAME }
spec:
  id: NAME
  version: 1.0.0
  key: [order_id]
  eventTime: { field: ordered_at, maxDelay: 5s }
  fields:
    - { name: order_id, type: string, required: true }
    - { name: amount, type: "decimal(12,2)", required: true }
    - { name: is_large, type: bool, required: true }
    - { name: ordered_at, type: timestamp, required: true }
"#;

const TEST: &str = r#"# What the product makes of given records.
apiVersion: headwater.dev/v1alpha1
kind: DataProductTest
spec:
  product: NAME
  cases:
    - name: only paid orders are kept
      steps:
        - given:
            - source: received
              rows:
                - { order_id: a1, status: paid, amount: "120.00", ordered_at: "2026-01-01T10:00:00Z" }
                - { order_id: a2, status: placed, amount: "5.00", ordered_at: "2026-01-01T10:00:01Z" }
      expect:
        - sink: paid
          rows: [ { order_id: a1, amount: "120.00", is_large: true, ordered_at: "2026-01-01T10:00:00Z" } ]
    - name: an amount that is no number is rejected
      steps:
        - given:
            - source: received
              rows: [ { order_id: a3, status: paid, amount: many, ordered_at: "2026-01-01T10:00:02Z" } ]
      expect:
        - { sink: paid, rows: [] }
        - deadLetters: [ { code: D003, source: received, field: amount } ]
"#;

const RECORDS: &str = r#"{"order_id": "a1", "status": "paid", "amount": "120.00", "ordered_at": "2026-01-01T10:00:00Z"}
{"order_id": "a2", "status": "placed", "amount": "5.00", "ordered_at": "2026-01-01T10:00:01Z"}
{"order_id": "a3", "status": "paid", "amount": "many", "ordered_at": "2026-01-01T10:00:02Z"}
{"order_id": "a4", "status": "paid", "amount": "19.90", "ordered_at": "2026-01-01T10:00:03Z"}
"#;

/// A product that reads a file, with the contract guessed from it.
pub(crate) fn from_guess(name: &str, path: &str, guess: &Guess) -> Files {
    vec![("product.yaml", product(name, path, guess)), ("contract.yaml", contract(name, guess))]
}

/// A text in YAML, quoted whatever it holds: a JSON string is one.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn product(name: &str, path: &str, guess: &Guess) -> String {
    let (path, format) = (quoted(path), format(guess));
    format!(
        "apiVersion: headwater.dev/v1alpha1
kind: DataProduct
metadata: {{ name: {name} }}
spec:
  owner: {{ team: my-team }}

  sources:
    - name: received
      files: {{ paths: [{path}], format: {format} }}
      contract: {{ name: {name} }}

  sinks:
    - name: cleaned
      from: received
      contract: {{ name: {name} }}
      files: {{ path: {name}.ndjson, format: {{ ndjson: {{}} }} }}
"
    )
}

fn format(guess: &Guess) -> String {
    match guess.kind {
        FileKind::Ndjson => return "{ ndjson: {} }".to_owned(),
        FileKind::Parquet => return "{ parquet: {} }".to_owned(),
        FileKind::Csv => {}
    }
    let mut members = Vec::new();
    if let Some(delimiter) = guess.delimiter.filter(|delimiter| *delimiter != ',') {
        members.push(format!("delimiter: {}", quoted(&delimiter.to_string())));
    }
    if guess.nulls.len() > 1 {
        let nulls: Vec<String> = guess.nulls.iter().map(|null| quoted(null)).collect();
        members.push(format!("nulls: [{}]", nulls.join(", ")));
    }
    if guess.windows_1252 {
        members.push("encoding: windows-1252".to_owned());
    }
    if members.is_empty() {
        "{ csv: {} }".to_owned()
    } else {
        format!("{{ csv: {{ {} }} }}", members.join(", "))
    }
}

fn contract(name: &str, guess: &Guess) -> String {
    let mut text = format!(
        "apiVersion: headwater.dev/v1alpha1
kind: DataContract
metadata: {{ name: {name} }}
spec:
  id: {name}
  version: 1.0.0
"
    );
    if let Some(key) = &guess.key {
        text += &format!("  key: [{key}]\n");
    }
    if let Some(time) = &guess.event_time {
        text += &format!("  eventTime: {{ field: {time} }}\n");
    }
    text += "  fields:\n";
    text.extend(guess.fields.iter().map(field));
    text
}

fn field(field: &GuessedField) -> String {
    let GuessedField { name, data_type, .. } = field;
    let data_type = if data_type.contains('(') { quoted(data_type) } else { data_type.clone() };
    let required = if field.required { ", required: true" } else { "" };
    let source =
        field.source_name.as_ref().map_or(String::new(), |name| format!(", sourceName: {}", quoted(name)));
    format!("    - {{ name: {}, type: {data_type}{required}{source} }}\n", plain(name))
}

/// A name, quoted where YAML 1.1 reads it as something else.
fn plain(name: &str) -> String {
    let is_word = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"].contains(&name);
    if is_word { quoted(name) } else { name.to_owned() }
}
