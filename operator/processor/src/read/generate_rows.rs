//! A generator as the records of one source of a run.
//!
//! Takes a `Generate` and what is wanted of it; gives streams of typed rows, each of a range of its own. A position is a row's index.

use std::sync::Arc;

use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;

use super::decode::Decoder;
use super::error::ReadError;
use super::generate::{self, GENERATED, Generate};
use super::hand_over::{Metadata, hand_over};
use super::wanted::Wanted;
use crate::engine;
use crate::engine::{BoundError, Original, Originals, POSITIONS, SourceRows};

/// Rows of one stream, at least: fewer are not worth a thread.
const ROWS_PER_STREAM: u64 = 1 << 16;

/// A generator that a source is bound to.
#[derive(Clone)]
pub struct GeneratedRows {
    generate: Arc<Generate>,
    decoder: Arc<Decoder>,
    metadata: Vec<Metadata>,
}

impl GeneratedRows {
    /// Compiles what is wanted; its columns must be those of the source's operator, in order.
    ///
    /// # Errors
    /// When `wanted` does not compile, or there are too many rows to be numbered.
    pub fn new(generate: Generate, wanted: &Wanted) -> Result<Self, ReadError> {
        if generate.rows > POSITIONS {
            return Err(ReadError::Unsupported("more than 2^48 records can't be generated".to_owned()));
        }
        let (generate, decoder) = (Arc::new(generate), Arc::new(Decoder::new(wanted)?));
        Ok(Self { generate, decoder, metadata: Vec::new() })
    }

    /// Also gives what is known of records besides their fields, as columns after those of `wanted`.
    pub fn with_metadata(self, metadata: Vec<Metadata>) -> Self {
        Self { metadata, ..self }
    }
}

impl SourceRows for GeneratedRows {
    fn partitions(&self, threads: usize) -> usize {
        let streams = self.generate.rows.div_ceil(ROWS_PER_STREAM);
        threads.min(usize::try_from(streams).unwrap_or(usize::MAX)).max(1)
    }

    fn open(
        &self,
        partition: usize,
        wanted: &engine::Wanted,
    ) -> Result<SendableRecordBatchStream, BoundError> {
        let (all, count) = (u128::from(self.generate.rows), wanted.partitions.max(1) as u128);
        let bound = |at: usize| (all * at as u128 / count) as u64;
        let (mut next, end) = (bound(partition), bound(partition + 1));
        let (rows, wanted) = (self.clone(), wanted.clone());
        let schema = wanted.schema.clone();
        let batches = std::iter::from_fn(move || {
            (next < end).then(|| {
                let range = next..end.min(next + wanted.batch_size.max(1) as u64);
                next = range.end;
                let raw = generate::rows(&rows.generate, rows.decoder.columns(), range);
                let decoded = raw.and_then(|raw| rows.decoder.decode(raw));
                let decoded = decoded.map_err(|e| DataFusionError::External(Box::new(e)))?;
                hand_over(decoded, 0, &rows.metadata, &wanted)
            })
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, futures::stream::iter(batches))))
    }

    fn originals(&self) -> Result<Box<dyn Originals>, BoundError> {
        Ok(Box::new(self.clone()))
    }
}

