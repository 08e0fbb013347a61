//! What is a policy and what is not, with the messages that IAM gives.

use virga_iam::policy::{Policy, PolicyKind, PrincipalType};

/// The message about a text, `ok` for a policy.
fn message(text: &str, kind: PolicyKind) -> String {
    Policy::parse(text, kind).map_or_else(|error| error.to_string(), |_| "ok".to_owned())
}

fn check_documents(kind: PolicyKind, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(message(text, kind), *expected, "{text}");
    }
}

/// Checks statements, with a version around them.
fn check_statements(kind: PolicyKind, cases: &[(&str, &str)]) {
    for (statement, expected) in cases {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
        assert_eq!(message(&text, kind), *expected, "{statement}");
    }
}

const SYNTAX: &str = "Syntax errors in policy.";
const VERSION: &str = "Policy document must be version 2012-10-17 or greater.";
const LEGACY: &str = "The policy failed legacy parsing";
const NO_VENDOR: &str = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";

#[test]
fn documents() {
    check_documents(
        PolicyKind::Identity,
        &[
            ("", SYNTAX),
            ("no policy", SYNTAX),
            ("[]", SYNTAX),
            ("{}", SYNTAX),
            (r#"{"Version":"2012-10-17"}"#, SYNTAX),
            (r#"{"Version":"2012-10-17","Statement":[]}"#, SYNTAX),
            (r#"{"Version":"2012-10-17","Statement":["x"]}"#, SYNTAX),
            (r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#, "ok"),
            (
                r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}} x"#,
                SYNTAX,
            ),
            (r#"{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}"#, SYNTAX),
            (
                r#"{"Version":"2012-10-17","Id":"x","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#,
                "ok",
            ),
            (
                r#"{"Version":"2012-10-17","Id":{},"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#,
                SYNTAX,
            ),
            (
                r#"{"Version":"2012-10-17","More":1,"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#,
                SYNTAX,
            ),
            (
                r#"{"Version":"2013-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
                SYNTAX,
            ),
            (
                r#"{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
                VERSION,
            ),
            (r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#, VERSION),
            (r#"{"Statement":{"Effect":"aLLow","Action":"*","Resource":"*"}}"#, VERSION),
            (
                r#"{"Statement":[{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"a","Effect":"Deny"}]}"#,
                VERSION,
            ),
            (
                r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*",
                    "Condition":{"DateLessThan":{"a":"soon"}}}}"#,
                VERSION,
            ),
        ],
    );
}

#[test]
fn statements() {
    check_statements(
        PolicyKind::Identity,
        &[
            (r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#, "ok"),
            (r#"{"Action":"*","Resource":"*"}"#, SYNTAX),
            (r#"{"Effect":"Permit","Action":"*","Resource":"*"}"#, SYNTAX),
            (r#"{"Effect":"denY","Action":"*","Resource":"*"}"#, LEGACY),
            (r#"{"Effect":"Allow","Action":"*","Resource":"*","More":1}"#, SYNTAX),
            (r#"{"Effect":"Allow","Effect":"Allow","Action":"*","Resource":"*"}"#, SYNTAX),
            (
                r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#,
                "Policy document should not specify a principal.",
            ),
            (r#"{"Effect":"Allow"}"#, "Policy statement must contain actions."),
            (r#"{"Effect":"Allow","Resource":"*"}"#, "Policy statement must contain actions."),
            (r#"{"Effect":"Allow","Action":[],"Resource":"*"}"#, "Policy statement must contain actions."),
            (r#"{"Effect":"Allow","Action":"*"}"#, "Policy statement must contain resources."),
            (r#"{"Effect":"Allow","Action":"*","Resource":[]}"#, "Policy statement must contain resources."),
            (r#"{"Effect":"Allow","Action":"*","NotAction":[],"Resource":"*"}"#, SYNTAX),
            (r#"{"Effect":"Allow","Action":"*","Resource":"*","NotResource":"*"}"#, SYNTAX),
            (r#"{"Effect":"Allow","Action":{},"Resource":"*"}"#, SYNTAX),
            (r#"{"Effect":"Allow","Action":[[]],"Resource":"*"}"#, SYNTAX),
            (r#"{"Effect":"Allow","Action":"*","Resource":["*",{}]}"#, SYNTAX),
            (r#"{"Effect":"Allow","Action":"*","Resource":7}"#, SYNTAX),
            (r#"{"Effect":"Allow","NotAction":"s3:*","NotResource":"*"}"#, "ok"),
            (
                r#"[{"Effect":"Deny"},{"Effect":"Allow","Action":"*","Resource":"*"}]"#,
                "Policy statement must contain actions.",
            ),
        ],
    );
}

#[test]
fn statement_ids() {
    let pair = |first: &str, second: &str| {
        format!(
            r#"[{{"Sid":"{first}","Effect":"Allow","Action":"*","Resource":"*"}},
                {{"Sid":"{second}","Effect":"Allow","Action":"*","Resource":"*"}}]"#
        )
    };
    let alphanumeric = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular \
                        expression [0-9A-Za-z]*";
    let unique = "Statement IDs (SID) in a single policy must be unique.";
    for (first, second, expected) in [
        ("a", "b", "ok"),
        ("", "", "ok"),
        ("a", "a", unique),
        ("a b", "c", alphanumeric),
        ("a-b", "a-b", unique),
    ] {
        check_statements(PolicyKind::Identity, &[(&pair(first, second), expected)]);
    }
    check_statements(
        PolicyKind::Identity,
        &[
            (r#"{"Sid":{},"Effect":"Allow","Action":"*","Resource":"*"}"#, SYNTAX),
            (
                r#"[{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"a","Effect":"Allow"}]"#,
                unique,
            ),
            (
                r#"[{"Sid":"a","Effect":"aLLow","Action":"*","Resource":"*"},{"Sid":"a","Effect":"Allow"}]"#,
                LEGACY,
            ),
        ],
    );
    let resource =
        r#"{"Sid":"__owner statement","Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*"}"#;
    check_statements(PolicyKind::Resource, &[(resource, "ok")]);
}

#[test]
fn actions() {
    for (action, expected) in [
        ("s3:ListBucket", "ok"),
        ("s3:*", "ok"),
        ("*", "ok"),
        ("iam: odd but so ", "ok"),
        ("s3-a.b:List", "ok"),
        ("unknown:List", "ok"),
        ("invalid", NO_VENDOR),
        ("", NO_VENDOR),
        ("a a:List", "Vendor a a is not valid"),
        ("s*:List", "Vendor s* is not valid"),
        ("s3:List:Bucket", "Actions/Condition can contain only one colon."),
    ] {
        for element in ["Action", "NotAction"] {
            let statement = format!(r#"{{"Effect":"Allow","{element}":"{action}","Resource":"*"}}"#);
            check_statements(PolicyKind::Identity, &[(&statement, expected)]);
        }
    }
    check_statements(
        PolicyKind::Identity,
        &[
            (r#"{"Effect":"Allow","Action":"invalid"}"#, NO_VENDOR),
            (
                r#"{"Effect":"Allow","Action":"s:3:ListBucket","Resource":"x"}"#,
                r#"Resource x must be in ARN format or "*"."#,
            ),
        ],
    );
}

#[test]
fn resources() {
    let iam_path = "IAM resource path must either be \"*\" or start with user/, federated-user/, role/, group/, \
                    instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, \
                    report/, access-report/.";
    for (resource, expected) in [
        ("arn:aws:s3:::bucket", "ok"),
        ("arn:aws:sqs:us-east-1:1:*", "ok"),
        ("arn:aws:sqs", "ok"),
        ("arn:aws-cn:sqs:::x", "ok"),
        ("arn:*:sqs:::x", "ok"),
        ("arn:aws:iam::1:user/ann", "ok"),
        ("arn:aws:iam::*:user/${aws:username}", "ok"),
        ("arn:aws:iam::1:*", "ok"),
        ("arn:aws:iam::1:root", "ok"),
        ("arn:aws:s3:us-west-2:1:accesspoint/mine/object/*", "ok"),
        ("", r#"Resource  must be in ARN format or "*"."#),
        ("bucket", r#"Resource bucket must be in ARN format or "*"."#),
        ("a:here", r#"Partition "here" is not valid for resource "arn:here:*:*:*:*"."#),
        ("a:b:c", r#"Partition "b" is not valid for resource "arn:b:c:*:*:*"."#),
        ("a:b:c:d:e:f:g:h", r#"Partition "b" is not valid for resource "arn:b:c:d:e:f:g:h"."#),
        ("aws:s3:::bucket", r#"Partition "s3" is not valid for resource "arn:s3:::bucket:*"."#),
        (
            "arn:nowhere:s3:::bucket",
            r#"Partition "nowhere" is not valid for resource "arn:nowhere:s3:::bucket"."#,
        ),
        ("arn:aws", "Resource vendor must be fully qualified and cannot contain regexes."),
        ("arn:aws:s*:::x", "Resource vendor must be fully qualified and cannot contain regexes."),
        ("arn:aws:iam:::bucket", iam_path),
        (
            "arn:aws:iam:us-east-1::user/x",
            "IAM resource arn:aws:iam:us-east-1::user/x cannot contain region information.",
        ),
        (
            "arn:aws:s3:us-east-1::bucket",
            "Resource arn:aws:s3:us-east-1::bucket can not contain region information.",
        ),
        ("arn:aws:s3::bucket", LEGACY),
        ("arn:aws::::bucket", LEGACY),
        ("arn:aws::bucket", LEGACY),
    ] {
        for element in ["Resource", "NotResource"] {
            let statement = format!(r#"{{"Effect":"Allow","Action":"s3:*","{element}":"{resource}"}}"#);
            check_statements(PolicyKind::Identity, &[(&statement, expected)]);
        }
    }
    check_statements(
        PolicyKind::Identity,
        &[
            (r#"{"Effect":"Allow","Resource":"arn:aws:s3::bucket"}"#, LEGACY),
            (
                r#"{"Effect":"Allow","Action":"*","Resource":["arn:x:s3:::b","arn:x:s3::b"]}"#,
                r#"Partition "x" is not valid for resource "arn:x:s3:::b"."#,
            ),
        ],
    );
}

#[test]
fn conditions() {
    for (condition, expected) in [
        ("{}", "ok"),
        (r#"{"StringEquals":{}}"#, "ok"),
        (r#"{"StringEquals":{"a":[]}}"#, "ok"),
        (r#"{"Unknown":{}}"#, "ok"),
        (r#"{"Unknown":{"a":"b"}}"#, SYNTAX),
        (r#"{"StringEquals":{"aws:x":["a",1,true]}}"#, "ok"),
        (r#"{"StringEqualsIfExists":{"a":"b"}}"#, "ok"),
        (r#"{"ForAnyValue:StringEqualsIfExists":{"a":"b"}}"#, "ok"),
        (r#"{"ForAnyValue::StringEquals":{"a":"b"}}"#, SYNTAX),
        (r#"{"ForSome:StringEquals":{"a":"b"}}"#, SYNTAX),
        (r#"{"NullIfExists":{"a":"true"}}"#, SYNTAX),
        ("[]", SYNTAX),
        (r#""a""#, SYNTAX),
        (r#"{"a":"b"}"#, SYNTAX),
        (r#"{"StringEquals":[]}"#, SYNTAX),
        (r#"{"StringEquals":{"a":{}}}"#, SYNTAX),
        (r#"{"StringEquals":{"a":null}}"#, SYNTAX),
        (r#"{"StringEquals":{"a":"b","a":"c"}}"#, SYNTAX),
        (r#"{"StringEquals":{"a":"b"},"StringEquals":{"c":"d"}}"#, SYNTAX),
        (r#"{"DateLessThan":{"a":"2026-07-01T00:00:00Z"}}"#, "ok"),
        (r#"{"DateLessThan":{"a":"2016-12-13T21:20:37.593194+00:00"}}"#, "ok"),
        (r#"{"DateLessThan":{"a":"2016-12-13t2:00:00.593194+23"}}"#, "ok"),
        (r#"{"DateLessThan":{"a":"01T"}}"#, "ok"),
        (r#"{"DateLessThan":{"a":"-292275054"}}"#, "ok"),
        (r#"{"DateLessThan":{"a":1767225600}}"#, "ok"),
        (r#"{"DateLessThan":{"a":"soon"}}"#, LEGACY),
        (r#"{"DateLessThan":{"a":"234-13"}}"#, LEGACY),
        (r#"{"DateLessThan":{"a":"2016-12-13t2:00:00.593194+1"}}"#, LEGACY),
        (r#"{"DateLessThan":{"a":"2016-12-13t2:00:00.1999999999+10:59"}}"#, LEGACY),
        (r#"{"DateLessThan":{"a":"9223372036854775808"}}"#, LEGACY),
    ] {
        let statement =
            format!(r#"{{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{condition}}}"#);
        check_statements(PolicyKind::Identity, &[(&statement, expected)]);
    }
}

#[test]
fn trust_policies() {
    check_documents(
        PolicyKind::Trust,
        &[("x", "This policy contains invalid Json"), ("{}", "Missing required field Statement")],
    );
    let user = r#""Principal":{"AWS":"arn:aws:iam::111122223333:user/a"}"#;
    let with = |elements: &str| format!(r#"{{"Effect":"Allow",{elements}}}"#);
    for (elements, expected) in [
        (format!(r#"{user},"Action":"sts:AssumeRole""#), "ok"),
        (format!(r#"{user},"Action":["sts:AssumeRole","sts:TagSession"]"#), "ok"),
        (format!(r#"{user},"Action":"sts:Assume*""#), "ok"),
        (
            format!(r#"{user},"Action":"s3:Get""#),
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
        (
            format!(r#"{user},"Action":"sts:GetCallerIdentity""#),
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
        (format!(r#"{user},"Action":"sts:AssumeRole","Resource":"*""#), "Has prohibited field Resource"),
        (user.to_owned(), "Missing required field Action"),
        (r#""Action":"sts:AssumeRole""#.to_owned(), "Missing required field Principal"),
        (r#""NotPrincipal":"*","Action":"sts:AssumeRole""#.to_owned(), "Has prohibited field NotPrincipal"),
        (
            r#""Principal":{"AWS":"somebody"},"Action":"sts:AssumeRole""#.to_owned(),
            r#"Invalid principal in policy: "AWS":"somebody""#,
        ),
        (
            r#""Principal":{"Service":"lambda"},"Action":"sts:AssumeRole""#.to_owned(),
            r#"Invalid principal in policy: "SERVICE":"lambda""#,
        ),
    ] {
        check_statements(PolicyKind::Trust, &[(&with(&elements), expected)]);
    }
    check_statements(
        PolicyKind::Trust,
        &[(r#"{"Principal":"*","Action":"sts:AssumeRole"}"#, "Missing required field Effect")],
    );
    let of_2008 = r#"{"Version":"2008-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}"#;
    assert_eq!(message(of_2008, PolicyKind::Trust), "ok");
}

#[test]
fn principals() {
    for (principal, expected) in [
        ("*", "ok"),
        ("111122223333", "ok"),
        ("arn:aws:iam::111122223333:root", "ok"),
        ("arn:aws:iam::111122223333:user/team/ann", "ok"),
        ("arn:aws:iam::111122223333:role/Worker", "ok"),
        ("arn:aws:sts::111122223333:assumed-role/Worker/job", "ok"),
        ("arn:aws:sts::111122223333:federated-user/guest", "ok"),
        ("AIDACKCEVSQ6C2EXAMPLE", "ok"),
        ("arn:aws:iam::111122223333:user/*", "no"),
        ("arn:aws:iam::111122223333:user", "no"),
        ("arn:aws:iam::111122223333:group/g", "no"),
        ("arn:aws:iam::1:root", "no"),
        ("arn:aws:iam:us-east-1:111122223333:root", "no"),
        ("arn:aws:s3:::bucket", "no"),
        ("arn:aws:sts::111122223333:assumed-role/Worker", "no"),
        ("11112222333", "no"),
        ("", "no"),
    ] {
        let statement = format!(
            r#"{{"Effect":"Allow","Principal":{{"AWS":["{principal}"]}},"Action":"sqs:*","Resource":"*"}}"#
        );
        let refused = format!(r#"Invalid principal in policy: "AWS":"{principal}""#);
        let expected = if expected == "ok" { "ok" } else { &refused };
        check_statements(PolicyKind::Resource, &[(&statement, expected)]);
    }
    check_statements(
        PolicyKind::Resource,
        &[
            (r#"{"Effect":"Allow","Principal":"111122223333","Action":"sqs:*","Resource":"*"}"#, SYNTAX),
            (r#"{"Effect":"Allow","Principal":{"Who":"*"},"Action":"sqs:*","Resource":"*"}"#, SYNTAX),
            (
                r#"{"Effect":"Allow","Principal":{},"Action":"sqs:*","Resource":"*"}"#,
                "Missing required field Principal",
            ),
            (r#"{"Effect":"Allow","Action":"sqs:*","Resource":"*"}"#, "Missing required field Principal"),
            (r#"{"Effect":"Deny","NotPrincipal":"*","Action":"sqs:*","Resource":"*"}"#, "ok"),
            (
                r#"{"Effect":"Allow","NotPrincipal":"*","Action":"sqs:*","Resource":"*"}"#,
                "Allow with NotPrincipal is not allowed.",
            ),
        ],
    );
    let text = r#"{"Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*",
        "Principal":{"AWS":["*","111122223333"],"Service":"sns.amazonaws.com","CanonicalUser":"79a5","Federated":"x.com"}},
        {"Effect":"Deny","NotPrincipal":"*","Action":"sqs:*","Resource":"*"}]}"#;
    let policy = Policy::parse(text, PolicyKind::Resource).unwrap();
    let named: Vec<_> =
        policy.principals().map(|principal| (principal.principal_type(), principal.as_str())).collect();
    let expected = [
        (PrincipalType::Aws, "*"),
        (PrincipalType::Aws, "111122223333"),
        (PrincipalType::Service, "sns.amazonaws.com"),
        (PrincipalType::CanonicalUser, "79a5"),
        (PrincipalType::Federated, "x.com"),
        (PrincipalType::Aws, "*"),
    ];
    assert_eq!(named, expected);
}
