//! Codes of names that refer to other things.

codes! {
    /// Two objects of one kind, namespace and name.
    R001 DECLARED_TWICE "declared-twice";
    /// Two nodes of one product with one name.
    R002 NAME_TWICE "name-twice";
    /// A name refers to nothing.
    R003 UNKNOWN_REFERENCE "unknown-reference";
    /// A node has no such port.
    R004 UNKNOWN_PORT "unknown-port";
    /// A node has several outputs, and none is named.
    R005 PORT_NEEDED "port-needed";
    /// Nodes that read each other.
    R006 CIRCLE "circle";
    /// Several platforms serve a namespace, and the product names none.
    R007 SEVERAL_PLATFORMS "several-platforms";
}
