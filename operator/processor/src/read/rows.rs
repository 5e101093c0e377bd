//! Files as the records of one source of a run: what the engine is bound to.
//!
//! Takes a `FileSource` and what is wanted of it; gives streams of typed rows with their positions, and originals by position.
//! A position is the file's number and the record's index in it, so it depends on nothing but the files.

use std::sync::{Arc, OnceLock};

use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;

use super::again::Again;
use super::error::ReadError;
use super::hand_over::{Metadata, hand_over};
use super::open::{self, Reader};
use super::source::FileSource;
use super::wanted::Wanted;
use crate::engine;
use crate::engine::{BoundError, Original, Originals, POSITIONS, SourceRows};

/// Files that a source is bound to, for one run.
pub struct FileRows {
    source: FileSource,
    wanted: Wanted,
    /// Opened when the first stream is, because only then the size of batches is known.
    reader: OnceLock<Arc<Reader>>,
    files: Arc<Reader>,
    metadata: Vec<Metadata>,
}

/// How a position is made of a file's number and a record's index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Positions {
    record_bits: u32,
}

impl FileRows {
    /// Finds the files and compiles what is wanted; its columns must be those of the source's operator, in order.
    ///
    /// # Errors
    /// As [`open::open`].
    pub fn new(mut source: FileSource, wanted: Wanted) -> Result<Self, ReadError> {
        let files = open::open(&source, &wanted)?;
        // A file that comes later is not part of this run: its number would be that of another one.
        source.paths = files.files().map(ToString::to_string).collect();
        Ok(Self { source, wanted, reader: OnceLock::new(), files, metadata: Vec::new() })
    }

    /// Also gives what is known of records besides their fields, as columns after those of `wanted`.
    pub fn with_metadata(self, metadata: Vec<Metadata>) -> Self {
        Self { metadata, ..self }
    }

    fn positions(&self) -> Positions {
        let files = self.files.files().count() as u64;
        let file_bits = u64::BITS - files.saturating_sub(1).leading_zeros();
        Positions { record_bits: POSITIONS.ilog2() - file_bits }
    }
}

impl SourceRows for FileRows {
    fn partitions(&self, threads: usize) -> usize {
        let chunk = self.source.limits.chunk_bytes.max(1) as u64;
        let chunks = usize::try_from(self.files.bytes() / chunk).unwrap_or(usize::MAX);
        let files = self.files.files().count();
        threads.min(chunks.saturating_add(files)).max(1)
    }

    fn open(
        &self,
        _partition: usize,
        wanted: &engine::Wanted,
    ) -> Result<SendableRecordBatchStream, BoundError> {
        let reader = match self.reader.get() {
            Some(reader) => reader.clone(),
            None => {
                let mut source = self.source.clone();
                source.limits.batch_rows = wanted.batch_size;
                let opened = open::open(&source, &self.wanted)?;
                // Whoever comes second gets the reader of the first: all workers must share one.
                self.reader.get_or_init(|| opened).clone()
            }
        };
        let positions = self.positions();
        let names: Vec<Arc<str>> = reader.files().cloned().collect();
        let (wanted, metadata) = (wanted.clone(), self.metadata.clone());
        let schema = wanted.schema.clone();
        let batches = reader.worker().map(move |decoded| {
            let decoded = decoded.map_err(|e| DataFusionError::External(Box::new(e)))?;
            let file = names.binary_search(&decoded.origins.file).expect("origins name files of the source");
            hand_over(decoded, positions.of_file(file), &metadata, &wanted)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, futures::stream::iter(batches))))
    }

    fn bytes(&self) -> Option<u64> {
        Some(self.files.bytes())
    }

    fn originals(&self) -> Result<Box<dyn Originals>, BoundError> {
        let files = self.files.clone();
        let names = files.files().cloned().collect();
        Ok(Box::new(FileOriginals { again: Again::new(files), names, positions: self.positions() }))
    }
}

/// Files being read again for originals.
struct FileOriginals {
    again: Again,
    names: Vec<Arc<str>>,
    positions: Positions,
}

impl Originals for FileOriginals {
    fn at(&mut self, positions: &[u64]) -> Result<Vec<Original>, BoundError> {
        let split = self.positions;
        let mut originals = Vec::with_capacity(positions.len());
        for group in positions.chunk_by(|a, b| split.file(*a) == split.file(*b)) {
            let file = split.file(group[0]);
            let records: Vec<u64> = group.iter().map(|position| split.record(*position)).collect();
            let found = self.again.originals(file, &records)?;
            let name = self.names[file].to_string();
            let named = records.into_iter().zip(found);
            originals.extend(named.map(|(record, (line, bytes))| {
                let file = name.clone();
                Original { file, line, record, bytes }
            }));
        }
        Ok(originals)
    }
}

impl Positions {
    fn of_file(self, file: usize) -> u64 {
        (file as u64) << self.record_bits
    }

    fn file(self, position: u64) -> usize {
        (position >> self.record_bits) as usize
    }

    fn record(self, position: u64) -> u64 {
        position & ((1 << self.record_bits) - 1)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU64, Ordering};

