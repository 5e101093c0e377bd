//! Benchmark: a year of flights, by Headwater, by hand-written DataFusion of the same version and by DuckDB, all doing the same work.
//!
//! Takes the files that `examples/flights/fetch.sh` finds or fetches; prints seconds, memory and ratios.
//! Each contender runs in processes of its own, in turn, and what each wrote is compared before anything is printed.
//! `docs/benchmarks.md` says what each does. It is no test: nothing here fails because of a time.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it has measured")]

mod handwritten;
mod ours;
mod start_up;
mod written;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use headwater_tests::repository::root;

/// How often each contender runs.
const ROUNDS: usize = 7;

/// Threads that each contender may compute with.
pub(crate) const THREADS: usize = 2;

/// Names the contender that a process is to be, then come the folders of the files and for what it writes.
const CONTENDER: &str = "--contender";

fn main() -> Result<()> {
    let started = Instant::now();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = arguments.iter().position(|argument| argument == CONTENDER) {
        let [_, name, from, to] = &arguments[at..] else { bail!("a contender has a name and two folders") };
        let (from, to) = (Path::new(from), Path::new(to));
        match name.as_str() {
            "headwater" => ours::run(from, to, ours::Sinks::Parquet)?,
            "headwater-iceberg" => ours::run(from, to, ours::Sinks::Declared)?,
            "datafusion" => handwritten::run(from, to)?,
            _ => bail!("there is no contender `{name}`"),
        }
        println!("{} {}", started.elapsed().as_secs_f64(), peak_bytes()?);
        return Ok(());
    }
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("nothing is measured: run `make bench`");
        return Ok(());
    }
    let from = fetched()?;
    flights(&from)?;
    start_up::measure()
}

/// What a run has cost.
#[derive(Debug, Clone, Copy)]
struct Cost {
    seconds: f64,
    peak_bytes: u64,
}

/// Runs the contenders in turn and compares them.
fn flights(from: &Path) -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let names = ["headwater", "datafusion", "duckdb", "headwater-iceberg"];
    let mut costs: Vec<Vec<Cost>> = vec![Vec::new(); names.len()];
    for round in 0..=ROUNDS {
        for (name, costs) in names.iter().zip(&mut costs) {
            let to = scratch.path().join(format!("{name}-{round}"));
            std::fs::create_dir_all(&to)?;
            let cost = contend(name, from, &to).with_context(|| format!("the contender {name} fails"))?;
            // The first round only warms the cache of files.
            if round > 0 {
                costs.push(cost);
                std::fs::remove_dir_all(&to)?;
            }
        }
    }
    let of = |name: &str| written::figures(&scratch.path().join(format!("{name}-0")));
    let ours = of("headwater")?;
    for name in &names[1..3] {
        let theirs = of(name)?;
        ensure!(ours == theirs, "{name} has written something else:\n{theirs:#?}\n{ours:#?}");
    }
    println!("A year of flights, {THREADS} threads, {ROUNDS} rounds; {}", ours.summary());
    println!("{:<20} {:>9} {:>9} {:>8} {:>10}", "", "median", "least", "ratio", "peak");
    let reference = median(&costs[1]);
    for (name, costs) in names.iter().zip(&costs) {
        let least = costs.iter().map(|cost| cost.seconds).fold(f64::INFINITY, f64::min);
        let peak = costs.iter().map(|cost| cost.peak_bytes).max().unwrap_or_default();
        let middle = median(costs);
        println!(
            "{name:<20} {middle:>7.3} s {least:>7.3} s {:>8.2} {:>6} MiB",
            middle / reference,
            peak >> 20
        );
    }
    Ok(())
}

/// The middle of the times.
fn median(costs: &[Cost]) -> f64 {
    let mut seconds: Vec<f64> = costs.iter().map(|cost| cost.seconds).collect();
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

/// Runs a contender in a process of its own, which says what it has cost.
fn contend(name: &str, from: &Path, to: &Path) -> Result<Cost> {
    let mut command = if name == "duckdb" {
        let mut command = Command::new(python()?);
        command.arg(root().join("tests/bench/duckdb_flights.py")).arg(THREADS.to_string());
        command
    } else {
        let mut command = Command::new(std::env::current_exe()?);
        command.args([CONTENDER, name]);
        command
    };
    let output = command.arg(from).arg(to).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    let mut words = text.split_whitespace();
    let mut word = || words.next().context("a contender says what it has cost");
    Ok(Cost { seconds: word()?.parse()?, peak_bytes: word()?.parse()? })
}

/// The most memory that this process has had.
fn peak_bytes() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = peak.and_then(|peak| peak.split_whitespace().next()).unwrap_or("0");
    Ok(kib.parse::<u64>()? << 10)
}

/// The folder with the files of the whole year.
fn fetched() -> Result<PathBuf> {
    printed(&root().join("examples/flights/fetch.sh"))
}

/// The Python that has DuckDB.
fn python() -> Result<PathBuf> {
    printed(&root().join("tests/readback/setup.sh"))
}

/// The path that a script prints.
fn printed(script: &Path) -> Result<PathBuf> {
    let output = Command::new("sh").arg(script).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(PathBuf::from(String::from_utf8(output.stdout)?.trim()))
}
