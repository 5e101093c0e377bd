//! What the subset leaves out, with the nearest thing that works.

use sqlparser::ast;

/// Message and help for an expression that is not in the subset.
#[expect(clippy::wildcard_enum_match_arm, reason = "the many forms of other databases are refused as one")]
pub(super) fn expression(tree: &ast::Expr) -> (&'static str, &'static str) {
    match tree {
        ast::Expr::InSubquery { .. } => (
            "`IN (SELECT ...)` is not supported",
            "join instead: `JOIN (SELECT DISTINCT key FROM other) AS o ON a.key = o.key`",
        ),
        ast::Expr::Exists { .. } => (
            "`EXISTS (SELECT ...)` is not supported",
            "join instead: `JOIN (SELECT DISTINCT key FROM other) AS o ON a.key = o.key`",
        ),
        ast::Expr::Subquery(_) => (
            "a query can't stand inside an expression",
            "compute it in a CTE or transform of its own and join it by a key",
        ),
        ast::Expr::AnyOp { .. } | ast::Expr::AllOp { .. } => {
            ("`ANY` and `ALL` are not supported", "use `IN (a, b)`, or `greatest` and `least`")
        }
        ast::Expr::InUnnest { .. } | ast::Expr::MemberOf(_) => {
            ("a list is not searched this way", "use `array_contains(list, element)`")
        }
        ast::Expr::SimilarTo { .. } | ast::Expr::RLike { .. } => {
            ("this way of matching a pattern is not supported", "use `regexp_like(text, pattern)`")
        }
        ast::Expr::Tuple(_) => {
            ("a list of values in brackets is no value", "compare the values one by one, joined by `AND`")
        }
        ast::Expr::Struct { .. } | ast::Expr::Dictionary(_) | ast::Expr::Map(_) | ast::Expr::Named { .. } => {
            (
                "structs and maps are not built in expressions",
                "keep the fields side by side; a sink's contract may nest them",
            )
        }
        ast::Expr::Array(_) => ("a list is written with its word", "write `ARRAY[a, b]`"),
        ast::Expr::Convert { .. } => ("`CONVERT` is not supported", "use `CAST(value AS type)`"),
        ast::Expr::Cast { .. } => ("this form of cast is not supported", "use `CAST(value AS type)`"),
        ast::Expr::JsonAccess { .. } => {
            ("JSON is not taken apart with signs", "use `json_value(text, '$.path')`")
        }
        ast::Expr::Collate { .. } => {
            ("`COLLATE` is not supported", "leave it out: text compares by code point")
        }
        ast::Expr::GroupingSets(_) | ast::Expr::Cube(_) | ast::Expr::Rollup(_) => (
            "`GROUPING SETS`, `CUBE` and `ROLLUP` are not supported",
            "write one `SELECT ... GROUP BY ...` for each set and join them with `UNION ALL`",
        ),
        ast::Expr::Lambda(_) => {
            ("functions of functions are not supported", "unnest the list and aggregate it again")
        }
        ast::Expr::ILike { .. } => (
            "`ILIKE` is not supported",
            "compare in one letter case: `lower(a) LIKE 'pattern in lower case'`",
        ),
        ast::Expr::Like { .. } => {
            ("`LIKE ANY` is not supported", "write one `LIKE` for each pattern, joined by `OR`")
        }
        ast::Expr::CompoundFieldAccess { .. } => (
            "this way of taking an element is not supported",
            "take a member as `a.b`, an element as `items[1]` or `tags['k']`",
        ),
        ast::Expr::Wildcard(_) | ast::Expr::QualifiedWildcard(..) => {
            ("`*` is no value", "name the columns; `*` alone stands only behind `SELECT` and in `count(*)`")
        }
        _ => ("this form is not supported", "the supported forms are listed in docs/sql.md"),
    }
}
