//! Values of the expressions: what fields hold and what functions give.

use std::cmp::Ordering;

use crate::{decimal::Decimal, timestamp::Timestamp};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// Not there: the record has no such field.
    Missing,
    /// There, and null.
    Null,
    Bool(bool),
    Integer(i64),
    Decimal(Decimal),
    Float(f64),
    String(String),
    Timestamp(Timestamp),
    List(Vec<Value>),
    /// Names and values in the order of the document.
    Structure(Vec<(String, Value)>),
}

impl Value {
    /// Whether nothing can be said about it.
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self, Value::Missing | Value::Null)
    }

    /// The number that it is, or that its text is.
    pub(crate) fn as_number(&self) -> Option<Number> {
        match self {
            Value::Integer(number) => Some(Number::Integer(*number)),
            Value::Decimal(number) => Some(Number::Decimal(*number)),
            Value::Float(number) => Some(Number::Float(*number)),
            Value::String(text) => Number::parse(text.trim()),
            _ => None,
        }
    }

    fn is_number(&self) -> bool {
        matches!(self, Value::Integer(_) | Value::Decimal(_) | Value::Float(_))
    }

    /// The element of a structure with that name. Without quotes the case of letters does not matter, but an exact
    /// match goes first.
    pub(crate) fn field(&self, name: &str, quoted: bool) -> Option<&Value> {
        let Value::Structure(fields) = self else { return None };
        let exact = fields.iter().find(|(known, _)| known == name);
        let found = match exact {
            None if !quoted => fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)),
            found => found,
        };
        found.map(|(_, value)| value)
    }

    /// How it stands to another; none when they cannot be compared. Fields of CSV are texts: a text that reads as a
    /// number, a time or a truth value is compared as one with one.
    pub(crate) fn compare(&self, other: &Value) -> Option<Ordering> {
        match (self, other) {
            (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
            (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
            (Value::Bool(left), Value::String(right)) => Some(left.cmp(&parse_bool(right)?)),
            (Value::String(left), Value::Bool(right)) => Some(parse_bool(left)?.cmp(right)),
            (Value::Timestamp(left), Value::Timestamp(right)) => Some(left.instant.cmp(&right.instant)),
            (Value::Timestamp(left), Value::String(right)) => {
                Some(left.instant.cmp(&Timestamp::parse(right)?.instant))
            }
            (Value::String(left), Value::Timestamp(right)) => {
                Some(Timestamp::parse(left)?.instant.cmp(&right.instant))
            }
            (left, right) if left.is_number() || right.is_number() => {
                left.as_number()?.compare(right.as_number()?)
            }
            (left, right) if left == right => Some(Ordering::Equal),
            _ => None,
        }
    }
}

/// Reads `true` or `false` in any case.
pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// A number of any of the three kinds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    Integer(i64),
    Decimal(Decimal),
    Float(f64),
}

impl Number {
    /// Reads a number: an integer, a decimal, or a float when it has an exponent or too many digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if !text.bytes().next()?.is_ascii_digit() && !text.starts_with(['-', '+', '.']) {
            return None;
        }
        if let Ok(number) = text.parse() {
            return Some(Number::Integer(number));
        }
        match Decimal::parse(text) {
            Some(number) => Some(Number::Decimal(number)),
            // Rust also reads the words for infinity and for what is no number.
            None if text.bytes().any(|byte| byte.is_ascii_alphabetic() && !matches!(byte, b'e' | b'E')) => {
                None
            }
            None => text.parse().ok().map(Number::Float),
        }
    }

    pub(crate) fn to_f64(self) -> f64 {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "the conversion to a float rounds")]
            Number::Integer(number) => number as f64,
            Number::Decimal(number) => number.to_f64(),
            Number::Float(number) => number,
        }
    }

    /// The same as a decimal; none for floats.
    pub(crate) fn to_decimal(self) -> Option<Decimal> {
        match self {
            Number::Integer(number) => Some(number.into()),
            Number::Decimal(number) => Some(number),
            Number::Float(_) => None,
        }
    }

    fn compare(self, other: Self) -> Option<Ordering> {
        match (self.to_decimal(), other.to_decimal()) {
            (Some(left), Some(right)) => left.partial_cmp(&right),
            _ => self.to_f64().partial_cmp(&other.to_f64()),
        }
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        match number {
            Number::Integer(number) => Value::Integer(number),
            Number::Decimal(number) => Value::Decimal(number),
            Number::Float(number) => Value::Float(number),
        }
    }
}
