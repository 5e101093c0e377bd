//! Takes a name that nothing has and the names that exist; gives the one that was probably meant.
//!
//! Must not guess: a suggestion that is not close is worse than none.

/// Longest name that is compared; a longer one is no slip of the finger.
const LENGTH_MAX: usize = 64;
/// Most names that are compared: thousands of wrong references among thousands of names must not take hours.
const CANDIDATES_MAX: usize = 1_000;

/// The candidate that `name` is most likely a misspelling of, only when it is close.
///
/// Close means: equal but for letter case and separators (`orderId`, `order_id`, `order-id`), or at most a third
/// of the letters added, left out, changed or swapped with their neighbour.
/// Of equally close candidates the first wins, so the result depends only on the order given.
pub fn near<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = folded(name);
    if wanted.is_empty() || wanted.len() > LENGTH_MAX {
        return None;
    }
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates.into_iter().take(CANDIDATES_MAX) {
        let offered = folded(candidate);
        let slips_max = wanted.len().max(offered.len()) / 3;
        if candidate == name || offered.is_empty() || wanted.len().abs_diff(offered.len()) > slips_max {
            continue;
        }
        let slips = distance(&wanted, &offered);
        if slips <= slips_max && best.is_none_or(|(fewest, _)| slips < fewest) {
            best = Some((slips, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Letters in lower case without separators, so that the styles of writing a name compare equal.
fn folded(name: &str) -> Vec<char> {
    name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

/// Optimal string alignment distance: insertions, deletions, substitutions, swaps of neighbours.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before_last = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut row = vec![0; b.len() + 1];
    for i in 1..=a.len() {
        row[0] = i;
        for j in 1..=b.len() {
            let changed = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = changed.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        std::mem::swap(&mut before_last, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::near;

    fn check(name: &str, candidates: &[&str], expected: Option<&str>) {
        assert_eq!(near(name, candidates.iter().copied()), expected, "{name} among {candidates:?}");
    }

    #[test]
    fn only_what_is_close_is_offered() {
        check("transfroms", &["sources", "transforms", "sinks"], Some("transforms"));
        check("sorces", &["sources", "sinks"], Some("sources"));
        check("order_id", &["orderId", "order"], Some("orderId"));
        check("Status", &["status"], Some("status"));
        check("row", &["raw"], Some("raw"));
        check("id", &["by"], None);
        check("customers", &["orders", "payments"], None);
        check("x", &["y"], None);
        check("", &["a"], None);
        check("status", &["status"], None);
        check(&"a".repeat(100_000), &["aa"], None);
    }

    #[test]
    fn the_first_of_equals_wins() {
        check("lats", &["last", "late", "lots"], Some("last"));
    }
}
