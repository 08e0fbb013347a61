//! Policy documents: whatever is written, it is a policy or has a message, and can be evaluated and explained.
//!
//! The input is a policy; its first byte says of which kind.

#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use virga_iam::{
    AccountId, Caller, Principal,
    evaluation::{
        AttachedPolicy, ConditionContext, Outcome, PrincipalPolicies, Request, ResourceRule, Values,
        evaluate, explain,
    },
    policy::{Policy, PolicyKind},
};

const KINDS: [PolicyKind; 8] = [
    PolicyKind::Identity,
    PolicyKind::Resource,
    PolicyKind::Trust,
    PolicyKind::Key,
    PolicyKind::Boundary,
    PolicyKind::Session,
    PolicyKind::ServiceControl,
    PolicyKind::ResourceControl,
];

/// Keys of every sort, by the length of their names.
struct Keys;

impl ConditionContext for Keys {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        assert_eq!(key, key.to_ascii_lowercase(), "contexts are asked in lower case");
        match key.len() % 6 {
            0 => None,
            1 => Some(Values::one("arn:aws:sns:us-east-1:000000000000:news")),
            2 => Some(Values::Many(vec!["a*".into(), "203.0.113.7".into()])),
            3 => Some(Values::one("2026-07-01T00:00:00Z")),
            4 => Some(Values::one("12")),
            _ => Some(Values::Many(Vec::new())),
        }
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((kind, text)) = input.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let kind = KINDS[usize::from(*kind) % KINDS.len()];
    let policy = match Policy::parse(text, kind) {
        Ok(policy) => AttachedPolicy::new("policy", "source", Arc::new(policy)),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let of_caller = PrincipalPolicies { identity: vec![policy.clone()], ..PrincipalPolicies::default() };
    let none = PrincipalPolicies::default();
    let session = Principal::AssumedRole {
        path: "/".to_owned(),
        role: "R".to_owned(),
        role_id: "AROAEXAMPLEEXAMPLE".to_owned(),
        session: "s".to_owned(),
    };
    for principal in [Principal::Root, session, Principal::Anonymous] {
        let caller = Caller { principal, ..Caller::root(AccountId::DEFAULT, None) };
        for resource in ["*", "arn:aws:sqs:us-east-1:000000000000:q"] {
            let request = Request::new("sqs:SendMessage", resource, &caller, &of_caller, &Keys);
            check(&request);
            let resource_policy = Some((&policy, ResourceRule::Ordinary));
            check(&Request { principal: &none, resource_policy, ..request });
        }
    }
});

/// A decision and its explanation agree.
fn check(request: &Request<'_>) {
    let decision = evaluate(request);
    let explanation = explain(request);
    assert_eq!(decision.is_allowed(), explanation.allowed);
    let denies = explanation.policies.iter().flat_map(|policy| &policy.statements);
    let denied = denies.filter(|statement| statement.effect == "Deny").any(|statement| statement.applies);
    let may_have_policies = !matches!(request.caller.principal, Principal::Root | Principal::Anonymous);
    if denied && (may_have_policies || request.resource_policy.is_some()) {
        assert!(matches!(decision.outcome, Outcome::ExplicitDeny(_)), "{explanation:?}");
    }
}
