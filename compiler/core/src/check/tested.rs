//! Holds tests against the products that they test: names, members of rows, values that a sink can never have.
//!
//! Takes the catalog and the checked ports; gives diagnostics. What is given may be wrong, for that is often what is tested;
//! what is expected must be possible.

use headwater_crds::test::{Case, Expected, ExpectedDeadLetters, Given, Row};

use super::Checked;
use super::tested_value::fits;
use crate::catalog::{Catalog, Node, Test};
use crate::code::{reference, run_time, test as code_of_test};
use crate::diagnostic::{Anchor, Diagnostic, DocumentId};
use crate::graph::{NodeId, ProductId, Role};
use crate::near::near;
use crate::stream::{StreamKind, StreamType};

/// The member of a given row that makes it a deletion, on an upsert stream.
const DELETED: &str = "__deleted";

/// Checks all tests whose product is known.
pub(crate) fn check_tests(catalog: &Catalog, checked: &Checked) -> Vec<Diagnostic> {
    let mut ctx = Ctx { catalog, checked, product: ProductId(0), found: Vec::new() };
    for Test { document, product, spec } in &catalog.tests {
        let Some(product) = product else { continue };
        ctx.product = *product;
        ctx.names_of_cases(&spec.cases, *document);
        for (index, case) in spec.cases.iter().enumerate() {
            ctx.case(case, &Anchor::value(*document, format!("/spec/cases/{index}")));
        }
    }
    ctx.found
}

struct Ctx<'a> {
    catalog: &'a Catalog,
    checked: &'a Checked,
    product: ProductId,
    found: Vec<Diagnostic>,
}

