//! `headwater test --bless`: writes what came out into the tests as what is expected.
//!
//! Takes outcomes, edits the texts by the bytes of each list, so that comments and form of all else stay;
//! nothing is written unless the edited texts still compile.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use headwater_compiler::diagnostic::Anchor;
use headwater_compiler::graph::Graph;
use headwater_compiler::locate::values_of;
use headwater_compiler::source::{FileId, SourceFile, Sources};
use headwater_crds::test::{Expected, ExpectedDeadLetters};
use headwater_processor::local::{LetterDifference, RowDifference, SinkDifference};
use serde_json::Value;

use super::test_case::{self, CaseOutcome, Failing, sink_node};
use super::test_edit::{Change, Edit, Member, edits};
use super::test_yaml::{self, member};
use crate::exit::{Failure, Result};
use crate::files;
use crate::project::{self, Project};

/// Rewrites what failing cases expect; gives a line for each.
///
/// # Errors
/// If a file can't be written, or the edited texts would not compile.
pub(crate) fn bless(project: &Project, graph: &Graph, outcomes: &[CaseOutcome]) -> Result<String> {
    let mut plan = Plan::default();
    let mut said = String::new();
    for outcome in outcomes.iter().filter(|outcome| !outcome.passed()) {
        let selected = &outcome.selected;
        let stopped = outcome.failings.iter().find_map(|failing| match failing {
            Failing::Stopped(reason) => Some(reason),
            Failing::BadRows { .. } | Failing::Sink { .. } | Failing::Letters { .. } => None,
        });
        if let Some(reason) = stopped {
            said += &format!("left     {}: {reason}\n", selected.full_name());
            continue;
        }
        if selected.file == files::STDIN_NAME {
            return Err(Failure::usage("standard input can't be rewritten"));
        }
        for failing in &outcome.failings {
            plan.add(project, graph, outcome, failing)?;
        }
        said += &format!("blessed  {} ({}:{})\n", selected.full_name(), selected.file, outcome.line);
    }
    plan.write(project)?;
    Ok(if said.is_empty() { "nothing to bless: every case passes\n".to_owned() } else { said })
}

/// What is to be written.
#[derive(Default)]
struct Plan {
    edits: BTreeMap<FileId, Vec<Edit>>,
    files: BTreeMap<PathBuf, String>,
}

impl Plan {
    fn add(
        &mut self,
        project: &Project,
        graph: &Graph,
        outcome: &CaseOutcome,
        failing: &Failing,
    ) -> Result<()> {
        let selected = &outcome.selected;
        let case = test_case::case(project, selected);
        let (expectation, list, before, changes) = match failing {
            Failing::Stopped(_) => return Ok(()),
            Failing::Sink { expectation, sink, difference, .. }
            | Failing::BadRows { expectation, sink, actual: difference, .. } => {
                let expected = &case.expect[*expectation];
                let exact = exact_columns(graph, outcome, sink, difference);
                if let Some(file) = &expected.file {
                    let path = Path::new(&selected.folder).join(file);
                    let text = ndjson(expected, difference, &exact, Path::new(&selected.folder))?;
                    self.files.insert(path, text);
                    return Ok(());
                }
                let before = expected.rows.as_ref().map_or(0, Vec::len);
                (*expectation, "rows", before, row_changes(difference, &exact, before))
            }
            Failing::Letters { expectation, expected, difference } => {
                let changes = letter_changes(expected, difference, outcome);
                (*expectation, "deadLetters", expected.len(), changes)
            }
        };
        let list = format!("{}/expect/{expectation}/{list}", selected.pointer());
        let anchor = Anchor::value(selected.document, list);
        let mut anchors = vec![anchor.clone()];
        anchors.extend((0..before).map(|item| anchor.at(item)));
        let spans: Option<Vec<_>> =
            values_of(&project.sources, &project.compiled.ast, &anchors).into_iter().collect();
        let spans = spans.ok_or_else(|| {
            Failure::failed(format!("what `{}` expects can't be found in its file", selected.full_name()))
        })?;
        let file = spans[0].file;
        let text = std::str::from_utf8(&project.sources.file(file).bytes).unwrap_or_default();
        let ranges: Vec<_> = spans.iter().map(|span| span.start as usize..span.end as usize).collect();
        self.edits.entry(file).or_default().extend(edits(text, &ranges[0], &ranges[1..], &changes));
        Ok(())
    }

    /// Writes the edited texts, if they still compile.
    fn write(self, project: &Project) -> Result<()> {
        let mut changed = Vec::new();
        let file = |(id, file): (FileId, &SourceFile)| {
            let mut file = file.clone();
            if let Some(edits) = self.edits.get(&id) {
                let mut text = String::from_utf8_lossy(&file.bytes).into_owned();
                let mut edits: Vec<&Edit> = edits.iter().collect();
                // From the end, so that the places of the others stay.
                edits.sort_by_key(|edit| std::cmp::Reverse((edit.range.start, edit.range.end)));
                edits.iter().for_each(|edit| text.replace_range(edit.range.clone(), &edit.text));
                file.bytes = text.into_bytes();
                changed.push(file.clone());
            }
            file
        };
        let sources = Sources::new(project.sources.iter().map(file).collect());
        let edited = project::compiled(sources, project.as_of.clone(), std::time::Instant::now());
        if edited.compiled.has_errors() {
            return Err(Failure::failed("the edited tests would not compile, so nothing is written")
                .help("write what is expected by hand"));
        }
        let texts = changed.into_iter().map(|file| (PathBuf::from(file.name), file.bytes));
        for (path, bytes) in texts.chain(self.files.into_iter().map(|(path, text)| (path, text.into_bytes())))
        {
            std::fs::write(&path, bytes).map_err(|error| {
                Failure::failed(format!("`{}` can't be written: {error}", path.display()))
            })?;
        }
        Ok(())
    }
}

