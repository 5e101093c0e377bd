//! Variances and standard deviations of doubles, from exact sums of the values and their squares.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array};
use arrow::datatypes::{DataType as ArrowType, Float64Type, Int64Type};
use datafusion::common::Result;

use super::exact_sum::Exact;
use super::fold::{Fold, Grouped};
use super::sum::{exact_columns, exact_of, exact_types};

/// A spread.
#[derive(Debug)]
pub(super) struct Spread {
    /// Whether the values are a sample of more.
    pub(super) sample: bool,
    /// Whether the root is taken.
    pub(super) root: bool,
}

/// What is kept.
#[derive(Debug, Clone, Default)]
pub(super) struct Moments {
    count: i64,
    sum: Exact,
    squares: Exact,
}

impl Spread {
    fn value(&self, state: &Moments) -> Option<f64> {
        let count = state.count as f64;
        let free = state.count - i64::from(self.sample);
        if free <= 0 {
            return None;
        }
        let variance = state.squares.less_square(count, &state.sum).value() / count / free as f64;
        Some(if self.root { variance.sqrt() } else { variance })
    }
}

impl Fold for Spread {
    type State = Moments;

    fn state_types(&self) -> Vec<ArrowType> {
        let mut types = exact_types();
        types.extend(exact_types());
        types.push(ArrowType::Int64);
        types
    }

    fn add(&self, args: &[ArrayRef], rows: &Grouped<'_>, states: &mut [Self::State]) -> Result<()> {
        let values = args[0].as_primitive::<Float64Type>();
        rows.each(|row, group| {
            if values.is_valid(row) {
                let state = &mut states[group];
                state.count += 1;
                state.sum.add(values.value(row));
                state.squares.add_square(values.value(row), 1);
            }
        });
        Ok(())
    }

    fn merge(&self, parts: &[ArrayRef], rows: &Grouped<'_>, states: &mut [Self::State]) -> Result<()> {
        let counts = parts[4].as_primitive::<Int64Type>();
        rows.each(|row, group| {
            let state = &mut states[group];
            state.count += counts.value(row);
            state.sum.merge(&exact_of(&parts[..2], row));
            state.squares.merge(&exact_of(&parts[2..4], row));
        });
        Ok(())
    }

    fn states(&self, states: &[Self::State]) -> Result<Vec<ArrayRef>> {
        let mut columns = exact_columns(states.iter().map(|state| &state.sum));
        columns.extend(exact_columns(states.iter().map(|state| &state.squares)));
        columns.push(Arc::new(states.iter().map(|state| Some(state.count)).collect::<Int64Array>()));
        Ok(columns)
    }

    fn values(&self, states: &[Self::State]) -> Result<ArrayRef> {
        Ok(Arc::new(states.iter().map(|state| self.value(state)).collect::<Float64Array>()))
    }

    fn held(&self, state: &Self::State) -> usize {
        (state.sum.parts.capacity() + state.squares.parts.capacity()) * size_of::<f64>()
    }
}
