//! Columns of text slices: what splitting delimited or fixed-width records gives.
//!
//! Data and accessors. A slice points into the chunk that was read, or into a side buffer when it had to be rewritten (quotes, encoding).

use arrow::buffer::Buffer;

/// One column of slices for each wanted field.
#[derive(Clone, Debug)]
pub struct TextColumns {
    /// The chunk that slices point into.
    pub bytes: Buffer,
    /// Slices that had to be rewritten.
    pub side: Vec<u8>,
    /// For each wanted field its slices, or `None` when the file has no such column.
    pub columns: Vec<Option<Vec<Slice>>>,
}

/// Where the text of one field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    start: u32,
    packed: u32,
}

const QUOTED: u32 = 1 << 31;
const SIDE: u32 = 1 << 30;

impl Slice {
    /// A slice of the chunk. The chunk is shorter than 1 GiB (see `stream`).
    pub(crate) fn of_chunk(start: usize, end: usize, quoted: bool) -> Self {
        Self { start: start as u32, packed: (end - start) as u32 | if quoted { QUOTED } else { 0 } }
    }

    /// A slice of the side buffer.
    pub(crate) fn of_side(start: usize, end: usize, quoted: bool) -> Self {
        let mut slice = Self::of_chunk(start, end, quoted);
        slice.packed |= SIDE;
        slice
    }

    /// Whether the field was enclosed in quotes.
    pub fn quoted(self) -> bool {
        self.packed & QUOTED != 0
    }
}

impl TextColumns {
    /// The bytes of a field. They are UTF-8 when the whole batch is (malformed records are not part of it).
    #[inline]
    pub fn text(&self, slice: Slice) -> &[u8] {
        let start = slice.start as usize;
        let end = start + (slice.packed & !(QUOTED | SIDE)) as usize;
        if slice.packed & SIDE == 0 { &self.bytes.as_slice()[start..end] } else { &self.side[start..end] }
    }
}
