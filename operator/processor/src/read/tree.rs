//! Decodes the trees of a tape into nested Arrow arrays, column by column.
//!
//! Takes wanted columns and, for each, the places in the tape where its values are; gives arrays and notes failures by row.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, ListArray, MapArray, StringBuilder, StructArray};
use arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::compute::interleave;

use super::column::{Column, MapType, Type};
use super::error::ReadError;
use super::failures::Failures;
use super::leaf::{self, Cell, Cells};
use super::tape::{Kind, Node, Style, Tape};
use super::value::Fault;
use super::wanted::TextRules;
use super::xml;

/// Where a value of a column is, and the row of the batch that it belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    /// Index of the node, or [`MISSING`].
    pub(crate) node: u32,
    pub(crate) row: u32,
}

/// No node: the object has no such member.
pub(crate) const MISSING: u32 = u32::MAX;

/// No node, because there is no object that could have the member: it is neither required nor given its default.
pub(crate) const ABSENT: u32 = u32::MAX - 1;

/// What decoding a tape needs everywhere.
pub(crate) struct Trees<'a> {
    pub(crate) tape: &'a Tape,
    pub(crate) rules: &'a TextRules,
}

impl Trees<'_> {
    /// One array for each column of the records whose roots are `slots`.
    pub(crate) fn rows(
        &self,
        columns: &[Column],
        slots: &[Slot],
        failures: &mut Failures,
    ) -> Result<Vec<ArrayRef>, ReadError> {
        let members = self.members(columns, slots, failures);
        let pairs = columns.iter().zip(&members);
        pairs.map(|(column, slots)| self.column(column, slots, failures)).collect()
    }

    /// The array of one column.
    pub(crate) fn column(
        &self,
        column: &Column,
        slots: &[Slot],
        failures: &mut Failures,
    ) -> Result<ArrayRef, ReadError> {
        let array: ArrayRef = match &column.ty {
            Type::List(item) => self.list(column, item, slots, failures)?,
            Type::Map(map) => self.map(column, map, slots, failures)?,
            Type::Struct(members) => self.object(column, members, slots, failures)?,
            Type::String
            | Type::Bool
            | Type::Int32
            | Type::Int64
            | Type::Float32
            | Type::Float64
            | Type::Decimal { .. }
            | Type::Date
            | Type::Time
            | Type::Timestamp
            | Type::TimestampLocal
            | Type::Bytes
            | Type::Uuid => {
                let cells = Cells {
                    count: slots.len(),
                    row: |at: usize| slots[at].row,
                    cell: |at: usize| self.cell(&column.ty, slots[at].node),
                };
                return leaf::decode(column, &cells, failures);
            }
        };
        match &column.default {
            None => Ok(array),
            Some(default) => {
                let missing = |(at, slot): (usize, &Slot)| match slot.node {
                    MISSING => (1, 0),
                    _ => (0, at),
                };
                let places: Vec<_> = slots.iter().enumerate().map(missing).collect();
                Ok(interleave(&[array.as_ref(), default.as_ref()], &places)?)
            }
        }
    }

    /// What stands at a node, for a type of plain values.
    fn cell(&self, ty: &Type, at: u32) -> Cell<'_> {
        match at {
            MISSING => return Cell::Missing,
            ABSENT => return Cell::Absent,
            _ => {}
        }
        let node = self.tape.node(at);
        let text = self.tape.text(node);
        match node.kind {
            Kind::Null => Cell::Null,
            Kind::True if matches!(ty, Type::Bool) => Cell::Text(b"true"),
            Kind::False if matches!(ty, Type::Bool) => Cell::Text(b"false"),
            Kind::Number if is_number(ty) => Cell::Text(text),
            Kind::Text | Kind::Side if self.null(node) => Cell::Null,
            Kind::Text | Kind::Side if self.tape.style == Style::Plain => Cell::Text(self.trimmed(ty, text)),
            Kind::Object if self.tape.style == Style::Plain => self.own_text(ty, at),
            Kind::Text | Kind::Side if text_stands_for(ty, text) => Cell::Text(text),
            Kind::True | Kind::False | Kind::Number | Kind::Text | Kind::Side | Kind::Object | Kind::List => {
                Cell::Wrong
            }
        }
    }

    /// The text of an element that has nothing else but attributes.
    fn own_text(&self, ty: &Type, at: u32) -> Cell<'_> {
        let mut found = Cell::Null;
        for (name, node) in self.tape.members(at) {
            if name == xml::TEXT.as_bytes() {
                found = self.cell(ty, node);
            } else if !name.starts_with(b"@") {
                return Cell::Wrong;
            }
        }
        found
    }

    /// White space around a value is none of it where the notation has no way to tell (XML Schema's `collapse`).
    fn trimmed<'t>(&self, ty: &Type, text: &'t [u8]) -> &'t [u8] {
        if self.rules.trim || !matches!(ty, Type::String) { text.trim_ascii() } else { text }
    }

    /// Whether a text spells null. A JSON string is a quoted text, so the empty one is no null.
    fn null(&self, node: Node) -> bool {
        let mut text = self.tape.text(node);
        if self.tape.style == Style::Plain && self.rules.trim {
            text = text.trim_ascii();
        }
        let quoted = self.tape.style == Style::Typed;
        let spells = |null: &String| null.as_bytes() == text && !(quoted && text.is_empty());
        self.rules.nulls.iter().any(spells)
    }

    /// For each column the places of its members in the objects at `slots`.
    fn members(&self, columns: &[Column], slots: &[Slot], failures: &mut Failures) -> Vec<Vec<Slot>> {
        let is_object = |node: u32| node < ABSENT && self.tape.node(node).kind == Kind::Object;
        let without =
            |slot: &Slot| Slot { node: if is_object(slot.node) { MISSING } else { ABSENT }, row: slot.row };
        let blank: Vec<Slot> = slots.iter().map(without).collect();
        let mut places = vec![blank; columns.len()];
        for (at, slot) in slots.iter().enumerate() {
            if !is_object(slot.node) {
                continue;
            }
            // Records nearly always have their members in one order: look first where the last one was found.
            let mut guess = 0;
            for (name, node) in self.tape.members(slot.node) {
                let is = |column: &Column| column.name().as_bytes() == name;
                if !columns.get(guess).is_some_and(is) {
                    match columns.iter().position(is) {
                        Some(found) => guess = found,
                        None => continue,
                    }
                }
                let place = &mut places[guess][at];
                if place.node != MISSING {
                    failures.duplicate(&columns[guess], slot.row);
                }
                place.node = node;
                guess += 1;
            }
        }
        places
    }

    /// Which of `slots` hold a value of a kind that fits; the others are null, a default or a failure.
    fn present(
        &self,
        column: &Column,
        slots: &[Slot],
        failures: &mut Failures,
        fits: impl Fn(Kind) -> bool,
    ) -> Vec<bool> {
        let check = |slot: &Slot| {
            let missing = slot.node == MISSING;
            if slot.node == ABSENT || missing && column.default.is_some() {
                return false;
            }
            let node = (!missing).then(|| self.tape.node(slot.node));
            match node.filter(|node| !self.is_null(*node)) {
                None => {
                    if column.required() {
                        failures.required(column, slot.row, missing);
                    }
                    false
                }
                Some(node) => {
                    let fits = fits(node.kind);
                    if !fits {
                        failures.value(column, slot.row, Fault::Form);
                    }
                    fits
                }
            }
        };
        slots.iter().map(check).collect()
    }

    fn is_null(&self, node: Node) -> bool {
        match node.kind {
            Kind::Null => true,
            Kind::Text | Kind::Side => self.null(node),
            Kind::True | Kind::False | Kind::Number | Kind::Object | Kind::List => false,
        }
    }

    fn object(
        &self,
        column: &Column,
        members: &[Column],
        slots: &[Slot],
        failures: &mut Failures,
    ) -> Result<ArrayRef, ReadError> {
        let present = self.present(column, slots, failures, |kind| kind == Kind::Object);
        let arrays = self.rows(members, slots, failures)?;
        let fields = members.iter().map(|member| member.field.clone()).collect();
        let nulls = validity(column, &present);
        let array = StructArray::try_new_with_length(fields, arrays, nulls, slots.len())?;
        Ok(Arc::new(array))
    }

    fn list(
        &self,
        column: &Column,
        item: &Column,
        slots: &[Slot],
        failures: &mut Failures,
    ) -> Result<ArrayRef, ReadError> {
        let plain = self.tape.style == Style::Plain;
        let present = self.present(column, slots, failures, |kind| kind == Kind::List || plain);
        let mut items = Vec::new();
        let mut offsets = vec![0];
        for (slot, present) in slots.iter().zip(&present) {
            let row = slot.row;
            if *present && self.tape.node(slot.node).kind == Kind::List {
                items.extend(self.tape.items(slot.node).map(|node| Slot { node, row }));
            } else if *present {
                items.push(*slot);
            }
            offsets.push(items.len() as i32);
        }
        let values = self.column(item, &items, failures)?;
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        let nulls = validity(column, &present);
        let array = ListArray::try_new(item.field.clone(), offsets, values, nulls)?;
        Ok(Arc::new(array))
    }

    fn map(
        &self,
        column: &Column,
        map: &MapType,
        slots: &[Slot],
        failures: &mut Failures,
    ) -> Result<ArrayRef, ReadError> {
        let present = self.present(column, slots, failures, |kind| kind == Kind::Object);
        let mut keys = StringBuilder::new();
        let mut values = Vec::new();
        let mut offsets = vec![0];
        let mut seen = BTreeSet::new();
        for (slot, present) in slots.iter().zip(&present) {
            seen.clear();
            if *present {
                for (name, node) in self.tape.members(slot.node) {
                    if !seen.insert(name) {
                        failures.duplicate(&map.value, slot.row);
                    }
                    keys.append_value(std::str::from_utf8(name).unwrap_or_default());
                    values.push(Slot { node, row: slot.row });
                }
            }
            offsets.push(values.len() as i32);
        }
        let values = self.column(&map.value, &values, failures)?;
        let keys: ArrayRef = Arc::new(keys.finish());
        let fields = [map.key.clone(), map.value.field.clone()].into_iter().collect();
        let pairs = StructArray::try_new(fields, vec![keys, values], None)?;
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        let nulls = validity(column, &present);
        let array = MapArray::try_new(map.entries.clone(), offsets, pairs, nulls, map.sorted)?;
        Ok(Arc::new(array))
    }
}

/// Validity of a nested column; the row of a required one that is not good is left out later, and must not be null until then.
fn validity(column: &Column, present: &[bool]) -> Option<NullBuffer> {
    (!column.required()).then(|| NullBuffer::from(present))
}

fn is_number(ty: &Type) -> bool {
    matches!(ty, Type::Int32 | Type::Int64 | Type::Float32 | Type::Float64 | Type::Decimal { .. })
}

/// Whether a JSON string is a way to write a value of the type: where JSON has none of its own that keeps every digit.
fn text_stands_for(ty: &Type, text: &[u8]) -> bool {
    match ty {
        Type::String
        | Type::Int64
        | Type::Decimal { .. }
        | Type::Date
        | Type::Time
        | Type::Timestamp
        | Type::TimestampLocal
        | Type::Bytes
        | Type::Uuid => true,
        Type::Float32 | Type::Float64 => matches!(text, b"NaN" | b"Infinity" | b"-Infinity"),
        Type::Bool | Type::Int32 | Type::List(_) | Type::Map(_) | Type::Struct(_) => false,
    }
}
