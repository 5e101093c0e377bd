//! Lists and maps: entries of the function table. Positions count from 1; inside a list null equals null.

use super::build::{INT, INT32, STRING, TEXT, is, scalar, sig, to};
use super::{Family, Function, Gives, Nulls, Signature, Takes};
use crate::data_type::{DataType, Slot};
use crate::expr::Expr;

const fn nested(name: &'static str, written: &'static str, signatures: &'static [Signature]) -> Function {
    scalar(Family::Nested, name, written, signatures)
}

const LIST: Takes = Takes::List;
const TEXTS: Takes = Takes::ListOf(&DataType::String);
const OUTSIDE: &str = "an index or key without a value gives null";

/// What the list or map at the front holds.
fn held(args: &[Expr]) -> Option<&Slot> {
    let first = &args.first()?.data_type;
    if let DataType::List(slot) | DataType::Map(slot) = first { Some(slot) } else { None }
}

fn list(data_type: DataType, nullable: bool) -> Option<DataType> {
    Some(DataType::List(Box::new(Slot { data_type, nullable })))
}

const HELD: Gives = Gives::Rule("the type of what it holds", |args| {
    // The null literal holds nothing, so the value is null too.
    Some(held(args).map_or(DataType::Null, |slot| slot.data_type.clone()))
});

/// What a list of values that have an order holds.
const LEAST: Gives = Gives::Rule("the type of its elements, which have an order", |args| {
    let data_type = held(args).map_or(DataType::Null, |slot| slot.data_type.clone());
    (!data_type.is_nested()).then_some(data_type)
});

const ORDERED: Gives = Gives::Rule("the list, whose elements have an order", |args| {
    let data_type = &args.first()?.data_type;
    held(args).is_none_or(|slot| !slot.data_type.is_nested()).then(|| data_type.clone())
});

fn compares(args: &[Expr]) -> bool {
    held(args).is_none_or(|slot| !slot.data_type.is_nested())
}

const FOUND: Gives = Gives::Rule("bool; elements that are lists, maps or structs do not compare", |args| {
    compares(args).then_some(DataType::Bool)
});

const FOUND_AT: Gives =
    Gives::Rule("int32; elements that are lists, maps or structs do not compare", |args| {
        compares(args).then_some(DataType::Int32)
    });

const OF_ALL: Gives = Gives::Rule("list<T>", |args| {
    let data_type = args.first()?.data_type.clone();
    (data_type != DataType::Null).then(|| list(data_type, args.iter().any(|arg| arg.nullable)))?
});

const KEYS: Gives = Gives::Rule("list<string>", |_| list(DataType::String, false));

const VALUES: Gives =
    Gives::Rule("list<T>", |args| held(args).map(|slot| DataType::List(Box::new(slot.clone()))));

const ZIPPED: Gives = Gives::Rule("map<T>", |args| {
    let DataType::List(slot) = &args.get(1)?.data_type else { return None };
    Some(DataType::Map(slot.clone()))
});

