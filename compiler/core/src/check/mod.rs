//! Types every declared node: what flows through each port, and what is wrong with it.
//!
//! Takes the catalog; gives the operators of all nodes with their ports. Steps and SQL both end in [`crate::flow`].

mod conform;
mod contract;
mod expr;
mod generate;
mod mask;
mod sink;
mod source;
mod steps;
mod steps_group;
mod steps_join;
mod steps_row;
mod tested;
mod tested_value;
mod transform;

pub(crate) use mask::generalisation;
pub(crate) use tested::check_tests;

use crate::catalog::{Catalog, Declared, Node};
use crate::diagnostic::Diagnostic;
use crate::flow::Flow;
use crate::graph::{NodeId, OpId};

/// The operators of all nodes.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    /// Operators, inputs first, with what diagnostics need.
    pub(crate) flow: Flow,
    /// For each node the operator of each port; none where it could not be told.
    pub(crate) ports: Vec<Vec<Option<OpId>>>,
}

/// Checks every node in an order in which inputs come first.
pub(crate) fn check(catalog: &Catalog) -> Checked {
    let mut checked = Checked { flow: Flow::default(), ports: vec![Vec::new(); catalog.nodes.len()] };
    for &id in &catalog.order {
        checked.flow.node = Some(id);
        let node = catalog.node(id);
        let ports = match &node.declared {
            Declared::Source(declared) => source::check(&mut checked, catalog, node, declared),
            Declared::Transform(declared) => transform::check(&mut checked, catalog, node, declared),
            Declared::Sink(declared) => vec![sink::check(&mut checked, catalog, node, declared)],
        };
        checked.ports[id.0 as usize] = ports;
    }
    checked
}

impl Checked {
    /// The operator that an input of a node refers to, if it is known.
    fn input(&self, node: &Node, index: usize) -> Option<OpId> {
        let input = node.inputs.get(index)?;
        self.port(input.node?, input.port)
    }

    /// The operator of a port.
    pub(crate) fn port(&self, node: NodeId, port: usize) -> Option<OpId> {
        self.ports[node.0 as usize].get(port).copied().flatten()
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.flow.diagnostics.push(diagnostic);
    }
}
