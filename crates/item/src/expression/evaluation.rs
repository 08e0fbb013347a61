//! Whether an item meets a condition.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::expression::condition::{Comparator, Condition, Operand};
use crate::{AttributeValue, Item, Number};

/// Whether `item` meets `condition`.
pub(super) fn matches(condition: &Condition, item: &Item) -> bool {
    match condition {
        Condition::Compare(comparator, one, other) => compare(*comparator, one, other, item),
        Condition::Between { operand, lower, upper } => {
            let (Some(value), Some(lower), Some(upper)) =
                (value(operand, item), value(lower, item), value(upper, item))
            else {
                return false;
            };
            order(&value, &lower).is_some_and(Ordering::is_ge)
                && order(&value, &upper).is_some_and(Ordering::is_le)
        }
        Condition::In(operand, choices) => value(operand, item).is_some_and(|wanted| {
            choices.iter().any(|choice| value(choice, item).is_some_and(|v| v == wanted))
        }),
        Condition::Exists(path) => path.get(item).is_some(),
        Condition::NotExists(path) => path.get(item).is_none(),
        Condition::Type(operand, kind) => value(operand, item).is_some_and(|value| value.kind() == *kind),
        Condition::BeginsWith(operand, prefix) => match (value(operand, item), value(prefix, item)) {
            (Some(value), Some(prefix)) => begins_with(&value, &prefix),
            _ => false,
        },
        Condition::Contains(operand, part) => match (value(operand, item), value(part, item)) {
            (Some(value), Some(part)) => contains(&value, &part),
            _ => false,
        },
        Condition::And(one, other) => matches(one, item) && matches(other, item),
        Condition::Or(one, other) => matches(one, item) || matches(other, item),
        Condition::Not(inner) => !matches(inner, item),
    }
}

/// The value of an operand, if it has one.
fn value<'a>(operand: &'a Operand, item: &'a Item) -> Option<Cow<'a, AttributeValue>> {
    match operand {
        Operand::Path(path) => path.get(item).map(Cow::Borrowed),
        Operand::Value(value) => Some(Cow::Borrowed(value)),
        Operand::Size(inner) => {
            let size = size(value(inner, item)?.as_ref())?;
            Some(Cow::Owned(AttributeValue::N(Number::from(i64::try_from(size).ok()?))))
        }
    }
}

/// What `size` gives: UTF-16 code units of strings, bytes of binary values, elements of anything else.
fn size(value: &AttributeValue) -> Option<usize> {
    Some(match value {
        AttributeValue::S(text) => text.encode_utf16().count(),
        AttributeValue::B(bytes) => bytes.len(),
        AttributeValue::M(map) => map.len(),
        AttributeValue::L(values) => values.len(),
        AttributeValue::Ss(texts) => texts.len(),
        AttributeValue::Ns(numbers) => numbers.len(),
        AttributeValue::Bs(blobs) => blobs.len(),
        AttributeValue::N(_) | AttributeValue::Bool(_) | AttributeValue::Null => return None,
    })
}

fn compare(comparator: Comparator, one: &Operand, other: &Operand, item: &Item) -> bool {
    let values = value(one, item).zip(value(other, item));
    let Some((one, other)) = values else {
        // What does not exist is unlike everything.
        return comparator == Comparator::NotEqual;
    };
    let ordered = |wanted: fn(Ordering) -> bool| order(&one, &other).is_some_and(wanted);
    match comparator {
        Comparator::Equal => one == other,
        Comparator::NotEqual => one != other,
        Comparator::Less => ordered(Ordering::is_lt),
        Comparator::LessOrEqual => ordered(Ordering::is_le),
        Comparator::Greater => ordered(Ordering::is_gt),
        Comparator::GreaterOrEqual => ordered(Ordering::is_ge),
    }
}

/// How two values are ordered: strings and binary values by bytes, numbers by value; others are not.
pub(crate) fn order(one: &AttributeValue, other: &AttributeValue) -> Option<Ordering> {
    match (one, other) {
        (AttributeValue::S(one), AttributeValue::S(other)) => Some(one.as_bytes().cmp(other.as_bytes())),
        (AttributeValue::N(one), AttributeValue::N(other)) => Some(one.cmp(other)),
        (AttributeValue::B(one), AttributeValue::B(other)) => Some(one.cmp(other)),
        _ => None,
    }
}

fn begins_with(value: &AttributeValue, prefix: &AttributeValue) -> bool {
    match (value, prefix) {
        (AttributeValue::S(text), AttributeValue::S(prefix)) => text.starts_with(&**prefix),
        (AttributeValue::B(bytes), AttributeValue::B(prefix)) => bytes.starts_with(prefix),
        _ => false,
    }
}

/// Whether a string or binary value has another in it, or a list or set an element.
fn contains(value: &AttributeValue, part: &AttributeValue) -> bool {
    match (value, part) {
        (AttributeValue::S(text), AttributeValue::S(part)) => text.contains(&**part),
        (AttributeValue::B(bytes), AttributeValue::B(part)) => {
            part.is_empty() || bytes.windows(part.len()).any(|window| window == part)
        }
        (AttributeValue::Ss(texts), AttributeValue::S(part)) => texts.contains(part),
        (AttributeValue::Ns(numbers), AttributeValue::N(part)) => numbers.contains(part),
        (AttributeValue::Bs(blobs), AttributeValue::B(part)) => blobs.contains(part),
        (AttributeValue::L(values), part) => values.contains(part),
        _ => false,
    }
}
