//! `first_value` and `last_value` by event time in milliseconds; of one millisecond the least or the greatest value.
//!
//! Without a time all values are of one moment: the least and the greatest.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryBuilder, Int64Array};
use arrow::datatypes::{DataType as ArrowType, Int64Type, TimestampMicrosecondType};
use datafusion::common::Result;

use super::encoded::{Bytes, Encoding};
use super::fold::{Fold, Grouped};

/// The first or the last value that is not null.
#[derive(Debug)]
pub(super) struct FirstLast {
    pub(super) encoding: Encoding,
    pub(super) last: bool,
    /// Whether rows are taken out again, so that all must be kept and not only the best.
    pub(super) sliding: bool,
}

/// Values by time, and how many of each.
type Kept = BTreeMap<(i64, Bytes), u64>;

impl FirstLast {
    fn put(&self, kept: &mut Kept, ms: i64, value: &[u8]) {
        if !self.sliding
            && let Some(((best, best_value), _)) = kept.first_key_value()
        {
            let (new, old) = ((ms, value), (*best, best_value.as_ref()));
            let better = if self.last { new > old } else { new < old };
            if !better {
                return;
            }
            kept.clear();
        }
        *kept.entry((ms, Bytes::from(value))).or_default() += 1;
    }

    fn best<'a>(&self, kept: &'a Kept) -> Option<(i64, &'a [u8])> {
        let best = if self.last { kept.last_key_value() } else { kept.first_key_value() };
        best.map(|((ms, value), _)| (*ms, value.as_ref()))
    }

    fn each(
        &self,
        args: &[ArrayRef],
        rows: &Grouped<'_>,
        mut each: impl FnMut(usize, i64, &[u8]),
    ) -> Result<()> {
        let encoded = self.encoding.encode(&args[0])?;
        let nulls = args[0].logical_nulls();
        let times = args.get(1).map(|times| times.as_primitive::<TimestampMicrosecondType>());
        rows.each(|row, group| {
            let moment = match times {
                Some(times) => times.is_valid(row).then(|| times.value(row).div_euclid(1_000)),
                None => Some(0),
            };
            if let Some(ms) = moment.filter(|_| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row))) {
                each(group, ms, encoded.row(row).as_ref());
            }
        });
        Ok(())
    }
}

impl Fold for FirstLast {
    type State = Kept;

    fn state_types(&self) -> Vec<ArrowType> {
        vec![ArrowType::Int64, ArrowType::Binary]
    }

    fn add(&self, args: &[ArrayRef], rows: &Grouped<'_>, states: &mut [Self::State]) -> Result<()> {
        self.each(args, rows, |group, ms, value| self.put(&mut states[group], ms, value))
    }

    fn remove(&self, args: &[ArrayRef], rows: &Grouped<'_>, states: &mut [Self::State]) -> Result<()> {
        self.each(args, rows, |group, ms, value| {
            let key = (ms, Bytes::from(value));
            if let Some(count) = states[group].get_mut(&key) {
                *count -= 1;
                if *count == 0 {
                    states[group].remove(&key);
                }
            }
        })
    }

    fn slides(&self) -> bool {
        self.sliding
    }

    fn merge(&self, parts: &[ArrayRef], rows: &Grouped<'_>, states: &mut [Self::State]) -> Result<()> {
        let (times, values) = (parts[0].as_primitive::<Int64Type>(), parts[1].as_binary::<i32>());
        rows.each(|row, group| {
            if values.is_valid(row) {
                self.put(&mut states[group], times.value(row), values.value(row));
            }
        });
        Ok(())
    }

    fn states(&self, states: &[Self::State]) -> Result<Vec<ArrayRef>> {
        let times: Int64Array = states.iter().map(|kept| self.best(kept).map(|(ms, _)| ms)).collect();
        let mut values = BinaryBuilder::new();
        states.iter().for_each(|kept| values.append_option(self.best(kept).map(|(_, value)| value)));
        Ok(vec![Arc::new(times), Arc::new(values.finish())])
    }

    fn values(&self, states: &[Self::State]) -> Result<ArrayRef> {
        self.encoding.decode(states.iter().map(|kept| self.best(kept).map(|(_, value)| value)))
    }

    fn held(&self, state: &Self::State) -> usize {
        state.keys().take(10).map(|(_, value)| value.len() + 48).sum::<usize>() * state.len()
            / state.len().clamp(1, 10)
    }
}
