//! Queries: the operators that they bind to.

use std::collections::BTreeMap;

use super::tests_expr::said;
use super::{bind_query, shown};
use crate::data_type::{DataType, Member, Slot};
use crate::diagnostic::{Anchor, DocumentId};
use crate::flow::{self, Flow};
use crate::graph::{Keep, NodeId, OpId};
use crate::stream::{Column, EventTime, Guarantee, StreamKind, StreamType};

/// One input: its kind, its columns with their nullability, its key and the column of its event time.
type Input = (&'static str, StreamKind, Vec<(&'static str, DataType, bool)>, &'static [usize], Option<usize>);

fn catalogue() -> Vec<Input> {
    let money = DataType::Decimal { precision: 12, scale: 2 };
    let member = |name: &str, data_type| Member { name: name.to_owned(), data_type, nullable: false };
    let item = DataType::Struct(vec![member("sku", DataType::String), member("count", DataType::Int32)]);
    let list = |data_type| DataType::List(Box::new(Slot { data_type, nullable: false }));
    let orders = vec![
        ("order_id", DataType::String, false),
        ("customer_id", DataType::String, false),
        ("status", DataType::String, true),
        ("amount", money.clone(), false),
        ("items", list(item), false),
        ("tags", list(DataType::String), true),
        ("ordered_at", DataType::Timestamp, false),
    ];
    let payments = vec![
        ("payment_id", DataType::String, false),
        ("order_id", DataType::String, false),
        ("total", money, false),
        ("paid_at", DataType::Timestamp, false),
    ];
    let customers = vec![
        ("customer_id", DataType::String, false),
        ("tier", DataType::String, true),
        ("changed_at", DataType::Timestamp, false),
    ];
    let points = vec![("customer_id", DataType::String, false), ("points", DataType::Int64, false)];
    vec![
        ("orders", StreamKind::Append, orders.clone(), &[0], Some(6)),
        ("payments", StreamKind::Append, payments, &[0], Some(3)),
        ("customers", StreamKind::Upsert, customers, &[0], Some(2)),
        ("points", StreamKind::Upsert, points, &[0], None),
        ("split.big", StreamKind::Append, orders, &[], Some(6)),
    ]
}

/// The inputs as operators, by name.
pub(super) fn inputs(flow: &mut Flow, anchor: &Anchor) -> BTreeMap<String, OpId> {
    let mut inputs = BTreeMap::new();
    for (name, kind, columns, key, time) in catalogue() {
        let nulls = vec![None; columns.len()];
        let columns = columns
            .into_iter()
            .map(|(name, data_type, nullable)| Column { name: name.to_owned(), data_type, nullable })
            .collect();
        let event_time = time.map(|column| EventTime { column, max_delay_ms: 5_000, idle_after_ms: None });
        let output =
            StreamType { columns, kind, key: key.to_vec(), event_time, guarantee: Guarantee::ExactlyOnce };
        inputs.insert(name.to_owned(), flow::source(flow, output, nulls, anchor));
    }
    inputs
}

/// The operators that a query binds to, or what is wrong with it.
pub(super) fn bound(text: &str, keep: Option<Keep>) -> String {
    let anchor = Anchor::value(DocumentId(0), "/spec");
    let mut flow = Flow { node: Some(NodeId(0)), ..Flow::default() };
    let inputs = inputs(&mut flow, &anchor);
    let result = bind_query(&mut flow, &inputs, text, &anchor, keep);
    if !flow.diagnostics.is_empty() {
        return flow
            .diagnostics
            .iter()
            .map(|diagnostic| said(diagnostic, text))
            .collect::<Vec<_>>()
            .join("\n");
    }
    match result {
        Some(op) if (op.0 as usize) + 1 == flow.ops.len() || (op.0 as usize) < inputs.len() => {
            format!("{}= {}", shown::flow(&flow, inputs.len()) + "\n", op.0)
        }
        Some(op) => format!("{}\n= {} which is not the last", shown::flow(&flow, inputs.len()), op.0),
        None => "nothing".to_owned(),
    }
}

fn check(text: &str, expected: &str) {
    assert_eq!(bound(text, None), expected, "{text}");
}

/// With `keep: 7d` on the transform.
fn check_kept(text: &str, expected: &str) {
    assert_eq!(bound(text, Some(Keep::ForMs(604_800_000))), expected, "{text}");
}

