//! Where tokens and brackets of a text are.
//!
//! Spans of the syntax tree leave out brackets, signs and words around what they name; here they are widened again.

use std::ops::Range;

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::prepass::{Weight, weight};
use super::token::range;

/// The tokens of a text by their bytes.
#[derive(Debug)]
pub(super) struct Marks {
    list: Vec<Mark>,
}

#[derive(Debug)]
struct Mark {
    range: Range<u32>,
    /// Index of the bracket's partner; its own for everything else.
    partner: usize,
    is_word: bool,
}

impl Marks {
    /// Marks the tokens of a text.
    pub(super) fn new(tokens: &[TokenWithSpan]) -> Self {
        let mut list: Vec<Mark> = Vec::with_capacity(tokens.len());
        let mut open = Vec::new();
        for (index, token) in tokens.iter().enumerate() {
            let mut partner = index;
            match weight(&token.token) {
                Weight::Open => open.push(index),
                Weight::Close => {
                    if let Some(opening) = open.pop() {
                        partner = opening;
                        let mark: &mut Mark = &mut list[opening];
                        mark.partner = index;
                    }
                }
                Weight::Nothing | Weight::Reset | Weight::Set | Weight::Operator => {}
            }
            list.push(Mark {
                range: range(token.span),
                partner,
                is_word: matches!(token.token, Token::Word(_)),
            });
        }
        Marks { list }
    }

    /// All that is written.
    pub(super) fn whole(&self) -> Range<u32> {
        let start = self.list.first().map_or(0, |mark| mark.range.start);
        start..self.list.last().map_or(start, |mark| mark.range.end)
    }

    /// The token that begins at a byte.
    pub(super) fn token_at(&self, start: u32) -> Range<u32> {
        let index = self.list.partition_point(|mark| mark.range.start < start);
        self.list.get(index).map_or(start..start, |mark| mark.range.clone())
    }

    /// A name with the brackets that follow it: `upper(a)`.
    pub(super) fn call(&self, name: Range<u32>) -> Range<u32> {
        let after = self.list.partition_point(|mark| mark.range.start < name.end);
        match self.list.get(after) {
            Some(mark) if mark.partner > after => name.start..self.list[mark.partner].range.end,
            _ => name,
        }
    }

    /// What is inside brackets with the brackets and the word before them: `cast(a AS date)` for `a`.
    pub(super) fn around(&self, inside: Range<u32>) -> Range<u32> {
        let inside = self.balanced(inside);
        let mut index = self.list.partition_point(|mark| mark.range.start < inside.start);
        while index > 0 {
            index -= 1;
            let mark = &self.list[index];
            if mark.partner > index {
                let word = index.checked_sub(1).map(|before| &self.list[before]).filter(|mark| mark.is_word);
                let start = word.map_or(mark.range.start, |word| word.range.start);
                return start..self.list[mark.partner].range.end;
            }
            index = mark.partner.min(index);
        }
        inside
    }

    /// The token that ends before a byte.
    pub(super) fn token_before(&self, end: u32) -> Range<u32> {
        let index = self.list.partition_point(|mark| mark.range.start < end);
        index.checked_sub(1).map_or(end..end, |before| self.list[before].range.clone())
    }

    /// The last token, where a text ends too early.
    pub(super) fn last(&self) -> Range<u32> {
        self.list.last().map_or(0..0, |mark| mark.range.clone())
    }

    /// A range with the brackets around and inside it closed, which spans of the syntax tree leave out.
    pub(super) fn closed(&self, range: Range<u32>) -> Range<u32> {
        let range = self.balanced(range);
        let first = self.list.partition_point(|mark| mark.range.start < range.start);
        let after = self.list.partition_point(|mark| mark.range.start < range.end);
        match first.checked_sub(1).map(|index| &self.list[index]) {
            Some(open) if open.partner == after && after > first => {
                open.range.start..self.list[after].range.end
            }
            _ => range,
        }
    }

    /// A range with the brackets inside it closed.
    fn balanced(&self, range: Range<u32>) -> Range<u32> {
        let first = self.list.partition_point(|mark| mark.range.start < range.start);
        let after = self.list.partition_point(|mark| mark.range.start < range.end);
        let (mut start, mut end) = (range.start, range.end);
        for mark in self.list.get(first..after).unwrap_or_default() {
            start = start.min(self.list[mark.partner].range.start);
            end = end.max(self.list[mark.partner].range.end);
        }
        start..end
    }

    /// The words in a range behind its first word and before its last bracket: the type in `amount AS int)`.
    pub(super) fn last_words(&self, range: Range<u32>) -> Range<u32> {
        let from = self.list.partition_point(|mark| mark.range.start < range.start);
        let to = self.list.partition_point(|mark| mark.range.end < range.end);
        match (self.list.get(from + 1), to.checked_sub(1).and_then(|last| self.list.get(last))) {
            (Some(first), Some(last)) if first.range.start < last.range.end => {
                first.range.start..last.range.end
            }
            _ => range,
        }
    }

    /// From the token that precedes `range`: a sign or `INTERVAL` before its operand.
    pub(super) fn with_word_before(&self, range: Range<u32>) -> Range<u32> {
        let index = self.list.partition_point(|mark| mark.range.start < range.start);
        index.checked_sub(1).map_or(range.clone(), |before| self.list[before].range.start..range.end)
    }

    /// Up to the end of the token after `range`.
    pub(super) fn with_words_after(&self, range: Range<u32>, count: usize) -> Range<u32> {
        let after = self.list.partition_point(|mark| mark.range.start < range.end);
        let last = self.list.get(after.saturating_add(count).saturating_sub(1)).or(self.list.last());
        range.start..last.map_or(range.end, |mark| mark.range.end.max(range.end))
    }
}
