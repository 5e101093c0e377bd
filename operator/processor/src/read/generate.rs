//! Made-up records: the same seed gives the same rows, however they are cut and on whatever machine.
//!
//! Takes a `Generate` and a range of rows, gives a raw batch with the makers' own types. Each value depends on the seed,
//! the field's name and the row's index alone. No clock, no randomness of the system.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, FixedSizeBinaryArray, Int64Array, RecordBatch,
    RecordBatchOptions, StringArray, TimestampMicrosecondArray,
};
use arrow::compute::{can_cast_types, cast, nullif};
use arrow::datatypes::{DataType, Field, Schema};

use super::batch::{Originals, Origins, RawBatch, RawColumns};
use super::column::Column;
use super::error::ReadError;
use super::typed_leaf;
use super::value;

/// What stands in place of a file's name in the origin of made-up records.
pub const GENERATED: &str = "generate";

/// Shares are counted in parts of this.
pub const WHOLE_SHARE: u64 = 100_000_000;

/// Made-up records.
#[derive(Clone, Debug)]
pub struct Generate {
    /// How many.
    pub rows: u64,
    /// Equal seeds give equal records.
    pub seed: u64,
    /// How each field is made; a wanted field that is not here is missing from every record.
    pub fields: Vec<GeneratedField>,
}

/// One made-up field.
#[derive(Clone, Debug)]
pub struct GeneratedField {
    /// The wanted field.
    pub name: String,
    /// How its values are made.
    pub maker: Maker,
    /// Share of nulls, of [`WHOLE_SHARE`].
    pub nulls: u64,
}

/// How values are made.
#[derive(Clone, Debug)]
pub enum Maker {
    /// `start`, `start + 1`, ...; text if there is a prefix.
    Sequence {
        /// The first number.
        start: i64,
        /// Put before each.
        prefix: Option<String>,
    },
    /// A whole number between two bounds, both included.
    Integer {
        /// The least.
        min: i64,
        /// The greatest.
        max: i64,
    },
    /// A decimal between two bounds, both included; see [`number`].
    Number {
        /// The least, as a whole number of units of the last digit.
        min: i128,
        /// The greatest, likewise.
        max: i128,
        /// Digits after the point.
        scale: u8,
    },
    /// One of some texts, all equally likely.
    Choice(Vec<String>),
    /// An instant: `start`, one step later, ...
    Time {
        /// The first, in microseconds since 1970-01-01T00:00:00Z.
        start_us: i64,
        /// Distance of one to the next.
        step_ms: i64,
        /// Each is shifted back by up to this, in whole milliseconds.
        jitter_ms: i64,
    },
    /// A random uuid (version 4).
    Uuid,
    /// True or false.
    Bool,
}

/// The maker of decimals between two texts such as `0.01` and `10`; digits after the point are those of `min`.
///
/// # Errors
/// When one is not a decimal, or the bounds are the wrong way round.
pub fn number(min: &str, max: &str) -> Result<Maker, ReadError> {
    let scale = min.split_once('.').map_or(0, |(_, digits)| digits.len());
    let scale = i8::try_from(scale).ok().filter(|scale| *scale <= 38);
    let bound = |text: &str| value::decimal(text.as_bytes(), 38, scale?).ok();
    match (bound(min), bound(max), scale) {
        (Some(min), Some(max), Some(scale)) if min <= max => {
            Ok(Maker::Number { min, max, scale: scale.unsigned_abs() })
        }
        _ => Err(ReadError::Unsupported(format!("`{min}` and `{max}` are no bounds of a number"))),
    }
}

/// The rows of a range.
pub(crate) fn rows(generate: &Generate, wanted: &[Column], range: Range<u64>) -> Result<RawBatch, ReadError> {
    let count = usize::try_from(range.end - range.start).expect("a range is one batch");
    let mut fields = Vec::new();
    let mut columns = Vec::new();
    for field in &generate.fields {
        let mut array = make(field, generate.seed, range.clone())?;
        if let Some(column) = wanted.iter().find(|column| column.name() == field.name) {
            array = fit(array, column)?;
        }
        fields.push(Field::new(&field.name, array.data_type().clone(), true));
        columns.push(array);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(count));
    let batch = RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)?;
    let originals = Originals::Rows { batch: batch.clone(), rows: (0..count as u32).collect() };
    let file = Arc::from(GENERATED);
    Ok(RawBatch {
        origins: Origins { file, lines: vec![0; count], records: range.collect(), originals },
        columns: RawColumns::Typed(batch),
        malformed: Vec::new(),
    })
}

