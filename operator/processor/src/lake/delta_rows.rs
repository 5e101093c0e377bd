//! Rows of a Delta table: as they are stored, and as they are read back.
//!
//! Takes canonical batches, gives stored ones; takes the files of a table, gives its rows as a stream.
//! It must not know the log.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, ListArray, MapArray, RecordBatch, RecordBatchOptions, StringArray, StructArray,
    new_null_array,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, Time64MicrosecondType, TimeUnit};
use datafusion::error::DataFusionError;
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use iceberg::spec::{Literal, PrimitiveLiteral, PrimitiveType, Type};
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use uuid::Uuid;

use super::LakeError;
use super::delta_schema::stored_type;
use super::error::io_error;

/// A data file with the values of its partition, which are not in it.
#[derive(Debug, Clone)]
pub(crate) struct DeltaFile {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Partition values by column, as the log writes them.
    pub(crate) partition: BTreeMap<String, Option<String>>,
}

/// Changes canonical rows into stored ones.
pub(crate) fn stored_rows(batch: &RecordBatch) -> Result<RecordBatch, LakeError> {
    let mut fields = Vec::with_capacity(batch.num_columns());
    let mut columns = Vec::with_capacity(batch.num_columns());
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        fields.push(Field::clone(field).with_data_type(stored_type(field.data_type())));
        columns.push(stored_column(column)?);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)?)
}

fn stored_column(column: &ArrayRef) -> Result<ArrayRef, LakeError> {
    let to = stored_type(column.data_type());
    if to == *column.data_type() {
        return Ok(Arc::clone(column));
    }
    if let DataType::Struct(fields) = &to {
        let inner = column.as_struct();
        let columns = inner.columns().iter().map(stored_column).collect::<Result<Vec<_>, _>>()?;
        return Ok(Arc::new(StructArray::try_new(fields.clone(), columns, inner.nulls().cloned())?));
    }
    if let DataType::List(element) = &to {
        let list = column.as_list::<i32>();
        let values = stored_column(list.values())?;
        let (offsets, nulls) = (list.offsets().clone(), list.nulls().cloned());
        return Ok(Arc::new(ListArray::try_new(Arc::clone(element), offsets, values, nulls)?));
    }
    if let DataType::Map(entries, sorted) = &to {
        let map = column.as_map();
        let inner: ArrayRef = Arc::new(map.entries().clone());
        let inner = stored_column(&inner)?.as_struct().clone();
        let (offsets, nulls) = (map.offsets().clone(), map.nulls().cloned());
        return Ok(Arc::new(MapArray::try_new(Arc::clone(entries), offsets, inner, nulls, *sorted)?));
    }
    if let DataType::Time64(TimeUnit::Microsecond) = column.data_type() {
        let times = column.as_primitive::<Time64MicrosecondType>();
        let texts: StringArray = times.iter().map(|time| time.map(time_text)).collect();
        return Ok(Arc::new(texts));
    }
    let uuids = column.as_fixed_size_binary();
    let text = |value: &[u8]| Uuid::from_slice(value).unwrap_or_default().hyphenated().to_string();
    Ok(Arc::new(uuids.iter().map(|value| value.map(text)).collect::<StringArray>()))
}

fn time_text(micros: i64) -> String {
    let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000);
    format!("{:02}:{:02}:{:02}.{fraction:06}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// A partition value as the log writes it (Delta protocol, "Partition Value Serialization").
pub(crate) fn partition_text(kind: &Type, value: Option<&Literal>) -> Result<Option<String>, String> {
    let Some(Literal::Primitive(value)) = value else { return Ok(None) };
    let Type::Primitive(kind) = kind else { return Err("a nested column".to_owned()) };
    let instant = |micros: i64| {
        let time = jiff::Timestamp::from_microsecond(micros).map_err(|error| error.to_string())?;
        Ok::<_, String>(time.strftime("%Y-%m-%d %H:%M:%S.%6f").to_string())
    };
    let text = match (kind, value) {
        (PrimitiveType::Date, PrimitiveLiteral::Int(days)) => {
            instant(i64::from(*days) * 86_400_000_000)?.chars().take(10).collect()
        }
        (PrimitiveType::Timestamp | PrimitiveType::Timestamptz, PrimitiveLiteral::Long(micros)) => {
            instant(*micros)?
        }
        (PrimitiveType::Decimal { scale, .. }, PrimitiveLiteral::Int128(unscaled)) => {
            decimal_text(*unscaled, *scale)
        }
        (_, PrimitiveLiteral::Boolean(value)) => value.to_string(),
        (_, PrimitiveLiteral::Int(value)) => value.to_string(),
        (_, PrimitiveLiteral::Long(value)) => value.to_string(),
        (_, PrimitiveLiteral::String(value)) if value.is_empty() => {
            return Err("empty text, which a Delta partition cannot tell from null".to_owned());
        }
        (_, PrimitiveLiteral::String(value)) => value.clone(),
        (kind, _) => return Err(format!("a {kind}, by which a Delta table cannot be partitioned")),
    };
    Ok(Some(text))
}

/// A decimal with all its digits.
pub(crate) fn decimal_text(unscaled: i128, scale: u32) -> String {
    let digits = format!("{:0width$}", unscaled.unsigned_abs(), width = scale as usize + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale as usize);
    let sign = if unscaled < 0 { "-" } else { "" };
    let point = if scale == 0 { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

/// Streams the rows of files one after the other, with the columns of `schema`.
pub(crate) fn read_rows(files: Vec<DeltaFile>, schema: &SchemaRef) -> SendableRecordBatchStream {
    let to = Arc::clone(schema);
    let batches = files.into_iter().flat_map(move |file| {
        let to = Arc::clone(&to);
        let (batches, failed) = match read_file(&file) {
            Ok(batches) => (Some(batches), None),
            Err(error) => (None, Some(Err(error))),
        };
        let whole = batches.into_iter().flatten().map(move |batch| with_partition(&batch?, &file, &to));
        whole.chain(failed).map(|batch| batch.map_err(|error| DataFusionError::External(Box::new(error))))
    });
    Box::pin(RecordBatchStreamAdapter::new(Arc::clone(schema), futures::stream::iter(batches)))
}

fn read_file(
    file: &DeltaFile,
) -> Result<impl Iterator<Item = Result<RecordBatch, LakeError>> + use<>, LakeError> {
    let opened = File::open(&file.path).map_err(io_error("cannot open", file.path.as_path()))?;
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let reader = ParquetRecordBatchReaderBuilder::try_new_with_options(opened, options)?;
    Ok(reader.build()?.map(|batch| batch.map_err(LakeError::from)))
}

fn with_partition(batch: &RecordBatch, file: &DeltaFile, to: &SchemaRef) -> Result<RecordBatch, LakeError> {
    let rows = batch.num_rows();
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(to.fields().len());
    for field in to.fields() {
        let column: ArrayRef = match (file.partition.get(field.name()), batch.column_by_name(field.name())) {
            (Some(Some(text)), _) => Arc::new(StringArray::from_iter_values(std::iter::repeat_n(text, rows))),
            (None, Some(column)) => Arc::clone(column),
            (Some(None), _) | (None, None) => new_null_array(field.data_type(), rows),
        };
        columns.push(cast(&column, field.data_type())?);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    Ok(RecordBatch::try_new_with_options(Arc::clone(to), columns, &options)?)
}
