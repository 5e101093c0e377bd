//! Queries that are refused: what is said, and where.

use super::tests_query::bound;
use crate::graph::Keep;

fn check(text: &str, expected: &str) {
    assert_eq!(bound(text, None), expected, "{text}");
}

/// With `keep: 7d` on the transform.
fn check_kept(text: &str, expected: &str) {
    assert_eq!(bound(text, Some(Keep::ForMs(604_800_000))), expected, "{text}");
}

#[test]
fn what_is_no_single_query() {
    check("", "Q001 [<all>] there is no query here; help: write a query, such as `SELECT * FROM raw`");
    check("SELECT", "Q001 [SELECT] expected an expression, and the text ends");
    check("SELECT 1 FROM", "Q001 [FROM] expected identifier, and the text ends");
    check(
        "INSERT INTO x SELECT 1 FROM orders",
        "Q002 [INSERT] `INSERT` is a statement, and a transform is a query; help: a sink writes what a transform gives: name the transform in the sink's `from`",
    );
    check(
        "CREATE TABLE x (a INT)",
        "Q002 [CREATE] `CREATE` is a statement, and a transform is a query; help: declare it in YAML: `sources`, `transforms` and `sinks` make what they need",
    );
    check(
        "SET 'a' = 'b'",
        "Q002 [SET] `SET` is a statement, and a transform is a query; help: leave it out: a transform is a query and has no session",
    );
    check(
        "SELECT order_id FROM orders; SELECT 1 FROM orders",
        "Q003 [SELECT] a second statement begins here, and a transform is one query; help: make it a transform of its own, or a CTE: `WITH name AS (SELECT ...) SELECT ...`",
    );
    check(
        "SELECT order_id FROM orders;;",
        "5 of 0: project order_id -> append(order_id string; key order_id; time none)\n= 5",
    );
    check("SELECT order_id, FROM orders", "Q001 [FROM] expected an expression, found `FROM`");
    check("SELECT order_id FROM orders WHERE", "Q001 [WHERE] expected an expression, and the text ends");
    check(
        "SELECT é, 'ü' || nothing AS x FROM orders",
        "T001 [é] there is no column `é`; note: the columns are `order_id`, `customer_id`, `status`, `amount`, `items`, `tags`, `ordered_at`\nT001 [nothing] there is no column `nothing`; note: the columns are `order_id`, `customer_id`, `status`, `amount`, `items`, `tags`, `ordered_at`",
    );
}

#[test]
fn what_is_no_single_query_2() {
    check(
        "VALUES (1)",
        "Q015 [1] `VALUES` is no stream; help: declare a source, such as `files` with a small CSV file",
    );
    check("TABLE orders", "Q002 [TABLE orders] this is no query; help: write `SELECT ... FROM ...`");
    check(
        "SELECT 1 AS a",
        "Q023 [SELECT] this `SELECT` reads nothing; help: name what it reads: `FROM` and a source, a transform or a CTE",
    );
}

#[test]
fn ends_of_queries() {
    check(
        "SELECT order_id FROM orders ORDER BY order_id",
        "Q005 [order_id] a stream has no order of rows; help: leave `ORDER BY` out; what reads the sink orders as it likes",
    );
    check(
        "SELECT order_id FROM orders ORDER BY order_id LIMIT 10",
        "Q005 [order_id LIMIT 10] a stream has no end, so there are no first rows of all of it; help: for the first rows of a group write `SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY x) AS n FROM t) WHERE n <= 10`",
    );
    check(
        "SELECT order_id FROM orders LIMIT 10 OFFSET 2",
        "Q005 [10 OFFSET 2] a stream has no end, so there are no first rows of all of it; help: for the first rows of a group write `SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY x) AS n FROM t) WHERE n <= 10`",
    );
    check(
        "SELECT order_id FROM orders FETCH FIRST 3 ROWS ONLY",
        "Q005 [FETCH] a stream has no end, so there are no first rows of all of it; help: for the first rows of a group write `SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY x) AS n FROM t) WHERE n <= 10`",
    );
    check(
        "SELECT order_id FROM orders UNION SELECT order_id FROM payments",
        "Q012 [SELECT order_id FROM orders UNION SELECT order_id FROM payments] `UNION` compares every row with all rows before it; help: write `UNION ALL`; to keep each row once deduplicate its result by a key, with a stated `keep`",
    );
    check(
        "SELECT order_id FROM orders EXCEPT SELECT order_id FROM payments",
        "Q012 [SELECT order_id FROM orders EXCEPT SELECT order_id FROM payments] `EXCEPT` compares every row with all rows of the other side; help: `LEFT JOIN` the other side by its key and keep the rows where that is null",
    );
    check(
        "SELECT order_id FROM orders INTERSECT SELECT order_id FROM payments",
        "Q012 [SELECT order_id FROM orders INTERSECT SELECT order_id FROM payments] `INTERSECT` compares every row with all rows of the other side; help: join the two by their key",
    );
    check(
        "SELECT order_id, amount FROM orders UNION ALL SELECT order_id FROM payments",
        "Q013 [SELECT order_id FROM payments] the branches of `UNION ALL` have 2 and 1 columns; help: select the same columns in each, in the same order; `NULL AS name` fills a gap",
    );
    check(
        "SELECT order_id, amount FROM orders UNION ALL SELECT total, order_id FROM payments",
        "Q013 [SELECT total, order_id FROM payments] column 1 of `UNION ALL` is `string` in one branch and `decimal(12,2)` in another; help: columns go together by position, and the first branch calls this one `order_id`; cast one of them, or change their order",
    );
    check(
        "SELECT customer_id FROM orders UNION ALL SELECT customer_id FROM customers",
        "F006 [SELECT customer_id FROM orders UNION ALL SELECT customer_id FROM customers] an append stream and an upsert stream can't become one; help: turn the upsert stream into its changes with the step `changelog`",
    );
}

