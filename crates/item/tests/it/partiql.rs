//! PartiQL: what statements become, what they read, and what AWS says of those that are wrong.

use virga_item::partiql::{Plan, Returning, Source, Statement, key_lookup};
use virga_item::{AttributeType, AttributeValue, Item, KeyAttribute, KeySchema};

use crate::sample::*;

const SCHEMA: KeySchema<'static> = KeySchema {
    hash: KeyAttribute { name: "pk", kind: AttributeType::S },
    range: Some(KeyAttribute { name: "sk", kind: AttributeType::N }),
};

fn parse(text: &str, parameters: &[AttributeValue]) -> Result<Statement, String> {
    Statement::parse(text, parameters).map_err(|error| error.to_string())
}

fn plan(condition: &str) -> Plan {
    let Ok(Statement::Select(select)) = parse(&format!("SELECT * FROM t WHERE {condition}"), &[]) else {
        return Plan { source: Source::Queries(Vec::new()), filter: None, key: None };
    };
    Plan::new(select.condition, &SCHEMA).expect(condition)
}

fn sample() -> Item {
    item(&[
        ("pk", s("a")),
        ("sk", n("1")),
        ("n", n("5")),
        ("m", m(&[("k", s("deep")), ("l", l(&[n("7"), n("8")]))])),
        ("bag", ss(&["x", "y"])),
        ("none", AttributeValue::Null),
    ])
}

#[test]
fn conditions_decide() {
    let cases = [
        ("n = 5", true),
        ("n <> 5.0", false),
        ("n != 4 AND n < 6e0", true),
        ("NOT n > 5 OR n IS MISSING", true),
        ("gone IS MISSING AND n IS NOT MISSING", true),
        ("none IS NULL AND n IS NOT NULL", true),
        ("n BETWEEN -1 AND .5e1", true),
        ("n IN [1, 5]", true),
        ("n IN (1, 2)", false),
        ("n NOT IN (1, 2)", true),
        ("\"m\".\"k\" = 'deep' AND m.l[1] = 8", true),
        ("begins_with(\"m\".k, 'de') AND CONTAINS(bag, 'x')", true),
        ("attribute_type(\"n\", 'N') AND attribute_exists(m)", true),
        ("size(bag) = 2", true),
        ("bag = <<'y', 'x'>>", true),
        ("m = {'k': 'deep', 'l': [7, 8]}", true),
        ("(n = 4 OR n = 5) AND (bag = bag)", true),
    ];
    for (condition, expected) in cases {
        let plan = plan(condition);
        assert_eq!(plan.source, Source::Scan, "{condition}");
        assert_eq!(plan.filter.map(|filter| filter.matches(&sample())), Some(expected), "{condition}");
    }
}

#[test]
fn plans_follow_the_key() {
    let keys = |condition: &str| match plan(condition).source {
        Source::Queries(queries) => Some(queries.len()),
        Source::Scan => None,
    };
    assert_eq!(keys("pk = 'a'"), Some(1));
    assert_eq!(keys("'a' = pk AND n = 5"), Some(1));
    assert_eq!(keys("pk IN ['a', 'b', 'a'] AND sk = 1"), Some(2));
    assert_eq!(keys("pk > 'a'"), None);
    assert_eq!(keys("pk = 'a' OR pk = 'b'"), None);
    let whole = plan("sk = 1 AND pk = 'a'");
    assert_eq!(whole.key, Some(item(&[("pk", s("a")), ("sk", n("1"))])));
    assert_eq!(whole.filter, None);
    for condition in ["sk BETWEEN 1 AND 2 AND pk = 'a'", "pk = 'a' AND sk >= 1"] {
        let plan = plan(condition);
        assert!(
            matches!(&plan.source, Source::Queries(queries) if queries[0].range.is_some()),
            "{condition}"
        );
        assert_eq!((plan.filter, plan.key), (None, None), "{condition}");
    }
    assert!(plan("pk = 'a' AND sk = 1 AND n = 5").filter.is_some_and(|filter| filter.matches(&sample())));
}

#[test]
fn selects_show_columns() {
    let text = "SELECT pk, m.k, m.l[1], gone FROM \"table\".\"index\" WHERE pk = ? ORDER BY sk DESC";
    let Ok(Statement::Select(select)) = parse(text, &[s("a")]) else { panic!("{text}") };
    assert_eq!((&*select.table, select.index.as_deref()), ("table", Some("index")));
    assert_eq!((&*select.order[0].attribute, select.order[0].descending), ("sk", true));
    assert_eq!(select.project(sample()), item(&[("pk", s("a")), ("k", s("deep")), ("l[1]", n("8"))]));
}

