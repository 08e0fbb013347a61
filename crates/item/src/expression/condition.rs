//! Conditions: the tree that `ConditionExpression`, `FilterExpression` and the legacy parameters become.

use crate::expression::condition_parser;
use crate::expression::path::Path;
use crate::{AttributeType, AttributeValue, ExpressionKind, Invalid, Item, Placeholders, Text};

/// Something that is compared.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// The value at a path.
    Path(Path),
    /// A value of the request.
    Value(AttributeValue),
    /// `size(…)`.
    Size(Box<Operand>),
}

/// How two operands are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparator {
    /// `=`.
    Equal,
    /// `<>`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
}

impl Comparator {
    /// The comparator of this sign.
    pub(crate) fn from_sign(sign: &str) -> Option<Self> {
        Some(match sign {
            "=" => Comparator::Equal,
            "<>" => Comparator::NotEqual,
            "<" => Comparator::Less,
            "<=" => Comparator::LessOrEqual,
            ">" => Comparator::Greater,
            ">=" => Comparator::GreaterOrEqual,
            _ => return None,
        })
    }

    /// The sign.
    pub fn sign(self) -> &'static str {
        match self {
            Comparator::Equal => "=",
            Comparator::NotEqual => "<>",
            Comparator::Less => "<",
            Comparator::LessOrEqual => "<=",
            Comparator::Greater => ">",
            Comparator::GreaterOrEqual => ">=",
        }
    }

    /// The comparator with the operands the other way round.
    #[must_use]
    pub fn turned(self) -> Self {
        match self {
            Comparator::Less => Comparator::Greater,
            Comparator::LessOrEqual => Comparator::GreaterOrEqual,
            Comparator::Greater => Comparator::Less,
            Comparator::GreaterOrEqual => Comparator::LessOrEqual,
            same => same,
        }
    }
}

/// A question about an item. [`Condition::matches`] answers it.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// A comparison of two operands.
    Compare(Comparator, Operand, Operand),
    /// `operand BETWEEN lower AND upper`.
    Between {
        /// What must lie between the bounds.
        operand: Operand,
        /// The lower bound.
        lower: Operand,
        /// The upper bound.
        upper: Operand,
    },
    /// `operand IN (…)`.
    In(Operand, Vec<Operand>),
    /// `attribute_exists`.
    Exists(Path),
    /// `attribute_not_exists`.
    NotExists(Path),
    /// `attribute_type`.
    Type(Operand, AttributeType),
    /// `begins_with`.
    BeginsWith(Operand, Operand),
    /// `contains`.
    Contains(Operand, Operand),
    /// Both.
    And(Box<Condition>, Box<Condition>),
    /// Either.
    Or(Box<Condition>, Box<Condition>),
    /// Not.
    Not(Box<Condition>),
}

impl Condition {
    /// Parses a condition or filter.
    ///
    /// # Errors
    /// What AWS says of it before it looks at any item.
    pub fn parse(kind: ExpressionKind, text: &str, placeholders: &mut Placeholders) -> Result<Self, Invalid> {
        condition_parser::parse(kind, text, placeholders)
    }

    /// Whether an item meets the condition; an item that does not exist is one without attributes.
    pub fn matches(&self, item: &Item) -> bool {
        super::evaluation::matches(self, item)
    }

    /// The attributes that the condition looks at, each as often as it does.
    pub fn attributes(&self) -> Vec<&Text> {
        let mut attributes = Vec::new();
        self.visit(&mut |path| attributes.push(&path.attribute));
        attributes
    }

    /// Shows every path of the condition.
    pub fn visit<'a>(&'a self, seen: &mut impl FnMut(&'a Path)) {
        match self {
            Condition::Compare(_, one, other)
            | Condition::BeginsWith(one, other)
            | Condition::Contains(one, other) => {
                one.visit(seen);
                other.visit(seen);
            }
            Condition::Between { operand, lower, upper } => {
                operand.visit(seen);
                lower.visit(seen);
                upper.visit(seen);
            }
            Condition::In(operand, choices) => {
                operand.visit(seen);
                choices.iter().for_each(|choice| choice.visit(seen));
            }
            Condition::Exists(path) | Condition::NotExists(path) => seen(path),
            Condition::Type(operand, _) => operand.visit(seen),
            Condition::And(one, other) | Condition::Or(one, other) => {
                one.visit(seen);
                other.visit(seen);
            }
            Condition::Not(inner) => inner.visit(seen),
        }
    }

    /// Both this and another.
    #[must_use]
    pub fn and(self, other: Condition) -> Condition {
        Condition::And(Box::new(self), Box::new(other))
    }

    /// This or another.
    #[must_use]
    pub fn or(self, other: Condition) -> Condition {
        Condition::Or(Box::new(self), Box::new(other))
    }
}

impl Operand {
    fn visit<'a>(&'a self, seen: &mut impl FnMut(&'a Path)) {
        match self {
            Operand::Path(path) => seen(path),
            Operand::Value(_) => {}
            Operand::Size(inner) => inner.visit(seen),
        }
    }
}
