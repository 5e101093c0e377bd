//! Compares the rows of a sink with those that a test expects, as tables: in any order, each as often as it is there.
//!
//! Takes rows as they are written and as they came out; gives what differs, row by row, paired by key or by likeness.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{Field, Schema};
use headwater_compiler::near;
use headwater_compiler::stream::StreamType;
use headwater_crds::test::Row;

use super::difference::{BadRow, Cells, RowDifference, SinkDifference};
use super::given::decode_rows;
use super::same::{is_loose, same};
use super::settings::LocalError;
use crate::engine::arrow_type;
use crate::read::wanted::{TextRules, Wanted};
use crate::write::json::json_values;

/// More pairs of rows than this are not looked through for likeness.
const PAIRS_MAX: usize = 1 << 18;

/// Compares. `output` is what the sink's stream is, and `actual` has its columns.
///
/// The columns that no expected row names are not compared; in those that one names, a row that leaves it out means null.
///
/// # Errors
/// The rows that no row of the sink can be: an unknown member, or a value of another type.
pub fn compare_rows(
    expected: &[Row],
    actual: &RecordBatch,
    output: &StreamType,
) -> Result<Result<SinkDifference, Vec<BadRow>>, LocalError> {
    let unknown = unknown_members(expected, output);
    if !unknown.is_empty() {
        return Ok(Err(unknown));
    }
    let is_named = |name: &str| expected.is_empty() || expected.iter().any(|row| row.contains_key(name));
    let columns: Vec<usize> =
        (0..output.columns.len()).filter(|index| is_named(&output.columns[*index].name)).collect();
    let field = |index: &usize| {
        let column = &output.columns[*index];
        Field::new(&column.name, arrow_type(&column.data_type), true)
    };
    let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
    // An empty text is a text here, and no other text spells null.
    let text = TextRules { nulls: Vec::new(), trim: false };
    let wanted = Wanted { schema, defaults: BTreeMap::new(), text };
    let failed = |error| LocalError::Source { name: "expected rows".to_owned(), error };
    let (expected, bad) = decode_rows(expected, &wanted).map_err(failed)?;
    if !bad.is_empty() {
        return Ok(Err(bad));
    }
    let failed = |error: arrow::error::ArrowError| LocalError::Unsupported(error.to_string());
    let expected = Side::new(expected.columns(), expected.num_rows()).map_err(failed)?;
    let actual = actual.project(&columns).map_err(failed)?;
    let actual = Side::new(actual.columns(), actual.num_rows()).map_err(failed)?;
    let names = columns.iter().map(|index| output.columns[*index].name.clone()).collect();
    let key: Option<Vec<usize>> = output.key.iter().map(|index| columns.binary_search(index).ok()).collect();
    let key = key.filter(|key| !key.is_empty());
    Ok(Ok(Comparing { expected, actual, key }.difference(names)))
}

fn unknown_members(expected: &[Row], output: &StreamType) -> Vec<BadRow> {
    let names = || output.columns.iter().map(|column| column.name.as_str());
    let mut bad = Vec::new();
    for (row, members) in expected.iter().enumerate() {
        for member in members.keys().filter(|member| output.index_of(member).is_none()) {
            let message = match near(member, names()) {
                Some(meant) => format!("the sink has no column `{member}`; did you mean `{meant}`?"),
                None => format!("the sink has no column `{member}`"),
            };
            bad.push(BadRow { row, member: member.clone(), message });
        }
    }
    bad
}

/// Rows of one side.
struct Side {
    columns: Vec<ArrayRef>,
    cells: Vec<Cells>,
}

impl Side {
    fn new(columns: &[ArrayRef], rows: usize) -> Result<Self, arrow::error::ArrowError> {
        let texts = columns.iter().map(json_values).collect::<Result<Vec<_>, _>>()?;
        let cells = (0..rows).map(|row| texts.iter().map(|column| column[row].clone()).collect()).collect();
        Ok(Self { columns: columns.to_vec(), cells })
    }
}

struct Comparing {
    expected: Side,
    actual: Side,
    /// Positions of the key among the compared columns, if it has one and all of it is compared.
    key: Option<Vec<usize>>,
}

/// Indices of rows that have no partner yet.
struct Open {
    expected: BTreeSet<usize>,
    actual: BTreeSet<usize>,
}

