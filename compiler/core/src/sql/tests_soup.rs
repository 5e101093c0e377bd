//! Words of SQL in any order: nothing panics, and every place that a diagnostic names is in the text.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::tests_query::{bound, inputs};
use super::{Scope, bind_expr, bind_query, referenced_names, shown};
use crate::diagnostic::{Anchor, Diagnostic, DocumentId, Part, Place, Severity};
use crate::flow::Flow;
use crate::graph::{Keep, NodeId};

/// What a query is made of, and what does not belong there.
const WORDS: &[&str] = &[
    "SELECT",
    "SELECT",
    "FROM",
    "FROM",
    "WHERE",
    "GROUP BY",
    "HAVING",
    "JOIN",
    "LEFT JOIN",
    "FULL JOIN",
    "ON",
    "AS",
    "WITH",
    "UNION ALL",
    "ORDER BY",
    "OVER",
    "PARTITION BY",
    "ROWS",
    "RANGE",
    "BETWEEN",
    "AND",
    "OR",
    "NOT",
    "IS NULL",
    "IN",
    "LIKE",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "CAST",
    "INTERVAL",
    "DATE",
    "TIMESTAMP",
    "UNNEST",
    "TABLE",
    "TUMBLE",
    "SESSION",
    "DESCRIPTOR",
    "CROSS JOIN",
    "LATERAL",
    "FOR SYSTEM_TIME AS OF",
    "ROW_NUMBER",
    "DISTINCT",
    "FILTER",
    "WINDOW",
    "LIMIT",
    "EXISTS",
    "TRIM",
    "OVERLAY",
    "EXTRACT",
    "FLOOR",
    "TO",
    "DAY",
    "ARRAY",
    "list",
    "MATCH_RECOGNIZE",
    "PIVOT",
    "QUALIFY",
    "orders",
    "orders",
    "payments",
    "customers",
    "o",
    "p",
    "order_id",
    "amount",
    "status",
    "ordered_at",
    "paid_at",
    "items",
    "tags",
    "tier",
    "window_start",
    "window_end",
    "n",
    "sum",
    "count",
    "lag",
    "upper",
    "nothing",
    "*",
    "*",
    ",",
    ",",
    "(",
    ")",
    "(",
    ")",
    "[",
    "]",
    "<",
    ">",
    "=",
    "=",
    "+",
    "-",
    "||",
    ".",
    ".",
    ";",
    "1",
    "2.5",
    "1e3",
    "'é'",
    "'1'",
    "'2026-01-31'",
    "`ü n`",
    "\"d\"",
    "/*+ STATE_TTL('orders' = '1d') */",
    "-- c\n",
    "\r\n",
    "::",
    "->",
    "$1",
    "é",
    "'",
    "NULL",
    "TRUE",
    "ROW",
    "MINUTE",
];

fn soup() -> impl Strategy<Value = String> {
    let word = prop::sample::select(WORDS);
    prop::collection::vec(word, 0..40).prop_map(|words| words.join(" "))
}

/// Queries that bind, to be spoilt.
const SOUND: &[&str] = &[
    "SELECT o . * , upper ( status ) AS shouted FROM orders AS o WHERE amount > 0 AND status IS NOT NULL",
    "WITH big AS ( SELECT order_id , amount FROM orders WHERE amount > 9 ) SELECT order_id FROM big",
    "SELECT order_id AS id , amount FROM orders UNION ALL SELECT payment_id , total FROM payments",
    "SELECT window_start , window_end , status , count ( * ) AS n FROM TABLE ( HOP ( TABLE orders , DESCRIPTOR ( ordered_at ) , INTERVAL '1' MINUTE , INTERVAL '5' MINUTE ) ) GROUP BY window_start , window_end , status HAVING count ( * ) > 1",
    "SELECT customer_id , count ( * ) AS n FROM TABLE ( SESSION ( TABLE orders PARTITION BY customer_id , DESCRIPTOR ( ordered_at ) , INTERVAL '5' MINUTE ) ) GROUP BY window_start , window_end , customer_id",
    "SELECT DISTINCT customer_id , sum ( amount ) FILTER ( WHERE amount > 1 ) AS total FROM orders GROUP BY customer_id",
    "SELECT o . order_id , p . total FROM orders o LEFT JOIN payments p ON o . order_id = p . order_id AND p . paid_at BETWEEN o . ordered_at - INTERVAL '1' MINUTE AND o . ordered_at + INTERVAL '1' HOUR",
    "SELECT o . order_id , c . tier FROM orders AS o LEFT JOIN customers FOR SYSTEM_TIME AS OF o . ordered_at AS c ON o . customer_id = c . customer_id",
    "SELECT order_id , tag , at FROM orders LEFT JOIN UNNEST ( tags ) WITH ORDINALITY AS t ( tag , at ) ON TRUE",
    "SELECT order_id , amount - lag ( amount ) OVER w AS step FROM orders WINDOW w AS ( PARTITION BY upper ( customer_id ) ORDER BY ordered_at )",
    "SELECT sum ( amount ) OVER ( PARTITION BY status ORDER BY ordered_at RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW ) AS s FROM orders",
    "SELECT order_id , n FROM ( SELECT * , ROW_NUMBER ( ) OVER ( PARTITION BY order_id ORDER BY ordered_at DESC ) AS n FROM orders ) AS t WHERE t . n <= 1 AND status = 'paid'",
    "SELECT CASE WHEN amount > 1 THEN CAST ( items [ 1 ] . count AS string ) ELSE status END AS x FROM orders",
];

