//! The answer: allowed or not, by which policy, and in AWS's words.

use std::fmt;

use super::request::AttachedPolicy;

/// The answer to a request.
#[derive(Debug, Clone)]
pub struct Decision {
    /// What came out.
    pub outcome: Outcome,
    /// The statement that decided: the deny, or the allow that granted. None where nothing allowed, and where no policy
    /// was needed.
    pub decided_by: Option<DecidingStatement>,
}

/// What came out of an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The call goes on.
    Allowed,
    /// A statement of a policy of this type denies it.
    ExplicitDeny(PolicyType),
    /// Policies of this type would have had to allow it and do not.
    ImplicitDeny(PolicyType),
}

/// The types of policy, as messages name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyType {
    /// Of a user, a group or a role.
    IdentityBased,
    /// Of a resource.
    ResourceBased,
    /// Of a role: who may assume it.
    RoleTrust,
    /// A permissions boundary.
    PermissionsBoundary,
    /// Passed with a session.
    Session,
    /// Of an organization, for the principals of its accounts.
    ServiceControl,
    /// Of an organization, for the resources of its accounts.
    ResourceControl,
    /// Of a VPC endpoint.
    VpcEndpoint,
}

/// A statement of a policy.
#[derive(Debug, Clone)]
pub struct DecidingStatement {
    /// The policy.
    pub policy: AttachedPolicy,
    /// The position of the statement in it, from 0.
    pub statement: usize,
}

impl DecidingStatement {
    /// The `Sid` of the statement.
    pub fn sid(&self) -> Option<&str> {
        self.policy.policy().statements().get(self.statement)?.sid()
    }
}

impl Decision {
    /// Whether the call goes on.
    pub fn is_allowed(&self) -> bool {
        self.outcome == Outcome::Allowed
    }

    /// The clause that ends AWS's message about a refused call; none for an allowed one.
    pub fn because<'a>(&'a self, action: &'a str) -> Option<Because<'a>> {
        (!self.is_allowed()).then_some(Because { decision: self, action })
    }
}

/// "because no identity-based policy allows the sqs:SendMessage action", or "with an explicit deny in …".
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
#[derive(Debug, Clone, Copy)]
pub struct Because<'a> {
    decision: &'a Decision,
    action: &'a str,
}

impl fmt::Display for Because<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.decision.outcome {
            Outcome::Allowed => Ok(()),
            Outcome::ImplicitDeny(policy_type) => {
                let (name, action) = (policy_type.name(), self.action);
                write!(formatter, "because no {name} allows the {action} action")
            }
            Outcome::ExplicitDeny(policy_type) => {
                let (article, name) = (policy_type.article(), policy_type.name());
                write!(formatter, "with an explicit deny in {article} {name}")
            }
        }
    }
}

impl PolicyType {
    /// The type as messages name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::IdentityBased => "identity-based policy",
            Self::ResourceBased => "resource-based policy",
            Self::RoleTrust => "role trust policy",
            Self::PermissionsBoundary => "permissions boundary",
            Self::Session => "session policy",
            Self::ServiceControl => "service control policy",
            Self::ResourceControl => "resource control policy",
            Self::VpcEndpoint => "VPC endpoint policy",
        }
    }

    fn article(self) -> &'static str {
        match self {
            Self::IdentityBased => "an",
            Self::RoleTrust => "the",
            _ => "a",
        }
    }
}
