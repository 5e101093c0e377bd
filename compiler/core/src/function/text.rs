//! Text as a whole and its parts: entries of the function table.
//!
//! A character is a code point; positions count from 1; letter case is Unicode's without a locale.

use super::build::{INT, INT32, STRING, TEXT, is, scalar, to};
use super::{Fails, Family, Flink, Function, Gives, Nulls, Signature, Takes};

/// Longest text that a function makes, in bytes.
pub const TEXT_BYTES_MAX: usize = 1 << 24;

const LENGTH: &str = "a text longer than 16 MiB gives null";

const fn text(name: &'static str, written: &'static str, signatures: &'static [Signature]) -> Function {
    scalar(Family::Text, name, written, signatures)
}

/// From one text another.
const ONE: &[Signature] = &[to(&[TEXT], STRING)];
/// From a text and a count another.
const COUNTED: &[Signature] = &[to(&[TEXT, INT], STRING)];

const PADDED: &[Signature] = &[Signature {
    takes: &[TEXT, INT, TEXT],
    more: None,
    gives: Gives::Is(STRING),
    fails: Fails::Can("a negative length, an empty padding, or a text longer than 16 MiB gives null"),
    flink: Flink::Same,
}];

const SUBSTRING: &[Signature] =
    &[to(&[TEXT, INT], STRING), to(&[TEXT, INT, INT], STRING).can_fail("a negative length gives null")];

