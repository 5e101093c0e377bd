//! Takes a pattern of `LIKE`; gives its parts.

/// One part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// These characters.
    Text(String),
    /// `_`: any one character.
    One,
    /// `%`: any characters, or none.
    Any,
}

/// The parts of a pattern, with an escape character if one is stated.
///
/// # Errors
/// What is wrong: an escape character before anything but `%`, `_` or itself.
pub fn parse(pattern: &str, escape: Option<char>) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        let literal = if Some(c) == escape {
            match chars.next() {
                Some(next) if next == '%' || next == '_' || Some(next) == escape => Some(next),
                _ => return Err(format!("has the escape character `{c}` before what needs no escape")),
            }
        } else {
            (c != '%' && c != '_').then_some(c)
        };
        if let Some(literal) = literal {
            text.push(literal);
            continue;
        }
        if !text.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut text)));
        }
        parts.push(if c == '_' { Part::One } else { Part::Any });
    }
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, escape: Option<char>, expected: &str) {
        let found = match parse(pattern, escape) {
            Ok(parts) => parts
                .iter()
                .map(|part| match part {
                    Part::Text(text) => format!("[{text}]"),
                    Part::One => "_".to_owned(),
                    Part::Any => "%".to_owned(),
                })
                .collect::<String>(),
            Err(problem) => problem,
        };
        assert_eq!(found, expected, "{pattern}");
    }

    #[test]
    fn wildcards_and_escapes() {
        check("a%b_", None, "[a]%[b]_");
        check("a!%b", Some('!'), "[a%b]");
        check("!!%", Some('!'), "[!]%");
        check("a\\b", None, "[a\\b]");
        check("", None, "");
        check("a!b", Some('!'), "has the escape character `!` before what needs no escape");
        check("a!", Some('!'), "has the escape character `!` before what needs no escape");
    }
}
