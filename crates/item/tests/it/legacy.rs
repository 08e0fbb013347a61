//! The parameters of before expressions: what they become, and what AWS says of those that are wrong.

use virga_item::legacy::{self, ConditionalOperator};
use virga_item::{AttributeValue, Item, attribute};
use virga_model::{Map, Record, Shape, Value};

use crate::sample::*;

fn shape(name: &str) -> Shape {
    virga_model::service("dynamodb").and_then(|service| service.shape(name)).expect("the model has the shape")
}

fn value(value: &AttributeValue) -> Value {
    attribute::write_value(value, shape("AttributeValue"))
}

/// A map of one structure for each attribute.
fn map(structure: &str, entries: &[(&str, &[(&str, Value)])]) -> Map {
    let entry = |members: &[(&str, Value)]| {
        let mut record = Record::new(shape(structure));
        for (name, value) in members {
            assert!(record.set_by_name(name, value.clone()), "{name}");
        }
        Value::Structure(Box::new(record))
    };
    entries.iter().map(|(attribute, members)| ((*attribute).into(), entry(members))).collect()
}

fn text(text: &str) -> Value {
    Value::String(text.into())
}

fn list(values: &[AttributeValue]) -> Value {
    Value::List(values.iter().map(value).collect())
}

fn sample() -> Item {
    item(&[("a", n("5")), ("t", s("text")), ("bag", ss(&["x", "y"]))])
}

#[test]
fn filters_decide() {
    let cases: [(&str, &str, &[AttributeValue], bool); 15] = [
        ("a", "EQ", &[n("5.0")], true),
        ("a", "NE", &[n("5")], false),
        ("gone", "NE", &[n("5")], true),
        ("a", "LT", &[n("6")], true),
        ("a", "GE", &[s("4")], false),
        ("a", "BETWEEN", &[n("5"), n("6")], true),
        ("a", "IN", &[n("4"), n("5")], true),
        ("t", "BEGINS_WITH", &[s("te")], true),
        ("t", "CONTAINS", &[s("ex")], true),
        ("bag", "CONTAINS", &[s("x")], true),
        ("bag", "NOT_CONTAINS", &[s("z")], true),
        ("gone", "NOT_CONTAINS", &[s("z")], false),
        ("gone", "NULL", &[], true),
        ("a", "NULL", &[], false),
        ("a", "NOT_NULL", &[], true),
    ];
    for (attribute, operator, values, expected) in cases {
        let members = [("ComparisonOperator", text(operator)), ("AttributeValueList", list(values))];
        let filter = legacy::filter(&map("Condition", &[(attribute, &members)]), ConditionalOperator::And);
        let condition = filter.expect(operator).expect("there is a condition");
        assert_eq!(condition.matches(&sample()), expected, "{attribute} {operator}");
    }
}

#[test]
fn conditions_go_together_by_the_operator() {
    let members = [("ComparisonOperator", text("NULL"))];
    let both = map("Condition", &[("a", &members), ("gone", &members)]);
    for (operator, expected) in [(None, false), (Some("AND"), false), (Some("OR"), true)] {
        let condition = legacy::filter(&both, ConditionalOperator::read(operator)).expect("well formed");
        assert_eq!(condition.map(|condition| condition.matches(&sample())), Some(expected));
    }
}

#[test]
fn expected_attributes_are_checked_in_awss_words() {
    let five = || value(&n("5"));
    let cases: [(&[(&str, Value)], &str); 10] = [
        (
            &[("Value", five()), ("AttributeValueList", list(&[n("5")]))],
            "Value and AttributeValueList cannot be used together for Attribute: a",
        ),
        (
            &[("Exists", Value::Bool(true)), ("ComparisonOperator", text("EQ"))],
            "Exists and ComparisonOperator cannot be used together for Attribute: a",
        ),
        (
            &[("ComparisonOperator", text("EQ"))],
            "Value or AttributeValueList must be used with ComparisonOperator: EQ for Attribute: a",
        ),
        (
            &[("ComparisonOperator", text("BETWEEN")), ("Value", five())],
            "Invalid number of argument(s) for the BETWEEN ComparisonOperator",
        ),
        (
            &[("AttributeValueList", list(&[n("5")]))],
            "AttributeValueList can only be used with a ComparisonOperator for Attribute: a",
        ),
        (&[("Exists", Value::Bool(true))], "Value must be provided when Exists is true for Attribute: a"),
        (&[], "Value must be provided when Exists is null for Attribute: a"),
        (
            &[("Exists", Value::Bool(false)), ("Value", five())],
            "Value cannot be used when Exists is false for Attribute: a",
        ),
        (
            &[("ComparisonOperator", text("LT")), ("Value", value(&ss(&["x"])))],
            "ComparisonOperator LT is not valid for SS AttributeValue type",
        ),
        (
            &[("ComparisonOperator", text("IN")), ("AttributeValueList", list(&[n("5"), s("x")]))],
            "AttributeValues inside AttributeValueList must be of same type",
        ),
    ];
    for (members, expected) in cases {
        let map = map("ExpectedAttributeValue", &[("a", members)]);
        let error = legacy::expected(&map, ConditionalOperator::And).expect_err(expected);
        assert_eq!(error.message(), format!("One or more parameter values were invalid: {expected}"));
    }
    let met: [&[(&str, Value)]; 3] = [
        &[("Value", five())],
        &[("Exists", Value::Bool(true)), ("Value", five())],
        &[("ComparisonOperator", text("GT")), ("Value", value(&n("4")))],
    ];
    for members in met {
        let map = map("ExpectedAttributeValue", &[("a", members)]);
        let condition = legacy::expected(&map, ConditionalOperator::And).expect("well formed");
        assert!(condition.is_some_and(|condition| condition.matches(&sample())));
    }
}

#[test]
fn attribute_updates_change_items() {
    let update = |action: &str, value_: Option<AttributeValue>| {
        let mut members = vec![("Action", text(action))];
        members.extend(value_.as_ref().map(|value_| ("Value", value(value_))));
        members
    };
    let changes = [
        ("a", update("ADD", Some(n("2")))),
        ("bag", update("DELETE", Some(ss(&["x", "z"])))),
        ("t", update("DELETE", None)),
        ("new", vec![("Value", value(&s("put")))]),
    ];
    let entries: Vec<(&str, &[(&str, Value)])> =
        changes.iter().map(|(name, members)| (*name, &members[..])).collect();
    let update_all = legacy::attribute_updates(&map("AttributeValueUpdate", &entries)).expect("well formed");
    let expected = item(&[("a", n("7")), ("bag", ss(&["y"])), ("new", s("put"))]);
    assert_eq!(update_all.apply(&sample()), Ok(expected));

    let wrong = [
        (update("PUT", None), "Only DELETE action is allowed when no attribute value is specified"),
        (update("ADD", Some(s("x"))), "ADD action is not supported for the type S"),
        (update("DELETE", Some(n("1"))), "DELETE action with value is not supported for the type N"),
    ];
    for (members, expected) in wrong {
        let error =
            legacy::attribute_updates(&map("AttributeValueUpdate", &[("a", &members)])).expect_err(expected);
        assert_eq!(error.message(), format!("One or more parameter values were invalid: {expected}"));
    }
    let mismatch = map("AttributeValueUpdate", &[("t", &update("ADD", Some(n("1"))))]);
    let error = legacy::attribute_updates(&mismatch).expect("well formed").apply(&sample());
    assert_eq!(
        error.map_err(|error| error.to_string()),
        Err("Type mismatch for attribute to update".to_owned())
    );
}
