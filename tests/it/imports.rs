//! A product that reads another one: both are computed together, a file may take the place of the other,
//! and nothing of the other's records is kept that it would not keep itself.

use std::path::Path;

use headwater_tests::command::{headwater, text};
use serde_json::Value;

/// The shop masks what its file holds, and keeps no originals; finance reads what it gives, and rejects some of it.
const PROJECT: &str = r#"
apiVersion: headwater.dev/v1alpha1
kind: DataContract
metadata: { name: order, namespace: retail }
spec:
  id: order
  version: 1.0.0
  key: [id]
  eventTime: { field: at }
  fields:
    - { name: id, type: string, required: true }
    - { name: amount, type: int64, required: true, check: "amount > 0" }
    - { name: at, type: timestamp, required: true }
---
apiVersion: headwater.dev/v1alpha1
kind: DataProduct
metadata: { name: orders, namespace: retail }
spec:
  owner: { team: checkout }
  sources:
    - { name: raw, files: { paths: [raw.csv], format: { csv: {} } }, contract: { name: order } }
  transforms:
    - { name: masked, from: [raw], steps: [ { mask: [ { field: id, redact: {} } ] } ] }
  deadLetters: { original: { omit: {} } }
  sinks:
    - { name: out, from: masked, topic: { format: json } }
---
apiVersion: headwater.dev/v1alpha1
kind: DataProduct
metadata: { name: money, namespace: finance }
spec:
  owner: { team: finance }
  sources:
    - { name: orders, product: { namespace: retail, name: orders, sink: out } }
    - { name: raw, files: { paths: [own.csv], format: { csv: {} } }, contract: { name: order, namespace: retail } }
  transforms:
    - name: small
      from: [orders, raw]
      steps: [ { validate: [ { name: small, check: "amount < 100" } ] } ]
  deadLetters: { original: { keep: {} } }
  sinks:
    - { name: out, from: small, files: { path: out.ndjson, format: { ndjson: {} } } }
"#;

/// Runs finance's product; gives its rows and its dead letters, each in a line.
fn run(folder: &Path, bound: &[&str]) -> anyhow::Result<(Vec<String>, Vec<String>)> {
    let mut command = headwater();
    command.current_dir(folder).args(["run", "money", "project.yaml"]);
    bound.iter().for_each(|bound| {
        command.args(["--source", bound]);
    });
    text(&mut command);
    let lines = |path: &str| -> anyhow::Result<Vec<Value>> {
        let text = std::fs::read_to_string(folder.join(path))?;
        Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
    };
    let rows = lines("out/out.ndjson")?.into_iter().map(|row| format!("{} {}", row["id"], row["amount"]));
    let letters = lines("out/dead-letters/finance.money.ndjson")?.into_iter().map(|letter| {
        let place = &letter["place"];
        let parts =
            [&letter["product"], &letter["node"], &place["source"], &place["line"], &letter["original"]];
        parts.map(ToString::to_string).join(" ")
    });
    Ok((rows.collect(), letters.collect()))
}

#[test]
fn products_run_together_and_keep_what_each_allows() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text);
    write("project.yaml", PROJECT)?;
    let row = |id: &str, amount: i64| format!("{id},{amount},2026-01-01T00:00:00Z\n");
    let file = |rows: &[String]| format!("id,amount,at\n{}", rows.concat());
    write("raw.csv", &file(&[row("anna", 1), row("bert", -1), row("carl", 300)]))?;
    write("own.csv", &file(&[row("x", 2), row("y", 400)]))?;
    write("other.csv", &file(&[row("dora", 3), row("emil", 500)]))?;

    let (rows, letters) = run(folder.path(), &[])?;
    assert_eq!(rows, [r#""x" 2"#, r#""REDACTED" 1"#]);
    let own = r#""finance/money" "small" "raw" 3 "y,400,2026-01-01T00:00:00Z""#;
    let expected = [
        own,
        r#""retail/orders" "raw" "raw" 3 null"#,
        r#""finance/money" "small" "retail/orders.raw" 4 null"#,
    ];
    assert_eq!(letters, expected);

    // A file in the place of the other product: it is read instead, and is finance's own.
    let (rows, letters) = run(folder.path(), &["orders=other.csv"])?;
    assert_eq!(rows, [r#""x" 2"#, r#""dora" 3"#]);
    let bound = r#""finance/money" "small" "orders" 3 "emil,500,2026-01-01T00:00:00Z""#;
    assert_eq!(letters, [own, bound]);

    // A name alone is that of the product's own source; the other's stands behind its product.
    let (rows, _) = run(folder.path(), &["raw=other.csv"])?;
    assert_eq!(rows, [r#""dora" 3"#, r#""REDACTED" 1"#]);
    let (rows, _) = run(folder.path(), &["retail/orders.raw=other.csv"])?;
    assert_eq!(rows, [r#""x" 2"#, r#""REDACTED" 3"#]);
    Ok(())
}
