//! The texts that a compile run reads: noun file.
//!
//! Files are read by the caller; the core only ever sees their names and bytes.

/// Index of a file in [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// Half-open range of bytes in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file that the bytes are in.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// One text with the name under which diagnostics show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Name as the user gave or would type it, with `/` between folders.
    pub name: String,
    /// The bytes as read; not yet known to be UTF-8.
    pub bytes: Vec<u8>,
    /// Whether the user named this very file, so that nothing in it is skipped in silence.
    pub named: bool,
}

/// All files of a compile run, sorted by name so that no result depends on the order of reading.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Takes the files in any order.
    pub fn new(mut files: Vec<SourceFile>) -> Self {
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Sources { files }
    }

    /// The files in name order, each with its id.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0u32..).map(FileId).zip(&self.files)
    }

    /// The file with this id.
    ///
    /// # Panics
    /// If the id came from other sources.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }
}
