//! One case: chosen, run, compared. Takes the project, gives what came out beside what was expected.

use std::path::Path;
use std::time::{Duration, Instant};

use headwater_compiler::ast::Origin;
use headwater_compiler::catalog::{Catalog, Declared};
use headwater_compiler::diagnostic::{Anchor, DocumentId};
use headwater_compiler::graph::{Graph, NodeId, ProductId};
use headwater_compiler::locate::values_of;
use headwater_compiler::source::Span;
use headwater_crds::test::{Case, Expected, ExpectedDeadLetters, Row};
use headwater_processor::engine::{DeadLetter, OperatorReport, balance};
use headwater_processor::local::{
    BadRow, CaseContext, CaseRun, LetterDifference, SinkDifference, compare_letters, compare_rows, run_case,
};

use crate::project::Project;

/// A case that is to be run.
#[derive(Debug, Clone)]
pub(crate) struct Selected {
    /// The product that it tests.
    pub(crate) product: ProductId,
    /// Its name, as `retail/orders`.
    pub(crate) product_name: String,
    /// Where the test is written.
    pub(crate) document: DocumentId,
    /// The file.
    pub(crate) file: String,
    /// The folder that files in the test are named from.
    pub(crate) folder: String,
    /// Index of the test in the catalog.
    pub(crate) test: usize,
    /// Index of the case in the test.
    pub(crate) case: usize,
    /// What it shows.
    pub(crate) name: String,
}

/// What came of a case.
#[derive(Debug)]
pub(crate) struct CaseOutcome {
    /// The case.
    pub(crate) selected: Selected,
    /// First line of the case, from 1; known after [`find_lines`].
    pub(crate) line: usize,
    /// How long it took.
    pub(crate) took: Duration,
    /// What is not as expected; empty if it passed.
    pub(crate) failings: Vec<Failing>,
    /// All rejected records.
    pub(crate) letters: Vec<Letter>,
    /// Whether the case says which records are rejected.
    pub(crate) expects_letters: bool,
    /// What became of records at each operator.
    pub(crate) accounts: Vec<OperatorReport>,
}

/// What is not as expected.
#[derive(Debug)]
pub(crate) enum Failing {
    /// The case could not be run to its end.
    Stopped(String),
    /// Expected rows that no row of the sink can be.
    BadRows {
        /// Index of the expectation.
        expectation: usize,
        /// The sink.
        sink: String,
        /// The rows.
        rows: Vec<BadRow>,
        /// All rows of the sink, none of which is expected.
        actual: SinkDifference,
    },
    /// A sink's rows.
    Sink {
        /// Index of the expectation.
        expectation: usize,
        /// The sink.
        sink: String,
        /// What differs.
        difference: SinkDifference,
    },
    /// The dead letters.
    Letters {
        /// Index of the expectation.
        expectation: usize,
        /// What was expected.
        expected: Vec<ExpectedDeadLetters>,
        /// What differs.
        difference: LetterDifference,
    },
}

/// A rejected record as people are shown it.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    /// The record.
    pub(crate) letter: DeadLetter,
    /// Where it stands, as `test.yaml:12`, if that is known.
    pub(crate) place: Option<String>,
    /// Whether its source has classified fields, so that the record is not shown.
    pub(crate) is_hidden: bool,
}

impl Selected {
    /// Product and case.
    pub(crate) fn full_name(&self) -> String {
        format!("{}: {}", self.product_name, self.name)
    }

    /// Where the case stands in its document.
    pub(crate) fn pointer(&self) -> String {
        format!("/spec/cases/{}", self.case)
    }
}

impl CaseOutcome {
    /// Whether all is as expected.
    pub(crate) fn passed(&self) -> bool {
        self.failings.is_empty()
    }
}

