//! Short ways to callers, policies and condition keys.

use std::sync::Arc;

use virga_iam::{
    AccountId, Caller, FederatingUser, Principal, Session,
    evaluation::{AttachedPolicy, ConditionContext, Values},
    policy::{Policy, PolicyKind},
};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const OTHER_ACCOUNT: &str = "444455556666";
pub(crate) const QUEUE: &str = "arn:aws:sqs:us-east-1:111122223333:orders";
pub(crate) const SEND: &str = "sqs:SendMessage";

/// Condition keys in lower case with their values.
pub(crate) struct Keys<'a>(pub(crate) Vec<(&'a str, Vec<&'a str>)>);

impl<'a> Keys<'a> {
    /// One key, or none if it has no values.
    pub(crate) fn owned(key: &'a str, values: &'a [String]) -> Self {
        Self(vec![(key, values.iter().map(String::as_str).collect())])
    }
}

impl ConditionContext for Keys<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let (_, values) = self.0.iter().find(|(name, _)| *name == key)?;
        Some(match values.as_slice() {
            [value] => Values::one(*value),
            values => Values::Many(values.iter().map(|value| (*value).into()).collect()),
        })
    }
}

pub(crate) fn account(id: &str) -> AccountId {
    id.parse().expect("the id of an account")
}

pub(crate) fn user() -> Caller {
    let principal =
        Principal::User { path: "/team/".into(), name: "ann".into(), id: "AIDAANNANNANNANNANN".into() };
    Caller { principal, ..root() }
}

pub(crate) fn role_session() -> Caller {
    let principal = Principal::AssumedRole {
        path: "/".into(),
        role: "Worker".into(),
        role_id: "AROAWORKERWORKERWORK".into(),
        session: "job".into(),
    };
    Caller { principal, session: Some(Arc::new(Session::default())), ..root() }
}

pub(crate) fn federated_user() -> Caller {
    let federating_user =
        FederatingUser { path: "/team/".into(), name: "ann".into(), id: "AIDAANNANNANNANNANN".into() };
    let session = Session { federating_user: Some(federating_user), ..Session::default() };
    let principal = Principal::FederatedUser { name: "guest".into() };
    Caller { principal, session: Some(Arc::new(session)), ..root() }
}

pub(crate) fn root() -> Caller {
    Caller::root(account(ACCOUNT), None)
}

pub(crate) fn service() -> Caller {
    Caller::service("sns.amazonaws.com", account(ACCOUNT), None)
}

/// A policy of one or more statements, written without version and brackets.
pub(crate) fn policy(kind: PolicyKind, statements: &str) -> AttachedPolicy {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    let policy = Policy::parse(&text, kind).expect(statements);
    AttachedPolicy::new("a-policy", "arn:aws:iam::111122223333:user/team/ann", Arc::new(policy))
}

/// A policy of the caller that allows sending.
pub(crate) fn allow(kind: PolicyKind) -> AttachedPolicy {
    let principal = if kind == PolicyKind::ResourceControl { r#""Principal":"*","# } else { "" };
    policy(kind, &format!(r#"{{"Effect":"Allow",{principal}"Action":"sqs:SendMessage","Resource":"*"}}"#))
}

/// A policy of the caller that allows something else.
pub(crate) fn allow_nothing(kind: PolicyKind) -> AttachedPolicy {
    let principal = if kind == PolicyKind::ResourceControl { r#""Principal":"*","# } else { "" };
    policy(kind, &format!(r#"{{"Effect":"Allow",{principal}"Action":"sqs:ListQueues","Resource":"*"}}"#))
}

/// A policy of the caller that denies sending.
pub(crate) fn deny(kind: PolicyKind) -> AttachedPolicy {
    let principal = if kind == PolicyKind::ResourceControl { r#""Principal":"*","# } else { "" };
    let allow = format!(r#"{{"Effect":"Allow",{principal}"Action":"*","Resource":"*"}}"#);
    policy(kind, &format!(r#"{allow},{{"Effect":"Deny",{principal}"Action":"sqs:Send*","Resource":"*"}}"#))
}

/// A queue policy with an effect on a principal, which is written as JSON with its element.
pub(crate) fn queue_policy(effect: &str, principal: &str) -> AttachedPolicy {
    let statement =
        format!(r#"{{"Effect":"{effect}",{principal},"Action":"sqs:SendMessage","Resource":"{QUEUE}"}}"#);
    policy(PolicyKind::Resource, &statement)
}

/// A principal of the `AWS` type.
pub(crate) fn aws(principal: &str) -> String {
    format!(r#""Principal":{{"AWS":"{principal}"}}"#)
}
