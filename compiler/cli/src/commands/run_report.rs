//! The report of a run: for people, and as JSON.

use std::collections::BTreeMap;

use headwater_compiler::code;
use headwater_compiler::graph::{Graph, NodeId, ProductId, Role};
use headwater_processor::engine::{Account, Gives, OperatorReport, Outcome};
use headwater_processor::local::Produced;
use serde_json::{Value, json};

/// What became of every record, by node; dead letters by code; where the rows are.
pub(crate) fn text(graph: &Graph, product: ProductId, produced: &Produced) -> String {
    let named = &graph.products[product.0 as usize];
    let mut out = format!("{}/{}\n", named.namespace, named.name);
    out += &accounts(graph, product, &produced.report.operators);
    out += &by_code("dead letter", &produced.report.dead_letters);
    if let Some(path) = &produced.dead_letters {
        out += &format!("  in {}\n", path.display());
    }
    out += &by_code("warning", &produced.report.warnings);
    out += "\n";
    let name = |node: &NodeId| graph.nodes[node.0 as usize].name.as_str();
    let rows: Vec<[String; 3]> = produced
        .places
        .iter()
        .map(|(node, place)| {
            let (rows, deletions) = landed(produced, *node);
            let deleted = if deletions > 0 { counted(deletions, "deletion") } else { String::new() };
            let counts = [counted(rows, "row"), deleted].join(", ");
            [name(node).to_owned(), counts.trim_end_matches(", ").to_owned(), place.clone()]
        })
        .collect();
    out += &table(&rows);
    out += &format!("\ndone in {:.2} s\n", produced.report.wall.as_secs_f64());
    out
}

/// A line for each operator at which something became of a record, and at least one for each node.
fn accounts(graph: &Graph, product: ProductId, operators: &[OperatorReport]) -> String {
    let is_told = |index: usize| {
        let node = operators[index].node;
        let first = operators.iter().position(|operator| operator.node == node);
        let told = operators.iter().any(|operator| operator.node == node && !is_plain(operator));
        !is_plain(&operators[index]) || (first == Some(index) && !told)
    };
    let told = (0..operators.len()).filter(|&index| is_told(index)).map(|index| &operators[index]);
    let rows: Vec<(NodeId, [String; 3])> =
        told.map(|operator| (operator.node, row(graph, product, operator))).collect();
    let mut rows = rows;
    for index in (1..rows.len()).rev() {
        if rows[index].0 == rows[index - 1].0 {
            rows[index].1[0].clear();
        }
    }
    table(&rows.into_iter().map(|(_, row)| row).collect::<Vec<_>>())
}

/// How many there are of each code, if there are any.
fn by_code(what: &str, counts: &BTreeMap<String, u64>) -> String {
    let all: u64 = counts.values().sum();
    if all == 0 {
        return String::new();
    }
    let named = |(code, count): (&String, &u64)| {
        let name = code::find(code).map_or("", |code| code.name);
        [code.clone(), name.to_owned(), count.to_string()]
    };
    format!("\n{}\n{}", counted(all, what), table(&counts.iter().map(named).collect::<Vec<_>>()))
}

/// Lines of three columns, the first two as wide as their widest.
fn table(rows: &[[String; 3]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (first, second) = (width(0), width(1));
    rows.iter().map(|row| format!("  {:first$}  {:second$}  {}\n", row[0], row[1], row[2])).collect()
}

/// How many rows and deletions a sink took.
fn landed(produced: &Produced, node: NodeId) -> (u64, u64) {
    let taken = produced.report.sinks.get(&node).copied().unwrap_or(0);
    let deletions = produced.deletions.get(&node).copied().unwrap_or(0);
    (taken.saturating_sub(deletions), deletions)
}

/// Whether every record went on, one for one: the account has nothing to say but how many there were.
fn is_plain(operator: &OperatorReport) -> bool {
    let outcomes = &operator.outcomes;
    let all_out =
        |account: &Account| account.outcomes.get(&Outcome::Out).copied().unwrap_or(0) == account.read;
    !matches!(operator.operator, "source" | "sink")
        && outcomes.inputs.len() == 1
        && outcomes.gives == Gives::OneEach
        && outcomes.inputs.iter().all(all_out)
}

/// Node, operator, and what became of the records that it read.
fn row(graph: &Graph, product: ProductId, operator: &OperatorReport) -> [String; 3] {
    let outcomes = &operator.outcomes;
    let mut parts = Vec::new();
    for account in &outcomes.inputs {
        let counts = account.outcomes.iter().filter(|(_, count)| **count > 0);
        let became: Vec<String> =
            counts.map(|(outcome, count)| format!("{count} {}", outcome.name())).collect();
        parts.push(match became.as_slice() {
            [] => format!("{} in", account.read),
            became => format!("{} in: {}", account.read, became.join(", ")),
        });
    }
    if outcomes.gives == Gives::Own {
        parts.push(format!("gives {}", outcomes.given));
    }
    let node = &graph.nodes[operator.node.0 as usize];
    let role = match node.role {
        Role::Source => "source",
        Role::Transform => "transform",
        Role::Sink => "sink",
    };
    let route = node.ports.iter().find(|port| port.op == operator.op).and_then(|port| port.name.as_deref());
    let what = match (operator.operator, route) {
        ("source", _) => "read".to_owned(),
        ("sink", _) => "write".to_owned(),
        ("branch", Some(route)) => format!("route {route}"),
        (other, _) => other.to_owned(),
    };
    let of = &graph.products[node.product.0 as usize];
    let label = match node.product == product {
        true => format!("{role} {}", node.name),
        false => format!("{role} {}/{}.{}", of.namespace, of.name, node.name),
    };
    [label, what, parts.join("; ")]
}

fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// The same as one JSON document, whose shape has a version.
pub(crate) fn json(graph: &Graph, product: ProductId, produced: &Produced) -> Value {
    let named = &graph.products[product.0 as usize];
    let name = |node: &NodeId| graph.nodes[node.0 as usize].name.clone();
    let sinks: BTreeMap<String, Value> = produced
        .places
        .iter()
        .map(|(node, place)| {
            let (rows, deletions) = landed(produced, *node);
            (name(node), json!({ "rows": rows, "deletions": deletions, "place": place }))
        })
        .collect();
    json!({
        "version": 1,
        "product": format!("{}/{}", named.namespace, named.name),
        "operators": produced.report.operators,
        "deadLetters": { "byCode": produced.report.dead_letters, "file": produced.dead_letters },
        "warnings": produced.report.warnings,
        "sinks": sinks,
        "seconds": produced.report.wall.as_secs_f64(),
    })
}