#[test]
fn updates_change_items() {
    let cases = [
        (
            "UPDATE t SET n = n + 1 SET m.k = 'new' WHERE pk = 'a' AND sk = 1",
            item(&[("n", n("6")), ("m", m(&[("k", s("new")), ("l", l(&[n("7"), n("8")]))]))]),
        ),
        (
            "UPDATE t SET bag = SET_ADD(bag, <<'z'>>) REMOVE none WHERE pk = 'a' AND sk = 1",
            item(&[("bag", ss(&["x", "y", "z"]))]),
        ),
        (
            "UPDATE t SET bag = set_delete(bag, <<'y'>>) WHERE pk = 'a' AND sk = 1",
            item(&[("bag", ss(&["x"]))]),
        ),
        (
            "UPDATE t SET m.l = list_append(m.l, [9]) WHERE pk = 'a' AND sk = 1",
            item(&[("m", m(&[("k", s("deep")), ("l", l(&[n("7"), n("8"), n("9")]))]))]),
        ),
        ("FROM t WHERE pk = 'a' AND sk = 1 SET c = ? RETURNING ALL NEW *", item(&[("c", n("3"))])),
    ];
    for (text, expected) in cases {
        let parameters: &[AttributeValue] = if text.contains('?') { &[n("3")] } else { &[] };
        let Ok(Statement::Update(update)) = parse(text, parameters) else { panic!("{text}") };
        let changed = update.update.apply(&sample()).expect(text);
        for (name, value) in &expected {
            assert_eq!(changed.get(name), Some(value), "{text}");
        }
        let lookup = key_lookup(update.condition, &SCHEMA).expect(text);
        assert_eq!(lookup.key, item(&[("pk", s("a")), ("sk", n("1"))]), "{text}");
        assert_eq!(lookup.condition, None, "{text}");
    }
}

#[test]
fn inserts_and_deletes_are_read() {
    let text = "INSERT INTO \"t\" VALUE {'pk': ?, 'sk': -1.5, 'l': [TRUE, NULL, {}], \"b\": <<?, 2>>}";
    let Ok(Statement::Insert(insert)) = parse(text, &[s("it's"), n("1")]) else { panic!("{text}") };
    let list = l(&[AttributeValue::Bool(true), AttributeValue::Null, m(&[])]);
    let expected = item(&[("pk", s("it's")), ("sk", n("-1.5")), ("l", list), ("b", ns(&[1, 2]))]);
    assert_eq!(insert.item, expected);
    let text = "DELETE FROM t WHERE pk = 'it''s' AND sk = 2 AND n > 1 RETURNING ALL OLD *;";
    let Ok(Statement::Delete(delete)) = parse(text, &[]) else { panic!("{text}") };
    assert_eq!(delete.returning, Some(Returning::AllOld));
    let lookup = key_lookup(delete.condition, &SCHEMA).expect(text);
    assert_eq!(lookup.key.get("pk"), Some(&s("it's")));
    assert!(lookup.condition.is_some_and(|condition| condition.matches(&sample())));
    let text = "EXISTS(SELECT * FROM t WHERE pk = 'a' AND sk = 1 AND n = 5)";
    assert!(matches!(parse(text, &[]), Ok(Statement::Exists(_))));
}

