//! Functions of text over arrays: by code point, letter case by Unicode without a locale.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringBuilder};
use arrow::datatypes::{Int32Type, Int64Type};
use datafusion::common::Result;
use headwater_compiler::data_type::DataType;
use headwater_compiler::expr::Expr;
use headwater_compiler::function::TEXT_BYTES_MAX;

use super::expression::Prepared;
use super::rows::Rows;

/// The kernel of a function of this file.
pub(super) fn prepare(name: &str, args: &[Expr], _gives: &DataType) -> Result<Option<Prepared>> {
    if let Some(write) = of_one(name, args.len()) {
        return Ok(Some(Prepared::all(args, move |rows| {
            let text = rows.text(0);
            Ok(Arc::new(rows.to_text(|row, out| {
                write(text.value(row), out);
                true
            })))
        })));
    }
    if let Some(number) = counted(name, args) {
        return Ok(Some(number));
    }
    Ok(Some(match name {
        "||" | "concat" => Prepared::all(args, |rows| {
            let texts: Vec<_> = (0..rows.args.len()).map(|index| rows.text(index)).collect();
            Ok(Arc::new(rows.to_text(|row, out| {
                texts.iter().for_each(|text| out.push_str(text.value(row)));
                true
            })))
        }),
        "concat_ws" => Prepared::all(args, |rows| Ok(concat_ws(rows))),
        "trim" | "ltrim" | "rtrim" => trimmed(name, args),
        "substring" => Prepared::all(args, |rows| {
            let (text, from) = (rows.text(0), rows.numbers::<Int32Type>(1));
            let length = rows.args.get(2).map(|_| rows.numbers::<Int32Type>(2));
            Ok(Arc::new(rows.to_text(|row, out| {
                let length = length.map(|length| length.value(row));
                substring(text.value(row), from.value(row), length, out)
            })))
        }),
        "left" | "right" => {
            let left = name == "left";
            Prepared::all(args, move |rows| {
                let (text, count) = (rows.text(0), rows.numbers::<Int32Type>(1));
                Ok(Arc::new(rows.to_text(|row, out| {
                    let (text, count) = (text.value(row), usize::try_from(count.value(row)).unwrap_or(0));
                    out.push_str(if left { &text[..place(text, count)] } else { last(text, count) });
                    true
                })))
            })
        }
        "lpad" | "rpad" => padded(args, name == "lpad"),
        "repeat" => Prepared::all(args, |rows| {
            let (text, times) = (rows.text(0), rows.numbers::<Int32Type>(1));
            Ok(Arc::new(rows.to_text(|row, out| repeat(text.value(row), times.value(row), out))))
        }),
        "overlay" => overlaid(args),
        "translate" => Prepared::all(args, |rows| {
            let (text, from, to) = (rows.text(0), rows.text(1), rows.text(2));
            Ok(Arc::new(rows.to_text(|row, out| {
                translate(text.value(row), from.value(row), to.value(row), out);
                true
            })))
        }),
        "split_index" => Prepared::all(args, |rows| {
            let (text, separator, index) = (rows.text(0), rows.text(1), rows.numbers::<Int32Type>(2));
            Ok(Arc::new(rows.to_text(|row, out| {
                let Ok(index) = usize::try_from(index.value(row)) else { return false };
                let part = parts(text.value(row), separator.value(row)).nth(index);
                part.inspect(|part| out.push_str(part)).is_some()
            })))
        }),
        _ => return Ok(None),
    }))
}

type Write = fn(&str, &mut String);

/// Functions of one text that give text.
fn of_one(name: &str, count: usize) -> Option<Write> {
    Some(match (name, count) {
        ("upper", 1) => |text, out| out.push_str(&text.to_uppercase()),
        ("lower", 1) => |text, out| out.push_str(&text.to_lowercase()),
        ("initcap", 1) => initcap,
        ("reverse", 1) => |text, out| out.extend(text.chars().rev()),
        ("trim", 1) => |text, out| out.push_str(text.trim_matches(' ')),
        ("ltrim", 1) => |text, out| out.push_str(text.trim_start_matches(' ')),
        ("rtrim", 1) => |text, out| out.push_str(text.trim_end_matches(' ')),
        _ => return None,
    })
}

/// Functions between text and numbers.
fn counted(name: &str, args: &[Expr]) -> Option<Prepared> {
    Some(match name {
        "char_length" => of_text(args, |text| text.chars().count()),
        "octet_length" if args[0].data_type == DataType::String => of_text(args, str::len),
        "octet_length" => Prepared::all(args, |rows| {
            let bytes = rows.bytes(0);
            Ok(Arc::new(rows.to_numbers::<Int32Type>(|row| i32::try_from(bytes.value(row).len()).ok())))
        }),
        "ascii" => of_text(args, |text| usize::from(text.bytes().next().unwrap_or(0))),
        "chr" => Prepared::all(args, |rows| {
            let number = rows.numbers::<Int64Type>(0);
            Ok(Arc::new(rows.to_text(|row, out| {
                let character = u32::try_from(number.value(row)).ok().and_then(char::from_u32);
                character.inspect(|character| out.push(*character)).is_some()
            })))
        }),
        _ => return None,
    })
}

/// A count in a text, which is shorter than 2 GiB because an array of text is.
fn of_text(args: &[Expr], count: fn(&str) -> usize) -> Prepared {
    Prepared::all(args, move |rows| {
        let text = rows.text(0);
        Ok(Arc::new(rows.to_numbers::<Int32Type>(|row| i32::try_from(count(text.value(row))).ok())))
    })
}

