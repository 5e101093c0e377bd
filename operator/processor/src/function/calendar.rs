//! The proleptic Gregorian calendar over microseconds and days since 1970-01-01.
//!
//! Takes and gives plain numbers; total over all of 64 bits. No zone, no clock.

/// Microseconds of a second.
pub(super) const SECOND: i64 = 1_000_000;
/// Microseconds of a day.
pub(super) const DAY: i64 = 86_400 * SECOND;

/// A unit of the calendar or the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// So many months.
    Months(i64),
    /// An ISO week, from Monday.
    Week,
    /// So many microseconds.
    Micros(i64),
}

impl Unit {
    /// The unit of a word such as `month`, in any letter case.
    pub(super) fn of(word: &str) -> Option<Unit> {
        Some(match word.to_ascii_lowercase().as_str() {
            "year" => Unit::Months(12),
            "quarter" => Unit::Months(3),
            "month" => Unit::Months(1),
            "week" => Unit::Week,
            "day" => Unit::Micros(DAY),
            "hour" => Unit::Micros(3_600 * SECOND),
            "minute" => Unit::Micros(60 * SECOND),
            "second" => Unit::Micros(SECOND),
            _ => return None,
        })
    }
}

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Day {
    pub(super) year: i64,
    /// 1 to 12.
    pub(super) month: i64,
    /// 1 to 31.
    pub(super) day: i64,
}

/// The day so many days after 1970-01-01 (Howard Hinnant's `civil_from_days`).
pub(super) fn day_of(days: i64) -> Day {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    Day { year: year_of_era + era * 400 + i64::from(month <= 2), month, day }
}

