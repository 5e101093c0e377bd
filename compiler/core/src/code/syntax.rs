//! Codes of reading text: encoding, YAML, the rules of the notation, the shape of objects.

codes! {
    /// The text is not YAML or JSON.
    S001 INVALID_SYNTAX "invalid-syntax";
}
