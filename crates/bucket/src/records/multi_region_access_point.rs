//! A multi-Region access point: one name for buckets in several regions. And the requests that make, change and remove
//! them, of which one can ask how they went.

use serde::{Deserialize, Serialize};
use virga_store::stored;

use super::{PublicAccessBlock, Refusal, Route};

/// A multi-Region access point. Its established policy is where all policies of resources are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MultiRegionAccessPoint {
    /// Its alias, the name under which requests come.
    pub alias: String,
    /// When it was asked for.
    pub created: i64,
    /// How far it is.
    pub status: MultiRegionStatus,
    /// What of public access through it is blocked. It can't be changed later.
    pub public_access_block: PublicAccessBlock,
    /// Its buckets, and which of them get requests.
    pub routes: Vec<Route>,
    /// The policy that was asked for last; it is established some time later.
    pub proposed_policy: Option<String>,
    /// Whether the proposed policy is not established yet.
    pub is_changing: bool,
}
stored!(MultiRegionAccessPoint, 1);

/// How far a multi-Region access point is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MultiRegionStatus {
    /// It is being made.
    Creating,
    /// It can be used.
    Ready,
    /// It is being removed.
    Deleting,
}

/// A request about a multi-Region access point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AsyncRequest {
    /// What was asked for.
    pub kind: RequestKind,
    /// The name of the multi-Region access point.
    pub name: String,
    /// When it came.
    pub created: i64,
    /// What it said: AWS's structure as JSON.
    pub details: String,
    /// The regions that it is about.
    pub regions: Vec<String>,
    /// How far it is.
    pub status: RequestStatus,
    /// Why it fails.
    pub refusal: Option<Refusal>,
    /// The id of the call that began it.
    pub request_id: String,
}
stored!(AsyncRequest, 1);

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RequestKind {
    /// To make one.
    Create,
    /// To remove one.
    Delete,
    /// To set its policy.
    PutPolicy,
}

/// How far a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RequestStatus {
    /// Under way.
    InProgress,
    /// Done.
    Succeeded,
    /// It can't be done.
    Failed,
}

/// The request that a client's token stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestToken(pub String);
stored!(RequestToken, 1);
