//! `docs/commands.md` is what `--help` says of every command; `BLESS=1` writes it.

use std::path::Path;

use crate::process::{folder, run};

/// How the list of commands begins in the help of the whole.
const COMMANDS: &str = "\nCommands:\n";

#[test]
fn the_reference_of_commands_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/commands.md");
    let page = page();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &page).expect("the folder of documents can be written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == page, "docs/commands.md is out of date: run `make bless`");
}

/// The help of the whole and of every command.
fn page() -> String {
    let whole = help(&[]);
    let (_, list) = whole.split_once(COMMANDS).expect("the help lists the commands");
    let names = list.lines().take_while(|line| !line.is_empty());
    let names = names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    let mut page = format!(
        "# Commands\n\nWhat `headwater --help` says of each command.\n\
         This page is generated: `make bless`.\n\n```text\n{whole}```\n"
    );
    for name in names {
        page += &format!("\n## {name}\n\n```text\n{}```\n", help(&[name]));
    }
    page
}

fn help(command: &[&str]) -> String {
    let here = folder(&[]);
    let ran = run(here.path(), &[command, &["--help"]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    // Lines that hold spaces only come from wrapped paragraphs.
    ran.out.lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}
