//! Windows over event time: which slice of time a record is in, and which windows a slice is in.
//!
//! Records are first folded by slice, the shortest stretch between two bounds of windows, and only the folded slices are
//! repeated for the windows that hold them: a record of a day that grows by the minute is not copied 1440 times.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, UInt32Array};
use arrow::compute::{filter_record_batch, take};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, UInt64Type};
use datafusion::error::Result;
use headwater_compiler::graph::WindowShape;

use super::clock::Watermarks;
use super::count::Counter;
use super::order::time_ms;
use super::runs::appended;
use super::stage::{Plan, Stage, Step, unordered};

/// Name of the hidden column with the start of a record's slice, then of its window, in milliseconds.
pub(crate) const START: &str = "__window_start";
/// Name of the hidden column with the end of a window, in milliseconds.
pub(crate) const END: &str = "__window_end";
/// Name of the hidden column with the watermark that preceded a record: windows that it has passed do not get the record.
pub(crate) const OPEN: &str = "__window_open";

/// Windows whose bounds do not depend on the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grid {
    /// Distance between two bounds.
    pub(crate) slice_ms: i64,
    /// Shift of all bounds.
    offset_ms: i64,
    windows: Windows,
}

/// Which windows hold a slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Windows {
    /// The slice is the window.
    One,
    /// All of this length that begin at a bound.
    Sliding { size_ms: i64 },
    /// Those that begin at a multiple of this and end with the slice or later, up to this length.
    Growing { size_ms: i64 },
}

impl Grid {
    /// The grid of a shape; none for sessions.
    pub(crate) fn of(shape: WindowShape) -> Option<Self> {
        let ms = |ms: u64| i64::try_from(ms).unwrap_or(i64::MAX);
        match shape {
            WindowShape::Tumble { size_ms, offset_ms } => {
                Some(Self { slice_ms: ms(size_ms), offset_ms, windows: Windows::One })
            }
            WindowShape::Hop { size_ms, slide_ms } => Some(Self {
                slice_ms: ms(slide_ms),
                offset_ms: 0,
                windows: Windows::Sliding { size_ms: ms(size_ms) },
            }),
            WindowShape::Cumulate { size_ms, step_ms } => Some(Self {
                slice_ms: ms(step_ms),
                offset_ms: 0,
                windows: Windows::Growing { size_ms: ms(size_ms) },
            }),
            WindowShape::Session { .. } => None,
        }
    }

    /// Whether every length is above zero.
    pub(crate) fn is_sound(&self) -> bool {
        self.slice_ms > 0
            && !matches!(self.windows, Windows::Sliding { size_ms } | Windows::Growing { size_ms } if size_ms <= 0)
    }

    /// Whether every slice is a window of its own.
    pub(crate) fn is_tiled(&self) -> bool {
        self.windows == Windows::One
    }

    /// The end of the last window that holds an instant.
    pub(crate) fn last_end(&self, ms: i64) -> i64 {
        let slice = self.slice(ms);
        match self.windows {
            Windows::One => slice + self.slice_ms,
            Windows::Sliding { size_ms } => slice + size_ms,
            Windows::Growing { size_ms } => slice.div_euclid(size_ms) * size_ms + size_ms,
        }
    }

    /// The start of the slice that holds an instant.
    pub(crate) fn slice(&self, ms: i64) -> i64 {
        let since = ms.saturating_sub(self.offset_ms);
        since.div_euclid(self.slice_ms) * self.slice_ms + self.offset_ms
    }

    /// Start and end of each window that holds a slice.
    fn windows(&self, slice: i64) -> Vec<(i64, i64)> {
        match self.windows {
            Windows::One => vec![(slice, slice + self.slice_ms)],
            Windows::Sliding { size_ms } => {
                let first = slice + self.slice_ms - size_ms;
                let starts = (0..size_ms / self.slice_ms).map(|step| first + step * self.slice_ms);
                starts.map(|start| (start, start + size_ms)).collect()
            }
            Windows::Growing { size_ms } => {
                let start = slice.div_euclid(size_ms) * size_ms;
                let ends = ((slice + self.slice_ms - start) / self.slice_ms)..=(size_ms / self.slice_ms);
                ends.map(|steps| (start, start + steps * self.slice_ms)).collect()
            }
        }
    }
}

/// How records are put into slices.
#[derive(Clone)]
pub(crate) struct Slicing {
    /// Column of event time, never null.
    pub(crate) time: usize,
    /// Records whose slice ends later are left out: they wait.
    pub(crate) stop_ms: Option<i64>,
    /// Where records arrive one after the other and are in several windows: the watermark before each, by this column of arrival.
    pub(crate) open: Option<(Arc<Watermarks>, usize)>,
    pub(crate) folded: Counter,
    pub(crate) waiting: Counter,
}

