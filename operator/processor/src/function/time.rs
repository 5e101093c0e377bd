//! Functions of dates and times over arrays.

use std::sync::Arc;

use arrow::array::{ArrayRef, PrimitiveArray};
use arrow::datatypes::{Date32Type, Int64Type, Time64MicrosecondType, TimestampMicrosecondType};
use datafusion::common::{Result, internal_err};
use headwater_compiler::data_type::DataType;
use headwater_compiler::expr::Expr;
use headwater_compiler::function::time_pattern::{self, Piece};
use headwater_compiler::function::{constant_int, constant_text};
use jiff::tz::TimeZone;

use super::calendar::{self, DAY, SECOND, Unit};
use super::expression::Prepared;
use super::rows::Rows;
use super::{pieces, zone};
use crate::read::time as strict;

/// The kernel of a function of this file.
pub(super) fn prepare(name: &str, args: &[Expr], gives: &DataType) -> Result<Option<Prepared>> {
    Ok(Some(match (name, args) {
        ("extract", [part, time]) => extract(constant_text(part).unwrap_or_default(), 1, time)?,
        (
            "year" | "quarter" | "month" | "week" | "dayofyear" | "dayofmonth" | "dayofweek" | "hour"
            | "minute" | "second",
            [time],
        ) => extract(name, 0, time)?,
        ("date_trunc", [unit, time]) => to_unit(calendar::floor, unit, 1, time)?,
        ("floor", [time, unit]) => to_unit(calendar::floor, unit, 0, time)?,
        ("ceil", [time, unit]) => to_unit(calendar::ceil, unit, 0, time)?,
        ("timestampadd", [unit, _, time]) => add(unit_of(unit)?, time),
        ("timestampdiff", [unit, from, _]) => {
            let (unit, kind) = (unit_of(unit)?, from.data_type.clone());
            Prepared::of(&[1, 2], move |rows| {
                let (from, to) = (moments(rows, 0, &kind), moments(rows, 1, &kind));
                let count = |row: usize| Some(calendar::between(from(row)?, to(row)?, unit));
                Ok(Arc::new(rows.to_numbers::<Int64Type>(count)))
            })
        }
        ("date_format", [time, pattern]) => {
            let (pieces, kind) = (pieces_of(Some(pattern), "")?, time.data_type.clone());
            Prepared::of(&[0], move |rows| {
                let moment = moments(rows, 0, &kind);
                Ok(Arc::new(rows.to_text(|row, text| {
                    moment(row).inspect(|&micros| pieces::write(micros, &pieces, text)).is_some()
                })))
            })
        }
        ("at_time_zone", [_, zone]) => at_zone(zone_of(zone)?, *gives == DataType::Timestamp),
        _ => return reading(name, args),
    }))
}

/// Functions between times and text or numbers.
fn reading(name: &str, args: &[Expr]) -> Result<Option<Prepared>> {
    Ok(Some(match (name, args) {
        ("to_date", [_, pattern @ ..]) => {
            let read = reader(pattern, TimeZone::UTC, |text| {
                strict::date(text).ok().map(|days| i64::from(days) * DAY)
            })?;
            Prepared::of(&[0], move |rows| {
                let text = rows.text(0);
                let days = |row: usize| {
                    read(text.value(row)).and_then(|micros| i32::try_from(micros.div_euclid(DAY)).ok())
                };
                Ok(Arc::new(rows.to_numbers::<Date32Type>(days)))
            })
        }
        ("to_timestamp", [_, pattern @ ..]) => {
            let read = reader(pattern, TimeZone::UTC, |text| strict::timestamp_local(text).ok())?;
            Prepared::of(&[0], move |rows| {
                let text = rows.text(0);
                Ok(Arc::new(rows.to_numbers::<TimestampMicrosecondType>(|row| read(text.value(row)))))
            })
        }
        ("to_timestamp_ltz", [number, precision]) if number.data_type != DataType::String => {
            of_epoch(constant_int(precision).unwrap_or(0))
        }
        ("to_timestamp_ltz", [_, rest @ ..]) => {
            let zone = rest.get(1).map_or(Ok(TimeZone::UTC), zone_of)?;
            let read = reader(rest, zone, |text| strict::timestamp(text).ok())?;
            Prepared::of(&[0], move |rows| {
                let text = rows.text(0);
                let micros = rows.to_numbers::<TimestampMicrosecondType>(|row| read(text.value(row)));
                Ok(Arc::new(micros.with_timezone("UTC")))
            })
        }
        ("unix_timestamp", [_, pattern @ ..]) => unix_timestamp(args, pattern)?,
        ("from_unixtime", [_, pattern @ ..]) => {
            let pieces = pieces_of(pattern.first(), "yyyy-MM-dd HH:mm:ss")?;
            Prepared::of(&[0], move |rows| {
                let seconds = rows.numbers::<Int64Type>(0);
                Ok(Arc::new(rows.to_text(|row, text| match seconds.value(row).checked_mul(SECOND) {
                    Some(micros) => {
                        pieces::write(micros, &pieces, text);
                        true
                    }
                    None => false,
                })))
            })
        }
        _ => return Ok(None),
    }))
}

/// Microseconds of a time as if its clock were UTC's; of a time of day, those of 1970-01-01.
fn moments<'a>(rows: &'a Rows<'_>, index: usize, kind: &DataType) -> Box<dyn Fn(usize) -> Option<i64> + 'a> {
    if *kind == DataType::Date {
        let days = rows.numbers::<Date32Type>(index);
        return Box::new(|row| Some(i64::from(days.value(row)) * DAY));
    }
    if *kind == DataType::Time {
        let micros = rows.numbers::<Time64MicrosecondType>(index);
        return Box::new(|row| Some(micros.value(row)));
    }
    let micros = rows.numbers::<TimestampMicrosecondType>(index);
    Box::new(|row| Some(micros.value(row)))
}

