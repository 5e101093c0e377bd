//! Takes an instant or a local time and a zone; gives the other.
//!
//! A local time that the zone skips moves on by what was skipped; of two equal ones the earlier counts.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

/// Local microseconds in a zone at an instant. Beyond the years that zones are kept for, the nearest offset holds.
pub(super) fn local(instant: i64, zone: &TimeZone) -> i64 {
    instant.saturating_add(offset(nearest(instant), zone))
}

/// The instant at which a zone has these local microseconds.
pub(super) fn instant(local: i64, zone: &TimeZone) -> i64 {
    let within = Timestamp::from_microsecond(local).ok();
    // At the very ends of the kept years a local time may lie outside of them in the other direction.
    let found = within.and_then(|as_if_utc| {
        zone.to_ambiguous_timestamp(Offset::UTC.to_datetime(as_if_utc)).compatible().ok()
    });
    match found {
        Some(found) => found.as_microsecond(),
        None => local.saturating_sub(offset(nearest(local), zone)),
    }
}

fn nearest(micros: i64) -> Timestamp {
    let end = if micros < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_microsecond(micros).unwrap_or(end)
}

fn offset(at: Timestamp, zone: &TimeZone) -> i64 {
    i64::from(zone.to_offset(at).seconds()) * super::calendar::SECOND
}
