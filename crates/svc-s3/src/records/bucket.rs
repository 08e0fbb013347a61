//! A bucket and what is configured on it that most requests need to know.

use serde::{Deserialize, Serialize};
use virga_store::stored;

use super::{Acl, ObjectOwnership, Versioning};
use crate::configuration::Configured;

/// A bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Bucket {
    /// Tells this bucket from others of its name, before and after it: prefix of everything in it.
    pub(crate) id: u64,
    /// Its owner.
    pub(crate) account: String,
    /// Its region.
    pub(crate) region: String,
    /// When it was created.
    pub(crate) created: i64,
    /// Whether it keeps old versions.
    pub(crate) versioning: Versioning,
    /// Whether deleting versions takes an MFA code.
    pub(crate) mfa_delete: bool,
    /// Whether versions can be locked.
    pub(crate) object_lock: bool,
    /// Whether whoever asks pays.
    pub(crate) requester_pays: bool,
    /// Transfer acceleration: whether it is enabled; none when it never was.
    pub(crate) accelerate: Option<bool>,
    /// Ownership of objects; none when the controls were deleted, which AWS treats as `ObjectWriter`.
    pub(crate) ownership: Option<ObjectOwnership>,
    /// What of public access is blocked; none when the configuration was deleted.
    pub(crate) public_access_block: Option<PublicAccessBlock>,
    /// Its access control list; none is the private one of its owner.
    pub(crate) acl: Option<Acl>,
    /// Which other configurations it has.
    pub(crate) configured: Configured,
}
stored!(Bucket, 1);

/// The key of KMS that a directory bucket has for its lifetime, as it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CustomerManagedKey(pub(crate) String);
stored!(CustomerManagedKey, 1);

/// What of public access is blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PublicAccessBlock {
    /// `BlockPublicAcls`.
    pub(crate) block_public_acls: bool,
    /// `IgnorePublicAcls`.
    pub(crate) ignore_public_acls: bool,
    /// `BlockPublicPolicy`.
    pub(crate) block_public_policy: bool,
    /// `RestrictPublicBuckets`.
    pub(crate) restrict_public_buckets: bool,
}
stored!(PublicAccessBlock, 1);

impl PublicAccessBlock {
    /// What a new bucket has.
    pub(crate) const ALL: Self = PublicAccessBlock {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    };
}
