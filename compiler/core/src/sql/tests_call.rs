//! Calls, casts and choices; what the subset leaves out; texts that are no expression.

use super::tests_expr::{check, described, scope};
use super::{Scope, bind_expr, bind_predicate};
use crate::diagnostic::{Anchor, DocumentId};

#[test]
fn functions_are_those_of_the_table() {
    check("upper(tier)", "upper(c.tier) : string? (`tier` may be null)");
    check("UPPER(tier)", "upper(c.tier) : string? (`tier` may be null)");
    check("coalesce(tier, 'none')", "coalesce(c.tier, 'none') : string");
    check("uper(tier)", "T003 [uper] there is no function `uper`; help: did you mean `upper`?");
    check("upper()", "T005 [upper()] `upper` takes 1 argument, and got 0; help: it is written `upper(text)`");
    check(
        "upper(tier, 1)",
        "T005 [upper(tier, 1)] `upper` takes 1 argument, and got 2; help: it is written `upper(text)`",
    );
    check(
        "upper(units)",
        "T004 [upper(units)] `upper` does not take `int32`; note: it is called as upper(string); help: cast the arguments to types that it takes",
    );
    check(
        "nullif(tier, '')",
        "nullif(c.tier, '') : string? (`nullif` is null when the arguments are equal or the first is null)",
    );
    check(
        "count(*)",
        "T013 [count(*)] the aggregate `count` can't stand here: it looks at many records; help: aggregate first, with `GROUP BY` or the step `aggregate`, and use the result afterwards",
    );
    check(
        "sum(amount)",
        "T013 [sum(amount)] the aggregate `sum` can't stand here: it looks at many records; help: aggregate first, with `GROUP BY` or the step `aggregate`, and use the result afterwards",
    );
    check(
        "now()",
        "T014 [now()] `now` is not offered: its value depends on when the expression is evaluated, so the same records would give other rows; help: take event time or another field of the record",
    );
    check(
        "CURRENT_TIMESTAMP",
        "T014 [CURRENT_TIMESTAMP] `current_timestamp` is not offered: its value depends on when the expression is evaluated, so the same records would give other rows; help: take event time or another field of the record",
    );
    check(
        "row_number()",
        "T013 [row_number()] `row_number` looks at the records before the current one, and no window is stated; help: state it: `OVER (PARTITION BY ... ORDER BY <event time>)`",
    );
    check(
        "sum(amount) OVER (ORDER BY ordered_at)",
        "T013 [sum(amount)] `sum` over a window can't stand here; help: compute it in a query of its own, `SELECT ... OVER (...) AS name`, and use the name in a query around it",
    );
    check("a.b(1)", "T003 [a.b(1)] the name of a function has no dots");
    check(
        "upper(DISTINCT tier)",
        "T017 [upper(DISTINCT tier)] `upper` looks at one record, so `DISTINCT`, `FILTER` and `OVER` mean nothing for it; help: leave them out",
    );
    check(
        "upper(tier) OVER (ORDER BY x)",
        "T017 [upper(tier)] `upper` looks at one record, so `DISTINCT`, `FILTER` and `OVER` mean nothing for it; help: leave them out",
    );
    check(
        "tier LIKE upper(tier)",
        "T016 [upper(tier)] argument 2 of `like` must be a constant pattern; help: write the value itself here; it is checked when the product is compiled",
    );
}

