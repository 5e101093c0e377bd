//! Expressions: what they bind to, and what is said where they do not.

use std::fmt::Write;

use super::scope::{Scope, ScopeColumn};
use super::{bind_expr, shown};
use crate::data_type::{DataType, Member, Slot};
use crate::diagnostic::{Anchor, Diagnostic, DocumentId, Part, Place};
use crate::flow::Typed;
use crate::stream::Column;

fn column(index: usize, qualifier: &str, name: &str, data_type: DataType, nullable: bool) -> ScopeColumn {
    let column = Column { name: name.to_owned(), data_type, nullable };
    ScopeColumn { qualifier: Some(qualifier.to_owned()), column, index, null: None }
}

pub(super) fn scope() -> Scope {
    let list = |data_type| DataType::List(Box::new(Slot { data_type, nullable: false }));
    let member = |name: &str, data_type, nullable| Member { name: name.to_owned(), data_type, nullable };
    let address = DataType::Struct(vec![
        member("city", DataType::String, true),
        member("geo", DataType::Struct(vec![member("lat", DataType::Float64, false)]), false),
    ]);
    let item = DataType::Struct(vec![
        member("sku", DataType::String, false),
        member("count", DataType::Int32, false),
    ]);
    let columns = [
        ("o", "order_id", DataType::String, false),
        ("o", "status", DataType::String, true),
        ("o", "amount", DataType::Decimal { precision: 12, scale: 2 }, false),
        ("o", "units", DataType::Int32, false),
        ("o", "ordered_at", DataType::Timestamp, false),
        ("o", "local_at", DataType::TimestampLocal, true),
        ("o", "address", address, true),
        ("o", "items", list(item), false),
        ("o", "tags", DataType::Map(Box::new(Slot { data_type: DataType::String, nullable: true })), false),
        ("o", "Order Id", DataType::Int64, false),
        ("o", "paid", DataType::Bool, true),
        ("c", "status", DataType::String, false),
        ("c", "tier", DataType::String, true),
    ];
    let columns = columns
        .into_iter()
        .enumerate()
        .map(|(index, (qualifier, name, data_type, nullable))| {
            column(index, qualifier, name, data_type, nullable)
        })
        .collect();
    Scope { columns, open: false }
}

/// A diagnostic with the text that it points at.
pub(super) fn said(diagnostic: &Diagnostic, text: &str) -> String {
    let mut shown = format!("{} ", diagnostic.code.id);
    let at = |place: &Place| match place {
        Place::Anchor(Anchor { part: Part::Bytes { start, end }, .. }) => {
            text.get(*start as usize..*end as usize).unwrap_or("<not a range of the text>").to_owned()
        }
        Place::Anchor(_) | Place::Span(_) => "<all>".to_owned(),
    };
    let _ = write!(shown, "[{}] {}", at(&diagnostic.place), diagnostic.message);
    for label in &diagnostic.labels {
        let _ = write!(shown, "; [{}] {}", at(&label.place), label.text);
    }
    for note in &diagnostic.notes {
        let _ = write!(shown, "; note: {note}");
    }
    if let Some(help) = &diagnostic.help {
        let _ = write!(shown, "; help: {help}");
    }
    if let Some(fix) = &diagnostic.fix {
        let _ = write!(shown, "; fix: [{}] {}", at(&fix.place), fix.replacement);
    }
    shown
}

pub(super) fn described(text: &str, typed: &Typed, diagnostics: &[Diagnostic]) -> String {
    if !diagnostics.is_empty() {
        return diagnostics.iter().map(|diagnostic| said(diagnostic, text)).collect::<Vec<_>>().join("\n");
    }
    let names: Vec<String> = scope()
        .columns
        .iter()
        .map(|column| format!("{}.{}", column.qualifier.as_deref().unwrap_or_default(), column.column.name))
        .collect();
    let mut shown = format!("{} : {}", shown::expr(&typed.expr, &names), typed.expr.data_type);
    if let Some(null) = &typed.null {
        let _ = write!(shown, "? ({})", null.why);
    }
    assert_eq!(
        typed.null.is_some(),
        typed.expr.nullable,
        "a cause of null is stated exactly where there is one: {text}"
    );
    shown
}

pub(super) fn check(text: &str, expected: &str) {
    let mut diagnostics = Vec::new();
    let anchor = Anchor::value(DocumentId(0), "/spec");
    let typed = bind_expr(&scope(), text, &anchor, &mut diagnostics);
    assert_eq!(described(text, &typed, &diagnostics), expected, "{text}");
}

