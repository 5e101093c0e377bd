//! Dead letters keep the records as the product says: as they came, not at all, or under a key that gives them back.

use std::path::Path;

use headwater_processor::mask::cipher::decrypt;
use headwater_processor::mask::load::{KeyRef, SecretRef, load};
use headwater_tests::command::{headwater, text};
use headwater_tests::repository::{read, root};
use headwater_tests::run::dead_letters;
use serde_json::Value;

/// A product that keeps the originals of its dead letters in some way.
fn project(original: &str) -> String {
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
  deadLetters: {{ original: {original} }}
  sinks:
    - {{ name: out, from: raw, files: {{ path: out.ndjson, format: {{ ndjson: {{}} }} }} }}
"#
    )
}

/// The members of a dead letter from the event time on, with their values.
fn check(original: &str, expected: &str) -> anyhow::Result<()> {
    let letters = dead_letters(&project(original), "records", b"id,at\nx,soon\n")?;
    let [letter] = &letters[..] else { anyhow::bail!("one letter is expected: {letters:?}") };
    let members = letter.as_object().into_iter().flatten();
    let kept: Vec<String> = members
        .filter(|(name, _)| name.starts_with("original"))
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    assert_eq!(kept.join(", "), expected, "{original}");
    Ok(())
}

#[test]
fn originals_are_kept_or_not_there_at_all() -> anyhow::Result<()> {
    check("{ keep: {} }", r#"original: "x,soon", originalBase64: null"#)?;
    check("{ omit: {} }", "")
}

#[test]
fn originals_under_a_key_are_given_back_by_it() -> anyhow::Result<()> {
    let target = tempfile::tempdir()?;
    let mut command = headwater();
    command.args(["run", "examples/retail", "--secrets", "examples/retail/secrets"]);
    command.arg("--out").arg(target.path()).arg("--warehouse").arg(target.path().join("warehouse"));
    text(&mut command);
    let secret =
        SecretRef { namespace: "retail".to_owned(), name: "letters".to_owned(), key: "aes".to_owned() };
    let key = KeyRef { name: "letters".to_owned(), version: 1, active: true, secret: Some(secret) };
    let keys = load(&[key], Some(&root().join("examples/retail/secrets")), &|_| None)?;
    let letters = std::fs::read_to_string(target.path().join("dead-letters/retail.orders.ndjson"))?;
    let mut opened = 0;
    for line in letters.lines() {
        let letter: Value = serde_json::from_str(line)?;
        assert!(letter.get("original").is_none(), "nothing stands beside what is encrypted: {line}");
        let sealed = letter["originalEncrypted"].as_str().unwrap_or_default();
        let original =
            decrypt(sealed, &keys, "letters", None)?.map_err(|why| anyhow::anyhow!("{why:?}: {line}"))?;
        let place = &letter["place"];
        let file = Path::new("examples/retail").join(place["file"].as_str().unwrap_or_default());
        let number = usize::try_from(place["line"].as_u64().unwrap_or_default())?;
        let records = read(&file.display().to_string());
        let record = records.lines().nth(number - 1).unwrap_or_default();
        assert_eq!(String::from_utf8_lossy(&original), record);
        opened += 1;
    }
    assert_eq!(opened, 6, "each of the dead letters is opened");
    Ok(())
}