#[test]
fn rows_are_chosen_computed_and_named() {
    check(
        "SELECT order_id, amount + 1 AS more FROM orders",
        "5 of 0: project order_id, (amount + 1d) -> append(order_id string, more decimal(13,2); key order_id; time none)\n= 5",
    );
    check("SELECT * FROM orders", "\n= 0");
    check(
        "SELECT o.*, upper(status) AS shouted FROM orders AS o WHERE amount > 0 AND status IS NOT NULL",
        "5 of 0: filter ((amount > 0d) and is_not_null(status)) -> append(order_id string, customer_id string, status string, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp; key order_id; time ordered_at)\n6 of 5: project order_id, customer_id, status, amount, items, tags, ordered_at, upper(status) -> append(order_id string, customer_id string, status string, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, shouted string; key order_id; time ordered_at)\n= 6",
    );
    check(
        "SELECT order_id AS id, o.items[1].sku AS sku, ordered_at FROM orders o;",
        "5 of 0: project order_id, (items [] 1).0, ordered_at -> append(id string, sku string?, ordered_at timestamp; key id; time ordered_at)\n= 5",
    );
    check(
        "SELECT order_id FROM split.big WHERE big.amount > 1",
        "5 of 4: filter (amount > 100d) -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp; key ; time ordered_at)\n6 of 5: project order_id -> append(order_id string; key ; time none)\n= 6",
    );
    check(
        "SELECT tier, customer_id FROM customers WHERE tier = 'gold'",
        "5 of 2: filter (tier = 'gold') -> upsert(customer_id string, tier string, changed_at timestamp; key customer_id; time changed_at)\n6 of 5: project tier, customer_id -> upsert(tier string, customer_id string; key customer_id; time none)\n= 6",
    );
}

#[test]
fn queries_and_ctes_are_inputs() {
    check(
        "SELECT n FROM (SELECT order_id AS n, amount FROM orders WHERE amount > 1) AS t WHERE t.amount < 5",
        "5 of 0: filter (amount > 100d) -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp; key order_id; time ordered_at)\n6 of 5: project order_id, amount -> append(n string, amount decimal(12,2); key n; time none)\n7 of 6: filter (amount < 500d) -> append(n string, amount decimal(12,2); key n; time none)\n8 of 7: project n -> append(n string; key n; time none)\n= 8",
    );
    check(
        "WITH big AS (SELECT order_id, amount FROM orders WHERE amount > 9), bigger (id) AS (SELECT order_id FROM big WHERE amount > 99) SELECT id FROM bigger",
        "5 of 0: filter (amount > 900d) -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp; key order_id; time ordered_at)\n6 of 5: project order_id, amount -> append(order_id string, amount decimal(12,2); key order_id; time none)\n7 of 6: filter (amount > 9900d) -> append(order_id string, amount decimal(12,2); key order_id; time none)\n8 of 7: project order_id -> append(order_id string; key order_id; time none)\n9 of 8: project order_id -> append(id string; key id; time none)\n= 9",
    );
    check(
        "SELECT a, b FROM (SELECT order_id, amount FROM orders) AS t (a, b)",
        "5 of 0: project order_id, amount -> append(order_id string, amount decimal(12,2); key order_id; time none)\n6 of 5: project order_id, amount -> append(a string, b decimal(12,2); key a; time none)\n= 6",
    );
    check(
        "(SELECT order_id FROM orders)",
        "5 of 0: project order_id -> append(order_id string; key order_id; time none)\n= 5",
    );
    check(
        "WITH a AS (SELECT order_id AS id FROM orders), b AS (SELECT a.id, x.id AS other FROM a JOIN a AS x ON a.id = x.id) SELECT id FROM a",
        "F002 [a.id = x.id] a join without a bound in time would keep its state for ever; help: bound it with a window, or say how long it is kept: `keep: 7d`, or `keep: forever` if that is meant\nQ026 [b] nothing reads the CTE `b`; help: leave it out",
    );
}

#[test]
fn unions_go_together_by_position() {
    check(
        "SELECT order_id AS id, amount FROM orders UNION ALL SELECT payment_id, total FROM payments UNION ALL SELECT 'x', 0.5 FROM payments",
        "5 of 0: project order_id, amount -> append(id string, amount decimal(12,2); key id; time none)\n6 of 1: project payment_id, total -> append(payment_id string, total decimal(12,2); key payment_id; time none)\n7 of 1: project 'x', 5d -> append(_c0 string, _c1 decimal(1,1); key ; time none)\n8 of 6: project payment_id, total -> append(id string, amount decimal(12,2); key id; time none)\n9 of 7: project _c0, cast(_c1 as decimal(12,2)) -> append(id string, amount decimal(12,2); key ; time none)\n10 of 5, 8, 9: union -> append(id string, amount decimal(12,2); key ; time none)\n= 10",
    );
    check(
        "SELECT order_id, ordered_at FROM orders UNION ALL SELECT order_id, ordered_at FROM split.big",
        "5 of 0: project order_id, ordered_at -> append(order_id string, ordered_at timestamp; key order_id; time ordered_at)\n6 of 4: project order_id, ordered_at -> append(order_id string, ordered_at timestamp; key ; time ordered_at)\n7 of 5, 6: union -> append(order_id string, ordered_at timestamp; key ; time ordered_at)\n= 7",
    );
}

