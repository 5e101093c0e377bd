//! Opens one text file: decompresses it, takes off a byte order mark, turns UTF-16 into UTF-8.
//!
//! Takes a path, gives a reader of bytes that are ASCII-compatible text. Knows nothing of records.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::batch::Recoded;
use super::original::ODD_BYTE;
use super::source::Compression;

/// An open text file.
pub(crate) struct Input {
    pub(crate) reader: Box<dyn Read + Send>,
    /// What `reader` does to the file's bytes.
    pub(crate) recoded: Recoded,
    /// The encoding of what `reader` gives.
    pub(crate) encoding: &'static Encoding,
}

/// Opens `path`; `declared` is its encoding unless a byte order mark says otherwise.
pub(crate) fn open(path: &Path, compression: Compression, declared: &'static Encoding) -> io::Result<Input> {
    let (reader, head) = peek::<4>(File::open(path)?)?;
    let reader = decompress(reader, &head, compression)?;
    let (mut reader, head) = peek::<3>(reader)?;
    let (encoding, mark) = Encoding::for_bom(&head).unwrap_or((declared, 0));
    io::copy(&mut reader.by_ref().take(mark as u64), &mut io::sink())?;
    Ok(if encoding == UTF_16LE || encoding == UTF_16BE {
        let big = encoding == UTF_16BE;
        Input {
            reader: Box::new(Utf16::new(reader, big)),
            recoded: if big { Recoded::Utf16Be } else { Recoded::Utf16Le },
            encoding: UTF_8,
        }
    } else {
        Input { reader, recoded: Recoded::No, encoding }
    })
}

fn decompress(
    reader: Box<dyn Read + Send>,
    head: &[u8],
    compression: Compression,
) -> io::Result<Box<dyn Read + Send>> {
    let compression = match compression {
        Compression::Auto if head.starts_with(&[0x1f, 0x8b]) => Compression::Gzip,
        Compression::Auto if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) => Compression::Zstd,
        Compression::Auto => Compression::None,
        Compression::None | Compression::Gzip | Compression::Zstd => compression,
    };
    Ok(match compression {
        Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::new(reader))),
        Compression::Zstd => Box::new(zstd::stream::read::Decoder::new(reader)?),
        Compression::None | Compression::Auto => reader,
    })
}

/// The first `N` bytes (fewer at the end of the file), and a reader that starts with them.
fn peek<const N: usize>(
    mut reader: impl Read + Send + 'static,
) -> io::Result<(Box<dyn Read + Send>, Vec<u8>)> {
    let mut head = Vec::with_capacity(N);
    reader.by_ref().take(N as u64).read_to_end(&mut head)?;
    let all = io::Cursor::new(head.clone()).chain(reader);
    Ok((Box::new(all), head))
}

/// Reads UTF-16 as UTF-8; what is not UTF-16 comes out as bytes that are not UTF-8, so that the record is rejected
/// and its original can be restored (see `original::utf16`).
struct Utf16 {
    inner: Box<dyn Read + Send>,
    big: bool,
    raw: Vec<u8>,
    text: Vec<u8>,
    at: usize,
    ended: bool,
}

impl Utf16 {
    fn new(inner: Box<dyn Read + Send>, big: bool) -> Self {
        Self { inner, big, raw: Vec::new(), text: Vec::new(), at: 0, ended: false }
    }

    fn unit(&self, pair: &[u8]) -> u16 {
        let pair = [pair[0], pair[1]];
        if self.big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
    }

    fn refill(&mut self) -> io::Result<()> {
        const BLOCK: u64 = 1 << 16;
        let read = self.inner.by_ref().take(BLOCK).read_to_end(&mut self.raw)?;
        self.ended = read == 0;
        self.text.clear();
        self.at = 0;
        let mut used = self.raw.len() / 2 * 2;
        let mut units: Vec<u16> = self.raw[..used].chunks_exact(2).map(|p| self.unit(p)).collect();
        if !self.ended && units.last().is_some_and(|u| (0xd800..0xdc00).contains(u)) {
            // Its other half may be in the next block.
            units.pop();
            used -= 2;
        }
        for decoded in char::decode_utf16(units) {
            match decoded {
                Ok(c) => self.text.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
                Err(lone) => {
                    let unit = lone.unpaired_surrogate();
                    let low = |shift: u16| 0x80 | (unit >> shift & 0x3f) as u8;
                    self.text.extend([0xe0 | (unit >> 12) as u8, low(6), low(0)]);
                }
            }
        }
        self.raw.drain(..used);
        if self.ended
            && let [odd] = self.raw[..]
        {
            self.text.extend([ODD_BYTE, 0x80 | odd >> 4, 0x80 | odd & 0x0f]);
            self.raw.clear();
        }
        Ok(())
    }
}

impl Read for Utf16 {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.text.len() {
            if self.ended {
                return Ok(0);
            }
            self.refill()?;
        }
        let ready = &self.text[self.at..];
        let n = ready.len().min(into.len());
        into[..n].copy_from_slice(&ready[..n]);
        self.at += n;
        Ok(n)
    }
}
