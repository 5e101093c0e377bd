//! `sum` and `avg`: integers and decimals in wide integers, floats exactly.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Decimal128Array, Decimal256Array, Float64Array, Int64Array, PrimitiveArray,
};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType as ArrowType, Decimal128Type, Decimal256Type, Field, Float64Type, Int32Type,
    Int64Type, i256,
};
use datafusion::common::{Result, exec_err};

use super::decimal::{self, Size};
use super::exact_sum::Exact;
use super::fold::{Fold, Grouped, listed, lists};

/// What is made of a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Total {
    /// The sum; null where it does not fit.
    Sum,
    /// The sum; where it does not fit the run stops, because the type says that it cannot happen.
    SureSum,
    /// The mean.
    Mean,
}

/// Sums of `int32` or `int64`.
#[derive(Debug)]
pub(super) struct Integers(pub(super) Total);

/// A sum and how many were added.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counted<T> {
    sum: T,
    count: i64,
}

fn counts<T>(states: &[Counted<T>]) -> ArrayRef {
    Arc::new(states.iter().map(|state| Some(state.count)).collect::<Int64Array>())
}

/// Whether there was anything to add.
fn some<T>(state: &Counted<T>) -> Option<&Counted<T>> {
    (state.count > 0).then_some(state)
}

impl Integers {
    fn apply(args: &[ArrayRef], rows: &Grouped<'_>, states: &mut [Counted<i128>], sign: i64) {
        if let Some(values) = args[0].as_primitive_opt::<Int32Type>() {
            Self::apply_to(values, rows, states, sign);
        } else {
            Self::apply_to(args[0].as_primitive::<Int64Type>(), rows, states, sign);
        }
    }

    fn apply_to<T: ArrowPrimitiveType>(
        values: &PrimitiveArray<T>,
        rows: &Grouped<'_>,
        states: &mut [Counted<i128>],
        sign: i64,
    ) where
        i128: From<T::Native>,
    {
        let wide = <i128 as From<i64>>::from(sign);
        rows.each(|row, group| {
            if values.is_valid(row) {
                // Even 2^63 values of 64 bits fit in 128 bits.
                states[group].sum += wide * i128::from(values.value(row));
                states[group].count += sign;
            }
        });
    }
}

impl Fold for Integers {
    type State = Counted<i128>;

    fn state_types(&self) -> Vec<ArrowType> {
        vec![ArrowType::Decimal128(38, 0), ArrowType::Int64]
    }

    fn add(&self, args: &[ArrayRef], rows: &Grouped<'_>, states: &mut [Self::State]) -> Result<()> {
        Self::apply(args, rows, states, 1);
        Ok(())
    }

    fn remove(&self, args: &[ArrayRef], rows: &Grouped<'_>, states: &mut [Self::State]) -> Result<()> {
        Self::apply(args, rows, states, -1);
        Ok(())
    }

    fn slides(&self) -> bool {
        true
    }

    fn merge(&self, parts: &[ArrayRef], rows: &Grouped<'_>, states: &mut [Self::State]) -> Result<()> {
        let (sums, counts) =
            (parts[0].as_primitive::<Decimal128Type>(), parts[1].as_primitive::<Int64Type>());
        rows.each(|row, group| {
            states[group].sum += sums.value(row);
            states[group].count += counts.value(row);
        });
        Ok(())
    }

    fn states(&self, states: &[Self::State]) -> Result<Vec<ArrayRef>> {
        let sums: Decimal128Array = states.iter().map(|state| Some(state.sum)).collect();
        Ok(vec![Arc::new(sums.with_precision_and_scale(38, 0)?), counts(states)])
    }

    fn values(&self, states: &[Self::State]) -> Result<ArrayRef> {
        let sum = |state: &Counted<i128>| i64::try_from(state.sum).ok();
        match self.0 {
            Total::Mean => {
                let mean =
                    |state: &Counted<i128>| some(state).map(|state| state.sum as f64 / state.count as f64);
                Ok(Arc::new(states.iter().map(mean).collect::<Float64Array>()))
            }
            Total::SureSum if states.iter().any(|state| sum(state).is_none()) => {
                exec_err!("a sum of `int32` values is out of the range of `int64`")
            }
            Total::Sum | Total::SureSum => {
                Ok(Arc::new(states.iter().map(|state| some(state).and_then(sum)).collect::<Int64Array>()))
            }
        }
    }
}

/// Sums of decimals of one scale.
#[derive(Debug)]
pub(super) struct Decimals {
    pub(super) total: Total,
    /// Scale of the values.
    pub(super) scale: u8,
    /// Precision and scale of the result.
    pub(super) size: Size,
}

impl Decimals {
    fn apply(args: &[ArrayRef], rows: &Grouped<'_>, states: &mut [Counted<i256>], remove: bool) {
        let values = args[0].as_primitive::<Decimal128Type>();
        rows.each(|row, group| {
            if values.is_valid(row) {
                let state = &mut states[group];
                let value = i256::from_i128(values.value(row));
                // Even 2^63 values of 38 digits fit in 256 bits.
                state.sum =
                    if remove { state.sum.wrapping_sub(value) } else { state.sum.wrapping_add(value) };
                state.count += if remove { -1 } else { 1 };
            }
        });
    }