impl Ctx<'_> {
    /// Reports and filters know a case by its name.
    fn names_of_cases(&mut self, cases: &[Case], document: DocumentId) {
        let at = |index: usize| Anchor::value(document, format!("/spec/cases/{index}/name"));
        for (index, case) in cases.iter().enumerate() {
            if let Some(first) = cases[..index].iter().position(|other| other.name == case.name) {
                let message = format!("the test has two cases called `{}`", case.name);
                self.report(
                    Diagnostic::error(&code_of_test::CASE_TWICE, at(index), message)
                        .label("again here")
                        .also(at(first), "first here"),
                );
            }
        }
    }

    fn case(&mut self, case: &Case, at: &Anchor) {
        let mut last: Option<(jiff::Timestamp, Anchor)> = None;
        for (index, step) in case.steps.iter().enumerate() {
            let at = at.at("steps").at(index);
            if let Some(time) = &step.at
                && let Ok(time) = time.parse::<jiff::Timestamp>()
            {
                let place = at.at("at");
                if let Some((before, earlier)) = &last
                    && time < *before
                {
                    self.report(
                        Diagnostic::error(&code_of_test::TIME_DESCENDS, &place, "a step arrives before the one before it")
                            .also(earlier, "the step before it")
                            .help("write steps in the order in which their records arrive; event time is a field of the records"),
                    );
                }
                last = Some((time, place));
            }
            for (index, given) in step.given.iter().enumerate() {
                self.given(given, &at.at("given").at(index));
            }
        }
        for (index, expected) in case.expect.iter().enumerate() {
            self.expected(expected, &at.at("expect").at(index));
        }
    }

    fn given(&mut self, given: &Given, at: &Anchor) {
        let Some(id) = self.node(Role::Source, &given.source, "source", &at.at("source")) else { return };
        let Some(rows) = &given.rows else { return };
        let Some(stream) = self.stream(id) else { return };
        for (index, row) in rows.iter().enumerate() {
            let at = at.at("rows").at(index);
            for member in row.keys() {
                if stream.kind == StreamKind::Upsert && member == DELETED {
                    continue;
                }
                self.member(member, &stream, ("source", &given.source), &at);
            }
        }
    }

    fn expected(&mut self, expected: &Expected, at: &Anchor) {
        if let Some(letters) = &expected.dead_letters {
            if expected.rows.is_some() || expected.file.is_some() {
                let message = "dead letters are expected by code, not by rows";
                self.report(
                    Diagnostic::error(&code_of_test::ROWS_OR_FILE, at.at("deadLetters"), message)
                        .help("expect the rows of a sink in an item of their own"),
                );
            }
            for (index, one) in letters.iter().enumerate() {
                self.dead_letter(one, &at.at("deadLetters").at(index));
            }
            return;
        }
        let Some(sink) = &expected.sink else { return };
        let id = self.node(Role::Sink, sink, "sink", &at.at("sink"));
        if expected.rows.is_some() == expected.file.is_some() {
            let message = match expected.rows {
                Some(_) => format!("the rows of the sink `{sink}` are written twice: in place and in a file"),
                None => format!("nothing says which rows the sink `{sink}` must have"),
            };
            self.report(
                Diagnostic::error(&code_of_test::ROWS_OR_FILE, at.at("sink"), message)
                    .help("write `rows`, which may be `[]`, or name a `file` of NDJSON"),
            );
        }
        let (Some(id), Some(rows)) = (id, &expected.rows) else { return };
        if let Some(stream) = self.stream(id) {
            self.rows(rows, &stream, sink, &at.at("rows"));
        }
    }

    /// The rows that a sink must have: every value must be one that its column can have.
    fn rows(&mut self, rows: &[Row], stream: &StreamType, sink: &str, at: &Anchor) {
        let is_named = |name: &str| rows.iter().any(|row| row.contains_key(name));
        let compared: Vec<_> = stream.columns.iter().filter(|column| is_named(&column.name)).collect();
        for (index, row) in rows.iter().enumerate() {
            let at = at.at(index);
            for member in row.keys() {
                self.member(member, stream, ("sink", sink), &at);
            }
            for column in &compared {
                let value = row.get(&column.name);
                let problem = match value {
                    None if column.nullable => None,
                    None => Some(format!(
                        "the row leaves out `{}`, which means null, and the sink `{sink}` never has null there",
                        column.name
                    )),
                    Some(value) => fits(value, &column.data_type, column.nullable).err().map(|why| {
                        format!("the sink `{sink}` never has this value in `{}`: {why}", column.name)
                    }),
                };
                let Some(message) = problem else { continue };
                let place = if value.is_some() { at.at(pointer_step(&column.name)) } else { at.clone() };
                self.report(
                    Diagnostic::error(&code_of_test::IMPOSSIBLE_VALUE, place, message)
                        .label(format!("`{}` is `{}`", column.name, column.data_type)),
                );
            }
        }
    }

    fn member(&mut self, member: &str, stream: &StreamType, (what, name): (&str, &str), at: &Anchor) {
        if stream.index_of(member).is_some() {
            return;
        }
        let place = Anchor::key(at.document, format!("{}/{}", at.pointer, pointer_step(member)));
        let message = format!("the {what} `{name}` has no column `{member}`");
        let diagnostic = Diagnostic::error(&code_of_test::UNKNOWN_MEMBER, place, message);
        let names = stream.columns.iter().map(|column| column.name.as_str());
        self.report(match near(member, names) {
            Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
            None => diagnostic,
        });
    }

    fn dead_letter(&mut self, one: &ExpectedDeadLetters, at: &Anchor) {
        let codes = run_time::ALL.iter().map(|code| code.id);
        if let Some(id) = &one.code
            && codes.clone().all(|code| code != id)
        {
            self.unknown("run-time code", id, codes, at.at("code"));
        }
        if let Some(source) = &one.source {
            self.node(Role::Source, source, "source", &at.at("source"));
        }
        if let Some(node) = &one.node {
            let names = self.names(|_| true);
            if names.iter().all(|name| name != node) {
                self.unknown("node", node, names.iter().map(String::as_str), at.at("node"));
            }
        }
    }

    /// The node of a role and name; reported if there is none.
    fn node(&mut self, role: Role, name: &str, what: &str, place: &Anchor) -> Option<NodeId> {
        let catalog = self.catalog;
        let mut nodes = catalog.product(self.product).nodes.iter().copied();
        let is_it = |node: &Node| node.role() == role && node.name == name;
        let found = nodes.find(|id| is_it(catalog.node(*id)));
        if found.is_none() {
            let names = self.names(|node| node.role() == role);
            self.unknown(what, name, names.iter().map(String::as_str), place.clone());
        }
        found
    }

    fn names(&self, wanted: impl Fn(&Node) -> bool) -> Vec<String> {
        let nodes = self.catalog.product(self.product).nodes.iter().map(|id| self.catalog.node(*id));
        nodes.filter(|node| wanted(node)).map(|node| node.name.clone()).collect()
    }

    fn unknown<'n>(
        &mut self,
        what: &str,
        name: &str,
        names: impl Iterator<Item = &'n str> + Clone,
        place: Anchor,
    ) {
        let product = &self.catalog.product(self.product).name;
        let message = match what {
            "run-time code" => format!("there is no {what} `{name}`"),
            _ => format!("the product `{product}` has no {what} `{name}`"),
        };
        let diagnostic = Diagnostic::error(&reference::UNKNOWN_REFERENCE, place, message);
        self.report(match near(name, names.clone()) {
            Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
            None => {
                let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
                diagnostic.note(format!("there are {}", names.join(", ")))
            }
        });
    }

    /// What flows through the only output of a node; none if that is already reported.
    fn stream(&self, id: NodeId) -> Option<StreamType> {
        self.checked.port(id, 0).map(|op| self.checked.flow.output(op).clone())
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }
}

/// A name as a step of a JSON pointer.
fn pointer_step(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
