//! The dialect that the parser reads: Flink's, as far as the subset goes.
//!
//! Must not decide what is supported: where refusing after parsing gives a better message, the dialect lets it parse.

use std::cell::Cell;

use sqlparser::ast::{
    DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, Ident,
    ObjectName, TrimWhereField, TypedString, UnaryOperator,
};
use sqlparser::dialect::Dialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan};

/// Types whose literals are written `NAME '...'` and that the parser does not know.
const LITERAL_TYPES: [&str; 2] = ["timestamp_local", "timestamp_ltz"];

/// Flink's SQL, as far as the subset goes.
#[derive(Debug)]
pub(super) struct Subset {
    /// How many expressions may still be started: the parser backtracks, and must not do so for ever.
    starts_left: Cell<usize>,
}

impl Subset {
    /// For a text of so many tokens.
    pub(super) fn new(tokens: usize) -> Self {
        Subset { starts_left: Cell::new(tokens.saturating_mul(20).saturating_add(2_000)) }
    }
}

impl Dialect for Subset {
    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        ch == '`'
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        ch.is_alphabetic() || ch == '_'
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        ch.is_alphanumeric() || ch == '_'
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        true
    }

    fn supports_window_clause_named_window_reference(&self) -> bool {
        true
    }

    fn supports_table_versioning(&self) -> bool {
        true
    }

    fn supports_match_recognize(&self) -> bool {
        true
    }

    fn supports_group_by_expr(&self) -> bool {
        true
    }

    fn supports_select_wildcard_except(&self) -> bool {
        true
    }

    /// Words that begin an expression of their own are never tried as names: each try would double the work.
    fn is_reserved_for_identifier(&self, keyword: Keyword) -> bool {
        matches!(
            keyword,
            Keyword::ARRAY
                | Keyword::CASE
                | Keyword::CAST
                | Keyword::CEIL
                | Keyword::CONVERT
                | Keyword::EXISTS
                | Keyword::EXTRACT
                | Keyword::FLOOR
                | Keyword::INTERVAL
                | Keyword::NOT
                | Keyword::NULL
                | Keyword::OVERLAY
                | Keyword::POSITION
                | Keyword::SAFE_CAST
                | Keyword::STRUCT
                | Keyword::SUBSTR
                | Keyword::SUBSTRING
                | Keyword::TRIM
                | Keyword::TRY_CAST
        )
    }

    fn parse_prefix(&self, parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
        let Some(left) = self.starts_left.get().checked_sub(1) else {
            // The one error that no alternative of the parser swallows.
            return Some(Err(ParserError::RecursionLimitExceeded));
        };
        self.starts_left.set(left);
        let [first, second] = parser.peek_tokens_ref::<2>();
        let Token::Word(word) = &first.token else { return None };
        let before_text = matches!(second.token, Token::SingleQuotedString(_));
        if word.keyword == Keyword::INTERVAL && word.quote_style.is_none() {
            return Some(interval(parser, before_text));
        }
        if word.quote_style.is_none() && second.token == Token::LParen {
            if word.keyword == Keyword::TRIM {
                return Some(trim(parser));
            }
            if word.keyword == Keyword::OVERLAY {
                return Some(overlay(parser));
            }
        }
        let is_type = LITERAL_TYPES.iter().any(|name| name.eq_ignore_ascii_case(&word.value));
        if before_text && is_type {
            return Some(typed_text(parser));
        }
        if word.keyword == Keyword::NoKeyword && !before_text && second.token != Token::LParen {
            return Some(Ok(Expr::Identifier(identifier(&parser.next_token())?)));
        }
        None
    }

    fn parse_infix(
        &self,
        parser: &mut Parser,
        operand: &Expr,
        _precedence: u8,
    ) -> Option<Result<Expr, ParserError>> {
        is_json(parser, operand).map(Ok)
    }
}

