//! Functions of numbers over arrays, and the choice between values.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, PrimitiveArray};
use arrow::compute::kernels::cmp;
use arrow::compute::kernels::zip::zip;
use arrow::compute::{is_not_null, nullif};
use arrow::datatypes::{ArrowPrimitiveType, Decimal128Type, Float32Type, Float64Type, Int32Type, Int64Type};
use datafusion::common::{Result, internal_err};
use headwater_compiler::data_type::DataType;
use headwater_compiler::expr::Expr;
use headwater_compiler::function::constant_int;

use super::arithmetic::{scale_of, sized};
use super::decimal::{self, Size};
use super::expression::Prepared;
use super::rows::Rows;
use super::{canonical, float_text};

/// The kernel of a function of this file.
pub(super) fn prepare(name: &str, args: &[Expr], gives: &DataType) -> Result<Option<Prepared>> {
    if let Some(choice) = choice(name, args) {
        return Ok(Some(choice));
    }
    if args.len() == 1
        && let Some(real) = real(name)
    {
        return Ok(Some(Prepared::all(args, move |rows| {
            let a = rows.numbers::<Float64Type>(0);
            Ok(Arc::new(rows.to_numbers::<Float64Type>(|row| real(a.value(row)))))
        })));
    }
    if let Some(pair) = pair(name, args.len()) {
        return Ok(Some(Prepared::all(args, move |rows| {
            let (a, b) = (rows.numbers::<Float64Type>(0), rows.numbers::<Float64Type>(1));
            Ok(Arc::new(rows.to_numbers::<Float64Type>(|row| pair(a.value(row), b.value(row)))))
        })));
    }
    let digits = args.get(1).and_then(constant_int).unwrap_or(0);
    let digits = i32::try_from(digits).unwrap_or(0);
    match name {
        "pi" => Ok(Some(constant(std::f64::consts::PI))),
        "e" => Ok(Some(constant(std::f64::consts::E))),
        "abs" | "sign" | "ceil" | "floor" | "round" | "truncate" if !is_time(args) => {
            rounding(name, digits, args, gives).map(Some)
        }
        _ => Ok(None),
    }
}

fn is_time(args: &[Expr]) -> bool {
    args.first().is_some_and(|arg| !arg.data_type.is_numeric())
}

fn constant(value: f64) -> Prepared {
    Prepared::of(&[], move |rows| Ok(Arc::new(Float64Array::from_value(value, rows.count))))
}

/// Functions that look at which value there is, not at what it is.
fn choice(name: &str, args: &[Expr]) -> Option<Prepared> {
    let known: Vec<usize> =
        (0..args.len()).filter(|&index| args[index].data_type != DataType::Null).collect();
    Some(match name {
        "coalesce" => Prepared::of(if known.is_empty() { &[0] } else { &known }, |rows| {
            let mut value = rows.args[0].clone();
            for next in &rows.args[1..] {
                if value.logical_null_count() == 0 {
                    break;
                }
                value = zip(&is_not_null(&value)?, &value, next)?;
            }
            Ok(value)
        }),
        "nullif" => Prepared::all(args, |rows| {
            let (a, b) = (canonical::array(&rows.args[0]), canonical::array(&rows.args[1]));
            Ok(nullif(&rows.args[0], &cmp::eq(&a, &b)?)?)
        }),
        "greatest" | "least" => {
            let greatest = name == "greatest";
            Prepared::all(args, move |rows| extreme(rows, greatest))
        }
        _ => return None,
    })
}

fn extreme(rows: &Rows<'_>, greatest: bool) -> Result<ArrayRef> {
    let mut value = canonical::array(&rows.args[0]);
    for next in &rows.args[1..] {
        let next = canonical::array(next);
        let keep = if greatest { cmp::gt_eq(&value, &next)? } else { cmp::lt_eq(&value, &next)? };
        // Where either is null the comparison is null, and so is the result.
        let either = arrow::compute::is_null(&keep)?;
        value = nullif(&zip(&keep, &value, &next)?, &either)?;
    }
    Ok(value)
}

/// Functions of one double; null outside their domain.
fn real(name: &str) -> Option<fn(f64) -> Option<f64>> {
    Some(match name {
        "sqrt" => |a| (a >= 0.0 || a.is_nan()).then(|| a.sqrt()),
        "exp" => |a| Some(a.exp()),
        "ln" | "log" => |a| (a > 0.0 || a.is_nan()).then(|| a.ln()),
        "log10" => |a| (a > 0.0 || a.is_nan()).then(|| a.log10()),
        "log2" => |a| (a > 0.0 || a.is_nan()).then(|| a.log2()),
        "sin" => |a| Some(a.sin()),
        "cos" => |a| Some(a.cos()),
        "tan" => |a| Some(a.tan()),
        "asin" => |a| (a.abs() <= 1.0 || a.is_nan()).then(|| a.asin()),
        "acos" => |a| (a.abs() <= 1.0 || a.is_nan()).then(|| a.acos()),
        "atan" => |a| Some(a.atan()),
        "degrees" => |a| Some(a * 180.0 / std::f64::consts::PI),
        "radians" => |a| Some(a / 180.0 * std::f64::consts::PI),
        _ => return None,
    })
}

