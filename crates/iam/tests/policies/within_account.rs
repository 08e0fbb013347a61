//! The truth tables of an evaluation within one account.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>

use virga_iam::{
    AccountId, Caller, Principal, canonical_user,
    evaluation::{AttachedPolicy, Outcome, PolicyType, PrincipalPolicies, Request, ResourceRule, evaluate},
    policy::PolicyKind,
};

use crate::request::{
    ACCOUNT, QUEUE, SEND, account, allow, allow_nothing, aws, deny, federated_user, policy, queue_policy,
    role_session, root, service, user,
};

use Outcome::{Allowed, ExplicitDeny, ImplicitDeny};
use PolicyType::{
    IdentityBased, PermissionsBoundary, ResourceBased, ResourceControl, RoleTrust, ServiceControl,
    VpcEndpoint,
};

/// A caller whose own policies all say nothing about sending.
fn implicit_denies() -> PrincipalPolicies {
    PrincipalPolicies {
        identity: vec![allow_nothing(PolicyKind::Identity)],
        boundary: Some(allow_nothing(PolicyKind::Boundary)),
        session: Some(vec![allow_nothing(PolicyKind::Session)]),
        ..PrincipalPolicies::default()
    }
}

fn outcome(caller: &Caller, policies: &PrincipalPolicies, queue_policy: Option<&AttachedPolicy>) -> Outcome {
    let resource_policy = queue_policy.map(|policy| (policy, ResourceRule::Ordinary));
    evaluate(&Request { resource_policy, ..Request::new(SEND, QUEUE, caller, policies, &()) }).outcome
}

