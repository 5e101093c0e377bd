//! The arguments of a call over one batch, and the loops that make its result. Noun file.

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BinaryArray, BooleanArray, BooleanBuilder,
    FixedSizeBinaryArray, ListArray, MapArray, PrimitiveArray, PrimitiveBuilder, StringArray, StringBuilder,
};
use arrow::buffer::NullBuffer;

/// Arguments as arrays of one length.
pub(super) struct Rows<'a> {
    pub(super) args: &'a [ArrayRef],
    pub(super) count: usize,
}

impl Rows<'_> {
    /// Where any argument is null.
    pub(super) fn nulls(&self) -> Option<NullBuffer> {
        self.args
            .iter()
            .fold(None, |nulls, arg| NullBuffer::union(nulls.as_ref(), arg.logical_nulls().as_ref()))
    }

    pub(super) fn text(&self, index: usize) -> &StringArray {
        self.args[index].as_string::<i32>()
    }

    pub(super) fn bytes(&self, index: usize) -> &BinaryArray {
        self.args[index].as_binary::<i32>()
    }

    pub(super) fn uuid(&self, index: usize) -> &FixedSizeBinaryArray {
        self.args[index].as_fixed_size_binary()
    }

    pub(super) fn numbers<T: ArrowPrimitiveType>(&self, index: usize) -> &PrimitiveArray<T> {
        self.args[index].as_primitive::<T>()
    }

    pub(super) fn list(&self, index: usize) -> &ListArray {
        self.args[index].as_list::<i32>()
    }

    pub(super) fn map(&self, index: usize) -> &MapArray {
        self.args[index].as_map()
    }

    /// Text for each row without a null argument; null where `write` says so by false.
    pub(super) fn to_text(&self, mut write: impl FnMut(usize, &mut String) -> bool) -> StringArray {
        let nulls = self.nulls();
        let mut builder = StringBuilder::with_capacity(self.count, self.count * 8);
        let mut text = String::new();
        for row in 0..self.count {
            text.clear();
            if nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)) && write(row, &mut text) {
                builder.append_value(&text);
            } else {
                builder.append_null();
            }
        }
        builder.finish()
    }

    /// A value for each row without a null argument.
    pub(super) fn to_numbers<T: ArrowPrimitiveType>(
        &self,
        mut value: impl FnMut(usize) -> Option<T::Native>,
    ) -> PrimitiveArray<T> {
        let nulls = self.nulls();
        let mut builder = PrimitiveBuilder::<T>::with_capacity(self.count);
        for row in 0..self.count {
            let valid = nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
            builder.append_option(if valid { value(row) } else { None });
        }
        builder.finish()
    }

    /// A truth value for each row without a null argument.
    pub(super) fn to_truth(&self, mut value: impl FnMut(usize) -> Option<bool>) -> BooleanArray {
        let nulls = self.nulls();
        let mut builder = BooleanBuilder::with_capacity(self.count);
        for row in 0..self.count {
            let valid = nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
            builder.append_option(if valid { value(row) } else { None });
        }
        builder.finish()
    }
}
