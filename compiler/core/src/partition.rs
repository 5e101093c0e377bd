//! How the rows of a table are spread over partitions: the text of a declaration as a value.
//!
//! Source: Apache Iceberg table specification, "Partition Transforms".

use crate::data_type::DataType;

/// One field of a table's partitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// Name of the column.
    pub column: String,
    /// What is made of its values.
    pub transform: Transform,
}

/// How a partition value is computed from a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transform {
    /// The value itself.
    Identity,
    /// Hash of the value modulo this count.
    Bucket(u32),
    /// The value cut to this width.
    Truncate(u32),
    /// Years since 1970.
    Year,
    /// Months since 1970-01.
    Month,
    /// Days since 1970-01-01.
    Day,
    /// Hours since 1970-01-01T00.
    Hour,
    /// Always null.
    Void,
}

/// Why a text is no partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotAPartition {
    /// There is no transform of this name.
    UnknownTransform(String),
    /// The transform of this name needs a number from 1 to 2,147,483,647 before the column.
    NeedsNumber(String),
    /// The transform of this name takes a column only.
    TakesNoNumber(String),
}

/// Names of the transforms that are written as calls.
pub const NAMES: [&str; 8] = ["identity", "bucket", "truncate", "year", "month", "day", "hour", "void"];

/// `day(ordered_at)`, `bucket(16, order_id)` or a column alone.
///
/// # Errors
/// [`NotAPartition`] when the transform does not exist or its number is missing or wrong.
pub fn partition(text: &str) -> Result<Partition, NotAPartition> {
    let Some((name, rest)) = text.split_once('(') else {
        return Ok(Partition { column: text.trim().to_owned(), transform: Transform::Identity });
    };
    let name = name.trim();
    let inside = rest.trim().trim_end_matches(')');
    let (number, column) = inside.rsplit_once(',').map_or((None, inside), |(n, column)| (Some(n), column));
    let plain = match name {
        "identity" => Some(Transform::Identity),
        "year" => Some(Transform::Year),
        "month" => Some(Transform::Month),
        "day" => Some(Transform::Day),
        "hour" => Some(Transform::Hour),
        "void" => Some(Transform::Void),
        "bucket" | "truncate" => None,
        _ => return Err(NotAPartition::UnknownTransform(name.to_owned())),
    };
    let transform = match (plain, number) {
        (Some(plain), None) => plain,
        (Some(_), Some(_)) => return Err(NotAPartition::TakesNoNumber(name.to_owned())),
        (None, number) => {
            let number = number.and_then(|number| number.trim().parse::<i32>().ok());
            let number = number.and_then(|number| u32::try_from(number).ok()).filter(|number| *number > 0);
            let number = number.ok_or_else(|| NotAPartition::NeedsNumber(name.to_owned()))?;
            if name == "bucket" { Transform::Bucket(number) } else { Transform::Truncate(number) }
        }
    };
    Ok(Partition { column: column.trim().to_owned(), transform })
}

impl Transform {
    /// Whether there is such a transform of values of the type.
    pub fn takes(self, data_type: &DataType) -> bool {
        use DataType::{
            Bytes, Date, Decimal, Int32, Int64, List, Map, String, Struct, Time, Timestamp, TimestampLocal,
            Uuid,
        };
        match self {
            Transform::Identity | Transform::Void => !matches!(data_type, List(_) | Map(_) | Struct(_)),
            Transform::Bucket(_) => matches!(
                data_type,
                Int32
                    | Int64
                    | Decimal { .. }
                    | Date
                    | Time
                    | Timestamp
                    | TimestampLocal
                    | String
                    | Uuid
                    | Bytes
            ),
            Transform::Truncate(_) => matches!(data_type, Int32 | Int64 | Decimal { .. } | String | Bytes),
            Transform::Year | Transform::Month | Transform::Day => {
                matches!(data_type, Date | Timestamp | TimestampLocal)
            }
            Transform::Hour => matches!(data_type, Timestamp | TimestampLocal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{NotAPartition, Partition, Transform, partition};

    fn check(text: &str, expected: Result<(&str, Transform), NotAPartition>) {
        let expected = expected.map(|(column, transform)| Partition { column: column.to_owned(), transform });
        assert_eq!(partition(text), expected, "{text}");
    }

    #[test]
    fn a_partition_is_read_or_refused() {
        check("region", Ok(("region", Transform::Identity)));
        check("day(ordered_at)", Ok(("ordered_at", Transform::Day)));
        check("bucket(16, order_id)", Ok(("order_id", Transform::Bucket(16))));
        check("truncate( 4 ,zip )", Ok(("zip", Transform::Truncate(4))));
        check("days(ordered_at)", Err(NotAPartition::UnknownTransform("days".to_owned())));
        check("bucket(order_id)", Err(NotAPartition::NeedsNumber("bucket".to_owned())));
        check("bucket(4294967296, order_id)", Err(NotAPartition::NeedsNumber("bucket".to_owned())));
        check("truncate(0, zip)", Err(NotAPartition::NeedsNumber("truncate".to_owned())));
        check("day(2, ordered_at)", Err(NotAPartition::TakesNoNumber("day".to_owned())));
    }
}