/// S3 knows accounts by ids of its own.
#[test]
fn a_canonical_user_is_its_account() {
    let named = |id: &str| format!(r#""Principal":{{"CanonicalUser":"{id}"}}"#);
    let own = named(&canonical_user::of_account(account(ACCOUNT)));
    for (caller, principal, expected) in [
        (root(), &own, Allowed),
        (user(), &own, ImplicitDeny(IdentityBased)),
        (Caller::anonymous(), &own, ImplicitDeny(ResourceBased)),
        (
            user(),
            &named("79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"),
            ImplicitDeny(IdentityBased),
        ),
    ] {
        let policy = queue_policy("Allow", principal);
        assert_eq!(outcome(&caller, &PrincipalPolicies::default(), Some(&policy)), expected, "{principal}");
    }
    let denied = outcome(&user(), &PrincipalPolicies::default(), Some(&queue_policy("Deny", &own)));
    assert_eq!(denied, ExplicitDeny(ResourceBased));
}

/// The documented table: a resource-based policy, and implicit denies in all other types.
#[test]
fn what_a_resource_policy_grants_against_implicit_denies() {
    let role = aws("arn:aws:iam::111122223333:role/Worker");
    let session = aws("arn:aws:sts::111122223333:assumed-role/Worker/job");
    let ann = aws("arn:aws:iam::111122223333:user/team/ann");
    let guest = aws("arn:aws:sts::111122223333:federated-user/guest");
    let account = aws("111122223333");
    let everyone = r#""Principal":"*""#.to_owned();
    let sns = r#""Principal":{"Service":"sns.amazonaws.com"}"#.to_owned();
    for (caller, principal, expected) in [
        (role_session(), &role, ImplicitDeny(PermissionsBoundary)),
        (role_session(), &session, Allowed),
        (role_session(), &everyone, Allowed),
        (role_session(), &account, ImplicitDeny(IdentityBased)),
        (user(), &ann, Allowed),
        (user(), &aws("AIDAANNANNANNANNANN"), Allowed),
        (user(), &everyone, Allowed),
        (user(), &account, ImplicitDeny(IdentityBased)),
        (user(), &role, ImplicitDeny(IdentityBased)),
        (federated_user(), &ann, ImplicitDeny(PermissionsBoundary)),
        (federated_user(), &guest, Allowed),
        (federated_user(), &account, ImplicitDeny(IdentityBased)),
        (service(), &sns, Allowed),
        (service(), &everyone, Allowed),
        (service(), &account, ImplicitDeny(ResourceBased)),
        (Caller::anonymous(), &everyone, Allowed),
        (Caller::anonymous(), &account, ImplicitDeny(ResourceBased)),
    ] {
        let queue_policy = queue_policy("Allow", principal);
        assert_eq!(
            outcome(&caller, &implicit_denies(), Some(&queue_policy)),
            expected,
            "{:?} {principal}",
            caller.principal
        );
    }
    let root_policies = PrincipalPolicies::default();
    assert_eq!(outcome(&root(), &root_policies, Some(&queue_policy("Allow", &account))), Allowed);
    assert_eq!(outcome(&root(), &root_policies, None), Allowed, "the root user needs no policy");
}

/// Identity policies, boundary and session policies: all that there are must allow, and any may deny.
#[test]
fn the_policies_of_the_caller_intersect() {
    type Of = fn(PolicyKind) -> AttachedPolicy;
    for (identity, boundary, session, expected) in [
        (Some(allow as Of), None::<Of>, None::<Of>, Allowed),
        (None, None, None, ImplicitDeny(IdentityBased)),
        (Some(allow_nothing), None, None, ImplicitDeny(IdentityBased)),
        (Some(allow), Some(allow), None, Allowed),
        (Some(allow), Some(allow_nothing), None, ImplicitDeny(PermissionsBoundary)),
        (Some(allow_nothing), Some(allow), None, ImplicitDeny(IdentityBased)),
        (Some(allow), None, Some(allow), Allowed),
        (Some(allow), None, Some(allow_nothing), ImplicitDeny(PolicyType::Session)),
        (Some(allow), Some(allow), Some(allow), Allowed),
        (Some(allow), Some(allow_nothing), Some(allow_nothing), ImplicitDeny(PermissionsBoundary)),
        (Some(deny), None, None, ExplicitDeny(IdentityBased)),
        (Some(allow), Some(deny), None, ExplicitDeny(PermissionsBoundary)),
        (Some(allow), Some(allow), Some(deny), ExplicitDeny(PolicyType::Session)),
        (None, Some(deny), None, ExplicitDeny(PermissionsBoundary)),
    ] {
        let policies = PrincipalPolicies {
            identity: identity.map(|of| of(PolicyKind::Identity)).into_iter().collect(),
            boundary: boundary.map(|of| of(PolicyKind::Boundary)),
            session: session.map(|of| vec![of(PolicyKind::Session)]),
            ..PrincipalPolicies::default()
        };
        assert_eq!(outcome(&role_session(), &policies, None), expected, "{policies:?}");
        let user_expected =
            if policies.session.is_none() { outcome(&user(), &policies, None) } else { expected };
        assert_eq!(user_expected, expected, "{policies:?}");
    }
}

#[test]
fn a_federated_user_needs_session_policies() {
    let mut policies =
        PrincipalPolicies { identity: vec![allow(PolicyKind::Identity)], ..PrincipalPolicies::default() };
    assert_eq!(outcome(&federated_user(), &policies, None), ImplicitDeny(PolicyType::Session));
    policies.session = Some(vec![allow(PolicyKind::Session)]);
    assert_eq!(outcome(&federated_user(), &policies, None), Allowed);
    policies.identity.clear();
    assert_eq!(outcome(&federated_user(), &policies, None), ImplicitDeny(IdentityBased));
    let of_root = Caller { session: Some(std::sync::Arc::default()), ..federated_user() };
    assert_eq!(outcome(&of_root, &policies, None), Allowed, "the root user gave what it has");
}

#[test]
fn a_deny_of_the_resource_counts_for_everyone_it_names() {
    let everyone = r#""Principal":"*""#;
    let allowed =
        PrincipalPolicies { identity: vec![allow(PolicyKind::Identity)], ..PrincipalPolicies::default() };
    for caller in [root(), user(), role_session(), federated_user(), service(), Caller::anonymous()] {
        let policy = queue_policy("Deny", everyone);
        assert_eq!(outcome(&caller, &allowed, Some(&policy)), ExplicitDeny(ResourceBased), "{caller:?}");
    }
    let of_account = queue_policy("Deny", &aws("111122223333"));
    assert_eq!(outcome(&user(), &allowed, Some(&of_account)), ExplicitDeny(ResourceBased));
    assert_eq!(outcome(&root(), &allowed, Some(&of_account)), ExplicitDeny(ResourceBased));
    let of_role = queue_policy("Deny", &aws("arn:aws:iam::111122223333:role/Worker"));
    assert_eq!(outcome(&role_session(), &allowed, Some(&of_role)), ExplicitDeny(ResourceBased));
    assert_eq!(outcome(&user(), &allowed, Some(&of_role)), Allowed);
}

/// A deny for all but some: whoever is to be spared must be named with its account, and its role.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>
#[test]
fn not_principal_spares_whom_it_names_at_every_level() {
    let but = |principals: &str| queue_policy("Deny", &format!(r#""NotPrincipal":{{"AWS":[{principals}]}}"#));
    let account = r#""arn:aws:iam::111122223333:root""#;
    let ann = r#""arn:aws:iam::111122223333:user/team/ann""#;
    let role = r#""arn:aws:iam::111122223333:role/Worker""#;
    let session = r#""arn:aws:sts::111122223333:assumed-role/Worker/job""#;
    let allowed =
        PrincipalPolicies { identity: vec![allow(PolicyKind::Identity)], ..PrincipalPolicies::default() };
    let limited = PrincipalPolicies { boundary: Some(allow(PolicyKind::Boundary)), ..allowed.clone() };
    for (caller, policies, principals, expected) in [
        (user(), &allowed, format!("{ann},{account}"), Allowed),
        (user(), &allowed, ann.to_owned(), ExplicitDeny(ResourceBased)),
        (user(), &allowed, account.to_owned(), ExplicitDeny(ResourceBased)),
        (user(), &limited, format!("{ann},{account}"), ExplicitDeny(ResourceBased)),
        (role_session(), &allowed, format!("{session},{role},{account}"), Allowed),
        (role_session(), &allowed, format!("{role},{account}"), ExplicitDeny(ResourceBased)),
        (root(), &allowed, account.to_owned(), Allowed),
        (root(), &allowed, ann.to_owned(), ExplicitDeny(ResourceBased)),
        (Caller::anonymous(), &allowed, account.to_owned(), ExplicitDeny(ResourceBased)),
    ] {
        assert_eq!(outcome(&caller, policies, Some(&but(&principals))), expected, "{caller:?} {principals}");
    }
}

#[test]
fn organizations_restrict_everyone_but_service_linked_roles() {
    let full = |kind| vec![policy_of_everything(kind)];
    for (levels, expected) in [
        (vec![], Allowed),
        (vec![full(PolicyKind::ServiceControl), full(PolicyKind::ServiceControl)], Allowed),
        (vec![full(PolicyKind::ServiceControl), vec![]], ImplicitDeny(ServiceControl)),
        (
            vec![full(PolicyKind::ServiceControl), vec![allow_nothing(PolicyKind::ServiceControl)]],
            ImplicitDeny(ServiceControl),
        ),
        (vec![vec![allow_nothing(PolicyKind::ServiceControl), allow(PolicyKind::ServiceControl)]], Allowed),
        (vec![vec![deny(PolicyKind::ServiceControl)]], ExplicitDeny(ServiceControl)),
    ] {
        let policies = PrincipalPolicies {
            identity: vec![allow(PolicyKind::Identity)],
            service_control: levels,
            ..PrincipalPolicies::default()
        };
        for caller in [root(), user(), role_session()] {
            assert_eq!(outcome(&caller, &policies, None), expected, "{caller:?} {policies:?}");
        }
        assert_eq!(outcome(&service_linked(), &policies, None), Allowed);
        let sns = queue_policy("Allow", r#""Principal":{"Service":"sns.amazonaws.com"}"#);
        assert_eq!(
            outcome(&service(), &policies, Some(&sns)),
            Allowed,
            "services have no account to restrict"
        );
    }
    let policies =
        PrincipalPolicies { identity: vec![allow(PolicyKind::Identity)], ..PrincipalPolicies::default() };
    let control = [vec![deny(PolicyKind::ResourceControl)]];
    let controlled = |caller: &Caller| {
        let request = Request::new(SEND, QUEUE, caller, &policies, &());
        evaluate(&Request { resource_control: &control, ..request }).outcome
    };
    for caller in [root(), user(), service(), Caller::anonymous()] {
        assert_eq!(controlled(&caller), ExplicitDeny(ResourceControl), "{caller:?}");
    }
    assert_eq!(controlled(&service_linked()), Allowed);
}

fn policy_of_everything(kind: PolicyKind) -> AttachedPolicy {
    policy(kind, r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#)
}

fn service_linked() -> Caller {
    let mut caller = role_session();
    if let Principal::AssumedRole { path, .. } = &mut caller.principal {
        *path = "/aws-service-role/sqs.amazonaws.com/".to_owned();
    }
    caller
}

#[test]
fn a_vpc_endpoint_must_let_the_request_through() {
    let policies =
        PrincipalPolicies { identity: vec![allow(PolicyKind::Identity)], ..PrincipalPolicies::default() };
    for (effect, action, expected) in [
        ("Allow", "sqs:*", Allowed),
        ("Allow", "sqs:ListQueues", ImplicitDeny(VpcEndpoint)),
        ("Deny", "*", ExplicitDeny(VpcEndpoint)),
    ] {
        let statement =
            format!(r#"{{"Effect":"{effect}","Principal":"*","Action":"{action}","Resource":"*"}}"#);
        let endpoint = policy(PolicyKind::Resource, &statement);
        let caller = user();
        let request = Request::new(SEND, QUEUE, &caller, &policies, &());
        let decision = evaluate(&Request { vpc_endpoint_policy: Some(&endpoint), ..request });
        assert_eq!(decision.outcome, expected);
    }
}

/// Key and trust policies have to allow by themselves, or to leave it to the account.
#[test]
fn key_and_trust_policies_must_allow() {
    const ROLE: &str = "arn:aws:iam::111122223333:role/Target";
    let assume = |principal: &str| {
        let statement =
            format!(r#"{{"Effect":"Allow","Principal":{{{principal}}},"Action":"sts:AssumeRole"}}"#);
        policy(PolicyKind::Trust, &statement)
    };
    let admin = PrincipalPolicies {
        identity: vec![policy_of_everything(PolicyKind::Identity)],
        ..PrincipalPolicies::default()
    };
    let nobody = PrincipalPolicies::default();
    let account = r#""AWS":"111122223333""#;
    let ann = r#""AWS":"arn:aws:iam::111122223333:user/team/ann""#;
    let ec2 = r#""Service":"ec2.amazonaws.com""#;
    for (caller, policies, principal, expected) in [
        (user(), &admin, account, Allowed),
        (user(), &nobody, account, ImplicitDeny(IdentityBased)),
        (user(), &nobody, ann, Allowed),
        (user(), &admin, ec2, ImplicitDeny(RoleTrust)),
        (root(), &nobody, ec2, ImplicitDeny(RoleTrust)),
        (root(), &nobody, account, Allowed),
        (service(), &nobody, ec2, ImplicitDeny(RoleTrust)),
        (Caller::service("ec2.amazonaws.com", AccountId::DEFAULT, None), &nobody, ec2, Allowed),
    ] {
        let trust = assume(principal);
        let request = Request::new("sts:AssumeRole", ROLE, &caller, policies, &());
        let resource_account = root().account;
        let trust_policy = Some((&trust, ResourceRule::TrustPolicy));
        let decision = evaluate(&Request { resource_account, resource_policy: trust_policy, ..request });
        assert_eq!(decision.outcome, expected, "{caller:?} {principal}");
    }
}

#[test]
fn a_key_policy_or_a_grant_must_allow() {
    const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1";
    let key_policy = |principal: &str| {
        let statement =
            format!(r#"{{"Effect":"Allow","Principal":{{{principal}}},"Action":"kms:*","Resource":"*"}}"#);
        policy(PolicyKind::Key, &statement)
    };
    let admin = PrincipalPolicies {
        identity: vec![policy_of_everything(PolicyKind::Identity)],
        ..PrincipalPolicies::default()
    };
    let nobody = PrincipalPolicies::default();
    let delegating = key_policy(r#""AWS":"arn:aws:iam::111122223333:root""#);
    let to_role = key_policy(r#""AWS":"arn:aws:iam::111122223333:role/Worker""#);
    for (caller, policies, key_policy, is_granted, expected) in [
        (user(), &admin, &delegating, false, Allowed),
        (user(), &nobody, &delegating, false, ImplicitDeny(IdentityBased)),
        (root(), &nobody, &delegating, false, Allowed),
        (user(), &admin, &to_role, false, ImplicitDeny(ResourceBased)),
        (root(), &nobody, &to_role, false, ImplicitDeny(ResourceBased)),
        (role_session(), &nobody, &to_role, false, Allowed),
        (user(), &nobody, &to_role, true, Allowed),
        (user(), &nobody, &delegating, true, Allowed),
    ] {
        let request = Request::new("kms:Decrypt", KEY, &caller, policies, &());
        let resource_policy = Some((key_policy, ResourceRule::KeyPolicy));
        let decision = evaluate(&Request { resource_policy, is_granted, ..request });
        assert_eq!(decision.outcome, expected, "{caller:?}");
    }
}

#[test]
fn the_cloud_trusts_itself_within_an_account_only() {
    let policies = PrincipalPolicies::default();
    let caller = service();
    let internal = Request { is_internal: true, ..Request::new(SEND, QUEUE, &caller, &policies, &()) };
    assert_eq!(evaluate(&internal).outcome, Allowed);
    let elsewhere = Request { resource_account: AccountId::DEFAULT, ..internal };
    assert_eq!(evaluate(&elsewhere).outcome, ImplicitDeny(ResourceBased));
    let ann = user();
    assert_eq!(evaluate(&Request { caller: &ann, ..internal }).outcome, ImplicitDeny(IdentityBased));
}
