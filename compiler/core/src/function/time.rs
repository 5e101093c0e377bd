//! Dates and times: entries of the function table.
//!
//! A `timestamp` is an instant and is taken apart in UTC; a `timestamp_local` is a date and a time of day of no zone.
//! Zones are IANA names; the rules of zones are built in, so that no machine's own change the meaning.

use super::build::{INT64, LONG, STRING, TEXT, constant, is, scalar, sig, to};
use super::constant::{int, text};
use super::{Constant, Family, Function, Gives, Signature, Takes};
use crate::data_type::DataType;
use crate::expr::Expr;

const fn time(name: &'static str, written: &'static str, signatures: &'static [Signature]) -> Function {
    scalar(Family::Time, name, written, signatures)
}

const TIMESTAMP: &DataType = &DataType::Timestamp;
const LOCAL: &DataType = &DataType::TimestampLocal;
const DATE: Takes = Takes::Type(&DataType::Date);
const AN_INSTANT: Takes = Takes::Type(TIMESTAMP);
const A_LOCAL: Takes = Takes::Type(LOCAL);

/// Units that a date has.
pub(super) const DAYS: &[&str] = &["year", "quarter", "month", "week", "day"];
/// Units that a time has, to which it is cut and in which it is counted.
pub(super) const UNITS: &[&str] = &["year", "quarter", "month", "week", "day", "hour", "minute", "second"];
const PARTS_OF_DAY: &[&str] = &["hour", "minute", "second"];
const PARTS_OF_DATE: &[&str] =
    &["year", "isoyear", "quarter", "month", "week", "day", "dow", "isodow", "doy", "epoch"];
const PARTS: &[&str] = &[
    "year", "isoyear", "quarter", "month", "week", "day", "dow", "isodow", "doy", "epoch", "hour", "minute",
    "second",
];

const fn one_of(words: &'static [&'static str]) -> Takes {
    constant(Constant::Word(words))
}

const OF_DAY: &[Signature] = &[to(&[Takes::Calendar], INT64)];
const OF_CLOCK: &[Signature] = &[to(&[Takes::Clock], INT64)];

const NO_TIME: &str = "text that does not match gives null";
const FAR: &str = "a time too far from today gives null";

/// Adding so few units of a time stays within what a timestamp can be, from any year up to 9999.
fn moves_little(args: &[Expr]) -> bool {
    let most = match args.first().and_then(text).map(str::to_ascii_lowercase).as_deref() {
        Some("year") => 10_000,
        Some("quarter" | "month") => 100_000,
        Some("week" | "day") => 3_000_000,
        _ => i64::from(i32::MAX),
    };
    args.get(1).and_then(int).is_some_and(|count| count.abs() <= most)
}

const MOVED: Gives = Gives::Same(2);

