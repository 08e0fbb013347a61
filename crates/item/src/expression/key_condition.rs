//! Key conditions: which partition a query reads, and which sort keys of it.

use std::ops::Bound;

use crate::expression::condition::{Comparator, Condition, Operand};
use crate::expression::evaluation::order;
use crate::{AttributeType, AttributeValue, ExpressionKind, Invalid, Placeholders, Text, key};

/// A key attribute of a table or index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyAttribute<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its type: S, N or B.
    pub kind: AttributeType,
}

/// The key of a table or index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeySchema<'a> {
    /// The partition key.
    pub hash: KeyAttribute<'a>,
    /// The sort key.
    pub range: Option<KeyAttribute<'a>>,
}

/// What a condition asks of one key attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum RangeCondition {
    /// A comparison; never [`Comparator::NotEqual`].
    Compare(Comparator, AttributeValue),
    /// Between two values, both included.
    Between(AttributeValue, AttributeValue),
    /// Strings or binary values that begin so.
    BeginsWith(AttributeValue),
    /// An operator of the legacy parameters that no key takes.
    Unsupported(Vec<AttributeValue>),
}

/// Conditions on key attributes, not yet held against the key of a table or index.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KeyConditions(Vec<(Text, RangeCondition)>);

/// What a query reads.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyQuery {
    /// Value of the partition key.
    pub hash: AttributeValue,
    /// Which sort keys; all when there is no condition.
    pub range: Option<RangeCondition>,
}

/// What a query reads, in key bytes: see [`key`].
#[derive(Debug, Clone, PartialEq)]
pub struct KeyRange {
    /// The partition.
    pub partition: Vec<u8>,
    /// The first sort key.
    pub lower: Bound<Vec<u8>>,
    /// The last sort key.
    pub upper: Bound<Vec<u8>>,
}

impl KeyQuery {
    /// The key bytes that it reads; none when the value of the partition key cannot be a key.
    pub fn bytes(&self) -> Option<KeyRange> {
        let (lower, upper) =
            self.range.as_ref().map_or((Bound::Unbounded, Bound::Unbounded), RangeCondition::bounds);
        Some(KeyRange { partition: key::bytes(&self.hash)?, lower, upper })
    }
}

impl KeyConditions {
    /// Parses a `KeyConditionExpression`.
    ///
    /// # Errors
    /// What AWS says of it before it looks at the table.
    pub fn parse(text: &str, placeholders: &mut Placeholders) -> Result<Self, Invalid> {
        let condition = Condition::parse(ExpressionKind::KeyCondition, text, placeholders)?;
        let mut conditions = KeyConditions::default();
        conditions.add_all(condition)?;
        Ok(conditions)
    }

    /// Adds the condition of one attribute; for the legacy parameters.
    pub(crate) fn push(&mut self, attribute: Text, condition: RangeCondition) {
        self.0.push((attribute, condition));
    }

    /// The names of the attributes with conditions.
    pub fn attributes(&self) -> impl Iterator<Item = &Text> {
        self.0.iter().map(|(attribute, _)| attribute)
    }

