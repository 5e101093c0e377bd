//! What names mean in an expression: noun file, with their look-up.

use super::name::Path;
use crate::flow::{Flow, NullCause};
use crate::graph::OpId;
use crate::near::near;
use crate::stream::Column;

/// How many names a message lists.
const NAMES_MAX: usize = 12;

/// The columns that an expression may read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scope {
    /// In the order in which `*` gives them.
    pub(crate) columns: Vec<ScopeColumn>,
    /// Whether something unknown is in scope too, which already has a diagnostic: unknown names are then not reported.
    pub(crate) open: bool,
}

/// One column under its names.
#[derive(Debug, Clone)]
pub(crate) struct ScopeColumn {
    /// Name of the input, such as `o` in `o.amount`.
    pub(crate) qualifier: Option<String>,
    /// Name, type and nullability.
    pub(crate) column: Column,
    /// Index into the columns of the operator that the expression is over.
    pub(crate) index: usize,
    /// Why it may be null, if it may.
    pub(crate) null: Option<NullCause>,
}

/// What a path of names means.
pub(super) enum Found {
    /// This column of the scope; so many names of the path are used up.
    Column(usize, usize),
    /// Something that already has a diagnostic.
    Poison,
    /// Several columns.
    Ambiguous(Vec<usize>),
    /// An input of this name has no such column.
    NoColumn {
        /// The name looked for, counted from the start of the path.
        part: usize,
        /// Names that it has.
        names: Vec<String>,
    },
}

impl Scope {
    /// The columns of an operator, under the name of an input where there is one.
    pub(crate) fn of(flow: &Flow, op: OpId, qualifier: Option<&str>) -> Self {
        let nulls = &flow.facts(op).nulls;
        let columns = flow.output(op).columns.iter().zip(nulls).enumerate();
        Scope {
            columns: columns
                .map(|(index, (column, null))| ScopeColumn {
                    qualifier: qualifier.map(str::to_owned),
                    column: column.clone(),
                    index,
                    null: null.clone(),
                })
                .collect(),
            open: false,
        }
    }

    /// No columns, and no complaint about what is missing.
    pub(crate) fn unknown() -> Self {
        Scope { columns: Vec::new(), open: true }
    }

    /// The columns of both, the indices of the other counted on from here.
    pub(super) fn join(mut self, other: Scope, split: usize) -> Self {
        self.open |= other.open;
        self.columns.extend(
            other.columns.into_iter().map(|column| ScopeColumn { index: column.index + split, ..column }),
        );
        self
    }

    /// Whether an input has this name.
    pub(super) fn has_qualifier(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.qualifier.as_deref() == Some(name))
    }

    /// The names of the inputs in order.
    pub(super) fn qualifiers(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for name in self.columns.iter().filter_map(|column| column.qualifier.as_deref()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// What a path such as `o.address.city` means: an input's name counts before a column's.
    pub(super) fn find(&self, path: &Path) -> Found {
        let names = &path.names;
        let plain = self.named(None, &names[0]);
        if names.len() > 1 && self.has_qualifier(&names[0]) {
            let qualified = self.named(Some(&names[0]), &names[1]);
            return match qualified.as_slice() {
                [one] => Found::Column(*one, 2),
                [] if plain.len() == 1 => Found::Column(plain[0], 1),
                [] => {
                    let of_input =
                        self.columns.iter().filter(|column| column.qualifier.as_deref() == Some(&names[0]));
                    Found::NoColumn {
                        part: 1,
                        names: of_input.map(|column| column.column.name.clone()).collect(),
                    }
                }
                _ => Found::Ambiguous(qualified),
            };
        }
        match plain.as_slice() {
            [one] => Found::Column(*one, 1),
            [] if self.open => Found::Poison,
            [] => Found::NoColumn { part: 0, names: self.offered(names.len() > 1) },
            _ => Found::Ambiguous(plain),
        }
    }

    /// Places in the scope of the columns of this name.
    fn named(&self, qualifier: Option<&str>, name: &str) -> Vec<usize> {
        let fits = |column: &ScopeColumn| {
            column.column.name == name
                && qualifier.is_none_or(|qualifier| column.qualifier.as_deref() == Some(qualifier))
        };
        self.columns.iter().enumerate().filter(|(_, column)| fits(column)).map(|(place, _)| place).collect()
    }

    /// The names that could stand at the start of a path.
    fn offered(&self, with_inputs: bool) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        if with_inputs {
            names.extend(self.qualifiers().into_iter().map(str::to_owned));
        }
        for column in &self.columns {
            if !names.contains(&column.column.name) {
                names.push(column.column.name.clone());
            }
        }
        names
    }
}

/// The name that was probably meant, and all names for a note.
pub(super) fn suggest<'a>(name: &str, names: &'a [String]) -> (Option<&'a str>, Option<String>) {
    let meant = near(name, names.iter().map(String::as_str));
    let listed = names.iter().take(NAMES_MAX).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let more = names.len().saturating_sub(NAMES_MAX);
    let list = match (names.is_empty(), more) {
        (true, _) => None,
        (false, 0) => Some(listed),
        (false, more) => Some(format!("{listed} and {more} more")),
    };
    (meant, list)
}
