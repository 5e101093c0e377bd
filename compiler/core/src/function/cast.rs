//! Takes types; gives whether one becomes the other, and the one that several widen to.
//!
//! Implicit widening is `int32` to `int64` to `decimal` to `float64`, `float32` to `float64`, `date` to `timestamp_local`;
//! text never becomes a number or a time unless a cast says so.

use crate::data_type::{DataType, Member, Slot};

/// What becomes of a value that is cast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CastRule {
    /// The types are equal.
    Same,
    /// Every value has one of the other type.
    Never,
    /// Some values have none and become null: the reason.
    CanFail(&'static str),
    /// The cast means nothing: the reason.
    Refused(&'static str),
}

/// Most digits of a decimal.
pub(super) const PRECISION_MAX: u8 = 38;

/// What becomes of a value of `from` that is cast to `to`.
pub fn cast_rule(from: &DataType, to: &DataType) -> CastRule {
    if from == to || from.is_unknown() || to.is_unknown() {
        return CastRule::Same;
    }
    match (from, to) {
        (DataType::Null, _) => CastRule::Never,
        (_, DataType::Null) => CastRule::Refused("`null` is no type of values"),
        (DataType::Interval, _) | (_, DataType::Interval) => {
            CastRule::Refused("an interval is only added to or taken from a time")
        }
        (DataType::String, _) => from_string(to),
        (_, DataType::String) => to_string(from),
        (DataType::Bool, DataType::Int32 | DataType::Int64)
        | (DataType::Int32 | DataType::Int64, DataType::Bool) => CastRule::Never,
        (DataType::Bytes, DataType::Uuid) => CastRule::CanFail("bytes that are not 16 become null"),
        (DataType::Uuid, DataType::Bytes) => CastRule::Never,
        (DataType::List(from), DataType::List(to)) | (DataType::Map(from), DataType::Map(to)) => {
            within(from, to)
        }
        (DataType::Struct(from), DataType::Struct(to)) => members(from, to),
        _ if from.is_numeric() && to.is_numeric() => number(from, to),
        _ => time(from, to),
    }
}

fn from_string(to: &DataType) -> CastRule {
    if *to == DataType::Bytes {
        CastRule::Never
    } else if to.is_nested() {
        CastRule::Refused("text becomes a nested value only through the step `parse`")
    } else {
        CastRule::CanFail("text that is no such value becomes null")
    }
}

fn to_string(from: &DataType) -> CastRule {
    if *from == DataType::Bytes {
        CastRule::CanFail("bytes that are not UTF-8 become null")
    } else if from.is_nested() {
        CastRule::Refused(
            "a nested value has no text of its own: take a member or element, or use `json_string`",
        )
    } else {
        CastRule::Never
    }
}

/// Integer digits that a type needs at most, and digits after the point; none for floats.
pub(super) fn digits(data_type: &DataType) -> Option<(u8, u8)> {
    if let Some((precision, scale)) = decimal(data_type) {
        return Some((precision - scale, scale));
    }
    let whole = [(DataType::Int32, 10), (DataType::Int64, 19)].into_iter().find(|(int, _)| int == data_type);
    whole.map(|(_, whole)| (whole, 0))
}

/// Precision and scale of a decimal.
pub(super) fn decimal(data_type: &DataType) -> Option<(u8, u8)> {
    if let DataType::Decimal { precision, scale } = data_type { Some((*precision, *scale)) } else { None }
}

fn number(from: &DataType, to: &DataType) -> CastRule {
    const RANGE: CastRule = CastRule::CanFail("a number out of the type's range becomes null");
    match (from, to) {
        (DataType::Float32, DataType::Float64) | (DataType::Int32, DataType::Int64) => CastRule::Never,
        (DataType::Float64, DataType::Float32) | (DataType::Int64, DataType::Int32) => RANGE,
        (_, DataType::Float32 | DataType::Float64) => CastRule::Never,
        (_, DataType::Int32) if digits(from).is_some_and(|(whole, _)| whole <= 9) => CastRule::Never,
        (_, DataType::Int64) if digits(from).is_some_and(|(whole, _)| whole <= 18) => CastRule::Never,
        (_, DataType::Decimal { precision, scale }) => {
            // Rounding may carry into one more digit before the point.
            let fits = digits(from)
                .is_some_and(|(whole, after)| whole + u8::from(after > *scale) <= precision - scale);
            if fits { CastRule::Never } else { RANGE }
        }
        _ => RANGE,
    }
}

fn time(from: &DataType, to: &DataType) -> CastRule {
    match (from, to) {
        (DataType::Date, DataType::Timestamp | DataType::TimestampLocal)
        | (DataType::Timestamp | DataType::TimestampLocal, DataType::Date | DataType::Time) => {
            CastRule::Never
        }
        (DataType::Timestamp, DataType::TimestampLocal) | (DataType::TimestampLocal, DataType::Timestamp) => {
            CastRule::Refused("the zone must be said: use `time AT TIME ZONE 'Europe/Berlin'`")
        }
        (_, DataType::Timestamp) if from.is_numeric() => CastRule::Refused(
            "the unit must be said: use `to_timestamp_ltz(number, 0)` for seconds, 3 for milliseconds",
        ),
        (DataType::Timestamp, _) if to.is_numeric() => {
            CastRule::Refused("the unit must be said: use `unix_timestamp(time)` for seconds")
        }
        _ => CastRule::Refused("values of the one have no meaning as the other"),
    }
}

fn within(from: &Slot, to: &Slot) -> CastRule {
    if from.nullable && !to.nullable {
        return CastRule::Refused("what may be null inside cannot become what may not");
    }
    match cast_rule(&from.data_type, &to.data_type) {
        CastRule::Same | CastRule::Never => CastRule::Never,
        CastRule::CanFail(_) => CastRule::Refused("what is inside can fail: take it out and cast it there"),
        CastRule::Refused(reason) => CastRule::Refused(reason),
    }
}

fn members(from: &[Member], to: &[Member]) -> CastRule {
    if from.len() != to.len() || from.iter().zip(to).any(|(from, to)| from.name != to.name) {
        return CastRule::Refused("the members have other names");
    }
    let mut rules = from.iter().zip(to).map(|(from, to)| {
        let slot = |member: &Member| Slot { data_type: member.data_type.clone(), nullable: member.nullable };
        within(&slot(from), &slot(to))
    });
    rules.find(|rule| matches!(rule, CastRule::Refused(_))).unwrap_or(CastRule::Never)
}

/// The type that all of these widen to without loss, if there is one; for `CASE`, `COALESCE` and unions.
///
/// No types, or only those of `NULL`, give `null`; an unknown type gives `unknown`.
pub fn common_type(types: &[DataType]) -> Option<DataType> {
    if types.iter().any(DataType::is_unknown) {
        return Some(DataType::Unknown);
    }
    types.iter().try_fold(DataType::Null, |common, next| wider(&common, next))
}

fn wider(a: &DataType, b: &DataType) -> Option<DataType> {
    match (a, b) {
        _ if a == b => Some(a.clone()),
        (DataType::Null, other) | (other, DataType::Null) => Some(other.clone()),
        (DataType::Int32, DataType::Int64) | (DataType::Int64, DataType::Int32) => Some(DataType::Int64),
        (DataType::Float32 | DataType::Float64, other) | (other, DataType::Float32 | DataType::Float64)
            if other.is_numeric() =>
        {
            Some(DataType::Float64)
        }
        (DataType::Date, DataType::TimestampLocal) | (DataType::TimestampLocal, DataType::Date) => {
            Some(DataType::TimestampLocal)
        }
        (DataType::List(a), DataType::List(b)) => Some(DataType::List(Box::new(wider_slot(a, b)?))),
        (DataType::Map(a), DataType::Map(b)) => Some(DataType::Map(Box::new(wider_slot(a, b)?))),
        (DataType::Struct(a), DataType::Struct(b)) => wider_struct(a, b),
        _ => {
            let ((whole_a, scale_a), (whole_b, scale_b)) = (digits(a)?, digits(b)?);
            let (whole, scale) = (whole_a.max(whole_b), scale_a.max(scale_b));
            (whole + scale <= PRECISION_MAX).then_some(DataType::Decimal { precision: whole + scale, scale })
        }
    }
}

fn wider_slot(a: &Slot, b: &Slot) -> Option<Slot> {
    Some(Slot { data_type: wider(&a.data_type, &b.data_type)?, nullable: a.nullable || b.nullable })
}

fn wider_struct(a: &[Member], b: &[Member]) -> Option<DataType> {
    if a.len() != b.len() {
        return None;
    }
    let members: Option<Vec<Member>> = a
        .iter()
        .zip(b)
        .map(|(a, b)| {
            let data_type = (a.name == b.name).then(|| wider(&a.data_type, &b.data_type))??;
            Some(Member { name: a.name.clone(), data_type, nullable: a.nullable || b.nullable })
        })
        .collect();
    members.map(DataType::Struct)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn of(precision: u8, scale: u8) -> DataType {
        DataType::Decimal { precision, scale }
    }

    fn check(from: &DataType, to: &DataType, expected: &str) {
        let found = match cast_rule(from, to) {
            CastRule::Same => "same",
            CastRule::Never => "never",
            CastRule::CanFail(_) => "can",
            CastRule::Refused(_) => "refused",
        };
        assert_eq!(found, expected, "{from} to {to}");
    }

    #[test]
    fn a_cast_fails_only_where_a_value_can_have_none() {
        check(&DataType::Int32, &DataType::Int32, "same");
        check(&DataType::Unknown, &DataType::Date, "same");
        check(&DataType::Null, &DataType::Date, "never");
        check(&DataType::Int32, &DataType::Int64, "never");
        check(&DataType::Int64, &DataType::Int32, "can");
        check(&DataType::Int64, &of(19, 0), "never");
        check(&DataType::Int64, &of(19, 2), "can");
        check(&of(12, 2), &of(12, 1), "never");
        check(&of(12, 2), &of(11, 1), "can");
        check(&of(9, 0), &DataType::Int32, "never");
        check(&of(10, 0), &DataType::Int32, "can");
        check(&DataType::Float64, &DataType::Float32, "can");
        check(&of(38, 2), &DataType::Float64, "never");
        check(&DataType::String, &DataType::Int32, "can");
        check(&DataType::String, &DataType::Bytes, "never");
        check(&DataType::Bytes, &DataType::String, "can");
        check(&DataType::Timestamp, &DataType::String, "never");
        check(&DataType::Timestamp, &DataType::TimestampLocal, "refused");
        check(&DataType::Int64, &DataType::Timestamp, "refused");
        check(&DataType::Bool, &DataType::Date, "refused");
        check(&DataType::Timestamp, &DataType::Date, "never");
    }

    fn check_common(types: &[DataType], expected: Option<DataType>) {
        assert_eq!(common_type(types), expected, "{types:?}");
        let backwards: Vec<DataType> = types.iter().rev().cloned().collect();
        assert_eq!(common_type(&backwards), expected, "{backwards:?}");
    }

    #[test]
    fn types_widen_without_loss_or_not_at_all() {
        check_common(&[], Some(DataType::Null));
        check_common(&[DataType::Null, DataType::Date], Some(DataType::Date));
        check_common(&[DataType::Int32, DataType::Int64], Some(DataType::Int64));
        check_common(&[DataType::Int32, of(5, 2)], Some(of(12, 2)));
        check_common(&[of(12, 2), of(10, 4)], Some(of(14, 4)));
        check_common(&[of(38, 0), of(38, 20)], None);
        check_common(&[DataType::Int64, DataType::Float32], Some(DataType::Float64));
        check_common(&[DataType::String, DataType::Int32], None);
        check_common(&[DataType::Timestamp, DataType::TimestampLocal], None);
        check_common(&[DataType::Timestamp, DataType::Unknown], Some(DataType::Unknown));
        let list = |data_type, nullable| DataType::List(Box::new(Slot { data_type, nullable }));
        check_common(
            &[list(DataType::Int32, false), list(DataType::Int64, true)],
            Some(list(DataType::Int64, true)),
        );
    }
}
