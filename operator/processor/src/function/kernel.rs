//! A call of a function over arrays, as an expression of the columnar engine.
//!
//! Takes the arguments' expressions and a function over their arrays. It must not know what the function does.

use std::any::Any;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{DataType as ArrowType, Schema};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;

use super::rows::Rows;

/// What a kernel computes: one value a row.
pub(super) type Run = Arc<dyn Fn(&Rows<'_>) -> Result<ArrayRef> + Send + Sync>;

/// A call.
pub(super) struct Kernel {
    /// Name of the function, for people.
    name: String,
    /// Everything beside the arguments that decides what is computed: equal calls have equal keys.
    key: String,
    args: Vec<Arc<dyn PhysicalExpr>>,
    gives: ArrowType,
    run: Run,
}

impl Kernel {
    /// A call that gives values of a type; `key` holds the constants that `run` was made from.
    pub(super) fn call(
        name: impl Into<String>,
        key: String,
        args: Vec<Arc<dyn PhysicalExpr>>,
        gives: ArrowType,
        run: Run,
    ) -> Arc<dyn PhysicalExpr> {
        Arc::new(Kernel { name: name.into(), key, args, gives, run })
    }
}

impl PartialEq for Kernel {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && self.key == other.key
            && self.gives == other.gives
            && self.args == other.args
    }
}

impl Eq for Kernel {}

impl Hash for Kernel {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
        self.key.hash(state);
        self.args.hash(state);
    }
}

impl fmt::Debug for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.name)?;
        for (index, arg) in self.args.iter().enumerate() {
            write!(f, "{}{arg}", if index == 0 { "" } else { ", " })?;
        }
        f.write_str(")")
    }
}

impl PhysicalExpr for Kernel {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn data_type(&self, _input: &Schema) -> Result<ArrowType> {
        Ok(self.gives.clone())
    }

    fn nullable(&self, _input: &Schema) -> Result<bool> {
        Ok(true)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        let args: Vec<ColumnarValue> =
            self.args.iter().map(|arg| arg.evaluate(batch)).collect::<Result<_>>()?;
        // A call of constants is computed once, whatever the number of rows.
        let constant = !args.is_empty() && args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let count = if constant { 1 } else { batch.num_rows() };
        let args: Vec<ArrayRef> = args.into_iter().map(|arg| arg.into_array(count)).collect::<Result<_>>()?;
        let value = (self.run)(&Rows { args: &args, count })?;
        if constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&value, 0)?));
        }
        Ok(ColumnarValue::Array(value))
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        self.args.iter().collect()
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn PhysicalExpr>>,
    ) -> Result<Arc<dyn PhysicalExpr>> {
        Ok(Arc::new(Kernel {
            name: self.name.clone(),
            key: self.key.clone(),
            args: children,
            gives: self.gives.clone(),
            run: self.run.clone(),
        }))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
