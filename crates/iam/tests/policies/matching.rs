//! Which actions and resources a statement is about, also against a naive reference.

use proptest::prelude::*;
use virga_iam::{
    evaluation::{PrincipalPolicies, Request, evaluate},
    policy::PolicyKind,
};

use crate::request::{Keys, policy, user};

/// Whether a statement with these elements allows the action on the resource.
fn allows(elements: &str, action: &str, resource: &str) -> bool {
    let statement = format!(r#"{{"Effect":"Allow",{elements}}}"#);
    let identity = vec![policy(PolicyKind::Identity, &statement)];
    let policies = PrincipalPolicies { identity, ..PrincipalPolicies::default() };
    let keys = Keys(vec![("aws:username", vec!["ann"]), ("aws:principaltag/odd", vec!["*"])]);
    let caller = user();
    evaluate(&Request::new(action, resource, &caller, &policies, &keys)).is_allowed()
}

#[test]
fn actions() {
    for (elements, action, expected) in [
        (r#""Action":"sqs:SendMessage""#, "sqs:SendMessage", true),
        (r#""Action":"SQS:sendmessage""#, "sqs:SendMessage", true),
        (r#""Action":"sqs:SendMessage""#, "sqs:SendMessages", false),
        (r#""Action":"sqs:Send*""#, "sqs:SendMessage", true),
        (r#""Action":"sqs:*Message""#, "sqs:SendMessage", true),
        (r#""Action":"sqs:S?ndMessage""#, "sqs:SendMessage", true),
        (r#""Action":"sqs:*""#, "sns:Publish", false),
        (r#""Action":"*""#, "sns:Publish", true),
        (r#""Action":"*:*""#, "sns:Publish", true),
        (r#""Action":["sns:*","sqs:SendMessage"]"#, "sqs:SendMessage", true),
        (r#""NotAction":"sqs:*""#, "sns:Publish", true),
        (r#""NotAction":"sqs:*""#, "sqs:SendMessage", false),
        (r#""NotAction":["sns:*","sqs:Send*"]"#, "sqs:DeleteQueue", true),
        (r#""NotAction":"*""#, "sqs:DeleteQueue", false),
    ] {
        assert_eq!(
            allows(&format!(r#"{elements},"Resource":"*""#), action, "*"),
            expected,
            "{elements} {action}"
        );
    }
}

#[test]
fn resources() {
    let queue = "arn:aws:sqs:us-east-1:1:orders";
    for (elements, resource, expected) in [
        (r#""Resource":"*""#, queue, true),
        (r#""Resource":"*""#, "*", true),
        (r#""Resource":"arn:aws:sqs:us-east-1:1:orders""#, queue, true),
        (r#""Resource":"arn:aws:sqs:us-east-1:1:orders""#, "*", false),
        (r#""Resource":"arn:aws:sqs:us-east-1:1:Orders""#, queue, false),
        (r#""Resource":"arn:aws:sqs:*:*:orders""#, queue, true),
        (r#""Resource":"arn:aws:sqs:*:*:order""#, queue, false),
        (r#""Resource":"arn:aws:sqs:us-east-1:1:order?""#, queue, true),
        (r#""Resource":"arn:aws:sqs""#, queue, true),
        (r#""Resource":"arn:aws:sns""#, queue, false),
        (r#""Resource":"arn:aws:sqs:us-east-1""#, queue, true),
        (r#""Resource":"arn:aws:sqs:eu-west-1""#, queue, false),
        (r#""Resource":["arn:aws:sqs:::a","arn:aws:sqs:us-east-1:1:orders"]"#, queue, true),
        (r#""Resource":"arn:aws:sqs:us-*-1:1:orders""#, queue, true),
        (r#""Resource":"arn:aws:x:us*1:1:x""#, "arn:aws:x:us-2:9:1:1:x", false),
        (r#""Resource":"arn:aws:x:us*:1:x""#, "arn:aws:x:us-2:9:1:1:x", true),
        (r#""NotResource":"arn:aws:sqs:us-east-1:1:orders""#, queue, false),
        (r#""NotResource":"arn:aws:sqs:us-east-1:1:other""#, queue, true),
        (r#""NotResource":["arn:aws:sqs:::a","arn:aws:sqs:*:*:o*"]"#, queue, false),
        (r#""Resource":"arn:aws:s3:::home/${aws:username}/*""#, "arn:aws:s3:::home/ann/x", true),
        (r#""Resource":"arn:aws:s3:::home/${aws:username}/*""#, "arn:aws:s3:::home/bob/x", false),
        (r#""Resource":"arn:aws:s3:::home/${aws:PrincipalTag/none}/*""#, "arn:aws:s3:::home//x", false),
        (
            r#""Resource":"arn:aws:s3:::home/${aws:PrincipalTag/none, 'all'}/*""#,
            "arn:aws:s3:::home/all/x",
            true,
        ),
        (r#""NotResource":"arn:aws:s3:::home/${aws:PrincipalTag/none}/*""#, "arn:aws:s3:::home/x", false),
        // The value of a variable is text, whatever its characters.
        (r#""Resource":"arn:aws:s3:::home/${aws:PrincipalTag/odd}""#, "arn:aws:s3:::home/ann", false),
        (r#""Resource":"arn:aws:s3:::home/${aws:PrincipalTag/odd}""#, "arn:aws:s3:::home/*", true),
        (r#""Resource":"arn:aws:s3:::home/${*}""#, "arn:aws:s3:::home/ann", false),
        (r#""Resource":"arn:aws:s3:::h?me""#, "arn:aws:s3:::höme", true),
        (r#""Resource":"arn:aws:s3:::*?e""#, "arn:aws:s3:::höme", true),
    ] {
        assert_eq!(
            allows(&format!(r#""Action":"*",{elements}"#), "s3:Any", resource),
            expected,
            "{elements}"
        );
    }
}

/// What `*` and `?` mean, said as plainly as possible.
fn naive(pattern: &[char], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some(('*', rest)), _) => {
            naive(rest, text) || text.split_first().is_some_and(|(_, text)| naive(pattern, text))
        }
        (Some(('?', rest)), Some((_, text))) => naive(rest, text),
        (Some((wanted, rest)), Some((found, text))) => wanted == found && naive(rest, text),
        _ => false,
    }
}

proptest! {
    #[test]
    fn wildcards_agree_with_the_reference(pattern in "[abö*?]{0,9}", text in "[abö]{0,12}") {
        let expected = naive(
            &pattern.chars().collect::<Vec<_>>(),
            &text.chars().collect::<Vec<_>>(),
        );
        let elements = format!(r#""Action":"*","Resource":"arn:aws:s3:::{pattern}""#);
        prop_assert_eq!(allows(&elements, "s3:Any", &format!("arn:aws:s3:::{text}")), expected);
    }

    #[test]
    fn a_text_matches_itself_and_its_prefixes(text in "\\PC{0,20}", cut in 0_usize..20) {
        let escaped: String = text.replace('$', "${$}").replace('*', "${*}").replace('?', "${?}");
        let quoted = serde_json::to_string(&format!("arn:aws:s3:::{escaped}")).unwrap();
        let resource = format!("arn:aws:s3:::{text}");
        let elements = format!(r#""Action":"*","Resource":{quoted}"#);
        prop_assert!(allows(&elements, "s3:Any", &resource));
        let prefix: String = text.chars().take(cut).collect();
        let escaped: String = prefix.replace('$', "${$}").replace('*', "${*}").replace('?', "${?}");
        let quoted = serde_json::to_string(&format!("arn:aws:s3:::{escaped}*")).unwrap();
        let elements = format!(r#""Action":"*","Resource":{quoted}"#);
        prop_assert!(allows(&elements, "s3:Any", &resource));
    }
}

#[test]
fn many_stars_take_no_exponential_time() {
    let pattern = format!("arn:aws:s3:::{}b", "a*".repeat(200));
    let text = format!("arn:aws:s3:::{}", "a".repeat(1_500));
    assert!(!allows(&format!(r#""Action":"*","Resource":"{pattern}""#), "s3:Any", &text));
}