impl Originals for GeneratedRows {
    fn at(&mut self, positions: &[u64]) -> Result<Vec<Original>, BoundError> {
        let one = |record: &u64| {
            let raw = generate::rows(&self.generate, self.decoder.columns(), *record..*record + 1)?;
            let bytes = raw.origins.originals_of(&[0])?.concat();
            Ok(Original { file: GENERATED.to_owned(), line: 0, record: *record, bytes })
        };
        positions.iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
    use futures::TryStreamExt as _;

    use super::super::generate::{GeneratedField, Maker, WHOLE_SHARE};
    use super::*;
    use crate::read::row_as_json;
    use crate::read::wanted::TextRules;

    fn source(rows: u64, seed: u64) -> Result<GeneratedRows, ReadError> {
        let field = |name: &str, maker, nulls| GeneratedField { name: name.to_owned(), maker, nulls };
        let texts = |texts: &[&str]| Maker::Choice(texts.iter().map(|text| (*text).to_owned()).collect());
        let time = Maker::Time { start_us: 0, step_ms: 1000, jitter_ms: 1 };
        let fields = vec![
            field("id", Maker::Sequence { start: 1, prefix: Some("o-".to_owned()) }, 0),
            field("n", Maker::Integer { min: -5, max: 5 }, 0),
            field("amount", generate::number("0.01", "10")?, 0),
            field("level", texts(&["1", "2"]), WHOLE_SHARE / 2),
            field("at", time.clone(), 0),
            field("day", time, 0),
            field("u", Maker::Uuid, 0),
            field("b", Maker::Bool, 0),
        ];
        let wanted = |name: &str, data_type, nullable| Field::new(name, data_type, nullable);
        let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let schema = Schema::new(vec![
            wanted("id", DataType::Utf8, false),
            wanted("n", DataType::Int32, false),
            wanted("amount", DataType::Decimal128(6, 2), false),
            wanted("level", DataType::Int32, true),
            wanted("at", instant, false),
            wanted("day", DataType::Date32, false),
            wanted("u", DataType::FixedSizeBinary(16), false),
            wanted("b", DataType::Boolean, false),
        ]);
        let wanted =
            Wanted { schema: Arc::new(schema), defaults: Default::default(), text: TextRules::default() };
        GeneratedRows::new(Generate { rows, seed, fields }, &wanted)
    }

    async fn read(
        source: &GeneratedRows,
        partitions: usize,
        batch_size: usize,
    ) -> Result<Vec<String>, BoundError> {
        let mut fields = source.decoder.schema().fields().to_vec();
        fields.push(Arc::new(Field::new(engine::ARRIVAL, DataType::UInt64, false)));
        let wanted = engine::Wanted {
            partitions,
            columns: (0..8).collect(),
            schema: Arc::new(Schema::new(fields)),
            batch_size,
            read: Arc::new(AtomicU64::new(0)),
            reject: Arc::new(|rejected| Err(format!("{} records are rejected", rejected.len()).into())),
        };
        let mut rows = Vec::new();
        for partition in 0..partitions {
            let batches: Vec<_> = source.open(partition, &wanted)?.try_collect().await?;
            for batch in &batches {
                assert!(batch.num_rows() <= batch_size);
                let texts = (0..batch.num_rows()).map(|row| String::from_utf8(row_as_json(batch, row)));
                rows.extend(texts.collect::<Result<Vec<_>, _>>()?);
            }
        }
        Ok(rows)
    }

    #[tokio::test]
    async fn a_seed_gives_the_same_rows_however_they_are_cut() -> Result<(), BoundError> {
        let whole = read(&source(500, 7)?, 1, 1000).await?;
        assert_eq!(whole.len(), 500);
        assert_eq!(read(&source(500, 7)?, 3, 7).await?, whole);
        // A shorter run is the beginning of a longer one, and another seed is another run.
        assert_eq!(read(&source(100, 7)?, 2, 30).await?, whole[..100]);
        assert_ne!(read(&source(500, 8)?, 1, 1000).await?, whole);
        // Fixed for ever: runs must be the same on every machine and in every version.
        assert_eq!(whole[..2], FIRST);
        Ok(())
    }

    #[tokio::test]
    async fn values_are_as_declared() -> Result<(), BoundError> {
        let rows = read(&source(2000, 1)?, 1, 8192).await?;
        let mut seen = [0_u32; 11];
        let (mut nulls, mut trues) = (0, 0);
        for (row, text) in rows.iter().enumerate() {
            let row_value: serde_json::Value = serde_json::from_str(text)?;
            assert_eq!(row_value["id"], format!("o-{}", row + 1));
            let n = row_value["n"].as_i64().ok_or("n is a number")?;
            seen[usize::try_from(n + 5)?] += 1;
            let amount = row_value["amount"].as_f64().ok_or("amount is a number")?;
            assert!((0.01..=10.0).contains(&amount));
            nulls += u32::from(row_value["level"].is_null());
            trues += u32::from(row_value["b"] == true);
            let at: jiff::Timestamp = row_value["at"].as_str().ok_or("at is text")?.parse()?;
            let step = i64::try_from(row)? * 1_000_000;
            assert!((step - 1000..=step).contains(&at.as_microsecond()), "{at}");
        }
        assert!(seen.iter().all(|count| (100..280).contains(count)), "{seen:?}");
        assert!((800..1200).contains(&nulls) && (800..1200).contains(&trues), "{nulls} {trues}");
        Ok(())
    }

    #[tokio::test]
    async fn originals_are_made_again() -> Result<(), BoundError> {
        let source = source(100, 7)?;
        let found = source.originals()?.at(&[1, 99])?;
        assert_eq!(found.iter().map(|one| one.record).collect::<Vec<_>>(), [1, 99]);
        let row: serde_json::Value = serde_json::from_slice(&found[1].bytes)?;
        assert_eq!(row["id"], "o-100");
        Ok(())
    }

    const FIRST: [&str; 2] = [
        r#"{"id":"o-1","n":0,"amount":7.80,"level":null,"at":"1970-01-01T00:00:00Z","day":"1969-12-31","u":"f8fac2a05dc94126b51a0da860caa485","b":false,"__arrival":0}"#,
        r#"{"id":"o-2","n":1,"amount":9.31,"level":2,"at":"1970-01-01T00:00:01Z","day":"1970-01-01","u":"caf56ba16f1d476c8d9b541b51c62016","b":false,"__arrival":1}"#,
    ];
}
