//! Takes a laid out document and the shape of its kind; puts the members of its mappings into the order of the schema.
//!
//! Members that the schema does not know come last; mappings whose keys are free keep their order.

use super::piece::{Entry, Form, Piece};
use crate::parse::shape::{Form as ShapeForm, MapShape, Shape};

/// Orders the members of a document and of everything in it.
pub(super) fn order(piece: &mut Piece<'_>, shape: &Shape) {
    // What stands above the first line is about the file, whichever member comes first.
    let above = match &mut piece.form {
        Form::Map { entries, .. } => entries.first_mut().map(|first| std::mem::take(&mut first.lead)),
        Form::Scalar(_) | Form::List { .. } => None,
    };
    below(piece, shape);
    if let (Form::Map { entries, .. }, Some(mut above)) = (&mut piece.form, above)
        && let Some(first) = entries.first_mut()
    {
        above.append(&mut first.lead);
        first.lead = above;
    }
}

fn below(piece: &mut Piece<'_>, shape: &Shape) {
    match (&mut piece.form, &shape.form) {
        (Form::Map { entries, row, .. }, ShapeForm::Map(wanted)) => {
            *row = wanted.members.is_empty();
            members(entries, wanted);
        }
        (Form::List { entries, .. }, ShapeForm::List(wanted)) => {
            entries.iter_mut().for_each(|entry| below(&mut entry.value, &wanted.items));
        }
        (Form::Scalar(_) | Form::List { .. } | Form::Map { .. }, _) => {}
    }
}

fn members(entries: &mut [Entry<'_>], wanted: &MapShape) {
    let place = |entry: &Entry<'_>| {
        let name = entry.key.as_ref().map(|(_, name)| name.as_str())?;
        wanted.members.iter().position(|member| member.key == name)
    };
    for entry in entries.iter_mut() {
        match (place(entry), &wanted.others) {
            (Some(index), _) => below(&mut entry.value, &wanted.members[index].shape),
            (None, Some(shape)) => below(&mut entry.value, shape),
            (None, None) => {}
        }
    }
    if wanted.others.is_none() {
        entries.sort_by_key(|entry| place(entry).unwrap_or(usize::MAX));
    }
}
