//! Chooses the engine of each operator: fewest hops first, then the cheapest engine that offers all it needs.
//!
//! Takes a graph and what was recorded before; gives the placement with reasons.
//! Touches nothing and never fails: each operator alone is within the reach of some engine.

mod cut;
mod need;

use std::collections::BTreeMap;

use crate::graph::{Graph, OpId, Operator, ProductId};
use crate::placement::{Engine, Hop, Placed, Placement};
use need::Need;

/// Places every operator of the graph. `recorded` is the placement in force, kept where the operator can still run there.
pub fn place(graph: &Graph, recorded: &BTreeMap<OpId, Engine>) -> Placement {
    let readers = readers(graph);
    let mut ops = vec![Placed { engine: Engine::Native, reason: String::new() }; graph.ops.len()];
    let mut hops = Vec::new();
    for members in products(graph).into_values() {
        let needs: Vec<Need> = members.iter().map(|&id| need::of(graph, id)).collect();
        let engines = cut::fewest_hops(&members, &needs, &readers, recorded);
        for ((&id, need), &engine) in members.iter().zip(&needs).zip(&engines) {
            ops[id.0 as usize] = Placed { engine, reason: need.reason(engine) };
        }
        hops.extend(find_hops(graph, &members, &readers, &ops));
    }
    Placement { ops, hops }
}

/// The operators of each product, in order.
fn products(graph: &Graph) -> BTreeMap<ProductId, Vec<OpId>> {
    let mut products: BTreeMap<ProductId, Vec<OpId>> = BTreeMap::new();
    for (id, op) in (0u32..).map(OpId).zip(&graph.ops) {
        products.entry(graph.nodes[op.node.0 as usize].product).or_default().push(id);
    }
    products
}

/// For each operator, those of the same product that read it.
fn readers(graph: &Graph) -> Vec<Vec<OpId>> {
    let mut readers = vec![Vec::new(); graph.ops.len()];
    for (id, op) in (0u32..).map(OpId).zip(&graph.ops) {
        if op.operator != Operator::Import {
            for input in &op.inputs {
                readers[input.0 as usize].push(id);
            }
        }
    }
    readers
}

/// A hop stands where an operator's output is read by another engine.
/// What a connector fills has its landing topic already, and what a sink writes needs none.
fn find_hops(graph: &Graph, members: &[OpId], readers: &[Vec<OpId>], ops: &[Placed]) -> Vec<Hop> {
    let engine = |id: OpId| ops[id.0 as usize].engine;
    let mut count: BTreeMap<&str, u32> = BTreeMap::new();
    let mut hops = Vec::new();
    for &from in members.iter().filter(|&&id| engine(id) != Engine::Connect) {
        let crosses =
            |to: &&OpId| engine(**to) != engine(from) && graph.ops[to.0 as usize].operator != Operator::Sink;
        let to: Vec<OpId> = readers[from.0 as usize].iter().filter(crosses).copied().collect();
        if to.is_empty() {
            continue;
        }
        let node = &graph.nodes[graph.ops[from.0 as usize].node.0 as usize];
        let product = &graph.products[node.product.0 as usize];
        let number = count.entry(&node.name).or_default();
        *number += 1;
        hops.push(Hop {
            from,
            to,
            topic: format!("{}.{}._{}-{number}", product.namespace, product.name, node.name),
        });
    }
    hops
}

/// The engine's word.
pub fn engine_name(engine: Engine) -> &'static str {
    match engine {
        Engine::Connect => "connect",
        Engine::Native => "native",
        Engine::Flink => "flink",
    }
}