/// Whether the values of each compared column are numbers that YAML would round.
fn exact_columns(graph: &Graph, outcome: &CaseOutcome, sink: &str, difference: &SinkDifference) -> Vec<bool> {
    use headwater_compiler::data_type::DataType;
    let Some((_, port)) = sink_node(graph, outcome.selected.product, sink) else {
        return vec![false; difference.columns.len()];
    };
    let columns = &graph.ops[port].output.columns;
    let is_exact = |name: &String| {
        columns
            .iter()
            .any(|column| &column.name == name && matches!(column.data_type, DataType::Decimal { .. }))
    };
    difference.columns.iter().map(is_exact).collect()
}

/// The values of a row in order, as YAML has them.
fn members(difference: &SinkDifference, exact: &[bool], cells: &[Option<String>]) -> Vec<Member> {
    let columns = difference.columns.iter().zip(exact).zip(cells);
    columns.map(|((name, exact), cell)| member(name, &value(cell, *exact))).collect()
}

fn value(cell: &Option<String>, exact: bool) -> Value {
    match cell {
        None => Value::Null,
        Some(text) if exact => Value::String(text.clone()),
        Some(text) => serde_json::from_str(text).unwrap_or(Value::Null),
    }
}

/// What becomes of each expected row, and the rows that come after them.
fn row_changes(difference: &SinkDifference, exact: &[bool], before: usize) -> Vec<Change> {
    let mut changes: Vec<Change> = (0..before).map(|_| Change::Drop).collect();
    difference.matched.iter().for_each(|row| changes[*row] = Change::Keep);
    for row in &difference.rows {
        match row {
            RowDifference::Missing { .. } => {}
            RowDifference::Changed { expected, got, .. } => {
                changes[*expected] = Change::Write(members(difference, exact, got));
            }
            RowDifference::Unexpected { cells } => {
                changes.push(Change::Write(members(difference, exact, cells)));
            }
        }
    }
    changes
}

/// The rows of a file: those that were as expected as they were written, in their order.
fn ndjson(expected: &Expected, difference: &SinkDifference, exact: &[bool], folder: &Path) -> Result<String> {
    let rows = test_case::expected_rows(expected, folder).unwrap_or_default();
    let mut lines: Vec<Option<String>> = vec![None; rows.len()];
    let line = |cells: &[Option<String>]| {
        let values = difference.columns.iter().zip(exact).zip(cells);
        let values = values.map(|((name, exact), cell)| (name.clone(), value(cell, *exact)));
        Value::Object(values.collect()).to_string()
    };
    for row in &difference.matched {
        lines[*row] = Some(Value::Object(rows[*row].clone()).to_string());
    }
    for row in &difference.rows {
        match row {
            RowDifference::Missing { .. } => {}
            RowDifference::Changed { expected, got, .. } => lines[*expected] = Some(line(got)),
            RowDifference::Unexpected { cells } => lines.push(Some(line(cells))),
        }
    }
    Ok(lines.into_iter().flatten().map(|line| line + "\n").collect())
}

/// What becomes of each expectation of dead letters, and those that come after them.
fn letter_changes(
    expected: &[ExpectedDeadLetters],
    difference: &LetterDifference,
    outcome: &CaseOutcome,
) -> Vec<Change> {
    let missing: BTreeMap<usize, u64> = difference.missing.iter().copied().collect();
    let change = |(index, one): (usize, &ExpectedDeadLetters)| {
        let count = one.count.unwrap_or(1);
        match missing.get(&index) {
            None => Change::Keep,
            Some(missing) if *missing == count => Change::Drop,
            Some(missing) => Change::Write(expectation(&ExpectedDeadLetters {
                count: Some(count - missing),
                ..one.clone()
            })),
        }
    };
    let mut changes: Vec<Change> = expected.iter().enumerate().map(change).collect();
    let mut groups: Vec<ExpectedDeadLetters> = Vec::new();
    for index in &difference.unexpected {
        let letter = &outcome.letters[*index].letter;
        let source = letter.place.as_ref().map(|place| headwater_crds::scalar::SqlName(place.source.clone()));
        let node = source.as_ref().is_none_or(|source| source.0 != letter.node);
        let one = ExpectedDeadLetters {
            code: Some(letter.code.clone()),
            source,
            node: node.then(|| letter.node.clone()),
            field: letter.field.clone(),
            count: None,
        };
        let same = |group: &&mut ExpectedDeadLetters| {
            ExpectedDeadLetters { count: None, ..(**group).clone() } == one
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.count = Some(group.count.unwrap_or(1) + 1),
            None => groups.push(one),
        }
    }
    changes.extend(groups.iter().map(|group| Change::Write(expectation(group))));
    changes
}

fn expectation(one: &ExpectedDeadLetters) -> Vec<Member> {
    let text = |text: String| Value::String(text);
    let parts = [
        ("code", one.code.clone().map(text)),
        ("source", one.source.as_ref().map(|source| text(source.to_string()))),
        ("node", one.node.clone().map(text)),
        ("field", one.field.clone().map(text)),
        ("count", one.count.map(Value::from)),
    ];
    parts.into_iter().filter_map(|(name, value)| value.map(|value| test_yaml::member(name, &value))).collect()
}
