//! The cases of the function table on the local engine, alone and in batches with other rows.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions, UInt64Array};
use arrow::compute::take;
use arrow::datatypes::{Field, Schema};
use datafusion::common::{Result, internal_err};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use headwater_compiler::data_type::DataType;
use headwater_compiler::expr::{Expr, ExprNode};
use headwater_compiler::function::{BoundCall, Case, bind_case, resolve, table};

use super::cast::array as cast;
use super::{Columns, physical};
use crate::engine::arrow_type;

/// A batch without columns, of so many rows.
fn nothing(rows: usize) -> Result<RecordBatch> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    Ok(RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &options)?)
}

/// Evaluates an expression over a batch.
fn evaluate(expr: &Expr, batch: &RecordBatch) -> Result<ArrayRef> {
    let schema = batch.schema();
    let of = |index: usize| Arc::new(Column::new(schema.field(index).name(), index)) as Arc<dyn PhysicalExpr>;
    let masks = |_: &_, _: Vec<Arc<dyn PhysicalExpr>>, _: &_| internal_err!("a case without masks");
    let columns = Columns { of: &of, schema: &schema, masks: &masks };
    let value = physical(expr, columns)?.evaluate(batch)?.into_array(batch.num_rows())?;
    assert_eq!(value.data_type(), &arrow_type(&expr.data_type), "{expr:?}");
    Ok(value)
}

/// A value as the table writes it: cast to string, lists as `[a, b]`, or `null`.
pub(super) fn shown(array: &ArrayRef, data_type: &DataType, row: usize) -> Result<String> {
    if array.is_null(row) || *data_type == DataType::Null {
        return Ok("null".to_owned());
    }
    if let DataType::List(slot) = data_type {
        let elements = array.as_list::<i32>().value(row);
        let texts: Vec<String> =
            (0..elements.len()).map(|at| shown(&elements, &slot.data_type, at)).collect::<Result<_>>()?;
        return Ok(format!("[{}]", texts.join(", ")));
    }
    let text = cast(array, data_type, &DataType::String)?;
    Ok(text.as_string::<i32>().value(row).to_owned())
}

/// The expression with every constant argument that may be a column made one, and the columns' values.
fn with_columns(expr: &Expr, values: &mut Vec<(Expr, DataType)>) -> Expr {
    let mut made = expr.clone();
    match &mut made.node {
        ExprNode::Literal(_) => {
            if expr.data_type != DataType::Null && expr.data_type != DataType::Interval {
                values.push((expr.clone(), expr.data_type.clone()));
                return Expr::column(values.len() - 1, expr.data_type.clone(), true);
            }
        }
        ExprNode::Call { function, args } => {
            let name = headwater_compiler::function::get(*function).name;
            for index in 0..args.len() {
                let mut trial_values = values.clone();
                let mut trial = args.clone();
                trial[index] = with_columns(&args[index], &mut trial_values);
                // What must be a constant stays one.
                if resolve(name, &trial).is_ok_and(|resolved| resolved.data_type == expr.data_type) {
                    *args = trial;
                    *values = trial_values;
                }
            }
        }
        ExprNode::Cast(input) => **input = with_columns(&input.clone(), values),
        ExprNode::Case { .. }
        | ExprNode::Member { .. }
        | ExprNode::Mask { .. }
        | ExprNode::Every { .. }
        | ExprNode::ParseJson(_)
        | ExprNode::Poison
        | ExprNode::Column(_) => {}
    }
    made
}

fn scalar_cases() -> impl Iterator<Item = (&'static Case, Expr)> {
    let cases = table().iter().filter(|function| function.is_scalar()).flat_map(|function| function.cases);
    cases.map(|case| match bind_case(case) {
        Ok(bound) => match bound.call {
            BoundCall::Value(expr) => (case, expr),
            BoundCall::Aggregate(..) | BoundCall::Window(..) => panic!("`{}` is no expression", case.sql),
        },
        Err(problem) => panic!("`{}` does not bind: {problem}", case.sql),
    })
}

