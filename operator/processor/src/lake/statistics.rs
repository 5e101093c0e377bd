//! From a finished Parquet file to its entry in an Iceberg manifest.
//!
//! Takes the file's footer, gives counts and bounds by field id (Iceberg specification, `data_file`).
//! It must not read the file again.

use std::collections::{BTreeMap, HashMap};

use iceberg::spec::{
    DataContentType, DataFile, DataFileBuilder, DataFileFormat, Datum, PrimitiveType, Schema, Struct, Type,
};
use parquet::file::statistics::Statistics;

use super::LakeError;
use super::parquet_file::ParquetWritten;

/// Longest bound of text and bytes that is kept, as other writers of Iceberg keep them.
const BOUND_LENGTH_MAX: usize = 16;

#[derive(Default)]
struct Column {
    bytes: u64,
    values: u64,
    nulls: Option<u64>,
    lower: Option<Datum>,
    upper: Option<Datum>,
    unbounded: bool,
}

/// Describes a file for a manifest.
pub(crate) fn data_file(
    file: &ParquetWritten,
    location: String,
    schema: &Schema,
    partition: Struct,
    spec_id: i32,
) -> Result<DataFile, LakeError> {
    let columns = columns(file, schema);
    let pick = |of: fn(&Column) -> Option<u64>| -> HashMap<i32, u64> {
        let each = columns.iter();
        each.filter_map(|(id, column)| Some((*id, of(column)?))).collect()
    };
    let bounds = |of: fn(&Column) -> &Option<Datum>| -> HashMap<i32, Datum> {
        let each = columns.iter().filter(|(_, column)| !column.unbounded);
        each.filter_map(|(id, column)| Some((*id, of(column).clone()?))).collect()
    };
    let groups = file.metadata.row_groups().iter();
    let built = DataFileBuilder::default()
        .content(DataContentType::Data)
        .file_path(location)
        .file_format(DataFileFormat::Parquet)
        .partition(partition)
        .partition_spec_id(spec_id)
        .record_count(file.rows)
        .file_size_in_bytes(file.bytes)
        .column_sizes(pick(|column| Some(column.bytes)))
        .value_counts(pick(|column| Some(column.values)))
        .null_value_counts(pick(|column| column.nulls))
        .nan_value_counts(file.nans.iter().map(|(id, count)| (*id, *count)).collect())
        .lower_bounds(bounds(|column| &column.lower))
        .upper_bounds(bounds(|column| &column.upper))
        .split_offsets(Some(groups.filter_map(|group| group.file_offset()).collect()))
        .build();
    built.map_err(|error| {
        LakeError::Iceberg(iceberg::Error::new(
            iceberg::ErrorKind::Unexpected,
            format!("a data file could not be described: {error}"),
        ))
    })
}

fn columns(file: &ParquetWritten, schema: &Schema) -> BTreeMap<i32, Column> {
    let mut columns: BTreeMap<i32, Column> = BTreeMap::new();
    for group in file.metadata.row_groups() {
        for chunk in group.columns() {
            let info = chunk.column_descr().self_type().get_basic_info();
            if !info.has_id() {
                continue;
            }
            let column =
                columns.entry(info.id()).or_insert_with(|| Column { nulls: Some(0), ..Column::default() });
            column.bytes += u64::try_from(chunk.compressed_size()).unwrap_or(0);
            column.values += u64::try_from(chunk.num_values()).unwrap_or(0);
            let nulls = chunk.statistics().and_then(Statistics::null_count_opt);
            column.nulls = column.nulls.zip(nulls).map(|(a, b)| a + b);
            // A bound of a repeated column would be compared with whole lists.
            let repeated = chunk.column_descr().max_rep_level() > 0;
            let kind = schema.field_by_id(info.id()).map(|field| &*field.field_type);
            match (repeated, kind) {
                (false, Some(Type::Primitive(kind))) => {
                    widen(column, kind, chunk.statistics(), chunk.num_values());
                }
                _ => column.unbounded = true,
            }
        }
    }
    columns
}

/// Widens a column's bounds by those of one row group; without statistics there are no bounds at all.
fn widen(column: &mut Column, kind: &PrimitiveType, found: Option<&Statistics>, values: i64) {
    let nulls = found.and_then(Statistics::null_count_opt);
    if nulls.is_some_and(|nulls| i64::try_from(nulls) == Ok(values)) {
        return;
    }
    let bytes = found.and_then(|found| found.min_bytes_opt().zip(found.max_bytes_opt()));
    let bounds = bytes.and_then(|(min, max)| Some((lower(kind, min)?, upper(kind, max)?)));
    let Some((lower, upper)) = bounds else {
        column.unbounded = true;
        return;
    };
    if column.lower.as_ref().is_none_or(|old| lower < *old) {
        column.lower = Some(lower);
    }
    if column.upper.as_ref().is_none_or(|old| upper > *old) {
        column.upper = Some(upper);
    }
}

