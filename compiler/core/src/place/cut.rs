//! The choice itself: a minimum cut between the native processor and Flink.
//!
//! Each operator is on one of two sides; an output whose readers stand on the other side costs a hop.
//! Fewest hops is then a minimum cut (Ford and Fulkerson 1956), exact and small enough for any product.
//! Among cuts of equal size the one that leaves most operators on the cheaper engine is taken.

use std::collections::{BTreeMap, VecDeque};

use super::need::Need;
use crate::graph::OpId;
use crate::placement::{Capability, Engine};

/// A hop costs more than any number of nodes on the dearer engine.
const HOP: u64 = 1 << 32;
/// Keeping a recorded engine is worth more than a node's cheapness, and less than a hop.
const RECORDED: u64 = 1 << 16;
const NEVER: u64 = u64::MAX / 4;

/// The engine of each member, in order. Vertices are the members, two for each (its native and its Flink side), and both ends.
pub(super) fn fewest_hops(
    members: &[OpId],
    needs: &[Need],
    readers: &[Vec<OpId>],
    recorded: &BTreeMap<OpId, Engine>,
) -> Vec<Engine> {
    let index_of: BTreeMap<OpId, usize> =
        members.iter().enumerate().map(|(index, &id)| (id, index)).collect();
    let count = members.len();
    let (source, sink) = (3 * count, 3 * count + 1);
    let mut network = Network::new(3 * count + 2);
    for (index, (id, need)) in members.iter().zip(needs).enumerate() {
        let (native, flink) = costs(need, recorded.get(id).copied());
        network.add(source, index, flink);
        network.add(index, sink, native);
        // One hop serves all readers that stand on the other side.
        let (down, up) = (count + 2 * index, count + 2 * index + 1);
        network.add(index, down, HOP);
        network.add(up, index, HOP);
        for reader in &readers[id.0 as usize] {
            network.add(down, index_of[reader], NEVER);
            network.add(index_of[reader], up, NEVER);
        }
    }
    let native_side = network.cut(source, sink);
    needs
        .iter()
        .zip(native_side)
        .map(|(need, native)| match need.capability {
            Some(Capability::Connector) => Engine::Connect,
            _ if native => Engine::Native,
            _ => Engine::Flink,
        })
        .collect()
}

/// What it costs to put a node on the native processor, and on Flink.
fn costs(need: &Need, recorded: Option<Engine>) -> (u64, u64) {
    let mut native = if need.fits(Engine::Native) { 0 } else { NEVER };
    let mut flink = if need.fits(Engine::Flink) { 1 } else { NEVER };
    if native == NEVER && flink == NEVER {
        // A connector has an engine of its own and pulls at neither side.
        return (0, 0);
    }
    if recorded == Some(Engine::Native) && native != NEVER && flink != NEVER {
        flink += RECORDED;
    }
    if recorded == Some(Engine::Flink) && native != NEVER && flink != NEVER {
        native += RECORDED;
    }
    (native, flink)
}

/// A flow network as adjacency lists of residual capacities.
struct Network {
    arcs: Vec<BTreeMap<usize, u64>>,
}

impl Network {
    fn new(vertices: usize) -> Self {
        Network { arcs: vec![BTreeMap::new(); vertices] }
    }

    fn add(&mut self, from: usize, to: usize, capacity: u64) {
        *self.arcs[from].entry(to).or_default() += capacity;
        self.arcs[to].entry(from).or_default();
    }

    /// For each vertex, whether it stays on the side of `source` in the minimum cut nearest to `sink`,
    /// which is the largest such side.
    fn cut(&mut self, source: usize, sink: usize) -> Vec<bool> {
        while let Some(path) = self.augmenting_path(source, sink) {
            let flow = path.iter().map(|&(a, b)| self.arcs[a][&b]).min().unwrap_or_default();
            for (a, b) in path {
                *self.arcs[a].entry(b).or_default() -= flow;
                *self.arcs[b].entry(a).or_default() += flow;
            }
        }
        // Everything that can still reach the sink is on its side; the rest stays with the source.
        let mut reaches = vec![false; self.arcs.len()];
        let mut queue = VecDeque::from([sink]);
        reaches[sink] = true;
        while let Some(vertex) = queue.pop_front() {
            for (before, arcs) in self.arcs.iter().enumerate() {
                if !reaches[before] && arcs.get(&vertex).is_some_and(|&capacity| capacity > 0) {
                    reaches[before] = true;
                    queue.push_back(before);
                }
            }
        }
        reaches.into_iter().map(|on_sink_side| !on_sink_side).collect()
    }

    /// A shortest path with capacity left (Edmonds and Karp 1972).
    fn augmenting_path(&self, source: usize, sink: usize) -> Option<Vec<(usize, usize)>> {
        let mut before = vec![None; self.arcs.len()];
        let mut queue = VecDeque::from([source]);
        while let Some(vertex) = queue.pop_front() {
            for (&next, &capacity) in &self.arcs[vertex] {
                if capacity > 0 && next != source && before[next].is_none() {
                    before[next] = Some(vertex);
                    queue.push_back(next);
                }
            }
        }
        let mut path = Vec::new();
        let mut vertex = sink;
        while vertex != source {
            let previous = before[vertex]?;
            path.push((previous, vertex));
            vertex = previous;
        }
        path.reverse();
        Some(path)
    }
}
