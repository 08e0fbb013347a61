//! What is asked, and the policies that bear on it.

use std::{fmt, sync::Arc};

use crate::{
    AccountId, Caller, Principal,
    policy::{ConditionContext, Policy},
};

/// May this caller do this action on this resource?
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Service prefix and action, `sqs:SendMessage`, in any case.
    pub action: &'a str,
    /// The ARN of the resource; `*` for an action that has none.
    pub resource: &'a str,
    /// The account that owns the resource; the caller's where there is none.
    pub resource_account: AccountId,
    /// Who asks.
    pub caller: &'a Caller,
    /// The policies of the caller.
    pub principal: &'a PrincipalPolicies,
    /// The policy of the resource, if it has one.
    pub resource_policy: Option<(&'a AttachedPolicy, ResourceRule)>,
    /// Resource control policies of the resource's account, one list per level of the organization from the root down. No
    /// levels mean no organization, or its management account.
    pub resource_control: &'a [Vec<AttachedPolicy>],
    /// Whether a grant of the resource, which only KMS has, allows this to the caller: it counts as the resource's policy
    /// allowing it by name.
    pub is_granted: bool,
    /// The policy of the VPC endpoint that the request came through.
    pub vpc_endpoint_policy: Option<&'a AttachedPolicy>,
    /// Whether one part of the cloud asks another on its own account: a service principal is then allowed what
    /// belongs to the account it acts in.
    pub is_internal: bool,
    /// The condition keys.
    pub context: &'a dyn ConditionContext,
}

impl<'a> Request<'a> {
    /// A request for a resource of the caller's own account that has no policy.
    pub fn new(
        action: &'a str,
        resource: &'a str,
        caller: &'a Caller,
        principal: &'a PrincipalPolicies,
        context: &'a dyn ConditionContext,
    ) -> Self {
        Self {
            action,
            resource,
            resource_account: caller.account,
            caller,
            principal,
            resource_policy: None,
            resource_control: &[],
            is_granted: false,
            vpc_endpoint_policy: None,
            is_internal: false,
            context,
        }
    }

    /// Whether caller and resource belong to one account.
    pub(super) fn is_within_account(&self) -> bool {
        self.caller.account == self.resource_account
    }

    /// Whether the caller is a service-linked role, which no policy of an organization restricts.
    pub(super) fn is_service_linked(&self) -> bool {
        matches!(&self.caller.principal,
            Principal::AssumedRole { path, .. } if path.starts_with("/aws-service-role/"))
    }
}

/// How the policy of a resource goes together with those of the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResourceRule {
    /// Within an account, either the policy of the resource or one of the caller has to allow.
    Ordinary,
    /// A key policy has to allow, or to leave it to the policies of the account.
    KeyPolicy,
    /// A trust policy, likewise.
    TrustPolicy,
}

/// The policies that bear on a caller, whatever it asks for.
#[derive(Debug, Clone, Default)]
pub struct PrincipalPolicies {
    /// Managed and inline policies of the user and its groups, or of the role; of a federated user, those of the
    /// user who federated it.
    pub identity: Vec<AttachedPolicy>,
    /// The permissions boundary of the user or role.
    pub boundary: Option<AttachedPolicy>,
    /// The policies passed when the session was made, if any were.
    pub session: Option<Vec<AttachedPolicy>>,
    /// Service control policies of the caller's account, one list per level of the organization from the root down.
    /// No levels mean no organization, or its management account.
    pub service_control: Vec<Vec<AttachedPolicy>>,
    /// The tags of the user or role; those of the session are in the caller.
    pub tags: Vec<(String, String)>,
    /// The organization of the caller's account.
    pub organization: Option<Organization>,
}

/// The place of an account in its organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// The id, `o-…`: `aws:PrincipalOrgID`.
    pub id: String,
    /// The path down to the account's parent, `o-…/r-…/ou-…/`: `aws:PrincipalOrgPaths`.
    pub path: String,
}

/// A policy, and where it is attached. Clones share it.
#[derive(Clone)]
pub struct AttachedPolicy(Arc<Attachment>);

struct Attachment {
    id: String,
    source: String,
    policy: Arc<Policy>,
}

impl AttachedPolicy {
    /// A policy with its id, the ARN of a managed policy or the name of an inline one, and its source: the ARN of the
    /// user, group, role, resource or account that it is attached to.
    pub fn new(id: impl Into<String>, source: impl Into<String>, policy: Arc<Policy>) -> Self {
        Self(Arc::new(Attachment { id: id.into(), source: source.into(), policy }))
    }

    /// The ARN of a managed policy, or the name of an inline one.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// What it is attached to.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.0.policy
    }
}

impl fmt::Debug for AttachedPolicy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AttachedPolicy")
            .field("id", &self.id())
            .field("source", &self.source())
            .finish()
    }
}
