//! Trees of values, one for each record, as a flat list of nodes: what splitting JSON or XML gives.
//!
//! Data and accessors. Text is not copied unless it had to be rewritten; numbers stay text, so that no digit is lost.

use arrow::buffer::Buffer;

/// The trees of a batch.
#[derive(Clone, Debug)]
pub struct Tape {
    /// The chunk that texts point into.
    pub(crate) bytes: Buffer,
    /// Texts that had to be rewritten.
    pub(crate) side: Vec<u8>,
    /// Nodes in the order in which they were written; the members of an object are a text and a value each.
    pub(crate) nodes: Vec<Node>,
    /// The root of each record.
    pub(crate) roots: Vec<u32>,
    /// Whether values have types of their own.
    pub(crate) style: Style,
}

/// Whether values have types of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Numbers, truth values and null stand for themselves (JSON).
    Typed,
    /// All is text, and one element is as good as a list of one (XML).
    Plain,
}

/// One value, or the name of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// First byte of a text or number.
    pub(crate) start: u32,
    /// End of a text or number; for an object or a list the index of the node after it.
    pub(crate) end: u32,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    True,
    False,
    Number,
    /// Text in the chunk.
    Text,
    /// Text in the side buffer.
    Side,
    Object,
    List,
}

impl Tape {
    pub(crate) fn new(bytes: Buffer, style: Style) -> Self {
        Self { bytes, side: Vec::new(), nodes: Vec::new(), roots: Vec::new(), style }
    }

    #[inline]
    pub(crate) fn node(&self, at: u32) -> Node {
        self.nodes[at as usize]
    }

    /// The bytes of a text or number.
    #[inline]
    pub(crate) fn text(&self, node: Node) -> &[u8] {
        let range = node.start as usize..node.end as usize;
        match node.kind {
            Kind::Side => &self.side[range],
            Kind::Text | Kind::Number => &self.bytes.as_slice()[range],
            Kind::Null | Kind::True | Kind::False | Kind::Object | Kind::List => &[],
        }
    }

    /// The index of the node after the value at `at`.
    #[inline]
    pub(crate) fn after(&self, at: u32) -> u32 {
        let node = self.node(at);
        match node.kind {
            Kind::Object | Kind::List => node.end,
            Kind::Null | Kind::True | Kind::False | Kind::Number | Kind::Text | Kind::Side => at + 1,
        }
    }

    /// Members of the object at `at`: name and index of the value.
    pub(crate) fn members(&self, at: u32) -> impl Iterator<Item = (&[u8], u32)> {
        let end = self.node(at).end;
        let mut next = at + 1;
        std::iter::from_fn(move || {
            (next < end).then(|| {
                let name = self.text(self.node(next));
                let value = next + 1;
                next = self.after(value);
                (name, value)
            })
        })
    }

    /// Indexes of the items of the list at `at`.
    pub(crate) fn items(&self, at: u32) -> impl Iterator<Item = u32> {
        let end = self.node(at).end;
        let mut next = at + 1;
        std::iter::from_fn(move || {
            (next < end).then(|| {
                let item = next;
                next = self.after(item);
                item
            })
        })
    }
}
