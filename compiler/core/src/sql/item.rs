//! The columns behind `SELECT`: stars spelled out, and the name of each.

use std::ops::Range;

use sqlparser::ast::{self, Spanned};

use super::expr::Binder;
use super::query::Ctx;
use super::scope::{Scope, suggest};
use super::token::range;
use super::value::{Cause, Value};
use crate::code::{expression, query as code};
use crate::diagnostic::Diagnostic;
use crate::expr::Expr;

/// Most columns of one stream: far more than a table has, and few enough to compare each with each.
pub(super) const COLUMNS_MAX: usize = 10_000;

/// One column that a `SELECT` gives.
pub(super) enum Item<'a> {
    /// The column at this place of the scope, from a star.
    Star(usize, Range<u32>),
    /// An expression under a name.
    Tree(&'a ast::Expr, String),
}

impl Ctx<'_> {
    /// The columns of a `SELECT`; none if they can't be told.
    pub(super) fn items<'s>(
        &mut self,
        select: &'s ast::Select,
        scope: &Scope,
        must_name: bool,
    ) -> Option<Vec<Item<'s>>> {
        let mut items = Vec::with_capacity(select.projection.len());
        let mut is_known = true;
        for item in &select.projection {
            match item {
                ast::SelectItem::ExprWithAlias { expr, alias } => {
                    items.push(Item::Tree(expr, alias.value.clone()))
                }
                ast::SelectItem::UnnamedExpr(expr) => {
                    let name = self.name_of(expr, items.len(), must_name);
                    items.push(Item::Tree(expr, name));
                }
                ast::SelectItem::Wildcard(options) => {
                    self.refuse_options(options, range(item.span()));
                    let place = range(options.wildcard_token.0.span);
                    items.extend((0..scope.columns.len()).map(|column| Item::Star(column, place.clone())));
                    is_known &= !scope.open;
                }
                ast::SelectItem::QualifiedWildcard(kind, options) => {
                    self.refuse_options(options, range(item.span()));
                    is_known &= self.star_of(kind, scope, range(item.span()), &mut items);
                }
            }
        }
        if items.len() > COLUMNS_MAX {
            self.too_wide(range(select.select_token.0.span));
            return None;
        }
        if is_known { Some(items) } else { None }
    }

    /// Says that something has more columns than are kept track of.
    pub(super) fn too_wide(&mut self, place: Range<u32>) {
        self.report(place, |at| {
            Diagnostic::error(&code::TOO_LARGE, at, format!("this gives more than {COLUMNS_MAX} columns"))
                .help("name the columns that are needed")
        });
    }

    /// `o.*`
    fn star_of(
        &mut self,
        kind: &ast::SelectItemQualifiedWildcardKind,
        scope: &Scope,
        place: Range<u32>,
        items: &mut Vec<Item<'_>>,
    ) -> bool {
        let name = match kind {
            ast::SelectItemQualifiedWildcardKind::ObjectName(name) => name.to_string().replace('`', ""),
            ast::SelectItemQualifiedWildcardKind::Expr(expr) => {
                let place = range(expr.span());
                self.report(place, |at| {
                    Diagnostic::error(&code::CLAUSE, at, "a star stands behind the name of an input only")
                        .help("name the members of a struct one by one: `address.city`")
                });
                return false;
            }
        };
        if scope.has_qualifier(&name) {
            let columns = scope.columns.iter().enumerate();
            let own = columns.filter(|(_, column)| column.qualifier.as_deref() == Some(&name));
            items.extend(own.map(|(column, _)| Item::Star(column, place.clone())));
        } else if !scope.open {
            let names: Vec<String> = scope.qualifiers().into_iter().map(str::to_owned).collect();
            let (meant, list) = suggest(&name, &names);
            self.report(place, |at| {
                let mut diagnostic =
                    Diagnostic::error(&expression::UNKNOWN_COLUMN, at, format!("there is no input `{name}`"));
                if let Some(list) = list {
                    diagnostic = diagnostic.note(format!("the inputs are {list}"));
                }
                match meant {
                    Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
                    None => diagnostic,
                }
            });
            return false;
        }
        !scope.open
    }

    fn refuse_options(&mut self, options: &ast::WildcardAdditionalOptions, place: Range<u32>) {
        let has_any = options.opt_ilike.is_some()
            || options.opt_exclude.is_some()
            || options.opt_except.is_some()
            || options.opt_replace.is_some()
            || options.opt_rename.is_some();
        if has_any {
            let place = self.marks.closed(place);
            self.report(place, |at| {
                Diagnostic::error(&code::CLAUSE, at, "a star with exceptions is not supported")
                    .help("name the columns, or use the steps `drop` and `rename`")
            });
        }
    }

    /// The name of a column without `AS`: that of the column or member that it is.
    fn name_of(&mut self, tree: &ast::Expr, index: usize, must_name: bool) -> String {
        if let Some(name) = own_name(tree) {
            return name;
        }
        if !must_name {
            return format!("_c{index}");
        }
        let place = self.marks.closed(range(tree.span()));
        let place = if matches!(tree, ast::Expr::Function(_)) { self.marks.call(place) } else { place };
        self.report(place, |at| {
            Diagnostic::error(&code::UNNAMED_COLUMN, at, "this column has no name")
                .help("give it one: `... AS total`")
        });
        format!("_c{index}")
    }
}

fn own_name(tree: &ast::Expr) -> Option<String> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "nothing else has a name")]
    match tree {
        ast::Expr::Identifier(ident) => Some(ident.value.clone()),
        ast::Expr::CompoundIdentifier(idents) => idents.last().map(|ident| ident.value.clone()),
        ast::Expr::CompoundFieldAccess { access_chain, .. } => match access_chain.last()? {
            ast::AccessExpr::Dot(ast::Expr::Identifier(ident)) => Some(ident.value.clone()),
            ast::AccessExpr::Dot(_) | ast::AccessExpr::Subscript(_) => None,
        },
        ast::Expr::Nested(inner) => own_name(inner),
        _ => None,
    }
}

impl Binder<'_> {
    /// The column at a place of the scope.
    pub(super) fn star(&mut self, place: usize, range: Range<u32>) -> Value {
        let column = &self.scope.columns[place];
        self.reads.push((column.index, range.clone()));
        let expr = Expr::column(column.index, column.column.data_type.clone(), column.column.nullable);
        Value { expr, cause: column.column.nullable.then_some(Cause::Column(place)), range }
    }
}
