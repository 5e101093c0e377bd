//! Codes of what happens to single records at run time: each is the reason of a dead letter.
//!
//! The compiler gives some of them to rules of the graph; readers and engines give the others themselves.

codes! {
    /// A record that can't be split into fields: bad quoting, too few or too many fields, invalid JSON or XML.
    D001 MALFORMED_RECORD "malformed-record";
    /// A required field that is absent or null.
    D002 MISSING_REQUIRED "missing-required";
    /// A value that is not one of the field's type.
    D003 TYPE_MISMATCH "type-mismatch";
    /// A value of the right form that the type can't hold without loss.
    D004 VALUE_OUT_OF_RANGE "value-out-of-range";
    /// Bytes that are not text in the source's encoding.
    D005 BAD_ENCODING "bad-encoding";
    /// A record longer than the source's limit.
    D006 RECORD_TOO_LONG "record-too-long";
    /// A value that is none of those that the contract lists.
    D010 VALUE_NOT_LISTED "value-not-listed";
    /// A field whose `check` is false.
    D011 CHECK_FAILED "check-failed";
    /// A rule of the contract that is false.
    D012 RULE_BROKEN "rule-broken";
    /// A record that takes no route of a transform that rejects the rest.
    D014 NO_ROUTE_TAKEN "no-route-taken";
    /// A value that can't become the type of the step `cast`.
    D020 CAST_FAILED "cast-failed";
    /// A text that the step `parse` can't read.
    D021 PARSE_FAILED "parse-failed";
    /// A condition of the step `validate` that is false.
    D022 VALIDATION_FAILED "validation-failed";
    /// A record that comes when everything that it could enter is closed.
    D030 LATE_RECORD "late-record";
}
