//! The examples are laid out as `headwater fmt` does; `BLESS=1` writes them so.

use headwater_compiler::layout::layout;
use headwater_tests::expected::check_file;
use headwater_tests::repository::{assert_none, files_ending, read, root};

/// Where people learn what a file looks like.
const PLACES: [&str; 2] = ["examples/", "crds/tests/language/"];

#[test]
fn examples_are_laid_out() {
    let mut findings = Vec::new();
    let names = files_ending(".yaml");
    for name in names.iter().filter(|name| PLACES.iter().any(|place| name.starts_with(place))) {
        match layout(&read(name)) {
            Ok(laid) => findings.extend(check_file(&root().join(name), &laid).err()),
            Err(refused) => findings.push(format!("{name}: {refused:?}")),
        }
    }
    assert_none("files that are laid out otherwise", &findings);
}
