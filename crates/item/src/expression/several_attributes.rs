//! Key conditions of global indexes whose partition key or sort key has several attributes.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.DesignPattern.MultiAttributeKeys.html>

use std::ops::Bound;

use super::condition::Comparator;
use super::key_condition::{KeyAttribute, KeyConditions, KeyRange, RangeCondition, check_value};
use crate::{AttributeValue, Invalid, key};

/// The key of an index by its attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeveralAttributes<'a> {
    /// Of the partition key.
    pub hashes: Vec<KeyAttribute<'a>>,
    /// Of the sort key.
    pub ranges: Vec<KeyAttribute<'a>>,
}

impl SeveralAttributes<'_> {
    /// Holds conditions against this key: equalities for all attributes of the partition key and for the first ones of
    /// the sort key, and after those at most one other condition.
    ///
    /// # Errors
    /// They are others, or values are not of the key's types.
    pub fn resolve(&self, mut conditions: KeyConditions) -> Result<KeyRange, Invalid> {
        conditions.check_count(self.hashes.len() + self.ranges.len())?;
        let mut hashes = Vec::with_capacity(self.hashes.len());
        for attribute in &self.hashes {
            let condition = conditions.take(attribute.name).ok_or_else(|| missed(attribute))?;
            let RangeCondition::Compare(Comparator::Equal, value) = condition else {
                return Err(not_supported());
            };
            check_value(attribute, &value)?;
            hashes.push(value);
        }
        let ranges: Vec<_> = self.ranges.iter().map(|range| conditions.take(range.name)).collect();
        if conditions.attributes().next().is_some() {
            let free = self.ranges.iter().zip(&ranges).find(|(_, condition)| condition.is_none());
            return Err(free.map_or_else(not_supported, |(attribute, _)| missed(attribute)));
        }
        let (equal, last) = self.in_order(ranges)?;
        let (lower, upper) = bounds(&joined(&equal, self.ranges.len()), self.ranges.len(), last.as_ref());
        Ok(KeyRange { partition: joined(&hashes, self.hashes.len()), lower, upper })
    }

    /// The values that the first attributes of the sort key equal, and the condition of the one behind them.
    fn in_order(
        &self,
        conditions: Vec<Option<RangeCondition>>,
    ) -> Result<(Vec<AttributeValue>, Option<RangeCondition>), Invalid> {
        let is_equality = |condition: &Option<RangeCondition>| {
            matches!(condition, Some(RangeCondition::Compare(Comparator::Equal, _)))
        };
        let Some(last) = conditions.iter().rposition(Option::is_some) else {
            return Ok((Vec::new(), None));
        };
        let before = self.ranges[..last].iter().zip(&conditions);
        let lacking: Vec<&str> = before
            .filter(|(_, condition)| !is_equality(condition))
            .map(|(attribute, _)| attribute.name)
            .collect();
        if !lacking.is_empty() {
            return Err(Invalid::new(format!(
                "RANGE key attributes {} must have equality conditions specified in the query because a condition is \
                 present on key attribute {}",
                lacking.join(", "),
                self.ranges[last].name
            )));
        }
        let (mut equal, mut other) = (Vec::new(), None);
        for (attribute, condition) in self.ranges.iter().zip(conditions.into_iter().flatten()) {
            for value in condition.values() {
                check_value(attribute, value)?;
            }
            match condition {
                RangeCondition::Compare(Comparator::Equal, value) => equal.push(value),
                RangeCondition::Unsupported(_) => return Err(not_supported()),
                condition => other = Some(condition),
            }
        }
        Ok((equal, other))
    }
}

fn missed(attribute: &KeyAttribute<'_>) -> Invalid {
    Invalid::new(format!("Query condition missed key schema element: {}", attribute.name))
}

fn not_supported() -> Invalid {
    Invalid::new("Query key condition not supported")
}

/// The bytes of the first values of a key part with so many attributes.
fn joined(values: &[AttributeValue], attributes: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for value in values {
        key::put_part(value, attributes, &mut out);
    }
    out
}

/// The sort keys that begin with `equal` and whose next attribute meets a condition.
fn bounds(
    equal: &[u8],
    attributes: usize,
    condition: Option<&RangeCondition>,
) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
    if attributes == 1 {
        // Nothing is behind the attribute: its bytes are those of a plain sort key.
        return match condition {
            Some(condition) => condition.bounds(),
            None if equal.is_empty() => (Bound::Unbounded, Bound::Unbounded),
            None => (Bound::Included(equal.to_vec()), Bound::Included(equal.to_vec())),
        };
    }
    // All that begin with the bytes of a value and its end, and all behind those.
    let at = |value: &AttributeValue| {
        let mut bytes = equal.to_vec();
        key::put_part(value, attributes, &mut bytes);
        bytes
    };
    let (first, behind) = (Bound::Included(equal.to_vec()), key::behind(equal.to_vec()));
    match condition {
        None if equal.is_empty() => (Bound::Unbounded, Bound::Unbounded),
        None | Some(RangeCondition::Unsupported(_)) => (first, behind),
        Some(RangeCondition::Compare(comparator, value)) => match comparator {
            Comparator::Less => (first, Bound::Excluded(at(value))),
            Comparator::LessOrEqual => (first, key::behind(at(value))),
            Comparator::Greater => (included(key::behind(at(value))), behind),
            Comparator::GreaterOrEqual => (Bound::Included(at(value)), behind),
            Comparator::Equal | Comparator::NotEqual => (Bound::Included(at(value)), key::behind(at(value))),
        },
        Some(RangeCondition::Between(lower, upper)) => (Bound::Included(at(lower)), key::behind(at(upper))),
        Some(RangeCondition::BeginsWith(prefix)) => {
            let mut bytes = equal.to_vec();
            key::put_prefix(prefix, &mut bytes);
            (Bound::Included(bytes.clone()), key::behind(bytes))
        }
    }
}

/// An end as a beginning.
fn included(end: Bound<Vec<u8>>) -> Bound<Vec<u8>> {
    match end {
        Bound::Excluded(bytes) => Bound::Included(bytes),
        end => end,
    }
}
