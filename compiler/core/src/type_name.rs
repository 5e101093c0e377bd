//! Takes the name of a type as written in a contract or in SQL; gives the type.
//!
//! A contract writes one name for each type; SQL may also use Flink's names for them.

use crate::code::contract::UNKNOWN_TYPE;
use crate::data_type::{DataType, Member, Slot};
use crate::diagnostic::{Anchor, Diagnostic};
use crate::near::near;

/// The names of the scalar types, as written in contracts.
const SCALARS: [(&str, DataType); 13] = [
    ("string", DataType::String),
    ("bool", DataType::Bool),
    ("int32", DataType::Int32),
    ("int64", DataType::Int64),
    ("float32", DataType::Float32),
    ("float64", DataType::Float64),
    ("date", DataType::Date),
    ("time", DataType::Time),
    ("timestamp", DataType::Timestamp),
    ("timestamp_local", DataType::TimestampLocal),
    ("bytes", DataType::Bytes),
    ("uuid", DataType::Uuid),
    ("interval", DataType::Interval),
];

/// What other systems call them: name there, name here.
const OTHERS: [(&str, &str); 30] = [
    ("varchar", "string"),
    ("char", "string"),
    ("character varying", "string"),
    ("character", "string"),
    ("text", "string"),
    ("boolean", "bool"),
    ("int", "int32"),
    ("integer", "int32"),
    ("int4", "int32"),
    ("tinyint", "int32"),
    ("smallint", "int32"),
    ("bigint", "int64"),
    ("int8", "int64"),
    ("long", "int64"),
    ("float", "float32"),
    ("real", "float32"),
    ("float4", "float32"),
    ("double", "float64"),
    ("double precision", "float64"),
    ("float8", "float64"),
    ("number", "decimal"),
    ("numeric", "decimal"),
    ("dec", "decimal"),
    ("datetime", "timestamp_local"),
    ("timestamp without time zone", "timestamp_local"),
    ("timestamp_ltz", "timestamp"),
    ("timestamptz", "timestamp"),
    ("timestamp with local time zone", "timestamp"),
    ("timestamp with time zone", "timestamp"),
    ("varbinary", "bytes"),
];

/// Names of other systems that SQL takes too: Flink's, where they mean the same values.
const FLINK: [&str; 15] = [
    "varchar",
    "boolean",
    "int",
    "integer",
    "bigint",
    "float",
    "double",
    "double precision",
    "numeric",
    "dec",
    "timestamp_ltz",
    "timestamp with local time zone",
    "timestamp without time zone",
    "timestamptz",
    "text",
];

/// Deepest nesting of one type inside another.
const DEPTH_MAX: usize = 32;

/// A type as a contract names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TypeName {
    /// All of a type.
    Whole(DataType),
    /// `list`: the type of its elements is stated by path, `items[]`.
    List,
    /// `map`: the type of its values is stated by path, `tags{}`.
    Map,
    /// `struct`: its members are stated by path, `address.city`.
    Struct,
}

/// Why a name is no type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TypeProblem {
    /// What is wrong, as a diagnostic's message.
    pub(crate) message: String,
    /// How to mend it.
    pub(crate) help: Option<String>,
    /// What to write instead of the whole name, if that is known.
    pub(crate) replacement: Option<String>,
}

impl TypeProblem {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        TypeProblem { message: message.into(), help: Some(help.into()), replacement: None }
    }
}

/// Reads the type of a contract's field or of a step; what is inside of a nested type is not yet known.
///
/// # Errors
/// If the text is no type, as the diagnostic that says so.
pub(crate) fn declared_type(text: &str, place: &Anchor) -> Result<DataType, Box<Diagnostic>> {
    let slot = || Box::new(Slot { data_type: DataType::Unknown, nullable: true });
    match parse_type(text) {
        Ok(TypeName::Whole(data_type)) => Ok(data_type),
        Ok(TypeName::List) => Ok(DataType::List(slot())),
        Ok(TypeName::Map) => Ok(DataType::Map(slot())),
        Ok(TypeName::Struct) => Ok(DataType::Struct(Vec::new())),
        Err(problem) => {
            let mut diagnostic = Diagnostic::error(&UNKNOWN_TYPE, place, problem.message);
            diagnostic.help = problem.help;
            if let Some(replacement) = problem.replacement {
                diagnostic = diagnostic.fix(place, replacement);
            }
            Err(Box::new(diagnostic))
        }
    }
}

