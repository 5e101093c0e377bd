//! A mask as an expression of the columnar engine.
//!
//! Takes a mask, its arguments and the keys, gives an expression. Neither keys nor values are ever in its text.

use std::any::Any;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Schema};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;
use headwater_compiler::expr::Mask;

use crate::mask::apply::{Vault, apply};

/// A masked value.
struct Masked {
    mask: Mask,
    /// The value and, where the mask names one, the subject.
    args: Vec<Arc<dyn PhysicalExpr>>,
    gives: DataType,
    vault: Arc<Vault>,
}

/// The first argument masked; the second is the subject where the mask names one.
pub(crate) fn masked(
    mask: Mask,
    args: Vec<Arc<dyn PhysicalExpr>>,
    gives: DataType,
    vault: Arc<Vault>,
) -> Arc<dyn PhysicalExpr> {
    Arc::new(Masked { mask, args, gives, vault })
}

impl PartialEq for Masked {
    fn eq(&self, other: &Self) -> bool {
        self.mask == other.mask && self.args == other.args && self.gives == other.gives
    }
}

impl Eq for Masked {}

impl Hash for Masked {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.mask.hash(state);
        self.args.hash(state);
    }
}

impl fmt::Debug for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mask({})", self.args.first().map(ToString::to_string).unwrap_or_default())
    }
}

impl PhysicalExpr for Masked {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn data_type(&self, _: &Schema) -> Result<DataType> {
        Ok(self.gives.clone())
    }

    fn nullable(&self, _: &Schema) -> Result<bool> {
        Ok(true)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        let args = super::join_probe::evaluate(&self.args, batch)?;
        let masked = apply(&self.mask, &args[0], args.get(1), &self.vault);
        let masked = masked.map_err(|error| DataFusionError::External(Box::new(error)))?;
        Ok(ColumnarValue::Array(masked))
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        self.args.iter().collect()
    }

    fn with_new_children(self: Arc<Self>, args: Vec<Arc<dyn PhysicalExpr>>) -> Result<Arc<dyn PhysicalExpr>> {
        Ok(masked(self.mask.clone(), args, self.gives.clone(), self.vault.clone()))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
