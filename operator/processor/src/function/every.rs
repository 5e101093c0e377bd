//! Whether a condition holds of everything inside of a list or a map.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::compute::nullif;
use arrow::datatypes::{DataType as ArrowType, Field, Schema, SchemaRef};
use datafusion::common::{Result, internal_err};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use headwater_compiler::data_type::DataType;
use headwater_compiler::expr::Expr;

use super::expression::{Columns, physical};
use super::kernel::{Kernel, Run};
use super::map::span;
use crate::engine::arrow_type;

/// The condition of every element as the columnar engine's expression. `list` computes `input`.
pub(super) fn expression(
    list: Arc<dyn PhysicalExpr>,
    input: &Expr,
    condition: &Expr,
    around: Columns<'_>,
) -> Result<Arc<dyn PhysicalExpr>> {
    let schema = Arc::new(Schema::new(fields(&input.data_type)?));
    let column = |index: usize| -> Arc<dyn PhysicalExpr> { Arc::new(Column::new(&index.to_string(), index)) };
    let inside = physical(condition, Columns { of: &column, schema: &schema, masks: around.masks })?;
    let key = format!("{condition:?} {:?}", input.data_type);
    let run: Run = Arc::new(move |rows| every(&rows.args[0], &inside, &schema));
    Ok(Kernel::call("every", key, vec![list], ArrowType::Boolean, run))
}

/// The columns that an element unfolds into, under their indices.
fn fields(data_type: &DataType) -> Result<Vec<Field>> {
    let types: Vec<ArrowType> = if let DataType::List(slot) = data_type {
        if let DataType::Struct(members) = &slot.data_type {
            members.iter().map(|member| arrow_type(&member.data_type)).collect()
        } else {
            vec![arrow_type(&slot.data_type)]
        }
    } else if let DataType::Map(slot) = data_type {
        vec![ArrowType::Utf8, arrow_type(&slot.data_type)]
    } else {
        return internal_err!("`{data_type}` has nothing inside");
    };
    Ok(types
        .into_iter()
        .enumerate()
        .map(|(index, data_type)| Field::new(index.to_string(), data_type, true))
        .collect())
}

/// One truth value for each list or map.
fn every(nested: &ArrayRef, condition: &Arc<dyn PhysicalExpr>, schema: &SchemaRef) -> Result<ArrayRef> {
    let (columns, spans): (Vec<ArrayRef>, Vec<Range<usize>>) = match nested.as_list_opt::<i32>() {
        Some(lists) => {
            let spans = (0..lists.len()).map(|row| span(lists.value_offsets(), row)).collect();
            (unfolded(lists.values())?, spans)
        }
        None => {
            let maps = nested.as_map();
            let spans = (0..maps.len()).map(|row| span(maps.value_offsets(), row)).collect();
            (vec![maps.keys().clone(), maps.values().clone()], spans)
        }
    };
    let count = columns.first().map_or(0, |column| column.len());
    let options = RecordBatchOptions::new().with_row_count(Some(count));
    let elements = RecordBatch::try_new_with_options(schema.clone(), columns, &options)?;
    let holds = condition.evaluate(&elements)?.into_array(count)?;
    let holds = holds.as_boolean();
    let all = |(row, span): (usize, Range<usize>)| {
        if nested.is_null(row) {
            return None;
        }
        let mut known = true;
        for element in span {
            if holds.is_null(element) {
                known = false;
            } else if !holds.value(element) {
                return Some(false);
            }
        }
        known.then_some(true)
    };
    Ok(Arc::new(spans.into_iter().enumerate().map(all).collect::<BooleanArray>()))
}

/// The members of structs, null where the struct is; other elements as they are.
fn unfolded(elements: &ArrayRef) -> Result<Vec<ArrayRef>> {
    let Some(structs) = elements.as_struct_opt() else { return Ok(vec![elements.clone()]) };
    let Some(nulls) = structs.nulls().filter(|nulls| nulls.null_count() > 0) else {
        return Ok(structs.columns().to_vec());
    };
    let missing = BooleanArray::new(!nulls.inner(), None);
    structs.columns().iter().map(|column| Ok(nullif(column, &missing)?)).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int32Builder, ListBuilder, MapBuilder, StringBuilder, cast::AsArray};
    use arrow::datatypes::Schema;
    use datafusion::common::Result;
    use datafusion::physical_expr::expressions::{Column, IsNullExpr};
    use headwater_compiler::data_type::{DataType, Slot};

    use super::{every, fields};

    /// The condition is that a column of the elements is null.
    fn check(nested: ArrayRef, data_type: &DataType, column: usize, expected: &[Option<bool>]) -> Result<()> {
        let schema = Arc::new(Schema::new(fields(data_type)?));
        let condition = Arc::new(IsNullExpr::new(Arc::new(Column::new(&column.to_string(), column))));
        let found = every(&nested, &(condition as _), &schema)?;
        assert_eq!(found.as_boolean().iter().collect::<Vec<_>>(), expected);
        Ok(())
    }

    fn slot(data_type: DataType) -> Box<Slot> {
        Box::new(Slot { data_type, nullable: true })
    }

    #[test]
    fn nothing_inside_is_true_and_no_list_is_null() -> Result<()> {
        let mut lists = ListBuilder::new(Int32Builder::new());
        lists.append_value([None, Some(1)]);
        lists.append_value([None]);
        lists.append_value([]);
        lists.append_null();
        let of_numbers = DataType::List(slot(DataType::Int32));
        check(Arc::new(lists.finish()), &of_numbers, 0, &[Some(false), Some(true), Some(true), None])?;
        let mut maps = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
        maps.keys().append_value("a");
        maps.values().append_value(1);
        maps.append(true)?;
        maps.append(true)?;
        let of_numbers = DataType::Map(slot(DataType::Int32));
        check(Arc::new(maps.finish()), &of_numbers, 1, &[Some(false), Some(true)])
    }

    #[test]
    fn a_truth_value_alone_decides() -> Result<()> {
        let mut lists = ListBuilder::new(arrow::array::BooleanBuilder::new());
        lists.append_value([Some(true), None]);
        lists.append_value([None, Some(false)]);
        let nested: ArrayRef = Arc::new(lists.finish());
        let schema = Arc::new(Schema::new(fields(&DataType::List(slot(DataType::Bool)))?));
        let found = every(&nested, &(Arc::new(Column::new("0", 0)) as _), &schema)?;
        assert_eq!(found.as_boolean().iter().collect::<Vec<_>>(), [None, Some(false)]);
        Ok(())
    }

    #[test]
    fn what_has_nothing_inside_is_no_list() {
        assert!(fields(&DataType::Int32).is_err());
    }
}
