//! Edits of one list in a text of YAML: items stay as they are written, are replaced, dropped or added.
//!
//! Takes the text and the bytes of the list and its items; gives replacements of bytes. It must not touch what is not of the list.

use std::ops::Range;

/// A list in brackets that is longer than this is broken into lines.
const WIDTH_MAX: usize = 120;

/// What becomes of an item of the list; those behind the last one are new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// It stays as it is written.
    Keep,
    /// It goes.
    Drop,
    /// A mapping with these members stands in its place.
    Write(Vec<Member>),
}

/// A member of a mapping, as YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    /// The key.
    pub(crate) name: String,
    /// The value, on one line.
    pub(crate) value: String,
}

/// Bytes, and what stands in their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edit {
    /// The bytes.
    pub(crate) range: Range<usize>,
    /// The text.
    pub(crate) text: String,
}

/// The edits of a list; `changes` has an entry for each item, then the new ones.
pub(crate) fn edits(
    text: &str,
    list: &Range<usize>,
    items: &[Range<usize>],
    changes: &[Change],
) -> Vec<Edit> {
    let (old, new) = changes.split_at(items.len());
    let is_empty = new.is_empty() && old.iter().all(|change| *change == Change::Drop);
    if text[list.start..].starts_with('[') {
        return vec![Edit { range: list.clone(), text: bracketed(text, list, items, changes) }];
    }
    if is_empty {
        // The list stands below its key: an empty one stands beside it.
        let start = text[..list.start].trim_end().len();
        return vec![Edit { range: start..list.end, text: " []".to_owned() }];
    }
    block(text, items, old, new)
}

/// A list in brackets, written anew; items that stay keep their text.
fn bracketed(text: &str, list: &Range<usize>, items: &[Range<usize>], changes: &[Change]) -> String {
    let mut parts = Vec::new();
    for (index, change) in changes.iter().enumerate() {
        match change {
            Change::Keep => parts.push(text[items[index].clone()].to_owned()),
            Change::Drop => {}
            Change::Write(members) => parts.push(flow(members)),
        }
    }
    if parts.is_empty() {
        return "[]".to_owned();
    }
    let line = text[..list.start].rfind('\n').map_or(0, |at| at + 1);
    let joined = format!("[ {} ]", parts.join(", "));
    let before = text[line..list.start].chars().count();
    if parts.len() == 1 || before + joined.len() <= WIDTH_MAX && !text[list.clone()].contains('\n') {
        return joined;
    }
    let indent = text[line..].chars().take_while(|letter| *letter == ' ').count();
    let (inner, outer) = (" ".repeat(indent + 4), " ".repeat(indent + 2));
    format!("[\n{inner}{}\n{outer}]", parts.join(&format!(",\n{inner}")))
}

/// A list with an item a line, of which only what changes is touched.
fn block(text: &str, items: &[Range<usize>], old: &[Change], new: &[Change]) -> Vec<Edit> {
    let mut new: Vec<&Change> = new.iter().collect();
    let mut edits = Vec::new();
    for (item, change) in items.iter().zip(old) {
        let change = match change {
            // Something new takes the place of what goes, so that the list never becomes empty on the way.
            Change::Drop if !new.is_empty() => new.remove(0),
            Change::Keep | Change::Drop | Change::Write(_) => change,
        };
        match change {
            Change::Keep => {}
            Change::Drop => edits.push(Edit { range: whole_lines(text, item), text: String::new() }),
            Change::Write(members) => {
                edits.push(Edit { range: item.clone(), text: like(text, item, members) });
            }
        }
    }
    if let Some(last) = items.last() {
        let line = text[..last.start].rfind('\n').map_or(0, |at| at + 1);
        let lead = &text[line..last.start];
        // What stands before an item: spaces and a dash, perhaps behind the dash of a list around it.
        let lead: String = match lead.rfind('-') {
            Some(dash) => " ".repeat(lead[..dash].chars().count()) + &lead[dash..],
            None => lead.to_owned(),
        };
        let end = text[last.end..].find('\n').map_or(text.len(), |at| last.end + at);
        let written = new.iter().filter_map(|change| match change {
            Change::Write(members) => Some(format!("\n{lead}{}", like(text, last, members))),
            Change::Keep | Change::Drop => None,
        });
        let added: String = written.collect();
        if !added.is_empty() {
            edits.push(Edit { range: end..end, text: added });
        }
    }
    edits
}

