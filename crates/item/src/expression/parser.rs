//! What the parsers of all expressions share: the tokens, names and paths, and how syntax errors are told.

use crate::expression::fault::{Fault, Faults};
use crate::expression::path::{Path, Relation, Step};
use crate::expression::reserved::is_reserved;
use crate::expression::token::{Token, TokenKind, tokens};
use crate::{AttributeValue, Invalid, Placeholders, Text};

/// Most bytes of an expression.
const MAX_EXPRESSION_BYTES: usize = 4096;
/// Most operators and functions of an expression.
const MAX_OPERATORS: usize = 300;
/// Most steps of a path: values have at most so many levels.
const MAX_STEPS: usize = crate::attribute::MAX_STEPS;

/// Which parameter an expression came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpressionKind {
    /// `ConditionExpression`.
    Condition,
    /// `FilterExpression`.
    Filter,
    /// `KeyConditionExpression`.
    KeyCondition,
    /// `ProjectionExpression`.
    Projection,
    /// `UpdateExpression`.
    Update,
}

impl ExpressionKind {
    /// The name of the parameter.
    pub fn parameter(self) -> &'static str {
        match self {
            ExpressionKind::Condition => "ConditionExpression",
            ExpressionKind::Filter => "FilterExpression",
            ExpressionKind::KeyCondition => "KeyConditionExpression",
            ExpressionKind::Projection => "ProjectionExpression",
            ExpressionKind::Update => "UpdateExpression",
        }
    }

    /// A text about an expression of this kind.
    pub(super) fn invalid(self, message: &str) -> Invalid {
        Invalid::new(format!("Invalid {}: {message}", self.parameter()))
    }
}

