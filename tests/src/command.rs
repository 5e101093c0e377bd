//! Programs that tests run: the command line, and readers of tables that are not ours.

use std::path::PathBuf;
use std::process::{Command, Output};

use crate::repository::root;

/// The command line as it was built beside this test.
///
/// # Panics
/// If it was not: `cargo test --workspace` builds it, `cargo test --package headwater-tests` does not.
pub fn headwater() -> Command {
    let test = std::env::current_exe().expect("a test knows where it stands");
    let folder =
        test.parent().and_then(|deps| deps.parent()).expect("a test stands in `deps` of a profile's folder");
    let program = folder.join("headwater").with_extension(std::env::consts::EXE_EXTENSION);
    assert!(program.is_file(), "{} is not built: cargo build --package headwater", program.display());
    let mut command = Command::new(program);
    command.current_dir(root()).env("NO_COLOR", "1");
    command
}

/// The python of the independent readers, which are installed at the first call.
///
/// # Panics
/// If they can't be installed.
pub fn python() -> PathBuf {
    let output = text(&mut Command::new(root().join("tests/readback/setup.sh")));
    PathBuf::from(output.trim_end())
}

/// Runs a program and gives what it prints.
///
/// # Panics
/// If it fails, with what it said.
pub fn text(command: &mut Command) -> String {
    let output = run(command);
    let (out, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{out}{said}", output.status);
    out.into_owned()
}

/// Runs a program to its end.
///
/// # Panics
/// If it can't be started.
pub fn run(command: &mut Command) -> Output {
    match command.output() {
        Ok(output) => output,
        Err(error) => panic!("{command:?}: {error}"),
    }
}
