//! One operator in a line, for people.

use super::expr::expr;
use crate::graph::{
    Frame, Graph, JoinKind, JoinTime, Keep, Kept, Measure, Named, Op, Operator, OrderBy, Rule, WindowShape,
};

/// What an operator does, with the names of the columns that it reads.
pub(crate) fn operator(graph: &Graph, op: &Op) -> String {
    let names: Vec<&str> = op
        .inputs
        .iter()
        .flat_map(|input| {
            graph.ops[input.0 as usize].output.columns.iter().map(|column| column.name.as_str())
        })
        .collect();
    let list = |indices: &[usize]| indices.iter().map(|&index| names[index]).collect::<Vec<_>>().join(", ");
    match &op.operator {
        Operator::Source => "source".to_owned(),
        Operator::Import => "import".to_owned(),
        Operator::Filter { predicate } => format!("filter {}", expr(predicate, &names)),
        Operator::Project { columns } => project(columns, &names),
        Operator::Validate { rules } => validate(rules, &names),
        Operator::Unnest { column, keep_empty, ordinality } => {
            let keep = if *keep_empty { ", keep empty" } else { "" };
            let position = if *ordinality { ", with position" } else { "" };
            format!("unnest {}{keep}{position}", names[*column])
        }
        Operator::Union => "union".to_owned(),
        Operator::Aggregate { window, by, measures, keep } => {
            let window = window.as_ref().map_or_else(String::new, |window| {
                format!(" {} of {}", shape(window.shape), names[window.time])
            });
            format!("aggregate{window} by ({}): {}{}", list(by), calls(measures, &names), kept(*keep))
        }
        Operator::Over { partition, order, frame, calls: over } => {
            format!(
                "over ({}) by {} {}: {}",
                list(partition),
                names[*order],
                frame_words(*frame),
                calls(over, &names)
            )
        }
        Operator::Deduplicate { by, kept: Kept::FirstWithinMs(ms) } => {
            format!("deduplicate ({}) first within {ms} ms", list(by))
        }
        Operator::Deduplicate { by, kept: Kept::Last(keep) } => {
            format!("deduplicate ({}) last{}", list(by), kept(Some(*keep)))
        }
        Operator::TopN { by, order, limit, keep, rank } => {
            let rank = if *rank { ", with rank" } else { "" };
            format!("top {limit} of ({}) by {}{rank}{}", list(by), ordering(order, &names), kept(*keep))
        }
        Operator::Join { kind, on, condition, time } => {
            let split = op.inputs.first().map_or(0, |input| graph.ops[input.0 as usize].output.columns.len());
            let on: Vec<String> = on
                .iter()
                .map(|(a, b)| format!("{} = {}", expr(a, &names), expr(b, &names[split..])))
                .collect();
            let condition =
                condition.as_ref().map_or_else(String::new, |c| format!(" and {}", expr(c, &names)));
            format!("join {} on {}{condition}{}", join_kind(*kind), on.join(" and "), join_time(time, &names))
        }
        Operator::Changelog => "changelog".to_owned(),
        Operator::Branch { conditions, route } => match conditions.get(*route) {
            Some(condition) => format!("branch {route} when {}", expr(condition, &names)),
            None => format!("branch {route} otherwise"),
        },
        Operator::Sink => "sink".to_owned(),
    }
}

fn project(columns: &[Named], names: &[&str]) -> String {
    let one = |column: &Named| {
        let value = expr(&column.expr, names);
        if value == column.name { value } else { format!("{} = {value}", column.name) }
    };
    format!("project {}", columns.iter().map(one).collect::<Vec<_>>().join(", "))
}

fn validate(rules: &[Rule], names: &[&str]) -> String {
    let one = |rule: &Rule| {
        let field = rule.field.as_ref().map_or_else(String::new, |field| format!("{field} "));
        format!("{} {field}{} {}", rule.code, rule.name, expr(&rule.predicate, names))
    };
    format!("validate {}", rules.iter().map(one).collect::<Vec<_>>().join("; "))
}

fn ordering(order: &[OrderBy], names: &[&str]) -> String {
    let one = |order: &OrderBy| {
        format!("{}{}", expr(&order.expr, names), if order.descending { " desc" } else { "" })
    };
    order.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn calls(measures: &[Measure], names: &[&str]) -> String {
    let one = |measure: &Measure| {
        let args: Vec<String> = measure.args.iter().map(|arg| expr(arg, names)).collect();
        let distinct = if measure.distinct { "distinct " } else { "" };
        let filter = measure
            .filter
            .as_ref()
            .map_or_else(String::new, |filter| format!(" where {}", expr(filter, names)));
        let name = crate::function::get(measure.function).name;
        format!("{} = {name}({distinct}{}){filter}", measure.name, args.join(", "))
    };
    measures.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn shape(shape: WindowShape) -> String {
    match shape {
        WindowShape::Tumble { size_ms, offset_ms: 0 } => format!("tumble {size_ms} ms"),
        WindowShape::Tumble { size_ms, offset_ms } => format!("tumble {size_ms} ms offset {offset_ms} ms"),
        WindowShape::Hop { size_ms, slide_ms } => format!("hop {size_ms} ms slide {slide_ms} ms"),
        WindowShape::Cumulate { size_ms, step_ms } => format!("cumulate {size_ms} ms step {step_ms} ms"),
        WindowShape::Session { gap_ms } => format!("session gap {gap_ms} ms"),
    }
}

fn kept(keep: Option<Keep>) -> String {
    match keep {
        None => String::new(),
        Some(Keep::ForMs(ms)) => format!(", kept {ms} ms"),
        Some(Keep::Forever) => ", kept for ever".to_owned(),
    }
}

fn frame_words(frame: Frame) -> String {
    match frame {
        Frame::Unbounded(keep) => format!("all before{}", kept(Some(keep))),
        Frame::Rows(rows) => format!("{rows} rows before"),
        Frame::RangeMs(ms) => format!("{ms} ms before"),
    }
}

fn join_kind(kind: JoinKind) -> &'static str {
    match kind {
        JoinKind::Inner => "inner",
        JoinKind::Left => "left",
        JoinKind::Right => "right",
        JoinKind::Full => "full",
    }
}

fn join_time(time: &JoinTime, names: &[&str]) -> String {
    match time {
        JoinTime::Kept { left, right } if left == right => kept(Some(*left)),
        JoinTime::Kept { left, right } => format!("{}{}", kept(Some(*left)), kept(Some(*right))),
        JoinTime::Interval { left, right, lower_ms, upper_ms } => {
            format!(", {} - {} in {lower_ms} to {upper_ms} ms", names[*right], names[*left])
        }
        JoinTime::AsOf { left } => format!(", as of {}", names[*left]),
    }
}
