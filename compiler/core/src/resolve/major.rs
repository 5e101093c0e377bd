//! A sink that keeps several major lines of one contract: takes the sink, gives one sink for each line.
//!
//! The newest line keeps the sink's name; an older one has `-v1` behind it, which also names its topic and table.

use headwater_crds::contract::ContractRef as DeclaredContract;
use headwater_crds::sink::Sink;

use crate::catalog::{Catalog, Contract, Declared, Node};
use crate::code::reference as code;
use crate::diagnostic::Diagnostic;

/// Identity and version of a contract that a sink names.
struct Line {
    id: String,
    version: (u64, u64, u64),
}

/// The sinks that a sink stands for: itself, or one for each major line.
pub(super) fn lines(
    catalog: &Catalog,
    namespace: &str,
    sink: Node,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Node> {
    let Declared::Sink(declared) = &sink.declared else { return vec![sink] };
    if declared.contracts.is_empty() {
        return vec![sink];
    }
    if declared.contract.is_some() {
        diagnostics.push(
            Diagnostic::error(
                &code::CONTRACT_REFERENCE,
                sink.anchor.at("contract"),
                format!("the sink `{}` states both `contract` and `contracts`", sink.name),
            )
            .also(sink.anchor.at("contracts").at(0), "and here")
            .help("move it into the list"),
        );
        return Vec::new();
    }
    let lines: Vec<Option<Line>> =
        declared.contracts.iter().map(|reference| line(catalog, namespace, reference)).collect();
    check_one_contract(&sink, &lines, diagnostics);
    let newest = lines.iter().flatten().map(|line| line.version).max();
    declared
        .contracts
        .iter()
        .zip(&lines)
        .enumerate()
        .map(|(index, (reference, line))| {
            let is_newest = line.as_ref().is_none_or(|line| Some(line.version) == newest);
            let name = match line {
                Some(line) if !is_newest => format!("{}-v{}", sink.name, line.version.0),
                Some(_) => sink.name.clone(),
                // Reported as unknown: this name is never seen.
                None => format!("{}-{index}", sink.name),
            };
            of_line(&sink, declared, (index, reference), name, line.as_ref())
        })
        .collect()
}

/// What is known of a contract before references are linked.
fn line(catalog: &Catalog, namespace: &str, reference: &DeclaredContract) -> Option<Line> {
    if let (Some(subject), Some(version)) = (&reference.subject, reference.version) {
        return Some(Line { id: subject.clone(), version: (version.into(), 0, 0) });
    }
    let name = reference.name.as_ref()?;
    let namespace = reference.namespace.as_ref().map_or(namespace, |namespace| &namespace.0);
    let is_meant = |contract: &&Contract| contract.namespace == namespace && contract.name == name.0;
    let contract = catalog.contracts.iter().find(is_meant)?;
    Some(Line { id: contract.id.clone(), version: contract.version })
}

/// The lines are of one contract, and no two have the same major version.
fn check_one_contract(sink: &Node, lines: &[Option<Line>], diagnostics: &mut Vec<Diagnostic>) {
    let at = sink.anchor.at("contracts");
    let mut seen: Vec<(usize, &Line)> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(line) = line else { continue };
        if let Some((first, other)) = seen.iter().find(|(_, other)| other.id != line.id) {
            let message =
                format!("the sink `{}` keeps the contracts `{}` and `{}`", sink.name, other.id, line.id);
            diagnostics.push(
                Diagnostic::error(&code::MAJOR_LINES, at.at(index), message)
                    .label(format!("`id: {}`", line.id))
                    .also(at.at(first), format!("`id: {}`", other.id))
                    .help("lines of one contract have the same `id`; promise something else with a sink of its own"),
            );
        } else if let Some((first, other)) = seen.iter().find(|(_, other)| other.version.0 == line.version.0)
        {
            let message =
                format!("the sink `{}` keeps version {} of `{}` twice", sink.name, line.version.0, line.id);
            diagnostics.push(
                Diagnostic::error(&code::MAJOR_LINES, at.at(index), message)
                    .also(at.at(first), format!("the same major version, {}", other.version.0))
                    .help("keep the newer one: within a major version it holds for all readers"),
            );
        }
        seen.push((index, line));
    }
}

/// The sink as it is for one line.
fn of_line(
    sink: &Node,
    declared: &Sink,
    (index, reference): (usize, &DeclaredContract),
    name: String,
    line: Option<&Line>,
) -> Node {
    let mut one = declared.clone();
    one.name.0.clone_from(&name);
    one.contract = Some(Box::new(reference.clone()));
    one.contracts = Vec::new();
    if let Some(line) = line {
        let major = line.version.0.to_string();
        let fill = |text: &mut String| {
            *text = text.replace("{{ contract.major }}", &major).replace("{{contract.major}}", &major);
        };
        one.table.iter_mut().filter_map(|table| table.name.as_mut()).for_each(fill);
        one.files.iter_mut().map(|files| &mut files.path).for_each(fill);
    }
    Node {
        name,
        declared: Declared::Sink(Box::new(one)),
        contracts: vec![sink.contracts[index].clone()],
        ..sink.clone()
    }
}
