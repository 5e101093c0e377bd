//! Reading the Markdown of this repository: takes a text, gives headings, fenced blocks, links and prose.
//!
//! It knows the part of Markdown that the documents use, not all of it.

/// A block between two fences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What stands behind the opening fence, such as `yaml fail`.
    pub kind: String,
    /// The lines between the fences, each with its line feed.
    pub text: String,
    /// Number of the first line between the fences, from 1.
    pub line: usize,
}

/// A line outside every fenced block, with its number from 1.
pub type Line<'text> = (usize, &'text str);

/// The fenced blocks in order.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<(String, Block)> = None;
    for (number, line) in (1..).zip(text.lines()) {
        match &mut open {
            Some((fence, block)) => {
                if line.trim_end() == fence {
                    found.extend(open.take().map(|(_, block)| block));
                } else {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
            }
            None => {
                if let Some((fence, kind)) = opening(line) {
                    open = Some((fence, Block { kind, text: String::new(), line: number + 1 }));
                }
            }
        }
    }
    found
}

/// The page with another text in the place of a block's.
pub fn with_block(page: &str, block: &Block, text: &str) -> String {
    let lines: Vec<&str> = page.split_inclusive('\n').collect();
    let start = block.line - 1;
    let end = start + block.text.lines().count();
    [&lines[..start].concat(), text, &lines[end..].concat()].concat()
}

/// The lines outside every fenced block.
pub fn prose(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut fence: Option<String> = None;
    for (number, line) in (1..).zip(text.lines()) {
        match &fence {
            Some(open) if line.trim_end() == open => fence = None,
            Some(_) => {}
            None => match opening(line) {
                Some((open, _)) => fence = Some(open),
                None => lines.push((number, line)),
            },
        }
    }
    lines
}

/// The texts of the headings, without their marks.
pub fn headings(text: &str) -> Vec<String> {
    let lines = prose(text);
    let marked = lines.iter().filter(|(_, line)| line.starts_with('#'));
    marked.map(|(_, line)| line.trim_start_matches('#').trim().to_owned()).collect()
}

/// The anchor under which a heading can be linked.
pub fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

/// Targets of the links outside fenced blocks and code spans, each with its line.
pub fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in prose(text) {
        let bare = without_code(line);
        let mut rest = bare.as_str();
        while let Some(at) = rest.find("](") {
            rest = &rest[at + 2..];
            if let Some(end) = rest.find(')') {
                found.push((number, rest[..end].to_owned()));
                rest = &rest[end..];
            }
        }
    }
    found
}

/// The code spans of a line.
pub fn code_spans(line: &str) -> Vec<&str> {
    line.split('`').skip(1).step_by(2).collect()
}

/// The line without its code spans.
pub fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

/// The fence and what stands behind it, if the line opens a block.
fn opening(line: &str) -> Option<(String, String)> {
    let kind = line.trim_start_matches('`');
    let ticks = line.len() - kind.len();
    (ticks >= 3 && !kind.contains('`')).then(|| ("`".repeat(ticks), kind.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{anchor, blocks, headings, links};

    const PAGE: &str =
        "# A page: one\n\nSee [b](b.md#x) and `[c](d)`.\n\n````text out\n```\n# no\n````\n\n## End\n";

    #[test]
    fn a_block_ends_at_the_fence_of_its_length() {
        let found = blocks(PAGE);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].kind.as_str(), found[0].text.as_str(), found[0].line),
            ("text out", "```\n# no\n", 6)
        );
    }

    #[test]
    fn headings_and_links_are_those_of_the_prose() {
        assert_eq!(headings(PAGE), ["A page: one", "End"]);
        assert_eq!(links(PAGE), [(3, "b.md#x".to_owned())]);
        assert_eq!(anchor("A page: `one`"), "a-page-one");
    }
}
