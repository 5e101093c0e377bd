//! The rows of a sink that are not as expected, as a table for people.
//!
//! Takes what differs, gives lines: `-` is expected, `+` came out, `^` marks the values that changed.

use headwater_processor::local::{Cells, RowDifference, SinkDifference};

/// Lines wider than this are broken into one for each column.
const WIDTH_MAX: usize = 120;
/// More rows than this are counted, not shown.
const ROWS_MAX: usize = 50;

/// How lines are coloured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint {
    /// What is expected.
    pub(crate) minus: &'static str,
    /// What came out.
    pub(crate) plus: &'static str,
    /// A value that changed.
    pub(crate) strong: &'static str,
    /// Ends each of them.
    pub(crate) end: &'static str,
}

impl Paint {
    /// Colours, or none.
    pub(crate) fn new(is_coloured: bool) -> Self {
        if is_coloured {
            Paint { minus: "\x1b[31m", plus: "\x1b[32m", strong: "\x1b[1m", end: "\x1b[0m" }
        } else {
            Paint { minus: "", plus: "", strong: "", end: "" }
        }
    }
}

/// One line: a mark, its values, and which of them changed.
struct Line<'a> {
    mark: char,
    cells: &'a Cells,
    differs: Option<&'a [bool]>,
}

/// The lines, each ended by a line feed.
pub(crate) fn table(difference: &SinkDifference, paint: Paint) -> String {
    let shown = &difference.rows[..difference.rows.len().min(ROWS_MAX)];
    let lines: Vec<Line<'_>> = shown.iter().flat_map(lines).collect();
    let texts: Vec<Vec<String>> = lines.iter().map(|line| line.cells.iter().map(cell).collect()).collect();
    let widths: Vec<usize> = (0..difference.columns.len())
        .map(|column| {
            let cells = texts.iter().map(|row| count(&row[column]));
            cells.chain([count(&difference.columns[column])]).max().unwrap_or(0)
        })
        .collect();
    let wide = 4 + widths.iter().map(|width| width + 2).sum::<usize>() > WIDTH_MAX;
    let mut text = if wide {
        long(difference, &lines, &texts, paint)
    } else {
        aligned(difference, &lines, &texts, &widths, paint)
    };
    let more = difference.rows.len() - shown.len();
    if more > 0 {
        text += &format!("    and {more} more\n");
    }
    text
}

fn lines(row: &RowDifference) -> Vec<Line<'_>> {
    match row {
        RowDifference::Missing { cells, .. } => vec![Line { mark: '-', cells, differs: None }],
        RowDifference::Unexpected { cells } => vec![Line { mark: '+', cells, differs: None }],
        RowDifference::Changed { wanted, got, differs, .. } => vec![
            Line { mark: '-', cells: wanted, differs: Some(differs) },
            Line { mark: '+', cells: got, differs: Some(differs) },
        ],
    }
}

/// A line for each row.
fn aligned(
    difference: &SinkDifference,
    lines: &[Line<'_>],
    texts: &[Vec<String>],
    widths: &[usize],
    paint: Paint,
) -> String {
    let pad = |text: &str, width: usize| format!("{text}{}  ", " ".repeat(width - count(text)));
    let header: String =
        difference.columns.iter().zip(widths).map(|(name, width)| pad(name, *width)).collect();
    let mut out = format!("      {}\n", header.trim_end());
    for (line, cells) in lines.iter().zip(texts) {
        let colour = if line.mark == '-' { paint.minus } else { paint.plus };
        let mut row = String::new();
        for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
            let changed = line.differs.is_some_and(|differs| differs[column]);
            let (start, end) =
                if changed { (paint.strong, format!("{}{colour}", paint.end)) } else { ("", String::new()) };
            let end = if paint.end.is_empty() { String::new() } else { end };
            row += &format!("{start}{}{end}", pad(cell, *width));
        }
        out += &format!("    {colour}{} {}{}\n", line.mark, row.trim_end(), paint.end);
        if let ('+', Some(differs)) = (line.mark, line.differs) {
            let marks = differs.iter().zip(cells).zip(widths).map(|((differs, cell), width)| {
                pad(&if *differs { "^".repeat(count(cell)) } else { String::new() }, *width)
            });
            out += &format!("      {}\n", marks.collect::<String>().trim_end());
        }
    }
    out
}

