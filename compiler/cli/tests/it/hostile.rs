//! Files and folders that mean no good: an answer, soon, and no panic.

use crate::process::{CONTRACT, PRODUCT, folder, run, run_with_input};

#[test]
#[cfg(unix)]
fn links_that_lead_in_circles_are_not_followed() {
    let folder = folder(&[("orders.yaml", PRODUCT), ("contracts/order.yaml", CONTRACT)]);
    let link = |to: &str, from: &str| {
        std::os::unix::fs::symlink(to, folder.path().join(from)).expect("the folder can be written");
    };
    link("..", "contracts/up");
    link("self.yaml", "self.yaml");
    link("nowhere.yaml", "dangling.yaml");
    // The same file by another name is read once.
    link("orders.yaml", "again.yaml");
    let ran = run(folder.path(), &["check", "--as-of", "2026-01-31"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("checked 1 product, 1 contract in 2 files"), "{ran:?}");
    let ran = run(folder.path(), &["check", "self.yaml"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.starts_with("error: `self.yaml` can't be read"), "{ran:?}");
}

#[test]
#[cfg(unix)]
fn a_file_without_end_is_too_large() {
    let folder = folder(&[]);
    let ran = run(folder.path(), &["check", "/dev/zero"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{ran:?}");
    assert!(ran.err.contains("`/dev/zero` is too large to be read"), "{ran:?}");
}

#[test]
fn bytes_that_are_no_text_have_their_place() {
    let folder = folder(&[]);
    for (bytes, expected) in [
        (&b"apiVersion: headwater.dev/v1alpha1\nkind: \xff\n"[..], "<stdin>:2:7: error[S002]"),
        (&b"\xff\xfea\0p\0i\0"[..], "<stdin>:1:1: error[S002]"),
        (
            &b"apiVersion: headwater.dev/v1alpha1\nkind: Platform\nmetadata: { name: \"a\0b\" }\nspec: {}\n"
                [..],
            "<stdin>:3:",
        ),
    ] {
        let ran = run_with_input(folder.path(), &["check", "--format", "short", "-"], bytes);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.out.starts_with(expected), "{ran:?}");
    }
}

#[test]
fn very_many_documents_are_answered() {
    let one = "apiVersion: headwater.dev/v1alpha1\nkind: DataProdukt\nmetadata: { name: a }\n---\n";
    let folder = folder(&[("many.yaml", &one.repeat(5_000))]);
    let ran = run(folder.path(), &["check", "--format", "short"]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert_eq!(ran.out.lines().count(), 5_000);
}
