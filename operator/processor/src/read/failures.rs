//! What failed while columns were decoded: for each row the first field, in the order of the wanted columns.
//!
//! Takes rows and reasons, gives a mask of good rows and the rejected ones. Never holds a value.

use std::collections::BTreeMap;
use std::sync::Arc;

use headwater_compiler::code::run_time;

use super::batch::{Origins, Rejected};
use super::column::Column;
use super::error::ReadError;
use super::value::Fault;

/// Failures of a batch, by row.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    rows: BTreeMap<u32, Failure>,
}

#[derive(Debug)]
struct Failure {
    path: Arc<str>,
    code: &'static str,
    rule: String,
    message: String,
}

impl Failures {
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A required field is absent or null.
    pub(crate) fn required(&mut self, column: &Column, row: u32, missing: bool) {
        self.rows.entry(row).or_insert_with(|| Failure {
            path: column.path.clone(),
            code: run_time::MISSING_REQUIRED.id,
            rule: "required".to_owned(),
            message: format!(
                "`{}` is required and is {}",
                column.path,
                if missing { "missing" } else { "null" }
            ),
        });
    }

    /// A value is not one of the field's type.
    pub(crate) fn value(&mut self, column: &Column, row: u32, fault: Fault) {
        self.rows.entry(row).or_insert_with(|| {
            let rule = column.ty.name();
            let path = &column.path;
            let (code, message) = match fault {
                Fault::Form => (run_time::TYPE_MISMATCH.id, format!("`{path}` is not of type `{rule}`")),
                Fault::Range(why) => {
                    (run_time::VALUE_OUT_OF_RANGE.id, format!("`{path}` does not fit type `{rule}`: {why}"))
                }
            };
            Failure { path: path.clone(), code, rule, message }
        });
    }

    /// A member stands in its record more than once.
    pub(crate) fn duplicate(&mut self, column: &Column, row: u32) {
        self.rows.entry(row).or_insert_with(|| Failure {
            path: column.path.clone(),
            code: run_time::MALFORMED_RECORD.id,
            rule: "unique members".to_owned(),
            message: format!("`{}` is there more than once", column.path),
        });
    }

    /// For each of `rows` rows whether it is good.
    pub(crate) fn mask(&self, rows: usize) -> Vec<bool> {
        let mut keep = vec![true; rows];
        for row in self.rows.keys() {
            keep[*row as usize] = false;
        }
        keep
    }

    /// The rejected records.
    pub(crate) fn rejected(self, origins: &Origins) -> Result<Vec<Rejected>, ReadError> {
        let rows: Vec<usize> = self.rows.keys().map(|row| *row as usize).collect();
        let originals = origins.originals_of(&rows)?;
        let all = self.rows.into_values().zip(rows).zip(originals);
        let rejected = all.map(|((failure, row), original)| Rejected {
            file: origins.file.clone(),
            line: origins.lines[row],
            record: origins.records[row],
            code: failure.code,
            field: Some(failure.path.to_string()),
            rule: failure.rule,
            message: failure.message,
            original,
        });
        Ok(rejected.collect())
    }
}
