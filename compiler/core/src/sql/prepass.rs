//! Takes tokens; gives them as the parser can read them.
//!
//! The parser knows no window functions over tables: `TUMBLE(TABLE t, ...)` loses its inner `TABLE`, and
//! `PARTITION BY` in it becomes a comma. Tokens keep their bytes, so spans stay right.
//! What is too deep is refused here, before anything recursive runs.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::problem::Problem;
use super::token::range;

/// Most operators and brackets above each other; far beyond what a person reads, far below what exhausts a stack.
const DEPTH_MAX: u32 = 300;
/// Most set operations in one text.
const SETS_MAX: u32 = 200;
/// Most parentheses directly in parentheses after `FROM`: the parser reads each twice.
const DOUBLED_MAX: u32 = 6;
/// Window functions over tables.
pub(super) const WINDOW_FUNCTIONS: [&str; 4] = ["TUMBLE", "HOP", "CUMULATE", "SESSION"];

/// Refuses what is too deep.
pub(super) fn check_depth(tokens: &[TokenWithSpan]) -> Result<(), Problem> {
    let mut frames: Vec<u32> = vec![0];
    let (mut depth, mut sets, mut doubled) = (0_u32, 0_u32, 0_u32);
    let mut in_from = false;
    for (index, token) in tokens.iter().enumerate() {
        let opens_again = index > 0 && tokens[index - 1].token == Token::LParen;
        match weight(&token.token) {
            Weight::Nothing => {}
            Weight::Reset => {
                depth -= std::mem::take(frames.last_mut().expect("the outermost frame is never closed"));
            }
            Weight::Set => sets += 1,
            Weight::Operator => {
                *frames.last_mut().expect("the outermost frame is never closed") += 1;
                depth += 1;
            }
            Weight::Open => {
                in_from = in_from && opens_again || follows_from(tokens, index);
                doubled += u32::from(in_from && opens_again);
                *frames.last_mut().expect("the outermost frame is never closed") += 1;
                depth += 1;
                frames.push(0);
            }
            Weight::Close => {
                if frames.len() > 1 {
                    depth -= frames.pop().unwrap_or_default();
                }
            }
        }
        if depth > DEPTH_MAX || sets > SETS_MAX || doubled > DOUBLED_MAX {
            return Err(Problem::too_large(range(token.span), "this SQL is nested too deeply here"));
        }
    }
    Ok(())
}

/// What a token does to the depth of the tree.
pub(super) enum Weight {
    Nothing,
    Reset,
    Set,
    Operator,
    Open,
    Close,
}

pub(super) fn weight(token: &Token) -> Weight {
    #[expect(clippy::wildcard_enum_match_arm, reason = "every sign that is not named is an operator")]
    match token {
        Token::Comma | Token::SemiColon => Weight::Reset,
        Token::LParen | Token::LBracket | Token::LBrace => Weight::Open,
        Token::RParen | Token::RBracket | Token::RBrace => Weight::Close,
        Token::Word(word) if word.quote_style.is_some() => Weight::Nothing,
        Token::Word(word) => keyword_weight(word.keyword),
        Token::Number(..) | Token::SingleQuotedString(_) | Token::DoubleQuotedString(_) | Token::EOF => {
            Weight::Nothing
        }
        _ => Weight::Operator,
    }
}

fn keyword_weight(keyword: Keyword) -> Weight {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the keywords of all of SQL are not ours to list")]
    match keyword {
        Keyword::UNION | Keyword::EXCEPT | Keyword::INTERSECT | Keyword::MINUS => Weight::Set,
        Keyword::AND
        | Keyword::OR
        | Keyword::NOT
        | Keyword::IS
        | Keyword::IN
        | Keyword::BETWEEN
        | Keyword::LIKE
        | Keyword::ILIKE
        | Keyword::SIMILAR
        | Keyword::RLIKE
        | Keyword::REGEXP
        | Keyword::COLLATE
        | Keyword::AT
        | Keyword::XOR
        | Keyword::DIV
        | Keyword::CASE
        | Keyword::OVERLAPS => Weight::Operator,
        Keyword::SELECT
        | Keyword::FROM
        | Keyword::WHERE
        | Keyword::ON
        | Keyword::JOIN
        | Keyword::GROUP
        | Keyword::HAVING
        | Keyword::WHEN
        | Keyword::THEN
        | Keyword::ELSE => Weight::Reset,
        _ => Weight::Nothing,
    }
}

/// Whether a table may begin at this token.
fn follows_from(tokens: &[TokenWithSpan], index: usize) -> bool {
    let Some(Token::Word(word)) = index.checked_sub(1).map(|before| &tokens[before].token) else {
        return false;
    };
    matches!(word.keyword, Keyword::FROM | Keyword::JOIN | Keyword::LATERAL | Keyword::APPLY)
}

/// Writes our `list<...>` as the parser knows it, `ARRAY<...>`.
pub(super) fn rewrite_lists(tokens: &mut [TokenWithSpan]) {
    for index in 1..tokens.len() {
        let is_list = matches!(&tokens[index - 1].token, Token::Word(word) if word.value.eq_ignore_ascii_case("list") && word.quote_style.is_none());
        if is_list && tokens[index].token == Token::Lt {
            tokens[index - 1].token = Token::make_keyword("ARRAY");
        }
    }
}

/// Rewrites the window functions over tables.
pub(super) fn rewrite_windows(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut kept: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    // For each open bracket, whether it holds the arguments of a window function.
    let mut inside: Vec<bool> = Vec::new();
    for token in tokens {
        #[expect(clippy::wildcard_enum_match_arm, reason = "all other tokens stay as they are")]
        match &token.token {
            Token::LParen => inside.push(is_window_function(kept.last())),
            Token::RParen => {
                inside.pop();
            }
            Token::Word(word) if word.quote_style.is_none() && inside.last() == Some(&true) => {
                let begins_argument = kept.last().is_some_and(|before| {
                    matches!(before.token, Token::LParen | Token::Comma | Token::RArrow)
                });
                if word.keyword == Keyword::TABLE && begins_argument {
                    continue;
                }
                if word.keyword == Keyword::PARTITION {
                    kept.push(TokenWithSpan { token: Token::Comma, span: token.span });
                    continue;
                }
                let after_partition = kept.last().is_some_and(|before| before.token == Token::Comma);
                if word.keyword == Keyword::BY && after_partition {
                    continue;
                }
            }
            _ => {}
        }
        kept.push(token);
    }
    kept
}

fn is_window_function(token: Option<&TokenWithSpan>) -> bool {
    let Some(Token::Word(word)) = token.map(|token| &token.token) else { return false };
    WINDOW_FUNCTIONS.iter().any(|name| name.eq_ignore_ascii_case(&word.value))
}
