//! Whether a platform clears a place for a label.

use headwater_crds::policy::Clearance;

use super::place::Place;
use crate::catalog::Platform;

/// Whether some clearance of the platform allows the label at the place.
pub(super) fn clears(
    platform: Option<&Platform>,
    place: &Place,
    namespace: &str,
    label: &str,
    today: Option<&str>,
) -> bool {
    let policies = platform.and_then(|platform| platform.spec.policies.as_ref());
    policies.is_some_and(|policies| {
        policies.clearances.iter().any(|clearance| allows(clearance, place, namespace, label, today))
    })
}

fn allows(clearance: &Clearance, place: &Place, namespace: &str, label: &str, today: Option<&str>) -> bool {
    let bare = label.trim_start_matches(super::spread::PSEUDONYMOUS);
    // Who may see a value may see its pseudonym.
    let labelled = clearance.classifications.iter().any(|known| covers(known, label) || covers(known, bare));
    let placed = clearance.places.is_empty() || clearance.places.contains(&place.kind);
    let typed =
        clearance.sink_types.is_empty() || clearance.sink_types.iter().any(|known| known == place.sink_type);
    let near =
        clearance.namespaces.is_empty() || clearance.namespaces.iter().any(|known| known.0 == namespace);
    let purposeful = clearance.purposes.is_empty()
        || place
            .purpose
            .as_ref()
            .is_some_and(|purpose| clearance.purposes.iter().any(|known| known.0 == *purpose));
    let current = match (&clearance.until, today) {
        (Some(until), Some(today)) => today <= until.as_str(),
        _ => true,
    };
    labelled && placed && typed && near && purposeful && current
}

/// Whether a node of the tree of classifications is the label or above it.
pub(super) fn covers(node: &str, label: &str) -> bool {
    label.strip_prefix(node).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