#[test]
fn functions_written_with_words() {
    check("substring(tier FROM 2 FOR 3)", "substring(c.tier, 2, 3) : string? (a negative length gives null)");
    check("substring(tier, 2)", "substring(c.tier, 2) : string? (`tier` may be null)");
    check("trim(LEADING 'x' FROM tier)", "ltrim(c.tier, 'x') : string? (`tier` may be null)");
    check("trim(tier)", "trim(c.tier) : string? (`tier` may be null)");
    check("position('a' IN tier)", "position('a', c.tier) : int32? (`tier` may be null)");
    check("extract(HOUR FROM ordered_at)", "extract('hour', o.ordered_at) : int64");
    check("FLOOR(ordered_at TO DAY)", "floor(o.ordered_at, 'day') : timestamp");
    check("CEIL(ordered_at TO MONTH)", "ceil(o.ordered_at, 'month') : timestamp");
    check(
        "timestampdiff(HOUR, ordered_at, ordered_at)",
        "timestampdiff('hour', o.ordered_at, o.ordered_at) : int64",
    );
    check(
        "timestampdiff(parsec, ordered_at, ordered_at)",
        "T016 [parsec] argument 1 of `timestampdiff` must be one of year, quarter, month, week, day, hour, minute, second; help: write the value itself here; it is checked when the product is compiled",
    );
    check(
        "ordered_at AT TIME ZONE 'Europe/Berlin'",
        "at_time_zone(o.ordered_at, 'Europe/Berlin') : timestamp_local",
    );
    check("date_trunc('day', ordered_at)", "date_trunc('day', o.ordered_at) : timestamp");
    check(
        "TIMESTAMP_LTZ '2026-01-31 12:30:00'",
        "T009 [TIMESTAMP_LTZ '2026-01-31 12:30:00'] `2026-01-31 12:30:00` has no offset, so it is no `timestamp`: a `timestamp` is an instant; help: add the offset, such as `TIMESTAMP '2026-01-31 12:30:00Z'`",
    );
    check("CARDINALITY(items)", "cardinality(o.items) : int32");
    check(
        "overlay(tier PLACING 'x' FROM 1 FOR 2)",
        "overlay(c.tier, 'x', 1, 2) : string? (`tier` may be null)",
    );
    check("ceil(amount)", "ceil(o.amount) : decimal(12,0)");
    check("floor(amount)", "floor(o.amount) : decimal(12,0)");
    check("greatest(units, 1.5)", "greatest(cast(o.units as decimal(11,1)), 15d) : decimal(11,1)");
    check("if(paid, 1, 2)", "if(o.paid, 1, 2) : int32");
    check(
        "upper(day)",
        "T001 [day] there is no column `day`; note: the columns are `order_id`, `status`, `amount`, `units`, `ordered_at`, `local_at`, `address`, `items`, `tags`, `Order Id`, `paid`, `tier`",
    );
    check(
        "uper(amont)",
        "T001 [amont] there is no column `amont`; note: the columns are `order_id`, `status`, `amount`, `units`, `ordered_at`, `local_at`, `address`, `items`, `tags`, `Order Id`, `paid`, `tier`; help: did you mean `amount`?; fix: [amont] amount\nT003 [uper] there is no function `uper`; help: did you mean `upper`?",
    );
    check(
        "upper(amont) || tier",
        "T001 [amont] there is no column `amont`; note: the columns are `order_id`, `status`, `amount`, `units`, `ordered_at`, `local_at`, `address`, `items`, `tags`, `Order Id`, `paid`, `tier`; help: did you mean `amount`?; fix: [amont] amount",
    );
    check(
        "upper(units) || nothing",
        "T004 [upper(units)] `upper` does not take `int32`; note: it is called as upper(string); help: cast the arguments to types that it takes\nT001 [nothing] there is no column `nothing`; note: the columns are `order_id`, `status`, `amount`, `units`, `ordered_at`, `local_at`, `address`, `items`, `tags`, `Order Id`, `paid`, `tier`",
    );
}

