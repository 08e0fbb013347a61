//! The stored form of random items, and answers written from it.

use bytes::Bytes;
use proptest::prelude::*;
use virga_item::{attribute, binary, stored};
use virga_model::{Record, Shape, Value};

use crate::strategy;

fn shape(name: &str) -> Shape {
    virga_model::service("dynamodb").and_then(|service| service.shape(name)).expect("the model has the shape")
}

/// The text of an answer that has nothing but this member.
fn answer(output: &str, member: &str, value: Value) -> String {
    let mut record = Record::new(shape(output));
    assert!(record.set_by_name(member, value));
    virga_wire::json::record_to_json(&record)
}

proptest! {
    #[test]
    fn answers_written_from_it_are_those_of_the_values(items in prop::collection::vec(strategy::item(), 1..4)) {
        let shape = shape("AttributeValue");
        let value = |item| Value::Map(attribute::write_item(item, shape));
        let written = stored::item(&binary::to_bytes(&items[0]), shape).expect("it is whole");
        let expected = answer("GetItemOutput", "Item", value(&items[0]));
        prop_assert_eq!(answer("GetItemOutput", "Item", written), expected);
        let mut list = stored::List::default();
        for item in &items {
            prop_assert_eq!(list.push(&binary::to_bytes(item)), Ok(()));
        }
        let expected = Value::List(items.iter().map(value).collect());
        let Value::Deferred(deferred) = list.into_value(shape) else { panic!("the list is not empty") };
        prop_assert_eq!(&deferred.value(), &expected);
        let written = answer("QueryOutput", "Items", Value::Deferred(deferred));
        prop_assert_eq!(written, answer("QueryOutput", "Items", expected));
    }

    #[test]
    fn items_come_back(item in strategy::item()) {
        let bytes = Bytes::from(binary::to_bytes(&item));
        prop_assert_eq!(binary::decode(&bytes), Ok(item.clone()));
        for name in ["a", "b", "c", "d", "e"] {
            prop_assert_eq!(binary::decode_one(&bytes, name), Ok(item.get(name).cloned()));
        }
        let some = binary::decode_some(&bytes, |name| name > "b").expect("it is whole");
        prop_assert!(some.iter().all(|(name, value)| &**name > "b" && item.get(name) == Some(value)));
    }
}
