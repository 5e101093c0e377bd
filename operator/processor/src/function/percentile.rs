//! Exact percentiles of doubles, between two values in proportion.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use arrow::datatypes::{DataType as ArrowType, Field, Float64Type};
use datafusion::common::Result;

use super::canonical;
use super::fold::{Fold, Grouped, listed, lists};

/// The value below which a fraction of the values lies.
#[derive(Debug)]
pub(super) struct Percentile(pub(super) f64);

impl Percentile {
    fn value(&self, values: &[f64]) -> Option<f64> {
        let mut values = values.to_vec();
        let place = self.0 * (values.len().checked_sub(1)? as f64);
        let (index, between) = (place.floor() as usize, place.fract());
        let (_, low, above) = values.select_nth_unstable_by(index, f64::total_cmp);
        let low = *low;
        if between == 0.0 {
            return Some(low);
        }
        let high = above.iter().copied().min_by(f64::total_cmp)?;
        Some(if low == high { low } else { low + (high - low) * between })
    }
}

impl Fold for Percentile {
    type State = Vec<f64>;

    fn state_types(&self) -> Vec<ArrowType> {
        vec![ArrowType::List(Arc::new(Field::new("item", ArrowType::Float64, true)))]
    }

    fn add(&self, args: &[ArrayRef], rows: &Grouped<'_>, states: &mut [Self::State]) -> Result<()> {
        let values = args[0].as_primitive::<Float64Type>();
        rows.each(|row, group| {
            if values.is_valid(row) {
                states[group].push(canonical::float64(values.value(row)));
            }
        });
        Ok(())
    }

    fn merge(&self, parts: &[ArrayRef], rows: &Grouped<'_>, states: &mut [Self::State]) -> Result<()> {
        rows.each(|row, group| states[group].extend(listed::<Float64Type>(&parts[0], row)));
        Ok(())
    }

    fn states(&self, states: &[Self::State]) -> Result<Vec<ArrayRef>> {
        Ok(vec![lists::<Float64Type>(states.iter().map(|values| values.iter().copied()))])
    }

    fn values(&self, states: &[Self::State]) -> Result<ArrayRef> {
        Ok(Arc::new(states.iter().map(|values| self.value(values)).collect::<Float64Array>()))
    }

    fn held(&self, state: &Self::State) -> usize {
        state.capacity() * size_of::<f64>()
    }
}
