//! Key conditions: which keys they select, and what AWS says of those that are wrong.

use std::ops::Bound;

use virga_item::{AttributeType, KeyAttribute, KeyConditions, KeyQuery, KeySchema, key};

use crate::sample::*;

const SCHEMA: KeySchema<'static> = KeySchema {
    hash: KeyAttribute { name: "pk", kind: AttributeType::S },
    range: Some(KeyAttribute { name: "sk", kind: AttributeType::S }),
};

fn query(text: &str) -> Result<KeyQuery, String> {
    let conditions = KeyConditions::parse(text, &mut placeholders()).map_err(|error| error.to_string())?;
    conditions.resolve(&SCHEMA).map_err(|error| error.to_string())
}

#[test]
fn conditions_select_keys() {
    let keys = ["", "a", "te", "tea", "text", "texts", "u", "zebra", "zz"];
    let cases: [(&str, &[&str]); 9] = [
        ("pk = :s", &keys),
        ("pk = :s AND sk = :s", &["text"]),
        ("sk < :s AND :s = pk", &["", "a", "te", "tea"]),
        ("(pk = :s) AND (sk <= :s)", &["", "a", "te", "tea", "text"]),
        ("pk = :s AND sk > :s", &["texts", "u", "zebra", "zz"]),
        ("pk = :s AND :s < sk", &["texts", "u", "zebra", "zz"]),
        ("pk = :s AND sk >= :s", &["text", "texts", "u", "zebra", "zz"]),
        ("pk = :s AND sk BETWEEN :te AND :s", &["te", "tea", "text"]),
        ("pk = :s AND begins_with(sk, :te)", &["te", "tea", "text", "texts"]),
    ];
    for (text, expected) in cases {
        let query = query(text).expect(text);
        assert_eq!(query.hash, s("text"), "{text}");
        let selected = |name: &&&str| query.range.as_ref().is_none_or(|range| range.matches(&s(name)));
        assert_eq!(keys.iter().filter(selected).copied().collect::<Vec<_>>(), expected, "{text}");
        let Some(range) = &query.range else { continue };
        let (start, end) = range.bounds();
        let within = |name: &&&str| {
            let bytes = key::bytes(&s(name)).expect("a key");
            let after = match &start {
                Bound::Included(start) => bytes >= *start,
                Bound::Excluded(start) => bytes > *start,
                Bound::Unbounded => true,
            };
            after
                && match &end {
                    Bound::Included(end) => bytes <= *end,
                    Bound::Excluded(end) => bytes < *end,
                    Bound::Unbounded => true,
                }
        };
        assert_eq!(keys.iter().filter(within).copied().collect::<Vec<_>>(), expected, "{text}");
    }
}

#[test]
fn wrong_conditions_are_refused_in_awss_words() {
    let cases = [
        (
            "((pk = :s)) AND sk = :s",
            "Invalid KeyConditionExpression: The expression has redundant parentheses;",
        ),
        ("sk = :s", "Query condition missed key schema element: pk"),
        ("pk = :s AND x = :s", "Query condition missed key schema element: sk"),
        ("pk > :s", "Query key condition not supported"),
        (
            "pk = :n",
            "One or more parameter values were invalid: Condition parameter type does not match schema type",
        ),
        (
            "pk = :s AND sk = :n",
            "One or more parameter values were invalid: Condition parameter type does not match schema type",
        ),
        (
            "pk = :s AND pk = :s",
            "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key",
        ),
        ("pk = :s OR sk = :s", "Invalid operator used in KeyConditionExpression: OR"),
        ("NOT pk = :s", "Invalid operator used in KeyConditionExpression: NOT"),
        ("pk <> :s", "Invalid operator used in KeyConditionExpression: <>"),
        ("pk IN (:s)", "Invalid operator used in KeyConditionExpression: IN"),
        ("pk = :s AND contains(sk, :s)", "Invalid operator used in KeyConditionExpression: contains"),
        ("pk = :s AND sk.x = :s", "KeyConditionExpressions cannot have conditions on nested attributes"),
        ("pk = :s AND size(sk) = :n", "KeyConditionExpressions cannot contain nested operations"),
        (
            "pk = sk",
            "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition",
        ),
        (":s = :s2", "Invalid condition in KeyConditionExpression: No key attribute specified"),
        (
            ":s BETWEEN pk AND :s2",
            "Invalid condition in KeyConditionExpression: BETWEEN operator must have the key attribute as its first operand",
        ),
        ("", "Invalid KeyConditionExpression: The expression can not be empty;"),
    ];
    for (text, expected) in cases {
        assert_eq!(query(text), Err(expected.to_owned()), "{text}");
    }
}