pub(super) const FUNCTIONS: &[Function] = &[
    nested("array", "ARRAY[a, ...]", &[sig(&[Takes::Shared], OF_ALL).more(Takes::Shared).flink("ARRAY[$*]")])
        .nulls(Nulls::Never)
        .doc("A list of these values.")
        .note("Never null itself; elements may be.")
        .cases(&[
            is("ARRAY[1, 2]", "[1, 2]"),
            is("ARRAY['a', NULL]", "[a, null]"),
            is("ARRAY[1, 2.5]", "[1.0, 2.5]"),
        ]),
    nested("cardinality", "cardinality(a)", &[to(&[LIST], INT32), to(&[Takes::Map], INT32)])
        .alias(&["size"])
        .doc("How many elements or entries there are.")
        .note("Null elements count.")
        .cases(&[
            is("cardinality(ARRAY[1, NULL])", "2"),
            is("cardinality(split('a', ','))", "1"),
            is("cardinality(NULL)", "null"),
        ]),
    nested(
        "[]",
        "list[index], map[key]",
        &[
            sig(&[LIST, INT], HELD).can_fail(OUTSIDE).flink("$0[CASE WHEN $1 >= 1 THEN $1 END]"),
            sig(&[Takes::Map, TEXT], HELD).can_fail(OUTSIDE).flink("$0[$1]"),
        ],
    )
    .alias(&["element_at"])
    .doc("The element at a position from 1, or the value of a key.")
    .note("Null where there is none.")
    .cases(&[
        is("ARRAY['a', 'b'][2]", "b"),
        is("ARRAY['a', 'b'][3]", "null"),
        is("ARRAY['a', 'b'][0]", "null"),
        is("map_from_arrays(ARRAY['k'], ARRAY[7])['k']", "7"),
        is("map_from_arrays(ARRAY['k'], ARRAY[7])['x']", "null"),
    ]),
    nested("array_contains", "array_contains(list, a)", &[sig(&[LIST, Takes::Element], FOUND)])
        .nulls(Nulls::Only(0))
        .doc("Whether the value is an element of the list.")
        .note("A null is found if the list has one.")
        .cases(&[
            is("array_contains(ARRAY[1, 2], 2)", "true"),
            is("array_contains(ARRAY[1, 2], NULL)", "false"),
            is("array_contains(ARRAY[1, NULL], NULL)", "true"),
            is("array_contains(CAST(NULL AS list<int32>), 1)", "null"),
        ]),
    nested("array_position", "array_position(list, a)", &[sig(&[LIST, Takes::Element], FOUND_AT)])
        .doc("Where the value first stands in the list, from 1; 0 if nowhere.")
        .note("Null if the value is null.")
        .cases(&[
            is("array_position(ARRAY['a', 'b'], 'b')", "2"),
            is("array_position(ARRAY['a'], 'x')", "0"),
            is("array_position(ARRAY['a'], NULL)", "null"),
        ]),
    nested("array_distinct", "array_distinct(list)", &[sig(&[LIST], ORDERED)])
        .doc("The list without repeated elements.")
        .note("The first of equal elements stays in its place.")
        .cases(&[
            is("array_distinct(ARRAY[2, 1, 2])", "[2, 1]"),
            is("array_distinct(ARRAY[NULL, 1, NULL])", "[null, 1]"),
            is("array_distinct(NULL)", "null"),
        ]),
    nested(
        "array_join",
        "array_join(list, separator [, null])",
        &[to(&[TEXTS, TEXT], STRING), to(&[TEXTS, TEXT, TEXT], STRING)],
    )
    .doc("The texts of a list one after the other, with a separator between them.")
    .note("Null elements are left out, or written as the third argument.")
    .cases(&[
        is("array_join(ARRAY['a', NULL, 'b'], '-')", "a-b"),
        is("array_join(ARRAY['a', NULL], '-', '?')", "a-?"),
        is("array_join(ARRAY['a'], NULL)", "null"),
    ]),
    nested(
        "array_concat",
        "array_concat(list, ...)",
        &[sig(&[Takes::Shared], Gives::Shared).more(Takes::Shared)],
    )
    .doc("The elements of the lists one after the other.")
    .note("Null if any list is null.")
    .cases(&[
        is("array_concat(ARRAY[1], ARRAY[2, 3])", "[1, 2, 3]"),
        is("array_concat(ARRAY['a'])", "[a]"),
        is("array_concat(ARRAY[1], NULL)", "null"),
    ]),
    nested("array_reverse", "array_reverse(list)", &[sig(&[LIST], Gives::Same(0))])
        .doc("The elements in the opposite order.")
        .note("Null elements too.")
        .cases(&[
            is("array_reverse(ARRAY[1, 2])", "[2, 1]"),
            is("array_reverse(ARRAY[1, NULL])", "[null, 1]"),
            is("array_reverse(NULL)", "null"),
        ]),
    nested(
        "array_slice",
        "array_slice(list, from [, to])",
        &[sig(&[LIST, INT], Gives::Same(0)), sig(&[LIST, INT, INT], Gives::Same(0))],
    )
    .doc("The elements from a position to another, both included.")
    .note("Negative positions count from the end, 0 is the first; empty if nothing lies between.")
    .cases(&[
        is("array_slice(ARRAY[1, 2, 3], 2)", "[2, 3]"),
        is("array_slice(ARRAY[1, 2, 3], 1, 2)", "[1, 2]"),
        is("array_slice(ARRAY[1, 2, 3], -2)", "[2, 3]"),
        is("array_slice(ARRAY[1, 2, 3], 3, 1)", "[]"),
        is("array_slice(ARRAY[1], NULL)", "null"),
    ]),
    nested("array_sort", "array_sort(list)", &[sig(&[LIST], ORDERED)])
        .doc("The elements in order, the least first.")
        .note("Null elements first.")
        .cases(&[
            is("array_sort(ARRAY[3, 1, 2])", "[1, 2, 3]"),
            is("array_sort(ARRAY['b', NULL])", "[null, b]"),
            is("array_sort(NULL)", "null"),
        ]),
    nested(
        "array_max",
        "array_max(list)",
        &[sig(&[LIST], LEAST).can_fail("a list without elements gives null")],
    )
    .doc("The greatest element.")
    .note("Null elements are left out.")
    .cases(&[
        is("array_max(ARRAY[1, 3, NULL])", "3"),
        is("array_max(array_slice(ARRAY[1], 2))", "null"),
        is("array_max(NULL)", "null"),
    ]),
    nested(
        "array_min",
        "array_min(list)",
        &[sig(&[LIST], LEAST).can_fail("a list without elements gives null")],
    )
    .doc("The least element.")
    .note("Null elements are left out.")
    .cases(&[
        is("array_min(ARRAY['b', 'B'])", "B"),
        is("array_min(array_slice(ARRAY[1], 2))", "null"),
        is("array_min(NULL)", "null"),
    ]),
    nested("map_keys", "map_keys(map)", &[sig(&[Takes::Map], KEYS)])
        .doc("The keys of the map.")
        .note("In the order of the map.")
        .cases(&[
            is("map_keys(map_from_arrays(ARRAY['a', 'b'], ARRAY[1, 2]))", "[a, b]"),
            is("cardinality(map_keys(map_from_arrays(ARRAY['a'], ARRAY[1])))", "1"),
            is("map_keys(NULL)", "null"),
        ]),
    nested("map_values", "map_values(map)", &[sig(&[Takes::Map], VALUES)])
        .doc("The values of the map.")
        .note("In the order of the map.")
        .cases(&[
            is("map_values(map_from_arrays(ARRAY['a', 'b'], ARRAY[1, 2]))", "[1, 2]"),
            is("map_values(map_from_arrays(ARRAY['a', 'b'], ARRAY[1, NULL]))", "[1, null]"),
            is("map_values(map_from_arrays(CAST(NULL AS list<string>), ARRAY[1]))", "null"),
        ]),
    nested(
        "map_from_arrays",
        "map_from_arrays(keys, values)",
        &[sig(&[TEXTS, LIST], ZIPPED)
            .can_fail("lists of different lengths, or a key that is null, give null")],
    )
    .doc("The map from each key to the value at its place.")
    .note("Of equal keys the last value counts, at the place of the first.")
    .cases(&[
        is("map_from_arrays(ARRAY['a', 'a'], ARRAY[1, 2])['a']", "2"),
        is("map_from_arrays(ARRAY['a'], ARRAY[1, 2])['a']", "null"),
        is("map_from_arrays(ARRAY['a', NULL], ARRAY[1, 2])['a']", "null"),
        is("map_from_arrays(NULL, ARRAY[1])['a']", "null"),
    ]),
];