#[test]
fn windows_group_by_time() {
    check(
        "SELECT window_start, window_end, customer_id, count(*) AS orders, sum(amount) AS revenue FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end, customer_id",
        "5 of 0: aggregate Tumble { size_ms: 60000, offset_ms: 0 } of ordered_at by customer_id: orders = count(), revenue = sum(amount) -> append(window_start timestamp, window_end timestamp, window_time timestamp, customer_id string, orders int64, revenue decimal(38,2); key window_start, window_end, customer_id; time window_time)\n6 of 5: project window_start, window_end, customer_id, orders, revenue -> append(window_start timestamp, window_end timestamp, customer_id string, orders int64, revenue decimal(38,2); key window_start, window_end, customer_id; time none)\n= 6",
    );
    check(
        "SELECT w.window_end, sum(amount) / count(*) AS mean FROM TABLE(HOP(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '1' MINUTE, INTERVAL '5' MINUTE)) AS w WHERE amount > 0 GROUP BY window_start, window_end HAVING count(*) > 1",
        "5 of 0: filter (amount > 0d) -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp; key order_id; time ordered_at)\n6 of 5: aggregate Hop { size_ms: 300000, slide_ms: 60000 } of ordered_at by : _m0 = sum(amount), _m1 = count() -> append(window_start timestamp, window_end timestamp, window_time timestamp, _m0 decimal(38,2), _m1 int64; key window_start, window_end; time window_time)\n7 of 6: filter (_m1 > 1) -> append(window_start timestamp, window_end timestamp, window_time timestamp, _m0 decimal(38,2), _m1 int64; key window_start, window_end; time window_time)\n8 of 7: project window_end, (_m0 / cast(_m1 as decimal(19,0))) -> append(window_end timestamp, mean decimal(38,6)?; key ; time none)\n= 8",
    );
    check(
        "SELECT window_time, upper(status) AS s, count(DISTINCT customer_id) FILTER (WHERE amount > 1) AS n, min(amount) FILTER (WHERE amount > 1) AS least FROM TABLE(CUMULATE(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '1' HOUR, INTERVAL '1' DAY)) GROUP BY window_start, window_end, upper(status)",
        "5 of 0: project order_id, customer_id, status, amount, items, tags, ordered_at, upper(status) -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, _g0 string?; key order_id; time ordered_at)\n6 of 5: aggregate Cumulate { size_ms: 86400000, step_ms: 3600000 } of ordered_at by _g0: n = count(distinct customer_id) where (amount > 100d), least = min(amount) where (amount > 100d) -> append(window_start timestamp, window_end timestamp, window_time timestamp, _g0 string?, n int64, least decimal(12,2)?; key window_start, window_end, _g0; time window_time)\n7 of 6: project window_time, _g0, n, least -> append(window_time timestamp, s string?, n int64, least decimal(12,2)?; key ; time window_time)\n= 7",
    );
    check(
        "SELECT customer_id, count(*) AS n FROM TABLE(SESSION(TABLE orders PARTITION BY customer_id, DESCRIPTOR(ordered_at), INTERVAL '5' MINUTE)) GROUP BY window_start, window_end, customer_id",
        "5 of 0: aggregate Session { gap_ms: 300000 } of ordered_at by customer_id: n = count() -> append(window_start timestamp, window_end timestamp, window_time timestamp, customer_id string, n int64; key window_start, window_end, customer_id; time window_time)\n6 of 5: project customer_id, n -> append(customer_id string, n int64; key ; time none)\n= 6",
    );
    check(
        "SELECT count(*) AS n FROM TABLE(TUMBLE(DATA => TABLE orders, TIMECOL => DESCRIPTOR(ordered_at), SIZE => INTERVAL '1' HOUR, OFFSET => INTERVAL '-10' MINUTE)) GROUP BY window_start, window_end",
        "5 of 0: aggregate Tumble { size_ms: 3600000, offset_ms: 3000000 } of ordered_at by : n = count() -> append(window_start timestamp, window_end timestamp, window_time timestamp, n int64; key window_start, window_end; time window_time)\n6 of 5: project n -> append(n int64; key ; time none)\n= 6",
    );
    check(
        "WITH m AS (SELECT window_time, count(*) AS n FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end, window_time) SELECT window_start, sum(n) AS n FROM TABLE(TUMBLE(TABLE m, DESCRIPTOR(window_time), INTERVAL '1' HOUR)) GROUP BY window_start, window_end",
        "5 of 0: aggregate Tumble { size_ms: 60000, offset_ms: 0 } of ordered_at by : n = count() -> append(window_start timestamp, window_end timestamp, window_time timestamp, n int64; key window_start, window_end; time window_time)\n6 of 5: project window_time, n -> append(window_time timestamp, n int64; key ; time window_time)\n7 of 6: aggregate Tumble { size_ms: 3600000, offset_ms: 0 } of window_time by : n = sum(n) -> append(window_start timestamp, window_end timestamp, window_time timestamp, n int64?; key window_start, window_end; time window_time)\n8 of 7: project window_start, n -> append(window_start timestamp, n int64?; key ; time none)\n= 8",
    );
    check(
        "SELECT DISTINCT window_start, window_end, customer_id FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '1' MINUTE))",
        "5 of 0: aggregate Tumble { size_ms: 60000, offset_ms: 0 } of ordered_at by customer_id:  -> append(window_start timestamp, window_end timestamp, window_time timestamp, customer_id string; key window_start, window_end, customer_id; time window_time)\n6 of 5: project window_start, window_end, customer_id -> append(window_start timestamp, window_end timestamp, customer_id string; key window_start, window_end, customer_id; time none)\n= 6",
    );
}