#[test]
fn names_are_found_by_input_column_and_member() {
    check("amount", "o.amount : decimal(12,2)");
    check("o.amount", "o.amount : decimal(12,2)");
    check("`Order Id`", "o.Order Id : int64");
    check("o.address.city", "o.address.0 : string? (`address` may be null)");
    check("address.geo.lat", "o.address.1.0 : float64? (`address` may be null)");
    check("address['city']", "o.address.0 : string? (`address` may be null)");
    check(
        "amont",
        "T001 [amont] there is no column `amont`; note: the columns are `order_id`, `status`, `amount`, `units`, `ordered_at`, `local_at`, `address`, `items`, `tags`, `Order Id`, `paid`, `tier`; help: did you mean `amount`?; fix: [amont] amount",
    );
    check(
        "o.amont",
        "T001 [amont] `o` has no column `amont`; note: the columns are `order_id`, `status`, `amount`, `units`, `ordered_at`, `local_at`, `address`, `items`, `tags`, `Order Id`, `paid`; help: did you mean `amount`?; fix: [amont] amount",
    );
    check(
        "Amount",
        "T001 [Amount] there is no column `Amount`; note: the columns are `order_id`, `status`, `amount`, `units`, `ordered_at`, `local_at`, `address`, `items`, `tags`, `Order Id`, `paid`, `tier`; help: did you mean `amount`?; fix: [Amount] amount",
    );
    check(
        "x.amount",
        "T001 [x] there is no input or column `x`; note: the names are `o`, `c`, `order_id`, `status`, `amount`, `units`, `ordered_at`, `local_at`, `address`, `items`, `tags`, `Order Id` and 2 more",
    );
    check(
        "status",
        "T002 [status] the name `status` means 2 columns; help: say which: `o.status` or `c.status`",
    );
    check("c.status", "c.status : string");
    check("address.town", "T010 [town] the struct has no member `town`; note: its members are `city`, `geo`");
    check(
        "amount.city",
        "T010 [city] `decimal(12,2)` has no members, so there is no `city` in it; help: only a struct has members",
    );
    check(
        "items.sku",
        "T010 [sku] `list<struct<sku string, count int32>>` has no members, so there is no `sku` in it; help: take an element first, such as `items[1].sku`, or unnest the list",
    );
    check(
        "items['a']",
        "T011 ['a'] `list<struct<sku string, count int32>>` is not indexed by `string`; help: a list is indexed by a position from 1, a map by a text",
    );
    check("items[1].sku", "(o.items [] 1).0 : string? (an index or key without a value gives null)");
    check("tags['k']", "(o.tags [] 'k') : string? (an index or key without a value gives null)");
    check(
        "amount[1]",
        "T011 [amount[1]] `decimal(12,2)` has no elements to take one of; help: brackets take an element of a list by its position, or of a map by its key",
    );
    check(
        "tags[1]",
        "T011 [1] `map<string>` is not indexed by `int32`; help: a list is indexed by a position from 1, a map by a text",
    );
    check(
        "\"amount\"",
        "T015 [\"amount\"] `\"amount\"` is neither a text nor a name; help: write the text as `'amount'`, or the name in backticks",
    );
}

