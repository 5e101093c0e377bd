//! Finding and replacing in text: entries of the function table.
//!
//! Regular expressions are constants of a subset that all engines read alike; see the docs of `regex`.

use super::build::{BOOL, INT, INT32, STRING, TEXT, constant, is, scalar, sig, to};
use super::{Constant, Family, Function, Gives, Signature, Takes};
use crate::data_type::{DataType, Slot};

const fn text(name: &'static str, written: &'static str, signatures: &'static [Signature]) -> Function {
    scalar(Family::Text, name, written, signatures)
}

const TEXTS: &[Takes] = &[TEXT, TEXT];
const REGEX: Takes = constant(Constant::Regex);
const NO_MATCH: &str = "text without a match gives null";

const PARTS: Gives = Gives::Rule("list<string>", |_| {
    Some(DataType::List(Box::new(Slot { data_type: DataType::String, nullable: false })))
});

pub(super) const FUNCTIONS: &[Function] = &[
    text("position", "POSITION(part IN text)", &[to(TEXTS, INT32).flink("POSITION($0 IN $1)")])
        .doc("Where the part first stands in the text, from 1; 0 if nowhere.")
        .note("Counted in characters. An empty part stands at 1.")
        .cases(&[
            is("POSITION('b' IN 'abab')", "2"),
            is("POSITION('x' IN 'abc')", "0"),
            is("POSITION('b' IN '😀b')", "2"),
            is("POSITION('' IN 'abc')", "1"),
            is("POSITION(NULL IN 'abc')", "null"),
        ]),
    text("locate", "locate(part, text [, from])", &[to(TEXTS, INT32), to(&[TEXT, TEXT, INT], INT32)])
        .doc("Where the part first stands in the text from a position on, from 1; 0 if nowhere.")
        .note("A position below 1 finds nothing.")
        .cases(&[
            is("locate('a', 'banana')", "2"),
            is("locate('a', 'banana', 3)", "4"),
            is("locate('a', 'banana', 0)", "0"),
            is("locate('a', NULL)", "null"),
        ]),
    text("instr", "instr(text, part)", &[to(TEXTS, INT32)])
        .doc("Where the part first stands in the text, from 1; 0 if nowhere.")
        .note("As `position` with its arguments the other way round.")
        .cases(&[
            is("instr('banana', 'na')", "3"),
            is("instr('abc', 'x')", "0"),
            is("instr(NULL, 'x')", "null"),
        ]),
    text("contains", "contains(text, part)", &[to(TEXTS, BOOL).flink("(POSITION($1 IN $0) > 0)")])
        .doc("Whether the part stands in the text.")
        .note("An empty part stands in every text.")
        .cases(&[
            is("contains('abc', 'b')", "true"),
            is("contains('abc', '')", "true"),
            is("contains('abc', NULL)", "null"),
        ]),
    text("startswith", "startswith(text, part)", &[to(TEXTS, BOOL)])
        .alias(&["starts_with"])
        .doc("Whether the text starts with the part.")
        .note("Every text starts with an empty part.")
        .cases(&[
            is("startswith('abc', 'ab')", "true"),
            is("startswith('abc', 'b')", "false"),
            is("startswith(NULL, 'a')", "null"),
        ]),
    text("endswith", "endswith(text, part)", &[to(TEXTS, BOOL)])
        .alias(&["ends_with"])
        .doc("Whether the text ends with the part.")
        .note("Every text ends with an empty part.")
        .cases(&[
            is("endswith('abc', 'bc')", "true"),
            is("endswith('abc', 'b')", "false"),
            is("endswith('abc', NULL)", "null"),
        ]),
    text(
        "replace",
        "replace(text, part, by)",
        &[to(&[TEXT, TEXT, TEXT], STRING).flink("CASE WHEN $1 = '' THEN $0 ELSE REPLACE($0, $1, $2) END")],
    )
    .doc("The text with every occurrence of the part replaced.")
    .note("From left to right without overlaps. An empty part occurs nowhere.")
    .cases(&[
        is("replace('aaa', 'aa', 'b')", "ba"),
        is("replace('abc', '', 'x')", "abc"),
        is("replace('abc', 'b', NULL)", "null"),
    ]),
    text("split", "split(text, separator)", &[sig(TEXTS, PARTS)])
        .doc("The parts of the text, cut at a separator.")
        .note("An empty separator cuts nowhere; empty parts are kept.")
        .cases(&[
            is("split('a,,b', ',')", "[a, , b]"),
            is("split('ab', '')", "[ab]"),
            is("split(NULL, ',')", "null"),
        ]),
    text("regexp", "regexp(text, pattern)", &[to(&[TEXT, REGEX], BOOL)])
        .alias(&["regexp_like"])
        .doc("Whether some part of the text matches a regular expression.")
        .note("Use `^` and `$` to match all of the text.")
        .cases(&[
            is(r"regexp('order 66', '\d+')", "true"),
            is(r"regexp('order', '^\w{3}$')", "false"),
            is(r"regexp('٣', '\d')", "false"),
            is("regexp(NULL, 'a')", "null"),
        ]),
    text(
        "regexp_extract",
        "regexp_extract(text, pattern [, group])",
        &[
            to(&[TEXT, REGEX], STRING).can_fail(NO_MATCH),
            to(&[TEXT, REGEX, constant(Constant::Int(0, 100))], STRING).can_fail(NO_MATCH),
        ],
    )
    .doc("What the first match of a regular expression, or one of its groups, matches.")
    .note("Group 0, the whole match, if none is stated. Null if nothing matches or the group took no part.")
    .cases(&[
        is(r"regexp_extract('a=1, b=2', '(\w)=(\d)', 2)", "1"),
        is(r"regexp_extract('a=1', '\d')", "1"),
        is(r"regexp_extract('abc', '\d')", "null"),
        is("regexp_extract('b', '(a)?b', 1)", "null"),
        is("regexp_extract(NULL, 'a')", "null"),
    ]),
    text("regexp_replace", "regexp_replace(text, pattern, by)", &[to(&[TEXT, REGEX, TEXT], STRING)])
        .doc("The text with every match of a regular expression replaced.")
        .note("The replacement stands for itself: `$1` is no reference to a group.")
        .cases(&[
            is(r"regexp_replace('a1b22', '\d+', '#')", "a#b#"),
            is("regexp_replace('abc', 'b', '$0')", "a$0c"),
            is("regexp_replace('abc', 'b', NULL)", "null"),
        ]),
    text("regexp_count", "regexp_count(text, pattern)", &[to(&[TEXT, REGEX], INT32)])
        .doc("How many matches of a regular expression the text has.")
        .note("From left to right without overlaps.")
        .cases(&[
            is(r"regexp_count('a1b22', '\d+')", "2"),
            is("regexp_count('abc', 'x')", "0"),
            is("regexp_count(NULL, 'x')", "null"),
        ]),
];
