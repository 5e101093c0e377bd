//! The mask `generalise`: numbers to the lower bound of their range, times to the start of a calendar unit.
//!
//! Takes a column, gives one of the same type; null stays null. Calendar and clock are those of the column's own type:
//! UTC for instants, the local clock for local times.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, PrimitiveArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int32Type, Int64Type,
    TimestampMicrosecondType,
};
use headwater_compiler::expr::TimeUnit;

use super::error::MaskError;
use super::keyed::wrong_type;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Each number to the greatest multiple of `width` that is not above it, or to the type's least value if that is below it.
/// NaN and infinities stay.
///
/// # Errors
/// When the column holds no numbers.
pub fn generalise_number(input: &ArrayRef, width: u64) -> Result<ArrayRef, MaskError> {
    let wide = i128::from(width.max(1));
    let floor = |value: i128, width: i128, least: i128| (value.div_euclid(width) * width).max(least);
    if let Some(array) = input.as_primitive_opt::<Int32Type>() {
        let least = i128::from(i32::MIN);
        return Ok(map(array, |value| floor(value.into(), wide, least) as i32));
    }
    if let Some(array) = input.as_primitive_opt::<Int64Type>() {
        let least = i128::from(i64::MIN);
        return Ok(map(array, |value| floor(value.into(), wide, least) as i64));
    }
    if let (Some(array), DataType::Decimal128(precision, scale)) =
        (input.as_primitive_opt::<Decimal128Type>(), input.data_type())
    {
        let least = 1 - 10_i128.pow(u32::from(*precision));
        let unit = u32::try_from(*scale).ok().and_then(|scale| 10_i128.checked_pow(scale));
        // A range that is wider than the type has all values of one sign in one range.
        let width = unit.and_then(|unit| unit.checked_mul(wide));
        let map = |value: i128| match width {
            Some(width) => value.div_euclid(width).checked_mul(width).map_or(least, |low| low.max(least)),
            None if value < 0 => least,
            None => 0,
        };
        let coarse: PrimitiveArray<Decimal128Type> = array.unary(map);
        return Ok(Arc::new(coarse.with_precision_and_scale(*precision, *scale)?));
    }
    let width = width.max(1) as f64;
    let floor = |value: f64| match value.is_finite() {
        true => ((value / width).floor() * width).max(f64::MIN),
        false => value,
    };
    if let Some(array) = input.as_primitive_opt::<Float64Type>() {
        return Ok(map(array, floor));
    }
    if let Some(array) = input.as_primitive_opt::<Float32Type>() {
        return Ok(map(array, |value| floor(value.into()) as f32));
    }
    Err(wrong_type("generalise", input.data_type()))
}

/// Each date or time to the start of the unit that it lies in.
///
/// # Errors
/// When the column holds neither dates nor timestamps.
pub fn generalise_time(input: &ArrayRef, unit: TimeUnit) -> Result<ArrayRef, MaskError> {
    if let Some(array) = input.as_primitive_opt::<Date32Type>() {
        return Ok(map(array, |day| start_of_day_unit(day.into(), unit) as i32));
    }
    if let Some(array) = input.as_primitive_opt::<TimestampMicrosecondType>() {
        let coarse: PrimitiveArray<TimestampMicrosecondType> = array.unary(|micros| start_of(micros, unit));
        return Ok(Arc::new(coarse.with_data_type(input.data_type().clone())));
    }
    Err(wrong_type("generalise", input.data_type()))
}

fn map<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>, each: impl Fn(T::Native) -> T::Native) -> ArrayRef {
    Arc::new(array.unary::<_, T>(each))
}

/// The start of the unit that an instant lies in, in microseconds.
fn start_of(micros: i64, unit: TimeUnit) -> i64 {
    let floor = |step: i64| micros.div_euclid(step).saturating_mul(step);
    match unit {
        TimeUnit::Second => floor(SECOND),
        TimeUnit::Minute => floor(60 * SECOND),
        TimeUnit::Hour => floor(3600 * SECOND),
        TimeUnit::Day | TimeUnit::Week | TimeUnit::Month | TimeUnit::Quarter | TimeUnit::Year => {
            start_of_day_unit(micros.div_euclid(DAY), unit).saturating_mul(DAY)
        }
    }
}

/// The first day of the unit that a day lies in; days count from 1970-01-01, a Thursday.
fn start_of_day_unit(day: i64, unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second | TimeUnit::Minute | TimeUnit::Hour | TimeUnit::Day => day,
        TimeUnit::Week => (day + 3).div_euclid(7) * 7 - 3,
        TimeUnit::Month | TimeUnit::Quarter | TimeUnit::Year => {
            let (year, month) = year_and_month(day);
            let first = match unit {
                TimeUnit::Year => 1,
                TimeUnit::Quarter => (month - 1) / 3 * 3 + 1,
                TimeUnit::Second
                | TimeUnit::Minute
                | TimeUnit::Hour
                | TimeUnit::Day
                | TimeUnit::Week
                | TimeUnit::Month => month,
            };
            first_day(year, first)
        }
    }
}

/// Year and month of a day (Howard Hinnant's `civil_from_days`).
fn year_and_month(day: i64) -> (i64, i64) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month)
}