#[test]
fn columns_of_select() {
    check(
        "SELECT amount + 1 FROM orders",
        "Q014 [amount + 1] this column has no name; help: give it one: `... AS total`",
    );
    check(
        "SELECT count(*), amount FROM orders GROUP BY amount",
        "Q014 [count(*)] this column has no name; help: give it one: `... AS total`\nF002 [count(*), amount] an aggregate without a window would keep its state for ever; help: bound it with a window, or say how long it is kept: `keep: 7d`, or `keep: forever` if that is meant",
    );
    check("SELECT x.* FROM orders AS o", "T001 [x.*] there is no input `x`; note: the inputs are `o`");
    check(
        "SELECT * EXCEPT (amount) FROM orders",
        "Q015 [* EXCEPT (amount)] a star with exceptions is not supported; help: name the columns, or use the steps `drop` and `rename`",
    );
    check(
        "SELECT o.adress FROM orders AS o",
        "T001 [adress] `o` has no column `adress`; note: the columns are `order_id`, `customer_id`, `status`, `amount`, `items`, `tags`, `ordered_at`",
    );
    check(
        "SELECT order_id, order_id FROM orders",
        "F010 [order_id] two columns are called `order_id`; help: give one of them another name",
    );
    check(
        "SELECT amont, amont + 1 AS b FROM orders WHERE amont > 1",
        "T001 [amont] there is no column `amont`; note: the columns are `order_id`, `customer_id`, `status`, `amount`, `items`, `tags`, `ordered_at`; help: did you mean `amount`?; fix: [amont] amount\nT001 [amont] there is no column `amont`; note: the columns are `order_id`, `customer_id`, `status`, `amount`, `items`, `tags`, `ordered_at`; help: did you mean `amount`?; fix: [amont] amount\nT001 [amont] there is no column `amont`; note: the columns are `order_id`, `customer_id`, `status`, `amount`, `items`, `tags`, `ordered_at`; help: did you mean `amount`?; fix: [amont] amount",
    );
    check("SELECT nothing FROM nowhere", "nothing");
    check(
        "SELECT n.a, o.nothing FROM orders AS o JOIN nowhere AS n ON o.order_id = n.id AND o.nope = 1",
        "T001 [nope] `o` has no column `nope`; note: the columns are `order_id`, `customer_id`, `status`, `amount`, `items`, `tags`, `ordered_at`\nT001 [nothing] `o` has no column `nothing`; note: the columns are `order_id`, `customer_id`, `status`, `amount`, `items`, `tags`, `ordered_at`",
    );
    check(
        "SELECT order_id FROM orders WHERE amount",
        "T006 [amount] a condition is true or false, and this is `decimal(12,2)`; help: compare it with something, such as `amount > 0` or `email IS NOT NULL`",
    );
    check(
        "SELECT DISTINCT ON (status) status FROM orders",
        "Q015 [status] `DISTINCT ON` is not supported; help: deduplicate: `SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY t) AS n FROM a) WHERE n = 1`",
    );
}

