//! Windows, joins and numbers that are refused: what is said, and where.

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
fn window_functions() {
    check(
        "SELECT count(*) AS n FROM orders GROUP BY TUMBLE(ordered_at, INTERVAL '1' MINUTE)",
        "Q009 [TUMBLE(ordered_at, INTERVAL '1' MINUTE)] `TUMBLE` is no function of a group; help: write `FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end`",
    );
    check(
        "SELECT order_id, window_start FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '1' MINUTE))",
        "Q010 [TUMBLE(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '1' MINUTE)] the rows of a window function are not grouped by their window; help: add `GROUP BY window_start, window_end`, and other columns as needed",
    );
    check(
        "SELECT count(*) AS n FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '1' MINUTE)) GROUP BY window_start",
        "Q010 [TUMBLE(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '1' MINUTE)] the rows of a window function are not grouped by `window_end`; help: add `GROUP BY window_start, window_end`, and other columns as needed",
    );
    check(
        "SELECT count(*) AS n FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '1' MINUTE)) WHERE window_start > TIMESTAMP '2026-01-01 00:00:00Z' GROUP BY window_start, window_end",
        "Q010 [window_start] `WHERE` looks at records before they are in a window; help: compare the window's columns in `HAVING`",
    );
    check(
        "SELECT count(*) AS n FROM TABLE(TUMBLE(TABLE orders, INTERVAL '1' MINUTE)) GROUP BY window_start, window_end",
        "Q008 [TUMBLE(TABLE orders, INTERVAL '1' MINUTE)] `TUMBLE` does not say which column is its time; help: write `TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '1' MINUTE))`",
    );
    check(
        "SELECT count(*) AS n FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ordered_att), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end",
        "T001 [ordered_att] there is no column `ordered_att`; note: the columns are `order_id`, `customer_id`, `status`, `amount`, `items`, `tags`, `ordered_at`; help: did you mean `ordered_at`?; fix: [ordered_att] ordered_at",
    );
    check(
        "SELECT count(*) AS n FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(amount), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end",
        "F001 [count(*) AS n] a window needs event time, and `amount` is an ordinary column; help: use `ordered_at`, the stream's event time",
    );
    check(
        "SELECT count(*) AS n FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '1' MONTH)) GROUP BY window_start, window_end",
        "Q008 [INTERVAL '1' MONTH] the lengths of a window are constant intervals, of days or less; help: write it as `INTERVAL '1' MINUTE`; for months group by `FLOOR(ordered_at TO MONTH)` with a stated `keep`",
    );
    check(
        "SELECT count(*) AS n FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ordered_at), 60)) GROUP BY window_start, window_end",
        "Q008 [60] the lengths of a window are constant intervals, of days or less; help: write it as `INTERVAL '1' MINUTE`; for months group by `FLOOR(ordered_at TO MONTH)` with a stated `keep`",
    );
    check(
        "SELECT count(*) AS n FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ordered_at))) GROUP BY window_start, window_end",
        "Q008 [TUMBLE(TABLE orders, DESCRIPTOR(ordered_at))] `TUMBLE` does not say its size; help: write `TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '1' MINUTE))`",
    );
    check(
        "SELECT count(*) AS n FROM TABLE(HOP(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '2' MINUTE, INTERVAL '5' MINUTE)) GROUP BY window_start, window_end",
        "Q008 [HOP(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '2' MINUTE, INTERVAL '5' MINUTE)] the size of a hop window must be a multiple of its slide; help: write `TABLE(HOP(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '1' MINUTE, INTERVAL '5' MINUTE))`: slide, then size",
    );
}

