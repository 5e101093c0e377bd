//! How fast `headwater check` is, cold: takes nothing, prints for each size what a megabyte of YAML costs.
//!
//! Each run is a process of its own over files on disk, so start-up, reading and printing count.
//! Time is that of the processor, so a busy machine changes little. Reads `/proc`, so it runs on Linux only.
//! Must not judge: what is fast enough stands in the documents.

mod projects;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// Sizes of the projects, in products.
const SIZES: [usize; 4] = [10, 100, 1_000, 5_000];
/// Each size is run until so much time was spent on it, so that the clock of 10 ms does not matter.
const ENOUGH_S: f64 = 2.0;
/// Fewest and most runs of a size.
const RUNS_MIN: u32 = 2;
const RUNS_MAX: u32 = 20;
/// Linux counts the time of processes in hundredths of a second, whatever its own clock is.
const TICKS_PER_S: f64 = 100.0;

/// What one run cost.
struct Cost {
    cpu_s: f64,
    memory_kib: f64,
}

fn main() -> ExitCode {
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn measure() -> anyhow::Result<()> {
    let program = program()?;
    let empty = cost(&program, &["--version"], Path::new("."))?;
    println!(
        "start-up alone: {:.0} ms of processor, {:.1} MiB",
        empty.cpu_s * 1e3,
        empty.memory_kib / 1024.0
    );
    println!(
        "products |  MB YAML | CPU s | MB/CPU s | peak MiB | peak / YAML | CPU s / MB against 100 products"
    );
    let mut per_mb_at_100 = None;
    for products in SIZES {
        let folder = tempfile::tempdir()?;
        let mut bytes = 0;
        for file in projects::project(products) {
            let path = folder.path().join(&file.name);
            std::fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
            bytes += file.text.len();
            std::fs::write(path, file.text)?;
        }
        let mb = bytes as f64 / 1e6;
        let cost = cost(&program, &["check", "."], folder.path())?;
        let per_mb = cost.cpu_s / mb;
        if products == 100 {
            per_mb_at_100 = Some(per_mb);
        }
        println!(
            "{products:8} | {mb:8.2} | {:5.2} | {:8.1} | {:8.1} | {:11.1} | {}",
            cost.cpu_s,
            mb / cost.cpu_s,
            cost.memory_kib / 1024.0,
            cost.memory_kib * 1024.0 / bytes as f64,
            per_mb_at_100.map_or("-".to_owned(), |base| format!("{:.2}", per_mb / base)),
        );
    }
    Ok(())
}

/// The command line that was built with the same profile: beside this program, or named by `HEADWATER`.
fn program() -> anyhow::Result<PathBuf> {
    if let Some(named) = std::env::var_os("HEADWATER") {
        return Ok(named.into());
    }
    let own = std::env::current_exe()?;
    let found =
        own.ancestors().skip(1).take(2).map(|folder| folder.join("headwater")).find(|path| path.is_file());
    found.ok_or_else(|| {
        anyhow::anyhow!("build the command line first: `cargo build --profile bench --package headwater`")
    })
}

/// Runs the program often enough to tell its time; a run that finds problems is no measurement.
fn cost(program: &Path, arguments: &[&str], folder: &Path) -> anyhow::Result<Cost> {
    let before = children_cpu_s()?;
    let (mut runs, mut spent, mut memory_kib) = (0, 0.0, 0.0f64);
    while runs < RUNS_MIN || (spent < ENOUGH_S && runs < RUNS_MAX) {
        memory_kib = memory_kib.max(run(program, arguments, folder)?);
        runs += 1;
        spent = children_cpu_s()? - before;
    }
    Ok(Cost { cpu_s: spent / f64::from(runs), memory_kib })
}

/// Runs the program once; gives its greatest resident memory in KiB.
fn run(program: &Path, arguments: &[&str], folder: &Path) -> anyhow::Result<f64> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let (sender, ended) = channel();
    std::thread::spawn(move || sender.send(child.wait()));
    let mut peak = 0.0f64;
    // The kernel keeps the greatest value; it is gone with the process, so it is read until then.
    loop {
        match ended.recv_timeout(Duration::from_millis(1)) {
            Ok(code) => {
                anyhow::ensure!(code?.success(), "`{}` found problems", arguments.join(" "));
                return Ok(peak);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => anyhow::bail!("nobody waits for the program"),
        }
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let found = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        peak = peak.max(found.unwrap_or_default());
    }
}

/// Processor time of all processes that this one has started and that have ended.
fn children_cpu_s() -> anyhow::Result<f64> {
    let text = std::fs::read_to_string("/proc/self/stat")?;
    // The name of the program may hold blanks; behind it the fields count from the third (proc(5)).
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks =
        |field: usize| fields.get(field - 3).and_then(|text| text.parse::<f64>().ok()).unwrap_or_default();
    Ok((ticks(16) + ticks(17)) / TICKS_PER_S)
}
