//! One open file of any format, and the tasks that it is handed out in.
//!
//! Takes a path and its source, gives tasks in order (`OpenFile::next`); a task is split on any thread (`Task::next`).

use std::path::Path;
use std::sync::Arc;

use encoding_rs::UTF_8;

use super::avro_file::AvroFile;
use super::batch::RawBatch;
use super::csv_file::{CsvChunk, CsvFile};
use super::decode::Decoder;
use super::error::ReadError;
use super::fixed_file::{FixedChunk, FixedFile};
use super::json_file::{self, JsonFile};
use super::parquet_file::{ParquetFile, RowGroup};
use super::source::{FileSource, Format};
use super::stream::TextStream;
use super::trees::TreeChunk;
use super::xml_file::XmlFile;

/// An open file, read forward.
pub(crate) enum OpenFile {
    Csv(CsvFile),
    Ndjson(TextStream),
    Json(JsonFile),
    Xml(XmlFile),
    Fixed(FixedFile),
    Parquet(ParquetFile),
    Avro(Box<AvroFile>),
}

/// Whole records of one file.
pub(crate) enum Task {
    Csv(CsvChunk),
    Trees(TreeChunk),
    Fixed(FixedChunk),
    Group(Box<RowGroup>),
    Raw(Option<Box<RawBatch>>),
}

impl OpenFile {
    pub(crate) fn open(
        name: Arc<str>,
        path: &Path,
        source: &FileSource,
        decoder: &Decoder,
    ) -> Result<Self, ReadError> {
        let (limits, wanted) = (source.limits, decoder.columns());
        let stream = |encoding| {
            let compression = source.compression;
            TextStream::open(name.clone(), path, compression, encoding, limits)
        };
        Ok(match &source.format {
            Format::Csv(format) => {
                Self::Csv(CsvFile::open(stream(format.encoding)?, format, wanted, decoder.rules())?)
            }
            Format::Ndjson => Self::Ndjson(stream(UTF_8)?),
            Format::Json => Self::Json(JsonFile::new(stream(UTF_8)?)),
            Format::Xml(format) => Self::Xml(XmlFile::open(stream(UTF_8)?, format)?),
            Format::Fixed(format) => Self::Fixed(FixedFile::new(stream(format.encoding)?, format, wanted)?),
            Format::Parquet => Self::Parquet(ParquetFile::open(name.clone(), path, wanted, limits)?),
            Format::Avro => Self::Avro(Box::new(AvroFile::open(name.clone(), path, limits)?)),
        })
    }

    /// From here on only the places of records are asked, where they can be found with less work.
    pub(crate) fn find_places(&mut self) {
        if let Self::Csv(csv) = self {
            csv.find_places();
        }
    }

    /// The next task, or `None` at the end of the file.
    pub(crate) fn next(&mut self) -> Result<Option<Task>, ReadError> {
        Ok(match self {
            Self::Csv(csv) => csv.next()?.map(Task::Csv),
            Self::Ndjson(stream) => json_file::next_lines(stream)?.map(Task::Trees),
            Self::Json(json) => json.next()?.map(Task::Trees),
            Self::Xml(xml) => xml.next()?.map(Task::Trees),
            Self::Fixed(fixed) => fixed.next()?.map(Task::Fixed),
            Self::Parquet(parquet) => parquet.next()?.map(|group| Task::Group(Box::new(group))),
            Self::Avro(avro) => avro.next()?.map(|raw| Task::Raw(Some(Box::new(raw)))),
        })
    }

    /// Index of the first record after the last task, where it is known before that is split.
    pub(crate) fn record(&self) -> Option<u64> {
        match self {
            Self::Csv(csv) => Some(csv.record()),
            Self::Ndjson(stream) => Some(stream.place().1),
            Self::Json(json) => Some(json.record()),
            Self::Xml(xml) => Some(xml.record()),
            Self::Fixed(fixed) => Some(fixed.record()),
            Self::Parquet(parquet) => Some(parquet.record()),
            Self::Avro(_) => None,
        }
    }
}

impl Task {
    /// The next records, or `None` when there are no more.
    pub(crate) fn next(&mut self) -> Result<Option<RawBatch>, ReadError> {
        Ok(match self {
            Self::Csv(chunk) => chunk.next(),
            Self::Trees(chunk) => chunk.next(),
            Self::Fixed(chunk) => chunk.next(),
            Self::Group(group) => group.next()?,
            Self::Raw(raw) => raw.take().map(|raw| *raw),
        })
    }
}
