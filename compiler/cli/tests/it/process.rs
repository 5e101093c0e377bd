//! Running the binary in a folder of its own: takes arguments, gives what it printed and its exit code.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// What a process did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The binary with an environment that says nothing about colour or CI.
pub(crate) fn headwater(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_headwater"));
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM", "CI"] {
        command.env_remove(name);
    }
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    command
}

/// Runs it to its end.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Ran {
    ended(headwater(folder, arguments))
}

/// Runs a prepared command to its end.
pub(crate) fn ended(mut command: Command) -> Ran {
    let output = command.output().expect("the binary starts");
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
        err: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
    }
}

/// Runs it with a text on standard input.
pub(crate) fn run_with_input(folder: &Path, arguments: &[&str], input: impl AsRef<[u8]>) -> Ran {
    let mut command = headwater(folder, arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    let mut stdin = child.stdin.take().expect("standard input is a pipe");
    stdin.write_all(input.as_ref()).expect("the binary reads its standard input");
    drop(stdin);
    let output = child.wait_with_output().expect("the binary ends");
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
        err: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
    }
}

/// A folder with these files.
pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for (name, text) in files {
        write(folder.path(), name, text);
    }
    folder
}

/// Writes a file with the folders around it.
pub(crate) fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("the file is in a folder")).expect("folders can be made");
    std::fs::write(path, text).expect("the file can be written");
}

/// A contract without problems.
pub(crate) const CONTRACT: &str = "\
apiVersion: headwater.dev/v1alpha1
kind: DataContract
metadata: { name: order, namespace: retail }
spec:
  id: order
  version: 1.0.0
  key: [order_id]
  eventTime: { field: ordered_at }
  fields:
    - { name: order_id, type: string, required: true }
    - { name: status, type: string, required: true }
    - { name: amount, type: \"decimal(12,2)\", required: true }
    - { name: email, type: string, classification: pii.email }
    - { name: ordered_at, type: timestamp, required: true }
";

/// A product without errors.
pub(crate) const PRODUCT: &str = "\
apiVersion: headwater.dev/v1alpha1
kind: DataProduct
metadata: { name: orders, namespace: retail }
spec:
  owner: { team: checkout }
  sources:
    - name: raw
      files: { paths: [orders.ndjson], format: { ndjson: {} } }
      contract: { name: order }
  transforms:
    - name: paid
      from: [raw]
      steps:
        - filter: { where: \"status = 'paid'\" }
        - mask: [ { field: email, redact: {} } ]
        - drop: [status]
        - set: [ { field: cents, is: \"amount * 100\" } ]
  sinks:
    - name: paid-orders
      from: paid
      files: { path: paid.ndjson, format: { ndjson: {} } }
  deadLetters: { original: { omit: {} } }
";
