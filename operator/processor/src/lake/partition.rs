//! Partitions: from the declaration to Iceberg's specification, and rows to their partition.
//!
//! Takes batches of the table's file schema, gives them split, each part with its partition value.
//! It must not write files.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, StructArray, UInt32Array, new_null_array};
use arrow::compute::{cast, take_record_batch};
use arrow::datatypes::{DataType, FieldRef};
use arrow::row::{RowConverter, SortField};
use iceberg::arrow::{arrow_struct_to_literal, type_to_arrow_type};
use iceberg::spec::{Literal, PartitionSpec, Schema, Struct, StructType, Transform, Type};
use iceberg::transform::{BoxedTransformFunction, create_transform_function};

use super::LakeError;

/// Splits batches by partition.
pub(crate) struct Splitter {
    fields: Vec<SplitField>,
    arrow_fields: Vec<FieldRef>,
    partition_type: StructType,
    rows: RowConverter,
}

struct SplitField {
    name: String,
    column: usize,
    transform: Transform,
    function: BoxedTransformFunction,
}

/// Rows of one partition.
pub(crate) struct Part {
    /// Equal for equal partitions of one table.
    pub(crate) key: Vec<u8>,
    /// Folder for people, such as `day=2026-01-01`; holds only plain characters.
    pub(crate) folder: PathBuf,
    /// The partition's value as Iceberg's manifests hold it.
    pub(crate) value: Struct,
    /// The rows.
    pub(crate) batch: RecordBatch,
}

/// Makes the splitter of a table, or none when it is not partitioned.
pub(crate) fn splitter(spec: &PartitionSpec, schema: &Schema) -> Result<Option<Splitter>, LakeError> {
    if spec.fields().is_empty() {
        return Ok(None);
    }
    let mut fields = Vec::new();
    for field in spec.fields() {
        let place = |(_, column): &(usize, &Arc<iceberg::spec::NestedField>)| column.id == field.source_id;
        let members = schema.as_struct().fields();
        let Some((column, _)) = members.iter().enumerate().find(place) else {
            return Err(LakeError::Iceberg(iceberg::Error::new(
                iceberg::ErrorKind::FeatureUnsupported,
                format!("partition field `{}` is not of a top-level column", field.name),
            )));
        };
        fields.push(SplitField {
            name: field.name.clone(),
            column,
            transform: field.transform,
            function: create_transform_function(&field.transform)?,
        });
    }
    let partition_type = spec.partition_type(schema)?;
    let arrow_type = type_to_arrow_type(&Type::Struct(partition_type.clone()))?;
    let DataType::Struct(arrow_fields) = arrow_type else {
        unreachable!("a struct type becomes an Arrow struct")
    };
    let sort = arrow_fields.iter().map(|field| SortField::new(field.data_type().clone())).collect();
    Ok(Some(Splitter {
        fields,
        arrow_fields: arrow_fields.iter().cloned().collect(),
        partition_type,
        rows: RowConverter::new(sort)?,
    }))
}

impl Splitter {
    /// Splits a batch, in the order in which its partitions first appear.
    pub(crate) fn split(&self, batch: &RecordBatch) -> Result<Vec<Part>, LakeError> {
        let mut values: Vec<ArrayRef> = Vec::with_capacity(self.fields.len());
        for (field, arrow) in self.fields.iter().zip(&self.arrow_fields) {
            values.push(apply(field, batch.column(field.column), arrow.data_type())?);
        }
        let rows = self.rows.convert_columns(&values)?;
        let mut numbers: BTreeMap<&[u8], usize> = BTreeMap::new();
        let mut groups: Vec<(&[u8], Vec<u32>)> = Vec::new();
        for (row, number) in rows.iter().zip(0u32..) {
            let group = *numbers.entry(row.data()).or_insert(groups.len());
            if group == groups.len() {
                groups.push((row.data(), Vec::new()));
            }
            groups[group].1.push(number);
        }
        let firsts = UInt32Array::from_iter_values(groups.iter().map(|(_, rows)| rows[0]));
        let mut distinct = Vec::with_capacity(values.len());
        for value in &values {
            distinct.push(arrow::compute::take(value, &firsts, None)?);
        }
        let distinct = StructArray::try_new(self.arrow_fields.clone().into(), distinct, None)?;
        let distinct: ArrayRef = Arc::new(distinct);
        let literals = arrow_struct_to_literal(&distinct, &self.partition_type)?;
        let mut parts = Vec::with_capacity(groups.len());
        for ((key, rows), literal) in groups.iter().zip(literals) {
            let Some(Literal::Struct(value)) = literal else {
                unreachable!("a struct array without nulls gives struct literals")
            };
            let whole = rows.len() == batch.num_rows();
            parts.push(Part {
                key: key.to_vec(),
                folder: self.folder(&value),
                value,
                batch: if whole {
                    batch.clone()
                } else {
                    take_record_batch(batch, &UInt32Array::from(rows.clone()))?
                },
            });
        }
        Ok(parts)
    }

    fn folder(&self, value: &Struct) -> PathBuf {
        let mut folder = PathBuf::new();
        let types = self.partition_type.fields();
        for ((field, literal), member) in self.fields.iter().zip(value.iter()).zip(types) {
            let text = field.transform.to_human_string(&member.field_type, literal);
            folder.push(format!("{}={}", plain(&field.name), plain(&text)));
        }
        folder
    }
}

fn apply(field: &SplitField, column: &ArrayRef, to: &DataType) -> Result<ArrayRef, LakeError> {
    if field.transform == Transform::Void {
        return Ok(new_null_array(to, column.len()));
    }
    let value = field.function.transform(Arc::clone(column))?;
    Ok(cast(&value, to)?)
}

/// Keeps letters, digits and `._-`, so that no reader has to decode a path.
fn plain(text: &str) -> String {
    text.chars()
        .take(64)
        .map(|c| match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' | '-' => c,
            _ => '_',
        })
        .collect()
}
