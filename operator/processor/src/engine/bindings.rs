//! What a run is given from the outside: rows for its sources, consumers for its sinks and dead letters. Noun file.
//!
//! The engine knows neither files nor tables; whoever calls it binds them here.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::execution::SendableRecordBatchStream;
use headwater_compiler::graph::{NodeId, OpId};

use super::report::{DeadLetter, Place, Progress};
use crate::mask::apply::Vault;

/// An error of whoever is bound.
pub type BoundError = Box<dyn std::error::Error + Send + Sync>;

/// Name of the hidden column that orders records and says where they came from.
///
/// `UInt64`, not null in what a source gives: the position of the record in its source, below [`POSITIONS`].
/// Inside the engine the source's number, in order of the graph, stands in the bits above,
/// so that the column is the order of arrival of the whole run: source, then file, then record.
/// It is null for records that the product itself made, such as the result of an aggregate.
pub const ARRIVAL: &str = "__arrival";

/// Name of the hidden column of upsert streams: `Boolean`, whether the record deletes the row of its key.
pub const DELETED: &str = "__deleted";

/// Positions in a source are less than this.
pub const POSITIONS: u64 = 1 << 48;

/// Everything that a run is bound to.
pub struct Bindings {
    /// The records of each operator `Source`, and of each `Import` that is not computed from the other product's own sources.
    pub sources: Sources,
    /// A consumer for each sink that is to be written. What reaches no such sink is not computed.
    pub sinks: BTreeMap<NodeId, Arc<dyn SinkRows>>,
    /// The keys that masks need.
    pub vault: Arc<Vault>,
    /// Takes the dead letters; without it they are only counted.
    pub dead_letters: Option<Arc<dyn DeadLetterRows>>,
}

/// Where the records of a run come from, and when.
pub enum Sources {
    /// All records are there. They count as arriving source after source in order of the graph, and none is late.
    Whole(BTreeMap<OpId, Arc<dyn SourceRows>>),
    /// Records arrive in this order, and one that comes when everything it could enter is closed is late.
    /// They are held in memory, so this is for tests of products.
    Arriving(Vec<Arriving>),
}

/// Records that arrive at one instant.
pub struct Arriving {
    /// When. Does not descend from one to the next.
    pub at_ms: i64,
    /// The source's operator; it may have records at several instants.
    pub op: OpId,
    /// The records, in order of their positions.
    pub rows: Arc<dyn SourceRows>,
}

/// The records of one source.
pub trait SourceRows: Send + Sync {
    /// How many streams can be read at once, at most `threads`. At least 1.
    fn partitions(&self, threads: usize) -> usize;

    /// Opens one of [`SourceRows::partitions`] streams; each is opened once, and together they give every record once.
    ///
    /// Batches hold the wanted columns in the wanted order, then the position ([`ARRIVAL`]),
    /// then for an upsert stream whether the record is a deletion ([`DELETED`]), with the types of [`Wanted::schema`].
    /// Positions do not depend on how streams are cut or read; a record that follows another in its file has the greater one.
    /// What can't be decoded goes to [`Wanted::reject`].
    ///
    /// # Errors
    /// When the source as a whole can't be read.
    fn open(&self, partition: usize, wanted: &Wanted) -> Result<SendableRecordBatchStream, BoundError>;

    /// About how many bytes the records have, if that is known; only speed depends on it.
    fn bytes(&self) -> Option<u64> {
        None
    }

    /// Looks up records as they were written. Called after all streams have ended, if there is anything to look up.
    ///
    /// # Errors
    /// When the source can't be read again.
    fn originals(&self) -> Result<Box<dyn Originals>, BoundError>;
}

/// Records of a source as they were written, read in order.
pub trait Originals: Send {
    /// The records at these positions, in their order. Positions ascend within a call and from call to call.
    ///
    /// # Errors
    /// When the source can't be read again.
    fn at(&mut self, positions: &[u64]) -> Result<Vec<Original>, BoundError>;
}

/// A record as its source holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Original {
    /// The file, or whatever takes its place.
    pub file: String,
    /// First line of the record, from 1; 0 where the format has no lines.
    pub line: u64,
    /// Index of the record in the file, from 0.
    pub record: u64,
    /// The record as it was written.
    pub bytes: Vec<u8>,
}

