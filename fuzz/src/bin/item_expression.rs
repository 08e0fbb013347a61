//! Expressions of DynamoDB: whatever is written, it has a tree or a message, and a tree can be evaluated.
//!
//! The first byte of the input says which kind of expression the rest is.

#![no_main]

use libfuzzer_sys::fuzz_target;
use virga_item::{
    AttributeType, AttributeValue, Condition, ExpressionKind, Item, KeyAttribute, KeyConditions, KeySchema,
    Number, Placeholders, Projection, Text, Update, attribute,
};

fn item() -> Item {
    let list = AttributeValue::L(vec![AttributeValue::Null, AttributeValue::Bool(true)]);
    let map: Item = [(Text::from_static("b"), list.clone())].into_iter().collect();
    let attributes = [
        ("a", AttributeValue::M(map)),
        ("b", list),
        ("c", AttributeValue::S(Text::from_static("text"))),
        ("d", AttributeValue::N(Number::from(5))),
        ("e", AttributeValue::Ss(vec![Text::from_static("x")])),
    ];
    attributes.into_iter().map(|(name, value)| (Text::from_static(name), value)).collect()
}

fn placeholders() -> Placeholders {
    let values = item().into_iter().map(|(name, value)| (Text::from(format!(":{name}")), value));
    let names = ["a", "b"].map(|name| (Text::from(format!("#{name}")), Text::from(name)));
    Placeholders::from_pairs(names, values)
}

fuzz_target!(|input: &[u8]| {
    let Some((kind, text)) = input.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let (mut placeholders, item) = (placeholders(), item());
    let error = match kind % 5 {
        0 | 1 => {
            let kind = if kind % 5 == 0 { ExpressionKind::Condition } else { ExpressionKind::Filter };
            Condition::parse(kind, text, &mut placeholders).map(|condition| {
                let opposite = Condition::Not(Box::new(condition.clone()));
                assert_ne!(condition.matches(&item), opposite.matches(&item));
            })
        }
        2 => Projection::parse(text, &mut placeholders).map(|projection| {
            let shown = projection.apply(&item);
            assert!(shown.len() <= item.len());
        }),
        3 => KeyConditions::parse(text, &mut placeholders).map(|conditions| {
            let key = |name| KeyAttribute { name, kind: AttributeType::S };
            let schema = KeySchema { hash: key("a"), range: Some(key("b")) };
            if let Ok(query) = conditions.resolve(&schema) {
                assert_eq!(query.hash.kind(), AttributeType::S);
                let _ = query.range.map(|range| range.bounds());
            }
        }),
        _ => Update::parse(text, &mut placeholders).map(|update| {
            if let Ok(changed) = update.apply(&item) {
                let deepest = changed.iter().map(|(_, value)| value.depth()).max().unwrap_or(0);
                assert!(deepest <= attribute::MAX_DEPTH);
            }
        }),
    };
    if let Err(error) = error {
        assert!(!error.message().is_empty());
    }
});
