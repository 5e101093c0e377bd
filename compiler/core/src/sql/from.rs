//! What stands behind `FROM`: inputs, CTEs, queries, window functions, `UNNEST`.

use std::ops::Range;
use std::rc::Rc;

use sqlparser::ast::{self, Spanned};

use super::names::dotted;
use super::query::Ctx;
use super::relation::{Ranked, Relation, Table};
use super::rewrite::column_of;
use super::scope::{Scope, ScopeColumn};
use super::token::range;
use super::window_table::last_part;
use crate::code::query as code;
use crate::diagnostic::Diagnostic;
use crate::flow::{self, Unnesting};
use crate::graph::{Keep, OpId};

impl Ctx<'_> {
    /// All of `FROM`.
    pub(super) fn from(&mut self, select: &ast::Select) -> Relation {
        let Some((first, others)) = select.from.split_first() else {
            self.report(range(select.select_token.0.span), |at| {
                Diagnostic::error(&code::NO_FROM, at, "this `SELECT` reads nothing")
                    .help("name what it reads: `FROM` and a source, a transform or a CTE")
            });
            return Relation::unknown();
        };
        let mut relation = self.tables(first);
        for other in others {
            relation = match unnest_call(&other.relation) {
                Some(_) => {
                    let relation = self.unnest(relation, &other.relation, false);
                    other.joins.iter().fold(relation, |relation, join| self.join(relation, join))
                }
                None => self.comma(relation, other),
            };
        }
        relation
    }

    /// `FROM a, b` pairs everything with everything.
    fn comma(&mut self, relation: Relation, other: &ast::TableWithJoins) -> Relation {
        let right = self.tables(other);
        if right.op.is_some() {
            self.report(range(other.relation.span()), |at| {
                Diagnostic::error(
                    &code::JOIN_CONDITION,
                    at,
                    "a comma between inputs pairs every row with every row",
                )
                .help("write `JOIN ... ON` with the columns that must be equal")
            });
        }
        let scope = relation.scope.join(right.scope, 0);
        Relation { op: None, scope: Scope { open: true, ..scope }, ..Relation::unknown() }
    }

    /// One factor and what is joined to it.
    pub(super) fn tables(&mut self, from: &ast::TableWithJoins) -> Relation {
        let first = self.factor(&from.relation);
        if let Some(version) = as_of(&from.relation) {
            let anchor = self.record(&Scope::unknown(), version, "here").anchor;
            self.flow.diagnostics.push(
                Diagnostic::error(
                    &code::TEMPORAL,
                    anchor,
                    "`FOR SYSTEM_TIME AS OF` stands behind `JOIN` only",
                )
                .help("read the stream itself here; as of a time means as of the row that it is joined to"),
            );
        }
        from.joins.iter().fold(first, |relation, join| self.join(relation, join))
    }

    /// One input with its alias.
    #[expect(clippy::wildcard_enum_match_arm, reason = "factors of other databases are refused as one")]
    pub(super) fn factor(&mut self, factor: &ast::TableFactor) -> Relation {
        let alias = alias_of(factor);
        let name = alias.map(|alias| alias.name.value.as_str());
        if let Some(relation) = self.window_table(factor, name) {
            return self.renamed(relation, alias);
        }
        if unnest_call(factor).is_some() {
            let place = self.marks.closed(range(factor.span()));
            self.report(place, |at| {
                Diagnostic::error(
                    &code::NOT_UNNESTABLE,
                    at,
                    "`UNNEST` needs the input whose list it unfolds before it",
                )
                .help("write `FROM orders CROSS JOIN UNNEST(orders.items) AS i (sku, count)`")
            });
            return Relation::unknown();
        }
        let relation = match factor {
            ast::TableFactor::Table { name: table, args: None, .. } => {
                self.refuse_parts(factor);
                let (table, place) = dotted(table);
                let qualifier = name.map_or_else(|| last_part(&table), str::to_owned);
                self.named(&table, &place, &qualifier)
            }
            ast::TableFactor::Derived { lateral: false, subquery, sample: None, .. } => {
                let table = self.query(subquery);
                self.relation(&table, name)
            }
            ast::TableFactor::NestedJoin { table_with_joins, alias: None } => self.tables(table_with_joins),
            _ => return self.refuse_factor(factor),
        };
        self.renamed(relation, alias)
    }

    /// An input or CTE by name.
    pub(super) fn named(&mut self, name: &str, place: &Range<u32>, qualifier: &str) -> Relation {
        let cte = self.ctes.iter().rev().find(|(cte, ..)| cte == name);
        if let Some((_, table, columns)) = cte.cloned() {
            let relation = self.relation(&table, Some(qualifier));
            return self.columns_named(relation, &columns, place.clone());
        }
        match self.inputs.get(name) {
            Some(op) => Relation {
                keep: self.keep_of(Some(qualifier)),
                ..Relation::of(self.flow, *op, Some(qualifier))
            },
            None => Relation::unknown(),
        }
    }

    /// How long state over an input is kept: as a hint says of it, or the transform of all.
    fn keep_of(&self, qualifier: Option<&str>) -> Option<Keep> {
        let hinted = self.keeps.iter().find(|(name, _)| Some(name.as_str()) == qualifier);
        hinted.map(|(_, keep)| *keep).or(self.keep)
    }

    /// A result as an input.
    fn relation(&mut self, table: &Table, qualifier: Option<&str>) -> Relation {
        match table {
            Table::Unknown => Relation::unknown(),
            Table::Op(op) => {
                Relation { keep: self.keep_of(qualifier), ..Relation::of(self.flow, *op, qualifier) }
            }
            Table::Ranked(ranked) => {
                let scope = ranked_scope(ranked, qualifier);
                Relation {
                    scope,
                    ranked: Some(Rc::clone(ranked)),
                    keep: self.keep_of(qualifier),
                    ..Relation::unknown()
                }
            }
        }
    }

    /// `AS t (a, b)` gives columns other names.
    fn renamed(&mut self, relation: Relation, alias: Option<&ast::TableAlias>) -> Relation {
        let Some(alias) = alias else { return relation };
        let columns: Vec<String> = alias.columns.iter().map(|column| column.name.value.clone()).collect();
        self.columns_named(relation, &columns, range(alias.name.span))
    }

    fn columns_named(&mut self, mut relation: Relation, columns: &[String], place: Range<u32>) -> Relation {
        if columns.is_empty() || relation.scope.open {
            return relation;
        }
        if columns.len() != relation.scope.columns.len() {
            self.wrong_names(columns.len(), relation.scope.columns.len(), place);
            relation.scope.open = true;
            return relation;
        }
        for (column, name) in relation.scope.columns.iter_mut().zip(columns) {
            column.column.name.clone_from(name);
        }
        relation
    }

    fn wrong_names(&mut self, given: usize, wanted: usize, place: Range<u32>) {
        let message = format!("{given} names are given to {wanted} columns");
        self.report(place, |at| {
            Diagnostic::error(&code::ALIAS_COLUMNS, at, message).help("name all of the columns, or none")
        });
    }

    /// `CROSS JOIN UNNEST(o.items) AS i (sku, count)`.
    pub(super) fn unnest(
        &mut self,
        relation: Relation,
        factor: &ast::TableFactor,
        keep_empty: bool,
    ) -> Relation {
        let Some((list, ordinality)) = unnest_call(factor) else { return relation };
        let mut relation = self.settled(relation);
        let place = range(list.span());
        let typed = self.record(&relation.scope, list, "in `UNNEST`");
        let (Some(op), false) = (relation.op, typed.expr.data_type.is_unknown()) else {
            relation.scope.open = true;
            return Relation { op: None, ..relation };
        };
        let Some(elements) = flow::element_columns(&typed.expr.data_type) else {
            let message = format!("`UNNEST` takes a list or a map, and this is `{}`", typed.expr.data_type);
            self.report(place, |at| {
                Diagnostic::error(&code::NOT_UNNESTABLE, at, message)
                    .help("take the members of a struct with a dot: `address.city`")
            });
            relation.scope.open = true;
            return Relation { op: None, ..relation };
        };
        let alias = alias_of(factor);
        let wanted = elements.len() + usize::from(ordinality);
        let mut names: Vec<String> = elements.into_iter().map(|column| column.name).collect();
        names.extend(ordinality.then(|| "ordinality".to_owned()));
        if let Some(alias) = alias.filter(|alias| !alias.columns.is_empty()) {
            if alias.columns.len() == wanted {
                names = alias.columns.iter().map(|column| column.name.value.clone()).collect();
            } else {
                self.wrong_names(alias.columns.len(), wanted, range(alias.name.span));
            }
        }
        let anchor = self.anchor.bytes(self.marks.around(place));
        let (op, column) = match column_of(&typed.expr) {
            Some(index) => (op, index),
            None => {
                let index = self.flow.output(op).columns.len();
                (flow::extend(self.flow, op, vec![("_list".to_owned(), typed)], &anchor), index)
            }
        };
        let position = if ordinality { names.pop() } else { None };
        let what = Unnesting { column, names, ordinality: position, keep_empty };
        let before = self.flow.output(op).columns.len();
        let op = flow::unnest(self.flow, op, what, &anchor);
        relation.put(self.flow, op);
        let qualifier = alias.map(|alias| alias.name.value.clone());
        let added = Scope::of(self.flow, op, qualifier.as_deref()).columns.into_iter().skip(before);
        relation.scope.columns.extend(added);
        relation
    }

    /// Parts of a plain input that the subset leaves out.
    fn refuse_parts(&mut self, factor: &ast::TableFactor) {
        let ast::TableFactor::Table {
            version,
            sample,
            with_hints,
            partitions,
            with_ordinality,
            json_path,
            index_hints,
            ..
        } = factor
        else {
            return;
        };
        if let Some(version) = version
            && !matches!(version, ast::TableVersion::ForSystemTimeAsOf(_))
        {
            self.report(range(factor.span()), |at| {
                Diagnostic::error(
                    &code::TEMPORAL,
                    at,
                    "only `FOR SYSTEM_TIME AS OF` asks for a row as it was",
                )
                .help("write `JOIN rates FOR SYSTEM_TIME AS OF o.ordered_at AS r ON ...`")
            });
        }
        let others = sample.is_some()
            || !with_hints.is_empty()
            || !partitions.is_empty()
            || *with_ordinality
            || json_path.is_some()
            || !index_hints.is_empty();
        if others {
            self.report(range(factor.span()), |at| {
                Diagnostic::error(&code::CLAUSE, at, "what follows the name of this input is not supported")
                    .help("name the input alone, with an alias: `orders AS o`")
            });
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "factors of other databases are refused as one")]
    fn refuse_factor(&mut self, factor: &ast::TableFactor) -> Relation {
        let (code, message, help) = match factor {
            ast::TableFactor::Derived { lateral: true, .. }
            | ast::TableFactor::Function { lateral: true, .. } => (
                &code::LATERAL,
                "`LATERAL` is not supported",
                "join by a key, look up a row with `FOR SYSTEM_TIME AS OF`, or unfold a list with `CROSS JOIN UNNEST(...)`",
            ),
            ast::TableFactor::MatchRecognize { .. } => (
                &code::MATCH_RECOGNIZE,
                "`MATCH_RECOGNIZE` is not built yet",
                "compare each record with the one before: `LAG(status) OVER (PARTITION BY k ORDER BY t)`",
            ),
            ast::TableFactor::Pivot { .. } | ast::TableFactor::Unpivot { .. } => (
                &code::CLAUSE,
                "`PIVOT` and `UNPIVOT` are not supported",
                "write one aggregate for each column: `SUM(amount) FILTER (WHERE status = 'paid') AS paid`",
            ),
            ast::TableFactor::NestedJoin { .. } => (
                &code::CLAUSE,
                "a join in brackets has no name of its own",
                "leave the name out, or write a query: `(SELECT ... FROM a JOIN b ON ...) AS t`",
            ),
            ast::TableFactor::Derived { .. } => {
                (&code::CLAUSE, "samples of a stream are not taken", "filter by a value of the record")
            }
            _ => (
                &code::CLAUSE,
                "there is no such function over tables",
                "the functions are `TUMBLE`, `HOP`, `CUMULATE`, `SESSION` and `UNNEST`",
            ),
        };
        let place = self.marks.closed(range(factor.span()));
        self.report(place, |at| Diagnostic::error(code, at, message).help(help));
        Relation::unknown()
    }

    /// The operator of a result, its rows numbered as written where nothing bounded the number.
    pub(super) fn whole(&mut self, table: &Table) -> Option<OpId> {
        match table {
            Table::Op(op) => Some(*op),
            Table::Unknown => None,
            Table::Ranked(ranked) => Some(self.numbered(ranked)),
        }
    }

    /// The relation with an operator, even if that must number all rows.
    pub(super) fn settled(&mut self, mut relation: Relation) -> Relation {
        if let Some(ranked) = relation.ranked.take() {
            let op = self.numbered(&ranked);
            relation.put(self.flow, op);
        }
        relation
    }
}

