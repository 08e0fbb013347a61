//! The words about expressions that cannot be read: what was found, and where.

use sqlparser::{
    keywords::Keyword,
    parser::ParserError,
    tokenizer::{Token, TokenWithSpan, TokenizerError},
};

use super::syntax::{is_visible, keyword};
use crate::{Code, Error};

/// A character that begins nothing, or a text without an end.
pub(super) fn character(error: &TokenizerError) -> Error {
    let (line, column) = (error.location.line, error.location.column);
    Error::with(Code::LexerInvalidChar, format!("Invalid character at line {line}, column {column}."))
}

/// A token that does not belong there.
pub(super) fn token(found: &TokenWithSpan) -> Error {
    let code = match keyword(found) {
        Keyword::JOIN | Keyword::INNER | Keyword::LEFT | Keyword::RIGHT | Keyword::CROSS => {
            return Code::ParseMalformedJoin.into();
        }
        _ => Code::ParseUnexpectedToken,
    };
    Error::with(code, format!("Unexpected token found {}.", described(found)))
}

/// An expression within an expression within an expression, and so on.
pub(super) fn too_deep() -> Error {
    Error::with(Code::ParseUnsupportedSyntax, "The SQL expression is nested too deeply.")
}

/// A step of a path that is none.
pub(super) fn component(found: &TokenWithSpan) -> Error {
    let (line, column) = (found.span.start.line, found.span.start.column);
    let (kind, value) = kind_and_value(&found.token);
    Error::with(
        Code::ParseInvalidPathComponent,
        format!(
            "Invalid Path component, expecting either an IDENTIFIER or STAR, got: {kind}, with value: {value}, \
             at line {line}, column {column}."
        ),
    )
}

/// What the parser found wrong. It names the place in its text, and nowhere else.
pub(super) fn syntax(error: &ParserError, tokens: &[TokenWithSpan]) -> Error {
    let text = match error {
        ParserError::RecursionLimitExceeded => return too_deep(),
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => text,
    };
    match place(text) {
        Some(place) => tokens
            .iter()
            .find(|found| (found.span.start.line, found.span.start.column) == place)
            .map_or_else(|| Code::ParseUnexpectedToken.into(), token),
        None => end(tokens),
    }
}

/// The expression ends too early.
fn end(tokens: &[TokenWithSpan]) -> Error {
    let place = tokens.iter().rfind(|token| is_visible(token)).map_or((1, 1), |last| {
        let end = last.span.end;
        (end.line, end.column)
    });
    Error::with(
        Code::ParseUnexpectedToken,
        format!("Unexpected token found EOF:END at line {}, column {}.", place.0, place.1),
    )
}

/// The line and column at the end of a parser's text.
fn place(text: &str) -> Option<(u64, u64)> {
    let (_, place) = text.rsplit_once(" at Line: ")?;
    let (line, column) = place.split_once(", Column: ")?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

fn described(token: &TokenWithSpan) -> String {
    let (kind, value) = kind_and_value(&token.token);
    format!("{kind}:{value} at line {}, column {}", token.span.start.line, token.span.start.column)
}

fn kind_and_value(token: &Token) -> (&'static str, String) {
    match token {
        Token::Word(word) if word.quote_style.is_none() && word.keyword != Keyword::NoKeyword => {
            ("KEYWORD", word.value.to_ascii_lowercase())
        }
        Token::Word(word) => ("IDENTIFIER", word.value.clone()),
        Token::Number(digits, _) => ("LITERAL", digits.clone()),
        Token::SingleQuotedString(text) => ("LITERAL", text.clone()),
        Token::LParen => ("LEFT_PAREN", "(".to_owned()),
        Token::RParen => ("RIGHT_PAREN", ")".to_owned()),
        Token::LBracket => ("LEFT_BRACKET", "[".to_owned()),
        Token::RBracket => ("RIGHT_BRACKET", "]".to_owned()),
        Token::Comma => ("COMMA", ",".to_owned()),
        Token::Period => ("DOT", ".".to_owned()),
        Token::Mul => ("STAR", "*".to_owned()),
        Token::SemiColon => ("SEMICOLON", ";".to_owned()),
        Token::EOF => ("EOF", "END".to_owned()),
        other => ("OPERATOR", other.to_string()),
    }
}
