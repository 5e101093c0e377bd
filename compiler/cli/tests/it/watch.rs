//! `headwater check --watch`.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::mpsc::channel;
use std::time::Duration;

use crate::process::{CONTRACT, PRODUCT, folder, headwater, run, write};

#[test]
fn files_are_checked_again_after_a_change() {
    let folder = folder(&[("orders.yaml", PRODUCT), ("order.yaml", CONTRACT)]);
    let mut command = headwater(folder.path(), &["check", "--watch"]);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("the binary starts");
    let (sender, lines) = channel();
    let out = BufReader::new(child.stdout.take().expect("standard output is a pipe"));
    std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    let summary = || -> String {
        loop {
            let line = lines.recv_timeout(Duration::from_secs(60)).expect("a line comes within a minute");
            if line.starts_with("checked ") {
                return line;
            }
            assert!(!line.contains('\x1b'), "only terminals are cleared: {line:?}");
        }
    };
    let first = summary();
    write(folder.path(), "note.txt", "nothing to us");
    write(folder.path(), "orders.yaml", &PRODUCT.replace("from: paid", "from: payed"));
    let second = summary();
    write(folder.path(), "orders.yaml", PRODUCT);
    let third = summary();
    child.kill().expect("the binary still runs");
    child.wait().expect("the binary ends");
    assert!(first.ends_with(": no problems"), "{first}");
    assert!(second.contains(": 1 error"), "{second}");
    assert!(third.ends_with(": no problems"), "{third}");
}

#[test]
fn standard_input_is_not_watched() {
    let ran = run(folder(&[]).path(), &["check", "--watch", "-"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(2), "error: standard input can't be watched\n"));
}
