//! Takes a Parquet file; gives the contract that its schema states, of which only key and event time are guesses.
//!
//! No record is read.

use std::collections::BTreeSet;
use std::path::Path;

use arrow::datatypes::DataType;
use parquet::arrow::parquet_to_arrow_schema;
use parquet::file::reader::{FileReader, SerializedFileReader};

use crate::exit::{Failure, Result};
use crate::files::{shown, unreadable};
use crate::infer::{FileKind, Guess, GuessedField, is_personal, sql_name};

/// Looks at the schema of a file.
///
/// # Errors
/// If it can't be read, or holds columns of which a contract can't be guessed.
pub(crate) fn infer(file: &Path) -> Result<Guess> {
    let open = std::fs::File::open(file).map_err(|error| unreadable(file, &error))?;
    let failed = |error: parquet::errors::ParquetError| {
        Failure::failed(format!("`{}` can't be read as Parquet: {error}", shown(file)))
    };
    let reader = SerializedFileReader::new(open).map_err(failed)?;
    let metadata = reader.metadata().file_metadata();
    let schema =
        parquet_to_arrow_schema(metadata.schema_descr(), metadata.key_value_metadata()).map_err(failed)?;
    let mut taken = BTreeSet::new();
    let mut fields = Vec::new();
    for field in schema.fields() {
        let mut name = sql_name(field.name());
        while !taken.insert(name.clone()) {
            name.push('_');
        }
        let data_type = type_name(field.data_type()).ok_or_else(|| {
            let (field, file) = (field.name(), shown(file));
            Failure::failed(format!("`{field}` in `{file}` is of a type that no contract is guessed for"))
                .help("write the contract by hand: `items[].sku` is a member of an element of a list")
        })?;
        fields.push(GuessedField {
            source_name: (name != *field.name()).then(|| field.name().clone()),
            data_type,
            required: !field.is_nullable(),
            personal: is_personal(&name),
            name,
        });
    }
    let is_time = |field: &&GuessedField| field.required && field.data_type == "timestamp";
    Ok(Guess {
        kind: FileKind::Parquet,
        delimiter: None,
        windows_1252: false,
        nulls: vec![String::new()],
        // Whether a column's values differ can't be told from the schema.
        key: None,
        event_time: fields.iter().find(is_time).map(|field| field.name.clone()),
        records: usize::try_from(metadata.num_rows()).unwrap_or_default(),
        whole: true,
        fields,
    })
}

/// The type of the language that holds all values of an Arrow type.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what contracts have no flat type for is refused, new types too"
)]
fn type_name(data_type: &DataType) -> Option<String> {
    let name = match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "string",
        DataType::Boolean => "bool",
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::UInt8 | DataType::UInt16 => "int32",
        DataType::Int64 | DataType::UInt32 => "int64",
        DataType::UInt64 => "decimal(20,0)",
        DataType::Float16 | DataType::Float32 => "float32",
        DataType::Float64 => "float64",
        DataType::Date32 | DataType::Date64 => "date",
        DataType::Time32(_) | DataType::Time64(_) => "time",
        DataType::Timestamp(_, Some(_)) => "timestamp",
        DataType::Timestamp(_, None) => "timestamp_local",
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            "bytes"
        }
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale) => {
            let scale = u8::try_from(*scale).ok()?;
            return Some(format!("decimal({precision},{scale})"));
        }
        DataType::Dictionary(_, values) => return type_name(values),
        _ => return None,
    };
    Some(name.to_owned())
}