pub(super) const FUNCTIONS: &[Function] = &[
    text("||", "a || b", &[to(&[TEXT, TEXT], STRING).flink("$0 || $1")])
        .doc("The texts one after the other.")
        .note("Null if either is null; other types must be cast.")
        .cases(&[is("'a' || 'b'", "ab"), is("'a' || ''", "a"), is("'a' || NULL", "null")]),
    text("concat", "concat(a, ...)", &[to(&[TEXT], STRING).more(TEXT)])
        .doc("The texts one after the other.")
        .note("Null if any is null.")
        .cases(&[is("concat('a', 'b', 'c')", "abc"), is("concat('a')", "a"), is("concat('a', NULL)", "null")]),
    text("concat_ws", "concat_ws(separator, a, ...)", &[to(&[TEXT, TEXT], STRING).more(TEXT)])
        .nulls(Nulls::Only(0))
        .doc("The texts that are not null, with a separator between them.")
        .note("Null only if the separator is; empty if all texts are null.")
        .cases(&[
            is("concat_ws('-', 'a', NULL, 'b')", "a-b"),
            is("concat_ws('-', NULL, NULL)", ""),
            is("concat_ws(NULL, 'a', 'b')", "null"),
        ]),
    text("upper", "upper(text)", ONE)
        .alias(&["ucase"])
        .doc("Letters in upper case.")
        .note("Unicode's full mapping: `ß` becomes `SS`, whatever the locale.")
        .cases(&[is("upper('Straße')", "STRASSE"), is("upper('i')", "I"), is("upper(NULL)", "null")]),
    text("lower", "lower(text)", ONE)
        .alias(&["lcase"])
        .doc("Letters in lower case.")
        .note("Unicode's full mapping, the final sigma included, whatever the locale.")
        .cases(&[is("lower('ÀB')", "àb"), is("lower('I')", "i"), is("lower('ΟΔΟΣ')", "οδος"), is("lower(NULL)", "null")]),
    text("initcap", "initcap(text)", ONE)
        .doc("The first letter of each word in upper case, the others in lower case.")
        .note("A word is a run of letters and digits.")
        .cases(&[is("initcap('hello wORLD')", "Hello World"), is("initcap('a-b')", "A-B"), is("initcap(NULL)", "null")]),
    text("trim", "trim(text [, characters])", &[to(&[TEXT], STRING), to(&[TEXT, TEXT], STRING)])
        .alias(&["btrim"])
        .doc("The text without spaces at both ends, or without the characters of a set at both ends.")
        .note("Only U+0020 counts. `TRIM(LEADING|TRAILING|BOTH x FROM text)` is `ltrim`, `rtrim` and `btrim` with two arguments.")
        .cases(&[is("trim('  a b ')", "a b"), is("'[' || trim('\t') || ']'", "[\t]"), is("trim('xaxbx', 'x')", "axb"), is("trim(NULL)", "null")]),
    text("ltrim", "ltrim(text [, characters])", &[to(&[TEXT], STRING), to(&[TEXT, TEXT], STRING)])
        .doc("The text without leading spaces, or without leading characters of a set.")
        .note("The second argument is a set of characters, not a prefix.")
        .cases(&[is("ltrim('  a ')", "a "), is("ltrim('xyxa', 'xy')", "a"), is("ltrim('a', NULL)", "null")]),
    text("rtrim", "rtrim(text [, characters])", &[to(&[TEXT], STRING), to(&[TEXT, TEXT], STRING)])
        .doc("The text without trailing spaces, or without trailing characters of a set.")
        .note("The second argument is a set of characters, not a suffix.")
        .cases(&[is("rtrim(' a  ')", " a"), is("rtrim('axyx', 'xy')", "a"), is("rtrim(NULL)", "null")]),
    text("substring", "substring(text, from [, length]), SUBSTRING(text FROM from FOR length)", SUBSTRING)
        .alias(&["substr"])
        .doc("The characters from a position on, at most so many.")
        .note("A position before 1 counts from the end if negative and is 1 if zero; past the end the text is empty.")
        .cases(&[
            is("substring('headwater', 5)", "water"),
            is("substring('a😀b', 2, 1)", "😀"),
            is("substring('abc', -2)", "bc"),
            is("substring('abc', 9)", ""),
            is("substring('abc', 1, -1)", "null"),
            is("substring(NULL, 1)", "null"),
        ]),
    text("left", "left(text, length)", COUNTED)
        .doc("The first characters.")
        .note("Empty for a length below 1.")
        .cases(&[is("left('abc', 2)", "ab"), is("left('abc', -1)", ""), is("left(NULL, 1)", "null")]),
    text("right", "right(text, length)", COUNTED)
        .doc("The last characters.")
        .note("Empty for a length below 1.")
        .cases(&[is("right('abc', 2)", "bc"), is("right('abc', 9)", "abc"), is("right(NULL, 1)", "null")]),
    text("char_length", "char_length(text)", &[to(&[TEXT], INT32)])
        .alias(&["character_length", "length"])
        .doc("How many characters the text has.")
        .note("Code points, not bytes and not what a reader sees as one sign.")
        .cases(&[is("char_length('a😀')", "2"), is("char_length('')", "0"), is("char_length(NULL)", "null")]),
    text("octet_length", "octet_length(text)", &[to(&[TEXT], INT32).flink("OCTET_LENGTH(CAST($0 AS BYTES))"), to(&[Takes::Type(&crate::data_type::DataType::Bytes)], INT32)])
        .doc("How many bytes the text has in UTF-8, or how many bytes there are.")
        .note("Text is stored as UTF-8 everywhere.")
        .cases(&[is("octet_length('a😀')", "5"), is("octet_length('')", "0"), is("octet_length(NULL)", "null")]),
    text("lpad", "lpad(text, length, padding)", PADDED)
        .doc("The text filled on the left to a length, or cut on the right to it.")
        .note("The padding repeats.")
        .cases(&[is("lpad('7', 3, '0')", "007"), is("lpad('abc', 2, '0')", "ab"), is("lpad('a', -1, 'x')", "null"), is("lpad('a', 3, '')", "null"), is("lpad(NULL, 1, 'x')", "null")]),
    text("rpad", "rpad(text, length, padding)", PADDED)
        .doc("The text filled on the right to a length, or cut on the right to it.")
        .note("The padding repeats.")
        .cases(&[is("rpad('a', 3, 'xy')", "axy"), is("rpad('abc', 2, 'x')", "ab"), is("rpad('a', -1, 'x')", "null"), is("rpad('a', 3, NULL)", "null")]),
    text("repeat", "repeat(text, times)", &[to(&[TEXT, INT], STRING).can_fail(LENGTH)])
        .doc("The text so many times.")
        .note("Empty for less than one time.")
        .cases(&[is("repeat('ab', 2)", "abab"), is("repeat('a', -1)", ""), is("repeat('abc', 2147483647)", "null"), is("repeat(NULL, 2)", "null")]),
    text("reverse", "reverse(text)", ONE)
        .doc("The characters in the opposite order.")
        .note("By code point, so combining marks change their letter.")
        .cases(&[is("reverse('abc')", "cba"), is("reverse('a😀')", "😀a"), is("reverse(NULL)", "null")]),
    text("ascii", "ascii(text)", &[to(&[TEXT], INT32)])
        .doc("The number of the first byte in UTF-8, 0 for an empty text.")
        .note("The code point itself for ASCII.")
        .cases(&[is("ascii('A')", "65"), is("ascii('')", "0"), is("ascii(NULL)", "null")]),
    text("chr", "chr(number)", &[to(&[Takes::Type(&crate::data_type::DataType::Int64)], STRING).can_fail("a number that is no character gives null").not_on_flink("its `CHR` wraps round at 256")])
        .doc("The character with this code point.")
        .note("Numbers above 255 are code points too.")
        .cases(&[is("chr(65)", "A"), is("chr(-1)", "null"), is("chr(NULL)", "null")]),
    text("overlay", "overlay(text, replacement, from [, length])", &[to(&[TEXT, TEXT, INT], STRING), to(&[TEXT, TEXT, INT, INT], STRING)])
        .doc("The text with the characters from a position on replaced.")
        .note("As many as the replacement has if no length is stated; a position outside the text changes nothing.")
        .cases(&[is("overlay('abcdef', 'X', 3, 2)", "abXef"), is("overlay('abc', 'X', 9)", "abc"), is("overlay(NULL, 'X', 1)", "null")]),
    text("translate", "translate(text, from, to)", &[to(&[TEXT, TEXT, TEXT], STRING)])
        .doc("Each character of a set replaced by the one at its place in another; without one it is removed.")
        .note("The first of equal characters of the set counts.")
        .cases(&[is("translate('a-b.c', '-.', '_')", "a_bc"), is("translate('abc', '', 'x')", "abc"), is("translate(NULL, 'a', 'b')", "null")]),
    text("split_index", "split_index(text, separator, index)", &[to(&[TEXT, TEXT, INT], STRING).can_fail("an index without a part gives null")])
        .doc("The part with this index, from 0, of the text cut at a separator.")
        .note("An empty separator cuts nowhere. `split_part`, which counts from 1, is not the same and not offered.")
        .cases(&[is("split_index('a,b', ',', 1)", "b"), is("split_index('a,b', ',', 2)", "null"), is("split_index('a', ',', -1)", "null"), is("split_index(NULL, ',', 0)", "null")]),
];