/// The records with the start of their slice as a further column ([`START`]) and, where some windows may have passed, [`OPEN`].
pub(crate) fn sliced(input: Plan, grid: Grid, how: Slicing) -> Result<Plan> {
    let mut schema = appended(&input.schema(), START);
    if how.open.is_some() {
        schema = appended(&schema, OPEN);
    }
    let gives = schema.clone();
    Stage::each_batch("Slice", input, gives, move || {
        let (schema, how) = (schema.clone(), how.clone());
        move |batch: RecordBatch| {
            let slices: Int64Array = time_ms(batch.column(how.time))?.unary(|ms| grid.slice(ms));
            let closed = how.stop_ms.map(|stop| {
                let closed = slices.values().iter().map(|start| is_closed(start + grid.slice_ms, stop));
                BooleanArray::from(closed.collect::<Vec<_>>())
            });
            let count = closed.as_ref().map_or(batch.num_rows(), BooleanArray::true_count);
            how.folded.add(count);
            how.waiting.add(batch.num_rows() - count);
            let mut columns = batch.columns().to_vec();
            columns.push(Arc::new(slices));
            if let Some((watermarks, arrival)) = &how.open {
                let arrivals = batch.column(*arrival).as_primitive::<UInt64Type>();
                let before = arrivals.iter().map(|arrival| watermarks.before(arrival));
                columns.push(Arc::new(Int64Array::from_iter_values(before)));
            }
            let batch = RecordBatch::try_new(schema.clone(), columns)?;
            match closed {
                Some(closed) => Ok(filter_record_batch(&batch, &closed)?),
                None => Ok(batch),
            }
        }
    })
}

/// Whether a window with this end gives its result when event time stops at `stop_ms`: nothing more can come into it.
pub(crate) fn is_closed(end_ms: i64, stop_ms: i64) -> bool {
    end_ms - 1 <= stop_ms
}

/// Rows by slice as rows by window: [`START`], [`END`], then the columns behind the first `hidden` ones,
/// which are [`START`] and perhaps [`OPEN`].
pub(crate) fn windowed(input: Plan, grid: Grid, hidden: usize, stop_ms: Option<i64>) -> Plan {
    let mut fields: Vec<_> =
        [START, END].map(|name| Arc::new(Field::new(name, DataType::Int64, true))).into();
    fields.extend(input.schema().fields()[hidden..].iter().cloned());
    let schema = Arc::new(Schema::new(fields));
    let properties = unordered(schema.clone(), input.properties().output_partitioning().clone());
    let gives = schema.clone();
    Stage::each_partition("Windows", input, gives, properties, move |batch_size| -> Step {
        let schema = schema.clone();
        Box::new(move |batch| {
            let Some(batch) = batch else { return Ok(Vec::new()) };
            let slices = batch.column(0).as_primitive::<Int64Type>().values();
            let passed = (hidden > 1).then(|| batch.column(1).as_primitive::<Int64Type>().values());
            let columns = batch.columns()[hidden..].to_vec();
            let mut held = Held::default();
            let mut batches = Vec::new();
            for (row, &slice) in slices.iter().enumerate() {
                for (start, end) in grid.windows(slice) {
                    let is_open = passed.is_none_or(|passed| end - 1 > passed[row]);
                    if is_open && stop_ms.is_none_or(|stop| is_closed(end, stop)) {
                        held.push(row, start, end);
                    }
                }
                if held.rows.len() >= batch_size {
                    batches.push(std::mem::take(&mut held).of(&columns, &schema)?);
                }
            }
            batches.push(held.of(&columns, &schema)?);
            Ok(batches)
        })
    })
}

/// Which slice is in which window.
#[derive(Default)]
struct Held {
    rows: Vec<u32>,
    starts: Vec<i64>,
    ends: Vec<i64>,
}

impl Held {
    fn push(&mut self, row: usize, start: i64, end: i64) {
        self.rows.push(row as u32);
        self.starts.push(start);
        self.ends.push(end);
    }

    fn of(self, columns: &[ArrayRef], schema: &Arc<Schema>) -> Result<RecordBatch> {
        let rows = UInt32Array::from(self.rows);
        let mut held: Vec<ArrayRef> =
            vec![Arc::new(Int64Array::from(self.starts)), Arc::new(Int64Array::from(self.ends))];
        for column in columns {
            held.push(take(column, &rows, None)?);
        }
        Ok(RecordBatch::try_new(schema.clone(), held)?)
    }
}

#[cfg(test)]
mod tests {
    use headwater_compiler::graph::WindowShape;

    use super::Grid;

    fn check(shape: WindowShape, ms: i64, expected: &[(i64, i64)]) {
        let grid = Grid::of(shape).expect("the shape has a grid");
        assert_eq!(grid.windows(grid.slice(ms)), expected, "{shape:?} at {ms}");
    }

    #[test]
    fn a_record_is_in_the_windows_that_hold_its_time() {
        let tumble = WindowShape::Tumble { size_ms: 10, offset_ms: 3 };
        check(tumble, 13, &[(13, 23)]);
        check(tumble, 12, &[(3, 13)]);
        check(tumble, 2, &[(-7, 3)]);
        check(WindowShape::Tumble { size_ms: 10, offset_ms: 0 }, -1, &[(-10, 0)]);
        let hop = WindowShape::Hop { size_ms: 30, slide_ms: 10 };
        check(hop, 29, &[(0, 30), (10, 40), (20, 50)]);
        check(hop, -5, &[(-30, 0), (-20, 10), (-10, 20)]);
        let cumulate = WindowShape::Cumulate { size_ms: 30, step_ms: 10 };
        check(cumulate, 35, &[(30, 40), (30, 50), (30, 60)]);
        check(cumulate, 29, &[(0, 30)]);
        check(cumulate, -20, &[(-30, -10), (-30, 0)]);
    }
}