/// Days from 1970-01-01 to a day (Howard Hinnant's `days_from_civil`).
pub(super) fn days_of(Day { year, month, day }: Day) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// How many days a month has.
pub(super) fn month_length(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// 1 for Monday to 7 for Sunday.
pub(super) fn iso_weekday(days: i64) -> i64 {
    (days + 3).rem_euclid(7) + 1
}

/// Year and week of ISO 8601.
pub(super) fn iso_week(days: i64) -> (i64, i64) {
    // The week belongs to the year of its Thursday.
    let thursday = days - iso_weekday(days) + 4;
    let year = day_of(thursday).year;
    let first = days_of(Day { year, month: 1, day: 1 });
    (year, (thursday - first) / 7 + 1)
}

/// The day so many months later, the last of its month where that is shorter.
pub(super) fn add_months(days: i64, months: i64) -> Option<i64> {
    let Day { year, month, day } = day_of(days);
    let total = year.checked_mul(12)?.checked_add(month - 1)?.checked_add(months)?;
    let (year, month) = (total.div_euclid(12), total.rem_euclid(12) + 1);
    // Far beyond what microseconds reach, and near enough that nothing overflows.
    if year.abs() > 10_000_000 {
        return None;
    }
    Some(days_of(Day { year, month, day: day.min(month_length(year, month)) }))
}

/// The moment so many units later.
pub(super) fn add(micros: i64, count: i64, unit: Unit) -> Option<i64> {
    match unit {
        Unit::Micros(length) => micros.checked_add(count.checked_mul(length)?),
        Unit::Week => micros.checked_add(count.checked_mul(7 * DAY)?),
        Unit::Months(length) => {
            let days = add_months(micros.div_euclid(DAY), count.checked_mul(length)?)?;
            days.checked_mul(DAY)?.checked_add(micros.rem_euclid(DAY))
        }
    }
}

/// The start of the unit in which a moment lies; the least moment where that start is before it.
pub(super) fn floor(micros: i64, unit: Unit) -> i64 {
    let days = micros.div_euclid(DAY);
    match unit {
        Unit::Micros(length) => micros.saturating_sub(micros.rem_euclid(length)),
        Unit::Week => (days - iso_weekday(days) + 1).saturating_mul(DAY),
        Unit::Months(length) => {
            let Day { year, month, .. } = day_of(days);
            let month = (month - 1) / length * length + 1;
            days_of(Day { year, month, day: 1 }).saturating_mul(DAY)
        }
    }
}

/// The first start of a unit that is not before a moment.
pub(super) fn ceil(micros: i64, unit: Unit) -> i64 {
    let start = floor(micros, unit);
    if start == micros { micros } else { add(start, 1, unit).unwrap_or(i64::MAX) }
}

/// How many whole units lie between two moments, negative if the second is earlier.
pub(super) fn between(from: i64, to: i64, unit: Unit) -> i64 {
    let whole = |length: i64| (i128::from(to) - i128::from(from)) / i128::from(length);
    let count = match unit {
        Unit::Micros(length) => whole(length),
        Unit::Week => whole(7 * DAY),
        Unit::Months(length) => {
            let place = |micros: i64| {
                let Day { year, month, day } = day_of(micros.div_euclid(DAY));
                (year * 12 + month, (day, micros.rem_euclid(DAY)))
            };
            let ((from_month, from_rest), (to_month, to_rest)) = (place(from), place(to));
            let mut months = to_month - from_month;
            if months > 0 && to_rest < from_rest {
                months -= 1;
            } else if months < 0 && to_rest > from_rest {
                months += 1;
            }
            i128::from(months / length)
        }
    };
    i64::try_from(count).expect("a count of seconds or longer between 64-bit microseconds fits in 64 bits")
}

/// A moment moved by an interval; the nearest end of time where it would leave it.
pub(super) fn shift(micros: i64, months: i64, ms: i64) -> i64 {
    let moved = add(micros, months, Unit::Months(1));
    let end = if months < 0 { i64::MIN } else { i64::MAX };
    moved.unwrap_or(end).saturating_add(ms.saturating_mul(1_000))
}

/// One part of a moment, such as `dow`; none for a word that is no part.
pub(super) fn part(micros: i64, word: &str) -> Option<i64> {
    let days = micros.div_euclid(DAY);
    let clock = micros.rem_euclid(DAY);
    Some(match word {
        "year" => day_of(days).year,
        "isoyear" => iso_week(days).0,
        "quarter" => (day_of(days).month - 1) / 3 + 1,
        "month" => day_of(days).month,
        "week" => iso_week(days).1,
        "day" | "dayofmonth" => day_of(days).day,
        "dow" | "dayofweek" => iso_weekday(days) % 7 + 1,
        "isodow" => iso_weekday(days),
        "doy" | "dayofyear" => days - days_of(Day { year: day_of(days).year, month: 1, day: 1 }) + 1,
        "epoch" => micros.div_euclid(SECOND),
        "hour" => clock / (3_600 * SECOND),
        "minute" => clock / (60 * SECOND) % 60,
        "second" => clock / SECOND % 60,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_ends_of_time_do_not_overflow() {
        for micros in [i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX] {
            for word in ["year", "quarter", "month", "week", "day", "hour", "minute", "second"] {
                let unit = Unit::of(word).expect("a unit of this test");
                assert!(floor(micros, unit) <= micros, "{micros} {word}");
                assert!(ceil(micros, unit) >= micros, "{micros} {word}");
                between(i64::MIN, i64::MAX, unit);
                add(micros, i64::MAX, unit);
                shift(micros, -120_000, i64::MIN);
            }
        }
    }

    proptest! {
        /// Another library has the same calendar.
        #[test]
        fn agrees_with_another_library(days in -3_000_000_i64..2_900_000) {
            let date = jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(days))
                .map_err(|error| TestCaseError::fail(error.to_string()))?;
            let day = day_of(days);
            prop_assert_eq!((day.year, day.month, day.day), (i64::from(date.year()), i64::from(date.month()), i64::from(date.day())));
            prop_assert_eq!(days_of(day), days);
            prop_assert_eq!(iso_weekday(days), i64::from(date.weekday().to_monday_one_offset()));
            let week = date.iso_week_date();
            prop_assert_eq!(iso_week(days), (i64::from(week.year()), i64::from(week.week())));
            prop_assert_eq!(part(days * DAY, "doy"), Some(i64::from(date.day_of_year())));
        }

        /// Months between two moments, added to the first, do not pass the second; one more does.
        #[test]
        fn months_are_whole(from in -1_000_000_000_000_000_i64..1_000_000_000_000_000, length in 0_i64..1_000_000_000_000_000) {
            let unit = Unit::Months(1);
            let to = from + length;
            let months = between(from, to, unit);
            prop_assert!(add(from, months, unit).is_some_and(|moved| moved <= to));
            prop_assert!(add(from, months + 1, unit).is_some_and(|moved| moved > to || day_of(moved.div_euclid(DAY)).day < day_of(from.div_euclid(DAY)).day));
        }
    }
}
