//! Takes a moment and the pieces of a pattern, gives text; or text and pieces, gives the moment.

use std::fmt::Write;

use headwater_compiler::function::time_pattern::{Field, Piece};

use super::calendar::{self, DAY, Day, SECOND, month_length};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Writes a moment, microseconds since 1970-01-01T00:00:00 of its own clock.
pub(super) fn write(micros: i64, pieces: &[Piece], text: &mut String) {
    let days = micros.div_euclid(DAY);
    let clock = micros.rem_euclid(DAY);
    let day = calendar::day_of(days);
    for piece in pieces {
        match piece {
            Piece::Text(literal) => text.push_str(literal),
            Piece::Number(Field::Year, _) => write_year(day.year, text),
            Piece::Number(field, width) => {
                let value = number(*field, micros, day);
                write!(text, "{value:0width$}").expect("a string takes all that is written");
            }
            Piece::MonthName { short } => push_name(&MONTHS, day.month - 1, *short, text),
            Piece::DayName { short } => push_name(&DAYS, calendar::iso_weekday(days) - 1, *short, text),
            Piece::Fraction(width) => {
                let fraction = format!("{:06}", clock % SECOND);
                text.push_str(&fraction[..*width]);
            }
            Piece::HalfDay => text.push_str(if clock < DAY / 2 { "AM" } else { "PM" }),
            // Only instants may have it, and those are written in UTC.
            Piece::Offset => text.push('Z'),
        }
    }
}

/// Four digits of a year, with a sign where it has more or lies before the common era.
pub(super) fn write_year(year: i64, text: &mut String) {
    let sign = if year < 0 {
        "-"
    } else if year > 9_999 {
        "+"
    } else {
        ""
    };
    write!(text, "{sign}{:04}", year.abs()).expect("a string takes all that is written");
}

fn number(field: Field, micros: i64, day: Day) -> i64 {
    let clock = micros.rem_euclid(DAY);
    match field {
        Field::Year => day.year,
        Field::YearOfCentury => day.year.rem_euclid(100),
        Field::Month => day.month,
        Field::Day => day.day,
        Field::DayOfYear => calendar::part(micros, "doy").unwrap_or_default(),
        Field::Hour => clock / (3_600 * SECOND),
        Field::HourOfHalf => (clock / (3_600 * SECOND) + 11) % 12 + 1,
        Field::Minute => clock / (60 * SECOND) % 60,
        Field::Second => clock / SECOND % 60,
    }
}

fn push_name(names: &[&str], index: i64, short: bool, text: &mut String) {
    let name = usize::try_from(index).ok().and_then(|index| names.get(index)).copied().unwrap_or_default();
    text.push_str(if short { &name[..3] } else { name });
}

/// What has been read of a moment.
#[derive(Default)]
struct Read {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    hour: i64,
    half_hour: Option<i64>,
    afternoon: bool,
    minute: i64,
    second: i64,
    fraction: i64,
    offset_minutes: Option<i64>,
}

/// The moment that all of the text names, and its offset from UTC in minutes if it has one; none if it does not match.
pub(super) fn read(text: &str, pieces: &[Piece]) -> Option<(i64, Option<i64>)> {
    let mut read = Read::default();
    let mut rest = text;
    for piece in pieces {
        rest = step(rest, piece, &mut read)?;
    }
    if !rest.is_empty() {
        return None;
    }
    let year = read.year?;
    let days = match read.day_of_year {
        Some(day) => {
            let length = if month_length(year, 2) == 29 { 366 } else { 365 };
            let first = calendar::days_of(Day { year, month: 1, day: 1 });
            (1..=length).contains(&day).then_some(first + day - 1)?
        }
        None => {
            let (month, day) = (read.month?, read.day?);
            let exists = (1..=12).contains(&month) && (1..=month_length(year, month)).contains(&day);
            exists.then(|| calendar::days_of(Day { year, month, day }))?
        }
    };
    let hour = match read.half_hour {
        Some(hour) => (1..=12).contains(&hour).then_some(hour % 12 + if read.afternoon { 12 } else { 0 })?,
        None => read.hour,
    };
    if year == 0 || hour > 23 || read.minute > 59 || read.second > 59 {
        return None;
    }
    let seconds = hour * 3_600 + read.minute * 60 + read.second;
    Some((days * DAY + seconds * SECOND + read.fraction, read.offset_minutes))
}