#[test]
fn window_functions_2() {
    check(
        "SELECT count(*) AS n FROM TABLE(HOP(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '2' MINUTE)) GROUP BY window_start, window_end",
        "Q008 [HOP(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '2' MINUTE)] `HOP` does not say its size; help: write `TABLE(HOP(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '1' MINUTE, INTERVAL '5' MINUTE))`: slide, then size",
    );
    check(
        "SELECT customer_id, count(*) AS n FROM TABLE(SESSION(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '2' MINUTE)) GROUP BY window_start, window_end, customer_id",
        "Q008 [SESSION(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '2' MINUTE)] sessions are kept apart by other columns than the groups; help: write `SESSION(TABLE ... PARTITION BY customer_id, DESCRIPTOR(ordered_at), ...)`",
    );
    check(
        "SELECT points, count(*) AS n FROM TABLE(TUMBLE(TABLE points, DESCRIPTOR(points), INTERVAL '2' MINUTE)) GROUP BY window_start, window_end, points",
        "F001 [points, count(*) AS n] a window needs event time, and this stream has none; help: state `eventTime` in the source's contract and keep its column unchanged up to here",
    );
    check(
        "SELECT count(*) AS n FROM TABLE(TUMBLE((SELECT * FROM orders), DESCRIPTOR(ordered_at), INTERVAL '2' MINUTE)) GROUP BY window_start, window_end",
        "Q008 [TUMBLE((SELECT * FROM orders), DESCRIPTOR(ordered_at), INTERVAL '2' MINUTE)] `TUMBLE` is over no table; help: write `TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '1' MINUTE))`",
    );
    check(
        "SELECT count(*) AS n FROM TABLE(TUMBLE(TABLE nowhere, DESCRIPTOR(ordered_at), INTERVAL '2' MINUTE)) GROUP BY window_start, window_end",
        "nothing",
    );
    check(
        "SELECT a.n FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '1' MINUTE)) AS w JOIN payments AS p ON w.order_id = p.order_id GROUP BY window_start, window_end",
        "Q010 [TUMBLE(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '1' MINUTE)] the rows of a window function can't be joined; help: group them first, in a CTE, by `window_start` and `window_end`, and join that",
    );
    check(
        "SELECT order_id FROM TABLE(nothing(1))",
        "Q015 [(nothing(1))] there is no such function over tables; help: the functions are `TUMBLE`, `HOP`, `CUMULATE`, `SESSION` and `UNNEST`",
    );
}

#[test]
fn joins() {
    check(
        "SELECT o.order_id FROM orders o, payments p WHERE o.order_id = p.order_id",
        "Q011 [payments p] a comma between inputs pairs every row with every row; help: write `JOIN ... ON` with the columns that must be equal",
    );
    check(
        "SELECT o.order_id FROM orders o CROSS JOIN payments p",
        "Q011 [payments p] a cross join pairs every row with every row; help: write `JOIN ... ON` with the columns that must be equal",
    );
    check(
        "SELECT o.order_id FROM orders o JOIN payments p USING (order_id)",
        "Q011 [payments p] `USING` is not supported: which of the two columns is meant afterwards depends on the join; help: write it out: `ON a.order_id = b.order_id`",
    );
    check(
        "SELECT o.order_id FROM orders o NATURAL JOIN payments p",
        "Q011 [payments p] `NATURAL JOIN` is not supported: a new column would change what is joined; help: write out which columns are equal: `ON a.k = b.k`",
    );
    check(
        "SELECT o.order_id FROM orders o JOIN payments p",
        "Q011 [payments p] this join does not say what must be equal; help: add `ON a.k = b.k`",
    );
    check(
        "SELECT o.order_id FROM orders o JOIN payments p ON o.amount > p.total",
        "Q011 [o.amount > p.total] this join does not ask for anything to be equal, so every row is compared with every row; help: add a column of each side that must be equal: `a.k = b.k AND ...`",
    );
    check(
        "SELECT o.order_id FROM orders o JOIN payments p ON o.order_id = p.order_id",
        "F002 [o.order_id = p.order_id] a join without a bound in time would keep its state for ever; help: bound it with a window, or say how long it is kept: `keep: 7d`, or `keep: forever` if that is meant",
    );
    check(
        "SELECT o.order_id FROM orders o JOIN payments p ON o.order_id",
        "T006 [o.order_id] a condition is true or false, and this is `string`; help: compare a column of each side: `ON a.k = b.k`",
    );
    check(
        "SELECT orders.order_id FROM orders JOIN orders ON orders.order_id = orders.order_id",
        "Q019 [orders] two inputs are called `orders`; help: give one of them an alias: `orders AS a`",
    );
    check(
        "SELECT o.order_id FROM orders o JOIN payments p ON o.order_id = p.total",
        "T004 [o.order_id = p.total] `=` does not take `string` and `decimal(12,2)`; help: cast the text to a number, `CAST(... AS decimal(12,2))`, or the number to text",
    );
    check(
        "SELECT o.order_id FROM orders o JOIN payments p ON o.order_id = p.order_id AND p.paid_at > o.ordered_at",
        "Q024 [o.order_id = p.order_id AND p.paid_at > o.ordered_at] the times of this join are bounded on one side only; help: bound them on both sides: `b.t BETWEEN a.t - INTERVAL '1' HOUR AND a.t + INTERVAL '1' HOUR`",
    );
}

