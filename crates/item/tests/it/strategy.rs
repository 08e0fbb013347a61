//! Random numbers, values and items.

use bytes::Bytes;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;
use virga_item::{AttributeValue, Item, Number, Text};

/// Numbers of all lengths, many of them close to one another.
pub(crate) fn number() -> impl Strategy<Value = Number> {
    let digits = prop_oneof![3 => "-?[0-9]{1,3}", 1 => "-?[0-9]{1,38}", 1 => "-?[1-9]{36,38}"];
    let exponent = prop_oneof![3 => -3i32..4, 1 => -130i32..126];
    (digits, exponent)
        .prop_filter_map("within the range", |(digits, exponent)| format!("{digits}e{exponent}").parse().ok())
}

fn text() -> impl Strategy<Value = Text> {
    prop_oneof![4 => "[a-cé]{0,3}", 1 => "[ -~\n\u{1f}é😀]{0,40}"].prop_map(Text::from)
}

fn blob() -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..4).prop_map(Bytes::from)
}

/// Values of all types, a few levels deep.
pub(crate) fn value() -> impl Strategy<Value = AttributeValue> {
    let scalar = prop_oneof![
        text().prop_map(AttributeValue::S),
        number().prop_map(AttributeValue::N),
        blob().prop_map(AttributeValue::B),
        any::<bool>().prop_map(AttributeValue::Bool),
        Just(AttributeValue::Null),
        btree_set(text(), 1..4).prop_map(|set| AttributeValue::Ss(set.into_iter().collect())),
        btree_set(number(), 1..4).prop_map(|set| AttributeValue::Ns(set.into_iter().collect())),
        btree_set(blob(), 1..4).prop_map(|set| AttributeValue::Bs(set.into_iter().collect())),
    ];
    scalar.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(AttributeValue::L),
            btree_map(text(), inner, 0..4).prop_map(|map| AttributeValue::M(map.into_iter().collect())),
        ]
    })
}

/// Items of a few attributes with short names.
pub(crate) fn item() -> impl Strategy<Value = Item> {
    btree_map("[a-d]", value(), 0..5)
        .prop_map(|map| map.into_iter().map(|(name, value)| (Text::from(name), value)).collect())
}
