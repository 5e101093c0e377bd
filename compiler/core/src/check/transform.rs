//! What comes out of a transform: of its steps, its routes or its query.

use std::collections::BTreeMap;

use headwater_crds::product::{Route, Transform};

use super::{Checked, expr, steps};
use crate::catalog::{Catalog, Node};
use crate::code::{run_time, step as code};
use crate::diagnostic::{Anchor, Diagnostic};
use crate::flow::{self, Typed};
use crate::function::{cast_to, common_type};
use crate::graph::{Keep, OnViolation, OpId, Rule};
use crate::sql;

/// The ports of a transform.
pub(super) fn check(
    checked: &mut Checked,
    _catalog: &Catalog,
    node: &Node,
    declared: &Transform,
) -> Vec<Option<OpId>> {
    if let Some(query) = &declared.sql {
        return vec![query_op(checked, node, declared, query)];
    }
    let Some(input) = union(checked, node, declared.from.len()) else {
        return vec![None; node.ports.len().max(1)];
    };
    if let Some(routes) = &declared.routes {
        return routed(checked, node, routes, input);
    }
    let mut op = Some(input);
    // Inputs that steps name stand behind those of `from`, in the order of the steps.
    let mut next = declared.from.len();
    for (index, step) in declared.steps.iter().flatten().enumerate() {
        let at = node.anchor.at("steps").at(index);
        let other = (step.join.is_some() || step.enrich.is_some()).then(|| {
            next += 1;
            checked.input(node, next - 1)
        });
        op = op.and_then(|op| steps::step(&mut checked.flow, op, step, other.flatten(), &at));
    }
    vec![op]
}

/// A query over the inputs that it names.
fn query_op(checked: &mut Checked, node: &Node, declared: &Transform, query: &str) -> Option<OpId> {
    let mut inputs = BTreeMap::new();
    for (index, input) in node.inputs.iter().enumerate() {
        inputs.insert(input.name.clone(), checked.input(node, index)?);
    }
    let keep = declared.keep.as_ref().map(keep_of);
    sql::bind_query(&mut checked.flow, &inputs, query, &node.anchor.at("sql"), keep)
}

/// How long state is kept.
pub(super) fn keep_of(keep: &headwater_crds::scalar::Keep) -> Keep {
    keep.ms().map_or(Keep::Forever, Keep::ForMs)
}

/// All inputs of `from` as one stream.
fn union(checked: &mut Checked, node: &Node, count: usize) -> Option<OpId> {
    let inputs: Option<Vec<OpId>> = (0..count).map(|index| checked.input(node, index)).collect();
    let inputs = inputs?;
    match inputs.as_slice() {
        [] => {
            checked.report(
                Diagnostic::error(
                    &code::NO_INPUT,
                    node.anchor.at("name"),
                    format!("the transform `{}` reads nothing", node.name),
                )
                .help("name its inputs with `from: [...]`"),
            );
            None
        }
        [one] => Some(*one),
        [first, others @ ..] => {
            let mut aligned = vec![*first];
            for (index, other) in others.iter().enumerate() {
                aligned.push(align(checked, *first, *other, &node.anchor.at("from").at(index + 1))?);
            }
            Some(flow::union(&mut checked.flow, aligned, &node.anchor.at("from")))
        }
    }
}

/// The second input with the columns of the first, by name.
fn align(checked: &mut Checked, first: OpId, other: OpId, anchor: &Anchor) -> Option<OpId> {
    let wanted = checked.flow.output(first).columns.clone();
    let mut columns = Vec::with_capacity(wanted.len());
    let mut fits = true;
    for column in &wanted {
        let Some(index) = checked.flow.output(other).index_of(&column.name) else {
            fits = false;
            report_unequal(checked, first, anchor, format!("`{}` is missing here", column.name));
            continue;
        };
        let mut typed = checked.flow.column(other, index, anchor);
        match common_type(&[column.data_type.clone(), typed.expr.data_type.clone()]) {
            Some(data_type) if data_type == column.data_type => typed.expr = cast_to(&typed.expr, &data_type),
            _ => {
                fits = false;
                let message = format!(
                    "`{}` is `{}` here and `{}` before",
                    column.name, typed.expr.data_type, column.data_type
                );
                report_unequal(checked, first, anchor, message);
            }
        }
        columns.push((column.name.clone(), typed));
    }
    let extra = checked
        .flow
        .output(other)
        .columns
        .iter()
        .find(|column| !wanted.iter().any(|w| w.name == column.name));
    if let Some(extra) = extra.map(|column| column.name.clone()) {
        fits = false;
        report_unequal(checked, first, anchor, format!("`{extra}` is only here"));
    }
    fits.then(|| {
        let same_order = columns
            .iter()
            .enumerate()
            .all(|(index, (_, typed))| typed.expr.node == crate::expr::ExprNode::Column(index));
        if same_order { other } else { flow::project(&mut checked.flow, other, columns, anchor) }
    })
}

fn report_unequal(checked: &mut Checked, first: OpId, anchor: &Anchor, message: String) {
    let before = checked.flow.facts(first).anchor.clone();
    checked.report(
        Diagnostic::error(
            &crate::code::flow::UNION_COLUMNS,
            anchor,
            format!("the inputs of a union have different columns: {message}"),
        )
        .also(before, "the first input")
        .help("give both the same columns with the steps `select`, `rename`, `set` or `cast`"),
    );
}

/// One port for each route; what no route takes is rejected where the product says so.
fn routed(checked: &mut Checked, node: &Node, routes: &[Route], input: OpId) -> Vec<Option<OpId>> {
    let at = node.anchor.at("routes");
    let last_is_rest = routes.last().is_some_and(|route| route.otherwise.is_some());
    let rests = routes.iter().filter(|route| route.otherwise.is_some()).count();
    if !last_is_rest || rests != 1 {
        checked.report(
            Diagnostic::error(&code::OTHERWISE, at.clone(), "the last route, and only it, says where all other records go")
                .help("end the list with `{ name: rest, otherwise: {} }`, or `{ name: rest, otherwise: { reject: {} } }`"),
        );
        return vec![None; node.ports.len().max(1)];
    }
    let scope = expr::scope(&checked.flow, input);
    let mut conditions: Vec<Typed> = Vec::new();
    for (index, route) in routes.iter().enumerate() {
        if let Some(when) = &route.when {
            let anchor = at.at(index).at("when");
            conditions.push(sql::bind_predicate(&scope, when, &anchor, &mut checked.flow.diagnostics));
        }
    }
    let rejects =
        routes.last().and_then(|route| route.otherwise.as_ref()).is_some_and(|rest| rest.reject.is_some());
    let input = if rejects { reject_rest(checked, input, &conditions, &at) } else { input };
    (0..node.ports.len())
        .map(|route| Some(flow::branch(&mut checked.flow, input, &conditions, route, &at.at(route))))
        .collect()
}

/// Records for which no condition is true go to the dead letters.
fn reject_rest(checked: &mut Checked, input: OpId, conditions: &[Typed], anchor: &Anchor) -> OpId {
    let taken = conditions
        .iter()
        .filter(|condition| !condition.expr.data_type.is_unknown())
        .map(|condition| expr::call("is true", std::slice::from_ref(&condition.expr)))
        .reduce(|a, b| expr::call("or", &[a, b]));
    let rules = taken.map(|predicate| Rule {
        name: "otherwise".to_owned(),
        code: run_time::NO_ROUTE_TAKEN.id.to_owned(),
        field: None,
        predicate,
        on_violation: OnViolation::DeadLetter,
    });
    flow::validate(&mut checked.flow, input, rules.into_iter().collect(), anchor)
}
