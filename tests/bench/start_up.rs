//! Benchmark: how long `headwater run` takes on a product of three records.
//!
//! Takes nothing but the command line's own program, which lies beside the benchmark's.

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Result, ensure};

const ROUNDS: usize = 30;

const PROJECT: &str = r#"apiVersion: headwater.dev/v1alpha1
kind: DataContract
metadata: { name: reading, namespace: plant }
spec:
  id: reading
  version: 1.0.0
  key: [id]
  fields:
    - { name: id, type: int64, required: true }
    - { name: value, type: float64, required: true, check: "value >= 0" }
---
apiVersion: headwater.dev/v1alpha1
kind: DataProduct
metadata: { name: readings, namespace: plant }
spec:
  description: Readings that make sense.
  owner: { team: plant, email: plant@example.com }
  sources:
    - name: raw
      files: { paths: [readings.csv], format: { csv: {} } }
      contract: { name: reading }
  transforms:
    - name: large
      from: [raw]
      steps: [ { filter: { where: "value > 1" } } ]
  sinks:
    - name: readings
      from: large
      contract: { name: reading }
      files: { path: readings.ndjson, format: { ndjson: {} } }
"#;

/// Runs the product again and again and prints how long that took.
pub(crate) fn measure() -> Result<()> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("product.yaml"), PROJECT)?;
    std::fs::write(folder.path().join("readings.csv"), "id,value\n1,0.5\n2,2.5\n3,-1\n")?;
    let program = program()?;
    let mut seconds = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let output = Command::new(&program).args(["run", "."]).current_dir(folder.path()).output()?;
        seconds.push(started.elapsed().as_secs_f64());
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let rows = std::fs::read_to_string(folder.path().join("out/readings.ndjson"))?;
    ensure!(rows.lines().count() == 1, "one record is large, and these were written:\n{rows}");
    seconds.sort_by(f64::total_cmp);
    println!(
        "`headwater run` on three records, {ROUNDS} rounds: median {:.0} ms, least {:.0} ms",
        seconds[ROUNDS / 2] * 1000.0,
        seconds[0] * 1000.0
    );
    Ok(())
}

/// The command line, built like this program: it lies in the folder above.
fn program() -> Result<PathBuf> {
    let here = std::env::current_exe()?;
    let program = here.parent().and_then(|folder| folder.parent()).map(|folder| folder.join("headwater"));
    let program = program.filter(|program| program.is_file());
    program.ok_or_else(|| anyhow::anyhow!("the command line is not built for benchmarks: run `make bench`"))
}
