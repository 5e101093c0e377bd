//! Takes the `format` and `pattern` of a text in the JSON Schema; gives whether a text is written so, and words for it.
//!
//! The patterns that stand behind most values are matched by hand, each proven equal to its pattern by a test;
//! all others go through the regular expression. Must not know which member a text belongs to.

use std::sync::Arc;

use regex_lite::Regex;

/// How a text must be written.
#[derive(Debug, Clone)]
pub(crate) struct Format {
    name: &'static str,
    matcher: Matcher,
}

#[derive(Debug, Clone)]
enum Matcher {
    NotBlank,
    SqlName,
    Label,
    Duration,
    Pattern(Arc<Regex>),
}

const NOT_BLANK: &str = r"[^\s]";
const SQL_NAME: &str = "^[a-z_][a-z0-9_]*$";
const LABEL: &str = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$";
const DURATION: &str = "^[0-9]{1,12}(ms|s|m|h|d)$";

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
        let matcher = match pattern {
            NOT_BLANK => Matcher::NotBlank,
            SQL_NAME => Matcher::SqlName,
            LABEL => Matcher::Label,
            DURATION => Matcher::Duration,
            other => Matcher::Pattern(Arc::new(Regex::new(other).map_err(|error| error.to_string())?)),
        };
        let name = WORDS.iter().find(|(known, _)| *known == name).map_or("", |(known, _)| known);
        Ok(Format { name, matcher })
    }

    /// What such a text is, for `... must be ...`.
    pub(crate) fn words(&self) -> String {
        match WORDS.iter().find(|(name, _)| *name == self.name) {
            Some((_, words)) => (*words).to_owned(),
            None => match &self.matcher {
                Matcher::Pattern(pattern) => format!("written as `{}` says", pattern.as_str()),
                Matcher::NotBlank => "more than blanks".to_owned(),
                Matcher::SqlName => format!("written as `{SQL_NAME}` says"),
                Matcher::Label => format!("written as `{LABEL}` says"),
                Matcher::Duration => format!("written as `{DURATION}` says"),
            },
        }
    }

    /// Whether the text is written so.
    pub(crate) fn matches(&self, text: &str) -> bool {
        match &self.matcher {
            Matcher::NotBlank => !text.bytes().all(|b| matches!(b, b' ' | b'\t'..=b'\r')),
            Matcher::SqlName => is_sql_name(text.as_bytes()),
            Matcher::Label => is_label(text.as_bytes()),
            Matcher::Duration => is_duration(text),
            Matcher::Pattern(pattern) => pattern.is_match(text),
        }
    }
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

fn is_duration(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    (1..=12).contains(&digits) && matches!(&text[digits..], "ms" | "s" | "m" | "h" | "d")
}

#[cfg(test)]
mod tests {
    use super::{DURATION, Format, LABEL, Matcher, NOT_BLANK, SQL_NAME};
    use proptest::prelude::*;
    use regex_lite::Regex;

    proptest! {
        #[test]
        fn matching_by_hand_equals_the_pattern(
            text in "[a-z0-9_-]{0,6}|[0-9]{0,13}(ms|s|m|h|d|w)?|[ \t\n\u{a0}é_-]{0,3}"
        ) {
            for pattern in [NOT_BLANK, SQL_NAME, LABEL, DURATION] {
                let format = Format::new("", pattern).expect("the pattern is one");
                prop_assert!(!matches!(format.matcher, Matcher::Pattern(_)));
                let expected = Regex::new(pattern).expect("the pattern is one").is_match(&text);
                prop_assert_eq!(format.matches(&text), expected, "{:?} by {}", text, pattern);
            }
        }
    }
}