/// All cases in order of their files.
pub(crate) fn select(project: &Project) -> Vec<Selected> {
    let compiled = &project.compiled;
    let mut selected = Vec::new();
    for (index, test) in compiled.catalog.tests.iter().enumerate() {
        let Some(product) = test.product else { continue };
        let declared = compiled.catalog.product(product);
        let Origin::Text { file, .. } = compiled.ast.document(test.document).origin else { continue };
        let file = project.sources.file(file).name.clone();
        let folder = Path::new(&file).parent().map(|folder| folder.to_string_lossy().into_owned());
        for (case, one) in test.spec.cases.iter().enumerate() {
            selected.push(Selected {
                product,
                product_name: format!("{}/{}", declared.namespace, declared.name),
                document: test.document,
                file: file.clone(),
                folder: folder.clone().unwrap_or_default(),
                test: index,
                case,
                name: one.name.clone(),
            });
        }
    }
    selected
}

/// Runs a case and compares.
pub(crate) async fn run(project: &Project, context: &CaseContext<'_>, selected: &Selected) -> CaseOutcome {
    let started = Instant::now();
    let case = case(project, selected);
    let mut outcome = CaseOutcome {
        selected: selected.clone(),
        line: 0,
        took: Duration::ZERO,
        failings: Vec::new(),
        letters: Vec::new(),
        expects_letters: case.expect.iter().any(|expected| expected.dead_letters.is_some()),
        accounts: Vec::new(),
    };
    match run_case(context, case, &selected.pointer()).await {
        Err(error) => outcome.failings.push(Failing::Stopped(error.to_string())),
        Ok(run) => {
            outcome.failings = compare(context, case, &run);
            let hidden = |letter: &DeadLetter| is_classified(context.catalog, context.product, letter);
            let letter = |letter: DeadLetter| Letter { is_hidden: hidden(&letter), letter, place: None };
            outcome.letters = run.letters.into_iter().map(letter).collect();
            outcome.accounts = run.report.operators;
        }
    }
    outcome.took = started.elapsed();
    outcome
}

/// The case as it is declared.
pub(crate) fn case<'p>(project: &'p Project, selected: &Selected) -> &'p Case {
    &project.compiled.catalog.tests[selected.test].spec.cases[selected.case]
}

fn compare(context: &CaseContext<'_>, case: &Case, run: &CaseRun) -> Vec<Failing> {
    let mut failings = Vec::new();
    for operator in &run.report.operators {
        if let Err(imbalance) = balance(&operator.outcomes) {
            let (node, word) = (&operator.node_name, operator.operator);
            failings.push(Failing::Stopped(format!(
                "the accounts of `{node}` ({word}) do not balance: {imbalance}"
            )));
        }
    }
    for (index, expected) in case.expect.iter().enumerate() {
        let failing = match (&expected.dead_letters, &expected.sink) {
            (Some(letters), _) => compare_dead(index, letters, &run.letters),
            (None, Some(sink)) => compare_sink(context, index, sink, expected, run),
            (None, None) => None,
        };
        failings.extend(failing);
    }
    failings
}

fn compare_dead(index: usize, expected: &[ExpectedDeadLetters], letters: &[DeadLetter]) -> Option<Failing> {
    let difference = compare_letters(expected, letters);
    let failing = Failing::Letters { expectation: index, expected: expected.to_vec(), difference };
    matches!(&failing, Failing::Letters { difference, .. } if !difference.is_empty()).then_some(failing)
}

fn compare_sink(
    context: &CaseContext<'_>,
    index: usize,
    sink: &str,
    expected: &Expected,
    run: &CaseRun,
) -> Option<Failing> {
    let Some((node, port)) = sink_node(context.graph, context.product, sink) else {
        return Some(Failing::Stopped(format!("there is no sink `{sink}`")));
    };
    let Some(actual) = run.sinks.get(&node) else {
        return Some(Failing::Stopped(format!("the sink `{sink}` was not written")));
    };
    let rows = match expected_rows(expected, context.folder) {
        Ok(rows) => rows,
        Err(reason) => return Some(Failing::Stopped(reason)),
    };
    let output = &context.graph.ops[port].output;
    let (expectation, sink) = (index, sink.to_owned());
    match compare_rows(&rows, actual, output) {
        Err(error) => Some(Failing::Stopped(error.to_string())),
        Ok(Ok(difference)) if difference.is_empty() => None,
        Ok(Ok(difference)) => Some(Failing::Sink { expectation, sink, difference }),
        Ok(Err(rows)) => match compare_rows(&[], actual, output) {
            Ok(Ok(actual)) => Some(Failing::BadRows { expectation, sink, rows, actual }),
            Ok(Err(_)) => Some(Failing::Stopped("no row is expected, and yet one is wrong".to_owned())),
            Err(error) => Some(Failing::Stopped(error.to_string())),
        },
    }
}

