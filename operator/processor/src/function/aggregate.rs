//! Takes a measure of the graph; gives the columnar engine's aggregate over a group.
//!
//! The engine's own aggregates are used only where their value never depends on order, batches or threads:
//! counts, extremes and truth. Everything else is folded here.

use std::sync::Arc;

use arrow::datatypes::{DataType as ArrowType, Float32Type, Float64Type, Schema};
use datafusion::common::{Result, not_impl_err};
use datafusion::functions_aggregate::bool_and_or::{bool_and_udaf, bool_or_udaf};
use datafusion::functions_aggregate::count::count_udaf;
use datafusion::functions_aggregate::min_max::{max_udaf, min_udaf};
use datafusion::logical_expr::AggregateUDF;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::aggregate::{AggregateExprBuilder, AggregateFunctionExpr};
use datafusion::physical_expr::expressions::lit;
use headwater_compiler::data_type::DataType;
use headwater_compiler::expr::Expr;
use headwater_compiler::function::{self, constant_number, constant_text};
use headwater_compiler::graph::Measure;

use super::canonical::canonical;
use super::decimal::Size;
use super::encoded::Encoding;
use super::expression::{Columns, physical};
use super::extreme::Extreme;
use super::first_last::FirstLast;
use super::fold::{Fold, udaf};
use super::kernel::{Kernel, Run};
use super::nested;
use super::percentile::Percentile;
use super::sorted::{Distinct, Made, Sorted};
use super::sum::{Decimals, Floats, Integers, Total};
use super::variance::Spread;
use crate::engine::arrow_type;

/// A measure as the columnar engine computes it.
#[derive(Debug, Clone)]
pub struct Aggregated {
    /// The aggregate. Its value has exactly the Arrow type of the measure's.
    pub expr: Arc<AggregateFunctionExpr>,
    /// Only rows for which this is true count.
    pub filter: Option<Arc<dyn PhysicalExpr>>,
}

/// The measure over a group; `event_time` is needed by those that take records in its order.
///
/// # Errors
/// If the measure is none of the function table's, or lacks event time.
pub fn aggregate(
    measure: &Measure,
    columns: Columns<'_>,
    event_time: Option<Arc<dyn PhysicalExpr>>,
) -> Result<Aggregated> {
    let chosen = choose(measure, columns, event_time, false)?;
    let schema = Arc::new(columns.schema.clone());
    let builder = AggregateExprBuilder::new(chosen.udaf, chosen.args).schema(schema).alias(&measure.name);
    let expr = builder.with_distinct(chosen.distinct).build()?;
    let filter = measure.filter.as_ref().map(|filter| physical(filter, columns)).transpose()?;
    Ok(Aggregated { expr: Arc::new(expr), filter })
}

/// An aggregate of the columnar engine and what it is given.
pub(super) struct Chosen {
    pub(super) udaf: Arc<AggregateUDF>,
    pub(super) args: Vec<Arc<dyn PhysicalExpr>>,
    /// Whether the columnar engine itself must leave out equal arguments.
    pub(super) distinct: bool,
}

/// The aggregate of a measure; `sliding` if rows leave a frame again.
pub(super) fn choose(
    measure: &Measure,
    columns: Columns<'_>,
    event_time: Option<Arc<dyn PhysicalExpr>>,
    sliding: bool,
) -> Result<Chosen> {
    let name = function::get(measure.function).name;
    let args: Vec<Arc<dyn PhysicalExpr>> = measure
        .args
        .iter()
        .map(|arg| canonical(physical(arg, columns)?, columns.schema))
        .collect::<Result<_>>()?;
    let first = args.first().cloned();
    let native =
        |udaf: Arc<AggregateUDF>| Chosen { udaf, args: first.clone().into_iter().collect(), distinct: false };
    Ok(match name {
        "count" => count(measure, args, columns.schema)?,
        "min" | "max" if !has_native_extremes(&measure.args[0].data_type) => {
            native(extreme(measure, name == "max", sliding))
        }
        "min" => native(min_udaf()),
        "max" => native(max_udaf()),
        "bool_and" => native(bool_and_udaf()),
        "bool_or" => native(bool_or_udaf()),
        "first_value" | "last_value" => {
            let Some(time) = event_time else { return not_impl_err!("`{name}` without event time") };
            let gives = arrow_type(&measure.args[0].data_type);
            let fold = FirstLast { encoding: Encoding(gives.clone()), last: name == "last_value", sliding };
            let udaf = udaf(static_name(measure), format!("{gives:?} {sliding}"), gives, fold);
            Chosen { udaf, args: first.into_iter().chain([time]).collect(), distinct: false }
        }
        _ => Chosen { udaf: folded(measure)?, args: first.into_iter().collect(), distinct: false },
    })
}

/// Of floats the columnar engine leaves out NaN where it groups; other types it does not take everywhere.
fn has_native_extremes(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Int32
            | DataType::Int64
            | DataType::Decimal { .. }
            | DataType::String
            | DataType::Date
            | DataType::Time
            | DataType::Timestamp
            | DataType::TimestampLocal
    )
}

