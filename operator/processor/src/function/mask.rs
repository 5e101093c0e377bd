//! Takes the keys that masks need; gives how masks of expressions are computed.

use std::sync::Arc;

use arrow::datatypes::DataType as ArrowType;
use datafusion::common::DataFusionError;
use datafusion::physical_expr::PhysicalExpr;
use headwater_compiler::expr::Mask;

use super::expression::ComputeMask;
use super::kernel::{Kernel, Run};
use crate::mask::apply::{Vault, apply};

/// Computes masks with these keys.
pub fn masks(vault: Arc<Vault>) -> Box<ComputeMask<'static>> {
    Box::new(move |mask: &Mask, args: Vec<Arc<dyn PhysicalExpr>>, gives: &ArrowType| {
        // Names of keys only: the mask holds nothing else.
        let key = format!("{mask:?}");
        let (mask, vault) = (mask.clone(), vault.clone());
        let run: Run = Arc::new(move |rows| {
            let masked = apply(&mask, &rows.args[0], rows.args.get(1), &vault);
            masked.map_err(|error| DataFusionError::External(Box::new(error)))
        });
        Ok(Kernel::call("mask", key, args, gives.clone(), run))
    })
}
