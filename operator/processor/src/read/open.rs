//! Opens a source of files and shares its work among workers.
//!
//! Takes a `FileSource` and what is wanted; gives a `Reader` whose workers take tasks (chunks of whole records) in any number,
//! so that neither the number of workers nor the size of chunks shows in the rows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::batch::{Decoded, RawBatch};
use super::decode::Decoder;
use super::error::ReadError;
use super::open_file::{OpenFile, Task};
use super::source::FileSource;
use super::wanted::Wanted;

/// The files of a source, being read.
pub struct Reader {
    source: FileSource,
    decoder: Decoder,
    files: Vec<(Arc<str>, PathBuf)>,
    stages: Mutex<Vec<Stage>>,
    open: Vec<Mutex<Option<OpenFile>>>,
}

/// How far a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Waiting,
    Open,
    Done,
}

/// One of several threads that read a source together.
pub struct Worker {
    reader: Arc<Reader>,
    current: Option<usize>,
    task: Option<Task>,
}

/// Finds the files of a source and compiles what is wanted of them; reads nothing yet.
///
/// # Errors
/// When a pattern is wrong or matches no file, or `wanted` does not compile.
pub fn open(source: &FileSource, wanted: &Wanted) -> Result<Arc<Reader>, ReadError> {
    let files = find_files(source)?;
    Ok(Arc::new(Reader {
        decoder: Decoder::new(wanted)?,
        source: source.clone(),
        stages: Mutex::new(vec![Stage::Waiting; files.len()]),
        open: files.iter().map(|_| Mutex::new(None)).collect(),
        files,
    }))
}

impl Reader {
    /// The files in the order in which they count as arriving.
    pub fn files(&self) -> impl Iterator<Item = &Arc<str>> {
        self.files.iter().map(|(name, _)| name)
    }

    /// Bytes of all files as they are stored.
    pub fn bytes(&self) -> u64 {
        let bytes = |path: &PathBuf| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
        self.files.iter().map(|(_, path)| bytes(path)).sum()
    }

    /// What types the records.
    pub fn decoder(&self) -> &Decoder {
        &self.decoder
    }

    /// A further worker. A single one reads everything in order; several share the files, then the chunks of the last ones.
    pub fn worker(self: &Arc<Self>) -> Worker {
        Worker { reader: self.clone(), current: None, task: None }
    }

    fn stages(&self) -> MutexGuard<'_, Vec<Stage>> {
        self.stages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file to go on with: the one at hand, else one that nobody has begun, else one that others are reading.
    fn choose(&self, current: Option<usize>) -> Option<usize> {
        let mut stages = self.stages();
        let at = current
            .filter(|at| stages[*at] == Stage::Open)
            .or_else(|| stages.iter().position(|stage| *stage == Stage::Waiting))
            .or_else(|| stages.iter().position(|stage| *stage == Stage::Open))?;
        stages[at] = Stage::Open;
        Some(at)
    }

    /// The next task of a file; `None` when it has no more.
    fn next(&self, at: usize) -> Result<Option<Task>, ReadError> {
        let mut file = self.open[at].lock().unwrap_or_else(PoisonError::into_inner);
        if self.stages()[at] == Stage::Done {
            return Ok(None);
        }
        let task = self.next_of(at, &mut file);
        if !matches!(task, Ok(Some(_))) {
            *file = None;
            self.stages()[at] = Stage::Done;
        }
        task
    }

    fn next_of(&self, at: usize, file: &mut Option<OpenFile>) -> Result<Option<Task>, ReadError> {
        let file = match file {
            Some(file) => file,
            None => file.insert(self.open_file(at)?),
        };
        file.next()
    }

    pub(crate) fn open_file(&self, at: usize) -> Result<OpenFile, ReadError> {
        let (name, path) = &self.files[at];
        OpenFile::open(name.clone(), path, &self.source, &self.decoder)
    }
}

impl Worker {
    /// The next records, split but not typed; `None` when nothing is left.
    ///
    /// # Errors
    /// When a file can't be read; the others can still be.
    pub fn next_raw(&mut self) -> Result<Option<RawBatch>, ReadError> {
        loop {
            if let Some(task) = &mut self.task {
                let raw = task.next()?;
                if raw.is_some() {
                    return Ok(raw);
                }
            }
            self.current = self.reader.choose(self.current);
            let Some(at) = self.current else {
                return Ok(None);
            };
            self.task = self.reader.next(at)?;
        }
    }

    /// The next records, typed; `None` when nothing is left.
    ///
    /// # Errors
    /// As [`Worker::next_raw`].
    pub fn next_decoded(&mut self) -> Result<Option<Decoded>, ReadError> {
        let raw = self.next_raw()?;
        raw.map(|raw| self.reader.decoder.decode(raw)).transpose()
    }
}

impl Iterator for Worker {
    type Item = Result<Decoded, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_decoded().transpose()
    }
}

/// The files that the patterns match, each once by whatever name, sorted by name.
fn find_files(source: &FileSource) -> Result<Vec<(Arc<str>, PathBuf)>, ReadError> {
    let mut files = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut insert = |name: String, path: PathBuf| {
        let known = path.canonicalize().unwrap_or_else(|_| path.clone());
        if seen.insert(known) {
            files.insert(name, path);
        }
    };
    for pattern in &source.paths {
        let literal = source.base.join(pattern);
        if literal.is_file() {
            insert(pattern.clone(), literal);
            continue;
        }
        let base = glob::Pattern::escape(&source.base.to_string_lossy());
        let joined = Path::new(&base).join(pattern);
        let paths = glob::glob(&joined.to_string_lossy())
            .map_err(|e| ReadError::Pattern { pattern: pattern.clone(), reason: e.msg.to_owned() })?;
        let mut found = false;
        for path in paths {
            let path =
                path.map_err(|e| ReadError::Io { file: e.path().display().to_string(), source: e.into() })?;
            if path.is_file() {
                let name = path.strip_prefix(&source.base).unwrap_or(&path);
                let name = name.to_string_lossy().into_owned();
                insert(name, path);
                found = true;
            }
        }
        if !found {
            return Err(ReadError::NoFile(pattern.clone()));
        }
    }
    let named = files.into_iter();
    Ok(named.map(|(name, path)| (Arc::from(name), path)).collect())
}
