//! What a refused or allowed call is told, and what an explanation lists.

use serde_json::json;
use virga_iam::{
    evaluation::{Outcome, PrincipalPolicies, Request, ResourceRule, evaluate, explain},
    policy::PolicyKind,
};

use crate::request::{
    Keys, QUEUE, SEND, allow, allow_nothing, aws, deny, policy, queue_policy, role_session, user,
};

#[test]
fn refusals_end_as_those_of_aws() {
    let identity = |policy| PrincipalPolicies { identity: vec![policy], ..PrincipalPolicies::default() };
    let allowed = identity(allow(PolicyKind::Identity));
    let limited = |boundary| PrincipalPolicies { boundary: Some(boundary), ..allowed.clone() };
    let narrowed = |session| PrincipalPolicies { session: Some(vec![session]), ..allowed.clone() };
    let governed = |policy| PrincipalPolicies { service_control: vec![vec![policy]], ..allowed.clone() };
    for (policies, clause) in [
        (PrincipalPolicies::default(), "because no identity-based policy allows the sqs:SendMessage action"),
        (identity(deny(PolicyKind::Identity)), "with an explicit deny in an identity-based policy"),
        (
            limited(allow_nothing(PolicyKind::Boundary)),
            "because no permissions boundary allows the sqs:SendMessage action",
        ),
        (limited(deny(PolicyKind::Boundary)), "with an explicit deny in a permissions boundary"),
        (
            narrowed(allow_nothing(PolicyKind::Session)),
            "because no session policy allows the sqs:SendMessage action",
        ),
        (narrowed(deny(PolicyKind::Session)), "with an explicit deny in a session policy"),
        (
            governed(allow_nothing(PolicyKind::ServiceControl)),
            "because no service control policy allows the sqs:SendMessage action",
        ),
        (governed(deny(PolicyKind::ServiceControl)), "with an explicit deny in a service control policy"),
    ] {
        let caller = role_session();
        let decision = evaluate(&Request::new(SEND, QUEUE, &caller, &policies, &()));
        assert_eq!(decision.because(SEND).map(|because| because.to_string()).as_deref(), Some(clause));
    }
    for (control, clause) in [
        (
            allow_nothing as fn(PolicyKind) -> _,
            "because no resource control policy allows the sqs:SendMessage action",
        ),
        (deny, "with an explicit deny in a resource control policy"),
    ] {
        let caller = role_session();
        let control = [vec![control(PolicyKind::ResourceControl)]];
        let request = Request::new(SEND, QUEUE, &caller, &allowed, &());
        let decision = evaluate(&Request { resource_control: &control, ..request });
        assert_eq!(decision.because(SEND).map(|because| because.to_string()).as_deref(), Some(clause));
    }
    let caller = user();
    assert!(evaluate(&Request::new(SEND, QUEUE, &caller, &allowed, &())).because(SEND).is_none());
}