#[test]
fn columns_of_select_2() {
    check(
        "SELECT TOP 3 order_id FROM orders",
        "Q015 [SELECT] `TOP` is not supported; help: for the first rows of a group write `SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY x) AS n FROM t) WHERE n <= 10`",
    );
    check(
        "SELECT order_id FROM orders QUALIFY row_number() OVER (ORDER BY ordered_at) = 1",
        "Q015 [row_number() OVER (ORDER BY ordered_at) = 1] `QUALIFY` is not supported; help: number the rows in a query of its own and compare the number around it: `SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY t) AS n FROM a) WHERE n = 1`",
    );
    check(
        "SELECT order_id INTO x FROM orders",
        "Q015 [SELECT] `SELECT INTO` is not supported; help: name the transform in a sink's `from`",
    );
    check(
        "SELECT order_id, NULL AS gap, INTERVAL '1' DAY AS span FROM orders",
        "T018 [NULL] the column `gap` is always null and has no type; help: say which: `CAST(NULL AS string)`\nT018 [<all>] the column `span` is an interval, which no record holds; help: add it to a time, or write a number of seconds",
    );
    check(
        "SELECT NULL AS a FROM orders UNION ALL SELECT order_id FROM orders",
        "5 of 0: project null -> append(a null?; key ; time none)\n6 of 0: project order_id -> append(order_id string; key order_id; time none)\n7 of 5: project cast(a as string) -> append(a string?; key ; time none)\n8 of 6: project order_id -> append(a string; key a; time none)\n9 of 7, 8: union -> append(a string?; key ; time none)\n= 9",
    );
    check(
        "SELECT *, * FROM orders",
        "F010 [*] two columns are called `order_id`; help: give one of them another name\nF010 [*] two columns are called `customer_id`; help: give one of them another name\nF010 [*] two columns are called `status`; help: give one of them another name\nF010 [*] two columns are called `amount`; help: give one of them another name\nF010 [*] two columns are called `items`; help: give one of them another name\nF010 [*] two columns are called `tags`; help: give one of them another name\nF010 [*] two columns are called `ordered_at`; help: give one of them another name",
    );
}

#[test]
fn conditions_with_queries() {
    check(
        "SELECT order_id FROM orders WHERE order_id IN (SELECT order_id FROM payments)",
        "T017 [order_id IN (SELECT order_id FROM payments)] `IN (SELECT ...)` is not supported; help: join instead: `JOIN (SELECT DISTINCT key FROM other) AS o ON a.key = o.key`",
    );
    check(
        "SELECT order_id FROM orders o WHERE EXISTS (SELECT 1 FROM payments p WHERE p.order_id = o.order_id)",
        "T017 [(SELECT 1 FROM payments p WHERE p.order_id = o.order_id)] `EXISTS (SELECT ...)` is not supported; help: join instead: `JOIN (SELECT DISTINCT key FROM other) AS o ON a.key = o.key`",
    );
    check(
        "SELECT order_id, (SELECT max(total) FROM payments) AS m FROM orders",
        "T017 [(SELECT max(total) FROM payments)] a query can't stand inside an expression; help: compute it in a CTE or transform of its own and join it by a key",
    );
    check(
        "SELECT order_id FROM orders, LATERAL (SELECT 1 AS a) AS t",
        "Q006 [(SELECT 1 AS a) AS t] `LATERAL` is not supported; help: join by a key, look up a row with `FOR SYSTEM_TIME AS OF`, or unfold a list with `CROSS JOIN UNNEST(...)`",
    );
    check(
        "SELECT order_id FROM orders WHERE sum(amount) > 1",
        "T013 [sum(amount)] the aggregate `sum` can't stand in `WHERE`: it looks at many records; help: aggregate first, with `GROUP BY` or the step `aggregate`, and use the result afterwards",
    );
    check(
        "SELECT order_id FROM orders WHERE ordered_at > now()",
        "T014 [now()] `now` is not offered: its value depends on when the expression is evaluated, so the same records would give other rows; help: take event time or another field of the record",
    );
}