#[test]
fn groups_without_a_window_are_kept() {
    check_kept(
        "SELECT customer_id, sum(amount) AS total FROM orders GROUP BY customer_id",
        "5 of 0: aggregate by customer_id: total = sum(amount) keep ForMs(604800000) -> upsert(customer_id string, total decimal(38,2); key customer_id; time none)\n= 5",
    );
    check(
        "SELECT /*+ STATE_TTL('orders' = 'forever') */ customer_id, max(ordered_at) AS newest FROM orders GROUP BY customer_id",
        "5 of 0: aggregate by customer_id: newest = max(ordered_at) keep Forever -> upsert(customer_id string, newest timestamp; key customer_id; time newest)\n= 5",
    );
    check_kept(
        "SELECT DISTINCT customer_id, status FROM orders",
        "5 of 0: project customer_id, status -> append(customer_id string, status string?; key ; time none)\n6 of 5: aggregate by customer_id, status:  keep ForMs(604800000) -> upsert(customer_id string, status string?; key customer_id, status; time none)\n= 6",
    );
    check_kept(
        "SELECT o.customer_id, count(*) AS n FROM orders AS o GROUP BY customer_id HAVING count(*) > 1 AND max(o.amount) > 2",
        "5 of 0: aggregate by customer_id: n = count(), _m1 = max(amount) keep ForMs(604800000) -> upsert(customer_id string, n int64, _m1 decimal(12,2); key customer_id; time none)\n6 of 5: filter ((n > 1) and (_m1 > 200d)) -> upsert(customer_id string, n int64, _m1 decimal(12,2); key customer_id; time none)\n7 of 6: project customer_id, n -> upsert(customer_id string, n int64; key customer_id; time none)\n= 7",
    );
}

