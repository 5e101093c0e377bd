//! How the Parquet files of one table are laid out.
//!
//! Takes the Arrow schema that files have and the table's properties, gives a [`FileLayout`];
//! fits the caller's batches to it. It must not open files.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, LogicalType, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::schema::types::{SchemaDescriptor, Type};

use super::LakeError;

const ROW_GROUP_BYTES: usize = 128 << 20;
const TARGET_FILE_BYTES: usize = 512 << 20;

/// What every data file of one table has in common.
#[derive(Debug, Clone)]
pub(crate) struct FileLayout {
    /// Columns of the files, with field ids in their metadata.
    pub(crate) schema: SchemaRef,
    /// A file is closed once it has this many bytes.
    pub(crate) target_file_bytes: usize,
    properties: WriterProperties,
    parquet_schema: SchemaDescriptor,
}

impl FileLayout {
    /// Options of a Parquet writer for one file.
    pub(crate) fn options(&self) -> ArrowWriterOptions {
        // Readers of other engines know the types from Parquet alone, so no copy of the Arrow schema is kept.
        ArrowWriterOptions::new()
            .with_properties(self.properties.clone())
            .with_parquet_schema(self.parquet_schema.clone())
            .with_skip_arrow_metadata(true)
    }
}

/// Makes the layout of a table's files out of its Arrow schema and properties.
pub(crate) fn file_layout(
    target: &str,
    schema: SchemaRef,
    properties: &BTreeMap<String, String>,
) -> Result<FileLayout, LakeError> {
    let bytes = |name: &str, default: usize| match properties.get(name) {
        None => Ok(default),
        Some(text) => text.parse().map_err(|_| LakeError::Declaration {
            table: target.to_owned(),
            reason: format!("the property `{name}` is not a number of bytes"),
        }),
    };
    let row_group_bytes = bytes("write.parquet.row-group-size-bytes", ROW_GROUP_BYTES)?;
    let target_file_bytes = bytes("write.target-file-size-bytes", TARGET_FILE_BYTES)?;
    let writer_properties = WriterProperties::builder()
        .set_compression(compression(target, properties)?)
        .set_max_row_group_bytes(Some(row_group_bytes.max(1)))
        .set_created_by(concat!("headwater ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    let descriptor = ArrowSchemaConverter::new().convert(&schema)?;
    let root = with_uuids(descriptor.root_schema(), &DataType::Struct(schema.fields().clone()))?;
    Ok(FileLayout {
        schema,
        target_file_bytes,
        properties: writer_properties,
        parquet_schema: SchemaDescriptor::new(root),
    })
}

fn compression(target: &str, properties: &BTreeMap<String, String>) -> Result<Compression, LakeError> {
    let name = "write.parquet.compression-codec";
    match properties.get(name).map(String::as_str) {
        None | Some("zstd") => Ok(Compression::ZSTD(ZstdLevel::try_new(1)?)),
        Some("snappy") => Ok(Compression::SNAPPY),
        Some("gzip") => Ok(Compression::GZIP(parquet::basic::GzipLevel::default())),
        Some("lz4") => Ok(Compression::LZ4_RAW),
        Some("uncompressed" | "none") => Ok(Compression::UNCOMPRESSED),
        Some(other) => Err(LakeError::Declaration {
            table: target.to_owned(),
            reason: format!("the property `{name}` has the unknown codec `{other}`"),
        }),
    }
}

/// Copies a Parquet type, marking each 16-byte column as the UUID that it is.
///
/// The Arrow type alone does not say so, and readers would show bytes.
fn with_uuids(parquet: &Type, arrow: &DataType) -> Result<Arc<Type>, ParquetError> {
    let info = parquet.get_basic_info();
    if parquet.is_primitive() {
        if !matches!(arrow, DataType::FixedSizeBinary(16)) {
            return Ok(Arc::new(parquet.clone()));
        }
        let built = Type::primitive_type_builder(parquet.name(), parquet.get_physical_type())
            .with_repetition(info.repetition())
            .with_length(16)
            .with_logical_type(Some(LogicalType::Uuid))
            .with_id(info.has_id().then(|| info.id()))
            .build()?;
        return Ok(Arc::new(built));
    }
    let mut fields = Vec::new();
    for (index, field) in parquet.get_fields().iter().enumerate() {
        fields.push(with_uuids(field, child_type(arrow, index))?);
    }
    let mut built = Type::group_type_builder(parquet.name())
        .with_fields(fields)
        .with_converted_type(info.converted_type())
        .with_logical_type(info.logical_type_ref().cloned())
        .with_id(info.has_id().then(|| info.id()));
    if info.has_repetition() {
        built = built.with_repetition(info.repetition());
    }
    Ok(Arc::new(built.build()?))
}

/// The Arrow type of the `index`th Parquet child.
///
/// A Parquet list has a repeated group between itself and its element, and that group is asked with the list's type too.
fn child_type(arrow: &DataType, index: usize) -> &DataType {
    if let DataType::Struct(fields) = arrow {
        return fields[index].data_type();
    }
    if let DataType::Map(entries, _) = arrow {
        return entries.data_type();
    }
    if let DataType::List(element) | DataType::LargeList(element) = arrow {
        return element.data_type();
    }
    arrow
}

/// Fits a batch to a schema: its columns by name, with the schema's nested names and field ids.
///
/// # Errors
/// [`LakeError::Rows`] when a column is missing, has another type, or has a null where none may be.
pub(crate) fn conform(
    target: &str,
    batch: &RecordBatch,
    schema: &SchemaRef,
) -> Result<RecordBatch, LakeError> {
    let rows = |reason: String| LakeError::Rows { target: target.to_owned(), reason };
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let Some(column) = batch.column_by_name(field.name()) else {
            return Err(rows(format!("they have no column `{}`", field.name())));
        };
        if !field.is_nullable() && column.null_count() > 0 {
            return Err(rows(format!("`{}` is required and has a null", field.name())));
        }
        if !same_kind(column.data_type(), field.data_type()) {
            return Err(rows(format!(
                "`{}` is {} and should be {}",
                field.name(),
                column.data_type(),
                field.data_type()
            )));
        }
        let options = CastOptions { safe: false, ..CastOptions::default() };
        columns.push(cast_with_options(column, field.data_type(), &options)?);
    }
    Ok(RecordBatch::try_new_with_options(
        Arc::clone(schema),
        columns,
        &arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows())),
    )?)
}

