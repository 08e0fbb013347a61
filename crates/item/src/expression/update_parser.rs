//! The grammar of updates.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html>

use crate::expression::fault::{Fault, OF_UPDATES};
use crate::expression::function::note_type;
use crate::expression::parser::Parser;
use crate::expression::path::Path;
use crate::expression::token::TokenKind;
use crate::expression::update::{Action, Update, UpdateOperand};
use crate::{AttributeType, AttributeValue, ExpressionKind, Invalid, Placeholders, Text};

/// Words that are no names here.
const SECTIONS: &[&str] = &["SET", "REMOVE", "ADD", "DELETE"];
/// Most functions and parentheses within one another.
const MAX_DEPTH: usize = 150;

/// Parses an update.
pub(super) fn parse(text: &str, placeholders: &mut Placeholders) -> Result<Update, Invalid> {
    let parser = Parser::new(ExpressionKind::Update, text, placeholders)?;
    let mut parser = UpdateParser { parser, actions: Vec::new(), depth: 0 };
    let mut seen = [false; SECTIONS.len()];
    while let Some(section) = SECTIONS.iter().position(|word| parser.parser.at_word(word)) {
        parser.parser.advance();
        parser.section(SECTIONS[section])?;
        if std::mem::replace(&mut seen[section], true) {
            let name = SECTIONS[section];
            let message = || format!("The \"{name}\" section can only be used once in an update expression;");
            parser.parser.faults.note(Fault::Section, message);
        }
    }
    parser.parser.finish(OF_UPDATES)?;
    Ok(Update { actions: parser.actions, legacy: false })
}

struct UpdateParser<'a> {
    parser: Parser<'a>,
    actions: Vec<Action>,
    depth: usize,
}

impl UpdateParser<'_> {
    fn section(&mut self, section: &'static str) -> Result<(), Invalid> {
        loop {
            self.parser.count_operator();
            let path = self.path()?;
            let action = match section {
                "SET" => {
                    self.parser.expect_sign("=")?;
                    self.set_value().map(|value| Action::Set(path, value))?
                }
                "REMOVE" => Action::Remove(path),
                "ADD" => Action::Add(path, self.set_or_number(section)?),
                _ => Action::Delete(path, self.set_or_number(section)?),
            };
            let before = self.actions.iter().map(Action::path);
            self.parser.note_relations(before, action.path());
            self.actions.push(action);
            if !self.parser.take_sign(",") {
                return Ok(());
            }
        }
    }

    fn path(&mut self) -> Result<Path, Invalid> {
        self.parser.path(SECTIONS)
    }

    /// The value behind the path of `ADD` and `DELETE`.
    fn set_or_number(&mut self, section: &str) -> Result<AttributeValue, Invalid> {
        if self.parser.kind_of_next() != TokenKind::ValuePlaceholder {
            return Err(self.parser.syntax_error());
        }
        let value = self.parser.value();
        let kind = value.kind();
        let fits = kind.is_set() || section == "ADD" && kind == AttributeType::N;
        if !fits {
            self.parser.faults.note(Fault::OperandType, || {
                format!(
                    "Incorrect operand type for operator or function; operator: {section}, operand type: {}, \
                     typeSet: ALLOWED_FOR_{section}_OPERAND",
                    kind.long_name()
                )
            });
        }
        Ok(value)
    }

    /// What stands behind `=`: an operand, a sum or a difference, perhaps in parentheses.
    fn set_value(&mut self) -> Result<UpdateOperand, Invalid> {
        let one = if self.parser.take_sign("(") {
            self.enter()?;
            let inner = self.set_value()?;
            self.depth -= 1;
            self.parser.expect_sign(")")?;
            inner
        } else {
            self.operand()?
        };
        let sign = match self.parser.next_text() {
            "+" => "+",
            "-" => "-",
            _ => return Ok(one),
        };
        // The operands of a sum are no sums.
        if matches!(one, UpdateOperand::Plus(..) | UpdateOperand::Minus(..)) {
            return Err(self.parser.syntax_error());
        }
        self.parser.advance();
        self.parser.count_operator();
        let other = self.operand()?;
        for operand in [&one, &other] {
            self.check_value(sign, operand, AttributeType::N);
        }
        let (one, other) = (Box::new(one), Box::new(other));
        Ok(if sign == "+" { UpdateOperand::Plus(one, other) } else { UpdateOperand::Minus(one, other) })
    }

    /// Notes a value of the request that is not of the one type that an operator takes.
    fn check_value(&mut self, name: &str, operand: &UpdateOperand, wanted: AttributeType) {
        if let UpdateOperand::Value(value) = operand
            && value.kind() != wanted
        {
            note_type(name, value.kind(), &mut self.parser.faults);
        }
    }

    fn enter(&mut self) -> Result<(), Invalid> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(self.parser.syntax_error()) } else { Ok(()) }
    }

    fn operand(&mut self) -> Result<UpdateOperand, Invalid> {
        if self.parser.take_sign("(") {
            self.enter()?;
            let inner = self.operand()?;
            self.depth -= 1;
            self.parser.expect_sign(")")?;
            return Ok(inner);
        }
        if self.parser.at_function() && !SECTIONS.iter().any(|word| self.parser.at_word(word)) {
            self.enter()?;
            let function = self.function();
            self.depth -= 1;
            return function;
        }
        Ok(match self.parser.kind_of_next() {
            TokenKind::ValuePlaceholder => UpdateOperand::Value(self.parser.value()),
            _ => UpdateOperand::Path(self.path()?),
        })
    }

    fn function(&mut self) -> Result<UpdateOperand, Invalid> {
        let name = self.parser.function_name();
        self.parser.count_operator();
        let mut arguments = vec![self.operand()?];
        while self.parser.take_sign(",") {
            arguments.push(self.operand()?);
        }
        self.parser.expect_sign(")")?;
        Ok(self.checked_function(&name, arguments))
    }

    /// The function. What is wrong with it is noted.
    fn checked_function(&mut self, name: &Text, arguments: Vec<UpdateOperand>) -> UpdateOperand {
        let known = name == "if_not_exists" || name == "list_append";
        let faults = &mut self.parser.faults;
        if !known {
            faults.note(Fault::UnknownFunction, || format!("Invalid function name; function: {name}"));
        }
        let count = arguments.len();
        let nothing = UpdateOperand::Value(AttributeValue::Null);
        let Ok([one, other]) = <[UpdateOperand; 2]>::try_from(arguments) else {
            faults.note(Fault::OperandCount, || {
                format!(
                    "Incorrect number of operands for operator or function; operator or function: {name}, \
                     number of operands: {count}"
                )
            });
            return nothing;
        };
        if name == "list_append" {
            for operand in [&one, &other] {
                self.check_value(name, operand, AttributeType::L);
            }
            return UpdateOperand::ListAppend(Box::new(one), Box::new(other));
        }
        match one {
            UpdateOperand::Path(path) => UpdateOperand::IfNotExists(path, Box::new(other)),
            _ => {
                faults.note(Fault::OperandType, || {
                    format!("Operator or function requires a document path; operator or function: {name}")
                });
                nothing
            }
        }
    }
}