    fn add_all(&mut self, condition: Condition) -> Result<(), Invalid> {
        let no_operator = |name: &str| {
            Err(Invalid::new(format!("Invalid operator used in KeyConditionExpression: {name}")))
        };
        match condition {
            Condition::And(one, other) => {
                self.add_all(*one)?;
                self.add_all(*other)
            }
            Condition::Or(..) => no_operator("OR"),
            Condition::Not(_) => no_operator("NOT"),
            Condition::In(..) => no_operator("IN"),
            Condition::Exists(_) => no_operator("attribute_exists"),
            Condition::NotExists(_) => no_operator("attribute_not_exists"),
            Condition::Type(..) => no_operator("attribute_type"),
            Condition::Contains(..) => no_operator("contains"),
            Condition::Compare(Comparator::NotEqual, ..) => no_operator("<>"),
            Condition::Compare(comparator, one, other) => {
                let turned = !matches!(one, Operand::Path(_));
                let (attribute, [value]) = key_operands([one, other])?;
                let comparator = if turned { comparator.turned() } else { comparator };
                self.add(attribute, RangeCondition::Compare(comparator, value))
            }
            Condition::Between { operand, lower, upper } => {
                check_first("BETWEEN", &operand)?;
                let (attribute, [lower, upper]) = key_operands([operand, lower, upper])?;
                self.add(attribute, RangeCondition::Between(lower, upper))
            }
            Condition::BeginsWith(operand, prefix) => {
                check_first("begins_with", &operand)?;
                let (attribute, [prefix]) = key_operands([operand, prefix])?;
                self.add(attribute, RangeCondition::BeginsWith(prefix))
            }
        }
    }

    fn add(&mut self, attribute: Text, condition: RangeCondition) -> Result<(), Invalid> {
        if self.0.iter().any(|(known, _)| *known == attribute) {
            return Err(Invalid::new(
                "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key",
            ));
        }
        self.push(attribute, condition);
        Ok(())
    }

    /// Holds the conditions against a key.
    ///
    /// # Errors
    /// A condition on the partition key is missing or no equality, there are conditions on other attributes, or values
    /// are not of the key's types.
    pub fn resolve(mut self, schema: &KeySchema<'_>) -> Result<KeyQuery, Invalid> {
        self.check_count(1 + usize::from(schema.range.is_some()))?;
        let missed =
            |name: &str| Err(Invalid::new(format!("Query condition missed key schema element: {name}")));
        let not_supported = || Err(Invalid::new("Query key condition not supported"));
        let Some(hash) = self.take(schema.hash.name) else { return missed(schema.hash.name) };
        let range = match (schema.range, self.0.is_empty()) {
            (_, true) => None,
            (None, false) => return not_supported(),
            (Some(key), false) => match self.take(key.name) {
                Some(condition) => Some((key, condition)),
                None => return missed(key.name),
            },
        };
        let RangeCondition::Compare(Comparator::Equal, hash) = hash else { return not_supported() };
        check_value(&schema.hash, &hash)?;
        if let Some((key, condition)) = &range {
            for value in condition.values() {
                check_value(key, value)?;
            }
            if matches!(condition, RangeCondition::Unsupported(_)) {
                return not_supported();
            }
        }
        Ok(KeyQuery { hash, range: range.map(|(_, condition)| condition) })
    }

    /// Refuses more conditions than there are key attributes, or none.
    pub(super) fn check_count(&self, attributes: usize) -> Result<(), Invalid> {
        match self.0.len() {
            0 => Err(Invalid::new("Conditions can be of length 1 or 2 only")),
            count if count > attributes.max(2) => Err(Invalid::new(format!(
                "The number of query conditions ({count}) exceeds the number of key attributes defined in the schema \
                 ({attributes})"
            ))),
            _ => Ok(()),
        }
    }

    pub(super) fn take(&mut self, attribute: &str) -> Option<RangeCondition> {
        let place = self.0.iter().position(|(known, _)| known == attribute)?;
        Some(self.0.swap_remove(place).1)
    }
}

fn check_first(name: &str, operand: &Operand) -> Result<(), Invalid> {
    match operand {
        Operand::Path(_) => Ok(()),
        _ => Err(Invalid::new(format!(
            "Invalid condition in KeyConditionExpression: {name} operator must have the key attribute as its first operand"
        ))),
    }
}