/// A maker's values as the type that is asked for, where that is another but can be made of it.
fn fit(array: ArrayRef, column: &Column) -> Result<ArrayRef, ReadError> {
    let wanted = column.field.data_type();
    let text = array.data_type() == &DataType::Utf8;
    if text || typed_leaf::fits(&column.ty, array.data_type()) || !can_cast_types(array.data_type(), wanted) {
        return Ok(array);
    }
    Ok(cast(&array, wanted)?)
}

fn make(field: &GeneratedField, seed: u64, range: Range<u64>) -> Result<ArrayRef, ReadError> {
    let stream = Stream::new(seed, &field.name);
    let each = || range.clone();
    let array: ArrayRef = match &field.maker {
        Maker::Sequence { start, prefix: None } => {
            Arc::new(Int64Array::from_iter_values(each().map(|row| start.wrapping_add(row as i64))))
        }
        Maker::Sequence { start, prefix: Some(prefix) } => {
            let text = |row: u64| format!("{prefix}{}", start.wrapping_add(row as i64));
            Arc::new(StringArray::from_iter_values(each().map(text)))
        }
        Maker::Integer { min, max } => {
            let (min, max) = (i128::from(*min), i128::from(*max));
            let value = |row| i64::try_from(stream.between(row, min, max)).unwrap_or_default();
            Arc::new(Int64Array::from_iter_values(each().map(value)))
        }
        Maker::Number { min, max, scale } => {
            let values = each().map(|row| stream.between(row, *min, *max));
            let array = Decimal128Array::from_iter_values(values);
            Arc::new(array.with_precision_and_scale(38, scale.cast_signed())?)
        }
        Maker::Choice(texts) => {
            let last = texts.len().saturating_sub(1) as i128;
            let text = |row| texts.get(stream.between(row, 0, last) as usize).map(String::as_str);
            Arc::new(each().map(text).collect::<StringArray>())
        }
        Maker::Time { start_us, step_ms, jitter_ms } => {
            let value = |row: u64| {
                let jitter_ms = stream.between(row, 0, i128::from(*jitter_ms));
                let offset_us = (i128::from(row) * i128::from(*step_ms) - jitter_ms) * 1000;
                (i128::from(*start_us) + offset_us).clamp(i64::MIN.into(), i64::MAX.into()) as i64
            };
            let array = TimestampMicrosecondArray::from_iter_values(each().map(value));
            Arc::new(array.with_timezone("UTC"))
        }
        Maker::Uuid => {
            let value = |row| {
                uuid::Builder::from_random_bytes(stream.wide(row).to_be_bytes()).into_uuid().into_bytes()
            };
            Arc::new(FixedSizeBinaryArray::from(
                each().map(value).collect::<Vec<_>>().iter().collect::<Vec<_>>(),
            ))
        }
        Maker::Bool => Arc::new(BooleanArray::from_iter(each().map(|row| Some(stream.word(row) >> 63 == 1)))),
    };
    if field.nulls == 0 {
        return Ok(array);
    }
    // A stream of its own, so that the values that stay are those without nulls.
    let nulls = Stream::new(!seed, &field.name);
    let null = |row| nulls.between(row, 0, i128::from(WHOLE_SHARE) - 1) < i128::from(field.nulls);
    Ok(nullif(&array, &BooleanArray::from_iter(each().map(|row| Some(null(row)))))?)
}

/// Numbers of one field that look random, each a function of the row's index.
#[derive(Clone, Copy, Debug)]
struct Stream {
    start: u64,
}

impl Stream {
    fn new(seed: u64, name: &str) -> Self {
        // FNV-1a over the name, so that fields don't depend on their order.
        let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        Self { start: mix(seed ^ name.bytes().fold(0xcbf2_9ce4_8422_2325, fold)) }
    }

    fn word(self, row: u64) -> u64 {
        mix(self.start.wrapping_add(row.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    fn wide(self, row: u64) -> u128 {
        let high = self.word(row);
        u128::from(high) << 64 | u128::from(mix(high ^ self.start))
    }

    /// A number between two bounds, both included.
    fn between(self, row: u64, min: i128, max: i128) -> i128 {
        let span = max.wrapping_sub(min).cast_unsigned();
        match span.checked_add(1) {
            Some(count) if count > 0 => min.wrapping_add((self.wide(row) % count).cast_signed()),
            _ => self.wide(row).cast_signed(),
        }
    }
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood).
fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