#[test]
fn joins_are_bounded() {
    check_kept(
        "SELECT o.order_id, p.total FROM orders AS o JOIN payments AS p ON o.order_id = p.order_id AND p.total > o.amount",
        "5 of 0, 1: join Inner on order_id = order_id if (total > amount) Kept { left: ForMs(604800000), right: ForMs(604800000) } -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, payment_id string, order_id string, total decimal(12,2), paid_at timestamp; key order_id, payment_id; time ordered_at)\n6 of 5: project order_id, total -> append(order_id string, total decimal(12,2); key ; time none)\n= 6",
    );
    check_kept(
        "SELECT o.order_id, c.tier FROM orders AS o LEFT JOIN customers AS c ON c.customer_id = o.customer_id",
        "5 of 0, 2: join Left on customer_id = customer_id Kept { left: ForMs(604800000), right: ForMs(604800000) } -> upsert(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, customer_id string?, tier string?, changed_at timestamp?; key order_id; time ordered_at)\n6 of 5: project order_id, tier -> upsert(order_id string, tier string?; key order_id; time none)\n= 6",
    );
    check(
        "SELECT /*+ STATE_TTL('o' = '1d', 'c' = 'forever') */ o.order_id, c.tier FROM orders AS o JOIN customers AS c ON c.customer_id = o.customer_id",
        "5 of 0, 2: join Inner on customer_id = customer_id Kept { left: ForMs(86400000), right: Forever } -> upsert(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, customer_id string, tier string?, changed_at timestamp; key order_id; time ordered_at)\n6 of 5: project order_id, tier -> upsert(order_id string, tier string?; key order_id; time none)\n= 6",
    );
    check(
        "SELECT o.order_id, p.total FROM orders o JOIN payments p ON o.order_id = p.order_id AND p.paid_at BETWEEN o.ordered_at - INTERVAL '1' MINUTE AND o.ordered_at + INTERVAL '1' HOUR",
        "5 of 0, 1: join Inner on order_id = order_id Interval { left: 6, right: 10, lower_ms: -60000, upper_ms: 3600000 } -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, payment_id string, order_id string, total decimal(12,2), paid_at timestamp; key order_id, payment_id; time ordered_at)\n6 of 5: project order_id, total -> append(order_id string, total decimal(12,2); key ; time none)\n= 6",
    );
    check(
        "SELECT o.order_id, p.total FROM orders o LEFT JOIN payments p ON o.order_id = p.order_id AND o.ordered_at <= p.paid_at AND p.paid_at - INTERVAL '1' HOUR < o.ordered_at AND p.total > 0",
        "5 of 0, 1: join Left on order_id = order_id if (total > 0d) Interval { left: 6, right: 10, lower_ms: 0, upper_ms: 3599999 } -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, payment_id string?, order_id string?, total decimal(12,2)?, paid_at timestamp?; key order_id, payment_id; time ordered_at)\n6 of 5: project order_id, total -> append(order_id string, total decimal(12,2)?; key ; time none)\n= 6",
    );
    check(
        "SELECT o.order_id FROM orders o JOIN payments p ON o.order_id = p.order_id AND o.ordered_at = p.paid_at",
        "5 of 0, 1: join Inner on order_id = order_id, ordered_at = paid_at Interval { left: 6, right: 10, lower_ms: 0, upper_ms: 0 } -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, payment_id string, order_id string, total decimal(12,2), paid_at timestamp; key order_id, payment_id; time ordered_at)\n6 of 5: project order_id -> append(order_id string; key ; time none)\n= 6",
    );
    check(
        "SELECT o.order_id, c.tier FROM orders AS o LEFT JOIN customers FOR SYSTEM_TIME AS OF o.ordered_at AS c ON o.customer_id = c.customer_id",
        "5 of 0, 2: join Left on customer_id = customer_id AsOf { left: 6 } -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, customer_id string?, tier string?, changed_at timestamp?; key order_id; time ordered_at)\n6 of 5: project order_id, tier -> append(order_id string, tier string?; key order_id; time none)\n= 6",
    );
    check(
        "SELECT o.order_id, c.tier, b.points FROM orders AS o LEFT JOIN customers FOR SYSTEM_TIME AS OF o.ordered_at AS c ON o.customer_id = c.customer_id LEFT JOIN customers FOR SYSTEM_TIME AS OF o.ordered_at AS d ON o.status = d.customer_id JOIN /* why */ (SELECT customer_id, points FROM points) AS b ON b.customer_id = c.customer_id",
        "F002 [b.customer_id = c.customer_id] a join without a bound in time would keep its state for ever; help: bound it with a window, or say how long it is kept: `keep: 7d`, or `keep: forever` if that is meant",
    );
    check_kept(
        "SELECT c.customer_id, c.tier, p.points FROM customers c FULL JOIN points p ON c.customer_id = p.customer_id",
        "F005 [c.customer_id, c.tier, p.points] the key field `customer_id` of an upsert stream is dropped or recomputed; note: the stream is keyed by `customer_id`, `customer_id`; help: keep the key fields as they are, or turn the stream into its changes first with the step `changelog`",
    );
}

