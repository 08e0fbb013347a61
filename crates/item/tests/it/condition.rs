//! Conditions: what they say of an item, and what AWS says of those that are wrong.

use virga_item::{AttributeValue, Condition, ExpressionKind, Item};

use crate::sample::*;

fn sample() -> Item {
    item(&[
        ("a", n("5")),
        ("t", s("text")),
        ("u", s("zebra")),
        ("y", b(b"bytes")),
        ("f", AttributeValue::Bool(false)),
        ("z", AttributeValue::Null),
        ("l", l(&[n("1"), m(&[("k", s("deep"))])])),
        ("m", m(&[("k", n("1")), ("x", l(&[s("in")]))])),
        ("bag", ss(&["x", "y", "w"])),
        ("nums", ns(&[1, 5])),
    ])
}

fn parse(text: &str) -> Result<Condition, String> {
    Condition::parse(ExpressionKind::Condition, text, &mut placeholders()).map_err(|error| error.to_string())
}

#[test]
fn conditions_decide() {
    let cases = [
        ("a = :n", true),
        ("a <> :n", false),
        ("a <> :s", true),
        ("a < :n2 AND a >= :n", true),
        (":n2 > a", true),
        ("a < :s", false),
        ("gone = :n", false),
        ("gone <> :n", true),
        ("gone < :n", false),
        ("NOT gone = :n", true),
        ("a BETWEEN :n AND :n2", true),
        ("t BETWEEN :te AND :s2", true),
        ("a BETWEEN :s AND :s2", false),
        ("gone BETWEEN :n AND :n2", false),
        ("a IN (:s, :n)", true),
        ("a IN (:s, :n2)", false),
        ("a IN (:s, gone)", false),
        ("attribute_exists(m.k) AND attribute_not_exists(m.z)", true),
        ("attribute_exists(l[1].k)", true),
        ("attribute_exists(l[2])", false),
        ("attribute_type(a, :type)", true),
        ("attribute_type(t, :type)", false),
        ("begins_with(t, :te)", true),
        ("begins_with(a, :te)", false),
        ("begins_with(gone, :te)", false),
        ("contains(t, :te)", true),
        ("contains(y, :b)", true),
        ("contains(bag, :s)", false),
        ("contains(nums, a)", true),
        ("contains(l, :n)", false),
        ("contains(:l, l[0])", true),
        ("size(t) = :n", false),
        ("size(y) = a", true),
        ("size(bag) < :n", true),
        ("size(m) < size(bag)", true),
        ("size(a) = :n", false),
        ("size(gone) <> :n", true),
        ("m = :m", false),
        ("bag = :ss", false),
        ("f = :bool OR a = :n AND t = :s", true),
        ("(f = :bool OR a = :n) AND t = :s2", false),
        ("not (f = :bool) and (a = :n)", true),
        ("(a) = (:n)", true),
        ("(size(t)) < :n", true),
        ("(m).k < :n", true),
        ("#a = :n", true),
    ];
    let item = sample();
    for (text, expected) in cases {
        let condition = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(condition.matches(&item), expected, "{text}");
    }
}

#[test]
fn sets_and_maps_are_equal_by_content() {
    let item = item(&[("x", ss(&["y", "x"])), ("m", m(&[("k", n("1.0"))]))]);
    assert!(parse("x = :ss AND m = :m").expect("it is well formed").matches(&item));
}

#[test]
fn wrong_conditions_are_refused_in_awss_words() {
    let cases = [
        ("", "The expression can not be empty;"),
        ("a", "Syntax error; token: \"<EOF>\", near: \"a\""),
        ("a = ", "Syntax error; token: \"<EOF>\", near: \"= \""),
        ("a = :n AND", "Syntax error; token: \"<EOF>\", near: \"AND\""),
        ("a = :n :s", "Syntax error; token: \":s\", near: \":n :s\""),
        ("a == :n", "Syntax error; token: \"=\", near: \"== :n\""),
        ("a AND b = :n", "Syntax error; token: \"AND\", near: \"a AND b\""),
        ("a-b = :n", "Syntax error; token: \"-\", near: \"a-b\""),
        ("_a = :n", "Syntax error; token: \"_\", near: \"_a\""),
        ("a[x] = :n", "Syntax error; token: \"x\", near: \"[x]\""),
        ("((a = :n))", "The expression has redundant parentheses;"),
        ("((a)) = :n", "The expression has redundant parentheses;"),
        (
            "((a = :n) AND a = :undefined)",
            "An expression attribute value used in expression is not defined; attribute value: :undefined",
        ),
        (
            "#u = :n",
            "An expression attribute name used in the document path is not defined; attribute name: #u",
        ),
        ("name = :n", "Attribute name is a reserved keyword; reserved keyword: name"),
        ("a.Size = :n", "Attribute name is a reserved keyword; reserved keyword: Size"),
    ];
    refused(&cases);
}