/// A parser's place in an expression. Syntax errors are given at once; other mistakes are collected.
pub(super) struct Parser<'a> {
    pub(super) kind: ExpressionKind,
    text: Text,
    tokens: Vec<Token>,
    at: usize,
    placeholders: &'a mut Placeholders,
    pub(super) faults: Faults,
    operators: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(
        kind: ExpressionKind,
        text: &str,
        placeholders: &'a mut Placeholders,
    ) -> Result<Self, Invalid> {
        if text.trim().is_empty() {
            return Err(kind.invalid("The expression can not be empty;"));
        } else if text.len() > MAX_EXPRESSION_BYTES {
            let size = match kind {
                ExpressionKind::Update => String::new(),
                _ => format!(" expression size: {}", text.len()),
            };
            return Err(
                kind.invalid(&format!("Expression size has exceeded the maximum allowed size;{size}"))
            );
        }
        let tokens = tokens(text);
        let faults = Faults::default();
        Ok(Parser { kind, text: Text::from(text), tokens, at: 0, placeholders, faults, operators: 0 })
    }

    fn token(&self) -> Token {
        self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn text_of(&self, token: Token) -> &str {
        &self.text[token.start..token.end]
    }

    pub(super) fn kind_of_next(&self) -> TokenKind {
        self.token().kind
    }

    pub(super) fn next_text(&self) -> &str {
        self.text_of(self.token())
    }

    /// The next token's text, to keep.
    fn share(&self) -> Text {
        self.text.slice_ref(self.next_text())
    }

    pub(super) fn advance(&mut self) {
        self.at += 1;
    }

    /// Whether the next token is this sign.
    pub(super) fn at_sign(&self, sign: &str) -> bool {
        self.token().kind == TokenKind::Sign && self.next_text() == sign
    }

    /// Takes this sign, if it is next.
    pub(super) fn take_sign(&mut self, sign: &str) -> bool {
        let taken = self.at_sign(sign);
        self.at += usize::from(taken);
        taken
    }

    pub(super) fn expect_sign(&mut self, sign: &str) -> Result<(), Invalid> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.syntax_error()) }
    }

    /// Whether the next token is this keyword, in any case.
    pub(super) fn at_word(&self, word: &str) -> bool {
        self.token().kind == TokenKind::Word && self.next_text().eq_ignore_ascii_case(word)
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let taken = self.at_word(word);
        self.at += usize::from(taken);
        taken
    }

    /// Whether a word with a parenthesis behind it is next.
    pub(super) fn at_function(&self) -> bool {
        let behind = self.tokens.get(self.at + 1);
        self.token().kind == TokenKind::Word
            && behind.is_some_and(|token| token.kind == TokenKind::Sign && self.text_of(*token) == "(")
    }

    /// Takes a function's name and the parenthesis behind it.
    pub(super) fn function_name(&mut self) -> Text {
        let name = self.share();
        self.at += 2;
        name
    }

    /// What AWS says when the next token cannot be there: the token, and it with its neighbours.
    pub(super) fn syntax_error(&self) -> Invalid {
        let token = self.token();
        let before =
            self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(token.start, |t| t.start);
        let after = self.tokens.get(self.at + 1).map_or(token.end, |token| token.end);
        let shown = if token.kind == TokenKind::End { "<EOF>" } else { self.text_of(token) };
        let near = &self.text[before..after];
        self.kind.invalid(&format!("Syntax error; token: \"{shown}\", near: \"{near}\""))
    }

    /// Takes a path: names with dots between them, indexes behind them. `reserved` are keywords that are no names.
    pub(super) fn path(&mut self, reserved: &[&str]) -> Result<Path, Invalid> {
        let attribute = self.path_name(reserved)?;
        let mut path = Path::of_attribute(attribute);
        self.path_steps(&mut path, reserved)?;
        Ok(path)
    }

    /// Takes the steps behind the first name of a path.
    pub(super) fn path_steps(&mut self, path: &mut Path, reserved: &[&str]) -> Result<(), Invalid> {
        loop {
            if self.take_sign(".") {
                let name = self.path_name(reserved)?;
                path.steps.push(Step::Name(name));
            } else if self.take_sign("[") {
                if self.kind_of_next() != TokenKind::Index {
                    return Err(self.syntax_error());
                }
                let Ok(index) = self.next_text().parse() else {
                    let index = self.next_text();
                    return Err(self.kind.invalid(&format!(
                        "List index is not within the allowable range; index: [{index}]"
                    )));
                };
                self.advance();
                path.steps.push(Step::Index(index));
                self.expect_sign("]")?;
            } else {
                break;
            }
        }
        if path.steps.len() >= MAX_STEPS {
            let message = "The document path has too many nesting elements;";
            return Err(self.kind.invalid(&format!("{message} nesting depth: {}", path.steps.len() + 1)));
        }
        Ok(())
    }

    /// Takes one name of a path, itself or by its placeholder.
    fn path_name(&mut self, reserved: &[&str]) -> Result<Text, Invalid> {
        let name = match self.kind_of_next() {
            TokenKind::Word if !reserved.iter().any(|word| self.at_word(word)) => {
                let name = self.share();
                if is_reserved(&name) {
                    let message = "Attribute name is a reserved keyword; reserved keyword: ";
                    self.faults.note(Fault::ReservedWord, || format!("{message}{name}"));
                }
                name
            }
            TokenKind::NamePlaceholder => {
                let placeholder = self.share();
                self.placeholders.name(&placeholder).unwrap_or_else(|| {
                    let message =
                        "An expression attribute name used in the document path is not defined; attribute name: ";
                    self.faults.note(Fault::Name, || format!("{message}{placeholder}"));
                    Text::new()
                })
            }
            _ => return Err(self.syntax_error()),
        };
        self.advance();
        Ok(name)
    }

    /// Takes a value placeholder. One that is not defined reads as null, with the mistake noted.
    pub(super) fn value(&mut self) -> AttributeValue {
        let placeholder = self.share();
        self.advance();
        self.placeholders.value(&placeholder).unwrap_or_else(|| {
            let message =
                "An expression attribute value used in expression is not defined; attribute value: ";
            // Only updates look for undefined names before they look for undefined values.
            let fault = if self.kind == ExpressionKind::Update { Fault::Value } else { Fault::Name };
            self.faults.note(fault, || format!("{message}{placeholder}"));
            AttributeValue::Null
        })
    }

    /// Counts an operator or function.
    pub(super) fn count_operator(&mut self) {
        self.operators += 1;
    }

    /// Notes what is wrong between a path and those before it.
    pub(super) fn note_relations<'p>(&mut self, before: impl Iterator<Item = &'p Path>, path: &Path) {
        for other in before {
            if let Err(message) = other.check_apart(path) {
                let conflict = other.relation(path) == Relation::Conflict;
                self.faults.note(if conflict { Fault::Conflict } else { Fault::Overlap }, || message);
            }
        }
    }

    /// Checks that everything is read, and gives the first mistake by this order.
    pub(super) fn finish(&self, order: &[Fault]) -> Result<(), Invalid> {
        if self.kind_of_next() != TokenKind::End {
            return Err(self.syntax_error());
        }
        if let Some(message) = self.faults.first(order) {
            return Err(self.kind.invalid(message));
        } else if self.operators > MAX_OPERATORS {
            let message = "The expression contains too many operators; operator count: ";
            return Err(self.kind.invalid(&format!("{message}{}", self.operators)));
        }
        Ok(())
    }
}
