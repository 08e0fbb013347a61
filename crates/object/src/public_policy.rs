//! Whether a policy is public: it allows somebody who is not fixed, under no condition that fixes who it is.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status>

use std::net::{Ipv4Addr, Ipv6Addr};

use virga_iam::policy::{Condition, Policy, is_fixed_value};

/// Condition keys whose fixed values say who it is.
const FIXING: [&str; 16] = [
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourceowner",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:userid",
    "aws:username",
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "s3:dataaccesspointarn",
    "s3:dataaccesspointaccount",
];

/// Whether a policy is public.
pub fn is_public(policy: &Policy) -> bool {
    policy.is_public(fixes_who)
}

/// Whether a condition leaves only fixed callers.
fn fixes_who(condition: &Condition) -> bool {
    let key = condition.key().to_ascii_lowercase();
    if key == "aws:sourceip" {
        return condition.plain_operator().as_deref() == Some("ipaddress")
            && condition.values().all(is_narrow);
    }
    FIXING.contains(&&*key) && condition.is_fixed(|value| is_fixed(&key, value))
}

/// Whether a value is fixed. Of an access point, the name may be any as long as its account is; of the id of a role, the
/// session.
fn is_fixed(key: &str, value: &str) -> bool {
    match key {
        // The region of an access point, too.
        "s3:dataaccesspointarn" => {
            let account = value.split(":accesspoint").next().and_then(|point| point.split(':').nth(4));
            account.is_some_and(|account| !account.is_empty() && is_fixed_value(account))
        }
        "aws:userid" => is_fixed_value(value.strip_suffix(":*").unwrap_or(value)),
        _ => is_fixed_value(value),
    }
}

/// Whether a range of addresses is no wider than AWS lets pass for fixed: /8 of IPv4, /32 of IPv6.
fn is_narrow(range: &str) -> bool {
    let (address, bits) =
        range.split_once('/').map_or((range, None), |(address, bits)| (address, Some(bits)));
    let at_least = |least: u8, whole: u8| {
        bits.map_or(Some(whole), |bits| bits.parse().ok()).is_some_and(|bits: u8| bits >= least)
    };
    if address.parse::<Ipv4Addr>().is_ok() {
        return at_least(8, 32);
    }
    address.parse::<Ipv6Addr>().is_ok() && at_least(32, 128)
}

#[cfg(test)]
mod tests {
    use virga_iam::policy::PolicyKind;

    use super::*;

    fn check(principal: &str, condition: &str, expected: bool) {
        let condition =
            if condition.is_empty() { String::new() } else { format!(r#","Condition":{condition}"#) };
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},
               "Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"{condition}}}]}}"#
        );
        let policy = Policy::parse(&text, PolicyKind::Resource).expect(&text);
        assert_eq!(is_public(&policy), expected, "{text}");
    }

    #[test]
    fn a_policy_is_public_when_nothing_fixes_who_it_is_for() {
        let anybody = r#""*""#;
        check(anybody, "", true);
        check(r#"{"AWS":"*"}"#, "", true);
        check(r#"{"AWS":"111122223333"}"#, "", false);
        check(r#"{"Service":"cloudtrail.amazonaws.com"}"#, "", false);
        for (condition, expected) in [
            (r#"{"StringLike":{"aws:SourceVpc":"vpc-*"}}"#, true),
            (r#"{"StringEquals":{"aws:SourceVpc":"vpc-91237329"}}"#, false),
            (r#"{"StringEqualsIfExists":{"aws:SourceVpc":"vpc-91237329"}}"#, true),
            (r#"{"StringNotEquals":{"aws:SourceVpc":"vpc-91237329"}}"#, true),
            (r#"{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#, false),
            (r#"{"StringEquals":{"aws:Referer":"http://x"}}"#, true),
            (r#"{"IpAddress":{"aws:SourceIp":"54.240.143.0/24"}}"#, false),
            (r#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}"#, true),
            (r#"{"IpAddress":{"aws:SourceIp":["54.240.143.0/24","0.0.0.0/1"]}}"#, true),
            (r#"{"IpAddress":{"aws:SourceIp":"2001:db8::/32"}}"#, false),
            (r#"{"NotIpAddress":{"aws:SourceIp":"54.240.143.0/24"}}"#, true),
            (r#"{"StringEquals":{"s3:DataAccessPointAccount":"111122223333"}}"#, false),
            (
                r#"{"ArnLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-west-2:111122223333:accesspoint/*"}}"#,
                false,
            ),
            (r#"{"ArnLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-west-2:*:accesspoint/a"}}"#, true),
            (r#"{"StringLike":{"aws:userid":"AROAEXAMPLE:*"}}"#, false),
            (r#"{"StringEquals":{"aws:username":"${aws:username}"}}"#, true),
        ] {
            check(anybody, condition, expected);
        }
    }

    #[test]
    fn denies_make_nothing_public() {
        let text = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b"}]}"#;
        assert!(!is_public(&Policy::parse(text, PolicyKind::Resource).unwrap()));
    }
}