#[test]
fn joins_2() {
    check(
        "SELECT o.order_id FROM orders o LEFT SEMI JOIN payments p ON o.order_id = p.order_id",
        "Q011 [payments p] this kind of join is not supported; help: write `JOIN`, `LEFT JOIN`, `RIGHT JOIN` or `FULL JOIN` with `ON`",
    );
    check(
        "SELECT o.order_id FROM orders o JOIN payments FOR SYSTEM_TIME AS OF o.ordered_at AS p ON o.order_id = p.order_id",
        "F008 [o.order_id = p.order_id] the right side of a temporal join is an append stream; note: `FOR SYSTEM_TIME AS OF` looks up the row that a key had at a time; help: give its contract `changes: upsert`, a `key` and an `eventTime`",
    );
    check(
        "SELECT o.order_id FROM orders o JOIN customers FOR SYSTEM_TIME AS OF o.ordered_at + INTERVAL '1' HOUR AS c ON o.customer_id = c.customer_id",
        "Q027 [o.ordered_at + INTERVAL '1' HOUR] the time of a temporal join is the event time of its left side; help: name the column itself: `FOR SYSTEM_TIME AS OF o.ordered_at`",
    );
    check(
        "SELECT o.order_id FROM orders o RIGHT JOIN customers FOR SYSTEM_TIME AS OF o.ordered_at AS c ON o.customer_id = c.customer_id",
        "Q027 [o.ordered_at] a temporal join has no rows of its right side alone; help: write `JOIN` or `LEFT JOIN`",
    );
    check(
        "SELECT o.order_id FROM orders o JOIN customers FOR SYSTEM_TIME AS OF PROCTIME() AS c ON o.customer_id = c.customer_id",
        "T014 [PROCTIME()] `proctime` is not offered: its value depends on when the expression is evaluated, so the same records would give other rows; help: take event time or another field of the record",
    );
    check(
        "SELECT c.tier FROM customers FOR SYSTEM_TIME AS OF TIMESTAMP '2026-01-01 00:00:00Z' AS c",
        "Q027 [TIMESTAMP '2026-01-01 00:00:00Z'] `FOR SYSTEM_TIME AS OF` stands behind `JOIN` only; help: read the stream itself here; as of a time means as of the row that it is joined to\nF005 [c.tier] the key field `customer_id` of an upsert stream is dropped or recomputed; note: the stream is keyed by `customer_id`; help: keep the key fields as they are, or turn the stream into its changes first with the step `changelog`",
    );
    check(
        "SELECT o.order_id FROM orders o JOIN customers FOR SYSTEM_TIME AS OF o.ordered_at AS c ON o.status = c.tier",
        "F009 [o.status = c.tier] a temporal join must ask for the whole key of its right side and nothing else; note: the right side is keyed by `customer_id`; help: join on exactly these columns; put other conditions into a filter behind the join",
    );
    check_kept(
        "SELECT o.order_id FROM orders o FULL JOIN split.big b ON o.order_id = b.order_id",
        "F004 [o.order_id = b.order_id] this join changes rows that it gave before, and they have no key; note: a row without a partner is given with nulls first, and again when its partner comes; help: give the contracts of both sides a `key`, use a temporal join (`FOR SYSTEM_TIME AS OF`), or bound the join by an interval of time",
    );
    check(
        "SELECT order_id FROM orders CROSS JOIN UNNEST(amount) AS t (a)",
        "Q022 [amount] `UNNEST` takes a list or a map, and this is `decimal(12,2)`; help: take the members of a struct with a dot: `address.city`",
    );
    check(
        "SELECT order_id FROM orders CROSS JOIN UNNEST(items) AS t (a)",
        "Q021 [t] 1 names are given to 2 columns; help: name all of the columns, or none",
    );
    check(
        "SELECT a FROM UNNEST(ARRAY[1]) AS t (a)",
        "Q022 [UNNEST(ARRAY[1]) AS t (a)] `UNNEST` needs the input whose list it unfolds before it; help: write `FROM orders CROSS JOIN UNNEST(orders.items) AS i (sku, count)`",
    );
}

