//! Takes floats; gives them with one zero and one NaN, so that comparing, grouping and joining by them is by value.
//!
//! Arrow compares floats by IEEE 754's total order, in which `-0.0` is less than `0.0` and NaNs differ by sign.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::{DataType as ArrowType, Float32Type, Float64Type, Schema};
use datafusion::common::Result;
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Literal;

use super::kernel::Kernel;
use super::rows::Rows;

/// One zero, one NaN.
pub(super) fn float64(value: f64) -> f64 {
    if value.is_nan() { f64::NAN } else { value + 0.0 }
}

/// One zero, one NaN.
pub(super) fn float32(value: f32) -> f32 {
    if value.is_nan() { f32::NAN } else { value + 0.0 }
}

/// The array itself, unless it holds floats.
pub(super) fn array(array: &ArrayRef) -> ArrayRef {
    if let Some(floats) = array.as_primitive_opt::<Float64Type>() {
        return Arc::new(floats.unary::<_, Float64Type>(float64));
    }
    if let Some(floats) = array.as_primitive_opt::<Float32Type>() {
        return Arc::new(floats.unary::<_, Float32Type>(float32));
    }
    array.clone()
}

/// The expression, with floats made canonical; needed wherever floats are compared, grouped, sorted or joined by.
///
/// # Errors
/// If the expression does not go with the schema.
pub fn canonical(expr: Arc<dyn PhysicalExpr>, schema: &Schema) -> Result<Arc<dyn PhysicalExpr>> {
    let gives = expr.data_type(schema)?;
    if !matches!(gives, ArrowType::Float32 | ArrowType::Float64) {
        return Ok(expr);
    }
    if let Some(literal) = expr.as_any().downcast_ref::<Literal>() {
        let value = ColumnarValue::Scalar(literal.value().clone()).into_array(1)?;
        let value = datafusion::common::ScalarValue::try_from_array(&array(&value), 0)?;
        return Ok(Arc::new(Literal::new(value)));
    }
    let run = Arc::new(|rows: &Rows<'_>| Ok(array(&rows.args[0])));
    Ok(Kernel::call("canonical", String::new(), vec![expr], gives, run))
}
