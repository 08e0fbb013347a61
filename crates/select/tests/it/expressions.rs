//! Operators and functions.

use virga_select::Code;

use super::value;

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (expression, expected) in cases {
        assert_eq!(value(expression).as_deref(), Ok(*expected), "{expression}");
    }
}

#[track_caller]
fn check_errors(cases: &[(&str, Code)]) {
    for (expression, expected) in cases {
        assert_eq!(value(expression), Err(*expected), "{expression}");
    }
}

#[test]
fn arithmetic() {
    check(&[
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("7 / 2", "3"),
        ("7 % 2", "1"),
        ("-s.number", "-7"),
        ("0.1 + 0.2", "0.3"),
        ("7 / 2.0", "3.5"),
        ("s.price * 3", "3.30"),
        ("CAST(0.5 AS FLOAT) + 1", "1.5"),
        ("1e2 + 1", "101.0"),
        ("s.nothing + 1", ""),
        ("9223372036854775808 - 1", "9223372036854775807"),
    ]);
    check_errors(&[
        ("9223372036854775807 + 1", Code::IntegerOverflow),
        ("1 / 0", Code::IllegalSqlFunctionArgument),
        ("'a' + 1", Code::InvalidDataType),
    ]);
}

#[test]
fn comparison_and_logic() {
    check(&[
        ("1 < 2", "true"),
        ("1.0 = 1", "true"),
        ("'10' > 9", "true"),
        ("'a' < 'b'", "true"),
        ("'a' = 1", "false"),
        ("'a' <> 1", "true"),
        ("s.nothing = 1", ""),
        ("s.nothing = 1 OR TRUE", "true"),
        ("s.nothing = 1 AND FALSE", "false"),
        ("NOT (1 = 2)", "true"),
        ("2 BETWEEN 1 AND 3", "true"),
        ("2 NOT BETWEEN 1 AND 3", "false"),
        ("2 IN (1, 2)", "true"),
        ("3 NOT IN (1, 2)", "true"),
        ("s.nothing IS NULL", "true"),
        ("s.unknown IS NULL", "true"),
        ("s.nothing IS MISSING", "false"),
        ("s.unknown IS MISSING", "true"),
        ("s.text IS NOT MISSING", "true"),
        ("'abc' LIKE 'a%'", "true"),
        ("'abc' NOT LIKE 'a%'", "false"),
        ("'a%c' LIKE 'a!%c' ESCAPE '!'", "true"),
        ("'a' || 'b' || 'c'", "abc"),
        ("`2007-04-05T14:30Z` < `2008T`", "true"),
    ]);
    check_errors(&[("1 LIKE 'a'", Code::LikeInvalidInputs)]);
}

#[test]
fn paths() {
    check(&[
        ("s.text", "word"),
        ("S.TEXT", "word"),
        ("s.\"text\"", "word"),
        ("s.\"TEXT\"", ""),
        ("s['text']", "word"),
        ("text", "word"),
        ("s.list[0]", "1"),
        ("s.list[1][0]", "2"),
        ("s.list[7]", ""),
        ("s.list", "[1,[2]]"),
        ("s.price", "1.10"),
    ]);
}

#[test]
fn conversions() {
    check(&[
        ("CAST('12' AS INT)", "12"),
        ("CAST(12.9 AS INTEGER)", "12"),
        ("CAST('0.456' AS FLOAT)", "0.456"),
        ("CAST('1.005' AS DECIMAL(10, 2))", "1.01"),
        ("CAST(12 AS STRING)", "12"),
        ("CAST('TRUE' AS BOOL)", "true"),
        ("CAST('2007-04-05T14:30Z' AS TIMESTAMP)", "2007-04-05T14:30Z"),
        ("CAST(s.nothing AS INT)", ""),
    ]);
    check_errors(&[
        ("CAST('x' AS INT)", Code::CastFailed),
        ("CAST('' AS INT)", Code::CastFailed),
        ("CAST(s.list AS INT)", Code::CastFailed),
        ("CAST(1 AS MONEY)", Code::ParseExpectedTypeName),
    ]);
}

#[test]
fn conditions() {
    check(&[
        ("CASE WHEN s.number > 5 THEN 'many' ELSE 'few' END", "many"),
        ("CASE s.number WHEN 6 THEN 'six' WHEN 7 THEN 'seven' END", "seven"),
        ("CASE WHEN FALSE THEN 1 END", ""),
        ("COALESCE(s.nothing, s.unknown, 3)", "3"),
        ("NULLIF(1, 1)", ""),
        ("NULLIF(1, 2)", "1"),
    ]);
}