#[test]
fn lists_are_unfolded() {
    check(
        "SELECT o.order_id, i.sku, i.n FROM orders AS o CROSS JOIN UNNEST(o.items) AS i (sku, n)",
        "5 of 0: unnest items empty false ordinality false -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, sku string, n int32; key ; time ordered_at)\n6 of 5: project order_id, sku, n -> append(order_id string, sku string, n int32; key ; time none)\n= 6",
    );
    check(
        "SELECT order_id, sku FROM orders, UNNEST(items)",
        "5 of 0: unnest items empty false ordinality false -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, sku string, count int32; key ; time ordered_at)\n6 of 5: project order_id, sku -> append(order_id string, sku string; key ; time none)\n= 6",
    );
    check(
        "SELECT order_id, tag, at FROM orders LEFT JOIN UNNEST(tags) WITH ORDINALITY AS t (tag, at) ON TRUE",
        "5 of 0: unnest tags empty true ordinality true -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, tag string?, at int64?; key order_id, at; time ordered_at)\n6 of 5: project order_id, tag, at -> append(order_id string, tag string?, at int64?; key order_id, at; time none)\n= 6",
    );
    check(
        "SELECT order_id, t.tag FROM orders CROSS JOIN UNNEST(ARRAY['a', status]) AS t (tag)",
        "5 of 0: project order_id, customer_id, status, amount, items, tags, ordered_at, array('a', status) -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, _list list<string>; key order_id; time ordered_at)\n6 of 5: unnest _list empty false ordinality false -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, _list list<string>, tag string?; key ; time ordered_at)\n7 of 6: project order_id, tag -> append(order_id string, tag string?; key ; time none)\n= 7",
    );
}

#[test]
fn windows_of_records_look_back() {
    check(
        "SELECT order_id, ordered_at, sum(amount) OVER (PARTITION BY customer_id ORDER BY ordered_at RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW) AS recent FROM orders",
        "5 of 0: over customer_id by ordered_at RangeMs(3600000): recent = sum(amount) -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, recent decimal(38,2); key order_id; time ordered_at)\n6 of 5: project order_id, ordered_at, recent -> append(order_id string, ordered_at timestamp, recent decimal(38,2); key order_id; time ordered_at)\n= 6",
    );
    check(
        "SELECT order_id, amount - lag(amount) OVER w AS step, lag(amount, 2, 0.0) OVER w AS before, count(*) OVER w2 AS n, max(amount) OVER w2 AS m FROM orders WINDOW w AS (PARTITION BY upper(customer_id) ORDER BY ordered_at), w2 AS (PARTITION BY customer_id ORDER BY ordered_at ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)",
        "5 of 0: project order_id, customer_id, status, amount, items, tags, ordered_at, upper(customer_id) -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, _p0 string; key order_id; time ordered_at)\n6 of 5: over _p0 by ordered_at Rows(1): _m0 = lag(amount) -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, _p0 string, _m0 decimal(12,2)?; key order_id; time ordered_at)\n7 of 6: over _p0 by ordered_at Rows(2): before = lag(amount, 2, 0d) -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, _p0 string, _m0 decimal(12,2)?, before decimal(12,2)?; key order_id; time ordered_at)\n8 of 7: over customer_id by ordered_at Rows(2): n = count(), m = max(amount) -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, _p0 string, _m0 decimal(12,2)?, before decimal(12,2)?, n int64, m decimal(12,2); key order_id; time ordered_at)\n9 of 8: project order_id, (amount - _m0), before, n, m -> append(order_id string, step decimal(13,2)?, before decimal(12,2)?, n int64, m decimal(12,2); key order_id; time none)\n= 9",
    );
    check_kept(
        "SELECT order_id, first_value(status) OVER (PARTITION BY customer_id ORDER BY ordered_at) AS first FROM orders",
        "5 of 0: over customer_id by ordered_at Unbounded(ForMs(604800000)): first = first_value(status) -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, first string?; key order_id; time ordered_at)\n6 of 5: project order_id, first -> append(order_id string, first string?; key order_id; time none)\n= 6",
    );
    check_kept(
        "SELECT order_id, row_number() OVER (PARTITION BY customer_id ORDER BY ordered_at) AS n FROM orders",
        "5 of 0: over customer_id by ordered_at Unbounded(ForMs(604800000)): n = row_number() -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, n int64; key order_id; time ordered_at)\n6 of 5: project order_id, n -> append(order_id string, n int64; key order_id; time none)\n= 6",
    );
}

