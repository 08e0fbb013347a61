//! Random conditions: written down and parsed they are the same, and they decide as a naive reading of them does.

use proptest::collection::vec;
use proptest::prelude::*;
use virga_item::{
    AttributeValue, Comparator, Condition, ExpressionKind, Item, Operand, Path, Placeholders, Text, key,
};

use crate::strategy;

fn attribute() -> impl Strategy<Value = Operand> {
    "[a-d]".prop_map(|name| Operand::Path(Path::of_attribute(Text::from(name))))
}

fn scalar() -> impl Strategy<Value = Operand> {
    prop_oneof![
        strategy::number().prop_map(AttributeValue::N),
        "[a-cé]{0,3}".prop_map(|text| AttributeValue::S(Text::from(text))),
    ]
    .prop_map(Operand::Value)
}

fn comparator() -> impl Strategy<Value = Comparator> {
    prop_oneof![
        Just(Comparator::Equal),
        Just(Comparator::NotEqual),
        Just(Comparator::Less),
        Just(Comparator::LessOrEqual),
        Just(Comparator::Greater),
        Just(Comparator::GreaterOrEqual),
    ]
}

fn condition() -> impl Strategy<Value = Condition> {
    let path = || {
        attribute().prop_map(|operand| match operand {
            Operand::Path(path) => path,
            _ => Path::of_attribute(Text::new()),
        })
    };
    let single = prop_oneof![
        (comparator(), attribute(), scalar())
            .prop_map(|(how, one, other)| Condition::Compare(how, one, other)),
        (attribute(), vec(scalar(), 1..4)).prop_map(|(one, choices)| Condition::In(one, choices)),
        path().prop_map(Condition::Exists),
        path().prop_map(Condition::NotExists),
    ];
    single.prop_recursive(4, 12, 2, |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            pair.clone().prop_map(|(one, other)| one.and(other)),
            pair.prop_map(|(one, other)| one.or(other)),
            inner.prop_map(|inner| Condition::Not(Box::new(inner))),
        ]
    })
}

/// A condition as an expression, with the values it needs.
fn written(condition: &Condition, values: &mut Vec<AttributeValue>) -> String {
    let mut operand = |operand: &Operand| match operand {
        Operand::Path(path) => path.attribute.to_string(),
        Operand::Value(value) => {
            values.push(value.clone());
            format!(":v{}", values.len() - 1)
        }
        Operand::Size(_) => String::new(),
    };
    match condition {
        Condition::Compare(how, one, other) => format!("{} {} {}", operand(one), how.sign(), operand(other)),
        Condition::In(one, choices) => {
            let one = operand(one);
            format!("{one} IN ({})", choices.iter().map(operand).collect::<Vec<_>>().join(", "))
        }
        Condition::Exists(path) => format!("attribute_exists({})", path.attribute),
        Condition::NotExists(path) => format!("attribute_not_exists({})", path.attribute),
        Condition::And(one, other) => format!("{} AND {}", inner(one, values), inner(other, values)),
        Condition::Or(one, other) => format!("{} OR {}", inner(one, values), inner(other, values)),
        Condition::Not(negated) => format!("NOT {}", inner(negated, values)),
        _ => String::new(),
    }
}

/// A part of a condition, in parentheses if it has parts itself.
fn inner(condition: &Condition, values: &mut Vec<AttributeValue>) -> String {
    let text = written(condition, values);
    match condition {
        Condition::And(..) | Condition::Or(..) | Condition::Not(_) => format!("({text})"),
        _ => text,
    }
}

/// What a condition says, by the letter. Values are ordered by their key bytes, which numbers and strings have.
fn naive(condition: &Condition, item: &Item) -> bool {
    let value = |operand: &Operand| match operand {
        Operand::Path(path) => item.get(&path.attribute).cloned(),
        Operand::Value(value) => Some(value.clone()),
        Operand::Size(_) => None,
    };
    match condition {
        Condition::Compare(how, one, other) => {
            let (one, other) = (value(one), value(other));
            let equal = one.is_some() && one == other;
            let order = one
                .zip(other)
                .filter(|(one, other)| one.kind() == other.kind())
                .and_then(|(one, other)| Some(key::bytes(&one)?.cmp(&key::bytes(&other)?)));
            match how {
                Comparator::Equal => equal,
                Comparator::NotEqual => !equal,
                Comparator::Less => order.is_some_and(std::cmp::Ordering::is_lt),
                Comparator::LessOrEqual => order.is_some_and(std::cmp::Ordering::is_le),
                Comparator::Greater => order.is_some_and(std::cmp::Ordering::is_gt),
                Comparator::GreaterOrEqual => order.is_some_and(std::cmp::Ordering::is_ge),
            }
        }
        Condition::In(one, choices) => {
            value(one).is_some_and(|one| choices.iter().any(|choice| value(choice).as_ref() == Some(&one)))
        }
        Condition::Exists(path) => item.contains(&path.attribute),
        Condition::NotExists(path) => !item.contains(&path.attribute),
        Condition::And(one, other) => naive(one, item) && naive(other, item),
        Condition::Or(one, other) => naive(one, item) || naive(other, item),
        Condition::Not(negated) => !naive(negated, item),
        _ => false,
    }
}

proptest! {
    #[test]
    fn conditions_are_what_was_written(condition in condition(), item in strategy::item()) {
        let mut values = Vec::new();
        let text = written(&condition, &mut values);
        let values = values.into_iter().enumerate().map(|(at, value)| (Text::from(format!(":v{at}")), value));
        let mut placeholders = Placeholders::from_pairs([], values);
        let parsed = Condition::parse(ExpressionKind::Condition, &text, &mut placeholders);
        prop_assert_eq!(parsed.as_ref().map_err(ToString::to_string), Ok(&condition), "{}", text);
        prop_assert_eq!(placeholders.all_used(), Ok(()));
        prop_assert_eq!(condition.matches(&item), naive(&condition, &item));
    }
}
