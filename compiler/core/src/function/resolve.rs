//! Takes a name and typed arguments; gives the function, its arguments with the casts they need, and the type of its value.
//!
//! Must not report: why nothing fits is a value, the caller knows the place.

use super::{
    CastRule, Constant, Fails, Function, FunctionId, Gives, Mismatch, Nulls, Resolved, Signature, Takes,
    cast, cast_rule, common_type, constant, refused, table,
};
use crate::data_type::{DataType, Slot};
use crate::expr::{Expr, ExprNode, Literal};

/// How many near names are offered.
const NEAR_MAX: usize = 3;

/// The function of this name or alias, in any letter case.
pub fn find(name: &str) -> Option<FunctionId> {
    let index = table().iter().position(|function| {
        function.name.eq_ignore_ascii_case(name)
            || function.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
    })?;
    u16::try_from(index).ok().map(FunctionId)
}

/// Finds the function that a call means.
///
/// Operators are called by their sign or words in lower case: `+`, `is null`, `like`; a unary minus is `-` with one argument.
/// Keywords that stand for arguments, such as the unit of `extract`, are passed as constant text.
///
/// # Errors
/// Why no function takes the call.
pub fn resolve(name: &str, args: &[Expr]) -> Result<Resolved, Mismatch> {
    let Some(id) = find(name) else { return Err(unknown(name)) };
    let function = super::get(id);
    let of_length: Vec<&Signature> =
        function.signatures.iter().filter(|signature| signature.takes_count(args.len())).collect();
    if of_length.is_empty() {
        return Err(Mismatch::Count { name: function.name, got: args.len(), takes: counts(function) });
    }
    if args.iter().any(|arg| arg.data_type.is_unknown()) {
        return Ok(poisoned(id, &of_length, args));
    }
    let mut problem = None;
    for signature in &of_length {
        match fit(signature, args) {
            Fit::Whole(args, data_type) => {
                if let Some((argument, problem)) = constant::check_together(function.name, &args) {
                    return Err(Mismatch::Constant { name: function.name, argument, problem });
                }
                return Ok(typed(id, function, signature, args, data_type));
            }
            Fit::Constant(argument, text) => problem = problem.or(Some((argument, text))),
            Fit::No => {}
        }
    }
    if let Some((argument, problem)) = problem {
        return Err(Mismatch::Constant { name: function.name, argument, problem });
    }
    Err(Mismatch::Types {
        name: function.name,
        got: args.iter().map(|arg| arg.data_type.clone()).collect(),
        takes: of_length.iter().map(|signature| signature.in_words(function.name)).collect(),
    })
}

fn unknown(name: &str) -> Mismatch {
    if let Some(refused) = refused::LIST.iter().find(|refused| refused.name.eq_ignore_ascii_case(name)) {
        return Mismatch::Refused { name: refused.name, reason: refused.reason, instead: refused.instead };
    }
    Mismatch::Unknown { name: name.to_owned(), near: refused::near(name, NEAR_MAX) }
}

/// A call of which an argument already has a diagnostic: it must not cause another.
fn poisoned(id: FunctionId, signatures: &[&Signature], args: &[Expr]) -> Resolved {
    let mut fixed = signatures.iter().map(|signature| match signature.gives {
        Gives::Is(data_type) => Some(data_type),
        Gives::Shared | Gives::Same(_) | Gives::Rule(..) => None,
    });
    let first = fixed.next().flatten();
    let data_type = match first {
        Some(data_type) if fixed.all(|other| other == first) => data_type.clone(),
        _ => DataType::Unknown,
    };
    Resolved { id, args: args.to_vec(), data_type, nullable: false, can_fail: None }
}

/// How well arguments fit a signature.
enum Fit {
    /// They do: as they are passed, and the type of the value.
    Whole(Vec<Expr>, DataType),
    /// They would, but the one with this index is not the constant it must be.
    Constant(usize, String),
    /// They do not.
    No,
}

fn fit(signature: &Signature, args: &[Expr]) -> Fit {
    let Some(shared) = shared_type(signature, args) else { return Fit::No };
    let element = match args.first().map(|arg| &arg.data_type) {
        Some(DataType::List(slot) | DataType::Map(slot)) => slot.data_type.clone(),
        _ => DataType::Null,
    };
    let mut passed = Vec::with_capacity(args.len());
    let mut problem = None;
    for (index, arg) in args.iter().enumerate() {
        let Some(takes) = signature.takes_at(index) else { return Fit::No };
        match pass(takes, arg, &shared, &element) {
            Passed::As(arg) => passed.push(arg),
            Passed::NoConstant(text) => problem = problem.or(Some((index, text))),
            Passed::No => return Fit::No,
        }
    }
    if let Some((index, text)) = problem {
        return Fit::Constant(index, text);
    }
    let data_type = match signature.gives {
        Gives::Is(data_type) => Some(data_type.clone()),
        Gives::Shared => Some(shared),
        Gives::Same(index) => passed.get(index).map(|arg| arg.data_type.clone()),
        Gives::Rule(_, rule) => rule(&passed),
    };
    data_type.map_or(Fit::No, |data_type| Fit::Whole(passed, data_type))
}

