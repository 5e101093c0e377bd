//! Dead letters as NDJSON.
//!
//! Takes what the engine rejected, gives a file with one object a line:
//! product, node, code, rule, field, place, event time, and the record as it was written.
//! It must not change the record: what is not UTF-8 is kept as base64 under its own name, and what is under a key too.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, StructArray, UInt64Array};
use arrow::datatypes::{DataType, Field, Fields, SchemaRef};
use arrow::datatypes::{Schema, TimeUnit};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::WriteError;
use super::file::{OpenFile, TextFormat, open_file};
use super::sink::{Staged, StagedKind};
use crate::engine::{BoundError, DeadLetter, DeadLetterRows};

/// Under which names the bytes of records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Originals {
    /// `original`, and `originalBase64` for what is not UTF-8.
    AsTheyCame,
    /// None: no member at all.
    Omitted,
    /// `originalEncrypted`: text that a mask has made of them.
    Encrypted,
}

/// Takes the dead letters of one run.
pub struct BoundLetters {
    file: Mutex<Option<OpenFile>>,
    originals: Originals,
    sink: String,
}

/// Starts the file of dead letters. Also without any it takes the place of that of the last run.
///
/// # Errors
/// When the file cannot be made.
pub fn bind_letters(path: &Path, originals: Originals) -> Result<BoundLetters, WriteError> {
    let file = open_file(path, TextFormat::Ndjson, &letter_schema(originals))?;
    Ok(BoundLetters { file: Mutex::new(Some(file)), originals, sink: path.display().to_string() })
}

impl BoundLetters {
    /// Ends the file; what it gives goes to [`super::commit`].
    ///
    /// # Errors
    /// When the file cannot be written, or was taken before.
    pub fn stage(&self) -> Result<Staged, WriteError> {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner).take();
        let file = file.ok_or_else(|| WriteError::Twice { sink: self.sink.clone() })?;
        Ok(Staged(StagedKind::File(file.finish()?)))
    }
}

#[async_trait]
impl DeadLetterRows for BoundLetters {
    async fn write(&self, letters: Vec<DeadLetter>) -> Result<(), BoundError> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(file) = file.as_mut() else {
            return Err(Box::new(WriteError::Twice { sink: self.sink.clone() }));
        };
        file.write(&letter_batch(&letters, self.originals)?)?;
        Ok(())
    }
}

fn place_fields() -> Fields {
    Fields::from(vec![
        Field::new("source", DataType::Utf8, false),
        Field::new("file", DataType::Utf8, false),
        Field::new("line", DataType::UInt64, false),
        Field::new("record", DataType::UInt64, false),
    ])
}

fn letter_schema(originals: Originals) -> SchemaRef {
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    let mut fields = vec![
        text("product"),
        text("node"),
        text("code"),
        text("rule"),
        text("field"),
        Field::new("place", DataType::Struct(place_fields()), true),
        Field::new("eventTime", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), true),
    ];
    match originals {
        Originals::AsTheyCame => fields.extend([text("original"), text("originalBase64")]),
        Originals::Omitted => {}
        Originals::Encrypted => fields.push(text("originalEncrypted")),
    }
    Arc::new(Schema::new(fields))
}

fn letter_batch(letters: &[DeadLetter], originals: Originals) -> Result<RecordBatch, WriteError> {
    let text = |of: &dyn Fn(&DeadLetter) -> Option<String>| -> ArrayRef {
        Arc::new(letters.iter().map(of).collect::<StringArray>())
    };
    // What is withheld is empty, and null in the file.
    let kept = |letter: &DeadLetter| Some(letter.original.clone()).filter(|original| !original.is_empty());
    let utf8 = |letter: &DeadLetter| kept(letter).and_then(|original| String::from_utf8(original).ok());
    let times: Int64Array = letters.iter().map(|letter| letter.event_time_us).collect();
    let times: ArrayRef = Arc::new(times);
    let schema = letter_schema(originals);
    let mut columns: Vec<ArrayRef> = vec![
        text(&|letter| Some(letter.product.clone())),
        text(&|letter| Some(letter.node.clone())),
        text(&|letter| Some(letter.code.clone())),
        text(&|letter| Some(letter.rule.clone())),
        text(&|letter| letter.field.clone()),
        places(letters),
        arrow::compute::cast(&times, schema.field(6).data_type())?,
    ];
    match originals {
        Originals::AsTheyCame => columns.extend([
            text(&utf8),
            text(&|letter| {
                let bytes = kept(letter).filter(|original| std::str::from_utf8(original).is_err());
                bytes.map(|original| STANDARD.encode(original))
            }),
        ]),
        Originals::Omitted => {}
        Originals::Encrypted => columns.push(text(&utf8)),
    }
    Ok(RecordBatch::try_new(schema, columns)?)
}

fn places(letters: &[DeadLetter]) -> ArrayRef {
    let places = || letters.iter().map(|letter| letter.place.as_ref());
    let text = |of: fn(&crate::engine::Place) -> &str| -> ArrayRef {
        Arc::new(places().map(|place| Some(place.map_or("", of))).collect::<StringArray>())
    };
    let number = |of: fn(&crate::engine::Place) -> u64| -> ArrayRef {
        Arc::new(places().map(|place| Some(place.map_or(0, of))).collect::<UInt64Array>())
    };
    let columns = vec![
        text(|place| &place.source),
        text(|place| &place.file),
        number(|place| place.line),
        number(|place| place.record),
    ];
    let known: Vec<bool> = places().map(|place| place.is_some()).collect();
    Arc::new(StructArray::new(place_fields(), columns, Some(known.into())))
}
