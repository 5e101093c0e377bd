//! Aggregates that are made of all values in their order: `array_agg`, `listagg`, `percentile_disc`; and of distinct values.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray, StringBuilder};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::DataType as ArrowType;
use datafusion::common::Result;
use headwater_compiler::data_type::DataType;

use super::encoded::{Bytes, Encoding, list_column, list_type, listed};
use super::fold::{Fold, Grouped};
use super::list;

/// What is made of the values of a group, the least first.
#[derive(Debug)]
pub(super) enum Made {
    /// A list of this type.
    List(DataType),
    /// Text with a separator between.
    Text(String),
    /// The least value that this fraction does not exceed.
    Percentile(f64),
}

/// All values of each group.
#[derive(Debug)]
pub(super) struct Sorted {
    pub(super) encoding: Encoding,
    pub(super) made: Made,
    /// Whether equal values count once.
    pub(super) distinct: bool,
}

impl Sorted {
    fn in_order(&self, values: &[Bytes]) -> Vec<Bytes> {
        let mut values = values.to_vec();
        values.sort_unstable();
        if self.distinct {
            values.dedup();
        }
        values
    }
}

impl Fold for Sorted {
    type State = Vec<Bytes>;

    fn state_types(&self) -> Vec<ArrowType> {
        vec![list_type()]
    }

    fn add(&self, args: &[ArrayRef], rows: &Grouped<'_>, states: &mut [Self::State]) -> Result<()> {
        let encoded = self.encoding.encode(&args[0])?;
        let nulls = args[0].logical_nulls();
        rows.each(|row, group| {
            if nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)) {
                states[group].push(Bytes::from(encoded.row(row).as_ref()));
            }
        });
        Ok(())
    }

    fn merge(&self, parts: &[ArrayRef], rows: &Grouped<'_>, states: &mut [Self::State]) -> Result<()> {
        rows.each(|row, group| states[group].extend(listed(&parts[0], row)));
        Ok(())
    }

    fn states(&self, states: &[Self::State]) -> Result<Vec<ArrayRef>> {
        Ok(vec![list_column(states.iter().map(|values| values.iter()))])
    }

    fn values(&self, states: &[Self::State]) -> Result<ArrayRef> {
        let groups: Vec<Vec<Bytes>> = states.iter().map(|values| self.in_order(values)).collect();
        if let Made::Percentile(fraction) = self.made {
            let place = |values: &Vec<Bytes>| ((fraction * values.len() as f64).ceil() as usize).max(1) - 1;
            let found = groups.iter().map(|values| values.get(place(values)).map(AsRef::as_ref));
            return self.encoding.decode(found);
        }
        let elements = self.encoding.decode(groups.iter().flatten().map(|value| Some(value.as_ref())))?;
        let lengths = groups.iter().map(Vec::len);
        match &self.made {
            Made::Text(separator) => Ok(joined(elements.as_string::<i32>(), lengths, separator)),
            Made::List(gives) => {
                let nulls = NullBuffer::from_iter(groups.iter().map(|values| !values.is_empty()));
                list::of_parts(elements, OffsetBuffer::from_lengths(lengths), Some(nulls), gives)
            }
            Made::Percentile(_) => Ok(elements),
        }
    }

    fn held(&self, state: &Self::State) -> usize {
        let sample: usize = state.iter().take(10).map(|value| value.len()).sum();
        state.capacity() * size_of::<Bytes>() + sample * state.len() / state.len().clamp(1, 10)
    }
}

fn joined(elements: &StringArray, lengths: impl Iterator<Item = usize>, separator: &str) -> ArrayRef {
    let mut builder = StringBuilder::new();
    let mut next = 0;
    for length in lengths {
        let texts: Vec<&str> = (next..next + length).map(|element| elements.value(element)).collect();
        next += length;
        builder.append_option((length > 0).then(|| texts.join(separator)));
    }
    Arc::new(builder.finish())
}

/// Another aggregate over the distinct values of its argument.
#[derive(Debug)]
pub(super) struct Distinct<F> {
    pub(super) encoding: Encoding,
    pub(super) of: F,
}

impl<F: Fold> Fold for Distinct<F> {
    type State = BTreeSet<Bytes>;

    fn state_types(&self) -> Vec<ArrowType> {
        vec![list_type()]
    }

    fn add(&self, args: &[ArrayRef], rows: &Grouped<'_>, states: &mut [Self::State]) -> Result<()> {
        let encoded = self.encoding.encode(&args[0])?;
        rows.each(|row, group| {
            if args[0].is_valid(row) {
                states[group].insert(Bytes::from(encoded.row(row).as_ref()));
            }
        });
        Ok(())
    }

    fn merge(&self, parts: &[ArrayRef], rows: &Grouped<'_>, states: &mut [Self::State]) -> Result<()> {
        rows.each(|row, group| states[group].extend(listed(&parts[0], row)));
        Ok(())
    }

    fn states(&self, states: &[Self::State]) -> Result<Vec<ArrayRef>> {
        Ok(vec![list_column(states.iter().map(|values| values.iter()))])
    }

    fn values(&self, states: &[Self::State]) -> Result<ArrayRef> {
        let mut totals: Vec<F::State> = Vec::new();
        totals.resize_with(states.len(), F::State::default);
        let values = self.encoding.decode(states.iter().flatten().map(|value| Some(value.as_ref())))?;
        let groups: Vec<usize> =
            states.iter().enumerate().flat_map(|(group, values)| values.iter().map(move |_| group)).collect();
        self.of.add(&[values], &Grouped::of(&groups), &mut totals)?;
        self.of.values(&totals)
    }

    fn held(&self, state: &Self::State) -> usize {
        state.iter().take(10).map(|value| value.len() + 32).sum::<usize>() * state.len()
            / state.len().clamp(1, 10)
    }
}
