//! Made-up records as their declaration describes them.
//!
//! Takes the declaration and the columns that the compiler has told; gives what the generator takes.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::Schema;
use headwater_compiler::stream::StreamType;
use headwater_crds::generate::{Generate as Declared, GeneratedField as DeclaredField};
use headwater_crds::source::MetadataColumn;

use super::file_source;
use super::settings::LocalError;
use crate::engine::arrow_schema;
use crate::read::error::ReadError;
use crate::read::generate::{Generate, GeneratedField, Maker, number};
use crate::read::generate_rows::GeneratedRows;
use crate::read::wanted::{TextRules, Wanted};

/// The records that a source makes up, with the columns of its operator.
pub(super) fn rows(
    name: &str,
    declared: &Declared,
    columns: &[MetadataColumn],
    output: &StreamType,
) -> Result<GeneratedRows, LocalError> {
    let failed = |error| LocalError::Source { name: name.to_owned(), error };
    let mut fields = Vec::new();
    for field in &declared.fields {
        let maker = maker(field).map_err(failed)?;
        let nulls = field.nulls.as_ref().and_then(|nulls| nulls.e8()).unwrap_or(0);
        fields.push(GeneratedField { name: field.field.to_string(), maker, nulls });
    }
    let generate = Generate { rows: declared.rows, seed: declared.seed.unwrap_or(0), fields };
    let metadata = file_source::metadata(name, columns)?;
    // Behind the fields stand the columns of what is known of each record besides.
    let all = arrow_schema(output);
    let schema = Arc::new(Schema::new(all.fields()[..all.fields().len() - metadata.len()].to_vec()));
    let wanted = Wanted { schema, defaults: BTreeMap::new(), text: TextRules::default() };
    Ok(GeneratedRows::new(generate, &wanted).map_err(failed)?.with_metadata(metadata))
}

fn maker(field: &DeclaredField) -> Result<Maker, ReadError> {
    if let Some(sequence) = &field.sequence {
        return Ok(Maker::Sequence { start: sequence.start.unwrap_or(1), prefix: sequence.prefix.clone() });
    }
    if let Some(range) = &field.integer {
        return Ok(Maker::Integer { min: range.min, max: range.max });
    }
    if let Some(range) = &field.number {
        return number(&range.min, &range.max);
    }
    if let Some(choice) = &field.choice {
        return Ok(Maker::Choice(choice.of.clone()));
    }
    if let Some(time) = &field.time {
        let start: jiff::Timestamp = time
            .start
            .parse()
            .map_err(|_| ReadError::Unsupported(format!("`{}` is no instant", time.start)))?;
        let ms = |duration: &headwater_crds::scalar::Duration| {
            duration.ms().and_then(|ms| i64::try_from(ms).ok()).unwrap_or(i64::MAX)
        };
        return Ok(Maker::Time {
            start_us: start.as_microsecond(),
            step_ms: ms(&time.step),
            jitter_ms: time.jitter.as_ref().map_or(0, ms),
        });
    }
    Ok(if field.uuid.is_some() { Maker::Uuid } else { Maker::Bool })
}