#[test]
fn groups() {
    check_kept(
        "SELECT customer_id, amount, count(*) AS n FROM orders GROUP BY customer_id",
        "Q007 [amount] `amount` is not grouped by, so it has many values in each group; help: group by it as well, or say which of its values: `max(amount)`, `last_value(amount)`",
    );
    check_kept(
        "SELECT customer_id, upper(status) AS s, count(*) AS n FROM orders GROUP BY customer_id, lower(status)",
        "Q007 [status] `status` is not grouped by, so it has many values in each group; help: group by it as well, or say which of its values: `max(status)`, `last_value(status)`",
    );
    check_kept(
        "SELECT customer_id FROM orders GROUP BY 1",
        "Q007 [1] `GROUP BY` a constant makes one group of everything; help: name the column, or write the expression, to group by",
    );
    check(
        "SELECT customer_id, count(*) AS n FROM orders GROUP BY customer_id",
        "F002 [customer_id, count(*) AS n] an aggregate without a window would keep its state for ever; help: bound it with a window, or say how long it is kept: `keep: 7d`, or `keep: forever` if that is meant",
    );
    check_kept(
        "SELECT count(*) AS n FROM orders",
        "F004 [count(*) AS n] an aggregate over all records has no key for its updates; help: group by a column, or aggregate over a window",
    );
    check_kept(
        "SELECT customer_id, count(*) AS n FROM orders GROUP BY ROLLUP (customer_id)",
        "T017 [ROLLUP (customer_id)] `GROUPING SETS`, `CUBE` and `ROLLUP` are not supported; help: write one `SELECT ... GROUP BY ...` for each set and join them with `UNION ALL`",
    );
    check_kept(
        "SELECT customer_id, sum(count(*)) AS n FROM orders GROUP BY customer_id",
        "T013 [count(*)] the aggregate `count` can't stand inside another aggregate: it looks at many records; help: aggregate first, with `GROUP BY` or the step `aggregate`, and use the result afterwards",
    );
    check_kept(
        "SELECT customer_id, sum(sum(amount)) OVER (ORDER BY ordered_at) AS n FROM orders GROUP BY customer_id",
        "T013 [sum(amount)] the aggregate `sum` can't stand inside another aggregate: it looks at many records; help: aggregate first, with `GROUP BY` or the step `aggregate`, and use the result afterwards\nQ028 [sum(sum(amount))] a call over a window of records stands beside a group; help: group in a CTE, and compute over its rows in the query around it",
    );
    check_kept(
        "SELECT customer_id, array_agg(upper(amount)) AS n FROM orders GROUP BY customer_id",
        "T004 [upper(amount)] `upper` does not take `decimal(12,2)`; note: it is called as upper(string); help: cast the arguments to types that it takes",
    );
    check_kept(
        "SELECT customer_id FROM orders GROUP BY customer_id HAVING status = 'x'",
        "Q007 [status] `status` is not grouped by, so it has many values in each group; help: group by it as well, or say which of its values: `max(status)`, `last_value(status)`",
    );
    check_kept(
        "SELECT customer_id, count(*) AS n FROM orders GROUP BY ALL",
        "Q015 [SELECT] this form of `GROUP BY` is not supported; help: name the columns to group by",
    );
}

#[test]
fn groups_2() {
    check_kept(
        "SELECT upper(DISTINCT status) AS s, count(DISTINCT *) AS n FROM orders GROUP BY status",
        "T017 [upper(DISTINCT status)] `upper` looks at one record, so `DISTINCT`, `FILTER` and `OVER` mean nothing for it; help: leave them out\nT017 [count(DISTINCT *)] `count` is called in a way that is not supported; help: call a function as `name(a, b)`; an aggregate as `name(DISTINCT a) FILTER (WHERE b)`",
    );
}

/// Hostile queries end in a diagnostic, soon and without exhausting stack or memory.
#[test]
fn what_is_too_large_is_refused() {
    let check = |text: &str, code: &str| {
        let found = bound(text, None);
        assert_eq!(&found[..found.len().min(4)], code, "{}", &text[..text.len().min(60)]);
    };
    check(&format!("SELECT * FROM {}", "(SELECT * FROM ".repeat(100_000)), "Q004");
    check(&format!("SELECT * FROM {}", "((SELECT * FROM ".repeat(20)), "Q004");
    check(&format!("SELECT * FROM {}orders", "(".repeat(40)), "Q004");
    check(&"SELECT order_id FROM orders UNION ALL ".repeat(500), "Q004");
    check(&format!("SELECT {} FROM orders", "*, ".repeat(20_000)), "Q001");
    check(&format!("SELECT * {} FROM orders", ", *".repeat(2_000)), "Q004");
    check(&format!("SELECT {}1 AS a FROM orders", "a, ".repeat(20_000)), "Q004");
    let doubling: Vec<String> = (1..40)
        .map(|level| {
            format!(
                "t{level} AS (SELECT * FROM t{0} AS a JOIN t{0} AS b ON a.order_id = b.order_id)",
                level - 1
            )
        })
        .collect();
    check(
        &format!("WITH t0 AS (SELECT order_id FROM orders), {} SELECT * FROM t39", doubling.join(", ")),
        "F002",
    );
    check(
        &format!(
            "WITH {} SELECT 1 AS a FROM c1",
            (0..2_000)
                .map(|n| format!("c{n} AS (SELECT order_id FROM orders)"))
                .collect::<Vec<_>>()
                .join(", ")
        ),
        "Q026",
    );
}
