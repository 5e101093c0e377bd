//! Codes of lints: what is allowed and rarely meant.

codes! {
    /// A column that reaches a sink whose contract does not have it.
    L001 COLUMN_NOT_WRITTEN "column-not-written";
    /// A product without owner.
    L002 MISSING_OWNER "missing-owner";
    /// One origin that two products read.
    L003 CLEANED_TWICE "cleaned-twice";
    /// A source straight to a sink without contract.
    L004 POINT_TO_POINT "point-to-point";
    /// A lakehouse table that feeds an operational sink.
    L005 REVERSE_ETL "reverse-etl";
    /// A topic that nobody reads.
    L006 SINK_NOT_READ "sink-not-read";
    /// A filter that does not say what null means.
    L007 FILTER_OVER_NULL "filter-over-null";
    /// A field of a source that reaches nothing.
    L008 UNUSED_FIELD "unused-field";
    /// Personal data that is copied to a lake as it is.
    L009 RAW_IN_LAKE "raw-personal-data";
    /// An expression that can fail and then is a null in a sink.
    L010 HIDDEN_FAILURE "hidden-failure";
}
