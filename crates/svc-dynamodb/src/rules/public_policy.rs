//! Whether a policy of a table or a stream is public: DynamoDB takes none that is.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-bpa-rbp.html>

use virga_iam::policy::{Condition, Policy, is_fixed_value};

/// Condition keys whose fixed values say who it is.
const FIXING: [&str; 14] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:ec2instancesourcevpc",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
];
/// Says whether AWS itself calls; only its truth fixes somebody.
const IS_SERVICE: &str = "aws:principalisawsservice";

/// Whether a policy is public.
pub(crate) fn is_public(policy: &Policy) -> bool {
    policy.is_public(fixes_who)
}

fn fixes_who(condition: &Condition) -> bool {
    let key = condition.key().to_ascii_lowercase();
    if key == IS_SERVICE {
        return condition.plain_operator().as_deref() == Some("bool")
            && condition.values().all(|value| value.eq_ignore_ascii_case("true"));
    }
    FIXING.contains(&&*key) && condition.is_fixed(is_fixed_value)
}

#[cfg(test)]
mod tests {
    use virga_iam::policy::PolicyKind;

    use super::*;

    fn check(principal: &str, condition: &str, expected: bool) {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},
               "Action":"dynamodb:*","Resource":"*","Condition":{condition}}}]}}"#
        );
        let policy = Policy::parse(&text, PolicyKind::Resource).expect(&text);
        assert_eq!(is_public(&policy), expected, "{text}");
    }

    #[test]
    fn a_policy_is_public_when_nothing_fixes_who_it_is_for() {
        let anybody = r#""*""#;
        check(anybody, "{}", true);
        check(r#"{"AWS":"*"}"#, "{}", true);
        check(r#"{"AWS":["123456789012","111122223333"]}"#, "{}", false);
        for (condition, expected) in [
            (r#"{"StringEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:user/John"}}"#, false),
            (r#"{"StringEquals":{"aws:SourceVpc":"vpc-91237329"}}"#, false),
            (r#"{"StringLike":{"aws:SourceVpc":"vpc-*"}}"#, true),
            (r#"{"StringNotEquals":{"aws:SourceVpc":"vpc-91237329"}}"#, true),
            (r#"{"StringEqualsIfExists":{"aws:SourceVpc":"vpc-91237329"}}"#, true),
            (r#"{"IpAddress":{"aws:SourceIp":"54.240.143.0/24"}}"#, true),
            (r#"{"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":"a"}}"#, true),
            (r#"{"ForAllValues:StringEquals":{"aws:PrincipalOrgPaths":"o-1/r-1/ou-1/"}}"#, true),
            (r#"{"ForAnyValue:StringEquals":{"aws:PrincipalOrgPaths":"o-1/r-1/ou-1/"}}"#, false),
            (r#"{"Bool":{"aws:PrincipalIsAWSService":"true"}}"#, false),
            (r#"{"ForAllValues:Bool":{"aws:PrincipalIsAWSService":"true"}}"#, true),
            (r#"{"Bool":{"aws:PrincipalIsAWSService":"false"}}"#, true),
        ] {
            check(anybody, condition, expected);
        }
    }
}