/// The examples of <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-string.html>.
#[test]
fn texts() {
    check(&[
        ("CHAR_LENGTH('größe')", "5"),
        ("CHARACTER_LENGTH('')", "0"),
        ("LOWER('AbCdEfG!@#$')", "abcdefg!@#$"),
        ("UPPER('AbCdEfG!@#$')", "ABCDEFG!@#$"),
        ("SUBSTRING('123456789', 0)", "123456789"),
        ("SUBSTRING('123456789', 1)", "123456789"),
        ("SUBSTRING('123456789', 2)", "23456789"),
        ("SUBSTRING('123456789', -4)", "123456789"),
        ("SUBSTRING('123456789', 0, 999)", "123456789"),
        ("SUBSTRING('123456789', 1, 5)", "12345"),
        ("SUBSTRING('123456789', -1, 4)", "12"),
        ("SUBSTRING('123456789' FROM 2 FOR 3)", "234"),
        ("TRIM('       foobar         ')", "foobar"),
        ("TRIM(LEADING FROM '  foobar')", "foobar"),
        ("TRIM(BOTH '12' FROM '1112211foobar22211122')", "foobar"),
        ("TRIM(TRAILING 'r' FROM 'foobar')", "fooba"),
        ("LOWER(s.nothing)", ""),
    ]);
    check_errors(&[
        ("LOWER(1)", Code::IncorrectSqlFunctionArgumentType),
        ("LOWER()", Code::EvaluatorInvalidArguments),
        ("SUBSTRING('a', 1, -1)", Code::IllegalSqlFunctionArgument),
        ("REVERSE('a')", Code::UnsupportedFunction),
    ]);
}

/// The examples of <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-date.html>.
#[test]
fn times() {
    check(&[
        ("DATE_ADD(year, 5, `2010-01-01T`)", "2015-01-01T"),
        ("DATE_ADD(month, 1, `2010T`)", "2010-02T"),
        ("DATE_ADD(day, -1, `2017-01-10T`)", "2017-01-09T"),
        ("DATE_DIFF(year, `2010-01-01T`, `2011-01-01T`)", "1"),
        ("DATE_DIFF(month, `2010T`, `2010-05T`)", "4"),
        ("DATE_DIFF(day, `2010-01-01T23:00Z`, `2010-01-02T01:00Z`)", "0"),
        ("EXTRACT(YEAR FROM `2010-01-01T`)", "2010"),
        ("EXTRACT(MONTH FROM `2010T`)", "1"),
        ("EXTRACT(HOUR FROM `2017-01-02T03:04:05+07:08`)", "3"),
        ("EXTRACT(TIMEZONE_HOUR FROM `2017-01-02T03:04:05+07:08`)", "7"),
        ("EXTRACT(TIMEZONE_MINUTE FROM `2017-01-02T03:04:05+07:08`)", "8"),
        ("TO_STRING(`1969-07-20T20:18Z`, 'MMMM d, y')", "July 20, 1969"),
        ("TO_STRING(`1969-07-20T20:18:00+08:00`, 'y-MM-dd''T''H:m:ssX')", "1969-07-20T20:18:00+08"),
        ("TO_TIMESTAMP('2007T')", "2007T"),
        ("TO_TIMESTAMP('2007-02-23T12:14:33.079-08:00')", "2007-02-23T12:14:33.079-08:00"),
        ("UTCNOW()", "2024-02-29T12:30:45.678Z"),
    ]);
    check_errors(&[
        ("TO_TIMESTAMP('yesterday')", Code::ValueParseFailure),
        ("DATE_ADD(fortnight, 1, `2010T`)", Code::ParseExpectedDatePart),
        ("EXTRACT(CENTURY FROM `2010T`)", Code::ParseExpectedDatePart),
        ("DATE_ADD(year, 1000000, `2010T`)", Code::IllegalSqlFunctionArgument),
        ("`yesterday`", Code::LexerInvalidIONLiteral),
    ]);
}

#[test]
fn a_long_chain_of_operators_is_evaluated_or_refused() {
    let sum = |length: usize| vec!["1"; length].join(" + ");
    assert_eq!(value(&sum(90)).as_deref(), Ok("90"));
    assert_eq!(value(&sum(900)), Err(Code::ParseUnsupportedSyntax));
    assert_eq!(value(&sum(90_000)), Err(Code::ExpressionTooLong));
    let conditions = vec!["s.number = 1"; 400].join(" OR ");
    assert_eq!(value(&conditions).as_deref(), Ok("false"));
    let nested = format!("{}1{}", "(".repeat(5_000), ")".repeat(5_000));
    assert_eq!(value(&nested), Err(Code::ParseUnsupportedSyntax));
    let list = format!("7 IN ({})", vec!["1"; 20_000].join(","));
    assert_eq!(value(&list).as_deref(), Ok("false"));
}
