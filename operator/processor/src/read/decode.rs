//! Split records to typed rows: the contract's fields, types, nulls and defaults.
//!
//! Takes raw batches, gives the good rows in the wanted schema and the others as rejected records, each once.
//! Compiled once for a source; holds no state between batches, so batches can be decoded in any order on any thread.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray};
use arrow::buffer::Buffer;
use arrow::compute::filter;
use arrow::datatypes::{FieldRef, SchemaRef};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use serde_json::Value;

use super::batch::{Decoded, RawBatch, RawColumns};
use super::column::{self, Column, Type};
use super::error::ReadError;
use super::failures::Failures;
use super::json;
use super::leaf::{self, Cell, Cells};
use super::tape::{Style, Tape};
use super::text::{Slice, TextColumns};
use super::tree::{MISSING, Slot, Trees};
use super::typed;
use super::value::Fault;
use super::wanted::{TextRules, Wanted};

/// The wanted columns, compiled.
#[derive(Clone, Debug)]
pub struct Decoder {
    schema: SchemaRef,
    columns: Vec<Column>,
    rules: TextRules,
}

impl Decoder {
    /// Compiles what is wanted.
    ///
    /// # Errors
    /// When a type is not canonical, or a default is not a value of its field.
    pub fn new(wanted: &Wanted) -> Result<Self, ReadError> {
        let mut columns = column::compile(wanted)?;
        let mut defaults = BTreeMap::new();
        for (path, value) in &wanted.defaults {
            let column = find(&columns, path).ok_or_else(|| {
                ReadError::Unsupported(format!(
                    "there is a default for `{path}`, which is not a wanted field"
                ))
            })?;
            defaults.insert(path.clone(), default(column, value)?);
        }
        column::set_defaults(&mut columns, &mut defaults);
        Ok(Self { schema: wanted.schema.clone(), columns, rules: wanted.text.clone() })
    }

    /// The schema of all decoded batches.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    pub(crate) fn columns(&self) -> &[Column] {
        &self.columns
    }

    pub(crate) fn rules(&self) -> &TextRules {
        &self.rules
    }

    /// Types the records of one batch.
    ///
    /// # Errors
    /// When the columnar library refuses what was read, which no record can cause.
    pub fn decode(&self, raw: RawBatch) -> Result<Decoded, ReadError> {
        let rows = raw.origins.len();
        let mut failures = Failures::default();
        let mut arrays = match &raw.columns {
            RawColumns::Text(text) => self.text(text, rows, &mut failures)?,
            RawColumns::Tree(tape) => {
                let numbered = tape.roots.iter().zip(0..);
                let slots: Vec<Slot> = numbered.map(|(node, row)| Slot { node: *node, row }).collect();
                let rules = &self.rules;
                Trees { tape, rules }.rows(&self.columns, &slots, &mut failures)?
            }
            RawColumns::Typed(batch) => typed::decode(&self.columns, batch, &mut failures)?,
        };
        let mut origins = raw.origins;
        let mut rejected = raw.malformed;
        let mut good = rows;
        if !failures.is_empty() {
            let keep = failures.mask(rows);
            rejected.extend(failures.rejected(&origins)?);
            rejected.sort_by_key(|rejected| rejected.record);
            origins = origins.filter(&keep);
            good = origins.len();
            let keep = BooleanArray::from(keep);
            for array in &mut arrays {
                *array = filter(array, &keep)?;
            }
        }
        let options = RecordBatchOptions::new().with_row_count(Some(good));
        let batch = RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options)?;
        Ok(Decoded { batch, origins, rejected })
    }

    fn text(
        &self,
        text: &TextColumns,
        rows: usize,
        failures: &mut Failures,
    ) -> Result<Vec<ArrayRef>, ReadError> {
        let pairs = self.columns.iter().zip(&text.columns);
        pairs
            .map(|(column, slices)| {
                let Some(slices) = slices else {
                    let cells = Cells { count: rows, row: |at: usize| at as u32, cell: |_| Cell::Missing };
                    return plain_or_tree(column, &cells, &self.rules, failures);
                };
                let spelling = Spelling::new(&self.rules, &column.ty);
                let cells = Cells {
                    count: rows,
                    row: |at: usize| at as u32,
                    cell: |at: usize| spelling.cell(text, slices[at]),
                };
                plain_or_tree(column, &cells, &self.rules, failures)
            })
            .collect()
    }
}

