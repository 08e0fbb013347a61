//! Items in files of exports and imports.

use proptest::prelude::*;
use virga_item::interchange::{csv, ion, json};
use virga_item::{AttributeType, AttributeValue};

use crate::sample::*;
use crate::strategy;

#[test]
fn items_are_written_as_aws_writes_them() {
    let book = item(&[
        ("Authors", ss(&["Author1", "Author2"])),
        ("Id", n("103")),
        ("InPublication", AttributeValue::Bool(false)),
        ("PageCount", n("600")),
        ("Price", n("19.99")),
        ("Title", s("Book \"103\"")),
        ("a b", AttributeValue::Null),
    ]);
    let expected = "$ion_1_0 {Item:{Authors:$dynamodb_SS::[\"Author1\",\"Author2\"],Id:103.,InPublication:false,\
                    PageCount:6d2,Price:19.99,Title:\"Book \\\"103\\\"\",'a b':null}}";
    assert_eq!(ion::write_line(&book), expected);
    assert_eq!(ion::read(expected), Ok(vec![book]));
    let small = item(&[("k", n("1.5")), ("l", l(&[b(b"x"), m(&[])]))]);
    let expected = r#"{"Item":{"k":{"N":"1.5"},"l":{"L":[{"B":"eA=="},{"M":{}}]}}}"#;
    assert_eq!(json::write_line(&small), expected);
    assert_eq!(json::read_line(expected), Ok(small));
}

#[test]
fn ion_may_be_written_in_other_ways() {
    let text = "$ion_1_0\n/* two */ {Item: {a: '''one ''' '''two''', b: 1_0.5e1, 'c': null.string, // end\n d: $dynamodb_NS::[1, 2d0,], e: {{ eA== }}, \"f\": \"\\u00e9\\x41\\\n\"}} {Item:{}}";
    let first = item(&[
        ("a", s("one two")),
        ("b", n("105")),
        ("c", AttributeValue::Null),
        ("d", ns(&[1, 2])),
        ("e", b(b"x")),
        ("f", s("éA")),
    ]);
    assert_eq!(ion::read(text), Ok(vec![first, item(&[])]));
    let deep = format!("{{Item:{{a:{}{}}}}}", "[".repeat(5000), "]".repeat(5000));
    for wrong in
        ["{Item:{a:0x1F}}", "{Item:{a:$dynamodb_SS::[1]}}", "{Item:{a:\"open}}", "[1]", "{Other:{}}", &deep]
    {
        assert!(ion::read(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn rows_become_items() {
    let text = "pk,n,text\r\na,1.0,\"x, \"\"y\"\"\nz\"\nb,,\n";
    let mut rows = csv::Rows::new(text, ',');
    let columns = rows.next().expect("a header").expect("well formed");
    let kind = |name: &str| (name == "n").then_some(AttributeType::N);
    let items: Vec<_> = rows.map(|row| csv::item(&columns, row.expect("well formed"), kind)).collect();
    let first = item(&[("pk", s("a")), ("n", n("1")), ("text", s("x, \"y\"\nz"))]);
    assert_eq!(items, [Ok(first), Ok(item(&[("pk", s("b"))]))]);
    assert!(csv::item(&columns, vec!["a".to_owned(), "x".to_owned()], kind).is_err());
    assert!(csv::Rows::new("\"open", ',').all(|row| row.is_err()));
}

proptest! {
    #[test]
    fn files_give_back_what_was_put_into_them(item in strategy::item()) {
        prop_assert_eq!(json::read_line(&json::write_line(&item)), Ok(item.clone()));
        prop_assert_eq!(ion::read(&ion::write_line(&item)), Ok(vec![item]));
    }
}
