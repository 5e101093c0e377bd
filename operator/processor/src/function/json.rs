//! Functions of JSON text over arrays, and values as JSON text.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{Float32Type, Float64Type};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use datafusion::common::{Result, internal_err};
use headwater_compiler::data_type::DataType;
use headwater_compiler::expr::Expr;
use headwater_compiler::function::{constant_text, json_path};

use super::cast_text;
use super::expression::Prepared;
use super::json_text::{self, Kind};

/// The kernel of a function of this file.
pub(super) fn prepare(name: &str, args: &[Expr], _gives: &DataType) -> Result<Option<Prepared>> {
    let path = || match json_path::parse(args.get(1).and_then(constant_text).unwrap_or_default()) {
        Ok(path) => Ok(path),
        Err(problem) => internal_err!("a path that {problem}"),
    };
    Ok(Some(match name {
        "json_value" => {
            let path = path()?;
            Prepared::of(&[0], move |rows| {
                let text = rows.text(0);
                Ok(Arc::new(rows.to_text(|row, out| match json_text::find(text.value(row), &path) {
                    Some((Kind::String, found)) => {
                        out.push_str(&json_text::unescaped(found));
                        true
                    }
                    Some((Kind::Word, found)) => {
                        out.push_str(found);
                        true
                    }
                    Some((Kind::Null | Kind::Nested, _)) | None => false,
                })))
            })
        }
        "json_query" => {
            let path = path()?;
            Prepared::of(&[0], move |rows| {
                let text = rows.text(0);
                Ok(Arc::new(rows.to_text(|row, out| match json_text::find(text.value(row), &path) {
                    Some((Kind::Nested, found)) => {
                        json_text::write_compact(found, out);
                        true
                    }
                    Some((Kind::Null | Kind::Word | Kind::String, _)) | None => false,
                })))
            })
        }
        "json_exists" => {
            let path = path()?;
            Prepared::of(&[0], move |rows| {
                let text = rows.text(0);
                Ok(Arc::new(rows.to_truth(|row| Some(json_text::find(text.value(row), &path).is_some()))))
            })
        }
        "is json" => Prepared::all(args, |rows| {
            let text = rows.text(0);
            Ok(Arc::new(rows.to_truth(|row| Some(json_text::is_json(text.value(row))))))
        }),
        "json_string" => {
            let from = args[0].data_type.clone();
            Prepared::all(args, move |rows| {
                let writer = writer(&rows.args[0], &from);
                Ok(Arc::new(rows.to_text(|row, out| {
                    writer(row, out);
                    true
                })))
            })
        }
        _ => return Ok(None),
    }))
}

type Writer<'a> = Box<dyn Fn(usize, &mut String) + 'a>;

/// Writes the value of a row as JSON, `null` where there is none.
fn writer<'a>(array: &'a ArrayRef, from: &'a DataType) -> Writer<'a> {
    let some = some_writer(array, from);
    Box::new(move |row, out| if array.is_null(row) { out.push_str("null") } else { some(row, out) })
}

fn some_writer<'a>(array: &'a ArrayRef, from: &'a DataType) -> Writer<'a> {
    match from {
        DataType::List(slot) => {
            let list = array.as_list::<i32>();
            let inside = writer(list.values(), &slot.data_type);
            Box::new(move |row, out| {
                let (start, end) = (list.value_offsets()[row], list.value_offsets()[row + 1]);
                out.push('[');
                separated(start..end, out, |at, out| inside(at, out));
                out.push(']');
            })
        }
        DataType::Map(slot) => {
            let map = array.as_map();
            let (keys, inside) = (map.keys().as_string::<i32>(), writer(map.values(), &slot.data_type));
            Box::new(move |row, out| {
                let (start, end) = (map.value_offsets()[row], map.value_offsets()[row + 1]);
                out.push('{');
                separated(start..end, out, |at, out| {
                    json_text::write_string(keys.value(at), out);
                    out.push(':');
                    inside(at, out);
                });
                out.push('}');
            })
        }
        DataType::Struct(members) => {
            let columns = array.as_struct().columns();
            let writers: Vec<_> = members
                .iter()
                .zip(columns)
                .map(|(member, column)| (member.name.as_str(), writer(column, &member.data_type)))
                .collect();
            Box::new(move |row, out| {
                out.push('{');
                for (index, (name, write)) in writers.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    json_text::write_string(name, out);
                    out.push(':');
                    write(row, out);
                }
                out.push('}');
            })
        }
        DataType::Bytes => {
            let bytes = array.as_binary::<i32>();
            Box::new(|row, out| json_text::write_string(&STANDARD.encode(bytes.value(row)), out))
        }
        DataType::Unknown
        | DataType::Null
        | DataType::String
        | DataType::Bool
        | DataType::Int32
        | DataType::Int64
        | DataType::Float32
        | DataType::Float64
        | DataType::Decimal { .. }
        | DataType::Date
        | DataType::Time
        | DataType::Timestamp
        | DataType::TimestampLocal
        | DataType::Uuid
        | DataType::Interval => plain_writer(array, from),
    }
}

/// Numbers and truth values as they are written, everything else in quotes; what JSON has no number for is null.
fn plain_writer<'a>(array: &'a ArrayRef, from: &'a DataType) -> Writer<'a> {
    let has_number = move |row: usize| {
        let double = array.as_primitive_opt::<Float64Type>().map(|values| values.value(row).is_finite());
        let single = array.as_primitive_opt::<Float32Type>().map(|values| values.value(row).is_finite());
        double.or(single).unwrap_or(true)
    };
    let bare = from.is_numeric() || *from == DataType::Bool;
    let write = cast_text::writer(array, from).map(std::cell::RefCell::new);
    Box::new(move |row, out| {
        let Some(write) = write.as_ref().filter(|_| has_number(row)) else {
            out.push_str("null");
            return;
        };
        if bare {
            (write.borrow_mut())(row, out);
        } else {
            let mut text = String::new();
            (write.borrow_mut())(row, &mut text);
            json_text::write_string(&text, out);
        }
    })
}

fn separated(range: std::ops::Range<i32>, out: &mut String, mut write: impl FnMut(usize, &mut String)) {
    for (index, at) in range.enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(usize::try_from(at).expect("an offset is not negative"), out);
    }
}
