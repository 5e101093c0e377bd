//! The data files of one table while a run writes them: one open file for each partition, within bounds.
//!
//! Takes batches with the partition that each belongs to, gives the finished files.
//! It must not know what a partition means.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;

use super::layout::FileLayout;
use super::parquet_file::{ParquetFile, ParquetWritten};
use super::{LakeError, NewFiles, WriteLimits};

/// Open and finished data files of one table.
pub(crate) struct FanOut {
    layout: Arc<FileLayout>,
    folder: PathBuf,
    prefix: String,
    limits: WriteLimits,
    open: BTreeMap<Vec<u8>, OpenFile>,
    finished: Vec<(Vec<u8>, ParquetWritten)>,
    new_files: NewFiles,
    started: u64,
    clock: u64,
}

struct OpenFile {
    file: ParquetFile,
    buffered_bytes: usize,
    used: u64,
}

/// All files of a run, finished.
pub(crate) struct Finished {
    /// Each file with the key of its partition.
    pub(crate) files: Vec<(Vec<u8>, ParquetWritten)>,
    /// Their guard.
    pub(crate) new_files: NewFiles,
}

impl FanOut {
    /// Writes below `folder`; `prefix` begins every file name and is unique to the run.
    pub(crate) fn new(layout: Arc<FileLayout>, folder: PathBuf, prefix: String, limits: WriteLimits) -> Self {
        Self {
            layout,
            folder,
            prefix,
            limits,
            open: BTreeMap::new(),
            finished: Vec::new(),
            new_files: NewFiles::default(),
            started: 0,
            clock: 0,
        }
    }

    /// Writes rows of one partition. `below` is the partition's folder, relative and only for people.
    pub(crate) fn write(
        &mut self,
        partition: &[u8],
        below: &Path,
        batch: &RecordBatch,
    ) -> Result<(), LakeError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.clock += 1;
        if !self.open.contains_key(partition) {
            self.make_room()?;
            self.start(partition, below)?;
        }
        let open = self.open.get_mut(partition).expect("the file of the partition was opened just above");
        open.used = self.clock;
        open.file.write(batch)?;
        open.buffered_bytes = open.file.buffered_bytes();
        if open.file.bytes() >= self.layout.target_file_bytes {
            self.end(partition)?;
        }
        self.hold_memory()
    }

    /// Ends all files.
    pub(crate) fn finish(mut self) -> Result<Finished, LakeError> {
        while let Some((partition, open)) = self.open.pop_first() {
            self.finished.push((partition, open.file.finish()?));
        }
        Ok(Finished { files: self.finished, new_files: self.new_files })
    }

    fn start(&mut self, partition: &[u8], below: &Path) -> Result<(), LakeError> {
        let name = format!("{}-{:05}.parquet", self.prefix, self.started);
        let path = self.folder.join(below).join(name);
        self.started += 1;
        self.new_files.add(&path)?;
        let open =
            OpenFile { file: ParquetFile::create(&path, &self.layout)?, buffered_bytes: 0, used: self.clock };
        self.open.insert(partition.to_vec(), open);
        Ok(())
    }

    fn end(&mut self, partition: &[u8]) -> Result<(), LakeError> {
        if let Some(open) = self.open.remove(partition) {
            self.finished.push((partition.to_vec(), open.file.finish()?));
        }
        Ok(())
    }

    /// Ends the file that has been left alone longest when no more may be open.
    fn make_room(&mut self) -> Result<(), LakeError> {
        if self.open.len() < self.limits.open_files_max.max(1) {
            return Ok(());
        }
        let oldest = self.open.iter().min_by_key(|(_, open)| open.used);
        match oldest.map(|(partition, _)| partition.clone()) {
            Some(partition) => self.end(&partition),
            None => Ok(()),
        }
    }

    /// Writes row groups, the largest first, until what waits in memory is half of what may wait.
    fn hold_memory(&mut self) -> Result<(), LakeError> {
        let mut total: usize = self.open.values().map(|open| open.buffered_bytes).sum();
        if total <= self.limits.buffered_bytes_max {
            return Ok(());
        }
        while total > self.limits.buffered_bytes_max / 2 {
            let Some(largest) = self.open.values_mut().max_by_key(|open| open.buffered_bytes) else {
                break;
            };
            let before = largest.buffered_bytes;
            largest.file.flush()?;
            largest.buffered_bytes = 0;
            if before == 0 {
                break;
            }
            total -= before;
        }
        Ok(())
    }
}
