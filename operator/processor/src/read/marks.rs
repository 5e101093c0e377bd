//! Finds the bytes that end an unquoted field, eight at a time.
//!
//! Takes a buffer and two bytes to look for, gives their positions in order. Knows nothing of quotes.

const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
const ONES: u64 = 0x0101_0101_0101_0101;

/// Positions of two bytes in a buffer, from a position on.
///
/// One word is compared at once, without branches: fields are a few bytes long, too short for a search that starts anew each time.
pub(crate) struct Marks<'a> {
    bytes: &'a [u8],
    /// Start of the word that `found` is about.
    at: usize,
    /// The high bit of each byte of the word that is one of the two and was not given yet.
    found: u64,
    first: u64,
    second: u64,
}

impl<'a> Marks<'a> {
    pub(crate) fn new(bytes: &'a [u8], first: u8, second: u8, from: usize) -> Self {
        let mut marks =
            Self { bytes, at: 0, found: 0, first: ONES * u64::from(first), second: ONES * u64::from(second) };
        marks.seek(from);
        marks
    }

    /// Goes on from `position`, forward or back.
    pub(crate) fn seek(&mut self, position: usize) {
        self.at = position / 8 * 8;
        self.found = self.compare() & (u64::MAX << (position % 8 * 8));
    }

    /// The next position, or `None` at the end of the buffer.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<usize> {
        while self.found == 0 {
            self.at += 8;
            if self.at >= self.bytes.len() {
                return None;
            }
            self.found = self.compare();
        }
        let position = self.at + self.found.trailing_zeros() as usize / 8;
        self.found &= self.found - 1;
        Some(position)
    }

    #[inline]
    fn compare(&self) -> u64 {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let word = match rest.first_chunk::<8>() {
            Some(word) => u64::from_le_bytes(*word),
            None => {
                // The rest is filled with a byte that is neither of the two (both are ASCII).
                let mut word = [0xff; 8];
                word[..rest.len()].copy_from_slice(rest);
                u64::from_le_bytes(word)
            }
        };
        zero_bytes(word ^ self.first) | zero_bytes(word ^ self.second)
    }
}

/// The high bit of each byte that is zero, exactly.
#[inline]
fn zero_bytes(word: u64) -> u64 {
    !(((word & LOW) + LOW) | word | LOW)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Marks;

    proptest! {
        #[test]
        fn gives_each_position_once(bytes in proptest::collection::vec(0_u8..6, 0..70), from in 0_usize..70) {
            let mut marks = Marks::new(&bytes, 2, 5, from);
            let found: Vec<usize> = std::iter::from_fn(|| marks.next()).collect();
            let expected: Vec<usize> =
                (from..bytes.len()).filter(|at| matches!(bytes[*at], 2 | 5)).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
