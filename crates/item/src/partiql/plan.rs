//! What a condition reads of a table or index: single items, partitions, or all of it.

use crate::expression::{Comparator, Condition, KeyAttribute, KeyQuery, KeySchema, Operand, RangeCondition};
use crate::{AttributeValue, Invalid, Item, Text, key};

/// Where the items come from that a `SELECT` looks at.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// Single items, or ranges of partitions, in this order.
    Queries(Vec<KeyQuery>),
    /// All items.
    Scan,
}

/// How a `SELECT` is done.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Where the items come from.
    pub source: Source,
    /// What they must meet beside their keys.
    pub filter: Option<Condition>,
    /// The key of the one item, when the condition names all of it and nothing else.
    pub key: Option<Item>,
}

/// The item that a statement names.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyLookup {
    /// Its key.
    pub key: Item,
    /// What it must meet beside that.
    pub condition: Option<Condition>,
}

impl Plan {
    /// Plans a `SELECT` on the table or index with this key.
    ///
    /// # Errors
    /// A value for the partition key that is not of its type, or empty.
    pub fn new(condition: Option<Condition>, schema: &KeySchema<'_>) -> Result<Self, Invalid> {
        let mut rest = conjuncts(condition);
        let Some(hashes) = take_hashes(&mut rest, schema.hash.name) else {
            return Ok(Plan { source: Source::Scan, filter: join(rest), key: None });
        };
        for hash in &hashes {
            check_key(&schema.hash, hash)?;
        }
        let range = schema.range.and_then(|range| take_range(&mut rest, &range));
        let filter = join(rest);
        let single = match (&hashes[..], schema.range, &range, &filter) {
            ([hash], None, _, None) => {
                Some([(Text::from(schema.hash.name), hash.clone())].into_iter().collect())
            }
            ([hash], Some(key), Some(RangeCondition::Compare(Comparator::Equal, value)), None) => {
                let key = (Text::from(key.name), value.clone());
                Some([(Text::from(schema.hash.name), hash.clone()), key].into_iter().collect())
            }
            _ => None,
        };
        let queries = hashes.into_iter().map(|hash| KeyQuery { hash, range: range.clone() }).collect();
        Ok(Plan { source: Source::Queries(queries), filter, key: single })
    }
}

/// The item that the condition of an `UPDATE`, `DELETE` or `EXISTS` names: each key attribute equals a value.
///
/// # Errors
/// A key attribute has no value, or one that is not of its type, or empty.
pub fn key_lookup(condition: Option<Condition>, schema: &KeySchema<'_>) -> Result<KeyLookup, Invalid> {
    let mut rest = conjuncts(condition);
    let mut key = Item::new();
    for attribute in std::iter::once(schema.hash).chain(schema.range) {
        let value = take(&mut rest, |condition| equality(condition, attribute.name)).ok_or_else(|| {
            Invalid::new("Where clause does not contain a mandatory equality on all key attributes")
        })?;
        check_key(&attribute, &value)?;
        key.insert(Text::from(attribute.name), value);
    }
    Ok(KeyLookup { key, condition: join(rest) })
}

fn check_key(attribute: &KeyAttribute<'_>, value: &AttributeValue) -> Result<(), Invalid> {
    if value.kind() != attribute.kind {
        return Err(Invalid::new("The provided key element does not match the schema"));
    }
    key::check_not_empty(attribute.name, value)
}

/// The conditions that must all hold.
fn conjuncts(condition: Option<Condition>) -> Vec<Condition> {
    let mut found = Vec::new();
    let mut open: Vec<Condition> = condition.into_iter().collect();
    while let Some(condition) = open.pop() {
        match condition {
            Condition::And(one, other) => open.extend([*other, *one]),
            condition => found.push(condition),
        }
    }
    found
}

fn join(conditions: Vec<Condition>) -> Option<Condition> {
    conditions.into_iter().reduce(Condition::and)
}

/// Takes the first condition out for which `find` gives something.
fn take<T>(conditions: &mut Vec<Condition>, find: impl Fn(&Condition) -> Option<T>) -> Option<T> {
    let (place, found) =
        conditions.iter().enumerate().find_map(|(at, condition)| Some((at, find(condition)?)))?;
    conditions.remove(place);
    Some(found)
}

fn is_attribute(operand: &Operand, name: &str) -> bool {
    matches!(operand, Operand::Path(path) if path.attribute == name && path.steps.is_empty())
}

/// The comparison of an attribute with a value, the attribute first.
fn comparison<'a>(condition: &'a Condition, name: &str) -> Option<(Comparator, &'a AttributeValue)> {
    match condition {
        Condition::Compare(comparator, one, Operand::Value(value)) if is_attribute(one, name) => {
            Some((*comparator, value))
        }
        Condition::Compare(comparator, Operand::Value(value), other) if is_attribute(other, name) => {
            Some((comparator.turned(), value))
        }
        _ => None,
    }
}

fn equality(condition: &Condition, name: &str) -> Option<AttributeValue> {
    match comparison(condition, name)? {
        (Comparator::Equal, value) => Some(value.clone()),
        _ => None,
    }
}

/// The values that the partition key may have, each once.
fn take_hashes(conditions: &mut Vec<Condition>, name: &str) -> Option<Vec<AttributeValue>> {
    if let Some(value) = take(conditions, |condition| equality(condition, name)) {
        return Some(vec![value]);
    }
    take(conditions, |condition| {
        let Condition::In(operand, choices) = condition else { return None };
        let mut values = Vec::with_capacity(choices.len());
        for choice in choices {
            match choice {
                Operand::Value(value) if values.contains(value) => {}
                Operand::Value(value) => values.push(value.clone()),
                _ => return None,
            }
        }
        is_attribute(operand, name).then_some(values)
    })
}

/// The condition on the sort key that a query can do; others stay and filter.
fn take_range(conditions: &mut Vec<Condition>, key: &KeyAttribute<'_>) -> Option<RangeCondition> {
    take(conditions, |condition| match condition {
        Condition::Between { operand, lower: Operand::Value(lower), upper: Operand::Value(upper) }
            if is_attribute(operand, key.name) && lower.kind() == key.kind && upper.kind() == key.kind =>
        {
            Some(RangeCondition::Between(lower.clone(), upper.clone()))
        }
        Condition::BeginsWith(operand, Operand::Value(prefix))
            if is_attribute(operand, key.name) && prefix.kind() == key.kind =>
        {
            Some(RangeCondition::BeginsWith(prefix.clone()))
        }
        condition => match comparison(condition, key.name)? {
            (Comparator::NotEqual, _) => None,
            (comparator, value) => {
                (value.kind() == key.kind).then(|| RangeCondition::Compare(comparator, value.clone()))
            }
        },
    })
}