fn ranked_scope(ranked: &Ranked, qualifier: Option<&str>) -> Scope {
    let columns = ranked.columns.iter().enumerate().map(|(index, (name, typed))| ScopeColumn {
        qualifier: qualifier.map(str::to_owned),
        column: crate::stream::Column {
            name: name.clone(),
            data_type: typed.expr.data_type.clone(),
            nullable: typed.expr.nullable,
        },
        index,
        null: typed.null.clone(),
    });
    Scope { columns: columns.collect(), open: false }
}

/// The list that a factor unnests, and whether its positions are asked for.
pub(super) fn unnest_call(factor: &ast::TableFactor) -> Option<(&ast::Expr, bool)> {
    if let ast::TableFactor::UNNEST { array_exprs, with_ordinality, .. } = factor {
        return array_exprs.first().map(|list| (list, *with_ordinality));
    }
    let ast::TableFactor::Table { name, args: Some(args), with_ordinality, .. } = factor else { return None };
    if !name.to_string().eq_ignore_ascii_case("unnest") {
        return None;
    }
    match args.args.as_slice() {
        [ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(list))] => Some((list, *with_ordinality)),
        _ => None,
    }
}

/// The time behind `FOR SYSTEM_TIME AS OF`.
pub(super) fn as_of(factor: &ast::TableFactor) -> Option<&ast::Expr> {
    let ast::TableFactor::Table { version: Some(ast::TableVersion::ForSystemTimeAsOf(time)), .. } = factor
    else {
        return None;
    };
    Some(time)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "other factors are refused")]
fn alias_of(factor: &ast::TableFactor) -> Option<&ast::TableAlias> {
    match factor {
        ast::TableFactor::Table { alias, .. }
        | ast::TableFactor::Derived { alias, .. }
        | ast::TableFactor::TableFunction { alias, .. }
        | ast::TableFactor::UNNEST { alias, .. }
        | ast::TableFactor::NestedJoin { alias, .. } => alias.as_ref(),
        _ => None,
    }
}
