//! Functions of lists, maps and structs over arrays.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, StructArray};
use arrow::compute::nullif;
use arrow::datatypes::{DataType as ArrowType, Field, Int32Type};
use datafusion::common::Result;
use headwater_compiler::data_type::DataType;
use headwater_compiler::expr::Expr;

use super::expression::Prepared;
use super::rows::Rows;
use super::{list, map};

/// The kernel of a function of this file.
pub(super) fn prepare(name: &str, args: &[Expr], gives: &DataType) -> Result<Option<Prepared>> {
    let is_map = args.first().is_some_and(|arg| matches!(arg.data_type, DataType::Map(_)));
    let to = gives.clone();
    Ok(Some(match name {
        "array" => Prepared::all(args, move |rows| list::of_values(rows, &to)),
        "cardinality" if is_map => Prepared::all(args, |rows| {
            let maps = rows.map(0);
            Ok(Arc::new(rows.to_numbers::<Int32Type>(|row| Some(maps.value_length(row)))))
        }),
        "cardinality" => Prepared::all(args, |rows| {
            let lists = rows.list(0);
            Ok(Arc::new(rows.to_numbers::<Int32Type>(|row| Some(lists.value_length(row)))))
        }),
        "[]" if is_map => Prepared::all(args, map::value),
        "[]" => Prepared::all(args, list::element),
        "array_contains" => Prepared::all(args, |rows| {
            let found = list::positions(rows)?;
            let lists = rows.list(0);
            let told = (0..rows.count).map(|row| lists.is_valid(row).then(|| found[row].is_some()));
            Ok(Arc::new(told.collect::<BooleanArray>()))
        }),
        "array_position" => Prepared::all(args, |rows| {
            let found = list::positions(rows)?;
            Ok(Arc::new(rows.to_numbers::<Int32Type>(|row| Some(found[row].unwrap_or(0)))))
        }),
        "array_reverse" | "array_distinct" | "array_sort" => {
            let name = name.to_owned();
            Prepared::all(args, move |rows| list::reordered(&name, rows, &to))
        }
        "array_slice" => Prepared::all(args, move |rows| list::slice(rows, &to)),
        "array_concat" => Prepared::all(args, move |rows| list::concatenated(rows, &to)),
        "array_max" => Prepared::all(args, |rows| list::extreme(rows, Ordering::Greater)),
        "array_min" => Prepared::all(args, |rows| list::extreme(rows, Ordering::Less)),
        "array_join" => Prepared::all(args, |rows| Ok(joined(rows))),
        "map_keys" => Prepared::all(args, move |rows| map::side(rows, true, &to)),
        "map_values" => Prepared::all(args, move |rows| map::side(rows, false, &to)),
        "map_from_arrays" => Prepared::all(args, move |rows| map::zipped(rows, &to)),
        _ => return Ok(None),
    }))
}

/// The texts of each list with a separator between them; null elements are left out or written as the third argument.
fn joined(rows: &Rows<'_>) -> ArrayRef {
    let (lists, separator) = (rows.list(0), rows.text(1));
    let stand_in = rows.args.get(2).map(|_| rows.text(2));
    let elements = Rows { args: std::slice::from_ref(lists.values()), count: lists.values().len() };
    let elements = elements.text(0);
    Arc::new(rows.to_text(|row, out| {
        let texts = map::span(lists.value_offsets(), row).filter_map(|element| {
            if elements.is_valid(element) {
                Some(elements.value(element))
            } else {
                stand_in.map(|text| text.value(row))
            }
        });
        for (index, text) in texts.enumerate() {
            if index > 0 {
                out.push_str(separator.value(row));
            }
            out.push_str(text);
        }
        true
    }))
}

/// A member of a struct; null where the struct is.
pub(super) fn member(rows: &Rows<'_>, index: usize) -> Result<ArrayRef> {
    let Some(structs) = rows.args[0].as_any().downcast_ref::<StructArray>() else {
        return datafusion::common::internal_err!("a member of what is no struct");
    };
    let column = structs.column(index);
    match structs.nulls() {
        None => Ok(column.clone()),
        Some(nulls) => Ok(nullif(column, &BooleanArray::new(!nulls.inner(), None))?),
    }
}

/// Arrow type of [`tuple`].
pub(super) fn tuple_type(types: &[ArrowType]) -> ArrowType {
    let fields = types.iter().enumerate();
    ArrowType::Struct(fields.map(|(index, of)| Field::new(format!("m{index}"), of.clone(), true)).collect())
}

/// The arguments together; null where any is.
pub(super) fn tuple(rows: &Rows<'_>) -> Result<ArrayRef> {
    let types: Vec<ArrowType> = rows.args.iter().map(|arg| arg.data_type().clone()).collect();
    let ArrowType::Struct(fields) = tuple_type(&types) else {
        return datafusion::common::internal_err!("a tuple that is no struct");
    };
    Ok(Arc::new(StructArray::try_new(fields, rows.args.to_vec(), rows.nulls())?))
}
