//! Opens a source of files and shares its work among workers.
//!
//! Takes a `FileSource` and what is wanted; gives a `Reader` whose workers take tasks (chunks of whole records) in any number,
//! so that neither the number of workers nor the size of chunks shows in the rows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use encoding_rs::UTF_8;

use super::avro_file::AvroFile;
use super::batch::{Decoded, RawBatch};
use super::csv_file::{CsvChunk, CsvFile};
use super::decode::Decoder;
use super::error::ReadError;
use super::fixed_file::{FixedChunk, FixedFile};
use super::json_file::{self, JsonFile};
use super::parquet_file::{ParquetFile, RowGroup};
use super::source::{FileSource, Format};
use super::stream::TextStream;
use super::trees::TreeChunk;
use super::wanted::Wanted;
use super::xml_file::XmlFile;

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

enum OpenFile {
    Csv(CsvFile),
    Ndjson(TextStream),
    Json(JsonFile),
    Xml(XmlFile),
    Fixed(FixedFile),
    Parquet(ParquetFile),
    Avro(Box<AvroFile>),
}

/// One of several threads that read a source together.
pub struct Worker {
    reader: Arc<Reader>,
    current: Option<usize>,
    task: Option<Task>,
}

/// A chunk of whole records.
enum Task {
    Csv(CsvChunk),
    Trees(TreeChunk),
    Fixed(FixedChunk),
    Rows(Box<RowGroup>),
    Raw(Option<Box<RawBatch>>),
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
        Ok(match file {
            OpenFile::Csv(csv) => csv.next()?.map(Task::Csv),
            OpenFile::Ndjson(stream) => json_file::next_lines(stream)?.map(Task::Trees),
            OpenFile::Json(json) => json.next()?.map(Task::Trees),
            OpenFile::Xml(xml) => xml.next()?.map(Task::Trees),
            OpenFile::Fixed(fixed) => fixed.next()?.map(Task::Fixed),
            OpenFile::Parquet(parquet) => parquet.next()?.map(|group| Task::Rows(Box::new(group))),
            OpenFile::Avro(avro) => avro.next()?.map(|raw| Task::Raw(Some(Box::new(raw)))),
        })
    }

    fn open_file(&self, at: usize) -> Result<OpenFile, ReadError> {
        let (name, path) = &self.files[at];
        let source = &self.source;
        let stream = |encoding| {
            let compression = source.compression;
            TextStream::open(name.clone(), path, compression, encoding, source.limits)
        };
        Ok(match &source.format {
            Format::Csv(format) => OpenFile::Csv(CsvFile::open(
                stream(format.encoding)?,
                format,
                self.decoder.columns(),
                self.decoder.rules(),
            )?),
            Format::Ndjson => OpenFile::Ndjson(stream(UTF_8)?),
            Format::Json => OpenFile::Json(JsonFile::new(stream(UTF_8)?)),
            Format::Xml(format) => OpenFile::Xml(XmlFile::open(stream(UTF_8)?, format)?),
            Format::Parquet => OpenFile::Parquet(ParquetFile::open(
                name.clone(),
                path,
                self.decoder.columns(),
                source.limits,
            )?),
            Format::Avro => OpenFile::Avro(Box::new(AvroFile::open(name.clone(), path, source.limits)?)),
            Format::Fixed(format) => {
                OpenFile::Fixed(FixedFile::new(stream(format.encoding)?, format, self.decoder.columns())?)
            }
        })
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
                let raw = match task {
                    Task::Csv(chunk) => chunk.next(),
                    Task::Trees(chunk) => chunk.next(),
                    Task::Fixed(chunk) => chunk.next(),
                    Task::Rows(group) => group.next()?,
                    Task::Raw(raw) => raw.take().map(|raw| *raw),
                };
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

/// The files that the patterns match, each once, sorted by name.
fn find_files(source: &FileSource) -> Result<Vec<(Arc<str>, PathBuf)>, ReadError> {
    let mut files = BTreeMap::new();
    for pattern in &source.paths {
        let literal = source.base.join(pattern);
        if literal.is_file() {
            files.insert(pattern.clone(), literal);
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
                files.insert(name.to_string_lossy().into_owned(), path);
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