pub(super) const FUNCTIONS: &[Function] = &[
    time(
        "extract",
        "EXTRACT(unit FROM time)",
        &[
            to(&[one_of(PARTS), Takes::Instant], INT64).flink("EXTRACT($0 FROM $1)"),
            to(&[one_of(PARTS_OF_DATE), DATE], INT64).flink("EXTRACT($0 FROM $1)"),
            to(&[one_of(PARTS_OF_DAY), Takes::Type(&DataType::Time)], INT64).flink("EXTRACT($0 FROM $1)"),
        ],
    )
    .alias(&["date_part"])
    .doc("One part of a date or time as a number.")
    .note("`dow` is 1 for Sunday to 7, `isodow` 1 for Monday to 7, `week` and `isoyear` are ISO 8601's, `epoch` is whole seconds since 1970, `second` is without its fraction. A `timestamp` is taken apart in UTC.")
    .cases(&[
        is("EXTRACT(YEAR FROM TIMESTAMP '2026-12-31 23:59:59.9')", "2026"),
        is("EXTRACT(WEEK FROM DATE '2027-01-01')", "53"),
        is("EXTRACT(DOW FROM DATE '2026-11-22')", "1"),
        is("EXTRACT(ISODOW FROM DATE '2026-11-22')", "7"),
        is("EXTRACT(EPOCH FROM TIMESTAMP '1969-12-31 23:59:59.5')", "-1"),
        is("EXTRACT(MINUTE FROM TIME '10:20:30')", "20"),
        is("EXTRACT(YEAR FROM CAST(NULL AS date))", "null"),
    ]),
    time("year", "year(time)", OF_DAY)
        .doc("The year.")
        .note("As `EXTRACT(YEAR FROM time)`.")
        .cases(&[is("year(DATE '2026-01-31')", "2026"), is("year(DATE '0001-01-01')", "1"), is("year(NULL)", "null")]),
    time("quarter", "quarter(time)", OF_DAY)
        .doc("The quarter, 1 to 4.")
        .note("As `EXTRACT(QUARTER FROM time)`.")
        .cases(&[is("quarter(DATE '2026-04-01')", "2"), is("quarter(DATE '2026-12-31')", "4"), is("quarter(NULL)", "null")]),
    time("month", "month(time)", OF_DAY)
        .doc("The month, 1 to 12.")
        .note("As `EXTRACT(MONTH FROM time)`.")
        .cases(&[is("month(DATE '2026-01-31')", "1"), is("month(TIMESTAMP '2026-12-01 00:00:00')", "12"), is("month(NULL)", "null")]),
    time("week", "week(time)", OF_DAY)
        .doc("The week of ISO 8601, 1 to 53.")
        .note("As `EXTRACT(WEEK FROM time)`.")
        .cases(&[is("week(DATE '2026-01-01')", "1"), is("week(DATE '2023-01-01')", "52"), is("week(NULL)", "null")]),
    time("dayofyear", "dayofyear(time)", OF_DAY)
        .doc("The day of the year, 1 to 366.")
        .note("As `EXTRACT(DOY FROM time)`.")
        .cases(&[is("dayofyear(DATE '2024-12-31')", "366"), is("dayofyear(DATE '2026-01-01')", "1"), is("dayofyear(NULL)", "null")]),
    time("dayofmonth", "dayofmonth(time)", OF_DAY)
        .alias(&["day"])
        .doc("The day of the month, 1 to 31.")
        .note("As `EXTRACT(DAY FROM time)`.")
        .cases(&[is("dayofmonth(DATE '2026-01-31')", "31"), is("day(DATE '2026-02-01')", "1"), is("dayofmonth(NULL)", "null")]),
    time("dayofweek", "dayofweek(time)", OF_DAY)
        .doc("The day of the week, 1 for Sunday to 7 for Saturday.")
        .note("As `EXTRACT(DOW FROM time)`.")
        .cases(&[is("dayofweek(DATE '2026-11-22')", "1"), is("dayofweek(DATE '2026-11-21')", "7"), is("dayofweek(NULL)", "null")]),
    time("hour", "hour(time)", OF_CLOCK)
        .doc("The hour, 0 to 23.")
        .note("As `EXTRACT(HOUR FROM time)`.")
        .cases(&[is("hour(TIME '10:20:30')", "10"), is("hour(TIMESTAMP '2026-01-01 23:00:00')", "23"), is("hour(NULL)", "null")]),
    time("minute", "minute(time)", OF_CLOCK)
        .doc("The minute, 0 to 59.")
        .note("As `EXTRACT(MINUTE FROM time)`.")
        .cases(&[is("minute(TIME '10:20:30')", "20"), is("minute(TIMESTAMP '1969-12-31 23:59:00')", "59"), is("minute(NULL)", "null")]),
    time("second", "second(time)", OF_CLOCK)
        .doc("The second without its fraction, 0 to 59.")
        .note("As `EXTRACT(SECOND FROM time)`.")
        .cases(&[is("second(TIME '10:20:30.9')", "30"), is("second(TIMESTAMP '1969-12-31 23:59:59.5')", "59"), is("second(NULL)", "null")]),
    time(
        "date_trunc",
        "date_trunc(unit, time)",
        &[
            sig(&[one_of(UNITS), Takes::Instant], Gives::Same(1)).flink("FLOOR($1 TO $0)"),
            sig(&[one_of(DAYS), DATE], Gives::Same(1)).flink("FLOOR($1 TO $0)"),
        ],
    )
    .doc("The start of the unit in which the time lies.")
    .note("Weeks start on Monday. As `FLOOR(time TO unit)`.")
    .cases(&[
        is("date_trunc('hour', TIMESTAMP '2026-01-01 10:59:59.9')", "2026-01-01T10:00:00"),
        is("date_trunc('week', DATE '2026-11-22')", "2026-11-16"),
        is("date_trunc('quarter', DATE '2026-06-30')", "2026-04-01"),
        is("date_trunc('day', TIMESTAMP '1969-12-31 23:00:00')", "1969-12-31T00:00:00"),
        is("date_trunc('day', CAST(NULL AS date))", "null"),
    ]),
    time(
        "timestampadd",
        "timestampadd(unit, count, time)",
        &[
            sig(&[one_of(UNITS), LONG, Takes::Instant], MOVED).fails_unless(FAR, "the count is a small constant", moves_little).flink("TIMESTAMPADD($0, $1, $2)"),
            sig(&[one_of(DAYS), LONG, DATE], MOVED).fails_unless(FAR, "the count is a small constant", moves_little).flink("TIMESTAMPADD($0, $1, $2)"),
        ],
    )
    .doc("The time so many units later.")
    .note("Months are added on the calendar, to the last day of a shorter month.")
    .cases(&[
        is("timestampadd(MONTH, 1, DATE '2026-01-31')", "2026-02-28"),
        is("timestampadd(SECOND, -1, TIMESTAMP '1970-01-01 00:00:00')", "1969-12-31T23:59:59"),
        is("timestampadd(YEAR, 9223372036854775807, DATE '2026-01-31')", "null"),
        is("timestampadd(DAY, NULL, DATE '2026-01-31')", "null"),
    ]),
    time(
        "timestampdiff",
        "timestampdiff(unit, from, to)",
        &[
            to(&[one_of(UNITS), AN_INSTANT, AN_INSTANT], INT64).flink("TIMESTAMPDIFF($0, $1, $2)"),
            to(&[one_of(DAYS), DATE, DATE], INT64).flink("TIMESTAMPDIFF($0, $1, $2)"),
            to(&[one_of(UNITS), A_LOCAL, A_LOCAL], INT64).flink("TIMESTAMPDIFF($0, $1, $2)"),
        ],
    )
    .doc("How many whole units lie between two times.")
    .note("Negative if the second is earlier. A month is whole when the same day of the month and time of day is reached.")
    .cases(&[
        is("timestampdiff(MONTH, DATE '2026-01-31', DATE '2026-02-28')", "0"),
        is("timestampdiff(MONTH, DATE '2026-01-28', DATE '2026-03-28')", "2"),
        is("timestampdiff(SECOND, TIMESTAMP '2026-01-01 00:00:01', TIMESTAMP '2026-01-01 00:00:00.5')", "0"),
        is("timestampdiff(DAY, DATE '2026-03-01', DATE '2026-02-01')", "-28"),
        is("timestampdiff(DAY, DATE '2026-03-01', NULL)", "null"),
    ]),
    time(
        "date_format",
        "date_format(time, pattern)",
        &[
            to(&[AN_INSTANT, constant(Constant::WritePattern { offset: true })], STRING),
            to(&[A_LOCAL, constant(Constant::WritePattern { offset: false })], STRING),
        ],
    )
    .doc("The time as text of a pattern.")
    .note("Letters of Java's patterns that need no locale; `XXX` only for a `timestamp`, which is written in UTC; a date is written at midnight.")
    .cases(&[
        is("date_format(TIMESTAMP '2026-01-02 13:04:05.678', 'yyyyMMdd HH:mm:ss.SSS')", "20260102 13:04:05.678"),
        is("date_format(DATE '2026-11-22', 'EEE d MMM yy')", "Sun 22 Nov 26"),
        is("date_format(TIMESTAMP '2026-01-02 00:30:00', 'h:mm a')", "12:30 AM"),
        is("date_format(CAST(NULL AS date), 'yyyy')", "null"),
    ]),
    time(
        "to_date",
        "to_date(text [, pattern])",
        &[
            to(&[TEXT], &DataType::Date).can_fail(NO_TIME),
            to(&[TEXT, constant(Constant::ReadPattern { offset: false })], &DataType::Date).can_fail(NO_TIME),
        ],
    )
    .doc("The date that the text names.")
    .note("`yyyy-MM-dd` if no pattern is stated. All of the text must match, and the day must exist.")
    .cases(&[
        is("to_date('2026-01-31')", "2026-01-31"),
        is("to_date('31.1.26', 'dd.M.yy')", "2026-01-31"),
        is("to_date('2026-02-30')", "null"),
        is("to_date('31 Jan 2026', 'dd MMM yyyy')", "2026-01-31"),
        is("to_date(NULL)", "null"),
    ]),
    time(
        "to_timestamp",
        "to_timestamp(text [, pattern])",
        &[
            to(&[TEXT], LOCAL).can_fail(NO_TIME),
            to(&[TEXT, constant(Constant::ReadPattern { offset: false })], LOCAL).can_fail(NO_TIME),
        ],
    )
    .doc("The date and time of day that the text names, of no zone.")
    .note("As a cast to `timestamp_local` if no pattern is stated. What the pattern lacks of the time of day is zero.")
    .cases(&[
        is("to_timestamp('2026-01-31 10:20:30')", "2026-01-31T10:20:30"),
        is("to_timestamp('31/01/2026 1:05 PM', 'dd/MM/yyyy h:mm a')", "2026-01-31T13:05:00"),
        is("to_timestamp('2026-01-31T25:00:00')", "null"),
        is("to_timestamp(NULL)", "null"),
    ]),
    time(
        "to_timestamp_ltz",
        "to_timestamp_ltz(number, precision), to_timestamp_ltz(text [, pattern [, zone]])",
        &[
            to(&[LONG, constant(Constant::OneOf(&[0, 3, 6]))], TIMESTAMP).can_fail(FAR),
            to(&[TEXT], TIMESTAMP).can_fail(NO_TIME),
            to(&[TEXT, constant(Constant::ReadPattern { offset: true })], TIMESTAMP).can_fail(NO_TIME),
            to(&[TEXT, constant(Constant::ReadPattern { offset: false }), constant(Constant::Zone)], TIMESTAMP).can_fail(NO_TIME),
        ],
    )
    .doc("The instant so many seconds (precision 0), milliseconds (3) or microseconds (6) after 1970 began in UTC; or the one that the text names.")
    .note("Text needs an offset unless a zone is stated or the pattern has none: then it is UTC. A time that a zone skips moves on by what was skipped; of two equal ones the earlier counts.")
    .cases(&[
        is("to_timestamp_ltz(1767225600, 0)", "2026-01-01T00:00:00Z"),
        is("to_timestamp_ltz(1767225600123, 3)", "2026-01-01T00:00:00.123Z"),
        is("to_timestamp_ltz('2026-01-01T01:00:00+01:00')", "2026-01-01T00:00:00Z"),
        is("to_timestamp_ltz('2026-01-01 00:00:00')", "null"),
        is("to_timestamp_ltz('29.03.2026 02:30', 'dd.MM.yyyy HH:mm', 'Europe/Berlin')", "2026-03-29T01:30:00Z"),
        is("to_timestamp_ltz(9223372036854775807, 0)", "null"),
        is("to_timestamp_ltz(CAST(NULL AS int64), 3)", "null"),
    ]),
    time(
        "unix_timestamp",
        "unix_timestamp(time), unix_timestamp(text [, pattern])",
        &[
            to(&[AN_INSTANT], INT64).flink("CAST(FLOOR(EXTRACT(EPOCH FROM $0)) AS BIGINT)"),
            to(&[TEXT], INT64).can_fail(NO_TIME),
            to(&[TEXT, constant(Constant::ReadPattern { offset: false })], INT64).can_fail(NO_TIME),
        ],
    )
    .doc("Whole seconds from 1970 in UTC to the time.")
    .note("Text without a zone is UTC, `yyyy-MM-dd HH:mm:ss` if no pattern is stated. Without an argument it would be the clock and is refused.")
    .cases(&[
        is("unix_timestamp('2026-01-01 00:00:00')", "1767225600"),
        is("unix_timestamp(to_timestamp_ltz(-1, 3))", "-1"),
        is("unix_timestamp('x')", "null"),
        is("unix_timestamp(CAST(NULL AS timestamp))", "null"),
    ]),
    time(
        "from_unixtime",
        "from_unixtime(seconds [, pattern])",
        &[
            to(&[LONG], STRING).can_fail(FAR),
            to(&[LONG, constant(Constant::WritePattern { offset: false })], STRING).can_fail(FAR),
        ],
    )
    .doc("The time so many seconds after 1970 began, as text of a pattern, in UTC.")
    .note("`yyyy-MM-dd HH:mm:ss` if no pattern is stated.")
    .cases(&[
        is("from_unixtime(1767225600)", "2026-01-01 00:00:00"),
        is("from_unixtime(-1, 'yyyy')", "1969"),
        is("from_unixtime(9223372036854775807)", "null"),
        is("from_unixtime(NULL)", "null"),
    ]),
    time(
        "at_time_zone",
        "time AT TIME ZONE zone",
        &[
            to(&[AN_INSTANT, constant(Constant::Zone)], LOCAL)
                .flink("CAST(CONVERT_TZ(DATE_FORMAT($0, 'yyyy-MM-dd HH:mm:ss'), 'UTC', $1) AS TIMESTAMP(6))"),
            to(&[A_LOCAL, constant(Constant::Zone)], TIMESTAMP)
                .flink("TO_TIMESTAMP_LTZ(DATE_FORMAT($0, 'yyyy-MM-dd HH:mm:ss.SSSSSS'), 'yyyy-MM-dd HH:mm:ss.SSSSSS', $1)"),
        ],
    )
    .doc("The date and time of day in a zone at an instant; or the instant at which a zone has this date and time of day.")
    .note("A time that a zone skips moves on by what was skipped; of two equal ones the earlier counts.")
    .cases(&[
        is("to_timestamp_ltz(0, 0) AT TIME ZONE 'America/New_York'", "1969-12-31T19:00:00"),
        is("TIMESTAMP '2026-07-01 12:00:00' AT TIME ZONE 'Europe/Berlin'", "2026-07-01T10:00:00Z"),
        is("TIMESTAMP '2026-03-29 02:30:00' AT TIME ZONE 'Europe/Berlin'", "2026-03-29T01:30:00Z"),
        is("TIMESTAMP '2026-10-25 02:30:00' AT TIME ZONE 'Europe/Berlin'", "2026-10-25T00:30:00Z"),
        is("CAST(NULL AS timestamp) AT TIME ZONE 'UTC'", "null"),
    ]),
];
