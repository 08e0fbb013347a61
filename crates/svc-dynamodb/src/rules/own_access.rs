//! Whether a resource policy takes from who sets it the right to change it again.

use std::sync::Arc;

use virga_iam::Caller;
use virga_iam::evaluation::{
    AttachedPolicy, ConditionContext, PrincipalPolicies, Request, ResourceRule, Values, evaluate,
};
use virga_iam::policy::{Policy, PolicyKind};

/// Whether the policy denies the caller to change it, whatever other policies allow.
pub(crate) fn is_removed(caller: &Caller, arn: &str, policy: Policy) -> bool {
    let everything =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let Ok(everything) = Policy::parse(everything, PolicyKind::Identity) else { return false };
    let principal = PrincipalPolicies {
        identity: vec![AttachedPolicy::new("everything", "caller", Arc::new(everything))],
        ..PrincipalPolicies::default()
    };
    let attached = AttachedPolicy::new("resource policy", arn, Arc::new(policy));
    let context = OfCaller(caller);
    let request = Request {
        resource_policy: Some((&attached, ResourceRule::Ordinary)),
        resource_account: arn.split(':').nth(4).and_then(|id| id.parse().ok()).unwrap_or(caller.account),
        ..Request::new("dynamodb:PutResourcePolicy", arn, caller, &principal, &context)
    };
    !evaluate(&request).is_allowed()
}

/// The condition keys of later calls that are known now.
struct OfCaller<'a>(&'a Caller);

impl ConditionContext for OfCaller<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        match key {
            "aws:principalarn" => self.0.identity_arn().map(Values::one),
            "aws:principalaccount" => Some(Values::one(self.0.account.to_string())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(effect: &str, principal: &str, action: &str) -> bool {
        check_for("111122223333", effect, principal, action)
    }

    /// Whether a caller of this account loses access to a table of 111122223333.
    fn check_for(account: &str, effect: &str, principal: &str, action: &str) -> bool {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Principal":{{"AWS":"{principal}"}},"Action":"{action}","Resource":"*"}}]}}"#
        );
        let policy = Policy::parse(&text, PolicyKind::Resource).expect("the policy is well-formed");
        let arn = "arn:aws:dynamodb:us-east-1:111122223333:table/t";
        is_removed(&Caller::of_unknown_key(account), arn, policy)
    }

    #[test]
    fn only_a_denial_of_the_change_to_the_caller_removes_it() {
        assert!(check("Deny", "111122223333", "dynamodb:*"));
        assert!(check("Deny", "*", "dynamodb:PutResourcePolicy"));
        assert!(!check("Deny", "111122223333", "dynamodb:GetItem"));
        assert!(!check("Deny", "444455556666", "dynamodb:*"));
        assert!(!check("Allow", "444455556666", "dynamodb:GetItem"));
    }

    #[test]
    fn who_is_of_another_account_needs_to_be_let_in() {
        let check = |principal: &str, action: &str| check_for("444455556666", "Allow", principal, action);
        assert!(!check("444455556666", "dynamodb:PutResourcePolicy"));
        assert!(check("444455556666", "dynamodb:GetItem"));
        assert!(check("777788889999", "dynamodb:*"));
    }
}
