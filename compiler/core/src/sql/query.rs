//! Takes a query and the operators that it may read; gives the operator of its result.
//!
//! Every operator is built by [`crate::flow`]; here a clause only finds the operator that it means.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use sqlparser::ast::{self, Spanned};

use super::call::Standing;
use super::expr::Binder;
use super::hint::{self, Hint};
use super::marks::Marks;
use super::names::all_names;
use super::relation::Table;
use super::scope::Scope;
use super::syntax::{ParsedTree, parse_query, with_room};
use super::token::range;
use crate::code::{expression, query as code};
use crate::data_type::DataType;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::flow::{self, Flow, Typed};
use crate::function::{cast_to, common_type};
use crate::graph::{Keep, OpId};

/// Binds a transform's query over its inputs, by the names that [`super::referenced_names`] gives.
///
/// A name without an operator is taken to have a diagnostic. None if there is no result that could be read.
pub(crate) fn bind_query(
    flow: &mut Flow,
    inputs: &BTreeMap<String, OpId>,
    text: &str,
    anchor: &Anchor,
    keep: Option<Keep>,
) -> Option<OpId> {
    with_room(|| {
        let ParsedTree { tree, marks, hints } = match parse_query(text) {
            Ok(parsed) => parsed,
            Err(problem) => {
                flow.diagnostics.push(problem.at(anchor));
                return None;
            }
        };
        let mut ctx = Ctx {
            flow,
            inputs,
            marks: &marks,
            anchor,
            keep,
            keeps: Vec::new(),
            hints,
            names_matter: true,
            ctes: Vec::new(),
        };
        let table = ctx.query(&tree);
        for (place, _) in std::mem::take(&mut ctx.hints) {
            hint::refuse(&place, anchor, &mut ctx.flow.diagnostics);
        }
        let op = ctx.whole(&table)?;
        report_untyped(ctx.flow, op, anchor);
        Some(op)
    })
}

/// Says so where a column of a result has no type that a stream can have.
pub(crate) fn report_untyped(flow: &mut Flow, op: OpId, anchor: &Anchor) {
    let mut found = Vec::new();
    for (column, null) in flow.output(op).columns.iter().zip(&flow.facts(op).nulls) {
        let place = null.as_ref().map_or(anchor, |null| &null.anchor);
        #[expect(clippy::wildcard_enum_match_arm, reason = "all other types are those of columns")]
        let (message, help) = match column.data_type {
            DataType::Null => (
                format!("the column `{}` is always null and has no type", column.name),
                "say which: `CAST(NULL AS string)`",
            ),
            DataType::Interval => (
                format!("the column `{}` is an interval, which no record holds", column.name),
                "add it to a time, or write a number of seconds",
            ),
            _ => continue,
        };
        found.push(Diagnostic::error(&expression::UNTYPED_COLUMN, place, message).help(help));
    }
    flow.diagnostics.append(&mut found);
}

/// What all parts of a query share while it is bound.
pub(super) struct Ctx<'a> {
    pub(super) flow: &'a mut Flow,
    /// The operators that may be read, by name.
    pub(super) inputs: &'a BTreeMap<String, OpId>,
    pub(super) marks: &'a Marks,
    pub(super) anchor: &'a Anchor,
    /// How long state is kept where no hint says otherwise.
    pub(super) keep: Option<Keep>,
    /// Hints that no `SELECT` has taken yet.
    hints: Vec<(Range<u32>, String)>,
    /// How long state over an input is kept, as the hint of the present `SELECT` says.
    pub(super) keeps: Vec<(String, Keep)>,
    /// Whether the next `SELECT` must name its columns: those of later branches of a union go by position.
    pub(super) names_matter: bool,
    /// CTEs in sight, inner ones last.
    pub(super) ctes: Vec<(String, Table, Vec<String>)>,
}

impl<'a> Ctx<'a> {
    pub(super) fn report(&mut self, place: Range<u32>, make: impl FnOnce(Anchor) -> Diagnostic) {
        let diagnostic = make(self.anchor.bytes(place));
        self.flow.diagnostics.push(diagnostic);
    }

    /// A binder of expressions over a scope.
    pub(super) fn binder<'b>(&'b mut self, scope: &'b Scope, standing: Standing) -> Binder<'b>
    where
        'a: 'b,
    {
        Binder::new(scope, self.marks, self.anchor, &mut self.flow.diagnostics, standing)
    }

    /// Binds an expression over one record.
    pub(super) fn record(&mut self, scope: &Scope, tree: &ast::Expr, place: &'static str) -> Typed {
        let mut binder = self.binder(scope, Standing::record(place));
        let value = binder.bind(tree);
        binder.finish(value)
    }

    /// The hint behind a `SELECT`.
    pub(super) fn hint(&mut self, select: &ast::Select) -> Hint {
        let word = range(select.select_token.0.span);
        let next = self.marks.token_at(word.end).start;
        let found = self.hints.iter().position(|(place, _)| place.start >= word.end && place.end <= next);
        match found {
            Some(index) => {
                let (place, text) = self.hints.remove(index);
                hint::read(&text, &place, self.anchor, &mut self.flow.diagnostics)
            }
            None => Hint::default(),
        }
    }

    /// A query with its CTEs.
    pub(super) fn query(&mut self, query: &ast::Query) -> Table {
        self.refuse_tail(query);
        let before = self.ctes.len();
        if let Some(with) = &query.with {
            self.ctes(with, &all_names(query));
        }
        let table = self.body(&query.body);
        self.ctes.truncate(before);
        table
    }