/// `text IS JSON` as a call of the function of that name; none if something else follows.
fn is_json(parser: &mut Parser, operand: &Expr) -> Option<Expr> {
    let negated = if parser.parse_keywords(&[Keyword::IS, Keyword::JSON]) {
        false
    } else if parser.parse_keywords(&[Keyword::IS, Keyword::NOT, Keyword::JSON]) {
        true
    } else {
        return None;
    };
    let name =
        Ident { value: "is json".to_owned(), quote_style: None, span: parser.get_current_token().span };
    let arg = FunctionArg::Unnamed(FunctionArgExpr::Expr(operand.clone()));
    let list = FunctionArgumentList { duplicate_treatment: None, args: vec![arg], clauses: Vec::new() };
    let call = Expr::Function(Function {
        name: ObjectName::from(vec![name]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(list),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    });
    Some(if negated { Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(call) } } else { call })
}

/// `INTERVAL '1' HOUR`; nothing but text may follow the word, so that the parser never looks far.
fn interval(parser: &mut Parser, before_text: bool) -> Result<Expr, ParserError> {
    parser.next_token();
    if !before_text {
        return parser.expected("text such as '1' after INTERVAL", parser.peek_token());
    }
    parser.parse_interval()
}

/// `TRIM(text)`, `TRIM(text, characters)`, `TRIM(LEADING characters FROM text)`; the parser reads the second for some databases only.
fn trim(parser: &mut Parser) -> Result<Expr, ParserError> {
    parser.next_token();
    parser.expect_token(&Token::LParen)?;
    let trim_where = match parser.parse_one_of_keywords(&[Keyword::LEADING, Keyword::TRAILING, Keyword::BOTH])
    {
        Some(Keyword::LEADING) => Some(TrimWhereField::Leading),
        Some(Keyword::TRAILING) => Some(TrimWhereField::Trailing),
        Some(_) => Some(TrimWhereField::Both),
        None => None,
    };
    let first = Box::new(parser.parse_expr()?);
    let (mut expr, mut trim_what, mut trim_characters) = (first, None, None);
    if parser.parse_keyword(Keyword::FROM) {
        trim_what = Some(std::mem::replace(&mut expr, Box::new(parser.parse_expr()?)));
    } else if trim_where.is_none() && parser.consume_token(&Token::Comma) {
        trim_characters = Some(vec![parser.parse_expr()?]);
    }
    parser.expect_token(&Token::RParen)?;
    Ok(Expr::Trim { expr, trim_where, trim_what, trim_characters })
}

/// `OVERLAY(text PLACING replacement FROM start FOR length)`, or with commas.
fn overlay(parser: &mut Parser) -> Result<Expr, ParserError> {
    parser.next_token();
    parser.expect_token(&Token::LParen)?;
    let expr = Box::new(parser.parse_expr()?);
    let with_commas = parser.consume_token(&Token::Comma);
    let expect = |parser: &mut Parser, keyword| {
        if with_commas {
            parser.expect_token(&Token::Comma).map(|_| ())
        } else {
            parser.expect_keyword(keyword).map(|_| ())
        }
    };
    if !with_commas {
        parser.expect_keyword(Keyword::PLACING)?;
    }
    let overlay_what = Box::new(parser.parse_expr()?);
    expect(parser, Keyword::FROM)?;
    let overlay_from = Box::new(parser.parse_expr()?);
    let goes_on =
        if with_commas { parser.consume_token(&Token::Comma) } else { parser.parse_keyword(Keyword::FOR) };
    let overlay_for = if goes_on { Some(Box::new(parser.parse_expr()?)) } else { None };
    parser.expect_token(&Token::RParen)?;
    Ok(Expr::Overlay { expr, overlay_what, overlay_from, overlay_for })
}

fn typed_text(parser: &mut Parser) -> Result<Expr, ParserError> {
    let name = parser.next_token();
    let value = parser.parse_value()?;
    let parts = identifier(&name).into_iter().collect::<Vec<_>>();
    let data_type = DataType::Custom(ObjectName::from(parts), Vec::new());
    Ok(Expr::TypedString(TypedString { data_type, value, uses_odbc_syntax: false }))
}

fn identifier(token: &TokenWithSpan) -> Option<Ident> {
    let Token::Word(word) = &token.token else { return None };
    Some(Ident { value: word.value.clone(), quote_style: word.quote_style, span: token.span })
}