#[test]
fn constants_have_the_types_of_their_form() {
    check("1", "1 : int32");
    check("-1", "-1 : int32");
    check("2147483648", "2147483648 : int64");
    check("1.50", "150d : decimal(3,2)");
    check("1e3", "1000.0 : float64");
    check("'it''s'", "'it's' : string");
    check("TRUE", "true : bool");
    check("NULL", "null : null? (`NULL` is written here)");
    check("X'4d2A'", "[4d, 2a] : bytes");
    check("X'4'", "T009 [X'4'] `X'4'` is not pairs of hexadecimal digits; help: write bytes as `X'4d2a'`");
    check("DATE '2026-01-31'", "date 20484 : date");
    check(
        "DATE '2026-02-30'",
        "T009 [DATE '2026-02-30'] `2026-02-30` is no `date`; help: write a day as `DATE '2026-01-31'`",
    );
    check("TIME '12:30:00'", "time 45000000000 : time");
    check("TIMESTAMP '2026-01-31 12:30:00Z'", "timestamp 1769862600000000 : timestamp");
    check("TIMESTAMP '2026-01-31 12:30:00'", "timestamp 1769862600000000 : timestamp_local");
    check("TIMESTAMP_LOCAL '2026-01-31 12:30:00'", "timestamp 1769862600000000 : timestamp_local");
    check(
        "TIMESTAMP WITHOUT TIME ZONE '2026-01-31 12:30:00'",
        "timestamp 1769862600000000 : timestamp_local",
    );
    check("ordered_at + INTERVAL '1' HOUR", "(o.ordered_at + interval 0mo 3600000ms) : timestamp");
    check(
        "ordered_at - INTERVAL '1 12:30:00' DAY TO SECOND",
        "(o.ordered_at - interval 0mo 131400000ms) : timestamp",
    );
    check(
        "ordered_at > INTERVAL '1' HOUR",
        "T004 [ordered_at > INTERVAL '1' HOUR] `>` does not take `timestamp` and `interval`; help: cast the arguments to types that it takes",
    );
    check(
        "INTERVAL '1.5' HOUR",
        "T009 [INTERVAL '1.5' HOUR] `1.5` is no interval of `HOUR`; help: write it as `INTERVAL '90' MINUTE`, `INTERVAL '1 12:30:00' DAY TO SECOND` or `INTERVAL '1-6' YEAR TO MONTH`; milliseconds are the finest",
    );
    check(
        "INTERVAL '1'",
        "T009 [INTERVAL '1'] the interval `1` has no unit; help: write it as `INTERVAL '90' MINUTE`, `INTERVAL '1 12:30:00' DAY TO SECOND` or `INTERVAL '1-6' YEAR TO MONTH`; milliseconds are the finest",
    );
    check("- INTERVAL '1' MONTH", "interval -1mo 0ms : interval");
    check("INTERVAL 1 DAY", "Q001 [1] expected text such as '1' after INTERVAL, found `1`");
    check(
        "UUID '00000000-0000-0000-0000-000000000000'",
        "T009 [UUID '00000000-0000-0000-0000-000000000000'] there are no constants of type `uuid` written as a text; help: use `CAST('...' AS ...)`",
    );
    check(
        "$1",
        "T009 [$1] `$1` is no constant of this SQL; help: write numbers as `1.5`, texts as `'a'`, bytes as `X'4d2a'`",
    );
    check(
        "99999999999999999999999999999999999999999",
        "T009 [99999999999999999999999999999999999999999] the number `99999999999999999999999999999999999999999` fits in no type; help: a decimal has at most 38 digits; write an approximate number with an exponent, such as `1e40`",
    );
}

#[test]
fn operators_are_calls_of_the_table() {
    check("amount + 1", "(o.amount + 1d) : decimal(13,2)");
    check(
        "units * 2 - units / 3 % 2",
        "((cast(o.units as int64) * 2) - ((cast(o.units as int64) / 3) % 2)) : int64",
    );
    check("-units", "-(cast(o.units as int64)) : int64");
    check("+units", "o.units : int32");
    check(
        "a_b",
        "T001 [a_b] there is no column `a_b`; note: the columns are `order_id`, `status`, `amount`, `units`, `ordered_at`, `local_at`, `address`, `items`, `tags`, `Order Id`, `paid`, `tier`",
    );
    check(
        "amount > 0 AND NOT paid OR paid IS NULL",
        "(((o.amount > 0d) and not(o.paid)) or is_null(o.paid)) : bool? (`paid` may be null)",
    );
    check(
        "status || tier",
        "T002 [status] the name `status` means 2 columns; help: say which: `o.status` or `c.status`",
    );
    check("o.status || '-' || tier", "((o.status || '-') || c.tier) : string? (`status` may be null)");
    check(
        "amount > 'x'",
        "T004 [amount > 'x'] `>` does not take `decimal(12,2)` and `string`; help: cast the text to a number, `CAST(... AS decimal(12,2))`, or the number to text",
    );
    check(
        "ordered_at > '2026-01-01'",
        "T004 [ordered_at > '2026-01-01'] `>` does not take `timestamp` and `string`; help: write an instant as `TIMESTAMP '2026-01-31 12:30:00Z'`, or cast the text: `CAST(... AS timestamp)`",
    );
    check(
        "ordered_at > local_at",
        "T004 [ordered_at > local_at] `>` does not take `timestamp` and `timestamp_local`; help: say the zone: `TIMESTAMP '2026-01-31 12:30:00Z'` is an instant, and `a AT TIME ZONE 'Europe/Berlin'` turns the one into the other",
    );
    check(
        "ordered_at > DATE '2026-01-01'",
        "T004 [ordered_at > DATE '2026-01-01'] `>` does not take `timestamp` and `date`; help: say the zone: `TIMESTAMP '2026-01-31 12:30:00Z'` is an instant, and `a AT TIME ZONE 'Europe/Berlin'` turns the one into the other",
    );
    check(
        "amount + tier",
        "T004 [amount + tier] `+` does not take `decimal(12,2)` and `string`; help: cast the text to a number, `CAST(... AS decimal(12,2))`, or the number to text",
    );
    check(
        "NOT amount",
        "T006 [amount] a condition is true or false, and this is `decimal(12,2)`; help: compare it with something, such as `amount > 0` or `email IS NOT NULL`",
    );
    check(
        "paid AND amount",
        "T006 [amount] a condition is true or false, and this is `decimal(12,2)`; help: compare it with something, such as `amount > 0` or `email IS NOT NULL`",
    );
    check("1 + 1 + 1 + 1", "(((1 + 1) + 1) + 1) : int64");
    check(
        "units / units",
        "(cast(o.units as int64) / cast(o.units as int64)) : int64? (division by zero gives null)",
    );
    check(
        "ordered_at - ordered_at",
        "T004 [ordered_at - ordered_at] `-` does not take `timestamp` and `timestamp`; help: for the time between them use `timestampdiff(second, earlier, later)`",
    );
    check(
        "units || 'a'",
        "T004 [units || 'a'] `||` does not take `int32` and `string`; help: cast what is no text: `CAST(... AS string)`",
    );
}

