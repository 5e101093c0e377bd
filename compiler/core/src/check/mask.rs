//! The steps that hide what columns hold.

use headwater_crds::mask::{CalendarUnit, Encrypt, Generalise, Mask as Declared, Tokenize};

use super::expr::columns;
use super::steps::find;
use crate::code::step as code;
use crate::data_type::DataType;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::expr::{Expr, ExprNode, Mask, TimeUnit};
use crate::flow::{self, Flow, NullCause, Typed};
use crate::function::cast_to;
use crate::graph::OpId;

pub(super) fn mask(flow: &mut Flow, op: OpId, masks: &[Declared], at: &Anchor) -> OpId {
    let changes = masks
        .iter()
        .enumerate()
        .filter_map(|(index, declared)| Some((index, &*declared.field, method(declared)?)))
        .collect();
    apply(flow, op, changes, at)
}

pub(super) fn tokenize(flow: &mut Flow, op: OpId, tokens: &[Tokenize], at: &Anchor) -> OpId {
    let mask = |token: &Tokenize| Mask::Tokenize { key: token.key.clone() };
    let changes =
        tokens.iter().enumerate().map(|(index, token)| (index, &*token.field, mask(token))).collect();
    apply(flow, op, changes, at)
}

pub(super) fn encrypt(flow: &mut Flow, op: OpId, encrypts: &[Encrypt], at: &Anchor) -> OpId {
    let mut changes = Vec::new();
    for (index, encrypt) in encrypts.iter().enumerate() {
        let subject = match &encrypt.subject {
            None => None,
            Some(name) => {
                let place = at.at(index).at("subject");
                let Some(column) = find(flow, op, name, &place) else { continue };
                Some(Box::new(cast_to(&flow.column(op, column, &place).expr, &DataType::String)))
            }
        };
        changes.push((index, &*encrypt.field, Mask::Encrypt { key: encrypt.key.clone(), subject }));
    }
    apply(flow, op, changes, at)
}

/// Masks columns, each from the record as it came into the step.
fn apply(flow: &mut Flow, op: OpId, changes: Vec<(usize, &str, Mask)>, at: &Anchor) -> OpId {
    let mut columns = columns(flow, op, at);
    for (index, field, mask) in changes {
        let place = at.at(index);
        if let Some(column) = find(flow, op, field, &place.at("field")) {
            columns[column].1 = masked(flow, op, column, mask, &place);
        }
    }
    flow::project(flow, op, columns, at)
}

/// A column under a mask; says so where the mask does not fit its type.
fn masked(flow: &mut Flow, op: OpId, column: usize, mask: Mask, place: &Anchor) -> Typed {
    let name = flow.output(op).columns[column].name.clone();
    let typed = flow.column(op, column, place);
    let before = typed.expr.data_type.clone();
    let Some(data_type) = masked_type(&mask, &before) else {
        let message = format!("`{name}` is `{before}`, which this mask does not take");
        flow.diagnostics.push(
            Diagnostic::error(&code::MASK_TYPE, place.at("field"), message)
                .note("`partial` and `truncate` take text, `generalise` numbers by `width` and times by `to`")
                .help("use a mask that fits, or `redact`, which takes every type"),
        );
        return Typed::poison(place);
    };
    let becomes_null = mask == Mask::Null;
    let null = if becomes_null {
        Some(NullCause {
            anchor: place.clone(),
            why: format!("`{name}` is masked with null").into(),
            fails: false,
        })
    } else {
        typed.null
    };
    // Keyed masks are over the text of a value, whatever its type was.
    let is_keyed = matches!(mask, Mask::Hmac { .. } | Mask::Tokenize { .. } | Mask::Encrypt { .. });
    let input = if is_keyed && before != DataType::Bytes {
        Expr { nullable: typed.expr.nullable, ..cast_to(&typed.expr, &DataType::String) }
    } else {
        typed.expr.clone()
    };
    let nullable = becomes_null || typed.expr.nullable;
    let node = ExprNode::Mask { input: Box::new(input), mask };
    Typed { expr: Expr { node, data_type, nullable }, null, anchor: place.clone() }
}

/// Type of the masked value; none where the mask does not take the type.
fn masked_type(mask: &Mask, before: &DataType) -> Option<DataType> {
    if before.is_unknown() {
        return Some(DataType::Unknown);
    }
    let is_time = matches!(before, DataType::Date | DataType::Timestamp | DataType::TimestampLocal);
    let fits = match mask {
        Mask::Hmac { .. } | Mask::Tokenize { .. } | Mask::Encrypt { .. } => !before.is_nested(),
        Mask::Redact | Mask::Null => true,
        Mask::Partial { .. } | Mask::Truncate { .. } => *before == DataType::String,
        Mask::GeneraliseNumber { .. } => before.is_numeric(),
        Mask::GeneraliseTime { .. } => is_time,
    };
    let becomes_text = matches!(mask, Mask::Hmac { .. } | Mask::Tokenize { .. } | Mask::Encrypt { .. });
    fits.then(|| if becomes_text { DataType::String } else { before.clone() })
}

/// The one method that a mask states; the schema has made sure that there is one.
fn method(declared: &Declared) -> Option<Mask> {
    if let Some(hmac) = &declared.hmac {
        return Some(Mask::Hmac { key: hmac.key.clone() });
    }
    if let Some(tokenize) = &declared.tokenize {
        return Some(Mask::Tokenize { key: tokenize.key.clone() });
    }
    if let Some(partial) = &declared.partial {
        let keep_first = partial.keep_first.unwrap_or(0);
        return Some(Mask::Partial { keep_first, keep_last: partial.keep_last.unwrap_or(0) });
    }
    if let Some(truncate) = &declared.truncate {
        return Some(Mask::Truncate { length: truncate.length });
    }
    if let Some(generalise) = &declared.generalise {
        return generalisation(generalise);
    }
    if declared.nullify.is_some() {
        return Some(Mask::Null);
    }
    declared.redact.map(|_| Mask::Redact)
}

/// The mask that a generalisation states.
pub(crate) fn generalisation(declared: &Generalise) -> Option<Mask> {
    match (declared.width, declared.to) {
        (Some(width), _) => Some(Mask::GeneraliseNumber { width }),
        (None, Some(unit)) => Some(Mask::GeneraliseTime { unit: unit_of(unit) }),
        (None, None) => None,
    }
}

fn unit_of(unit: CalendarUnit) -> TimeUnit {
    match unit {
        CalendarUnit::Year => TimeUnit::Year,
        CalendarUnit::Quarter => TimeUnit::Quarter,
        CalendarUnit::Month => TimeUnit::Month,
        CalendarUnit::Week => TimeUnit::Week,
        CalendarUnit::Day => TimeUnit::Day,
        CalendarUnit::Hour => TimeUnit::Hour,
        CalendarUnit::Minute => TimeUnit::Minute,
    }
}