/// Whether two Arrow types hold the same values, whatever their nested names, ids, nullability and encoding.
fn same_kind(from: &DataType, to: &DataType) -> bool {
    use DataType::{
        Binary, BinaryView, Dictionary, LargeBinary, LargeList, LargeUtf8, List, Map, RunEndEncoded, Struct,
        Timestamp, Utf8, Utf8View,
    };
    let each = |a: &Field, b: &Field| same_kind(a.data_type(), b.data_type());
    if let Dictionary(_, value) = from {
        return same_kind(value, to);
    }
    if let RunEndEncoded(_, value) = from {
        return same_kind(value.data_type(), to);
    }
    if let (List(a) | LargeList(a), List(b) | LargeList(b)) = (from, to) {
        return each(a, b);
    }
    if let (Map(a, _), Map(b, _)) = (from, to) {
        return same_members(a.data_type(), b.data_type(), false);
    }
    if let (Struct(_), Struct(_)) = (from, to) {
        return same_members(from, to, true);
    }
    if let (Timestamp(a, zone_a), Timestamp(b, zone_b)) = (from, to) {
        return a == b && zone_a.is_some() == zone_b.is_some();
    }
    from == to
        || matches!((from, to), (Utf8 | LargeUtf8 | Utf8View, Utf8 | LargeUtf8))
        || matches!((from, to), (Binary | LargeBinary | BinaryView, Binary | LargeBinary))
}

fn same_members(from: &DataType, to: &DataType, named: bool) -> bool {
    let (DataType::Struct(a), DataType::Struct(b)) = (from, to) else {
        return false;
    };
    a.len() == b.len()
        && a.iter()
            .zip(b)
            .all(|(a, b)| (!named || a.name() == b.name()) && same_kind(a.data_type(), b.data_type()))
}

/// The schema without metadata, for readers that compare it.
pub(crate) fn plain_schema(schema: &Schema) -> Schema {
    Schema::new(schema.fields().clone())
}
