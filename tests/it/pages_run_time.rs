//! The pages of the codes of dead letters, run: the records shown yield the very letters shown, the mended ones none.
//!
//! With `BLESS=1` the letters in the pages are rewritten.

use headwater_compiler::code::{Code, run_time};
use headwater_tests::expected::{blessing, difference};
use headwater_tests::markdown::{Block, blocks, with_block};
use headwater_tests::repository::{assert_none, root};
use headwater_tests::run::{arriving_letters, dead_letters};

/// A text that stands for so many letters, which no page could hold.
const LONG: (&str, usize) = ("<17 MiB>", 17 << 20);
/// What is left of it where a record is cut.
const CUT: &str = "<cut>";

#[test]
fn every_page_of_a_dead_letter_is_true() {
    let findings: Vec<_> = run_time::ALL.iter().filter_map(|code| run(code).err()).collect();
    assert_none("pages of dead letters (BLESS=1 rewrites the letters)", &findings);
}

/// Says what is wrong with a page.
fn run(code: &Code) -> Result<(), String> {
    let found = blocks(code.page);
    let [project, records, letters, fixed] = &found[..] else {
        return Err(format!("{}: a page has four blocks", code.id));
    };
    let shown = shown(code, project, records)?;
    if !shown.contains(&format!("\"code\": \"{}\"", code.id)) {
        return Err(format!("{}: the records do not yield it but\n{shown}", code.id));
    }
    if shown != letters.text {
        if !blessing() {
            return Err(format!("{}: other letters\n{}", code.id, difference(&letters.text, &shown)));
        }
        let path = root().join(format!("docs/codes/{}.md", code.id));
        std::fs::write(path, with_block(code.page, letters, &shown)).map_err(|error| error.to_string())?;
    }
    match self::shown(code, project, fixed)? {
        none if none.is_empty() => Ok(()),
        some => Err(format!("{}: the mended records are not mended\n{some}", code.id)),
    }
}

/// The letters that a page shows: one below the other, without the members that are null.
fn shown(code: &Code, project: &Block, records: &Block) -> Result<String, String> {
    let format = records.kind.split(' ').next().unwrap_or_default();
    let text = records.text.replace(LONG.0, &"x".repeat(LONG.1));
    let file = format!("orders.{format}");
    // No record is late in a run that has them all.
    let letters = match code == &run_time::LATE_RECORD {
        true => arriving_letters(&project.text, &file, &text),
        false => dead_letters(&project.text, &file, text.as_bytes()),
    };
    let letters = letters.map_err(|error| format!("{}: {error}", code.id))?;
    let mut shown = String::new();
    for mut letter in letters {
        if let Some(members) = letter.as_object_mut() {
            members.retain(|_, value| !value.is_null());
        }
        shown += &serde_json::to_string_pretty(&letter).map_err(|error| error.to_string())?;
        shown.push('\n');
    }
    let long = "x".repeat(1 << 20);
    let cut = shown.replace(&long, CUT);
    Ok(match cut.split_once(CUT) {
        None => shown,
        Some((before, rest)) => format!("{before}{CUT}{}", rest.replace(CUT, "").trim_start_matches('x')),
    })
}
