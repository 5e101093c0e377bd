//! Operators and the forms of SQL that are written with words: each becomes a call of the function table.

use sqlparser::ast::{self, BinaryOperator, Spanned, UnaryOperator};
use sqlparser::tokenizer::Span;

use super::expr::Binder;
use super::token::range;
use super::value::Value;
use crate::data_type::DataType;
use crate::expr::{Expr, ExprNode, Literal};

impl Binder<'_> {
    /// A chain of binary operators. It leans to the left, however long it is, so it is walked and not descended.
    pub(super) fn chain(&mut self, tree: &ast::Expr) -> Value {
        let mut links = Vec::new();
        let mut head = tree;
        while let ast::Expr::BinaryOp { left, op, right } = head {
            links.push((op, right));
            head = left;
        }
        if let Some((op, _)) = links.iter().find(|(op, _)| binary_name(op).is_none()) {
            let whole = self.marks.closed(range(tree.span()));
            return self.refuse_operator(&op.to_string(), whole);
        }
        let mut value = self.bind(head);
        for (op, right) in links.into_iter().rev() {
            let mut right = self.bind(right);
            if matches!(op, BinaryOperator::And | BinaryOperator::Or) {
                value = self.as_condition(value);
                right = self.as_condition(right);
            }
            let whole = value.range.start..right.range.end;
            value = self.apply(binary_name(op).unwrap_or_default(), vec![value, right], whole);
        }
        value
    }

    pub(super) fn unary(&mut self, op: UnaryOperator, operand: &ast::Expr) -> Value {
        #[expect(clippy::wildcard_enum_match_arm, reason = "signs of other databases are refused as one")]
        match op {
            UnaryOperator::Plus => self.bind(operand),
            UnaryOperator::Minus => self.negative(operand),
            UnaryOperator::Not => {
                let value = self.condition(operand);
                let whole = self.marks.with_word_before(value.range.clone());
                self.apply("not", vec![value], whole)
            }
            _ => {
                let whole = self.marks.with_word_before(range(operand.span()));
                self.refuse_operator(&op.to_string(), whole)
            }
        }
    }

    /// A minus before a constant belongs to the constant.
    fn negative(&mut self, operand: &ast::Expr) -> Value {
        if let ast::Expr::Value(value) = operand
            && let ast::Value::Number(text, false) = &value.value
        {
            let whole = self.marks.with_word_before(range(value.span));
            return self.number(&format!("-{text}"), whole);
        }
        if let ast::Expr::Interval(interval) = operand {
            return self.interval(interval, true);
        }
        let value = self.bind(operand);
        let whole = self.marks.with_word_before(value.range.clone());
        self.apply("-", vec![value], whole)
    }

    /// Tests and calls that are written with words.
    #[expect(clippy::wildcard_enum_match_arm, reason = "what the subset leaves out is refused in one place")]
    pub(super) fn operator_words(&mut self, tree: &ast::Expr) -> Value {
        match tree {
            ast::Expr::IsNull(inner) => self.test("is null", inner, 2),
            ast::Expr::IsNotNull(inner) => self.test("is not null", inner, 3),
            ast::Expr::IsTrue(inner) => self.test("is true", inner, 2),
            ast::Expr::IsNotTrue(inner) => self.test("is not true", inner, 3),
            ast::Expr::IsFalse(inner) => self.test("is false", inner, 2),
            ast::Expr::IsNotFalse(inner) => self.test("is not false", inner, 3),
            ast::Expr::IsUnknown(inner) => self.test("is null", inner, 2),
            ast::Expr::IsNotUnknown(inner) => self.test("is not null", inner, 3),
            ast::Expr::IsDistinctFrom(a, b) => self.call_of("is distinct from", &[a, b]),
            ast::Expr::IsNotDistinctFrom(a, b) => self.call_of("is not distinct from", &[a, b]),
            ast::Expr::Between { expr, negated, low, high } => self.between(expr, *negated, low, high),
            ast::Expr::InList { expr, list, negated } => {
                let operands: Vec<&ast::Expr> = std::iter::once(&**expr).chain(list).collect();
                let value = self.call_of("in", &operands);
                self.negate(value, *negated)
            }
            ast::Expr::Like { negated, any: false, expr, pattern, escape_char } => {
                self.like(*negated, (expr, pattern), escape_char.as_ref())
            }
            ast::Expr::Array(array) if array.named => {
                let operands: Vec<&ast::Expr> = array.elem.iter().collect();
                self.call_of("array", &operands)
            }
            _ => self.written_calls(tree),
        }
    }

    /// Functions whose arguments are told apart by words, such as `EXTRACT(HOUR FROM t)`.
    #[expect(clippy::wildcard_enum_match_arm, reason = "what the subset leaves out is refused in one place")]
    fn written_calls(&mut self, tree: &ast::Expr) -> Value {
        let whole = self.marks.around(range(tree.span()));
        match tree {
            ast::Expr::Extract { field, expr, .. } => {
                let unit = self.word(&field.to_string(), &whole);
                let value = self.bind(expr);
                self.apply("extract", vec![unit, value], whole)
            }
            ast::Expr::Ceil { expr, field } => self.rounded("ceil", expr, field, whole),
            ast::Expr::Floor { expr, field } => self.rounded("floor", expr, field, whole),
            ast::Expr::Position { expr, r#in } => self.written("position", &[expr, r#in], whole),
            ast::Expr::Substring { expr, substring_from, substring_for, .. } => {
                let operands: Vec<&ast::Expr> = [Some(expr), substring_from.as_ref(), substring_for.as_ref()]
                    .into_iter()
                    .flatten()
                    .map(|operand| &**operand)
                    .collect();
                self.written("substring", &operands, whole)
            }
            ast::Expr::Trim { expr, trim_where, trim_what, trim_characters: None } => {
                let name = match trim_where {
                    Some(ast::TrimWhereField::Leading) => "ltrim",
                    Some(ast::TrimWhereField::Trailing) => "rtrim",
                    Some(ast::TrimWhereField::Both) | None => "trim",
                };
                let operands: Vec<&ast::Expr> =
                    std::iter::once(expr).chain(trim_what).map(|tree| &**tree).collect();
                self.written(name, &operands, whole)
            }
            ast::Expr::Trim {
                expr,
                trim_where: None,
                trim_what: None,
                trim_characters: Some(characters),
            } => {
                let operands: Vec<&ast::Expr> = std::iter::once(&**expr).chain(characters).collect();
                self.written("trim", &operands, whole)
            }
            ast::Expr::Overlay { expr, overlay_what, overlay_from, overlay_for } => {
                let operands: Vec<&ast::Expr> = [expr, overlay_what, overlay_from]
                    .into_iter()
                    .chain(overlay_for)
                    .map(|operand| &**operand)
                    .collect();
                self.written("overlay", &operands, whole)
            }
            ast::Expr::AtTimeZone { timestamp, time_zone } => {
                self.call_of("at_time_zone", &[timestamp, time_zone])
            }
            _ => self.unsupported(tree),
        }
    }

    /// `FLOOR(t TO DAY)`, or of a number.
    fn rounded(
        &mut self,
        name: &str,
        operand: &ast::Expr,
        field: &ast::CeilFloorKind,
        whole: std::ops::Range<u32>,
    ) -> Value {
        let value = self.bind(operand);
        match field {
            ast::CeilFloorKind::DateTimeField(ast::DateTimeField::NoDateTime) => {
                self.apply(name, vec![value], whole)
            }
            ast::CeilFloorKind::DateTimeField(field) => {
                let unit = self.word(&field.to_string(), &whole);
                self.apply(name, vec![value, unit], whole)
            }
            ast::CeilFloorKind::Scale(scale) => {
                let scale = self.literal(&scale.clone().with_span(Span::empty()));
                let scale = Value { range: whole.clone(), ..scale };
                self.apply(name, vec![value, scale], whole)
            }
        }
    }

    /// A keyword that stands for an argument.
    fn word(&self, word: &str, whole: &std::ops::Range<u32>) -> Value {
        Value::literal(Literal::String(word.to_lowercase()), DataType::String, whole.clone())
    }

    fn written(&mut self, name: &str, operands: &[&ast::Expr], whole: std::ops::Range<u32>) -> Value {
        let values = operands.iter().map(|operand| self.bind(operand)).collect();
        self.apply(name, values, whole)
    }

    /// A call whose place is that of its operands together.
    fn call_of(&mut self, name: &str, operands: &[&ast::Expr]) -> Value {
        let values: Vec<Value> = operands.iter().map(|operand| self.bind(operand)).collect();
        let start = values.iter().map(|value| value.range.start).min().unwrap_or_default();
        let end = values.iter().map(|value| value.range.end).max().unwrap_or_default();
        let whole = self.marks.closed(start..end);
        self.apply(name, values, whole)
    }

    fn test(&mut self, name: &str, operand: &ast::Expr, words: usize) -> Value {
        let value = self.bind(operand);
        let whole = self.marks.with_words_after(value.range.clone(), words);
        self.apply(name, vec![value], whole)
    }

    fn negate(&mut self, value: Value, negated: bool) -> Value {
        if !negated || value.is_unknown() {
            return value;
        }
        let whole = value.range.clone();
        self.apply("not", vec![value], whole)
    }

    /// `a BETWEEN b AND c` is `a >= b AND a <= c`.
    fn between(&mut self, operand: &ast::Expr, negated: bool, low: &ast::Expr, high: &ast::Expr) -> Value {
        let value = self.bind(operand);
        let (low, high) = (self.bind(low), self.bind(high));
        let whole = value.range.start..high.range.end;
        let above = self.apply(">=", vec![value.clone(), low], whole.clone());
        if above.is_unknown() && !value.is_unknown() {
            return above;
        }
        let below = self.apply("<=", vec![value, high], whole.clone());
        if below.is_unknown() {
            return below;
        }
        let both = self.apply("and", vec![above, below], whole);
        self.negate(both, negated)
    }

    fn like(
        &mut self,
        negated: bool,
        (operand, pattern): (&ast::Expr, &ast::Expr),
        escape: Option<&ast::Value>,
    ) -> Value {
        let mut values = vec![self.bind(operand), self.bind(pattern)];
        let whole = values[0].range.start..values[1].range.end;
        if let Some(ast::Value::SingleQuotedString(text)) = escape {
            values.push(Value::literal(Literal::String(text.clone()), DataType::String, whole.clone()));
        }
        let value = self.apply("like", values, whole);
        self.negate(value, negated)
    }
}

/// Name of a sign in the function table; none for signs of other databases.
#[expect(clippy::wildcard_enum_match_arm, reason = "signs of other databases are refused as one")]
fn binary_name(op: &BinaryOperator) -> Option<&'static str> {
    Some(match op {
        BinaryOperator::Plus => "+",
        BinaryOperator::Minus => "-",
        BinaryOperator::Multiply => "*",
        BinaryOperator::Divide => "/",
        BinaryOperator::Modulo => "%",
        BinaryOperator::StringConcat => "||",
        BinaryOperator::Eq => "=",
        BinaryOperator::NotEq => "<>",
        BinaryOperator::Lt => "<",
        BinaryOperator::LtEq => "<=",
        BinaryOperator::Gt => ">",
        BinaryOperator::GtEq => ">=",
        BinaryOperator::And => "and",
        BinaryOperator::Or => "or",
        _ => return None,
    })
}

/// The function that an expression calls, if it is a call.
pub(super) fn called(expr: &Expr) -> Option<(&'static str, &[Expr])> {
    let ExprNode::Call { function, args } = &expr.node else { return None };
    Some((crate::function::get(*function).name, args))
}