#[test]
fn every_scalar_case_holds() -> Result<()> {
    let mut wrong = Vec::new();
    for (case, expr) in scalar_cases() {
        let found = evaluate(&expr, &nothing(1)?).and_then(|value| shown(&value, &expr.data_type, 0));
        let found = found.unwrap_or_else(|error| error.to_string());
        if found != case.is {
            wrong.push(format!("{} is {} and not {found}", case.sql, case.is));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// The same values from columns, among rows of nulls: what stands beside a row changes nothing.
#[test]
fn every_scalar_case_holds_over_columns() -> Result<()> {
    let mut wrong = Vec::new();
    for (case, expr) in scalar_cases() {
        let mut values = Vec::new();
        let over = with_columns(&expr, &mut values);
        if values.is_empty() {
            continue;
        }
        let mut columns: Vec<ArrayRef> = Vec::new();
        let mut fields = Vec::new();
        for (index, (value, data_type)) in values.iter().enumerate() {
            let one = evaluate(value, &nothing(1)?)?;
            let rows = UInt64Array::from(vec![None, Some(0), None, Some(0), Some(0)]);
            columns.push(take(&one, &rows, None)?);
            fields.push(Field::new(format!("c{index}"), arrow_type(data_type), true));
        }
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?;
        let value = evaluate(&over, &batch)?;
        let part = evaluate(&over, &batch.slice(3, 2))?;
        let found = [
            shown(&value, &over.data_type, 1)?,
            shown(&value, &over.data_type, 4)?,
            shown(&part, &over.data_type, 0)?,
        ];
        if found.iter().any(|found| found != case.is) {
            wrong.push(format!("{} is {} and not {found:?}", case.sql, case.is));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

mod measures {
    use arrow::compute::SortOptions;
    use arrow::datatypes::{DataType as ArrowType, SchemaRef, TimeUnit};
    use datafusion::execution::TaskContext;
    use datafusion::logical_expr::{WindowFrame, WindowFrameBound, WindowFrameUnits};
    use datafusion::physical_expr::{LexOrdering, PhysicalSortExpr};
    use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode, PhysicalGroupBy};
    use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
    use datafusion::physical_plan::sorts::sort::SortExec;
    use datafusion::physical_plan::windows::WindowAggExec;
    use datafusion::physical_plan::{ExecutionPlan, collect};
    use datafusion::scalar::ScalarValue;
    use headwater_compiler::graph::Measure;

    use super::*;
    use crate::function::{Over, aggregate, over};

    /// The rows of a case: column `c0` and its time `t`, a group for each copy of the rows `g`.
    fn rows(values: &[Expr], copies: usize) -> Result<RecordBatch> {
        let data_type = arrow_type(&values[0].data_type);
        let each: Vec<ArrayRef> =
            values.iter().map(|value| evaluate(value, &nothing(1)?)).collect::<Result<_>>()?;
        let each: Vec<&dyn Array> = each.iter().map(|value| value.as_ref()).collect();
        let picks: Vec<(usize, usize)> =
            (0..copies).flat_map(|_| (0..each.len()).map(|row| (row, 0))).collect();
        let column = arrow::compute::interleave(&each, &picks)?;
        let count = each.len();
        let micros = picks.iter().enumerate().map(|(at, _)| (at % count) as i64 * 1_000);
        let times = arrow::array::TimestampMicrosecondArray::from_iter_values(micros).with_timezone("UTC");
        let groups =
            arrow::array::Int64Array::from_iter_values((0..picks.len()).map(|at| (at / count) as i64));
        let time_type = ArrowType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let schema = Schema::new(vec![
            Field::new("c0", data_type, true),
            Field::new("t", time_type, true),
            Field::new("g", ArrowType::Int64, true),
        ]);
        Ok(RecordBatch::try_new(Arc::new(schema), vec![column, Arc::new(times), Arc::new(groups)])?)
    }

    fn with_columns<T>(schema: &SchemaRef, make: impl FnOnce(Columns<'_>) -> Result<T>) -> Result<T> {
        let of = |index: usize| Arc::new(Column::new("c0", index)) as Arc<dyn PhysicalExpr>;
        let masks = |_: &_, _: Vec<Arc<dyn PhysicalExpr>>, _: &_| internal_err!("a case without masks");
        make(Columns { of: &of, schema, masks: &masks })
    }

    fn run(plan: Arc<dyn ExecutionPlan>) -> Result<Vec<RecordBatch>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(collect(plan, Arc::new(TaskContext::default())))
    }

    /// The partitions of a plan, one batch a partition.
    fn source(schema: &SchemaRef, partitions: Vec<RecordBatch>) -> Result<Arc<dyn ExecutionPlan>> {
        let partitions: Vec<Vec<RecordBatch>> = partitions.into_iter().map(|batch| vec![batch]).collect();
        Ok(datafusion::datasource::memory::MemorySourceConfig::try_new_exec(
            &partitions,
            schema.clone(),
            None,
        )?)
    }

    fn time() -> Arc<dyn PhysicalExpr> {
        Arc::new(Column::new("t", 1))
    }

    /// The value of every group, by group; computed in two steps over partitions of some rows each, or in one.
    fn aggregated(
        measure: &Measure,
        batch: &RecordBatch,
        cut: Option<usize>,
        grouped: bool,
    ) -> Result<Vec<RecordBatch>> {
        let schema = batch.schema();
        let found = with_columns(&schema, |columns| aggregate(measure, columns, Some(time())))?;
        let by = if grouped {
            vec![(Arc::new(Column::new("g", 2)) as Arc<dyn PhysicalExpr>, "g".to_owned())]
        } else {
            vec![]
        };
        let group = PhysicalGroupBy::new_single(by);
        let (exprs, filters) = (vec![found.expr], vec![found.filter]);
        let Some(cut) = cut else {
            let input = source(&schema, vec![batch.clone()])?;
            let plan = AggregateExec::try_new(AggregateMode::Single, group, exprs, filters, input, schema)?;
            return run(Arc::new(plan));
        };
        let starts = (0..batch.num_rows()).step_by(cut);
        let mut parts: Vec<RecordBatch> =
            starts.map(|start| batch.slice(start, cut.min(batch.num_rows() - start))).collect();
        parts.reverse();
        let input = source(&schema, parts)?;
        let partial = AggregateExec::try_new(
            AggregateMode::Partial,
            group.clone(),
            exprs.clone(),
            filters.clone(),
            input,
            schema.clone(),
        )?;
        let input = Arc::new(CoalescePartitionsExec::new(Arc::new(partial)));
        let plan =
            AggregateExec::try_new(AggregateMode::Final, group.as_final(), exprs, vec![None], input, schema)?;
        run(Arc::new(plan))
    }

    #[test]
    fn every_aggregate_case_holds_however_rows_are_cut() -> Result<()> {
        let mut wrong = Vec::new();
        for case in
            table().iter().filter(|function| function.is_aggregate()).flat_map(|function| function.cases)
        {
            let bound =
                bind_case(case).map_err(|problem| datafusion::common::exec_datafusion_err!("{problem}"))?;
            let BoundCall::Aggregate(measure, data_type) = bound.call else {
                panic!("{} is no aggregate", case.sql)
            };
            let mut check = |name: &str, batches: Result<Vec<RecordBatch>>, groups: usize| {
                let shown = batches.and_then(|batches| {
                    let mut found = Vec::new();
                    for batch in &batches {
                        let column = batch.columns().last().expect("an aggregate gives a column");
                        assert_eq!(column.data_type(), &arrow_type(&data_type), "{}", case.sql);
                        for row in 0..batch.num_rows() {
                            found.push(shown(column, &data_type, row)?);
                        }
                    }
                    Ok(found)
                });
                match shown {
                    Ok(found) if found == vec![case.is; groups] => {}
                    other => wrong.push(format!(
                        "{} over {} ({name}) is {} and not {other:?}",
                        case.sql, case.given, case.is
                    )),
                }
            };
            check("at once", aggregated(&measure, &rows(&bound.rows, 1)?, None, false), 1);
            check("row by row", aggregated(&measure, &rows(&bound.rows, 1)?, Some(1), false), 1);
            check("grouped", aggregated(&measure, &rows(&bound.rows, 3)?, None, true), 3);
            check("grouped in parts", aggregated(&measure, &rows(&bound.rows, 3)?, Some(2), true), 3);
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        Ok(())
    }

    /// The last row's value over all rows up to it, or over some of them.
    fn windowed(
        measure: &Measure,
        batch: &RecordBatch,
        by_value: bool,
        before: Option<u64>,
    ) -> Result<ArrayRef> {
        let schema = batch.schema();
        let options = SortOptions { descending: false, nulls_first: true };
        let mut order = vec![PhysicalSortExpr { expr: time(), options }];
        if by_value {
            order.insert(0, PhysicalSortExpr { expr: Arc::new(Column::new("c0", 0)), options });
            order.truncate(1);
        }
        let start = WindowFrameBound::Preceding(ScalarValue::UInt64(before));
        let frame = WindowFrame::new_bounds(WindowFrameUnits::Rows, start, WindowFrameBound::CurrentRow);
        let stands = Over { partition: vec![], order: order.clone(), frame, event_time: Some(time()) };
        let expr = with_columns(&schema, |columns| over(measure, columns, &stands))?;
        let input = source(&schema, vec![batch.clone()])?;
        let order = LexOrdering::new(order).expect("an order of this test");
        let sorted = Arc::new(SortExec::new(order, input));
        let plan = WindowAggExec::try_new(vec![expr], sorted, false)?;
        let batches = run(Arc::new(plan))?;
        let batch = batches.last().expect("a window gives its rows");
        let column = batch.columns().last().expect("a window gives a column");
        Ok(column.slice(batch.num_rows() - 1, 1))
    }

    #[test]
    fn every_window_case_holds() -> Result<()> {
        let mut wrong = Vec::new();
        for case in table().iter().filter(|function| function.is_window()).flat_map(|function| function.cases)
        {
            let bound =
                bind_case(case).map_err(|problem| datafusion::common::exec_datafusion_err!("{problem}"))?;
            let (measure, data_type, by_value) = match bound.call {
                BoundCall::Window(measure, data_type, by_value) => (measure, data_type, by_value),
                // An aggregate over all rows up to the last is one over all rows.
                BoundCall::Aggregate(measure, data_type) => (measure, data_type, false),
                BoundCall::Value(_) => panic!("{} is no window", case.sql),
            };
            let count = bound.rows.len() as u64;
            // With a frame that slides, rows that come before are taken out again.
            let before = if measure.distinct { vec![None] } else { vec![None, Some(count - 1)] };
            for before in before {
                let copies = if before.is_some() { 3 } else { 1 };
                let batch = rows(&bound.rows, copies)?;
                let batch = if copies == 1 { batch } else { later(&batch)? };
                let is_numbered =
                    matches!(case.sql.split('(').next(), Some("row_number" | "rank" | "dense_rank" | "lag"));
                if is_numbered && copies > 1 {
                    continue;
                }
                let found = windowed(&measure, &batch, by_value, before).and_then(|value| {
                    assert_eq!(value.data_type(), &arrow_type(&data_type), "{}", case.sql);
                    shown(&value, &data_type, 0)
                });
                if found.as_ref().ok().map(String::as_str) != Some(case.is) {
                    wrong.push(format!(
                        "{} over {} (frame {before:?}) is {} and not {found:?}",
                        case.sql, case.given, case.is
                    ));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        Ok(())
    }

    /// Every row a millisecond after the one before.
    fn later(batch: &RecordBatch) -> Result<RecordBatch> {
        let micros = (0..batch.num_rows()).map(|row| row as i64 * 1_000);
        let times = arrow::array::TimestampMicrosecondArray::from_iter_values(micros).with_timezone("UTC");
        let mut columns = batch.columns().to_vec();
        columns[1] = Arc::new(times);
        Ok(RecordBatch::try_new(batch.schema(), columns)?)
    }
}
