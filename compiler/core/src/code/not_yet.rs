//! Codes of what the language names and is not built yet.

codes! {
    /// A member whose name is reserved.
    N001 RESERVED "reserved";
    /// A contract that a registry holds in Protobuf.
    N003 REGISTRY_SUBJECT "registry-subject";
}
