//! Texts with a form of their own: durations, sizes, shares, names, types, SQL. Noun file.
//!
//! Each stays the text that was written; its form is a pattern of the schema, so that editors, API server and compiler agree.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

macro_rules! text {
    ($($(#[$doc:meta])+ $name:ident { format: $format:literal, pattern: $pattern:literal, max: $max:literal })*) => {$(
        $(#[$doc])+
        #[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl Deref for $name {
            type Target = str;
            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                $name(text.to_owned())
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "format": $format, "pattern": $pattern, "maxLength": $max })
            }
        }
    )*};
}

text! {
    /// A length of time: a whole number and a unit, such as `500ms`, `5s`, `1m`, `2h`, `30d`.
    Duration { format: "headwater-duration", pattern: r"^[0-9]{1,12}(ms|s|m|h|d)$", max: 16 }
    /// How long state is kept: a length of time, or `forever`.
    Keep { format: "headwater-keep", pattern: r"^([0-9]{1,12}(ms|s|m|h|d)|forever)$", max: 16 }
    /// An amount of bytes: a whole number and a unit, such as `64MiB`.
    Size { format: "headwater-size", pattern: r"^[0-9]{1,12}(B|KiB|MiB|GiB|TiB)$", max: 16 }
    /// A share of a whole, such as `1%` or `0.01%`.
    Share { format: "headwater-share", pattern: r"^[0-9]{1,3}(\.[0-9]{1,6})?%$", max: 16 }
    /// Type of a field: `string`, `bool`, `int32`, `int64`, `float32`, `float64`, `decimal(p,s)`, `date`, `time`, `timestamp`, `timestamp_local`, `bytes`, `uuid`, `list`, `map`, `struct`.
    TypeName { format: "headwater-type", pattern: r"^[a-z_0-9]+(\( ?[0-9]{1,2} ?, ?[0-9]{1,2} ?\))?$", max: 32 }
    /// An SQL expression over the columns of one record.
    Expression { format: "headwater-expression", pattern: r"[^\s]", max: 16384 }
    /// An SQL query.
    Query { format: "headwater-query", pattern: r"[^\s]", max: 131072 }
    /// A name that SQL can use unquoted: lowercase letters, digits and `_`, not starting with a digit.
    SqlName { format: "headwater-name", pattern: r"^[a-z_][a-z0-9_]*$", max: 128 }
    /// A name that may hold `{{ port }}`, which is replaced for each port of `from: node.*`.
    SqlTemplate { format: "headwater-name", pattern: r"^([a-z_]|\{\{ ?port ?\}\})([a-z0-9_]|\{\{ ?port ?\}\})*$", max: 128 }
    /// A DNS label that may hold `{{ port }}`.
    LabelTemplate { format: "headwater-label", pattern: r"^([a-z0-9]|\{\{ ?port ?\}\})([a-z0-9-]|\{\{ ?port ?\}\})*$", max: 128 }
    /// A DNS label: lowercase letters, digits and `-`.
    DnsLabel { format: "headwater-label", pattern: r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", max: 63 }
    /// A node's output: `clean`, `split.big`, or every port of a node: `shop.*`.
    PortRef { format: "headwater-port", pattern: r"^[a-z_][a-z0-9_]*(\.([a-z_][a-z0-9_]*|\*))?$", max: 257 }
    /// Path of a field: `items` is a list, `items[]` its element, `items[].sku` a member, `tags{}` a map's value.
    FieldPath { format: "headwater-path", pattern: r"^[A-Za-z_][A-Za-z0-9_ -]*(\[\]|\{\})*(\.[A-Za-z_][A-Za-z0-9_ -]*(\[\]|\{\})*)*$", max: 512 }
    /// A node of the tree of classifications, such as `pii.email`.
    Classification { format: "headwater-classification", pattern: r"^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)*$", max: 128 }
    /// An instant: `2026-01-31T00:00:00Z` (RFC 3339).
    Timestamp { format: "date-time", pattern: r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$", max: 40 }
    /// A version: major, minor, patch (Semantic Versioning 2.0.0).
    Version { format: "headwater-version", pattern: r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$", max: 32 }
    /// A transform of table partitioning: `day(ordered_at)`, `bucket(16, order_id)`, or a column alone.
    Partition { format: "headwater-partition", pattern: r"^[a-z_][a-z0-9_]*(\( ?([0-9]+ ?, ?)?[a-z_][a-z0-9_]* ?\))?$", max: 160 }
    /// A SHA-256 in hexadecimal digits: `sha256:` and 64 of them.
    Hash { format: "headwater-hash", pattern: r"^sha256:[0-9a-f]{64}$", max: 71 }
    /// A template in the Jinja dialect of minijinja, strict: an unknown variable is an error.
    Template { format: "headwater-template", pattern: r"[^\s]", max: 1024 }
}

/// Takes no settings: written `{}`.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Nothing {}

/// Marks a struct of optional members as a union: exactly one member is written.
pub(crate) fn one_of(schema: &mut Schema) {
    schema.insert("x-headwater-one-of".to_owned(), true.into());
}

impl Duration {
    /// The length in milliseconds; nothing where the text is no length of time or the number does not fit.
    pub fn ms(&self) -> Option<u64> {
        let (number, unit) = quantity(self)?;
        let unit_ms: u64 = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        number.checked_mul(unit_ms)
    }
}

impl Keep {
    /// Whether state is kept without end.
    pub fn is_forever(&self) -> bool {
        self.0 == "forever"
    }

    /// The length in milliseconds; nothing for `forever`, and where [`Duration::ms`] gives nothing.
    pub fn ms(&self) -> Option<u64> {
        Duration(self.0.clone()).ms()
    }
}

impl Size {
    /// The amount in bytes; nothing where the text is no amount or the number does not fit.
    pub fn bytes(&self) -> Option<u64> {
        let (number, unit) = quantity(self)?;
        let unit_bytes: u64 = match unit {
            "B" => 1,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            "TiB" => 1 << 40,
            _ => return None,
        };
        number.checked_mul(unit_bytes)
    }
}

impl Share {
    /// The share in hundred-millionths of the whole, which is exact: `1%` is 1,000,000.
    pub fn e8(&self) -> Option<u64> {
        let (whole, decimals) = match self.0.strip_suffix('%')?.split_once('.') {
            Some((whole, decimals)) => (whole, decimals),
            None => (self.0.strip_suffix('%')?, "0"),
        };
        if decimals.len() > 6 || ![whole, decimals].iter().all(|text| is_digits(text)) {
            return None;
        }
        let percent_e6: u64 = format!("{decimals:0<6}").parse().ok()?;
        whole.parse::<u64>().ok()?.checked_mul(1_000_000)?.checked_add(percent_e6)
    }

    /// The share as a fraction of the whole: `1%` is 0.01.
    pub fn fraction(&self) -> Option<f64> {
        // Shares of the form's three digits before the point are far below 2^53, so the conversion is exact.
        self.e8().map(|e8| e8 as f64 / 1e8)
    }
}

/// Splits a whole number from its unit.
fn quantity(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(end);
    Some((number.parse().ok()?, unit))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_in_milliseconds() {
        let check = |text: &str, ms| assert_eq!(Duration::from(text).ms(), ms, "{text}");
        check("0s", Some(0));
        check("500ms", Some(500));
        check("5s", Some(5_000));
        check("60m", Some(3_600_000));
        check("1h", Some(3_600_000));
        check("30d", Some(2_592_000_000));
        check("999999999999h", Some(3_599_999_999_996_400_000));
        for wrong in ["999999999999d", "", "5", "s", "-1s", "+1s", "1.5h", " 1s", "1 s", "1S", "1w", "٣s"] {
            check(wrong, None);
        }
    }

    #[test]
    fn state_is_kept_for_a_time_or_forever() {
        let check = |text: &str, expected| {
            let keep = Keep::from(text);
            assert_eq!((keep.is_forever(), keep.ms()), expected, "{text}");
        };
        check("forever", (true, None));
        check("7d", (false, Some(604_800_000)));
        check("never", (false, None));
    }

    #[test]
    fn sizes_in_bytes() {
        let check = |text: &str, bytes| assert_eq!(Size::from(text).bytes(), bytes, "{text}");
        check("1B", Some(1));
        check("64MiB", Some(67_108_864));
        check("2GiB", Some(2_147_483_648));
        check("16777215TiB", Some(18_446_742_974_197_923_840));
        for wrong in ["16777216TiB", "64MB", "64", "MiB", "1.5GiB"] {
            check(wrong, None);
        }
    }

    #[test]
    fn shares_are_exact() {
        let check = |text: &str, e8| assert_eq!(Share::from(text).e8(), e8, "{text}");
        check("1%", Some(1_000_000));
        check("1.0%", Some(1_000_000));
        check("0.01%", Some(10_000));
        check("100%", Some(100_000_000));
        check("0.000001%", Some(1));
        for wrong in ["1", "%", ".5%", "1.%", "0.0000001%", "-1%", "+1%", "1e2%"] {
            check(wrong, None);
        }
        assert_eq!(Share::from("0.5%").fraction(), Some(0.005));
    }
}
