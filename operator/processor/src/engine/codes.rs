//! The run-time codes (series D) that the engine itself gives to a rejected record; rules bring their own.
//!
//! A code is never reused for another meaning.

/// `D020 late-record`: the record came when everything that it could enter was closed.
pub(crate) const LATE: &str = "D020";

/// `D021 no-event-time`: the record has no event time where an operator needs one.
pub(crate) const UNTIMED: &str = "D021";