/// Reads the type of a contract's field.
///
/// # Errors
/// If the text is no type: what is wrong and what was probably meant.
pub(crate) fn parse_type(text: &str) -> Result<TypeName, TypeProblem> {
    match text {
        "list" => Ok(TypeName::List),
        "map" => Ok(TypeName::Map),
        "struct" => Ok(TypeName::Struct),
        _ => Reader { rest: text, whole: text, is_sql: false }.whole().map(TypeName::Whole),
    }
}

/// Reads the type of a cast, in any letter case and also by Flink's names.
///
/// # Errors
/// If the text is no type: what is wrong and what was probably meant.
pub(crate) fn parse_sql_type(text: &str) -> Result<DataType, TypeProblem> {
    Reader { rest: text, whole: text, is_sql: true }.whole()
}

struct Reader<'a> {
    rest: &'a str,
    whole: &'a str,
    is_sql: bool,
}

impl<'a> Reader<'a> {
    fn whole(mut self) -> Result<DataType, TypeProblem> {
        let data_type = self.data_type(0)?;
        if self.rest.trim().is_empty() { Ok(data_type) } else { Err(self.broken()) }
    }

    fn data_type(&mut self, depth: usize) -> Result<DataType, TypeProblem> {
        if depth > DEPTH_MAX {
            return Err(TypeProblem::new(
                "this type is nested too deeply",
                format!("at most {DEPTH_MAX} levels are read"),
            ));
        }
        let name = self.name();
        let nested = self.rest.starts_with('<');
        match name.as_str() {
            "list" | "array" if nested => self.slot(depth).map(DataType::List),
            "map" if nested => self.map(depth),
            "struct" | "row" if nested => self.members(depth),
            "list" | "map" | "struct" | "array" | "row" => Err(TypeProblem::new(
                format!("the type `{name}` does not say what is in it"),
                "say it: `list<string>`, `map<int64>`, `struct<a string, b int64>`",
            )),
            _ => {
                let numbers = self.numbers()?;
                self.scalar(&name, numbers.as_deref())
            }
        }
    }

    /// Words up to a bracket or comma, in lower case where SQL is read.
    fn name(&mut self) -> String {
        let text = self.rest.trim_start();
        let end = text.find(['(', '<', '>', ',']).unwrap_or(text.len());
        let name = text[..end].trim_end();
        self.rest = &text[end..];
        if self.is_sql { name.to_lowercase() } else { name.to_owned() }
    }

    /// `(12,2)` behind a name.
    fn numbers(&mut self) -> Result<Option<Vec<u32>>, TypeProblem> {
        let Some(inside) = self.rest.strip_prefix('(') else { return Ok(None) };
        let (inside, after) = inside.split_once(')').ok_or_else(|| self.broken())?;
        // `TIMESTAMP(6) WITHOUT TIME ZONE` has words behind its number.
        self.rest = after;
        let numbers: Option<Vec<u32>> = inside.split(',').map(|number| number.trim().parse().ok()).collect();
        numbers.map(Some).ok_or_else(|| self.broken())
    }

    fn scalar(&mut self, name: &str, numbers: Option<&[u32]>) -> Result<DataType, TypeProblem> {
        let mut name = name.to_owned();
        if self.is_sql && name == "timestamp" && numbers.is_some() && !self.rest.trim().is_empty() {
            let tail = self.name();
            name = format!("timestamp {tail}");
        }
        let own = match OTHERS.iter().find(|(other, _)| *other == name) {
            Some((other, own)) if self.is_sql && FLINK.contains(other) => own,
            _ => name.as_str(),
        };
        if own == "decimal" {
            return decimal(numbers);
        }
        match (SCALARS.iter().find(|(scalar, _)| *scalar == own), numbers) {
            (Some((_, DataType::Interval)), _) | (None, _) => Err(self.unknown(&name)),
            (Some((_, data_type)), None) => Ok(data_type.clone()),
            (
                Some((_, data_type @ (DataType::Timestamp | DataType::TimestampLocal | DataType::Time))),
                Some([6]),
            ) => Ok(data_type.clone()),
            (Some((scalar, DataType::Timestamp | DataType::TimestampLocal | DataType::Time)), Some(_)) => {
                Err(TypeProblem::new(
                    format!("a `{scalar}` always has microseconds"),
                    format!("write `{scalar}`"),
                ))
            }
            (Some((scalar, _)), Some(_)) => Err(TypeProblem::new(
                format!("the type `{scalar}` has no length"),
                format!("write `{scalar}`; a contract can limit the length with a `check`"),
            )),
        }
    }