#[test]
fn wrong_functions_and_operands_are_refused_in_awss_words() {
    let cases = [
        ("foo(a)", "Invalid function name; function: foo"),
        ("SIZE(a) = :n", "Invalid function name; function: SIZE"),
        ("size(a)", "The function is not allowed to be used this way in an expression; function: size"),
        (
            "a = begins_with(b, :s)",
            "The function is not allowed to be used this way in an expression; function: begins_with",
        ),
        (
            "attribute_exists(a, b)",
            "Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2",
        ),
        (
            "attribute_exists(:n)",
            "Operator or function requires a document path; operator or function: attribute_exists",
        ),
        (
            "begins_with(a, :n)",
            "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N",
        ),
        (
            "attribute_type(a, :te)",
            "Invalid attribute type name found; type: te, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}",
        ),
        (
            "attribute_type(a, b)",
            "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S}",
        ),
        (
            "size(:n) = :n",
            "Incorrect operand type for operator or function; operator or function: size, operand type: N",
        ),
        (
            "a < :bool",
            "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL",
        ),
        (
            "a = #a",
            "The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [a]",
        ),
        (
            "contains(a.b[1], a.b[1])",
            "The first operand must be distinct from the remaining operands for this operator or function; operator: contains, first operand: [a, b, [1]]",
        ),
        (
            "a BETWEEN :s2 AND :s",
            "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {S:zebra}, upper bound operand: AttributeValue: {S:text}",
        ),
        (
            "a BETWEEN :n AND :s",
            "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {N:5}, upper bound operand: AttributeValue: {S:text}",
        ),
        // The sort of mistake decides what is told first, not the place.
        ("((a = :undefined)) AND foo(b)", "The expression has redundant parentheses;"),
        ("foo(b) AND name = :undefined", "Invalid function name; function: foo"),
        ("a = :undefined AND name = :n", "Attribute name is a reserved keyword; reserved keyword: name"),
        (
            "begins_with(a, :n) AND a = :undefined",
            "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N",
        ),
    ];
    refused(&cases);
}

fn refused(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(parse(text), Err(format!("Invalid ConditionExpression: {expected}")), "{text}");
    }
}

#[test]
fn limits_hold() {
    for deep in ["(", "size(", "a = (", "NOT (", "a IN ("] {
        assert!(parse(&deep.repeat(4090 / deep.len())).is_err(), "{deep}");
    }
    let nested = format!("{}a = :n{}", "(".repeat(250), " AND b = :n)".repeat(250));
    assert!(parse(&nested).expect_err("it has 501 operators").contains("too many operators"));
    let nested = format!("{}a = :n{}", "(".repeat(149), " AND t = :s)".repeat(149));
    assert!(parse(&nested).expect("it has 299 operators").matches(&sample()));
    let text = format!("a = {}", "x".repeat(4093));
    let expected = "Invalid ConditionExpression: Expression size has exceeded the maximum allowed size; expression size: 4097";
    assert_eq!(parse(&text), Err(expected.to_owned()));
    let many = vec!["a=:n"; 151].join(" OR ");
    let expected =
        "Invalid ConditionExpression: The expression contains too many operators; operator count: 301";
    assert_eq!(parse(&many), Err(expected.to_owned()));
    let choices = format!("a IN ({})", vec![":n"; 101].join(","));
    let expected = "Invalid ConditionExpression: The IN operator is provided with too many operands; number of operands: 101";
    assert_eq!(parse(&choices), Err(expected.to_owned()));
}

#[test]
fn unused_placeholders_are_told() {
    let mut all = placeholders();
    Condition::parse(ExpressionKind::Filter, "#a = :n", &mut all).expect("it is well formed");
    let expected = "Value provided in ExpressionAttributeNames unused in expressions: keys: {#b, #c}";
    assert_eq!(all.all_used().map_err(|error| error.to_string()), Err(expected.to_owned()));
}
