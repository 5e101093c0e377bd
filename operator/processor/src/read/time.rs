//! Text to date, time and timestamp.
//!
//! Takes the bytes of one value in ISO 8601 extended form (RFC 3339 for instants), gives days or microseconds.
//! Digits beyond microseconds are left out: the types hold microseconds. No time zone names, no leap seconds, no clock.

use super::value::Fault;

const MICROS: i64 = 1_000_000;
const DAY: i64 = 86_400 * MICROS;

/// `2026-01-31` as days since 1970-01-01.
pub(crate) fn date(text: &[u8]) -> Result<i32, Fault> {
    match text {
        [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] => {
            let year = two(*y1, *y2)? * 100 + two(*y3, *y4)?;
            days(year, two(*m1, *m2)?, two(*d1, *d2)?)
        }
        _ => Err(Fault::Form),
    }
}

/// `23:59:59.123456` as microseconds since midnight.
pub(crate) fn time(text: &[u8]) -> Result<i64, Fault> {
    match clock(text)? {
        (micros, []) => Ok(micros),
        _ => Err(Fault::Form),
    }
}

/// `2026-01-31T23:59:59.5+01:00`, with `Z` or an offset, as microseconds since 1970-01-01T00:00:00Z.
pub(crate) fn timestamp(text: &[u8]) -> Result<i64, Fault> {
    let (local, rest) = date_and_clock(text)?;
    let minutes = match rest {
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), offset @ ..] => {
            let minutes = match offset {
                [h1, h2, b':', m1, m2] | [h1, h2, m1, m2] => offset_minutes(two(*h1, *h2)?, two(*m1, *m2)?)?,
                [h1, h2] => offset_minutes(two(*h1, *h2)?, 0)?,
                _ => return Err(Fault::Form),
            };
            if *sign == b'-' { -minutes } else { minutes }
        }
        _ => return Err(Fault::Form),
    };
    Ok(local - minutes * 60 * MICROS)
}

/// `2026-01-31T23:59:59.5`, with no offset, as microseconds since 1970-01-01T00:00:00 of the same clock.
pub(crate) fn timestamp_local(text: &[u8]) -> Result<i64, Fault> {
    match date_and_clock(text)? {
        (micros, []) => Ok(micros),
        _ => Err(Fault::Form),
    }
}

fn date_and_clock(text: &[u8]) -> Result<(i64, &[u8]), Fault> {
    let (day, rest) = text.split_at_checked(10).ok_or(Fault::Form)?;
    match rest {
        [b'T' | b't' | b' ', rest @ ..] => {
            let days = date(day)?;
            let (micros, rest) = clock(rest)?;
            Ok((i64::from(days) * DAY + micros, rest))
        }
        _ => Err(Fault::Form),
    }
}

/// Reads `HH:MM:SS` and an optional fraction; gives what follows.
fn clock(text: &[u8]) -> Result<(i64, &[u8]), Fault> {
    let [h1, h2, b':', m1, m2, b':', s1, s2, rest @ ..] = text else {
        return Err(Fault::Form);
    };
    let (hour, minute, second) = (two(*h1, *h2)?, two(*m1, *m2)?, two(*s1, *s2)?);
    if hour > 23 || minute > 59 || second > 59 {
        return Err(Fault::Range("no such time of day"));
    }
    let micros = i64::from(hour * 3600 + minute * 60 + second) * MICROS;
    let [b'.', fraction @ ..] = rest else {
        return Ok((micros, rest));
    };
    let digits = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
    if digits == 0 {
        return Err(Fault::Form);
    }
    let padded = fraction[..digits].iter().chain(std::iter::repeat(&b'0'));
    let value = padded.take(6).fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
    Ok((micros + value, &fraction[digits..]))
}

fn offset_minutes(hours: u32, minutes: u32) -> Result<i64, Fault> {
    if hours > 23 || minutes > 59 {
        return Err(Fault::Range("no such offset"));
    }
    Ok(i64::from(hours * 60 + minutes))
}

