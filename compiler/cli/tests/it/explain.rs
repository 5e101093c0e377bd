//! `headwater explain`, and what all commands share: help and version.

use crate::process::{folder, run};

#[test]
fn a_code_is_explained_by_its_page() {
    let folder = folder(&[]);
    for text in ["R003", "r003", "unknown-reference"] {
        let ran = run(folder.path(), &["explain", text]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.out.starts_with("# R003 ") && ran.out.contains("\n## What it means\n"), "{ran:?}");
    }
    let json = run(folder.path(), &["explain", "R003", "--output", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).expect("the output is JSON");
    assert_eq!(json["code"], "R003");
}

#[test]
fn all_codes_are_listed() {
    let ran = run(folder(&[]).path(), &["explain"]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.out.lines().count() > 70, "{ran:?}");
    assert!(ran.out.lines().any(|line| line.starts_with("R003  ")), "{ran:?}");
}

#[test]
fn an_unknown_code_is_a_wrong_command_line() {
    let ran = run(folder(&[]).path(), &["explain", "unknown-referense"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    assert!(
        ran.err.contains("error: there is no code `unknown-referense`\n  = help: did you mean `"),
        "{ran:?}"
    );
}

#[test]
fn help_and_version_are_results() {
    let folder = folder(&[]);
    for arguments in [&["--help"][..], &["--version"], &["help", "check"], &["check", "-h"]] {
        let ran = run(folder.path(), arguments);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{ran:?}");
        assert!(!ran.out.is_empty());
    }
}
