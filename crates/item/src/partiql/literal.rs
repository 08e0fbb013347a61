//! Values written in statements.

use std::fmt::Write as _;

use crate::partiql::parser::{Parser, unexpected};
use crate::partiql::token::{Kind, malformed};
use crate::{AttributeValue, Invalid, Item, Number, NumberError, Text, attribute};

impl Parser<'_> {
    /// Whether a value is next.
    pub(super) fn at_value(&self) -> bool {
        match self.next() {
            Kind::Text(_) | Kind::Number(_) | Kind::Sign("?" | "[" | "{" | "<<" | "-" | "+") => true,
            Kind::Word(_) => ["TRUE", "FALSE", "NULL"].iter().any(|word| self.at_word(word)),
            _ => false,
        }
    }

    /// Takes a value.
    pub(super) fn value(&mut self) -> Result<AttributeValue, Invalid> {
        self.value_at(&mut "root".to_owned(), 0)
    }

    /// Takes an item: a map.
    pub(super) fn item(&mut self) -> Result<Item, Invalid> {
        if self.take_sign("?") {
            return match self.parameter()? {
                AttributeValue::M(item) => Ok(item),
                _ => Err(unexpected()),
            };
        }
        self.expect_sign("{")?;
        let mut item = Item::new();
        if self.take_sign("}") {
            return Ok(item);
        }
        loop {
            let name = self.map_key()?;
            item.insert(name, self.value()?);
            if !self.take_sign(",") {
                self.expect_sign("}")?;
                return Ok(item);
            }
        }
    }

    fn map_key(&mut self) -> Result<Text, Invalid> {
        let name = match self.next() {
            Kind::Text(name) | Kind::Quoted(name) => Text::from(name.as_str()),
            _ => return Err(unexpected()),
        };
        self.advance();
        self.expect_sign(":")?;
        Ok(name)
    }

    /// `path` says where within the whole value this one is, as AWS tells it.
    fn value_at(&mut self, path: &mut String, depth: usize) -> Result<AttributeValue, Invalid> {
        if depth > attribute::MAX_DEPTH {
            return Err(Invalid::new(format!("Nesting Levels have exceeded supported limits under {path}")));
        }
        let value = match self.next() {
            Kind::Text(text) => AttributeValue::S(Text::from(text.as_str())),
            Kind::Number(_) | Kind::Sign("-" | "+") => return self.number(path).map(AttributeValue::N),
            Kind::Sign("[") => return self.list(path, depth),
            Kind::Sign("{") => return self.map(path, depth),
            Kind::Sign("<<") => return self.set(path),
            Kind::Sign("?") => {
                self.advance();
                return self.parameter();
            }
            Kind::Word(_) if self.at_word("TRUE") => AttributeValue::Bool(true),
            Kind::Word(_) if self.at_word("FALSE") => AttributeValue::Bool(false),
            Kind::Word(_) if self.at_word("NULL") => AttributeValue::Null,
            Kind::Word(name) if self.at_function() => {
                let place = self.place();
                return Err(Invalid::new(format!(
                    "Unsupported data type: {name} under key {path} at {place}"
                )));
            }
            _ => return Err(unexpected()),
        };
        self.advance();
        Ok(value)
    }

    fn number(&mut self, path: &str) -> Result<Number, Invalid> {
        let negative = self.take_sign("-");
        if !negative {
            self.take_sign("+");
        }
        let Kind::Number(digits) = self.next() else { return Err(unexpected()) };
        if !crate::number::has_a_scale(digits) {
            return Err(malformed(""));
        }
        let number: Number = digits.parse().map_err(|error: NumberError| match error {
            NumberError::Empty | NumberError::NotNumeric(_) => malformed(""),
            error => Invalid::new(format!("{error} under {path}")),
        })?;
        self.advance();
        Ok(if negative { -number } else { number })
    }

    fn list(&mut self, path: &mut String, depth: usize) -> Result<AttributeValue, Invalid> {
        self.expect_sign("[")?;
        let mut values = Vec::new();
        if self.take_sign("]") {
            return Ok(AttributeValue::L(values));
        }
        let length = path.len();
        loop {
            let _ = write!(path, "[{}]", values.len());
            values.push(self.value_at(path, depth + 1)?);
            path.truncate(length);
            if !self.take_sign(",") {
                self.expect_sign("]")?;
                return Ok(AttributeValue::L(values));
            }
        }
    }

    fn map(&mut self, path: &mut String, depth: usize) -> Result<AttributeValue, Invalid> {
        self.expect_sign("{")?;
        let mut map = Item::new();
        if self.take_sign("}") {
            return Ok(AttributeValue::M(map));
        }
        let length = path.len();
        loop {
            let name = self.map_key()?;
            let _ = write!(path, ".{name}");
            map.insert(name, self.value_at(path, depth + 1)?);
            path.truncate(length);
            if !self.take_sign(",") {
                self.expect_sign("}")?;
                return Ok(AttributeValue::M(map));
            }
        }
    }

    /// A set: values of one type between `<<` and `>>`.
    fn set(&mut self, path: &mut String) -> Result<AttributeValue, Invalid> {
        self.expect_sign("<<")?;
        if self.take_sign(">>") {
            return Err(Invalid::new("Empty bags are not supported"));
        }
        let mut values = Vec::new();
        loop {
            // Sets have no sets or lists within them, so that nothing nests here.
            if matches!(self.next(), Kind::Sign("[" | "{" | "<<")) {
                return Err(Invalid::new("Bag values must be of the same scalar type"));
            }
            values.push(self.value_at(path, 0)?);
            if !self.take_sign(",") {
                self.expect_sign(">>")?;
                break;
            }
        }
        attribute::set_of(values)
            .unwrap_or_else(|| Err(Invalid::new("Bag values must be of the same scalar type")))
    }
}
