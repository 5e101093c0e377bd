//! Takes a regular expression in the subset that all engines read alike; gives it in a form that they do.
//!
//! The subset: characters, `.`, `^` and `$` for the start and end of the text, classes `[a-z]` and `[^a-z]`, `\d \w \s` and
//! their opposites over ASCII, groups `(...)` and `(?:...)`, `|`, and `* + ? {n} {n,} {n,m}`, greedy or, with `?`, not.
//! The form given means the same to Rust's `regex` and to `java.util.regex`. Look-around, back references, flags,
//! `\b`, `\p` and possessive repetition are refused: one engine or the other lacks them or takes them differently.

use std::fmt::Write;
use std::iter::Peekable;
use std::str::Chars;

/// Deepest nesting of groups.
const DEPTH_MAX: usize = 50;
/// Greatest number in a repetition.
const REPEAT_MAX: u32 = 1_000;
/// Longest pattern, in characters.
const LENGTH_MAX: usize = 10_000;

const DIGIT: &str = "0-9";
const WORD: &str = "0-9A-Za-z_";
const SPACE: &str = r"\t\n\x0B\f\r\x20";

/// A regular expression that the engines read alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regex {
    /// Its text.
    pub text: String,
    /// How many groups it captures.
    pub groups: usize,
}

struct Reader<'a> {
    chars: Peekable<Chars<'a>>,
    out: Regex,
}

/// Reads a regular expression.
///
/// # Errors
/// What is wrong or not in the subset, to follow the name of the argument.
pub fn parse(pattern: &str) -> Result<Regex, String> {
    if pattern.chars().count() > LENGTH_MAX {
        return Err(format!("is longer than {LENGTH_MAX} characters"));
    }
    let mut reader =
        Reader { chars: pattern.chars().peekable(), out: Regex { text: String::new(), groups: 0 } };
    reader.alternatives(0)?;
    match reader.chars.next() {
        None => Ok(reader.out),
        Some(_) => Err("has a `)` without a `(`".to_owned()),
    }
}

impl Reader<'_> {
    fn alternatives(&mut self, depth: usize) -> Result<(), String> {
        if depth > DEPTH_MAX {
            return Err(format!("nests groups deeper than {DEPTH_MAX}"));
        }
        while let Some(&c) = self.chars.peek() {
            if c == ')' {
                break;
            }
            self.chars.next();
            if c == '|' {
                self.out.text.push('|');
                continue;
            }
            let repeats = self.atom(c, depth)?;
            self.repetition(repeats)?;
        }
        Ok(())
    }

    /// Writes one atom; says whether it may be repeated.
    fn atom(&mut self, c: char, depth: usize) -> Result<bool, String> {
        match c {
            '^' => self.out.text.push_str(r"\A"),
            '$' => self.out.text.push_str(r"\z"),
            '.' => self.out.text.push_str(r"[^\n\r\x{85}\x{2028}\x{2029}]"),
            '(' => self.group(depth)?,
            '[' => self.class()?,
            '\\' => {
                let escaped = self.escape()?;
                let text = match escaped {
                    Escaped::Class(false, set) => format!("[{set}]"),
                    Escaped::Class(true, set) => format!("[^{set}]"),
                    Escaped::Char(c) => literal(c),
                };
                self.out.text.push_str(&text);
            }
            '*' | '+' | '?' | '{' => return Err(format!("has `{c}` after nothing that it could repeat")),
            c => self.out.text.push_str(&literal(c)),
        }
        Ok(c != '^' && c != '$')
    }

    fn group(&mut self, depth: usize) -> Result<(), String> {
        if self.chars.next_if_eq(&'?').is_some() {
            if self.chars.next_if_eq(&':').is_none() {
                return Err(
                    "has `(?`: of these only `(?:...)` is offered, no flags, names or look-around".to_owned()
                );
            }
            self.out.text.push_str("(?:");
        } else {
            self.out.groups += 1;
            self.out.text.push('(');
        }
        self.alternatives(depth + 1)?;
        if self.chars.next().is_none() {
            return Err("has a `(` without a `)`".to_owned());
        }
        self.out.text.push(')');
        Ok(())
    }

    fn class(&mut self) -> Result<(), String> {
        const OPEN: &str = "has a `[` without a `]`";
        self.out.text.push('[');
        if self.chars.next_if_eq(&'^').is_some() {
            self.out.text.push('^');
        }
        let mut is_empty = true;
        loop {
            let c = self.chars.next().ok_or(OPEN)?;
            let low = match c {
                ']' if is_empty => return Err("has an empty class `[]`".to_owned()),
                ']' => break,
                '[' => return Err(r"has a `[` inside a class: write `\[`".to_owned()),
                '&' if self.chars.peek() == Some(&'&') => return Err("has `&&` inside a class".to_owned()),
                '\\' => match self.escape()? {
                    Escaped::Class(false, set) => {
                        self.out.text.push_str(set);
                        is_empty = false;
                        continue;
                    }
                    Escaped::Class(true, set) => {
                        let _ = write!(self.out.text, "[^{set}]");
                        is_empty = false;
                        continue;
                    }
                    Escaped::Char(c) => c,
                },
                c => c,
            };
            is_empty = false;
            self.out.text.push_str(&literal(low));
            self.range(low, OPEN)?;
        }
        self.out.text.push(']');
        Ok(())
    }

    /// The rest of `a-z` after `a`; a `-` at the end of a class is itself.
    fn range(&mut self, low: char, open: &str) -> Result<(), String> {
        let mut ahead = self.chars.clone();
        if ahead.next() != Some('-') || ahead.peek() == Some(&']') {
            return Ok(());
        }
        self.chars.next();
        let high = match self.chars.next().ok_or(open)? {
            '\\' => match self.escape()? {
                Escaped::Char(c) => c,
                Escaped::Class(..) => return Err("has a class at the end of a range".to_owned()),
            },
            '[' => return Err(r"has a `[` inside a class: write `\[`".to_owned()),
            c => c,
        };
        if high < low {
            return Err(format!("has the range `{low}-{high}`, which ends before it starts"));
        }
        self.out.text.push('-');
        self.out.text.push_str(&literal(high));
        Ok(())
    }

    fn escape(&mut self) -> Result<Escaped, String> {
        let c = self.chars.next().ok_or(r"ends with `\`")?;
        Ok(match c {
            'd' => Escaped::Class(false, DIGIT),
            'D' => Escaped::Class(true, DIGIT),
            'w' => Escaped::Class(false, WORD),
            'W' => Escaped::Class(true, WORD),
            's' => Escaped::Class(false, SPACE),
            'S' => Escaped::Class(true, SPACE),
            't' => Escaped::Char('\t'),
            'n' => Escaped::Char('\n'),
            'r' => Escaped::Char('\r'),
            'f' => Escaped::Char('\u{c}'),
            c if c.is_ascii_alphanumeric() => return Err(format!(r"has `\{c}`, which is not offered")),
            c => Escaped::Char(c),
        })
    }

    fn repetition(&mut self, repeats: bool) -> Result<(), String> {
        let Some(c) = self.chars.next_if(|c| matches!(c, '*' | '+' | '?' | '{')) else { return Ok(()) };
        if !repeats {
            return Err(format!("has `{c}` after `^` or `$`"));
        }
        if c == '{' {
            self.bounds()?;
        } else {
            self.out.text.push(c);
        }
        if self.chars.next_if_eq(&'?').is_some() {
            self.out.text.push('?');
        }
        match self.chars.peek() {
            Some(c @ ('*' | '+' | '?' | '{')) => Err(format!("has `{c}` after another repetition")),
            _ => Ok(()),
        }
    }

    /// The rest of `{n}`, `{n,}` or `{n,m}` after the brace.
    fn bounds(&mut self) -> Result<(), String> {
        const FORM: &str = r"has a `{` that is no repetition: write `{n}`, `{n,}`, `{n,m}` or `\{`";
        let mut inside = String::new();
        loop {
            match self.chars.next() {
                Some('}') => break,
                Some(c) if inside.len() < 16 => inside.push(c),
                _ => return Err(FORM.to_owned()),
            }
        }
        let (low, high) =
            inside.split_once(',').map_or((inside.as_str(), None), |(low, high)| (low, Some(high)));
        let number = |text: &str| {
            let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| text.parse::<u32>().ok()).flatten().ok_or(FORM)
        };
        let low = number(low)?;
        let high = high.filter(|high| !high.is_empty()).map(number).transpose()?;
        if low.max(high.unwrap_or(low)) > REPEAT_MAX {
            return Err(format!("repeats more than {REPEAT_MAX} times"));
        }
        if high.is_some_and(|high| high < low) {
            return Err(FORM.to_owned());
        }
        let _ = write!(self.out.text, "{{{inside}}}");
        Ok(())
    }
}

