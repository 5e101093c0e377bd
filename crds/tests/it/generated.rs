//! The committed definitions are those that the types give; `BLESS=1` writes them.

use std::path::Path;

use headwater_crds::crd;
use headwater_crds::object::Kind;

/// A definition has to fit the annotation in which `kubectl apply` keeps the last form.
const BYTES_MAX: usize = 256 * 1024;

#[test]
fn definitions_are_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    for kind in Kind::ALL {
        let (Some(name), Some(text)) = (crd::file_name(kind), crd::yaml(kind)) else {
            assert!(kind.is_local(), "only what the command line alone reads has no definition");
            continue;
        };
        let path = folder.join(&name);
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &text).expect("the folder of the crate can be written");
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == text, "{name} is out of date: run `BLESS=1 cargo test -p headwater-crds`");
        assert!(text.len() < BYTES_MAX, "{name} has {} bytes", text.len());
    }
}
