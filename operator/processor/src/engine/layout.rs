//! Which columns of a stream a plan carries, and where. Noun file.
//!
//! A plan's columns are called by their index in the stream (`c0`, `c7`), because inside a query two columns may share a name;
//! behind them stand the hidden columns. All may be null in a plan: a deletion has values only for its key.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use headwater_compiler::stream::{StreamKind, StreamType};

use super::arrow_type::arrow_type;
use super::bindings::{ARRIVAL, DELETED};

/// What those that read an operator need of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Need {
    /// Columns by index.
    pub(crate) columns: BTreeSet<usize>,
    /// The order of arrival, which is also the origin.
    pub(crate) arrival: bool,
    /// Of an upsert stream: every record of a key, not only the last.
    pub(crate) history: bool,
}

/// The columns of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Indices in the stream of the columns that are carried, ascending.
    pub(crate) columns: Vec<usize>,
    /// The plan's schema.
    pub(crate) schema: SchemaRef,
    arrival: bool,
    deleted: bool,
}

impl Layout {
    /// The layout of a stream that carries just what is needed.
    pub(crate) fn new(stream: &StreamType, need: &Need) -> Self {
        let deleted = stream.kind == StreamKind::Upsert;
        // A batch without columns would lose its number of rows.
        let arrival = need.arrival || (need.columns.is_empty() && !deleted);
        let mut fields: Vec<Field> =
            need.columns.iter().map(|&index| field(index, &stream.columns[index].data_type)).collect();
        if arrival {
            fields.push(Field::new(ARRIVAL, DataType::UInt64, true));
        }
        if deleted {
            fields.push(Field::new(DELETED, DataType::Boolean, true));
        }
        let schema = Arc::new(Schema::new(fields));
        Self { columns: need.columns.iter().copied().collect(), schema, arrival, deleted }
    }

    /// Where the plan has a column of the stream.
    pub(crate) fn position(&self, column: usize) -> usize {
        let position = self.columns.binary_search(&column);
        position.expect("what an operator reads is carried to it")
    }

    /// Where the plan has these columns of the stream.
    pub(crate) fn positions(&self, columns: &[usize]) -> Vec<usize> {
        columns.iter().map(|&column| self.position(column)).collect()
    }

    /// Where the plan has the order of arrival.
    pub(crate) fn arrival(&self) -> Option<usize> {
        self.arrival.then_some(self.columns.len())
    }

    /// Where the plan says whether a record is a deletion; none on append streams.
    pub(crate) fn deleted(&self) -> Option<usize> {
        self.deleted.then_some(self.columns.len() + usize::from(self.arrival))
    }

    /// Where this plan has what another layout of the same stream carries, in that layout's order.
    pub(crate) fn positions_of(&self, other: &Layout) -> Vec<usize> {
        let mut positions = self.positions(&other.columns);
        positions.extend(other.arrival().and(self.arrival()));
        positions.extend(other.deleted().and(self.deleted()));
        positions
    }

    /// The layout of a plan that has no hidden columns yet.
    pub(crate) fn without_hidden(&self) -> Self {
        Self { arrival: false, deleted: false, ..self.clone() }
    }

    /// Where a source, which always gives positions, has what this layout carries.
    pub(crate) fn positions_in_source(&self) -> Vec<usize> {
        let mut positions: Vec<usize> = (0..self.columns.len()).collect();
        positions.extend(self.arrival());
        positions.extend(self.deleted.then_some(self.columns.len() + 1));
        positions
    }
}

/// A column of a stream as plans have it.
pub(crate) fn field(column: usize, data_type: &headwater_compiler::data_type::DataType) -> Field {
    Field::new(name(column), arrow_type(data_type), true)
}

/// What a column of a stream is called in plans.
pub(crate) fn name(column: usize) -> String {
    format!("c{column}")
}
