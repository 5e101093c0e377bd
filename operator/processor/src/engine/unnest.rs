//! One record for each element of a list or entry of a map.
//!
//! Takes the rows of its input and gives its own, with every record counted.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, UInt32Array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::internal_err;
use datafusion::error::Result;
use headwater_compiler::graph::OpId;

use super::arrow_type::arrow_type;
use super::count::Counter;
use super::error::EngineError;
use super::group::{as_table, reshape};
use super::layout::name;
use super::outcome::{Gives, Outcome};
use super::plan::{Ctx, Facts, Rows, is_upsert};
use super::stage::{Stage, Step, unordered};

/// What to unnest.
pub(crate) struct Unnesting {
    /// Column of the input.
    pub(crate) column: usize,
    pub(crate) keep_empty: bool,
    pub(crate) ordinality: bool,
}

/// One record for each element.
pub(crate) fn unnest(
    ctx: &mut Ctx<'_>,
    id: OpId,
    input: Rows,
    what: &Unnesting,
) -> Result<Rows, EngineError> {
    let outcomes = [Outcome::Expanded, Outcome::Empty, Outcome::Superseded, Outcome::Erased];
    let upsert = is_upsert(ctx.output(id));
    let tally = ctx.tally(id, Gives::Own, &[if upsert { &outcomes } else { &outcomes[..2] }]);
    let mut rows = ctx.read(&tally, 0, input)?;
    if upsert {
        let (superseded, erased) = (tally.outcome(0, Outcome::Superseded), tally.outcome(0, Outcome::Erased));
        rows = as_table(ctx, id, rows, &superseded, erased)?;
    }
    let output = ctx.output(id);
    let first = ctx.output(ctx.op(id).inputs[0]).columns.len();
    let layout = ctx.layout(id);
    let mut fields = rows.plan.schema().fields().to_vec();
    for index in first..output.columns.len() {
        let data_type = arrow_type(&output.columns[index].data_type);
        fields.push(Arc::new(Field::new(name(index), data_type, true)));
    }
    let schema = Arc::new(Schema::new(fields));
    let elements = Elements {
        column: rows.layout.position(what.column),
        keep_empty: what.keep_empty,
        ordinality: what.ordinality,
        // What nobody reads of a record is not repeated for its elements.
        repeated: (0..rows.plan.schema().fields().len())
            .map(|position| {
                rows.layout.columns.get(position).is_none_or(|column| layout.columns.contains(column))
            })
            .collect(),
        schema: schema.clone(),
        expanded: tally.outcome(0, Outcome::Expanded),
        empty: tally.outcome(0, Outcome::Empty),
    };
    let elements = Arc::new(elements);
    let properties = unordered(schema.clone(), rows.plan.properties().output_partitioning().clone());
    let plan = Stage::each_partition("Unnest", rows.plan, schema, properties, move |batch_size| -> Step {
        let elements = elements.clone();
        Box::new(move |batch| match batch {
            Some(batch) => elements.of(&batch, batch_size),
            None => Ok(Vec::new()),
        })
    });
    let facts = Facts { unique: false, ..rows.facts };
    Ok(Rows { plan: reshape(plan, &rows.layout, &layout)?, layout, facts })
}

/// Unfolds a column.
struct Elements {
    column: usize,
    keep_empty: bool,
    ordinality: bool,
    /// Which columns of the input are repeated; of the others nobody sees the values.
    repeated: Vec<bool>,
    schema: SchemaRef,
    expanded: Counter,
    empty: Counter,
}

impl Elements {
    /// The elements of a batch's records, in batches of about the wanted size.
    fn of(&self, batch: &RecordBatch, batch_size: usize) -> Result<Vec<RecordBatch>> {
        let (offsets, elements) = unfolded(batch.column(self.column))?;
        let nested = batch.column(self.column);
        let mut batches = Vec::new();
        let mut picks = Picks::default();
        for row in 0..batch.num_rows() {
            let (start, end) = (offsets[row] as u32, offsets[row + 1] as u32);
            if nested.is_null(row) || start == end {
                if self.keep_empty {
                    self.expanded.add(1);
                    picks.push(row, None, 0);
                } else {
                    self.empty.add(1);
                }
                continue;
            }
            self.expanded.add(1);
            for element in start..end {
                picks.push(row, Some(element), element - start);
                if picks.rows.len() >= batch_size {
                    batches.push(self.batch(batch, &elements, std::mem::take(&mut picks))?);
                }
            }
        }
        if !picks.rows.is_empty() {
            batches.push(self.batch(batch, &elements, picks)?);
        }
        Ok(batches)
    }

    fn batch(&self, batch: &RecordBatch, elements: &[ArrayRef], picks: Picks) -> Result<RecordBatch> {
        let count = picks.rows.len();
        let rows = UInt32Array::from(picks.rows);
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.schema.fields().len());
        for (column, repeated) in batch.columns().iter().zip(&self.repeated) {
            columns.push(if *repeated {
                take(column, &rows, None)?
            } else {
                arrow::array::new_null_array(column.data_type(), count)
            });
        }
        let picked = UInt32Array::from(picks.elements);
        for element in elements {
            columns.push(take(element, &picked, None)?);
        }
        if self.ordinality {
            let positions = picked.iter().zip(&picks.positions);
            let positions = positions.map(|(element, at)| element.map(|_| i64::from(*at) + 1));
            columns.push(Arc::new(positions.collect::<Int64Array>()));
        }
        Ok(RecordBatch::try_new(self.schema.clone(), columns)?)
    }
}

/// Which elements go with which records.
#[derive(Default)]
struct Picks {
    rows: Vec<u32>,
    elements: Vec<Option<u32>>,
    positions: Vec<u32>,
}

impl Picks {
    fn push(&mut self, row: usize, element: Option<u32>, position: u32) {
        self.rows.push(row as u32);
        self.elements.push(element);
        self.positions.push(position);
    }
}

/// Where each record's elements are, and the columns that an element unfolds into.
#[expect(clippy::wildcard_enum_match_arm, reason = "the compiler lets nothing else be unnested")]
fn unfolded(nested: &ArrayRef) -> Result<(OffsetBuffer<i32>, Vec<ArrayRef>)> {
    match nested.data_type() {
        DataType::List(_) => {
            let list = nested.as_list::<i32>();
            let values = list.values();
            let columns = match values.as_struct_opt() {
                Some(members) => members
                    .columns()
                    .iter()
                    .map(|member| with_nulls_of(member, values))
                    .collect::<Result<_>>()?,
                None => vec![values.clone()],
            };
            Ok((list.offsets().clone(), columns))
        }
        DataType::Map(..) => {
            let map = nested.as_map();
            Ok((map.offsets().clone(), vec![map.keys().clone(), map.values().clone()]))
        }
        other => internal_err!("a column of type {other} can't be unnested"),
    }
}

/// A member of a struct, null where the struct is.
fn with_nulls_of(member: &ArrayRef, parent: &ArrayRef) -> Result<ArrayRef> {
    if parent.null_count() == 0 {
        return Ok(member.clone());
    }
    let valid = arrow::compute::is_null(parent)?;
    Ok(arrow::compute::nullif(member, &valid)?)
}
