//! The conditions of a contract as rules that records must not break.

use crate::catalog::{Contract, Field};
use crate::code::run_time;
use crate::data_type::{DataType, Member};
use crate::diagnostic::Diagnostic;
use crate::expr::{Expr, ExprNode};
use crate::flow::{self, Flow};
use crate::graph::{OnViolation, OpId, Rule};
use crate::sql::{self, Scope, ScopeColumn};

/// Lists, conditions and rules of a contract over an operator that has its fields.
pub(super) fn rules(flow: &mut Flow, op: OpId, contract: &Contract) -> Vec<Rule> {
    let mut rules = Vec::new();
    let record = Level { scope: super::expr::scope(flow, op), around: Vec::new() };
    for field in &contract.fields {
        let Some(index) = flow.output(op).index_of(&field.name) else { continue };
        let column = flow.column(op, index, &field.anchor).expr;
        field_rules(flow, &record, contract, field, column, &mut rules);
    }
    for (anchor, rule) in &contract.rules {
        let predicate = sql::bind_predicate(&record.scope, &rule.check, anchor, &mut flow.diagnostics);
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

/// What a condition may name: columns of the record, or of what is inside of a list or a map.
struct Level {
    /// The columns.
    scope: Scope,
    /// The lists and maps around, outermost first, each over the columns of what is around it.
    around: Vec<Expr>,
}

impl Level {
    /// The columns of an element of this list or map: those that `unnest` would give.
    fn inside(&self, list: &Expr) -> Option<Level> {
        let columns = flow::element_columns(&list.data_type)?;
        let scope = Scope {
            columns: columns
                .into_iter()
                .enumerate()
                .map(|(index, column)| ScopeColumn { qualifier: None, column, index, null: None })
                .collect(),
            open: false,
        };
        let around = self.around.iter().chain([list]).cloned().collect();
        Some(Level { scope, around })
    }

    /// A condition of this level as one of the record: it holds of everything inside.
    fn of_record(&self, condition: Expr) -> Expr {
        if condition.node == ExprNode::Poison {
            return condition;
        }
        self.around.iter().rev().fold(condition, |condition, list| Expr {
            nullable: list.nullable || condition.nullable,
            data_type: DataType::Bool,
            node: ExprNode::Every { input: Box::new(list.clone()), condition: Box::new(condition) },
        })
    }
}

/// What a field and the fields inside it state.
fn field_rules(
    flow: &mut Flow,
    level: &Level,
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
        predicate: level.of_record(predicate),
        on_violation: contract.on_violation,
    };
    if !declared.values.is_empty() && !field.data_type.is_unknown() {
        rules.extend(
            listed(flow, field, value.clone())
                .map(|predicate| rule("enum", run_time::VALUE_NOT_LISTED.id, predicate)),
        );
    }
    if let Some(check) = &declared.check {
        let at = field.anchor.at("check");
        let predicate = sql::bind_predicate(&level.scope, check, &at, &mut flow.diagnostics);
        rules.push(rule("check", run_time::CHECK_FAILED.id, predicate.expr));
    }
    if field.inner.is_empty() {
        return;
    }
    if let DataType::Struct(members) = &field.data_type {
        member_rules(flow, level, contract, (field, members, &value), rules);
    } else if let Some(inside) = level.inside(&value) {
        for element in &field.inner {
            element_rules(flow, &inside, contract, element, rules);
        }
    }
}

/// What the members of a struct state.
fn member_rules(
    flow: &mut Flow,
    level: &Level,
    contract: &Contract,
    (field, members, value): (&Field, &[Member], &Expr),
    rules: &mut Vec<Rule>,
) {
    for inner in &field.inner {
        let Some(index) = members.iter().position(|member| member.name == inner.name) else { continue };
        let member = Expr {
            data_type: inner.data_type.clone(),
            nullable: value.nullable || inner.nullable,
            node: ExprNode::Member { input: Box::new(value.clone()), index },
        };
        field_rules(flow, level, contract, inner, member, rules);
    }
}

/// What the element of a list or the value of a map states: a struct in a list has its members as columns.
fn element_rules(
    flow: &mut Flow,
    inside: &Level,
    contract: &Contract,
    element: &Field,
    rules: &mut Vec<Rule>,
) {
    let column = |index: usize| {
        let column = &inside.scope.columns[index].column;
        Expr::column(index, column.data_type.clone(), column.nullable)
    };
    let is_unfolded = element.name == "[]" && matches!(element.data_type, DataType::Struct(_));
    if !is_unfolded {
        // A map's value stands behind its key.
        let value = column(inside.scope.columns.len() - 1);
        return field_rules(flow, inside, contract, element, value, rules);
    }
    if let Some(check) = &element.declared.check {
        let at = element.anchor.at("check");
        let predicate = sql::bind_predicate(&inside.scope, check, &at, &mut flow.diagnostics);
        rules.push(Rule {
            name: "check".to_owned(),
            code: run_time::CHECK_FAILED.id.to_owned(),
            field: Some(element.declared.name.to_string()),
            predicate: inside.of_record(predicate.expr),
            on_violation: contract.on_violation,
        });
    }
    for inner in &element.inner {
        let named = |found: &ScopeColumn| found.column.name == inner.name;
        if let Some(index) = inside.scope.columns.iter().position(named) {
            field_rules(flow, inside, contract, inner, column(index), rules);
        }
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
