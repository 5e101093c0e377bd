//! Takes the `format` and `pattern` of a text in the JSON Schema; gives whether a text is written so, and words for it.
//!
//! Nearly all texts are plain names, and what those are is seen without the regular expression; it decides about the rest.
//! A test proves that both agree. Must not know which member a text belongs to.

use std::sync::Arc;

use regex_lite::Regex;

/// How a text must be written.
#[derive(Debug, Clone)]
pub(crate) struct Format {
    name: &'static str,
    surely: Surely,
    pattern: Arc<Regex>,
}

/// Whether a text is surely written as a format says; `false` says nothing.
type Surely = fn(&[u8]) -> bool;

/// Formats and what is surely written so: each of these patterns takes every such text.
const SURELY: [(&str, Surely); 11] = [
    ("headwater-duration", is_duration),
    ("headwater-expression", is_visible),
    ("headwater-keep", is_duration),
    ("headwater-label", is_label),
    ("headwater-name", is_sql_name),
    ("headwater-partition", is_sql_name),
    ("headwater-path", is_sql_name),
    ("headwater-port", is_sql_name),
    ("headwater-query", is_visible),
    ("headwater-template", is_visible),
    ("headwater-type", is_sql_name),
];

/// What a text of a format is, for `... must be ...`.
const WORDS: [(&str, &str); 17] = [
    ("date-time", "an instant with its offset, such as `2026-01-31T00:00:00Z`"),
    ("headwater-classification", "a classification, such as `pii.email`"),
    ("headwater-duration", "a length of time, such as `500ms`, `5s`, `1m`, `2h` or `30d`"),
    ("headwater-expression", "an SQL expression"),
    ("headwater-keep", "a length of time, such as `1h` or `30d`, or `forever`"),
    ("headwater-label", "a name of lowercase letters, digits and `-` inside"),
    ("headwater-name", "a name of lowercase letters, digits and `_`, not beginning with a digit"),
    (
        "headwater-partition",
        "a column or a transform of one, such as `day(ordered_at)` or `bucket(16, order_id)`",
    ),
    ("headwater-path", "the path of a field, such as `items[].sku`"),
    ("headwater-port", "the output of a node, such as `clean`, `split.big` or `shop.*`"),
    ("headwater-query", "an SQL query"),
    ("headwater-share", "a share, such as `1%` or `0.01%`"),
    ("headwater-size", "an amount of bytes, such as `64MiB`"),
    ("headwater-template", "a template, such as `{{ namespace }}.{{ product }}`"),
    ("headwater-type", "a type, such as `string`, `int64`, `decimal(12,2)` or `timestamp`"),
    ("headwater-version", "a version of three numbers, such as `1.0.0`"),
    ("uri", "an address with its scheme, such as `https://example.com`"),
];

impl Format {
    /// The format of this name and pattern; `Err` if the pattern is none.
    pub(crate) fn new(name: &str, pattern: &str) -> Result<Format, String> {
        let pattern = Regex::new(pattern).map_err(|error| error.to_string())?;
        let name = WORDS.iter().find(|(known, _)| *known == name).map_or("", |(known, _)| known);
        let surely = SURELY.iter().find(|(known, _)| *known == name).map_or(nothing as Surely, |(_, is)| *is);
        Ok(Format { name, surely, pattern: Arc::new(pattern) })
    }

    /// What such a text is, for `... must be ...`.
    pub(crate) fn words(&self) -> String {
        match WORDS.iter().find(|(name, _)| *name == self.name) {
            Some((_, words)) => (*words).to_owned(),
            None => format!("written as `{}` says", self.pattern.as_str()),
        }
    }

    /// Whether the text is written so.
    pub(crate) fn matches(&self, text: &str) -> bool {
        (self.surely)(text.as_bytes()) || self.pattern.is_match(text)
    }
}

fn nothing(_: &[u8]) -> bool {
    false
}

fn is_visible(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_graphic)
}

fn is_sql_name(text: &[u8]) -> bool {
    text.first().is_some_and(|first| !first.is_ascii_digit())
        && text.iter().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

fn is_label(text: &[u8]) -> bool {
    let ends = |end: Option<&u8>| end.is_some_and(|&b| b != b'-');
    ends(text.first())
        && ends(text.last())
        && text.iter().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn is_duration(text: &[u8]) -> bool {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    (1..=12).contains(&digits) && matches!(&text[digits..], b"ms" | b"s" | b"m" | b"h" | b"d")
}

#[cfg(test)]
mod tests {
    use super::super::shape::formats;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_surely_written_so_matches_the_pattern(
            text in "[a-z0-9_-]{0,6}|[0-9]{0,13}(ms|s|m|h|d|w)?|[ \t\n\u{a0}é_-]{0,3}|[a-z][!-~]{0,4}"
        ) {
            for format in formats() {
                let sure = (format.surely)(text.as_bytes());
                prop_assert!(!sure || format.pattern.is_match(&text), "{:?} by {}", text, format.pattern);
            }
        }
    }
}