/// The first day of a month (`days_from_civil`).
fn first_day(year: i64, month: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    year.div_euclid(400) * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use arrow::array::{
        Date32Array, Decimal128Array, Float32Array, Float64Array, Int32Array, Int64Array, StringArray,
        TimestampMicrosecondArray,
    };
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(found: Result<ArrayRef, MaskError>, expected: impl Array + 'static) {
        let expected: ArrayRef = Arc::new(expected);
        assert_eq!(&found.expect("the mask takes the column"), &expected);
    }

    #[test]
    fn numbers_to_ranges() -> Result<(), MaskError> {
        let of = |array: ArrayRef, width| generalise_number(&array, width);
        let ints = Int32Array::from(vec![Some(37), None, Some(-1), Some(i32::MIN), Some(i32::MAX)]);
        let expected = Int32Array::from(vec![Some(30), None, Some(-10), Some(i32::MIN), Some(2_147_483_640)]);
        check(of(Arc::new(ints.clone()), 10), expected);
        check(
            of(Arc::new(ints), u64::MAX),
            Int32Array::from(vec![Some(0), None, Some(i32::MIN), Some(i32::MIN), Some(0)]),
        );
        let longs = Int64Array::from(vec![i64::MIN, 99, i64::MAX]);
        check(of(Arc::new(longs), 100), Int64Array::from(vec![i64::MIN, 0, 9_223_372_036_854_775_800]));
        let floats = Float64Array::from(vec![f64::NEG_INFINITY, -0.5, 12.5, f64::INFINITY]);
        check(
            of(Arc::new(floats), 5),
            Float64Array::from(vec![f64::NEG_INFINITY, -5.0, 10.0, f64::INFINITY]),
        );
        check(of(Arc::new(Float32Array::from(vec![12.5])), 5), Float32Array::from(vec![10.0]));
        let decimal = |values: Vec<i128>, precision| {
            Decimal128Array::from(values).with_precision_and_scale(precision, 2)
        };
        check(
            of(Arc::new(decimal(vec![1234, -1, 99_999, -99_999], 5)?), 10),
            decimal(vec![1000, -1000, 99_000, -99_999], 5)?,
        );
        check(of(Arc::new(decimal(vec![1, -1], 5)?), u64::MAX), decimal(vec![0, -99_999], 5)?);
        let text: ArrayRef = Arc::new(StringArray::from(vec!["1"]));
        assert!(generalise_number(&text, 1).is_err());
        Ok(())
    }

    #[test]
    fn times_to_units() {
        let days = |text: &str| -> i32 {
            let date: jiff::civil::Date = text.parse().expect("the test's date is one");
            let since =
                date.since((jiff::Unit::Day, jiff::civil::date(1970, 1, 1))).expect("a date has a distance");
            since.get_days()
        };
        for (unit, expected) in [
            (TimeUnit::Day, "2024-05-16"),
            (TimeUnit::Week, "2024-05-13"),
            (TimeUnit::Month, "2024-05-01"),
            (TimeUnit::Quarter, "2024-04-01"),
            (TimeUnit::Year, "2024-01-01"),
            (TimeUnit::Hour, "2024-05-16"),
        ] {
            let dates: ArrayRef = Arc::new(Date32Array::from(vec![Some(days("2024-05-16")), None]));
            check(generalise_time(&dates, unit), Date32Array::from(vec![Some(days(expected)), None]));
        }
        let micros =
            |text: &str| text.parse::<jiff::Timestamp>().expect("the test's instant is one").as_microsecond();
        for (unit, expected) in [
            (TimeUnit::Second, "1969-11-30T23:58:59Z"),
            (TimeUnit::Minute, "1969-11-30T23:58:00Z"),
            (TimeUnit::Hour, "1969-11-30T23:00:00Z"),
            (TimeUnit::Day, "1969-11-30T00:00:00Z"),
            (TimeUnit::Week, "1969-11-24T00:00:00Z"),
            (TimeUnit::Month, "1969-11-01T00:00:00Z"),
            (TimeUnit::Quarter, "1969-10-01T00:00:00Z"),
            (TimeUnit::Year, "1969-01-01T00:00:00Z"),
        ] {
            for zone in [Some("UTC"), None] {
                let of = |text| TimestampMicrosecondArray::from(vec![micros(text)]).with_timezone_opt(zone);
                let instants: ArrayRef = Arc::new(of("1969-11-30T23:58:59.5Z"));
                check(generalise_time(&instants, unit), of(expected));
            }
        }
        for unit in [TimeUnit::Year, TimeUnit::Week, TimeUnit::Minute] {
            let ends: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![i64::MIN, i64::MAX]));
            assert!(generalise_time(&ends, unit).is_ok());
            let ends: ArrayRef = Arc::new(Date32Array::from(vec![i32::MIN, i32::MAX]));
            assert!(generalise_time(&ends, unit).is_ok());
        }
    }

    proptest! {
        /// The calendar is that of another library.
        #[test]
        fn months_agree_with_another_library(day in -700_000_i32..2_900_000) {
            let date = jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(day));
            let date = date.map_err(|e| TestCaseError::fail(e.to_string()))?;
            let (year, month) = year_and_month(day.into());
            prop_assert_eq!((year, month), (i64::from(date.year()), i64::from(date.month())));
            let first = start_of_day_unit(day.into(), TimeUnit::Month);
            prop_assert_eq!(i64::from(day) - first + 1, i64::from(date.day()));
            let monday = start_of_day_unit(day.into(), TimeUnit::Week);
            prop_assert_eq!(i64::from(day) - monday, i64::from(date.weekday().to_monday_zero_offset()));
        }
    }
}
