//! PartiQL of DynamoDB: whatever is written, it is a statement or has a message, and a statement has a plan.

#![no_main]

use libfuzzer_sys::fuzz_target;
use virga_item::partiql::{Plan, Source, Statement, key_lookup};
use virga_item::{AttributeType, AttributeValue, Item, KeyAttribute, KeySchema, Number, Text};

fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let parameters: Vec<AttributeValue> = text
        .bytes()
        .filter(|byte| *byte == b'?')
        .map(|_| AttributeValue::S(Text::from_static("p")))
        .collect();
    let statement = match Statement::parse(text, &parameters) {
        Ok(statement) => statement,
        Err(error) => {
            assert!(!error.message().is_empty());
            return;
        }
    };
    assert!(!statement.table().is_empty());
    let key = |name, kind| KeyAttribute { name, kind };
    let schema = KeySchema { hash: key("pk", AttributeType::S), range: Some(key("sk", AttributeType::N)) };
    let attributes =
        [("pk", AttributeValue::S(Text::from_static("p"))), ("sk", AttributeValue::N(Number::from(1)))];
    let item: Item = attributes.into_iter().map(|(name, value)| (Text::from_static(name), value)).collect();
    match statement {
        Statement::Select(select) | Statement::Exists(select) => {
            let whole = select.condition.as_ref().is_none_or(|condition| condition.matches(&item));
            let Ok(plan) = Plan::new(select.condition.clone(), &schema) else { return };
            // What the plan reads and filters is what the condition says.
            let read = match &plan.source {
                Source::Scan => true,
                Source::Queries(queries) => queries.iter().any(|query| {
                    item.get("pk") == Some(&query.hash)
                        && query
                            .range
                            .as_ref()
                            .is_none_or(|range| item.get("sk").is_some_and(|sk| range.matches(sk)))
                }),
            };
            let kept = read && plan.filter.as_ref().is_none_or(|filter| filter.matches(&item));
            assert_eq!(kept, whole);
            select.project(item);
        }
        Statement::Update(update) => {
            let _ = update.update.apply(&item);
            let _ = key_lookup(update.condition, &schema);
        }
        Statement::Delete(delete) => {
            let _ = key_lookup(delete.condition, &schema);
        }
        Statement::Insert(_) => {}
    }
});
