//! Updates and projections: what they make of an item, and what AWS says of those that are wrong.

use virga_item::{AttributeValue, Item, Projection, Update};

use crate::sample::*;

fn sample() -> Item {
    item(&[
        ("pk", s("p")),
        ("n", n("10")),
        ("t", s("text")),
        ("l", l(&[n("0"), n("1"), n("2")])),
        ("m", m(&[("x", n("1")), ("low", m(&[("y", s("deep"))]))])),
        ("bag", ss(&["w", "x"])),
    ])
}

fn apply(text: &str) -> Result<Item, String> {
    let update = Update::parse(text, &mut placeholders()).map_err(|error| error.to_string())?;
    update.apply(&sample()).map_err(|error| error.to_string())
}

/// Attributes and what becomes of them.
type Changes<'a> = &'a [(&'a str, Option<AttributeValue>)];

fn changed(changes: Changes<'_>) -> Item {
    let mut item = sample();
    for (name, value) in changes {
        match value {
            Some(value) => drop(item.insert((*name).into(), value.clone())),
            None => drop(item.remove(name)),
        }
    }
    item
}

#[test]
fn updates_change_items() {
    let cases: [(&str, Changes<'_>); 22] = [
        ("SET n = n + :n", &[("n", Some(n("15")))]),
        ("SET n = :n - n", &[("n", Some(n("-5")))]),
        ("SET n = t, t = n", &[("n", Some(s("text"))), ("t", Some(n("10")))]),
        ("set c = (n + :n)", &[("c", Some(n("15")))]),
        ("SET c = if_not_exists(c, :n) + :n2", &[("c", Some(n("12")))]),
        ("SET c = if_not_exists(n, :n)", &[("c", Some(n("10")))]),
        ("SET l = list_append(l, :l)", &[("l", Some(l(&[n("0"), n("1"), n("2"), n("1"), s("x")])))]),
        (
            "SET l = list_append(if_not_exists(gone, :l), l)",
            &[("l", Some(l(&[n("1"), s("x"), n("0"), n("1"), n("2")])))],
        ),
        ("SET l[1] = :s", &[("l", Some(l(&[n("0"), s("text"), n("2")])))]),
        ("SET l[9] = :n, l[5] = :s", &[("l", Some(l(&[n("0"), n("1"), n("2"), s("text"), n("5")])))]),
        ("SET m.x = :s", &[("m", Some(m(&[("x", s("text")), ("low", m(&[("y", s("deep"))]))])))]),
        (
            "SET m.z = m.x",
            &[("m", Some(m(&[("x", n("1")), ("z", n("1")), ("low", m(&[("y", s("deep"))]))])))],
        ),
        ("REMOVE l[0], l[1], t", &[("l", Some(l(&[n("2")]))), ("t", None)]),
        ("REMOVE l[7], gone, m.gone", &[]),
        ("REMOVE m.low.y", &[("m", Some(m(&[("x", n("1")), ("low", m(&[]))])))]),
        ("ADD n :n, c :n", &[("n", Some(n("15"))), ("c", Some(n("5")))]),
        ("ADD bag :ss", &[("bag", Some(ss(&["w", "x", "y"])))]),
        ("ADD m.x :n2", &[("m", Some(m(&[("x", n("8")), ("low", m(&[("y", s("deep"))]))])))]),
        ("DELETE bag :ss", &[("bag", Some(ss(&["w"])))]),
        ("DELETE gone :ss", &[]),
        (
            "SET a = :n REMOVE t ADD n :n DELETE bag :ss",
            &[("a", Some(n("5"))), ("t", None), ("n", Some(n("15"))), ("bag", Some(ss(&["w"])))],
        ),
        ("SET #a = :n", &[("a", Some(n("5")))]),
    ];
    for (text, changes) in cases {
        assert_eq!(apply(text), Ok(changed(changes)), "{text}");
    }
    let all = Update::parse("DELETE tags :ss", &mut placeholders()).expect("it is well formed");
    assert_eq!(all.apply(&item(&[("tags", ss(&["y"]))])), Ok(item(&[])), "an empty set is no attribute");
}

#[test]
fn what_cannot_be_done_to_an_item_is_told() {
    let path = "The document path provided in the update expression is invalid for update";
    let missing = "The provided expression refers to an attribute that does not exist in the item";
    let types = "An operand in the update expression has an incorrect data type";
    let cases = [
        ("SET gone.x = :n", path),
        ("SET t.x = :n", path),
        ("SET l.x = :n", path),
        ("SET m[0] = :n", path),
        ("REMOVE gone.x", path),
        ("DELETE gone.x :ss", path),
        ("SET c = gone", missing),
        ("SET c = gone + :n", missing),
        ("SET n = n + t", types),
        ("SET l = list_append(l, n)", types),
        ("ADD t :n", types),
        ("ADD n :ss", types),
        ("DELETE n :ss", types),
        ("ADD bag :ns", types),
    ];
    for (text, expected) in cases {
        assert_eq!(apply(text), Err(expected.to_owned()), "{text}");
    }
}

#[test]
fn wrong_updates_are_refused_in_awss_words() {
    let cases = [
        ("", "The expression can not be empty;"),
        ("INVALID SYNTAX HERE", "Syntax error; token: \"INVALID\", near: \"INVALID SYNTAX\""),
        ("SET", "Syntax error; token: \"<EOF>\", near: \"SET\""),
        ("SET a=:n,", "Syntax error; token: \"<EOF>\", near: \",\""),
        ("SET a = :n + :n + :n", "Syntax error; token: \"+\", near: \":n + :n\""),
        ("ADD a n", "Syntax error; token: \"n\", near: \"a n\""),
        ("SET a = :n SET b = :n", "The \"SET\" section can only be used once in an update expression;"),
        ("SET name = :n", "Attribute name is a reserved keyword; reserved keyword: name"),
        ("SET a = foo(b)", "Invalid function name; function: foo"),
        (
            "SET a = :undefined",
            "An expression attribute value used in expression is not defined; attribute value: :undefined",
        ),
        (
            "SET #u = :undefined",
            "An expression attribute name used in the document path is not defined; attribute name: #u",
        ),
        (
            "SET a = :n, #a = :n",
            "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a]",
        ),
        (
            "SET a.b = :n REMOVE a",
            "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a]",
        ),
        (
            "SET a.b = :n, a[1] = :n",
            "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a, [1]]",
        ),
        (
            "SET a = if_not_exists(:n, :n)",
            "Operator or function requires a document path; operator or function: if_not_exists",
        ),
        (
            "SET a = list_append(a)",
            "Incorrect number of operands for operator or function; operator or function: list_append, number of operands: 1",
        ),
        (
            "SET a = list_append(a, :m)",
            "Incorrect operand type for operator or function; operator or function: list_append, operand type: M",
        ),
        (
            "SET a = a + :s",
            "Incorrect operand type for operator or function; operator or function: +, operand type: S",
        ),
        (
            "ADD a :s",
            "Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND",
        ),
        (
            "DELETE a :n",
            "Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(apply(text), Err(format!("Invalid UpdateExpression: {expected}")), "{text}");
    }
}

#[test]
fn projections_show_parts() {
    let cases: [(&str, Item); 6] = [
        ("pk, gone", item(&[("pk", s("p"))])),
        ("m.low.y, m.gone", item(&[("m", m(&[("low", m(&[("y", s("deep"))]))]))])),
        ("l[2], l[0], l[8]", item(&[("l", l(&[n("0"), n("2")]))])),
        ("m.gone, t.x, l.x", item(&[])),
        ("m.x, m.low", item(&[("m", m(&[("x", n("1")), ("low", m(&[("y", s("deep"))]))]))])),
        ("#a, n", item(&[("n", n("10"))])),
    ];
    for (text, expected) in cases {
        let projection = Projection::parse(text, &mut placeholders()).expect(text);
        assert_eq!(projection.apply(&sample()), expected, "{text}");
    }
}

#[test]
fn wrong_projections_are_refused_in_awss_words() {
    let cases = [
        ("", "The expression can not be empty;"),
        ("a,", "Syntax error; token: \"<EOF>\", near: \",\""),
        (
            "a, a.b",
            "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b]",
        ),
        (
            "a.b, a[0]",
            "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a, [0]]",
        ),
        ("#u, date", "Attribute name is a reserved keyword; reserved keyword: date"),
        ("#u", "An expression attribute name used in the document path is not defined; attribute name: #u"),
    ];
    for (text, expected) in cases {
        let error = Projection::parse(text, &mut placeholders()).expect_err(text);
        assert_eq!(error.message(), format!("Invalid ProjectionExpression: {expected}"), "{text}");
    }
}

#[test]
fn changed_parts_are_shown() {
    let update = Update::parse("SET m.x = :n, l[1] = :n REMOVE t", &mut placeholders()).expect("well formed");
    let old = update.changed().apply(&sample());
    assert_eq!(old, item(&[("m", m(&[("x", n("1"))])), ("l", l(&[n("1")])), ("t", s("text"))]));
    let new = update.changed().apply(&update.apply(&sample()).expect("it can be done"));
    assert_eq!(new, item(&[("m", m(&[("x", n("5"))])), ("l", l(&[n("5")]))]));
}
