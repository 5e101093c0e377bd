//! Values of any type that compares, as bytes that compare as the values do.

use arrow::array::{Array, ArrayRef, AsArray, BinaryBuilder, ListBuilder};
use arrow::datatypes::{DataType as ArrowType, Field};
use arrow::row::{RowConverter, Rows, SortField};
use datafusion::common::Result;

use super::canonical;

/// One value; never null.
pub(super) type Bytes = Box<[u8]>;

/// Turns values of one type into bytes and back.
#[derive(Debug, Clone)]
pub(super) struct Encoding(pub(super) ArrowType);

impl Encoding {
    fn converter(&self) -> Result<RowConverter> {
        Ok(RowConverter::new(vec![SortField::new(self.0.clone())])?)
    }

    /// Every value of an array.
    pub(super) fn encode(&self, array: &ArrayRef) -> Result<Rows> {
        Ok(self.converter()?.convert_columns(&[canonical::array(array)])?)
    }

    /// An array of these values; null where there is none.
    pub(super) fn decode<'a>(&self, values: impl Iterator<Item = Option<&'a [u8]>>) -> Result<ArrayRef> {
        let converter = self.converter()?;
        let null = arrow::array::new_null_array(&self.0, 1);
        let null = converter.convert_columns(&[null])?;
        let parser = converter.parser();
        let rows = values.map(|value| value.map_or_else(|| null.row(0), |bytes| parser.parse(bytes)));
        let mut arrays = converter.convert_rows(rows)?;
        Ok(arrays.swap_remove(0))
    }
}

/// Arrow type of lists of encoded values.
pub(super) fn list_type() -> ArrowType {
    ArrowType::List(std::sync::Arc::new(Field::new("item", ArrowType::Binary, true)))
}

/// Lists of encoded values as a column.
pub(super) fn list_column<'a>(lists: impl Iterator<Item = impl Iterator<Item = &'a Bytes>>) -> ArrayRef {
    let mut builder = ListBuilder::new(BinaryBuilder::new());
    for list in lists {
        list.for_each(|value| builder.values().append_value(value));
        builder.append(true);
    }
    std::sync::Arc::new(builder.finish())
}

/// The encoded values of one row of such a column.
pub(super) fn listed(column: &ArrayRef, row: usize) -> Vec<Bytes> {
    let lists = column.as_list::<i32>();
    if lists.is_null(row) {
        return Vec::new();
    }
    let list = lists.value(row);
    list.as_binary::<i32>().iter().flatten().map(Bytes::from).collect()
}