    fn value(&self, state: &Counted<i256>) -> Option<i128> {
        let state = some(state)?;
        if self.total != Total::Mean {
            return decimal::within(state.sum.to_i128()?, self.size.precision);
        }
        let up = i256::from_i128(decimal::power(u32::from(self.size.scale - self.scale)));
        let mean =
            decimal::wide_divided(state.sum.checked_mul(up)?, i256::from_i128(i128::from(state.count)))?;
        decimal::within(mean.to_i128()?, self.size.precision)
    }
}

impl Fold for Decimals {
    type State = Counted<i256>;

    fn state_types(&self) -> Vec<ArrowType> {
        vec![ArrowType::Decimal256(76, 0), ArrowType::Int64]
    }

    fn add(&self, args: &[ArrayRef], rows: &Grouped<'_>, states: &mut [Self::State]) -> Result<()> {
        Self::apply(args, rows, states, false);
        Ok(())
    }

    fn remove(&self, args: &[ArrayRef], rows: &Grouped<'_>, states: &mut [Self::State]) -> Result<()> {
        Self::apply(args, rows, states, true);
        Ok(())
    }

    fn slides(&self) -> bool {
        true
    }

    fn merge(&self, parts: &[ArrayRef], rows: &Grouped<'_>, states: &mut [Self::State]) -> Result<()> {
        let (sums, counts) =
            (parts[0].as_primitive::<Decimal256Type>(), parts[1].as_primitive::<Int64Type>());
        rows.each(|row, group| {
            states[group].sum = states[group].sum.wrapping_add(sums.value(row));
            states[group].count += counts.value(row);
        });
        Ok(())
    }

    fn states(&self, states: &[Self::State]) -> Result<Vec<ArrayRef>> {
        let sums: Decimal256Array = states.iter().map(|state| Some(state.sum)).collect();
        Ok(vec![Arc::new(sums.with_precision_and_scale(76, 0)?), counts(states)])
    }

    fn values(&self, states: &[Self::State]) -> Result<ArrayRef> {
        let values: PrimitiveArray<Decimal128Type> = states.iter().map(|state| self.value(state)).collect();
        super::arithmetic::sized(values, self.size)
    }
}

/// Sums of doubles.
#[derive(Debug)]
pub(super) struct Floats(pub(super) Total);

/// Arrow types of an exact sum as columns: its parts, then how many values of each special kind.
pub(super) fn exact_types() -> Vec<ArrowType> {
    let item = || Arc::new(Field::new("item", ArrowType::Float64, true));
    let special = Arc::new(Field::new("item", ArrowType::Int64, true));
    vec![ArrowType::List(item()), ArrowType::List(special)]
}

/// Exact sums as columns.
pub(super) fn exact_columns<'a>(sums: impl Iterator<Item = &'a Exact> + Clone) -> Vec<ArrayRef> {
    let parts = lists::<Float64Type>(sums.clone().map(|sum| sum.parts.iter().copied()));
    vec![parts, lists::<Int64Type>(sums.map(|sum| sum.special))]
}

/// The exact sum of one row of such columns.
pub(super) fn exact_of(parts: &[ArrayRef], row: usize) -> Exact {
    let special = listed::<Int64Type>(&parts[1], row);
    let special = [0, 1, 2].map(|kind| special.get(kind).copied().unwrap_or(0));
    Exact { parts: listed::<Float64Type>(&parts[0], row), special }
}

impl Fold for Floats {
    type State = Counted<Exact>;

    fn state_types(&self) -> Vec<ArrowType> {
        let mut types = exact_types();
        types.push(ArrowType::Int64);
        types
    }

    fn add(&self, args: &[ArrayRef], rows: &Grouped<'_>, states: &mut [Self::State]) -> Result<()> {
        let values = args[0].as_primitive::<Float64Type>();
        rows.each(|row, group| {
            if values.is_valid(row) {
                states[group].sum.add(values.value(row));
                states[group].count += 1;
            }
        });
        Ok(())
    }

    fn remove(&self, args: &[ArrayRef], rows: &Grouped<'_>, states: &mut [Self::State]) -> Result<()> {
        let values = args[0].as_primitive::<Float64Type>();
        rows.each(|row, group| {
            if values.is_valid(row) {
                states[group].sum.remove(values.value(row));
                states[group].count -= 1;
            }
        });
        Ok(())
    }

    fn slides(&self) -> bool {
        true
    }

    fn merge(&self, parts: &[ArrayRef], rows: &Grouped<'_>, states: &mut [Self::State]) -> Result<()> {
        let counts = parts[2].as_primitive::<Int64Type>();
        rows.each(|row, group| {
            states[group].sum.merge(&exact_of(parts, row));
            states[group].count += counts.value(row);
        });
        Ok(())
    }

    fn states(&self, states: &[Self::State]) -> Result<Vec<ArrayRef>> {
        let mut columns = exact_columns(states.iter().map(|state| &state.sum));
        columns.push(counts(states));
        Ok(columns)
    }

    fn values(&self, states: &[Self::State]) -> Result<ArrayRef> {
        let value = |state: &Counted<Exact>| {
            let state = some(state)?;
            let sum = state.sum.value();
            Some(if self.0 == Total::Mean { sum / state.count as f64 } else { sum })
        };
        Ok(Arc::new(states.iter().map(value).collect::<Float64Array>()))
    }

    fn held(&self, state: &Self::State) -> usize {
        state.sum.parts.capacity() * size_of::<f64>()
    }
}
