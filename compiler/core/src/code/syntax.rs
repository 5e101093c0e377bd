//! Codes of reading text: encoding, YAML, the rules of the notation, the shape of objects.

codes! {
    /// The text is not YAML or JSON.
    S001 INVALID_SYNTAX "invalid-syntax";
    /// Bytes that are not UTF-8, or characters that stand in no text.
    S002 UNREADABLE_CHARACTER "unreadable-character";
    /// A tab where YAML counts spaces.
    S003 TAB_IN_INDENTATION "tab-in-indentation";
    /// A bracket or quote that is never closed.
    S004 UNCLOSED "unclosed";
    /// Deeper, longer or more than the compiler reads.
    S005 OVER_LIMIT "over-limit";
    /// A mapping has one key twice.
    S006 DUPLICATE_KEY "duplicate-key";
    /// A plain scalar that readers of YAML take for different values.
    S007 AMBIGUOUS_SCALAR "ambiguous-scalar";
    /// A key that is a number, a truth value, nothing, a list or a mapping.
    S008 KEY_NOT_TEXT "key-not-text";
    /// A YAML tag.
    S009 TAG_NOT_ALLOWED "tag-not-allowed";
    /// An alias of no anchor.
    S010 UNKNOWN_ANCHOR "unknown-anchor";
    /// The merge key of YAML 1.1.
    S011 MERGE_KEY "merge-key";
    /// A YAML directive.
    S012 DIRECTIVE_NOT_ALLOWED "directive-not-allowed";
    /// A named file in which nothing is for Headwater.
    S013 NO_HEADWATER_DOCUMENT "no-headwater-document";
    /// A kind that the group does not have.
    S014 UNKNOWN_KIND "unknown-kind";
    /// A version that the group does not have.
    S015 UNKNOWN_VERSION "unknown-version";
    /// An object of a Headwater kind without `apiVersion`.
    S016 MISSING_API_VERSION "missing-api-version";
    /// A member that its mapping does not have.
    S017 UNKNOWN_MEMBER "unknown-member";
    /// A member that must be there.
    S018 MISSING_MEMBER "missing-member";
    /// A value of another type.
    S019 WRONG_TYPE "wrong-type";
    /// Text that is not written as it must be.
    S020 INVALID_FORMAT "invalid-format";
    /// A word that is none of those allowed.
    S021 UNKNOWN_VALUE "unknown-value";
    /// None, or more than one, of members of which exactly one is wanted.
    S022 NOT_EXACTLY_ONE "not-exactly-one";
    /// A number too small or too large, a text or list too short or too long.
    S023 OUT_OF_RANGE "out-of-range";
    /// Two items of a list with one name.
    S024 DUPLICATE_NAME "duplicate-name";
}
