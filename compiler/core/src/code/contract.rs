//! Codes of contracts: what they state, and whether streams keep them.

codes! {
    /// A field type that does not exist.
    C001 UNKNOWN_TYPE "unknown-type";
    /// A path into a field that is not declared, or has nothing inside.
    C003 FIELD_WITHOUT_PARENT "field-without-parent";
    /// A list, map or struct without anything inside.
    C004 NOTHING_INSIDE "nothing-inside";
    /// Two fields whose names differ only by case.
    C005 DIFFERS_BY_CASE "differs-by-case";
    /// A key or event time that names no field.
    C006 UNKNOWN_FIELD "unknown-field";
    /// A key field that may be null.
    C007 NULLABLE_KEY "nullable-key";
    /// A field of event time that may be null or is no timestamp.
    C008 EVENT_TIME_TYPE "event-time-type";
    /// An upsert contract without key.
    C009 UPSERT_WITHOUT_KEY "upsert-without-key";
    /// A contract that would delete rows of an append stream.
    C010 DELETE_ON_APPEND "delete-on-append";
    /// Listed values for a field that is no text.
    C011 ENUM_TYPE "enum-type";
    /// A source of which nothing is known.
    C012 CONTRACT_NEEDED "contract-needed";
    /// A column of another type than the contract promises.
    C013 TYPE_DIFFERS "field-type-differs";
    /// A column of a wider type than the contract promises.
    C014 TYPE_NARROWED "field-type-narrowed";
    /// A stream of the other kind than the contract states.
    C015 KIND_DIFFERS "kind-differs";
    /// A stream with another key than the contract promises.
    C016 KEY_DIFFERS "key-differs";
    /// A stream with another event time than the contract promises.
    C017 EVENT_TIME_DIFFERS "event-time-differs";
    /// A promised field that the stream does not have.
    C018 FIELD_MISSING "field-missing";
    /// A column that may be null where the contract requires a value.
    C019 NULLABLE_REQUIRED "nullable-required";
    /// A part of a contract in the Open Data Contract Standard that no contract here can say.
    C020 ODCS_NOT_READ "odcs-not-read";
    /// A promise in the Open Data Contract Standard that is not checked.
    C021 ODCS_NOT_CHECKED "odcs-not-checked";
}
