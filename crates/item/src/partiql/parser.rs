//! A place in a statement, and the names and paths that stand there.

use crate::expression::{Path, Step};
use crate::partiql::token::{Kind, Token, malformed, tokens};
use crate::{AttributeValue, Invalid, Text, attribute};

/// Words that are no names unless they stand in double quotes.
const KEYWORDS: [&str; 32] = [
    "ALL", "AND", "AS", "ASC", "BETWEEN", "BY", "DELETE", "DESC", "EXISTS", "FALSE", "FROM", "GROUP",
    "HAVING", "IN", "INNER", "INSERT", "INTO", "IS", "JOIN", "LIKE", "MISSING", "NOT", "NULL", "OR", "ORDER",
    "REMOVE", "SELECT", "SET", "TRUE", "UPDATE", "VALUE", "WHERE",
];

pub(super) struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    parameters: std::slice::Iter<'a, AttributeValue>,
    /// Parentheses and functions that are open.
    depth: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &str, parameters: &'a [AttributeValue]) -> Result<Self, Invalid> {
        Ok(Parser { tokens: tokens(text)?, at: 0, parameters: parameters.iter(), depth: 0 })
    }

    pub(super) fn next(&self) -> &Kind {
        &self.tokens[self.at.min(self.tokens.len() - 1)].kind
    }

    /// The token behind the next.
    pub(super) fn second(&self) -> &Kind {
        &self.tokens[(self.at + 1).min(self.tokens.len() - 1)].kind
    }

    pub(super) fn advance(&mut self) {
        self.at += 1;
    }

    /// Where the next token stands: `line:column:length`.
    pub(super) fn place(&self) -> String {
        let (line, column, length) = self.tokens[self.at.min(self.tokens.len() - 1)].place;
        format!("{line}:{column}:{length}")
    }

    pub(super) fn at_word(&self, word: &str) -> bool {
        matches!(self.next(), Kind::Word(next) if next.eq_ignore_ascii_case(word))
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let taken = self.at_word(word);
        self.at += usize::from(taken);
        taken
    }

    pub(super) fn expect_word(&mut self, word: &str) -> Result<(), Invalid> {
        if self.take_word(word) { Ok(()) } else { Err(unexpected()) }
    }

    pub(super) fn at_sign(&self, sign: &str) -> bool {
        matches!(self.next(), Kind::Sign(next) if *next == sign)
    }

    pub(super) fn take_sign(&mut self, sign: &str) -> bool {
        let taken = self.at_sign(sign);
        self.at += usize::from(taken);
        taken
    }

    pub(super) fn expect_sign(&mut self, sign: &str) -> Result<(), Invalid> {
        if self.take_sign(sign) { Ok(()) } else { Err(unexpected()) }
    }

    /// Whether a word with a parenthesis behind it is next.
    pub(super) fn at_function(&self) -> bool {
        matches!((self.next(), self.second()), (Kind::Word(_), Kind::Sign("(")))
    }

    /// The value of the next `?`.
    pub(super) fn parameter(&mut self) -> Result<AttributeValue, Invalid> {
        self.parameters.next().cloned().ok_or_else(parameters_differ)
    }

    pub(super) fn enter(&mut self) -> Result<(), Invalid> {
        self.depth += 1;
        if self.depth > 2 * attribute::MAX_DEPTH { Err(malformed("")) } else { Ok(()) }
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Whether a name is next.
    pub(super) fn at_name(&self) -> bool {
        match self.next() {
            Kind::Quoted(_) => true,
            Kind::Word(word) => !KEYWORDS.iter().any(|keyword| word.eq_ignore_ascii_case(keyword)),
            _ => false,
        }
    }

    pub(super) fn name(&mut self) -> Result<Text, Invalid> {
        let name = match self.next() {
            Kind::Quoted(name) => Text::from(name.as_str()),
            Kind::Word(name) if self.at_name() => Text::from(name.as_str()),
            _ => return Err(unexpected()),
        };
        self.advance();
        Ok(name)
    }

    pub(super) fn path(&mut self) -> Result<Path, Invalid> {
        let mut path = Path::of_attribute(self.name()?);
        loop {
            if self.take_sign(".") {
                if !self.at_name() {
                    return Err(malformed("Invalid path dot component"));
                }
                path.steps.push(Step::Name(self.name()?));
            } else if self.take_sign("[") {
                let index = match self.next() {
                    Kind::Number(digits) => digits.parse().map_err(|_| unexpected())?,
                    _ => return Err(unexpected()),
                };
                self.advance();
                self.expect_sign("]")?;
                path.steps.push(Step::Index(index));
            } else if path.steps.len() >= attribute::MAX_STEPS {
                return Err(malformed(""));
            } else {
                return Ok(path);
            }
        }
    }

    /// Checks that the statement ends here and that it used every parameter.
    pub(super) fn finish(mut self) -> Result<(), Invalid> {
        self.take_sign(";");
        if *self.next() != Kind::End {
            return Err(malformed("Unexpected token after expression"));
        }
        if self.parameters.len() > 0 { Err(parameters_differ()) } else { Ok(()) }
    }
}

/// A token that cannot be there.
pub(super) fn unexpected() -> Invalid {
    malformed("Unexpected term")
}

fn parameters_differ() -> Invalid {
    Invalid::new("Number of parameters in request and statement don't match.")
}
