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
    /// A subject or the tables of a database that no lock holds.
    R008 NOT_LOCKED "not-locked";
    /// An entry of a lock that is not what its hash says.
    R009 LOCK_DIFFERS "lock-differs";
    /// Two entries of locks for one thing.
    R010 LOCKED_TWICE "locked-twice";
    /// A reference to a contract that names none, or says what does not belong to it.
    R011 CONTRACT_REFERENCE "contract-reference";
    /// A schema of a registry that no contract can say.
    R012 SCHEMA_NOT_READ "schema-not-read";
    /// A part of a registry's schema that is not checked.
    R013 SCHEMA_NOT_CHECKED "schema-not-checked";
    /// A table or a pattern of tables that is not there.
    R014 NO_TABLE "no-table";
    /// Contracts of one sink that are no major lines of one contract.
    R015 MAJOR_LINES "major-lines";
    /// Two sinks that write one place.
    R016 SHARED_PLACE "place-written-twice";
}
