//! JSON in a column of text: takes texts, gives the values that they hold.
//!
//! The rules are those for records of JSON, so that a value means the same inside of a text and outside.
//! A text that is no JSON, or does not fit the type, gives null: whoever wants to know why looks at the text.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, StringArray};
use arrow::compute::nullif;
use arrow::datatypes::{FieldRef, Schema};

use super::column::{Column, compile};
use super::error::ReadError;
use super::failures::Failures;
use super::json;
use super::tape::{Style, Tape};
use super::tree::{ABSENT, Slot, Trees};
use super::wanted::{TextRules, Wanted};

/// Reads values of one type.
#[derive(Clone, Debug)]
pub(crate) struct Parser {
    column: Column,
    rules: TextRules,
}

impl Parser {
    /// A parser for values of the field's type.
    ///
    /// # Errors
    /// If the type is not one of the language's.
    pub(crate) fn new(field: &FieldRef) -> Result<Self, ReadError> {
        let schema = Arc::new(Schema::new(vec![field.clone()]));
        let rules = TextRules::default();
        let mut columns = compile(&Wanted { schema, defaults: BTreeMap::new(), text: rules.clone() })?;
        let column = columns.remove(0);
        Ok(Parser { column, rules })
    }

    /// The value of each text, null where there is no text or no such value in it.
    ///
    /// # Errors
    /// If Arrow refuses to build what the types say, which is a mistake of this program.
    pub(crate) fn parse(&self, texts: &StringArray) -> Result<ArrayRef, ReadError> {
        let mut tape = Tape::new(texts.values().clone(), Style::Typed);
        let offsets = texts.value_offsets();
        let at = |row: usize| usize::try_from(offsets[row]).expect("an offset is not negative");
        let slots: Vec<Slot> = (0u32..)
            .zip(0..texts.len())
            .map(|(row, index)| {
                let parsed = texts.is_valid(index).then(|| json::parse(&mut tape, at(index), at(index + 1)));
                Slot { node: parsed.and_then(Result::ok).unwrap_or(ABSENT), row }
            })
            .collect();
        let mut failures = Failures::default();
        let trees = Trees { tape: &tape, rules: &self.rules };
        let values = trees.column(&self.column, &slots, &mut failures)?;
        if failures.is_empty() {
            return Ok(values);
        }
        let failed: BooleanArray = failures.mask(texts.len()).into_iter().map(|good| Some(!good)).collect();
        Ok(nullif(&values, &failed)?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Array, StringArray};
    use arrow::datatypes::{DataType, Field};
    use arrow::util::display::{ArrayFormatter, FormatOptions};

    use super::Parser;
    use crate::read::error::ReadError;

    /// Each text and the value that it holds.
    fn check(cases: &[(Option<&str>, &str)]) -> Result<(), ReadError> {
        let items = DataType::List(Arc::new(Field::new("item", DataType::Int32, false)));
        let members = vec![Field::new("sku", DataType::Utf8, false), Field::new("counts", items, true)];
        let field = Arc::new(Field::new("value", DataType::Struct(members.into()), true));
        let texts: StringArray = cases.iter().map(|(text, _)| *text).collect();
        let values = Parser::new(&field)?.parse(&texts)?;
        let shown = ArrayFormatter::try_new(&values, &FormatOptions::default().with_null("-"))?;
        for (row, (text, expected)) in cases.iter().enumerate() {
            let value = if values.is_null(row) { "-".to_owned() } else { shown.value(row).to_string() };
            assert_eq!(value, *expected, "{text:?}");
        }
        Ok(())
    }

    #[test]
    fn a_text_is_read_as_a_record_is() -> Result<(), ReadError> {
        check(&[
            (Some(r#"{"sku":"a1","counts":[1,2],"more":{}}"#), "{sku: a1, counts: [1, 2]}"),
            (Some(r#" { "counts" : null, "sku" : "\u00e9" } "#), "{sku: é, counts: -}"),
            (Some(r#"{"counts":[1]}"#), "-"),
            (Some(r#"{"sku":"a1","counts":["x"]}"#), "-"),
            (Some(r#"{"sku":"a1","sku":"a2"}"#), "-"),
            (Some(r#"{"sku":"a1"} x"#), "-"),
            (Some("[]"), "-"),
            (Some("null"), "-"),
            (Some(""), "-"),
            (None, "-"),
            (Some(r#"{"sku":"a2","counts":[]}"#), "{sku: a2, counts: []}"),
        ])
    }
}