/// A mapping in the form that another item has: in braces, or a member a line.
fn like(text: &str, item: &Range<usize>, members: &[Member]) -> String {
    if text[item.start..].starts_with('{') || members.is_empty() {
        return flow(members);
    }
    let line = text[..item.start].rfind('\n').map_or(0, |at| at + 1);
    let indent = " ".repeat(text[line..item.start].chars().count());
    let lines = members.iter().map(|member| format!("{}: {}", member.name, member.value));
    lines.collect::<Vec<_>>().join(&format!("\n{indent}"))
}

fn flow(members: &[Member]) -> String {
    if members.is_empty() {
        return "{}".to_owned();
    }
    let members = members.iter().map(|member| format!("{}: {}", member.name, member.value));
    format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
}

/// The lines of an item, with their line feeds.
fn whole_lines(text: &str, item: &Range<usize>) -> Range<usize> {
    let start = text[..item.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[item.end..].find('\n').map_or(text.len(), |at| item.end + at + 1);
    start..end
}

#[cfg(test)]
mod tests {
    use super::{Change, Member, edits};

    fn row(id: &str) -> Change {
        Change::Write(vec![
            Member { name: "id".to_owned(), value: id.to_owned() },
            Member { name: "v".to_owned(), value: "null".to_owned() },
        ])
    }

    /// Places of the list and its items are marked `«`, `»` around the list and `‹`, `›` around items.
    fn check(marked: &str, changes: &[Change], expected: &str) {
        let mut text = String::new();
        let (mut list, mut items, mut start) = (0..0, Vec::new(), 0);
        for letter in marked.chars() {
            match letter {
                '«' => list.start = text.len(),
                '»' => list.end = text.len(),
                '‹' => start = text.len(),
                '›' => items.push(start..text.len()),
                letter => text.push(letter),
            }
        }
        let mut all = edits(&text, &list, &items, changes);
        all.sort_by_key(|edit| std::cmp::Reverse((edit.range.start, edit.range.end)));
        all.iter().for_each(|edit| text.replace_range(edit.range.clone(), &edit.text));
        assert_eq!(text, expected);
    }

    #[test]
    fn lists_in_brackets_are_written_anew() {
        check(
            "- { sink: a, rows: «[]» } # c\n",
            &[row("1")],
            "- { sink: a, rows: [ { id: 1, v: null } ] } # c\n",
        );
        check("- { rows: «[ ‹{ id: 1 }› ]» }\n", &[Change::Drop], "- { rows: [] }\n");
        check(
            "- { rows: «[ ‹{ id: 1 }›, ‹{ id: 2 }› ]» }\n",
            &[Change::Keep, row("3"), row("4")],
            "- { rows: [ { id: 1 }, { id: 3, v: null }, { id: 4, v: null } ] }\n",
        );
        let long = format!("\"{}\"", "x".repeat(100));
        check(
            "  - { rows: «[ ‹{ id: 1 }› ]» }\n",
            &[Change::Keep, row(&long)],
            &format!("  - {{ rows: [\n      {{ id: 1 }},\n      {{ id: {long}, v: null }}\n    ] }}\n"),
        );
    }

    #[test]
    fn lists_of_lines_are_touched_where_they_change() {
        let list = "rows:\n  # one\n  «- ‹{ id: 1 }› # first\n  # two\n  - ‹{ id: 2 }›»\nnext: 1\n";
        check(
            list,
            &[row("9"), Change::Keep, row("3")],
            "rows:\n  # one\n  - { id: 9, v: null } # first\n  # two\n  - { id: 2 }\n  - { id: 3, v: null }\nnext: 1\n",
        );
        check(list, &[Change::Drop, Change::Keep], "rows:\n  # one\n  # two\n  - { id: 2 }\nnext: 1\n");
        check(
            list,
            &[Change::Drop, Change::Drop, row("5")],
            "rows:\n  # one\n  - { id: 5, v: null } # first\n  # two\nnext: 1\n",
        );
        check("rows:\n  «- ‹{ id: 1 }›»\nnext: 1\n", &[Change::Drop], "rows: []\nnext: 1\n");
        check(
            "rows:\n  «- ‹id: 1\n    v: 2›»\n",
            &[row("3"), row("4")],
            "rows:\n  - id: 3\n    v: null\n  - id: 4\n    v: null\n",
        );
    }
}