/// The least or greatest value of a type whose values the columnar engine does not compare as the language does.
fn extreme(measure: &Measure, greatest: bool, sliding: bool) -> Arc<AggregateUDF> {
    let gives = arrow_type(&measure.args[0].data_type);
    let (name, key) = (static_name(measure), format!("{gives:?} {sliding}"));
    if !sliding && gives == ArrowType::Float64 {
        return udaf(name, key, gives, Extreme::<Float64Type>::new(greatest));
    }
    if !sliding && gives == ArrowType::Float32 {
        return udaf(name, key, gives, Extreme::<Float32Type>::new(greatest));
    }
    let fold = FirstLast { encoding: Encoding(gives.clone()), last: greatest, sliding };
    udaf(name, key, gives, fold)
}

fn static_name(measure: &Measure) -> &'static str {
    function::get(measure.function).name
}

/// `count(*)` counts rows; of several arguments none may be null.
fn count(measure: &Measure, mut args: Vec<Arc<dyn PhysicalExpr>>, schema: &Schema) -> Result<Chosen> {
    if args.is_empty() {
        args.push(lit(1_i64));
    }
    if args.len() > 1 {
        let types = args.iter().map(|arg| arg.data_type(schema)).collect::<Result<Vec<_>>>()?;
        let gives = nested::tuple_type(&types);
        let run: Run = Arc::new(nested::tuple);
        args = vec![Kernel::call("tuple", String::new(), args, gives, run)];
    }
    Ok(Chosen { udaf: count_udaf(), args, distinct: measure.distinct })
}

/// An aggregate of our own over one argument.
fn folded(measure: &Measure) -> Result<Arc<AggregateUDF>> {
    let name = static_name(measure);
    let Some(value) = measure.args.first() else { return not_impl_err!("`{name}` without an argument") };
    let encoding = Encoding(arrow_type(&value.data_type));
    Ok(match name {
        "sum" => total(measure, value, if safe_sum(measure) { Total::SureSum } else { Total::Sum })?,
        "avg" => total(measure, value, Total::Mean)?,
        "var_pop" => made(measure, ArrowType::Float64, Spread { sample: false, root: false }),
        "var_samp" => made(measure, ArrowType::Float64, Spread { sample: true, root: false }),
        "stddev_pop" => made(measure, ArrowType::Float64, Spread { sample: false, root: true }),
        "stddev_samp" => made(measure, ArrowType::Float64, Spread { sample: true, root: true }),
        "median" => made(measure, ArrowType::Float64, Percentile(0.5)),
        "percentile" => made(measure, ArrowType::Float64, Percentile(fraction(measure))),
        "percentile_disc" => {
            let fold =
                Sorted { encoding, made: Made::Percentile(fraction(measure)), distinct: measure.distinct };
            made(measure, arrow_type(&value.data_type), fold)
        }
        "array_agg" => {
            let slot =
                headwater_compiler::data_type::Slot { data_type: value.data_type.clone(), nullable: false };
            let list = DataType::List(Box::new(slot));
            let gives = arrow_type(&list);
            made(measure, gives, Sorted { encoding, made: Made::List(list), distinct: measure.distinct })
        }
        "listagg" => {
            let separator = measure.args.get(1).and_then(constant_text).unwrap_or(",").to_owned();
            let fold = Sorted { encoding, made: Made::Text(separator), distinct: measure.distinct };
            made(measure, ArrowType::Utf8, fold)
        }
        _ => return not_impl_err!("`{name}` as an aggregate"),
    })
}

fn fraction(measure: &Measure) -> f64 {
    measure.args.get(1).and_then(constant_number).unwrap_or(0.5)
}

/// The aggregate; everything that it is made from is its key.
fn made<F: Fold>(measure: &Measure, gives: ArrowType, fold: F) -> Arc<AggregateUDF> {
    let key = format!("{fold:?}");
    udaf(static_name(measure), key, gives, fold)
}

/// Whether the sum is one of `int32`, which the compiler takes as one that cannot fail.
fn safe_sum(measure: &Measure) -> bool {
    measure.args.iter().all(|arg| arg.data_type == DataType::Int32)
}

fn total(measure: &Measure, value: &Expr, total: Total) -> Result<Arc<AggregateUDF>> {
    fn either<F: Fold>(measure: &Measure, value: &Expr, gives: ArrowType, fold: F) -> Arc<AggregateUDF> {
        if measure.distinct {
            let encoding = Encoding(arrow_type(&value.data_type));
            return made(measure, gives, Distinct { encoding, of: fold });
        }
        made(measure, gives, fold)
    }
    let of_integers = if total == Total::Mean { ArrowType::Float64 } else { ArrowType::Int64 };
    if matches!(value.data_type, DataType::Int32 | DataType::Int64) {
        return Ok(either(measure, value, of_integers, Integers(total)));
    }
    if value.data_type == DataType::Float64 {
        return Ok(either(measure, value, ArrowType::Float64, Floats(total)));
    }
    let DataType::Decimal { scale, .. } = value.data_type else {
        return not_impl_err!("`{}` of {}", static_name(measure), value.data_type);
    };
    let to = if total == Total::Mean { scale.max(6) } else { scale };
    let gives = arrow_type(&DataType::Decimal { precision: 38, scale: to });
    let size = Size { precision: 38, scale: to };
    Ok(either(measure, value, gives, Decimals { total, scale, size }))
}
