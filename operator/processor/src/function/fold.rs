//! Aggregates of our own as the columnar engine's: from what one does with rows, the engine's accumulators for one group,
//! for many groups and for frames that slide.
//!
//! Takes a [`Fold`]; gives an `AggregateUDF`. It must not know what is computed.

use std::any::Any;
use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::mem::size_of;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use arrow::datatypes::{DataType as ArrowType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue, internal_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility,
};

/// What an aggregate does with rows.
pub(super) trait Fold: Debug + Send + Sync + 'static {
    /// What is kept of the rows of a group.
    type State: Default + Send + Sync + Debug;

    /// Arrow types of a state as columns.
    fn state_types(&self) -> Vec<ArrowType>;

    /// Takes rows in.
    fn add(&self, args: &[ArrayRef], rows: &Grouped<'_>, states: &mut [Self::State]) -> Result<()>;

    /// Takes rows out again that were taken in; only if [`Fold::slides`].
    fn remove(&self, _args: &[ArrayRef], _rows: &Grouped<'_>, _states: &mut [Self::State]) -> Result<()> {
        internal_err!("an aggregate that cannot take rows out")
    }

    /// Whether rows can be taken out.
    fn slides(&self) -> bool {
        false
    }

    /// Takes states in that were written as columns.
    fn merge(&self, parts: &[ArrayRef], rows: &Grouped<'_>, states: &mut [Self::State]) -> Result<()>;

    /// States as columns.
    fn states(&self, states: &[Self::State]) -> Result<Vec<ArrayRef>>;

    /// The values of states.
    fn values(&self, states: &[Self::State]) -> Result<ArrayRef>;

    /// Bytes that a state holds beside itself.
    fn held(&self, _state: &Self::State) -> usize {
        0
    }
}

/// Which rows count, and the group of each.
pub(super) struct Grouped<'a> {
    count: usize,
    groups: Option<&'a [usize]>,
    filter: Option<&'a BooleanArray>,
}

impl<'a> Grouped<'a> {
    /// Every row, in these groups.
    pub(super) fn of(groups: &'a [usize]) -> Self {
        Grouped { count: groups.len(), groups: Some(groups), filter: None }
    }

    /// Calls `each` with every row that counts and its group.
    pub(super) fn each(&self, mut each: impl FnMut(usize, usize)) {
        for row in 0..self.count {
            if self.filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row)) {
                each(row, self.groups.map_or(0, |groups| groups[row]));
            }
        }
    }
}

/// The aggregate as the columnar engine has it; `key` holds everything that decides what is computed.
pub(super) fn udaf<F: Fold>(name: &'static str, key: String, gives: ArrowType, fold: F) -> Arc<AggregateUDF> {
    Arc::new(AggregateUDF::new_from_impl(Folded {
        name,
        key,
        gives,
        fold: Arc::new(fold),
        signature: Signature::variadic_any(Volatility::Immutable),
    }))
}

#[derive(Debug)]
struct Folded<F> {
    name: &'static str,
    key: String,
    gives: ArrowType,
    fold: Arc<F>,
    signature: Signature,
}

impl<F> PartialEq for Folded<F> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.key == other.key && self.gives == other.gives
    }
}

impl<F> Eq for Folded<F> {}

impl<F> Hash for Folded<F> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
        self.key.hash(state);
    }
}

impl<F: Fold> AggregateUDFImpl for Folded<F> {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _args: &[ArrowType]) -> Result<ArrowType> {
        Ok(self.gives.clone())
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let types = self.fold.state_types().into_iter().enumerate();
        Ok(types
            .map(|(index, of)| Arc::new(Field::new(format!("{}[{index}]", args.name), of, true)))
            .collect())
    }

    fn accumulator(&self, _args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(One { fold: self.fold.clone(), state: [F::State::default()] }))
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        self.accumulator(args)
    }

    fn groups_accumulator_supported(&self, _args: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(&self, _args: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Many { fold: self.fold.clone(), states: Vec::new() }))
    }
}

/// The state of one group.
#[derive(Debug)]
struct One<F: Fold> {
    fold: Arc<F>,
    state: [F::State; 1],
}

fn all(arrays: &[ArrayRef]) -> Grouped<'static> {
    Grouped { count: arrays.first().map_or(0, |array| array.len()), groups: None, filter: None }
}

impl<F: Fold> Accumulator for One<F> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.fold.add(values, &all(values), &mut self.state)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        ScalarValue::try_from_array(&self.fold.values(&self.state)?, 0)
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.fold.held(&self.state[0])
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.fold.states(&self.state)?.iter().map(|column| ScalarValue::try_from_array(column, 0)).collect()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.fold.merge(states, &all(states), &mut self.state)
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.fold.remove(values, &all(values), &mut self.state)
    }

    fn supports_retract_batch(&self) -> bool {
        self.fold.slides()
    }
}

/// The states of many groups.
#[derive(Debug)]
struct Many<F: Fold> {
    fold: Arc<F>,
    states: Vec<F::State>,
}

impl<F: Fold> Many<F> {
    fn grow(&mut self, groups: usize) {
        if self.states.len() < groups {
            self.states.resize_with(groups, F::State::default);
        }
    }
}

impl<F: Fold> GroupsAccumulator for Many<F> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        count: usize,
    ) -> Result<()> {
        self.grow(count);
        let rows = Grouped { count: groups.len(), groups: Some(groups), filter };
        self.fold.add(values, &rows, &mut self.states)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let states = emit_to.take_needed(&mut self.states);
        self.fold.values(&states)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let states = emit_to.take_needed(&mut self.states);
        self.fold.states(&states)
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        count: usize,
    ) -> Result<()> {
        self.grow(count);
        let rows = Grouped { count: groups.len(), groups: Some(groups), filter };
        self.fold.merge(values, &rows, &mut self.states)
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let count = values.first().map_or(0, |array| array.len());
        let mut states: Vec<F::State> = Vec::new();
        states.resize_with(count, F::State::default);
        let groups: Vec<usize> = (0..count).collect();
        let rows = Grouped { count, groups: Some(&groups), filter };
        self.fold.add(values, &rows, &mut states)?;
        self.fold.states(&states)
    }

    fn supports_convert_to_state(&self) -> bool {
        true
    }

    fn size(&self) -> usize {
        // Looking at every state would cost more than adding a batch: a sample stands for all.
        let sample: Vec<&F::State> = self.states.iter().take(100).collect();
        let held: usize = sample.iter().map(|state| self.fold.held(state)).sum();
        self.states.capacity() * size_of::<F::State>() + held * self.states.len() / sample.len().max(1)
    }
}

/// A list of each state, as a column.
pub(super) fn lists<T: arrow::datatypes::ArrowPrimitiveType>(
    lists: impl Iterator<Item = impl IntoIterator<Item = T::Native>>,
) -> ArrayRef {
    let mut builder = arrow::array::ListBuilder::new(arrow::array::PrimitiveBuilder::<T>::new());
    for list in lists {
        list.into_iter().for_each(|value| builder.values().append_value(value));
        builder.append(true);
    }
    Arc::new(builder.finish())
}

/// The values of one row of a column of lists.
pub(super) fn listed<T: arrow::datatypes::ArrowPrimitiveType>(
    column: &ArrayRef,
    row: usize,
) -> Vec<T::Native> {
    let lists = column.as_list::<i32>();
    if lists.is_null(row) {
        return Vec::new();
    }
    let list = lists.value(row);
    list.as_primitive::<T>().values().to_vec()
}
