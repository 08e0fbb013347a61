//! Keys of several attributes: they sort one after another, and conditions select what a look at each attribute would.

use std::ops::{Bound, RangeBounds as _};

use proptest::prelude::*;
use virga_item::{
    AttributeType, AttributeValue, KeyAttribute, KeyConditions, KeyRange, Placeholders, SeveralAttributes,
    Text, key,
};

use crate::sample::*;

const KIND: AttributeType = AttributeType::B;

fn schema() -> SeveralAttributes<'static> {
    let attribute = |name| KeyAttribute { name, kind: KIND };
    SeveralAttributes {
        hashes: ["g", "h"].map(attribute).to_vec(),
        ranges: ["q", "r", "s"].map(attribute).to_vec(),
    }
}

/// The bytes under which an index keeps a part of a key.
fn bytes(values: &[AttributeValue]) -> Vec<u8> {
    let mut out = Vec::new();
    for value in values {
        assert!(key::put_part(value, values.len(), &mut out), "{value:?}");
    }
    out
}

fn binary(bytes: &[u8]) -> AttributeValue {
    AttributeValue::B(bytes.to_vec().into())
}

fn resolve(text: &str, values: &[(&str, AttributeValue)]) -> Result<KeyRange, String> {
    let values = values.iter().map(|(name, value)| (Text::from(*name), value.clone()));
    let mut placeholders = Placeholders::from_pairs([], values);
    let conditions = KeyConditions::parse(text, &mut placeholders).map_err(|error| error.to_string())?;
    schema().resolve(conditions).map_err(|error| error.to_string())
}

/// Few different bytes, those among them that the encoding treats in a way of its own.
fn part() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(proptest::sample::select(vec![0_u8, 1, b'a', 254, 255]), 1..4)
}

proptest! {
    #[test]
    fn keys_sort_attribute_by_attribute(one in [part(), part(), part()], other in [part(), part(), part()]) {
        let key = |parts: &[Vec<u8>; 3]| bytes(&parts.clone().map(|part| binary(&part)));
        prop_assert_eq!(key(&one).cmp(&key(&other)), one.cmp(&other));
    }

    #[test]
    fn conditions_select_what_attributes_say(
        keys in proptest::collection::vec([part(), part(), part()], 1..40),
        given in [part(), part(), part(), part()],
        equal in 0_usize..=3,
        operator in 0_usize..7,
    ) {
        let operators = ["", "= :x", "< :x", "<= :x", "> :x", ">= :x", "BETWEEN :x AND :y"];
        let names = ["q", "r", "s"];
        let mut text = "g = :g AND h = :h".to_owned();
        let mut values = vec![(":g", binary(b"g")), (":h", binary(b"h"))];
        for (at, placeholder) in [":q", ":r", ":s"].into_iter().enumerate().take(equal) {
            text += &format!(" AND {} = {placeholder}", names[at]);
            values.push((placeholder, binary(&given[at])));
        }
        let last = names.get(equal).filter(|_| operator > 0);
        let (x, y) = (given[3].clone().min(given[0].clone()), given[3].clone().max(given[0].clone()));
        if let Some(last) = last {
            text += &format!(" AND {last} {}", operators[operator]);
            values.extend([(":x", binary(&x)), (":y", binary(&y))]);
        }
        let range = resolve(&text, &values).expect("conditions");
        prop_assert_eq!(&range.partition, &bytes(&[binary(b"g"), binary(b"h")]));
        for key in keys {
            let is_equal = key.iter().zip(&given).take(equal).all(|(part, given)| part == given);
            let meets = last.is_none() || {
                let part = &key[equal];
                match operator {
                    1 => *part == x,
                    2 => *part < x,
                    3 => *part <= x,
                    4 => *part > x,
                    5 => *part >= x,
                    _ => (x.clone()..=y.clone()).contains(part),
                }
            };
            let within = (range.lower.clone(), range.upper.clone()).contains(&bytes(&key.clone().map(|part| binary(&part))));
            prop_assert_eq!(within, is_equal && meets, "{} {:?}", text, key);
        }
    }

    #[test]
    fn prefixes_are_those_of_their_attribute(keys in proptest::collection::vec([part(), part(), part()], 1..40), first in part(), prefix in part()) {
        let values = [(":g", binary(b"g")), (":q", binary(&first)), (":p", binary(&prefix))];
        let range = resolve("g = :g AND h = :g AND q = :q AND begins_with(r, :p)", &values).expect("conditions");
        for key in keys {
            let expected = key[0] == first && key[1].starts_with(&prefix);
            let within = (range.lower.clone(), range.upper.clone()).contains(&bytes(&key.clone().map(|part| binary(&part))));
            prop_assert_eq!(within, expected, "{:?}", key);
        }
    }
}

#[test]
fn one_sort_attribute_is_a_plain_sort_key() {
    let attribute = |name| KeyAttribute { name, kind: AttributeType::S };
    let schema =
        SeveralAttributes { hashes: ["g", "h"].map(attribute).to_vec(), ranges: vec![attribute("q")] };
    let resolve = |text: &str| {
        let conditions = KeyConditions::parse(text, &mut placeholders()).expect(text);
        let range = schema.resolve(conditions).expect(text);
        (range.lower, range.upper)
    };
    let text = || b"text".to_vec();
    assert_eq!(resolve("g = :s AND h = :s"), (Bound::Unbounded, Bound::Unbounded));
    assert_eq!(resolve("g = :s AND h = :s AND q = :s"), (Bound::Included(text()), Bound::Included(text())));
    assert_eq!(resolve("g = :s AND h = :s AND q > :s"), (Bound::Excluded(text()), Bound::Unbounded));
}

#[test]
fn wrong_conditions_are_refused_in_awss_words() {
    let range = |lacking: &str, present: &str| {
        format!(
            "RANGE key attributes {lacking} must have equality conditions specified in the query because a condition \
             is present on key attribute {present}"
        )
    };
    let missed = |name: &str| format!("Query condition missed key schema element: {name}");
    let cases = [
        ("g = :v", missed("h")),
        ("h = :v", missed("g")),
        ("g = :v AND h = :v AND x = :v", missed("q")),
        ("g = :v AND h = :v AND q = :v AND x = :v", missed("r")),
        (
            "g = :v AND h = :v AND q = :v AND r = :v AND s = :v AND x = :v",
            "The number of query conditions (6) exceeds the number of key attributes defined in the schema (5)".to_owned(),
        ),
        ("g = :v AND h > :v", "Query key condition not supported".to_owned()),
        ("g = :v AND h = :v AND r = :v", range("q", "r")),
        ("g = :v AND h = :v AND q = :v AND s = :v", range("r", "s")),
        ("g = :v AND h = :v AND q > :v AND r = :v", range("q", "r")),
        ("g = :v AND h = :v AND s = :v", range("q, r", "s")),
        (
            "g = :v AND h = :n",
            "One or more parameter values were invalid: Condition parameter type does not match schema type"
                .to_owned(),
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(resolve(text, &[(":v", binary(b"v")), (":n", n("1"))]), Err(expected), "{text}");
    }
}
