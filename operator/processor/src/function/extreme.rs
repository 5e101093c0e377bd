//! `min` and `max` of floats: NaN is equal to NaN and greater than every number, and the two zeros are one.
//!
//! The columnar engine's own leave NaN out where they group and keep it where they do not.

use std::fmt::Debug;
use std::marker::PhantomData;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowNativeTypeOp, ArrowPrimitiveType, AsArray, PrimitiveArray};
use arrow::datatypes::DataType as ArrowType;
use datafusion::common::Result;

use super::canonical;
use super::fold::{Fold, Grouped};

/// The least or the greatest value that is not null.
#[derive(Debug)]
pub(super) struct Extreme<T> {
    greatest: bool,
    of: PhantomData<T>,
}

impl<T> Extreme<T> {
    pub(super) fn new(greatest: bool) -> Self {
        Extreme { greatest, of: PhantomData }
    }
}

impl<T: ArrowPrimitiveType + Debug + Send + Sync> Fold for Extreme<T> {
    type State = Option<T::Native>;

    fn state_types(&self) -> Vec<ArrowType> {
        vec![T::DATA_TYPE]
    }

    fn add(&self, args: &[ArrayRef], rows: &Grouped<'_>, states: &mut [Self::State]) -> Result<()> {
        let array = canonical::array(&args[0]);
        let array = array.as_primitive::<T>();
        let values = array.values();
        let nulls = array.nulls();
        rows.each(|row, group| {
            if nulls.is_none_or(|nulls| nulls.is_valid(row)) {
                let (new, best) = (values[row], &mut states[group]);
                let better = |old: T::Native| if self.greatest { new.is_gt(old) } else { new.is_lt(old) };
                if best.is_none_or(better) {
                    *best = Some(new);
                }
            }
        });
        Ok(())
    }

    fn merge(&self, parts: &[ArrayRef], rows: &Grouped<'_>, states: &mut [Self::State]) -> Result<()> {
        self.add(parts, rows, states)
    }

    fn states(&self, states: &[Self::State]) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.values(states)?])
    }

    fn values(&self, states: &[Self::State]) -> Result<ArrayRef> {
        Ok(Arc::new(states.iter().copied().collect::<PrimitiveArray<T>>()))
    }
}
