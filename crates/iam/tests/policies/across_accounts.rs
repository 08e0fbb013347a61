//! The truth table of an evaluation across accounts: both sides must allow.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html>

use virga_iam::{
    Caller,
    evaluation::{AttachedPolicy, Outcome, PolicyType, PrincipalPolicies, Request, ResourceRule, evaluate},
    policy::PolicyKind,
};

use crate::request::{
    Keys, OTHER_ACCOUNT, QUEUE, SEND, account, allow, allow_nothing, aws, deny, policy, queue_policy,
    role_session, root, service, user,
};

use Outcome::{Allowed, ExplicitDeny, ImplicitDeny};
use PolicyType::{IdentityBased, PermissionsBoundary, ResourceBased, RoleTrust};

/// A caller of the other account asks for the queue.
fn outcome(caller: Caller, policies: &PrincipalPolicies, queue_policy: Option<&AttachedPolicy>) -> Outcome {
    let caller = Caller { account: account(OTHER_ACCOUNT), ..caller };
    let resource_policy = queue_policy.map(|policy| (policy, ResourceRule::Ordinary));
    let request = Request::new(SEND, QUEUE, &caller, policies, &());
    evaluate(&Request { resource_account: account(crate::request::ACCOUNT), resource_policy, ..request })
        .outcome
}

#[test]
fn both_sides_must_allow() {
    let allowed =
        PrincipalPolicies { identity: vec![allow(PolicyKind::Identity)], ..PrincipalPolicies::default() };
    let nothing = PrincipalPolicies::default();
    let denied =
        PrincipalPolicies { identity: vec![deny(PolicyKind::Identity)], ..PrincipalPolicies::default() };
    let limited =
        PrincipalPolicies { boundary: Some(allow_nothing(PolicyKind::Boundary)), ..allowed.clone() };
    let narrowed =
        PrincipalPolicies { session: Some(vec![allow_nothing(PolicyKind::Session)]), ..allowed.clone() };
    let ann = queue_policy("Allow", &aws("arn:aws:iam::444455556666:user/team/ann"));
    let session = queue_policy("Allow", &aws("arn:aws:sts::444455556666:assumed-role/Worker/job"));
    let role = queue_policy("Allow", &aws("arn:aws:iam::444455556666:role/Worker"));
    let whole_account = queue_policy("Allow", &aws("444455556666"));
    let everyone = queue_policy("Allow", r#""Principal":"*""#);
    let somebody_else = queue_policy("Allow", &aws("arn:aws:iam::111122223333:user/team/ann"));
    let no = queue_policy("Deny", &aws("444455556666"));
    for (caller, policies, queue_policy, expected) in [
        (user(), &allowed, Some(&ann), Allowed),
        (user(), &allowed, Some(&whole_account), Allowed),
        (user(), &allowed, Some(&everyone), Allowed),
        (user(), &nothing, Some(&ann), ImplicitDeny(IdentityBased)),
        (user(), &nothing, Some(&everyone), ImplicitDeny(IdentityBased)),
        (user(), &allowed, None, ImplicitDeny(ResourceBased)),
        (user(), &allowed, Some(&somebody_else), ImplicitDeny(ResourceBased)),
        (user(), &nothing, None, ImplicitDeny(IdentityBased)),
        (user(), &denied, Some(&ann), ExplicitDeny(IdentityBased)),
        (user(), &allowed, Some(&no), ExplicitDeny(ResourceBased)),
        (user(), &limited, Some(&ann), ImplicitDeny(PermissionsBoundary)),
        (role_session(), &allowed, Some(&role), Allowed),
        (role_session(), &nothing, Some(&role), ImplicitDeny(IdentityBased)),
        (role_session(), &nothing, Some(&session), ImplicitDeny(IdentityBased)),
        (role_session(), &limited, Some(&session), ImplicitDeny(PermissionsBoundary)),
        (role_session(), &narrowed, Some(&session), ImplicitDeny(PolicyType::Session)),
        (root(), &nothing, Some(&whole_account), Allowed),
        (root(), &nothing, None, ImplicitDeny(ResourceBased)),
        (service(), &nothing, Some(&everyone), Allowed),
        (service(), &nothing, None, ImplicitDeny(ResourceBased)),
    ] {
        let principal = caller.principal.clone();
        assert_eq!(outcome(caller, policies, queue_policy), expected, "{principal:?} {policies:?}");
    }
}

/// A service that acts for somebody else must not be a way around that somebody's permissions.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html>
#[test]
fn a_confused_deputy_is_told_by_its_source() {
    let topic = "arn:aws:sns:us-east-1:111122223333:news";
    let statement = format!(
        r#"{{"Effect":"Allow","Principal":{{"Service":"sns.amazonaws.com"}},"Action":"sqs:SendMessage",
           "Resource":"{QUEUE}","Condition":{{"ArnEquals":{{"aws:SourceArn":"{topic}"}},
           "StringEquals":{{"aws:SourceAccount":"111122223333"}}}}}}"#
    );
    let queue_policy = policy(PolicyKind::Resource, &statement);
    let policies = PrincipalPolicies::default();
    for (source_arn, source_account, expected) in [
        (topic, "111122223333", Allowed),
        ("arn:aws:sns:us-east-1:444455556666:news", "444455556666", ImplicitDeny(ResourceBased)),
        (topic, "444455556666", ImplicitDeny(ResourceBased)),
    ] {
        let keys =
            Keys(vec![("aws:sourcearn", vec![source_arn]), ("aws:sourceaccount", vec![source_account])]);
        let caller = service();
        let request = Request::new(SEND, QUEUE, &caller, &policies, &keys);
        let resource_policy = Some((&queue_policy, ResourceRule::Ordinary));
        assert_eq!(evaluate(&Request { resource_policy, ..request }).outcome, expected, "{source_arn}");
    }
}

#[test]
fn assuming_a_role_of_another_account_takes_both_sides_and_the_external_id() {
    let trust = policy(
        PolicyKind::Trust,
        r#"{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"sts:AssumeRole",
            "Condition":{"StringEquals":{"sts:ExternalId":"42"}}}"#,
    );
    let may_assume =
        policy(PolicyKind::Identity, r#"{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}"#);
    let allowed = PrincipalPolicies { identity: vec![may_assume], ..PrincipalPolicies::default() };
    let caller = Caller { account: account(OTHER_ACCOUNT), ..user() };
    for (policies, external_id, expected) in [
        (&allowed, vec!["42"], Allowed),
        (&allowed, vec!["43"], ImplicitDeny(RoleTrust)),
        (&allowed, vec![], ImplicitDeny(RoleTrust)),
        (&PrincipalPolicies::default(), vec!["42"], ImplicitDeny(IdentityBased)),
    ] {
        let keys = Keys(vec![("sts:externalid", external_id)]);
        let role = "arn:aws:iam::111122223333:role/Target";
        let request = Request::new("sts:AssumeRole", role, &caller, policies, &keys);
        let resource_policy = Some((&trust, ResourceRule::TrustPolicy));
        let resource_account = account(crate::request::ACCOUNT);
        let decision = evaluate(&Request { resource_account, resource_policy, ..request });
        assert_eq!(decision.outcome, expected);
    }
}
