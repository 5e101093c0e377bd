//! The value that a JSON text holds, by the rules by which records of JSON are read.

use std::sync::Arc;

use arrow::datatypes::Field;
use datafusion::common::{DataFusionError, Result};
use datafusion::physical_expr::PhysicalExpr;
use headwater_compiler::data_type::DataType;

use super::kernel::{Kernel, Run};
use crate::engine::arrow_type;
use crate::read::parsed::Parser;

/// The text as a value of this type, null where it holds none.
pub(super) fn expression(text: Arc<dyn PhysicalExpr>, gives: &DataType) -> Result<Arc<dyn PhysicalExpr>> {
    let to = arrow_type(gives);
    let failed = |error| DataFusionError::External(Box::new(error));
    let parser = Parser::new(&Arc::new(Field::new("value", to.clone(), true))).map_err(failed)?;
    let run: Run = Arc::new(move |rows| parser.parse(rows.text(0)).map_err(failed));
    Ok(Kernel::call("parse_json", format!("{gives:?}"), vec![text], to, run))
}
