//! Key policies: the default one, and what is no policy.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html>

use std::sync::Arc;

use virga_iam::Caller;
use virga_iam::evaluation::{
    AttachedPolicy, ConditionContext, PrincipalPolicies, Request, ResourceRule, Values, evaluate,
};
use virga_iam::policy::{Policy, PolicyKind};

use crate::error::Error;

/// The only name that a key policy can have.
pub(crate) const NAME: &str = "default";
/// The longest policy, in bytes.
const LONGEST: usize = 32 * 1024;

/// The policy of a key that was created without one: the account's own policies decide.
pub(crate) fn default_policy(account: &str) -> String {
    // The layout is AWS's: clients compare the text.
    format!(
        "{{\n  \"Version\" : \"2012-10-17\",\n  \"Id\" : \"key-default-1\",\n  \"Statement\" : [ {{\n    \"Sid\" : \"Enable IAM User \
         Permissions\",\n    \"Effect\" : \"Allow\",\n    \"Principal\" : {{\n      \"AWS\" : \
         \"arn:aws:iam::{account}:root\"\n    }},\n    \"Action\" : \"kms:*\",\n    \"Resource\" : \"*\"\n  }} ]\n}}"
    )
}

/// Understands a key policy.
pub(crate) fn parse(text: &str) -> Result<Policy, Error> {
    if text.len() > LONGEST {
        let reason = format!("The policy document is longer than {LONGEST} bytes.");
        return Err(Error::LimitExceeded { reason });
    }
    Policy::parse(text, PolicyKind::Key).map_err(|error| Error::MalformedPolicy { reason: error.to_string() })
}

/// Whether the policy lets the caller change it, or leaves that to the policies of the account.
pub(crate) fn allows_change(caller: &Caller, arn: &str, policy: Policy) -> bool {
    let everything =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let Ok(everything) = Policy::parse(everything, PolicyKind::Identity) else { return false };
    let principal = PrincipalPolicies {
        identity: vec![AttachedPolicy::new("everything", "caller", Arc::new(everything))],
        ..PrincipalPolicies::default()
    };
    let attached = AttachedPolicy::new(NAME, arn, Arc::new(policy));
    let context = OfCaller(caller);
    let request = Request {
        resource_policy: Some((&attached, ResourceRule::KeyPolicy)),
        ..Request::new("kms:PutKeyPolicy", arn, caller, &principal, &context)
    };
    evaluate(&request).is_allowed()
}

/// The condition keys of later calls that are known now.
struct OfCaller<'a>(&'a Caller);

impl ConditionContext for OfCaller<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        match key {
            "aws:principalarn" => self.0.identity_arn().map(Values::one),
            "aws:principalaccount" | "kms:calleraccount" => Some(Values::one(self.0.account.to_string())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(principal: &str, action: &str) -> bool {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"{action}","Resource":"*"}}]}}"#
        );
        allows_change(&Caller::of_unknown_key("111122223333"), "*", parse(&text).ok().unwrap())
    }

    #[test]
    fn a_policy_must_leave_a_way_to_change_it() {
        let default = parse(&default_policy("111122223333")).ok().unwrap();
        assert!(allows_change(&Caller::of_unknown_key("111122223333"), "*", default));
        assert!(check("arn:aws:iam::111122223333:root", "kms:*"));
        assert!(!check("arn:aws:iam::111122223333:root", "kms:Encrypt"));
        assert!(!check("arn:aws:iam::999988887777:root", "kms:*"));
        assert!(parse("{}").is_err() && parse("no JSON").is_err());
    }
}
