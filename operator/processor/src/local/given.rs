//! The rows that a test gives as the records of a source: read, typed and rejected as lines of JSON in a file would be.
//!
//! Takes rows as they are written, gives what the engine is bound to. The place of a record is the pointer of its list in the
//! test's document and its index there; only whoever holds the document can tell the line.

use std::sync::Arc;

use arrow::array::{BooleanArray, RecordBatch};
use arrow::buffer::Buffer;
use arrow::datatypes::{Field, Schema};
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use headwater_crds::test::Row;
use serde_json::Value;

use super::difference::BadRow;
use crate::engine;
use crate::engine::{BoundError, DELETED, Original, Originals, SourceRows};
use crate::read::batch::{Decoded, Originals as Written, Origins, RawBatch, RawColumns, Recoded};
use crate::read::decode::Decoder;
use crate::read::error::ReadError;
use crate::read::json;
use crate::read::tape::{Style, Tape};
use crate::read::wanted::Wanted;

/// Rows of one source that arrive together.
pub(super) struct GivenRows {
    /// What stands for the name of a file.
    place: Arc<str>,
    texts: Vec<String>,
    /// Whether each row deletes the row of its key.
    deletes: Vec<bool>,
    decoder: Decoder,
    /// Of an upsert stream: takes rows of which only the key is there.
    of_deletions: Option<Decoder>,
}

impl GivenRows {
    /// Compiles what is wanted. `key` are the indices of an upsert stream's key, none for an append stream.
    ///
    /// On an upsert stream a row with the member `__deleted: true` deletes the row of its key,
    /// unless the stream has a column of that name.
    pub(super) fn new(
        place: &str,
        rows: &[Row],
        wanted: &Wanted,
        key: Option<&[usize]>,
    ) -> Result<Self, ReadError> {
        let marks = key.is_some() && wanted.schema.column_with_name(DELETED).is_none();
        let is_deletion = |row: &Row| marks && row.get(DELETED) == Some(&Value::Bool(true));
        Ok(Self {
            place: Arc::from(place),
            texts: rows.iter().map(text).collect(),
            deletes: rows.iter().map(is_deletion).collect(),
            decoder: Decoder::new(wanted)?,
            of_deletions: key.map(|key| Decoder::new(&only_key(wanted, key))).transpose()?,
        })
    }

    /// The rows, in pieces that are all deletions or all none.
    fn decode(&self) -> Result<Vec<(Decoded, bool)>, ReadError> {
        let mut pieces = Vec::new();
        let mut first = 0;
        for piece in self.deletes.chunk_by(|a, b| a == b) {
            let rows = first..first + piece.len();
            first = rows.end;
            let deletes = piece[0];
            let decoder = self.of_deletions.as_ref().filter(|_| deletes).unwrap_or(&self.decoder);
            pieces.push((decoder.decode(self.raw(rows))?, deletes));
        }
        Ok(pieces)
    }

    fn raw(&self, rows: std::ops::Range<usize>) -> RawBatch {
        raw(&self.place, &self.texts[rows.clone()], rows.start)
    }
}

/// Rows, each of its own text, the first of which has the given index.
fn raw(place: &Arc<str>, texts: &[String], first: usize) -> RawBatch {
    let offset = |byte: usize| u32::try_from(byte).expect("a test's file is far smaller than 4 GiB");
    let mut bytes = Vec::new();
    let mut spans = Vec::new();
    for text in texts {
        let start = offset(bytes.len());
        bytes.extend_from_slice(text.as_bytes());
        spans.push((start, offset(bytes.len())));
    }
    let bytes = Buffer::from_vec(bytes);
    let mut tape = Tape::new(bytes.clone(), Style::Typed);
    for (start, end) in &spans {
        let root = json::parse(&mut tape, *start as usize, *end as usize);
        tape.roots.push(root.expect("a row that was read from YAML is nested no deeper than JSON may be"));
    }
    let origins = Origins {
        file: place.clone(),
        lines: vec![0; spans.len()],
        records: (first..first + spans.len()).map(|row| row as u64).collect(),
        originals: Written::Text { bytes, spans, recoded: Recoded::No },
    };
    RawBatch { origins, columns: RawColumns::Tree(tape), malformed: Vec::new() }
}

/// Types rows that a test expects; those that are not of the types come back with what is wrong.
pub(super) fn decode_rows(rows: &[Row], wanted: &Wanted) -> Result<(RecordBatch, Vec<BadRow>), ReadError> {
    let texts: Vec<String> = rows.iter().map(text).collect();
    let decoded = Decoder::new(wanted)?.decode(raw(&Arc::from("rows"), &texts, 0))?;
    let bad = decoded.rejected.into_iter().map(|rejected| BadRow {
        row: usize::try_from(rejected.record).unwrap_or(usize::MAX),
        member: rejected.field.unwrap_or_default(),
        message: rejected.message,
    });
    Ok((decoded.batch, bad.collect()))
}

fn text(row: &Row) -> String {
    Value::Object(row.clone()).to_string()
}

/// The same columns, of which only those of the key are required; nothing has a default.
fn only_key(wanted: &Wanted, key: &[usize]) -> Wanted {
    let field = |(index, field): (usize, &Arc<Field>)| {
        field.as_ref().clone().with_nullable(!key.contains(&index) || field.is_nullable())
    };
    let fields: Vec<Field> = wanted.schema.fields().iter().enumerate().map(field).collect();
    Wanted { schema: Arc::new(Schema::new(fields)), defaults: Default::default(), text: wanted.text.clone() }
}

impl SourceRows for GivenRows {
    fn partitions(&self, _: usize) -> usize {
        1
    }

    fn open(&self, _: usize, wanted: &engine::Wanted) -> Result<SendableRecordBatchStream, BoundError> {
        let mut batches = Vec::new();
        for (decoded, deletes) in self.decode()? {
            let batch = crate::read::hand_over::hand_over(decoded, 0, &[], wanted);
            batches.push(if deletes { batch.and_then(deleting) } else { batch });
        }
        let rows = futures::stream::iter(batches);
        Ok(Box::pin(RecordBatchStreamAdapter::new(wanted.schema.clone(), rows)))
    }

    fn originals(&self) -> Result<Box<dyn Originals>, BoundError> {
        Ok(Box::new(GivenOriginals { place: self.place.to_string(), texts: self.texts.clone() }))
    }
}

/// The rows as deletions: the last column of an upsert stream's batch says so.
fn deleting(batch: RecordBatch) -> Result<RecordBatch, DataFusionError> {
    let mut columns = batch.columns().to_vec();
    columns.pop();
    columns.push(Arc::new(BooleanArray::from(vec![true; batch.num_rows()])));
    Ok(RecordBatch::try_new(batch.schema(), columns)?)
}

struct GivenOriginals {
    place: String,
    texts: Vec<String>,
}

impl Originals for GivenOriginals {
    fn at(&mut self, positions: &[u64]) -> Result<Vec<Original>, BoundError> {
        let original = |&position: &u64| Original {
            file: self.place.clone(),
            line: 0,
            record: position,
            bytes: self.texts[position as usize].clone().into_bytes(),
        };
        Ok(positions.iter().map(original).collect())
    }
}