    fn unknown(&self, name: &str) -> TypeProblem {
        let mut problem =
            TypeProblem { message: format!("there is no type `{name}`"), help: None, replacement: None };
        let folded = name.to_lowercase();
        let scalars = || SCALARS.iter().map(|(scalar, _)| *scalar).filter(|scalar| *scalar != "interval");
        let meant = OTHERS
            .iter()
            .find(|(other, _)| *other == folded)
            .map(|(_, own)| *own)
            .or_else(|| scalars().find(|scalar| *scalar == folded))
            .or_else(|| near(name, scalars().chain(["decimal", "list", "map", "struct"])));
        match meant {
            Some("decimal") => problem.help = Some("did you mean `decimal(12,2)`?".to_owned()),
            Some(meant) => {
                problem.help = Some(format!("did you mean `{meant}`?"));
                problem.replacement = (self.whole.trim() == name).then(|| meant.to_owned());
            }
            None => {
                let names: Vec<&str> = scalars().collect();
                problem.help =
                    Some(format!("the types are {}, decimal(p,s), list, map and struct", names.join(", ")));
            }
        }
        problem
    }

    fn slot(&mut self, depth: usize) -> Result<Box<Slot>, TypeProblem> {
        self.expect('<')?;
        let data_type = self.data_type(depth + 1)?;
        self.expect('>')?;
        Ok(Box::new(Slot { data_type, nullable: true }))
    }

    /// `map<int64>`; the key is text and may be said: `map<string, int64>`.
    fn map(&mut self, depth: usize) -> Result<DataType, TypeProblem> {
        self.expect('<')?;
        let mut data_type = self.data_type(depth + 1)?;
        if self.rest.trim_start().starts_with(',') {
            if data_type != DataType::String {
                return Err(TypeProblem::new(
                    format!("the keys of a map are text, not `{data_type}`"),
                    "write `map<string, ...>`",
                ));
            }
            self.expect(',')?;
            data_type = self.data_type(depth + 1)?;
        }
        self.expect('>')?;
        Ok(DataType::Map(Box::new(Slot { data_type, nullable: true })))
    }

    fn members(&mut self, depth: usize) -> Result<DataType, TypeProblem> {
        self.expect('<')?;
        let mut members: Vec<Member> = Vec::new();
        loop {
            let text = self.rest.trim_start();
            let end = text.find([' ', ',', '>']).unwrap_or(text.len());
            let name = text[..end].trim_matches('`').to_owned();
            self.rest = &text[end..];
            if name.is_empty() || members.iter().any(|member| member.name == name) {
                return Err(self.broken());
            }
            members.push(Member { name, data_type: self.data_type(depth + 1)?, nullable: true });
            if !self.rest.trim_start().starts_with(',') {
                break;
            }
            self.expect(',')?;
        }
        self.expect('>')?;
        Ok(DataType::Struct(members))
    }

    fn expect(&mut self, sign: char) -> Result<(), TypeProblem> {
        self.rest = self.rest.trim_start().strip_prefix(sign).ok_or_else(|| self.broken())?;
        Ok(())
    }

    fn broken(&self) -> TypeProblem {
        TypeProblem::new(
            format!("`{}` is not written as a type", self.whole),
            "write a type as `string`, `decimal(12,2)`, `list<string>`, `map<int64>` or `struct<a string, b int64>`",
        )
    }
}