/// A line for each column that differs; of a row that is on one side only, for each that is not null.
fn long(difference: &SinkDifference, lines: &[Line<'_>], texts: &[Vec<String>], paint: Paint) -> String {
    let mut out = String::new();
    let width = difference.columns.iter().map(|name| count(name)).max().unwrap_or(0);
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let colour = if line.mark == '-' { paint.minus } else { paint.plus };
        if !out.is_empty() {
            out.push('\n');
        }
        for (column, name) in difference.columns.iter().enumerate() {
            match line.differs {
                Some(differs) if differs[column] => {
                    out +=
                        &format!("    {}- {name:width$}  {}{}\n", paint.minus, texts[at][column], paint.end);
                    out += &format!(
                        "    {}+ {name:width$}  {}{}\n",
                        paint.plus,
                        texts[at + 1][column],
                        paint.end
                    );
                }
                // What is the same tells which row it is.
                Some(_) if line.cells[column].is_some() => {
                    out += &format!("      {name:width$}  {}\n", texts[at][column]);
                }
                None if line.cells[column].is_some() => {
                    out += &format!(
                        "    {colour}{} {name:width$}  {}{}\n",
                        line.mark, texts[at][column], paint.end
                    );
                }
                Some(_) | None => {}
            }
        }
        at += if line.differs.is_some() { 2 } else { 1 };
    }
    out
}

/// A value: text without quotes, unless it could be taken for something else.
fn cell(value: &Option<String>) -> String {
    let Some(json) = value else { return "null".to_owned() };
    let is_plain = |text: &str| {
        !text.is_empty()
            && text.trim() == text
            && text != "null"
            && text.chars().all(|letter| !letter.is_control() && !matches!(letter, '"' | '\\'))
    };
    match serde_json::from_str::<serde_json::Value>(json) {
        Ok(serde_json::Value::String(text)) if is_plain(&text) => text,
        Ok(_) | Err(_) => json.clone(),
    }
}

fn count(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use headwater_processor::local::{Cells, RowDifference, SinkDifference};

    use super::{Paint, table};

    fn cells(values: &[&str]) -> Cells {
        values.iter().map(|value| (*value != "-").then(|| (*value).to_owned())).collect()
    }

    fn check(columns: &[&str], rows: Vec<RowDifference>, expected: &str) {
        let columns = columns.iter().map(|name| (*name).to_owned()).collect();
        let difference = SinkDifference { columns, matched: Vec::new(), rows };
        assert_eq!(table(&difference, Paint::new(false)), expected);
    }

    #[test]
    fn columns_are_aligned_and_changes_marked() {
        let changed = RowDifference::Changed {
            expected: 0,
            wanted: cells(&["\"c1\"", "-", "20"]),
            got: cells(&["\"c1\"", "6.50", "20"]),
            differs: vec![false, true, false],
        };
        let missing = RowDifference::Missing { expected: 1, cells: cells(&["\"c2\"", "\"null\"", "7"]) };
        let expected = "      id  points  earned
    - c1  null    20
    + c1  6.50    20
          ^^^^
    - c2  \"null\"  7
";
        check(&["id", "points", "earned"], vec![changed, missing], expected);
    }

    #[test]
    fn what_is_too_wide_is_broken() {
        let long = format!("\"{}\"", "x".repeat(130));
        let changed = RowDifference::Changed {
            expected: 0,
            wanted: cells(&["1", &long, "-"]),
            got: cells(&["2", &long, "-"]),
            differs: vec![true, false, false],
        };
        let text = "x".repeat(130);
        let expected = format!("    - id    1\n    + id    2\n      text  {text}\n");
        check(&["id", "text", "none"], vec![changed], &expected);
    }
}