/// A sink's node and operator.
pub(crate) fn sink_node(graph: &Graph, product: ProductId, name: &str) -> Option<(NodeId, usize)> {
    use headwater_compiler::graph::Role;
    let nodes = graph.products[product.0 as usize].nodes.iter().copied();
    let mut sinks = nodes.filter(|node| graph.nodes[node.0 as usize].role == Role::Sink);
    let node = sinks.find(|node| graph.nodes[node.0 as usize].name == name)?;
    let port = graph.nodes[node.0 as usize].ports.first()?;
    Some((node, port.op.0 as usize))
}

/// The expected rows: written in place, or a line each of a file.
///
/// # Errors
/// If the file can't be read or a line is no object.
pub(crate) fn expected_rows(expected: &Expected, folder: &Path) -> Result<Vec<Row>, String> {
    let Some(file) = &expected.file else { return Ok(expected.rows.clone().unwrap_or_default()) };
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path)
        .map_err(|error| format!("`{}` can't be read: {error}", path.display()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let row = |(index, line): (usize, &str)| {
        let row = serde_json::from_str::<Row>(line);
        row.map_err(|error| format!("`{}:{}` is no row of JSON: {error}", path.display(), index + 1))
    };
    lines.map(row).collect()
}

/// Whether a record comes from a source with classified fields; of one that the product made, any of its sources.
fn is_classified(catalog: &Catalog, product: ProductId, letter: &DeadLetter) -> bool {
    let nodes = catalog.product(product).nodes.iter().map(|node| catalog.node(*node));
    let from = letter.place.as_ref().map(|place| place.source.as_str());
    nodes.filter(|node| from.is_none_or(|from| node.name == from)).any(|node| {
        let Declared::Source(source) = &node.declared else { return false };
        let ids = node.contracts.iter().filter_map(|reference| reference.id);
        let mut fields: Vec<_> = ids.flat_map(|id| &catalog.contract(id).fields).collect();
        let mut is_classified = source.metadata.iter().any(|column| column.classification.is_some());
        while let Some(field) = fields.pop() {
            fields.extend(&field.inner);
            is_classified |= field.declared.classification.is_some();
        }
        // What another product hands on may be labelled there.
        is_classified || source.product.is_some()
    })
}

/// Finds the lines of the cases, and of the rejected records that stand in them, reading each document once.
pub(crate) fn find_lines(project: &Project, outcomes: &mut [CaseOutcome]) {
    let mut anchors = Vec::new();
    for outcome in outcomes.iter() {
        let document = outcome.selected.document;
        anchors.push(Anchor::value(document, outcome.selected.pointer()));
        let places = outcome.letters.iter().filter_map(|letter| letter.letter.place.as_ref());
        let given = places.filter(|place| place.file.starts_with("/spec/"));
        anchors
            .extend(given.map(|place| Anchor::value(document, format!("{}/{}", place.file, place.record))));
    }
    let spans = values_of(&project.sources, &project.compiled.ast, &anchors);
    let mut lines = spans.into_iter().map(|span| span.map(|span| line_of(project, span)));
    for outcome in outcomes {
        outcome.line = lines.next().flatten().unwrap_or(1);
        let file = &outcome.selected.file;
        for letter in &mut outcome.letters {
            letter.place = letter.letter.place.as_ref().and_then(|place| {
                if !place.file.starts_with("/spec/") {
                    return Some(place.to_string());
                }
                lines.next().flatten().map(|line| format!("{file}:{line}"))
            });
        }
    }
}

fn line_of(project: &Project, span: Span) -> usize {
    let bytes = &project.sources.file(span.file).bytes[..span.start as usize];
    1 + bytes.iter().filter(|byte| **byte == b'\n').count()
}