fn decimal(numbers: Option<&[u32]>) -> Result<DataType, TypeProblem> {
    let help = "write the digits in all and those after the point: `decimal(12,2)`";
    let (precision, scale) = match numbers {
        Some([precision, scale]) => (*precision, *scale),
        Some([precision]) => (*precision, 0),
        Some(_) | None => {
            return Err(TypeProblem::new("a decimal does not say how many digits it has", help));
        }
    };
    let fits = (1..=38).contains(&precision) && scale <= precision;
    match (u8::try_from(precision), u8::try_from(scale)) {
        (Ok(precision), Ok(scale)) if fits => Ok(DataType::Decimal { precision, scale }),
        _ => Err(TypeProblem::new(
            format!(
                "there is no `decimal({precision},{scale})`: it has 1 to 38 digits, not more of them after the point"
            ),
            help,
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(result: Result<DataType, TypeProblem>) -> String {
        match result {
            Ok(data_type) => data_type.to_string(),
            Err(problem) => format!("{}; {}", problem.message, problem.help.unwrap_or_default()),
        }
    }

    fn check(text: &str, expected: &str) {
        let found = match parse_type(text) {
            Ok(TypeName::Whole(data_type)) => data_type.to_string(),
            Ok(parts) => format!("{parts:?}"),
            Err(problem) => shown(Err(problem)),
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn contracts_have_one_name_for_each_type() {
        check("string", "string");
        check("decimal(12,2)", "decimal(12,2)");
        check("decimal( 12 , 2 )", "decimal(12,2)");
        check("decimal(5)", "decimal(5,0)");
        check("list", "List");
        check("list<string>", "list<string>");
        check("map<decimal(4,1)>", "map<decimal(4,1)>");
        check("map<string, int64>", "map<int64>");
        check("struct<a string, b list<int64>>", "struct<a string, b list<int64>>");
        check("varchar", "there is no type `varchar`; did you mean `string`?");
        check("String", "there is no type `String`; did you mean `string`?");
        check("int", "there is no type `int`; did you mean `int32`?");
        check("timestmp", "there is no type `timestmp`; did you mean `timestamp`?");
        check("numeric", "there is no type `numeric`; did you mean `decimal(12,2)`?");
        check(
            "decimal",
            "a decimal does not say how many digits it has; write the digits in all and those after the point: `decimal(12,2)`",
        );
        check(
            "decimal(40,2)",
            "there is no `decimal(40,2)`: it has 1 to 38 digits, not more of them after the point; write the digits in all and those after the point: `decimal(12,2)`",
        );
        check(
            "list<",
            "there is no type ``; the types are string, bool, int32, int64, float32, float64, date, time, timestamp, timestamp_local, bytes, uuid, decimal(p,s), list, map and struct",
        );
        check(
            "list<string",
            "`list<string` is not written as a type; write a type as `string`, `decimal(12,2)`, `list<string>`, `map<int64>` or `struct<a string, b int64>`",
        );
        check(
            "string(10)",
            "the type `string` has no length; write `string`; a contract can limit the length with a `check`",
        );
        check("map<int64, string>", "the keys of a map are text, not `int64`; write `map<string, ...>`");
        check(&"list<".repeat(1_000), "this type is nested too deeply; at most 32 levels are read");
    }

    #[test]
    fn sql_also_takes_names_of_flink() {
        let check = |text: &str, expected: &str| assert_eq!(shown(parse_sql_type(text)), expected, "{text}");
        check("BIGINT", "int64");
        check("VARCHAR", "string");
        check("DOUBLE PRECISION", "float64");
        check("TIMESTAMP", "timestamp");
        check("TIMESTAMP(6) WITHOUT TIME ZONE", "timestamp_local");
        check("TIMESTAMP WITHOUT TIME ZONE", "timestamp_local");
        check("TIMESTAMP_LTZ(3)", "a `timestamp` always has microseconds; write `timestamp`");
        check("ARRAY<INT>", "list<int32>");
        check("SMALLINT", "there is no type `smallint`; did you mean `int32`?");
        check(
            "VARCHAR(10)",
            "the type `string` has no length; write `string`; a contract can limit the length with a `check`",
        );
    }
}
