//! The columns of made-up records.

use headwater_crds::generate::{Generate, GeneratedField};

use crate::data_type::DataType;
use crate::diagnostic::Anchor;
use crate::flow::Flow;
use crate::stream::{Column, EventTime, Guarantee, StreamKind, StreamType};
use crate::type_name::declared_type;

/// An append stream of the fields; the first field of time is its event time.
pub(super) fn columns(flow: &mut Flow, generate: &Generate, anchor: &Anchor) -> StreamType {
    let mut columns = Vec::new();
    let mut event_time = None;
    for (index, field) in generate.fields.iter().enumerate() {
        let own = own_type(field);
        let at = anchor.at("fields").at(index);
        let data_type = match &field.data_type {
            None => own,
            Some(name) => declared_type(name, &at.at("type")).unwrap_or_else(|diagnostic| {
                flow.diagnostics.push(*diagnostic);
                DataType::Unknown
            }),
        };
        if let Some(time) = &field.time
            && event_time.is_none()
            && field.nulls.is_none()
            && data_type == DataType::Timestamp
        {
            let max_delay_ms = time.jitter.as_ref().and_then(|jitter| jitter.ms()).unwrap_or(0);
            event_time = Some(EventTime { column: index, max_delay_ms, idle_after_ms: None });
        }
        columns.push(Column { name: field.field.to_string(), data_type, nullable: field.nulls.is_some() });
    }
    StreamType {
        columns: columns.into(),
        kind: StreamKind::Append,
        key: Vec::new(),
        event_time,
        guarantee: Guarantee::ExactlyOnce,
    }
}

/// The type that a way of making values gives by itself.
fn own_type(field: &GeneratedField) -> DataType {
    if let Some(sequence) = &field.sequence {
        return if sequence.prefix.is_some() { DataType::String } else { DataType::Int64 };
    }
    if let Some(range) = &field.number {
        let scale = range.min.split_once('.').map_or(0, |(_, digits)| digits.len()).min(18);
        return DataType::Decimal { precision: 38, scale: u8::try_from(scale).unwrap_or(18) };
    }
    if field.integer.is_some() {
        DataType::Int64
    } else if field.time.is_some() {
        DataType::Timestamp
    } else if field.uuid.is_some() {
        DataType::Uuid
    } else if field.bool.is_some() {
        DataType::Bool
    } else {
        DataType::String
    }
}