#[test]
fn joins_3() {
    check(
        "SELECT order_id FROM orders JOIN UNNEST(items) AS t (a, b) ON a = 'x'",
        "Q011 [UNNEST(items) AS t (a, b] a list is unfolded for its own record only; help: write `CROSS JOIN UNNEST(...)`, or `LEFT JOIN UNNEST(...) ON TRUE` to keep records without elements; other conditions go into `WHERE`",
    );
    check(
        "SELECT c.customer_id, x FROM customers c CROSS JOIN UNNEST(ARRAY[tier]) AS t (x)",
        "F005 [ARRAY[tier]] unnesting an upsert stream gives rows that its key no longer tells apart; help: ask for the element's position too, which then is part of the key",
    );
    check(
        "SELECT a FROM (SELECT order_id, amount FROM orders) AS t (a)",
        "Q021 [t] 1 names are given to 2 columns; help: name all of the columns, or none",
    );
    check(
        "WITH a AS (SELECT order_id FROM orders), a AS (SELECT order_id FROM orders) SELECT order_id FROM a",
        "Q020 [a] two CTEs are called `a`; help: give one of them another name",
    );
    check(
        "WITH RECURSIVE a AS (SELECT order_id FROM orders) SELECT order_id FROM a",
        "Q020 [WITH] a recursive query has no bound; help: write the steps out, one CTE each",
    );
    check(
        "WITH a AS (SELECT order_id FROM orders) SELECT order_id FROM orders",
        "Q026 [a] nothing reads the CTE `a`; help: leave it out",
    );
    check(
        "SELECT * FROM orders MATCH_RECOGNIZE (ORDER BY ordered_at MEASURES A.amount AS a PATTERN (A B) DEFINE A AS amount > 1) AS m",
        "Q025 [orders MATCH_RECOGNIZE (ORDER BY ordered_at MEASURES A.amount AS a PATTERN (A B) DEFINE A AS amount > 1) AS m] `MATCH_RECOGNIZE` is not built yet; help: compare each record with the one before: `LAG(status) OVER (PARTITION BY k ORDER BY t)`",
    );
    check(
        "SELECT * FROM orders PIVOT (sum(amount) FOR status IN ('a'))",
        "Q015 [orders PIVOT (sum(amount) FOR status IN ('a'))] `PIVOT` and `UNPIVOT` are not supported; help: write one aggregate for each column: `SUM(amount) FILTER (WHERE status = 'paid') AS paid`",
    );
    check(
        "SELECT order_id FROM orders TABLESAMPLE (10 PERCENT)",
        "Q015 [orders] what follows the name of this input is not supported; help: name the input alone, with an alias: `orders AS o`",
    );
    check(
        "SELECT /*+ BROADCAST(o) */ order_id FROM orders AS o",
        "Q018 [/*+ BROADCAST(o) */] there is no hint `BROADCAST`; help: the one hint is `/*+ STATE_TTL('orders' = '7d', 'customers' = 'forever') */` behind `SELECT`; the transform's `keep` holds for all of its query",
    );
    check(
        "SELECT /*+ STATE_TTL('ordres' = '1d') */ order_id FROM orders",
        "Q018 [/*+ STATE_TTL('ordres' = '1d') */] this `SELECT` reads no input called `ordres`; note: it reads `orders`; help: did you mean `orders`?",
    );
}

