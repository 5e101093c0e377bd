//! Codes of sinks.

codes! {
    /// A setting of a sink names a column that it does not have.
    K020 UNKNOWN_SINK_COLUMN "unknown-sink-column";
    /// An upsert table partitioned by a column outside of its key.
    K021 PARTITION_NOT_IN_KEY "partition-not-in-key";
}