/// Results as the type of time that went in.
fn times(rows: &Rows<'_>, kind: &DataType, micros: impl Fn(usize) -> Option<i64>) -> ArrayRef {
    if *kind == DataType::Date {
        let days = |row: usize| micros(row).and_then(|micros| i32::try_from(micros.div_euclid(DAY)).ok());
        return Arc::new(rows.to_numbers::<Date32Type>(days));
    }
    let zone: Option<Arc<str>> = (*kind == DataType::Timestamp).then(|| "UTC".into());
    let values: PrimitiveArray<TimestampMicrosecondType> = rows.to_numbers(micros);
    Arc::new(values.with_timezone_opt(zone))
}

fn extract(word: &str, index: usize, time: &Expr) -> Result<Prepared> {
    let (word, kind) = (word.to_ascii_lowercase(), time.data_type.clone());
    if calendar::part(0, &word).is_none() {
        return internal_err!("`{word}` is no part of a time");
    }
    Ok(Prepared::of(&[index], move |rows| {
        let moment = moments(rows, 0, &kind);
        let part = |row: usize| moment(row).and_then(|micros| calendar::part(micros, &word));
        Ok(Arc::new(rows.to_numbers::<Int64Type>(part)))
    }))
}

fn unit_of(word: &Expr) -> Result<Unit> {
    let word = constant_text(word).unwrap_or_default();
    Unit::of(word).map_or_else(|| internal_err!("`{word}` is no unit of time"), Ok)
}

fn to_unit(round: fn(i64, Unit) -> i64, unit: &Expr, index: usize, time: &Expr) -> Result<Prepared> {
    let (unit, kind) = (unit_of(unit)?, time.data_type.clone());
    Ok(Prepared::of(&[index], move |rows| {
        let moment = moments(rows, 0, &kind);
        Ok(times(rows, &kind, |row| Some(round(moment(row)?, unit))))
    }))
}

fn add(unit: Unit, time: &Expr) -> Prepared {
    let kind = time.data_type.clone();
    Prepared::of(&[1, 2], move |rows| {
        let (count, moment) = (rows.numbers::<Int64Type>(0), moments(rows, 1, &kind));
        Ok(times(rows, &kind, |row| calendar::add(moment(row)?, count.value(row), unit)))
    })
}

fn pieces_of(pattern: Option<&Expr>, otherwise: &str) -> Result<Vec<Piece>> {
    let pattern = pattern.map_or(Some(otherwise), constant_text).unwrap_or_default();
    time_pattern::parse(pattern).or_else(|problem| internal_err!("a time pattern that {problem}"))
}

fn zone_of(zone: &Expr) -> Result<TimeZone> {
    let name = constant_text(zone).unwrap_or_default();
    TimeZone::get(name).or_else(|_| internal_err!("`{name}` is no time zone"))
}

type Reader = Box<dyn Fn(&str) -> Option<i64> + Send + Sync>;

/// Reads text by a pattern if there is one, in a zone unless the text has an offset, and otherwise by the rule of casts.
fn reader(pattern: &[Expr], zone: TimeZone, cast: fn(&[u8]) -> Option<i64>) -> Result<Reader> {
    let Some(pattern) = pattern.first() else {
        return Ok(Box::new(move |text| cast(text.as_bytes())));
    };
    let pieces = pieces_of(Some(pattern), "")?;
    Ok(Box::new(move |text| {
        let (local, offset) = pieces::read(text, &pieces)?;
        match offset {
            Some(minutes) => local.checked_sub(minutes * 60 * SECOND),
            None => Some(zone::instant(local, &zone)),
        }
    }))
}

fn of_epoch(precision: i64) -> Prepared {
    let unit = match precision {
        0 => SECOND,
        3 => 1_000,
        _ => 1,
    };
    Prepared::of(&[0], move |rows| {
        let number = rows.numbers::<Int64Type>(0);
        let micros = rows.to_numbers::<TimestampMicrosecondType>(|row| number.value(row).checked_mul(unit));
        Ok(Arc::new(micros.with_timezone("UTC")))
    })
}

fn unix_timestamp(args: &[Expr], pattern: &[Expr]) -> Result<Prepared> {
    if args[0].data_type != DataType::String {
        return Ok(Prepared::of(&[0], |rows| {
            let micros = rows.numbers::<TimestampMicrosecondType>(0);
            Ok(Arc::new(rows.to_numbers::<Int64Type>(|row| Some(micros.value(row).div_euclid(SECOND)))))
        }));
    }
    let pieces = pieces_of(pattern.first(), "yyyy-MM-dd HH:mm:ss")?;
    Ok(Prepared::of(&[0], move |rows| {
        let text = rows.text(0);
        let seconds =
            |row: usize| pieces::read(text.value(row), &pieces).map(|(micros, _)| micros.div_euclid(SECOND));
        Ok(Arc::new(rows.to_numbers::<Int64Type>(seconds)))
    }))
}

fn at_zone(zone: TimeZone, to_instant: bool) -> Prepared {
    Prepared::of(&[0], move |rows| {
        let micros = rows.numbers::<TimestampMicrosecondType>(0);
        let name: Option<Arc<str>> = to_instant.then(|| "UTC".into());
        let turned = |row: usize| {
            let micros = micros.value(row);
            Some(if to_instant { zone::instant(micros, &zone) } else { zone::local(micros, &zone) })
        };
        Ok(Arc::new(rows.to_numbers::<TimestampMicrosecondType>(turned).with_timezone_opt(name)))
    })
}
