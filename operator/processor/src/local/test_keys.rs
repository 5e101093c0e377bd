//! The keys of masks in tests of products: made from their names, so that tests run anywhere and expected values are stable.
//!
//! Takes the keys that a platform names, gives keys that protect nothing. It reads a secret only where one is pointed out.

use std::path::Path;

use headwater_compiler::catalog::Catalog;
use headwater_compiler::graph::{Graph, ProductId};
use headwater_crds::platform::KeyUse;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::keys;
use super::settings::LocalError;
use crate::mask::apply::Vault;
use crate::mask::key::{Key, Keys, Versions};
use crate::mask::subject::Subjects;

/// The keys of a product in its tests: those under `secrets`, else made-up ones.
///
/// # Errors
/// If a secret can't be found or read, or the secrets of single persons can't be held in memory.
pub fn test_vault(
    catalog: &Catalog,
    graph: &Graph,
    product: ProductId,
    secrets: Option<&Path>,
) -> Result<Vault, LocalError> {
    let subjects = Some(Subjects::in_memory()?);
    let keys = match secrets {
        Some(folder) => keys::of_masks(catalog, graph, product, folder)?,
        None => made_up(catalog, product)?,
    };
    Ok(Vault { keys, subjects })
}

/// The keys of a product's platform: SHA-256 of `headwater test key <name> <version>`.
fn made_up(catalog: &Catalog, product: ProductId) -> Result<Keys, LocalError> {
    let platform = catalog.product(product).platform.map(|index| &catalog.platforms[index]);
    let mut keys = Keys::default();
    for declared in platform.iter().flat_map(|platform| &platform.spec.keys) {
        let name = declared.name.to_string();
        let Some(active) = declared.versions.iter().find(|version| version.usage == KeyUse::Active) else {
            continue;
        };
        let mut versions = Versions { active: active.version, all: Default::default() };
        for version in &declared.versions {
            let bytes = Sha256::digest(format!("headwater test key {name} {}", version.version));
            let key = Key::new(&name, version.version, Zeroizing::new(bytes.to_vec()))?;
            versions.all.insert(version.version, key);
        }
        keys.by_name.insert(name, versions);
    }
    Ok(keys)
}