/// A sound query with some words replaced, left out or doubled.
fn spoilt() -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), 0..3, prop::sample::select(WORDS));
    (prop::sample::select(SOUND), prop::collection::vec(change, 1..4)).prop_map(|(sound, changes)| {
        let mut words: Vec<&str> = sound.split(' ').collect();
        for (index, kind, word) in changes {
            let at = index.index(words.len());
            match kind {
                0 => words[at] = word,
                1 => words.insert(at, word),
                _ => {
                    words.remove(at);
                }
            }
        }
        words.join(" ")
    })
}

/// A query that begins well, so that more of them get past the parser.
fn query() -> impl Strategy<Value = String> {
    let part = || prop::collection::vec(prop::sample::select(WORDS), 1..6).prop_map(|words| words.join(" "));
    prop_oneof![
        6 => spoilt(),
        1 => soup(),
        1 => (part(), part()).prop_map(|(items, rest)| format!("SELECT {items} FROM orders AS o {rest}")),
        1 => part().prop_map(|on| format!("SELECT o.order_id FROM orders o JOIN payments p ON o.order_id = p.order_id AND {on}")),
        1 => (part(), part()).prop_map(|(a, b)| format!(
            "SELECT {a} AS x FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end, {b}"
        )),
        1 => (part(), part()).prop_map(|(a, b)| format!(
            "SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY {a} ORDER BY {b}) AS n FROM orders) WHERE n <= 2 AND {a}"
        )),
        1 => part().prop_map(|a| format!("SELECT sum(amount) OVER (PARTITION BY status ORDER BY ordered_at {a}) AS s FROM orders")),
    ]
}

fn check_places(text: &str, diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics {
        let places =
            std::iter::once(&diagnostic.place).chain(diagnostic.labels.iter().map(|label| &label.place));
        for place in places {
            if let Place::Anchor(Anchor { part: Part::Bytes { start, end }, .. }) = place {
                assert!(
                    text.get(*start as usize..*end as usize).is_some(),
                    "{start}..{end} of {text:?}: {}",
                    diagnostic.message
                );
            }
        }
        let message = &diagnostic.message;
        assert!(!message.ends_with('.') && !message.is_empty(), "{message:?} for {text:?}");
    }
}

#[test]
fn what_is_spoilt_was_sound() {
    for text in SOUND {
        let found = bound(text, Some(Keep::Forever));
        assert!(found.contains("\n= "), "{text}: {found}");
    }
}

proptest! {
    #[test]
    fn queries_end_in_an_operator_or_a_diagnostic(text in query()) {
        let anchor = Anchor::value(DocumentId(0), "/spec");
        let mut flow = Flow { node: Some(NodeId(0)), ..Flow::default() };
        let inputs = inputs(&mut flow, &anchor);
        let names: BTreeMap<_, _> = inputs.clone();
        let result = bind_query(&mut flow, &names, &text, &anchor, Some(Keep::ForMs(1)));
        check_places(&text, &flow.diagnostics);
        if flow.diagnostics.iter().all(|diagnostic| diagnostic.severity == Severity::Warning) {
            let graph = shown::flow(&flow, inputs.len());
            prop_assert!(!graph.contains("<poison>") && !graph.contains('#'), "{graph} for {text:?}");
        }
        for (name, place) in referenced_names(&text) {
            prop_assert!(text.get(place.start as usize..place.end as usize).is_some(), "{name} of {text:?}");
        }
        let unknown = referenced_names(&text).iter().any(|(name, _)| !inputs.contains_key(name));
        prop_assert!(result.is_some() || unknown || !flow.diagnostics.is_empty(), "silence about {text:?}");
    }

    #[test]
    fn expressions_end_in_a_value_or_a_diagnostic(text in soup()) {
        let anchor = Anchor::value(DocumentId(0), "/spec");
        let mut diagnostics = Vec::new();
        let typed = bind_expr(&super::tests_expr::scope(), &text, &anchor, &mut diagnostics);
        check_places(&text, &diagnostics);
        prop_assert!(!typed.expr.data_type.is_unknown() || !diagnostics.is_empty(), "silence about {text:?}");
        let mut none = Vec::new();
        bind_expr(&Scope::default(), &text, &anchor, &mut none);
        check_places(&text, &none);
    }
}
