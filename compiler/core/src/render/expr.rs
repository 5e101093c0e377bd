//! Expressions as text, for people: near to SQL, with the names of the columns read.

use crate::expr::{Expr, ExprNode, Literal, Mask};
use crate::function::{self, Family};

/// The expression over columns of these names.
pub(crate) fn expr(expr: &Expr, names: &[&str]) -> String {
    match &expr.node {
        ExprNode::Poison => "?".to_owned(),
        ExprNode::Column(index) => {
            names.get(*index).map_or_else(|| format!("${index}"), |name| (*name).to_owned())
        }
        ExprNode::Literal(value) => literal(value, expr),
        ExprNode::Call { function, args } => call(function::get(*function), args, names),
        ExprNode::Cast(input) => format!("cast({} as {})", self::expr(input, names), expr.data_type),
        ExprNode::Case { branches, otherwise } => {
            let mut text = "case".to_owned();
            for (condition, value) in branches {
                text += &format!(" when {} then {}", self::expr(condition, names), self::expr(value, names));
            }
            if let Some(value) = otherwise {
                text += &format!(" else {}", self::expr(value, names));
            }
            text + " end"
        }
        ExprNode::Member { input, index } => {
            let crate::data_type::DataType::Struct(members) = &input.data_type else {
                return format!("{}.{index}", self::expr(input, names));
            };
            let member = members.get(*index).map(|member| member.name.clone());
            format!("{}.{}", self::expr(input, names), member.unwrap_or_else(|| index.to_string()))
        }
        ExprNode::Every { input, condition } => {
            let elements = crate::flow::element_columns(&input.data_type).unwrap_or_default();
            let inside: Vec<&str> = elements.iter().map(|column| column.name.as_str()).collect();
            format!("every({}, {})", self::expr(input, names), self::expr(condition, &inside))
        }
        ExprNode::ParseJson(input) => {
            format!("parse_json({} as {})", self::expr(input, names), expr.data_type)
        }
        ExprNode::Mask { input, mask } => format!("{}({})", mask_words(mask), self::expr(input, names)),
    }
}

fn call(function: &function::Function, args: &[Expr], names: &[&str]) -> String {
    let texts: Vec<String> = args.iter().map(|arg| expr(arg, names)).collect();
    let is_word = function.name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let is_infix = matches!(function.family, Family::Comparison | Family::Logic) || !is_word;
    match (texts.as_slice(), is_infix) {
        ([a, b], true) => format!("({a} {} {b})", function.name),
        ([a], true) if function.name.starts_with("is ") => format!("({a} {})", function.name),
        ([a], true) => format!("({} {a})", function.name),
        (texts, _) => format!("{}({})", function.name, texts.join(", ")),
    }
}

fn literal(value: &Literal, expr: &Expr) -> String {
    match value {
        Literal::Null => "null".to_owned(),
        Literal::Bool(value) => value.to_string(),
        Literal::Int(value) => value.to_string(),
        Literal::Float(bits) => f64::from_bits(*bits).to_string(),
        Literal::Decimal(digits) => decimal(*digits, &expr.data_type),
        Literal::String(text) => format!("'{}'", text.replace('\'', "''")),
        Literal::Bytes(bytes) => {
            format!("x'{}'", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
        }
        Literal::Date(days) => format!("date({days})"),
        Literal::Time(us) => format!("time({us} us)"),
        Literal::Timestamp(us) => format!("{}({us} us)", expr.data_type),
        Literal::Interval { months, ms } => format!("interval({months} months, {ms} ms)"),
    }
}

/// Digits with their point.
fn decimal(digits: i128, data_type: &crate::data_type::DataType) -> String {
    let crate::data_type::DataType::Decimal { scale, .. } = data_type else { return digits.to_string() };
    let scale = usize::from(*scale);
    if scale == 0 {
        return digits.to_string();
    }
    let text = format!("{:0>width$}", digits.unsigned_abs(), width = scale + 1);
    let (whole, part) = text.split_at(text.len() - scale);
    format!("{}{whole}.{part}", if digits < 0 { "-" } else { "" })
}

fn mask_words(mask: &Mask) -> String {
    match mask {
        Mask::Hmac { key } => format!("hmac[{key}]"),
        Mask::Redact => "redact".to_owned(),
        Mask::Null => "null".to_owned(),
        Mask::Partial { keep_first, keep_last } => format!("partial[{keep_first}, {keep_last}]"),
        Mask::Truncate { length } => format!("truncate[{length}]"),
        Mask::GeneraliseNumber { width } => format!("generalise[{width}]"),
        Mask::GeneraliseTime { unit } => format!("generalise[{unit:?}]").to_lowercase(),
        Mask::Tokenize { key } => format!("tokenize[{key}]"),
        Mask::Encrypt { key, subject: None } => format!("encrypt[{key}]"),
        Mask::Encrypt { key, subject: Some(_) } => format!("encrypt[{key}, per subject]"),
    }
}
