//! Every condition operator, on values present, absent and several.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use virga_iam::policy::{Policy, PolicyKind};

use crate::request::Keys;

/// Whether a condition holds for the values of its key; no values is an absent key.
fn holds(operator: &str, wanted: &str, found: &[&'static str]) -> bool {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"*",
           "Condition":{{"{operator}":{{"Test:Key":{wanted}}}}}}}}}"#
    );
    let policy = Policy::parse(&text, PolicyKind::Identity).expect("the policy is well formed");
    let mut keys = vec![("aws:username", vec!["ann"]), ("aws:principaltag/team", vec!["red*"])];
    if !found.is_empty() {
        keys.push(("test:key", found.to_vec()));
    }
    policy.statements()[0].conditions().iter().all(|condition| condition.holds(&Keys(keys.clone())))
}

fn check(cases: &[(&str, &str, &[&'static str], bool)]) {
    for (operator, wanted, found, expected) in cases {
        assert_eq!(holds(operator, wanted, found), *expected, "{operator} {wanted} {found:?}");
    }
}

#[test]
fn strings() {
    check(&[
        ("StringEquals", r#""a""#, &["a"], true),
        ("StringEquals", r#""a""#, &["A"], false),
        ("StringEquals", r#""a*""#, &["ab"], false),
        ("StringEquals", r#""a*""#, &["a*"], true),
        ("StringEquals", r#"["a","b"]"#, &["b"], true),
        ("StringEquals", r#"["a","b"]"#, &["c"], false),
        ("StringEquals", "[]", &["c"], false),
        ("StringEquals", r#""a""#, &[], false),
        ("stringequals", r#""a""#, &["a"], true),
        ("StringNotEquals", r#""a""#, &["b"], true),
        ("StringNotEquals", r#"["a","b"]"#, &["b"], false),
        ("StringNotEquals", r#""a""#, &[], true),
        ("StringEqualsIgnoreCase", r#""Äbc""#, &["äBC"], true),
        ("StringEqualsIgnoreCase", r#""abc""#, &["abd"], false),
        ("StringNotEqualsIgnoreCase", r#""abc""#, &["ABC"], false),
        ("StringNotEqualsIgnoreCase", r#""abc""#, &[], true),
        ("StringLike", r#""a*c?""#, &["abbbcd"], true),
        ("StringLike", r#""a*c?""#, &["abbbc"], false),
        ("StringLike", r#""A*""#, &["ab"], false),
        ("StringLike", r#""""#, &[""], true),
        ("StringNotLike", r#""a*""#, &["ba"], true),
        ("StringNotLike", r#""a*""#, &["ab"], false),
        ("StringEquals", "true", &["true"], true),
        ("StringEquals", "5", &["5"], true),
    ]);
}

#[test]
fn variables_in_strings() {
    check(&[
        ("StringEquals", r#""${aws:username}""#, &["ann"], true),
        ("StringEquals", r#""${AWS:UserName}""#, &["ann"], true),
        ("StringEquals", r#""${aws:username}""#, &["bob"], false),
        ("StringNotEquals", r#""${aws:username}""#, &["bob"], true),
        ("StringEqualsIgnoreCase", r#""X-${aws:username}""#, &["x-ANN"], true),
        ("StringLike", r#""home/${aws:username}/*""#, &["home/ann/x"], true),
        ("StringLike", r#""${aws:PrincipalTag/team}""#, &["red*"], true),
        ("StringLike", r#""${aws:PrincipalTag/team}""#, &["redder"], false),
        ("StringEquals", r#""${aws:PrincipalTag/none}""#, &["${aws:PrincipalTag/none}"], false),
        ("StringNotEquals", r#""${aws:PrincipalTag/none}""#, &["x"], false),
        ("StringEquals", r#"["${aws:PrincipalTag/none}","x"]"#, &["x"], true),
        ("StringEquals", r#""${aws:PrincipalTag/none, 'blue'}""#, &["blue"], true),
        ("StringEquals", r#""${aws:PrincipalTag/none,'a, }b'}""#, &["a, }b"], true),
        ("StringEquals", r#""${aws:username, 'blue'}""#, &["ann"], true),
        ("StringLike", r#""a${*}""#, &["a*"], true),
        ("StringLike", r#""a${*}""#, &["ab"], false),
        ("StringLike", r#""a${?}${$}""#, &["a?$"], true),
        ("StringEquals", r#""${aws:username""#, &["${aws:username"], true),
        ("StringEquals", r#""${}""#, &["${}"], true),
        ("ArnLike", r#""arn:aws:iam::1:user/${aws:username}""#, &["arn:aws:iam::1:user/ann"], true),
        ("Bool", r#""${aws:username}""#, &["ANN"], true),
    ]);
}

#[test]
fn numbers_dates_and_booleans() {
    check(&[
        ("NumericEquals", "10", &["10"], true),
        ("NumericEquals", r#""10""#, &["10.0"], true),
        ("NumericEquals", "10", &["ten"], false),
        ("NumericEquals", r#""ten""#, &["10"], false),
        ("NumericEquals", r#""9007199254740993""#, &["9007199254740992"], false),
        ("NumericNotEquals", "10", &["11"], true),
        ("NumericNotEquals", "10", &["10"], false),
        ("NumericNotEquals", "10", &[], true),
        ("NumericLessThan", "10", &["9.5"], true),
        ("NumericLessThan", "10", &["10"], false),
        ("NumericLessThanEquals", "10", &["10"], true),
        ("NumericLessThanEquals", "-10", &["-9"], false),
        ("NumericGreaterThan", "10", &["10.1"], true),
        ("NumericGreaterThan", "10", &["10"], false),
        ("NumericGreaterThanEquals", "10", &["10"], true),
        ("NumericGreaterThanEquals", "10", &[], false),
        ("DateEquals", r#""2026-01-01T00:00:00Z""#, &["1767225600"], true),
        ("DateEquals", r#""1767225600""#, &["2026-01-01T01:00:00+01:00"], true),
        ("DateNotEquals", r#""2026-01-01""#, &["2026-01-01T00:00:01Z"], true),
        ("DateNotEquals", r#""2026-01-01""#, &[], true),
        ("DateLessThan", r#""2026-01-02""#, &["2026-01-01T23:59:59Z"], true),
        ("DateLessThan", r#""2026-01-02""#, &["2026-01-02T00:00:00Z"], false),
        ("DateLessThanEquals", r#""2026-01-02""#, &["2026-01-02T00:00:00Z"], true),
        ("DateGreaterThan", r#""2026-01-02""#, &["2026-01-02T00:00:00.5Z"], true),
        ("DateGreaterThan", r#""2026-01-02""#, &["2026-01-02T00:00:00Z"], false),
        ("DateGreaterThanEquals", r#""2026-01-02""#, &["2026-01-02T00:00:00Z"], true),
        ("DateGreaterThanEquals", r#""2026-01-02""#, &["soon"], false),
        ("Bool", r#""true""#, &["true"], true),
        ("Bool", "true", &["TRUE"], true),
        ("Bool", "false", &["true"], false),
        ("Bool", "false", &[], false),
        ("BoolIfExists", "false", &[], true),
    ]);
}

#[test]
fn binaries_addresses_and_arns() {
    check(&[
        ("BinaryEquals", r#""QmluYXJ5""#, &["QmluYXJ5"], true),
        ("BinaryEquals", r#""QmluYXJ5""#, &["QmluYXJ6"], false),
        ("BinaryEquals", r#""%""#, &["%"], false),
        ("IpAddress", r#""203.0.113.0/24""#, &["203.0.113.7"], true),
        ("IpAddress", r#""203.0.113.0/24""#, &["203.0.114.7"], false),
        ("IpAddress", r#""203.0.113.7""#, &["203.0.113.7"], true),
        ("IpAddress", r#""203.0.113.7""#, &["203.0.113.8"], false),
        ("IpAddress", r#""0.0.0.0/0""#, &["203.0.113.8"], true),
        ("IpAddress", r#""0.0.0.0/0""#, &["2001:db8::1"], false),
        ("IpAddress", r#""203.0.113.0/24""#, &["::ffff:203.0.113.7"], true),
        ("IpAddress", r#""2001:DB8:1234:5678::/64""#, &["2001:db8:1234:5678:9::1"], true),
        ("IpAddress", r#""2001:DB8:1234:5678::/64""#, &["2001:db8:1234:5679::1"], false),
        ("IpAddress", r#""::/0""#, &["::1"], true),
        ("IpAddress", r#""203.0.113.0/33""#, &["203.0.113.7"], false),
        ("IpAddress", r#""203.0.113.0/24""#, &["here"], false),
        ("IpAddress", r#""203.0.113.0/24""#, &[], false),
        ("NotIpAddress", r#""203.0.113.0/24""#, &["203.0.114.7"], true),
        ("NotIpAddress", r#"["203.0.113.0/24","10.0.0.0/8"]"#, &["10.1.2.3"], false),
        ("NotIpAddress", r#""203.0.113.0/24""#, &[], true),
        ("ArnEquals", r#""arn:aws:sns:*:1:news""#, &["arn:aws:sns:us-east-1:1:news"], true),
        ("ArnLike", r#""arn:aws:sns:*:1:n?ws""#, &["arn:aws:sns:us-east-1:1:news"], true),
        ("ArnLike", r#""arn:aws:sns:*:1:n?ws""#, &["arn:aws:sns:us-east-1:2:news"], false),
        // A wildcard does not reach beyond its part.
        ("ArnLike", r#""arn:aws:x:*:1:finance/*""#, &["arn:aws:x:us-east-2:9:store/abc:1:finance/d"], false),
        (
            "StringLike",
            r#""arn:aws:x:*:1:finance/*""#,
            &["arn:aws:x:us-east-2:9:store/abc:1:finance/d"],
            true,
        ),
        ("ArnLike", r#""arn:aws:x:::a:*""#, &["arn:aws:x:::a:b:c"], true),
        ("ArnLike", r#""*""#, &["arn:aws:x:::a"], true),
        ("ArnNotEquals", r#""arn:aws:sns:*:1:news""#, &["arn:aws:sns:us-east-1:1:news"], false),
        ("ArnNotLike", r#""arn:aws:sns:*:1:news""#, &["arn:aws:sns:us-east-1:1:olds"], true),
        ("ArnNotLike", r#""arn:aws:sns:*:1:news""#, &[], true),
    ]);
}

#[test]
fn absent_keys() {
    check(&[
        ("Null", "true", &[], true),
        ("Null", r#""true""#, &["x"], false),
        ("Null", "false", &["x"], true),
        ("Null", "false", &[], false),
        ("Null", r#""maybe""#, &[], false),
        ("StringEqualsIfExists", r#""a""#, &[], true),
        ("StringEqualsIfExists", r#""a""#, &["b"], false),
        ("StringNotEqualsIfExists", r#""a""#, &[], true),
        ("NumericLessThanIfExists", "3", &["4"], false),
        ("ForAnyValue:StringEqualsIfExists", r#""a""#, &[], true),
        ("ForAllValues:StringEqualsIfExists", r#""a""#, &[], true),
    ]);
}

#[test]
fn several_values() {
    check(&[
        ("ForAllValues:StringEquals", r#"["a","b"]"#, &["a", "b"], true),
        ("ForAllValues:StringEquals", r#"["a","b"]"#, &["a"], true),
        ("ForAllValues:StringEquals", r#"["a","b"]"#, &["a", "c"], false),
        ("ForAllValues:StringEquals", r#"["a","b"]"#, &[], true),
        ("ForAllValues:StringEquals", r#"["a","b"]"#, &[""], true),
        ("ForAnyValue:StringLike", r#""*""#, &[""], false),
        ("ForAnyValue:StringLike", r#""*""#, &["", "a"], true),
        ("ForAllValues:StringNotEquals", r#"["a","b"]"#, &["c", "d"], true),
        ("ForAllValues:StringNotEquals", r#"["a","b"]"#, &["c", "a"], false),
        ("ForAnyValue:StringEquals", r#"["a","b"]"#, &["c", "a"], true),
        ("ForAnyValue:StringEquals", r#"["a","b"]"#, &["c", "d"], false),
        ("ForAnyValue:StringEquals", r#"["a","b"]"#, &[], false),
        ("ForAnyValue:StringNotEquals", r#"["a","b"]"#, &["a", "c"], true),
        ("ForAnyValue:StringNotEquals", r#"["a","b"]"#, &["a", "b"], false),
        ("ForAnyValue:StringNotEquals", r#"["a","b"]"#, &[], false),
        ("foranyvalue:StringLike", r#""a*""#, &["b", "ab"], true),
        ("ForAnyValue:IpAddress", r#""10.0.0.0/8""#, &["1.1.1.1", "10.1.1.1"], true),
        ("StringEquals", r#""a""#, &["b", "a"], true),
        ("StringNotEquals", r#""a""#, &["b", "a"], false),
    ]);
}

#[test]
fn variables_are_text_in_policies_of_2008() {
    let text = r#"{"Version":"2008-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sqs:*",
        "Resource":"*","Condition":{"StringEquals":{"test:key":"${aws:username}"}}}}"#;
    let policy = Policy::parse(text, PolicyKind::Resource).unwrap();
    let condition = &policy.statements()[0].conditions()[0];
    for (found, expected) in [("ann", false), ("${aws:username}", true)] {
        let keys = Keys(vec![("aws:username", vec!["ann"]), ("test:key", vec![found])]);
        assert_eq!(condition.holds(&keys), expected, "{found}");
    }
}
