//! Expressions and operators as short text, for tests.

use std::fmt::Write;

use crate::expr::{Expr, ExprNode, Literal};
use crate::flow::Flow;
use crate::function;
use crate::graph::{Keep, Measure, Op, Operator};
use crate::stream::StreamKind;

/// An expression over columns of these names, in the table's own operators, fully bracketed.
pub(super) fn expr(expr: &Expr, names: &[String]) -> String {
    let show = |inner: &Expr| self::expr(inner, names);
    match &expr.node {
        ExprNode::Poison => "<poison>".to_owned(),
        ExprNode::Column(index) => names.get(*index).cloned().unwrap_or_else(|| format!("#{index}")),
        ExprNode::Literal(literal) => self::literal(literal),
        ExprNode::Call { function, args } => {
            let name = function::get(*function).name;
            let args: Vec<String> = args.iter().map(show).collect();
            match args.as_slice() {
                [a, b] if !name.starts_with(char::is_alphabetic) || matches!(name, "and" | "or") => {
                    format!("({a} {name} {b})")
                }
                _ => format!("{}({})", name.replace(' ', "_"), args.join(", ")),
            }
        }
        ExprNode::Cast(input) => format!("cast({} as {})", show(input), expr.data_type),
        ExprNode::Case { branches, otherwise } => {
            let mut text = "case".to_owned();
            for (condition, value) in branches {
                let _ = write!(text, " when {} then {}", show(condition), show(value));
            }
            if let Some(value) = otherwise {
                let _ = write!(text, " else {}", show(value));
            }
            text + " end"
        }
        ExprNode::Member { input, index } => format!("{}.{index}", show(input)),
        ExprNode::Every { input, condition } => {
            let inside = crate::flow::element_columns(&input.data_type).unwrap_or_default();
            let inside: Vec<String> = inside.into_iter().map(|column| column.name).collect();
            format!("every({}, {})", show(input), self::expr(condition, &inside))
        }
        ExprNode::ParseJson(input) => format!("parse_json({} as {})", show(input), expr.data_type),
        ExprNode::Mask { input, mask } => format!("mask({}, {mask:?})", show(input)),
    }
}

fn literal(literal: &Literal) -> String {
    match literal {
        Literal::Null => "null".to_owned(),
        Literal::Bool(value) => value.to_string(),
        Literal::Int(value) => value.to_string(),
        Literal::Float(bits) => format!("{:?}", f64::from_bits(*bits)),
        Literal::Decimal(value) => format!("{value}d"),
        Literal::String(text) => format!("'{text}'"),
        Literal::Bytes(bytes) => format!("{bytes:02x?}"),
        Literal::Date(days) => format!("date {days}"),
        Literal::Time(micros) => format!("time {micros}"),
        Literal::Timestamp(micros) => format!("timestamp {micros}"),
        Literal::Interval { months, ms } => format!("interval {months}mo {ms}ms"),
    }
}

/// The operators of a flow from one on, a line each: what it does, its inputs, and what it gives.
pub(super) fn flow(flow: &Flow, from: usize) -> String {
    flow.ops
        .iter()
        .enumerate()
        .skip(from)
        .map(|(index, op)| line(flow, index, op))
        .collect::<Vec<_>>()
        .join("\n")
}

fn line(flow: &Flow, index: usize, op: &Op) -> String {
    let inputs: Vec<String> = op.inputs.iter().map(|input| input.0.to_string()).collect();
    let output = &op.output;
    let columns: Vec<String> = output
        .columns
        .iter()
        .map(|column| {
            format!("{} {}{}", column.name, column.data_type, if column.nullable { "?" } else { "" })
        })
        .collect();
    let kind = if output.kind == StreamKind::Append { "append" } else { "upsert" };
    let time = output.event_time.as_ref().map_or("none", |time| output.columns[time.column].name.as_str());
    format!(
        "{index} of {}: {} -> {kind}({}; key {}; time {time})",
        inputs.join(", "),
        operator(flow, op),
        columns.join(", "),
        output.key_names().join(", "),
    )
}

fn operator(flow: &Flow, op: &Op) -> String {
    let names: Vec<String> = op
        .inputs
        .iter()
        .flat_map(|input| flow.output(*input).columns.iter().map(|column| column.name.clone()))
        .collect();
    let show = |shown: &Expr| expr(shown, &names);
    let list = |columns: &[usize]| {
        columns.iter().map(|&column| names[column].clone()).collect::<Vec<_>>().join(", ")
    };
    match &op.operator {
        Operator::Filter { predicate } => format!("filter {}", show(predicate)),
        Operator::Project { columns } => {
            let columns: Vec<String> = columns.iter().map(|column| show(&column.expr)).collect();
            format!("project {}", columns.join(", "))
        }
        Operator::Unnest { column, keep_empty, ordinality } => {
            format!("unnest {} empty {keep_empty} ordinality {ordinality}", names[*column])
        }
        Operator::Union => "union".to_owned(),
        Operator::Aggregate { window, by, measures, keep } => {
            let window = window
                .as_ref()
                .map_or_else(String::new, |window| format!("{:?} of {} ", window.shape, names[window.time]));
            format!("aggregate {window}by {}: {}{}", list(by), calls(measures, &names), kept(*keep))
        }
        Operator::Over { partition, order, frame, calls: over } => {
            format!("over {} by {} {frame:?}: {}", list(partition), names[*order], calls(over, &names))
        }
        Operator::Deduplicate { by, kept } => format!("deduplicate {} {kept:?}", list(by)),
        Operator::TopN { by, order, limit, keep, rank } => {
            let order: Vec<String> = order
                .iter()
                .map(|by| format!("{} desc {} nulls first {}", show(&by.expr), by.descending, by.nulls_first))
                .collect();
            format!("top {limit} of {} by {} rank {rank}{}", list(by), order.join(", "), kept(*keep))
        }
        Operator::Join { kind, on, condition, time } => {
            let split = flow.output(op.inputs[0]).columns.len();
            let on: Vec<String> =
                on.iter().map(|(a, b)| format!("{} = {}", show(a), expr(b, &names[split..]))).collect();
            let condition =
                condition.as_ref().map_or_else(String::new, |condition| format!(" if {}", show(condition)));
            format!("join {kind:?} on {}{condition} {time:?}", on.join(", "))
        }
        Operator::Source
        | Operator::Import
        | Operator::Validate { .. }
        | Operator::Changelog
        | Operator::Branch { .. }
        | Operator::Sink => "no operator of a query".to_owned(),
    }
}

fn calls(measures: &[Measure], names: &[String]) -> String {
    let one = |measure: &Measure| {
        let args: Vec<String> = measure.args.iter().map(|arg| expr(arg, names)).collect();
        let distinct = if measure.distinct { "distinct " } else { "" };
        let filter = measure
            .filter
            .as_ref()
            .map_or_else(String::new, |filter| format!(" where {}", expr(filter, names)));
        format!(
            "{} = {}({distinct}{}){filter}",
            measure.name,
            function::get(measure.function).name,
            args.join(", ")
        )
    };
    measures.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn kept(keep: Option<Keep>) -> String {
    keep.map_or_else(String::new, |keep| format!(" keep {keep:?}"))
}