/// What stands after a backslash.
enum Escaped {
    /// Characters of a class, or all others.
    Class(bool, &'static str),
    /// One character.
    Char(char),
}

/// A character that stands for itself in both languages, inside and outside a class.
fn literal(c: char) -> String {
    if c.is_ascii_alphanumeric() { c.to_string() } else { format!("\\x{{{:x}}}", u32::from(c)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, expected: &str) {
        let found = match parse(pattern) {
            Ok(regex) => format!("{} {}", regex.text, regex.groups),
            Err(problem) => problem,
        };
        assert_eq!(found, expected, "{pattern}");
    }

    #[test]
    fn the_subset_is_written_so_that_both_engines_agree() {
        check("ab", "ab 0");
        check("^a$", r"\Aa\z 0");
        check(r"(\d+)-(?:x|y)*?", r"([0-9]+)\x{2d}(?:x|y)*? 1");
        check(r"[^a-f\s\]-]", r"[^a-f\t\n\x0B\f\r\x20\x{5d}\x{2d}] 0");
        check("a{2,3}b{4}", "a{2,3}b{4} 0");
        check(r"\.", r"\x{2e} 0");
        check("é", r"\x{e9} 0");
    }

    #[test]
    fn what_is_outside_is_refused() {
        check("(a", "has a `(` without a `)`");
        check("a)", "has a `)` without a `(`");
        check("[a", "has a `[` without a `]`");
        check("[z-a]", "has the range `z-a`, which ends before it starts");
        check("*", "has `*` after nothing that it could repeat");
        check("a*+", "has `+` after another repetition");
        check(r"\bx", r"has `\b`, which is not offered");
        check("(?=a)", "has `(?`: of these only `(?:...)` is offered, no flags, names or look-around");
        check("a{3,2}", r"has a `{` that is no repetition: write `{n}`, `{n,}`, `{n,m}` or `\{`");
        check("a{9999}", "repeats more than 1000 times");
        check(&"(".repeat(100), "nests groups deeper than 50");
        check("a\\", r"ends with `\`");
    }
}