impl Comparing {
    fn difference(&self, columns: Vec<String>) -> SinkDifference {
        let mut open = Open {
            expected: (0..self.expected.cells.len()).collect(),
            actual: (0..self.actual.cells.len()).collect(),
        };
        let all: Vec<usize> = (0..columns.len()).collect();
        let mut matched = self.pair(&mut open, &all, |_, _| true);
        let exact = |column: &usize| !is_loose(self.expected.columns[*column].data_type());
        let strict: Vec<usize> = all.iter().copied().filter(exact).collect();
        if strict.len() < all.len() {
            let is_same = |a: usize, b: usize| all.iter().all(|column| self.is_same(*column, a, b));
            matched.extend(self.pair(&mut open, &strict, is_same));
        }
        let changed = match &self.key {
            Some(key) => self.pair(&mut open, key, |_, _| true),
            None => self.like(&mut open),
        };
        let mut matched: Vec<usize> = matched.into_iter().map(|(expected, _)| expected).collect();
        matched.sort_unstable();
        SinkDifference { rows: self.rows(&columns, &changed.into_iter().collect(), &open), columns, matched }
    }

    fn is_same(&self, column: usize, expected: usize, actual: usize) -> bool {
        self.expected.cells[expected][column] == self.actual.cells[actual][column]
            || same(&self.expected.columns[column], expected, &self.actual.columns[column], actual)
    }

    /// Takes out pairs that are written the same in some columns and pass a test.
    fn pair(
        &self,
        open: &mut Open,
        columns: &[usize],
        test: impl Fn(usize, usize) -> bool,
    ) -> Vec<(usize, usize)> {
        let part = |cells: &Cells| columns.iter().map(|column| cells[*column].clone()).collect::<Cells>();
        let mut by_text: BTreeMap<Cells, Vec<usize>> = BTreeMap::new();
        for &actual in &open.actual {
            by_text.entry(part(&self.actual.cells[actual])).or_default().push(actual);
        }
        let mut pairs = Vec::new();
        for &expected in &open.expected {
            let Some(candidates) = by_text.get_mut(&part(&self.expected.cells[expected])) else { continue };
            if let Some(at) = candidates.iter().position(|actual| test(expected, *actual)) {
                pairs.push((expected, candidates.remove(at)));
            }
        }
        open.close(&pairs);
        pairs
    }

    /// Takes out pairs that agree in at least half of their columns, the likest first.
    fn like(&self, open: &mut Open) -> Vec<(usize, usize)> {
        let columns = self.expected.columns.len();
        if open.expected.len().saturating_mul(open.actual.len()) > PAIRS_MAX {
            return Vec::new();
        }
        let mut pairs = Vec::new();
        for &expected in &open.expected {
            for &actual in &open.actual {
                let alike = (0..columns).filter(|column| self.is_same(*column, expected, actual)).count();
                if alike > 0 && alike * 2 >= columns {
                    pairs.push((columns - alike, expected, actual));
                }
            }
        }
        pairs.sort_unstable();
        let mut taken = Vec::new();
        for (_, expected, actual) in pairs {
            if open.expected.contains(&expected) && open.actual.contains(&actual) {
                taken.push((expected, actual));
                open.close(&[(expected, actual)]);
            }
        }
        taken
    }

    fn rows(&self, columns: &[String], changed: &BTreeMap<usize, usize>, open: &Open) -> Vec<RowDifference> {
        let mut rows = Vec::new();
        for expected in 0..self.expected.cells.len() {
            let cells = || self.expected.cells[expected].clone();
            if let Some(&actual) = changed.get(&expected) {
                let differs = (0..columns.len()).map(|column| !self.is_same(column, expected, actual));
                let (wanted, got) = (cells(), self.actual.cells[actual].clone());
                rows.push(RowDifference::Changed { expected, wanted, got, differs: differs.collect() });
            } else if open.expected.contains(&expected) {
                rows.push(RowDifference::Missing { expected, cells: cells() });
            }
        }
        let unexpected = open.actual.iter();
        rows.extend(
            unexpected.map(|&row| RowDifference::Unexpected { cells: self.actual.cells[row].clone() }),
        );
        rows
    }
}

impl Open {
    fn close(&mut self, pairs: &[(usize, usize)]) {
        for (expected, actual) in pairs {
            self.expected.remove(expected);
            self.actual.remove(actual);
        }
    }
}
