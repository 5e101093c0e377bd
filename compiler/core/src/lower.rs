//! The checked operators as a graph: nothing of places and causes is left.
//!
//! Takes the catalog and what the checker built, whose operators move to the graph; gives the graph.
//! Called only behind the barrier, so it cannot fail.

use crate::catalog::Catalog;
use crate::check::Checked;
use crate::graph::{Graph, Node, Port, Product};

/// The graph of all products.
pub(crate) fn lower(catalog: &Catalog, checked: &mut Checked) -> Graph {
    let products = catalog
        .products
        .iter()
        .map(|product| Product {
            namespace: product.namespace.clone(),
            name: product.name.clone(),
            nodes: product.nodes.clone(),
        })
        .collect();
    let nodes = catalog
        .nodes
        .iter()
        .zip(&checked.ports)
        .map(|(node, ops)| Node {
            product: node.product,
            name: node.name.clone(),
            role: node.role(),
            ports: ops
                .iter()
                .enumerate()
                .map(|(index, op)| Port {
                    name: node.ports.get(index).cloned(),
                    op: (*op).expect("without errors every port has its operator"),
                })
                .collect(),
        })
        .collect();
    Graph { products, nodes, ops: std::mem::take(&mut checked.flow.ops) }
}