    use arrow::array::{AsArray, RecordBatch};
    use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef, UInt64Type};
    use futures::{StreamExt, TryStreamExt};

    use super::*;
    use crate::read::source::{Compression, CsvFormat, Format, Limits};
    use crate::read::wanted::TextRules;

    type Rows = Vec<(u64, i64)>;

    fn schema() -> SchemaRef {
        Arc::new(Schema::new(vec![
            Field::new("s", DataType::Utf8, false),
            Field::new("n", DataType::Int64, false),
        ]))
    }

    fn rows_of(folder: &std::path::Path, chunk_bytes: usize) -> Result<FileRows, ReadError> {
        let source = FileSource {
            paths: vec!["*.csv".to_owned()],
            base: folder.to_owned(),
            format: Format::Csv(CsvFormat::default()),
            compression: Compression::Auto,
            limits: Limits { chunk_bytes, ..Limits::default() },
        };
        let wanted = Wanted { schema: schema(), defaults: Default::default(), text: TextRules::default() };
        Ok(FileRows::new(source, wanted)?.with_metadata(vec![Metadata::Path, Metadata::Offset]))
    }

    /// Positions and numbers of the good rows, rejected records, records counted.
    async fn read(
        rows: &FileRows,
        threads: usize,
        batch_size: usize,
    ) -> Result<(Rows, Vec<engine::Rejected>, u64), BoundError> {
        let rejected = Arc::new(Mutex::new(Vec::<engine::Rejected>::new()));
        let read = Arc::new(AtomicU64::new(0));
        let sink = rejected.clone();
        let wanted = engine::Wanted {
            partitions: threads,
            columns: vec![1, 2, 3],
            schema: Arc::new(Schema::new(vec![
                Field::new("n", DataType::Int64, false),
                Field::new("file", DataType::Utf8, false),
                Field::new("index", DataType::Int64, false),
                Field::new(engine::ARRIVAL, DataType::UInt64, false),
            ])),
            batch_size,
            read: read.clone(),
            reject: Arc::new(move |some| {
                sink.lock().expect("no test panics here").extend(some);
                Ok(())
            }),
        };
        let streams = (0..threads).map(|at| rows.open(at, &wanted)).collect::<Result<Vec<_>, _>>()?;
        let batches: Vec<RecordBatch> = futures::stream::select_all(streams).boxed().try_collect().await?;
        let mut found = Vec::new();
        for batch in &batches {
            assert!(batch.num_rows() <= batch_size);
            let numbers = batch.column(0).as_primitive::<Int64Type>().values().iter().copied();
            let files = batch.column(1).as_string::<i32>().iter().flatten();
            assert!(files.zip(numbers.clone()).all(|(file, _)| file.len() == 5 && file.ends_with(".csv")));
            assert_eq!(batch.column(2), batch.column(0), "the number of a record is its index");
            let positions = batch.column(3).as_primitive::<UInt64Type>().values().iter().copied();
            found.extend(positions.zip(numbers));
        }
        found.sort_unstable();
        let mut rejected = rejected.lock().expect("no test panics here").clone();
        rejected.sort_by_key(|one| one.position);
        Ok((found, rejected, read.load(Ordering::Relaxed)))
    }

    #[tokio::test]
    async fn neither_threads_nor_chunks_show_and_originals_are_found_again() -> Result<(), BoundError> {
        let folder = tempfile::tempdir()?;
        for file in 0..3 {
            let record = |at: usize| match at % 7 {
                3 => "x,y\n".to_owned(),
                5 => format!("\"a\n{file}\",{at}\n"),
                _ => format!("a{file},{at}\n"),
            };
            let text: String = (0..200 * file).map(record).collect();
            std::fs::write(folder.path().join(format!("{file}.csv")), format!("s,n\n{text}"))?;
        }
        let whole = read(&rows_of(folder.path(), 1 << 20)?, 1, 1000).await?;
        assert_eq!((whole.0.len(), whole.1.len(), whole.2), (514, 86, 600));
        for (threads, batch_size, chunk) in [(4, 3, 64), (2, 100, 300), (3, 8192, 1)] {
            let rows = rows_of(folder.path(), chunk)?;
            assert_eq!(rows.partitions(threads), threads);
            assert_eq!(read(&rows, threads, batch_size).await?, whole);
            let asked: Vec<u64> = whole.0.iter().map(|(position, _)| *position).step_by(5).collect();
            let mut again = rows.originals()?;
            let (some, others) = asked.split_at(asked.len() / 3);
            let originals = [again.at(some)?, again.at(others)?].concat();
            let numbers = whole.0.iter().map(|(_, number)| number).step_by(5);
            for (original, number) in originals.iter().zip(numbers) {
                let text = String::from_utf8(original.bytes.clone())?;
                assert!(text.ends_with(&format!(",{number}")), "{text} is record {number}");
                assert_eq!(original.record as i64, *number);
            }
            assert_eq!(originals.len(), asked.len());
        }
        Ok(())
    }
}
