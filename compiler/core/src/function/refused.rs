//! Names that people look for and that are not offered, each with its reason and what does the job; and names that are near.

use super::table;

/// A known name that is not offered.
pub(super) struct Refused {
    pub(super) name: &'static str,
    pub(super) reason: &'static str,
    pub(super) instead: &'static str,
}

const CLOCK: &str =
    "its value depends on when the expression is evaluated, so the same records would give other rows";
const RANDOM: &str = "its value is not determined by the record, so the same records would give other rows";
const FUTURE: &str = "it needs records that have not come yet";
const ARRIVAL: &str = "its value depends on the order in which records arrive";
const EVENT_TIME: &str = "take event time or another field of the record";

const fn no(name: &'static str, reason: &'static str, instead: &'static str) -> Refused {
    Refused { name, reason, instead }
}

const COUNTED: &str = "its arguments mean something else on every system";

/// Known names that are not offered.
pub(super) static LIST: &[Refused] = &[
    no("any_value", ARRIVAL, "use `min`, `max`, `first_value` or `last_value`"),
    no("approx_count_distinct", "its value depends on how records are batched", "use `count(DISTINCT x)`"),
    no(
        "approx_percentile",
        "its value depends on how records are batched",
        "use `percentile(x, 0.95)`, which is exact",
    ),
    no("current_date", CLOCK, EVENT_TIME),
    no("current_row_timestamp", CLOCK, EVENT_TIME),
    no("current_time", CLOCK, EVENT_TIME),
    no("current_timestamp", CLOCK, EVENT_TIME),
    no(
        "current_watermark",
        "it depends on the order in which records arrive",
        "late records are split off before the node",
    ),
    no("getdate", CLOCK, EVENT_TIME),
    no("date_add", COUNTED, "use `date + INTERVAL '1' DAY` or `timestampadd(DAY, count, date)`"),
    no("date_diff", COUNTED, "use `timestampdiff(DAY, from, to)`"),
    no("date_sub", COUNTED, "use `date - INTERVAL '1' DAY` or `timestampadd(DAY, -count, date)`"),
    no("dateadd", COUNTED, "use `date + INTERVAL '1' DAY` or `timestampadd(DAY, count, date)`"),
    no("datediff", COUNTED, "use `timestampdiff(DAY, from, to)`"),
    no("gen_random_uuid", RANDOM, "use `uuid_v5(namespace, name)`, which is made of the record"),
    no("lead", FUTURE, "use `lag` on the later record"),
    no("localtime", CLOCK, EVENT_TIME),
    no("localtimestamp", CLOCK, EVENT_TIME),
    no("now", CLOCK, EVENT_TIME),
    no("nth_value", ARRIVAL, "use `first_value`, `last_value` or `lag`"),
    no("ntile", FUTURE, "use `percentile` bounds in a window and compare with them"),
    no("percent_rank", FUTURE, "use `percentile` bounds in a window and compare with them"),
    no("cume_dist", FUTURE, "use `percentile` bounds in a window and compare with them"),
    no("proctime", CLOCK, EVENT_TIME),
    no("rand", RANDOM, "derive a stable number from a key, such as from `md5(key)`"),
    no("rand_integer", RANDOM, "derive a stable number from a key, such as from `md5(key)`"),
    no("random", RANDOM, "derive a stable number from a key, such as from `md5(key)`"),
    no(
        "similar to",
        "its patterns are a language of their own that no engine here speaks",
        "use `regexp(text, pattern)`",
    ),
    no(
        "split_part",
        "it counts parts from 1, unlike the function that the engines share",
        "use `split_index(text, separator, index)`, which counts from 0",
    ),
    no("sysdate", CLOCK, EVENT_TIME),
    no("today", CLOCK, EVENT_TIME),
    no("uuid", RANDOM, "use `uuid_v5(namespace, name)`, which is made of the record"),
];

/// Names of the table that were perhaps meant, best first: misspelt ones, then those that contain the name.
pub(super) fn near(name: &str, most: usize) -> Vec<&'static str> {
    let names = || {
        table().iter().flat_map(|function| {
            let written = std::iter::once(&function.name).chain(function.aliases);
            written.map(|&written| (written, function.name))
        })
    };
    let mut found: Vec<&'static str> = Vec::new();
    while found.len() < most {
        let left = names().filter(|(_, function)| !found.contains(function)).map(|(written, _)| written);
        let Some(closest) = crate::near::near(name, left) else { break };
        found.extend(names().find(|(written, _)| *written == closest).map(|(_, function)| function));
    }
    let wanted = name.to_ascii_lowercase();
    for (written, function) in names() {
        let contains = wanted.len() >= 4
            && written.len() >= 4
            && (written.contains(&wanted) || wanted.contains(written));
        if contains && found.len() < most && !found.contains(&function) {
            found.push(function);
        }
    }
    found
}