#[test]
fn joins_4() {
    check(
        "SELECT order_id FROM orders /*+ OPTIONS('a' = 'b') */",
        "Q018 [/*+ OPTIONS('a' = 'b') */] a hint stands only behind `SELECT`; help: the one hint is `/*+ STATE_TTL('orders' = '7d', 'customers' = 'forever') */` behind `SELECT`; the transform's `keep` holds for all of its query",
    );
}

#[test]
fn windows_of_records_and_numbers() {
    check(
        "SELECT sum(amount) OVER (PARTITION BY customer_id) AS s FROM orders",
        "Q016 [sum(amount)] a window is ordered by the stream's event time, and by nothing else; help: write `OVER (PARTITION BY k ORDER BY ordered_at RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)`, with the stream's event time",
    );
    check(
        "SELECT sum(amount) OVER (ORDER BY amount) AS s FROM orders",
        "F001 [sum(amount)] `OVER` needs event time, and `amount` is an ordinary column; help: use `ordered_at`, the stream's event time",
    );
    check_kept(
        "SELECT sum(amount) OVER (ORDER BY amount) AS s FROM orders",
        "F001 [sum(amount)] `OVER` needs event time, and `amount` is an ordinary column; help: use `ordered_at`, the stream's event time",
    );
    check(
        "SELECT sum(amount) OVER (ORDER BY ordered_at DESC ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS s FROM orders",
        "Q016 [ordered_at] a window looks back in time, so its order is ascending; help: write `OVER (PARTITION BY k ORDER BY ordered_at RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)`, with the stream's event time",
    );
    check(
        "SELECT sum(amount) OVER (ORDER BY ordered_at) AS s FROM orders",
        "F002 [sum(amount)] a window over all earlier records would keep its state for ever; help: bound it with a window, or say how long it is kept: `keep: 7d`, or `keep: forever` if that is meant",
    );
    check(
        "SELECT sum(amount) OVER (ORDER BY ordered_at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS s FROM orders",
        "Q016 [sum(amount)] `ROWS UNBOUNDED PRECEDING` tells records of the same time apart by their order of arrival; help: write `RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW`, `ROWS BETWEEN 10 PRECEDING AND CURRENT ROW` or `RANGE UNBOUNDED PRECEDING`",
    );
    check(
        "SELECT sum(amount) OVER (ORDER BY ordered_at ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS s FROM orders",
        "Q016 [sum(amount)] a window ends with the current record: those after it have not come yet; help: write `RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW`, `ROWS BETWEEN 10 PRECEDING AND CURRENT ROW` or `RANGE UNBOUNDED PRECEDING`",
    );
    check(
        "SELECT sum(amount) OVER (ORDER BY ordered_at RANGE BETWEEN 10 PRECEDING AND CURRENT ROW) AS s FROM orders",
        "Q016 [sum(amount)] a window looks back by a constant interval of days or less, or by a constant number of rows; help: write `RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW`, `ROWS BETWEEN 10 PRECEDING AND CURRENT ROW` or `RANGE UNBOUNDED PRECEDING`",
    );
    check(
        "SELECT sum(amount) OVER w AS s FROM orders",
        "Q016 [w] there is no window `w`; help: define it behind `FROM` and `WHERE`: `WINDOW w AS (PARTITION BY k ORDER BY t)`",
    );
    check(
        "SELECT lag(amount) OVER (ORDER BY ordered_at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS s FROM orders",
        "Q016 [lag(amount)] `lag` looks back by a number of records, so its window has no frame; help: leave `ROWS` or `RANGE` out",
    );
    check(
        "SELECT lead(amount) OVER (ORDER BY ordered_at) AS s FROM orders",
        "T014 [lead(amount)] `lead` is not offered: it needs records that have not come yet; help: use `lag` on the later record",
    );
}

