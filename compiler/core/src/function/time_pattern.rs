//! Takes a pattern of dates and times; gives its pieces.
//!
//! The subset of `java.time.format.DateTimeFormatter` that writes and reads the same whatever the locale:
//! `yyyy yy MM M MMM MMMM dd d DDD EEE EEEE HH H hh h mm m ss s S... a XXX`, text in quotes and signs.

/// One piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// These characters.
    Text(String),
    /// A number of a unit, at least so many digits; if two or more, read with exactly so many.
    Number(Field, usize),
    /// English name of the month, short (`Jan`) or not.
    MonthName {
        /// Whether it has three letters only.
        short: bool,
    },
    /// English name of the day of the week, short (`Mon`) or not; written, never read.
    DayName {
        /// Whether it has three letters only.
        short: bool,
    },
    /// Fraction of the second, so many digits, at most six.
    Fraction(usize),
    /// `AM` or `PM`.
    HalfDay,
    /// Offset from UTC such as `+01:00`, `Z` for none.
    Offset,
}

/// A number in a date or time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Year, four digits, of the common era.
    Year,
    /// Last two digits of a year from 2000 to 2099.
    YearOfCentury,
    /// Month, 1 to 12.
    Month,
    /// Day of the month.
    Day,
    /// Day of the year.
    DayOfYear,
    /// Hour, 0 to 23.
    Hour,
    /// Hour of the half day, 1 to 12.
    HourOfHalf,
    /// Minute.
    Minute,
    /// Second.
    Second,
}

/// The pieces of a pattern.
///
/// # Errors
/// What is wrong, to follow the name of the argument.
pub fn parse(pattern: &str) -> Result<Vec<Piece>, String> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        if c.is_ascii_alphabetic() {
            let length = rest.find(|next| next != c).unwrap_or(rest.len());
            pieces.push(letters(c, length)?);
            rest = &rest[length..];
        } else if c == '\'' {
            let (text, after) = quoted(&rest[1..])?;
            push_text(&mut pieces, &text);
            rest = after;
        } else if matches!(c, '[' | ']' | '{' | '}' | '#') {
            return Err(format!("has `{c}`, which must stand in quotes"));
        } else {
            push_text(&mut pieces, &rest[..c.len_utf8()]);
            rest = &rest[c.len_utf8()..];
        }
    }
    if pieces.is_empty() { Err("is empty".to_owned()) } else { Ok(pieces) }
}

fn letters(c: char, length: usize) -> Result<Piece, String> {
    Ok(match (c, length) {
        ('y' | 'u', 4) => Piece::Number(Field::Year, 4),
        ('y' | 'u', 2) => Piece::Number(Field::YearOfCentury, 2),
        ('M', 1 | 2) => Piece::Number(Field::Month, length),
        ('M', 3 | 4) => Piece::MonthName { short: length == 3 },
        ('d', 1 | 2) => Piece::Number(Field::Day, length),
        ('D', 3) => Piece::Number(Field::DayOfYear, 3),
        ('E', 3 | 4) => Piece::DayName { short: length == 3 },
        ('H', 1 | 2) => Piece::Number(Field::Hour, length),
        ('h', 1 | 2) => Piece::Number(Field::HourOfHalf, length),
        ('m', 1 | 2) => Piece::Number(Field::Minute, length),
        ('s', 1 | 2) => Piece::Number(Field::Second, length),
        ('S', 1..=6) => Piece::Fraction(length),
        ('a', 1) => Piece::HalfDay,
        ('X', 3) => Piece::Offset,
        _ => {
            let run = c.to_string().repeat(length.min(12));
            return Err(format!(
                "has `{run}`, which is none of yyyy yy MM M MMM MMMM dd d DDD EEE EEEE HH H hh h mm m ss s S to SSSSSS a XXX"
            ));
        }
    })
}

/// Text up to the closing quote, two quotes being one; and what follows. An opening quote at once closed is a quote itself.
fn quoted(text: &str) -> Result<(String, &str), String> {
    if let Some(rest) = text.strip_prefix('\'') {
        return Ok(("'".to_owned(), rest));
    }
    let mut found = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('\'').ok_or("has a quote that does not end")?;
        found.push_str(before);
        match after.strip_prefix('\'') {
            Some(after) => {
                found.push('\'');
                rest = after;
            }
            None => return Ok((found, after)),
        }
    }
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    if let Some(Piece::Text(last)) = pieces.last_mut() {
        last.push_str(text);
    } else {
        pieces.push(Piece::Text(text.to_owned()));
    }
}

/// Whether a text of this pattern names a day, so that it can be read as a date.
pub fn names_day(pieces: &[Piece]) -> bool {
    let has = |wanted: &[Field]| {
        pieces.iter().any(|piece| matches!(piece, Piece::Number(field, _) if wanted.contains(field)))
    };
    let month = has(&[Field::Month]) || pieces.iter().any(|piece| matches!(piece, Piece::MonthName { .. }));
    has(&[Field::Year, Field::YearOfCentury]) && (has(&[Field::DayOfYear]) || (month && has(&[Field::Day])))
}

/// Whether its hours tell morning from evening.
pub fn tells_half(pieces: &[Piece]) -> bool {
    let half = pieces.contains(&Piece::HalfDay);
    let of_half = pieces.iter().any(|piece| matches!(piece, Piece::Number(Field::HourOfHalf, _)));
    half == of_half
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, expected: &str) {
        let found = match parse(pattern) {
            Ok(pieces) => format!("{pieces:?}"),
            Err(problem) => problem,
        };
        assert!(found.contains(expected), "{pattern}: {found}");
    }

    #[test]
    fn only_pieces_without_a_locale_are_read() {
        check("yyyy-MM-dd", r#"[Number(Year, 4), Text("-"), Number(Month, 2), Text("-"), Number(Day, 2)]"#);
        check("HH:mm:ss.SSS", "Fraction(3)");
        check("yyyy-MM-dd'T'HH", r#"Text("T")"#);
        check("h 'o''clock' a", r#"Text(" o'clock "), HalfDay"#);
        check("''", r#"Text("'")"#);
        check("YYYY", "has `YYYY`, which is none of");
        check("z", "has `z`");
        check("'a", "has a quote that does not end");
        check("[HH]", "has `[`");
        check("", "is empty");
    }

    #[test]
    fn a_day_needs_its_year() {
        let day = |pattern| names_day(&parse(pattern).expect("a pattern of this test"));
        assert!(day("dd.MM.yyyy") && day("yyyy DDD") && day("d MMM yy"));
        assert!(!day("MM-dd") && !day("HH:mm") && !day("yyyy-MM"));
    }
}