/// The first letter of each run of letters and digits in upper case.
fn initcap(text: &str, out: &mut String) {
    let mut inside = false;
    for c in text.chars() {
        if inside {
            out.extend(c.to_lowercase());
        } else {
            out.extend(c.to_uppercase());
        }
        inside = c.is_alphanumeric();
    }
}

fn concat_ws(rows: &Rows<'_>) -> ArrayRef {
    let texts: Vec<_> = (0..rows.args.len()).map(|index| rows.text(index)).collect();
    let (separator, texts) = (texts[0], &texts[1..]);
    let mut builder = StringBuilder::with_capacity(rows.count, rows.count * 8);
    let mut out = String::new();
    for row in 0..rows.count {
        if separator.is_null(row) {
            builder.append_null();
            continue;
        }
        out.clear();
        let known = texts.iter().filter(|text| text.is_valid(row));
        for (index, text) in known.enumerate() {
            if index > 0 {
                out.push_str(separator.value(row));
            }
            out.push_str(text.value(row));
        }
        builder.append_value(&out);
    }
    Arc::new(builder.finish())
}

/// Without characters of a set at the ends.
fn trimmed(name: &str, args: &[Expr]) -> Prepared {
    let (start, end) = (name != "rtrim", name != "ltrim");
    Prepared::all(args, move |rows| {
        let (text, set) = (rows.text(0), rows.text(1));
        Ok(Arc::new(rows.to_text(|row, out| {
            let set = set.value(row);
            let mut text = text.value(row);
            if start {
                text = text.trim_start_matches(|c| set.contains(c));
            }
            if end {
                text = text.trim_end_matches(|c| set.contains(c));
            }
            out.push_str(text);
            true
        })))
    })
}

/// The byte at which the character with this index, from 0, starts; the end if there are fewer.
pub(super) fn place(text: &str, index: usize) -> usize {
    if text.is_ascii() {
        return index.min(text.len());
    }
    text.char_indices().nth(index).map_or(text.len(), |(place, _)| place)
}

fn last(text: &str, count: usize) -> &str {
    let skipped = text.chars().count().saturating_sub(count);
    &text[place(text, skipped)..]
}

fn substring(text: &str, from: i32, length: Option<i32>, out: &mut String) -> bool {
    let Ok(length) = usize::try_from(length.unwrap_or(i32::MAX)) else { return false };
    let start = match usize::try_from(from) {
        Ok(from) => from.saturating_sub(1),
        Err(_) => match text.chars().count().checked_sub(from.unsigned_abs() as usize) {
            Some(start) => start,
            None => return true,
        },
    };
    let rest = &text[place(text, start)..];
    out.push_str(&rest[..place(rest, length)]);
    true
}

fn padded(args: &[Expr], on_left: bool) -> Prepared {
    Prepared::all(args, move |rows| {
        let (text, length, padding) = (rows.text(0), rows.numbers::<Int32Type>(1), rows.text(2));
        Ok(Arc::new(rows.to_text(|row, out| {
            let (text, padding) = (text.value(row), padding.value(row));
            let Ok(length) = usize::try_from(length.value(row)) else { return false };
            if padding.is_empty() || length > TEXT_BYTES_MAX {
                return false;
            }
            let kept = &text[..place(text, length)];
            let missing = length - kept.chars().count();
            let fill = padding.chars().cycle().take(missing);
            if on_left {
                out.extend(fill);
                out.push_str(kept);
            } else {
                out.push_str(kept);
                out.extend(fill);
            }
            out.len() <= TEXT_BYTES_MAX
        })))
    })
}

fn repeat(text: &str, times: i32, out: &mut String) -> bool {
    let times = usize::try_from(times).unwrap_or(0);
    if text.len().checked_mul(times).is_none_or(|length| length > TEXT_BYTES_MAX) {
        return false;
    }
    (0..times).for_each(|_| out.push_str(text));
    true
}

fn overlaid(args: &[Expr]) -> Prepared {
    Prepared::all(args, |rows| {
        let (text, by, from) = (rows.text(0), rows.text(1), rows.numbers::<Int32Type>(2));
        let length = rows.args.get(3).map(|_| rows.numbers::<Int32Type>(3));
        Ok(Arc::new(rows.to_text(|row, out| {
            let (text, by, from) = (text.value(row), by.value(row), from.value(row));
            let length = match length {
                Some(length) => usize::try_from(length.value(row)).unwrap_or(usize::MAX),
                None => by.chars().count(),
            };
            let start = usize::try_from(from).ok().and_then(|from| from.checked_sub(1));
            match start.filter(|&start| start < text.chars().count()) {
                Some(start) => {
                    let (before, rest) = text.split_at(place(text, start));
                    out.push_str(before);
                    out.push_str(by);
                    out.push_str(&rest[place(rest, length)..]);
                }
                None => out.push_str(text),
            }
            true
        })))
    })
}

fn translate(text: &str, from: &str, to: &str, out: &mut String) {
    for c in text.chars() {
        match from.chars().position(|other| other == c) {
            None => out.push(c),
            Some(index) => out.extend(to.chars().nth(index)),
        }
    }
}

/// The parts of a text between separators; an empty separator cuts nowhere.
pub(super) fn parts<'a>(text: &'a str, separator: &'a str) -> Box<dyn Iterator<Item = &'a str> + 'a> {
    if separator.is_empty() { Box::new(std::iter::once(text)) } else { Box::new(text.split(separator)) }
}
