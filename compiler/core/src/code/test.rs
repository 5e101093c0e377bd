//! Codes of tests of products.

codes! {
    /// A row of a test with a member that its source or sink does not have.
    X001 UNKNOWN_MEMBER "unknown-row-member";
    /// An expected row with a value that its column never has.
    X002 IMPOSSIBLE_VALUE "impossible-value";
    /// A step that arrives before the one before it.
    X003 TIME_DESCENDS "time-descends";
    /// Rows of a sink that are written nowhere, or twice.
    X004 ROWS_OR_FILE "rows-or-file";
    /// A test whose product several namespaces have.
    X005 SEVERAL_PRODUCTS "several-products";
    /// Two cases of one test with one name.
    X006 CASE_TWICE "case-twice";
}
