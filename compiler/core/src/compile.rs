//! The whole pipeline: texts to a placed graph, with everything that is wrong on the way.

use std::collections::BTreeMap;

use crate::ast::Ast;
use crate::catalog::Catalog;
use crate::check::{check, check_tests};
use crate::classify::{classify, classify_hops};
use crate::diagnostic::{Diagnostic, Severity};
use crate::graph::Graph;
use crate::lint;
use crate::lower::lower;
use crate::parse::parse;
use crate::place::place;
use crate::placement::Placement;
use crate::resolve::resolve;
use crate::source::Sources;

/// What a compile run depends on besides the texts.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The day with which dates are compared, such as `2026-01-31`; no clearance has run out where left out.
    pub today: Option<String>,
}

/// What a compile run gives.
#[derive(Debug)]
pub struct Compiled {
    /// Where each document is, to show diagnostics.
    pub ast: Ast,
    /// Everything declared.
    pub catalog: Catalog,
    /// The typed graph; none if there is an error.
    pub graph: Option<Graph>,
    /// The engine of each operator and the hops between them.
    pub placement: Placement,
    /// Everything that is wrong, not yet sorted: see [`crate::locate::locate`].
    pub diagnostics: Vec<Diagnostic>,
}

impl Compiled {
    /// Whether something is wrong that stops the pipeline.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// Compiles all objects of the sources together: references, owners and policies cross products.
pub fn compile(sources: &Sources, options: &Options) -> Compiled {
    let (mut ast, mut diagnostics) = parse(sources);
    let objects = ast.take_objects();
    let failed: Vec<_> = ast.failed().map(|(_, identity)| identity.clone()).collect();
    let (catalog, found) = resolve(objects, &failed);
    diagnostics.extend(found);
    let today = options.today.as_deref();
    let mut checked = check(&catalog);
    diagnostics.append(&mut checked.flow.diagnostics);
    let (labels, found) = classify(&catalog, &checked, today);
    diagnostics.extend(found);
    diagnostics.extend(lint::declared(&catalog));
    diagnostics.extend(check_tests(&catalog, &checked));
    // The barrier: behind it nothing fails but what only the whole graph can tell.
    let is_sound = |diagnostics: &[Diagnostic]| diagnostics.iter().all(|d| d.severity != Severity::Error);
    let mut graph = None;
    let mut placement = Placement::default();
    if is_sound(&diagnostics) {
        diagnostics.extend(lint::flowing(&catalog, &checked));
        let mut lowered = lower(&catalog, &mut checked);
        placement = place(&lowered, &BTreeMap::new());
        if !placement.hops.is_empty() {
            // Places are judged on the checker's side, which lends its operators to the graph and back.
            std::mem::swap(&mut checked.flow.ops, &mut lowered.ops);
            diagnostics.extend(classify_hops(&catalog, &checked, &labels, &placement.hops, today));
            std::mem::swap(&mut checked.flow.ops, &mut lowered.ops);
        }
        graph = is_sound(&diagnostics).then_some(lowered);
    }
    lint::drop_allowed(&catalog, &mut diagnostics);
    Compiled { ast, catalog, graph, placement, diagnostics }
}
