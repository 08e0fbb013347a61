//! JSON in and out.

use virga_select::{Code, CsvOutput, InputFormat, JsonType, OutputFormat};

use super::{json_output, on_json, request, run, run_with_statistics};

/// The example of <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-select.html>.
const RULES: &str = r#"
    {"Rules": [{"id": "1"}, {"expr": "y > x"}, {"id": "2", "expr": "z = DEBUG"}]}
    {"created": "June 27", "modified": "July 6"}
"#;

#[test]
fn paths_in_from() {
    let cases = [
        ("SELECT id FROM S3Object[*].Rules[*].id", "{\"id\":\"1\"}\n{}\n{\"id\":\"2\"}\n{}\n"),
        (
            "SELECT id FROM S3Object[*].Rules[*].id WHERE id IS NOT MISSING",
            "{\"id\":\"1\"}\n{\"id\":\"2\"}\n",
        ),
        ("SELECT r.expr FROM S3Object[*].Rules[*] r WHERE r.id = '2'", "{\"expr\":\"z = DEBUG\"}\n"),
        ("SELECT _1.id FROM S3Object[*].Rules[1]", "{}\n{}\n"),
        ("SELECT COUNT(*) FROM S3Object[*].Rules[*]", "{\"_1\":4}\n"),
        ("SELECT COUNT(r.id) FROM S3Object[*].Rules[*] r", "{\"_1\":2}\n"),
        ("SELECT s.created FROM S3Object s WHERE s.created IS NOT MISSING", "{\"created\":\"June 27\"}\n"),
        ("SELECT * FROM S3Object[*]['Rules'][0].id LIMIT 1", "{\"_1\":\"1\"}\n"),
        (
            "SELECT * FROM S3Object[*].* v LIMIT 2",
            "{\"_1\":[{\"id\":\"1\"},{\"expr\":\"y > x\"},{\"id\":\"2\",\"expr\":\"z = DEBUG\"}]}\n{\"_1\":\"June 27\"}\n",
        ),
    ];
    for (expression, expected) in cases {
        assert_eq!(on_json(expression, RULES).as_deref(), Ok(expected), "{expression}");
    }
}

#[test]
fn columns_are_named_by_alias_path_or_number() {
    let object = r#"{"a": {"b": [10, 20]}, "c": "x"}"#;
    let cases = [
        ("SELECT s.a.b FROM S3Object s", "{\"b\":[10,20]}\n"),
        ("SELECT s.a.b[1] FROM S3Object s", "{\"_1\":20}\n"),
        ("SELECT s.c AS letter, UPPER(s.c) FROM S3Object s", "{\"letter\":\"x\",\"_2\":\"X\"}\n"),
        ("SELECT 1 = 1, NULL, s.unknown FROM S3Object s", "{\"_1\":true,\"_2\":null}\n"),
    ];
    for (expression, expected) in cases {
        assert_eq!(on_json(expression, object).as_deref(), Ok(expected), "{expression}");
    }
}

#[test]
fn documents_come_out_as_they_went_in() {
    let object = r#"{"z":1,"a":[true,null,{"q":"\"\\\n\u0001é😀"}],"n":1.10,"e":-12345678901234567890}"#;
    let expected = "{\"z\":1,\"a\":[true,null,{\"q\":\"\\\"\\\\\\n\\u0001é😀\"}],\"n\":1.10,\"e\":-12345678901234567890}\n";
    assert_eq!(on_json("SELECT * FROM S3Object", object).as_deref(), Ok(expected));
}

#[test]
fn lines() {
    let lines = |object: &str| {
        run(
            request("SELECT s.a FROM S3Object s", InputFormat::Json(JsonType::Lines), json_output()),
            object.as_bytes(),
        )
    };
    assert_eq!(lines("{\"a\":1}\n\n{\"a\":2}\r\n{\"b\":3}").as_deref(), Ok("{\"a\":1}\n{\"a\":2}\n{}\n"));
    assert_eq!(lines("{\"a\":1}\n{\"a\":"), Err(Code::JSONParsingError));
}

#[test]
fn nested_values_in_csv() {
    let output = OutputFormat::Csv(CsvOutput::default());
    let request = request("SELECT s.a, s.b FROM S3Object s", InputFormat::Json(JsonType::Document), output);
    let records = run(request, br#"{"a": {"x": 1}, "b": null}"#);
    assert_eq!(records.as_deref(), Ok("\"{\"\"x\"\":1}\",\n"));
}

#[test]
fn a_document_may_be_large_if_its_records_are_not() {
    let mut object = String::from("{\"skipped\": \"");
    object.push_str(&"x".repeat(3 << 20));
    object.push_str("\", \"items\": [");
    for number in 0..300_000 {
        object.push_str(&format!("{{\"id\": {number}}},"));
    }
    object.push_str("{\"id\": -1}]}");
    let query = |expression| request(expression, InputFormat::Json(JsonType::Document), json_output());
    let sum = run(query("SELECT SUM(i.id) FROM S3Object[*].items[*] i"), object.as_bytes());
    assert_eq!(sum.as_deref(), Ok("{\"_1\":44999849999}\n"));
    let whole = run(query("SELECT s.items[0] FROM S3Object s"), object.as_bytes());
    assert_eq!(whole, Err(Code::OverMaxRecordSize));
    // A limit ends the reading.
    let (records, statistics) =
        run_with_statistics(query("SELECT i.id FROM S3Object[*].items[*] i LIMIT 2"), object.as_bytes())
            .expect("the records are small");
    assert_eq!(records, "{\"id\":0}\n{\"id\":1}\n");
    assert!(statistics.scanned < 4 << 20, "{statistics:?}");
}

#[test]
fn what_is_no_json() {
    for object in ["{", "{\"a\" 1}", "[1,]", "nope", "{\"a\":1} x"] {
        assert_eq!(
            on_json("SELECT s.unknown FROM S3Object s", object),
            Err(Code::JSONParsingError),
            "{object}"
        );
    }
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(on_json("SELECT * FROM S3Object", &deep), Err(Code::JSONParsingError));
    assert_eq!(on_json("SELECT * FROM S3Object", "").as_deref(), Ok(""));
}