fn lower(kind: &PrimitiveType, bytes: &[u8]) -> Option<Datum> {
    if *kind == PrimitiveType::String {
        let text = lossy_prefix(bytes).chars().take(BOUND_LENGTH_MAX);
        return Some(Datum::string(text.collect::<String>()));
    }
    if *kind == PrimitiveType::Binary {
        let kept = bytes.iter().copied().take(BOUND_LENGTH_MAX);
        return Some(Datum::binary(kept));
    }
    fixed_width(kind, bytes)
}

fn upper(kind: &PrimitiveType, bytes: &[u8]) -> Option<Datum> {
    if *kind == PrimitiveType::String {
        return upper_text(std::str::from_utf8(bytes).ok()?);
    }
    if *kind == PrimitiveType::Binary {
        return upper_bytes(bytes);
    }
    fixed_width(kind, bytes)
}

/// The shortest kept text that is not below `text`; none when every kept character is the last one there is.
fn upper_text(text: &str) -> Option<Datum> {
    let mut kept: Vec<char> = text.chars().take(BOUND_LENGTH_MAX).collect();
    if kept.len() == text.chars().count() {
        return Some(Datum::string(text));
    }
    while let Some(last) = kept.pop() {
        let after = u32::from(last) + 1;
        // Skips the gap of the surrogates.
        let after = if after == 0xD800 { 0xE000 } else { after };
        if let Some(next) = char::from_u32(after) {
            kept.push(next);
            return Some(Datum::string(kept.into_iter().collect::<String>()));
        }
    }
    None
}

fn upper_bytes(bytes: &[u8]) -> Option<Datum> {
    let mut kept: Vec<u8> = bytes.iter().copied().take(BOUND_LENGTH_MAX).collect();
    if kept.len() == bytes.len() {
        return Some(Datum::binary(kept));
    }
    while let Some(last) = kept.pop() {
        if let Some(next) = last.checked_add(1) {
            kept.push(next);
            return Some(Datum::binary(kept));
        }
    }
    None
}

/// Parquet may have cut a lower bound within a character; what remains is still lower.
fn lossy_prefix(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    }
}

/// A bound of a type whose Parquet statistics hold the whole value.
///
/// Parquet's plain encoding is Iceberg's single-value serialisation, but for decimals that are kept as integers:
/// little-endian there, big-endian here.
fn fixed_width(kind: &PrimitiveType, bytes: &[u8]) -> Option<Datum> {
    let mut bytes = bytes.to_vec();
    if let PrimitiveType::Decimal { precision, .. } = kind
        && *precision <= 18
    {
        bytes.reverse();
    }
    Datum::try_from_bytes(&bytes, kind.clone()).ok()
}

#[cfg(test)]
mod tests {
    use super::{lower, upper};
    use iceberg::spec::{Datum, PrimitiveType};

    fn check(kind: &PrimitiveType, bytes: &[u8], low: &Datum, high: Option<&Datum>) {
        assert_eq!(lower(kind, bytes).as_ref(), Some(low));
        assert_eq!(upper(kind, bytes).as_ref(), high);
    }

    #[test]
    fn bounds_hold_whole_values_and_short_prefixes() {
        let text = "aaaaaaaaaaaaaaaé-and-more";
        let next = Datum::string("aaaaaaaaaaaaaaaê");
        let cut = Datum::string("aaaaaaaaaaaaaaaé");
        check(&PrimitiveType::String, text.as_bytes(), &cut, Some(&next));
        let last = [0xFF; 17];
        let cut = Datum::binary([0xFF; 16]);
        check(&PrimitiveType::Binary, &last, &cut, None);
        let short = Datum::string("b");
        check(&PrimitiveType::String, b"b", &short, Some(&short));
        let long = Datum::long(-2i64);
        check(&PrimitiveType::Long, &(-2i64).to_le_bytes(), &long, Some(&long));
    }

    #[test]
    fn decimals_of_every_width_keep_their_sign() {
        for (precision, bytes) in [
            (9, (-1250i32).to_le_bytes().to_vec()),
            (18, (-1250i64).to_le_bytes().to_vec()),
            (38, (-1250i128).to_be_bytes().to_vec()),
            (20, (-1250i128).to_be_bytes()[7..].to_vec()),
        ] {
            let kind = PrimitiveType::Decimal { precision, scale: 2 };
            let value = lower(&kind, &bytes).map(|bound| bound.to_string());
            assert_eq!(value.as_deref(), Some("-12.50"), "precision {precision}");
        }
    }
}