/// Functions of two doubles; null outside their domain.
fn pair(name: &str, count: usize) -> Option<fn(f64, f64) -> Option<f64>> {
    Some(match (name, count) {
        ("power", 2) => |a, b| {
            let value = a.powf(b);
            (!value.is_nan() || a.is_nan() || b.is_nan()).then_some(value)
        },
        ("atan2", 2) => |a, b| Some(a.atan2(b)),
        ("log", 2) => |base, a| {
            let defined = base > 0.0 && base != 1.0 && a > 0.0;
            (defined || base.is_nan() || a.is_nan()).then(|| a.ln() / base.ln())
        },
        _ => return None,
    })
}

/// `abs`, `sign` and what rounds, for each type of number.
fn rounding(name: &str, digits: i32, args: &[Expr], gives: &DataType) -> Result<Prepared> {
    let name = name.to_owned();
    Ok(match gives {
        DataType::Int32 => Prepared::of(&[0], move |rows| {
            each::<Int32Type>(rows, |a| {
                integer(&name, digits, i64::from(a)).and_then(|a| i32::try_from(a).ok())
            })
        }),
        DataType::Int64 => {
            Prepared::of(&[0], move |rows| each::<Int64Type>(rows, |a| integer(&name, digits, a)))
        }
        DataType::Float32 => Prepared::of(&[0], move |rows| {
            each::<Float32Type>(rows, |a| {
                Some(match name.as_str() {
                    "round" => float_text::round_float32(a, digits, true),
                    "truncate" => float_text::round_float32(a, digits, false),
                    // Exact in double precision.
                    _ => float(&name, f64::from(a)) as f32,
                })
            })
        }),
        DataType::Float64 => Prepared::of(&[0], move |rows| {
            each::<Float64Type>(rows, |a| {
                Some(match name.as_str() {
                    "round" => float_text::round_float64(a, digits, true),
                    "truncate" => float_text::round_float64(a, digits, false),
                    _ => float(&name, a),
                })
            })
        }),
        DataType::Decimal { precision, scale } => {
            let (size, from) = (Size { precision: *precision, scale: *scale }, scale_of(&args[0])?);
            Prepared::of(&[0], move |rows| {
                let a = rows.numbers::<Decimal128Type>(0);
                sized(rows.to_numbers(|row| of_decimal(&name, digits, a.value(row), from, size)), size)
            })
        }
        DataType::Unknown
        | DataType::Null
        | DataType::String
        | DataType::Bool
        | DataType::Date
        | DataType::Time
        | DataType::Timestamp
        | DataType::TimestampLocal
        | DataType::Bytes
        | DataType::Uuid
        | DataType::Interval
        | DataType::List(_)
        | DataType::Map(_)
        | DataType::Struct(_) => return internal_err!("`{name}` gives {gives}"),
    })
}

fn each<T: ArrowPrimitiveType>(
    rows: &Rows<'_>,
    operation: impl Fn(T::Native) -> Option<T::Native>,
) -> Result<ArrayRef> {
    let a: &PrimitiveArray<T> = rows.args[0].as_primitive::<T>();
    Ok(Arc::new(rows.to_numbers::<T>(|row| operation(a.value(row)))))
}

fn float(name: &str, a: f64) -> f64 {
    match name {
        "abs" => a.abs(),
        "ceil" => a.ceil(),
        "floor" => a.floor(),
        _ if a == 0.0 || a.is_nan() => a,
        _ => a.signum(),
    }
}

fn integer(name: &str, digits: i32, a: i64) -> Option<i64> {
    let whole = i128::from(a);
    let dropped = if digits < 0 { digits.unsigned_abs() } else { 0 };
    let value = match name {
        "abs" => whole.abs(),
        "sign" => whole.signum(),
        "round" if dropped > 19 => 0,
        "round" => decimal::drop_digits(whole, dropped) * decimal::power(dropped),
        "truncate" if dropped > 19 => 0,
        "truncate" => whole / decimal::power(dropped) * decimal::power(dropped),
        _ => whole,
    };
    i64::try_from(value).ok()
}

/// `value` counts `10^-from`; the result counts `10^-size.scale`.
fn of_decimal(name: &str, digits: i32, value: i128, from: u8, size: Size) -> Option<i128> {
    let unit = decimal::power(u32::from(from));
    match name {
        "abs" => Some(value.abs()),
        "sign" => decimal::rescaled(value.signum(), 0, size),
        "ceil" => Some(-(-value).div_euclid(unit)),
        "floor" => Some(value.div_euclid(unit)),
        _ => {
            let dropped = u32::try_from(i32::from(from) - digits).unwrap_or(0);
            if dropped > 38 {
                return Some(0);
            }
            let kept = if name == "round" {
                decimal::drop_digits(value, dropped)
            } else {
                value / decimal::power(dropped)
            };
            // Back to the scale of the result, which may be less than the argument's.
            let scale = i32::from(from) - i32::try_from(dropped).unwrap_or(0);
            match u32::try_from(i32::from(size.scale) - scale) {
                Ok(up) => decimal::within(kept.checked_mul(decimal::power(up))?, size.precision),
                Err(_) => decimal::within(kept, size.precision),
            }
        }
    }
}
