//! Codes of sinks.

codes! {
    /// A setting of a sink names a column that it does not have.
    K020 UNKNOWN_SINK_COLUMN "unknown-sink-column";
    /// An upsert table partitioned by a column outside of its key.
    K021 PARTITION_NOT_IN_KEY "partition-not-in-key";
    /// A partition that no table can have: a transform that does not exist, lacks its number or does not take the column's type.
    K022 PARTITION_TRANSFORM "partition-transform";
}
