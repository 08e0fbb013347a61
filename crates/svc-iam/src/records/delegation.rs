//! Delegation requests. Times are seconds since the epoch.

use serde::{Deserialize, Serialize};
use virga_kit::{StoredPrincipal, StoredSession};
use virga_store::stored;

/// Where a request stands.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/temporary-delegation-building-integration.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum DelegationState {
    /// Made, and nobody's yet.
    Unassigned,
    /// Somebody of the customer's account looks at it.
    Assigned,
    /// Passed on to whoever may approve it.
    PendingApproval,
    /// Approved; the exchange token is not released.
    Accepted,
    /// The exchange token is released.
    Finalized,
    /// Refused.
    Rejected,
    /// Nothing happened for too long.
    Expired,
}

/// A value of a parameter of the template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DelegationParameter {
    /// Its name.
    pub(crate) name: String,
    /// Its values; of a `string`, one.
    pub(crate) values: Vec<String>,
    /// Whether it is a `stringList`.
    pub(crate) is_list: bool,
}

/// Who approved a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Approver {
    /// ARN.
    pub(crate) arn: String,
    /// What the credentials are a session of.
    pub(crate) principal: StoredPrincipal,
    /// The facts of the session that approved.
    pub(crate) session: StoredSession,
}

/// A request of a product provider for temporary access to an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DelegationRequest {
    /// `DelegationRequestId`.
    pub(crate) id: String,
    /// Account of the product provider.
    pub(crate) requestor: String,
    /// What the provider is called.
    pub(crate) requestor_name: String,
    /// The provider's own name for it.
    pub(crate) workflow_id: String,
    /// The account that access is asked to; none until somebody claims the request.
    pub(crate) owner_account: Option<String>,
    /// ARN of whoever claimed it.
    pub(crate) owner: Option<String>,
    /// Who approved it.
    pub(crate) approver: Option<Approver>,
    /// What it is for.
    pub(crate) description: String,
    /// `RequestMessage`.
    pub(crate) message: Option<String>,
    /// ARN of the template.
    pub(crate) template: String,
    /// What the template was filled in with.
    pub(crate) parameters: Vec<DelegationParameter>,
    /// The template, filled in.
    pub(crate) policy: String,
    /// Where the customer goes on afterwards.
    pub(crate) redirect_url: Option<String>,
    /// ARN of the provider's topic.
    pub(crate) topic: String,
    /// How long the credentials last from the release of the token on.
    pub(crate) session_seconds: i32,
    /// Whether nobody but the owner may release the token.
    pub(crate) only_send_by_owner: bool,
    /// Where it stands.
    pub(crate) state: DelegationState,
    /// Given when it was passed on.
    pub(crate) notes: Option<String>,
    /// Given when it was rejected.
    pub(crate) rejection_reason: Option<String>,
    /// When it was made.
    pub(crate) created: i64,
    /// When something last changed.
    pub(crate) updated: i64,
    /// When it expires, if nothing happens; of an expired one, when it is forgotten.
    pub(crate) expires: i64,
}
stored!(DelegationRequest, 1);