#[test]
fn casts_and_choices() {
    check("CAST(amount AS string)", "cast(o.amount as string) : string");
    check("CAST(tier AS int)", "cast(c.tier as int32) : int32? (text that is no such value becomes null)");
    check(
        "TRY_CAST(tier AS int)",
        "cast(c.tier as int32) : int32? (text that is no such value becomes null)",
    );
    check(
        "CAST(tier AS DECIMAL(10, 2))",
        "cast(c.tier as decimal(10,2)) : decimal(10,2)? (text that is no such value becomes null)",
    );
    check(
        "CAST(tier AS decimal)",
        "T008 [decimal] a decimal does not say how many digits it has; help: write the digits in all and those after the point: `decimal(12,2)`",
    );
    check(
        "CAST(tier AS intt)",
        "T008 [intt] there is no type `intt`; help: the types are string, bool, int32, int64, float32, float64, date, time, timestamp, timestamp_local, bytes, uuid, decimal(p,s), list, map and struct",
    );
    check(
        "CAST(amount AS date)",
        "T007 [CAST(amount AS date)] `decimal(12,2)` can't be cast to `date`; help: values of the one have no meaning as the other",
    );
    check("CAST(NULL AS date)", "null : date? (`NULL` is written here)");
    check("CAST(1 AS int64)", "1 : int64");
    check(
        "CAST(tier AS TIMESTAMP(3))",
        "T008 [TIMESTAMP(3)] a `timestamp` always has microseconds; help: write `timestamp`",
    );
    check(
        "CAST(tier AS smallint)",
        "T008 [smallint] there is no type `smallint`; help: did you mean `int32`?",
    );
    check("CASE WHEN paid THEN 1 ELSE 2 END", "case when o.paid then 1 else 2 end : int32");
    check(
        "CASE WHEN paid THEN 1 END",
        "case when o.paid then 1 end : int32? (no branch is taken and there is no `ELSE`)",
    );
    check(
        "CASE tier WHEN 'a' THEN 1 WHEN 'b' THEN 2.5 ELSE 0 END",
        "case when (c.tier = 'a') then 10d when (c.tier = 'b') then 25d else 0d end : decimal(11,1)",
    );
    check(
        "CASE WHEN amount THEN 1 END",
        "T006 [amount] a condition is true or false, and this is `decimal(12,2)`; help: compare it with something, such as `amount > 0` or `email IS NOT NULL`",
    );
    check(
        "CASE WHEN paid THEN 1 ELSE 'x' END",
        "T012 ['x'] the branches of `CASE` have no common type: `int32` and `string`; [1] `int32`; help: cast one of them, such as `CAST(... AS int32)`",
    );
    check(
        "CASE units WHEN 'a' THEN 1 END",
        "T004 ['a'] `=` does not take `int32` and `string`; help: cast the text to a number, `CAST(... AS int32)`, or the number to text",
    );
    check(
        "CASE WHEN paid THEN NULL ELSE NULL END",
        "case when o.paid then null else null end : null? (`NULL` is written here)",
    );
}

#[test]
fn what_is_not_in_the_subset_says_what_works() {
    check(
        "amount IN (SELECT 1)",
        "T017 [amount IN (SELECT 1)] `IN (SELECT ...)` is not supported; help: join instead: `JOIN (SELECT DISTINCT key FROM other) AS o ON a.key = o.key`",
    );
    check(
        "EXISTS (SELECT 1)",
        "T017 [(SELECT 1)] `EXISTS (SELECT ...)` is not supported; help: join instead: `JOIN (SELECT DISTINCT key FROM other) AS o ON a.key = o.key`",
    );
    check(
        "(SELECT 1)",
        "T017 [(SELECT 1)] a query can't stand inside an expression; help: compute it in a CTE or transform of its own and join it by a key",
    );
    check(
        "(1, 2)",
        "T017 [(1, 2)] a list of values in brackets is no value; help: compare the values one by one, joined by `AND`",
    );
    check("ARRAY[1, 2]", "array(1, 2) : list<int32>");
    check(
        "ARRAY[1, 'a']",
        "T004 [[1, 'a']] `array` does not take `int32` and `string`; note: it is called as array(T, T ...); help: cast the text to a number, `CAST(... AS int32)`, or the number to text",
    );
    check("[1, 2]", "T017 [[1, 2]] a list is written with its word; help: write `ARRAY[a, b]`");
    check("tier COLLATE x", "Q001 [COLLATE] expected end, found `COLLATE`");
    check(
        "x -> x + 1",
        "T017 [x -> x + 1] `->` is no operator of this SQL; help: use `json_value(text, '$.path')`",
    );
    check(
        "items[1:2]",
        "T017 [items[1:2]] this way of taking an element is not supported; help: take a member as `a.b`, an element as `items[1]` or `tags['k']`",
    );
    check("CONVERT(tier, int)", "T017 [tier] `CONVERT` is not supported; help: use `CAST(value AS type)`");
    check(
        "tier LIKE ANY ('a')",
        "T017 [tier LIKE ANY ('a')] `LIKE ANY` is not supported; help: write one `LIKE` for each pattern, joined by `OR`",
    );
}

