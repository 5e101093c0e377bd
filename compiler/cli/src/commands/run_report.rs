//! The report of a run: for people, and as JSON.

use std::collections::BTreeMap;

use headwater_compiler::graph::{Graph, NodeId, ProductId};
use headwater_processor::engine::OperatorReport;
use headwater_processor::local::Produced;
use serde_json::{Value, json};

/// What became of every record, by node; dead letters by code; where the rows are.
pub(crate) fn text(graph: &Graph, product: ProductId, produced: &Produced) -> String {
    let named = &graph.products[product.0 as usize];
    let mut out = format!("{}/{}\n", named.namespace, named.name);
    let rows: Vec<[String; 3]> = produced.report.operators.iter().map(row).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (first, second) = (width(0), width(1));
    let mut last = "";
    for row in &rows {
        let node = if row[0] == last { "" } else { row[0].as_str() };
        out += &format!("  {node:first$}  {:second$}  {}\n", row[1], row[2]);
        last = &row[0];
    }
    let dead: u64 = produced.report.dead_letters.values().sum();
    if dead > 0 {
        out += &format!("\n{}\n", counted(dead, "dead letter"));
        for (code, count) in &produced.report.dead_letters {
            out += &format!("  {code}  {count}\n");
        }
        if let Some(path) = &produced.dead_letters {
            out += &format!("  in {}\n", path.display());
        }
    }
    for (code, count) in &produced.report.warnings {
        out += &format!("\n{} that {code} only warns of\n", counted(*count, "record"));
    }
    out += "\n";
    for (node, place) in &produced.places {
        let name = &graph.nodes[node.0 as usize].name;
        let rows = produced.report.sinks.get(node).copied().unwrap_or(0);
        out += &format!("  {name}: {}, {place}\n", counted(rows, "row"));
    }
    out += &format!("\ndone in {:.2} s\n", produced.report.wall.as_secs_f64());
    out
}

/// Node, operator, and what became of the records that it read.
fn row(report: &OperatorReport) -> [String; 3] {
    let mut parts = Vec::new();
    for account in &report.outcomes.inputs {
        let outcomes: Vec<String> = account
            .outcomes
            .iter()
            .filter(|(_, count)| **count > 0)
            .map(|(outcome, count)| format!("{count} {}", outcome.name()))
            .collect();
        let became = if outcomes.is_empty() { "none".to_owned() } else { outcomes.join(", ") };
        parts.push(format!("{} in: {became}", account.read));
    }
    [report.node_name.clone(), report.operator.to_owned(), parts.join("; ")]
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
            let rows = produced.report.sinks.get(node).copied().unwrap_or(0);
            (name(node), json!({ "rows": rows, "place": place }))
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