#[test]
fn windows_of_records_and_numbers_2() {
    check(
        "SELECT lag(amount) AS s FROM orders",
        "T013 [lag(amount)] `lag` looks at the records before the current one, and no window is stated; help: state it: `OVER (PARTITION BY ... ORDER BY <event time>)`",
    );
    check(
        "SELECT lag(points) OVER (ORDER BY points) AS s FROM points",
        "F003 [lag(points)] `OVER` takes an append stream, and this one is upsert; help: read the source with `read: inserts`, or turn the stream into its changes with the step `changelog`\nF001 [lag(points)] `OVER` needs event time, and this stream has none; help: state `eventTime` in the source's contract and keep its column unchanged up to here\nF005 [lag(points) OVER (ORDER BY points) AS s] the key field `customer_id` of an upsert stream is dropped or recomputed; note: the stream is keyed by `customer_id`; help: keep the key fields as they are, or turn the stream into its changes first with the step `changelog`",
    );
    check_kept(
        "SELECT order_id, ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY amount DESC) AS n FROM orders",
        "Q017 [ROW_NUMBER()] numbers in an order other than time change with every row, and nothing says how many rows are wanted; help: compare the number in the `WHERE` of the query around it: `WHERE n <= 10`",
    );
    check_kept(
        "SELECT order_id FROM (SELECT order_id, ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY amount DESC) AS n FROM orders) WHERE n > 1",
        "Q017 [ROW_NUMBER()] numbers in an order other than time change with every row, and nothing says how many rows are wanted; help: compare the number in the `WHERE` of the query around it: `WHERE n <= 10`",
    );
    check(
        "SELECT order_id, n FROM (SELECT order_id, ROW_NUMBER() OVER (PARTITION BY order_id ORDER BY ordered_at) AS n FROM orders) WHERE n = 1",
        "F002 [ROW_NUMBER()] a deduplication without a bound in time would keep its state for ever; help: bound it with a window, or say how long it is kept: `keep: 7d`, or `keep: forever` if that is meant",
    );
    check_kept(
        "SELECT order_id FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY amount DESC) AS n FROM orders) WHERE n <= 3",
        "F005 [order_id] the key field `customer_id`, `n` of an upsert stream is dropped or recomputed; note: the stream is keyed by `customer_id`, `n`; help: keep the key fields as they are, or turn the stream into its changes first with the step `changelog`",
    );
    check_kept(
        "SELECT order_id FROM (SELECT *, RANK() OVER (PARTITION BY customer_id ORDER BY amount DESC) AS n FROM orders) WHERE n <= 3",
        "Q017 [RANK()] `rank` in an order other than time changes with every row; help: number the rows instead, and say how many are wanted: `ROW_NUMBER() OVER (...) AS n` and `WHERE n <= 10` around it",
    );
    check(
        "SELECT string_agg(status, ',') OVER (ORDER BY ordered_at) AS s FROM orders",
        "T017 [string_agg(status, ',')] `listagg` can't be computed over a window of records; help: group the records with a window function such as `TUMBLE` instead",
    );
}
