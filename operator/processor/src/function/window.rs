//! Takes a call over the records before the current one; gives the columnar engine's window expression.

use std::any::Any;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array};
use arrow::datatypes::{DataType as ArrowType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue, not_impl_err};
use datafusion::functions_window::lead_lag::lag_udwf;
use datafusion::logical_expr::function::{PartitionEvaluatorArgs, WindowUDFFieldArgs};
use datafusion::logical_expr::{
    PartitionEvaluator, Signature, Volatility, WindowFrame, WindowFrameBound, WindowFunctionDefinition,
    WindowUDF, WindowUDFImpl,
};
use datafusion::physical_expr::window::WindowExpr;
use datafusion::physical_expr::{PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::windows::create_window_expr;
use headwater_compiler::function;
use headwater_compiler::graph::Measure;

use super::aggregate::choose;
use super::canonical::canonical;
use super::expression::{Columns, physical};

/// Where a call stands.
#[derive(Debug, Clone)]
pub struct Over {
    /// Records are compared only with those that agree here.
    pub partition: Vec<Arc<dyn PhysicalExpr>>,
    /// Their order, and what makes it total.
    pub order: Vec<PhysicalSortExpr>,
    /// Which of them count.
    pub frame: WindowFrame,
    /// Event time, for the calls that look at it.
    pub event_time: Option<Arc<dyn PhysicalExpr>>,
}

/// The call over the records before the current one. Its value has exactly the Arrow type of the measure's.
///
/// # Errors
/// If the call is none of the function table's, or lacks event time.
pub fn over(measure: &Measure, columns: Columns<'_>, over: &Over) -> Result<Arc<dyn WindowExpr>> {
    let frame = Arc::new(over.frame.clone());
    let sliding = !matches!(&frame.start_bound, WindowFrameBound::Preceding(bound) if bound.is_null());
    let function = function::get(measure.function);
    let (definition, args, distinct) = if function.is_aggregate() {
        let chosen = choose(measure, columns, over.event_time.clone(), sliding)?;
        (WindowFunctionDefinition::AggregateUDF(chosen.udaf), chosen.args, chosen.distinct)
    } else {
        let args = measure.args.iter().map(|arg| physical(arg, columns)).collect::<Result<Vec<_>>>()?;
        (WindowFunctionDefinition::WindowUDF(numbered(function.name)?), args, false)
    };
    let partition: Vec<Arc<dyn PhysicalExpr>> =
        over.partition.iter().map(|expr| canonical(expr.clone(), columns.schema)).collect::<Result<_>>()?;
    let filter = measure.filter.as_ref().map(|filter| physical(filter, columns)).transpose()?;
    let schema = Arc::new(columns.schema.clone());
    create_window_expr(
        &definition,
        measure.name.clone(),
        &args,
        &partition,
        &over.order,
        frame,
        schema,
        false,
        distinct,
        filter,
    )
}

fn numbered(name: &str) -> Result<Arc<WindowUDF>> {
    let count = match name {
        "lag" => return Ok(lag_udwf()),
        "row_number" => Count::Rows,
        "rank" => Count::Rank,
        "dense_rank" => Count::DenseRank,
        _ => return not_impl_err!("`{name}` over records"),
    };
    Ok(Arc::new(WindowUDF::new_from_impl(Numbering {
        count,
        signature: Signature::nullary(Volatility::Immutable),
    })))
}

/// What is counted. The columnar engine's own give unsigned numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Count {
    Rows,
    Rank,
    DenseRank,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Numbering {
    count: Count,
    signature: Signature,
}

impl WindowUDFImpl for Numbering {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn name(&self) -> &str {
        match self.count {
            Count::Rows => "row_number",
            Count::Rank => "rank",
            Count::DenseRank => "dense_rank",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn partition_evaluator(&self, _args: PartitionEvaluatorArgs) -> Result<Box<dyn PartitionEvaluator>> {
        Ok(Box::new(Evaluator(self.count)))
    }

    fn field(&self, args: WindowUDFFieldArgs) -> Result<FieldRef> {
        Ok(Arc::new(Field::new(args.name(), ArrowType::Int64, false)))
    }
}

#[derive(Debug)]
struct Evaluator(Count);

impl PartitionEvaluator for Evaluator {
    fn evaluate_all(&mut self, _values: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
        let rows = i64::try_from(rows).expect("a partition has fewer than 2^63 rows");
        Ok(Arc::new(Int64Array::from_iter_values(1..=rows)))
    }

    fn evaluate(&mut self, _values: &[ArrayRef], _range: &Range<usize>) -> Result<ScalarValue> {
        not_impl_err!("numbers row by row")
    }

    fn evaluate_all_with_rank(&self, rows: usize, equal: &[Range<usize>]) -> Result<ArrayRef> {
        let mut numbers = Vec::with_capacity(rows);
        for (dense, range) in equal.iter().enumerate() {
            let number = if self.0 == Count::DenseRank { dense + 1 } else { range.start + 1 };
            let number = i64::try_from(number).expect("a partition has fewer than 2^63 rows");
            numbers.extend(std::iter::repeat_n(number, range.len()));
        }
        Ok(Arc::new(Int64Array::from(numbers)))
    }

    fn include_rank(&self) -> bool {
        self.0 != Count::Rows
    }
}
