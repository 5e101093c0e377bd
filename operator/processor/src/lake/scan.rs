//! The rows of an Iceberg table.
//!
//! Takes a table, gives the rows of its current snapshot in the project's canonical types, file by file.
//! It must not write.
//!
//! The library's own reader takes members of structs by their place, and so fails on, or mixes up, members that were
//! added or moved. Files are therefore read here, every field found by its id; the library reads those that have
//! delete files, no field ids, or a column whose value stands in the metadata only.

use std::fs::File;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, ListArray, MapArray, RecordBatch, RecordBatchOptions, StructArray,
    new_null_array,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef, Fields, SchemaRef};
use datafusion::error::DataFusionError;
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use iceberg::scan::FileScanTask;
use iceberg::spec::Transform;
use iceberg::table::Table;
use parquet::arrow::PARQUET_FIELD_ID_META_KEY;
use parquet::arrow::arrow_reader::{
    ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};

use super::LakeError;
use super::error::io_error;
use super::read::arrow_schema;
use super::snapshot::local_path;

const BATCH_ROWS: usize = 8192;

type Rows = BoxStream<'static, Result<RecordBatch, DataFusionError>>;

/// Streams the rows of a table's current snapshot, in the project's canonical Arrow types.
///
/// # Errors
/// When the metadata cannot be read; the stream gives the errors of data files.
pub async fn scan_table(table: &Table) -> Result<SendableRecordBatchStream, LakeError> {
    let schema = Arc::new(arrow_schema(table.metadata().current_schema())?);
    let scan = table.scan().select_all().build()?;
    let mut tasks: Vec<FileScanTask> = scan.plan_files().await?.try_collect().await?;
    tasks.sort_by(|a, b| a.data_file_path.cmp(&b.data_file_path));
    let (to, table) = (Arc::clone(&schema), table.clone());
    let rows = futures::stream::iter(tasks).flat_map(move |task| {
        file_rows(&table, task, &to).unwrap_or_else(|error| {
            let error = DataFusionError::External(Box::new(error));
            futures::stream::iter([Err(error)]).boxed()
        })
    });
    Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
}

fn file_rows(table: &Table, task: FileScanTask, to: &SchemaRef) -> Result<Rows, LakeError> {
    let to = Arc::clone(to);
    if let Some(batches) = own_file(&task, &to)? {
        return Ok(futures::stream::iter(batches.map(move |batch| fit(&batch?, &to))).boxed());
    }
    let batches = table.reader_builder().build().read(futures::stream::iter([Ok(task)]).boxed())?.stream();
    let fitted = batches.map(move |batch| {
        let batch = batch.map_err(|error| DataFusionError::External(Box::new(error)))?;
        fit_in_place(&batch, &to)
    });
    Ok(fitted.boxed())
}

/// Opens a file whose every field can be found by its id.
fn own_file(task: &FileScanTask, to: &SchemaRef) -> Result<Option<ParquetRecordBatchReader>, LakeError> {
    if !task.deletes.is_empty() {
        return Ok(None);
    }
    let path = local_path(&task.data_file_path);
    let opened = File::open(&path).map_err(io_error("cannot open", path))?;
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let reader = ParquetRecordBatchReaderBuilder::try_new_with_options(opened, options)?;
    let has = reader.schema().fields();
    let absent = |id: i32| !has.iter().any(|field| field_id(field) == Some(id));
    let partitions = task.partition_spec.iter().flat_map(|spec| spec.fields());
    let mut told = partitions.filter(|field| field.transform == Transform::Identity);
    let defaults = |field: &FieldRef| {
        let known = field_id(field).and_then(|id| task.schema.field_by_id(id));
        known.is_some_and(|known| known.initial_default.is_some() && absent(known.id))
    };
    if !has.iter().all(identified)
        || told.any(|field| absent(field.source_id))
        || to.fields().iter().any(defaults)
    {
        return Ok(None);
    }
    Ok(Some(reader.with_batch_size(BATCH_ROWS).build()?))
}

fn field_id(field: &Field) -> Option<i32> {
    field.metadata().get(PARQUET_FIELD_ID_META_KEY)?.parse().ok()
}

/// Whether a field and all that are in it have ids.
fn identified(field: &FieldRef) -> bool {
    field_id(field).is_some() && parts(field.data_type()).iter().all(identified)
}

/// The fields in a nested type: members, the element, or key and value.
fn parts(data_type: &DataType) -> Fields {
    if let DataType::Struct(members) = data_type {
        return members.clone();
    }
    if let DataType::List(element) = data_type {
        return Fields::from(vec![Arc::clone(element)]);
    }
    if let DataType::Map(entries, _) = data_type {
        return parts(entries.data_type());
    }
    Fields::empty()
}

/// Fits a file's rows to the table's schema, each field by its id.
fn fit(batch: &RecordBatch, to: &SchemaRef) -> Result<RecordBatch, DataFusionError> {
    let has = batch.schema();
    let columns = fit_members(has.fields(), batch.columns(), to.fields(), batch.num_rows())?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(Arc::clone(to), columns, &options)?)
}

fn fit_members(
    has: &Fields,
    columns: &[ArrayRef],
    to: &Fields,
    rows: usize,
) -> Result<Vec<ArrayRef>, DataFusionError> {
    let mut fitted = Vec::with_capacity(to.len());
    for wanted in to {
        let found = has.iter().position(|field| field_id(field) == field_id(wanted));
        fitted.push(match found {
            Some(index) => fit_column(&columns[index], wanted.data_type())?,
            None => new_null_array(wanted.data_type(), rows),
        });
    }
    Ok(fitted)
}

fn fit_column(column: &ArrayRef, to: &DataType) -> Result<ArrayRef, DataFusionError> {
    if let (DataType::Struct(has), DataType::Struct(wanted)) = (column.data_type(), to) {
        let inner = column.as_struct();
        let columns = fit_members(has, inner.columns(), wanted, inner.len())?;
        return Ok(Arc::new(StructArray::try_new(wanted.clone(), columns, inner.nulls().cloned())?));
    }
    if let (DataType::List(_), DataType::List(element)) = (column.data_type(), to) {
        let list = column.as_list::<i32>();
        let values = fit_column(list.values(), element.data_type())?;
        let (offsets, nulls) = (list.offsets().clone(), list.nulls().cloned());
        return Ok(Arc::new(ListArray::try_new(Arc::clone(element), offsets, values, nulls)?));
    }
    if let (DataType::Map(_, _), DataType::Map(entries, sorted)) = (column.data_type(), to) {
        let map = column.as_map();
        let inner: ArrayRef = Arc::new(map.entries().clone());
        let inner = fit_column(&inner, entries.data_type())?.as_struct().clone();
        let (offsets, nulls) = (map.offsets().clone(), map.nulls().cloned());
        return Ok(Arc::new(MapArray::try_new(Arc::clone(entries), offsets, inner, nulls, *sorted)?));
    }
    if column.data_type() == to {
        return Ok(Arc::clone(column));
    }
    Ok(cast(column, to)?)
}

/// Fits rows of the library's reader, whose columns stand in the table's order.
fn fit_in_place(batch: &RecordBatch, to: &SchemaRef) -> Result<RecordBatch, DataFusionError> {
    let mut columns = Vec::with_capacity(batch.num_columns());
    for (column, field) in batch.columns().iter().zip(to.fields()) {
        // Partition values come run-end encoded, and bytes as large bytes.
        columns.push(cast(column, field.data_type())?);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(Arc::clone(to), columns, &options)?)
}
