//! The run-time codes (series D) that reading and decoding give to a rejected record.
//!
//! Takes nothing, gives constants; each says what it means and what the reader of a dead letter can rely on.
//! A code is never reused for another meaning, and no message beside it holds a value of the record.

/// `D001 malformed-record`: the record can't be split into fields: bad quoting, too few or too many fields, invalid JSON or XML.
/// The original bytes are those of the record as far as its end could be found (for bad quoting: its first line).
pub const MALFORMED_RECORD: &str = "D001";

/// `D002 missing-required`: a required field is absent or null.
pub const MISSING_REQUIRED: &str = "D002";

/// `D003 type-mismatch`: a value is not one of the field's type.
pub const TYPE_MISMATCH: &str = "D003";

/// `D004 value-out-of-range`: a value is of the right form but the type can't hold it without loss.
pub const VALUE_OUT_OF_RANGE: &str = "D004";

/// `D005 bad-encoding`: the record holds bytes that are not text in the source's encoding.
pub const BAD_ENCODING: &str = "D005";

/// `D006 record-too-long`: the record is longer than the source's limit; the original is cut at that limit.
pub const RECORD_TOO_LONG: &str = "D006";
