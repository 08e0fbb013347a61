//! The path behind `FROM S3Object`: `S3Object[*].books[*].price`. SQL has nothing like it, so that it is taken out
//! before the parser sees the rest.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-select.html>

use sqlparser::{
    keywords::Keyword,
    tokenizer::{Token, TokenWithSpan},
};

use super::{
    Step,
    syntax::{is_visible, keyword},
    unexpected,
};
use crate::{Code, Error};

/// Most steps of a path.
const MOST_STEPS: usize = 100;

/// Where the `FROM` of the query stands; not one within the parentheses of a function.
pub(super) fn from_clause(tokens: &[TokenWithSpan]) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        match token.token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ if depth == 0 && keyword(token) == Keyword::FROM => return Some(index),
            _ => {}
        }
    }
    None
}

/// Takes the steps behind the table's name out of the tokens. The first `[*]` goes over the documents of the object,
/// which is what a path without it does as well.
pub(super) fn take(tokens: &mut Vec<TokenWithSpan>) -> Result<Vec<Step>, Error> {
    let from = from_clause(tokens).ok_or(Code::ParseSelectMissingFrom)?;
    let visible = |start: usize| (start..tokens.len()).find(|index| is_visible(&tokens[*index]));
    let Some(table) = visible(from + 1) else { return Err(Code::ParseSelectMissingFrom.into()) };
    let start = table + 1;
    let mut end = start;
    let mut steps = Vec::new();
    while let Some((step, length)) = step(&tokens[end..])? {
        steps.push(step);
        end += length;
        if steps.len() > MOST_STEPS {
            return Err(Code::InvalidKeyPath.into());
        }
    }
    if steps.first() == Some(&Step::EveryElement) {
        steps.remove(0);
    }
    tokens.drain(start..end);
    Ok(steps)
}

/// The step at the beginning of the tokens, and how many they are.
fn step(tokens: &[TokenWithSpan]) -> Result<Option<(Step, usize)>, Error> {
    let token = |index: usize| tokens.get(index).map(|token| &token.token);
    match token(0) {
        Some(Token::Period) => match token(1) {
            Some(Token::Mul) => Ok(Some((Step::EveryField, 2))),
            Some(Token::Word(word)) => {
                let step = Step::Field { name: word.value.clone(), quoted: word.quote_style.is_some() };
                Ok(Some((step, 2)))
            }
            _ => Err(component(tokens.get(1).or(tokens.first()))),
        },
        Some(Token::LBracket) => {
            let step = match token(1) {
                Some(Token::Mul) => Step::EveryElement,
                Some(Token::SingleQuotedString(name)) => Step::Field { name: name.clone(), quoted: true },
                Some(Token::Number(digits, _)) => {
                    Step::Index(digits.parse().map_err(|_| component(tokens.get(1)))?)
                }
                _ => return Err(component(tokens.get(1).or(tokens.first()))),
            };
            match token(2) {
                Some(Token::RBracket) => Ok(Some((step, 3))),
                _ => Err(component(tokens.get(2).or(tokens.first()))),
            }
        }
        _ => Ok(None),
    }
}

fn component(token: Option<&TokenWithSpan>) -> Error {
    token.map_or_else(|| Code::ParseInvalidPathComponent.into(), unexpected::component)
}
