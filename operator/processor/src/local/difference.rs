//! How what came out of a case differs from what its test expects. Noun file.

/// The rows of a sink beside those that are expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkDifference {
    /// The columns that are compared: those that an expected row names, or all where no row is expected.
    pub columns: Vec<String>,
    /// Expected rows that were found, by index, ascending.
    pub matched: Vec<usize>,
    /// Everything else: what is expected in its order, then what is not in order of arrival.
    pub rows: Vec<RowDifference>,
}

/// The values of a row in order of the compared columns, as JSON; none is null.
pub type Cells = Vec<Option<String>>;

/// One row that is not as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowDifference {
    /// Expected and not there.
    Missing {
        /// Index among the expected rows.
        expected: usize,
        /// What was expected.
        cells: Cells,
    },
    /// There and not expected.
    Unexpected {
        /// What is there.
        cells: Cells,
    },
    /// There with other values.
    Changed {
        /// Index among the expected rows.
        expected: usize,
        /// What was expected.
        wanted: Cells,
        /// What is there.
        got: Cells,
        /// Whether the values of each column differ.
        differs: Vec<bool>,
    },
}

/// An expected row that no row of the sink can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// Index among the expected rows.
    pub row: usize,
    /// The member that is wrong.
    pub member: String,
    /// What is wrong with it, without its value.
    pub message: String,
}

/// Dead letters beside those that are expected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LetterDifference {
    /// Index of an expectation, and how many of its letters did not come; never zero.
    pub missing: Vec<(usize, u64)>,
    /// Indices of letters that nothing expects, in order of arrival.
    pub unexpected: Vec<usize>,
}

impl SinkDifference {
    /// Whether all is as expected.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl LetterDifference {
    /// Whether all is as expected.
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.unexpected.is_empty()
    }
}
