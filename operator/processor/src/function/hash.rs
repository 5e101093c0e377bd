//! Digests, encodings and identifiers over arrays.

use std::sync::Arc;

use arrow::array::{Array, BinaryBuilder, FixedSizeBinaryBuilder};
use arrow::datatypes::Int64Type;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use datafusion::common::Result;
use headwater_compiler::data_type::DataType;
use headwater_compiler::expr::Expr;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use super::expression::Prepared;
use super::rows::Rows;

/// The kernel of a function of this file.
pub(super) fn prepare(name: &str, args: &[Expr], _gives: &DataType) -> Result<Option<Prepared>> {
    if let Some(digest) = digest(name) {
        return Ok(Some(of_text(args, move |text| Some(digest(text.as_bytes())))));
    }
    let from = args.first().map(|arg| &arg.data_type);
    Ok(Some(match (name, from) {
        ("to_base64", Some(DataType::Bytes)) => of_bytes(args, |bytes| STANDARD.encode(bytes)),
        ("to_base64", _) => of_text(args, |text| Some(STANDARD.encode(text))),
        ("from_base64", _) => of_text(args, |text| String::from_utf8(STANDARD.decode(text).ok()?).ok()),
        ("hex", Some(DataType::Bytes)) => of_bytes(args, |bytes| hex::encode_upper(bytes)),
        ("hex", Some(DataType::Int64)) => of_number(args, |number| format!("{number:X}")),
        ("hex", _) => of_text(args, |text| Some(hex::encode_upper(text))),
        ("bin", _) => of_number(args, |number| format!("{number:b}")),
        ("unhex", _) => Prepared::all(args, |rows| {
            let text = rows.text(0);
            let mut builder = BinaryBuilder::new();
            for row in 0..rows.count {
                builder
                    .append_option(text.is_valid(row).then(|| hex::decode(text.value(row)).ok()).flatten());
            }
            Ok(Arc::new(builder.finish()))
        }),
        ("uuid_v5", _) => Prepared::all(args, uuid_v5),
        ("crc32", _) => Prepared::all(args, |rows| {
            let text = rows.text(0);
            let sum = |row: usize| Some(i64::from(crc32fast::hash(text.value(row).as_bytes())));
            Ok(Arc::new(rows.to_numbers::<Int64Type>(sum)))
        }),
        _ => return Ok(None),
    }))
}

/// A digest in hexadecimal digits, lower case.
fn digest(name: &str) -> Option<fn(&[u8]) -> String> {
    fn shown<D: Digest>(bytes: &[u8]) -> String {
        hex::encode(D::digest(bytes))
    }
    Some(match name {
        "md5" => shown::<Md5>,
        "sha1" => shown::<Sha1>,
        "sha224" => shown::<Sha224>,
        "sha256" => shown::<Sha256>,
        "sha384" => shown::<Sha384>,
        "sha512" => shown::<Sha512>,
        _ => return None,
    })
}

fn of_text(args: &[Expr], convert: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Prepared {
    Prepared::all(args, move |rows| {
        let text = rows.text(0);
        Ok(Arc::new(rows.to_text(|row, out| {
            convert(text.value(row)).inspect(|converted| out.push_str(converted)).is_some()
        })))
    })
}

fn of_bytes(args: &[Expr], convert: fn(&[u8]) -> String) -> Prepared {
    Prepared::all(args, move |rows| {
        let bytes = rows.bytes(0);
        Ok(Arc::new(rows.to_text(|row, out| {
            out.push_str(&convert(bytes.value(row)));
            true
        })))
    })
}

fn of_number(args: &[Expr], convert: fn(i64) -> String) -> Prepared {
    Prepared::all(args, move |rows| {
        let numbers = rows.numbers::<Int64Type>(0);
        Ok(Arc::new(rows.to_text(|row, out| {
            out.push_str(&convert(numbers.value(row)));
            true
        })))
    })
}

fn uuid_v5(rows: &Rows<'_>) -> Result<arrow::array::ArrayRef> {
    let (namespace, name) = (rows.uuid(0), rows.text(1));
    let mut builder = FixedSizeBinaryBuilder::with_capacity(rows.count, 16);
    for row in 0..rows.count {
        if namespace.is_null(row) || name.is_null(row) {
            builder.append_null();
            continue;
        }
        let namespace = uuid::Uuid::from_slice(namespace.value(row)).unwrap_or_default();
        builder.append_value(uuid::Uuid::new_v5(&namespace, name.value(row).as_bytes()).into_bytes())?;
    }
    Ok(Arc::new(builder.finish()))
}
