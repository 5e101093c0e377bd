//! An order of nodes in which inputs come before what reads them.

use std::collections::BTreeSet;

use crate::catalog::Catalog;
use crate::code::reference as code;
use crate::diagnostic::Diagnostic;
use crate::graph::NodeId;

/// Nodes of a circle that a message names.
const NAMES_MAX: usize = 12;

/// Orders the nodes of all products (Kahn 1962); those on a circle are reported and left out.
pub(super) fn order(catalog: &Catalog, diagnostics: &mut Vec<Diagnostic>) -> Vec<NodeId> {
    let mut waiting: Vec<usize> = vec![0; catalog.nodes.len()];
    let mut readers: Vec<Vec<NodeId>> = vec![Vec::new(); catalog.nodes.len()];
    for (id, node) in (0u32..).map(NodeId).zip(&catalog.nodes) {
        for input in node.inputs.iter().filter_map(|input| input.node) {
            waiting[id.0 as usize] += 1;
            readers[input.0 as usize].push(id);
        }
    }
    let mut ready: BTreeSet<NodeId> =
        (0u32..).map(NodeId).zip(&waiting).filter(|(_, count)| **count == 0).map(|(id, _)| id).collect();
    let mut order = Vec::with_capacity(catalog.nodes.len());
    while let Some(id) = ready.pop_first() {
        order.push(id);
        for &reader in &readers[id.0 as usize] {
            waiting[reader.0 as usize] -= 1;
            if waiting[reader.0 as usize] == 0 {
                ready.insert(reader);
            }
        }
    }
    if order.len() < catalog.nodes.len() {
        report(catalog, &waiting, diagnostics);
    }
    order
}

/// Walks back from a node that never became ready until one comes again: that is a circle.
fn report(catalog: &Catalog, waiting: &[usize], diagnostics: &mut Vec<Diagnostic>) {
    let stuck = |id: &NodeId| waiting[id.0 as usize] > 0;
    let mut reported: BTreeSet<NodeId> = BTreeSet::new();
    for start in (0u32..).map(NodeId).take(waiting.len()).filter(stuck) {
        let mut path: Vec<NodeId> = Vec::new();
        let mut on_path: BTreeSet<NodeId> = BTreeSet::new();
        let mut current = start;
        while !reported.contains(&current) && on_path.insert(current) {
            path.push(current);
            let before = catalog.node(current).inputs.iter().filter_map(|input| input.node).find(stuck);
            let Some(before) = before else { break };
            current = before;
        }
        let circle: Vec<NodeId> = path.iter().copied().skip_while(|id| *id != current).collect();
        if reported.contains(&current) || circle.is_empty() {
            reported.extend(path);
            continue;
        }
        reported.extend(path);
        let names: Vec<String> =
            circle.iter().rev().map(|id| format!("`{}`", catalog.node(*id).name)).collect();
        let first = catalog.node(circle[circle.len() - 1]);
        let way = match names.len().checked_sub(NAMES_MAX) {
            Some(others @ 1..) => format!("{} to {others} others", names[..NAMES_MAX].join(" to ")),
            Some(0) | None => names.join(" to "),
        };
        let message = format!("{} reads itself: {way} and back", names[0]);
        diagnostics.push(
            Diagnostic::error(&code::CIRCLE, first.anchor.at("name"), message)
                .help("let one of them read something that comes before all of them"),
        );
    }
}
