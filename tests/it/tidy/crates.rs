//! Rules of crates: who may use whom, what must stay out, what must be there once.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use headwater_tests::repository::{assert_none, files_ending, read, root};

/// Which of our crates each of them may use, tests aside.
const EDGES: [(&str, &[&str]); 5] = [
    ("headwater-crds", &[]),
    ("headwater-compiler", &["headwater-crds"]),
    ("headwater-processor", &["headwater-compiler", "headwater-crds"]),
    ("headwater", &["headwater-compiler", "headwater-crds", "headwater-processor"]),
    ("headwater-tests", &["headwater-compiler", "headwater-crds", "headwater-processor", "headwater"]),
];

/// What the pure crates must never reach, by the start of the name.
const NOT_PURE: [&str; 12] = [
    "kube",
    "k8s-openapi",
    "tokio",
    "arrow",
    "parquet",
    "datafusion",
    "iceberg",
    "deltalake",
    "object_store",
    "rdkafka",
    "reqwest",
    "hyper",
];

/// Runs cargo in the workspace, without network.
fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--locked", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo, which runs this test, can be run");
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Name and version of every crate that the arguments reach.
fn reached(arguments: &[&str]) -> BTreeSet<(String, String)> {
    let text = cargo(&[&["tree", "--prefix", "none", "--format", "{p}"], arguments].concat());
    let pair = |line: &str| {
        let mut words = line.split_whitespace();
        Some((words.next()?.to_owned(), words.next()?.to_owned()))
    };
    text.lines().filter_map(pair).collect()
}

#[test]
fn our_crates_use_each_other_as_the_architecture_says() {
    let metadata = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    let metadata: serde_json::Value = serde_json::from_str(&metadata).expect("cargo metadata is JSON");
    let allowed: BTreeMap<&str, &[&str]> = EDGES.into_iter().collect();
    let mut findings = Vec::new();
    for package in metadata["packages"].as_array().expect("cargo metadata lists packages") {
        let name = package["name"].as_str().expect("a package has a name");
        let Some(allowed) = allowed.get(name) else {
            findings.push(format!("`{name}` is not in the list of crates"));
            continue;
        };
        for dependency in package["dependencies"].as_array().expect("a package lists dependencies") {
            let used = dependency["name"].as_str().expect("a dependency has a name");
            let for_tests = dependency["kind"] == "dev";
            if used.starts_with("headwater") && !for_tests && !allowed.contains(&used) {
                findings.push(format!("`{name}` uses `{used}`"));
            }
        }
    }
    assert_none("edges that the architecture does not have", &findings);
}

#[test]
fn the_pure_crates_reach_no_engine_and_no_network() {
    let mut findings = Vec::new();
    for package in ["headwater-compiler", "headwater-crds"] {
        for (name, _) in reached(&["-p", package, "-e", "normal"]) {
            if NOT_PURE.iter().any(|start| name.starts_with(start)) {
                findings.push(format!("`{package}` reaches `{name}`"));
            }
        }
    }
    assert_none("what the pure crates must not reach", &findings);
}

#[test]
fn crates_whose_types_cross_libraries_are_there_once() {
    let once = names_in_deny_toml();
    assert!(once.len() >= 8, "deny.toml names the crates that may be there only once");
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, version) in reached(&["--workspace", "-e", "normal,build"]) {
        versions.entry(name).or_default().insert(version);
    }
    let doubled = versions.iter().filter(|(name, versions)| once.contains(*name) && versions.len() > 1);
    let findings: Vec<_> = doubled.map(|(name, versions)| format!("`{name}`: {versions:?}")).collect();
    assert_none("crates in several versions", &findings);
}

/// The crates that `deny.toml` refuses in several versions, so that they are listed in one place.
fn names_in_deny_toml() -> BTreeSet<String> {
    let text = read("deny.toml");
    let lines = text.lines().filter(|line| line.contains("deny-multiple-versions = true"));
    lines.filter_map(|line| line.split('"').nth(1)).map(str::to_owned).collect()
}

#[test]
fn every_crate_comes_from_the_registry() {
    let lock = read("Cargo.lock");
    let sources = lock.lines().filter_map(|line| line.strip_prefix("source = \""));
    let findings: Vec<_> =
        sources.filter(|source| !source.starts_with("registry+")).map(str::to_owned).collect();
    assert_none("sources that are not a registry", &findings);
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    let mut findings = Vec::new();
    for name in files_ending("Cargo.toml").iter().filter(|name| *name != "Cargo.toml") {
        if !read(name).contains("[lints]\nworkspace = true\n") {
            findings.push(format!("{name}: no `[lints] workspace = true`"));
        }
    }
    // A crate's clippy.toml replaces the root's, so the limit has to be said again.
    for name in files_ending("clippy.toml") {
        if !read(&name).contains("too-many-lines-threshold = 70\n") {
            findings.push(format!("{name}: no `too-many-lines-threshold = 70`"));
        }
    }
    assert_none("lints", &findings);
}
