//! A product whose tables are in two catalogs: one run fills both, of either format, and no table gets into another's folder.

use std::path::{Path, PathBuf};

use headwater_tests::command::{headwater, text};

const PROJECT: &str = r#"
apiVersion: headwater.dev/v1alpha1
kind: Platform
metadata: { name: main }
spec:
  catalogs:
    - { name: lake, iceberg: { rest: "https://catalog.example.com", warehouse: retail } }
    - { name: ml, iceberg: { rest: "https://catalog.example.com", warehouse: ml } }
---
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
    - { name: at, type: timestamp, required: true }
---
apiVersion: headwater.dev/v1alpha1
kind: DataProduct
metadata: { name: orders, namespace: retail }
spec:
  owner: { team: checkout }
  sources:
    - { name: raw, files: { paths: [raw.csv], format: { csv: {} } }, contract: { name: order } }
  sinks:
    - { name: one, from: raw, table: { format: iceberg, catalog: lake, name: retail.orders } }
    - { name: two, from: raw, table: { format: iceberg, catalog: ml, name: retail.orders } }
    - { name: three, from: raw, table: { format: delta, catalog: lake, name: retail.copies } }
    - { name: four, from: raw, table: { format: delta, catalog: ml, name: retail.copies } }
"#;

/// Names of files of one kind right below a folder.
fn names(folder: &Path, ending: &str) -> anyhow::Result<Vec<PathBuf>> {
    let paths = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let paths: Vec<PathBuf> = paths.collect::<std::io::Result<_>>()?;
    Ok(paths.into_iter().filter(|path| path.to_string_lossy().ends_with(ending)).collect())
}

#[test]
fn tables_of_two_catalogs_are_shown_together_and_lie_apart() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("project.yaml"), PROJECT)?;
    std::fs::write(folder.path().join("raw.csv"), "id,at\na,2026-01-01T00:00:00Z\n")?;
    for runs in 1..=2 {
        text(headwater().current_dir(folder.path()).args(["run", "project.yaml"]));
        for home in ["warehouse", "warehouse/ml.catalog"] {
            let home = folder.path().join(home);
            let pointers = names(&home.join("retail/orders/metadata"), ".metadata.json")?;
            assert_eq!(pointers.len(), runs, "each run shows the table once: {pointers:?}");
            let entries = names(&home.join("retail/copies/_delta_log"), ".json")?;
            assert_eq!(entries.len(), runs, "each run shows the table once: {entries:?}");
        }
    }
    Ok(())
}