/// Decodes a column of cells of text; text of a nested type is JSON.
fn plain_or_tree<'a, R, C>(
    column: &Column,
    cells: &Cells<R, C>,
    rules: &TextRules,
    failures: &mut Failures,
) -> Result<ArrayRef, ReadError>
where
    R: Fn(usize) -> u32,
    C: Fn(usize) -> Cell<'a>,
{
    if !matches!(column.ty, Type::List(_) | Type::Map(_) | Type::Struct(_)) {
        return leaf::decode(column, cells, failures);
    }
    let mut bytes = b"null".to_vec();
    let mut spans = Vec::with_capacity(cells.count);
    for at in 0..cells.count {
        spans.push(match (cells.cell)(at) {
            Cell::Text(text) => {
                let start = bytes.len();
                bytes.extend_from_slice(text);
                Some((start, bytes.len()))
            }
            Cell::Missing => None,
            Cell::Absent | Cell::Null | Cell::Wrong => Some((0, 4)),
        });
    }
    let mut tape = Tape::new(Buffer::from_vec(bytes), Style::Typed);
    let null = json::parse(&mut tape, 0, 4).expect("`null` is JSON");
    let mut slots = Vec::with_capacity(cells.count);
    for (row, span) in (0..).zip(&spans) {
        let node = match span {
            None => MISSING,
            Some((start, end)) => json::parse(&mut tape, *start, *end).unwrap_or_else(|_| {
                failures.value(column, row, Fault::Form);
                null
            }),
        };
        slots.push(Slot { node, row });
    }
    let tape = &tape;
    Trees { tape, rules }.column(column, &slots, failures)
}

/// How the text of one column spells null.
struct Spelling<'a> {
    trim: bool,
    /// Whether an empty field is null: never, if it has no quotes, always.
    empty: [bool; 2],
    others: Vec<&'a [u8]>,
}

impl<'a> Spelling<'a> {
    fn new(rules: &'a TextRules, ty: &Type) -> Self {
        let empty = rules.nulls.iter().any(String::is_empty);
        let others = rules.nulls.iter().filter(|null| !null.is_empty());
        Self {
            trim: rules.trim,
            // Quotes tell an empty string from null; no other type has an empty value.
            empty: [empty, empty && !matches!(ty, Type::String)],
            others: others.map(|null| null.as_bytes()).collect(),
        }
    }

    #[inline]
    fn cell<'t>(&self, columns: &'t TextColumns, slice: Slice) -> Cell<'t> {
        let mut text = columns.text(slice);
        if self.trim && !slice.quoted() {
            text = text.trim_ascii();
        }
        let null = if text.is_empty() {
            self.empty[usize::from(slice.quoted())]
        } else {
            self.others.contains(&text)
        };
        if null { Cell::Null } else { Cell::Text(text) }
    }
}

fn find<'a>(columns: &'a [Column], path: &str) -> Option<&'a Column> {
    columns.iter().find_map(|column| {
        if column.path.as_ref() == path {
            return Some(column);
        }
        match &column.ty {
            Type::List(item) => find(std::slice::from_ref(item), path),
            Type::Map(map) => find(std::slice::from_ref(&map.value), path),
            Type::Struct(members) => find(members, path),
            Type::String
            | Type::Bool
            | Type::Int32
            | Type::Int64
            | Type::Float32
            | Type::Float64
            | Type::Decimal { .. }
            | Type::Date
            | Type::Time
            | Type::Timestamp
            | Type::TimestampLocal
            | Type::Bytes
            | Type::Uuid => None,
        }
    })
}

/// The value of a default as an array of one.
fn default(column: &Column, value: &Value) -> Result<ArrayRef, ReadError> {
    let text = value.to_string();
    let end = text.len();
    let mut tape = Tape::new(Buffer::from_vec(text.into_bytes()), Style::Typed);
    let refuse = || {
        ReadError::Unsupported(format!(
            "the default of `{}` is not of type `{}`",
            column.path,
            column.ty.name()
        ))
    };
    let node = json::parse(&mut tape, 0, end).map_err(|_| refuse())?;
    // A default that is null would say nothing.
    let field = column.field.as_ref().clone().with_nullable(false);
    let required = Column { field: FieldRef::new(field), ..column.clone() };
    let mut failures = Failures::default();
    let rules = TextRules { nulls: Vec::new(), trim: false };
    let trees = Trees { tape: &tape, rules: &rules };
    let array = trees.column(&required, &[Slot { node, row: 0 }], &mut failures)?;
    if failures.is_empty() { Ok(Arc::clone(&array)) } else { Err(refuse()) }
}