/// The one attribute and the values of a condition.
fn key_operands<const N: usize, const VALUES: usize>(
    operands: [Operand; N],
) -> Result<(Text, [AttributeValue; VALUES]), Invalid> {
    let (mut attribute, mut values) = (None, Vec::with_capacity(VALUES));
    for operand in operands {
        match operand {
            Operand::Path(_) if attribute.is_some() => {
                return Err(Invalid::new(
                    "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition",
                ));
            }
            Operand::Path(path) if !path.steps.is_empty() => {
                return Err(Invalid::new(
                    "KeyConditionExpressions cannot have conditions on nested attributes",
                ));
            }
            Operand::Path(path) => attribute = Some(path.attribute),
            Operand::Size(_) => {
                return Err(Invalid::new("KeyConditionExpressions cannot contain nested operations"));
            }
            Operand::Value(value) => values.push(value),
        }
    }
    let none = || Invalid::new("Invalid condition in KeyConditionExpression: No key attribute specified");
    attribute.zip(values.try_into().ok()).ok_or_else(none)
}

pub(super) fn check_value(key: &KeyAttribute<'_>, value: &AttributeValue) -> Result<(), Invalid> {
    if value.kind() != key.kind {
        return Err(Invalid::parameter("Condition parameter type does not match schema type"));
    }
    key::check_not_empty(key.name, value)
}

impl RangeCondition {
    pub(super) fn values(&self) -> Vec<&AttributeValue> {
        match self {
            RangeCondition::Compare(_, value) | RangeCondition::BeginsWith(value) => vec![value],
            RangeCondition::Between(lower, upper) => vec![lower, upper],
            RangeCondition::Unsupported(values) => values.iter().collect(),
        }
    }

    /// The key bytes that meet the condition: see [`key`].
    pub fn bounds(&self) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
        let bytes = |value: &AttributeValue| key::bytes(value).unwrap_or_default();
        match self {
            RangeCondition::Compare(comparator, value) => {
                let value = bytes(value);
                match comparator {
                    Comparator::Less => (Bound::Unbounded, Bound::Excluded(value)),
                    Comparator::LessOrEqual => (Bound::Unbounded, Bound::Included(value)),
                    Comparator::Greater => (Bound::Excluded(value), Bound::Unbounded),
                    Comparator::GreaterOrEqual => (Bound::Included(value), Bound::Unbounded),
                    Comparator::Equal | Comparator::NotEqual => {
                        (Bound::Included(value.clone()), Bound::Included(value))
                    }
                }
            }
            RangeCondition::Between(lower, upper) => {
                (Bound::Included(bytes(lower)), Bound::Included(bytes(upper)))
            }
            RangeCondition::BeginsWith(prefix) => {
                let prefix = bytes(prefix);
                (Bound::Included(prefix.clone()), key::behind(prefix))
            }
            RangeCondition::Unsupported(_) => (Bound::Unbounded, Bound::Unbounded),
        }
    }

    /// Whether a value of the key attribute meets the condition.
    pub fn matches(&self, value: &AttributeValue) -> bool {
        let is = |other: &AttributeValue, wanted: fn(std::cmp::Ordering) -> bool| {
            order(value, other).is_some_and(wanted)
        };
        match self {
            RangeCondition::Compare(comparator, other) => match comparator {
                Comparator::Equal => value == other,
                Comparator::NotEqual => value != other,
                Comparator::Less => is(other, std::cmp::Ordering::is_lt),
                Comparator::LessOrEqual => is(other, std::cmp::Ordering::is_le),
                Comparator::Greater => is(other, std::cmp::Ordering::is_gt),
                Comparator::GreaterOrEqual => is(other, std::cmp::Ordering::is_ge),
            },
            RangeCondition::Between(lower, upper) => {
                is(lower, std::cmp::Ordering::is_ge) && is(upper, std::cmp::Ordering::is_le)
            }
            RangeCondition::BeginsWith(prefix) => match (value, prefix) {
                (AttributeValue::S(text), AttributeValue::S(prefix)) => text.starts_with(&**prefix),
                (AttributeValue::B(bytes), AttributeValue::B(prefix)) => bytes.starts_with(prefix),
                _ => false,
            },
            RangeCondition::Unsupported(_) => false,
        }
    }
}