#[test]
fn text_that_is_no_expression() {
    check("", "Q001 [<all>] there is no expression here; help: write an expression, such as `amount > 0`");
    check("  ", "Q001 [<all>] there is no expression here; help: write an expression, such as `amount > 0`");
    check("amount >", "Q001 [>] expected an expression, and the text ends");
    check("amount > > 1", "Q001 [>] expected an expression, found `>`");
    check("(amount", "Q001 [amount] expected ), and the text ends");
    check("amount)", "Q001 [)] expected end, found `)`");
    check("amount 1", "Q001 [1] expected end, found `1`");
    check("'open", "Q001 ['] unterminated string literal");
    check("`open", "Q001 [`] expected close delimiter '`' before the text ends");
    check(
        "SELECT 1",
        "Q001 [SELECT] this is a query, and an expression stands here; help: write the query under `sql` in a transform of its own",
    );
    check("amount; 1", "Q001 [;] expected end, found `;`");
    check(
        "-- nothing",
        "Q001 [<all>] there is no expression here; help: write an expression, such as `amount > 0`",
    );
    check("tier = 'é' AND (", "Q001 [(] expected an expression, and the text ends");
    check(
        "é = 1",
        "T001 [é] there is no column `é`; note: the columns are `order_id`, `status`, `amount`, `units`, `ordered_at`, `local_at`, `address`, `items`, `tags`, `Order Id`, `paid`, `tier`",
    );
    check(
        "INTERVAL INTERVAL '1' DAY",
        "Q001 [INTERVAL] expected text such as '1' after INTERVAL, found `INTERVAL`",
    );
    check("amount AS x", "Q001 [AS] expected end, found `AS`");
}

#[test]
fn a_predicate_is_a_truth_value() {
    let check = |text: &str, expected: &str| {
        let mut diagnostics = Vec::new();
        let typed = bind_predicate(&scope(), text, &Anchor::value(DocumentId(0), "/spec"), &mut diagnostics);
        assert_eq!(described(text, &typed, &diagnostics), expected, "{text}");
    };
    check("paid", "o.paid : bool? (`paid` may be null)");
    check("NULL", "null : null? (`NULL` is written here)");
    check(
        "amount + 1",
        "T006 [amount + 1] a condition is true or false, and this is `decimal(13,2)`; help: compare it with something, such as `amount > 0` or `email IS NOT NULL`",
    );
    check("amount +", "Q001 [+] expected an expression, and the text ends");
}

/// Hostile texts end in a diagnostic, soon and without exhausting the stack.
#[test]
fn what_is_too_deep_is_refused() {
    let check = |text: &str, code: &str| {
        let mut diagnostics = Vec::new();
        bind_expr(&scope(), text, &Anchor::value(DocumentId(0), "/spec"), &mut diagnostics);
        let codes: Vec<&str> = diagnostics.iter().map(|diagnostic| diagnostic.code.id).collect();
        assert_eq!(codes.join(" "), code, "{}", &text[..text.len().min(60)]);
    };
    let repeated = |text: &str, count: usize| text.repeat(count);
    check(&format!("1{}", repeated(" + 1", 299)), "");
    check(&format!("1{}", repeated(" + 1", 400)), "Q004");
    check(&format!("{}1{}", repeated("(", 50), repeated(")", 50)), "");
    check(&repeated("(", 100_000), "Q004");
    check(&repeated("NOT ", 100_000), "Q004");
    check(&format!("{}1", repeated("- ", 250)), "Q004");
    check(&repeated("CASE WHEN ", 100), "Q004");
    check(&repeated("CAST(", 60), "Q001");
    check(&repeated("INTERVAL ", 10_000), "Q001");
    check(&format!("CAST(1 AS {}", repeated("ARRAY<", 100_000)), "Q004");
    check(&repeated("a.", 100_000), "Q004");
    check(&repeated("a[", 100_000), "Q004");
    check(&repeated("x IN ((SELECT a FROM t WHERE ", 15), "Q004");
    check(&format!("units IN (1{})", repeated(", 1", 10_000)), "");
    check(&repeated("a ", 600_000), "Q004");
    check(&format!("coalesce(1{})", repeated(", 1 + 1", 10_000)), "");
}

/// What the function table promises can be written.
#[test]
fn every_case_of_the_function_table_binds() {
    let mut count = 0;
    for function in crate::function::table().iter().filter(|function| function.is_scalar()) {
        for case in function.cases.iter().filter(|case| case.given.is_empty()) {
            let mut diagnostics = Vec::new();
            let typed = bind_expr(
                &Scope::default(),
                case.sql,
                &Anchor::value(DocumentId(0), "/spec"),
                &mut diagnostics,
            );
            assert!(diagnostics.is_empty(), "{}: {}", case.sql, described(case.sql, &typed, &diagnostics));
            count += 1;
        }
    }
    assert!(count > 300, "the table has cases: {count}");
}
