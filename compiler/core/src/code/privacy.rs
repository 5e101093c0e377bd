//! Codes of personal data: where classified fields go.

codes! {
    /// A classification that no platform knows.
    P001 UNKNOWN_CLASSIFICATION "unknown-classification";
    /// A classified field in the topic that a connector fills.
    P002 REACHES_LANDING "personal-data-reaches-landing";
    /// A classified field in a topic between two engines.
    P003 REACHES_HOP "personal-data-reaches-hop";
    /// A classified field in what an engine remembers.
    P004 REACHES_STATE "personal-data-reaches-state";
    /// A classified field in rejected records.
    P005 REACHES_DEAD_LETTERS "personal-data-reaches-dead-letters";
    /// A field of which its contract says less than what it holds.
    P006 UNDERSTATED "classification-understated";
    /// A classified field in a sink.
    P007 REACHES_SINK "personal-data-reaches-sink";
}
