//! Codes of names that refer to other things.

codes! {
    /// A name refers to nothing.
    R003 UNKNOWN_REFERENCE "unknown-reference";
}
