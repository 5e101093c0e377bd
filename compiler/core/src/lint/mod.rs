//! What is allowed and rarely meant.
//!
//! Takes the catalog and the checked operators; gives warnings, less those that a product allows with a reason:
//! `metadata.annotations["headwater.dev/allow.<CODE>"]: "why"`.

mod flow;
mod product;

use indexmap::IndexMap;

use crate::catalog::Catalog;
use crate::check::Checked;
use crate::diagnostic::{Diagnostic, DocumentId, Place, Severity};

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

/// Drops the warnings that the product or the contract they are in allows.
pub(crate) fn drop_allowed(catalog: &Catalog, diagnostics: &mut Vec<Diagnostic>) {
    let products = catalog.products.iter().map(|product| (product.document, &product.allowed));
    let contracts = catalog.contracts.iter().map(|contract| (contract.anchor.document, &contract.allowed));
    let allowing: Vec<(DocumentId, &Reasons)> =
        products.chain(contracts).filter(|(_, reasons)| !reasons.is_empty()).collect();
    if allowing.is_empty() {
        return;
    }
    diagnostics.retain(|diagnostic| {
        let Place::Anchor(anchor) = &diagnostic.place else { return true };
        let is_here = |(document, _): &&(DocumentId, &Reasons)| *document == anchor.document;
        diagnostic.severity == Severity::Error
            || !allowing.iter().filter(is_here).any(|(_, reasons)| allows(reasons, diagnostic))
    });
}

/// Reasons for accepted findings, by code or its name.
type Reasons = IndexMap<String, String>;

/// Whether there is a reason for this code, by its id or its name.
fn allows(reasons: &Reasons, diagnostic: &Diagnostic) -> bool {
    let reason = [diagnostic.code.id, diagnostic.code.name].into_iter().find_map(|key| reasons.get(key));
    reason.is_some_and(|reason| !reason.trim().is_empty())
}
