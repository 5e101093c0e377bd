//! The dialect that the parser reads: Flink's, as far as the subset goes.
//!
//! Must not decide what is supported: where refusing after parsing gives a better message, the dialect lets it parse.

use std::cell::Cell;

use sqlparser::ast::{DataType, Expr, Ident, ObjectName, TypedString};
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
        let is_type = LITERAL_TYPES.iter().any(|name| name.eq_ignore_ascii_case(&word.value));
        if before_text && is_type {
            return Some(typed_text(parser));
        }
        if word.keyword == Keyword::NoKeyword && !before_text && second.token != Token::LParen {
            return Some(Ok(Expr::Identifier(identifier(&parser.next_token())?)));
        }
        None
    }
}

/// `INTERVAL '1' HOUR`; nothing but text may follow the word, so that the parser never looks far.
fn interval(parser: &mut Parser, before_text: bool) -> Result<Expr, ParserError> {
    parser.next_token();
    if !before_text {
        return parser.expected("text such as '1' after INTERVAL", parser.peek_token());
    }
    parser.parse_interval()
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