#[test]
fn tests_are_calls_too() {
    check("amount BETWEEN 1 AND 10", "((o.amount >= 100d) and (o.amount <= 1000d)) : bool");
    check(
        "amount BETWEEN 'a' AND 'b'",
        "T004 [amount BETWEEN 'a' AND 'b'] `>=` does not take `decimal(12,2)` and `string`; help: cast the text to a number, `CAST(... AS decimal(12,2))`, or the number to text",
    );
    check("amount NOT BETWEEN 1 AND 10", "not(((o.amount >= 100d) and (o.amount <= 1000d))) : bool");
    check("units IN (1, 2, 3)", "in(o.units, 1, 2, 3) : bool");
    check("o.status NOT IN ('a', 'b')", "not(in(o.status, 'a', 'b')) : bool? (`status` may be null)");
    check("tier LIKE 'a%'", "like(c.tier, 'a%') : bool? (`tier` may be null)");
    check("tier NOT LIKE 'a!%' ESCAPE '!'", "not(like(c.tier, 'a!%', '!')) : bool? (`tier` may be null)");
    check(
        "tier ILIKE 'A%'",
        "T017 [tier ILIKE 'A%'] `ILIKE` is not supported; help: compare in one letter case: `lower(a) LIKE 'pattern in lower case'`",
    );
    check("paid IS TRUE", "is_true(o.paid) : bool");
    check("paid IS NOT FALSE", "is_not_false(o.paid) : bool");
    check("paid IS UNKNOWN", "is_null(o.paid) : bool");
    check("tier IS DISTINCT FROM o.status", "is_distinct_from(c.tier, o.status) : bool");
    check("tier IS NOT DISTINCT FROM o.status", "is_not_distinct_from(c.tier, o.status) : bool");
    check(
        "amount & 1",
        "T017 [amount & 1] `&` is no operator of this SQL; help: bits have no operators here",
    );
    check(
        "tier ~ 'a'",
        "T017 [tier ~ 'a'] `~` is no operator of this SQL; help: use `regexp_like(text, pattern)`",
    );
    check(
        "tier RLIKE 'a'",
        "T017 [tier RLIKE 'a'] this way of matching a pattern is not supported; help: use `regexp_like(text, pattern)`",
    );
    check(
        "tier SIMILAR TO 'a'",
        "T017 [tier SIMILAR TO 'a'] this way of matching a pattern is not supported; help: use `regexp_like(text, pattern)`",
    );
    check("tier::int", "T017 [tier] this form of cast is not supported; help: use `CAST(value AS type)`");
    check(
        "amount = ALL (SELECT 1)",
        "T017 [amount = ALL (SELECT 1)] `ANY` and `ALL` are not supported; help: use `IN (a, b)`, or `greatest` and `least`",
    );
}
