//! Hints: `SELECT /*+ STATE_TTL('orders' = '7d') */ ...` says how long state over an input is kept, as in Flink.

use std::ops::Range;

use headwater_crds::scalar::Keep as Written;

use crate::code::query as code;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::graph::Keep;

/// How long state is kept, for each input that a hint names.
#[derive(Debug, Default)]
pub(super) struct Hint {
    /// Name of the input as in `FROM`, and how long.
    pub(super) keeps: Vec<(String, Keep)>,
    /// Where it is written.
    pub(super) range: Range<u32>,
}

const HELP: &str = "the one hint is `/*+ STATE_TTL('orders' = '7d', 'customers' = 'forever') */` behind `SELECT`; the transform's `keep` holds for all of its query";

/// Reads a hint's content; says so where it is none that is known.
pub(super) fn read(
    text: &str,
    range: &Range<u32>,
    anchor: &Anchor,
    diagnostics: &mut Vec<Diagnostic>,
) -> Hint {
    let keeps = keeps(text).unwrap_or_else(|message| {
        diagnostics.push(Diagnostic::error(&code::HINT, anchor.bytes(range.clone()), message).help(HELP));
        Vec::new()
    });
    Hint { keeps, range: range.clone() }
}

/// Says that a hint stands where nothing reads it.
pub(super) fn refuse(range: &Range<u32>, anchor: &Anchor, diagnostics: &mut Vec<Diagnostic>) {
    let at = anchor.bytes(range.clone());
    diagnostics.push(Diagnostic::error(&code::HINT, at, "a hint stands only behind `SELECT`").help(HELP));
}

fn keeps(text: &str) -> Result<Vec<(String, Keep)>, String> {
    let text = text.trim();
    let (name, inside) = text
        .split_once('(')
        .and_then(|(name, rest)| Some((name.trim(), rest.trim_end().strip_suffix(')')?)))
        .ok_or_else(|| format!("`{text}` is no hint"))?;
    if !name.eq_ignore_ascii_case("state_ttl") {
        return Err(format!("there is no hint `{name}`"));
    }
    inside.split(',').map(keep).collect()
}

fn keep(text: &str) -> Result<(String, Keep), String> {
    let unquoted = |text: &str| {
        let inside = text.trim().strip_prefix('\'')?.strip_suffix('\'')?;
        (!inside.contains('\'')).then(|| inside.to_owned())
    };
    let pair = text.split_once('=').and_then(|(name, time)| Some((unquoted(name)?, unquoted(time)?)));
    let (name, time) =
        pair.ok_or_else(|| format!("`{}` does not say how long state is kept", text.trim()))?;
    let written = Written::from(time.as_str());
    let keep = if written.is_forever() { Some(Keep::Forever) } else { written.ms().map(Keep::ForMs) };
    let keep = keep.ok_or_else(|| format!("`{time}` is no length of time"))?;
    if keep == Keep::ForMs(0) {
        return Err("state that is kept for no time at all is no state; for ever is `'forever'`".to_owned());
    }
    Ok((name, keep))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&[(&str, Keep)], &str>) {
        let expected = expected
            .map(|keeps| keeps.iter().map(|(name, keep)| ((*name).to_owned(), *keep)).collect::<Vec<_>>())
            .map_err(str::to_owned);
        assert_eq!(keeps(text), expected, "{text}");
    }

    #[test]
    fn a_hint_says_how_long_state_is_kept() {
        check(" STATE_TTL('o' = '7d') ", Ok(&[("o", Keep::ForMs(604_800_000))]));
        check(
            "state_ttl('o'='1h','c'='forever')",
            Ok(&[("o", Keep::ForMs(3_600_000)), ("c", Keep::Forever)]),
        );
        check("BROADCAST(o)", Err("there is no hint `BROADCAST`"));
        check("nothing", Err("`nothing` is no hint"));
        check("STATE_TTL(o = 7d)", Err("`o = 7d` does not say how long state is kept"));
        check("STATE_TTL('o' = '7 days')", Err("`7 days` is no length of time"));
        check(
            "STATE_TTL('o' = '0s')",
            Err("state that is kept for no time at all is no state; for ever is `'forever'`"),
        );
    }
}