#[test]
fn numbered_rows_are_deduplicated_or_ranked() {
    check_kept(
        "SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY order_id ORDER BY ordered_at) AS n FROM orders) WHERE n = 1",
        "5 of 0: deduplicate order_id FirstWithinMs(604800000) -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp; key order_id; time ordered_at)\n6 of 5: project order_id, customer_id, status, amount, items, tags, ordered_at, 1 -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, n int64; key order_id; time ordered_at)\n= 6",
    );
    check_kept(
        "SELECT order_id, status FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY order_id ORDER BY ordered_at DESC) AS n FROM orders) AS t WHERE t.n <= 1 AND status = 'paid'",
        "5 of 0: deduplicate order_id Last(ForMs(604800000)) -> upsert(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp; key order_id; time ordered_at)\n6 of 5: project order_id, customer_id, status, amount, items, tags, ordered_at, 1 -> upsert(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, n int64; key order_id; time ordered_at)\n7 of 6: filter (status = 'paid') -> upsert(order_id string, customer_id string, status string, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, n int64; key order_id; time ordered_at)\n8 of 7: project order_id, status -> upsert(order_id string, status string; key order_id; time none)\n= 8",
    );
    check_kept(
        "WITH ranked AS (SELECT customer_id, order_id, amount, ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY amount DESC, order_id) AS n FROM orders WHERE amount > 0) SELECT customer_id, n, order_id, amount FROM ranked WHERE n <= 3",
        "5 of 0: filter (amount > 0d) -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp; key order_id; time ordered_at)\n6 of 5: top 3 of customer_id by amount desc true nulls first false, order_id desc false nulls first true rank true keep ForMs(604800000) -> upsert(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, n int64; key customer_id, n; time ordered_at)\n7 of 6: project customer_id, order_id, amount, n -> upsert(customer_id string, order_id string, amount decimal(12,2), n int64; key customer_id, n; time none)\n8 of 7: project customer_id, n, order_id, amount -> upsert(customer_id string, n int64, order_id string, amount decimal(12,2); key customer_id, n; time none)\n= 8",
    );
    check_kept(
        "SELECT customer_id, amount FROM (SELECT customer_id, amount, ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY amount DESC) AS n FROM orders) WHERE 1 = n",
        "5 of 0: top 1 of customer_id by amount desc true nulls first false rank false keep ForMs(604800000) -> upsert(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp; key customer_id; time ordered_at)\n6 of 5: project customer_id, amount, 1 -> upsert(customer_id string, amount decimal(12,2), n int64; key customer_id; time none)\n7 of 6: project customer_id, amount -> upsert(customer_id string, amount decimal(12,2); key customer_id; time none)\n= 7",
    );
    check_kept(
        "SELECT k, amount FROM (SELECT upper(customer_id) AS k, amount, ROW_NUMBER() OVER (PARTITION BY upper(customer_id) ORDER BY amount) AS n FROM orders) WHERE n = 1",
        "5 of 0: project order_id, customer_id, status, amount, items, tags, ordered_at, upper(customer_id) -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, _p0 string; key order_id; time ordered_at)\n6 of 5: top 1 of _p0 by amount desc false nulls first true rank false keep ForMs(604800000) -> upsert(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, _p0 string; key _p0; time ordered_at)\n7 of 6: project _p0, amount, 1 -> upsert(k string, amount decimal(12,2), n int64; key k; time none)\n8 of 7: project k, amount -> upsert(k string, amount decimal(12,2); key k; time none)\n= 8",
    );
    check_kept(
        "SELECT o.order_id FROM orders o JOIN (SELECT customer_id, ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY ordered_at) AS n FROM orders) AS r ON r.customer_id = o.customer_id",
        "5 of 0: over customer_id by ordered_at Unbounded(ForMs(604800000)): n = row_number() -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, n int64; key order_id; time ordered_at)\n6 of 5: project customer_id, n -> append(customer_id string, n int64; key ; time none)\n7 of 0, 6: join Inner on customer_id = customer_id Kept { left: ForMs(604800000), right: ForMs(604800000) } -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, customer_id string, n int64; key ; time ordered_at)\n8 of 7: project order_id -> append(order_id string; key ; time none)\n= 8",
    );
    check_kept(
        "SELECT customer_id, amount, n FROM (SELECT customer_id, amount, ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY amount DESC) AS n FROM orders) WHERE n = 3",
        "5 of 0: top 3 of customer_id by amount desc true nulls first false rank true keep ForMs(604800000) -> upsert(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp, n int64; key customer_id, n; time ordered_at)\n6 of 5: project customer_id, amount, n -> upsert(customer_id string, amount decimal(12,2), n int64; key customer_id, n; time none)\n7 of 6: filter (n = 3) -> upsert(customer_id string, amount decimal(12,2), n int64; key customer_id, n; time none)\n= 7",
    );
    check(
        "SELECT /*+ STATE_TTL('orders' = 'forever') */ order_id FROM orders WHERE amount > 1 GROUP BY order_id",
        "5 of 0: filter (amount > 100d) -> append(order_id string, customer_id string, status string?, amount decimal(12,2), items list<struct<sku string, count int32>>, tags list<string>?, ordered_at timestamp; key order_id; time ordered_at)\n6 of 5: aggregate by order_id:  keep Forever -> upsert(order_id string; key order_id; time none)\n= 6",
    );
}

