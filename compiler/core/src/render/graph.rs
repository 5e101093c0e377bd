//! The typed graph as text and as a Mermaid diagram.
//!
//! Takes the graph with its placement; gives what `headwater graph` prints.

use super::operator;
use crate::graph::{Graph, NodeId, OpId, Operator, Role};
use crate::place::engine_name;
use crate::placement::Placement;
use crate::stream::{StreamKind, StreamType};

/// All products with their nodes, what flows at each port, and which engine runs what.
pub fn text(graph: &Graph, placement: &Placement) -> String {
    let mut out = String::new();
    for product in &graph.products {
        out += &format!("product {}/{}\n", product.namespace, product.name);
        for &id in &product.nodes {
            node(graph, placement, id, &mut out);
        }
        for hop in
            placement.hops.iter().filter(|hop| product.nodes.contains(&graph.ops[hop.from.0 as usize].node))
        {
            let to: Vec<String> = hop.to.iter().map(|op| format!("%{}", op.0)).collect();
            out += &format!("  hop {}: %{} to {}\n", hop.topic, hop.from.0, to.join(", "));
        }
    }
    out
}

fn node(graph: &Graph, placement: &Placement, id: NodeId, out: &mut String) {
    let node = &graph.nodes[id.0 as usize];
    *out += &format!("  {} {}\n", role_name(node.role), node.name);
    for (op_id, op) in (0u32..).map(OpId).zip(&graph.ops).filter(|(_, op)| op.node == id) {
        let inputs: Vec<String> = op.inputs.iter().map(|input| format!("%{}", input.0)).collect();
        let from = if inputs.is_empty() { String::new() } else { format!(" of {}", inputs.join(", ")) };
        *out += &format!("    %{} {}{from}\n", op_id.0, operator::operator(graph, op));
        let placed = &placement.ops[op_id.0 as usize];
        if op.operator != Operator::Sink {
            *out += &format!("        engine {}: {}\n", engine_name(placed.engine), placed.reason);
        }
    }
    for port in &node.ports {
        let name = port.name.as_ref().map_or_else(String::new, |name| format!(" .{name}"));
        let output = &graph.ops[port.op.0 as usize].output;
        *out += &format!("    gives{name} {}\n", stream(output));
        for column in &output.columns {
            let null = if column.nullable { "" } else { " required" };
            *out += &format!("        {} {}{null}\n", column.name, column.data_type);
        }
    }
}

/// Kind, key, time and guarantee of a stream.
pub(crate) fn stream(output: &StreamType) -> String {
    let mut parts = vec![match output.kind {
        StreamKind::Append => "append".to_owned(),
        StreamKind::Upsert => "upsert".to_owned(),
    }];
    if !output.key.is_empty() {
        parts.push(format!("key ({})", output.key_names().join(", ")));
    }
    if let Some(time) = &output.event_time {
        parts.push(format!("time {} delay {} ms", output.columns[time.column].name, time.max_delay_ms));
    }
    parts.push(match output.guarantee {
        crate::stream::Guarantee::ExactlyOnce => "exactly once".to_owned(),
        crate::stream::Guarantee::AtLeastOnce => "at least once".to_owned(),
    });
    parts.join(", ")
}

/// The word for what a node is.
pub(crate) fn role_name(role: Role) -> &'static str {
    match role {
        Role::Source => "source",
        Role::Transform => "transform",
        Role::Sink => "sink",
    }
}

/// The nodes and how they are connected, as a flow chart in Mermaid's notation.
pub fn mermaid(graph: &Graph, placement: &Placement) -> String {
    let mut out = "flowchart LR\n".to_owned();
    for product in &graph.products {
        out += &format!(
            "  subgraph p_{}_{} [\"{}/{}\"]\n",
            word(&product.namespace),
            word(&product.name),
            product.namespace,
            product.name
        );
        for &id in &product.nodes {
            let node = &graph.nodes[id.0 as usize];
            let mut engines: Vec<&str> = (0u32..)
                .map(OpId)
                .zip(&graph.ops)
                .filter(|(_, op)| op.node == id && op.operator != Operator::Sink)
                .map(|(op, _)| engine_name(placement.ops[op.0 as usize].engine))
                .collect();
            engines.dedup();
            let engines =
                if engines.is_empty() { String::new() } else { format!("<br/>{}", engines.join(", ")) };
            let (open, close) = match node.role {
                Role::Source => ("([", "])"),
                Role::Transform => ("[", "]"),
                Role::Sink => ("[(", ")]"),
            };
            out += &format!("    n{}{open}\"{}{engines}\"{close}\n", id.0, node.name);
        }
        out += "  end\n";
    }
    for (from, to, port) in connections(graph) {
        let label = port.map_or_else(String::new, |port| format!("|{port}|"));
        out += &format!("  n{} -->{label} n{}\n", from.0, to.0);
    }
    out
}

/// Pairs of nodes of which the second reads a port of the first.
fn connections(graph: &Graph) -> Vec<(NodeId, NodeId, Option<String>)> {
    let mut found = Vec::new();
    for op in &graph.ops {
        for input in &op.inputs {
            let from = graph.ops[input.0 as usize].node;
            // A graph may be cut down to some of its products.
            let is_shown = |id: &NodeId| graph.products.iter().any(|product| product.nodes.contains(id));
            if from == op.node || !is_shown(&from) || !is_shown(&op.node) {
                continue;
            }
            let ports = &graph.nodes[from.0 as usize].ports;
            let port = ports.iter().find(|port| port.op == *input).and_then(|port| port.name.clone());
            let connection = (from, op.node, port);
            if !found.contains(&connection) {
                found.push(connection);
            }
        }
    }
    found
}

fn word(text: &str) -> String {
    text.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_")
}