/// The common type of the arguments at shared places; `null` if there are none.
fn shared_type(signature: &Signature, args: &[Expr]) -> Option<DataType> {
    let mut types = Vec::new();
    let mut ordered = false;
    for (index, arg) in args.iter().enumerate() {
        match signature.takes_at(index) {
            Some(Takes::Shared) => types.push(arg.data_type.clone()),
            Some(Takes::Ordered) => {
                ordered = true;
                types.push(arg.data_type.clone());
            }
            _ => {}
        }
    }
    let shared = common_type(&types)?;
    (!(ordered && (shared.is_nested() || shared == DataType::Interval))).then_some(shared)
}

/// What becomes of one argument at its place.
enum Passed {
    As(Expr),
    NoConstant(String),
    No,
}

fn pass(takes: Takes, arg: &Expr, shared: &DataType, element: &DataType) -> Passed {
    let is_null = arg.data_type == DataType::Null;
    let as_it_is = |fits: bool| if fits { Passed::As(arg.clone()) } else { Passed::No };
    match takes {
        Takes::Type(data_type) => widen(arg, data_type),
        Takes::Shared | Takes::Ordered => widen(arg, shared),
        Takes::Element if *element == DataType::Null => as_it_is(true),
        Takes::Element => widen(arg, element),
        Takes::Any => as_it_is(true),
        Takes::Constant(constant) => pass_constant(constant, arg),
        Takes::Exact => match cast::digits(&arg.data_type) {
            Some((whole, scale)) => widen(arg, &DataType::Decimal { precision: whole + scale, scale }),
            None if is_null => widen(arg, &DataType::Decimal { precision: 1, scale: 0 }),
            None => Passed::No,
        },
        Takes::Number if is_null => widen(arg, &DataType::Int32),
        Takes::Integer if is_null => widen(arg, &DataType::Int32),
        Takes::Float if is_null => widen(arg, &DataType::Float64),
        Takes::Instant | Takes::Calendar | Takes::Clock if is_null => widen(arg, &DataType::Timestamp),
        Takes::Integer => as_it_is(matches!(arg.data_type, DataType::Int32 | DataType::Int64)),
        Takes::Number => as_it_is(arg.data_type.is_numeric()),
        Takes::Float => as_it_is(matches!(arg.data_type, DataType::Float32 | DataType::Float64)),
        Takes::Instant => as_it_is(matches!(arg.data_type, DataType::Timestamp | DataType::TimestampLocal)),
        Takes::Calendar => {
            as_it_is(matches!(arg.data_type, DataType::Date | DataType::Timestamp | DataType::TimestampLocal))
        }
        Takes::Clock => {
            as_it_is(matches!(arg.data_type, DataType::Time | DataType::Timestamp | DataType::TimestampLocal))
        }
        Takes::List => as_it_is(is_null || matches!(arg.data_type, DataType::List(_))),
        Takes::ListOf(_) if is_null => as_it_is(true),
        Takes::ListOf(data_type) => pass_list(data_type, arg),
        Takes::Map => as_it_is(is_null || matches!(arg.data_type, DataType::Map(_))),
    }
}

/// A list whose elements have this type, or are all null.
fn pass_list(of: &DataType, arg: &Expr) -> Passed {
    let DataType::List(slot) = &arg.data_type else { return Passed::No };
    if slot.data_type != *of && slot.data_type != DataType::Null {
        return Passed::No;
    }
    let slot = Slot { data_type: of.clone(), nullable: slot.nullable };
    Passed::As(cast_to(arg, &DataType::List(Box::new(slot))))
}

fn pass_constant(constant: Constant, arg: &Expr) -> Passed {
    match constant::check(constant, arg) {
        Some(Ok(())) => Passed::As(arg.clone()),
        Some(Err(problem)) => Passed::NoConstant(problem),
        None => Passed::No,
    }
}

/// The argument as a type that it widens to without loss.
fn widen(arg: &Expr, to: &DataType) -> Passed {
    match common_type(&[arg.data_type.clone(), to.clone()]) {
        Some(common) if common == *to => Passed::As(cast_to(arg, to)),
        _ => Passed::No,
    }
}

