//! Expressions that are refused, with AWS's code and words.

use virga_select::{Code, InputFormat, JsonType};

use super::{csv_with_header, json_output, on_csv, request, run, run_with_statistics};

#[test]
fn expressions_that_are_not_understood() {
    let cases = [
        ("", Code::ParseUnsupportedSelect),
        ("SELECT", Code::ParseEmptySelect),
        ("SELECT FROM S3Object", Code::ParseEmptySelect),
        ("SELECT 1", Code::ParseSelectMissingFrom),
        ("SELECT * FROM", Code::ParseSelectMissingFrom),
        ("DELETE FROM S3Object", Code::UnsupportedSqlOperation),
        ("INSERT INTO S3Object VALUES (1)", Code::UnsupportedSqlOperation),
        ("HELLO", Code::ParseUnexpectedToken),
        ("SELECT * FROM S3Object s WHERE", Code::ParseUnexpectedToken),
        ("SELECT * FROM S3Object s WHERE s.a = = 1", Code::ParseUnexpectedToken),
        ("SELECT * FROM S3Object s; SELECT 1", Code::ParseUnexpectedToken),
        ("SELECT 'abc FROM S3Object", Code::LexerInvalidChar),
        ("SELECT *, s.a FROM S3Object s", Code::ParseAsteriskIsNotAloneInSelectList),
        ("SELECT * FROM S3Object s GROUP BY s.a", Code::ParseExpectedIdentForGroupName),
        ("SELECT * FROM S3Object s ORDER BY s.a", Code::UnsupportedSqlStructure),
        ("SELECT DISTINCT s.a FROM S3Object s", Code::UnsupportedSqlStructure),
        ("SELECT s.a FROM S3Object s HAVING 1 = 1", Code::UnsupportedSqlStructure),
        ("SELECT * FROM S3Object s, S3Object t", Code::MultipleDataSourcesUnsupported),
        ("SELECT * FROM S3Object s JOIN S3Object t ON 1 = 1", Code::ParseMalformedJoin),
        ("SELECT * FROM (SELECT * FROM S3Object)", Code::UnsupportedSqlStructure),
        ("SELECT (SELECT 1 FROM S3Object) FROM S3Object", Code::UnsupportedSqlStructure),
        ("SELECT * FROM people", Code::EvaluatorBindingDoesNotExist),
        ("SELECT * FROM S3Object[*].a", Code::DataSourcePathUnsupported),
        ("SELECT * FROM S3Object[x]", Code::ParseInvalidPathComponent),
        ("SELECT * FROM S3Object LIMIT -1", Code::EvaluatorNegativeLimit),
        ("SELECT * FROM S3Object LIMIT x", Code::ParseExpectedNumber),
        ("SELECT * FROM S3Object LIMIT 1 OFFSET 1", Code::UnsupportedSqlStructure),
        ("SELECT COUNT(DISTINCT s.a) FROM S3Object s", Code::UnsupportedSqlOperation),
        ("SELECT * FROM S3Object s WHERE COUNT(*) > 1", Code::UnsupportedSqlOperation),
        ("SELECT SUM(COUNT(*)) FROM S3Object s", Code::UnsupportedSqlOperation),
    ];
    for (expression, expected) in cases {
        assert_eq!(on_csv(expression, "a\n1\n"), Err(expected), "{expression}");
    }
    let long = format!("SELECT '{}' FROM S3Object", "x".repeat(256 << 10));
    assert_eq!(on_csv(&long, "a\n1\n"), Err(Code::ExpressionTooLong));
}

#[test]
fn errors_name_the_place() {
    let message = |expression| {
        let request = request(expression, csv_with_header(), json_output());
        run_with_statistics(request, b"a\n1\n").expect_err("the expression is wrong").message
    };
    assert_eq!(
        message("SELECT * FROM S3Object s WHERE s.a = = 1"),
        "Unexpected token found OPERATOR:= at line 1, column 38."
    );
    assert_eq!(
        message("SELECT * FROM S3Object s WHERE"),
        "Unexpected token found EOF:END at line 1, column 31."
    );
    assert_eq!(message("SELECT 'abc FROM S3Object"), "Invalid character at line 1, column 8.");
}

#[test]
fn a_limit_of_nothing_reads_nothing() {
    assert_eq!(on_csv("SELECT * FROM S3Object LIMIT 0", "a\n1\n").as_deref(), Ok(""));
    let request =
        request("SELECT COUNT(*) FROM S3Object LIMIT 0", InputFormat::Json(JsonType::Lines), json_output());
    assert_eq!(run(request, b"{}").as_deref(), Ok(""));
}
