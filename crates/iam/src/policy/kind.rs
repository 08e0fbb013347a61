//! The kinds of policy, which differ in the elements that they may and must have.

/// What a policy is attached to, or used as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyKind {
    /// A managed or inline policy of a user, group or role.
    Identity,
    /// The policy of a resource: a queue, a bucket, a VPC endpoint.
    Resource,
    /// The trust policy of a role: who may assume it.
    Trust,
    /// The policy of a KMS key.
    Key,
    /// A managed policy used as permissions boundary.
    Boundary,
    /// A policy passed when a session was made.
    Session,
    /// A service control policy of Organizations.
    ServiceControl,
    /// A resource control policy of Organizations.
    ResourceControl,
}

impl PolicyKind {
    /// Whether statements name principals.
    pub(super) fn has_principals(self) -> bool {
        matches!(self, Self::Resource | Self::Trust | Self::Key | Self::ResourceControl)
    }

    /// Whether statements name resources. A trust policy stands for its own role.
    pub(super) fn has_resources(self) -> bool {
        self != Self::Trust
    }

    /// Whether IAM insists on the version of 2012. Resources and sessions may still have policies of 2008.
    pub(super) fn requires_current_version(self) -> bool {
        matches!(self, Self::Identity | Self::Boundary | Self::ServiceControl | Self::ResourceControl)
    }
}