/// The expression as another type: itself, a constant of that type, or a cast. The types must allow it.
pub fn cast_to(expr: &Expr, to: &DataType) -> Expr {
    if expr.data_type == *to {
        return expr.clone();
    }
    if let ExprNode::Literal(literal) = &expr.node
        && let Some(literal) = literal_as(literal, &expr.data_type, to)
    {
        return Expr { node: ExprNode::Literal(literal), data_type: to.clone(), nullable: expr.nullable };
    }
    let can_fail = matches!(cast_rule(&expr.data_type, to), CastRule::CanFail(_));
    Expr {
        node: ExprNode::Cast(Box::new(expr.clone())),
        data_type: to.clone(),
        nullable: expr.nullable || can_fail,
    }
}

/// A constant as one of another type, where that is exact; otherwise it stays a cast.
fn literal_as(literal: &Literal, from: &DataType, to: &DataType) -> Option<Literal> {
    match (literal, from, to) {
        (Literal::Null, ..) => Some(Literal::Null),
        (Literal::Int(value), DataType::Int32, DataType::Int64) => Some(Literal::Int(*value)),
        (Literal::Int(value), _, DataType::Decimal { precision, scale }) => {
            scaled(i128::from(*value), *scale, *precision)
        }
        (Literal::Int(value), _, DataType::Float64) if value.unsigned_abs() <= 1 << 53 => {
            Some(Literal::Float((*value as f64).to_bits()))
        }
        (
            Literal::Decimal(value),
            DataType::Decimal { scale: s, .. },
            DataType::Decimal { precision, scale },
        ) if scale >= s => scaled(*value, scale - s, *precision),
        (Literal::Decimal(value), DataType::Decimal { scale, .. }, DataType::Float64) => {
            format!("{value}e-{scale}").parse::<f64>().ok().map(|value| Literal::Float(value.to_bits()))
        }
        (Literal::Float(bits), DataType::Float32, DataType::Float64) => Some(Literal::Float(*bits)),
        _ => None,
    }
}

fn scaled(value: i128, by: u8, precision: u8) -> Option<Literal> {
    let value = value.checked_mul(10_i128.checked_pow(u32::from(by))?)?;
    (value.unsigned_abs() < 10_u128.pow(u32::from(precision))).then_some(Literal::Decimal(value))
}

fn typed(
    id: FunctionId,
    function: &Function,
    signature: &Signature,
    args: Vec<Expr>,
    data_type: DataType,
) -> Resolved {
    let can_fail = match signature.fails {
        Fails::Never => None,
        Fails::Can(reason) => Some(reason),
        Fails::Unless { reason, proof, .. } => (!proof(&args)).then_some(reason),
    };
    let from_args = match function.nulls {
        Nulls::Any | Nulls::Skipped => args.iter().any(|arg| arg.nullable),
        Nulls::Values => args.iter().skip(1).any(|arg| arg.nullable),
        Nulls::All => args.iter().all(|arg| arg.nullable),
        Nulls::Never | Nulls::Counted => false,
        Nulls::Own(_) => true,
        Nulls::Only(index) => args.get(index).is_some_and(|arg| arg.nullable),
    };
    Resolved { id, args, data_type, nullable: from_args || can_fail.is_some(), can_fail }
}

impl Signature {
    fn takes_count(&self, count: usize) -> bool {
        count == self.takes.len() || (count > self.takes.len() && self.more.is_some())
    }

    fn takes_at(&self, index: usize) -> Option<Takes> {
        self.takes.get(index).copied().or(self.more)
    }

    /// The signature as a person reads it: `repeat(string, int32)`.
    pub fn in_words(&self, name: &str) -> String {
        let mut takes: Vec<String> = self.takes.iter().map(ToString::to_string).collect();
        if let Some(more) = self.more {
            takes.push(format!("{more} ..."));
        }
        format!("{name}({})", takes.join(", "))
    }
}

impl std::fmt::Display for Takes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Takes::Type(data_type) => return data_type.fmt(f),
            Takes::Constant(constant) => return constant.fmt(f),
            Takes::Any => "any",
            Takes::Shared => "T",
            Takes::Ordered => "T with an order",
            Takes::Integer => "integer",
            Takes::Number => "number",
            Takes::Exact => "integer or decimal",
            Takes::Float => "float",
            Takes::Instant => "timestamp or timestamp_local",
            Takes::Calendar => "date, timestamp or timestamp_local",
            Takes::Clock => "time, timestamp or timestamp_local",
            Takes::List => "list",
            Takes::ListOf(data_type) => return write!(f, "list<{data_type}>"),
            Takes::Map => "map",
            Takes::Element => "its element",
        })
    }
}

/// How many arguments a function takes, in words: `1`, `2 or 3`, `1 or more`.
fn counts(function: &Function) -> String {
    let mut lengths: Vec<usize> = function.signatures.iter().map(|signature| signature.takes.len()).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let mut words: Vec<String> = lengths.iter().map(ToString::to_string).collect();
    if function.signatures.iter().any(|signature| signature.more.is_some()) {
        words.truncate(1);
        words.push("more".to_owned());
    }
    words.join(" or ")
}