#[test]
fn the_names_that_a_query_reads_are_found_before_it_is_bound() {
    let check = |text: &str, expected: &[&str]| {
        let found = super::referenced_names(text);
        let shown: Vec<String> = found
            .into_iter()
            .map(|(name, place)| format!("{name}={}", &text[place.start as usize..place.end as usize]))
            .collect();
        assert_eq!(shown, expected, "{text}");
    };
    check(
        "SELECT * FROM orders AS o JOIN split.big ON o.a = big.a",
        &["orders=orders", "split.big=split.big"],
    );
    check(
        "WITH a AS (SELECT * FROM b), b AS (SELECT * FROM a) SELECT * FROM b, `c d`",
        &["b=b", "c d=`c d`"],
    );
    check(
        "SELECT * FROM (SELECT * FROM a UNION ALL (WITH a AS (SELECT * FROM c) SELECT * FROM a)) AS t",
        &["a=a", "c=c"],
    );
    check(
        "SELECT * FROM TABLE(HOP(TABLE x, DESCRIPTOR(t), INTERVAL '1' DAY, INTERVAL '2' DAY)), UNNEST(y)",
        &["x=x"],
    );
    check(
        "SELECT * FROM (a JOIN b ON 1 = 1) JOIN c FOR SYSTEM_TIME AS OF a.t ON 1 = 1",
        &["a=a", "b=b", "c=c"],
    );
    check("this is no query", &[]);
}

/// The measures of a step over orders grouped by customer, or what is wrong with them.
fn check_measures(texts: &[(&str, &str)], expected: &str) {
    let anchor = Anchor::value(DocumentId(0), "/spec");
    let mut flow = Flow { node: Some(NodeId(0)), ..Flow::default() };
    let inputs = inputs(&mut flow, &anchor);
    let grouping = flow::Grouping { window: None, time: None, by: vec![1], keep: Some(Keep::Forever) };
    let owned: Vec<(String, String, Anchor)> =
        texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned(), anchor.at(name))).collect();
    super::bind_measures(&mut flow, inputs["orders"], grouping, &owned, &anchor);
    let problems: Vec<String> =
        flow.diagnostics.iter().map(|diagnostic| said(diagnostic, texts[0].1)).collect();
    let found = if problems.is_empty() { shown::flow(&flow, inputs.len()) } else { problems.join("\n") };
    assert_eq!(found, expected);
}

#[test]
fn measures_of_a_step_are_columns_of_the_group() {
    check_measures(
        &[("n", "count(*)"), ("total", "sum(amount)")],
        "5 of 0: aggregate by customer_id: n = count(), total = sum(amount) keep Forever -> upsert(customer_id string, n int64, total decimal(38,2); key customer_id; time none)",
    );
    check_measures(
        &[("mean", "sum(amount) / count(*)"), ("n", "count(*)"), ("whose", "upper(customer_id)")],
        "5 of 0: aggregate by customer_id: _m0 = sum(amount), _m1 = count(), n = count() keep Forever -> upsert(customer_id string, _m0 decimal(38,2), _m1 int64, n int64; key customer_id; time none)\n6 of 5: project customer_id, (_m0 / cast(_m1 as decimal(19,0))), n, upper(customer_id) -> upsert(customer_id string, mean decimal(38,6)?, n int64, whose string; key customer_id; time none)",
    );
    check_measures(
        &[("n", "amount")],
        "Q007 [amount] `amount` is not grouped by, so it has many values in each group; help: group by it as well, or say which of its values: `max(amount)`, `last_value(amount)`",
    );
    check_measures(
        &[("n", "sum(amount) OVER (ORDER BY ordered_at)")],
        "T013 [sum(amount)] `sum` over a window can't stand in a measure; help: compute it in a query of its own, `SELECT ... OVER (...) AS name`, and use the name in a query around it",
    );
    check_measures(&[("n", "sum(")], "Q001 [(] expected an expression, and the text ends");
}
