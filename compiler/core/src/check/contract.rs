//! The conditions of a contract as rules that records must not break.

use crate::catalog::{Contract, Field};
use crate::code::{not_yet, run_time};
use crate::diagnostic::{Anchor, Diagnostic};
use crate::expr::{Expr, ExprNode};
use crate::flow::Flow;
use crate::graph::{OnViolation, OpId, Rule};
use crate::sql;

/// Lists, conditions and rules of a contract over an operator that has its fields.
pub(super) fn rules(flow: &mut Flow, op: OpId, contract: &Contract) -> Vec<Rule> {
    let mut rules = Vec::new();
    for field in &contract.fields {
        let Some(index) = flow.output(op).index_of(&field.name) else { continue };
        let column = flow.column(op, index, &field.anchor).expr;
        field_rules(flow, op, contract, field, column, &mut rules);
    }
    for (index, rule) in contract.rules.iter().enumerate() {
        let anchor = Anchor::value(contract.document, format!("/spec/rules/{index}/check"));
        let scope = super::expr::scope(flow, op);
        let predicate = sql::bind_predicate(&scope, &rule.check, &anchor, &mut flow.diagnostics);
        let warns = rule.severity == Some(headwater_crds::contract::RuleSeverity::Warning);
        rules.push(Rule {
            name: rule.name.to_string(),
            code: run_time::RULE_BROKEN.id.to_owned(),
            field: None,
            predicate: predicate.expr,
            on_violation: if warns { OnViolation::Warn } else { contract.on_violation },
        });
    }
    rules.retain(|rule| rule.predicate.node != ExprNode::Poison);
    rules
}

/// What a field and the members inside it state.
fn field_rules(
    flow: &mut Flow,
    op: OpId,
    contract: &Contract,
    field: &Field,
    value: Expr,
    rules: &mut Vec<Rule>,
) {
    let declared = &field.declared;
    let rule = |name: &str, code: &str, predicate: Expr| Rule {
        name: name.to_owned(),
        code: code.to_owned(),
        field: Some(declared.name.to_string()),
        predicate,
        on_violation: contract.on_violation,
    };
    if !declared.values.is_empty() && !field.data_type.is_unknown() {
        rules.extend(
            listed(flow, field, value.clone())
                .map(|predicate| rule("enum", run_time::VALUE_NOT_LISTED.id, predicate)),
        );
    }
    if let Some(check) = &declared.check {
        let scope = super::expr::scope(flow, op);
        let predicate = sql::bind_predicate(&scope, check, &field.anchor.at("check"), &mut flow.diagnostics);
        rules.push(rule("check", run_time::CHECK_FAILED.id, predicate.expr));
    }
    for inner in &field.inner {
        let crate::data_type::DataType::Struct(members) = &field.data_type else {
            refuse_in_elements(flow, inner);
            continue;
        };
        let Some(index) = members.iter().position(|member| member.name == inner.name) else { continue };
        let member = Expr {
            data_type: inner.data_type.clone(),
            nullable: value.nullable || inner.nullable,
            node: ExprNode::Member { input: Box::new(value.clone()), index },
        };
        field_rules(flow, op, contract, inner, member, rules);
    }
}

/// One of the listed values; says so where they can't be values of the field.
fn listed(flow: &mut Flow, field: &Field, value: Expr) -> Option<Expr> {
    let mut args = vec![value];
    args.extend(field.declared.values.iter().map(|value| super::expr::text(value)));
    match super::expr::resolved("in", &args) {
        Some(resolved) => Some(resolved.into_expr()),
        None => {
            let message = format!(
                "`{}` is `{}`, and a list of values is for `string`",
                field.declared.name, field.data_type
            );
            flow.diagnostics.push(
                Diagnostic::error(&crate::code::contract::ENUM_TYPE, field.anchor.at("enum"), message)
                    .help("state the values as a condition instead, such as `check: \"size IN (1, 2, 3)\"`"),
            );
            None
        }
    }
}

/// Conditions inside of lists and maps can't be judged yet.
fn refuse_in_elements(flow: &mut Flow, inner: &Field) {
    let declared = &inner.declared;
    if !declared.values.is_empty() || declared.check.is_some() {
        let member = if declared.check.is_some() { "check" } else { "enum" };
        let message =
            format!("a condition on `{}`, inside of a list or map, is not built yet", declared.name);
        flow.diagnostics.push(
            Diagnostic::error(&not_yet::ELEMENT_CONDITION, inner.anchor.at(member), message)
                .help("unnest the list in a transform and state the condition with the step `validate`"),
        );
    }
    inner.inner.iter().for_each(|inner| refuse_in_elements(flow, inner));
}
