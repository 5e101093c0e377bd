//! Compares dead letters with those that a test expects: each is matched by exactly one expectation, and none is left over.
//!
//! Takes expectations and letters, gives those without a partner. A letter may fit several expectations, so partners are exchanged
//! until no more can be matched (augmenting paths).

use headwater_crds::test::ExpectedDeadLetters;

use super::difference::LetterDifference;
use crate::engine::DeadLetter;

/// Matches as many as possible.
pub fn compare_letters(expected: &[ExpectedDeadLetters], letters: &[DeadLetter]) -> LetterDifference {
    let mut places = Vec::new();
    let mut beyond = vec![0; expected.len()];
    for (index, one) in expected.iter().enumerate() {
        let count = one.count.unwrap_or(1);
        // More places than there are letters can't be filled.
        let can = usize::try_from(count).unwrap_or(usize::MAX).min(letters.len());
        places.extend(std::iter::repeat_n(index, can));
        beyond[index] = count - can as u64;
    }
    let mut holders: Vec<Option<usize>> = vec![None; letters.len()];
    let mut missing = beyond;
    for (place, &index) in places.iter().enumerate() {
        let mut seen = vec![false; letters.len()];
        if !take(place, &places, expected, letters, &mut holders, &mut seen) {
            missing[index] += 1;
        }
    }
    LetterDifference {
        missing: missing.into_iter().enumerate().filter(|(_, count)| *count > 0).collect(),
        unexpected: (0..letters.len()).filter(|letter| holders[*letter].is_none()).collect(),
    }
}

/// Finds a letter for a place, moving others where that frees one.
fn take(
    place: usize,
    places: &[usize],
    expected: &[ExpectedDeadLetters],
    letters: &[DeadLetter],
    holders: &mut [Option<usize>],
    seen: &mut [bool],
) -> bool {
    for letter in 0..letters.len() {
        if seen[letter] || !fits(&expected[places[place]], &letters[letter]) {
            continue;
        }
        seen[letter] = true;
        let is_free = match holders[letter] {
            None => true,
            Some(holder) => take(holder, places, expected, letters, holders, seen),
        };
        if is_free {
            holders[letter] = Some(place);
            return true;
        }
    }
    false
}

fn fits(expected: &ExpectedDeadLetters, letter: &DeadLetter) -> bool {
    let is = |wanted: Option<&str>, is: Option<&str>| wanted.is_none_or(|wanted| is == Some(wanted));
    is(expected.code.as_deref(), Some(&letter.code))
        && is(expected.source.as_deref(), letter.place.as_ref().map(|place| place.source.as_str()))
        && is(expected.node.as_deref(), Some(&letter.node))
        && is(expected.field.as_deref(), letter.field.as_deref())
}

#[cfg(test)]
mod tests {
    use headwater_crds::test::ExpectedDeadLetters;

    use super::compare_letters;
    use crate::engine::DeadLetter;

    /// Expectations and letters as `code field`, `-` for any or none; expectations may have a count.
    fn check(expected: &[&str], letters: &[&str], missing: &[(usize, u64)], unexpected: &[usize]) {
        let word = |text: Option<&str>| text.filter(|word| *word != "-").map(str::to_owned);
        let expectation = |line: &&str| {
            let mut words = line.split(' ');
            ExpectedDeadLetters {
                code: word(words.next()),
                field: word(words.next()),
                count: words.next().and_then(|count| count.parse().ok()),
                ..ExpectedDeadLetters::default()
            }
        };
        let letter = |line: &&str| {
            let mut words = line.split(' ');
            DeadLetter {
                product: String::new(),
                node: "n".to_owned(),
                code: word(words.next()).unwrap_or_default(),
                rule: String::new(),
                field: word(words.next()),
                place: None,
                original: Vec::new(),
                event_time_us: None,
            }
        };
        let expected: Vec<_> = expected.iter().map(expectation).collect();
        let letters: Vec<_> = letters.iter().map(letter).collect();
        let found = compare_letters(&expected, &letters);
        assert_eq!((found.missing.as_slice(), found.unexpected.as_slice()), (missing, unexpected));
    }

    #[test]
    fn every_letter_has_one_expectation() {
        check(&[], &[], &[], &[]);
        check(&["D003 -"], &["D003 a"], &[], &[]);
        check(&["D003 -"], &["D002 a"], &[(0, 1)], &[0]);
        check(&["- -"], &["D003 a", "D002 b"], &[], &[1]);
        check(&["D003 - 3"], &["D003 a", "D003 b"], &[(0, 1)], &[]);
        check(&["D003 - 0"], &["D003 a"], &[], &[0]);
        check(&["D003 - 1000000000000"], &["D003 a"], &[(0, 999_999_999_999)], &[]);
    }

    #[test]
    fn a_wide_expectation_leaves_a_narrow_one_its_letter() {
        check(&["D003 -", "D003 a"], &["D003 a", "D003 b"], &[], &[]);
        check(&["- -", "D003 -", "D003 a"], &["D003 a", "D003 b", "D002 c"], &[], &[]);
    }
}
