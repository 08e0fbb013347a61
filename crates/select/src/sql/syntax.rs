//! From text to syntax tree: the field's lexer and parser, and what S3 Select writes differently: the path behind
//! `FROM S3Object`, and `IS MISSING`.

use sqlparser::{
    ast::Query,
    dialect::Dialect,
    keywords::Keyword,
    parser::Parser,
    tokenizer::{Token, TokenWithSpan, Tokenizer},
};

use super::{Step, path, unexpected};
use crate::{Code, Error};

/// Most operators of an expression: a chain of them is a tree as deep as it is long.
const MOST_OPERATORS: usize = 1_000;

/// The words of S3 Select's SQL.
#[derive(Debug)]
struct SelectDialect;

impl Dialect for SelectDialect {
    fn is_identifier_start(&self, character: char) -> bool {
        character.is_alphabetic() || character == '_'
    }

    fn is_identifier_part(&self, character: char) -> bool {
        character.is_alphanumeric() || matches!(character, '_' | '$')
    }
}

/// Reads an expression: the syntax tree of the query, and the path behind `FROM S3Object`.
pub(super) fn parse(expression: &str) -> Result<(Query, Vec<Step>), Error> {
    let mut tokens = Tokenizer::new(&SelectDialect, expression)
        .tokenize_with_location()
        .map_err(|error| unexpected::character(&error))?;
    check_size(&tokens)?;
    check_shape(&tokens)?;
    let source = path::take(&mut tokens)?;
    let last = tokens.iter().rposition(is_visible);
    if last.is_some_and(|last| tokens[last].token == Token::SemiColon) {
        tokens.truncate(last.unwrap_or_default());
    }
    replace_missing(&mut tokens);
    complete_trim(&mut tokens);
    let mut parser = Parser::new(&SelectDialect).with_tokens_with_locations(tokens.clone());
    let query = parser.parse_query().map_err(|error| unexpected::syntax(&error, &tokens))?;
    let rest = parser.peek_token();
    if rest.token != Token::EOF {
        return Err(unexpected::token(&rest));
    }
    Ok((*query, source))
}

fn check_size(tokens: &[TokenWithSpan]) -> Result<(), Error> {
    let is_operator = |token: &Token| match token {
        Token::Word(word) => matches!(word.keyword, Keyword::AND | Keyword::OR | Keyword::NOT | Keyword::IS),
        Token::Plus | Token::Minus | Token::Mul | Token::Div | Token::Mod | Token::StringConcat => true,
        Token::Eq | Token::Neq | Token::Lt | Token::LtEq | Token::Gt | Token::GtEq => true,
        _ => false,
    };
    if tokens.iter().filter(|token| is_operator(&token.token)).count() > MOST_OPERATORS {
        return Err(Error::with(
            Code::ExpressionTooLong,
            format!("The SQL expression is too long: it has more than {MOST_OPERATORS} operators."),
        ));
    }
    Ok(())
}

/// The mistakes that have a code of their own: no `SELECT`, nothing selected, no `FROM`.
fn check_shape(tokens: &[TokenWithSpan]) -> Result<(), Error> {
    let mut visible = tokens.iter().filter(|token| is_visible(token));
    let Some(first) = visible.next() else { return Err(Code::ParseUnsupportedSelect.into()) };
    match keyword(first) {
        Keyword::SELECT => {}
        Keyword::INSERT | Keyword::UPDATE | Keyword::DELETE | Keyword::CREATE | Keyword::DROP => {
            return Err(Code::UnsupportedSqlOperation.into());
        }
        _ => return Err(unexpected::token(first)),
    }
    match visible.next() {
        None => Err(Code::ParseEmptySelect.into()),
        Some(second) if keyword(second) == Keyword::FROM => Err(Code::ParseEmptySelect.into()),
        Some(_) if path::from_clause(tokens).is_none() => Err(Code::ParseSelectMissingFrom.into()),
        Some(_) => Ok(()),
    }
}

/// `IS MISSING` is read as `IS UNKNOWN`, which the parser knows and S3 Select does not.
fn replace_missing(tokens: &mut [TokenWithSpan]) {
    let mut after_is = false;
    for token in tokens.iter_mut().filter(|token| is_visible(token)) {
        let Token::Word(word) = &token.token else {
            after_is = false;
            continue;
        };
        if after_is && word.quote_style.is_none() && word.value.eq_ignore_ascii_case("MISSING") {
            token.token = Token::make_keyword("UNKNOWN");
        }
        after_is = match keyword(token) {
            Keyword::IS => true,
            Keyword::NOT => after_is,
            _ => false,
        };
    }
}

/// `TRIM(LEADING FROM s)` takes spaces away, which the parser wants to be told.
fn complete_trim(tokens: &mut Vec<TokenWithSpan>) {
    let is_side = |token: &TokenWithSpan| {
        matches!(keyword(token), Keyword::BOTH | Keyword::LEADING | Keyword::TRAILING)
    };
    let mut index = 0;
    while index < tokens.len() {
        let next = (index + 1..tokens.len()).find(|next| is_visible(&tokens[*next]));
        if is_side(&tokens[index])
            && let Some(next) = next
            && keyword(&tokens[next]) == Keyword::FROM
        {
            let space =
                TokenWithSpan { token: Token::SingleQuotedString(" ".to_owned()), span: tokens[next].span };
            tokens.insert(next, space);
        }
        index += 1;
    }
}

pub(super) fn is_visible(token: &TokenWithSpan) -> bool {
    !matches!(token.token, Token::Whitespace(_))
}

pub(super) fn keyword(token: &TokenWithSpan) -> Keyword {
    match &token.token {
        Token::Word(word) => word.keyword,
        _ => Keyword::NoKeyword,
    }
}