/// Reads one piece; gives what follows.
fn step<'a>(text: &'a str, piece: &Piece, read: &mut Read) -> Option<&'a str> {
    match piece {
        Piece::Text(literal) => text.strip_prefix(literal.as_str()),
        Piece::Number(field, width) => {
            let (value, rest) = digits(text, *width)?;
            match field {
                Field::Year => read.year = Some(value),
                Field::YearOfCentury => read.year = Some(2_000 + value),
                Field::Month => read.month = Some(value),
                Field::Day => read.day = Some(value),
                Field::DayOfYear => read.day_of_year = Some(value),
                Field::Hour => read.hour = value,
                Field::HourOfHalf => read.half_hour = Some(value),
                Field::Minute => read.minute = value,
                Field::Second => read.second = value,
            }
            Some(rest)
        }
        Piece::MonthName { short } => {
            let named = |name: &&str| text.strip_prefix(if *short { &name[..3] } else { *name });
            let (index, rest) =
                MONTHS.iter().enumerate().find_map(|(index, name)| named(name).map(|rest| (index, rest)))?;
            read.month = i64::try_from(index + 1).ok();
            Some(rest)
        }
        // Written only: the compiler refuses to read it.
        Piece::DayName { .. } => None,
        Piece::Fraction(width) => {
            let (value, rest) = digits(text, *width)?;
            read.fraction = value * 10_i64.pow(u32::try_from(6 - (*width).min(6)).ok()?);
            // One digit is exact here too.
            (text.len() - rest.len() == *width).then_some(rest)
        }
        Piece::HalfDay => {
            read.afternoon = text.starts_with("PM");
            text.strip_prefix("AM").or_else(|| text.strip_prefix("PM"))
        }
        Piece::Offset => offset(text, read),
    }
}

/// A number of exactly so many digits, or of one or two where one is asked for.
fn digits(text: &str, width: usize) -> Option<(i64, &str)> {
    let found = text.bytes().take_while(u8::is_ascii_digit).count();
    let taken = if width == 1 { found.min(2) } else { width };
    if taken == 0 || found < taken {
        return None;
    }
    let (number, rest) = text.split_at(taken);
    Some((number.parse().ok()?, rest))
}

/// `Z`, or a sign, hours, a colon and minutes.
fn offset<'a>(text: &'a str, read: &mut Read) -> Option<&'a str> {
    if let Some(rest) = text.strip_prefix('Z') {
        read.offset_minutes = Some(0);
        return Some(rest);
    }
    let sign = if text.starts_with('+') { 1 } else { -1 };
    let (hours, rest) = digits(text.strip_prefix(['+', '-'])?, 2)?;
    let (minutes, rest) = digits(rest.strip_prefix(':')?, 2)?;
    if hours > 18 || minutes > 59 {
        return None;
    }
    read.offset_minutes = Some(sign * (hours * 60 + minutes));
    Some(rest)
}

#[cfg(test)]
mod tests {
    use headwater_compiler::function::time_pattern::parse;
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, pattern: &str, expected: Option<i64>) {
        let pieces = parse(pattern).expect("a pattern of this test");
        assert_eq!(read(text, &pieces).map(|(micros, _)| micros), expected, "{text} as {pattern}");
    }

    #[test]
    fn all_of_the_text_must_match() {
        check("1970-01-02", "yyyy-MM-dd", Some(DAY));
        check("1970-01-02 ", "yyyy-MM-dd", None);
        check("1970-1-02", "yyyy-MM-dd", None);
        check("1970-02-29", "yyyy-MM-dd", None);
        check("1.1.70", "d.M.yy", Some(calendar::days_of(Day { year: 2070, month: 1, day: 1 }) * DAY));
        check("1970001", "yyyyDDD", Some(0));
        check("1970366", "yyyyDDD", None);
        check("02 Jan 1970 12:00 AM", "dd MMM yyyy hh:mm a", Some(DAY));
        check("02 January 1970 12:30 PM", "dd MMMM yyyy hh:mm a", Some(DAY + DAY / 2 + 1_800 * SECOND));
        check("02 jan 1970", "dd MMM yyyy", None);
        check("1970-01-01 24:00", "yyyy-MM-dd HH:mm", None);
        check("1970-01-01 00:00:00.5", "yyyy-MM-dd HH:mm:ss.S", Some(500_000));
        check("1970-01-01 00:00:00.55", "yyyy-MM-dd HH:mm:ss.S", None);
        check("0000-01-01", "yyyy-MM-dd", None);
        check("é", "yyyy-MM-dd", None);
    }

    #[test]
    fn an_offset_is_read_beside_the_moment() {
        let pieces = parse("yyyy-MM-dd HH:mmXXX").expect("a pattern of this test");
        assert_eq!(read("1970-01-01 01:00+01:30", &pieces), Some((3_600 * SECOND, Some(90))));
        assert_eq!(read("1970-01-01 01:00Z", &pieces), Some((3_600 * SECOND, Some(0))));
        assert_eq!(read("1970-01-01 01:00", &pieces), None);
    }

    proptest! {
        /// What is written is read as the same moment.
        #[test]
        fn written_text_reads_back(micros in -62_135_596_800_000_000_i64..253_402_300_800_000_000 - 1) {
            for pattern in ["yyyy-MM-dd HH:mm:ss.SSSSSS", "yyyyDDD hh:mm:ss a SSSSSS", "d MMMM yyyy H:m:s.SSSSSS"] {
                let pieces = parse(pattern).map_err(TestCaseError::fail)?;
                let mut text = String::new();
                write(micros, &pieces, &mut text);
                prop_assert_eq!(read(&text, &pieces), Some((micros, None)), "{}", text);
            }
        }
    }
}