#[test]
fn refusals_by_policies_of_resources() {
    let somebody = aws("arn:aws:iam::111122223333:role/Other");
    let caller = user();
    let policies = PrincipalPolicies::default();
    for (resource_policy, rule, clause) in [
        (
            queue_policy("Allow", &somebody),
            ResourceRule::KeyPolicy,
            "because no resource-based policy allows the sqs:SendMessage action",
        ),
        (
            queue_policy("Deny", r#""Principal":"*""#),
            ResourceRule::Ordinary,
            "with an explicit deny in a resource-based policy",
        ),
        (
            queue_policy("Allow", &somebody),
            ResourceRule::TrustPolicy,
            "because no role trust policy allows the sqs:SendMessage action",
        ),
        (
            queue_policy("Deny", r#""Principal":"*""#),
            ResourceRule::TrustPolicy,
            "with an explicit deny in the role trust policy",
        ),
    ] {
        let request = Request::new(SEND, QUEUE, &caller, &policies, &());
        let decision = evaluate(&Request { resource_policy: Some((&resource_policy, rule)), ..request });
        assert_eq!(decision.because(SEND).map(|because| because.to_string()).as_deref(), Some(clause));
    }
    let endpoint = queue_policy("Deny", r#""Principal":"*""#);
    let request = Request::new(SEND, QUEUE, &caller, &policies, &());
    let decision = evaluate(&Request { vpc_endpoint_policy: Some(&endpoint), ..request });
    let because = decision.because(SEND).map(|because| because.to_string());
    assert_eq!(because.as_deref(), Some("with an explicit deny in a VPC endpoint policy"));
}

#[test]
fn a_decision_names_the_statement() {
    let statements = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"},
        {"Sid":"Send","Effect":"Allow","Action":"sqs:Send*","Resource":"*"},
        {"Sid":"All","Effect":"Allow","Action":"*","Resource":"*"}"#;
    let policies = PrincipalPolicies {
        identity: vec![allow_nothing(PolicyKind::Identity), policy(PolicyKind::Identity, statements)],
        ..PrincipalPolicies::default()
    };
    let caller = user();
    let decision = evaluate(&Request::new(SEND, QUEUE, &caller, &policies, &()));
    let deciding = decision.decided_by.unwrap();
    assert_eq!(decision.outcome, Outcome::Allowed);
    assert_eq!((deciding.statement, deciding.sid()), (1, Some("Send")));
}

#[test]
fn an_explanation_lists_every_policy_statement_and_value() {
    let statements = r#"{"Sid":"Mine","Effect":"Allow","Action":"sqs:Send*","Resource":"arn:aws:sqs:*:*:${aws:username}",
         "Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"},
                      "StringLike":{"aws:UserAgent":["cli","x-${aws:username}-*"]}}},
        {"Effect":"Deny","NotAction":"sqs:*","Resource":"*"}"#;
    let policies = PrincipalPolicies {
        identity: vec![policy(PolicyKind::Identity, statements)],
        ..PrincipalPolicies::default()
    };
    let queue_policy = queue_policy("Allow", &aws("111122223333"));
    let caller = user();
    let keys = Keys(vec![("aws:username", vec!["ann"]), ("aws:useragent", vec!["boto"])]);
    let request = Request::new(SEND, "arn:aws:sqs:us-east-1:111122223333:ann", &caller, &policies, &keys);
    let resource_policy = Some((&queue_policy, ResourceRule::Ordinary));
    let explanation = explain(&Request { resource_policy, ..request });
    let expected = json!({
        "action": "sqs:SendMessage",
        "resource": "arn:aws:sqs:us-east-1:111122223333:ann",
        "allowed": false,
        "outcome": "implicit deny",
        "because": "because no identity-based policy allows the sqs:SendMessage action",
        "deciding_policy": null,
        "deciding_statement": null,
        "policies": [
            {
                "policy_type": "resource-based policy",
                "id": "a-policy",
                "source": "arn:aws:iam::111122223333:user/team/ann",
                "statements": [{
                    "position": 0, "sid": null, "effect": "Allow", "applies": false,
                    "action_matches": true, "resource_matches": false, "principal_matches": true,
                    "principal": "account", "conditions": [],
                }],
            },
            {
                "policy_type": "identity-based policy",
                "id": "a-policy",
                "source": "arn:aws:iam::111122223333:user/team/ann",
                "statements": [
                    {
                        "position": 0, "sid": "Mine", "effect": "Allow", "applies": false,
                        "action_matches": true, "resource_matches": true, "principal_matches": true,
                        "principal": null,
                        "conditions": [
                            {
                                "operator": "Bool", "key": "aws:MultiFactorAuthPresent",
                                "wanted": ["true"], "found": null, "holds": false,
                            },
                            {
                                "operator": "StringLike", "key": "aws:UserAgent",
                                "wanted": ["cli", "x-ann-*"], "found": ["boto"], "holds": false,
                            },
                        ],
                    },
                    {
                        "position": 1, "sid": null, "effect": "Deny", "applies": false,
                        "action_matches": false, "resource_matches": true, "principal_matches": true,
                        "principal": null, "conditions": [],
                    },
                ],
            },
        ],
    });
    assert_eq!(serde_json::to_value(&explanation).unwrap(), expected);
}
