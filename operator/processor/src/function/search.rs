//! Finding and replacing in text over arrays.

use std::sync::Arc;

use arrow::array::{Array, ListBuilder, StringBuilder};
use arrow::datatypes::{DataType as ArrowType, Field, Int32Type};
use datafusion::common::{Result, internal_err};
use headwater_compiler::data_type::DataType;
use headwater_compiler::expr::Expr;
use headwater_compiler::function::{constant_int, constant_text, like, regex as subset};
use regex::{NoExpand, Regex};

use super::expression::Prepared;
use super::rows::Rows;
use super::text::{parts, place};

/// A pattern of `LIKE` for the columnar engine, whose escape character is the backslash.
pub(super) fn like_pattern(pattern: &str, escape: Option<char>) -> Result<String> {
    let parts = match like::parse(pattern, escape) {
        Ok(parts) => parts,
        Err(problem) => return internal_err!("a pattern that {problem}"),
    };
    let mut text = String::new();
    for part in parts {
        match part {
            like::Part::One => text.push('_'),
            like::Part::Any => text.push('%'),
            like::Part::Text(literal) => {
                for c in literal.chars() {
                    if matches!(c, '%' | '_' | '\\') {
                        text.push('\\');
                    }
                    text.push(c);
                }
            }
        }
    }
    Ok(text)
}

/// The kernel of a function of this file.
pub(super) fn prepare(name: &str, args: &[Expr], _gives: &DataType) -> Result<Option<Prepared>> {
    if name.starts_with("regexp") {
        return by_regex(name, args).map(Some);
    }
    Ok(Some(match name {
        "position" => found(args, 1, 0),
        "locate" => found(args, 1, 0),
        "instr" => found(args, 0, 1),
        "contains" => told(args, |text, part| text.contains(part)),
        "startswith" => told(args, |text, part| text.starts_with(part)),
        "endswith" => told(args, |text, part| text.ends_with(part)),
        "replace" => Prepared::all(args, |rows| {
            let (text, part, by) = (rows.text(0), rows.text(1), rows.text(2));
            Ok(Arc::new(rows.to_text(|row, out| {
                let (text, part) = (text.value(row), part.value(row));
                if part.is_empty() {
                    out.push_str(text);
                } else {
                    out.push_str(&text.replace(part, by.value(row)));
                }
                true
            })))
        }),
        "split" => Prepared::all(args, |rows| Ok(split(rows))),
        _ => return Ok(None),
    }))
}

/// Where a part stands, from 1, searched from a position if a third argument states one.
fn found(args: &[Expr], text: usize, part: usize) -> Prepared {
    Prepared::all(args, move |rows| {
        let (text, part) = (rows.text(text), rows.text(part));
        let from = rows.args.get(2).map(|_| rows.numbers::<Int32Type>(2));
        Ok(Arc::new(rows.to_numbers::<Int32Type>(|row| {
            let text = text.value(row);
            let skipped = match from.map_or(Ok(1), |from| usize::try_from(from.value(row))) {
                Ok(0) | Err(_) => return Some(0),
                Ok(from) => place(text, from - 1),
            };
            match text[skipped..].find(part.value(row)) {
                Some(at) => i32::try_from(text[..skipped + at].chars().count() + 1).ok(),
                None => Some(0),
            }
        })))
    })
}

fn told(args: &[Expr], tell: fn(&str, &str) -> bool) -> Prepared {
    Prepared::all(args, move |rows| {
        let (text, part) = (rows.text(0), rows.text(1));
        Ok(Arc::new(rows.to_truth(|row| Some(tell(text.value(row), part.value(row))))))
    })
}

fn split(rows: &Rows<'_>) -> arrow::array::ArrayRef {
    let (text, separator) = (rows.text(0), rows.text(1));
    let field = Field::new("item", ArrowType::Utf8, false);
    let mut builder = ListBuilder::new(StringBuilder::new()).with_field(field);
    for row in 0..rows.count {
        let known = text.is_valid(row) && separator.is_valid(row);
        if known {
            parts(text.value(row), separator.value(row)).for_each(|part| builder.values().append_value(part));
        }
        builder.append(known);
    }
    Arc::new(builder.finish())
}

fn by_regex(name: &str, args: &[Expr]) -> Result<Prepared> {
    let pattern = args.get(1).and_then(constant_text).unwrap_or_default();
    let translated = match subset::parse(pattern) {
        Ok(regex) => regex.text,
        Err(problem) => return internal_err!("a regular expression that {problem}"),
    };
    let regex = match Regex::new(&translated) {
        Ok(regex) => regex,
        Err(error) => {
            return datafusion::common::exec_err!("a regular expression that is too large: {error}");
        }
    };
    Ok(match name {
        "regexp" => Prepared::of(&[0], move |rows| {
            let text = rows.text(0);
            Ok(Arc::new(rows.to_truth(|row| Some(regex.is_match(text.value(row))))))
        }),
        "regexp_count" => Prepared::of(&[0], move |rows| {
            let text = rows.text(0);
            let count = |row: usize| i32::try_from(regex.find_iter(text.value(row)).count()).ok();
            Ok(Arc::new(rows.to_numbers::<Int32Type>(count)))
        }),
        "regexp_extract" => {
            let group = args.get(2).and_then(constant_int).unwrap_or(0);
            let group = usize::try_from(group).unwrap_or(0);
            Prepared::of(&[0], move |rows| {
                let text = rows.text(0);
                Ok(Arc::new(rows.to_text(|row, out| {
                    let found = regex.captures(text.value(row)).and_then(|captures| captures.get(group));
                    found.inspect(|found| out.push_str(found.as_str())).is_some()
                })))
            })
        }
        _ => Prepared::of(&[0, 2], move |rows| {
            let (text, by) = (rows.text(0), rows.text(1));
            Ok(Arc::new(rows.to_text(|row, out| {
                out.push_str(&regex.replace_all(text.value(row), NoExpand(by.value(row))));
                true
            })))
        }),
    })
}
