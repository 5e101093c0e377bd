//! What is allowed and rarely meant.
//!
//! Takes the catalog and the checked operators; gives warnings, less those that a product allows with a reason:
//! `metadata.annotations["headwater.dev/allow.<CODE>"]: "why"`.

mod flow;
mod product;

use crate::catalog::{Catalog, Product};
use crate::check::Checked;
use crate::diagnostic::{Diagnostic, Place, Severity};

/// Lints over what is declared.
pub(crate) fn declared(catalog: &Catalog) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    product::lint(catalog, &mut found);
    found
}

/// Lints over what flows, if nothing is wrong: what could not be built reads nothing, so that more would seem unused.
pub(crate) fn flowing(catalog: &Catalog, checked: &Checked) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    flow::lint(catalog, checked, &mut found);
    found
}

/// Drops the warnings that the product they are in allows.
pub(crate) fn drop_allowed(catalog: &Catalog, diagnostics: &mut Vec<Diagnostic>) {
    let allowing: Vec<&Product> =
        catalog.products.iter().filter(|product| !product.allowed.is_empty()).collect();
    if allowing.is_empty() {
        return;
    }
    diagnostics.retain(|diagnostic| {
        let Place::Anchor(anchor) = &diagnostic.place else { return true };
        diagnostic.severity == Severity::Error
            || !allowing
                .iter()
                .any(|product| product.document == anchor.document && allows(product, diagnostic))
    });
}

/// Whether the product gives a reason for this code, by its id or its name.
fn allows(product: &Product, diagnostic: &Diagnostic) -> bool {
    let reason =
        [diagnostic.code.id, diagnostic.code.name].into_iter().find_map(|key| product.allowed.get(key));
    reason.is_some_and(|reason| !reason.trim().is_empty())
}