fn two(tens: u8, ones: u8) -> Result<u32, Fault> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    if tens > 9 || ones > 9 {
        return Err(Fault::Form);
    }
    Ok(u32::from(tens) * 10 + u32::from(ones))
}

/// Days since 1970-01-01 of a date of the Gregorian calendar (Howard Hinnant's `days_from_civil`).
fn days(year: u32, month: u32, day: u32) -> Result<i32, Fault> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return Err(Fault::Range("no such date")),
    };
    if year == 0 || day == 0 || day > last {
        return Err(Fault::Range("no such date"));
    }
    let (year, month, day) = (year as i32, month as i32, day as i32);
    let year = if month <= 2 { year - 1 } else { year };
    let era = year / 400;
    let year_of_era = year - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Ok(era * 146_097 + day_of_era - 719_468)
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check<T: Debug>(parse: impl Fn(&[u8]) -> Result<T, Fault>, cases: &[(&str, &str)]) {
        for (text, expected) in cases {
            let found = match parse(text.as_bytes()) {
                Ok(value) => format!("{value:?}"),
                Err(Fault::Form) => "form".to_owned(),
                Err(Fault::Range(_)) => "range".to_owned(),
            };
            assert_eq!(&found, expected, "of `{text}`");
        }
    }

    #[test]
    fn dates() {
        check(
            date,
            &[
                ("1970-01-01", "0"),
                ("1969-12-31", "-1"),
                ("2000-02-29", "11016"),
                ("1900-02-29", "range"),
                ("2023-02-29", "range"),
                ("2023-13-01", "range"),
                ("2023-00-01", "range"),
                ("0000-01-01", "range"),
                ("0001-01-01", "-719162"),
                ("9999-12-31", "2932896"),
                ("2023-1-01", "form"),
                ("20230101", "form"),
                ("2023-01-01T00:00:00", "form"),
                ("2023/01/01", "form"),
                ("", "form"),
            ],
        );
    }

    #[test]
    fn times_of_day() {
        check(
            time,
            &[
                ("00:00:00", "0"),
                ("23:59:59.999999", "86399999999"),
                ("00:00:00.1", "100000"),
                ("00:00:00.123456789", "123456"),
                ("24:00:00", "range"),
                ("23:60:00", "range"),
                ("23:59:60", "range"),
                ("00:00", "form"),
                ("00:00:00.", "form"),
                ("00:00:00Z", "form"),
            ],
        );
    }

    #[test]
    fn instants_and_clocks() {
        check(
            timestamp,
            &[
                ("1970-01-01T00:00:00Z", "0"),
                ("1970-01-01 01:00:00+01:00", "0"),
                ("1970-01-01t00:00:00.5z", "500000"),
                ("1969-12-31T23:59:59.999999Z", "-1"),
                ("1970-01-01T00:00:00-0130", "5400000000"),
                ("1970-01-01T00:00:00+00", "0"),
                ("1970-01-01T00:00:00", "form"),
                ("1970-01-01T00:00:00 Z", "form"),
                ("1970-01-01T00:00:00+24:00", "range"),
                ("1970-01-01T00:00:00+1:00", "form"),
                ("1970-01-01", "form"),
                ("1970-01-01é0:00:00Z", "form"),
            ],
        );
        check(
            timestamp_local,
            &[
                ("1970-01-01T00:00:01", "1000000"),
                ("1970-01-01 00:00:00.000001", "1"),
                ("1970-01-01T00:00:00Z", "form"),
                ("1970-01-01T00:00:00+00:00", "form"),
            ],
        );
    }

    proptest! {
        /// What another library writes is read as the same instant.
        #[test]
        fn agrees_with_another_library(micros in -62_135_596_800_000_000_i64..253_402_300_800_000_000 - 86_400_000_000) {
            let instant = jiff::Timestamp::from_microsecond(micros).map_err(|e| TestCaseError::fail(e.to_string()))?;
            prop_assert_eq!(timestamp(instant.to_string().as_bytes()), Ok(micros));
        }
    }
}
