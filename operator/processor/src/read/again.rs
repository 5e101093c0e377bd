//! Reads files again for the originals of a few of their records, forward only.
//!
//! Takes files and indexes of records that ascend, gives each record's first line and bytes. Types nothing.

use std::sync::Arc;

use super::batch::RawBatch;
use super::error::ReadError;
use super::open::Reader;
use super::open_file::{OpenFile, Task};

/// Where reading again has got to.
pub struct Again {
    reader: Arc<Reader>,
    file: usize,
    open: Option<OpenFile>,
    task: Option<Task>,
    raw: Option<RawBatch>,
}

impl Again {
    /// Begins before the first record of the first file.
    pub fn new(reader: Arc<Reader>) -> Self {
        Self { reader, file: 0, open: None, task: None, raw: None }
    }

    /// The first line and the bytes of records of a file; files, and records in a file, ascend from call to call.
    ///
    /// # Errors
    /// When the file can't be read again, or does not have these records any more.
    pub fn originals(&mut self, file: usize, records: &[u64]) -> Result<Vec<(u64, Vec<u8>)>, ReadError> {
        if self.open.is_none() || file != self.file {
            self.file = file;
            self.open.insert(self.reader.open_file(file)?).find_places();
            self.task = None;
            self.raw = None;
        }
        let mut found = Vec::with_capacity(records.len());
        let mut wanted = records;
        while let Some(first) = wanted.first() {
            let last = self.raw.as_ref().and_then(|raw| raw.origins.records.last().copied());
            let (Some(raw), Some(last)) = (&self.raw, last.filter(|last| last >= first)) else {
                if !self.advance(*first)? {
                    break;
                }
                continue;
            };
            let here = wanted.partition_point(|record| *record <= last);
            let row = |record: &u64| raw.origins.records.binary_search(record).ok();
            let rows: Vec<usize> = wanted[..here].iter().filter_map(row).collect();
            let lines = rows.iter().map(|row| raw.origins.lines[*row]);
            found.extend(lines.zip(raw.origins.originals_of(&rows)?));
            wanted = &wanted[here..];
        }
        if found.len() == records.len() {
            return Ok(found);
        }
        let name = self.reader.files().nth(file).map_or_else(String::new, |name| name.to_string());
        Err(ReadError::Changed(name))
    }

    /// Goes on to the next batch, leaving out whole tasks before `record`; false at the end of the file.
    fn advance(&mut self, record: u64) -> Result<bool, ReadError> {
        let Some(open) = &mut self.open else {
            return Ok(false);
        };
        loop {
            if let Some(task) = &mut self.task {
                self.raw = task.next()?;
                if self.raw.is_some() {
                    return Ok(true);
                }
            }
            self.task = open.next()?;
            if self.task.is_none() {
                return Ok(false);
            }
            if open.record().is_some_and(|next| next <= record) {
                self.task = None;
            }
        }
    }
}