    fn ctes(&mut self, with: &ast::With, read: &BTreeSet<String>) {
        if with.recursive {
            self.report(range(with.with_token.0.span), |at| {
                Diagnostic::error(&code::CTE, at, "a recursive query has no bound")
                    .help("write the steps out, one CTE each")
            });
        }
        let mut names: BTreeSet<&str> = BTreeSet::new();
        for cte in &with.cte_tables {
            let name = cte.alias.name.value.clone();
            let place = range(cte.alias.name.span);
            if !names.insert(&cte.alias.name.value) {
                self.report(place.clone(), |at| {
                    Diagnostic::error(&code::CTE, at, format!("two CTEs are called `{name}`"))
                        .help("give one of them another name")
                });
            }
            let ops = self.flow.ops.len();
            let table = self.query(&cte.query);
            let columns = cte.alias.columns.iter().map(|column| column.name.value.clone()).collect();
            if !read.contains(&name) {
                // Nothing was built over it, so its operators are the last ones.
                self.flow.ops.truncate(ops);
                self.flow.facts.truncate(ops);
                self.report(place, |at| {
                    Diagnostic::warning(&code::UNUSED_CTE, at, format!("nothing reads the CTE `{name}`"))
                        .help("leave it out")
                });
            }
            self.ctes.push((name, table, columns));
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "other bodies are refused as one")]
    fn body(&mut self, body: &ast::SetExpr) -> Table {
        match body {
            ast::SetExpr::Select(select) => self.select(select),
            ast::SetExpr::Query(query) => self.query(query),
            ast::SetExpr::SetOperation { .. } => self.union(body),
            ast::SetExpr::Values(_) => {
                self.report(range(body.span()), |at| {
                    Diagnostic::error(&code::CLAUSE, at, "`VALUES` is no stream")
                        .help("declare a source, such as `files` with a small CSV file")
                });
                Table::Unknown
            }
            other => {
                let place = range(other.span());
                let place = if place.is_empty() { self.marks.whole() } else { place };
                self.report(place, |at| {
                    Diagnostic::error(&code::NOT_A_QUERY, at, "this is no query")
                        .help("write `SELECT ... FROM ...`")
                });
                Table::Unknown
            }
        }
    }

    /// `a UNION ALL b UNION ALL c`.
    fn union(&mut self, body: &ast::SetExpr) -> Table {
        let mut rights = Vec::new();
        let mut head = body;
        while let ast::SetExpr::SetOperation { op, set_quantifier, left, right } = head {
            if *op != ast::SetOperator::Union || *set_quantifier != ast::SetQuantifier::All {
                return self.refuse_set(body, *op, *set_quantifier);
            }
            rights.push(&**right);
            head = left;
        }
        let mut branches = Vec::with_capacity(rights.len() + 1);
        for (index, branch) in std::iter::once(head).chain(rights.into_iter().rev()).enumerate() {
            self.names_matter = index == 0;
            let table = self.body(branch);
            self.names_matter = true;
            branches.push((self.whole(&table), range(branch.span())));
        }
        let known: Option<Vec<OpId>> = branches.iter().map(|(op, _)| *op).collect();
        let Some(ops) = known else { return Table::Unknown };
        let Some(ops) = self.align(&ops, &branches) else { return Table::Unknown };
        let anchor = self.anchor.bytes(range(body.span()));
        Table::Op(flow::union(self.flow, ops, &anchor))
    }

    /// The branches of a union with equal names and types.
    fn align(&mut self, ops: &[OpId], branches: &[(Option<OpId>, Range<u32>)]) -> Option<Vec<OpId>> {
        let names: Vec<String> =
            self.flow.output(ops[0]).columns.iter().map(|column| column.name.clone()).collect();
        let mut types = Vec::with_capacity(names.len());
        for (op, (_, place)) in ops.iter().zip(branches).skip(1) {
            let count = self.flow.output(*op).columns.len();
            if count != names.len() {
                let message = format!("the branches of `UNION ALL` have {} and {count} columns", names.len());
                self.report(place.clone(), |at| {
                    Diagnostic::error(&code::UNION_COLUMNS, at, message).help(
                        "select the same columns in each, in the same order; `NULL AS name` fills a gap",
                    )
                });
                return None;
            }
        }
        for (index, name) in names.iter().enumerate() {
            let all: Vec<_> =
                ops.iter().map(|op| self.flow.output(*op).columns[index].data_type.clone()).collect();
            let Some(common) = common_type(&all) else {
                let odd = (1..all.len()).find(|&odd| common_type(&all[..=odd]).is_none()).unwrap_or(0);
                let message = format!(
                    "column {} of `UNION ALL` is `{}` in one branch and `{}` in another",
                    index + 1,
                    all[0],
                    all[odd]
                );
                self.report(branches[odd].1.clone(), |at| {
                    Diagnostic::error(&code::UNION_COLUMNS, at, message)
                        .help(format!("columns go together by position, and the first branch calls this one `{name}`; cast one of them, or change their order"))
                });
                return None;
            };
            types.push(common);
        }
        let aligned = ops.iter().zip(branches).map(|(&op, (_, place))| {
            let output = self.flow.output(op);
            let same =
                output.columns.iter().zip(names.iter().zip(&types)).all(|(column, (name, data_type))| {
                    column.name == *name && column.data_type == *data_type
                });
            if same {
                return op;
            }
            let anchor = self.anchor.bytes(place.clone());
            let columns = (0..names.len()).map(|index| {
                let typed = self.flow.column(op, index, &anchor);
                (names[index].clone(), Typed { expr: cast_to(&typed.expr, &types[index]), ..typed })
            });
            let columns = columns.collect();
            flow::project(self.flow, op, columns, &anchor)
        });
        Some(aligned.collect())
    }
}
