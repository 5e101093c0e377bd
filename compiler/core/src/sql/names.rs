//! Takes a query; gives the names of the streams that it reads, so that they can be found before it is bound.

use std::collections::BTreeSet;
use std::ops::Range;

use sqlparser::ast;

use super::syntax::{ParsedTree, parse_query, with_room};
use super::token::range;
use super::window_table;

/// The names behind `FROM` and `JOIN` that are no CTE, each once for each time that it is written.
///
/// A text that is no query gives none: what is wrong is said when it is bound.
pub(crate) fn referenced_names(text: &str) -> Vec<(String, Range<u32>)> {
    with_room(|| {
        let Ok(ParsedTree { tree, .. }) = parse_query(text) else { return Vec::new() };
        let mut walk = Walk::default();
        walk.query(&tree);
        walk.found
    })
}

/// Every name behind `FROM` and `JOIN`, those of CTEs included.
pub(super) fn all_names(query: &ast::Query) -> BTreeSet<String> {
    let mut walk = Walk { with_ctes: true, ..Walk::default() };
    walk.query(query);
    walk.found.into_iter().map(|(name, _)| name).collect()
}

/// A name with dots, as it is written in `from`.
pub(super) fn dotted(name: &ast::ObjectName) -> (String, Range<u32>) {
    let idents: Vec<&ast::Ident> = name.0.iter().filter_map(ast::ObjectNamePart::as_ident).collect();
    dotted_idents(&idents)
}

/// The same of the identifiers themselves.
pub(super) fn dotted_idents(idents: &[&ast::Ident]) -> (String, Range<u32>) {
    let names: Vec<&str> = idents.iter().map(|ident| ident.value.as_str()).collect();
    let start = idents.first().map_or(0, |ident| range(ident.span).start);
    let end = idents.last().map_or(start, |ident| range(ident.span).end);
    (names.join("."), start..end)
}

#[derive(Default)]
struct Walk {
    /// Whether names of CTEs are wanted too.
    with_ctes: bool,
    /// CTEs in sight.
    ctes: Vec<String>,
    found: Vec<(String, Range<u32>)>,
}

impl Walk {
    fn query(&mut self, query: &ast::Query) {
        let before = self.ctes.len();
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.query(&cte.query);
            self.ctes.push(cte.alias.name.value.clone());
        }
        self.body(&query.body);
        self.ctes.truncate(before);
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "other bodies read nothing by name")]
    fn body(&mut self, mut body: &ast::SetExpr) {
        // Set operations lean to the left, however many there are.
        let mut rights = Vec::new();
        while let ast::SetExpr::SetOperation { left, right, .. } = body {
            rights.push(&**right);
            body = left;
        }
        for body in std::iter::once(body).chain(rights.into_iter().rev()) {
            match body {
                ast::SetExpr::Select(select) => select.from.iter().for_each(|from| self.tables(from)),
                ast::SetExpr::Query(query) => self.query(query),
                ast::SetExpr::SetOperation { .. } => self.body(body),
                _ => {}
            }
        }
    }

    fn tables(&mut self, from: &ast::TableWithJoins) {
        self.factor(&from.relation);
        from.joins.iter().for_each(|join| self.factor(&join.relation));
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "other factors read nothing by name, or are refused")]
    fn factor(&mut self, factor: &ast::TableFactor) {
        if let Some(window) = window_table::input(factor) {
            if let Some((name, place)) = window {
                self.name(name, place);
            }
            return;
        }
        match factor {
            ast::TableFactor::Table { name, args: None, .. } => {
                let (name, place) = dotted(name);
                self.name(name, place);
            }
            ast::TableFactor::Derived { subquery, .. } => self.query(subquery),
            ast::TableFactor::NestedJoin { table_with_joins, .. } => self.tables(table_with_joins),
            ast::TableFactor::MatchRecognize { table, .. }
            | ast::TableFactor::Pivot { table, .. }
            | ast::TableFactor::Unpivot { table, .. } => self.factor(table),
            _ => {}
        }
    }

    fn name(&mut self, name: String, place: Range<u32>) {
        if self.with_ctes || !self.ctes.contains(&name) {
            self.found.push((name, place));
        }
    }
}