/// What the engine wants of a source.
#[derive(Clone)]
pub struct Wanted {
    /// Number of streams that are opened in all.
    pub partitions: usize,
    /// Indices of the wanted columns in the output of the source's operator, ascending.
    pub columns: Vec<usize>,
    /// The columns of each batch by position, hidden ones included; names mean nothing.
    pub schema: SchemaRef,
    /// Most rows of one batch.
    pub batch_size: usize,
    /// Takes the number of records found, good and rejected ones.
    pub read: Arc<AtomicU64>,
    /// Takes the records that can't be decoded.
    pub reject: Arc<dyn Fn(Vec<Rejected>) -> Result<(), BoundError> + Send + Sync>,
}

impl Wanted {
    /// Counts records that were found, before it is known which of them are good.
    pub fn count_read(&self, records: u64) {
        self.read.fetch_add(records, Ordering::Relaxed);
    }
}

/// A record that its source could not decode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Its position.
    pub position: u64,
    /// Run-time code.
    pub code: String,
    /// What was not met.
    pub rule: String,
    /// Path of the field, if one is the cause.
    pub field: Option<String>,
    /// The record.
    pub original: Original,
}

/// A consumer of the rows of one sink.
#[async_trait]
pub trait SinkRows: Send + Sync {
    /// In which form it wants them.
    fn wants(&self) -> SinkWants {
        SinkWants::default()
    }

    /// Takes all rows and gives their number. Nothing may be seen by others yet: the caller of the run does that when it has succeeded.
    ///
    /// `schema` has the columns of the sink's stream by name, followed by [`DELETED`] where deletions are wanted of an upsert stream.
    /// The streams may be read at once or one after the other. An upsert stream comes as the last record of each key.
    ///
    /// # Errors
    /// When the rows can't be taken; the run stops.
    async fn write(&self, schema: SchemaRef, rows: Vec<SendableRecordBatchStream>)
    -> Result<u64, BoundError>;
}

/// In which form a sink wants its rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SinkWants {
    /// Of an upsert stream, also the keys whose last record is a deletion; other streams have none.
    pub deletions: bool,
    /// One stream in order of arrival, the same whenever it is run.
    pub ordered: bool,
}

/// A consumer of dead letters.
#[async_trait]
pub trait DeadLetterRows: Send + Sync {
    /// Takes some, in order of arrival.
    ///
    /// # Errors
    /// When they can't be taken; the run stops.
    async fn write(&self, letters: Vec<DeadLetter>) -> Result<(), BoundError>;
}

/// How a run is done. Apart from `as_of_us` and `now_us` nothing here changes any result.
#[derive(Clone)]
pub struct RunConfig {
    /// Stops event time: later records are not read, and what waits for a later time gives nothing.
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub as_of_us: Option<i64>,
    /// The instant of the run, which stands for the time of a change that has none. Microseconds since 1970-01-01T00:00:00Z.
    pub now_us: i64,
    /// Memory for state, above which it is spilled to disk.
    pub memory_limit_bytes: usize,
    /// Disk space for state that is spilled, above which the run stops.
    pub spill_limit_bytes: u64,
    /// Threads that compute, and partitions of what is computed.
    pub threads: usize,
    /// Most rows of one batch; fewer where memory is little.
    pub batch_size: usize,
    /// Where state is spilled; none means the system's folder for temporary files.
    pub temp_dir: Option<PathBuf>,
    /// Called a few times a second.
    pub progress: Option<Arc<dyn Fn(Progress) + Send + Sync>>,
}

impl Default for RunConfig {
    fn default() -> Self {
        Self {
            as_of_us: None,
            now_us: jiff::Timestamp::now().as_microsecond(),
            memory_limit_bytes: 1 << 30,
            spill_limit_bytes: 1 << 40,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            batch_size: 8192,
            temp_dir: None,
            progress: None,
        }
    }
}

impl Original {
    /// Where the record is, for people.
    pub fn place(&self, source: &str) -> Place {
        Place { source: source.to_owned(), file: self.file.clone(), line: self.line, record: self.record }
    }
}
