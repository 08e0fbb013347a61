//! The question that policies answer: may this caller do this action on these resources? Its place in the path of a
//! request; the policy language and its evaluation are not here yet.

use crate::Caller;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// Service prefix and action, `sqs:SendMessage`.
    pub action: String,
    /// The ARNs of the resources; empty for an action that has none (`*` in a policy).
    pub resources: Vec<String>,
    /// The condition context.
    pub conditions: Vec<Condition>,
    /// Who asks.
    pub caller: Caller,
}

/// A condition key with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// `aws:SourceIp`, `sqs:…`; compared without regard to case.
    pub key: String,
    /// One value, or the several of a multivalued key.
    pub values: Vec<String>,
}

/// The answer and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Whether the call goes on.
    pub allowed: bool,
    /// In a sentence: the statement and policy that decided.
    pub explanation: String,
}

/// What decides.
pub trait Authorizer: Send + Sync {
    /// Decides one request.
    fn authorize(&self, request: &AuthorizationRequest) -> Decision;

    /// Whether there is anything to decide. Where there is not, requests need not be put together.
    fn decides(&self) -> bool {
        true
    }
}

/// Lets everything through: a cloud without policy evaluation.
#[derive(Debug, Clone, Copy, Default)]
pub struct AllowAll;

impl Authorizer for AllowAll {
    fn authorize(&self, _request: &AuthorizationRequest) -> Decision {
        Decision { allowed: true, explanation: "policies are not evaluated".to_owned() }
    }

    fn decides(&self) -> bool {
        false
    }
}
