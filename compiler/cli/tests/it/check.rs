//! `headwater check`.

use crate::process::{CONTRACT, PRODUCT, ended, folder, headwater, run, run_with_input, write};

#[test]
fn a_sound_project_has_no_problems() {
    let folder = folder(&[("orders.yaml", PRODUCT), ("contracts/order.yaml", CONTRACT)]);
    let ran = run(folder.path(), &["check", "--as-of", "2026-01-31"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{ran:?}");
    let summary = ran.out.lines().last().unwrap_or_default();
    assert!(summary.starts_with("checked 1 product, 1 contract in 2 files as of 2026-01-31 in "), "{ran:?}");
}

#[test]
fn a_problem_is_shown_with_its_line_and_ends_with_code_1() {
    let broken = PRODUCT.replace("from: paid", "from: payed");
    let folder = folder(&[("orders.yaml", &broken), ("order.yaml", CONTRACT)]);
    let ran = run(folder.path(), &["check", "--as-of", "2026-01-31"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.contains("error[R003]"), "{ran:?}");
    assert!(ran.out.contains("--> orders.yaml:20:13"), "{ran:?}");
    let short = run(folder.path(), &["check", "--format", "short"]);
    assert!(short.out.contains("orders.yaml:20:13: error[R003]: "), "{short:?}");
    assert!(short.err.starts_with("checked 1 product, 1 contract in 2 files"), "{short:?}");
}

#[test]
fn programs_read_only_their_format_on_standard_output() {
    let broken = PRODUCT.replace("from: paid", "from: payed");
    let folder = folder(&[("orders.yaml", &broken), ("order.yaml", CONTRACT)]);
    for arguments in
        [["check", "--output", "json"], ["check", "--format", "json"], ["check", "--format", "sarif"]]
    {
        let ran = run(folder.path(), &arguments);
        let json: serde_json::Value = serde_json::from_str(&ran.out).expect("standard output is JSON");
        let found = json.pointer("/diagnostics").or_else(|| json.pointer("/runs/0/results"));
        let found = found.and_then(serde_json::Value::as_array).expect("there is a list of problems");
        assert!(found.iter().any(|one| one["code"] == "R003" || one["ruleId"] == "R003"), "{ran:?}");
        assert!(ran.out.contains("DataProduct/retail/orders"), "objects are called by their names: {ran:?}");
        assert_eq!(ran.code, Some(1));
    }
    let ran = run(folder.path(), &["check", "--format", "github"]);
    assert!(ran.out.lines().any(|line| line.starts_with("::error title=R003 ")), "{ran:?}");
}

#[test]
fn what_is_not_ours_is_skipped_in_folders_but_not_where_it_is_named() {
    let other = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\n";
    let files = [
        ("order.yaml", CONTRACT),
        ("other.yaml", other),
        (".hidden/order.yaml", CONTRACT),
        ("target/order.yaml", CONTRACT),
        ("made/CACHEDIR.TAG", ""),
        ("made/order.yaml", CONTRACT),
        ("order.yaml.orig", CONTRACT),
    ];
    let folder = folder(&files);
    let ran = run(folder.path(), &["check"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("checked 1 contract in 1 file "), "{ran:?}");
    let named = run(folder.path(), &["check", ".", "other.yaml"]);
    assert_eq!(named.code, Some(1), "{named:?}");
    assert!(named.out.contains("nothing in this file is for Headwater"), "{named:?}");
    // The same file once more is one file; a folder that is named is searched whatever it is called.
    let twice = run(folder.path(), &["check", "order.yaml", ".", "./order.yaml"]);
    assert!(twice.out.contains("checked 1 contract in 1 file "), "{twice:?}");
    assert_eq!(run(folder.path(), &["check", "target"]).code, Some(0));
}

#[test]
fn standard_input_is_read() {
    let folder = folder(&[]);
    let rendered =
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: x }}\n---\n{CONTRACT}---\n{PRODUCT}");
    let ran = run_with_input(folder.path(), &["check", "-"], &rendered);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("checked 1 product, 1 contract in 1 file "), "{ran:?}");
    let broken = run_with_input(
        folder.path(),
        &["check", "--format=short", "-"],
        "apiVersion: headwater.dev/v1alpha1\nkind: DataProdct\n",
    );
    assert_eq!(broken.code, Some(1), "{broken:?}");
    assert!(broken.out.starts_with("<stdin>:2:7: error["), "{broken:?}");
}

#[test]
fn a_command_line_that_is_wrong_ends_with_code_2() {
    let folder = folder(&[("order.yaml", CONTRACT)]);
    let missing = run(folder.path(), &["check", "no/such.yaml"]);
    assert_eq!((missing.code, missing.out.as_str()), (Some(2), ""));
    assert_eq!(missing.err, "error: there is no file or folder `no/such.yaml`\n");
    let date = run(folder.path(), &["check", "--as-of", "soon"]);
    assert_eq!(date.code, Some(2));
    assert!(date.err.starts_with("error: `soon` is no date\n  = help: "), "{date:?}");
    assert_eq!(run(folder.path(), &["check", "--format", "xml"]).code, Some(2));
    assert_eq!(run(folder.path(), &["chekc"]).code, Some(2));
}

#[test]
fn nothing_to_check_is_a_failure() {
    let folder = folder(&[("note.txt", "")]);
    let ran = run(folder.path(), &["check"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert!(ran.err.starts_with("error: there is nothing of Headwater in `.`\n"), "{ran:?}");
}

#[test]
fn warnings_count_only_where_they_are_denied() {
    let unowned = PRODUCT.replace("  owner: { team: checkout }\n", "");
    let folder = folder(&[("orders.yaml", &unowned), ("order.yaml", CONTRACT)]);
    let ran = run(folder.path(), &["check"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("warning[L"), "{ran:?}");
    assert_eq!(run(folder.path(), &["check", "--deny-warnings"]).code, Some(1));
}

#[test]
fn colour_is_for_terminals_unless_asked_for() {
    let broken = PRODUCT.replace("from: paid", "from: payed");
    let folder = folder(&[("orders.yaml", &broken), ("order.yaml", CONTRACT)]);
    let has_colour = |arguments: &[&str], environment: &[(&str, &str)]| {
        let mut command = headwater(folder.path(), arguments);
        command.envs(environment.iter().copied());
        ended(command).out.contains('\x1b')
    };
    assert!(!has_colour(&["check"], &[]));
    assert!(has_colour(&["check", "--color", "always"], &[]));
    assert!(has_colour(&["check"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!has_colour(&["check"], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
}

#[cfg(unix)]
#[test]
fn a_reader_who_stops_is_no_error() {
    let folder = folder(&[("order.yaml", CONTRACT)]);
    // The pipe is closed long before so many files are compiled.
    for number in 0..50 {
        write(
            folder.path(),
            &format!("p{number}.yaml"),
            &PRODUCT
                .replace("name: orders,", &format!("name: o{number},"))
                .replace("from: paid", "from: payed"),
        );
    }
    let mut command = headwater(folder.path(), &["check"]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the binary ends");
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(1), ""));
}

#[test]
fn dates_are_compared_with_the_day_of_the_commit_in_ci() {
    let folder = folder(&[("order.yaml", CONTRACT)]);
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.current_dir(folder.path()).env("GIT_COMMITTER_DATE", "2025-03-04T05:06:07Z");
        command.args(["-c", "user.name=x", "-c", "user.email=x@example.com"]).args(arguments);
        assert!(command.status().expect("git starts").success(), "git {arguments:?}");
    };
    git(&["init", "--quiet"]);
    git(&["commit", "--quiet", "--allow-empty", "--message", "x"]);
    let mut command = headwater(folder.path(), &["check"]);
    command.env("CI", "true");
    let ran = ended(command);
    assert!(ran.out.contains(" as of 2025-03-04 in "), "{ran:?}");
}