#[test]
fn malformed_statements_are_refused_in_awss_words() {
    let malformed = |detail: &str| format!("Statement wasn't well formed, can't be processed: {detail}");
    let cases = [
        ("SLECT * FROM t", malformed("Expected data manipulation")),
        ("SELECT * FROM t WHERE pk = 1 foo", malformed("Unexpected token after expression")),
        ("SELECT * FROM t WHERE pk = 1)", malformed("Unexpected token after expression")),
        ("INSERT INTO t u VALUE {'pk': 'x'}", malformed("Unexpected token after expression")),
        ("DELETE FROM t WHERE pk = 1 ORDER BY pk", malformed("Unexpected token after expression")),
        ("SELECT * FROM t ORDER BY pk WHERE pk = 1", malformed("Unexpected token after expression")),
        ("SELECT * FROM t WHERE pk = 1e2147483648", malformed("")),
        ("SELECT * FROM t WHERE pk = 1.5e-2147483647", malformed("")),
        ("SELECT * FROM t WHERE pk = 1 # note", malformed("")),
        ("SELECT * FROM t WHERE attribute_exists(m.inner)", malformed("Invalid path dot component")),
        ("SELECT * FROM t AS u", "Aliasing is not supported".to_owned()),
        ("UPDATE t u SET a = 3 WHERE pk = 'x'", "Aliasing is not supported".to_owned()),
        ("SELECT * FROM t.a.b", "A path may contain at most 2 components in the FROM clause".to_owned()),
        ("SELECT * FROM \"\"", "Path component cannot be an empty string".to_owned()),
        ("SELECT attribute_exists(a) FROM t", "Unexpected path component at 1:8:16".to_owned()),
        (
            "SELECT * FROM t WHERE pk = ?",
            "Number of parameters in request and statement don't match.".to_owned(),
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(parse(text, &[]).map(drop), Err(expected), "{text}");
    }
    let text = "SELECT * FROM t";
    let expected = "Number of parameters in request and statement don't match.".to_owned();
    assert_eq!(parse(text, &[n("1")]).map(drop), Err(expected));
}

#[test]
fn wrong_values_and_functions_are_refused_in_awss_words() {
    let overflow = "Number overflow. Attempting to store a number with magnitude larger than supported range";
    let cases = [
        ("SELECT * FROM t WHERE pk = 1e126", format!("{overflow} under root")),
        ("INSERT INTO t VALUE {'m': {'x': 1e126}}", format!("{overflow} under root.x")),
        ("INSERT INTO t VALUE {'l': [1, 1e126]}", format!("{overflow} under root[1]")),
        ("SELECT * FROM t WHERE a < TRUE", "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL".to_owned()),
        ("SELECT * FROM t WHERE attribute_exists('a')", "Operator or function requires a document path; operator or function: attribute_exists".to_owned()),
        ("SELECT * FROM t WHERE attribute_exists()", "Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 0".to_owned()),
        ("SELECT * FROM t WHERE set_add(a, <<1>>) = a", "Unrecognized function: set_add at 1:23:7".to_owned()),
        ("SELECT * FROM t WHERE EXISTS(a)", "Unrecognized function: exists at 1:23:6".to_owned()),
        ("UPDATE t SET b = set_add(a, <<'x'>>)", "The first argument to SET_ADD must equal the assignment value at 1:18:7".to_owned()),
        ("UPDATE t SET a = set_add(a, 'x')", "The second argument to SET_ADD must be a value with type SET at 1:26:1".to_owned()),
        ("UPDATE t SET a = set_add(a)", "SET_ADD must have exactly two arguments at 1:18:7".to_owned()),
        ("UPDATE t SET a = set_add(a, <<>>)", "Empty bags are not supported".to_owned()),
        ("UPDATE t SET a = set_add(a, <<'x', 'x'>>)", "One or more parameter values were invalid: Input collection [x, x] contains duplicates.".to_owned()),
        ("DELETE FROM t WHERE pk = 'x' RETURNING MODIFIED OLD *", "Invalid returning clause: RETURNING MODIFIED OLD *. Only RETURNING ALL OLD * is allowed in DELETE statements.".to_owned()),
        ("INSERT INTO t VALUE {'a': set_add(<<'a'>>, <<'b'>>)}", "Unsupported data type: set_add under key root at 1:27:7".to_owned()),
    ];
    for (text, expected) in cases {
        assert_eq!(parse(text, &[]).map(drop), Err(expected), "{text}");
    }
    let deep = format!("UPDATE t SET d = {}1{}", "{'a':".repeat(32), "}".repeat(32));
    let expected = format!("Nesting Levels have exceeded supported limits under root{}", ".a".repeat(32));
    assert_eq!(parse(&deep, &[]).map(drop), Err(expected));
    for deep in ["(", "NOT (", "size(", "[", "<<"] {
        let text = format!("SELECT * FROM t WHERE {}", deep.repeat(8000 / deep.len()));
        assert!(parse(&text, &[]).is_err(), "{deep}");
    }
    let lookup = |text: &str| match parse(text, &[]) {
        Ok(Statement::Delete(delete)) => {
            key_lookup(delete.condition, &SCHEMA).map_err(|error| error.to_string())
        }
        other => panic!("{other:?}"),
    };
    let expected = "Where clause does not contain a mandatory equality on all key attributes";
    assert_eq!(lookup("DELETE FROM t WHERE pk = 'a'"), Err(expected.to_owned()));
    let expected = "The provided key element does not match the schema";
    assert_eq!(lookup("DELETE FROM t WHERE pk = 'a' AND sk = 'b'"), Err(expected.to_owned()));
}
