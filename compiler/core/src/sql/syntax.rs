//! Takes a text; gives the syntax tree of an expression or of a query, or the one problem that stops reading.

use std::ops::Range;

use sqlparser::ast;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::dialect::Subset;
use super::marks::Marks;
use super::prepass::{check_depth, rewrite_lists, rewrite_windows};
use super::problem::Problem;
use super::token::{Tokens, lower_first, range, tokens};

/// How deep the parser goes; deeper texts are refused.
const RECURSION_MAX: usize = 80;

/// What the deepest text that is read needs of the stack, in a build without optimisation.
const STACK_BYTES: usize = 8 << 20;

/// Runs what descends into a text with room enough for the deepest one, whatever thread calls.
pub(super) fn with_room<T>(run: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(STACK_BYTES / 2, STACK_BYTES, run)
}

/// An expression as written.
pub(super) struct ParsedExpr {
    pub(super) tree: ast::Expr,
    pub(super) marks: Marks,
}

/// A query as written.
pub(super) struct ParsedTree {
    pub(super) tree: Box<ast::Query>,
    pub(super) marks: Marks,
    /// Comments of the form `/*+ ... */`.
    pub(super) hints: Vec<(Range<u32>, String)>,
}

/// Reads one expression.
pub(super) fn parse_expr(text: &str) -> Result<ParsedExpr, Problem> {
    let Tokens { list, .. } = tokens(text)?;
    let marks = Marks::new(&list);
    if list.is_empty() {
        return Err(Problem::syntax(0..0, "there is no expression here")
            .help("write an expression, such as `amount > 0`"));
    }
    if let Token::Word(word) = &list[0].token
        && matches!(word.keyword, Keyword::SELECT | Keyword::WITH)
    {
        let problem = Problem::syntax(range(list[0].span), "this is a query, and an expression stands here");
        return Err(problem.help("write the query under `sql` in a transform of its own"));
    }
    check_depth(&list)?;
    let tree = run(list, &marks, |parser| {
        let tree = parser.parse_expr()?;
        expect_end(parser)?;
        Ok(tree)
    })?;
    Ok(ParsedExpr { tree, marks })
}

/// Reads one query; a semicolon may end it.
pub(super) fn parse_query(text: &str) -> Result<ParsedTree, Problem> {
    let Tokens { list, hints } = tokens(text)?;
    let marks = Marks::new(&list);
    let Some(first) = list.first() else {
        let problem = Problem::syntax(0..0, "there is no query here");
        return Err(problem.help("write a query, such as `SELECT * FROM raw`"));
    };
    refuse_statement(first)?;
    refuse_second(&list)?;
    check_depth(&list)?;
    let list = rewrite_windows(list);
    let tree = run(list, &marks, |parser| {
        let tree = parser.parse_query()?;
        while parser.consume_token(&Token::SemiColon) {}
        expect_end(parser)?;
        Ok(tree)
    })?;
    Ok(ParsedTree { tree, marks, hints })
}

fn run<T>(
    mut list: Vec<TokenWithSpan>,
    marks: &Marks,
    read: impl FnOnce(&mut Parser) -> Result<T, ParserError>,
) -> Result<T, Problem> {
    rewrite_lists(&mut list);
    let dialect = Subset::new(list.len());
    let mut parser =
        Parser::new(&dialect).with_tokens_with_locations(list).with_recursion_limit(RECURSION_MAX);
    read(&mut parser).map_err(|error| problem(&error, marks, &parser))
}

fn expect_end(parser: &Parser) -> Result<(), ParserError> {
    let next = parser.peek_token();
    if next.token == Token::EOF { Ok(()) } else { parser.expected("end", next) }
}

/// Only queries are read: what begins otherwise is named for what it is.
fn refuse_statement(first: &TokenWithSpan) -> Result<(), Problem> {
    let Token::Word(word) = &first.token else { return Ok(()) };
    #[expect(clippy::wildcard_enum_match_arm, reason = "the keywords of all of SQL are not ours to list")]
    let what = match word.keyword {
        Keyword::INSERT | Keyword::UPDATE | Keyword::DELETE | Keyword::MERGE => {
            "a sink writes what a transform gives: name the transform in the sink's `from`"
        }
        Keyword::CREATE | Keyword::ALTER | Keyword::DROP | Keyword::TRUNCATE => {
            "declare it in YAML: `sources`, `transforms` and `sinks` make what they need"
        }
        Keyword::SET
        | Keyword::RESET
        | Keyword::USE
        | Keyword::EXPLAIN
        | Keyword::SHOW
        | Keyword::DESCRIBE => "leave it out: a transform is a query and has no session",
        _ => return Ok(()),
    };
    let message = format!("`{}` is a statement, and a transform is a query", word.value);
    Err(Problem::not_a_query(range(first.span), message).help(what))
}

/// A transform is one query; semicolons may only end it.
fn refuse_second(list: &[TokenWithSpan]) -> Result<(), Problem> {
    let Some(end) = list.iter().position(|token| token.token == Token::SemiColon) else { return Ok(()) };
    match list[end..].iter().find(|token| token.token != Token::SemiColon) {
        None => Ok(()),
        Some(second) => {
            let problem = Problem::several(
                range(second.span),
                "a second statement begins here, and a transform is one query",
            );
            Err(problem
                .help("make it a transform of its own, or a CTE: `WITH name AS (SELECT ...) SELECT ...`"))
        }
    }
}

/// The parser's error with its place: it ends in the line and column that tokens were given.
fn problem(error: &ParserError, marks: &Marks, parser: &Parser) -> Problem {
    let text = match error {
        ParserError::RecursionLimitExceeded => {
            return Problem::too_large(
                range(parser.get_current_token().span),
                "this SQL is nested too deeply here",
            );
        }
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => text,
    };
    let (message, start) = match text.rsplit_once(" at Line: 1, Column: ") {
        Some((message, column)) => (message, column.trim().parse::<u32>().ok().map(|column| column - 1)),
        None => (text.as_str(), None),
    };
    let mut place = start.map_or_else(|| marks.last(), |start| marks.token_at(start));
    if message.starts_with("Expected an expression, found:") {
        // A keyword in the place of a column: the parser has gone past it.
        place = marks.token_before(place.start);
    }
    Problem::syntax(place, in_our_words(message))
}

/// `Expected: a, found: b` in the style of our messages.
fn in_our_words(message: &str) -> String {
    let message = message.strip_prefix("sql parser error: ").unwrap_or(message);
    let expected = message.strip_prefix("Expected: ").or_else(|| message.strip_prefix("Expected "));
    let Some((expected, found)) = expected.and_then(|rest| rest.split_once(", found: ")) else {
        return lower_first(message.trim_end_matches('.'));
    };
    let expected = lower_first(expected);
    if found == "EOF" {
        format!("expected {expected}, and the text ends")
    } else {
        format!("expected {expected}, found `{found}`")
    }
}
